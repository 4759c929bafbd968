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

    /// Learns the tokens in an answer, so that they are masked in it and in every request after it.
    pub(super) fn learn(&mut self, answer: &[u8]) {
        let text = String::from_utf8_lossy(answer);
        let mut found = Vec::new();
        match serde_json::from_str::<Value>(&text) {
            Ok(value) => tokens_in(&value, &mut found),
            Err(_) => tokens_in_text(&text, &mut found),
        }
        let forms = found.into_iter().flat_map(|token| [percent_encode(&token), escaped(&token), token]);
        self.0.extend(forms);
        self.0.sort_by(|l, r| r.len().cmp(&l.len()).then_with(|| l.cmp(r)));
        self.0.dedup();
    }

    /// The text with every secret masked.
    pub(super) fn mask(&self, text: &str) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |text, form| if text.contains(form.as_str()) { text.replace(form.as_str(), MASK) } else { text })
    }
}

/// Shorter values are no tokens.
const MIN_TOKEN: usize = 8;
/// What names of tokens end in, without dashes and underscores.
const TOKEN_NAMES: &[&str] =
    &["token", "jwt", "apikey", "secret", "password", "sessionid", "sessionkey", "authorization", "bearer", "signature", "csrf", "sid"];

fn names_a_token(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    TOKEN_NAMES.iter().any(|end| name.ends_with(end))
}

/// Whether a text is signed as tokens are (JWT).
fn is_signed(text: &str) -> bool {
    text.starts_with("eyJ") && text.len() > 20 && text.matches('.').count() >= 2 && !text.contains(char::is_whitespace)
}

fn tokens_in(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if is_signed(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| tokens_in(item, found)),
        Value::Object(entries) => {
            for (name, value) in entries {
                match value {
                    Value::String(text) if text.len() >= MIN_TOKEN && names_a_token(name) => found.push(text.clone()),
                    other => tokens_in(other, found),
                }
            }
        }
        _ => {}
    }
}

/// Tokens in XML (`<Token>…</Token>`), and in what is no form we know (`token=…`).
fn tokens_in_text(text: &str, found: &mut Vec<String>) {
    let mut name = "";
    let mut rest = text;
    while let Some(at) = rest.find(['<', '>', '=', '"', '&', '\'', '\n', ' ']) {
        let word = &rest[..at];
        if word.len() >= MIN_TOKEN && (names_a_token(name) || is_signed(word)) {
            found.push(word.to_owned());
        }
        if !word.is_empty() {
            name = word.rsplit(':').next().unwrap_or(word);
        }
        rest = &rest[at + 1..];
    }
    if rest.len() >= MIN_TOKEN && (names_a_token(name) || is_signed(rest)) {
        found.push(rest.to_owned());
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
    fn tokens_in_answers_are_masked_from_then_on() {
        for (answer, token) in [
            (r#"{"data": {"access_token": "tok-12345678", "expires_in": 3600}}"#, "tok-12345678"),
            (r#"[{"sessionId": "s3ss10n-abc"}]"#, "s3ss10n-abc"),
            (r#"{"id": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"}"#, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"),
            ("<r><a:AuthToken>tok-12345678</a:AuthToken><n>1</n></r>", "tok-12345678"),
            ("token=tok-12345678&expires=1", "tok-12345678"),
        ] {
            let mut masks = Masks(Vec::new());
            masks.learn(answer.as_bytes());
            assert!(!masks.mask(answer).contains(token), "{answer}: {}", masks.mask(answer));
            assert_eq!(masks.mask(&format!("GET /x?t={token}")), format!("GET /x?t={MASK}"));
        }
        let mut masks = Masks(Vec::new());
        let plain = r#"{"number": "VT-2026-0001", "amount": 12.30, "label": "Electricity token fee"}"#;
        masks.learn(plain.as_bytes());
        assert_eq!(masks.mask(plain), plain);
    }

    #[test]
    fn placeholders_are_found_anywhere() {
        assert!(holds_placeholder(&serde_json::json!({"a": [1, {"b": "x {{credential:k}}"}]})));
        assert!(holds_placeholder(&serde_json::json!({"{{credential:k}}": 1})));
        assert!(!holds_placeholder(&serde_json::json!({"a": ["{{", "credential:"]})));
    }
}
