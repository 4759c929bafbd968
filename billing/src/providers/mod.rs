//! Utility companies: registered at run time, versioned, paused, tried out.

mod check;
mod health;
mod list;
mod params;
mod plans;
mod register;
mod registry;
mod reschedule;
mod shape;
mod switch;
mod update;

pub use crate::definition::*;
pub use health::ProviderHealth;
pub use list::ProviderFilter;
pub use params::{MAX_PARAM_LENGTH, compile_pattern, validate_params};
pub use plans::MAX_PLANS;
pub use register::Credentials;
pub(crate) use register::secrets_stay_at_home;
pub use registry::LoadedProvider;
pub(crate) use registry::ProviderCache;
pub use update::UpdateProvider;

use crate::{Actor, Result};

/// Lets everybody pass who said who they are.
fn signed_in(actor: &Actor) -> Result<()> {
    actor.known()
}
