//! Utility companies: registered at run time, versioned, paused, tried out.

mod definition;
pub mod schedule;

pub use definition::*;
