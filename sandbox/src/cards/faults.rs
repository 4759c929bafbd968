//! What is to go wrong with the next calls.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CardCall {
    /// A customer is made.
    Customer,
    /// A setup is made by token, or by a page.
    Setup,
    /// How a setup stands.
    SetupState,
    /// A payment is made by a saved method.
    Charge,
    /// A page to pay on is made.
    Page,
    /// How a payment or a page stands.
    ChargeState,
    /// A payment is looked for.
    Find,
    /// Payments are listed.
    List,
    /// A payment or a page is called off.
    Cancel,
    /// Money is given back.
    Refund,
    /// How a refund stands, or which there are.
    RefundState,
    /// A method is forgotten or looked at.
    Method,
    /// The account is looked at.
    Account,
}

/// What goes wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CardFault {
    /// It is carried out; the connection is cut instead of an answer.
    LostAfter,
    /// The connection is cut, and nothing is done.
    LostBefore,
    /// It is carried out; the answer ends in the middle.
    Truncated,
    /// It is carried out; a page for people comes instead of data.
    NotJson,
    /// It is carried out; the answer comes so much later.
    Slow {
        /// In milliseconds, at most ten minutes.
        ms: u64,
    },
    /// Status 500, kept for the key: nothing is done, unless `carried_out`.
    ServerError {
        /// Whether it is carried out all the same.
        #[serde(default)]
        carried_out: bool,
    },
    /// Status 429: nothing is done.
    TooManyRequests {
        /// What `Retry-After` says, in seconds.
        retry_after_s: u32,
    },
    /// The bank says no to the charge, whatever the card.
    Decline {
        /// The bank's word, such as `insufficient_funds`.
        code: String,
    },
    /// The bank takes its time over the charge, whatever the card.
    Processing,
}

impl CardFault {
    /// The kind's name, as in JSON.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::LostAfter => "LOST_AFTER",
            Self::LostBefore => "LOST_BEFORE",
            Self::Truncated => "TRUNCATED",
            Self::NotJson => "NOT_JSON",
            Self::Slow { .. } => "SLOW",
            Self::ServerError { .. } => "SERVER_ERROR",
            Self::TooManyRequests { .. } => "TOO_MANY_REQUESTS",
            Self::Decline { .. } => "DECLINE",
            Self::Processing => "PROCESSING",
        }
    }
}

/// The most lines of a script.
const MAX_LINES: usize = 10_000;

struct Line {
    call: Option<CardCall>,
    fault: CardFault,
    times: u32,
}

/// What is to go wrong, in order.
#[derive(Default)]
pub(crate) struct Script(VecDeque<Line>);

impl Script {
    pub(crate) fn add(&mut self, call: Option<CardCall>, fault: CardFault, times: u32) {
        if times > 0 && self.0.len() < MAX_LINES {
            self.0.push_back(Line { call, fault, times });
        }
    }

    /// What goes wrong with this call, if anything; it is used up.
    pub(crate) fn take(&mut self, call: CardCall) -> Option<CardFault> {
        let at = self.0.iter().position(|line| line.call.is_none_or(|wanted| wanted == call))?;
        let line = self.0.get_mut(at)?;
        line.times -= 1;
        let fault = line.fault.clone();
        if line.times == 0 {
            self.0.remove(at);
        }
        Some(fault)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Calls, faults and how often still.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (Option<CardCall>, &CardFault, u32)> {
        self.0.iter().map(|line| (line.call, &line.fault, line.times))
    }
}
