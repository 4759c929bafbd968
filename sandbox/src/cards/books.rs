//! What the network remembers.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

use super::bank::{Conduct, No};
use super::faults::Script;
use super::keys::Keys;
use super::log::Log;
use super::webhooks::Post;

pub(crate) type Words = BTreeMap<String, String>;

/// Objects of one sort, in the order they were made.
pub(crate) struct Shelf<T> {
    items: Vec<T>,
    by_id: HashMap<String, usize>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { items: Vec::new(), by_id: HashMap::new() }
    }
}

impl<T> Shelf<T> {
    pub(crate) fn put(&mut self, id: &str, item: T) {
        self.by_id.insert(id.to_owned(), self.items.len());
        self.items.push(item);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.items.get(*self.by_id.get(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.items.get_mut(*self.by_id.get(id)?)
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.items.iter().rev()
    }
}

pub(crate) struct Customer {
    pub id: String,
    pub created: DateTime<Utc>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub metadata: Words,
}

pub(crate) struct Method {
    pub id: String,
    pub created: DateTime<Utc>,
    pub kind: &'static str,
    pub brand: &'static str,
    pub last4: &'static str,
    pub conduct: Conduct,
    pub exp_year: i32,
    pub customer: Option<String>,
    /// It was taken from its customer and is of no more use.
    pub detached: bool,
}

/// How an intent stands, to pay or to save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    RequiresMethod,
    RequiresAction,
    Processing,
    Succeeded,
    Canceled,
}

impl Standing {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::RequiresMethod => "requires_payment_method",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

pub(crate) struct Intent {
    pub id: String,
    pub created: DateTime<Utc>,
    pub amount: i64,
    pub currency: String,
    pub customer: Option<String>,
    pub method: Option<String>,
    pub kinds: Vec<String>,
    pub description: Option<String>,
    pub metadata: Words,
    pub standing: Standing,
    pub error: Option<No>,
    pub charge: Option<Charge>,
    /// Where the customer comes back to after confirming.
    pub return_url: Option<String>,
    pub session: Option<String>,
    pub key: Option<String>,
}

pub(crate) struct Charge {
    pub id: String,
    pub status: &'static str,
    pub fee: i64,
    /// The id of the balance transaction: the money is there.
    pub balance: Option<String>,
    pub refunded: i64,
}

pub(crate) struct Setup {
    pub id: String,
    pub created: DateTime<Utc>,
    pub customer: Option<String>,
    pub method: Option<String>,
    pub mandate: Option<String>,
    pub kinds: Vec<String>,
    pub metadata: Words,
    pub standing: Standing,
    pub error: Option<No>,
    pub return_url: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionStatus {
    Open,
    Complete,
    Expired,
}

#[derive(Clone)]
pub(crate) struct Session {
    pub id: String,
    pub created: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub status: SessionStatus,
    /// What it is to pay; none where a method is saved.
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub description: Option<String>,
    pub customer: Option<String>,
    pub metadata: Words,
    pub kinds: Vec<String>,
    pub intent: Option<String>,
    pub intent_metadata: Words,
    pub setup: Option<String>,
    pub success_url: String,
    pub cancel_url: Option<String>,
    pub key: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundStanding {
    Pending,
    Succeeded,
    Failed,
}

pub(crate) struct Refund {
    pub id: String,
    pub created: DateTime<Utc>,
    pub intent: String,
    pub charge: String,
    pub amount: i64,
    pub currency: String,
    pub metadata: Words,
    pub standing: RefundStanding,
    /// Whether the bank sends it back.
    pub comes_back: bool,
}

/// Everything.
pub(crate) struct Books {
    pub customers: Shelf<Customer>,
    pub methods: Shelf<Method>,
    pub intents: Shelf<Intent>,
    pub setups: Shelf<Setup>,
    pub sessions: Shelf<Session>,
    pub refunds: Shelf<Refund>,
    pub keys: Keys,
    pub script: Script,
    pub log: Log,
    pub post: Post,
    /// What is to happen by itself and when.
    pub due: BTreeSet<(DateTime<Utc>, String)>,
    /// How long a new payment stays out of searches.
    pub search_lag: TimeDelta,
    pub latency_ms: Option<u64>,
    /// Secret keys that are accepted besides the usual one.
    pub more_secret_keys: BTreeSet<String>,
    /// For the links to pages.
    pub base_url: String,
    started_ms: i64,
    made: u64,
    pub calls: VecDeque<super::log::CardCallSeen>,
}

impl Books {
    pub(crate) fn new(now: DateTime<Utc>, http_url: &str, log_file: Option<PathBuf>) -> Self {
        Self {
            customers: Shelf::default(),
            methods: Shelf::default(),
            intents: Shelf::default(),
            setups: Shelf::default(),
            sessions: Shelf::default(),
            refunds: Shelf::default(),
            keys: Keys::default(),
            script: Script::default(),
            log: Log::new(log_file),
            post: Post::default(),
            due: BTreeSet::new(),
            search_lag: TimeDelta::zero(),
            latency_ms: None,
            more_secret_keys: BTreeSet::new(),
            base_url: format!("{http_url}/cards"),
            started_ms: now.timestamp_millis(),
            made: 0,
            calls: VecDeque::new(),
        }
    }

    /// A new id; those of another run of the sandbox are others.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}_{:012x}{:08x}", self.started_ms, self.made)
    }
}
