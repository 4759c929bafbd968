//! Fetching: due accounts are claimed, asked for at their providers side by side, and what comes back is written.
//!
//! `utility_accounts` is the queue: an account is due from `next_fetch_at` on, a lease says who is at it, and every lease
//! has a new fence, so that whoever comes back late is refused its writes. Nothing else has to survive: a process that is
//! killed leaves leases that run out, and what it fetched without writing is fetched again.

mod budget;
mod circuit;
mod claim;
mod hold;
mod judge;
mod next;
mod patience;
mod pipeline;
mod request;
mod run;
mod runs;
mod seats;
mod settle;
mod sweep;
mod try_out;
mod write;

pub use budget::FetchBudget;
pub use request::FetchTarget;
pub use run::FetchSummary;
pub use runs::FetchRunFilter;
pub(crate) use seats::FetchState;
pub use sweep::SweepSummary;
pub use try_out::{ProviderTestReport, TestProvider, TestedBill};
