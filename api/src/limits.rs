//! What a document may look like, checked before anything is made of it: first its text, then its tree.
//!
//! The counts follow fragments wherever they are spread, because that is what is executed; each fragment is counted once
//! and its counts are used again, so that counting takes no longer for a document that would explode.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet};

use crate::config::Limits;

/// What of a document is too much, in words for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TooMuch(pub String);

fn too_much(what: &str, limit: usize) -> TooMuch {
    TooMuch(format!("The document is refused: {what} (at most {limit})."))
}

/// Checks the text: how many words and signs, and how deep brackets go. The parser recurses, so this comes first.
pub(crate) fn check_text(text: &str, limits: &Limits) -> Result<(), TooMuch> {
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut depth) = (0, 0, 0usize);
    while at < bytes.len() {
        let byte = bytes[at];
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' | 0xEF | 0xBB | 0xBF => {
                at += 1;
                continue;
            }
            b'#' => {
                at += bytes[at..].iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(bytes.len() - at);
                continue;
            }
            b'{' | b'(' | b'[' => {
                depth += 1;
                if depth > limits.nesting {
                    return Err(too_much("brackets are nested too deep", limits.nesting));
                }
                at += 1;
            }
            b'}' | b')' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b'"' => at = after_string(bytes, at),
            _ if is_word(byte) => at += bytes[at..].iter().position(|b| !is_word(*b)).unwrap_or(bytes.len() - at),
            _ => at += 1,
        }
        tokens += 1;
        if tokens > limits.tokens {
            return Err(too_much("it has too many words and signs", limits.tokens));
        }
    }
    Ok(())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'+')
}

/// The place after the string that begins at `at`.
fn after_string(bytes: &[u8], at: usize) -> usize {
    let block = bytes[at..].starts_with(b"\"\"\"");
    let mut next = at + if block { 3 } else { 1 };
    while next < bytes.len() {
        match bytes[next] {
            b'\\' if block && bytes[next..].starts_with(b"\\\"\"\"") => next += 4,
            b'\\' if !block => next += 2,
            b'"' if !block => return next + 1,
            b'"' if bytes[next..].starts_with(b"\"\"\"") => return next + 3,
            b'\n' if !block => return next,
            _ => next += 1,
        }
    }
    bytes.len()
}

/// What an operation, or a part of it, comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    fields: usize,
    aliases: usize,
    directives: usize,
    depth: usize,
    /// Depth below fields other than `__schema` and `__type`.
    plain_depth: usize,
    roots: usize,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.fields = self.fields.saturating_add(other.fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.roots = self.roots.saturating_add(other.roots);
        self.depth = self.depth.max(other.depth);
        self.plain_depth = self.plain_depth.max(other.plain_depth);
    }
}

/// Checks the tree of every operation; answers whether its fragments are a tree as well. One that spreads itself counts as
/// nothing here; validation refuses it.
pub(crate) fn check_document(document: &ExecutableDocument, limits: &Limits) -> Result<bool, TooMuch> {
    let mut counter = Counter { document, done: HashMap::new(), circular: false };
    for (_, operation) in document.operations.iter() {
        let counts = counter.operation(&operation.node);
        let within = |value: usize, limit: usize, what: &str| if value > limit { Err(too_much(what, limit)) } else { Ok(()) };
        // One stream each: a second one would stand still, with what it holds, while an answer of the first is written.
        if operation.node.ty == OperationType::Subscription {
            within(counts.roots, 1, "a subscription has more than one field at the top")?;
        }
        within(counts.roots, limits.root_fields, "it has too many fields at the top")?;
        within(counts.depth, limits.introspection_depth, "fields are nested too deep")?;
        within(counts.plain_depth, limits.depth, "fields are nested too deep")?;
        within(counts.fields, limits.fields, "it has too many fields")?;
        within(counts.aliases, limits.aliases, "it has too many aliases")?;
        within(counts.directives, limits.directives, "it has too many directives")?;
    }
    Ok(!counter.circular)
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    done: HashMap<&'a Name, Option<Counts>>,
    /// Whether a fragment was found within itself.
    circular: bool,
}

impl<'a> Counter<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) -> Counts {
        let mut counts = self.set(&operation.selection_set.node);
        counts.directives = counts.directives.saturating_add(operation.directives.len());
        counts
    }

    fn set(&mut self, set: &'a SelectionSet) -> Counts {
        let mut counts = Counts::default();
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => counts.add(self.field(&field.node)),
                Selection::InlineFragment(inline) => {
                    counts.directives = counts.directives.saturating_add(inline.node.directives.len());
                    counts.add(self.set(&inline.node.selection_set.node));
                }
                Selection::FragmentSpread(spread) => {
                    counts.directives = counts.directives.saturating_add(spread.node.directives.len());
                    counts.add(self.fragment(&spread.node.fragment_name.node));
                }
            }
        }
        counts
    }

    fn field(&mut self, field: &'a Field) -> Counts {
        let below = self.set(&field.selection_set.node);
        let introspects = matches!(field.name.node.as_str(), "__schema" | "__type");
        Counts {
            fields: below.fields.saturating_add(1),
            aliases: below.aliases.saturating_add(usize::from(field.alias.is_some())),
            directives: below.directives.saturating_add(field.directives.len()),
            depth: below.depth + 1,
            plain_depth: if introspects { 1 } else { below.plain_depth + 1 },
            roots: 1,
        }
    }

    fn fragment(&mut self, name: &Name) -> Counts {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else { return Counts::default() };
        if let Some(known) = self.done.get(name) {
            self.circular |= known.is_none();
            return known.unwrap_or_default();
        }
        self.done.insert(name, None);
        let counts = self.set(&fragment.node.selection_set.node);
        self.done.insert(name, Some(counts));
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<bool, TooMuch> {
        let limits = Limits::default();
        check_text(text, &limits)?;
        check_document(&async_graphql::parser::parse_query(text).expect("a document"), &limits)
    }

    fn nested(depth: usize) -> String {
        let inner = depth - 1;
        format!("{{ {} a {} }}", "a { ".repeat(inner), "} ".repeat(inner))
    }

    #[test]
    fn the_limit_passes_and_one_more_is_refused() {
        let limits = Limits::default();
        let times = |n: usize, text: &str| text.repeat(n);
        let aliased = |n: usize| (0..n).map(|i| format!("x{i}: a ")).collect::<String>();
        for (at_limit, beyond) in [
            (nested(limits.depth), nested(limits.depth + 1)),
            (format!("{{ b {{ {} }} }}", aliased(limits.aliases)), format!("{{ b {{ {} }} }}", aliased(limits.aliases + 1))),
            (format!("{{ {} }}", times(limits.root_fields, "a ")), format!("{{ {} }}", times(limits.root_fields + 1, "a "))),
            (format!("{{ a {} }}", times(limits.directives, "@d ")), format!("{{ a {} }}", times(limits.directives + 1, "@d "))),
            (format!("{{ b {{ {} }} }}", times(limits.fields - 1, "a ")), format!("{{ b {{ {} }} }}", times(limits.fields, "a "))),
        ] {
            assert_eq!(checked(&at_limit), Ok(true));
            assert!(checked(&beyond).is_err(), "{beyond}");
        }
    }

    #[test]
    fn text_is_bounded_before_it_is_parsed() {
        let limits = Limits::default();
        assert!(check_text(&"[".repeat(limits.nesting), &limits).is_ok());
        assert!(check_text(&"[".repeat(limits.nesting + 1), &limits).is_err());
        assert!(check_text(&"a ".repeat(limits.tokens), &limits).is_ok());
        assert!(check_text(&"a ".repeat(limits.tokens + 1), &limits).is_err());
        let quoted = format!("{{ a(b: \"{}\", c: \"\"\"{} \\\"\"\" {}\"\"\") }}", "[".repeat(99), "{".repeat(99), "(".repeat(99));
        assert!(check_text(&quoted, &limits).is_ok());
        assert!(check_text(&format!("{{ a }} # {}", "{".repeat(99)), &limits).is_ok());
        assert!(check_text("{ a(b: \"\\\"", &limits).is_ok());
    }

    #[test]
    fn fragments_are_counted_where_they_are_spread() {
        let mut bomb = String::from("{ ...f0 }");
        for n in 0..40 {
            bomb += &format!(" fragment f{n} on Query {{ ...f{m} ...f{m} }}", m = n + 1);
        }
        bomb += " fragment f40 on Query { a }";
        assert!(checked(&bomb).is_err());
        assert_eq!(checked("{ ...f } fragment f on Query { a ...f }"), Ok(false), "validation refuses the circle");
    }

    #[test]
    fn introspection_may_go_deeper() {
        let types = "ofType { ".repeat(9);
        let text = format!("{{ __schema {{ types {{ fields {{ args {{ type {{ {types} name {} }} }} }} }} }} }}", "} ".repeat(9));
        assert_eq!(checked(&text), Ok(true));
        assert!(checked(&text.replace("__schema", "schema")).is_err());
    }

    #[test]
    fn a_subscription_follows_one_thing() {
        assert_eq!(checked("subscription { a { b } }"), Ok(true));
        assert!(checked("subscription { a { b } c: a { b } }").is_err());
        assert!(checked("subscription { ...F } fragment F on S { a { b } c { b } }").is_err());
    }
}
