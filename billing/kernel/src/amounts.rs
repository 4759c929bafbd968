//! Amounts as providers state them.

use billow_entities::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An amount as a provider states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FetchedAmount {
    /// Whole minor units.
    Minor {
        /// Cents, paise, fils.
        minor: i64,
    },
    /// A decimal as text, in major units.
    Decimal(String),
}

/// Characters an amount or a quantity may have.
const MAX_DECIMAL: usize = 40;

/// An amount in minor units, exactly.
///
/// # Errors
/// A code, and a phrase that follows the field's name, such as `is not a decimal number`.
pub fn minor_units(amount: &FetchedAmount, currency: Currency) -> Result<i64, (&'static str, String)> {
    let text = match amount {
        FetchedAmount::Minor { minor } => return Ok(*minor),
        FetchedAmount::Decimal(text) => text.trim(),
    };
    let not_a_number = || ("NOT_A_NUMBER", format!("“{}” is not a decimal number such as 12.30", shortened(text)));
    let decimal = decimal(text).ok_or_else(not_a_number)?;
    let places = u32::from(currency.exponent());
    let scaled = Decimal::from(10_i64.pow(places)).checked_mul(decimal).ok_or_else(not_a_number)?.normalize();
    if scaled.scale() > 0 {
        return Err(("TOO_PRECISE", format!("{} has more than the {places} decimal places of {currency}", shortened(text))));
    }
    i64::try_from(scaled.mantissa()).map_err(|_| not_a_number())
}

/// A plain decimal number: digits, at most one point, perhaps a sign; no separators of thousands, no exponent.
pub fn decimal(text: &str) -> Option<Decimal> {
    let plain = text.len() <= MAX_DECIMAL
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().enumerate().all(|(at, b)| b.is_ascii_digit() || b == b'.' || (at == 0 && (b == b'-' || b == b'+')));
    if plain { Decimal::from_str_exact(text).ok() } else { None }
}

/// Text that should have been a number, cut to be quoted in an error.
pub fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(41).collect();
    if shown.chars().count() > 40 {
        shown.pop();
        shown.push('…');
    }
    shown
}
