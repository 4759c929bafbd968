//! What an operator can set: defaults, then the file, then the environment, then flags; the later wins.
//!
//! An environment variable is `BILLOW_` and the path with two underscores between parts: `BILLOW_DATABASE__URL`. A name that
//! ends in `_FILE` is read from that file, as container secrets are given: `BILLOW_MAIL__PASSWORD_FILE`.
//! `billow config show` prints what is in force and where each value comes from. Unknown names are refused, so that a
//! misspelt one does not pass unnoticed. The reference in `docs/configuration.md` is kept equal to these comments by a test.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use billow_api::TrustedProxies;
use billow_billing::identity::{SecondFactorRule, SecuritySettings};
use billow_billing::store::Timeouts;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::limits::{LimitsConfig, MetricsConfig, words};
pub use crate::sources::Sources;

/// Everything that can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address people reach the web app by, without a trailing slash. Cookies are `Secure` when it begins with https.
    pub base_url: String,
    /// Where `billow serve` and `billow api` listen. A worker has an address of its own: `worker.listen`.
    pub listen: SocketAddr,
    /// Where files are kept: the SQLite database, the wake-up queue, dropped CSV files, documents. Only the user that runs Billow can read it.
    pub data_dir: PathBuf,
    /// How long a sign-in lasts without use, in days.
    pub session_days: i64,
    /// How long a sign-in lasts however much it is used, in days: after that, people sign in again.
    pub session_max_days: i64,
    /// How many customers may sign up from one address in an hour. An office or a mobile network shares one address.
    pub sign_ups_per_hour: i32,
    /// `open`: anybody can sign up. `closed`: only people with an invitation of an operator can.
    pub sign_up: String,
    /// Origins besides that of `base_url` whose pages may use our cookies, separated by commas: a development server's.
    #[serde(default)]
    pub allowed_origins: String,
    /// The proxies in front, as a list of networks such as `["10.0.0.0/8", "127.0.0.1"]`: the caller's address is taken from the `X-Forwarded-For` they write. Without it all who come by a proxy count as one caller.
    #[serde(default, deserialize_with = "words")]
    pub trusted_proxies: Vec<String>,
    /// No longer used: name the proxy's network in `trusted_proxies`.
    #[serde(default)]
    pub trust_forwarded_for: bool,
    /// Whether pending migrations run at the start. If `false`, nothing is created or changed at the start, and a server with pending migrations refuses to start: run `billow migrate` first.
    pub migrate: bool,
    /// `billow worker`.
    #[serde(default)]
    pub worker: WorkerConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// Second factors, and asking again before sensitive actions.
    pub security: SecurityConfig,
    /// Keys that protect secrets; `billow init` makes them.
    #[serde(default)]
    pub keys: KeysConfig,
    /// Outbound calls.
    pub http: HttpConfig,
    /// Payment gateways.
    pub gateways: GatewaysConfig,
    /// Web push.
    #[serde(default)]
    pub push: PushConfig,
    /// Mail.
    pub mail: MailConfig,
    /// Text messages.
    #[serde(default)]
    pub sms: SmsConfig,
    /// Message templates.
    #[serde(default)]
    pub templates: TemplatesConfig,
    /// Invoices and receipts.
    pub documents: DocumentsConfig,
    /// Logs and traces.
    pub log: LogConfig,
    /// Metrics and health, apart from what people use.
    #[serde(default)]
    pub metrics: MetricsConfig,
    /// What one client, and all of them, may take.
    pub limits: LimitsConfig,
    #[serde(skip)]
    pub(crate) demo: bool,
}

/// The database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite://path` or `postgres://user:password@host/name`; a file in `data_dir` where empty.
    #[serde(default)]
    pub url: SecretString,
    /// PostgreSQL only: where reads go, such as a replica.
    pub read_url: Option<SecretString>,
    /// Connections that read.
    pub max_read: u32,
    /// Connections that write (PostgreSQL; SQLite has one).
    pub max_write: u32,
    /// PostgreSQL only: after how many seconds a statement stops waiting for a lock. The work is tried again. 0 is never.
    pub lock_timeout: u32,
    /// PostgreSQL only: after how many seconds the server ends a session that does nothing within a transaction, such as that of a frozen process. Less than `lock_timeout`, so that those who wait get on. 0 is never.
    pub idle_in_transaction_timeout: u32,
    /// PostgreSQL only: after how many seconds the server stops a statement. Migrations and `billow ledger` have no limit. 0 is never.
    pub statement_timeout: u32,
}

impl DatabaseConfig {
    /// The time limits of a session.
    #[must_use]
    pub fn timeouts(&self) -> Timeouts {
        let limit = |seconds: u32| (seconds > 0).then(|| Duration::from_secs(seconds.into()));
        Timeouts {
            lock: limit(self.lock_timeout),
            idle_in_transaction: limit(self.idle_in_transaction_timeout),
            statement: limit(self.statement_timeout),
        }
    }
}

/// Second factors, and asking again before sensitive actions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityConfig {
    /// Who must have a second factor: `optional` (nobody; everybody may) or `staff` (operators and administrators). Staff without one can do nothing but set it up.
    pub second_factor: String,
    /// Minutes for which a password or second factor counts before people are asked again: for secrets, API keys, gateways, providers, staff, large refunds and their own sign-in. 0 never asks again.
    pub confirm_minutes: i64,
    /// Refunds of one payment up to these amounts need no new confirmation: `currency:minor units`, separated by commas. A currency that is not listed always needs one.
    pub refund_limits: String,
}

/// `billow worker`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerConfig {
    /// Where a worker answers `/livez`, `/readyz` and `/metrics`; nowhere if not set. `billow worker --listen` sets it, too.
    pub listen: Option<SocketAddr>,
}

/// Keys that protect secrets.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysConfig {
    /// Encryption keys as `number:base64`, 32 bytes each, separated by commas, the highest number first. The first encrypts; the others decrypt what they encrypted. All processes on one database need the same keys.
    #[serde(default)]
    pub encryption: SecretString,
    /// The key of blind indexes, base64 of 32 bytes. It never changes, and is the same for all processes.
    #[serde(default)]
    pub index: SecretString,
}

/// Outbound calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Hosts (or `host:port`) that may be called although they are private or speak plain HTTP, separated by commas.
    #[serde(default)]
    pub allowed_hosts: String,
}

/// Payment gateways.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewaysConfig {
    /// Whether gateways of the sandbox's card network can be added: for trying out and for tests. Payments by it look like any other and move no money. `billow demo` always allows it.
    pub sandbox: bool,
}

/// Web push.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushConfig {
    /// The VAPID private key, base64url; without it push is off.
    pub private_key: Option<SecretString>,
    /// Whom push services may contact: `mailto:…` or an https address.
    pub contact: Option<String>,
    /// Push services that are allowed besides the known ones, separated by commas: `push.example.com`, or with the path that subscriptions are below, `push.example.com/send/`. Without a path an endpoint must end in a name of at least 16 characters.
    #[serde(default)]
    pub allowed_hosts: String,
}

/// Mail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// The SMTP server; without it no mail is sent.
    pub host: Option<String>,
    /// Its port.
    pub port: u16,
    /// `none`, `starttls` or `implicit`.
    pub tls: String,
    /// A certificate (PEM) to trust besides the public ones.
    pub ca_file: Option<PathBuf>,
    /// The user name, where the server wants one.
    pub username: Option<String>,
    /// The password.
    pub password: Option<SecretString>,
    /// The sender: `Billow <bills@example.com>`.
    pub from: String,
    /// Where answers go.
    pub reply_to: Option<String>,
}

/// Text messages, by any service with Twilio's HTTP form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsConfig {
    /// The service's address, such as `https://api.twilio.com`; without it no text message is sent.
    pub base_url: Option<String>,
    /// The account.
    pub account_sid: Option<String>,
    /// Its secret.
    pub auth_token: Option<SecretString>,
    /// The sender's number, E.164.
    pub from: Option<String>,
}

/// Message templates.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplatesConfig {
    /// A folder whose files replace the built-in templates of the same name.
    pub dir: Option<PathBuf>,
}

/// Where invoices and receipts are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentsConfig {
    /// `folder` or `s3`. Several machines need `s3`, or a folder they share.
    pub store: String,
    /// The folder; `documents` in `data_dir` where empty.
    pub dir: Option<PathBuf>,
    /// S3: the bucket.
    pub bucket: Option<String>,
    /// S3: its region.
    pub region: String,
    /// S3: the service's address where it is not Amazon's, such as `https://minio.example.com`. A private one must be named in `http.allowed_hosts` as well.
    pub endpoint: Option<String>,
    /// S3: the access key.
    pub access_key: Option<SecretString>,
    /// S3: its secret.
    pub secret_key: Option<SecretString>,
}

/// Logs and traces.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// `text` or `json`.
    pub format: String,
    /// Which lines, in the notation of tracing: `info,billow=debug`.
    pub filter: String,
    /// Where traces go by OTLP over HTTP, such as `http://localhost:4318`; nowhere where empty.
    pub otlp_endpoint: Option<String>,
}

/// The defaults, in the form of the file.
pub const DEFAULTS: &str = r#"
base_url = "http://localhost:8080"
listen = "127.0.0.1:8080"
data_dir = "data"
session_days = 30
session_max_days = 180
sign_ups_per_hour = 60
sign_up = "open"
migrate = true

[database]
max_read = 8
max_write = 8
lock_timeout = 15
idle_in_transaction_timeout = 10
statement_timeout = 60

[security]
second_factor = "optional"
confirm_minutes = 10
refund_limits = "EUR:10000,USD:10000,GBP:10000,CHF:10000"

[http]
allowed_hosts = ""

[gateways]
sandbox = false

[mail]
port = 587
tls = "starttls"
from = "Billow <billow@localhost>"

[documents]
store = "folder"
region = "us-east-1"

[log]
format = "text"
filter = "info"
"#;

impl Config {
    /// Who must have a second factor, and when people are asked again.
    ///
    /// # Errors
    /// When a value is not one of those that are possible.
    pub fn security(&self) -> Result<SecuritySettings> {
        let security = &self.security;
        let second_factor = match security.second_factor.as_str() {
            "optional" => SecondFactorRule::Optional,
            "staff" => SecondFactorRule::Staff,
            other => bail!("security.second_factor must be optional or staff, not {other}"),
        };
        let minutes = security.confirm_minutes;
        if !(0..=1440).contains(&minutes) {
            bail!("security.confirm_minutes must be from 0 to 1440, not {minutes}");
        }
        let mut refund_limits = BTreeMap::new();
        for part in list(&security.refund_limits) {
            let limit =
                part.split_once(':').and_then(|(code, minor)| Some((code.parse().ok()?, minor.parse::<i64>().ok().filter(|m| *m >= 0)?)));
            let Some((currency, minor)) = limit else {
                bail!("security.refund_limits must be currency:minor units, separated by commas, not {part}");
            };
            refund_limits.insert(currency, minor);
        }
        Ok(SecuritySettings { second_factor, confirmation: (minutes > 0).then(|| chrono::Duration::minutes(minutes)), refund_limits })
    }

    /// The proxies in front.
    ///
    /// # Errors
    /// With the entry that is not a network.
    pub fn proxies(&self) -> Result<TrustedProxies> {
        TrustedProxies::of(&self.trusted_proxies).map_err(|problem| anyhow::anyhow!("trusted_proxies: {problem}"))
    }

    /// The database's address.
    #[must_use]
    pub fn database_url(&self) -> String {
        let url = self.database.url.expose_secret();
        if url.is_empty() { format!("sqlite://{}", self.data_dir.join("billow.db").display()) } else { url.to_owned() }
    }

    /// Where providers' CSV files are dropped.
    #[must_use]
    pub fn drop_dir(&self) -> PathBuf {
        self.data_dir.join("drop")
    }

    /// Where the wake-up queue is kept beside a SQLite database.
    #[must_use]
    pub fn queue_file(&self) -> PathBuf {
        self.data_dir.join("queue.db")
    }

    /// Where invoices and receipts are kept, if in a folder.
    #[must_use]
    pub fn documents_dir(&self) -> PathBuf {
        self.documents.dir.clone().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or_else(|| self.data_dir.join("documents"))
    }

    /// The encryption keys, newest first.
    ///
    /// # Errors
    /// When there is none, one is not 32 bytes, or they are not in order: the message names the setting.
    pub fn encryption_keys(&self) -> Result<Vec<(u32, [u8; 32])>> {
        let text = self.keys.encryption.expose_secret();
        if text.trim().is_empty() {
            bail!("keys.encryption is not set; `billow init` makes a configuration with keys");
        }
        let keys: Vec<(u32, [u8; 32])> = text.split(',').map(numbered_key).collect::<Result<_>>()?;
        for pair in keys.windows(2) {
            if pair[0].0 <= pair[1].0 {
                bail!("keys.encryption must list every number once and the highest first: {} is before {}", pair[0].0, pair[1].0);
            }
        }
        if let Some(twice) = keys.iter().enumerate().find_map(|(at, key)| keys[..at].iter().find(|k| k.1 == key.1)) {
            bail!("keys.encryption has the same key twice, also under number {}; make a new one with `billow init --print`", twice.0);
        }
        Ok(keys)
    }

    /// The key of blind indexes.
    ///
    /// # Errors
    /// When it is not set or not 32 bytes.
    pub fn index_key(&self) -> Result<[u8; 32]> {
        let text = self.keys.index.expose_secret();
        if text.trim().is_empty() {
            bail!("keys.index is not set; `billow init` makes a configuration with keys");
        }
        key_bytes("keys.index", text)
    }
}

fn numbered_key(part: &str) -> Result<(u32, [u8; 32])> {
    let (number, key) = part.trim().split_once(':').context("keys.encryption must be number:base64, separated by commas")?;
    let number = number.trim().parse().context("keys.encryption: the number of a key must be a whole number")?;
    Ok((number, key_bytes("keys.encryption", key)?))
}

fn key_bytes(name: &str, text: &str) -> Result<[u8; 32]> {
    // The value is not repeated: it is a secret.
    let bytes = STANDARD.decode(text.trim()).map_err(|_| anyhow::anyhow!("{name} must be base64"))?;
    bytes.try_into().map_err(|b: Vec<u8>| anyhow::anyhow!("{name} must be 32 bytes, not {}", b.len()))
}

/// The parts of a list separated by commas.
#[must_use]
pub fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
