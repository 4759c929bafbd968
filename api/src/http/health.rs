//! What the machinery around the process asks: is it alive, is it ready, how is it doing.

use std::net::IpAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use billow_billing::Billing;
use serde_json::{Map, Value};

use super::Edge;
use super::request::Peer;
use crate::config::Operators;

/// How long one part may take to say that it is ready.
const PATIENCE: Duration = Duration::from_secs(3);

/// Alive as long as it answers at all.
pub(crate) async fn livez() -> &'static str {
    "ok\n"
}

/// Ready when the database answers with our tables in it and stores data, the relay keeps up, and whatever else was named is. Which part
/// is not ready is for operators.
pub(crate) async fn readyz(State(edge): State<Edge>, Extension(Peer(peer)): Extension<Peer>, headers: HeaderMap) -> Response {
    let private = is_private(&edge, peer, &headers);
    let (ready, report) = report(&edge).await;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = match (private, ready) {
        (true, _) => Json(Value::Object(report)).into_response(),
        (false, true) => "ready\n".into_response(),
        (false, false) => "not ready\n".into_response(),
    };
    (status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
}

async fn report(edge: &Edge) -> (bool, Map<String, Value>) {
    let mut report = Map::new();
    let mut ready = true;
    let mut note = |name: &str, outcome: Result<(), String>| {
        ready &= outcome.is_ok();
        report.insert(name.to_owned(), Value::String(outcome.err().unwrap_or_else(|| "ok".to_owned())));
    };
    let end =
        within(async { edge.billing.kernel.events.log_end().await.map_err(|_| "it does not answer, or is not migrated".to_owned()) }).await;
    note("database", end.clone().map(|_| ()));
    // A database that answers may still not be able to store anything.
    let stored = if end.is_ok() { edge.billing.kernel.store.check_storage().await } else { Err("the database does not answer".to_owned()) };
    note("storage", stored);
    note("relay", relay(&edge.billing, end.unwrap_or_default()).await);
    for (name, check) in &edge.config.ready_checks {
        note(name, within(check()).await);
    }
    (ready, report)
}

/// The metrics of the process, where it keeps them and the caller may see them.
pub(crate) async fn metrics(State(edge): State<Edge>, Extension(Peer(peer)): Extension<Peer>, headers: HeaderMap) -> Response {
    match edge.config.metrics_renderer.as_ref().filter(|_| is_private(&edge, peer, &headers)) {
        Some(render) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Whether a caller may see what is for operators: on a listener of its own everybody, on the public one callers from this
/// machine that no proxy forwards, and nobody where there is one of its own.
fn is_private(edge: &Edge, peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
    let forwarded = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"].iter().any(|name| headers.contains_key(*name));
    match edge.config.operators {
        Operators::Everybody => true,
        Operators::Nobody => false,
        Operators::ThisMachine => !forwarded && peer.is_none_or(|peer| peer.to_canonical().is_loopback()),
    }
}

/// Whether live subscribers have been told everything up to `end`, or are within a moment.
async fn relay(billing: &Billing, end: i64) -> Result<(), String> {
    let reached = async {
        loop {
            let published = billing.kernel.events.published.notified();
            if billing.kernel.events.hub.position() >= end {
                return Ok(());
            }
            published.await;
        }
    };
    tokio::time::timeout(PATIENCE, reached).await.unwrap_or_else(|_| Err(format!("it is behind position {end} of the event log")))
}

async fn within<T>(check: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    tokio::time::timeout(PATIENCE, check).await.unwrap_or_else(|_| Err("it does not answer in time".to_owned()))
}
