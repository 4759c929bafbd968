//! Idempotency keys: the first answer to a key is the answer.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::answer::Refusal;

/// How long a key is remembered.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);

struct Known {
    content: String,
    at: DateTime<Utc>,
    /// None while the first call is under way.
    answer: Option<(u16, String)>,
}

#[derive(Default)]
pub(crate) struct Keys(HashMap<String, Known>);

/// What a key means for a call.
pub(crate) enum Lookup {
    /// It is the first; whoever gets this has to give an answer or to forget it.
    First,
    /// This was answered.
    Answered(u16, String),
    /// It is refused.
    Refused(Refusal),
}

impl Keys {
    pub(crate) fn begin(&mut self, key: &str, content: String, now: DateTime<Utc>) -> Lookup {
        match self.0.get(key).filter(|known| known.answer.is_none() || now - known.at < KEPT_FOR) {
            None => {
                self.0.insert(key.to_owned(), Known { content, at: now, answer: None });
                Lookup::First
            }
            Some(known) if known.content != content => Lookup::Refused(Refusal::key_reused(key)),
            Some(Known { answer: Some((status, body)), .. }) => Lookup::Answered(*status, body.clone()),
            Some(_) => Lookup::Refused(Refusal::key_in_use()),
        }
    }

    pub(crate) fn answer(&mut self, key: &str, status: u16, body: String) {
        if let Some(known) = self.0.get_mut(key) {
            known.answer = Some((status, body));
        }
    }

    pub(crate) fn forget(&mut self, key: &str) {
        self.0.remove(key);
    }
}
