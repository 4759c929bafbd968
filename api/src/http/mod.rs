//! The ways in by HTTP.

pub(crate) mod assets;
pub(crate) mod documents;
pub(crate) mod graphql;
pub(crate) mod health;
pub(crate) mod hooks;
pub(crate) mod request;
pub(crate) mod unsubscribe;
pub(crate) mod webhooks;

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

/// An answer in the form of GraphQL's errors, which every client of ours can read.
pub(crate) fn refuse(status: StatusCode, code: &str, message: &str, request_id: &str) -> Response {
    let body = json!({"errors": [{"message": message, "extensions": {"code": code, "requestId": request_id}}]});
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The body of a request, at most `limit` bytes of it and in no more time than `patience`.
///
/// # Errors
/// With the answer for whoever sends more, or too slowly.
pub(crate) async fn read_body(body: Body, limit: usize, patience: Duration, request_id: &str) -> Result<Bytes, Response> {
    match tokio::time::timeout(patience, axum::body::to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => {
            let message = format!("A request has at most {limit} bytes.");
            Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", &message, request_id))
        }
        Err(_slow) => Err(refuse(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", "The request did not arrive in time.", request_id)),
    }
}

/// What pages may do: our own scripts, our own addresses, framed by nobody.
const PAGE_POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
     worker-src 'self' blob:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

/// Headers of every answer.
pub(crate) fn protect(response: &mut Response, secure: bool) {
    const HEADERS: [(HeaderName, &str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}
