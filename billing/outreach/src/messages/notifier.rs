//! The consumer of the event log that tells people: it decides who hears of what, and schedules reminders.
//!
//! It looks at things as they are when it digests an event, not as they were: whoever is told late is told the truth.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use billow_entities::{
    AccountStatus, BillId, BillStatus, CircuitState, CustomerId, InvitationId, NotificationKind, ProviderId, SessionId, UserId, bill,
    customer, event, invitation, provider, reminder, session, user, utility_account,
};
use billow_kernel::consumers::Digest;
use billow_kernel::error::Result;
use billow_kernel::events::{
    AccountChange, AccountEventData, BillEventData, Event, FieldChange, ProviderChange, ProviderEventData, SecondFactorEventData,
    SessionCreatedData,
};
use billow_kernel::store::WriteTx;
use billow_kernel::wake::Wakeup;
use billow_supply::bills::is_unsettled;
use parking_lot::Mutex;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use super::Messages;
use super::ahead::Ahead;
use super::facts::{BillFacts, account_draft, provider_draft};
use super::letter::{Addressee, Draft, Letter, addressees};
use super::preferences;
use super::schedule::{self, Subject};

/// Tells people what happened.
pub struct Notifier {
    pub(super) messages: Arc<Messages>,
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

/// To whom a notice about signing in goes, and what more there is to say in it.
struct Notice {
    user_id: UserId,
    user_agent: Option<String>,
    address: Option<String>,
    passkey: Option<String>,
    left: Option<u64>,
}

impl Notice {
    const fn to(user_id: UserId) -> Self {
        Self { user_id, user_agent: None, address: None, passkey: None, left: None }
    }
}

impl Notifier {
    /// A notifier, to be run by an [`billow_kernel::consumers::Consumer`].
    #[must_use]
    pub fn new(messages: &Arc<Messages>) -> Self {
        Self {
            messages: Arc::clone(messages),
            queued: AtomicBool::new(false),
            papers: AtomicBool::new(false),
            ahead: Mutex::default(),
            gathered: Mutex::default(),
        }
    }

    pub(super) fn tell(&self, event: &event::Model, draft: &Draft, people: &[Addressee]) -> Result<()> {
        for to in people {
            self.tell_once(draft, to, format!("{}:{}", event.id, to.key()))?;
        }
        Ok(())
    }

    /// Remembers that a document is due.
    pub(super) fn papers_wait(&self) {
        self.papers.store(true, Ordering::Release);
    }

    pub(super) fn tell_once(&self, draft: &Draft, to: &Addressee, key: String) -> Result<()> {
        let letter = self.messages.letter(draft, to, key)?;
        self.gathered.lock().letters.push(letter);
        Ok(())
    }

    /// Writes what was gathered so far.
    async fn write_gathered(&self, tx: &mut WriteTx) -> Result<()> {
        let Gathered { letters, reminders } = std::mem::take(&mut *self.gathered.lock());
        schedule::put(&**tx, reminders).await?;
        if self.messages.post_all(tx, letters).await? {
            self.queued.store(true, Ordering::Release);
        }
        Ok(())
    }

    async fn the_bill(&self, tx: &WriteTx, id: BillId) -> Result<Option<(bill::Model, Vec<Addressee>)>> {
        if let Some(known) = self.ahead.lock().bill(id) {
            return Ok(Some(known));
        }
        let Some(bill) = bill::Entity::find_by_id(id).one(&**tx).await? else { return Ok(None) };
        let household = self.messages.household(&**tx, bill.customer_id, bill.property_id).await?;
        Ok(Some((bill, household)))
    }

    async fn schedule(&self, tx: &mut WriteTx, bill: &bill::Model, household: &[Addressee]) -> Result<()> {
        let existing = self.ahead.lock().take_reminders(bill.id);
        if let Some(existing) = existing {
            let rows = self.messages.schedule_over(tx, Subject::of_bill(bill), household, existing).await?;
            self.gathered.lock().reminders.extend(rows);
            return Ok(());
        }
        // It is read afresh, and what was gathered may be about it.
        self.write_gathered(tx).await?;
        self.messages.schedule(tx, Subject::of_bill(bill), household).await
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

    async fn bill_received(&self, tx: &mut WriteTx, event: &event::Model, data: &BillEventData) -> Result<()> {
        let Some((bill, household)) = self.the_bill(tx, data.bill_id).await? else { return Ok(()) };
        self.schedule(tx, &bill, &household).await?;
        if data.historic || bill.status != BillStatus::Open {
            return Ok(());
        }
        let facts = self.facts(tx, bill).await?;
        self.tell(event, &facts.draft(NotificationKind::BillReceived, json!({})), &household)
    }

    async fn bill_updated(&self, tx: &mut WriteTx, event: &event::Model, data: &BillEventData) -> Result<()> {
        let Some((bill, household)) = self.the_bill(tx, data.bill_id).await? else { return Ok(()) };
        self.schedule(tx, &bill, &household).await?;
        let changed = |field: &str| data.changes.iter().any(|change| change.field == field);
        let voided_now = data.status == BillStatus::Voided && changed("status");
        let draft = if voided_now && bill.status == BillStatus::Voided {
            (NotificationKind::BillVoided, json!({}))
        } else {
            if !(changed("amount_minor") || changed("due_on")) || !is_unsettled(bill.status) {
                return Ok(());
            }
            (NotificationKind::BillCorrected, json!({"changes": worded(&data.changes, &bill.currency)}))
        };
        let facts = self.facts(tx, bill).await?;
        self.tell(event, &facts.draft(draft.0, draft.1), &household)
    }

    async fn account_updated(&self, tx: &mut WriteTx, event: &event::Model, data: &AccountEventData) -> Result<()> {
        let Some(account) = utility_account::Entity::find_by_id(data.account_id).one(&**tx).await? else { return Ok(()) };
        let household = self.messages.household(&**tx, account.customer_id, account.property_id).await?;
        self.messages.schedule(tx, Subject::of_plan(&account), &household).await?;
        // Somebody may have put it into another home: its bills are another household's then.
        if data.change != AccountChange::Fetched {
            self.messages.schedule_bills_of(tx, &account, &household).await?;
        }
        let needs = AccountStatus::NeedsAttention;
        let asked_now = data.status == needs && data.previous_status.is_some_and(|before| before != needs);
        if !asked_now || account.status != needs {
            return Ok(());
        }
        let draft = account_draft(&**tx, &account, NotificationKind::AccountNeedsAttention, json!({})).await?;
        // Whoever added the account knows what to mend; the rest of the household could not.
        let owner: Vec<_> = household.into_iter().filter(|to| to.customer_id() == Some(account.customer_id)).collect();
        self.tell(event, &draft, &owner)
    }

    async fn customer_invited(&self, tx: &mut WriteTx, event: &event::Model, id: InvitationId) -> Result<()> {
        let Some(invitation) = invitation::Entity::find_by_id(id).one(&**tx).await? else { return Ok(()) };
        if invitation.claimed_at.is_some() || invitation.expires_at <= self.messages.clock.now() {
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
        self.tell(event, &draft, &people)
    }

    async fn provider_updated(&self, tx: &mut WriteTx, event: &event::Model, data: &ProviderEventData) -> Result<()> {
        if data.change != ProviderChange::CircuitOpened || data.circuit_state != CircuitState::Open {
            return Ok(());
        }
        let Ok(id) = event.subject.parse::<ProviderId>() else { return Ok(()) };
        let Some(provider) = provider::Entity::find_by_id(id).one(&**tx).await? else { return Ok(()) };
        let draft = provider_draft(&provider);
        // A circuit that opens again after each probe is one trouble, told once a day.
        let since = provider.last_success_at.map_or(0, |at| at.timestamp_millis());
        let day = event.occurred_at.date_naive();
        for to in self.messages.told_staff(&**tx).await? {
            let key = format!("trouble:{id}:{since}:{day}:{}", to.key());
            self.tell_once(&draft, &to, key)?;
        }
        Ok(())
    }

    /// A notice to a user: what happened to their way to sign in, with more to say about it where there is more.
    async fn security(&self, tx: &mut WriteTx, event: &event::Model, (what, more): (&str, Notice)) -> Result<()> {
        let Some(user) = user::Entity::find_by_id(more.user_id).one(&**tx).await? else { return Ok(()) };
        let settings = if user.customer_id.is_some() { "/settings" } else { "/staff/settings" };
        let draft = Draft {
            kind: NotificationKind::Security,
            link: Some(settings.into()),
            bill_id: None,
            account_id: None,
            data: json!({
                "what": what,
                "at": event.occurred_at,
                "user_agent": more.user_agent,
                "address": more.address,
                "passkey": more.passkey,
                "left": more.left,
            }),
        };
        let people = match user.customer_id {
            Some(customer) => addressees(&**tx, &[customer]).await?,
            None => vec![Addressee::Staff { user, devices: Vec::new() }],
        };
        self.tell(event, &draft, &people)
    }

    /// A sign-in is worth a word when it comes from a browser or app that was not seen before.
    async fn session_created(&self, tx: &mut WriteTx, event: &event::Model, data: SessionCreatedData) -> Result<()> {
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
        let SessionCreatedData { user_id, user_agent, address } = data;
        self.security(tx, event, ("SIGN_IN", Notice { user_agent, address, ..Notice::to(user_id) })).await
    }
}

#[async_trait]
impl Digest for Notifier {
    fn name(&self) -> &'static str {
        "notifications"
    }

    async fn begin(&self, tx: &WriteTx, events: &[event::Model]) -> Result<()> {
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

    async fn end(&self, tx: &mut WriteTx) -> Result<()> {
        self.write_gathered(tx).await
    }

    async fn digest(&self, tx: &mut WriteTx, event: &event::Model) -> Result<()> {
        let Some(what) = Event::read(event)? else { return Ok(()) };
        if matches!(what, Event::AccountUpdated(_) | Event::PropertyUpdated(_) | Event::CustomerUpdated(_)) {
            self.ahead.lock().forget_reminders();
            self.write_gathered(tx).await?;
        }
        match what {
            Event::BillReceived(data) => self.bill_received(tx, event, &data).await,
            Event::BillUpdated(data) => self.bill_updated(tx, event, &data).await,
            Event::AccountUpdated(data) => self.account_updated(tx, event, &data).await,
            Event::CustomerInvited(data) => self.customer_invited(tx, event, data.invitation_id).await,
            Event::ProviderUpdated(data) => self.provider_updated(tx, event, &data).await,
            Event::PaymentUpdated(data) => {
                self.payment_updated(tx, &data).await?;
                self.voucher_ready(tx, &data).await
            }
            Event::MethodUpdated(data) => self.method_updated(tx, data.method_id).await,
            Event::PasswordChanged(data) => {
                let what = if data.by.is_some() { "PASSWORD_RESET" } else { "PASSWORD_CHANGED" };
                self.security(tx, event, (what, Notice::to(data.user_id))).await
            }
            Event::PasswordResetRequested(_) => self.password_reset_requested(tx, event).await,
            Event::EmailConfirmationRequested(_) => self.email_confirmation_requested(tx, event).await,
            Event::EmailChanged(data) => self.email_changed(tx, event, data.what).await,
            Event::PropertyInvitationUpdated(data) => self.property_invitation(tx, event, data.change).await,
            Event::SessionCreated(data) => self.session_created(tx, event, data).await,
            Event::SecondFactorChanged(data) => {
                let SecondFactorEventData { user_id, what, passkey, left, user_agent, address } = data;
                let more = Notice { user_id, user_agent, address, passkey, left };
                self.security(tx, event, (what.as_str(), more)).await
            }
            // The household and the person concerned are told apart; once is enough here.
            Event::PropertyUpdated(_) => match event.property_id {
                Some(home) => self.messages.schedule_home(tx, home).await,
                None => Ok(()),
            },
            Event::CustomerUpdated(_) => match event.subject.parse::<CustomerId>() {
                Ok(id) => customer_updated(&self.messages, tx, id).await,
                Err(_) => Ok(()),
            },
            Event::FetchRunProgress(_)
            | Event::ImportProgress(_)
            | Event::NotificationCreated(_)
            | Event::SessionRevoked(_)
            | Event::ClientRevoked(_)
            | Event::RechargeUpdated(_)
            | Event::WalletUpdated(_)
            | Event::GatewayUpdated(_)
            | Event::ReconciliationFinished(_)
            | Event::DeadLetterAdded(_) => Ok(()),
        }
    }

    async fn after_commit(&self) {
        if self.queued.swap(false, Ordering::AcqRel) {
            self.messages.waker.wake(Wakeup::Deliver).await;
        }
        if self.papers.swap(false, Ordering::AcqRel) {
            self.messages.waker.wake(Wakeup::Documents).await;
        }
    }
}

async fn customer_updated(messages: &Messages, tx: &WriteTx, id: CustomerId) -> Result<()> {
    let Some(customer) = customer::Entity::find_by_id(id).one(&**tx).await? else { return Ok(()) };
    let wishes = preferences::load(&**tx, id).await?;
    messages.schedule_all_of(tx, &customer, &wishes).await
}

/// Changes that people are told of, as templates want them: amounts with their currency.
fn worded(changes: &[FieldChange], currency: &str) -> Vec<Value> {
    let money = |value: &Value| value.as_i64().map(|minor| json!({"amount_minor": minor, "currency": currency}));
    let told = changes.iter().filter_map(|change| match change.field.as_str() {
        "amount_minor" => Some(json!({"field": "amount", "before": money(&change.before), "after": money(&change.after)})),
        "due_on" => Some(json!(change)),
        _ => None,
    });
    told.collect()
}
