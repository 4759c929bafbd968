//! What may become of a recharge. Pure.

use billow_entities::RechargeStatus;

/// What happened to a recharge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Its payment is tried again.
    OrderedAgain,
    /// It was paid.
    Paid,
    /// Its payment came to nothing, or the money went back.
    Cancelled,
}

/// The status after a step; none where the step changes nothing.
pub(super) const fn after(status: RechargeStatus, step: Step) -> Option<RechargeStatus> {
    use RechargeStatus::{Cancelled, Paid, Pending};
    match (status, step) {
        (Cancelled, Step::OrderedAgain) => Some(Pending),
        (Pending, Step::Paid) => Some(Paid),
        (Pending | Paid, Step::Cancelled) => Some(Cancelled),
        (Pending | Paid, Step::OrderedAgain) | (Paid | Cancelled, Step::Paid) | (Cancelled, Step::Cancelled) => None,
    }
}

#[cfg(test)]
mod tests {
    use RechargeStatus::{Cancelled, Paid, Pending};

    use super::*;

    #[test]
    fn every_step_is_known() {
        // Pending, Paid, Cancelled.
        for (step, outcome) in [
            (Step::OrderedAgain, [None, None, Some(Pending)]),
            (Step::Paid, [Some(Paid), None, None]),
            (Step::Cancelled, [Some(Cancelled), Some(Cancelled), None]),
        ] {
            assert_eq!([Pending, Paid, Cancelled].map(|status| after(status, step)), outcome, "{step:?}");
        }
    }
}
