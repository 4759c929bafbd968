//! Answers as they are sent.

use std::io;

use async_graphql::{Response, ServerError, Value};
use axum::http::HeaderMap;
use bytes::Bytes;
use serde::Serialize;

use crate::caller::Caller;
use crate::refusal::FAULT;

/// An answer before it is written.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    /// Absent where the operation was not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ServerError>,
}

/// An answer as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The whole as JSON.
    pub text: Bytes,
    /// The errors as JSON, where the operation was refused before it was run.
    pub refusal: Option<Bytes>,
    /// The code of the first error.
    pub code: Option<String>,
    /// When to ask again, in seconds, where this was too much.
    pub retry_after_s: Option<u64>,
}

impl Reply {
    /// Whether the operation was refused before it was run.
    pub(crate) fn refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// A refusal with a code.
    pub(crate) fn refusal(code: &str, message: impl Into<String>, caller: &Caller) -> Self {
        Self::refused_with(error(code, message), caller)
    }

    /// A refusal with an error that has its code.
    pub(crate) fn refused_with(mut error: ServerError, caller: &Caller) -> Self {
        finish(&mut error, false, caller);
        Self::written(&Answer { data: None, errors: vec![error] }, usize::MAX).unwrap_or_else(Self::unwritable)
    }

    /// Writes an answer, at most `most` bytes of it.
    pub(crate) fn of(answer: &Answer, most: usize, caller: &Caller) -> Self {
        Self::written(answer, most).unwrap_or_else(|| {
            metrics::counter!("billow_answers_too_large_total").increment(1);
            let message = format!("The answer has more than {most} bytes. Ask for fewer fields or shorter lists.");
            Self::refusal("ANSWER_TOO_LARGE", message, caller)
        })
    }

    fn written(answer: &Answer, most: usize) -> Option<Self> {
        let first = answer.errors.first().and_then(|error| error.extensions.as_ref());
        let code = first.and_then(|extensions| match extensions.get("code") {
            Some(Value::String(code)) => Some(code.clone()),
            _ => None,
        });
        let retry_after_s = first.and_then(|extensions| match extensions.get("retryAfter") {
            Some(Value::Number(seconds)) => seconds.as_u64(),
            _ => None,
        });
        let refusal = if answer.data.is_none() { Some(json(&answer.errors, most)?) } else { None };
        Some(Self { text: json(answer, most)?, refusal, code, retry_after_s })
    }

    /// What cannot happen: answers have text keys only. A client still gets an answer.
    fn unwritable() -> Self {
        let errors = format!(r#"[{{"message":"{FAULT}","extensions":{{"code":"INTERNAL"}}}}]"#);
        let text = format!(r#"{{"errors":{errors}}}"#);
        Self { text: text.into(), refusal: Some(errors.into()), code: Some("INTERNAL".into()), retry_after_s: None }
    }
}

/// `value` as JSON, if it fits.
fn json(value: &impl Serialize, most: usize) -> Option<Bytes> {
    let mut out = Bounded { bytes: Vec::with_capacity(512), left: most };
    serde_json::to_writer(&mut out, value).is_ok().then(|| Bytes::from(out.bytes))
}

/// Takes so many bytes and no more.
struct Bounded {
    bytes: Vec<u8>,
    left: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Answer {
    /// What came of an execution; `arrange` puts its data into the order it was asked in.
    pub(crate) fn of(response: Response, arrange: impl FnOnce(&mut Value), caller: &Caller) -> (Self, HeaderMap) {
        let Response { mut data, mut errors, http_headers, .. } = response;
        let run = errors.is_empty() || data != Value::Null || errors.iter().any(|error| !error.path.is_empty());
        for error in &mut errors {
            finish(error, run, caller);
        }
        arrange(&mut data);
        (Self { data: run.then_some(data), errors }, http_headers)
    }
}

/// A top-level error.
pub(crate) fn error(code: &str, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code);
    error
}

/// Every top-level error has a code and the request's id.
fn finish(error: &mut ServerError, run: bool, caller: &Caller) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", if run { "BAD_USER_INPUT" } else { "GRAPHQL_VALIDATION_FAILED" });
    }
    extensions.set("requestId", &*caller.request_id);
    error.source = None;
}
