//! Reads the fields of a mapped object.

use serde_json::{Map, Value};

/// Longest text a field may hold.
const MAX_TEXT_CHARS: usize = 500;
/// Longest value repeated in a message.
const SHOWN_CHARS: usize = 60;

/// An object a mapping made, with its path for messages.
pub(super) struct Object<'a> {
    path: String,
    map: &'a Map<String, Value>,
}

/// A value in a message: short, and quoted when it is a text.
pub(super) fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(_) => return "a list".into(),
        Value::Object(_) => return "an object".into(),
        other => return other.to_string(),
    };
    let cut: String = text.chars().take(SHOWN_CHARS).collect();
    if cut.len() < text.len() { format!("'{cut}…'") } else { format!("'{cut}'") }
}

impl<'a> Object<'a> {
    /// `what` names the thing in messages: "a bill".
    pub(super) fn of(value: &'a Value, path: &str, what: &str, fields: &[&str]) -> Result<Self, String> {
        let Some(map) = value.as_object() else { return Err(format!("{path}: {} is not {what}", shown(value))) };
        let object = Self { path: path.to_owned(), map };
        if let Some(unknown) = map.keys().find(|key| !fields.contains(&key.as_str())) {
            return Err(format!("{}: is not a field of {what}; there are {}", object.at(unknown), fields.join(", ")));
        }
        Ok(object)
    }

    pub(super) fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The field, unless it is absent or null.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// A field read by `read`, which says what is wrong without the path.
    pub(super) fn optional<T>(&self, name: &str, read: impl FnOnce(&'a Value) -> Result<T, String>) -> Result<Option<T>, String> {
        self.value(name).map(read).transpose().map_err(|problem| format!("{}: {problem}", self.at(name)))
    }

    /// The same, where the field must be there.
    pub(super) fn required<T>(&self, name: &str, read: impl FnOnce(&'a Value) -> Result<T, String>) -> Result<T, String> {
        self.optional(name, read)?.ok_or_else(|| format!("{}: is missing", self.at(name)))
    }

    /// A list whose elements are read by `read`, which gets each one's path.
    pub(super) fn list<T>(&self, name: &str, most: usize, read: impl Fn(&'a Value, &str) -> Result<T, String>) -> Result<Vec<T>, String> {
        let Some(value) = self.value(name) else { return Ok(Vec::new()) };
        let path = self.at(name);
        let Some(items) = value.as_array() else { return Err(format!("{path}: {} is not a list", shown(value))) };
        if items.len() > most {
            return Err(format!("{path}: has {} elements; at most {most} are taken", items.len()));
        }
        items.iter().enumerate().map(|(at, item)| read(item, &format!("{path}[{at}]"))).collect()
    }
}

/// A text that is not empty; a whole number counts as its digits, because providers' numbers often are numbers.
pub(super) fn text(value: &Value) -> Result<String, String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
        other => return Err(format!("{} is not a text", shown(other))),
    };
    if text.is_empty() {
        return Err("must not be empty".into());
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        return Err(format!("is longer than {MAX_TEXT_CHARS} characters"));
    }
    Ok(text)
}
