//! The outside world: one adapter per port.

pub mod connectors;
pub mod http;
