//! What may become of a bill. Pure: an event is applied to a status, and a step that makes no sense is an error that says so.
//!
//! A provider's word is applied leniently: it repeats itself with every fetch, and it may lag behind what we know.
//! A person's wish is applied strictly.

use billow_entities::BillStatus;

use crate::ports::FetchedStatus;

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

/// Where a bill stands after `event`; the same status where the event changes nothing.
///
/// # Errors
/// When the step makes no sense.
pub fn apply(status: BillStatus, event: BillEvent) -> Result<BillStatus, IllegalTransition> {
    use BillStatus::{History, Open, Paid, PaidElsewhere, Superseded, Voided};
    let illegal = |wanted| Err(IllegalTransition { from: status, wanted });
    match (event, status) {
        (BillEvent::ProviderSays(FetchedStatus::Open), PaidElsewhere | History) => Ok(Open),
        (BillEvent::ProviderSays(FetchedStatus::Open), _) => Ok(status),
        (BillEvent::ProviderSays(FetchedStatus::Paid), Open | History) => Ok(PaidElsewhere),
        (BillEvent::ProviderSays(FetchedStatus::Paid), _) => Ok(status),
        (BillEvent::ProviderSays(FetchedStatus::Cancelled), Open | PaidElsewhere | History) => Ok(Voided),
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
        (BillEvent::Void, Open | PaidElsewhere | History) => Ok(Voided),
        (BillEvent::Void, _) => illegal("voided"),
        (BillEvent::Superseded, Open | PaidElsewhere | History | Voided) => Ok(Superseded),
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
        use BillStatus::{History, Open, Paid, PaidElsewhere, Superseded, Voided};
        let says = BillEvent::ProviderSays;
        // Open, Paid, PaidElsewhere, Voided, Superseded, History; none is an error.
        for (event, outcome) in [
            (BillEvent::Paid, [Some(Paid), None, None, None, None, None]),
            (BillEvent::PaymentReversed, [Some(Open), Some(Open), Some(PaidElsewhere), Some(Voided), Some(Superseded), Some(History)]),
            (says(FetchedStatus::Open), [Some(Open), Some(Paid), Some(Open), Some(Voided), Some(Superseded), Some(Open)]),
            (
                says(FetchedStatus::Paid),
                [Some(PaidElsewhere), Some(Paid), Some(PaidElsewhere), Some(Voided), Some(Superseded), Some(PaidElsewhere)],
            ),
            (says(FetchedStatus::Cancelled), [Some(Voided), None, Some(Voided), Some(Voided), Some(Superseded), Some(Voided)]),
            (BillEvent::MarkPaidElsewhere, [Some(PaidElsewhere), None, Some(PaidElsewhere), None, None, Some(PaidElsewhere)]),
            (BillEvent::UndoPaidElsewhere, [Some(Open), None, Some(Open), None, None, Some(Open)]),
            (BillEvent::Void, [Some(Voided), None, Some(Voided), None, None, Some(Voided)]),
            (BillEvent::Superseded, [Some(Superseded), None, Some(Superseded), Some(Superseded), Some(Superseded), Some(Superseded)]),
            (BillEvent::RechargeDropped, [Some(Voided), Some(Voided), Some(PaidElsewhere), Some(Voided), Some(Superseded), Some(History)]),
            (BillEvent::RechargeResumed, [None, None, None, Some(Open), None, None]),
        ] {
            for (from, to) in [Open, Paid, PaidElsewhere, Voided, Superseded, History].into_iter().zip(outcome) {
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
