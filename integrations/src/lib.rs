//! The outside world: one adapter per port.

pub mod http;
