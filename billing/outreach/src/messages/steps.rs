//! When reminders and deferred messages are due. Pure: the time is an argument.

use billow_kernel::locale::instant;
use chrono::{DateTime, Days, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;

use super::preferences::QuietHours;

/// A reminder to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Days before (negative) or after the anchor.
    pub days: i32,
    /// When it is due.
    pub at: DateTime<Utc>,
}

/// When and where reminders of one customer come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm<'a> {
    /// Days before (negative) or after the anchor, in any order.
    pub steps: &'a [i32],
    /// The hour of the day, 0 to 23.
    pub hour: u8,
    /// The customer's time zone.
    pub zone: Tz,
}

impl Rhythm<'_> {
    /// The first step after `after`. What lies before it is never caught up: whoever learns of a bill today is not
    /// reminded of last week.
    #[must_use]
    pub fn first_after(&self, anchor: NaiveDate, after: DateTime<Utc>) -> Option<Step> {
        self.all(anchor).filter(|step| step.at > after).min_by_key(|step| step.days)
    }

    /// The latest step until `now`, not before the step that was waited for: after a pause only the newest one counts.
    #[must_use]
    pub fn latest_until(&self, anchor: NaiveDate, waited_for: i32, now: DateTime<Utc>) -> Option<Step> {
        self.all(anchor).filter(|step| step.at <= now && step.days >= waited_for).max_by_key(|step| step.days)
    }

    fn all(&self, anchor: NaiveDate) -> impl Iterator<Item = Step> {
        self.steps.iter().filter_map(move |days| {
            let date = shift(anchor, *days)?;
            Some(Step { days: *days, at: instant(self.zone, date, self.hour) })
        })
    }
}

fn shift(date: NaiveDate, days: i32) -> Option<NaiveDate> {
    let distance = Days::new(u64::from(days.unsigned_abs()));
    if days < 0 { date.checked_sub_days(distance) } else { date.checked_add_days(distance) }
}

/// A customer's time zone; the world's clock where the name is unknown.
#[must_use]
pub fn zone_of(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

/// When the quiet hours end in which `now` lies; none when it lies outside.
#[must_use]
pub fn quiet_until(quiet: QuietHours, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let local = now.with_timezone(&zone);
    let hour = u8::try_from(local.hour()).unwrap_or(0);
    let over_midnight = quiet.start > quiet.end;
    let within = if over_midnight { hour >= quiet.start || hour < quiet.end } else { (quiet.start..quiet.end).contains(&hour) };
    if !within {
        return None;
    }
    let today = local.date_naive();
    let date = if over_midnight && hour >= quiet.start { today.checked_add_days(Days::new(1)).unwrap_or(today) } else { today };
    Some(instant(zone, date, quiet.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: &[i32] = &[-7, -3, -1, 0, 1, 3];

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn rhythm(zone: Tz) -> Rhythm<'static> {
        Rhythm { steps: USUAL, hour: 9, zone }
    }

    #[test]
    fn steps_come_in_order_at_the_customer_s_hour() {
        let berlin = rhythm(Tz::Europe__Berlin);
        let mut at = utc("2026-10-01T00:00:00Z");
        let mut seen = Vec::new();
        while let Some(step) = berlin.first_after(day("2026-10-26"), at) {
            seen.push(format!("{} {}", step.days, step.at.format("%m-%dT%H:%M")));
            at = step.at;
        }
        // Summer time ends on 25 October: nine o'clock stays nine o'clock.
        assert_eq!(seen, ["-7 10-19T07:00", "-3 10-23T07:00", "-1 10-25T08:00", "0 10-26T08:00", "1 10-27T08:00", "3 10-29T08:00"]);
    }

    #[test]
    fn the_same_date_is_another_instant_elsewhere() {
        let before = utc("2026-11-01T00:00:00Z");
        for (zone, expected) in [
            (Tz::Asia__Kolkata, "2026-11-13T03:30:00Z"),
            (Tz::America__New_York, "2026-11-13T14:00:00Z"),
            (Tz::Pacific__Kiritimati, "2026-11-12T19:00:00Z"),
            (Tz::Pacific__Pago_Pago, "2026-11-13T20:00:00Z"),
        ] {
            let step = rhythm(zone).first_after(day("2026-11-20"), before).expect("a step");
            assert_eq!((step.days, step.at), (-7, utc(expected)), "{zone}");
        }
    }

    #[test]
    fn an_hour_that_the_clocks_skip_is_the_one_after_it() {
        let early = Rhythm { steps: &[0], hour: 2, zone: Tz::Europe__Berlin };
        let step = early.first_after(day("2027-03-28"), utc("2027-03-01T00:00:00Z")).expect("a step");
        assert_eq!(step.at, utc("2027-03-28T01:00:00Z"));
    }

    #[test]
    fn steps_that_are_over_are_skipped() {
        let zone = rhythm(Tz::UTC);
        let due = day("2026-11-21");
        let first = |now: &str| zone.first_after(due, utc(now)).map(|step| step.days);
        assert_eq!(first("2026-11-20T08:59:59Z"), Some(-1));
        assert_eq!(first("2026-11-20T09:00:00Z"), Some(0));
        assert_eq!(first("2026-11-21T10:00:00Z"), Some(1));
        assert_eq!(first("2026-11-24T09:00:00Z"), None);
    }

    #[test]
    fn after_a_pause_only_the_newest_step_counts() {
        let zone = rhythm(Tz::UTC);
        let due = day("2026-11-21");
        let latest = |waited_for: i32, now: &str| zone.latest_until(due, waited_for, utc(now)).map(|step| step.days);
        assert_eq!(latest(-7, "2026-11-14T09:00:00Z"), Some(-7));
        assert_eq!(latest(-7, "2026-11-20T12:00:00Z"), Some(-1));
        assert_eq!(latest(-7, "2026-12-24T09:00:00Z"), Some(3));
        assert_eq!(latest(-3, "2026-11-14T09:00:00Z"), None, "a step before the one waited for is never told");
    }

    #[test]
    fn quiet_hours_end_where_the_customer_is() {
        let night = QuietHours { start: 22, end: 7 };
        let until = |now: &str| quiet_until(night, Tz::Europe__Berlin, utc(now));
        assert_eq!(until("2026-11-21T20:59:00Z"), None);
        assert_eq!(until("2026-11-21T21:00:00Z"), Some(utc("2026-11-22T06:00:00Z")));
        assert_eq!(until("2026-11-22T05:59:59Z"), Some(utc("2026-11-22T06:00:00Z")));
        assert_eq!(until("2026-11-22T06:00:00Z"), None);
        assert_eq!(until("2026-10-24T22:00:00Z"), Some(utc("2026-10-25T06:00:00Z")), "the night summer time ends");
        let noon = QuietHours { start: 12, end: 14 };
        assert_eq!(quiet_until(noon, Tz::UTC, utc("2026-11-21T13:10:00Z")), Some(utc("2026-11-21T14:00:00Z")));
        assert_eq!(quiet_until(noon, Tz::UTC, utc("2026-11-21T14:00:00Z")), None);
    }
}
