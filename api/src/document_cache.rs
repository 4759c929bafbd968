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
use crate::texts::{Unfit, check_literals};

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
    /// A literal of it is no text that is taken.
    Unfit(Unfit),
    /// The caller has asked for too much lately.
    Spent(billow_billing::Error),
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
    /// The SHA-256 of its text.
    pub text_digest: [u8; 32],
    /// Whether it may ask about the schema.
    pub introspects: bool,
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

    /// The same, among the operations of all documents.
    pub(crate) fn within(&self, text_digest: &[u8; 32]) -> [u8; 32] {
        use sha2::Digest as _;
        sha2::Sha256::new().chain_update(text_digest).chain_update(self.0).finalize().into()
    }
}

/// What was found valid lately, with its cost. Whether an operation is valid depends on the schema, its document and its variables, and on
/// nothing else; what was valid once with the same variables need not be looked at again.
#[derive(Debug, Default)]
pub(crate) struct Passed(Mutex<VecDeque<(Asked, usize)>>);

/// Variables that are known for each document.
const KNOWN: usize = 16;

impl Passed {
    /// What it costs, if it was found valid.
    pub(crate) fn cost(&self, asked: Asked) -> Option<usize> {
        self.0.lock().iter().find(|(known, _)| *known == asked).map(|(_, cost)| *cost)
    }

    /// It was found valid, at this cost.
    pub(crate) fn note(&self, asked: Asked, cost: usize) {
        let mut known = self.0.lock();
        if known.iter().any(|(known, _)| *known == asked) {
            return;
        }
        if known.len() >= KNOWN {
            known.pop_front();
        }
        known.push_back((asked, cost));
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
    /// The document of `text`; kept for the next time if `keep`. What is not known costs its reader something: `spend` is
    /// asked first.
    pub(crate) fn read(
        &self,
        text: &str,
        limits: &Limits,
        keep: bool,
        spend: impl FnOnce(usize) -> billow_billing::Result<()>,
    ) -> Result<Arc<Document>, Unusable> {
        if text.len() <= LONGEST
            && let Some(found) = self.0.lock().get(text)
        {
            spend(0).map_err(Unusable::Spent)?;
            return Ok(found);
        }
        spend(text.len()).map_err(Unusable::Spent)?;
        check_text(text, limits).map_err(Unusable::TooMuch)?;
        let tree = parse_query(text).map_err(|error| Unusable::Syntax(error.into()))?;
        let is_tree = check_document(&tree, limits).map_err(Unusable::TooMuch)?;
        check_literals(text, &tree, limits.text).map_err(Unusable::Unfit)?;
        let orders =
            if is_tree { tree.operations.iter().map(|(_, operation)| Order::of(&operation.node, &tree)).collect() } else { Vec::new() };
        let text_digest = {
            use sha2::Digest as _;
            sha2::Sha256::digest(text.as_bytes()).into()
        };
        let introspects = text.contains("__schema") || text.match_indices("__type").any(|(at, _)| !text[at..].starts_with("__typename"));
        let document = Arc::new(Document { tree, orders, passed: Passed::default(), text_digest, introspects });
        if keep && text.len() <= LONGEST {
            self.0.lock().put(text.into(), Arc::clone(&document));
        }
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(_: usize) -> billow_billing::Result<()> {
        Ok(())
    }

    #[test]
    fn what_is_used_stays_and_the_cache_is_bounded() {
        let (documents, limits) = (Documents::default(), Limits::default());
        let kept = documents.read("{ a }", &limits, true, free).expect("a document");
        for n in 0..1_000 {
            documents.read(&format!("{{ b{n} }}"), &limits, true, free).expect("a document");
            if n % 50 == 0 {
                assert!(Arc::ptr_eq(&kept, &documents.read("{ a }", &limits, true, free).expect("a document")));
            }
        }
        let state = documents.0.lock();
        assert!(state.young.len() + state.old.len() <= 2 * GENERATION);
    }

    #[test]
    fn what_was_valid_is_known_by_operation_and_variables() {
        let passed = Passed::default();
        let (one, other) = (serde_json::json!({"first": 1}), serde_json::json!({"first": 2}));
        passed.note(Asked::of(0, &one), 7);
        assert_eq!(passed.cost(Asked::of(0, &one)), Some(7));
        assert_eq!((passed.cost(Asked::of(0, &other)), passed.cost(Asked::of(1, &one))), (None, None));
        for n in 0..1_000 {
            passed.note(Asked::of(0, &serde_json::json!({"first": n})), 1);
        }
        assert_eq!(passed.0.lock().len(), KNOWN);
    }

    #[test]
    fn strangers_leave_nothing_behind() {
        let (documents, limits) = (Documents::default(), Limits::default());
        documents.read("{ a }", &limits, false, free).expect("a document");
        assert!(documents.0.lock().young.is_empty());
        assert!(matches!(documents.read("{ a", &limits, true, free), Err(Unusable::Syntax(_))));
    }
}
