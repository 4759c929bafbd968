//! Keys that make a request happen once.

use billow_kernel::error::{Error, Problems};

/// The shortest and longest idempotency key.
const KEY: std::ops::RangeInclusive<usize> = 8..=255;

/// Checks an idempotency key.
pub(crate) fn check_key(key: &str, problems: &mut Problems) {
    if !KEY.contains(&key.chars().count()) || key.chars().any(char::is_control) {
        problems.add("WRONG_LENGTH", "idempotencyKey", "An idempotency key has 8 to 255 characters.");
    }
}

/// The same key came with another request.
pub(crate) fn key_reused() -> Error {
    Error::invalid("IDEMPOTENCY_KEY_REUSED", "idempotencyKey", "This key was used for something else; take a new one.")
}
