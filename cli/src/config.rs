//! What an operator can set: defaults, then the file, then the environment, then flags; the later wins.
//!
//! An environment variable is `BILLOW_` and the path with two underscores between parts: `BILLOW_DATABASE__URL`. A name that
//! ends in `_FILE` is read from that file, as container secrets are given: `BILLOW_MAIL__PASSWORD_FILE`.
//! `billow config show` prints what is in force and where each value comes from. Unknown names are refused, so that a
//! misspelt one does not pass unnoticed. The reference in `docs/configuration.md` is kept equal to these comments by a test.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use billow_api::TrustedProxies;
use billow_billing::identity::{SecondFactorRule, SecuritySettings};
use billow_billing::store::Timeouts;
use config::builder::DefaultState;
use config::{ConfigBuilder, Environment, File, FileFormat, ValueKind};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::limits::{self, LimitsConfig, MetricsConfig, words};

/// Everything that can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address people reach the web app by, without a trailing slash. Cookies are `Secure` when it begins with https.
    pub base_url: String,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where files live: the SQLite database, the wake-up queue, dropped CSV files, documents.
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
    /// Whether pending migrations run at the start. Where not, a server with pending migrations refuses to start.
    pub migrate: bool,
    /// The database.
    pub database: DatabaseConfig,
    /// Second factors, and asking again before sensitive actions.
    pub security: SecurityConfig,
    /// Keys that protect secrets; `billow init` makes them.
    #[serde(default)]
    pub keys: KeysConfig,
    /// Outbound calls.
    pub http: HttpConfig,
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

/// Keys that protect secrets.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysConfig {
    /// Encryption keys as `number:base64`, 32 bytes each, separated by commas, the newest first. Old ones stay to open what they sealed.
    #[serde(default)]
    pub encryption: SecretString,
    /// The key of blind indexes, base64 of 32 bytes. It never changes.
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

/// Where settings come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file; `billow.toml` in the working folder is read when it is there and none is named.
    pub file: Option<PathBuf>,
    /// Environment variables.
    pub env: HashMap<String, String>,
    /// Flags as (path, value).
    pub flags: Vec<(String, String)>,
}

impl Sources {
    fn builder(&self) -> Result<ConfigBuilder<DefaultState>> {
        let mut builder = config::Config::builder()
            .add_source(File::from_str(DEFAULTS, FileFormat::Toml))
            .add_source(File::from_str(limits::DEFAULTS, FileFormat::Toml));
        builder = match &self.file {
            Some(file) => builder.add_source(File::from(file.as_path()).format(FileFormat::Toml).required(true)),
            None => builder.add_source(File::from(Path::new("billow.toml")).format(FileFormat::Toml).required(false)),
        };
        let env = self.environment()?;
        builder = builder
            .add_source(Environment::with_prefix("BILLOW").prefix_separator("_").separator("__").try_parsing(false).source(Some(env)));
        for (path, value) in &self.flags {
            builder = builder.set_override(path, value.as_str())?;
        }
        Ok(builder)
    }

    fn environment(&self) -> Result<HashMap<String, String>> {
        let mut out = HashMap::new();
        for (name, value) in self.env.iter().filter(|(name, _)| name.starts_with("BILLOW_") && name.as_str() != "BILLOW_CONFIG") {
            match name.strip_suffix("_FILE") {
                Some(bare) => {
                    let text =
                        std::fs::read_to_string(value).with_context(|| format!("{name} names the file {value}, which cannot be read"))?;
                    out.insert(bare.to_owned(), text.trim_end().to_owned());
                }
                None => {
                    out.insert(name.clone(), value.clone());
                }
            }
        }
        Ok(out)
    }

    /// Reads everything.
    ///
    /// # Errors
    /// When a file cannot be read, a name is unknown or a value is of the wrong kind; the message names it.
    pub fn load(&self) -> Result<Config> {
        let config: Config =
            self.builder()?.build().context("the configuration cannot be read")?.try_deserialize().context("the configuration is wrong")?;
        config.check()?;
        Ok(config)
    }

    /// Every value in force as (path, value, origin), secrets hidden.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn show(&self) -> Result<Vec<(String, String, String)>> {
        let config = self.builder()?.build().context("the configuration cannot be read")?;
        let mut out = Vec::new();
        walk("", &config.cache, &mut out);
        out.sort();
        Ok(out)
    }
}

/// Names whose values are not shown.
const SECRET: &[&str] = &[
    "keys.encryption",
    "keys.index",
    "push.private_key",
    "mail.password",
    "sms.auth_token",
    "documents.access_key",
    "documents.secret_key",
    "database.url",
    "database.read_url",
];

fn walk(path: &str, value: &config::Value, out: &mut Vec<(String, String, String)>) {
    if let ValueKind::Table(table) = &value.kind {
        for (name, value) in table {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            walk(&path, value, out);
        }
        return;
    }
    let origin = match value.origin() {
        None if DEFAULTS_HAVE_NO_ORIGIN.with(|d| d.get(path).is_some_and(|v| *v == value.to_string())) => "default".to_owned(),
        None => "flag".to_owned(),
        Some(origin) => origin.to_owned(),
    };
    let shown = if SECRET.contains(&path) { "(secret)".to_owned() } else { value.to_string() };
    out.push((path.to_owned(), shown, origin));
}

thread_local! {
    /// The library names files and the environment as origins, but neither a text in memory nor an override.
    static DEFAULTS_HAVE_NO_ORIGIN: HashMap<String, String> = {
        let mut out = HashMap::new();
        for defaults in [DEFAULTS, limits::DEFAULTS] {
            if let Ok(config) = config::Config::builder().add_source(File::from_str(defaults, FileFormat::Toml)).build() {
                flatten("", &config.cache, &mut out);
            }
        }
        out
    };
}

fn flatten(path: &str, value: &config::Value, out: &mut HashMap<String, String>) {
    match &value.kind {
        ValueKind::Table(table) => {
            for (name, value) in table {
                flatten(&if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, value, out);
            }
        }
        _ => {
            out.insert(path.to_owned(), value.to_string());
        }
    }
}

impl Config {
    fn check(&self) -> Result<()> {
        let origin = self.base_url.split_once("://").map(|(scheme, rest)| (scheme, rest.contains('/')));
        if !matches!(origin, Some(("http" | "https", false))) {
            bail!("base_url must be http(s)://host without a path or trailing slash, not {}", self.base_url);
        }
        if !matches!(self.mail.tls.as_str(), "none" | "starttls" | "implicit") {
            bail!("mail.tls must be none, starttls or implicit, not {}", self.mail.tls);
        }
        if !matches!(self.documents.store.as_str(), "folder" | "s3") {
            bail!("documents.store must be folder or s3, not {}", self.documents.store);
        }
        if !matches!(self.log.format.as_str(), "text" | "json") {
            bail!("log.format must be text or json, not {}", self.log.format);
        }
        if !matches!(self.sign_up.as_str(), "open" | "closed") {
            bail!("sign_up must be open or closed, not {}", self.sign_up);
        }
        if self.trust_forwarded_for {
            bail!("trust_forwarded_for is no longer used: name the networks of your proxies, such as trusted_proxies = [\"10.0.0.0/8\"]");
        }
        self.proxies()?;
        if self.metrics.listen.is_some_and(|listen| listen == self.listen) {
            bail!("metrics.listen must not be the address of listen");
        }
        if !(1..=3650).contains(&self.session_days) {
            bail!("session_days must be from 1 to 3650, not {}", self.session_days);
        }
        if !(self.session_days..=3650).contains(&self.session_max_days) {
            bail!("session_max_days must be from session_days to 3650, not {}", self.session_max_days);
        }
        if !(1..=1_000_000).contains(&self.sign_ups_per_hour) {
            bail!("sign_ups_per_hour must be from 1 to 1000000, not {}", self.sign_ups_per_hour);
        }
        self.security()?;
        Ok(())
    }

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

    /// The encryption keys, newest first.
    ///
    /// # Errors
    /// When there is none or one is not 32 bytes.
    pub fn encryption_keys(&self) -> Result<Vec<(u32, [u8; 32])>> {
        let text = self.keys.encryption.expose_secret();
        if text.trim().is_empty() {
            bail!("keys.encryption is not set; `billow init` makes a configuration with keys");
        }
        text.split(',')
            .map(|part| {
                let (number, key) = part.trim().split_once(':').context("keys.encryption must be number:base64, separated by commas")?;
                Ok((number.parse().context("the number of an encryption key must be a whole number")?, key_bytes("keys.encryption", key)?))
            })
            .collect()
    }

    /// The key of blind indexes.
    ///
    /// # Errors
    /// When it is not 32 bytes.
    pub fn index_key(&self) -> Result<[u8; 32]> {
        key_bytes("keys.index", self.keys.index.expose_secret())
    }
}

fn key_bytes(name: &str, text: &str) -> Result<[u8; 32]> {
    let bytes = STANDARD.decode(text.trim()).with_context(|| format!("{name} must be base64"))?;
    bytes.try_into().map_err(|b: Vec<u8>| anyhow::anyhow!("{name} must be 32 bytes, not {}", b.len()))
}

/// The parts of a list separated by commas.
#[must_use]
pub fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(env: &[(&str, &str)], flags: &[(&str, &str)]) -> Sources {
        let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
        Sources { file: None, env: owned(env).into_iter().collect(), flags: owned(flags) }
    }

    #[test]
    fn the_later_source_wins_and_says_so() {
        let dir = std::env::temp_dir().join(format!("billow-config-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder");
        let file = dir.join("a.toml");
        std::fs::write(&file, "session_days = 7\nlisten = \"127.0.0.1:1\"\n[mail]\nhost = \"file.example\"\n").expect("a file");
        let mut s = sources(&[("BILLOW_MAIL__HOST", "env.example"), ("BILLOW_LISTEN", "127.0.0.1:2")], &[("listen", "127.0.0.1:3")]);
        s.file = Some(file);
        let config = s.load().expect("a configuration");
        assert_eq!((config.session_days, config.listen.port(), config.mail.host.as_deref()), (7, 3, Some("env.example")));
        let shown = s.show().expect("values");
        let origin = |path: &str| shown.iter().find(|v| v.0 == path).map(|v| v.2.clone()).unwrap_or_default();
        assert_eq!(origin("listen"), "flag");
        assert_eq!(origin("mail.host"), "the environment");
        assert!(origin("session_days").ends_with("a.toml"));
        assert_eq!(origin("mail.port"), "default");
    }

    #[test]
    fn mistakes_are_named() {
        for (env, words) in [
            (("BILLOW_MIAL__HOST", "x"), "mial"),
            (("BILLOW_BASE_URL", "https://example.com/"), "base_url"),
            (("BILLOW_MAIL__TLS", "maybe"), "mail.tls"),
            (("BILLOW_SECURITY__SECOND_FACTOR", "customers"), "security.second_factor"),
            (("BILLOW_SECURITY__CONFIRM_MINUTES", "-1"), "security.confirm_minutes"),
            (("BILLOW_SECURITY__REFUND_LIMITS", "EUR:1,usd:x"), "security.refund_limits"),
            (("BILLOW_TRUST_FORWARDED_FOR", "true"), "trusted_proxies = "),
            (("BILLOW_TRUSTED_PROXIES", "10.0.0.0/8, ten"), "'ten' is not a network"),
            (("BILLOW_METRICS__LISTEN", "127.0.0.1:8080"), "metrics.listen"),
            (("BILLOW_DOCUMENTS__STORE", "tape"), "documents.store"),
            (("BILLOW_MAIL__PASSWORD_FILE", "/nowhere/at/all"), "BILLOW_MAIL__PASSWORD_FILE"),
        ] {
            let error = sources(&[env], &[]).load().expect_err("a mistake");
            assert!(format!("{error:#}").contains(words), "{error:#}");
        }
    }

    #[test]
    fn limits_and_lists_come_from_the_environment_and_the_file() {
        let env = [("BILLOW_LIMITS__SOCKETS_PER_ADDRESS", "7"), ("BILLOW_TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1")];
        let config = sources(&env, &[]).load().expect("a configuration");
        assert_eq!((config.limits.sockets_per_address, config.limits.cost), (7, 5_000));
        assert_eq!(config.trusted_proxies, ["10.0.0.0/8", "127.0.0.1"]);
        let dir = std::env::temp_dir().join(format!("billow-config-lists-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder");
        let file = dir.join("a.toml");
        std::fs::write(&file, "trusted_proxies = [\"192.0.2.0/24\"]\n[metrics]\nlisten = \"127.0.0.1:9464\"\n").expect("a file");
        let config = Sources { file: Some(file), ..sources(&[], &[]) }.load().expect("a configuration");
        assert_eq!(config.trusted_proxies, ["192.0.2.0/24"]);
        assert!(config.metrics.listen.is_some());
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = sources(&[("BILLOW_MAIL__PASSWORD", "hush")], &[]).show().expect("values");
        assert!(shown.iter().any(|v| v.0 == "mail.password" && v.1 == "(secret)"));
        assert!(!format!("{shown:?}").contains("hush"));
    }
}
