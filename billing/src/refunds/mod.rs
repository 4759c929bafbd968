//! Refunds: money on its way back, to the card it came from or to the wallet.
//!
//! A refund is written down before anybody is asked, and its id is the gateway's idempotency key. What may go back is held
//! under the payment's lock: two operators never give the same money back twice. A gateway that does not answer is asked
//! again; a refund that it refused stays visible, and owed, until somebody retries it or sends it to the wallet.

mod due;
mod find;
mod open;
mod retry;
mod settle;
mod steps;
mod wish;

pub(crate) use open::{GiveBack, NewRefund};
pub use wish::RefundWish;
