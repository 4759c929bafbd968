//! The beat: which work is looked for how often, wake-ups aside.

use billow_billing::ports::Wakeup;

/// Every second, in the scheduler's own notation (seconds first).
pub const EVERY_SECOND: &str = "* * * * * *";

/// Each kind of work with its period in seconds; the offsets keep them from falling on the same second.
const RHYTHM: [(Wakeup, u64, u64); 8] = [
    (Wakeup::Fetch, 2, 0),
    (Wakeup::Deliver, 2, 1),
    (Wakeup::Pay, 2, 1),
    (Wakeup::Notices, 5, 1),
    (Wakeup::Documents, 5, 3),
    (Wakeup::Remind, 15, 3),
    (Wakeup::Import, 5, 2),
    (Wakeup::Sweep, 60, 7),
];

/// What is looked for in this second.
pub fn due(second: u64) -> impl Iterator<Item = Wakeup> {
    RHYTHM.into_iter().filter(move |(_, period, offset)| second % period == offset % period).map(|(wakeup, ..)| wakeup)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_round_within_a_minute() {
        for (wakeup, period, _) in RHYTHM {
            let times = (0..60).filter(|second| due(*second).any(|w| w == wakeup)).count() as u64;
            assert_eq!(times, 60 / period, "{wakeup:?}");
        }
    }
}
