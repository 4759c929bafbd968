//! What the machinery around the process asks: is it alive, is it ready, how is it doing.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use billow_billing::Billing;
use serde_json::{Map, Value};

use crate::app::App;

/// How long one part may take to say that it is ready.
const PATIENCE: Duration = Duration::from_secs(3);

/// Alive as long as it answers at all.
pub(crate) async fn livez() -> &'static str {
    "ok\n"
}

/// Ready when the database answers with our tables in it and stores data, the relay keeps up, and whatever else was named is.
pub(crate) async fn readyz(State(app): State<App>) -> Response {
    let mut report = Map::new();
    let mut ready = true;
    let mut note = |name: &str, outcome: Result<(), String>| {
        ready &= outcome.is_ok();
        report.insert(name.to_owned(), Value::String(outcome.err().unwrap_or_else(|| "ok".to_owned())));
    };
    let end = within(async { app.billing.log_end().await.map_err(|_| "it does not answer, or is not migrated".to_owned()) }).await;
    note("database", end.clone().map(|_| ()));
    // A database that answers may still not be able to store anything.
    let stored = if end.is_ok() { app.billing.store.check_storage().await } else { Err("the database does not answer".to_owned()) };
    note("storage", stored);
    note("relay", relay(&app.billing, end.unwrap_or_default()).await);
    for (name, check) in &app.config.ready_checks {
        note(name, within(check()).await);
    }
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(Value::Object(report))).into_response()
}

/// The metrics of the process, where it keeps them.
pub(crate) async fn metrics(State(app): State<App>) -> Response {
    match &app.config.metrics_renderer {
        Some(render) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Whether live subscribers have been told everything up to `end`, or are within a moment.
async fn relay(billing: &Billing, end: i64) -> Result<(), String> {
    let reached = async {
        loop {
            let published = billing.published.notified();
            if billing.hub.position() >= end {
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
