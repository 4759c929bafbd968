//! The outside world: one adapter per port.
