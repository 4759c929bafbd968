//! Puts the business together from configuration: the store, the ports and their adapters, the queue.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use billow_billing::cipher::Cipher;
use billow_billing::clock::{Clock, Entropy};
use billow_billing::ports::{Mailer, PushSender, SmsSender};
use billow_billing::store::StoreOptions;
use billow_billing::{Billing, Parts, Settings, Store};
use billow_integrations::connectors::Connectors;
use billow_integrations::http::{GuardPolicy, GuardedHttp};
use billow_integrations::messages::{NoMailer, NoPush, NoSms, SmtpMailer, SmtpSettings, Templates, TwilioSettings, TwilioSms, VapidSettings, WebPushSender};
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
    let http = Arc::new(GuardedHttp::new(GuardPolicy { allowed_hosts: list(&config.http.allowed_hosts), user_agent: concat!("Billow/", env!("CARGO_PKG_VERSION")).into() })?);
    let drop_root = config.data_dir.join("drop");
    std::fs::create_dir_all(&drop_root).with_context(|| format!("the folder {} cannot be made", drop_root.display()))?;
    let queue = Queue::open(&store, &config.data_dir.join("queue.db")).await?;
    let billing = Billing::new(Parts {
        store,
        cipher,
        connector: Arc::new(Connectors::new(Arc::clone(&http), Some(drop_root))),
        push: push(config, &http, &clock)?,
        mailer: mailer(config)?,
        sms: sms(config, &http)?,
        renderer: Arc::new(Templates::new(config.templates.dir.as_deref()).context("templates.dir")?),
        waker: Arc::new(queue.clone()),
        settings: Settings { base_url: config.base_url.clone(), worker: worker_name(&*entropy), session_days: config.session_days },
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

fn push(config: &Config, http: &Arc<GuardedHttp>, clock: &Arc<dyn Clock>) -> Result<Arc<dyn PushSender>> {
    let Some(private_key) = config.push.private_key.clone() else { return Ok(Arc::new(NoPush)) };
    let contact = config.push.contact.clone().context("push.contact must be set where push.private_key is")?;
    let settings = VapidSettings { private_key, contact, allowed_hosts: list(&config.push.allowed_hosts) };
    Ok(Arc::new(WebPushSender::new(Arc::clone(http), settings, Arc::clone(clock)).context("push.private_key")?))
}

fn mailer(config: &Config) -> Result<Arc<dyn Mailer>> {
    let Some(host) = config.mail.host.clone().filter(|h| !h.is_empty()) else { return Ok(Arc::new(NoMailer)) };
    let settings = SmtpSettings {
        host,
        port: config.mail.port,
        tls: config.mail.tls.parse().map_err(|e| anyhow::anyhow!("mail.tls: {e}"))?,
        username: config.mail.username.clone(),
        password: config.mail.password.clone(),
        from: config.mail.from.clone(),
        reply_to: config.mail.reply_to.clone(),
    };
    Ok(Arc::new(SmtpMailer::new(settings).context("mail")?))
}

fn sms(config: &Config, http: &Arc<GuardedHttp>) -> Result<Arc<dyn SmsSender>> {
    let Some(base_url) = config.sms.base_url.clone().filter(|u| !u.is_empty()) else { return Ok(Arc::new(NoSms)) };
    let settings = TwilioSettings {
        base_url,
        account_sid: config.sms.account_sid.clone().context("sms.account_sid must be set where sms.base_url is")?,
        auth_token: config.sms.auth_token.clone().context("sms.auth_token must be set where sms.base_url is")?,
        from: config.sms.from.clone().context("sms.from must be set where sms.base_url is")?,
    };
    Ok(Arc::new(TwilioSms::new(Arc::clone(http), settings)))
}
