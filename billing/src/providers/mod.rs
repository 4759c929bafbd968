//! Utility companies: registered at run time, versioned, paused, tried out.

mod check;
mod definition;
mod health;
mod list;
mod plans;
mod register;
mod registry;
mod reschedule;
pub mod schedule;
mod shape;
mod switch;
mod try_out;
mod update;

pub use definition::*;
pub use health::ProviderHealth;
pub(crate) use health::{counted, first_uuid_at};
pub use list::ProviderFilter;
pub use plans::MAX_PLANS;
pub use register::Credentials;
pub use registry::LoadedProvider;
pub(crate) use registry::ProviderCache;
pub(crate) use shape::{code as code_shape, name as name_shape};
pub use try_out::{ProviderTestReport, TestProvider, TestedBill};
pub use update::UpdateProvider;

use crate::{Actor, Result};

/// Lets everybody pass who said who they are.
fn signed_in(actor: &Actor) -> Result<()> {
    actor.known()
}
