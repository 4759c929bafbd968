//! Mail by SMTP. Each step is taken by itself, because what a broken connection means depends on how far we had come:
//! before the content was handed over nothing was sent, afterwards nobody knows.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use billow_billing::clock::Clock;
use billow_billing::ports::{Mail, Mailer, SendOutcome};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::{Address, Message};
use parking_lot::Mutex;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

/// For the connection and its TLS handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For one mail, from connecting to the last answer.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Connections to the server at once.
const MAX_CONNECTIONS: usize = 8;

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SmtpTls {
    /// Not at all: a relay on the same machine.
    None,
    /// After `STARTTLS`, which the server must offer.
    #[default]
    StartTls,
    /// From the first byte.
    Implicit,
}

/// How to send mail.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// The server.
    pub host: String,
    /// Usually 587 for STARTTLS, 465 for implicit TLS, 25 for none.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// A certificate (PEM) to trust beside the public ones.
    pub ca_file: Option<PathBuf>,
    /// Who signs in; nobody where absent.
    pub username: Option<String>,
    /// With which password.
    pub password: Option<SecretString>,
    /// The sender: `Billow <bills@example.com>`.
    pub from: String,
    /// Where answers go, when not to the sender.
    pub reply_to: Option<String>,
}

/// Sends mail.
pub struct SmtpMailer {
    settings: SmtpSettings,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    tls: Option<TlsParameters>,
    hello: ClientId,
    clock: Arc<dyn Clock>,
    /// Connections that were good when they were last used.
    idle: Mutex<Vec<AsyncSmtpConnection>>,
    places: Semaphore,
}

impl std::fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpMailer").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// How far a mail had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Stage {
    /// Connecting, encrypting, signing in.
    Connect = 0,
    /// The sender was named.
    Sender = 1,
    /// The addressee was named.
    Addressee = 2,
    /// The content was being handed over.
    Content = 3,
}

/// Where a mail is, for when time runs out.
#[derive(Default)]
struct Progress(AtomicU8);

impl Progress {
    fn reach(&self, stage: Stage) {
        self.0.store(stage as u8, Ordering::Relaxed);
    }

    fn stage(&self) -> Stage {
        match self.0.load(Ordering::Relaxed) {
            0 => Stage::Connect,
            1 => Stage::Sender,
            2 => Stage::Addressee,
            _ => Stage::Content,
        }
    }
}

/// Whether `text` is an address that mail can come from: `Billow <bills@example.com>`.
///
/// # Errors
/// Why not, in words for the operator.
pub fn check_mailbox(text: &str) -> Result<(), String> {
    text.parse::<Mailbox>().map(drop).map_err(|e| format!("'{text}' is not an address such as Billow <bills@example.com>: {e}"))
}

impl SmtpMailer {
    /// A mailer; nobody is called yet.
    ///
    /// # Errors
    /// When an address, the host or the certificate cannot be used; in words for the operator.
    pub fn new(settings: SmtpSettings, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let mailbox =
            |what: &str, text: &str| text.parse::<Mailbox>().map_err(|e| format!("the {what} of mails, '{text}', is not an address: {e}"));
        let from = mailbox("sender", &settings.from)?;
        let reply_to = settings.reply_to.as_deref().map(|text| mailbox("address for answers", text)).transpose()?;
        let tls = if settings.tls == SmtpTls::None { None } else { Some(tls_parameters(&settings)?) };
        if settings.username.is_some() != settings.password.is_some() {
            return Err("signing in at the mail server needs a name and a password".into());
        }
        Ok(Self {
            from,
            reply_to,
            tls,
            hello: ClientId::default(),
            clock,
            idle: Mutex::default(),
            places: Semaphore::new(MAX_CONNECTIONS),
            settings,
        })
    }

    /// Connects and signs in, for a check of the configuration.
    ///
    /// # Errors
    /// What went wrong, in words for the operator.
    pub async fn check(&self) -> Result<(), String> {
        let mut connection = tokio::time::timeout(TIMEOUT, self.connect())
            .await
            .map_err(|_| format!("no answer within {} s", TIMEOUT.as_secs()))?
            .map_err(|e| chain(&e))?;
        connection.abort().await;
        Ok(())
    }

    fn compose(&self, mail: &Mail) -> Result<(Address, Vec<u8>), String> {
        let address: Address = mail.to.parse().map_err(|e| format!("the addressee is not an address: {e}"))?;
        let sent = u64::try_from(self.clock.now().timestamp()).unwrap_or_default();
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(mail.to_name.clone().filter(|n| !n.trim().is_empty()), address.clone()))
            .subject(mail.subject.as_str())
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(sent))
            .message_id(Some(format!("<{}@{}>", mail.delivery_id, self.from.email.domain())))
            .raw_header(plain_header("Auto-Submitted", "auto-generated"))
            .raw_header(plain_header("Content-Language", &header_text(&mail.locale)));
        if let Some(reply_to) = &self.reply_to {
            message = message.reply_to(reply_to.clone());
        }
        if let Some(url) = &mail.unsubscribe_url {
            message = message
                .raw_header(plain_header("List-Unsubscribe", &format!("<{}>", header_text(url))))
                .raw_header(plain_header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        let message = message
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|e| format!("the mail could not be made: {e}"))?;
        Ok((address, message.formatted()))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SmtpError> {
        let server = (self.settings.host.as_str(), self.settings.port);
        let implicit = self.tls.clone().filter(|_| self.settings.tls == SmtpTls::Implicit);
        let mut connection = AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT_TIMEOUT), &self.hello, implicit, None).await?;
        if let (SmtpTls::StartTls, Some(tls)) = (self.settings.tls, &self.tls) {
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let (Some(name), Some(password)) = (&self.settings.username, &self.settings.password) {
            let login = Credentials::new(name.clone(), password.expose_secret().to_owned());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &login).await?;
        }
        Ok(connection)
    }

    /// A connection that answers.
    async fn connection(&self) -> Result<AsyncSmtpConnection, SmtpError> {
        loop {
            let Some(mut idle) = self.idle.lock().pop() else { return self.connect().await };
            if idle.test_connected().await {
                return Ok(idle);
            }
        }
    }

    async fn transmit(&self, to: Address, content: &[u8], progress: &Progress) -> Result<(), SmtpError> {
        let mut connection = self.connection().await?;
        progress.reach(Stage::Sender);
        let mut options = Vec::new();
        if !content.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let international = [&to, &self.from.email].iter().any(|a| !AsRef::<str>::as_ref(*a).is_ascii());
        if international && connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            options.push(MailParameter::SmtpUtfEight);
        }
        let spoken = async {
            connection.command(MailFrom::new(Some(self.from.email.clone()), options)).await?;
            progress.reach(Stage::Addressee);
            connection.command(Rcpt::new(to, Vec::new())).await?;
            progress.reach(Stage::Sender);
            connection.command(Data).await?;
            progress.reach(Stage::Content);
            connection.message(content).await
        };
        match spoken.await {
            Ok(_) => {
                let mut idle = self.idle.lock();
                if idle.len() < MAX_CONNECTIONS {
                    idle.push(connection);
                }
                Ok(())
            }
            Err(error) => {
                // The conversation is in the middle of something: it is not gone on with.
                if error.is_permanent() || error.is_transient() {
                    connection.abort().await;
                }
                Err(error)
            }
        }
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: Mail) -> SendOutcome {
        let (to, content) = match self.compose(&mail) {
            Ok(composed) => composed,
            Err(message) => return SendOutcome::Refused { message },
        };
        let Ok(_place) = self.places.acquire().await else {
            return SendOutcome::Retryable { message: "the mailer is closing".into(), retry_after_ms: None };
        };
        let progress = Progress::default();
        match tokio::time::timeout(TIMEOUT, self.transmit(to, &content, &progress)).await {
            Ok(Ok(())) => SendOutcome::Sent,
            Ok(Err(error)) => judge(progress.stage(), &Complaint::of(&error)),
            Err(_) => judge(progress.stage(), &Complaint::lost(format!("no answer within {} s", TIMEOUT.as_secs()))),
        }
    }
}

/// What the server, or the network, said against a mail.
struct Complaint {
    /// The answer's code; none when there was no answer.
    code: Option<u16>,
    /// Nothing was wrong but the mail itself.
    ours: bool,
    message: String,
}

impl Complaint {
    fn of(error: &SmtpError) -> Self {
        Self { code: error.status().map(u16::from), ours: error.is_client(), message: chain(error) }
    }

    fn lost(message: String) -> Self {
        Self { code: None, ours: false, message }
    }
}

/// What a complaint means. Pure.
fn judge(stage: Stage, complaint: &Complaint) -> SendOutcome {
    let message = complaint.message.clone();
    match (complaint.code, stage) {
        (Some(400..=499), _) => SendOutcome::Retryable { message, retry_after_ms: None },
        // No such mailbox; a refusal for reasons of policy (5.7) says nothing about the mailbox.
        (Some(550 | 551 | 553), Stage::Addressee) if !message.contains("5.7.") => SendOutcome::Gone { message },
        // Encryption or signing in is the operator's to mend: the mail waits meanwhile.
        (_, Stage::Connect) => SendOutcome::Retryable { message, retry_after_ms: None },
        (Some(_), _) => SendOutcome::Refused { message },
        (None, _) if complaint.ours => SendOutcome::Refused { message },
        (None, Stage::Content) => SendOutcome::Unknown { message },
        (None, _) => SendOutcome::Retryable { message, retry_after_ms: None },
    }
}

fn tls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(file) = &settings.ca_file {
        let fault = |e: &dyn std::fmt::Display| format!("the certificate {} cannot be used: {e}", file.display());
        let pem = std::fs::read(file).map_err(|e| fault(&e))?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|e| fault(&e))?);
    }
    builder.build().map_err(|e| format!("TLS for the mail server cannot be set up: {e}"))
}

/// A header that holds ASCII and is not to be folded or encoded, such as a long address.
fn plain_header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.to_owned(), value.to_owned())
}

/// What may stand in a header: no line ends, nothing beyond ASCII.
fn header_text(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).collect()
}

/// An error with its causes in one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    for cause in std::iter::successors(error.source(), |e| e.source()) {
        let cause = cause.to_string();
        if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words.replace(['\r', '\n'], " ")
}

/// Stands in where mail is not configured.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMail;

#[async_trait]
impl Mailer for NoMail {
    async fn send(&self, _mail: Mail) -> SendOutcome {
        SendOutcome::Refused { message: "mail is not configured".into() }
    }
}

#[cfg(test)]
#[path = "smtp_tests.rs"]
mod tests;
