//! Everything that can be wrong with a configuration, found at once: `billow config check` and every start go through here.

use std::fmt::Write as _;
use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;

use anyhow::Result;
use billow_billing::clock::{Clock, SystemClock};
use reqwest::Url;
use secrecy::ExposeSecret as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tracing_subscriber::EnvFilter;

use crate::config::{Config, list};
use crate::sources::{Reading, Sources};
use crate::wiring;

/// The most connections of a pool that make sense.
const MAX_CONNECTIONS: u32 = 1000;

/// What is wrong, a line for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<String>);

impl Problems {
    /// Adds one, unless it is there.
    pub fn add(&mut self, setting: &str, problem: impl std::fmt::Display) {
        let line = format!("{setting}: {problem}");
        if !self.0.contains(&line) {
            self.0.push(line);
        }
    }

    /// Adds one whose words begin with the setting's name.
    pub fn add_error(&mut self, error: &anyhow::Error) {
        let line = format!("{error:#}");
        if !self.0.contains(&line) {
            self.0.push(line);
        }
    }

    /// Nothing where nothing is wrong.
    ///
    /// # Errors
    /// What is wrong.
    pub fn into_result(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into()) }
    }
}

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Problems {}

/// Reads all sources and checks everything that a server would use, without changing or calling anything.
///
/// # Errors
/// Every problem, a line for each.
pub fn everything(sources: &Sources) -> Result<Config> {
    all_of(sources.read()?)
}

fn all_of(mut reading: Reading) -> Result<Config> {
    values(&reading.config, &mut reading.problems);
    parts(&reading.config, &mut reading.problems);
    reading.problems.into_result()?;
    Ok(reading.config)
}

/// Checks what a server is made of by making it.
pub fn parts(config: &Config, problems: &mut Problems) {
    if let Err(error) = config.encryption_keys() {
        problems.add_error(&error);
    }
    if let Err(error) = config.index_key() {
        problems.add_error(&error);
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    drop(wiring::Adapters::make(config, &clock, problems));
    if config.documents.store == "folder" {
        folder("documents.dir", &config.documents_dir(), problems);
    }
    folder("data_dir", &config.data_dir, problems);
}

/// Checks each value by itself.
pub fn values(config: &Config, problems: &mut Problems) {
    base_url(config, problems);
    for origin in list(&config.allowed_origins) {
        if !is_origin(&origin) {
            problems.add("allowed_origins", format!("'{origin}' is not an origin such as https://app.example.com"));
        }
    }
    for (setting, hosts) in [("http.allowed_hosts", &config.http.allowed_hosts), ("push.allowed_hosts", &config.push.allowed_hosts)] {
        // A push service may be named with the path that subscriptions are below.
        let name = |host: &str| host.split_once('/').filter(|_| setting == "push.allowed_hosts").map_or(host, |(name, _)| name).to_owned();
        for host in list(hosts).iter().filter(|host| !is_host(&name(host))) {
            problems.add(setting, format!("'{host}' is not a host or host:port, such as 10.0.0.5:8443"));
        }
    }
    if !(1..=3650).contains(&config.session_days) {
        problems.add("session_days", format!("must be from 1 to 3650, not {}", config.session_days));
    }
    if !(config.session_days..=3650).contains(&config.session_max_days) {
        problems.add("session_max_days", format!("must be from session_days to 3650, not {}", config.session_max_days));
    }
    if !(1..=1_000_000).contains(&config.sign_ups_per_hour) {
        problems.add("sign_ups_per_hour", format!("must be from 1 to 1000000, not {}", config.sign_ups_per_hour));
    }
    for (setting, value) in config.limits.at_least_one() {
        if value == 0 {
            problems.add(setting, "must be at least 1, not 0");
        }
    }
    database(config, problems);
    for (setting, value, allowed) in [
        ("mail.tls", &config.mail.tls, &["none", "starttls", "implicit"][..]),
        ("sign_up", &config.sign_up, &["open", "closed"]),
        ("documents.store", &config.documents.store, &["folder", "s3"]),
        ("log.format", &config.log.format, &["text", "json"]),
    ] {
        if !allowed.contains(&value.as_str()) {
            problems.add(setting, format!("must be {}, not '{value}'", allowed.join(" or ")));
        }
    }
    mail(config, problems);
    for error in [config.security().err(), config.proxies().err()].into_iter().flatten() {
        problems.add_error(&error);
    }
    if config.trust_forwarded_for {
        problems
            .add("trust_forwarded_for", "is no longer used: name the networks of your proxies, such as trusted_proxies = [\"10.0.0.0/8\"]");
    }
    if config.metrics.listen.is_some_and(|listen| listen == config.listen && listen.port() != 0) {
        problems.add("metrics.listen", "must not be the address of listen");
    }
    if let Some(contact) = config.push.contact.as_deref().filter(|contact| !contact.is_empty())
        && let Err(problem) = billow_integrations::messages::check_contact(contact)
    {
        problems.add("push.contact", problem);
    }
    if config.documents.store == "s3" && config.documents.access_key.is_some() != config.documents.secret_key.is_some() {
        problems.add("documents.access_key", "and documents.secret_key must be set both or neither");
    }
    if let Err(error) = EnvFilter::try_new(&config.log.filter) {
        problems.add("log.filter", format!("'{}' is not a filter such as info,billow=debug: {error}", config.log.filter));
    }
    for (setting, url) in [("log.otlp_endpoint", &config.log.otlp_endpoint), ("documents.endpoint", &config.documents.endpoint)] {
        if let Some(url) = url
            && !Url::parse(url).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host())
        {
            problems.add(setting, format!("'{url}' is not an http(s) address"));
        }
    }
}

fn base_url(config: &Config, problems: &mut Problems) {
    let text = &config.base_url;
    let origin = Url::parse(text).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.username().is_empty());
    // What browsers send as the origin, so that it can be compared.
    match origin.map(|u| u.origin().ascii_serialization()) {
        Some(origin) if origin == *text => {}
        Some(origin) if text.starts_with(&origin) => {
            problems.add("base_url", format!("must be http(s)://host without a path, trailing slash or usual port: {origin}, not {text}"));
        }
        Some(origin) => problems.add("base_url", format!("must be written as browsers write it: {origin}, not {text}")),
        None => problems.add("base_url", format!("must be http(s)://host without a path or trailing slash, not '{text}'")),
    }
}

fn database(config: &Config, problems: &mut Problems) {
    let url = config.database_url();
    let sqlite = url.starts_with("sqlite:");
    if let Err(problem) = database_url(&url) {
        problems.add("database.url", problem);
    }
    if let Some(read) = config.database.read_url.as_ref().map(secrecy::ExposeSecret::expose_secret).filter(|u| !u.is_empty()) {
        if sqlite {
            problems.add("database.read_url", "is for PostgreSQL only, and database.url is SQLite");
        } else if let Err(problem) =
            database_url(read).and_then(|()| if is_postgres(read) { Ok(()) } else { Err("must be postgres://…".into()) })
        {
            problems.add("database.read_url", problem);
        }
    }
    for (setting, seconds) in [
        ("database.lock_timeout", config.database.lock_timeout),
        ("database.idle_in_transaction_timeout", config.database.idle_in_transaction_timeout),
        ("database.statement_timeout", config.database.statement_timeout),
    ] {
        if seconds > MAX_TIMEOUT {
            problems.add(setting, format!("must be from 0 to {MAX_TIMEOUT} seconds, not {seconds}"));
        }
    }
    // On PostgreSQL two of those that write only listen for notifications.
    let least = if sqlite { 1 } else { 3 };
    for (setting, max, least) in
        [("database.max_read", config.database.max_read, 1), ("database.max_write", config.database.max_write, least)]
    {
        if !(least..=MAX_CONNECTIONS).contains(&max) {
            problems.add(setting, format!("must be from {least} to {MAX_CONNECTIONS}, not {max}"));
        }
    }
}

/// The longest time limit of a session, in seconds: a day.
const MAX_TIMEOUT: u32 = 86_400;

/// Whether the address is PostgreSQL's.
#[must_use]
pub fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// The address itself is not repeated: there may be a password in it.
fn database_url(url: &str) -> Result<(), String> {
    if url.starts_with("sqlite:") {
        let options = SqliteConnectOptions::from_str(url).map_err(|e| format!("is not a SQLite address: {e}"))?;
        let name = options.get_filename();
        if url.contains(":memory:") || url.contains("mode=memory") || name.as_os_str().is_empty() {
            return Err("must name a file: sqlite://path".into());
        }
        return if name.is_dir() { Err(format!("{} is a folder, not a database file", name.display())) } else { Ok(()) };
    }
    if is_postgres(url) {
        return PgConnectOptions::from_str(url).map(drop).map_err(|e| format!("is not a PostgreSQL address: {e}"));
    }
    let scheme = url.split_once(':').map_or("nothing of the kind", |(scheme, _)| scheme);
    Err(format!("must begin with sqlite:// or postgres://, not {scheme}"))
}

fn mail(config: &Config, problems: &mut Problems) {
    let mail = &config.mail;
    if mail.port == 0 {
        problems.add("mail.port", "must be from 1 to 65535, not 0");
    }
    if let Some(host) = mail.host.as_deref().filter(|h| !h.is_empty())
        && (host.contains(':') && host.parse::<std::net::Ipv6Addr>().is_err() || !is_host(host) && !host.contains(':'))
    {
        problems.add("mail.host", format!("'{host}' is not the name of a server; the port is mail.port"));
    }
    for (setting, address) in [("mail.from", Some(&mail.from)), ("mail.reply_to", mail.reply_to.as_ref())] {
        if let Some(address) = address.filter(|a| !a.is_empty() || setting == "mail.from")
            && let Err(problem) = billow_integrations::messages::check_mailbox(address)
        {
            problems.add(setting, problem);
        }
    }
}

fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.origin().ascii_serialization() == text)
}

/// Whether `text` is a host's name or address, with a port or without.
fn is_host(text: &str) -> bool {
    // As part of an address, because that is how it is compared.
    Url::parse(&format!("http://{text}")).is_ok_and(|u| {
        let rest = u.path() == "/" && !text.ends_with('/') && u.query().is_none() && u.fragment().is_none() && u.username().is_empty();
        rest && u.has_host() && u.port() != Some(0) && !text.contains(['@', '*'])
    })
}

fn folder(setting: &str, path: &Path, problems: &mut Problems) {
    if path.as_os_str().is_empty() {
        problems.add(setting, "must name a folder");
        return;
    }
    // The first of its ancestors that is there decides whether it can be made.
    if let Some(there) = path.ancestors().find(|p| p.exists())
        && !there.is_dir()
    {
        problems.add(setting, format!("{} is not a folder", there.display()));
    }
}

/// What works and is hardly meant: said at the start and by `billow config check`.
#[must_use]
pub fn warnings(config: &Config) -> Vec<String> {
    let mut out = Vec::new();
    let placeholder =
        |setting: &str, value: &str| format!("{setting} is still the example that `billow init` wrote ({value}); set your own");
    if config.push.private_key.as_ref().is_some_and(|key| !key.expose_secret().is_empty())
        && config.push.contact.as_deref() == Some(crate::commands::init::CONTACT)
    {
        out.push(placeholder("push.contact", crate::commands::init::CONTACT));
    }
    match config.mail.host.as_deref().filter(|host| !host.is_empty()) {
        Some(_) if config.mail.from == crate::commands::init::FROM => out.push(placeholder("mail.from", crate::commands::init::FROM)),
        Some(_) if config.mail.from.ends_with("@localhost>") => {
            out.push(format!("mail.from is {}; set an address of your own", config.mail.from));
        }
        Some(_) => {}
        None => out.push("mail.host is not set: no mail is sent, so nobody can be invited or get back in by mail".to_owned()),
    }
    if config.base_url.starts_with("http://") && !config.listen.ip().is_loopback() {
        let mut text = format!("{} can be reached from other machines without encryption", config.listen);
        let _ = write!(text, "; put a reverse proxy with TLS in front and set base_url to its https address");
        out.push(text);
    }
    out
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
