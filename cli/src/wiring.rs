//! Puts the business together from configuration: the store, the ports and their adapters, the queue.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use billow_billing::cipher::Cipher;
use billow_billing::clock::{Clock, Entropy};
use billow_billing::ports::{Mailer, ObjectStore, PushSender, SmsSender};
use billow_billing::store::StoreOptions;
use billow_billing::{Billing, Parts, Settings, Store};
use billow_documents::Typesetter;
use billow_integrations::connectors::Connectors;
use billow_integrations::gateways::Gateways;
use billow_integrations::http::{GuardPolicy, GuardedHttp};
use billow_integrations::messages::{
    NoMail, NoPush, NoSms, SmtpMailer, SmtpSettings, SmtpTls, Templates, TwilioSettings, TwilioSms, WebPushSender, WebPushSettings,
};
use billow_integrations::objects::{FolderObjects, S3Objects, S3Settings};
use billow_jobs::Queue;
use secrecy::ExposeSecret as _;

use crate::config::{Config, list};

/// The business and the queue that wakes it.
pub struct Wired {
    /// The business.
    pub billing: Billing,
    /// The queue.
    pub queue: Queue,
}

/// Opens the database.
///
/// # Errors
/// When it cannot be reached, or its folder cannot be made.
pub async fn open_store(config: &Config) -> Result<Store> {
    std::fs::create_dir_all(&config.data_dir).with_context(|| format!("the folder {} cannot be made", config.data_dir.display()))?;
    let options = StoreOptions {
        url: config.database_url(),
        read_url: config.database.read_url.as_ref().map(|u| u.expose_secret().to_owned()),
        max_read: config.database.max_read,
        max_write: config.database.max_write,
        timeouts: config.database.timeouts(),
    };
    Store::connect(&options).await.context("the database cannot be reached")
}

/// Puts everything together.
///
/// # Errors
/// When a part cannot be made; the message names the setting.
pub async fn wire(config: &Config, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Wired> {
    let store = open_store(config).await?;
    let cipher = Cipher::new(&config.encryption_keys()?, config.index_key()?, Arc::clone(&entropy))?;
    let http = GuardedHttp::new(GuardPolicy {
        allowed_hosts: list(&config.http.allowed_hosts),
        user_agent: concat!("Billow/", env!("CARGO_PKG_VERSION")).into(),
    })?;
    let drop_root = config.data_dir.join("drop");
    std::fs::create_dir_all(&drop_root).with_context(|| format!("the folder {} cannot be made", drop_root.display()))?;
    let queue = Queue::open(&store, &config.data_dir.join("queue.db")).await?;
    let billing = Billing::new(Parts {
        store,
        cipher,
        connector: Arc::new(Connectors::new(Arc::new(http.clone()), Some(drop_root))),
        push: push(config, &http, &clock)?,
        mailer: mailer(config, &clock)?,
        sms: sms(config, &http)?,
        renderer: Arc::new(Templates::new(config.templates.dir.as_deref()).map_err(at("templates.dir"))?),
        gateway: Arc::new(Gateways::new(http.clone())),
        documents: Arc::new(Typesetter::new()),
        objects: objects(config, &http)?,
        waker: Arc::new(queue.clone()),
        settings: Settings {
            session_days: config.session_days,
            session_max_days: config.session_max_days,
            sign_ups_per_hour: config.sign_ups_per_hour,
            sign_up_open: config.sign_up == "open",
            demo: config.demo,
            security: config.security()?,
            ..Settings::new(config.base_url.clone(), worker_name(&*entropy))
        },
        clock,
        entropy,
    });
    Ok(Wired { billing, queue })
}

/// Unique among all processes: apalis refuses a name that was in use a moment ago.
fn worker_name(entropy: &dyn Entropy) -> String {
    let mut bytes = [0u8; 6];
    entropy.fill(&mut bytes);
    format!("{}-{}", std::process::id(), hex::encode(bytes))
}

fn push(config: &Config, http: &GuardedHttp, clock: &Arc<dyn Clock>) -> Result<Arc<dyn PushSender>> {
    let Some(private_key) = config.push.private_key.clone() else { return Ok(Arc::new(NoPush)) };
    let contact = config.push.contact.clone().context("push.contact must be set where push.private_key is")?;
    let settings = WebPushSettings { private_key, contact, allowed_hosts: list(&config.push.allowed_hosts) };
    Ok(Arc::new(WebPushSender::new(http.clone(), settings, Arc::clone(clock)).map_err(at("push"))?))
}

fn mailer(config: &Config, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Mailer>> {
    let Some(host) = config.mail.host.clone().filter(|h| !h.is_empty()) else { return Ok(Arc::new(NoMail)) };
    let tls = match config.mail.tls.as_str() {
        "none" => SmtpTls::None,
        "implicit" => SmtpTls::Implicit,
        _ => SmtpTls::StartTls,
    };
    let settings = SmtpSettings {
        host,
        port: config.mail.port,
        tls,
        ca_file: config.mail.ca_file.clone(),
        username: config.mail.username.clone(),
        password: config.mail.password.clone(),
        from: config.mail.from.clone(),
        reply_to: config.mail.reply_to.clone(),
    };
    Ok(Arc::new(SmtpMailer::new(settings, Arc::clone(clock)).map_err(at("mail"))?))
}

fn sms(config: &Config, http: &GuardedHttp) -> Result<Arc<dyn SmsSender>> {
    let Some(base_url) = config.sms.base_url.clone().filter(|u| !u.is_empty()) else { return Ok(Arc::new(NoSms)) };
    let settings = TwilioSettings {
        base_url,
        account_sid: config.sms.account_sid.clone().context("sms.account_sid must be set where sms.base_url is")?,
        auth_token: config.sms.auth_token.clone().context("sms.auth_token must be set where sms.base_url is")?,
        from: config.sms.from.clone().context("sms.from must be set where sms.base_url is")?,
    };
    Ok(Arc::new(TwilioSms::new(http.clone(), settings).map_err(at("sms"))?))
}

fn objects(config: &Config, http: &GuardedHttp) -> Result<Arc<dyn ObjectStore>> {
    let documents = &config.documents;
    if documents.store != "s3" {
        let folder = documents.dir.clone().unwrap_or_else(|| config.data_dir.join("documents"));
        return Ok(Arc::new(FolderObjects::new(folder).map_err(at("documents.dir"))?));
    }
    let settings = S3Settings {
        bucket: documents.bucket.clone().context("documents.bucket must be set where documents.store is s3")?,
        region: documents.region.clone(),
        endpoint: documents.endpoint.clone().filter(|endpoint| !endpoint.is_empty()),
        access_key: documents.access_key.clone(),
        secret_key: documents.secret_key.clone(),
    };
    Ok(Arc::new(S3Objects::new(http.clone(), &settings).map_err(at("documents"))?))
}

/// Names the setting that an adapter refused.
fn at(setting: &'static str) -> impl Fn(String) -> anyhow::Error {
    move |problem| anyhow::anyhow!("{setting}: {problem}")
}
