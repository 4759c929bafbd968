//! The ways in by HTTP.

pub(crate) mod assets;
pub(crate) mod documents;
pub(crate) mod graphql;
pub(crate) mod health;
pub(crate) mod hooks;
pub(crate) mod request;
pub(crate) mod unsubscribe;
pub(crate) mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use billow_billing::Billing;
use serde_json::json;

use crate::config::ApiConfig;

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

/// Says in the metrics themselves what those of this crate mean.
pub(crate) fn describe_metrics() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!("billow_http_requests_total", "HTTP requests answered, by route and status.");
    describe_histogram!("billow_http_request_seconds", Unit::Seconds, "Time to answer an HTTP request, by route.");
    describe_counter!("billow_graphql_operations_total", "GraphQL operations, by name, type and outcome.");
    describe_histogram!("billow_graphql_operation_seconds", Unit::Seconds, "Time to run a query or mutation, by name and type.");
    describe_counter!("billow_answers_too_large_total", "Answers that were refused because they were too large.");
    describe_counter!("billow_budget_refusals_total", "Operations refused because their caller had spent its budget.");
    describe_gauge!("billow_connections", "Open connections, WebSockets included.");
    describe_counter!("billow_connections_refused_total", "Connections closed at once because there were too many.");
    describe_counter!("billow_slow_connections_total", "Connections closed because the client was too slow.");
    describe_gauge!("billow_sockets", "Open WebSockets.");
    describe_counter!("billow_sockets_refused_total", "WebSockets refused because there were too many.");
    describe_counter!("billow_socket_closes_total", "WebSockets closed by the server, by code.");
    describe_counter!("billow_slow_sockets_total", "WebSockets closed because the client did not read.");
    describe_counter!("billow_panics_total", "Panics that were caught. Each is a defect.");
    describe_counter!("billow_faults_total", "Requests that failed for a reason of ours.");
}

/// What the edge of the API knows: enough for health, metrics and what happens around every request.
#[derive(Clone)]
pub(crate) struct Edge {
    pub billing: Billing,
    pub config: Arc<ApiConfig>,
    /// What pages may do.
    policy: HeaderValue,
}

impl Edge {
    pub(crate) fn new(billing: Billing, config: Arc<ApiConfig>) -> Self {
        let policy = HeaderValue::from_str(&page_policy(&config.base_url)).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { billing, config, policy }
    }
}

/// What pages may do: our own scripts, our own addresses and sockets, framed by nobody.
fn page_policy(base_url: &str) -> String {
    // Older browsers do not count sockets of the same host as `'self'`.
    let sockets = base_url.replacen("http", "ws", 1);
    format!(
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; worker-src 'self' blob:; \
         connect-src 'self' {sockets}; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// Headers of every answer.
pub(crate) fn protect(response: &mut Response, edge: &Edge) {
    const HEADERS: [(HeaderName, &str); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| edge.policy.clone());
    if edge.config.secure_cookies {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_may_open_sockets_to_us_only() {
        assert!(page_policy("https://billow.test").contains("connect-src 'self' wss://billow.test;"));
        assert!(page_policy("http://localhost:8080").contains("connect-src 'self' ws://localhost:8080;"));
    }
}
