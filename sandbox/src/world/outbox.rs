//! What reached people: mails, text messages and pushes, and the faults of the ways they took.

use std::collections::{BTreeMap, HashMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::SandboxState;
use crate::SandboxError;

/// The most messages kept of each sort; the oldest go first.
const MAX_MESSAGES: usize = 10_000;
/// The most bytes of mail kept; the oldest go first.
const MAX_MAIL_BYTES: usize = 256 << 20;
/// The most push subscriptions.
const MAX_SUBSCRIPTIONS: usize = 20_000;

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

/// A push subscription with the browser's half of the keys.
#[derive(Clone)]
pub(crate) struct Subscription {
    pub secret: p256::SecretKey,
    pub auth: [u8; 16],
    /// When given, only this sender's key is accepted.
    pub sender_key: Option<String>,
    pub fault: Option<PushFault>,
}

#[derive(Default)]
pub(crate) struct Outbox {
    last_id: u64,
    pub mails: VecDeque<ReceivedMail>,
    mail_bytes: usize,
    pub sms: VecDeque<ReceivedSms>,
    pub pushes: VecDeque<ReceivedPush>,
    pub refused: VecDeque<RefusedPush>,
    pub subscriptions: HashMap<String, Subscription>,
    /// For one recipient, or for all of them under none.
    pub mail_faults: HashMap<Option<String>, MailFault>,
    pub sms_faults: HashMap<Option<String>, SmsFault>,
}

fn push_bounded<T>(queue: &mut VecDeque<T>, item: T) -> Option<T> {
    queue.push_back(item);
    (queue.len() > MAX_MESSAGES).then(|| queue.pop_front()).flatten()
}

impl Outbox {
    pub(crate) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    fn keep_mail(&mut self, mail: ReceivedMail) {
        self.mail_bytes += mail.raw.len();
        let gone = push_bounded(&mut self.mails, mail);
        self.mail_bytes -= gone.map_or(0, |m| m.raw.len());
        while self.mail_bytes > MAX_MAIL_BYTES {
            let Some(gone) = self.mails.pop_front() else { break };
            self.mail_bytes -= gone.raw.len();
        }
    }
}

impl SandboxState {
    pub(crate) fn outbox<T>(&self, look: impl FnOnce(&mut Outbox) -> T) -> T {
        look(&mut self.inner.outbox.lock())
    }

    pub(crate) fn keep_mail(&self, mut mail: ReceivedMail) {
        self.outbox(|o| {
            mail.id = o.next_id();
            o.keep_mail(mail);
        });
        self.changed();
    }

    pub(crate) fn keep_sms(&self, mut sms: ReceivedSms) {
        self.outbox(|o| {
            sms.id = o.next_id();
            push_bounded(&mut o.sms, sms);
        });
        self.changed();
    }

    pub(crate) fn keep_push(&self, mut push: ReceivedPush) {
        self.outbox(|o| {
            push.id = o.next_id();
            push_bounded(&mut o.pushes, push);
        });
        self.changed();
    }

    pub(crate) fn keep_refused(&self, refused: RefusedPush) {
        self.outbox(|o| push_bounded(&mut o.refused, refused));
        self.changed();
    }

    pub(crate) fn keep_subscription(&self, id: String, subscription: Subscription) -> Result<(), SandboxError> {
        self.outbox(|o| {
            if o.subscriptions.len() >= MAX_SUBSCRIPTIONS {
                return Err(SandboxError::Full { what: "push subscriptions", max: MAX_SUBSCRIPTIONS });
            }
            o.subscriptions.insert(id, subscription);
            Ok(())
        })
    }

    /// The mails that arrived, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<ReceivedMail> {
        self.outbox(|o| o.mails.iter().cloned().collect())
    }

    /// The mails to one recipient, oldest first.
    #[must_use]
    pub fn mails_to(&self, recipient: &str) -> Vec<ReceivedMail> {
        let hit = |m: &&ReceivedMail| m.to.iter().any(|t| t.eq_ignore_ascii_case(recipient));
        self.outbox(|o| o.mails.iter().filter(hit).cloned().collect())
    }

    /// The text messages that arrived, oldest first.
    #[must_use]
    pub fn text_messages(&self) -> Vec<ReceivedSms> {
        self.outbox(|o| o.sms.iter().cloned().collect())
    }

    /// The pushes that were taken, oldest first.
    #[must_use]
    pub fn pushes(&self) -> Vec<ReceivedPush> {
        self.outbox(|o| o.pushes.iter().cloned().collect())
    }

    /// The pushes that were taken for one subscription, oldest first.
    #[must_use]
    pub fn pushes_for(&self, subscription: &str) -> Vec<ReceivedPush> {
        self.outbox(|o| o.pushes.iter().filter(|p| p.subscription == subscription).cloned().collect())
    }

    /// The pushes that were not taken, oldest first.
    #[must_use]
    pub fn refused_pushes(&self) -> Vec<RefusedPush> {
        self.outbox(|o| o.refused.iter().cloned().collect())
    }

    /// Says what happens to mails, of one recipient or of all; none for nothing bad.
    pub fn set_mail_fault(&self, recipient: Option<&str>, fault: Option<MailFault>) {
        self.outbox(|o| set(&mut o.mail_faults, recipient, fault));
        self.changed();
    }

    /// Says what happens to text messages, of one addressee or of all; none for nothing bad.
    pub fn set_sms_fault(&self, to: Option<&str>, fault: Option<SmsFault>) {
        self.outbox(|o| set(&mut o.sms_faults, to, fault));
        self.changed();
    }

    /// Says what happens to pushes for a subscription; none for nothing bad.
    ///
    /// # Errors
    /// When there is no such subscription.
    pub fn set_push_fault(&self, subscription: &str, fault: Option<PushFault>) -> Result<(), SandboxError> {
        let unknown = || SandboxError::UnknownSubscription(subscription.to_owned());
        self.outbox(|o| o.subscriptions.get_mut(subscription).map(|s| s.fault = fault).ok_or_else(unknown))?;
        self.changed();
        Ok(())
    }

    /// The faults in force on the ways to people: the way, for whom, and what.
    pub(crate) fn way_faults(&self) -> Vec<(&'static str, Option<String>, String)> {
        self.outbox(|o| {
            let mails = o.mail_faults.iter().map(|(to, f)| ("mail", to.clone(), format!("{f:?}")));
            let texts = o.sms_faults.iter().map(|(to, f)| ("text", to.clone(), format!("{f:?}")));
            let pushes = o.subscriptions.iter().filter_map(|(id, s)| Some(("push", Some(id.clone()), format!("{:?}", s.fault?))));
            let mut all: Vec<_> = mails.chain(texts).chain(pushes).collect();
            all.sort();
            all
        })
    }

    pub(crate) fn mail_fault(&self, recipient: &str) -> Option<MailFault> {
        self.outbox(|o| o.mail_faults.get(&Some(recipient.to_ascii_lowercase())).or_else(|| o.mail_faults.get(&None)).copied())
    }

    pub(crate) fn sms_fault(&self, to: &str) -> Option<SmsFault> {
        self.outbox(|o| o.sms_faults.get(&Some(to.to_ascii_lowercase())).or_else(|| o.sms_faults.get(&None)).copied())
    }

    /// Forgets messages and their faults; push subscriptions stay, without faults.
    pub fn clear_outbox(&self) {
        self.outbox(|o| {
            let mut subscriptions = std::mem::take(&mut o.subscriptions);
            subscriptions.values_mut().for_each(|s| s.fault = None);
            *o = Outbox { last_id: o.last_id, subscriptions, ..Outbox::default() };
        });
        self.changed();
    }
}

fn set<F>(faults: &mut HashMap<Option<String>, F>, whom: Option<&str>, fault: Option<F>) {
    let whom = whom.map(str::to_ascii_lowercase);
    match fault {
        Some(fault) if faults.len() < MAX_MESSAGES => {
            faults.insert(whom, fault);
        }
        Some(_) => {}
        None => {
            faults.remove(&whom);
        }
    }
}
