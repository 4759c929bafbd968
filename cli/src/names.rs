//! The names of all settings, taken from the structs themselves: serde tells which fields it looks for.

use std::sync::OnceLock;

use serde::Deserialize as _;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use crate::config::Config;

/// What a value looks like in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In quotes.
    Text,
    /// A number or `true` or `false`.
    Plain,
}

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Such as `mail.host`.
    pub path: String,
    /// How its value is written.
    pub form: Form,
}

/// Endings of names whose values are not shown.
const SECRET: &[&str] =
    &["keys.encryption", "keys.index", "_key", "password", "_token", "_secret", "secret", "database.url", "database.read_url"];

/// All settings, in the order of the structs.
#[must_use]
pub fn settings() -> Vec<Setting> {
    static FOUND: OnceLock<Vec<Setting>> = OnceLock::new();
    FOUND
        .get_or_init(|| {
            let mut found = Vec::new();
            // What it yields does not matter: only which fields were asked for.
            drop(Config::deserialize(Probe { path: String::new(), found: &mut found }));
            found
        })
        .clone()
}

/// Whether there is a setting at `path`.
#[must_use]
pub fn is_setting(path: &str) -> bool {
    settings().iter().any(|setting| setting.path == path)
}

/// Whether the value at `path` is not to be shown.
#[must_use]
pub fn is_secret(path: &str) -> bool {
    SECRET.iter().any(|ending| path.ends_with(ending))
}

/// Whether the environment variable is the setting itself although `_FILE` could be taken off its end: `BILLOW_MAIL__CA_FILE`
/// is `mail.ca_file`.
#[must_use]
pub fn is_file_setting(without_file: &str) -> bool {
    let path = format!("{without_file}_FILE").trim_start_matches("BILLOW_").to_lowercase().replace("__", ".");
    is_setting(&path)
}

/// The setting whose name is most like `path`, if one is.
#[must_use]
pub fn nearest(path: &str) -> Option<String> {
    let (distance, near) = settings().into_iter().map(|s| (edits(path, &s.path), s.path)).min()?;
    (distance <= 3).then_some(near)
}

/// How many letters must be added, removed or changed to make `b` of `a`.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(before + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Notes the path of each field that is read, and gives it some value of its kind.
struct Probe<'a> {
    path: String,
    found: &'a mut Vec<Setting>,
}

impl Probe<'_> {
    fn note(&mut self, form: Form) {
        self.found.push(Setting { path: std::mem::take(&mut self.path), form });
    }
}

macro_rules! plain {
    ($($method:ident => $visit:ident($value:expr)),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
            self.note(Form::Plain);
            visitor.$visit($value)
        }
    )*};
}

macro_rules! text {
    ($($method:ident),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
            self.note(Form::Text);
            // An address, because that is the one kind of text that not any text can be.
            visitor.visit_str("127.0.0.1:1")
        }
    )*};
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Error;

    plain! {
        deserialize_bool => visit_bool(true),
        deserialize_u8 => visit_u8(1), deserialize_u16 => visit_u16(1), deserialize_u32 => visit_u32(1), deserialize_u64 => visit_u64(1),
        deserialize_i8 => visit_i8(1), deserialize_i16 => visit_i16(1), deserialize_i32 => visit_i32(1), deserialize_i64 => visit_i64(1),
        deserialize_f32 => visit_f32(1.0), deserialize_f64 => visit_f64(1.0),
    }
    text! { deserialize_any, deserialize_str, deserialize_string, deserialize_char, deserialize_identifier }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(Fields { probe: self, fields: fields.iter() })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        self.note(Form::Text);
        visitor.visit_seq(serde::de::value::SeqDeserializer::new(std::iter::empty::<&str>()))
    }

    serde::forward_to_deserialize_any! {
        bytes byte_buf unit unit_struct tuple tuple_struct map enum ignored_any
    }
}

/// The fields of a struct, each with a probe of its own.
struct Fields<'a> {
    probe: Probe<'a>,
    fields: std::slice::Iter<'static, &'static str>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(field) = self.fields.as_slice().first() else { return Ok(None) };
        seed.deserialize(StrDeserializer::new(field)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let field = self.fields.next().copied().unwrap_or_default();
        let path = if self.probe.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.probe.path) };
        seed.deserialize(Probe { path, found: &mut *self.probe.found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_walked_to_its_last_field() {
        let paths: Vec<String> = settings().into_iter().map(|s| s.path).collect();
        for path in ["base_url", "listen", "migrate", "worker.listen", "database.read_url", "sms.from", "log.otlp_endpoint"] {
            assert!(paths.iter().any(|p| p == path), "{path} in {paths:?}");
        }
        assert_eq!(settings().iter().find(|s| s.path == "mail.port").map(|s| s.form), Some(Form::Plain));
    }

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        assert_eq!(nearest("mial.host").as_deref(), Some("mail.host"));
        assert_eq!(nearest("something.else.entirely"), None);
        assert!(is_file_setting("BILLOW_MAIL__CA") && !is_file_setting("BILLOW_MAIL__PASSWORD"));
    }
}
