//! What happens around every request: an id, a span, protection by headers, a count, and a net for panics.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt as _;
use tracing::Instrument as _;

use super::{protect, refuse};
use crate::app::App;
use crate::refusal::FAULT;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request's id: the caller's own, if it is one that can be written to a log, else a new one.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub Arc<str>);

/// The address of whoever is connected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub Option<IpAddr>);

/// Wraps every request.
pub(crate) async fn around(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = offered_id(request.headers()).unwrap_or_else(|| app.billing.new_id().to_string().into());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    request.extensions_mut().insert(Peer(peer));
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "assets".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("http.request", request.id = &*id, http.method = %request.method(), http.route = route);
    let started = tokio::time::Instant::now();
    let mut response = match AssertUnwindSafe(next.run(request).instrument(span)).catch_unwind().await {
        Ok(response) => response,
        Err(_panic) => {
            tracing::error!(request.id = &*id, http.route = route, "a request panicked");
            metrics::counter!("billow_panics_total", "edge" => "http").increment(1);
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", FAULT, &id)
        }
    };
    let status = response.status().as_u16().to_string();
    metrics::histogram!("billow_http_request_seconds", "route" => route.clone()).record(started.elapsed().as_secs_f64());
    metrics::counter!("billow_http_requests_total", "route" => route, "status" => status).increment(1);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    protect(&mut response, app.config.secure_cookies);
    response
}

fn offered_id(headers: &HeaderMap) -> Option<Arc<str>> {
    let text = headers.get(REQUEST_ID)?.to_str().ok()?;
    let fits = (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    fits.then(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_that_can_be_logged_is_taken_over() {
        for (text, taken) in [("0190a3-trace_7", true), ("short", false), ("with space and\ttab", false), (&"x".repeat(65), false)] {
            let headers = [(REQUEST_ID, HeaderValue::from_str(text).expect("a value"))].into_iter().collect();
            assert_eq!(offered_id(&headers).is_some(), taken, "{text}");
        }
    }
}
