//! Bad days that can be switched on while everything runs, for a whole provider or for one account of it.

use std::collections::HashMap;
use std::time::Duration;

use chrono::Days;
use serde::{Deserialize, Serialize};

use super::bill::Bill;
use super::{Provider, SandboxState};

/// Something that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Fault {
    /// Answers come so much later.
    Latency {
        /// In milliseconds, at most ten minutes.
        ms: u64,
    },
    /// No answer ever comes.
    Hang,
    /// Status 500.
    ServerError,
    /// Status 429.
    TooManyRequests {
        /// What `Retry-After` says, in seconds.
        retry_after_s: u32,
    },
    /// Status 401.
    Unauthorized,
    /// The connection is closed before any answer.
    DropConnection,
    /// The connection is closed in the middle of the answer.
    Truncated,
    /// The answer is complete for HTTP, but half of its text is missing.
    CutShort,
    /// The answer never ends.
    Endless,
    /// A small gzip answer that unpacks to one gibibyte.
    GzipBomb,
    /// A page for people instead of data, with status 200.
    NotJson,
    /// Bills in a currency that is not the provider's.
    WrongCurrency,
    /// Amounts a hundred times too large.
    Times100,
    /// Due dates ten days before the issue.
    DueBeforeIssue,
    /// Bills that name another account.
    AnotherAccountsBill,
    /// Every other call answers 500.
    Flapping,
    /// The next calls answer 500, then all is well.
    FailNext {
        /// So many.
        calls: u32,
    },
    /// The customer must do something at the provider first.
    NeedsCustomer,
    /// The next payments are refused for good.
    RejectPayments {
        /// So many.
        payments: u32,
    },
    /// The next payments never arrive, and there is no answer.
    LosePaymentsBefore {
        /// So many.
        payments: u32,
    },
    /// The next payments are taken, and the answer is lost.
    LosePaymentsAfter {
        /// So many.
        payments: u32,
    },
    /// Payments are taken, and answered so much later.
    DelayPayments {
        /// In milliseconds, at most ten minutes.
        ms: u64,
    },
}

impl Fault {
    /// One of each kind, with usual figures.
    pub const ALL: [Self; 22] = [
        Self::Latency { ms: 2_000 },
        Self::Hang,
        Self::ServerError,
        Self::TooManyRequests { retry_after_s: 30 },
        Self::Unauthorized,
        Self::DropConnection,
        Self::Truncated,
        Self::CutShort,
        Self::Endless,
        Self::GzipBomb,
        Self::NotJson,
        Self::WrongCurrency,
        Self::Times100,
        Self::DueBeforeIssue,
        Self::AnotherAccountsBill,
        Self::Flapping,
        Self::FailNext { calls: 3 },
        Self::NeedsCustomer,
        Self::RejectPayments { payments: 1 },
        Self::LosePaymentsBefore { payments: 1 },
        Self::LosePaymentsAfter { payments: 1 },
        Self::DelayPayments { ms: 2_000 },
    ];

    /// The kind's name, as in JSON.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Latency { .. } => "LATENCY",
            Self::Hang => "HANG",
            Self::ServerError => "SERVER_ERROR",
            Self::TooManyRequests { .. } => "TOO_MANY_REQUESTS",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::DropConnection => "DROP_CONNECTION",
            Self::Truncated => "TRUNCATED",
            Self::CutShort => "CUT_SHORT",
            Self::Endless => "ENDLESS",
            Self::GzipBomb => "GZIP_BOMB",
            Self::NotJson => "NOT_JSON",
            Self::WrongCurrency => "WRONG_CURRENCY",
            Self::Times100 => "TIMES100",
            Self::DueBeforeIssue => "DUE_BEFORE_ISSUE",
            Self::AnotherAccountsBill => "ANOTHER_ACCOUNTS_BILL",
            Self::Flapping => "FLAPPING",
            Self::FailNext { .. } => "FAIL_NEXT",
            Self::NeedsCustomer => "NEEDS_CUSTOMER",
            Self::RejectPayments { .. } => "REJECT_PAYMENTS",
            Self::LosePaymentsBefore { .. } => "LOSE_PAYMENTS_BEFORE",
            Self::LosePaymentsAfter { .. } => "LOSE_PAYMENTS_AFTER",
            Self::DelayPayments { .. } => "DELAY_PAYMENTS",
        }
    }
}

/// A fault and whom it befalls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActiveFault {
    /// The provider.
    pub provider: Provider,
    /// The account; none for all of them.
    pub account: Option<String>,
    /// The fault.
    pub fault: Fault,
}

/// The faults in force.
#[derive(Default)]
pub(crate) struct Faults {
    active: Vec<ActiveFault>,
    /// Calls so far where a provider or an account flaps.
    flaps: HashMap<(Provider, Option<String>), u64>,
}

/// More than enough for any test, and few enough to look through at each call.
const MAX_ACTIVE: usize = 10_000;

impl Faults {
    fn set(&mut self, wanted: ActiveFault) {
        self.clear(wanted.provider, wanted.account.as_deref(), Some(wanted.fault.kind()));
        if self.active.len() < MAX_ACTIVE {
            self.active.push(wanted);
        }
    }

    fn clear(&mut self, provider: Provider, account: Option<&str>, kind: Option<&str>) {
        let hit = |f: &ActiveFault| f.provider == provider && f.account.as_deref() == account && kind.is_none_or(|k| k == f.fault.kind());
        self.active.retain(|f| !hit(f));
        self.flaps.remove(&(provider, account.map(str::to_owned)));
    }

    /// Whether this call fails because of how many came before it; counts it.
    fn counted_failure(&mut self, provider: Provider, account: Option<&str>) -> bool {
        let hits = |f: &ActiveFault| f.provider == provider && (f.account.is_none() || f.account.as_deref() == account);
        let mut fails = false;
        for hit in self.active.iter_mut().filter(|f| hits(f)) {
            match &mut hit.fault {
                Fault::Flapping => {
                    let calls = self.flaps.entry((provider, hit.account.clone())).or_default();
                    *calls += 1;
                    fails |= *calls % 2 == 1;
                }
                Fault::FailNext { calls } if *calls > 0 => {
                    *calls -= 1;
                    fails = true;
                }
                _ => {}
            }
        }
        self.active.retain(|f| f.fault != Fault::FailNext { calls: 0 });
        fails
    }

    /// Shows `look` every fault that befalls the account, and takes away those that are used up.
    pub(super) fn each(&mut self, provider: Provider, account: &str, look: &mut impl FnMut(&mut Fault)) {
        let hits = |f: &ActiveFault| f.provider == provider && f.account.as_deref().is_none_or(|a| a == account);
        self.active.iter_mut().filter(|f| hits(f)).for_each(|f| look(&mut f.fault));
        self.active.retain(|f| {
            !matches!(
                f.fault,
                Fault::RejectPayments { payments: 0 }
                    | Fault::LosePaymentsBefore { payments: 0 }
                    | Fault::LosePaymentsAfter { payments: 0 }
            )
        });
    }

    fn of<'a>(&'a self, provider: Provider, account: Option<&'a str>) -> impl Iterator<Item = &'a ActiveFault> {
        self.active.iter().filter(move |f| f.provider == provider && (f.account.is_none() || f.account.as_deref() == account))
    }
}

/// What is to happen to one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mishaps {
    pub latency: Duration,
    /// Instead of an answer, or to the bytes of it: the first that was switched on.
    pub transport: Option<Fault>,
    pub needs_customer: bool,
    pub wrong: Distortion,
}

/// What is wrong with the facts in an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Distortion {
    pub currency: bool,
    pub times100: bool,
    pub due_before_issue: bool,
    pub another_account: bool,
}

impl Distortion {
    /// The bill as it is told.
    pub(crate) fn apply(self, mut bill: Bill) -> Bill {
        if self.currency {
            bill.currency = if bill.currency == "USD" { "EUR" } else { "USD" }.to_owned();
        }
        if self.times100 {
            bill.amount_minor = bill.amount_minor.saturating_mul(100);
            for line in &mut bill.lines {
                line.amount_minor = line.amount_minor.saturating_mul(100);
            }
        }
        if self.due_before_issue {
            bill.due_on = bill.issued_on - Days::new(10);
        }
        bill
    }

    /// The account as it is told: the last digit is another one.
    pub(crate) fn account(self, account: &str) -> String {
        match account.char_indices().next_back() {
            Some((at, last)) if self.another_account => {
                let other = if last == '9' { '8' } else { '9' };
                format!("{}{other}", &account[..at])
            }
            _ => account.to_owned(),
        }
    }
}

impl SandboxState {
    /// Switches a fault on; one that is on already takes the new figures.
    pub fn set_fault(&self, provider: Provider, account: Option<&str>, fault: Fault) {
        self.inner.faults.lock().set(ActiveFault { provider, account: account.map(str::to_owned), fault });
        self.faults_changed(provider);
    }

    /// Switches a fault off, by the name of its kind; without one, all of that provider or account.
    pub fn clear_fault(&self, provider: Provider, account: Option<&str>, kind: Option<&str>) {
        self.inner.faults.lock().clear(provider, account, kind);
        self.faults_changed(provider);
    }

    /// Switches all faults of all providers off.
    pub fn clear_faults(&self) {
        *self.inner.faults.lock() = Faults::default();
        self.faults_changed(Provider::Aquaria);
    }

    /// The faults in force.
    #[must_use]
    pub fn faults(&self) -> Vec<ActiveFault> {
        self.inner.faults.lock().active.clone()
    }

    fn faults_changed(&self, provider: Provider) {
        if provider == Provider::Aquaria
            && let Err(problem) = self.write_drop()
        {
            tracing::warn!(%problem, "the drop folder could not be written");
        }
        self.changed();
    }

    /// What is to happen to a call that comes in now.
    pub(crate) fn mishaps(&self, provider: Provider, account: Option<&str>) -> Mishaps {
        let mut out = self.standing_mishaps(provider, account);
        out.latency += self.latency();
        if self.inner.faults.lock().counted_failure(provider, account) {
            out.transport.get_or_insert(Fault::ServerError);
        }
        out
    }

    /// The mishaps that do not depend on how many calls there were.
    pub(crate) fn standing_mishaps(&self, provider: Provider, account: Option<&str>) -> Mishaps {
        let mut out = Mishaps::default();
        for hit in self.inner.faults.lock().of(provider, account) {
            match &hit.fault {
                Fault::Latency { ms } => out.latency += Duration::from_millis((*ms).min(600_000)),
                Fault::NeedsCustomer => out.needs_customer = true,
                Fault::WrongCurrency => out.wrong.currency = true,
                Fault::Times100 => out.wrong.times100 = true,
                Fault::DueBeforeIssue => out.wrong.due_before_issue = true,
                Fault::AnotherAccountsBill => out.wrong.another_account = true,
                Fault::Flapping
                | Fault::FailNext { .. }
                | Fault::RejectPayments { .. }
                | Fault::LosePaymentsBefore { .. }
                | Fault::LosePaymentsAfter { .. }
                | Fault::DelayPayments { .. } => {}
                other => {
                    out.transport.get_or_insert(other.clone());
                }
            }
        }
        out
    }
}
