//! The consumer of the event log that tells people: it decides who hears of what, and schedules reminders.
//!
//! It looks at things as they are when it digests an event, not as they were: whoever is told late is told the truth.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use billow_entities::{
    AccountStatus, BillId, BillSource, BillStatus, CircuitState, CustomerId, InvitationId, NotificationKind, ProviderId, SessionId, UserId,
    UtilityAccountId, bill, customer, event, invitation, provider, reminder, session, user, utility_account,
};
use parking_lot::Mutex;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use super::ahead::Ahead;
use super::facts::{BillFacts, account_draft, provider_draft};
use super::letter::{Addressee, Draft, Letter, addressees};
use super::preferences;
use super::schedule::{self, Subject};
use crate::Billing;
use crate::bills::is_unsettled;
use crate::error::Result;
use crate::events::{Digest, kind};
use crate::ports::Wakeup;
use crate::store::WriteTx;

/// Tells people what happened.
#[derive(Debug, Default)]
pub struct Notifier {
    /// Whether something was queued since the last commit.
    queued: AtomicBool,
    /// Whether a document is to be made anew since the last commit.
    papers: AtomicBool,
    /// What was read for the batch under way.
    ahead: Mutex<Ahead>,
    /// What is written once for all events of the batch under way.
    gathered: Mutex<Gathered>,
}

#[derive(Debug, Default)]
struct Gathered {
    letters: Vec<Letter>,
    reminders: Vec<reminder::ActiveModel>,
}

impl Notifier {
    /// A notifier, to be run by an [`crate::events::Consumer`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn tell(&self, billing: &Billing, event: &event::Model, draft: &Draft, people: &[Addressee]) -> Result<()> {
        for to in people {
            self.tell_once(billing, draft, to, format!("{}:{}", event.id, to.key()))?;
        }
        Ok(())
    }

    /// Remembers that a document is due.
    pub(super) fn papers_wait(&self) {
        self.papers.store(true, Ordering::Release);
    }

    pub(super) fn tell_once(&self, billing: &Billing, draft: &Draft, to: &Addressee, key: String) -> Result<()> {
        let letter = billing.letter(draft, to, key)?;
        self.gathered.lock().letters.push(letter);
        Ok(())
    }

    /// Writes what was gathered so far.
    async fn write_gathered(&self, billing: &Billing, tx: &mut WriteTx) -> Result<()> {
        let Gathered { letters, reminders } = std::mem::take(&mut *self.gathered.lock());
        schedule::put(&**tx, reminders).await?;
        if billing.post_all(tx, letters).await? {
            self.queued.store(true, Ordering::Release);
        }
        Ok(())
    }

    async fn the_bill(&self, billing: &Billing, tx: &WriteTx, event: &event::Model) -> Result<Option<(bill::Model, Vec<Addressee>)>> {
        let Ok(id) = event.subject.parse::<BillId>() else { return Ok(None) };
        if let Some(known) = self.ahead.lock().bill(id) {
            return Ok(Some(known));
        }
        let Some(bill) = bill::Entity::find_by_id(id).one(&**tx).await? else { return Ok(None) };
        let household = billing.household(&**tx, bill.customer_id, bill.property_id).await?;
        Ok(Some((bill, household)))
    }

    async fn schedule(&self, billing: &Billing, tx: &mut WriteTx, bill: &bill::Model, household: &[Addressee]) -> Result<()> {
        let existing = self.ahead.lock().take_reminders(bill.id);
        if let Some(existing) = existing {
            let rows = billing.schedule_over(tx, Subject::of_bill(bill), household, existing).await?;
            self.gathered.lock().reminders.extend(rows);
            return Ok(());
        }
        // It is read afresh, and what was gathered may be about it.
        self.write_gathered(billing, tx).await?;
        billing.schedule(tx, Subject::of_bill(bill), household).await
    }

    async fn facts(&self, tx: &WriteTx, bill: bill::Model) -> Result<BillFacts> {
        {
            let ahead = self.ahead.lock();
            if ahead.knows(bill.id) {
                return Ok(ahead.facts(bill));
            }
        }
        BillFacts::load(&**tx, bill).await
    }

    async fn bill_received(&self, billing: &Billing, tx: &mut WriteTx, event: &event::Model) -> Result<()> {
        let Some((bill, household)) = self.the_bill(billing, tx, event).await? else { return Ok(()) };
        self.schedule(billing, tx, &bill, &household).await?;
        let historic = event.data["historic"].as_bool().unwrap_or(false);
        if historic || bill.status != BillStatus::Open {
            return Ok(());
        }
        let facts = self.facts(tx, bill).await?;
        self.tell(billing, event, &facts.draft(NotificationKind::BillReceived, json!({})), &household)
    }

    async fn bill_updated(&self, billing: &Billing, tx: &mut WriteTx, event: &event::Model) -> Result<()> {
        let Some((bill, household)) = self.the_bill(billing, tx, event).await? else { return Ok(()) };
        // Whoever buys a recharge is told of its payment, and of nothing else.
        if bill.source == BillSource::Recharge {
            return Ok(());
        }
        self.schedule(billing, tx, &bill, &household).await?;
        let changes = changes(&event.data);
        let voided_now = event.data["status"] == json!(BillStatus::Voided) && changes.iter().any(|c| c["field"] == "status");
        let draft = if voided_now && bill.status == BillStatus::Voided {
            (NotificationKind::BillVoided, json!({}))
        } else {
            let told: Vec<Value> = changes.into_iter().filter(|c| c["field"] == "amount_minor" || c["field"] == "due_on").collect();
            if told.is_empty() || !is_unsettled(bill.status) {
                return Ok(());
            }
            (NotificationKind::BillCorrected, json!({"changes": worded(told, &bill.currency)}))
        };
        let facts = self.facts(tx, bill).await?;
        self.tell(billing, event, &facts.draft(draft.0, draft.1), &household)
    }

    async fn account_updated(&self, billing: &Billing, tx: &mut WriteTx, event: &event::Model) -> Result<()> {
        let Ok(id) = event.subject.parse::<UtilityAccountId>() else { return Ok(()) };
        let Some(account) = utility_account::Entity::find_by_id(id).one(&**tx).await? else { return Ok(()) };
        let household = billing.household(&**tx, account.customer_id, account.property_id).await?;
        billing.schedule(tx, Subject::of_plan(&account), &household).await?;
        // Somebody may have put it into another home: its bills are another household's then.
        if event.data["change"] != json!("fetched") {
            billing.schedule_bills_of(tx, &account, &household).await?;
        }
        let needs = json!(AccountStatus::NeedsAttention);
        let before = &event.data["previous_status"];
        let asked_now = event.data["status"] == needs && before.is_string() && *before != needs;
        if !asked_now || account.status != AccountStatus::NeedsAttention {
            return Ok(());
        }
        let draft = account_draft(&**tx, &account, NotificationKind::AccountNeedsAttention, json!({})).await?;
        // Whoever added the account knows what to mend; the rest of the household could not.
        let owner: Vec<_> = household.into_iter().filter(|to| to.customer_id() == Some(account.customer_id)).collect();
        self.tell(billing, event, &draft, &owner)
    }

    async fn customer_invited(&self, billing: &Billing, tx: &mut WriteTx, event: &event::Model) -> Result<()> {
        let Some(id) = event.data["invitation_id"].as_str().and_then(|id| id.parse::<InvitationId>().ok()) else { return Ok(()) };
        let Some(invitation) = invitation::Entity::find_by_id(id).one(&**tx).await? else { return Ok(()) };
        if invitation.claimed_at.is_some() || invitation.expires_at <= billing.now() {
            return Ok(());
        }
        let draft = Draft {
            kind: NotificationKind::Invitation,
            // The link is a secret: it is made when the mail is.
            link: None,
            bill_id: None,
            account_id: None,
            data: json!({"invitation_id": id, "expires_on": invitation.expires_at.date_naive()}),
        };
        let people = addressees(&**tx, &[invitation.customer_id]).await?;
        self.tell(billing, event, &draft, &people)
    }

    async fn provider_updated(&self, billing: &Billing, tx: &mut WriteTx, event: &event::Model) -> Result<()> {
        if event.data["circuit"] != json!(CircuitState::Open) {
            return Ok(());
        }
        let Ok(id) = event.subject.parse::<ProviderId>() else { return Ok(()) };
        let Some(provider) = provider::Entity::find_by_id(id).one(&**tx).await? else { return Ok(()) };
        let draft = provider_draft(&provider);
        // A circuit that opens again after each probe is one trouble, told once a day.
        let since = provider.last_success_at.map_or(0, |at| at.timestamp_millis());
        let day = event.occurred_at.date_naive();
        for to in billing.told_staff(&**tx).await? {
            let key = format!("trouble:{id}:{since}:{day}:{}", to.key());
            self.tell_once(billing, &draft, &to, key)?;
        }
        Ok(())
    }

    async fn security(&self, billing: &Billing, tx: &mut WriteTx, event: &event::Model, what: &str) -> Result<()> {
        let Some(user_id) = event.data["user_id"].as_str().and_then(|id| id.parse::<UserId>().ok()) else { return Ok(()) };
        let Some(user) = user::Entity::find_by_id(user_id).one(&**tx).await? else { return Ok(()) };
        let settings = if user.customer_id.is_some() { "/settings" } else { "/staff/settings" };
        let draft = Draft {
            kind: NotificationKind::Security,
            link: Some(settings.into()),
            bill_id: None,
            account_id: None,
            data: json!({
                "what": what,
                "at": event.occurred_at,
                "user_agent": event.data["user_agent"],
                "address": event.data["address"],
                "passkey": event.data["passkey"],
                "left": event.data["left"],
            }),
        };
        let people = match user.customer_id {
            Some(customer) => addressees(&**tx, &[customer]).await?,
            None => vec![Addressee::Staff { user, devices: Vec::new() }],
        };
        self.tell(billing, event, &draft, &people)
    }

    /// A sign-in is worth a word when it comes from a browser or app that was not seen before.
    async fn session_created(&self, billing: &Billing, tx: &mut WriteTx, event: &event::Model) -> Result<()> {
        let Ok(id) = event.subject.parse::<SessionId>() else { return Ok(()) };
        let Some(this) = session::Entity::find_by_id(id).one(&**tx).await? else { return Ok(()) };
        let earlier = session::Entity::find().filter(session::Column::UserId.eq(this.user_id)).filter(session::Column::Id.lt(this.id));
        let known = match &this.user_agent {
            Some(agent) => earlier.clone().filter(session::Column::UserAgent.eq(agent.as_str())),
            None => earlier.clone().filter(session::Column::UserAgent.is_null()),
        };
        if earlier.count(&**tx).await? == 0 || known.count(&**tx).await? > 0 {
            return Ok(());
        }
        self.security(billing, tx, event, "SIGN_IN").await
    }
}

#[async_trait]
impl Digest for Notifier {
    fn name(&self) -> &'static str {
        "notifications"
    }

    async fn begin(&self, _billing: &Billing, tx: &WriteTx, events: &[event::Model]) -> Result<()> {
        let ahead = Ahead::read(&**tx, events).await;
        let (read, outcome) = match ahead {
            Ok(ahead) => (ahead, Ok(())),
            Err(error) => (Ahead::default(), Err(error)),
        };
        *self.ahead.lock() = read;
        // Left by a batch that failed.
        *self.gathered.lock() = Gathered::default();
        outcome
    }

    async fn end(&self, billing: &Billing, tx: &mut WriteTx) -> Result<()> {
        self.write_gathered(billing, tx).await
    }

    async fn digest(&self, billing: &Billing, tx: &mut WriteTx, event: &event::Model) -> Result<()> {
        if matches!(event.kind.as_str(), kind::ACCOUNT_UPDATED | kind::PROPERTY_UPDATED | kind::CUSTOMER_UPDATED) {
            self.ahead.lock().forget_reminders();
            self.write_gathered(billing, tx).await?;
        }
        match event.kind.as_str() {
            kind::BILL_RECEIVED => self.bill_received(billing, tx, event).await,
            kind::BILL_UPDATED => self.bill_updated(billing, tx, event).await,
            kind::ACCOUNT_UPDATED => self.account_updated(billing, tx, event).await,
            kind::CUSTOMER_INVITED => self.customer_invited(billing, tx, event).await,
            kind::PROVIDER_UPDATED => self.provider_updated(billing, tx, event).await,
            kind::PAYMENT_UPDATED => {
                self.payment_updated(billing, tx, event).await?;
                self.voucher_ready(billing, tx, event).await
            }
            kind::METHOD_UPDATED => self.method_updated(billing, tx, event).await,
            kind::PASSWORD_CHANGED if event.data["by"].is_string() => self.security(billing, tx, event, "PASSWORD_RESET").await,
            kind::PASSWORD_CHANGED => self.security(billing, tx, event, "PASSWORD_CHANGED").await,
            kind::PASSWORD_RESET_REQUESTED => self.password_reset_requested(billing, tx, event).await,
            kind::EMAIL_CONFIRMATION_REQUESTED => self.email_confirmation_requested(billing, tx, event).await,
            kind::EMAIL_CHANGED => self.email_changed(billing, tx, event).await,
            kind::PROPERTY_INVITATION_UPDATED => self.property_invitation(billing, tx, event).await,
            kind::SESSION_CREATED => self.session_created(billing, tx, event).await,
            kind::SECOND_FACTOR_CHANGED => {
                let what = event.data["what"].as_str().unwrap_or_default();
                self.security(billing, tx, event, what).await
            }
            // The household and the person concerned are told apart; once is enough here.
            kind::PROPERTY_UPDATED => match event.property_id {
                Some(home) => billing.schedule_home(tx, home).await,
                None => Ok(()),
            },
            kind::CUSTOMER_UPDATED => match event.subject.parse::<CustomerId>() {
                Ok(id) => customer_updated(billing, tx, id).await,
                Err(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }

    async fn after_commit(&self, billing: &Billing) {
        if self.queued.swap(false, Ordering::AcqRel) {
            billing.waker.wake(Wakeup::Deliver).await;
        }
        if self.papers.swap(false, Ordering::AcqRel) {
            billing.waker.wake(Wakeup::Documents).await;
        }
    }
}

async fn customer_updated(billing: &Billing, tx: &WriteTx, id: CustomerId) -> Result<()> {
    let Some(customer) = customer::Entity::find_by_id(id).one(&**tx).await? else { return Ok(()) };
    let wishes = preferences::load(&**tx, id).await?;
    billing.schedule_all_of(tx, &customer, &wishes).await
}

fn changes(data: &Value) -> Vec<Value> {
    data["changes"].as_array().cloned().unwrap_or_default()
}

/// Changes as templates want them: amounts with their currency.
fn worded(changes: Vec<Value>, currency: &str) -> Vec<Value> {
    changes
        .into_iter()
        .map(|change| {
            if change["field"] != "amount_minor" {
                return change;
            }
            let money = |value: &Value| value.as_i64().map(|minor| json!({"amount_minor": minor, "currency": currency}));
            json!({"field": "amount", "before": money(&change["before"]), "after": money(&change["after"])})
        })
        .collect()
}
