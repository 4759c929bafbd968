//! Tables as sea-orm models, typed ids, money and enums. No rules.
//!
//! A table is a module with sea-orm's usual names in it (`Entity`, `Model`, `Column`, `ActiveModel`).
//! Instants are UTC with milliseconds, dates are dates, money is minor units beside a currency,
//! and a column that ends in `_enc` holds an envelope only `billow-billing` can open.

pub mod enums;
pub mod ids;
pub mod money;

mod accounts;
mod bills;
mod events;
mod fetching;
mod homes;
mod identity;
mod messages;
mod operations;
mod providers;

pub use accounts::utility_account;
pub use bills::{bill, bill_version};
pub use enums::*;
pub use events::{consumer, dead_letter, event, lease, relay_state};
pub use fetching::{fetch_attempt, fetch_run};
pub use homes::{property, property_member};
pub use identity::{api_client, customer, invitation, session, sign_in_guard, user};
pub use ids::*;
pub use messages::{delivery, notification, preference, push_subscription, reminder};
pub use money::{BadCurrency, Currency, Money, split};
pub use operations::{audit_entry, import_row, import_run};
pub use providers::{provider, provider_version, recharge_plan};
