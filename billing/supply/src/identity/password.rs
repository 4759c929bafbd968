//! Passwords: what is taken, and Argon2id for at most two at a time, so that a flood of sign-ins cannot take the memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::{self, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use billow_kernel::error::{Error, Fault, Problems, Result};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

use super::Identity;

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

/// Characters that are judged: the time it takes grows faster than the length, and so many are strong by their length.
const JUDGED: usize = 100;

/// Checks a new password of a person with this address and name.
///
/// It must be hard to guess (zxcvbn's score of 3 or 4: at least 10^8 guesses), with the person's own words known to who guesses.
fn check(problems: &mut Problems, path: &str, password: &SecretString, email: &str, name: &str) {
    let text = prepared(password);
    let length = text.expose_secret().chars().count();
    if length < MIN_PASSWORD {
        problems.add("PASSWORD_TOO_SHORT", path, format!("At least {MIN_PASSWORD} characters, please."));
    } else if length > MAX_PASSWORD || password.expose_secret().chars().count() > MAX_PASSWORD {
        problems.add("TOO_LONG", path, format!("At most {MAX_PASSWORD} characters, please."));
    } else if !is_strong(text.expose_secret(), email, name) {
        let message = "This password is too easy to guess. Use a longer one, such as three or four words that do not belong together.";
        problems.add("PASSWORD_TOO_COMMON", path, message);
    }
}

/// The password of everybody in the demo, which is printed in public.
pub const DEMO_PASSWORD: &str = "billow-demo-2026";

impl Identity {
    /// Checks a new password. That of the demo is refused everywhere else.
    pub(super) fn check_password(&self, problems: &mut Problems, path: &str, password: &SecretString, email: &str, name: &str) {
        if !self.settings.demo && password.expose_secret() == DEMO_PASSWORD {
            problems.add("PASSWORD_TOO_COMMON", path, "This is the password of the demo, which anybody can read. Choose another one.");
        } else {
            check(problems, path, password, email, name);
        }
    }
}

fn is_strong(password: &str, email: &str, name: &str) -> bool {
    let judged: String = password.chars().take(JUDGED).collect();
    let own = format!("{email} {name} billow").to_lowercase();
    let mut known: Vec<&str> = own.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2).collect();
    known.push(email);
    zxcvbn::zxcvbn(&judged, &known).score() >= zxcvbn::Score::Three
}

/// A password as it is hashed: the same characters are the same password, in whichever form a keyboard sends them.
fn prepared(password: &SecretString) -> SecretString {
    password.expose_secret().nfkc().collect::<String>().into()
}

/// The forms in which a password may have been hashed, the one used today first. One that is plain ASCII has only that.
fn forms(password: &SecretString) -> Vec<SecretString> {
    let typed = password.expose_secret();
    let mut forms: Vec<String> = Vec::with_capacity(4);
    for form in [typed.nfkc().collect(), typed.to_owned(), typed.nfc().collect(), typed.nfd().collect()] {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms.into_iter().map(SecretString::from).collect()
}

/// Which hash a password opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    /// Its place among those that were tried.
    pub(crate) at: usize,
    /// Whether it was made from another form of the password than is used today.
    pub(crate) outdated: bool,
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
        let password = prepared(&password);
        let hashed = self.in_turn(move || hasher()?.hash_password_with_salt(password.expose_secret().as_bytes(), &salt)).await?;
        hashed.map(|h| h.to_string()).map_err(|error| Error::Fault(Fault::new("hashing a password", error)))
    }

    /// Whether `password` is the one that was hashed; takes as long, and answers no, where there is no hash.
    pub(crate) async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool> {
        Ok(self.open(password, vec![hash]).await?.is_some())
    }

    /// Which of `hashes` the password opens. A place without a hash takes as long as one that the password does not open.
    pub(crate) async fn open(&self, password: SecretString, hashes: Vec<Option<String>>) -> Result<Option<Opened>> {
        let opened = self.in_turn(move || -> password_hash::Result<Option<Opened>> {
            let (hasher, forms) = (hasher()?, forms(&password));
            for (at, hash) in hashes.iter().enumerate() {
                for (form, text) in forms.iter().enumerate() {
                    match hasher.verify_password(text.expose_secret().as_bytes(), hash.as_deref().unwrap_or(NOBODY)) {
                        Ok(()) => return Ok(Some(Opened { at, outdated: form > 0 })),
                        Err(password_hash::Error::PasswordInvalid) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            Ok(None)
        });
        opened.await?.map_err(|error| Error::Fault(Fault::new("verifying a password", error)))
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

    #[tokio::test]
    async fn the_same_characters_are_the_same_password_and_old_hashes_still_open() {
        let passwords = Passwords::default();
        let (composed, decomposed) = ("P\u{e4}sswort-f\u{fc}r-mich", "Pa\u{308}sswort-fu\u{308}r-mich");
        let hash = passwords.hash(composed.into(), [1; 16]).await.expect("a hash");
        assert!(passwords.verify(decomposed.into(), Some(hash)).await.expect("an answer"));
        // As they were hashed before: whichever form was typed.
        for (old, typed) in [(composed, decomposed), (decomposed, composed), ("ﬁnanzamt 17 bäume", "ﬁnanzamt 17 bäume")] {
            let raw = hasher().and_then(|h| h.hash_password_with_salt(old.as_bytes(), &[2; 16])).expect("a hash").to_string();
            let opened = passwords.open(typed.into(), vec![None, Some(raw)]).await.expect("an answer");
            assert_eq!(opened.map(|o| o.at), Some(1), "{old:?} {typed:?}");
        }
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
            ("12345678901", Some("PASSWORD_TOO_COMMON")),
            ("qwerty123456", Some("PASSWORD_TOO_COMMON")),
            ("letmein12345", Some("PASSWORD_TOO_COMMON")),
            ("passwords1", Some("PASSWORD_TOO_COMMON")),
            ("changemechangeme", Some("PASSWORD_TOO_COMMON")),
            ("billow1234", Some("PASSWORD_TOO_COMMON")),
            ("Lovelace12", Some("PASSWORD_TOO_COMMON")),
            ("ten chars!", None),
            (" a space belongs to it ", None),
            ("pässwörter sind lang", None),
        ] {
            let mut problems = Problems::default();
            check(&mut problems, "password", &password.into(), "ada@example.com", "Ada Lovelace");
            assert_eq!(problems.into_vec().first().map(|p| p.code.to_string()).as_deref(), code, "{password}");
        }
    }
}
