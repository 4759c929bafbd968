//! Secrets at rest: AES-256-GCM envelopes under a ring of keys, and keyed blind indexes to find what is encrypted.
//!
//! An envelope is one version byte, the key's number (4 bytes, big endian), a nonce (12 bytes) and the ciphertext with
//! its tag. The associated data names table, row and column, so that a ciphertext moved elsewhere does not open.
//! Rotation: add a key to the front of the ring; new envelopes use it, old ones still open. `keys` compares the ring with
//! what the database knows of its keys.

use std::sync::Arc;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::clock::Entropy;
use crate::error::{Error, Fault, Result};

const VERSION: u8 = 1;
const HEADER: usize = 1 + 4 + 12;

/// Where a secret is stored.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The row's id as text.
    pub row: &'a str,
    /// The column.
    pub column: &'a str,
}

impl Place<'_> {
    fn aad(&self) -> Vec<u8> {
        [self.table, self.row, self.column].join("\u{1f}").into_bytes()
    }
}

/// The keys in use, newest first.
#[derive(Clone)]
pub struct Cipher {
    keys: Arc<Vec<(u32, Aes256Gcm)>>,
    /// What each encryption key is known by, by its number.
    marks: Arc<Vec<(u32, String)>>,
    index_key: [u8; 32],
    entropy: Arc<dyn Entropy>,
}

impl Cipher {
    /// `keys` are (number, key), the newest first; `index_key` is for blind indexes and is never rotated in place.
    ///
    /// # Errors
    /// When there is no key.
    pub fn new(keys: &[(u32, [u8; 32])], index_key: [u8; 32], entropy: Arc<dyn Entropy>) -> Result<Self> {
        if keys.is_empty() {
            return Err(Error::Fault(Fault::new("encryption", "no key is configured")));
        }
        let marks = keys.iter().map(|(number, key)| (*number, mark(key))).collect();
        let keys = keys.iter().map(|(number, key)| (*number, Aes256Gcm::new(key.into()))).collect();
        Ok(Self { keys: Arc::new(keys), marks: Arc::new(marks), index_key, entropy })
    }

    /// What each encryption key of the ring is known by: the same for the same key, and of no use to find the key.
    #[must_use]
    pub fn encryption_marks(&self) -> &[(u32, String)] {
        &self.marks
    }

    /// What the key of blind indexes is known by.
    #[must_use]
    pub fn index_mark(&self) -> String {
        mark(&self.index_key)
    }

    /// Seals `plain` for its place.
    ///
    /// # Errors
    /// When the cipher fails, which it does only for absurd lengths.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>> {
        let (number, key) = &self.keys[0];
        let mut nonce = [0u8; 12];
        self.entropy.fill(&mut nonce);
        let sealed = key
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: &place.aad() })
            .map_err(|_| Error::Fault(Fault::new("encryption", "sealing failed")))?;
        let mut out = Vec::with_capacity(HEADER + sealed.len());
        out.push(VERSION);
        out.extend_from_slice(&number.to_be_bytes());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens what was sealed for the same place.
    ///
    /// # Errors
    /// When it is damaged, was moved, or its key is not in the ring.
    pub fn open(&self, place: Place<'_>, envelope: &[u8]) -> Result<Vec<u8>> {
        let fault = |what: &'static str| Error::Fault(Fault::new("decryption", what));
        if envelope.len() < HEADER || envelope[0] != VERSION {
            return Err(fault("this is not an envelope"));
        }
        let number = u32::from_be_bytes([envelope[1], envelope[2], envelope[3], envelope[4]]);
        let key = self.keys.iter().find(|k| k.0 == number).ok_or_else(|| fault("the key is not in the ring"))?;
        let mut nonce = [0u8; 12];
        nonce.copy_from_slice(&envelope[5..HEADER]);
        key.1
            .decrypt(&Nonce::from(nonce), Payload { msg: &envelope[HEADER..], aad: &place.aad() })
            .map_err(|_| fault("the envelope does not open here"))
    }

    /// Seals a JSON value.
    ///
    /// # Errors
    /// As [`Self::seal`].
    pub fn seal_json<T: serde::Serialize>(&self, place: Place<'_>, value: &T) -> Result<Vec<u8>> {
        self.seal(place, &serde_json::to_vec(value)?)
    }

    /// Opens a JSON value.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_json<T: serde::de::DeserializeOwned>(&self, place: Place<'_>, envelope: &[u8]) -> Result<T> {
        Ok(serde_json::from_slice(&self.open(place, envelope)?)?)
    }

    /// A keyed index of `value` for `purpose`: equal values have equal indexes, and nobody without the key can tell which.
    #[must_use]
    pub fn blind_index(&self, purpose: &str, value: &str) -> String {
        hex::encode(&self.derive(purpose, value)[..16])
    }

    /// A secret of 32 bytes that belongs to `value` for `purpose`, and can be made again from the key.
    #[must_use]
    pub fn derive(&self, purpose: &str, value: &str) -> [u8; 32] {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.index_key).expect("any length is a key");
        mac.update(purpose.as_bytes());
        mac.update(&[0x1f]);
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

fn mark(key: &[u8; 32]) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("any length is a key");
    mac.update(b"billow key check");
    hex::encode(&mac.finalize().into_bytes()[..16])
}

impl std::fmt::Debug for Cipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cipher").field("keys", &self.keys.iter().map(|k| k.0).collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    const HERE: Place<'static> = Place { table: "providers", row: "prov_1", column: "credentials_enc" };

    fn ring(keys: &[(u32, u8)]) -> Cipher {
        let keys: Vec<_> = keys.iter().map(|(n, b)| (*n, [*b; 32])).collect();
        Cipher::new(&keys, [9; 32], Arc::new(SeededEntropy::new(3))).expect("a ring")
    }

    #[test]
    fn an_envelope_opens_only_in_its_place() {
        let cipher = ring(&[(1, 7)]);
        let sealed = cipher.seal(HERE, b"secret").expect("sealed");
        assert_eq!(cipher.open(HERE, &sealed).expect("opened"), b"secret");
        assert!(cipher.open(Place { row: "prov_2", ..HERE }, &sealed).is_err());
        let mut damaged = sealed.clone();
        *damaged.last_mut().expect("a byte") ^= 1;
        assert!(cipher.open(HERE, &damaged).is_err());
        assert!(cipher.open(HERE, b"").is_err());
    }

    #[test]
    fn a_rotated_ring_opens_old_envelopes_and_seals_with_the_new_key() {
        let old = ring(&[(1, 7)]).seal(HERE, b"secret").expect("sealed");
        let rotated = ring(&[(2, 8), (1, 7)]);
        assert_eq!(rotated.open(HERE, &old).expect("opened"), b"secret");
        let new = rotated.seal(HERE, b"secret").expect("sealed");
        assert!(ring(&[(1, 7)]).open(HERE, &new).is_err());
    }

    #[test]
    fn blind_indexes_depend_on_value_and_purpose() {
        let cipher = ring(&[(1, 7)]);
        assert_eq!(cipher.blind_index("a", "1"), cipher.blind_index("a", "1"));
        assert_ne!(cipher.blind_index("a", "1"), cipher.blind_index("b", "1"));
        assert_ne!(cipher.blind_index("a", "1"), cipher.blind_index("a", "2"));
    }
}
