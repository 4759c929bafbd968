//! What a provider's answer makes of a remittance. Pure: the time is an argument.

use billow_entities::{RemittanceStatus, remittance};
use billow_kernel::due::Backoff;
use billow_supply::connector::PayOutcome;
use chrono::{DateTime, Duration, Utc};
use serde_json::Value;

/// Between questions about a payment the provider took: from 5 seconds to 5 minutes, and hourly after about an hour.
const POLLS: Backoff = Backoff::seconds(&[5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, HOUR]);
/// Seconds of an hour.
const HOUR: i64 = 3_600;
/// Before something is sent again that was not sent: from half a minute to four hours, ten times in all.
const SENDS: Backoff = Backoff::seconds(&[30, 60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 4 * HOUR]).up_to(10);
/// After so long without a confirmation operators are told.
const OVERDUE: Duration = Duration::days(1);

/// After so long without an answer people may decide what became of it; the provider was asked every hour until then.
const DECIDABLE: Duration = Duration::days(3);

/// Whether people may say what became of a remittance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decidable {
    /// It waits for nobody else.
    Now,
    /// The provider took it and is asked about it until then; after that both the provider and people may answer.
    From(DateTime<Utc>),
    /// It is over, or was not sent yet.
    Never,
}

/// Whether people may say what became of `row`.
pub(super) fn decidable(row: &remittance::Model) -> Decidable {
    match row.status {
        RemittanceStatus::Manual | RemittanceStatus::Unknown => Decidable::Now,
        RemittanceStatus::Sent => Decidable::From(row.sent_at.unwrap_or(row.created_at) + DECIDABLE),
        RemittanceStatus::Queued | RemittanceStatus::Confirmed | RemittanceStatus::Rejected => Decidable::Never,
    }
}

/// What an answer changes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// The provider has it.
    Confirm { reference: Option<String>, voucher: Option<String> },
    /// Definitely no.
    Reject { message: String },
    /// Nothing is over yet.
    Wait { status: RemittanceStatus, message: Option<String>, continuation: Option<Value>, due_at: Option<DateTime<Utc>> },
}

/// What `outcome` means for `row`, which has the claimed call counted in already. `can_be_asked` says whether the provider
/// can tell how a payment stands.
pub(super) fn judge(row: &remittance::Model, outcome: PayOutcome, can_be_asked: bool, now: DateTime<Utc>) -> Step {
    let since = now - row.sent_at.unwrap_or(row.created_at);
    match outcome {
        PayOutcome::Confirmed { reference, voucher } => Step::Confirm { reference, voucher },
        PayOutcome::Rejected { message } => Step::Reject { message },
        PayOutcome::Awaited { continuation, .. } if !can_be_asked => Step::Wait {
            status: RemittanceStatus::Unknown,
            message: Some("the provider took it and cannot be asked about it; look there by hand".into()),
            continuation: Some(continuation),
            due_at: None,
        },
        PayOutcome::Awaited { after_ms, continuation } => {
            let asked = Duration::try_milliseconds(i64::try_from(after_ms).unwrap_or(i64::MAX)).unwrap_or(Duration::hours(1));
            let pause = POLLS.wait(row.tries).max(asked.min(Duration::hours(1)));
            Step::Wait {
                status: RemittanceStatus::Sent,
                message: overdue(since),
                continuation: Some(continuation),
                due_at: Some(now + pause),
            }
        }
        // The provider took it before; that one question about it was lost changes nothing.
        PayOutcome::Unknown { message } if row.status == RemittanceStatus::Sent && row.continuation.is_some() => Step::Wait {
            status: RemittanceStatus::Sent,
            message: overdue(since).or(Some(message)),
            continuation: row.continuation.clone(),
            due_at: can_be_asked.then(|| now + POLLS.wait(row.tries)),
        },
        PayOutcome::Unknown { message } => Step::Wait {
            status: RemittanceStatus::Unknown,
            message: Some(if can_be_asked { message } else { format!("{message}; the provider cannot be asked, look there by hand") }),
            continuation: row.continuation.clone(),
            due_at: can_be_asked.then(|| now + ask_pause(since)),
        },
        PayOutcome::NotSent { message, .. } if SENDS.is_last(row.tries) => Step::Wait {
            status: RemittanceStatus::Unknown,
            message: Some(format!("given up after {} tries: {message}", row.tries)),
            continuation: None,
            due_at: None,
        },
        PayOutcome::NotSent { message, retry_after_ms } => {
            let asked = retry_after_ms.and_then(|ms| i64::try_from(ms).ok()).and_then(Duration::try_milliseconds);
            let pause = SENDS.wait(row.tries).max(asked.unwrap_or_default().min(Duration::days(1)));
            Step::Wait { status: RemittanceStatus::Queued, message: Some(message), continuation: None, due_at: Some(now + pause) }
        }
    }
}

fn overdue(since: Duration) -> Option<String> {
    (since >= OVERDUE).then(|| "The provider took it more than a day ago and has not confirmed it.".to_owned())
}

/// Until the next question about a payment nobody knows of: at 5 minutes, at an hour, then daily.
fn ask_pause(since: Duration) -> Duration {
    if since < Duration::minutes(5) {
        Duration::minutes(5) - since
    } else if since < Duration::hours(1) {
        Duration::hours(1) - since
    } else {
        Duration::days(1)
    }
}

#[cfg(test)]
mod tests {
    use billow_entities::{AllocationId, BillId, CustomerId, PayableKind, PaymentId, ProviderId, RemittanceId, UtilityAccountId};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-21T09:00:00Z".parse().expect("an instant")
    }

    fn row(status: RemittanceStatus, tries: i32, since: Duration) -> remittance::Model {
        let id = Uuid::from_u128(1);
        remittance::Model {
            id: RemittanceId(id),
            payment_id: PaymentId(id),
            allocation_id: AllocationId(id),
            target_kind: PayableKind::Bill,
            target_id: id,
            bill_id: Some(BillId(id)),
            account_id: UtilityAccountId(id),
            provider_id: ProviderId(id),
            customer_id: CustomerId(id),
            currency: "EUR".into(),
            amount_minor: 100,
            status,
            provider_ref: None,
            voucher_enc: None,
            message: None,
            continuation: None,
            due_at: None,
            tries,
            lease_until: None,
            fence: 1,
            created_at: now() - since,
            sent_at: Some(now() - since),
            settled_at: None,
        }
    }

    fn unknown() -> PayOutcome {
        PayOutcome::Unknown { message: "the line went dead".into() }
    }

    fn waits(step: Step) -> (RemittanceStatus, Option<i64>) {
        let Step::Wait { status, due_at, .. } = step else { panic!("{step:?}") };
        (status, due_at.map(|at| (at - now()).num_seconds()))
    }

    #[test]
    fn what_is_unknown_is_asked_about_at_five_minutes_at_an_hour_then_daily() {
        for (since, wanted) in [(0, 300), (299, 1), (300, 3_300), (3_600, 86_400), (200_000, 86_400)] {
            let row = row(RemittanceStatus::Unknown, 1, Duration::seconds(since));
            assert_eq!(waits(judge(&row, unknown(), true, now())), (RemittanceStatus::Unknown, Some(wanted)), "after {since} s");
        }
        let row = row(RemittanceStatus::Sent, 1, Duration::zero());
        assert_eq!(waits(judge(&row, unknown(), false, now())), (RemittanceStatus::Unknown, None), "left to an operator");
    }

    #[test]
    fn people_decide_what_the_provider_took_three_days_ago_and_did_not_answer_for() {
        use RemittanceStatus::{Confirmed, Manual, Queued, Rejected, Sent, Unknown};
        let of = |status| decidable(&row(status, 1, Duration::days(1)));
        assert_eq!([Manual, Unknown].map(of), [Decidable::Now; 2]);
        assert_eq!(of(Sent), Decidable::From(now() + Duration::days(2)));
        assert_eq!([Queued, Confirmed, Rejected].map(of), [Decidable::Never; 3]);
    }

    #[test]
    fn what_the_provider_took_is_asked_about_ever_more_seldom() {
        let pauses: Vec<_> = [1, 2, 3, 6, 7, 18, 19, 1_000]
            .map(|tries| {
                let awaited = PayOutcome::Awaited { after_ms: 0, continuation: json!({}) };
                waits(judge(&row(RemittanceStatus::Sent, tries, Duration::zero()), awaited, true, now())).1.expect("an instant")
            })
            .into();
        assert_eq!(pauses, [5, 10, 20, 160, 300, 300, 3_600, 3_600]);
        let awaited = PayOutcome::Awaited { after_ms: 60_000, continuation: json!({}) };
        assert_eq!(waits(judge(&row(RemittanceStatus::Sent, 1, Duration::zero()), awaited, true, now())).1, Some(60));
    }

    #[test]
    fn a_lost_question_about_what_the_provider_took_does_not_make_it_unknown() {
        let taken = remittance::Model { continuation: Some(json!({"at": 1})), ..row(RemittanceStatus::Sent, 2, Duration::days(2)) };
        let Step::Wait { status, message, continuation, .. } = judge(&taken, unknown(), true, now()) else { panic!("it waits") };
        assert_eq!((status, continuation), (RemittanceStatus::Sent, Some(json!({"at": 1}))));
        assert!(message.is_some_and(|m| m.contains("more than a day ago")));
    }

    #[test]
    fn what_was_not_sent_is_sent_again_ten_times_at_most() {
        let not_sent = || PayOutcome::NotSent { message: "no connection".into(), retry_after_ms: None };
        for (tries, wanted) in [(1, 30), (2, 60), (9, 7_680)] {
            let row = row(RemittanceStatus::Sent, tries, Duration::zero());
            assert_eq!(waits(judge(&row, not_sent(), true, now())), (RemittanceStatus::Queued, Some(wanted)), "{tries}");
        }
        let row = row(RemittanceStatus::Sent, 10, Duration::zero());
        assert_eq!(waits(judge(&row, not_sent(), true, now())), (RemittanceStatus::Unknown, None));
    }
}
