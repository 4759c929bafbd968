//! What may become of a bill. Pure: an event is applied to a status, and a step that makes no sense is an error that says so.
//!
//! A provider's word is applied leniently: it repeats itself with every fetch, and it may lag behind what we know.
//! A person's wish is applied strictly.

use billow_entities::{BillMarker, BillStatus, bill};
use billow_kernel::events::FieldChange;

use crate::connector::FetchedStatus;

/// What happened to a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillEvent {
    /// This much of it was paid through Billow, in minor units.
    Paid(i64),
    /// Its provider refused a payment of so much, or it went back before the provider was told.
    PaymentReversed(i64),
    /// The provider says that it is to be paid, was paid, or was withdrawn.
    ProviderSays(FetchedStatus),
    /// A person says that it was paid, but not through Billow.
    MarkPaidElsewhere,
    /// A person says that it is still to be paid.
    UndoPaidElsewhere,
    /// An operator withdrew it.
    Void,
    /// Another bill took its place.
    Superseded,
    /// It was corrected: it comes to another amount.
    Amended,
    /// It is from before the account was here.
    SetApart,
}

/// A step that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a bill that is {from} cannot be {wanted}")]
pub struct IllegalTransition {
    /// Where it stands.
    pub from: BillStatus,
    /// What was wanted.
    pub wanted: &'static str,
}

/// What happened to a bill, and what is said of its new status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillStep {
    event: BillEvent,
    reason: Option<String>,
    marked_by: Option<BillMarker>,
}

impl From<BillEvent> for BillStep {
    fn from(event: BillEvent) -> Self {
        Self { event, reason: None, marked_by: None }
    }
}

impl BillEvent {
    /// With why, in a sentence.
    #[must_use]
    pub fn because(self, reason: impl Into<String>) -> BillStep {
        BillStep { reason: Some(reason.into()), ..self.into() }
    }
}

impl BillStep {
    /// Whoever said so, where it is a person's word against the provider's.
    pub(super) fn marked_by(self, who: BillMarker) -> Self {
        Self { marked_by: Some(who), ..self }
    }

    /// Puts what happened into the row of a bill, and answers what changed. The reason and whoever said so go with a new
    /// status.
    pub(super) fn put(self, bill: &mut bill::Model) -> Result<Vec<FieldChange>, IllegalTransition> {
        let (status, paid_minor) = outcome(bill, self.event)?;
        let mut changes = Vec::new();
        if paid_minor != bill.paid_minor {
            changes.push(FieldChange::new("paid_minor", bill.paid_minor, paid_minor));
            bill.paid_minor = paid_minor;
        }
        if status != bill.status {
            changes.push(FieldChange::new("status", bill.status, status));
            bill.status = status;
            bill.status_reason = self.reason;
            bill.marked_by = self.marked_by;
        }
        Ok(changes)
    }
}

/// Where a bill stands after `event`, and what of it is paid.
fn outcome(bill: &bill::Model, event: BillEvent) -> Result<(BillStatus, i64), IllegalTransition> {
    let (paid, status) = (bill.paid_minor, bill.status);
    let paid = match event {
        BillEvent::Paid(minor) => paid + minor,
        BillEvent::PaymentReversed(minor) => (paid - minor).max(0),
        _ => paid,
    };
    let status = match event {
        // A part does not settle it, and money that came too late changes nothing else.
        BillEvent::Paid(_) if paid < bill.amount_minor => status,
        BillEvent::Paid(_) => apply(status, event).unwrap_or(status),
        BillEvent::Amended => with_amount(status, bill.amount_minor),
        BillEvent::ProviderSays(_) => match with_amount(apply(status, event)?, bill.amount_minor) {
            // A person says that it was paid, and the provider has not noticed yet.
            BillStatus::Open if bill.marked_by.is_some() => status,
            said => said,
        },
        _ => apply(status, event)?,
    };
    Ok((status, paid))
}

/// The status of a bill that nobody has paid, voided or replaced, by what it comes to.
#[must_use]
pub const fn unsettled(amount_minor: i64) -> BillStatus {
    match amount_minor {
        ..0 => BillStatus::Credit,
        0 => BillStatus::NothingDue,
        1.. => BillStatus::Open,
    }
}

/// Whether nobody has paid, voided or replaced a bill that stands like this.
#[must_use]
pub const fn is_unsettled(status: BillStatus) -> bool {
    matches!(status, BillStatus::Open | BillStatus::Credit | BillStatus::NothingDue)
}

/// The status `status` becomes when a bill comes to another amount: only one that depends on the amount changes.
#[must_use]
pub const fn with_amount(status: BillStatus, amount_minor: i64) -> BillStatus {
    if is_unsettled(status) { unsettled(amount_minor) } else { status }
}

/// The status after `event`, whatever the bill comes to; the same where the event changes nothing.
pub(super) fn apply(status: BillStatus, event: BillEvent) -> Result<BillStatus, IllegalTransition> {
    use BillStatus::{Credit, History, NothingDue, Open, Paid, PaidElsewhere, Superseded, Voided};
    let illegal = |wanted| Err(IllegalTransition { from: status, wanted });
    match (event, status) {
        (BillEvent::ProviderSays(FetchedStatus::Open), PaidElsewhere | History) => Ok(Open),
        (BillEvent::ProviderSays(FetchedStatus::Open), _) => Ok(status),
        (BillEvent::ProviderSays(FetchedStatus::Paid), Open | History) => Ok(PaidElsewhere),
        (BillEvent::ProviderSays(FetchedStatus::Paid), _) => Ok(status),
        (BillEvent::ProviderSays(FetchedStatus::Cancelled), Open | PaidElsewhere | History | Credit | NothingDue) => Ok(Voided),
        // Money went through us for it: a person has to look at that, and the bill stays as it is.
        (BillEvent::ProviderSays(FetchedStatus::Cancelled), Paid) => illegal("withdrawn by the provider"),
        (BillEvent::ProviderSays(FetchedStatus::Cancelled), Voided | Superseded) => Ok(status),
        (BillEvent::Paid(_), Open) => Ok(Paid),
        (BillEvent::Paid(_), _) => illegal("paid"),
        (BillEvent::PaymentReversed(_), Paid) => Ok(Open),
        // What else became of it does not depend on our payment.
        (BillEvent::PaymentReversed(_) | BillEvent::Amended, _) => Ok(status),
        (BillEvent::MarkPaidElsewhere, Open | PaidElsewhere | History) => Ok(PaidElsewhere),
        (BillEvent::MarkPaidElsewhere, _) => illegal("marked as paid elsewhere"),
        (BillEvent::UndoPaidElsewhere, Open | PaidElsewhere | History) => Ok(Open),
        (BillEvent::UndoPaidElsewhere, _) => illegal("opened again"),
        (BillEvent::Void, Open | PaidElsewhere | History | Credit | NothingDue) => Ok(Voided),
        (BillEvent::Void, _) => illegal("voided"),
        (BillEvent::Superseded, Open | PaidElsewhere | History | Voided | Credit | NothingDue) => Ok(Superseded),
        (BillEvent::Superseded, Superseded) => Ok(status),
        (BillEvent::Superseded, Paid) => illegal("superseded"),
        (BillEvent::SetApart, Open) => Ok(History),
        (BillEvent::SetApart, _) => illegal("set apart as history"),
    }
}

/// A phrase as a sentence.
pub(super) fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_known() {
        use BillStatus::{Credit, History, NothingDue, Open, Paid, PaidElsewhere, Superseded, Voided};
        let says = BillEvent::ProviderSays;
        // Open, Paid, PaidElsewhere, Voided, Superseded, History, Credit, NothingDue.
        let own = [Open, Paid, PaidElsewhere, Voided, Superseded, History, Credit, NothingDue].map(Some);
        let with = |changes: &[(usize, Option<BillStatus>)]| {
            changes.iter().fold(own, |mut row, (at, to)| {
                row[*at] = *to;
                row
            })
        };
        let (open, voided, superseded, elsewhere) = (Some(Open), Some(Voided), Some(Superseded), Some(PaidElsewhere));
        // None is an error.
        for (event, outcome) in [
            (BillEvent::Paid(1), [Some(Paid), None, None, None, None, None, None, None]),
            (BillEvent::PaymentReversed(1), with(&[(1, open)])),
            (says(FetchedStatus::Open), with(&[(2, open), (5, open)])),
            (says(FetchedStatus::Paid), with(&[(0, elsewhere), (5, elsewhere)])),
            (says(FetchedStatus::Cancelled), [voided, None, voided, voided, superseded, voided, voided, voided]),
            (BillEvent::MarkPaidElsewhere, [elsewhere, None, elsewhere, None, None, elsewhere, None, None]),
            (BillEvent::UndoPaidElsewhere, [open, None, open, None, None, open, None, None]),
            (BillEvent::Void, [voided, None, voided, None, None, voided, voided, voided]),
            (BillEvent::Superseded, [superseded, None, superseded, superseded, superseded, superseded, superseded, superseded]),
            (BillEvent::Amended, own),
            (BillEvent::SetApart, [Some(History), None, None, None, None, None, None, None]),
        ] {
            for (from, to) in own.into_iter().flatten().zip(outcome) {
                assert_eq!(apply(from, event).ok(), to, "{from} after {event:?}");
            }
        }
    }

    #[test]
    fn an_illegal_step_says_so() {
        let error = apply(BillStatus::Voided, BillEvent::Void).expect_err("illegal");
        assert_eq!(error.to_string(), "a bill that is VOIDED cannot be voided");
    }

    fn bill(status: BillStatus, amount_minor: i64, paid_minor: i64) -> bill::Model {
        let now = chrono::DateTime::UNIX_EPOCH;
        bill::Model {
            id: billow_entities::BillId(uuid::Uuid::nil()),
            account_id: billow_entities::UtilityAccountId(uuid::Uuid::nil()),
            customer_id: billow_entities::CustomerId(uuid::Uuid::nil()),
            property_id: None,
            provider_id: billow_entities::ProviderId(uuid::Uuid::nil()),
            utility_type: billow_entities::UtilityType::Electricity,
            number: "R-1".into(),
            version: 1,
            status,
            status_reason: Some("as it was".into()),
            currency: "EUR".into(),
            amount_minor,
            paid_minor,
            min_amount_minor: None,
            max_amount_minor: None,
            issued_on: now.date_naive(),
            due_on: None,
            period_start: None,
            period_end: None,
            usage_value: None,
            usage_unit: None,
            lines: serde_json::Value::Null,
            content_hash: String::new(),
            source: billow_entities::BillSource::Fetched,
            superseded_by: None,
            marked_by: None,
            usual_minor: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// The status, what is paid, the reason, and which fields are told to have changed.
    fn after(mut bill: bill::Model, step: impl Into<BillStep>) -> (BillStatus, i64, Option<String>, Vec<String>) {
        let changes = step.into().put(&mut bill).expect("a step");
        (bill.status, bill.paid_minor, bill.status_reason, changes.into_iter().map(|change| change.field).collect())
    }

    #[test]
    fn a_bill_is_paid_when_nothing_is_left_and_open_again_when_money_went_back() {
        use BillStatus::{Open, Paid, Voided};
        let as_it_was = || Some("as it was".to_owned());
        let fields = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(after(bill(Open, 300, 0), BillEvent::Paid(100)), (Open, 100, as_it_was(), fields(&["paid_minor"])));
        assert_eq!(after(bill(Open, 300, 100), BillEvent::Paid(200)), (Paid, 300, None, fields(&["paid_minor", "status"])));
        assert_eq!(after(bill(Open, 300, 0), BillEvent::Paid(400)), (Paid, 400, None, fields(&["paid_minor", "status"])));
        assert_eq!(after(bill(Voided, 300, 0), BillEvent::Paid(300)), (Voided, 300, as_it_was(), fields(&["paid_minor"])));
        let why = || Some("refused".to_owned());
        assert_eq!(
            after(bill(Paid, 300, 300), BillEvent::PaymentReversed(300).because("refused")),
            (Open, 0, why(), fields(&["paid_minor", "status"]))
        );
        assert_eq!(
            after(bill(Open, 300, 100), BillEvent::PaymentReversed(200).because("refused")),
            (Open, 0, as_it_was(), fields(&["paid_minor"]))
        );
    }

    #[test]
    fn a_person_s_word_stands_until_the_provider_knows() {
        use BillStatus::{Open, PaidElsewhere, Voided};
        let mut marked = bill(Open, 300, 0);
        BillEvent::MarkPaidElsewhere.because("It was marked.").marked_by(BillMarker::Customer).put(&mut marked).expect("a step");
        assert_eq!(
            (marked.status, marked.marked_by, marked.status_reason.as_deref()),
            (PaidElsewhere, Some(BillMarker::Customer), Some("It was marked."))
        );
        let says = |said| BillEvent::ProviderSays(said).because("said");
        assert_eq!(says(FetchedStatus::Open).put(&mut marked), Ok(vec![]));
        assert_eq!(marked.status, PaidElsewhere);
        assert_eq!(says(FetchedStatus::Cancelled).put(&mut marked).map(|changes| changes.len()), Ok(1));
        assert_eq!((marked.status, marked.marked_by), (Voided, None));
        let mut unmarked = bill(PaidElsewhere, 300, 0);
        assert_eq!(says(FetchedStatus::Open).put(&mut unmarked).map(|changes| changes.len()), Ok(1));
        assert_eq!(unmarked.status, Open);
        // A credit stays a credit, whatever the provider calls it.
        let mut credit = bill(BillStatus::Credit, -300, 0);
        assert_eq!(says(FetchedStatus::Open).put(&mut credit), Ok(vec![]));
    }
}
