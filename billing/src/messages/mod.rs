//! Messages: what happened becomes an inbox entry and deliveries by push, mail and text message; reminders come in time.
//!
//! The rows are the truth. An event, or a due reminder, becomes a notification (once for each person, by its dedupe key)
//! and a delivery for each channel and target in one transaction. A worker then claims due deliveries, sends them outside
//! any transaction and writes down what came of it. A push whose answer was lost is never sent again, a mail is, under
//! the same Message-ID: no device rings twice, and no mail is missed.

mod ahead;
mod delivery;
mod devices;
mod facts;
mod inbox;
mod letter;
mod money;
mod notifier;
pub mod payload;
mod preferences;
mod remind;
mod schedule;
pub mod steps;
mod sweep;
mod voucher;
mod way_in;

pub use devices::{MAX_DEVICES, NewDevice};
pub use inbox::Marked;
pub use notifier::Notifier;
pub use preferences::{ADJUSTABLE, Channels, Preferences, PreferencesChange, QuietHours, is_adjustable};
