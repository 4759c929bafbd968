//! What may become of a payment and of each try at a gateway. Pure: what is known is held against what is reported.
//!
//! Reports have a rank, so that it does not matter who brings them, how often, or in which order. Money that arrived
//! outranks everything that was believed before; a definite no outranks what is under way; a gateway's word outranks the
//! lack of one.

use billow_entities::{AttemptStatus, DeclineKind, PaymentStatus, payment};

use crate::gateway::{Charge, ChargeState, Decline, GatewayFault};

/// How much a status of an attempt counts for.
const fn rank(status: AttemptStatus) -> u8 {
    match status {
        AttemptStatus::Created => 0,
        AttemptStatus::Sent => 1,
        AttemptStatus::Unknown => 2,
        AttemptStatus::Processing | AttemptStatus::RequiresAction => 3,
        AttemptStatus::Failed | AttemptStatus::Cancelled => 4,
        AttemptStatus::Succeeded => 5,
    }
}

/// Whether an attempt that stands at `known` comes to stand at `reported`.
pub(super) fn advances(known: AttemptStatus, reported: AttemptStatus) -> bool {
    let moves_among = matches!(known, AttemptStatus::Processing | AttemptStatus::RequiresAction);
    rank(reported) > rank(known) || (rank(reported) == rank(known) && moves_among && reported != known)
}

/// Whether nothing is expected of it any more.
pub(super) const fn is_final(status: PaymentStatus) -> bool {
    matches!(status, PaymentStatus::Succeeded | PaymentStatus::Failed | PaymentStatus::Cancelled)
}

/// Whether it definitely moved no money, so that another try may be made.
pub(super) const fn is_definite_failure(status: AttemptStatus) -> bool {
    matches!(status, AttemptStatus::Failed | AttemptStatus::Cancelled)
}

/// Where a payment stands by its last attempt.
pub(super) const fn by_attempt(status: AttemptStatus) -> PaymentStatus {
    match status {
        AttemptStatus::Created | AttemptStatus::Sent => PaymentStatus::Pending,
        AttemptStatus::Unknown => PaymentStatus::Unknown,
        AttemptStatus::Processing => PaymentStatus::Processing,
        AttemptStatus::RequiresAction => PaymentStatus::RequiresAction,
        AttemptStatus::Succeeded => PaymentStatus::Succeeded,
        AttemptStatus::Failed => PaymentStatus::Failed,
        AttemptStatus::Cancelled => PaymentStatus::Cancelled,
    }
}

/// Whether a payment may be tried again: its last attempt definitely moved nothing.
#[must_use]
pub fn can_retry(payment: &payment::Model) -> bool {
    matches!(payment.status, PaymentStatus::Failed | PaymentStatus::Cancelled) && payment.gateway_minor > 0
}

/// Whether a payment may be called off: no money can have moved yet, or the gateway can be asked to stop.
#[must_use]
pub const fn can_cancel(status: PaymentStatus) -> bool {
    matches!(status, PaymentStatus::Pending | PaymentStatus::Processing | PaymentStatus::RequiresAction)
}

/// What a report says about an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) status: AttemptStatus,
    pub(super) external_id: Option<String>,
    pub(super) action_url: Option<String>,
    pub(super) decline: Option<Decline>,
    pub(super) message: Option<String>,
    pub(super) fee_minor: Option<i64>,
    /// Whether it follows from what did not happen in one call, and holds only for whoever still has the lease of it.
    pub(super) needs_fence: bool,
}

impl Verdict {
    fn of(status: AttemptStatus) -> Self {
        Self { status, external_id: None, action_url: None, decline: None, message: None, fee_minor: None, needs_fence: false }
    }

    /// What a gateway said about a charge.
    pub(super) fn of_charge(charge: &Charge) -> Self {
        let mut verdict = Self::of(match charge.state {
            ChargeState::Succeeded => AttemptStatus::Succeeded,
            ChargeState::Processing => AttemptStatus::Processing,
            ChargeState::RequiresAction { .. } => AttemptStatus::RequiresAction,
            ChargeState::Failed(_) => AttemptStatus::Failed,
            ChargeState::Cancelled => AttemptStatus::Cancelled,
        });
        verdict.external_id = Some(charge.id.clone());
        verdict.fee_minor = charge.fee_minor;
        match &charge.state {
            ChargeState::RequiresAction { url } => verdict.action_url.clone_from(url),
            ChargeState::Failed(decline) => verdict.decline = Some(decline.clone()),
            ChargeState::Succeeded | ChargeState::Processing | ChargeState::Cancelled => {}
        }
        verdict
    }

    /// What follows from the lack of an answer to the call that charges. `first` when nobody called with this key before:
    /// only then does "not sent" mean that nothing happened.
    pub(super) fn of_fault(fault: &GatewayFault, first: bool) -> Self {
        let message = Some(fault.to_string());
        match fault {
            GatewayFault::NotSent { .. } if first => Self { message, ..Self::failed(DeclineKind::ProcessingError, None, fault) },
            GatewayFault::Refused { code, .. } if first => Self { message, ..Self::failed(DeclineKind::Other, code.clone(), fault) },
            _ => Self { message, ..Self::of(AttemptStatus::Unknown) },
        }
    }

    /// The gateway was asked, long after the call, and never heard of it.
    pub(super) fn never_reached() -> Self {
        let decline = Decline { kind: DeclineKind::ProcessingError, code: None, message: "the charge never reached the gateway".into() };
        Self { decline: Some(decline), needs_fence: true, ..Self::of(AttemptStatus::Failed) }
    }

    /// It was written down and never sent.
    pub(super) fn never_sent() -> Self {
        let decline = Decline { kind: DeclineKind::ProcessingError, code: None, message: "the charge was not sent in time".into() };
        Self { decline: Some(decline), needs_fence: true, ..Self::of(AttemptStatus::Failed) }
    }

    /// It was never sent, and its owner called it off. Holds only if it still has not been sent.
    pub(super) fn called_off() -> Self {
        Self { needs_fence: true, ..Self::of(AttemptStatus::Cancelled) }
    }

    fn failed(kind: DeclineKind, code: Option<String>, fault: &GatewayFault) -> Self {
        let decline = Decline { kind, code, message: fault.to_string() };
        Self { decline: Some(decline), needs_fence: true, ..Self::of(AttemptStatus::Failed) }
    }

    /// Whether another gateway may be worth a try: nothing moved, and it was not the customer's bank that said no.
    pub(super) fn is_worth_another_gateway(&self) -> bool {
        let from_a_fault = self.needs_fence;
        self.status == AttemptStatus::Failed
            && (from_a_fault || self.decline.as_ref().is_some_and(|d| d.kind == DeclineKind::ProcessingError))
    }
}

#[cfg(test)]
mod tests {
    use AttemptStatus::{Cancelled, Created, Failed, Processing, RequiresAction, Sent, Succeeded, Unknown};

    use super::*;

    const ALL: [AttemptStatus; 8] = [Created, Sent, Unknown, Processing, RequiresAction, Failed, Cancelled, Succeeded];

    #[test]
    fn only_news_that_outranks_what_is_known_changes_anything() {
        // A row for what is known; what may be reported then and changes it.
        for (known, news) in [
            (Created, vec![Sent, Unknown, Processing, RequiresAction, Failed, Cancelled, Succeeded]),
            (Sent, vec![Unknown, Processing, RequiresAction, Failed, Cancelled, Succeeded]),
            (Unknown, vec![Processing, RequiresAction, Failed, Cancelled, Succeeded]),
            (Processing, vec![RequiresAction, Failed, Cancelled, Succeeded]),
            (RequiresAction, vec![Processing, Failed, Cancelled, Succeeded]),
            (Failed, vec![Succeeded]),
            (Cancelled, vec![Succeeded]),
            (Succeeded, vec![]),
        ] {
            for reported in ALL {
                assert_eq!(advances(known, reported), news.contains(&reported), "{known} and then {reported}");
            }
        }
    }

    #[test]
    fn in_whatever_order_reports_come_the_end_is_the_same() {
        let reports = [Sent, Unknown, Processing, RequiresAction, Failed, Succeeded];
        let mut ends = std::collections::BTreeSet::new();
        // Every rotation in both directions.
        for begin in 0..reports.len() {
            for forwards in [true, false] {
                let mut known = Created;
                for step in 0..reports.len() {
                    let at = if forwards { begin + step } else { begin + reports.len() - step };
                    let reported = reports[at % reports.len()];
                    if advances(known, reported) {
                        known = reported;
                    }
                }
                ends.insert(known);
            }
        }
        assert_eq!(ends.into_iter().collect::<Vec<_>>(), [Succeeded]);
    }

    #[test]
    fn a_payment_stands_where_its_last_attempt_stands() {
        use PaymentStatus as P;
        for (attempt, payment, last) in [
            (Created, P::Pending, false),
            (Sent, P::Pending, false),
            (Unknown, P::Unknown, false),
            (Processing, P::Processing, false),
            (RequiresAction, P::RequiresAction, false),
            (Succeeded, P::Succeeded, true),
            (Failed, P::Failed, true),
            (Cancelled, P::Cancelled, true),
        ] {
            assert_eq!((by_attempt(attempt), is_final(payment)), (payment, last), "{attempt}");
            assert_eq!(is_definite_failure(attempt), last && attempt != Succeeded, "{attempt}");
        }
    }

    #[test]
    fn only_a_first_call_that_was_not_sent_is_a_failure() {
        let (unknown, not_sent, refused, reused) = (
            GatewayFault::Unknown { message: "time-out".into() },
            GatewayFault::NotSent { message: "no connection".into(), retry_after_ms: None },
            GatewayFault::Refused { code: Some("auth".into()), message: "no".into() },
            GatewayFault::KeyReused { message: "other".into() },
        );
        for (fault, first, status, elsewhere) in [
            (&unknown, true, Unknown, false),
            (&unknown, false, Unknown, false),
            (&not_sent, true, Failed, true),
            (&not_sent, false, Unknown, false),
            (&refused, true, Failed, true),
            (&refused, false, Unknown, false),
            (&reused, true, Unknown, false),
            (&reused, false, Unknown, false),
        ] {
            let verdict = Verdict::of_fault(fault, first);
            assert_eq!((verdict.status, verdict.is_worth_another_gateway()), (status, elsewhere), "{fault:?} {first}");
        }
    }

    #[test]
    fn a_bank_s_no_is_not_tried_elsewhere() {
        let declined = |kind| {
            let state = ChargeState::Failed(Decline { kind, code: None, message: String::new() });
            let charge = Charge {
                id: "ch".into(),
                attempt: None,
                amount_minor: 1,
                currency: "EUR".into(),
                state,
                fee_minor: None,
                refunded_minor: None,
                created_at: None,
            };
            Verdict::of_charge(&charge).is_worth_another_gateway()
        };
        assert!(declined(DeclineKind::ProcessingError));
        for kind in [DeclineKind::InsufficientFunds, DeclineKind::Fraud, DeclineKind::DoNotHonor, DeclineKind::Other] {
            assert!(!declined(kind), "{kind}");
        }
    }
}
