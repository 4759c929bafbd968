//! Amounts, and how people write them.

use async_graphql::{Context, Object};
use billow_entities::Currency;

use crate::caller::Caller;
use crate::scalars::{BigInt, CurrencyCode, Decimal};

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Money(pub billow_entities::Money);

impl Money {
    /// An amount in a stored currency.
    pub(crate) fn stored(amount_minor: i64, currency: &str) -> Self {
        // What is stored was a currency when it was stored, and the list only grows; should it ever not be one, the amount
        // is told without a currency and never under another one's name.
        Self(billow_entities::Money::new(amount_minor, currency.parse().unwrap_or(Currency::NONE)))
    }
}

/// An amount of money: whole minor units and a currency, never a float.
#[Object(serial)]
impl Money {
    /// In minor units: cents, paise, whole yen.
    async fn amount_minor(&self) -> BigInt {
        BigInt(self.0.amount_minor)
    }

    /// The currency.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.0.currency.code().to_owned())
    }

    /// In major units, without the currency.
    async fn decimal(&self) -> Decimal {
        Decimal(self.0.decimal())
    }

    /// As whoever asks writes it: by their own language, else by the one their program asks for.
    async fn formatted(&self, ctx: &Context<'_>) -> String {
        let caller: &Caller = ctx.data_unchecked();
        let locale = caller.identity.locale.as_deref().or(caller.language.as_deref()).unwrap_or("en");
        format(self.0, locale)
    }
}

/// How a language writes amounts.
struct Style {
    group: &'static str,
    point: &'static str,
    /// Whether the sign of the currency comes after the number.
    after: bool,
    /// Between the number and a sign before it.
    gap: bool,
}

fn style(locale: &str) -> Style {
    let language = locale.split('-').next().unwrap_or_default();
    match (language, locale) {
        (_, "de-CH" | "fr-CH" | "it-CH") => Style { group: "’", point: ".", after: false, gap: true },
        (_, "de-AT") => Style { group: ".", point: ",", after: false, gap: true },
        (_, "es-MX" | "es-US" | "es-419") => Style { group: ",", point: ".", after: false, gap: false },
        ("nl", _) | (_, "pt-BR") => Style { group: ".", point: ",", after: false, gap: true },
        ("de" | "es" | "it" | "pt" | "da" | "el" | "hr" | "ro" | "sl" | "sr" | "vi" | "id" | "ca" | "tr", _) => {
            Style { group: ".", point: ",", after: true, gap: true }
        }
        ("fr" | "pl" | "cs" | "sk" | "ru" | "uk" | "bg" | "fi" | "sv" | "nb" | "no" | "hu" | "et" | "lt" | "lv", _) => {
            Style { group: "\u{202f}", point: ",", after: true, gap: true }
        }
        _ => Style { group: ",", point: ".", after: false, gap: false },
    }
}

fn sign(currency: Currency) -> Option<&'static str> {
    Some(match currency.code() {
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        "INR" => "₹",
        "JPY" | "CNY" => "¥",
        "KRW" => "₩",
        "NGN" => "₦",
        "PHP" => "₱",
        "UAH" => "₴",
        "VND" => "₫",
        "ILS" => "₪",
        "TRY" => "₺",
        _ => return None,
    })
}

fn format(money: billow_entities::Money, locale: &str) -> String {
    let style = style(locale);
    let decimal = money.decimal();
    let (minus, digits) = decimal.strip_prefix('-').map_or(("", decimal.as_str()), |rest| ("-", rest));
    let (whole, part) = digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
    // India groups by two after the first thousand.
    let lakh = locale.ends_with("-IN") || locale.starts_with("hi");
    let mut number = String::with_capacity(digits.len() + 8);
    for (at, digit) in whole.chars().enumerate() {
        let left = whole.len() - at;
        let breaks = if lakh { left == 3 || (left > 3 && left % 2 == 1) } else { left % 3 == 0 };
        if at > 0 && breaks {
            number.push_str(style.group);
        }
        number.push(digit);
    }
    if let Some(part) = part {
        number.push_str(style.point);
        number.push_str(part);
    }
    match sign(money.currency) {
        Some(sign) if style.after => format!("{minus}{number}\u{a0}{sign}"),
        Some(sign) if style.gap => format!("{minus}{sign}\u{a0}{number}"),
        Some(sign) => format!("{minus}{sign}{number}"),
        None if style.after => format!("{minus}{number}\u{a0}{}", money.currency),
        None => format!("{minus}{}\u{a0}{number}", money.currency),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_people_do() {
        for (minor, currency, locale, text) in [
            (123_456_789, "EUR", "de-DE", "1.234.567,89\u{a0}€"),
            (123_456_789, "EUR", "en-GB", "€1,234,567.89"),
            (-5, "EUR", "fr-FR", "-0,05\u{a0}€"),
            (123_456, "EUR", "nl", "€\u{a0}1.234,56"),
            (123_456, "CHF", "de-CH", "CHF\u{a0}1’234.56"),
            (1_234_567_890, "INR", "en-IN", "₹1,23,45,678.90"),
            (1_234, "JPY", "ja", "¥1,234"),
            (1_234, "KWD", "en", "KWD\u{a0}1.234"),
            (100_000, "SEK", "sv-SE", "1\u{202f}000,00\u{a0}SEK"),
        ] {
            let money = billow_entities::Money::new(minor, currency.parse().expect("a currency"));
            assert_eq!(format(money, locale), text);
        }
    }
}
