//! `billow migrate`: the schema, up to date. It makes everything a server needs to start with `migrate = false`: our
//! tables, those of the wake-up queue, and the folders.

use anyhow::{Context as _, Result, anyhow, bail};
use billow_billing::Store;
use billow_jobs::Queue;
use billow_migration::{Migrator, MigratorTrait as _};
use sqlx::Connection as _;

use super::say;
use crate::config::Config;
use crate::database::{self, Create};

/// One process migrates at a time: the number of PostgreSQL's advisory lock.
const LOCK: i64 = 7_041_776;
/// What the wake-up queue's tables are called among the migrations.
const QUEUE: &str = "the wake-up queue's tables";

/// Runs pending migrations, or says which there are and changes nothing.
///
/// # Errors
/// When the database cannot be reached or refuses.
pub async fn run(config: &Config, dry_run: bool) -> Result<()> {
    if dry_run && database::sqlite_file(config).is_some_and(|file| !file.exists()) {
        // Everything is pending where there is no database, and asking it would make one.
        let all = Migrator::migrations();
        return report(&all.iter().map(|m| m.name().to_owned()).chain([QUEUE.to_owned()]).collect::<Vec<_>>(), "would run");
    }
    let store = database::open(config, if dry_run { Create::Nothing } else { Create::Missing }).await?;
    let pending = pending(config, &store).await?;
    report(&pending, if dry_run { "would run" } else { "running" })?;
    if !dry_run && !pending.is_empty() {
        up(config, &store).await?;
        say("the schema is up to date")?;
    }
    // So that SQLite takes its journals away.
    for pool in [store.read(), store.write_pool()] {
        pool.clone().close().await.context("the database was not closed")?;
    }
    Ok(())
}

fn report(pending: &[String], what: &str) -> Result<()> {
    if pending.is_empty() {
        return say("the schema is up to date");
    }
    pending.iter().try_for_each(|name| say(&format!("{what} {name}")))
}

/// The names of what has not run. Only reads, so that a role without rights on the schema can ask.
///
/// # Errors
/// When the database cannot be reached, or was migrated by a newer version.
pub async fn pending(config: &Config, store: &Store) -> Result<Vec<String>> {
    let applied = Migrator::get_applied_migrations_read_only(store.write_pool()).await;
    let pending = match applied {
        Ok(_) => Migrator::get_pending_migrations_read_only(store.write_pool()).await.context("the schema's state cannot be read")?,
        Err(error) if error.to_string().contains("its file is missing") => {
            bail!(
                "this database was migrated by a newer version of Billow; start that version, or restore a backup made before the upgrade"
            )
        }
        Err(error) => bail!("the schema's state cannot be read: {error}"),
    };
    let mut names: Vec<String> = pending.iter().map(|m| m.name().to_owned()).collect();
    if !Queue::is_migrated(store, &config.queue_file()).await? {
        names.push(QUEUE.to_owned());
    }
    Ok(names)
}

/// Runs what is pending; of several processes that start at once, one runs it and the others wait.
///
/// # Errors
/// When the database refuses.
pub async fn up(config: &Config, store: &Store) -> Result<()> {
    if store.is_sqlite() {
        crate::private::file(&config.queue_file())?;
        return all(config, store).await;
    }
    // Held by a connection of its own until the migrations are through.
    let mut guard = database::reach_postgres("database.url", &config.database_url()).await?;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut guard).await.context("the lock for migrations")?;
    // A migration takes as long as it takes.
    let unlimited = store.unlimited().await.map_err(|error| anyhow!("the database cannot be opened: {error}"))?;
    let done = all(config, &unlimited).await;
    guard.close().await.context("the lock for migrations")?;
    done
}

async fn all(config: &Config, store: &Store) -> Result<()> {
    let refused = |error: &dyn std::fmt::Display| {
        anyhow!(
            "a migration failed: {error}; if the role may not change the schema, run `billow migrate` as one that may (docs/operations.md)"
        )
    };
    Migrator::up(store.write_pool(), None).await.map_err(|e| refused(&e))?;
    Queue::migrate(store, &config.queue_file()).await.map_err(|e| refused(&e))
}

/// Brings the schema up to date where the configuration says so, or refuses to go on with an old one.
///
/// # Errors
/// When migrations are pending and not wanted, or fail.
pub async fn ready(config: &Config, store: &Store) -> Result<()> {
    let pending = pending(config, store).await?;
    if pending.is_empty() {
        return Ok(());
    }
    if !config.migrate {
        bail!("the schema lacks {}; run `billow migrate` first (or set migrate = true)", pending.join(", "));
    }
    tracing::info!(migrations = pending.len(), "bringing the schema up to date");
    up(config, store).await
}
