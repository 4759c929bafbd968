//! The schema, for SQLite and PostgreSQL alike.
//!
//! A migration that has landed is never edited: add another. `tests/` runs all of them up, down and up on both
//! databases and holds the outcome against `billow-entities`.

use sea_orm_migration::prelude::MigrationTrait;
pub use sea_orm_migration::prelude::{MigratorTrait, SchemaManager};

mod m20261121_000001_first_stone;
mod m20261121_000002_money;
mod m20261121_000003_recharges;
mod m20261121_000004_bills_in_order;
mod m20261129_000005_storage_check;
mod m20261129_000008_way_in;
mod m20261129_000010_second_factor;
mod m20261129_000011_paid_elsewhere;
mod m20261129_000012_unusual_bills;
mod m20261129_000013_key_checks;
mod m20261130_000014_gateway_tests;
mod m20261130_000015_failed_documents;
mod m20261130_000016_unanswered_attempts;
mod m20261130_000017_paid_version;
mod m20261130_000018_held_events;
mod m20261130_000019_gateway_event_claims;
mod m20261130_000020_payables;

/// Runs the migrations in order.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_first_stone::Migration),
            Box::new(m20261121_000002_money::Migration),
            Box::new(m20261121_000003_recharges::Migration),
            Box::new(m20261121_000004_bills_in_order::Migration),
            Box::new(m20261129_000005_storage_check::Migration),
            Box::new(m20261129_000008_way_in::Migration),
            Box::new(m20261129_000011_paid_elsewhere::Migration),
            Box::new(m20261129_000010_second_factor::Migration),
            Box::new(m20261129_000012_unusual_bills::Migration),
            Box::new(m20261129_000013_key_checks::Migration),
            Box::new(m20261130_000014_gateway_tests::Migration),
            Box::new(m20261130_000015_failed_documents::Migration),
            Box::new(m20261130_000016_unanswered_attempts::Migration),
            Box::new(m20261130_000017_paid_version::Migration),
            Box::new(m20261130_000018_held_events::Migration),
            Box::new(m20261130_000019_gateway_event_claims::Migration),
            Box::new(m20261130_000020_payables::Migration),
        ]
    }
}
