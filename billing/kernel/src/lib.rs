//! What every part of the business stands on.
//!
//! The database, the time, events, the audit trail, settings, secrets and due work. Nothing here knows a noun of the business.

pub mod actor;
pub mod amounts;
pub mod audit;
pub mod budget;
#[macro_use]
mod by_id;
pub mod cipher;
pub mod circuit;
pub mod clock;
pub mod consumers;
pub mod contact;
pub mod database_errors;
pub mod due;
pub mod error;
#[macro_use]
pub mod error_codes;
pub mod events;
pub mod identifiers;
pub mod kernel;
pub mod keys;
pub mod lease;
pub mod locale;
pub mod page;
pub mod secret_hosts;
pub mod settings;
pub mod stopping;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod validate;
pub mod wake;

pub use actor::{Actor, Scope};
pub use error::{Error, Problems, Result, UserError};
pub use error_codes::UserErrorCode;
pub use kernel::Kernel;
pub use settings::Settings;
pub use store::Store;

/// Hex SHA-256, as tokens and contents are stored.
#[must_use]
pub fn sha256_hex(data: impl AsRef<[u8]>) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(data.as_ref()))
}
