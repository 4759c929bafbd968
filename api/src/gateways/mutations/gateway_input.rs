//! What setting up and changing a gateway share.

use std::collections::BTreeMap;

use billow_billing::{Error, Result};
use billow_entities::{Currency, MethodKind};
use secrecy::SecretString;

use crate::providers::mutations::register_provider::credentials;
use crate::scalars::{CurrencyCode, Json};
use crate::wallets::inputs::known_currency;

/// The rank of a gateway that is given none.
pub(crate) const RANK: i32 = 100;
/// How long a gateway may take that is given no time, in milliseconds.
pub(crate) const TIMEOUT_MS: u64 = 20_000;
/// What a gateway takes that is given no kinds.
pub(crate) const ALL_KINDS: [MethodKind; 2] = [MethodKind::Card, MethodKind::DirectDebit];

/// Currencies by their codes.
///
/// # Errors
/// `UNKNOWN_CURRENCY` at the one that is none.
pub(crate) fn currencies(codes: &[CurrencyCode]) -> Result<Vec<Currency>> {
    codes.iter().enumerate().map(|(at, code)| known_currency(code, &format!("currencies.{at}"))).collect()
}

/// A time as the business takes it; whether it is a sensible one is for the business to say.
///
/// # Errors
/// `INVALID` for a time before now.
pub(crate) fn milliseconds(number: i32) -> Result<u64> {
    u64::try_from(number).map_err(|_| Error::invalid("INVALID", "timeoutMs", "The time is from 1,000 to 60,000 milliseconds."))
}

/// Secrets by name, as an edit names them: null takes one away.
///
/// # Errors
/// `INVALID` where it is no object of names and texts.
pub(crate) fn edited_credentials(json: Option<Json>) -> Result<BTreeMap<String, Option<SecretString>>> {
    let mut removed = BTreeMap::new();
    let kept = json.map(|Json(mut json)| {
        if let Some(map) = json.as_object_mut() {
            map.retain(|name, value| {
                if value.is_null() {
                    removed.insert(name.clone(), None);
                }
                !value.is_null()
            });
        }
        Json(json)
    });
    removed.extend(credentials(kept)?.into_iter().map(|(name, secret)| (name, Some(secret))));
    Ok(removed)
}
