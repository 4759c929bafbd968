//! `billow migrate`: the schema, up to date.

use anyhow::{Context as _, Result};
use billow_billing::Store;
use billow_migration::{Migrator, MigratorTrait as _};

use super::say;
use crate::config::Config;
use crate::wiring;

/// Runs pending migrations, or says which there are.
///
/// # Errors
/// When the database cannot be reached or refuses.
pub async fn run(config: &Config, dry_run: bool) -> Result<()> {
    let store = wiring::open_store(config).await?;
    let pending = pending(&store).await?;
    if pending.is_empty() {
        return say("the schema is up to date");
    }
    for name in &pending {
        say(&format!("{} {name}", if dry_run { "would run" } else { "running" }))?;
    }
    if !dry_run {
        up(&store).await?;
        say("the schema is up to date")?;
    }
    Ok(())
}

/// The names of migrations that have not run.
///
/// # Errors
/// When the database cannot be reached.
pub async fn pending(store: &Store) -> Result<Vec<String>> {
    let pending = Migrator::get_pending_migrations(store.write_pool()).await.context("the schema's state cannot be read")?;
    Ok(pending.iter().map(|m| m.name().to_owned()).collect())
}

/// Runs what is pending; of several processes that start at once, one runs it and the others wait.
///
/// # Errors
/// When the database refuses.
pub async fn up(store: &Store) -> Result<()> {
    use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
    if store.is_sqlite() {
        return Migrator::up(store.write_pool(), None).await.context("a migration failed");
    }
    // A migration takes as long as it takes, and waits for another process that runs it.
    let store = store.unlimited().await.context("the database cannot be reached")?;
    // Held by a transaction of its own until the migrations are through.
    let guard = store.write_pool().begin().await?;
    guard.execute_unprepared("SELECT pg_advisory_xact_lock(7041776)").await?;
    Migrator::up(store.write_pool(), None).await.context("a migration failed")?;
    guard.commit().await?;
    Ok(())
}
