//! Automatic persisted queries: a client sends the SHA-256 of a document, and the document itself only when it is asked for.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::Deserialize;
use sha2::Digest as _;

/// Longer documents are not kept: their clients send them each time.
const LONGEST: usize = 16 << 10;
/// Documents of one generation; two are kept.
const GENERATION: usize = 128;

/// What a client sends in `extensions.persistedQuery`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    version: u32,
    sha256_hash: String,
}

/// Why there is no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Neither a document nor a hash was sent.
    Nothing,
    /// The extension is not one of ours.
    Malformed,
    /// The hash is another document's.
    Mismatch,
    /// Nobody has sent the document of this hash lately.
    Unknown,
}

/// The documents that were sent with their hashes lately.
#[derive(Debug, Default)]
pub(crate) struct Persisted {
    /// Of callers who had signed in, and of strangers, who must not push out the others'.
    known: Mutex<Generations>,
    strangers: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<[u8; 32], Arc<str>>,
    old: HashMap<[u8; 32], Arc<str>>,
}

impl Generations {
    fn get(&mut self, hash: &[u8; 32]) -> Option<Arc<str>> {
        if let Some(found) = self.young.get(hash) {
            return Some(Arc::clone(found));
        }
        let found = self.old.remove(hash)?;
        self.put(*hash, Arc::clone(&found));
        Some(found)
    }

    fn put(&mut self, hash: [u8; 32], text: Arc<str>) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, text);
    }
}

impl Persisted {
    /// The document an operation means, by its text, its hash or both.
    pub(crate) fn document(
        &self,
        text: Option<String>,
        extensions: Option<&serde_json::Map<String, serde_json::Value>>,
        stranger: bool,
    ) -> Result<Arc<str>, Missing> {
        let Some(asked) = extensions.and_then(|extensions| extensions.get("persistedQuery")).filter(|asked| !asked.is_null()) else {
            return text.map(Arc::from).ok_or(Missing::Nothing);
        };
        let asked = Asked::deserialize(asked).ok().filter(|asked| asked.version == 1).ok_or(Missing::Malformed)?;
        let mut hash = [0; 32];
        hex::decode_to_slice(asked.sha256_hash.as_bytes(), &mut hash).map_err(|_| Missing::Malformed)?;
        let Some(text) = text else {
            let known = self.known.lock().get(&hash);
            return known.or_else(|| self.strangers.lock().get(&hash)).ok_or(Missing::Unknown);
        };
        if <[u8; 32]>::from(sha2::Sha256::digest(text.as_bytes())) != hash {
            return Err(Missing::Mismatch);
        }
        let text: Arc<str> = text.into();
        if text.len() <= LONGEST {
            let generations = if stranger { &self.strangers } else { &self.known };
            generations.lock().put(hash, Arc::clone(&text));
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extensions(text: &str) -> serde_json::Map<String, serde_json::Value> {
        let hash = hex::encode(sha2::Sha256::digest(text.as_bytes()));
        let json = serde_json::json!({"persistedQuery": {"version": 1, "sha256Hash": hash}});
        json.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn a_document_is_found_by_its_hash_after_it_was_sent() {
        let persisted = Persisted::default();
        let hash = extensions("{ a }");
        assert_eq!(persisted.document(None, Some(&hash), false), Err(Missing::Unknown));
        assert_eq!(persisted.document(Some("{ b }".into()), Some(&hash), false), Err(Missing::Mismatch));
        assert_eq!(persisted.document(None, Some(&hash), false), Err(Missing::Unknown), "a wrong hash keeps nothing");
        assert_eq!(persisted.document(Some("{ a }".into()), Some(&hash), false).as_deref(), Ok("{ a }"));
        assert_eq!(persisted.document(None, Some(&hash), true).as_deref(), Ok("{ a }"));
        assert_eq!(persisted.document(None, None, false), Err(Missing::Nothing));
        let odd = serde_json::json!({"persistedQuery": {"version": 2, "sha256Hash": "x"}});
        assert_eq!(persisted.document(None, odd.as_object(), false), Err(Missing::Malformed));
    }

    #[test]
    fn strangers_push_out_strangers_only_and_the_cache_is_bounded() {
        let persisted = Persisted::default();
        persisted.document(Some("{ a }".into()), Some(&extensions("{ a }")), false).expect("kept");
        for n in 0..1_000 {
            let text = format!("{{ b{n} }}");
            persisted.document(Some(text.clone()), Some(&extensions(&text)), true).expect("kept");
        }
        assert!(persisted.document(None, Some(&extensions("{ a }")), true).is_ok());
        let strangers = persisted.strangers.lock();
        assert!(strangers.young.len() + strangers.old.len() <= 2 * GENERATION);
        drop(strangers);
        let long = "x".repeat(LONGEST + 1);
        persisted.document(Some(long.clone()), Some(&extensions(&long)), false).expect("answered");
        assert_eq!(persisted.document(None, Some(&extensions(&long)), false), Err(Missing::Unknown));
    }
}
