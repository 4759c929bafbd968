//! A stored secret goes to the host it was given for and to no other.
//!
//! Nobody can read a stored secret, but an administrator can edit where it is sent. So an edit that adds a host must bring
//! the secrets along: whoever knows them may send them where they like, and others learn nothing.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::UserError;

/// The origins (scheme, host and port) of all addresses inside `value`.
pub fn origins(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => found.extend(origin(text)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(entries) => entries.values().for_each(|item| collect(item, found)),
        _ => {}
    }
}

/// The origin of an address; none where the text is not one.
pub fn origin(text: &str) -> Option<String> {
    let (scheme, rest) = text.trim().split_once("://")?;
    if scheme.is_empty() || !scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) {
        return None;
    }
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    let authority = authority.strip_suffix(usual).unwrap_or(&authority);
    Some(format!("{scheme}://{authority}"))
}

/// What stands against an edit from the addresses `before` to those `after` while the secrets named in `kept` stay as they
/// are stored: one error for each of them, where there is a new host.
pub fn moved<'a>(before: &BTreeSet<String>, after: &BTreeSet<String>, kept: impl Iterator<Item = &'a str>) -> Vec<UserError> {
    let Some(new) = after.difference(before).next() else { return Vec::new() };
    let message = format!("Give this secret again to send it to {new}: it was stored for another host.");
    kept.map(|name| UserError::new("SECRET_NEEDED", &format!("credentials.{name}"), message.clone())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(text: &str) -> String {
        origin(text).unwrap_or_default()
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert_eq!(of("https://API.example.com:443/v1?x=1"), "https://api.example.com");
        assert_eq!(of("http://api.example.com:80"), "http://api.example.com");
        assert_ne!(of("http://api.example.com"), of("https://api.example.com"));
        assert_ne!(of("https://api.example.com"), of("https://api.example.com:8443"));
        assert_ne!(of("https://api.example.com"), of("https://api.example.com@evil.test/"));
        assert_ne!(of("https://api.example.com"), of("https://api.example.com.evil.test"));
        assert_eq!(of("/v1/bills"), "");
        assert_eq!(of("a text with :// in it"), "");
    }

    #[test]
    fn only_a_new_host_asks_for_the_secrets_again() {
        let before = origins(&json!({"base_url": "https://a.test/v1", "steps": [{"path": "/x"}]}));
        let same = origins(&json!({"base_url": "https://A.test:443/v2"}));
        let other = origins(&json!({"base_url": "https://a.test", "steps": [{"headers": {"callback": "https://b.test/"}}]}));
        assert!(moved(&before, &same, ["key"].into_iter()).is_empty());
        let refused = moved(&before, &other, ["key", "id"].into_iter());
        assert_eq!(refused.iter().map(|e| e.path.join(".")).collect::<Vec<_>>(), ["credentials.key", "credentials.id"]);
        assert!(refused[0].message.contains("https://b.test"));
        assert!(moved(&before, &other, std::iter::empty()).is_empty());
    }
}
