//! Inputs that what is asked and what is changed have in common.

use billow_entities::Currency;

use crate::scalars::CurrencyCode;

/// The currency in a field of an input.
///
/// # Errors
/// `UNKNOWN_CURRENCY` at that field.
pub(crate) fn known_currency(code: &CurrencyCode, path: &str) -> billow_billing::Result<Currency> {
    code.0.parse().map_err(|_| billow_billing::Error::invalid("UNKNOWN_CURRENCY", path, "There is no such currency."))
}
