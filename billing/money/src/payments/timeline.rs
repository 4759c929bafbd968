//! Everything that happened to a payment, in the order in which it happened: for staff all of it, for whoever pays what
//! concerns them.

use billow_entities::{
    AttemptStatus, Currency, DeclineKind, DocumentKind, DocumentStatus, LedgerEntryId, PaymentId, RefundCause, RefundStatus,
    RemittanceStatus, document, gateway_event, ledger_account, ledger_entry, ledger_posting, payment, payment_attempt, refund, remittance,
};
use billow_kernel::Actor;
use billow_kernel::error::Result;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::Payments;
use crate::currency::currency_of;
use crate::ledger::journal_account;

/// Rows of each sort that are told.
const MAX_ROWS: u64 = 500;

/// Something that happened to a payment.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// What, such as `attempt.sent`.
    pub kind: String,
    /// In a few words.
    pub title: String,
    /// In more words.
    pub detail: Option<String>,
    /// The same in parts, for words in another language.
    pub about: About,
    /// How much it is about.
    pub amount_minor: Option<i64>,
    /// In which currency.
    pub currency: Currency,
    /// For staff: what is behind it.
    pub data: Option<Value>,
}

/// What the words of an entry are made of; what is unset does not concern it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Which try it is of, from 1.
    pub attempt: Option<i32>,
    /// What was answered to it.
    pub attempt_status: Option<AttemptStatus>,
    /// How long its answer was waited for in vain.
    pub waited_seconds: Option<i32>,
    /// Whether this was learned by asking again, after an attempt that was not answered.
    pub asked_again: bool,
    /// Why it was declined.
    pub decline_kind: Option<DeclineKind>,
    /// Why money goes back.
    pub refund_cause: Option<RefundCause>,
    /// Which paper was made.
    pub document_kind: Option<DocumentKind>,
    /// The number of the paper, or the provider's word for the payment.
    pub reference: Option<String>,
    /// What a person wrote: an operator, or a provider.
    pub note: Option<String>,
}

/// Entries as they are collected.
struct Collected {
    currency: Currency,
    staff: bool,
    entries: Vec<TimelineEntry>,
}

impl Collected {
    fn add(&mut self, at: DateTime<Utc>, kind: &str, title: impl Into<String>) -> &mut TimelineEntry {
        let entry = TimelineEntry {
            at,
            kind: kind.to_owned(),
            title: title.into(),
            detail: None,
            about: About::default(),
            amount_minor: None,
            currency: self.currency,
            data: None,
        };
        self.entries.push(entry);
        let last = self.entries.len() - 1;
        &mut self.entries[last]
    }
}

impl Payments {
    /// What happened to a payment, the first first.
    ///
    /// # Errors
    /// When there is none with this id that `actor` sees.
    pub async fn timeline(&self, actor: &Actor, id: PaymentId) -> Result<Vec<TimelineEntry>> {
        let payment = self.payment(actor, id).await?;
        let mut all = Collected { currency: currency_of(&payment.currency)?, staff: actor.is_staff(), entries: Vec::new() };
        all.add(payment.created_at, "payment.created", "Asked for").amount_minor = Some(payment.amount_minor);
        self.tell_attempts(&mut all, id).await?;
        self.tell_remittances(&mut all, id).await?;
        self.tell_refunds(&mut all, id).await?;
        self.tell_documents(&mut all, id).await?;
        if all.staff {
            self.tell_notices(&mut all, id).await?;
            self.tell_ledger(&mut all, &payment).await?;
        }
        // Stable: what happened within one millisecond stays in the order of its telling.
        all.entries.sort_by_key(|entry| entry.at);
        Ok(all.entries)
    }

    async fn tell_attempts(&self, all: &mut Collected, id: PaymentId) -> Result<()> {
        let rows = payment_attempt::Entity::find()
            .filter(payment_attempt::Column::PaymentId.eq(id))
            .order_by_asc(payment_attempt::Column::Number)
            .limit(MAX_ROWS);
        for row in rows.all(self.store.primary()).await? {
            let (staff, number) = (all.staff, row.number);
            if staff || number > 1 {
                let entry = all.add(row.created_at, "attempt.created", format!("Try {number}"));
                entry.amount_minor = Some(row.amount_minor);
                entry.about.attempt = Some(number);
                entry.data = staff.then(|| json!({"attempt_id": row.id, "gateway_id": row.gateway_id, "decision": row.decision}));
            }
            if let (true, Some(at)) = (staff, row.sent_at) {
                let entry = all.add(at, "attempt.sent", format!("Try {number} sent"));
                entry.about.attempt = Some(number);
                entry.data = Some(json!({"key": row.gateway_key}));
            }
            tell_unanswered(all, &row);
            let Some(at) = row.answered_at.filter(|_| row.status != AttemptStatus::Unknown) else { continue };
            let asked_again = row.unanswered_at.is_some();
            let title = answered(row.status);
            let entry =
                all.add(at, "attempt.answered", if asked_again { format!("Asked again: {}", lower(title)) } else { title.to_owned() });
            entry.amount_minor = Some(row.amount_minor);
            entry.about = About {
                attempt: Some(number),
                attempt_status: Some(row.status),
                decline_kind: row.decline_kind,
                asked_again,
                ..About::default()
            };
            entry.detail = match (staff, row.decline_kind) {
                (true, _) => row.message.clone(),
                (false, Some(kind)) => Some(super::words::declined(kind).to_owned()),
                (false, None) => None,
            };
            entry.data = staff.then(|| {
                json!({
                    "attempt_id": row.id, "external_id": row.external_id, "status": row.status, "decline_kind": row.decline_kind,
                    "decline_code": row.decline_code, "fee_minor": row.fee_minor,
                })
            });
        }
        Ok(())
    }

    async fn tell_notices(&self, all: &mut Collected, id: PaymentId) -> Result<()> {
        let rows = gateway_event::Entity::find()
            .filter(gateway_event::Column::PaymentId.eq(id))
            .order_by_asc(gateway_event::Column::Id)
            .limit(MAX_ROWS);
        for row in rows.all(self.store.primary()).await? {
            let entry = all.add(row.received_at, "webhook.received", row.kind);
            entry.detail = row.message;
            entry.data = Some(json!({"event_id": row.external_id, "object_id": row.object_id, "outcome": row.outcome}));
        }
        Ok(())
    }

    async fn tell_ledger(&self, all: &mut Collected, payment: &payment::Model) -> Result<()> {
        let db = self.store.primary();
        let entries = ledger_entry::Entity::find()
            .filter(ledger_entry::Column::PaymentId.eq(payment.id))
            .order_by_asc(ledger_entry::Column::Id)
            .limit(MAX_ROWS)
            .all(db)
            .await?;
        let ids: Vec<LedgerEntryId> = entries.iter().map(|e| e.id).collect();
        let postings = ledger_posting::Entity::find()
            .filter(ledger_posting::Column::EntryId.is_in(ids))
            .order_by_asc(ledger_posting::Column::Id)
            .all(db)
            .await?;
        let accounts =
            ledger_account::Entity::find().filter(ledger_account::Column::Id.is_in(postings.iter().map(|p| p.account_id))).all(db).await?;
        let name = |id| accounts.iter().find(|a| a.id == id).map_or_else(String::new, journal_account);
        for row in entries {
            let legs: Vec<Value> = postings
                .iter()
                .filter(|p| p.entry_id == row.id)
                .map(|p| json!({"account": name(p.account_id), "amount_minor": p.amount_minor}))
                .collect();
            let moved = postings.iter().filter(|p| p.entry_id == row.id && p.amount_minor > 0).map(|p| p.amount_minor).sum();
            let entry = all.add(row.occurred_at, "ledger.entry", row.kind);
            entry.detail = row.memo;
            entry.amount_minor = Some(moved);
            entry.data = Some(json!({"entry_id": row.id, "key": row.key, "legs": legs}));
        }
        Ok(())
    }

    async fn tell_remittances(&self, all: &mut Collected, id: PaymentId) -> Result<()> {
        let rows =
            remittance::Entity::find().filter(remittance::Column::PaymentId.eq(id)).order_by_asc(remittance::Column::Id).limit(MAX_ROWS);
        for row in rows.all(self.store.primary()).await? {
            let data = |staff: bool| {
                staff.then(|| {
                    json!({
                        "remittance_id": row.id,
                        "bill_id": row.target().bill(),
                        "recharge_id": row.target().recharge(),
                        "provider_id": row.provider_id,
                        "tries": row.tries,
                    })
                })
            };
            let staff = all.staff;
            let entry = all.add(row.created_at, "remittance.created", "The provider is to be told");
            entry.amount_minor = Some(row.amount_minor);
            entry.data = data(staff);
            if let Some(at) = row.sent_at {
                all.add(at, "remittance.sent", "The provider was told").amount_minor = Some(row.amount_minor);
            }
            if let Some(at) = row.settled_at {
                let (kind, title) = if row.status == RemittanceStatus::Rejected {
                    ("remittance.rejected", "The provider refused the payment")
                } else {
                    ("remittance.confirmed", "The provider has confirmed the payment")
                };
                let entry = all.add(at, kind, title);
                entry.amount_minor = Some(row.amount_minor);
                entry.detail = row.provider_ref.clone().map(|reference| format!("Reference {reference}")).or_else(|| row.message.clone());
                entry.about.note = row.message.clone().filter(|_| row.provider_ref.is_none());
                entry.about.reference = row.provider_ref.clone();
                entry.data = data(staff);
            }
        }
        Ok(())
    }

    async fn tell_refunds(&self, all: &mut Collected, id: PaymentId) -> Result<()> {
        let rows = refund::Entity::find().filter(refund::Column::PaymentId.eq(id)).order_by_asc(refund::Column::Id).limit(MAX_ROWS);
        for row in rows.all(self.store.primary()).await? {
            let staff = all.staff;
            let entry = all.add(row.created_at, "refund.created", "Money goes back");
            entry.amount_minor = Some(row.amount_minor);
            entry.detail = Some(row.reason.clone());
            entry.about.refund_cause = Some(row.cause);
            // What Billow gives as its reason is said by the cause.
            entry.about.note = Some(row.reason.clone()).filter(|_| row.cause == RefundCause::Operator);
            entry.data = staff.then(|| json!({"refund_id": row.id, "target": row.target, "cause": row.cause, "actor": row.actor}));
            if let Some(at) = row.settled_at {
                let (kind, title) = if row.status == RefundStatus::Failed {
                    ("refund.failed", "The money could not be given back yet")
                } else {
                    ("refund.succeeded", "The money went back")
                };
                let entry = all.add(at, kind, title);
                entry.amount_minor = Some(row.amount_minor);
                entry.detail = row.status_reason.clone().filter(|_| staff);
            }
        }
        Ok(())
    }

    async fn tell_documents(&self, all: &mut Collected, id: PaymentId) -> Result<()> {
        let rows = document::Entity::find().filter(document::Column::PaymentId.eq(id)).order_by_asc(document::Column::Id).limit(MAX_ROWS);
        for row in rows.all(self.store.primary()).await? {
            let name = if row.kind == DocumentKind::Invoice { "Invoice" } else { "Receipt" };
            let name = row.number.as_ref().map_or_else(|| name.to_owned(), |number| format!("{name} {number}"));
            let about = About { document_kind: Some(row.kind), reference: row.number, ..About::default() };
            let staff = all.staff;
            match (row.status, row.ready_at) {
                (DocumentStatus::Ready, Some(at)) => {
                    let entry = all.add(at, "document.ready", name);
                    entry.about = about;
                    entry.data = staff.then(|| json!({"document_id": row.id, "sha256": row.sha256}));
                }
                (DocumentStatus::Failed, _) if staff => {
                    let entry = all.add(row.created_at, "document.failed", format!("{name} could not be made"));
                    entry.about = about;
                    entry.detail = row.status_reason;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// That an attempt was not answered, also when it is known by now what became of it.
fn tell_unanswered(all: &mut Collected, row: &payment_attempt::Model) {
    let Some(at) = row.unanswered_at else { return };
    let waited = row.sent_at.map(|sent| (at - sent).num_seconds()).filter(|seconds| *seconds > 0);
    let title = match waited {
        Some(seconds) => format!("No answer after {seconds} s"),
        None => "No answer".to_owned(),
    };
    let staff = all.staff;
    let entry = all.add(at, "attempt.unanswered", title);
    entry.amount_minor = Some(row.amount_minor);
    entry.detail = if staff { row.unanswered_message.clone() } else { None };
    entry.about = About {
        attempt: Some(row.number),
        attempt_status: Some(AttemptStatus::Unknown),
        waited_seconds: waited.and_then(|seconds| i32::try_from(seconds).ok()),
        ..About::default()
    };
    entry.data = staff.then(|| json!({"attempt_id": row.id}));
}

/// The same in the middle of a sentence.
fn lower(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

const fn answered(status: AttemptStatus) -> &'static str {
    match status {
        AttemptStatus::Created | AttemptStatus::Sent => "Under way",
        AttemptStatus::Processing => "The bank is being asked",
        AttemptStatus::RequiresAction => "Waiting to be confirmed by the customer",
        AttemptStatus::Unknown => "No answer: it is asked about again",
        AttemptStatus::Succeeded => "Paid",
        AttemptStatus::Failed => "Refused",
        AttemptStatus::Cancelled => "Called off",
    }
}
