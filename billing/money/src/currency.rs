//! Currencies as they are stored.

use billow_entities::Currency;
use billow_kernel::error::{Error, Fault, Result};

/// A stored currency.
pub(crate) fn currency_of(code: &str) -> Result<Currency> {
    code.parse().map_err(|e| Error::Fault(Fault::new("a stored currency", e)))
}
