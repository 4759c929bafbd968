//! Amounts, dates and days in words, by language: for messages and for documents. Pure.

use billow_entities::{Currency, Money, UtilityType};
use chrono::{DateTime, Datelike, Duration, LocalResult, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// A no-break space, as it stands between a number and its currency.
const NBSP: char = '\u{a0}';
/// A narrow no-break space, as French groups thousands.
const NARROW: char = '\u{202f}';

/// How a language writes numbers and dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locale<'a> {
    language: &'a str,
    region: Option<&'a str>,
}

impl<'a> Locale<'a> {
    /// Reads a BCP 47 tag: the language, and the region where there is one.
    #[must_use]
    pub fn of(tag: &'a str) -> Self {
        let mut parts = tag.split(['-', '_']);
        let language = parts.next().unwrap_or("en");
        // A region has two letters or three digits; scripts and variants are longer.
        let region = parts.find(|p| {
            (p.len() == 2 && p.bytes().all(|b| b.is_ascii_alphabetic())) || (p.len() == 3 && p.bytes().all(|b| b.is_ascii_digit()))
        });
        Self { language, region }
    }

    fn is(&self, language: &str) -> bool {
        self.language.eq_ignore_ascii_case(language)
    }

    fn is_in(&self, region: &str) -> bool {
        self.region.is_some_and(|r| r.eq_ignore_ascii_case(region))
    }

    /// An amount with its currency: `1.234,56 €`, `€1,234.56`, `₹1,23,456.00`.
    #[must_use]
    pub fn money(&self, money: Money) -> String {
        let plain = money.decimal();
        let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let (group, point) = self.separators();
        let whole = grouped(whole, group, if self.is_in("IN") || self.is("hi") { 2 } else { 3 });
        let number = if part.is_empty() { whole } else { format!("{whole}{point}{part}") };
        let symbol = self.symbol(money.currency);
        if !self.symbol_first() {
            return format!("{sign}{number}{NBSP}{symbol}");
        }
        // Letters need a space where a sign does not.
        let space = if symbol.chars().last().is_some_and(char::is_alphabetic) { NBSP.to_string() } else { String::new() };
        format!("{sign}{symbol}{space}{number}")
    }

    fn separators(&self) -> (char, char) {
        match self.language.to_ascii_lowercase().as_str() {
            "de" if self.is_in("CH") || self.is_in("LI") => ('’', '.'),
            "de" | "es" if !self.is_in("MX") => ('.', ','),
            "it" | "nl" | "pt" | "da" | "id" | "tr" | "el" | "ro" | "hr" | "sl" | "sr" | "vi" => ('.', ','),
            "fr" => (NARROW, ','),
            "pl" | "cs" | "sk" | "sv" | "nb" | "nn" | "no" | "fi" | "hu" | "uk" | "ru" | "bg" | "et" | "lv" | "lt" => (NBSP, ','),
            _ => (',', '.'),
        }
    }

    fn symbol_first(&self) -> bool {
        let (_, point) = self.separators();
        point == '.' || self.is("nl") || self.is("tr") || self.is("id") || (self.is("pt") && self.is_in("BR"))
    }

    fn symbol(&self, currency: Currency) -> String {
        let symbol = match currency.code() {
            "EUR" => "€",
            "GBP" => "£",
            "USD" if self.region.is_none() || self.is_in("US") => "$",
            "INR" => "₹",
            "JPY" => "¥",
            "KRW" => "₩",
            "NGN" => "₦",
            "PHP" => "₱",
            "VND" => "₫",
            "ILS" => "₪",
            "UAH" => "₴",
            "TRY" => "₺",
            "BRL" => "R$",
            "PLN" => "zł",
            "CZK" => "Kč",
            code => return code.to_owned(),
        };
        symbol.to_owned()
    }

    /// A date with the month in words; ISO 8601 where we do not know the language's months.
    #[must_use]
    pub fn date(&self, date: NaiveDate) -> String {
        const EN: [&str; 12] =
            ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
        const DE: [&str; 12] =
            ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"];
        let (day, month, year) = (date.day(), date.month0() as usize, date.year());
        if self.is("de") {
            format!("{day}. {} {year}", DE[month])
        } else if self.is("en") && self.is_in("US") {
            format!("{} {day}, {year}", EN[month])
        } else if self.is("en") {
            format!("{day} {} {year}", EN[month])
        } else {
            date.to_string()
        }
    }

    /// An instant on somebody's clock, with the zone's short name.
    #[must_use]
    pub fn time(&self, at: DateTime<Utc>, zone: Tz) -> String {
        let local = at.with_timezone(&zone);
        format!("{}, {}", self.date(local.date_naive()), local.format("%H:%M %Z"))
    }

    /// How far a day is away: "in 3 days", "today", "3 days ago".
    #[must_use]
    pub fn days(&self, distance: i64) -> String {
        let far = distance.unsigned_abs();
        if self.is("de") {
            match distance {
                0 => "heute".into(),
                1 => "morgen".into(),
                -1 => "gestern".into(),
                2.. => format!("in {far} Tagen"),
                _ => format!("vor {far} Tagen"),
            }
        } else {
            match distance {
                0 => "today".into(),
                1 => "tomorrow".into(),
                -1 => "yesterday".into(),
                2.. => format!("in {far} days"),
                _ => format!("{far} days ago"),
            }
        }
    }

    /// What a provider supplies.
    #[must_use]
    pub fn utility(&self, utility: UtilityType) -> &'static str {
        let (en, de) = match utility {
            UtilityType::Electricity => ("electricity", "Strom"),
            UtilityType::Gas => ("gas", "Gas"),
            UtilityType::Water => ("water", "Wasser"),
            UtilityType::Mobile => ("mobile", "Mobilfunk"),
            UtilityType::Broadband => ("broadband", "Internet"),
            UtilityType::Insurance => ("insurance", "Versicherung"),
            UtilityType::Heating => ("heating", "Fernwärme"),
            UtilityType::Waste => ("waste", "Abfall"),
            UtilityType::Television => ("television", "Fernsehen"),
            UtilityType::Other => ("utility", "Sonstiges"),
        };
        if self.is("de") { de } else { en }
    }
}

/// Groups digits: the last three, then `size` at a time.
fn grouped(digits: &str, separator: char, size: usize) -> String {
    let count = digits.len();
    let mut out = String::with_capacity(count + count / 2);
    for (at, digit) in digits.chars().enumerate() {
        let left = count - at;
        if at > 0 && (left == 3 || (left > 3 && (left - 3).is_multiple_of(size))) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// The instant at which the clocks of `zone` show `hour` on `date`.
#[must_use]
pub fn instant(zone: Tz, date: NaiveDate, hour: u8) -> DateTime<Utc> {
    for later in 0..4 {
        let time = NaiveTime::from_hms_opt(u32::from(hour), 0, 0).unwrap_or_default();
        let local = date.and_time(time) + Duration::hours(later);
        match zone.from_local_datetime(&local) {
            LocalResult::Single(t) => return t.with_timezone(&Utc),
            LocalResult::Ambiguous(early, _) => return early.with_timezone(&Utc),
            LocalResult::None => {}
        }
    }
    Utc.from_utc_datetime(&date.and_time(NaiveTime::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(tag: &str, minor: i64, currency: &str) -> String {
        Locale::of(tag).money(Money::new(minor, currency.parse().expect("a currency"))).replace(NBSP, " ")
    }

    #[test]
    fn amounts_are_written_as_in_the_language() {
        for (tag, minor, currency, expected) in [
            ("de", 123_456, "EUR", "1.234,56 €"),
            ("de-DE", -5, "EUR", "-0,05 €"),
            ("de-CH", 123_456, "CHF", "CHF 1’234.56"),
            ("en", 123_456, "EUR", "€1,234.56"),
            ("en-US", 123_456_789, "USD", "$1,234,567.89"),
            ("en-GB", 1_230, "USD", "USD 12.30"),
            ("en-GB", -1_230, "GBP", "-£12.30"),
            ("en-IN", 123_456_789, "INR", "₹12,34,567.89"),
            ("en-IN", 99_900, "INR", "₹999.00"),
            ("en", 1_230, "JPY", "¥1,230"),
            ("en", 1, "KWD", "KWD 0.001"),
            ("fr-FR", 123_456, "EUR", "1\u{202f}234,56 €"),
            ("es-MX", 123_456, "MXN", "MXN 1,234.56"),
            ("pl", 123_456, "PLN", "1 234,56 zł"),
            ("tlh", 100, "EUR", "€1.00"),
            ("", 100, "EUR", "€1.00"),
        ] {
            assert_eq!(money(tag, minor, currency), expected, "{tag}");
        }
        assert_eq!(money("de", i64::MIN, "EUR"), "-92.233.720.368.547.758,08 €");
    }

    #[test]
    fn dates_and_days_are_written_as_in_the_language() {
        let date: NaiveDate = "2026-03-01".parse().expect("a date");
        for (tag, expected) in [
            ("en", "1 March 2026"),
            ("en-US", "March 1, 2026"),
            ("de-AT", "1. März 2026"),
            ("fr", "2026-03-01"),
            ("zh-Hant-TW", "2026-03-01"),
        ] {
            assert_eq!(Locale::of(tag).date(date), expected);
        }
        let words = |tag: &'static str| [3, 1, 0, -1, -3].map(|d| Locale::of(tag).days(d));
        assert_eq!(words("en"), ["in 3 days", "tomorrow", "today", "yesterday", "3 days ago"]);
        assert_eq!(words("de"), ["in 3 Tagen", "morgen", "heute", "gestern", "vor 3 Tagen"]);
        let at: DateTime<Utc> = "2026-07-01T22:30:00Z".parse().expect("an instant");
        assert_eq!(Locale::of("de").time(at, Tz::Europe__Berlin), "2. Juli 2026, 00:30 CEST");
    }
}
