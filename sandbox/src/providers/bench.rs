//! The provider that the bench fetches from: any account exists and has one bill in each round. Nothing is noted but the number of calls.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::get;
use chrono::{Datelike, Days};

use super::mishap::response;
use crate::server::Site;

pub(super) fn routes() -> Router<Site> {
    Router::new().route("/bills/{account}", get(bill))
}

async fn bill(State(site): State<Site>, Path(account): Path<String>) -> Response<Body> {
    let bench = site.state.bench();
    bench.calls.fetch_add(1, Ordering::Relaxed);
    let latency = bench.latency_ms.load(Ordering::Relaxed);
    if latency > 0 {
        tokio::time::sleep(Duration::from_millis(latency)).await;
    }
    if account.len() > 32 || !account.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return response(StatusCode::NOT_FOUND, "application/json", Body::from("{}"));
    }
    let today = site.state.today();
    let round = bench.round.load(Ordering::Relaxed);
    let luck = account.bytes().fold(round.wrapping_add(7), |h, b| h.wrapping_mul(31).wrapping_add(b.into()));
    let cents = 2_000 + luck % 20_000;
    let (tax, fee) = (cents / 6, 900);
    let from = today.with_day(1).unwrap_or(today);
    let due = today + Days::new(14);
    let text = format!(
        r#"{{"account":"{account}","no":"BP-{year}{month:02}-{round}-{account}","cents":{cents},"currency":"EUR","issued":"{today}","due":"{due}","from":"{from}","to":"{today}","kwh":"{kwh}.{tenth}","lines":[{{"text":"Energy","cents":{energy},"kind":"CHARGE"}},{{"text":"Meter","cents":{fee},"kind":"FEE"}},{{"text":"VAT","cents":{tax},"kind":"TAX"}}]}}"#,
        year = today.year(),
        month = today.month(),
        energy = cents - tax - fee,
        kwh = cents / 30,
        tenth = cents % 10,
    );
    response(StatusCode::OK, "application/json", Body::from(text))
}
