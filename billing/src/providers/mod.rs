//! Utility companies: registered at run time, versioned, paused, tried out.

mod definition;
mod registry;
pub mod schedule;

pub use definition::*;
pub use registry::LoadedProvider;
pub(crate) use registry::ProviderCache;
