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
mod documents;
mod events;
mod fetching;
mod gateways;
mod homes;
mod identity;
mod keys;
mod ledger;
mod messages;
mod operations;
mod payable;
mod payments;
mod providers;
mod recharges;
mod second_factor;

pub use accounts::utility_account;
pub use bills::{bill, bill_version};
pub use documents::{document, document_number};
pub use enums::*;
pub use events::{consumer, dead_letter, event, held_event, lease, relay_state};
pub use fetching::{fetch_attempt, fetch_run};
pub use gateways::{discrepancy, gateway, gateway_customer, gateway_event, reconciliation};
pub use homes::{property, property_invitation, property_member};
pub use identity::{api_client, customer, invitation, one_time_link, session, sign_in_guard, user};
pub use ids::*;
pub use keys::key_check;
pub use ledger::{ledger_account, ledger_balance, ledger_entry, ledger_posting};
pub use messages::{delivery, notification, preference, push_subscription, reminder};
pub use money::{BadCurrency, Currency, Money, split};
pub use operations::{audit_entry, import_row, import_run, storage_check};
pub use payable::{PayableKind, Target};
pub use payments::{payment, payment_allocation, payment_attempt, payment_method, refund, remittance};
pub use providers::{provider, provider_version, recharge_plan};
pub use recharges::recharge;
pub use second_factor::{identity_challenge, passkey, recovery_code, totp_factor};
