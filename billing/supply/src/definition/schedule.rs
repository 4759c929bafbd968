//! When a provider's bills are looked for. Pure: the time is an argument.

use billow_kernel::locale::instant;
use chrono::{DateTime, Datelike, Days, Duration, Months, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A provider's own rhythm, in the provider's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Which days.
    pub every: Every,
    /// From which hour of the day on, 0 to 23.
    #[serde(default = "six")]
    pub hour: u8,
    /// Accounts are spread over so many minutes from then on, 0 to 1,440.
    #[serde(default)]
    pub spread_minutes: u16,
    /// When nothing was due yet: look again every so many hours, 1 to 168…
    #[serde(default = "day_hours")]
    pub look_again_hours: u16,
    /// …for so many days after the slot, 0 to 28.
    #[serde(default = "five")]
    pub grace_days: u8,
}

const fn six() -> u8 {
    6
}
const fn day_hours() -> u16 {
    24
}
const fn five() -> u8 {
    5
}

/// Which days a schedule names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum Every {
    /// A day of each month, 1 to 31; the last day where the month is shorter.
    Month {
        /// 1 to 31.
        day: u8,
    },
    /// Every so many days, 1 to 366, counted from 1 January 1970.
    Days {
        /// 1 to 366.
        days: u16,
    },
    /// A day of the week, 1 (Monday) to 7.
    Week {
        /// 1 to 7.
        weekday: u8,
    },
    /// A cron expression of five fields; `hour` does not count then.
    Cron {
        /// Minute, hour, day, month, weekday.
        expression: String,
    },
}

impl Schedule {
    /// What is wrong with it, as (field, message).
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        let mut within = |field, value: u32, low: u32, high: u32| {
            if !(low..=high).contains(&value) {
                out.push((field, format!("must be from {low} to {high}, not {value}")));
            }
        };
        within("hour", self.hour.into(), 0, 23);
        within("spread_minutes", self.spread_minutes.into(), 0, 1440);
        within("look_again_hours", self.look_again_hours.into(), 1, 168);
        within("grace_days", self.grace_days.into(), 0, 28);
        match &self.every {
            Every::Month { day } => within("every.day", (*day).into(), 1, 31),
            Every::Days { days } => within("every.days", (*days).into(), 1, 366),
            Every::Week { weekday } => within("every.weekday", (*weekday).into(), 1, 7),
            Every::Cron { expression } => match parse_cron(expression) {
                Ok(cron) => {
                    if cron.find_next_occurrence(&DateTime::<Utc>::UNIX_EPOCH, false).is_err() {
                        out.push(("every.expression", "never comes round".into()));
                    }
                }
                Err(problem) => out.push(("every.expression", problem)),
            },
        }
        out
    }

    /// The first slot after `after`: the instant from which bills of that round are looked for.
    ///
    /// An hour that daylight saving skips counts as the first one after the gap, an hour that comes twice as the earlier.
    #[must_use]
    pub fn next_slot(&self, zone: Tz, after: DateTime<Utc>) -> DateTime<Utc> {
        let today = after.with_timezone(&zone).date_naive();
        let at = |date: NaiveDate| instant(zone, date, self.hour);
        let first_after = |dates: &mut dyn Iterator<Item = NaiveDate>| dates.map(at).find(|slot| *slot > after);
        let found = match &self.every {
            Every::Month { day } => {
                let first = today.with_day(1).unwrap_or(today);
                first_after(&mut (0..3).filter_map(|n| first.checked_add_months(Months::new(n))).map(|m| clamp_day(m, *day)))
            }
            Every::Days { days } => {
                let step = i64::from((*days).max(1));
                let since_epoch = today.signed_duration_since(NaiveDate::default()).num_days();
                let start = since_epoch.div_euclid(step) * step;
                first_after(&mut (0..3).filter_map(|n| NaiveDate::default().checked_add_signed(Duration::days(start + n * step))))
            }
            Every::Week { weekday } => {
                let wanted = Weekday::try_from(weekday.saturating_sub(1)).unwrap_or(Weekday::Mon);
                first_after(&mut (0..15).filter_map(|n| today.checked_add_days(Days::new(n))).filter(|d| d.weekday() == wanted))
            }
            Every::Cron { expression } => parse_cron(expression)
                .ok()
                .and_then(|cron| cron.find_next_occurrence(&after.with_timezone(&zone), false).ok())
                .map(|t| t.with_timezone(&Utc)),
        };
        // A schedule is checked before it is stored; one that cannot be read is looked at again in a day.
        found.unwrap_or(after + Duration::days(1))
    }

    /// The slot of one account: spread evenly, and always the same for the same account.
    #[must_use]
    pub fn spread(&self, slot: DateTime<Utc>, account_bits: u128) -> DateTime<Utc> {
        let window_s = i64::from(self.spread_minutes) * 60;
        if window_s == 0 {
            return slot;
        }
        // The low bits of a UUIDv7 are random.
        slot + Duration::seconds((account_bits as u32 as i64) % window_s)
    }

    /// When to look again after "nothing due": inside the grace window of `slot`, else at the next slot.
    #[must_use]
    pub fn after_none_due(&self, zone: Tz, slot: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        let again = now + Duration::hours(self.look_again_hours.into());
        if again <= slot + Duration::days(self.grace_days.into()) { again } else { self.next_slot(zone, now) }
    }
}

/// `day` of the month of `month`, or its last day.
#[must_use]
pub fn clamp_day(month: NaiveDate, day: u8) -> NaiveDate {
    (1..=u32::from(day)).rev().find_map(|d| month.with_day(d)).unwrap_or(month)
}

fn parse_cron(expression: &str) -> Result<croner::Cron, String> {
    if expression.split_whitespace().count() != 5 {
        return Err("must have five fields: minute, hour, day of month, month, day of week".into());
    }
    expression.parse::<croner::Cron>().map_err(|e| format!("is not a cron expression: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn schedule(every: Every) -> Schedule {
        Schedule { every, hour: 6, spread_minutes: 0, look_again_hours: 24, grace_days: 5 }
    }

    #[test]
    fn a_day_of_the_month_is_clamped_anew_each_month() {
        let s = schedule(Every::Month { day: 31 });
        let mut at = utc("2027-01-15T00:00:00Z");
        let mut days = Vec::new();
        for _ in 0..5 {
            at = s.next_slot(Tz::UTC, at);
            days.push(at.date_naive().to_string());
        }
        assert_eq!(days, ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]);
    }

    #[test]
    fn the_hour_is_the_provider_s() {
        let s = schedule(Every::Month { day: 10 });
        assert_eq!(s.next_slot(Tz::Asia__Kolkata, utc("2026-11-10T00:29:59Z")), utc("2026-11-10T00:30:00Z"));
        assert_eq!(s.next_slot(Tz::Asia__Kolkata, utc("2026-11-10T00:30:00Z")), utc("2026-12-10T00:30:00Z"));
    }

    #[test]
    fn an_hour_that_daylight_saving_skips_is_the_next_one() {
        let mut s = schedule(Every::Month { day: 29 });
        s.hour = 2;
        assert_eq!(s.next_slot(Tz::Europe__Berlin, utc("2026-03-20T00:00:00Z")), utc("2026-03-29T01:00:00Z"));
        s.every = Every::Month { day: 25 };
        assert_eq!(s.next_slot(Tz::Europe__Berlin, utc("2026-10-20T00:00:00Z")), utc("2026-10-25T00:00:00Z"));
    }

    #[test]
    fn weeks_days_and_cron() {
        let after = utc("2026-11-21T09:00:00Z"); // a Saturday
        assert_eq!(schedule(Every::Week { weekday: 1 }).next_slot(Tz::UTC, after), utc("2026-11-23T06:00:00Z"));
        assert_eq!(schedule(Every::Week { weekday: 6 }).next_slot(Tz::UTC, after), utc("2026-11-28T06:00:00Z"));
        let s = schedule(Every::Days { days: 10 });
        let first = s.next_slot(Tz::UTC, after);
        assert_eq!(s.next_slot(Tz::UTC, first) - first, Duration::days(10));
        let cron = schedule(Every::Cron { expression: "30 7 15 * *".into() });
        assert_eq!(cron.next_slot(Tz::UTC, after), utc("2026-12-15T07:30:00Z"));
    }

    #[test]
    fn impossible_schedules_are_named() {
        for (every, field) in [
            (Every::Month { day: 0 }, "every.day"),
            (Every::Month { day: 32 }, "every.day"),
            (Every::Days { days: 0 }, "every.days"),
            (Every::Week { weekday: 8 }, "every.weekday"),
            (Every::Cron { expression: "* * *".into() }, "every.expression"),
            (Every::Cron { expression: "0 0 31 2 *".into() }, "every.expression"),
        ] {
            let problems = schedule(every).problems();
            assert_eq!(problems.iter().map(|p| p.0).collect::<Vec<_>>(), [field]);
        }
    }

    #[test]
    fn nothing_due_is_looked_at_again_inside_the_grace_window() {
        let s = schedule(Every::Month { day: 10 });
        let slot = utc("2026-11-10T06:00:00Z");
        assert_eq!(s.after_none_due(Tz::UTC, slot, utc("2026-11-10T06:01:00Z")), utc("2026-11-11T06:01:00Z"));
        assert_eq!(s.after_none_due(Tz::UTC, slot, utc("2026-11-15T05:00:00Z")), utc("2026-12-10T06:00:00Z"));
    }

    #[test]
    fn accounts_are_spread_and_stay_put() {
        let mut s = schedule(Every::Month { day: 10 });
        s.spread_minutes = 60;
        let slot = utc("2026-11-10T06:00:00Z");
        let spread: Vec<_> = (0..1000u128).map(|n| s.spread(slot, n * 7919)).collect();
        assert!(spread.iter().all(|t| *t >= slot && *t < slot + Duration::hours(1)));
        assert_eq!(s.spread(slot, 42), s.spread(slot, 42));
    }
}
