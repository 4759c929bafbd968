//! What the messages that reach people look like here, and what can happen to them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A mail as it came.
#[derive(Clone, Debug, Serialize)]
pub struct ReceivedMail {
    /// Counts up over all messages.
    pub id: u64,
    /// By the caller's clock.
    pub at: DateTime<Utc>,
    /// The sender on the envelope.
    pub from: String,
    /// The recipients on the envelope.
    pub to: Vec<String>,
    /// All of it.
    #[serde(skip)]
    pub raw: Vec<u8>,
    /// The `Message-ID` without angle brackets.
    pub message_id: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// The plain part.
    pub text: Option<String>,
    /// The HTML part.
    pub html: Option<String>,
    /// Every header as it stands, in order.
    pub headers: Vec<(String, String)>,
    /// Whether the connection was dropped before the answer.
    pub answer_lost: bool,
}

/// A text message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceivedSms {
    /// Counts up over all messages.
    pub id: u64,
    /// By the caller's clock.
    pub at: DateTime<Utc>,
    /// The message's name in the answer.
    pub sid: String,
    /// The sender.
    pub from: String,
    /// The addressee.
    pub to: String,
    /// The text.
    pub body: String,
    /// Whether the connection was dropped before the answer.
    pub answer_lost: bool,
}

/// What the sender of a push proved about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VapidClaims {
    /// The origin of the push service.
    pub aud: String,
    /// Until when, in seconds since 1970.
    pub exp: i64,
    /// How to reach the sender.
    pub sub: String,
}

/// A push that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceivedPush {
    /// Counts up over all messages.
    pub id: u64,
    /// By the caller's clock.
    pub at: DateTime<Utc>,
    /// For which subscription.
    pub subscription: String,
    /// How long it may be kept, in seconds.
    pub ttl_s: u64,
    /// `very-low`, `low`, `normal` or `high`.
    pub urgency: Option<String>,
    /// It replaces an undelivered push of the same topic.
    pub topic: Option<String>,
    /// All headers but the authorization.
    pub headers: BTreeMap<String, String>,
    /// What the sender proved about itself.
    pub vapid: VapidClaims,
    /// The sender's public key, base64url.
    pub vapid_key: String,
    /// What was written, after decryption.
    pub payload: String,
    /// Whether the connection was dropped before the answer.
    pub answer_lost: bool,
}

/// A push that was not taken, because the request was wrong or because of a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedPush {
    /// By the caller's clock.
    pub at: DateTime<Utc>,
    /// For which subscription.
    pub subscription: String,
    /// The answer's status.
    pub status: u16,
    /// Why.
    pub reason: String,
}

/// What happens to pushes for a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PushFault {
    /// Status 404: there never was such a subscription.
    NotFound,
    /// Status 410: the subscription has ended.
    Gone,
    /// Status 413: the payload is too large.
    TooLarge,
    /// Status 429.
    TooManyRequests {
        /// What `Retry-After` says, in seconds.
        retry_after_s: u32,
    },
    /// Status 500.
    ServerError,
    /// No answer ever comes.
    Hang,
    /// The push is taken, but the connection is closed before the answer.
    LostAnswer,
}

/// What happens to mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MailFault {
    /// The recipient is refused for now (451).
    Temporary,
    /// The recipient is refused for good (550).
    Permanent,
    /// The mail is taken, but the connection is closed before the answer.
    LostAnswer,
    /// The connection is closed at the recipient, before anything is taken.
    DropConnection,
    /// No answer ever comes.
    Hang,
}

/// What happens to text messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SmsFault {
    /// Status 429 with `Retry-After`.
    TooManyRequests {
        /// In seconds.
        retry_after_s: u32,
    },
    /// Status 500.
    ServerError,
    /// Status 400, code 21211: the number is no good.
    InvalidNumber,
    /// Status 401.
    Unauthorized,
    /// The message is taken, but the connection is closed before the answer.
    LostAnswer,
    /// No answer ever comes.
    Hang,
}
