//! Texts that no database of ours can store, or that are longer than any text we ask for, refused in the one place that
//! every argument passes, whichever way it came.

use async_graphql::Value;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use serde_json::{Map, Value as Json};

/// What is wrong with an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    /// Where it is, with dots between the parts.
    pub path: String,
    /// What it is, for its author.
    pub message: String,
}

/// Checks one text.
pub(crate) fn check(text: &str, most: usize) -> Result<(), String> {
    if text.contains('\0') {
        return Err("It has a NUL character (U+0000), which cannot be stored.".to_owned());
    }
    if text.len() > most {
        return Err(format!("It has {} bytes (at most {most}).", text.len()));
    }
    Ok(())
}

/// Checks the variables of an operation.
pub(crate) fn check_variables(variables: &Map<String, Json>, most: usize) -> Result<(), Unfit> {
    variables.iter().try_for_each(|(name, value)| check_json(name, value, most))
}

/// Checks any JSON; `path` is where it is.
pub(crate) fn check_json(path: &str, value: &Json, most: usize) -> Result<(), Unfit> {
    let unfit = |path: &str, message| Unfit { path: path.to_owned(), message };
    match value {
        Json::String(text) => check(text, most).map_err(|message| unfit(path, message)),
        Json::Array(list) => list.iter().enumerate().try_for_each(|(at, one)| check_json(&format!("{path}.{at}"), one, most)),
        Json::Object(map) => map.iter().try_for_each(|(name, one)| {
            check(name, most).map_err(|message| unfit(path, message))?;
            check_json(&format!("{path}.{name}"), one, most)
        }),
        Json::Null | Json::Bool(_) | Json::Number(_) => Ok(()),
    }
}

/// Checks the literals of a document with this text.
pub(crate) fn check_literals(text: &str, document: &ExecutableDocument, most: usize) -> Result<(), Unfit> {
    // Only a document that is long, or has such a character or an escape, can have an unfit literal.
    if text.len() <= most && !text.contains('\0') && !text.contains("\\u") {
        return Ok(());
    }
    for (_, operation) in document.operations.iter() {
        for definition in &operation.node.variable_definitions {
            if let Some(value) = &definition.node.default_value {
                check_value(definition.node.name.node.as_str(), &value.node, most)?;
            }
        }
        check_directives(&operation.node.directives, most)?;
        check_set(&operation.node.selection_set.node, most)?;
    }
    document.fragments.values().try_for_each(|fragment| check_set(&fragment.node.selection_set.node, most))
}

fn check_set(set: &SelectionSet, most: usize) -> Result<(), Unfit> {
    set.items.iter().try_for_each(|item| match &item.node {
        Selection::Field(field) => {
            let field = &field.node;
            check_arguments(field.name.node.as_str(), &field.arguments, most)?;
            check_directives(&field.directives, most)?;
            check_set(&field.selection_set.node, most)
        }
        Selection::InlineFragment(inline) => {
            check_directives(&inline.node.directives, most)?;
            check_set(&inline.node.selection_set.node, most)
        }
        Selection::FragmentSpread(spread) => check_directives(&spread.node.directives, most),
    })
}

type Arguments = [(async_graphql::Positioned<async_graphql::Name>, async_graphql::Positioned<async_graphql_value::Value>)];
type Directives = [async_graphql::Positioned<async_graphql::parser::types::Directive>];

fn check_directives(directives: &Directives, most: usize) -> Result<(), Unfit> {
    directives.iter().try_for_each(|one| check_arguments(one.node.name.node.as_str(), &one.node.arguments, most))
}

fn check_arguments(of: &str, arguments: &Arguments, most: usize) -> Result<(), Unfit> {
    arguments.iter().try_for_each(|(name, value)| {
        // Variables are checked as such.
        let literal = value.node.clone().into_const_with(|_| Ok::<_, std::convert::Infallible>(Value::Null));
        let Ok(literal) = literal;
        check_value(&format!("{of}.{}", name.node), &literal, most)
    })
}

fn check_value(path: &str, value: &Value, most: usize) -> Result<(), Unfit> {
    match value {
        Value::String(text) => check(text, most).map_err(|message| Unfit { path: path.to_owned(), message }),
        Value::List(list) => list.iter().enumerate().try_for_each(|(at, one)| check_value(&format!("{path}.{at}"), one, most)),
        Value::Object(map) => map.iter().try_for_each(|(name, one)| check_value(&format!("{path}.{name}"), one, most)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Option<String> {
        let document = async_graphql::parser::parse_query(text).expect("a document");
        check_literals(text, &document, 100).err().map(|unfit| unfit.path)
    }

    #[test]
    fn nul_is_found_wherever_a_text_can_be() {
        for (text, path) in [
            (r#"{ a(b: "x\u0000") }"#, Some("a.b")),
            (r#"{ a { c(b: {d: [1, "\u0000"]}) } }"#, Some("c.b.d.1")),
            (r#"query($v: String = "\u0000") { a(b: $v) }"#, Some("v")),
            (r#"{ ...F } fragment F on Q { a @skip(if: "\u0000") }"#, Some("skip.if")),
            (r#"{ a(b: "\u0041") }"#, None),
            (r#"{ a(b: "plain") }"#, None),
        ] {
            assert_eq!(literal(text).as_deref(), path, "{text}");
        }
        assert_eq!(literal(&format!("{{ a(b: \"{}\") }}", "x".repeat(101))).as_deref(), Some("a.b"));
    }

    #[test]
    fn variables_are_checked_to_the_last_leaf() {
        let check = |text: &str| {
            let Json::Object(map) = serde_json::from_str(text).expect("JSON") else { panic!("not an object") };
            check_variables(&map, 10).err().map(|unfit| unfit.path)
        };
        assert_eq!(check(r#"{"a": {"b": [{"c": "\u0000"}]}}"#).as_deref(), Some("a.b.0.c"));
        assert_eq!(check(r#"{"a": {"b\u0000": 1}}"#).as_deref(), Some("a"));
        assert_eq!(check(r#"{"a": "12345678901"}"#).as_deref(), Some("a"));
        assert_eq!(check(r#"{"a": "1234567890", "b": null, "c": 1.5}"#), None);
    }
}
