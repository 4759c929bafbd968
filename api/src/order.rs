//! Answers in the order of their questions.
//!
//! Fields are resolved side by side and come back as they are ready; a person who reads an answer, or compares two, expects
//! them as they were asked for, and so does the specification.

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Value};

/// The order of the fields of an answer, and of those below them.
#[derive(Debug, Default)]
pub(crate) struct Order {
    fields: Vec<(Name, Order)>,
}

impl Order {
    /// The order an operation asks for. Its fragments must not spread themselves, and its fields be bounded.
    pub(crate) fn of(operation: &OperationDefinition, document: &ExecutableDocument) -> Self {
        let mut order = Self::default();
        order.add(&operation.selection_set.node, document);
        order
    }

    fn add(&mut self, set: &SelectionSet, document: &ExecutableDocument) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    let at = self.fields.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
                        self.fields.push((key.clone(), Self::default()));
                        self.fields.len() - 1
                    });
                    self.fields[at].1.add(&field.node.selection_set.node, document);
                }
                Selection::InlineFragment(inline) => self.add(&inline.node.selection_set.node, document),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                        self.add(&fragment.node.selection_set.node, document);
                    }
                }
            }
        }
    }

    /// Puts an answer into this order.
    pub(crate) fn arrange(&self, value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.arrange(item)),
            Value::Object(map) => {
                let is_in_order = map.len() == self.fields.len() && map.keys().zip(&self.fields).all(|(key, (wanted, _))| key == wanted);
                if !is_in_order {
                    let mut left = std::mem::take(map);
                    for (key, _) in &self.fields {
                        if let Some(value) = left.swap_remove(key) {
                            map.insert(key.clone(), value);
                        }
                    }
                    map.extend(left);
                }
                for (key, below) in self.fields.iter().filter(|(_, below)| !below.fields.is_empty()) {
                    if let Some(value) = map.get_mut(key) {
                        below.arrange(value);
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arranged(query: &str, answer: &str) -> String {
        let document = async_graphql::parser::parse_query(query).expect("a document");
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let mut value: Value = serde_json::from_str(answer).expect("JSON");
        Order::of(&operation.node, &document).arrange(&mut value);
        serde_json::to_string(&value).expect("JSON")
    }

    #[test]
    fn answers_are_in_the_order_of_their_questions() {
        for (query, answer, wanted) in [
            ("{ a b c }", r#"{"c":1,"a":2,"b":3}"#, r#"{"a":2,"b":3,"c":1}"#),
            ("{ x: a { q p } b }", r#"{"b":1,"x":[{"p":1,"q":2},null]}"#, r#"{"x":[{"q":2,"p":1},null],"b":1}"#),
            ("{ a ...f b } fragment f on Q { c b }", r#"{"b":1,"c":2,"a":3}"#, r#"{"a":3,"c":2,"b":1}"#),
            ("{ n { ... on A { y } ... on B { z } id } }", r#"{"n":{"id":1,"z":2}}"#, r#"{"n":{"z":2,"id":1}}"#),
            ("{ a { p } a { q } }", r#"{"a":{"q":1,"p":2}}"#, r#"{"a":{"p":2,"q":1}}"#),
            ("{ a }", r#"{"b":1,"a":2}"#, r#"{"a":2,"b":1}"#),
        ] {
            assert_eq!(arranged(query, answer), wanted, "{query}");
        }
    }
}
