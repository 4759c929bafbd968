//! What happens around every request: an id, a span, protection by headers, a count, and a net for panics.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt as _;
use hyper::body::{Frame, SizeHint};
use parking_lot::Mutex;
use tracing::Instrument as _;

use super::{Edge, protect, refuse};
use crate::refusal::FAULT;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request's id: the caller's own, if it is one that can be written to a log, else a new one.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub Arc<str>);

/// The address of whoever is connected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub Option<IpAddr>);

/// What the log says of an operation; the handler puts it into its response.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    /// The operation's name, where it was run.
    pub operation: Option<Arc<str>>,
    /// How it ended.
    pub outcome: &'static str,
}

/// Bytes of a request nobody wanted that are read all the same, so that its client gets to read the answer.
const DRAINED: usize = 16 << 20;
/// How long that may take.
const DRAINING: Duration = Duration::from_secs(5);

/// Wraps every request.
pub(crate) async fn around(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let id = offered_id(request.headers()).unwrap_or_else(|| edge.billing.kernel.ids.next().to_string().into());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    request.extensions_mut().insert(Peer(peer));
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "assets".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    let span = tracing::info_span!("http.request", request.id = &*id, http.method = %method, http.route = route);
    let started = tokio::time::Instant::now();
    let rest = SharedBody::split_off(&mut request);
    let handled = async {
        if has_nul(request.uri()) {
            return refuse(StatusCode::BAD_REQUEST, "BAD_REQUEST", "The address has a NUL character.", &id);
        }
        next.run(request).await
    };
    let mut response = match AssertUnwindSafe(handled.instrument(span)).catch_unwind().await {
        Ok(response) => in_our_form(response, &id),
        Err(_panic) => {
            tracing::error!(request.id = &*id, http.route = route, "a request panicked");
            metrics::counter!("billow_panics_total", "edge" => "http").increment(1);
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", FAULT, &id)
        }
    };
    if let Some(rest) = rest {
        rest.drain().await;
    }
    let status = response.status().as_u16();
    let taken = started.elapsed();
    log(&id, &method, &route, status, taken, response.extensions().get::<Ended>());
    metrics::histogram!("billow_http_request_seconds", "route" => route.clone()).record(taken.as_secs_f64());
    metrics::counter!("billow_http_requests_total", "route" => route, "status" => status.to_string()).increment(1);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    protect(&mut response, &edge);
    response
}

/// One line per request; what watches the process all the time is written for those who look closely.
fn log(id: &str, method: &Method, route: &str, status: u16, taken: Duration, ended: Option<&Ended>) {
    let ms = u64::try_from(taken.as_millis()).unwrap_or(u64::MAX);
    match ended {
        Some(Ended { operation, outcome }) => tracing::info!(
            request.id = id, http.method = %method, http.route = route, http.status = status, ms,
            graphql.operation.name = operation.as_deref().unwrap_or("none"), graphql.outcome = outcome, "request"
        ),
        None if matches!(route, "/livez" | "/readyz" | "/metrics") => {
            tracing::debug!(request.id = id, http.method = %method, http.route = route, http.status = status, ms, "request");
        }
        None => tracing::info!(request.id = id, http.method = %method, http.route = route, http.status = status, ms, "request"),
    }
}

/// Whether a part of an address becomes a NUL once it is decoded, which no text of ours has.
fn has_nul(uri: &Uri) -> bool {
    uri.path().contains("%00") || uri.query().is_some_and(|query| query.contains("%00"))
}

/// What the framework refuses by itself, in the form of our own refusals.
fn in_our_form(response: Response, id: &str) -> Response {
    let status = response.status();
    let media = response.headers().get(header::CONTENT_TYPE);
    let bare = media.is_none_or(|media| media.as_bytes().starts_with(b"text/plain"));
    if !status.is_client_error() || !bare {
        return response;
    }
    let (code, message) = match status {
        StatusCode::NOT_FOUND => ("NOT_FOUND", "There is nothing at this address."),
        StatusCode::METHOD_NOT_ALLOWED => ("METHOD_NOT_ALLOWED", "This address does not take this method."),
        StatusCode::UPGRADE_REQUIRED => ("UPGRADE_REQUIRED", "This address takes WebSockets only."),
        _ => ("BAD_REQUEST", "The address, its query or its headers are malformed."),
    };
    let mut refused = refuse(status, code, message, id);
    for (name, value) in response.headers() {
        if !matches!(*name, header::CONTENT_TYPE | header::CONTENT_LENGTH) {
            refused.headers_mut().insert(name.clone(), value.clone());
        }
    }
    refused
}

/// A request's body, of which the rest is read when the answer is there. A server that answers and closes while a client is
/// still sending has its answer thrown away by the client's network.
#[derive(Clone)]
struct SharedBody(Arc<Mutex<Body>>);

impl SharedBody {
    /// Puts a shared body in the place of the request's, where it has one that its client sends anyway.
    fn split_off(request: &mut Request) -> Option<Self> {
        if request.body().is_end_stream() || request.headers().contains_key(header::EXPECT) {
            return None;
        }
        let shared = Self(Arc::new(Mutex::new(std::mem::take(request.body_mut()))));
        *request.body_mut() = Body::new(shared.clone());
        Some(shared)
    }

    async fn drain(mut self) {
        let reading = async {
            let mut left = DRAINED;
            while let Some(Ok(frame)) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut self).poll_frame(cx)).await {
                left = match left.checked_sub(frame.data_ref().map_or(0, bytes::Bytes::len)) {
                    Some(left) => left,
                    None => return,
                };
            }
        };
        let _late = tokio::time::timeout(DRAINING, reading).await;
    }
}

impl HttpBody for SharedBody {
    type Data = bytes::Bytes;
    type Error = axum::Error;

    fn poll_frame(self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let mut body = self.0.lock();
        if body.is_end_stream() {
            return Poll::Ready(None);
        }
        std::pin::Pin::new(&mut *body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().size_hint()
    }
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
    fn an_address_with_nul_is_found() {
        for (text, nul) in [("/a%00b", true), ("/a?b=%00", true), ("/a%0041", true), ("/a%01?b=00", false)] {
            assert_eq!(has_nul(&text.parse().expect("an address")), nul, "{text}");
        }
    }

    #[test]
    fn only_an_id_that_can_be_logged_is_taken_over() {
        for (text, taken) in [("0190a3-trace_7", true), ("short", false), ("with space and\ttab", false), (&"x".repeat(65), false)] {
            let headers = [(REQUEST_ID, HeaderValue::from_str(text).expect("a value"))].into_iter().collect();
            assert_eq!(offered_id(&headers).is_some(), taken, "{text}");
        }
    }
}
