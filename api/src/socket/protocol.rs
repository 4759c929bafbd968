//! The messages of the `graphql-transport-ws` subprotocol and the codes a socket is closed with.
//!
//! See <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::execute::Operation;

/// The subprotocol's name.
pub(crate) const SUBPROTOCOL: &str = "graphql-transport-ws";

/// Why a socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    /// Something is not a message of the subprotocol.
    Malformed(&'static str),
    /// Something was asked for before the connection was acknowledged.
    Unauthorized,
    /// Whoever it is may not connect, or no longer.
    Forbidden(&'static str),
    /// The other subprotocol, or none, was asked for.
    Subprotocol,
    /// Nothing came in time.
    Silent,
    /// An id is in use.
    Duplicate,
    /// A connection is initialised once.
    SecondInit,
    /// Too many operations are under way.
    TooMany,
    /// The sign-in has too many sockets.
    TooManySockets,
    /// The client does not read.
    Slow,
    /// A message is too long.
    TooLong,
    /// The process is full, or cannot reach its database.
    Full,
    /// The process is about to end.
    Restart,
}

impl Close {
    /// The code and the reason.
    pub(crate) fn frame(self) -> (u16, &'static str) {
        match self {
            Self::Malformed(reason) => (4400, reason),
            Self::Unauthorized => (4401, "Unauthorized"),
            Self::Forbidden(reason) => (4403, reason),
            Self::Subprotocol => (4406, "Subprotocol not acceptable"),
            Self::Silent => (4408, "Connection initialisation timeout"),
            Self::Duplicate => (4409, "Subscriber already exists"),
            Self::SecondInit => (4429, "Too many initialisation requests"),
            Self::TooMany => (4429, "Too many operations on one socket"),
            Self::TooManySockets => (4429, "Too many sockets of one sign-in"),
            Self::Slow => (1013, "The client does not read; connect again and resume after the last cursor"),
            Self::TooLong => (1009, "Message too long"),
            Self::Full => (1013, "Try again later"),
            Self::Restart => (1012, "Service restart"),
        }
    }
}

/// What a client says.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// The first message.
    Init {
        /// `Bearer …`, where the cookie is not meant.
        authorization: Option<String>,
    },
    /// Are you there?
    Ping(Option<Map<String, Value>>),
    /// I am.
    Pong,
    /// Begins an operation.
    Subscribe {
        /// The client's name for it.
        id: String,
        /// What it is.
        operation: Operation,
    },
    /// Ends an operation.
    Complete {
        /// The client's name for it.
        id: String,
    },
}

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    payload: Option<Value>,
}

/// Characters of an operation's id.
const LONGEST_ID: usize = 128;

/// Reads a message.
pub(crate) fn read(text: &str) -> Result<Incoming, Close> {
    let raw: Raw = serde_json::from_str(text).map_err(|_| Close::Malformed("This is not a message of the protocol"))?;
    let id = || match raw.id.clone() {
        Some(id) if !id.is_empty() && id.len() <= LONGEST_ID => Ok(id),
        _ => Err(Close::Malformed("The message needs an id of 1 to 128 characters")),
    };
    let object = |payload: Option<Value>| match payload {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(Close::Malformed("The payload must be an object")),
    };
    match raw.kind.as_str() {
        "connection_init" => {
            let payload = object(raw.payload)?.unwrap_or_default();
            let named = payload.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
            match named {
                None | Some((_, Value::Null)) => Ok(Incoming::Init { authorization: None }),
                Some((_, Value::String(text))) => Ok(Incoming::Init { authorization: Some(text.clone()) }),
                Some(_) => Err(Close::Malformed("The payload's authorization must be a text")),
            }
        }
        "ping" => Ok(Incoming::Ping(object(raw.payload)?)),
        "pong" => object(raw.payload).map(|_| Incoming::Pong),
        "complete" => Ok(Incoming::Complete { id: id()? }),
        "subscribe" => {
            let id = id()?;
            let operation = raw.payload.and_then(|payload| serde_json::from_value(payload).ok()).filter(Operation::is_whole);
            let operation = operation.ok_or(Close::Malformed("The payload must be an operation with a text query"))?;
            Ok(Incoming::Subscribe { id, operation })
        }
        _ => Err(Close::Malformed("Messages of this type are not known")),
    }
}

/// What we say.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Outgoing<'a> {
    /// The connection is initialised.
    ConnectionAck,
    /// I am here.
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    /// The operation is over.
    Complete { id: &'a str },
}

impl Outgoing<'_> {
    /// The operation was refused before it was run, for these errors.
    pub(crate) fn error(id: &str, errors: &[u8]) -> String {
        whole("error", id, errors)
    }

    /// The message as it is sent.
    pub(crate) fn text(&self) -> String {
        // What is serialised has text keys only, so this cannot fail; an empty message would be refused by the client.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A result, which is JSON already.
pub(crate) fn next(id: &str, payload: &[u8]) -> String {
    whole("next", id, payload)
}

fn whole(kind: &str, id: &str, payload: &[u8]) -> String {
    let id = serde_json::to_string(id).unwrap_or_default();
    let payload = String::from_utf8_lossy(payload);
    let mut out = String::with_capacity(payload.len() + id.len() + 40);
    for part in [r#"{"type":""#, kind, r#"","id":"#, &id, r#","payload":"#, &payload, "}"] {
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_of_the_protocol_is_malformed() {
        for text in [
            "",
            "nonsense",
            "[]",
            "{}",
            r#"{"type":"connection_terminate"}"#,
            r#"{"type":"connection_init","payload":"x"}"#,
            r#"{"type":"connection_init","payload":{"authorization":7}}"#,
            r#"{"type":"ping","payload":[]}"#,
            r#"{"type":"subscribe","payload":{"query":"{ a }"}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{ a }"}}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":7}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{ a }","variables":"x"}}"#,
            r#"{"type":"complete"}"#,
        ] {
            assert!(matches!(read(text), Err(Close::Malformed(reason)) if reason.len() <= 123), "{text}");
        }
    }

    #[test]
    fn messages_are_written_as_the_protocol_says() {
        assert_eq!(Outgoing::ConnectionAck.text(), r#"{"type":"connection_ack"}"#);
        assert_eq!(Outgoing::Pong { payload: None }.text(), r#"{"type":"pong"}"#);
        assert_eq!(Outgoing::Complete { id: "1" }.text(), r#"{"type":"complete","id":"1"}"#);
        assert_eq!(next("\"1", b"{}"), r#"{"type":"next","id":"\"1","payload":{}}"#);
        let init = read(r#"{"type":"connection_init","payload":{"Authorization":"Bearer T"}}"#);
        assert!(matches!(init, Ok(Incoming::Init { authorization: Some(text) }) if text == "Bearer T"));
    }
}
