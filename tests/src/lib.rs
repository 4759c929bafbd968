//! What tests are made of: a database for each, a clock that stands still, the sandbox as the outside world.

mod db;

pub use db::{Engine, TestDb, postgres_url};
