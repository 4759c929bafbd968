//! Regular expressions, with limits on the pattern, on what it compiles to and on the text.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use jaq_core::{Cv, Error, ValR};
use regex::{Regex, RegexBuilder};

use super::meter::{grow, step};
use super::program::Kind;
use super::value::{NODE_BYTES, Object, Val};

/// Longest pattern.
const MAX_PATTERN_BYTES: usize = 1024;
/// What a pattern may compile to; this also bounds the time, which grows with pattern and text.
const MAX_COMPILED_BYTES: usize = 256 << 10;
/// Longest text a pattern is applied to.
const MAX_TEXT_BYTES: usize = 256 << 10;
/// Compiled patterns kept by each thread.
const MAX_KEPT: usize = 64;

/// What is wanted of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    Matches,
    Between,
    Both,
}

#[derive(Clone, Copy, Default)]
struct Flags {
    everywhere: bool,
    skip_empty: bool,
}

thread_local! {
    static KEPT: RefCell<HashMap<(String, String), (Regex, Flags)>> = RefCell::new(HashMap::new());
}

/// `input | matches(pattern; flags)` and its kin.
pub(super) fn apply(mut cv: Cv<'_, Kind>, parts: Parts) -> ValR<Val> {
    let flags = cv.0.pop_var();
    let pattern = cv.0.pop_var();
    let text_of = |value: &Val| value.as_text().map(str::to_owned).ok_or_else(|| Error::typ(value.clone(), "string"));
    let flags = if matches!(flags, Val::Null) { String::new() } else { text_of(&flags)? };
    let (regex, flags) = compiled(text_of(&pattern)?, flags)?;
    let text = cv.1.as_text().ok_or_else(|| Error::typ(cv.1.clone(), "string"))?;
    if text.len() > MAX_TEXT_BYTES {
        return Err(Error::str(format!("a pattern is applied to texts of at most {MAX_TEXT_BYTES} bytes")));
    }
    let mut found = Vec::new();
    let mut from = 0;
    for captures in regex.captures_iter(text) {
        step();
        let Some(whole) = captures.get(0) else { continue };
        if flags.skip_empty && whole.is_empty() {
            continue;
        }
        grow(2 * NODE_BYTES);
        if parts != Parts::Matches {
            found.push(Val::text(&text[from..whole.start()]));
            from = whole.end();
        }
        if parts != Parts::Between {
            let groups = captures.iter().zip(regex.capture_names());
            found.push(groups.filter_map(|(group, name)| Some(group_object(text, group?, name))).collect());
        }
        if !flags.everywhere {
            break;
        }
    }
    if parts != Parts::Matches {
        found.push(Val::text(&text[from..]));
    }
    Ok(Val::array(found))
}

fn group_object(text: &str, group: regex::Match<'_>, name: Option<&str>) -> Val {
    let mut object = Object::new();
    object.insert(Rc::from("offset"), Val::from(text[..group.start()].chars().count()));
    object.insert(Rc::from("length"), Val::from(group.as_str().chars().count()));
    object.insert(Rc::from("string"), Val::text(group.as_str()));
    if let Some(name) = name {
        object.insert(Rc::from("name"), Val::text(name));
    }
    grow(object.len() * 2 * NODE_BYTES);
    Val::object(object)
}

fn compiled(pattern: String, flags: String) -> Result<(Regex, Flags), Error<Val>> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err(Error::str(format!("a pattern has at most {MAX_PATTERN_BYTES} bytes")));
    }
    let key = (pattern, flags);
    if let Some(kept) = KEPT.with_borrow(|kept| kept.get(&key).cloned()) {
        return Ok(kept);
    }
    let mut builder = RegexBuilder::new(&key.0);
    builder.size_limit(MAX_COMPILED_BYTES).dfa_size_limit(MAX_COMPILED_BYTES);
    let mut own = Flags::default();
    for flag in key.1.chars() {
        match flag {
            'g' => own.everywhere = true,
            'n' => own.skip_empty = true,
            'i' => drop(builder.case_insensitive(true)),
            'x' => drop(builder.ignore_whitespace(true)),
            's' => drop(builder.dot_matches_new_line(true)),
            'l' => drop(builder.swap_greed(true)),
            'p' => drop(builder.dot_matches_new_line(true).multi_line(true)),
            'm' => drop(builder.multi_line(true)),
            other => return Err(Error::str(format!("'{other}' is not a flag of a pattern"))),
        }
    }
    let regex = builder.build().map_err(|e| Error::str(format!("the pattern cannot be used: {e}")))?;
    KEPT.with_borrow_mut(|kept| {
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(key, (regex.clone(), own));
    });
    Ok((regex, own))
}
