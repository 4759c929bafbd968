//! The use cases on a database, with doubles for everything outside.

mod common;
mod documents;
mod fetching;
mod gateways;
mod ledger;
mod messages;
mod payments;
mod people;
mod providers;
mod remittances;
