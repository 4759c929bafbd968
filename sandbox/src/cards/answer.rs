//! What the API says when it says no.

use serde_json::{Map, Value, json};

use super::bank::No;

/// What came of a call.
pub(crate) type Said = Result<Value, Refusal>;

/// An answer that is an error, in Stripe's words.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub status: u16,
    pub error: Map<String, Value>,
    /// Whether it is replayed for its idempotency key: not when the call was turned away before anything was done.
    pub kept: bool,
}

impl Refusal {
    fn new(status: u16, kind: &str, code: Option<&str>, message: impl Into<String>) -> Self {
        let mut error = Map::new();
        error.insert("type".into(), kind.into());
        if let Some(code) = code {
            error.insert("code".into(), code.into());
        }
        error.insert("message".into(), message.into().into());
        Self { status, error, kept: false }
    }

    /// A parameter is missing or wrong.
    pub(crate) fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", Some("parameter_invalid"), message).with("param", param.into())
    }

    /// There is no such object.
    pub(crate) fn missing(what: &str, id: &str) -> Self {
        Self::new(404, "invalid_request_error", Some("resource_missing"), format!("No such {what}: '{id}'"))
    }

    /// There is no such address.
    pub(crate) fn unknown_address(path: &str) -> Self {
        Self::new(404, "invalid_request_error", None, format!("Unrecognized request URL ({path})."))
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "invalid_request_error", None, "Invalid API Key provided.")
    }

    pub(crate) fn too_many() -> Self {
        Self::new(429, "invalid_request_error", Some("rate_limit"), "Request rate limit exceeded.")
    }

    /// The gateway stumbled. Kept, as Stripe keeps it.
    pub(crate) fn stumbled() -> Self {
        Self { kept: true, ..Self::new(500, "api_error", None, "An unexpected error occurred.") }
    }

    /// A call with the same key is under way.
    pub(crate) fn key_in_use() -> Self {
        let message = "There is currently another in-progress request using this Idempotent Key.";
        Self::new(409, "idempotency_error", Some("idempotency_key_in_use"), message)
    }

    /// The key was used with other parameters.
    pub(crate) fn key_reused(key: &str) -> Self {
        let message = format!("Keys for idempotent requests can only be used with the same parameters they were first used with. ({key})");
        Self::new(400, "idempotency_error", None, message)
    }

    /// The object is not in a state for this.
    pub(crate) fn wrong_state(code: &str, message: impl Into<String>) -> Self {
        Self { kept: true, ..Self::new(400, "invalid_request_error", Some(code), message) }
    }

    /// The bank said no.
    pub(crate) fn declined(no: No) -> Self {
        let mut out = Self { kept: true, ..Self::new(402, "card_error", Some(no.code), no.message) };
        if let Some(decline_code) = no.decline_code {
            out = out.with("decline_code", decline_code.into());
        }
        out
    }

    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.error.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn body(&self) -> Value {
        json!({ "error": self.error })
    }
}
