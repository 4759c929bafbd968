//! Consumers read the log in order, a batch at a time, in one transaction together with how far they have come: an effect
//! in the database happens exactly once. Where one of a batch fails they go on one by one, and an event that fails again
//! and again goes to the dead letters, so that it does not hold up the rest.

mod consumer;
mod registry;

pub(crate) use consumer::digest_all;
pub use consumer::{Consumer, Digest};
pub use registry::Consumers;
