//! Documents that were parsed and found within the limits, kept for the next request with the same text.
//!
//! Applications send the same few documents over and over; parsing them costs more than answering some of them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use async_graphql::ServerError;
use async_graphql::parser::{parse_query, types::ExecutableDocument};
use parking_lot::Mutex;

use crate::config::Limits;
use crate::limits::{TooMuch, check_document, check_text};
use crate::order::Order;

/// Longer texts are not kept, so that the cache's size has a bound.
const LONGEST: usize = 6 << 10;
/// Documents of one generation; two are kept.
const GENERATION: usize = 128;

/// Why a text is not a document that is executed.
#[derive(Debug)]
pub(crate) enum Unusable {
    /// It is beyond a limit.
    TooMuch(TooMuch),
    /// It is not GraphQL.
    Syntax(ServerError),
}

/// A document within the limits.
#[derive(Debug)]
pub(crate) struct Document {
    /// As it was parsed.
    pub tree: ExecutableDocument,
    /// The order of each operation's answer, in the order of `tree.operations`; none where fragments go in a circle.
    pub orders: Vec<Order>,
    /// What of it was found valid.
    pub passed: Passed,
}

/// An operation of a document with variables, by its digest: variables may be private and are not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked([u8; 32]);

impl Asked {
    /// The operation at `place` with `variables`.
    pub(crate) fn of(place: usize, variables: &serde_json::Value) -> Self {
        use sha2::Digest as _;
        let digest = sha2::Sha256::new().chain_update(place.to_le_bytes()).chain_update(variables.to_string());
        Self(digest.finalize().into())
    }
}

/// What was found valid lately. Whether an operation is valid depends on the schema, its document and its variables, and on
/// nothing else; what was valid once with the same variables need not be looked at again.
#[derive(Debug, Default)]
pub(crate) struct Passed(Mutex<VecDeque<Asked>>);

/// Variables that are known for each document.
const KNOWN: usize = 16;

impl Passed {
    /// Whether it was found valid.
    pub(crate) fn has(&self, asked: Asked) -> bool {
        self.0.lock().contains(&asked)
    }

    /// It was found valid.
    pub(crate) fn note(&self, asked: Asked) {
        let mut known = self.0.lock();
        if known.contains(&asked) {
            return;
        }
        if known.len() >= KNOWN {
            known.pop_front();
        }
        known.push_back(asked);
    }
}

/// The documents seen lately.
#[derive(Debug, Default)]
pub(crate) struct Documents(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Box<str>, Arc<Document>>,
    old: HashMap<Box<str>, Arc<Document>>,
}

impl Generations {
    fn get(&mut self, text: &str) -> Option<Arc<Document>> {
        if let Some(found) = self.young.get(text) {
            return Some(Arc::clone(found));
        }
        let (key, found) = self.old.remove_entry(text)?;
        self.put(key, Arc::clone(&found));
        Some(found)
    }

    fn put(&mut self, key: Box<str>, document: Arc<Document>) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, document);
    }
}

impl Documents {
    /// The document of `text`; kept for the next time if `keep`.
    pub(crate) fn read(&self, text: &str, limits: &Limits, keep: bool) -> Result<Arc<Document>, Unusable> {
        if text.len() <= LONGEST
            && let Some(found) = self.0.lock().get(text)
        {
            return Ok(found);
        }
        check_text(text, limits).map_err(Unusable::TooMuch)?;
        let tree = parse_query(text).map_err(|error| Unusable::Syntax(error.into()))?;
        let is_tree = check_document(&tree, limits).map_err(Unusable::TooMuch)?;
        let orders =
            if is_tree { tree.operations.iter().map(|(_, operation)| Order::of(&operation.node, &tree)).collect() } else { Vec::new() };
        let document = Arc::new(Document { tree, orders, passed: Passed::default() });
        if keep && text.len() <= LONGEST {
            self.0.lock().put(text.into(), Arc::clone(&document));
        }
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_cache_is_bounded() {
        let (documents, limits) = (Documents::default(), Limits::default());
        let kept = documents.read("{ a }", &limits, true).expect("a document");
        for n in 0..1_000 {
            documents.read(&format!("{{ b{n} }}"), &limits, true).expect("a document");
            if n % 50 == 0 {
                assert!(Arc::ptr_eq(&kept, &documents.read("{ a }", &limits, true).expect("a document")));
            }
        }
        let state = documents.0.lock();
        assert!(state.young.len() + state.old.len() <= 2 * GENERATION);
    }

    #[test]
    fn what_was_valid_is_known_by_operation_and_variables() {
        let passed = Passed::default();
        let (one, other) = (serde_json::json!({"first": 1}), serde_json::json!({"first": 2}));
        passed.note(Asked::of(0, &one));
        assert!(passed.has(Asked::of(0, &one)));
        assert!(!passed.has(Asked::of(0, &other)) && !passed.has(Asked::of(1, &one)));
        for n in 0..1_000 {
            passed.note(Asked::of(0, &serde_json::json!({"first": n})));
        }
        assert_eq!(passed.0.lock().len(), KNOWN);
    }

    #[test]
    fn strangers_leave_nothing_behind() {
        let (documents, limits) = (Documents::default(), Limits::default());
        documents.read("{ a }", &limits, false).expect("a document");
        assert!(documents.0.lock().young.is_empty());
        assert!(matches!(documents.read("{ a", &limits, true), Err(Unusable::Syntax(_))));
    }
}
