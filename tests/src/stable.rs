//! Making answers the same from run to run, so that whole ones can be kept as snapshots.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

static ID: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b([a-z]{2,12})_[0-7][0-9a-hjkmnp-tv-z]{25}\b").expect("a pattern"));
static HOST: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"127\.0\.0\.1:\d+").expect("a pattern"));
static SEAL: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b[0-9a-f]{32,64}\b").expect("a pattern"));
static RECEIPT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b[A-Z]{5,}-\d{7}\b").expect("a pattern"));
static TOKEN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b[A-Za-z0-9_-]{43}\b").expect("a pattern"));

/// Fields that depend on the machine, the moment or chance.
const FICKLE: [&str; 12] = [
    "durationMs",
    "p50Ms",
    "p95Ms",
    "worker",
    "cursor",
    "startCursor",
    "endCursor",
    "keyHint",
    "userAgent",
    "sha256",
    "sizeBytes",
    "externalId",
];

/// The value with ids, ports and everything fickle replaced by words of the same kind.
#[must_use]
pub fn stable(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(stable_text(&text)),
        Value::Array(items) => items.into_iter().map(stable).collect(),
        Value::Object(fields) => {
            let one = |(name, value): (String, Value)| {
                let value = match name.as_str() {
                    fickle if FICKLE.contains(&fickle) && !value.is_null() => Value::from("[fickle]"),
                    // PostgreSQL keeps the fields of stored JSON in an order of its own.
                    "data" | "decision" => sorted(stable(value)),
                    _ => stable(value),
                };
                (name, value)
            };
            Value::Object(fields.into_iter().map(one).collect())
        }
        other => other,
    }
}

fn sorted(mut value: Value) -> Value {
    value.sort_all_objects();
    value
}

/// The text with ids and ports replaced.
#[must_use]
pub fn stable_text(text: &str) -> String {
    let text = ID.replace_all(text, "${1}_[id]");
    let text = HOST.replace_all(&text, "[host]");
    let text = SEAL.replace_all(&text, "[seal]");
    let text = RECEIPT.replace_all(&text, "[receipt]");
    TOKEN.replace_all(&text, "[token]").into_owned()
}
