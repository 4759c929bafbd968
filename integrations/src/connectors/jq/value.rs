//! The values programs compute on.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use indexmap::IndexMap;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use serde_json::{Map, Value as Json};

use super::meter::{Spent, grow, grow_text, step, stop};

/// Deepest nesting: values are freed recursively.
pub(super) const MAX_DEPTH: u16 = 256;
/// What a node costs in memory, roughly.
pub(super) const NODE_BYTES: usize = 32;

pub(super) type Object = IndexMap<Rc<str>, Val>;

/// A JSON value. Containers know how deep they nest; an element counts as one less than what holds it, which is never too little.
#[derive(Clone, Debug, Default)]
pub(super) enum Val {
    #[default]
    Null,
    Bool(bool),
    Num(Num),
    Str(Rc<str>),
    Arr(Rc<Vec<Val>>, u16),
    Obj(Rc<Object>, u16),
}

/// A number: exact while it can be, as amounts must be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Num {
    Exact(Decimal),
    Float(f64),
}

impl Num {
    /// Reads the text of a number; none where it is not one.
    pub(super) fn read(text: &str) -> Option<Self> {
        let exact = if text.contains(['e', 'E']) { Decimal::from_scientific(text).ok() } else { Decimal::from_str_exact(text).ok() };
        exact.map(Self::Exact).or_else(|| text.parse().ok().map(Self::Float))
    }

    /// The exact number whose shortest decimal form is that of `float`.
    pub(super) fn of_f64(float: f64) -> Self {
        let text = float.to_string();
        if text.len() <= 24 { Decimal::from_str_exact(&text).map_or(Self::Float(float), Self::Exact) } else { Self::Float(float) }
    }

    pub(super) fn as_f64(self) -> f64 {
        match self {
            Self::Exact(n) => n.to_f64().unwrap_or(f64::NAN),
            Self::Float(n) => n,
        }
    }

    pub(super) fn as_isize(self) -> Option<isize> {
        match self {
            Self::Exact(n) if n.fract().is_zero() => n.to_isize(),
            Self::Exact(_) | Self::Float(_) => None,
        }
    }

    pub(super) fn is_int(self) -> bool {
        matches!(self, Self::Exact(n) if n.fract().is_zero())
    }

    fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Exact(l), Self::Exact(r)) => l.cmp(&r),
            // As in jq, what is not a number is less than any number, itself included.
            (l, r) => match (l.as_f64(), r.as_f64()) {
                (l, _) if l.is_nan() => Ordering::Less,
                (_, r) if r.is_nan() => Ordering::Greater,
                (l, r) => l.partial_cmp(&r).unwrap_or(Ordering::Equal),
            },
        }
    }

    fn to_json(self) -> Json {
        match self {
            Self::Exact(n) if n.fract().is_zero() && n.to_i64().is_some() => n.to_i64().map_or(Json::Null, Json::from),
            Self::Exact(n) if n.fract().is_zero() && n.to_u64().is_some() => n.to_u64().map_or(Json::Null, Json::from),
            number => serde_json::Number::from_f64(number.as_f64()).map_or(Json::Null, Json::Number),
        }
    }
}

impl fmt::Display for Num {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(n) => write!(f, "{n}"),
            Self::Float(n) if n.is_finite() => write!(f, "{n}"),
            // As in jq: JSON has no such numbers.
            Self::Float(_) => f.write_str("null"),
        }
    }
}

impl Val {
    /// Text, counted.
    pub(super) fn text(text: &str) -> Self {
        grow_text(text.len() + NODE_BYTES);
        Self::Str(text.into())
    }

    pub(super) fn number(number: impl Into<Decimal>) -> Self {
        Self::Num(Num::Exact(number.into()))
    }

    /// An array whose elements were counted when they were collected.
    pub(super) fn array(items: Vec<Self>) -> Self {
        let depth = items.iter().map(Self::depth).max().unwrap_or(0);
        Self::Arr(Rc::new(items), one_deeper(depth))
    }

    /// An object whose entries were counted when they were collected.
    pub(super) fn object(entries: Object) -> Self {
        let depth = entries.values().map(Self::depth).max().unwrap_or(0);
        Self::Obj(Rc::new(entries), one_deeper(depth))
    }

    pub(super) fn depth(&self) -> u16 {
        match self {
            Self::Arr(_, depth) | Self::Obj(_, depth) => *depth,
            _ => 0,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// What JSON says.
    pub(super) fn from_json(json: &Json) -> Self {
        grow(NODE_BYTES);
        match json {
            Json::Null => Self::Null,
            Json::Bool(b) => Self::Bool(*b),
            Json::Number(n) => Self::Num(match (n.as_i64(), n.as_u64(), n.as_f64()) {
                (Some(i), _, _) => Num::Exact(i.into()),
                (_, Some(u), _) => Num::Exact(u.into()),
                (_, _, Some(f)) => Num::of_f64(f),
                _ => Num::Float(f64::NAN),
            }),
            Json::String(text) => Self::text(text),
            Json::Array(items) => Self::array(items.iter().map(Self::from_json).collect()),
            Json::Object(entries) => Self::object(
                entries
                    .iter()
                    .map(|(key, value)| {
                        grow(key.len() + NODE_BYTES);
                        (Rc::from(key.as_str()), Self::from_json(value))
                    })
                    .collect(),
            ),
        }
    }

    /// Says it in JSON, unless that takes more than `bytes_left`.
    pub(super) fn to_json(&self, bytes_left: &mut usize) -> Option<Json> {
        let own = match self {
            Self::Str(text) => text.len() + 2,
            Self::Obj(entries, _) => 2 + entries.keys().map(|key| key.len() + 4).sum::<usize>(),
            _ => 8,
        };
        *bytes_left = bytes_left.checked_sub(own)?;
        Some(match self {
            Self::Null => Json::Null,
            Self::Bool(b) => Json::Bool(*b),
            Self::Num(n) => n.to_json(),
            Self::Str(text) => Json::String(text.as_ref().to_owned()),
            Self::Arr(items, _) => Json::Array(items.iter().map(|item| item.to_json(bytes_left)).collect::<Option<_>>()?),
            Self::Obj(entries, _) => Json::Object(
                entries
                    .iter()
                    .map(|(key, value)| Some((key.as_ref().to_owned(), value.to_json(bytes_left)?)))
                    .collect::<Option<Map<_, _>>>()?,
            ),
        })
    }

    /// Appends its JSON text, counting every node: a value may hold the same part a million times.
    pub(super) fn print(&self, out: &mut String) {
        step();
        let before = out.len();
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
            Self::Num(n) => out.push_str(&n.to_string()),
            Self::Str(text) => print_text(text, out),
            Self::Arr(items, _) => {
                out.push('[');
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    item.print(out);
                }
                out.push(']');
            }
            Self::Obj(entries, _) => {
                out.push('{');
                for (position, (key, value)) in entries.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    print_text(key, out);
                    out.push(':');
                    value.print(out);
                }
                out.push('}');
            }
        }
        if self.depth() == 0 {
            grow(out.len() - before);
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(false) => 1,
            Self::Bool(true) => 2,
            Self::Num(_) => 3,
            Self::Str(_) => 4,
            Self::Arr(..) => 5,
            Self::Obj(..) => 6,
        }
    }
}

fn one_deeper(depth: u16) -> u16 {
    if depth >= MAX_DEPTH {
        stop(Spent::Depth);
    }
    depth + 1
}

fn print_text(text: &str, out: &mut String) {
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

impl fmt::Display for Val {
    /// Only for error messages: cut short, because what is wrong may be large.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN_CHARS: usize = 60;
        match self {
            Self::Arr(items, _) => write!(f, "an array of {} elements", items.len()),
            Self::Obj(entries, _) => {
                let keys: Vec<&str> = entries.keys().take(6).map(AsRef::as_ref).collect();
                write!(f, "an object with {}", if keys.is_empty() { "no fields".to_owned() } else { keys.join(", ") })
            }
            Self::Str(text) if text.chars().count() > SHOWN_CHARS => {
                write!(f, "\"{}…\"", text.chars().take(SHOWN_CHARS).collect::<String>())
            }
            Self::Str(text) => write!(f, "\"{text}\""),
            Self::Null => f.write_str("null"),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Num(n) => write!(f, "{n}"),
        }
    }
}

impl Ord for Val {
    fn cmp(&self, other: &Self) -> Ordering {
        step();
        match (self, other) {
            (Self::Num(l), Self::Num(r)) => l.order(*r),
            (Self::Str(l), Self::Str(r)) => l.cmp(r),
            (Self::Arr(l, _), Self::Arr(r, _)) => l.cmp(r),
            (Self::Obj(l, _), Self::Obj(r, _)) => {
                let sorted = |o: &Object| {
                    grow(o.len() * NODE_BYTES);
                    let mut keys: Vec<Rc<str>> = o.keys().cloned().collect();
                    keys.sort();
                    keys
                };
                let (left_keys, right_keys) = (sorted(l), sorted(r));
                left_keys.cmp(&right_keys).then_with(|| {
                    left_keys.iter().map(|key| l.get(key).cmp(&r.get(key))).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
                })
            }
            (l, r) => l.rank().cmp(&r.rank()),
        }
    }
}

impl PartialOrd for Val {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Val {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Val {}

impl From<bool> for Val {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}

impl From<isize> for Val {
    fn from(i: isize) -> Self {
        Self::number(Decimal::from_isize(i).unwrap_or_default())
    }
}

impl From<usize> for Val {
    fn from(i: usize) -> Self {
        Self::number(Decimal::from_usize(i).unwrap_or_default())
    }
}

impl From<f64> for Val {
    fn from(f: f64) -> Self {
        Self::Num(Num::of_f64(f))
    }
}

impl From<String> for Val {
    fn from(text: String) -> Self {
        Self::text(&text)
    }
}

impl FromIterator<Self> for Val {
    fn from_iter<I: IntoIterator<Item = Self>>(items: I) -> Self {
        Self::array(items.into_iter().inspect(|_| grow(NODE_BYTES)).collect())
    }
}
