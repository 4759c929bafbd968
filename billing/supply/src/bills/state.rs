//! What may become of a bill. Pure: an event is applied to a status, and a step that makes no sense is an error that says so.
//!
//! A provider's word is applied leniently: it repeats itself with every fetch, and it may lag behind what we know.
//! A person's wish is applied strictly.

use billow_entities::BillStatus;

use crate::connector::FetchedStatus;

/// What happened to a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillEvent {
    /// It was paid through Billow.
    Paid,
    /// Its provider refused the payment, or it went back before the provider was told.
    PaymentReversed,
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
    /// It is of a recharge, and its payment came to nothing or went back: nobody owes it.
    RechargeDropped,
    /// It is of a recharge that came to nothing, and is paid anew.
    RechargeResumed,
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

/// Where a bill stands after `event`; the same status where the event changes nothing.
///
/// # Errors
/// When the step makes no sense.
pub fn apply(status: BillStatus, event: BillEvent) -> Result<BillStatus, IllegalTransition> {
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
        (BillEvent::Paid, Open) => Ok(Paid),
        (BillEvent::Paid, _) => illegal("paid"),
        (BillEvent::PaymentReversed, Paid) => Ok(Open),
        // What else became of it does not depend on our payment.
        (BillEvent::PaymentReversed, _) => Ok(status),
        (BillEvent::MarkPaidElsewhere, Open | PaidElsewhere | History) => Ok(PaidElsewhere),
        (BillEvent::MarkPaidElsewhere, _) => illegal("marked as paid elsewhere"),
        (BillEvent::UndoPaidElsewhere, Open | PaidElsewhere | History) => Ok(Open),
        (BillEvent::UndoPaidElsewhere, _) => illegal("opened again"),
        (BillEvent::Void, Open | PaidElsewhere | History | Credit | NothingDue) => Ok(Voided),
        (BillEvent::Void, _) => illegal("voided"),
        (BillEvent::Superseded, Open | PaidElsewhere | History | Voided | Credit | NothingDue) => Ok(Superseded),
        (BillEvent::Superseded, Superseded) => Ok(status),
        (BillEvent::Superseded, Paid) => illegal("superseded"),
        (BillEvent::RechargeDropped, Open | Paid) => Ok(Voided),
        (BillEvent::RechargeDropped, _) => Ok(status),
        (BillEvent::RechargeResumed, Voided) => Ok(Open),
        (BillEvent::RechargeResumed, _) => illegal("paid anew"),
    }
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
            (BillEvent::Paid, [Some(Paid), None, None, None, None, None, None, None]),
            (BillEvent::PaymentReversed, with(&[(1, open)])),
            (says(FetchedStatus::Open), with(&[(2, open), (5, open)])),
            (says(FetchedStatus::Paid), with(&[(0, elsewhere), (5, elsewhere)])),
            (says(FetchedStatus::Cancelled), [voided, None, voided, voided, superseded, voided, voided, voided]),
            (BillEvent::MarkPaidElsewhere, [elsewhere, None, elsewhere, None, None, elsewhere, None, None]),
            (BillEvent::UndoPaidElsewhere, [open, None, open, None, None, open, None, None]),
            (BillEvent::Void, [voided, None, voided, None, None, voided, voided, voided]),
            (BillEvent::Superseded, [superseded, None, superseded, superseded, superseded, superseded, superseded, superseded]),
            (BillEvent::RechargeDropped, with(&[(0, voided), (1, voided)])),
            (BillEvent::RechargeResumed, [None, None, None, open, None, None, None, None]),
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
}
