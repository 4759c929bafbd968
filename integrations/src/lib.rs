//! The outside world: one adapter per port.

pub mod connectors;
pub mod gateways;
pub mod http;
pub mod messages;
pub mod objects;

#[cfg(test)]
#[path = "../tests/support/server.rs"]
mod test_server;
