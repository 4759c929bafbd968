//! The shape of a definition as it comes in: every field with its limits, so that all that is wrong is told at once,
//! each thing at its place, and not just the first that a parser stumbles over.

use billow_entities::{AmountRuleKind, ConnectorKind, Currency, UtilityType};
use billow_kernel::error::Problems;
use billow_kernel::validate::{code, name};
use sea_orm::Iterable;
use serde_json::{Map, Value};

use super::params::compile_pattern;

/// The most a definition may take as JSON, in bytes.
const MAX_BYTES: usize = 256 * 1024;
/// How deep a connector's settings may be nested.
const MAX_DEPTH: usize = 24;

type Check = fn(&str) -> Result<(), String>;

enum Shape {
    Text {
        max: usize,
        check: Option<Check>,
    },
    Int {
        low: i64,
        high: i64,
    },
    Bool,
    OneOf(fn() -> Vec<&'static str>),
    List {
        of: &'static Shape,
        least: usize,
        most: usize,
    },
    Object(&'static [Field]),
    /// An object whose further fields depend on its `kind`.
    Tagged(&'static [(&'static str, &'static [Field])]),
    /// A decimal as text or `{"minor": 1230}`.
    Amount,
    /// What a connector checks itself.
    Anything,
}

struct Field {
    name: &'static str,
    required: bool,
    shape: Shape,
}

const fn need(name: &'static str, shape: Shape) -> Field {
    Field { name, required: true, shape }
}

const fn may(name: &'static str, shape: Shape) -> Field {
    Field { name, required: false, shape }
}

const fn text(max: usize) -> Shape {
    Shape::Text { max, check: None }
}

const fn like(max: usize, check: Check) -> Shape {
    Shape::Text { max, check: Some(check) }
}

const fn int(low: i64, high: i64) -> Shape {
    Shape::Int { low, high }
}

/// The most money anything here may come to, in minor units.
pub(super) const MAX_MINOR: i64 = 1_000_000_000_000;

const DEFINITION: &[Field] = &[
    need("code", like(40, code)),
    need("name", text(100)),
    need("utility_type", Shape::OneOf(|| UtilityType::iter().map(UtilityType::as_str).collect())),
    may("country", like(2, country)),
    need("currency", like(3, currency)),
    need("time_zone", like(64, time_zone)),
    need("connector", Shape::Object(CONNECTOR)),
    need("params", Shape::List { of: &Shape::Object(PARAM), least: 1, most: 10 }),
    may("amount_rule", Shape::Object(AMOUNT_RULE)),
    need("schedule", Shape::Object(SCHEDULE)),
    may("limits", Shape::Object(LIMITS)),
    may("plans", Shape::List { of: &Shape::Object(PLAN), least: 0, most: 200 }),
    may("prepaid", Shape::Bool),
    may("history", Shape::OneOf(|| vec!["AS_HISTORY", "AS_BILLS"])),
];

const CONNECTOR: &[Field] =
    &[need("kind", Shape::OneOf(|| ConnectorKind::iter().map(ConnectorKind::as_str).collect())), may("settings", Shape::Anything)];

const PARAM: &[Field] = &[
    need("name", like(40, name)),
    need("label", text(60)),
    may("pattern", like(500, |p| compile_pattern(p).map(drop))),
    may("min_length", int(0, 200)),
    may("max_length", int(1, 200)),
    may("help", text(300)),
    may("example", text(200)),
    may("optional", Shape::Bool),
    may("secret", Shape::Bool),
];

const AMOUNT_RULE: &[Field] = &[
    need("kind", Shape::OneOf(|| AmountRuleKind::iter().map(AmountRuleKind::as_str).collect())),
    may("min_minor", int(0, MAX_MINOR)),
    may("max_minor", int(0, MAX_MINOR)),
    may("multiple_minor", int(1, 1_000_000_000)),
];

const SCHEDULE: &[Field] = &[
    need(
        "every",
        Shape::Tagged(&[
            ("MONTH", &[need("day", int(1, 31))]),
            ("DAYS", &[need("days", int(1, 366))]),
            ("WEEK", &[need("weekday", int(1, 7))]),
            ("CRON", &[need("expression", text(100))]),
        ]),
    ),
    may("hour", int(0, 23)),
    may("spread_minutes", int(0, 1440)),
    may("look_again_hours", int(1, 168)),
    may("grace_days", int(0, 28)),
];

const LIMITS: &[Field] = &[
    may("concurrency", int(1, 256)),
    may("per_second", int(1, 10_000)),
    may("timeout_ms", int(100, 60_000)),
    may("max_bytes", int(1024, 64 << 20)),
    may("circuit_failures", int(1, 100)),
    may("max_amount_minor", int(1, MAX_MINOR)),
    may("accept_jumps", Shape::Bool),
];

const PLAN: &[Field] = &[
    need("code", text(64)),
    need("name", text(100)),
    need("price", Shape::Amount),
    need("validity_days", int(1, 3660)),
    may("description", text(500)),
    may("benefits", Shape::List { of: &text(120), least: 0, most: 20 }),
];

/// Checks the shape of `definition` and takes out what is `null`, which counts as left out.
pub(super) fn check(definition: &mut Value, problems: &mut Problems) {
    if definition.to_string().len() > MAX_BYTES {
        problems.add("TOO_LONG", "definition", format!("The definition may take at most {} KiB.", MAX_BYTES / 1024));
        return;
    }
    let mut walk = Walk { problems };
    match definition {
        Value::Object(map) => walk.fields(map, DEFINITION, "definition", &[]),
        _ => walk.wrong("definition", "an object"),
    }
}

struct Walk<'a> {
    problems: &'a mut Problems,
}

impl Walk<'_> {
    fn value(&mut self, value: &mut Value, shape: &Shape, at: &str) {
        match (shape, value) {
            (Shape::Text { max, check }, Value::String(text)) => self.text(text, *max, *check, at),
            (Shape::Text { .. }, _) => self.wrong(at, "a text"),
            (Shape::Int { low, high }, Value::Number(number)) => match number.as_i64() {
                Some(n) if (*low..=*high).contains(&n) => {}
                Some(n) => self.problems.add("OUT_OF_RANGE", at, format!("This must be from {low} to {high}, not {n}.")),
                None => self.wrong(at, &format!("a whole number from {low} to {high}")),
            },
            (Shape::Int { low, high }, _) => self.wrong(at, &format!("a whole number from {low} to {high}")),
            (Shape::Bool, Value::Bool(_)) => {}
            (Shape::Bool, _) => self.wrong(at, "true or false"),
            (Shape::OneOf(names), value) => {
                let names = names();
                if !value.as_str().is_some_and(|v| names.contains(&v)) {
                    self.wrong(at, &format!("one of {}", names.join(", ")));
                }
            }
            (Shape::List { of, least, most }, Value::Array(items)) => {
                if items.len() < *least || items.len() > *most {
                    self.problems.add("OUT_OF_RANGE", at, format!("There must be {least} to {most} of these, not {}.", items.len()));
                }
                for (index, item) in items.iter_mut().enumerate().take(*most) {
                    self.value(item, of, &format!("{at}.{index}"));
                }
            }
            (Shape::List { .. }, _) => self.wrong(at, "a list"),
            (Shape::Object(fields), Value::Object(map)) => self.fields(map, fields, at, &[]),
            (Shape::Tagged(kinds), Value::Object(map)) => {
                let found = map.get("kind").and_then(Value::as_str).and_then(|kind| kinds.iter().find(|k| k.0 == kind));
                match found {
                    Some((_, fields)) => self.fields(map, fields, at, &["kind"]),
                    None => {
                        let names: Vec<_> = kinds.iter().map(|k| k.0).collect();
                        self.wrong(&format!("{at}.kind"), &format!("one of {}", names.join(", ")));
                    }
                }
            }
            (Shape::Object(_) | Shape::Tagged(_), _) => self.wrong(at, "an object"),
            (Shape::Amount, Value::String(text)) => self.text(text, 40, None, at),
            (Shape::Amount, Value::Object(map)) => self.fields(map, const { &[need("minor", int(0, MAX_MINOR))] }, at, &[]),
            (Shape::Amount, _) => self.wrong(at, "a decimal as text, such as \"12.30\", or {\"minor\": 1230}"),
            (Shape::Anything, value) => self.anything(value, at, 0),
        }
    }

    fn fields(&mut self, map: &mut Map<String, Value>, fields: &[Field], at: &str, known: &[&str]) {
        map.retain(|_, value| !value.is_null());
        for field in fields {
            let inner = format!("{at}.{}", field.name);
            match map.get_mut(field.name) {
                Some(value) => self.value(value, &field.shape, &inner),
                None if field.required => self.problems.add("REQUIRED", &inner, "This field is required."),
                None => {}
            }
        }
        for name in map.keys().filter(|name| !known.contains(&name.as_str()) && fields.iter().all(|f| f.name != **name)) {
            let names: Vec<_> = known.iter().copied().chain(fields.iter().map(|f| f.name)).collect();
            let message = format!("There is no such field here; there are {}.", names.join(", "));
            self.problems.add("UNKNOWN_FIELD", &format!("{at}.{}", shown(name)), message);
        }
    }

    fn text(&mut self, text: &mut String, max: usize, check: Option<Check>, at: &str) {
        *text = self.problems.text(at, text, max);
        if !text.is_empty()
            && text.chars().count() <= max
            && let Some(Err(problem)) = check.map(|check| check(text))
        {
            self.problems.add("INVALID", at, format!("This {problem}."));
        }
    }

    /// Settings are checked by their connector; here only what no database or program could take.
    fn anything(&mut self, value: &Value, at: &str, depth: usize) {
        if depth > MAX_DEPTH {
            self.problems.add("INVALID", at, format!("Nothing may be nested deeper than {MAX_DEPTH} levels."));
            return;
        }
        match value {
            Value::String(text) if text.contains('\0') => self.problems.add("INVALID", at, "The character U+0000 is not allowed."),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.anything(item, &format!("{at}.{index}"), depth + 1);
                }
            }
            Value::Object(map) => {
                for (name, item) in map {
                    if name.contains('\0') {
                        self.problems.add("INVALID", at, "The character U+0000 is not allowed in names.");
                    }
                    self.anything(item, &format!("{at}.{}", shown(name)), depth + 1);
                }
            }
            _ => {}
        }
    }

    fn wrong(&mut self, at: &str, wanted: &str) {
        self.problems.add("WRONG_TYPE", at, format!("This must be {wanted}."));
    }
}

/// A name as it may stand in a path.
fn shown(name: &str) -> String {
    name.chars().take(60).map(|c| if c == '.' || c.is_control() { '_' } else { c }).collect()
}

fn country(text: &str) -> Result<(), String> {
    let ok = text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
    if ok { Ok(()) } else { Err("must be two capital letters of ISO 3166-1, such as DE".into()) }
}

fn currency(text: &str) -> Result<(), String> {
    text.parse::<Currency>().map(drop).map_err(|_| "must be an ISO 4217 code that is in use, such as EUR".into())
}

fn time_zone(text: &str) -> Result<(), String> {
    text.parse::<chrono_tz::Tz>().map(drop).map_err(|_| "must be an IANA time zone, such as Europe/Berlin".into())
}
