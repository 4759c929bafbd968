//! Money: whole minor units and an ISO 4217 currency, never a float.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A currency code of ISO 4217, three upper-case letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// Why a text is not a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadCurrency;

impl fmt::Display for BadCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a currency is an ISO 4217 code of three capital letters, such as EUR")
    }
}

impl std::error::Error for BadCurrency {}

/// Currencies in use with the number of decimal places of their minor unit and their numeric code,
/// from ISO 4217 (list one); what is not listed here is not taken.
const CURRENCIES: &[(&str, u8, u16)] = &[
    ("AED", 2, 784),
    ("ARS", 2, 32),
    ("AUD", 2, 36),
    ("BDT", 2, 50),
    ("BGN", 2, 975),
    ("BHD", 3, 48),
    ("BRL", 2, 986),
    ("CAD", 2, 124),
    ("CHF", 2, 756),
    ("CLP", 0, 152),
    ("CNY", 2, 156),
    ("COP", 2, 170),
    ("CZK", 2, 203),
    ("DKK", 2, 208),
    ("EGP", 2, 818),
    ("EUR", 2, 978),
    ("GBP", 2, 826),
    ("GHS", 2, 936),
    ("HKD", 2, 344),
    ("HUF", 2, 348),
    ("IDR", 2, 360),
    ("ILS", 2, 376),
    ("INR", 2, 356),
    ("ISK", 0, 352),
    ("JOD", 3, 400),
    ("JPY", 0, 392),
    ("KES", 2, 404),
    ("KRW", 0, 410),
    ("KWD", 3, 414),
    ("LKR", 2, 144),
    ("MAD", 2, 504),
    ("MXN", 2, 484),
    ("MYR", 2, 458),
    ("NGN", 2, 566),
    ("NOK", 2, 578),
    ("NPR", 2, 524),
    ("NZD", 2, 554),
    ("OMR", 3, 512),
    ("PEN", 2, 604),
    ("PHP", 2, 608),
    ("PKR", 2, 586),
    ("PLN", 2, 985),
    ("QAR", 2, 634),
    ("RON", 2, 946),
    ("RSD", 2, 941),
    ("SAR", 2, 682),
    ("SEK", 2, 752),
    ("SGD", 2, 702),
    ("THB", 2, 764),
    ("TND", 3, 788),
    ("TRY", 2, 949),
    ("TWD", 2, 901),
    ("TZS", 2, 834),
    ("UAH", 2, 980),
    ("UGX", 0, 800),
    ("USD", 2, 840),
    ("UYU", 2, 858),
    ("VND", 0, 704),
    ("XAF", 0, 950),
    ("XOF", 0, 952),
    ("ZAR", 2, 710),
    ("ZMW", 2, 967),
];

impl Currency {
    /// No currency, as ISO 4217 writes it. It is not taken where a currency is asked for.
    pub const NONE: Self = Self(*b"XXX");

    /// Decimal places of the minor unit.
    #[must_use]
    pub fn exponent(self) -> u8 {
        self.row().map_or(2, |row| row.1)
    }

    /// The currency with this numeric code, as Green Button feeds state it.
    #[must_use]
    pub fn from_numeric(code: u16) -> Option<Self> {
        CURRENCIES.iter().find(|row| row.2 == code).and_then(|row| row.0.parse().ok())
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    fn row(self) -> Option<&'static (&'static str, u8, u16)> {
        CURRENCIES.iter().find(|row| row.0.as_bytes() == self.0)
    }
}

impl std::str::FromStr for Currency {
    type Err = BadCurrency;
    fn from_str(text: &str) -> Result<Self, BadCurrency> {
        let bytes: [u8; 3] = text.as_bytes().try_into().map_err(|_| BadCurrency)?;
        let currency = Self(bytes);
        currency.row().map(|_| currency).ok_or(BadCurrency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount in minor units of its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units (cents, paise, fils; whole yen).
    pub amount_minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// `amount_minor` of `currency`.
    #[must_use]
    pub const fn new(amount_minor: i64, currency: Currency) -> Self {
        Self { amount_minor, currency }
    }

    /// The plain decimal form without the currency: `-12.30`.
    #[must_use]
    pub fn decimal(self) -> String {
        let places = usize::from(self.currency.exponent());
        let sign = if self.amount_minor < 0 { "-" } else { "" };
        let digits = format!("{:0width$}", self.amount_minor.unsigned_abs(), width = places + 1);
        let (whole, part) = digits.split_at(digits.len() - places);
        if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.decimal())
    }
}

/// Splits `total` by `weights` so that the parts add up exactly: largest remainder, ties to the earliest.
///
/// Weights that are all zero count as equal. An empty list of weights yields no parts.
#[must_use]
pub fn split(total: i64, weights: &[u32]) -> Vec<i64> {
    if weights.is_empty() {
        return Vec::new();
    }
    let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    let (weights, sum): (Vec<i128>, i128) =
        if sum == 0 { (vec![1; weights.len()], weights.len() as i128) } else { (weights.iter().map(|w| i128::from(*w)).collect(), sum) };
    let magnitude = i128::from(total).abs();
    let mut parts: Vec<i128> = weights.iter().map(|w| magnitude * w / sum).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(magnitude * weights[*i] % sum));
    let left = magnitude - parts.iter().sum::<i128>();
    for index in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        parts[index] += 1;
    }
    let sign = if total < 0 { -1 } else { 1 };
    parts.into_iter().map(|p| i64::try_from(sign * p).unwrap_or(i64::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_ties_go_to_the_earliest() {
        assert_eq!(split(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(split(-100, &[1, 1, 1]), [-34, -33, -33]);
        assert_eq!(split(5, &[0, 0]), [3, 2]);
        assert_eq!(split(10, &[1, 3]), [3, 7]);
        assert_eq!(split(7, &[]), Vec::<i64>::new());
        assert_eq!(split(i64::MAX, &[3, 5, 7]).iter().sum::<i64>(), i64::MAX);
    }

    #[test]
    fn the_decimal_form_has_the_currency_s_places() {
        let of = |minor, code: &str| Money::new(minor, code.parse().expect("a currency")).decimal();
        assert_eq!(of(5, "EUR"), "0.05");
        assert_eq!(of(-1230, "EUR"), "-12.30");
        assert_eq!(of(1230, "JPY"), "1230");
        assert_eq!(of(1, "KWD"), "0.001");
        assert!("eur".parse::<Currency>().is_err());
        assert!(Currency::NONE.code().parse::<Currency>().is_err(), "no currency is not one to pay in");
        assert_eq!(Currency::from_numeric(840).map(|c| c.to_string()).as_deref(), Some("USD"));
    }
}
