//! The ports to people's devices and mailboxes.

use async_trait::async_trait;
use billow_entities::DeliveryId;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// What came of handing a message over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The far side took it.
    Sent,
    /// The target is gone for good (404 or 410 for a push, a refused mailbox for a mail).
    Gone {
        /// In words for an operator.
        message: String,
    },
    /// Try again, later if the far side said when.
    Retryable {
        /// In words for an operator.
        message: String,
        /// In milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// The far side will never take this message.
    Refused {
        /// In words for an operator.
        message: String,
    },
    /// It may or may not have got through (the answer was lost).
    Unknown {
        /// In words for an operator.
        message: String,
    },
}

/// Sends web pushes (RFC 8030, 8291, 8292).
#[async_trait]
pub trait PushSender: Send + Sync {
    /// Whether pushes may be sent to this endpoint: https, a known push service, no private address.
    ///
    /// # Errors
    /// In words for whoever registers it.
    fn check_endpoint(&self, endpoint: &str) -> Result<(), String>;

    /// Whether this is a public key that messages can be encrypted for: an uncompressed point of P-256.
    ///
    /// # Errors
    /// When it is 65 bytes of something else.
    fn check_key(&self, p256dh: &[u8]) -> Result<(), String> {
        if p256dh.len() == 65 && p256dh[0] == 0x04 { Ok(()) } else { Err("it is not an uncompressed point of 65 bytes".into()) }
    }

    /// The VAPID public key browsers subscribe with, base64url without padding; none when push is not configured.
    fn public_key(&self) -> Option<String>;

    /// Encrypts and sends one message.
    async fn send(&self, message: PushMessage) -> SendOutcome;
}

/// A push on its way to one browser.
#[derive(Clone, Debug)]
pub struct PushMessage {
    /// Stable over retries.
    pub delivery_id: DeliveryId,
    /// The capability URL.
    pub endpoint: SecretString,
    /// The browser's public key, base64url.
    pub p256dh: String,
    /// The browser's secret, base64url.
    pub auth: SecretString,
    /// The payload: Declarative Web Push JSON that our service worker understands as well.
    pub payload: Vec<u8>,
    /// Replaces an undelivered push of the same topic (at most 32 characters of base64url).
    pub topic: Option<String>,
    /// How long the push service should keep it, in seconds.
    pub ttl_s: u32,
    /// Whether it may wake the device.
    pub urgent: bool,
}

/// Sends mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends one mail.
    async fn send(&self, mail: Mail) -> SendOutcome;
}

/// A mail with a plain and an HTML part.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Stable over retries; becomes the Message-ID.
    pub delivery_id: DeliveryId,
    /// The addressee.
    pub to: String,
    /// The addressee's name.
    pub to_name: Option<String>,
    /// The subject.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The List-Unsubscribe address (one click, RFC 8058), for what can be unsubscribed.
    pub unsubscribe_url: Option<String>,
    /// BCP 47.
    pub locale: String,
}

/// Sends text messages.
#[async_trait]
pub trait SmsSender: Send + Sync {
    /// Whether text messages are configured.
    fn available(&self) -> bool;
    /// Sends one text message.
    async fn send(&self, sms: Sms) -> SendOutcome;
}

/// A text message.
#[derive(Clone, Debug)]
pub struct Sms {
    /// Stable over retries.
    pub delivery_id: DeliveryId,
    /// E.164.
    pub to: String,
    /// The text.
    pub text: String,
}

/// Renders the words of messages; templates live in `billow-integrations` and can be overridden by the operator.
pub trait Renderer: Send + Sync {
    /// Renders `message` in the best matching language.
    ///
    /// # Errors
    /// When the template is at fault; in words for an operator.
    fn render(&self, message: &MessageContext) -> Result<Rendered, String>;

    /// Renders the title and the body alone, which is all the inbox and a push need.
    ///
    /// # Errors
    /// As [`Self::render`].
    fn headline(&self, message: &MessageContext) -> Result<(String, String), String> {
        self.render(message).map(|rendered| (rendered.title, rendered.body))
    }
}

/// What a template is given.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageContext {
    /// The template's name: a `NotificationKind` in lower case.
    pub template: String,
    /// BCP 47.
    pub locale: String,
    /// IANA name.
    pub time_zone: String,
    /// The addressee's name.
    pub name: String,
    /// The web app's address without a trailing slash.
    pub base_url: String,
    /// Where the message leads, absolute.
    pub link: Option<String>,
    /// What it is about; amounts are `{amount_minor, currency}`, dates ISO 8601.
    pub data: serde_json::Value,
}

/// A message in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// For the inbox, the push's title and the mail's subject.
    pub title: String,
    /// For the inbox and the push.
    pub body: String,
    /// The mail's plain part.
    pub text: String,
    /// The mail's HTML part.
    pub html: String,
    /// The text message.
    pub sms: String,
}
