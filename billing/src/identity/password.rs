//! Passwords: what is taken, and Argon2id for at most two at a time, so that a flood of sign-ins cannot take the memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::{self, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::error::{Error, Fault, Problems, Result};

/// Kibibytes of memory per hash.
const MEMORY_KIB: u32 = 19_456;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Hashes at a time.
const AT_A_TIME: usize = 2;
/// Hashes that may wait for their turn.
const MAX_WAITING: usize = 200;

/// The least characters of a password.
pub const MIN_PASSWORD: usize = 10;
/// The most.
pub const MAX_PASSWORD: usize = 200;

/// A hash no password has: verified where there is no account, so that it takes as long as where there is one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$YmlsbG93LW5vYm9keS0wMA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The long ones among the passwords that are tried first everywhere.
const COMMON: [&str; 16] = [
    "1234567890",
    "0123456789",
    "0987654321",
    "12345678910",
    "123456789a",
    "1q2w3e4r5t",
    "1qaz2wsx3edc",
    "abcdefghij",
    "iloveyou123",
    "password12",
    "password123",
    "password1234",
    "passwordpassword",
    "qwerty12345",
    "qwertyuiop",
    "qwertzuiop",
];

/// Checks a new password.
pub(crate) fn check(problems: &mut Problems, path: &str, password: &SecretString, email: &str) {
    let text = password.expose_secret();
    let length = text.chars().count();
    let lower = text.to_lowercase();
    if length < MIN_PASSWORD {
        problems.add("PASSWORD_TOO_SHORT", path, format!("At least {MIN_PASSWORD} characters, please."));
    } else if length > MAX_PASSWORD {
        problems.add("TOO_LONG", path, format!("At most {MAX_PASSWORD} characters, please."));
    } else if lower == email || COMMON.contains(&lower.as_str()) || text.chars().all(|c| text.starts_with(c)) {
        problems.add("PASSWORD_TOO_COMMON", path, "This password is among the first that are tried; choose another one.");
    }
}

/// Hashes and verifies.
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_A_TIME)), waiting: AtomicUsize::new(0) }
    }
}

impl Passwords {
    /// Hashes a new password.
    pub(crate) async fn hash(&self, password: SecretString, salt: [u8; 16]) -> Result<String> {
        let hashed = self.in_turn(move || hasher()?.hash_password_with_salt(password.expose_secret().as_bytes(), &salt)).await?;
        hashed.map(|h| h.to_string()).map_err(|error| Error::Fault(Fault::new("hashing a password", error)))
    }

    /// Whether `password` is the one that was hashed; takes as long, and answers no, where there is no hash.
    pub(crate) async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool> {
        let verified = self
            .in_turn(move || {
                let stored = hash.as_deref().unwrap_or(NOBODY);
                hasher()?.verify_password(password.expose_secret().as_bytes(), stored)
            })
            .await?;
        match verified {
            Ok(()) => Ok(true),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(Error::Fault(Fault::new("verifying a password", error))),
        }
    }

    /// The turn is given back by the work itself: whoever stops waiting for it does not make room for a third.
    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let place = Place::take(&self.waiting)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|error| Error::Fault(Fault::new("hashing", error)))?;
        drop(place);
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|error| Error::Fault(Fault::new("hashing", error)))
    }
}

/// A place in the queue.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self> {
        let place = Self(waiting);
        if waiting.fetch_add(1, Ordering::AcqRel) >= MAX_WAITING { Err(Error::TooMany { retry_after_s: 5 }) } else { Ok(place) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn hasher() -> password_hash::Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_that_was_hashed_is_verified() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".into(), [1; 16]).await.expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify("correct horse".into(), Some(hash.clone())).await.expect("an answer"));
        assert!(!passwords.verify("correct horsf".into(), Some(hash)).await.expect("an answer"));
    }

    #[tokio::test]
    async fn nobody_has_a_hash_that_costs_the_same_and_fits_no_password() {
        let passwords = Passwords::default();
        let own = passwords.hash("correct horse".into(), [1; 16]).await.expect("a hash");
        let cost = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(NOBODY), cost(&own));
        assert_eq!(NOBODY.len(), own.len());
        assert!(!passwords.verify("correct horse".into(), None).await.expect("an answer"));
    }

    #[test]
    fn the_queue_has_an_end() {
        let waiting = AtomicUsize::new(MAX_WAITING - 1);
        let last = Place::take(&waiting).expect("the last place");
        assert!(matches!(Place::take(&waiting), Err(Error::TooMany { .. })));
        drop(last);
        assert!(Place::take(&waiting).is_ok());
        assert_eq!(waiting.load(Ordering::Acquire), MAX_WAITING - 1);
    }

    #[test]
    fn weak_passwords_are_refused() {
        let long = "x1".repeat(101);
        for (password, code) in [
            ("", Some("PASSWORD_TOO_SHORT")),
            ("ninechars", Some("PASSWORD_TOO_SHORT")),
            (&long, Some("TOO_LONG")),
            ("aaaaaaaaaaaa", Some("PASSWORD_TOO_COMMON")),
            ("Password1234", Some("PASSWORD_TOO_COMMON")),
            ("Ada@Example.com", Some("PASSWORD_TOO_COMMON")),
            ("ten chars!", None),
            ("pässwörter sind lang", None),
        ] {
            let mut problems = Problems::default();
            check(&mut problems, "password", &password.into(), "ada@example.com");
            assert_eq!(problems.into_vec().first().map(|p| p.code.to_string()).as_deref(), code, "{password}");
        }
    }
}
