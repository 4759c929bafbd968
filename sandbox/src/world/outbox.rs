//! What reached people: mails, text messages and pushes, and the faults of the ways they took.

use std::collections::{HashMap, VecDeque};

use super::SandboxState;
use super::messages::{MailFault, PushFault, ReceivedMail, ReceivedPush, ReceivedSms, RefusedPush, SmsFault};
use crate::SandboxError;

/// The most messages kept of each sort; the oldest go first.
const MAX_MESSAGES: usize = 10_000;
/// The most bytes of mail kept; the oldest go first.
const MAX_MAIL_BYTES: usize = 256 << 20;
/// The most push subscriptions.
const MAX_SUBSCRIPTIONS: usize = 20_000;

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
