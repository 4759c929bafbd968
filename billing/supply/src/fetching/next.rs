//! When an account is looked at again, and what of its round goes on. Pure: the time is an argument.

use billow_kernel::due::Backoff;
use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use crate::connector::FetchOutcome;
use crate::definition::schedule::Schedule;

/// Polls and failed tries in one round before a pending answer is given up.
const MAX_POLLS: i32 = 60;
/// The shortest and the longest wait between two polls.
const POLL_MS: std::ops::RangeInclusive<u64> = 250..=3_600_000;
/// Waits after faults in a row; the last one repeats.
const WAITS: Backoff = Backoff::seconds(&[30, 120, 600, 3_600, 3 * 3_600, 6 * 3_600]);
/// The longest wait a provider may ask for.
const MAX_RETRY_AFTER_MS: u64 = 24 * 3_600_000;
/// Rounds that may have been missed; more are skipped.
const MAX_ROUNDS: usize = 1_000;

/// Where an account stands in its schedule.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Round {
    /// When it is due; unset when it is not fetched any more.
    pub(super) next_fetch_at: Option<DateTime<Utc>>,
    /// The scheduled instant it is fetched for.
    pub(super) slot: Option<DateTime<Utc>>,
    /// Fetches for this slot that did not settle it.
    pub(super) attempts: i32,
    /// For the next poll.
    pub(super) continuation: Option<Value>,
    /// Whether the provider has kept us waiting too long.
    pub(super) gave_up: bool,
}

/// A provider's rhythm for one account.
#[derive(Clone, Copy)]
pub(super) struct Rhythm<'a> {
    pub(super) schedule: &'a Schedule,
    pub(super) zone: Tz,
    /// Tells the account from others, so that they are spread.
    pub(super) account_bits: u128,
}

impl Rhythm<'_> {
    fn fresh(self, now: DateTime<Utc>) -> Round {
        let slot = self.schedule.spread(self.schedule.next_slot(self.zone, now), self.account_bits);
        Round { next_fetch_at: Some(slot), slot: Some(slot), attempts: 0, continuation: None, gave_up: false }
    }

    /// The round the account is in: `slot`, or a later one that has begun meanwhile.
    fn current(self, slot: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        let mut current = slot;
        for _ in 0..MAX_ROUNDS {
            let next = self.schedule.spread(self.schedule.next_slot(self.zone, current), self.account_bits);
            if next > now || next <= current {
                break;
            }
            current = next;
        }
        current
    }

    /// What follows `outcome`, which came after `attempts` others for `slot`. Answers that were refused in part or whole
    /// count as faults.
    pub(super) fn after(
        self,
        outcome: &FetchOutcome,
        refused: bool,
        slot: DateTime<Utc>,
        attempts: i32,
        continuation: Option<Value>,
        now: DateTime<Utc>,
    ) -> Round {
        match outcome {
            FetchOutcome::Bills(_) if !refused => self.fresh(now),
            FetchOutcome::NoneDue => {
                // Somebody asked ahead of the schedule, which stays as it was.
                if slot > now {
                    return Round { next_fetch_at: Some(slot), slot: Some(slot), attempts: 0, continuation: None, gave_up: false };
                }
                let slot = self.current(slot, now);
                let again = self.schedule.after_none_due(self.zone, slot, now);
                if again >= self.schedule.next_slot(self.zone, now) {
                    return self.fresh(now);
                }
                Round { next_fetch_at: Some(again), slot: Some(slot), attempts: 0, continuation: None, gave_up: false }
            }
            FetchOutcome::NotFound { .. } => Round { next_fetch_at: None, slot: None, attempts: 0, continuation: None, gave_up: false },
            FetchOutcome::NeedsCustomer { .. } => self.fresh(now),
            FetchOutcome::Pending { after_ms, continuation } if attempts < MAX_POLLS => Round {
                next_fetch_at: Some(now + ms((*after_ms).clamp(*POLL_MS.start(), *POLL_MS.end()))),
                slot: Some(slot),
                attempts: attempts + 1,
                continuation: Some(continuation.clone()),
                gave_up: false,
            },
            FetchOutcome::Retryable { retry_after_ms, .. } => {
                let asked = ms(retry_after_ms.unwrap_or(0).min(MAX_RETRY_AFTER_MS));
                let wait = WAITS.wait(attempts + 1).max(asked);
                // A poll that failed in passing goes on where it was.
                let (slot, attempts) = (Some(slot), attempts + 1);
                Round { next_fetch_at: Some(now + wait), slot, attempts, continuation, gave_up: false }
            }
            FetchOutcome::Bills(_) | FetchOutcome::Broken { .. } | FetchOutcome::Pending { .. } => Round {
                next_fetch_at: Some(now + WAITS.wait(attempts + 1)),
                slot: Some(slot),
                attempts: attempts + 1,
                continuation: None,
                gave_up: matches!(outcome, FetchOutcome::Pending { .. }),
            },
        }
    }
}

fn ms(ms: u64) -> Duration {
    Duration::milliseconds(i64::try_from(ms).unwrap_or(i64::MAX / 2))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::definition::schedule::Every;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn monthly() -> Schedule {
        Schedule { every: Every::Month { day: 10 }, hour: 6, spread_minutes: 60, look_again_hours: 24, grace_days: 5 }
    }

    /// The account's minute is the 10th after the hour.
    fn after(outcome: &FetchOutcome, refused: bool, slot: &str, attempts: i32, now: &str) -> Round {
        let schedule = monthly();
        let rhythm = Rhythm { schedule: &schedule, zone: Tz::UTC, account_bits: 600 };
        rhythm.after(outcome, refused, at(slot), attempts, Some(json!("kept")), at(now))
    }

    const SLOT: &str = "2026-11-10T06:10:00Z";

    #[test]
    fn bills_settle_the_round() {
        let round = after(&FetchOutcome::Bills(vec![]), false, SLOT, 3, "2026-11-10T06:11:00Z");
        let next = Some(at("2026-12-10T06:10:00Z"));
        assert_eq!(round, Round { next_fetch_at: next, slot: next, attempts: 0, continuation: None, gave_up: false });
        // Asked for ahead of the schedule, the schedule goes on.
        let early = after(&FetchOutcome::Bills(vec![]), false, SLOT, 0, "2026-11-01T00:00:00Z");
        assert_eq!(early.next_fetch_at, Some(at(SLOT)));
    }

    #[test]
    fn nothing_due_is_looked_at_again_within_the_grace() {
        let round = after(&FetchOutcome::NoneDue, false, SLOT, 2, "2026-11-10T06:11:00Z");
        assert_eq!((round.next_fetch_at, round.slot, round.attempts), (Some(at("2026-11-11T06:11:00Z")), Some(at(SLOT)), 0));
        let over = after(&FetchOutcome::NoneDue, false, SLOT, 0, "2026-11-15T06:10:00Z");
        assert_eq!(over.next_fetch_at, Some(at("2026-12-10T06:10:00Z")));
        let early = after(&FetchOutcome::NoneDue, false, SLOT, 0, "2026-11-01T00:00:00Z");
        assert_eq!((early.next_fetch_at, early.slot), (Some(at(SLOT)), Some(at(SLOT))));
    }

    #[test]
    fn a_round_that_began_during_an_outage_is_not_missed() {
        let round = after(&FetchOutcome::NoneDue, false, "2026-09-10T06:10:00Z", 9, "2026-11-10T09:00:00Z");
        assert_eq!((round.next_fetch_at, round.slot), (Some(at("2026-11-11T09:00:00Z")), Some(at(SLOT))));
    }

    #[test]
    fn polls_are_bounded() {
        let pending = |after_ms| FetchOutcome::Pending { after_ms, continuation: json!({"ref": 1}) };
        let round = after(&pending(2_000), false, SLOT, 0, SLOT);
        assert_eq!(round.next_fetch_at, Some(at("2026-11-10T06:10:02Z")));
        assert_eq!((round.attempts, round.continuation, round.gave_up), (1, Some(json!({"ref": 1})), false));
        assert_eq!(after(&pending(0), false, SLOT, 0, SLOT).next_fetch_at, Some(at("2026-11-10T06:10:00.250Z")));
        assert_eq!(after(&pending(u64::MAX), false, SLOT, 0, SLOT).next_fetch_at, Some(at("2026-11-10T07:10:00Z")));
        let spent = after(&pending(2_000), false, SLOT, MAX_POLLS, SLOT);
        assert_eq!((spent.gave_up, spent.continuation, spent.next_fetch_at), (true, None, Some(at("2026-11-10T12:10:00Z"))));
    }

    #[test]
    fn faults_are_waited_out_ever_longer() {
        let fault = |retry_after_ms| FetchOutcome::Retryable { message: String::new(), retry_after_ms };
        for (attempts, next) in
            [(0, "06:10:30"), (1, "06:12:00"), (2, "06:20:00"), (3, "07:10:00"), (4, "09:10:00"), (5, "12:10:00"), (99, "12:10:00")]
        {
            let round = after(&fault(None), false, SLOT, attempts, SLOT);
            assert_eq!(round.next_fetch_at, Some(at(&format!("2026-11-10T{next}Z"))), "after {attempts}");
            assert_eq!((round.attempts, round.continuation), (attempts + 1, Some(json!("kept"))));
        }
        assert_eq!(after(&fault(Some(90_000)), false, SLOT, 0, SLOT).next_fetch_at, Some(at("2026-11-10T06:11:30Z")));
        assert_eq!(after(&fault(Some(u64::MAX)), false, SLOT, 0, SLOT).next_fetch_at, Some(at("2026-11-11T06:10:00Z")));
        let broken = after(&FetchOutcome::Broken { message: String::new() }, false, SLOT, 1, SLOT);
        assert_eq!((broken.next_fetch_at, broken.continuation), (Some(at("2026-11-10T06:12:00Z")), None));
        assert_eq!(after(&FetchOutcome::Bills(vec![]), true, SLOT, 0, SLOT).next_fetch_at, Some(at("2026-11-10T06:10:30Z")));
    }

    #[test]
    fn what_the_customer_must_mend_waits_for_the_customer() {
        let message = String::new();
        let gone = after(&FetchOutcome::NotFound { message: message.clone() }, false, SLOT, 0, SLOT);
        assert_eq!((gone.next_fetch_at, gone.slot), (None, None));
        let needs = after(&FetchOutcome::NeedsCustomer { message }, false, SLOT, 0, "2026-11-10T06:11:00Z");
        assert_eq!(needs.next_fetch_at, Some(at("2026-12-10T06:10:00Z")));
    }
}
