//! What tests are made of: a database for each, a clock that stands still, the sandbox as the outside world, and clients
//! that come through the front door.

mod app;
mod client;
mod db;
mod gate;
mod money;
mod raw;
mod stable;
mod steps;

pub use app::{BEGINNING, TestApp, settle};
pub use client::{Client, Subscription};
pub use db::{Engine, TestDb, postgres_url};
pub use gate::Gate;
pub use raw::Raw;
pub use stable::{stable, stable_text};
pub use steps::{found, text};

/// The SHA-256 of a text in hexadecimal, as clients name documents.
#[must_use]
pub fn sha256_hex(text: &str) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(text.as_bytes()))
}
