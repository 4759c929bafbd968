//! Payments on a database, through the use cases, with a gateway that remembers every charge. Each test ends by holding
//! the gateway's memory against our tables and the ledger.

mod crashes;
mod doubles;
mod late;
mod model;
mod paying;
mod reading;
mod refusals;
mod wallets;
mod world;

pub use world::*;
