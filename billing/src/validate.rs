//! Rules of input that more than one noun has.

use crate::Billing;
use crate::error::Problems;

/// The longest address to come back to.
const MAX_RETURN_URL: usize = 2_000;

/// The shape of short unique names, such as a provider's or a gateway's.
pub(crate) fn code(text: &str) -> Result<(), String> {
    let parts_are_words =
        text.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    let ok = text.len() >= 2 && text.starts_with(|c: char| c.is_ascii_lowercase()) && parts_are_words;
    if ok { Ok(()) } else { Err("must be 2 to 40 lower-case letters, digits and single dashes, beginning with a letter".into()) }
}

/// The shape of the names of parameters and credentials.
pub(crate) fn name(text: &str) -> Result<(), String> {
    let ok = text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if ok && text.len() <= 40 {
        Ok(())
    } else {
        Err("must be 1 to 40 lower-case letters, digits and underscores, beginning with a letter".into())
    }
}

impl Billing {
    /// The address the browser comes back to, if it is one of ours.
    pub(crate) fn check_return_url(&self, url: Option<&str>, problems: &mut Problems) {
        let Some(url) = url else { return };
        let ours = url.strip_prefix(self.settings.base_url.as_str()).is_some_and(|rest| {
            // What follows must not go on with the host's name.
            rest.is_empty() || rest.starts_with(['/', '?', '#'])
        });
        if !ours || url.len() > MAX_RETURN_URL || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            problems.add("INVALID", "returnUrl", "This is not an address of this web app.");
        }
    }
}
