//! Opens the database. What cannot be opened is said at once and in one line: what, where, why, and what to do.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use billow_billing::Store;
use billow_billing::store::StoreOptions;
use secrecy::ExposeSecret as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::check::is_postgres;
use crate::config::Config;
use crate::private;

/// How long a PostgreSQL may take to answer the first connection.
const REACH: Duration = Duration::from_secs(10);

/// What may be made on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Create {
    /// Folders and an empty SQLite file.
    Missing,
    /// Nothing: what is not there is an error.
    Nothing,
}

/// The SQLite file, where that is the database.
#[must_use]
pub fn sqlite_file(config: &Config) -> Option<PathBuf> {
    let url = config.database_url();
    if !url.starts_with("sqlite:") {
        return None;
    }
    SqliteConnectOptions::from_str(&url).ok().map(|options| options.get_filename().to_owned())
}

/// Opens the database.
///
/// # Errors
/// When it cannot be reached, or is not there and may not be made.
pub async fn open(config: &Config, create: Create) -> Result<Store> {
    if create == Create::Missing {
        private::folder(&config.data_dir)?;
        private::folder(&config.drop_dir())?;
    }
    let url = config.database_url();
    let read_url = config.database.read_url.as_ref().map(|u| u.expose_secret().to_owned()).filter(|u| !u.is_empty());
    match sqlite_file(config) {
        Some(file) => reach_sqlite(&file, create).await?,
        None => {
            for (setting, url) in [("database.url", Some(&url)), ("database.read_url", read_url.as_ref())] {
                if let Some(url) = url.filter(|url| is_postgres(url)) {
                    reach_postgres(setting, url).await?.close().await.ok();
                }
            }
        }
    }
    let options = StoreOptions {
        read_url,
        max_read: config.database.max_read,
        max_write: config.database.max_write,
        timeouts: config.database.timeouts(),
        ..StoreOptions::new(url)
    };
    // The cause is in the error's own words already.
    Store::connect(&options).await.map_err(|error| anyhow!("the database cannot be opened: {error}"))
}

async fn reach_sqlite(file: &std::path::Path, create: Create) -> Result<()> {
    if !file.exists() && create == Create::Nothing {
        bail!("the database {} is not there; run `billow migrate` to make it", file.display());
    }
    if create == Create::Missing {
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            private::folder(folder)?;
        }
        private::file(file)?;
    }
    let refused = |error: sqlx::Error| anyhow!("the database {} cannot be opened: {}", file.display(), cause(&error));
    let mut connection = SqliteConnectOptions::new().filename(file).disable_statement_logging().connect().await.map_err(refused)?;
    // Opening reads nothing yet; a file of another kind shows at the first statement.
    sqlx::query("SELECT count(*) FROM sqlite_master").execute(&mut connection).await.map_err(refused)?;
    connection.close().await.map_err(refused)
}

/// A connection to PostgreSQL, made at once or not at all: the pool would go on trying for a long time, without a word.
///
/// # Errors
/// When it cannot be made; the message names the setting, the server and the cause.
pub async fn reach_postgres(setting: &str, url: &str) -> Result<PgConnection> {
    let options = PgConnectOptions::from_str(url).with_context(|| format!("{setting} is not a PostgreSQL address"))?;
    let server = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    match tokio::time::timeout(REACH, PgConnection::connect_with(&options)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => bail!("{setting}: PostgreSQL at {server} cannot be used: {}", cause(&error)),
        Err(_) => bail!("{setting}: PostgreSQL at {server} did not answer within {} s", REACH.as_secs()),
    }
}

/// What lies at the bottom of an error, without what was only passed on.
fn cause(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Database(error) => error.message().to_owned(),
        other => other.to_string(),
    }
}
