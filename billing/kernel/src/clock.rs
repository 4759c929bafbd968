//! Time, randomness and ids: one source of each, passed in, so that tests decide and nothing repeats by accident.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, Utc};
use parking_lot::Mutex;
use uuid::Uuid;

/// Tells the time, with milliseconds (both databases keep those exactly).
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(3)
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(AtomicI64::new(now.timestamp_millis()))
    }

    /// Moves it on.
    pub fn advance(&self, by: chrono::Duration) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }

    /// Sets it.
    pub fn set(&self, now: DateTime<Utc>) {
        self.0.store(now.timestamp_millis(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.load(Ordering::SeqCst)).unwrap_or_default()
    }
}

/// Gives randomness.
pub trait Entropy: Send + Sync {
    /// Fills `buffer` with bytes nobody can guess.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::expect_used, reason = "without randomness nothing may go on")]
    fn fill(&self, buffer: &mut [u8]) {
        rand::TryRng::try_fill_bytes(&mut rand::rngs::SysRng, buffer).expect("the operating system gives randomness");
    }
}

/// Randomness that repeats from a seed, for tests.
pub struct SeededEntropy(Mutex<rand::rngs::StdRng>);

impl SeededEntropy {
    /// Starts from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(rand::SeedableRng::seed_from_u64(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        rand::Rng::fill_bytes(&mut *self.0.lock(), buffer);
    }
}

/// Makes UUIDv7s that grow strictly within one process, also within one millisecond and while a clock stands still.
#[derive(Debug, Default)]
pub struct IdSource(Mutex<(u64, u32)>);

/// Bits of the counter: the 12 of `rand_a` and the first 6 of `rand_b` (RFC 9562, section 6.2, method 1).
const COUNTER_BITS: u32 = 18;

impl IdSource {
    /// The next id.
    pub fn next(&self, clock: &dyn Clock, entropy: &dyn Entropy) -> Uuid {
        let now_ms = u64::try_from(clock.now().timestamp_millis()).unwrap_or(0);
        let (ms, counter) = {
            let mut last = self.0.lock();
            *last = if now_ms > last.0 {
                (now_ms, 0)
            } else if last.1 + 1 < (1 << COUNTER_BITS) {
                (last.0, last.1 + 1)
            } else {
                (last.0 + 1, 0)
            };
            *last
        };
        let mut bytes = [0u8; 10];
        entropy.fill(&mut bytes);
        bytes[0] = (counter >> 14) as u8;
        bytes[1] = (counter >> 6) as u8;
        bytes[2] = (counter & 0x3f) as u8;
        uuid::Builder::from_unix_timestamp_millis(ms, &bytes).into_uuid()
    }
}

/// A clock that many hold.
pub type SharedClock = Arc<dyn Clock>;

/// Makes ids and secrets from the clock and the randomness of the process. Cloning it is cheap.
#[derive(Clone)]
pub struct Ids {
    clock: SharedClock,
    entropy: Arc<dyn Entropy>,
    source: Arc<IdSource>,
}

impl Ids {
    /// Ids by this clock and this randomness.
    #[must_use]
    pub fn new(clock: SharedClock, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy, source: Arc::default() }
    }

    /// A new id.
    #[must_use]
    pub fn next(&self) -> Uuid {
        self.source.next(&*self.clock, &*self.entropy)
    }

    /// A new secret of 32 bytes as 43 characters of base64url.
    #[must_use]
    pub fn token(&self) -> String {
        use base64::Engine as _;
        let mut bytes = [0u8; 32];
        self.entropy.fill(&mut bytes);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// The smallest UUIDv7 of the millisecond `at`: rows by id from there on are those made since.
pub fn first_uuid_at(at: DateTime<Utc>) -> Uuid {
    let ms = u128::try_from(at.timestamp_millis()).unwrap_or(0) & 0xffff_ffff_ffff;
    Uuid::from_u128(ms << 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_while_the_clock_stands_still() {
        let clock = ManualClock::new(DateTime::from_timestamp_millis(1_790_000_000_000).expect("an instant"));
        let (source, entropy) = (IdSource::default(), SeededEntropy::new(1));
        let ids: Vec<Uuid> = (0..300_000).map(|_| source.next(&clock, &entropy)).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(ids[0].get_version_num(), 7);
    }
}
