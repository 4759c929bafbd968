//! What may become of a refund. Pure: a report of the gateway is held against the row, and the time is an argument.

use billow_entities::{RefundStatus, refund};
use billow_kernel::due::Backoff;
use chrono::{DateTime, Duration, Utc};

use crate::gateway::{GatewayFault, GatewayRefund, GatewayRefundState};

/// Where a report came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It answers a question about the present round of this refund, asked under the claim with this fence.
    Asked { fence: i64 },
    /// The gateway told by itself; it may be about an earlier round.
    Told,
}

/// What is written to the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Books {
    Nothing,
    /// The money left us.
    Settled,
    /// It came back after all.
    Returned,
}

/// What a report changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) status: RefundStatus,
    pub(super) reason: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) due_at: Option<DateTime<Utc>>,
    pub(super) books: Books,
}

/// The waits between tries of a refund: a minute at first, a day in the end.
pub(super) const WAITS: Backoff = Backoff::seconds(&[60, 300, 1_800, 3_600, 4 * 3_600, 86_400]);

/// What `report` means for `row`; none where it says nothing new.
pub(super) fn judge(row: &refund::Model, report: &Result<GatewayRefund, GatewayFault>, heard: Heard, now: DateTime<Utc>) -> Option<Step> {
    match report {
        Ok(told) => answered(row, told, heard, now),
        Err(fault) if matches!(row.status, RefundStatus::Pending | RefundStatus::Unknown) => Some(unanswered(row, fault, now)),
        Err(_) => None,
    }
}

fn answered(row: &refund::Model, told: &GatewayRefund, heard: Heard, now: DateTime<Utc>) -> Option<Step> {
    use RefundStatus::{Failed, Pending, Succeeded, Unknown};
    let same = row.external_id.as_deref() == Some(told.id.as_str());
    let step = |status, reason, due_at, books| Some(Step { status, reason, external_id: Some(told.id.clone()), due_at, books });
    if told.amount_minor != row.amount_minor {
        // Whatever that is, a person has to look before anything is booked.
        let reason = format!("The gateway speaks of {} minor units for this refund of {}.", told.amount_minor, row.amount_minor);
        let open = matches!(row.status, Pending | Unknown);
        return if open { step(Unknown, Some(reason), Some(now + Duration::days(1)), Books::Nothing) } else { None };
    }
    match (&told.state, row.status) {
        (GatewayRefundState::Succeeded, Succeeded) => None,
        (GatewayRefundState::Succeeded, _) => step(Succeeded, None, None, Books::Settled),
        (GatewayRefundState::Pending, Pending | Unknown) => {
            let pause = if same { Duration::days(1) } else { Duration::hours(1) };
            step(Pending, None, Some(now + pause), Books::Nothing)
        }
        (GatewayRefundState::Pending, Succeeded | Failed) => None,
        (GatewayRefundState::Failed { message }, Succeeded) if same => step(Failed, Some(message.clone()), None, Books::Returned),
        (GatewayRefundState::Failed { .. }, Succeeded | Failed) => None,
        // An earlier round's failure is no news about this one.
        (GatewayRefundState::Failed { .. }, _) if row.rounds > 0 && !same && heard == Heard::Told => None,
        (GatewayRefundState::Failed { message }, Pending | Unknown) => step(Failed, Some(message.clone()), None, Books::Nothing),
    }
}

fn unanswered(row: &refund::Model, fault: &GatewayFault, now: DateTime<Utc>) -> Step {
    let external_id = row.external_id.clone();
    let reason = Some(fault.to_string());
    let later = |status, pause| Step { status, reason, external_id, due_at: Some(now + pause), books: Books::Nothing };
    match fault {
        // The gateway has it and only the question was lost.
        _ if row.external_id.is_some() => later(row.status, WAITS.wait(row.tries)),
        GatewayFault::Unknown { .. } => later(RefundStatus::Unknown, WAITS.wait(row.tries)),
        GatewayFault::NotSent { retry_after_ms, .. } => {
            let asked = retry_after_ms.and_then(|ms| i64::try_from(ms).ok()).and_then(Duration::try_milliseconds);
            let pause = asked.unwrap_or_default().min(Duration::days(1)).max(WAITS.wait(row.tries));
            later(row.status, pause)
        }
        GatewayFault::Refused { .. } | GatewayFault::KeyReused { .. } => {
            Step { due_at: None, ..later(RefundStatus::Failed, Duration::zero()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use billow_entities::{CustomerId, PaymentId, RefundCause, RefundId, RefundTarget};
    use uuid::Uuid;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-21T09:00:00Z".parse().expect("an instant")
    }

    fn row(status: RefundStatus, external_id: Option<&str>) -> refund::Model {
        refund::Model {
            id: RefundId(Uuid::from_u128(1)),
            payment_id: PaymentId(Uuid::from_u128(2)),
            allocation_id: None,
            attempt_id: None,
            customer_id: CustomerId(Uuid::from_u128(3)),
            target: RefundTarget::Gateway,
            cause: RefundCause::Operator,
            reason: "asked for".into(),
            status,
            status_reason: None,
            currency: "EUR".into(),
            amount_minor: 500,
            external_id: external_id.map(Into::into),
            actor: "system".into(),
            idempotency_key: "k".into(),
            request_hash: "h".into(),
            rounds: 0,
            due_at: None,
            tries: 1,
            lease_until: None,
            fence: 1,
            created_at: now(),
            sent_at: Some(now()),
            settled_at: None,
        }
    }

    fn told(state: GatewayRefundState) -> Result<GatewayRefund, GatewayFault> {
        Ok(GatewayRefund { id: "re_1".into(), reference: None, amount_minor: 500, state })
    }

    fn failed() -> GatewayRefundState {
        GatewayRefundState::Failed { message: "closed".into() }
    }

    #[test]
    fn every_answer_to_every_status() {
        use RefundStatus::{Failed, Pending, Succeeded, Unknown};
        for (status, state, wanted) in [
            (Pending, GatewayRefundState::Succeeded, Some((Succeeded, Books::Settled))),
            (Unknown, GatewayRefundState::Succeeded, Some((Succeeded, Books::Settled))),
            (Failed, GatewayRefundState::Succeeded, Some((Succeeded, Books::Settled))),
            (Succeeded, GatewayRefundState::Succeeded, None),
            (Pending, GatewayRefundState::Pending, Some((Pending, Books::Nothing))),
            (Unknown, GatewayRefundState::Pending, Some((Pending, Books::Nothing))),
            (Succeeded, GatewayRefundState::Pending, None),
            (Failed, GatewayRefundState::Pending, None),
            (Pending, failed(), Some((Failed, Books::Nothing))),
            (Unknown, failed(), Some((Failed, Books::Nothing))),
            (Succeeded, failed(), Some((Failed, Books::Returned))),
            (Failed, failed(), None),
        ] {
            let step = judge(&row(status, Some("re_1")), &told(state.clone()), Heard::Told, now());
            assert_eq!(step.map(|s| (s.status, s.books)), wanted, "{status} after {state:?}");
        }
    }

    #[test]
    fn a_fault_is_never_an_end_unless_nothing_happened() {
        use RefundStatus::{Failed, Pending, Succeeded, Unknown};
        let message = || "words".to_owned();
        let unknown = GatewayFault::Unknown { message: message() };
        let not_sent = GatewayFault::NotSent { message: message(), retry_after_ms: Some(120_000) };
        let refused = GatewayFault::Refused { code: None, message: message() };
        for (status, external, fault, wanted) in [
            (Pending, None, &unknown, Some((Unknown, Some(60)))),
            (Unknown, None, &unknown, Some((Unknown, Some(60)))),
            (Pending, Some("re_1"), &unknown, Some((Pending, Some(60)))),
            (Pending, None, &not_sent, Some((Pending, Some(120)))),
            (Unknown, None, &not_sent, Some((Unknown, Some(120)))),
            (Pending, None, &refused, Some((Failed, None))),
            (Pending, Some("re_1"), &refused, Some((Pending, Some(60)))),
            (Succeeded, Some("re_1"), &unknown, None),
            (Failed, None, &refused, None),
        ] {
            let step = judge(&row(status, external), &Err(fault.clone()), Heard::Asked { fence: 1 }, now());
            let found = step.map(|s| (s.status, s.due_at.map(|at| (at - now()).num_seconds())));
            assert_eq!(found, wanted, "{status} {external:?} after {fault:?}");
        }
    }

    #[test]
    fn an_earlier_round_s_failure_is_no_news() {
        let retried = refund::Model { rounds: 1, ..row(RefundStatus::Pending, None) };
        assert_eq!(judge(&retried, &told(failed()), Heard::Told, now()), None);
        assert_eq!(judge(&retried, &told(failed()), Heard::Asked { fence: 1 }, now()).map(|s| s.status), Some(RefundStatus::Failed));
        let succeeded = refund::Model { rounds: 1, ..row(RefundStatus::Succeeded, Some("re_2")) };
        assert_eq!(judge(&succeeded, &told(failed()), Heard::Told, now()), None);
    }

    #[test]
    fn another_amount_is_for_a_person() {
        let other = Ok(GatewayRefund { id: "re_1".into(), reference: None, amount_minor: 499, state: GatewayRefundState::Succeeded });
        let step = judge(&row(RefundStatus::Pending, None), &other, Heard::Asked { fence: 1 }, now()).expect("a step");
        assert_eq!((step.status, step.books), (RefundStatus::Unknown, Books::Nothing));
    }
}
