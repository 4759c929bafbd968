//! Which functions programs have.

use jaq_core::box_iter::{box_once, then};
use jaq_core::load::parse::Def;
use jaq_core::native::{Filter, Fun, bome, run, unary, v};
use jaq_core::{Error, Exn, RunPtr, ValR};
use serde_json::Value as Json;

use super::meter::{grow, step};
use super::patterns;
use super::program::Kind;
use super::value::{Num, Val};

/// Native functions that reach outside the program: the process, its environment, its clock and its log.
const OUTSIDE: &[&str] = &["halt", "env", "now", "debug_empty", "stderr_empty", "localtime", "strflocaltime"];
/// Native functions whose loops run as often as a number says, where nothing is counted, and that no bill needs.
const UNCOUNTED: &[&str] = &["jn", "yn"];
/// Native functions that are replaced by ours, with limits.
const REPLACED: &[&str] = &["matches", "split_matches", "split_"];
/// Definitions that rest on functions that do not exist here, or that ours replace.
const LEFT_OUT: &[&str] = &["debug", "stderr", "halt", "halt_error", "isnan"];

/// Our own, beside those of jq.
const OURS: &str = r#"
def arr: if . == null then [] elif type == "array" then . else [.] end;
def date(format): strptime(format) | mktime | todate | .[:10];
"#;

/// The definitions every program may use.
pub(super) fn definitions() -> impl Iterator<Item = Def<&'static str>> {
    let ours = jaq_core::load::parse(OURS, |parser| parser.defs()).unwrap_or_default();
    jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()).filter(|def| !LEFT_OUT.contains(&def.name)).chain(ours)
}

/// The native functions every program may use.
pub(super) fn natives() -> impl Iterator<Item = Fun<Kind>> {
    jaq_core::funs::<Kind>()
        .chain(jaq_std::funs::<Kind>())
        .filter(|(name, _, _)| ![OUTSIDE, UNCOUNTED, REPLACED].iter().any(|left_out| left_out.contains(name)))
        .chain(own().into_vec().into_iter().map(run::<Kind>))
}

fn own() -> Box<[Filter<RunPtr<Kind>>]> {
    Box::new([
        ("tojson", v(0), |cv| {
            let mut text = String::new();
            cv.1.print(&mut text);
            bome(Ok(Val::text(&text)))
        }),
        ("fromjson", v(0), |cv| bome(from_json(&cv.1))),
        ("length", v(0), |cv| bome(length(&cv.1))),
        ("contains", v(1), |cv| unary(cv, |whole, part| Ok(Val::from(contains(&whole, &part))))),
        ("has", v(1), |cv| unary(cv, |value, index| value.get(&index).map(|found| Val::from(found.is_some())))),
        ("indices", v(1), |cv| unary(cv, |value, part| indices(&value, &part))),
        ("isnan", v(0), |cv| bome(Ok(Val::from(matches!(cv.1, Val::Num(n) if n.as_f64().is_nan()))))),
        ("bsearch", v(1), |cv| {
            unary(cv, |value, wanted| match value {
                Val::Arr(items, _) => Ok(match items.binary_search(&wanted) {
                    Ok(at) => Val::from(at),
                    Err(at) => Val::from(-1 - at as isize),
                }),
                value => Err(Error::typ(value, "array")),
            })
        }),
        ("matches", v(2), |cv| one(patterns::apply(cv, patterns::Parts::Matches))),
        ("split_matches", v(2), |cv| one(patterns::apply(cv, patterns::Parts::Both))),
        ("split_", v(2), |cv| one(patterns::apply(cv, patterns::Parts::Between))),
        ("tobytes", v(0), |cv| {
            then(Err(Exn::from(Error::str(format!("bytes are not supported, for {}", cv.1)))), |never: Val| box_once(Ok(never)))
        }),
    ])
}

fn one<'a>(result: ValR<Val>) -> jaq_core::ValXs<'a, Val> {
    bome(result)
}

fn from_json(value: &Val) -> ValR<Val> {
    let text = value.as_text().ok_or_else(|| Error::typ(value.clone(), "string"))?.trim();
    // A bare number keeps its digits, as an amount should.
    let looks_like_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '-') && !text.starts_with("-I");
    if looks_like_number && serde_json::from_str::<serde_json::Number>(text).is_ok() {
        return Num::read(text).map(Val::Num).ok_or_else(|| Error::str(format!("cannot read {value} as a number")));
    }
    grow(text.len());
    serde_json::from_str::<Json>(text)
        .map(|json| Val::from_json(&json))
        .map_err(|e| Error::str(format!("cannot read {value} as JSON: {e}")))
}

fn length(value: &Val) -> ValR<Val> {
    Ok(match value {
        Val::Null => Val::from(0usize),
        Val::Num(Num::Exact(n)) => Val::Num(Num::Exact(n.abs())),
        Val::Num(Num::Float(n)) => Val::Num(Num::Float(n.abs())),
        Val::Str(text) => Val::from(text.chars().count()),
        Val::Arr(items, _) => Val::from(items.len()),
        Val::Obj(entries, _) => Val::from(entries.len()),
        Val::Bool(_) => return Err(Error::str(format!("{value} has no length"))),
    })
}

fn contains(whole: &Val, part: &Val) -> bool {
    step();
    match (whole, part) {
        (Val::Str(whole), Val::Str(part)) => whole.contains(part.as_ref()),
        (Val::Arr(whole, _), Val::Arr(parts, _)) => parts.iter().all(|part| whole.iter().any(|item| contains(item, part))),
        (Val::Obj(whole, _), Val::Obj(parts, _)) => {
            parts.iter().all(|(key, part)| whole.get(key).is_some_and(|value| contains(value, part)))
        }
        (whole, part) => whole == part,
    }
}

fn indices(value: &Val, part: &Val) -> ValR<Val> {
    match (value, part) {
        (Val::Null, _) => Ok(Val::Null),
        (Val::Str(text), Val::Str(part)) if !part.is_empty() => {
            let starts = text.char_indices().enumerate().filter(|(_, (byte, _))| {
                step();
                text[*byte..].starts_with(part.as_ref())
            });
            Ok(starts.map(|(at, _)| Val::from(at)).collect())
        }
        (Val::Arr(items, _), Val::Arr(part, _)) if !part.is_empty() => {
            let windows = items.windows(part.len()).enumerate();
            Ok(windows.filter(|(_, window)| *window == part.as_slice()).map(|(at, _)| Val::from(at)).collect())
        }
        (Val::Str(_), Val::Str(_)) | (Val::Arr(..), Val::Arr(..)) => Ok(Val::array(Vec::new())),
        (Val::Arr(items, _), part) => Ok(items.iter().enumerate().filter(|(_, item)| *item == part).map(|(at, _)| Val::from(at)).collect()),
        (value, part) => Err(Error::index(value.clone(), part.clone())),
    }
}
