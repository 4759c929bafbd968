//! The memory of what happened to money, which only ever grows: what a test believes rather than anybody's word.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::books::Words;
use super::faults::CardCall;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CardLogKind {
    /// A direct debit was handed to the bank.
    Submitted,
    /// Money was taken.
    Charged,
    /// The bank said no.
    Declined,
    /// Money was given back.
    Refunded,
    /// Money that was given back came back.
    RefundFailed,
}

/// Something that happened to money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardLogEntry {
    /// By the caller's clock.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: CardLogKind,
    /// The charge or the refund.
    pub id: String,
    /// The payment it belongs to.
    pub payment_intent: String,
    /// In minor units.
    pub amount_minor: i64,
    /// Three small letters.
    pub currency: String,
    /// As it was given with the payment or the refund.
    pub metadata: Words,
    /// The key of the call that began it, if it had one.
    pub idempotency_key: Option<String>,
}

/// A call the API got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardCallSeen {
    /// By the caller's clock.
    pub at: DateTime<Utc>,
    /// What was called.
    pub call: CardCall,
    /// With which key.
    pub key: Option<String>,
    /// The status of the answer, or what happened instead of one; `replayed` where it was answered before.
    pub answer: String,
}

/// The log, and the file it is also written to.
pub(crate) struct Log {
    entries: Vec<CardLogEntry>,
    file: Option<(PathBuf, Option<File>)>,
}

impl Log {
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        Self { entries: Vec::new(), file: file.map(|path| (path, None)) }
    }

    pub(crate) fn entries(&self) -> &[CardLogEntry] {
        &self.entries
    }

    pub(crate) fn add(&mut self, entry: CardLogEntry) {
        if let Some((path, file)) = &mut self.file {
            let written = write(path, file, &entry);
            if let Err(problem) = written {
                tracing::error!(%problem, path = %path.display(), "the log of charges could not be written");
            }
        }
        self.entries.push(entry);
    }
}

/// One line, which the system has before anybody is told of it.
fn write(path: &PathBuf, file: &mut Option<File>, entry: &CardLogEntry) -> std::io::Result<()> {
    if file.is_none() {
        *file = Some(OpenOptions::new().create(true).append(true).open(path)?);
    }
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    match file {
        Some(file) => file.write_all(&line).and_then(|()| file.flush()),
        None => Ok(()),
    }
}
