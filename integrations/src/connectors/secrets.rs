//! Keeps secrets out of programs and out of what people are shown.
//!
//! A program never sees a secret: it writes `{{credential:NAME}}`, and the secret takes its place after the last program
//! has run. For the same reason no answer and no customer parameter may hold such a placeholder: it would be an order to us.

use std::collections::BTreeMap;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use billow_billing::ports::FetchRequest;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// How a placeholder begins.
pub(super) const PLACEHOLDER: &str = "{{credential:";
/// What stands for a secret in a trace.
pub(super) const MASK: &str = "•••";
/// Shorter secrets are not looked for in texts: they would mask half of them.
const MIN_MASKED_BYTES: usize = 3;

/// Percent-encodes one part of an address: everything but letters, digits and `-._~`.
pub(super) fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(byte.into());
        } else {
            // Writing to a text cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Puts something in the place of every placeholder.
///
/// # Errors
/// In words, when a placeholder is not closed or its credential is not there.
pub(super) fn fill(text: &str, mut secret: impl FnMut(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(PLACEHOLDER) {
        out.push_str(before);
        let (name, after) = after.split_once("}}").ok_or("a {{credential:…}} is not closed")?;
        out.push_str(&secret(name).ok_or_else(|| missing(name))?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

pub(super) fn missing(name: &str) -> String {
    format!("the credential '{name}' is not set")
}

/// Whether any text inside `value` holds a placeholder.
pub(super) fn holds_placeholder(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(PLACEHOLDER),
        Value::Array(items) => items.iter().any(holds_placeholder),
        Value::Object(entries) => entries.iter().any(|(key, value)| key.contains(PLACEHOLDER) || holds_placeholder(value)),
        _ => false,
    }
}

/// A secret by name.
pub(super) fn credential(credentials: &BTreeMap<String, SecretString>, name: &str) -> Option<String> {
    credentials.get(name).map(|secret| secret.expose_secret().to_owned())
}

/// Knows every form in which the secrets of a request can turn up in a text.
pub(super) struct Masks(Vec<String>);

impl Masks {
    pub(super) fn of(request: &FetchRequest) -> Self {
        let credentials = request.credentials.values().map(|secret| secret.expose_secret().to_owned());
        let secret_params = request.definition.params.iter().filter(|param| param.secret);
        let params = secret_params.filter_map(|param| request.params.get(&param.name).cloned());
        let mut forms: Vec<String> = credentials
            .chain(params)
            .filter(|secret| secret.len() >= MIN_MASKED_BYTES)
            .flat_map(|secret| {
                // JSON, and JSON inside a text of JSON.
                let once = escaped(&secret);
                let twice = escaped(&once);
                [percent_encode(&secret), percent_encode(&secret).replace("%20", "+"), STANDARD.encode(&secret), twice, once, secret]
            })
            .collect();
        // Longest first, so that no form leaves the end of a longer one behind.
        forms.sort_by(|l, r| r.len().cmp(&l.len()).then_with(|| l.cmp(r)));
        forms.dedup();
        Self(forms)
    }

    /// The text with every secret masked.
    pub(super) fn mask(&self, text: &str) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |text, form| if text.contains(form.as_str()) { text.replace(form.as_str(), MASK) } else { text })
    }
}

/// A text as it stands inside a text of JSON.
fn escaped(text: &str) -> String {
    let quoted = Value::String(text.to_owned()).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_nothing_else() {
        let secret = |name: &str| (name == "key").then(|| "s{{credential:key}}t".to_owned());
        assert_eq!(
            fill("a {{credential:key}} b {{credential:key}}", secret).as_deref(),
            Ok("a s{{credential:key}}t b s{{credential:key}}t")
        );
        assert_eq!(fill("{{other}}", secret).as_deref(), Ok("{{other}}"));
        assert_eq!(fill("{{credential:none}}", secret), Err("the credential 'none' is not set".into()));
        assert_eq!(fill("{{credential:key", secret), Err("a {{credential:…}} is not closed".into()));
    }

    #[test]
    fn placeholders_are_found_anywhere() {
        assert!(holds_placeholder(&serde_json::json!({"a": [1, {"b": "x {{credential:k}}"}]})));
        assert!(holds_placeholder(&serde_json::json!({"{{credential:k}}": 1})));
        assert!(!holds_placeholder(&serde_json::json!({"a": ["{{", "credential:"]})));
    }
}
