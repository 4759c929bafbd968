//! What one client may take, as an operator can set it.

use std::net::SocketAddr;
use std::time::Duration;

use billow_api::{ConnectionLimits, Limits, TrustedProxies};
use serde::{Deserialize, Deserializer};

/// Metrics and health, apart from what people use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    /// Where `/metrics` and `/readyz` with details are answered to everybody who reaches it, such as `127.0.0.1:9464`. Keep it in a private network. Where empty, the main address answers them to callers from the same machine only, and never to those a proxy forwards.
    pub listen: Option<SocketAddr>,
}

/// What one client, and all of them, may take. 0 is no bound where that is said.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Connections in all. Never more than the process's limit of open files leaves room for.
    pub connections: usize,
    /// Connections of one address (an IPv6 /64 is one); 0 is no bound. Proxies named in `trusted_proxies` have none.
    pub connections_per_address: usize,
    /// Seconds that the head of a request may take.
    pub head_seconds: u64,
    /// Seconds that a connection may be idle between two requests. Longer than the same limit of a proxy in front.
    pub idle_seconds: u64,
    /// Seconds that a client may take to read the next part of an answer.
    pub write_seconds: u64,
    /// WebSockets in all.
    pub sockets: usize,
    /// WebSockets of one address; 0 is no bound.
    pub sockets_per_address: usize,
    /// WebSockets of one sign-in or API key; 0 is no bound.
    pub sockets_per_sign_in: usize,
    /// Operations under way on one WebSocket.
    pub operations_per_socket: usize,
    /// Subscriptions of all WebSockets that read past events at the same time.
    pub catching_up: usize,
    /// Cost of one operation: its fields times the length of the lists they are in.
    pub cost: usize,
    /// Cost that one sign-in may cause in a minute; 0 is no bound.
    pub cost_per_minute: u32,
    /// Cost that one API key may cause in a minute; 0 is no bound.
    pub client_cost_per_minute: u32,
    /// Cost that callers from one address who have not signed in may cause in a minute; 0 is no bound.
    pub address_cost_per_minute: u32,
    /// Operations of a cost from 1,000 on that run at the same time; others wait.
    pub costly_at_once: usize,
    /// Fields of an answer about the schema.
    pub introspection_fields: usize,
    /// Bytes of one text in an argument, of callers who are not staff.
    pub text_bytes: usize,
    /// Bytes of an answer.
    pub answer_bytes: usize,
    /// Seconds that one query or mutation may take.
    pub operation_seconds: u64,
}

/// The defaults of these sections, in the form of the file.
pub const DEFAULTS: &str = r#"
[limits]
connections = 20000
connections_per_address = 1000
head_seconds = 10
idle_seconds = 75
write_seconds = 30
sockets = 20000
sockets_per_address = 1000
sockets_per_sign_in = 50
operations_per_socket = 50
catching_up = 4
cost = 5000
cost_per_minute = 200000
client_cost_per_minute = 1000000
address_cost_per_minute = 100000
costly_at_once = 2
introspection_fields = 60000
text_bytes = 65536
answer_bytes = 8388608
operation_seconds = 30
"#;

impl LimitsConfig {
    /// The limits of operations and sockets.
    #[must_use]
    pub fn of_operations(&self) -> Limits {
        Limits {
            sockets: self.sockets,
            sockets_per_address: self.sockets_per_address,
            sockets_per_sign_in: self.sockets_per_sign_in,
            operations: self.operations_per_socket,
            catching_up: self.catching_up,
            complexity: self.cost,
            cost_per_minute: self.cost_per_minute,
            client_cost_per_minute: self.client_cost_per_minute,
            address_cost_per_minute: self.address_cost_per_minute,
            costly_at_once: self.costly_at_once,
            introspection: self.introspection_fields,
            text: self.text_bytes,
            answer: self.answer_bytes,
            timeout: Duration::from_secs(self.operation_seconds),
            send_timeout: Duration::from_secs(self.write_seconds),
            ..Limits::default()
        }
    }

    /// The limits that would let nothing through at 0, with their values.
    #[must_use]
    pub fn at_least_one(&self) -> [(&'static str, u64); 13] {
        let of = |count: usize| count as u64;
        [
            ("limits.connections", of(self.connections)),
            ("limits.head_seconds", self.head_seconds),
            ("limits.idle_seconds", self.idle_seconds),
            ("limits.write_seconds", self.write_seconds),
            ("limits.sockets", of(self.sockets)),
            ("limits.operations_per_socket", of(self.operations_per_socket)),
            ("limits.catching_up", of(self.catching_up)),
            ("limits.cost", of(self.cost)),
            ("limits.costly_at_once", of(self.costly_at_once)),
            ("limits.introspection_fields", of(self.introspection_fields)),
            ("limits.text_bytes", of(self.text_bytes)),
            ("limits.answer_bytes", of(self.answer_bytes)),
            ("limits.operation_seconds", self.operation_seconds),
        ]
    }

    /// The limits of connections.
    #[must_use]
    pub fn of_connections(&self, proxies: TrustedProxies) -> ConnectionLimits {
        ConnectionLimits {
            connections: self.connections,
            per_address: self.connections_per_address,
            head: Duration::from_secs(self.head_seconds),
            idle: Duration::from_secs(self.idle_seconds),
            write: Duration::from_secs(self.write_seconds),
            proxies,
        }
    }
}

/// A list, written as one or as a text separated by commas.
pub(crate) fn words<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Words {
        List(Vec<String>),
        Text(String),
    }
    Ok(match Words::deserialize(from)? {
        Words::List(list) => list,
        Words::Text(text) => crate::config::list(&text),
    })
}
