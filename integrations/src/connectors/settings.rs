//! Reads the settings of a connector strictly and says everything that is wrong with them, each with its path.

use std::cell::RefCell;

use billow_billing::ports::DefinitionProblem;
use billow_billing::providers::ProviderDefinition;
use billow_billing::reading::charset;
use serde_json::{Map, Value};

/// Where a connector's settings are inside a definition.
pub(super) const SETTINGS: &str = "connector.settings";

/// What was found wrong so far.
#[derive(Default)]
pub(super) struct Problems(RefCell<Vec<DefinitionProblem>>);

impl Problems {
    pub(super) fn add(&self, path: impl Into<String>, message: impl Into<String>) {
        self.0.borrow_mut().push(DefinitionProblem { path: path.into(), message: message.into() });
    }

    /// The value when nothing is wrong, else the problems.
    pub(super) fn result<T>(self, value: T) -> Result<T, Vec<DefinitionProblem>> {
        let problems = self.0.into_inner();
        if problems.is_empty() { Ok(value) } else { Err(problems) }
    }
}

/// The fields of an object. Those nobody asked for are reported by [`Fields::finish`].
pub(super) struct Fields<'a> {
    path: String,
    map: Option<&'a Map<String, Value>>,
    asked: RefCell<Vec<&'static str>>,
    problems: &'a Problems,
}

impl<'a> Fields<'a> {
    /// The settings of a definition.
    pub(super) fn settings(definition: &'a ProviderDefinition, problems: &'a Problems) -> Self {
        Self::of(&definition.connector.settings, SETTINGS.into(), problems)
    }

    pub(super) fn of(value: &'a Value, path: String, problems: &'a Problems) -> Self {
        let map = value.as_object();
        if map.is_none() {
            problems.add(path.clone(), "must be an object");
        }
        Self { path, map, asked: RefCell::default(), problems }
    }

    pub(super) fn at(&self, name: impl std::fmt::Display) -> String {
        format!("{}.{name}", self.path)
    }

    pub(super) fn problems(&self) -> &'a Problems {
        self.problems
    }

    /// Reports a problem with one of the fields.
    pub(super) fn wrong(&self, name: &str, message: impl Into<String>) {
        self.problems.add(self.at(name), message);
    }

    /// The field, unless it is absent or null.
    pub(super) fn value(&self, name: &'static str) -> Option<&'a Value> {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&name) {
            asked.push(name);
        }
        self.map?.get(name).filter(|value| !value.is_null())
    }

    fn required<T: Default>(&self, name: &'static str, found: Option<T>) -> T {
        if found.is_none() && self.map.is_some_and(|map| map.get(name).is_none_or(Value::is_null)) {
            self.wrong(name, "is missing");
        }
        found.unwrap_or_default()
    }

    /// A text, when it is there.
    pub(super) fn optional_text(&self, name: &'static str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::String(_) => {
                self.wrong(name, "must not be empty");
                None
            }
            _ => {
                self.wrong(name, "must be a text");
                None
            }
        }
    }

    /// A text that may be white space, such as a tab, when it is there.
    pub(super) fn optional_raw(&self, name: &'static str) -> Option<&'a str> {
        let value = self.value(name)?;
        if value.as_str().is_none_or(str::is_empty) {
            self.wrong(name, "must be a text that is not empty");
        }
        value.as_str().filter(|text| !text.is_empty())
    }

    /// A text that must be there.
    pub(super) fn text(&self, name: &'static str) -> String {
        let found = self.optional_text(name);
        self.required(name, found)
    }

    /// A whole number within bounds, when it is there.
    pub(super) fn optional_number(&self, name: &'static str, low: u64, high: u64) -> Option<u64> {
        let value = self.value(name)?;
        let number = value.as_u64().filter(|number| (low..=high).contains(number));
        if number.is_none() {
            self.wrong(name, format!("must be a whole number from {low} to {high}, not {value}"));
        }
        number
    }

    /// A whole number within bounds, or what stands for it.
    pub(super) fn number(&self, name: &'static str, low: u64, high: u64, default: u64) -> u64 {
        self.optional_number(name, low, high).unwrap_or(default)
    }

    /// A list, empty where it is absent.
    pub(super) fn list(&self, name: &'static str) -> &'a [Value] {
        match self.value(name) {
            None => &[],
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.wrong(name, "must be a list");
                &[]
            }
        }
    }

    /// One of some words, when it is there.
    pub(super) fn choice<T: Copy>(&self, name: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let value = self.value(name)?;
        let found = value.as_str().and_then(|text| choices.iter().find(|(word, _)| *word == text));
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.wrong(name, format!("must be one of {}, not {value}", words.join(", ")));
        }
        found.map(|(_, choice)| *choice)
    }

    /// Reports the fields nobody asked for.
    pub(super) fn finish(self) {
        let asked = self.asked.borrow();
        for name in self.map.into_iter().flat_map(Map::keys).filter(|name| !asked.contains(&name.as_str())) {
            self.wrong(name, format!("is not a setting here; there are {}", asked.join(", ")));
        }
    }
}

/// The setting `encoding`: how a document is encoded that declares nothing, or something wrong.
pub(super) fn encoding(fields: &Fields<'_>) -> Option<String> {
    let label = fields.optional_text("encoding")?;
    if !charset::is_known(&label) {
        fields.wrong("encoding", format!("'{label}' is not the name of an encoding, such as windows-1252, ISO-8859-15 or UTF-16"));
    }
    Some(label)
}

/// Whether a text can name a credential or a step.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
