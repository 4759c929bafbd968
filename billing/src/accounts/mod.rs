//! Customers' accounts at providers: added, mended, paused, closed.
//!
//! An account belongs to the customer who added it and may belong to a home, whose household sees it then. What the
//! customer told is sealed; a keyed index of the first parameter finds the account again and keeps it from being added
//! twice.

mod add;
mod find;
mod reveal;
mod sealed;
mod start;
mod switch;
mod update;

pub use add::{AddAccount, MAX_ACCOUNTS};
pub use find::AccountFilter;
pub use reveal::RevealedParam;
pub use start::StartedAccount;
pub use update::UpdateAccount;
