//! Consumers read the log in order, a batch at a time, in one transaction together with how far they have come: an effect
//! in the database happens exactly once. An event that cannot be digested waits with those of the same customer behind it,
//! and everybody else's go on; one that fails again and again goes to the dead letters.

mod consumer;
mod lanes;
mod registry;

pub use consumer::{Consumer, Digest};
pub use consumer::{Undigested, digest_all};
pub use registry::Consumers;
