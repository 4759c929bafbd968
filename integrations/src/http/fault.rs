//! The ways a request can fail, told apart by what the far side may have done.

use std::error::Error as StdError;
use std::time::Duration;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpFault {
    /// The address, or something else in the request, is not allowed. Nothing was sent.
    #[error("refused: {reason}")]
    Refused {
        /// In words for an operator.
        reason: String,
    },
    /// The far side could not be reached: no such name, no connection, no trusted certificate. Nothing was sent.
    #[error("could not be reached: {reason}")]
    NotSent {
        /// In words for an operator.
        reason: String,
        /// What the network said.
        #[source]
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// No whole answer in time. The request may have been carried out.
    #[error("no whole answer within {} ms", after.as_millis())]
    Timeout {
        /// The time that was allowed.
        after: Duration,
    },
    /// The answer is larger than allowed. The request was probably carried out.
    #[error("the answer ({status}) is larger than the {limit_bytes} bytes allowed, after decompression")]
    TooLarge {
        /// The status that came with it.
        status: u16,
        /// The limit.
        limit_bytes: usize,
    },
    /// The connection broke, or the answer could not be read to its end. The request may have been carried out.
    #[error("the answer could not be read: {reason}")]
    Unreadable {
        /// In words for an operator.
        reason: String,
        /// The status, when the answer got that far.
        status: Option<u16>,
        /// What the network said.
        #[source]
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
}

impl HttpFault {
    /// Whether the far side may have acted on the request: only then must it be asked before anything is sent again.
    #[must_use]
    pub fn may_have_been_carried_out(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::NotSent { .. } => false,
            Self::Timeout { .. } | Self::TooLarge { .. } | Self::Unreadable { .. } => true,
        }
    }

    /// Whether the same request may well succeed later without anybody mending anything.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::NotSent { .. } | Self::Timeout { .. } | Self::Unreadable { .. } => true,
            Self::Refused { .. } | Self::TooLarge { .. } => false,
        }
    }

    /// A short name for counters.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::NotSent { .. } => "not_sent",
            Self::Timeout { .. } => "timeout",
            Self::TooLarge { .. } => "too_large",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    pub(super) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into() }
    }

    /// Reads what reqwest says about a request that got no answer, or only the head of one.
    pub(super) fn from_reqwest(error: reqwest::Error, timeout: Duration, status: Option<u16>) -> Self {
        // The address may hold a secret in its query; the caller knows it anyhow.
        let error = error.without_url();
        if let Some(refusal) = sources(&error).find_map(|e| e.downcast_ref::<super::resolver::Refusal>()) {
            return Self::refused(refusal.to_string());
        }
        if error.is_builder() {
            return Self::refused(chain(&error));
        }
        // Connecting has its own, shorter time limit: nothing was sent then.
        if error.is_connect() {
            return Self::NotSent { reason: chain(&error), source: Some(Box::new(error)) };
        }
        if error.is_timeout() {
            return Self::Timeout { after: timeout };
        }
        Self::Unreadable { reason: chain(&error), status, source: Some(Box::new(error)) }
    }
}

fn sources<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |e| <dyn StdError>::source(*e))
}

/// An error with all its causes in one line, each said once.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    for cause in sources(error) {
        let text = cause.to_string();
        if !words.iter().any(|said| said.contains(&text)) {
            words.push(text);
        }
    }
    words.join(": ")
}
