//! What tests are made of: a database for each, a clock that stands still, the sandbox as the outside world, and clients
//! that come through the front door.

mod app;
mod client;
mod db;
mod gate;
mod money;
mod stable;
mod steps;

pub use app::{BEGINNING, TestApp, settle};
pub use client::{Client, Subscription};
pub use db::{Engine, TestDb, postgres_url};
pub use gate::Gate;
pub use stable::{stable, stable_text};
pub use steps::{found, text};
