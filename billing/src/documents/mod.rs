//! Invoices and receipts: asked for in the transaction that makes them true, numbered when they are first made, kept outside
//! any transaction, opened by links that expire, and checked by anybody who holds the paper.
//!
//! The row is the truth: it carries when it is due to be made, a lease and a fence. What is made is kept under a key that
//! names its content, so that a document is never overwritten. A receipt is made anew, under the same number, when a
//! provider confirms or money goes back: both legs are right on it then.

mod link;
mod make;
mod number;
mod paper;
mod queue;
mod read;
mod retry;

pub use link::{NOT_YET, VerifiedDocument};
pub(crate) use read::failed;
pub use read::is_failed;
