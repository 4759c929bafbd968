//! A database for one test: a file on SQLite, a fresh database of the test cluster on PostgreSQL.

use billow_billing::store::{Store, StoreOptions};
use billow_migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database};

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file in a temporary folder.
    Sqlite,
    /// A database in the cluster that `tests/scripts/with-postgres` started.
    Postgres,
}

/// A database that goes with the test.
#[derive(Debug)]
pub struct TestDb {
    /// Its address.
    pub url: String,
    /// A folder for files beside it.
    pub dir: tempfile::TempDir,
    drop_by: Option<(String, String)>,
}

/// Whether PostgreSQL is there; says why a test is skipped where not, and fails in CI.
#[must_use]
pub fn postgres_url() -> Option<String> {
    let url = std::env::var("BILLOW_TEST_POSTGRES").ok();
    if url.is_none() {
        assert!(std::env::var("CI").is_err(), "CI runs the tests through tests/scripts/with-postgres");
        eprintln!("skipped on PostgreSQL: run through tests/scripts/with-postgres, as `make test` does");
    }
    url
}

impl TestDb {
    /// An empty database, or none where PostgreSQL is wanted and not there.
    pub async fn empty(engine: Engine) -> Option<Self> {
        let dir = tempfile::tempdir().expect("a temporary folder");
        match engine {
            Engine::Sqlite => {
                let url = format!("sqlite://{}", dir.path().join("billow.db").display());
                Some(Self { url, dir, drop_by: None })
            }
            Engine::Postgres => {
                let admin = postgres_url()?;
                let unique = dir.path().file_name().and_then(|n| n.to_str()).unwrap_or("x").trim_start_matches('.').to_lowercase();
                let name = format!("billow_{}_{unique}", std::process::id());
                let db = Database::connect(&admin).await.expect("the test cluster");
                db.execute_unprepared(&format!("CREATE DATABASE \"{name}\"")).await.expect("a database");
                db.close().await.expect("closed");
                let (base, _) = admin.rsplit_once('/').expect("an address with a database");
                Some(Self { url: format!("{base}/{name}"), dir, drop_by: Some((admin, name)) })
            }
        }
    }

    /// A database with the schema.
    pub async fn migrated(engine: Engine) -> Option<Self> {
        let db = Self::empty(engine).await?;
        let store = db.store().await;
        Migrator::up(store.write_pool(), None).await.expect("migrations");
        Some(db)
    }

    /// Opens it as the business does.
    pub async fn store(&self) -> Store {
        Store::connect(&StoreOptions { max_read: 4, max_write: 4, ..StoreOptions::new(&self.url) }).await.expect("a store")
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let Some((admin, name)) = self.drop_by.take() else { return };
        // A destructor cannot wait; a thread of its own can.
        let cleanup = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let db = Database::connect(&admin).await.map_err(std::io::Error::other)?;
                db.execute_unprepared(&format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")).await.map_err(std::io::Error::other)
            })
        });
        if let Ok(Err(error)) = cleanup.join() {
            eprintln!("the test's database was not dropped: {error}");
        }
    }
}

/// Writes a test once and runs it on both databases: `both! { async fn name(engine) { … } }`.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($engine:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $(#[$meta])*
            async fn test($engine: $crate::Engine) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                test($crate::Engine::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if $crate::postgres_url().is_some() {
                    test($crate::Engine::Postgres).await;
                }
            }
        }
    )*};
}
