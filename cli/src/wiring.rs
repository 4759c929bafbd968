//! Puts the business together from configuration: the store, the ports and their adapters, the queue.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use billow_billing::cipher::Cipher;
use billow_billing::clock::{Clock, Entropy};
use billow_billing::ports::{Mailer, ObjectStore, PushSender, SmsSender};
use billow_billing::{Billing, Parts, Ports, Settings};
use billow_documents::Typesetter;
use billow_integrations::connectors::Connectors;
use billow_integrations::gateways::Gateways;
use billow_integrations::http::{GuardPolicy, GuardedHttp};
use billow_integrations::messages::{
    NoMail, NoPush, NoSms, SmtpMailer, SmtpSettings, SmtpTls, Templates, TwilioSettings, TwilioSms, WebPushSender, WebPushSettings,
    check_contact, check_mailbox,
};
use billow_integrations::objects::{FolderObjects, S3Objects, S3Settings};
use billow_jobs::Queue;
use secrecy::ExposeSecret as _;

use crate::check::{self, Problems};
use crate::commands::migrate;
use crate::config::{Config, list};
use crate::database::{self, Create};

/// The business and the queue that wakes it.
pub struct Wired {
    /// The business.
    pub billing: Billing,
    /// The queue.
    pub queue: Queue,
}

/// What a server is made of besides the database.
pub struct Adapters {
    http: GuardedHttp,
    push: Arc<dyn PushSender>,
    mailer: Arc<dyn Mailer>,
    sms: Arc<dyn SmsSender>,
    templates: Templates,
    objects: Arc<dyn ObjectStore>,
}

impl Adapters {
    /// Makes them all, and notes what is wrong with each. Nobody is called yet and nothing is written.
    ///
    /// # Errors
    /// When one could not be made: what is wrong is in `problems`.
    pub fn make(config: &Config, clock: &Arc<dyn Clock>, problems: &mut Problems) -> Option<Self> {
        let policy = GuardPolicy {
            allowed_hosts: list(&config.http.allowed_hosts),
            user_agent: concat!("Billow/", env!("CARGO_PKG_VERSION")).into(),
        };
        let http = noted(GuardedHttp::new(policy).map_err(|e| anyhow::anyhow!("http: {e}")), problems)?;
        let push = noted(push(config, &http, clock), problems);
        let mailer = noted(mailer(config, clock), problems);
        let sms = noted(sms(config, &http), problems);
        let templates = noted(
            Templates::new(config.templates.dir.as_deref().filter(|d| !d.as_os_str().is_empty())).map_err(at("templates.dir")),
            problems,
        );
        let objects = noted(objects(config, &http), problems);
        Some(Self { push: push?, mailer: mailer?, sms: sms?, templates: templates?, objects: objects?, http })
    }
}

fn noted<T>(made: Result<T>, problems: &mut Problems) -> Option<T> {
    made.map_err(|error| problems.add_error(&error)).ok()
}

/// Puts everything together: checks the configuration, opens the database, brings its schema up to date where that is
/// wanted, and makes sure that the keys are those of this database.
///
/// # Errors
/// When a part cannot be made; the message names the setting.
pub async fn wire(config: &Config, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Wired> {
    let mut problems = Problems::default();
    check::values(config, &mut problems);
    check::parts(config, &mut problems);
    let adapters = Adapters::make(config, &clock, &mut problems);
    problems.into_result()?;
    let adapters = adapters.context("the configuration is wrong")?;
    let cipher = Cipher::new(&config.encryption_keys()?, config.index_key()?, Arc::clone(&entropy))?;

    let store = database::open(config, if config.migrate { Create::Missing } else { Create::Nothing }).await?;
    migrate::ready(config, &store).await?;
    billow_billing::keys::verify(&store, &cipher, clock.now()).await.map_err(|e| anyhow::anyhow!("{e}"))?;
    let queue = Queue::open(&store, &config.queue_file()).await?;
    let Adapters { http, push, mailer, sms, templates, objects } = adapters;
    let billing = Billing::new(Parts {
        store,
        cipher,
        ports: Ports {
            connector: Arc::new(Connectors::new(Arc::new(http.clone()), Some(config.drop_dir()))),
            push,
            mailer,
            sms,
            renderer: Arc::new(templates),
            gateway: Arc::new(Gateways::new(http)),
            documents: Arc::new(Typesetter::new()),
            objects,
        },
        waker: Arc::new(queue.clone()),
        settings: Settings {
            session_days: config.session_days,
            session_max_days: config.session_max_days,
            sign_ups_per_hour: config.sign_ups_per_hour,
            sign_up_open: config.sign_up == "open",
            demo: config.demo,
            sandbox_gateways: config.demo || config.gateways.sandbox,
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
    let private_key = config.push.private_key.clone().filter(|key| !key.expose_secret().is_empty());
    let Some(private_key) = private_key else { return Ok(Arc::new(NoPush)) };
    let contact =
        config.push.contact.clone().filter(|contact| !contact.is_empty()).context("push.contact must be set where push.private_key is")?;
    check_contact(&contact).map_err(at("push.contact"))?;
    let settings = WebPushSettings { private_key, contact, allowed_hosts: list(&config.push.allowed_hosts) };
    Ok(Arc::new(WebPushSender::new(http.clone(), settings, Arc::clone(clock)).map_err(at("push"))?))
}

fn mailer(config: &Config, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Mailer>> {
    let Some(host) = config.mail.host.clone().filter(|h| !h.is_empty()) else { return Ok(Arc::new(NoMail)) };
    check_mailbox(&config.mail.from).map_err(at("mail.from"))?;
    if let Some(reply_to) = config.mail.reply_to.as_deref() {
        check_mailbox(reply_to).map_err(at("mail.reply_to"))?;
    }
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
        return Ok(Arc::new(FolderObjects::new(config.documents_dir()).map_err(at("documents.dir"))?));
    }
    let settings = S3Settings {
        bucket: documents
            .bucket
            .clone()
            .filter(|bucket| !bucket.trim().is_empty())
            .context("documents.bucket must be set where documents.store is s3")?,
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
