//! The card network: what goes wrong with it, what its banks answer, and what happened.

use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cards::{CardCall, CardCallSeen, CardFault, CardLogEntry, CardOutcome, WebhookManners};
use crate::server::Site;

/// How many payments are told.
const MAX_TOLD: usize = 1_000;

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/", get(look))
        .route("/log", get(log))
        .route("/calls", get(calls))
        .route("/fault", post(fault))
        .route("/fault/clear", post(clear))
        .route("/settle", post(settle))
        .route("/confirm", post(confirm))
        .route("/latency", post(latency))
        .route("/search-lag", post(search_lag))
        .route("/webhooks", get(webhooks))
        .route("/webhooks/target", post(target))
        .route("/webhooks/manners", post(manners))
        .route("/webhooks/again", post(again))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultWish {
    call: Option<CardCall>,
    fault: CardFault,
    #[serde(default = "once")]
    times: u32,
}

const fn once() -> u32 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settlement {
    id: String,
    outcome: CardOutcome,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    id: String,
    yes: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wait {
    ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    event: String,
}

const fn done(found: bool) -> StatusCode {
    if found { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

async fn look(State(site): State<Site>) -> Json<Value> {
    let script = site.state.card_script().into_iter().map(|(call, fault, times)| json!({ "call": call, "fault": fault, "times": times }));
    Json(json!({
        "payments": site.state.card_payments(MAX_TOLD), "pending_debits": site.state.pending_debits(),
        "pending_refunds": site.state.pending_card_refunds(), "script": script.collect::<Vec<_>>(),
    }))
}

async fn log(State(site): State<Site>) -> Json<Vec<CardLogEntry>> {
    Json(site.state.card_log())
}

async fn calls(State(site): State<Site>) -> Json<Vec<CardCallSeen>> {
    Json(site.state.card_calls())
}

async fn fault(State(site): State<Site>, Json(wish): Json<FaultWish>) -> StatusCode {
    site.state.script_card(wish.call, wish.fault, wish.times);
    StatusCode::NO_CONTENT
}

async fn clear(State(site): State<Site>) -> StatusCode {
    site.state.clear_card_script();
    StatusCode::NO_CONTENT
}

async fn settle(State(site): State<Site>, Json(wish): Json<Settlement>) -> StatusCode {
    done(site.state.settle_card(&wish.id, &wish.outcome))
}

async fn confirm(State(site): State<Site>, Json(wish): Json<Confirmation>) -> StatusCode {
    done(site.state.confirm_card(&wish.id, wish.yes))
}

async fn latency(State(site): State<Site>, Json(wish): Json<Wait>) -> StatusCode {
    site.state.set_card_latency(wish.ms.map(Duration::from_millis));
    StatusCode::NO_CONTENT
}

async fn search_lag(State(site): State<Site>, Json(wish): Json<Wait>) -> StatusCode {
    let lag = i64::try_from(wish.ms.unwrap_or(0)).ok().and_then(TimeDelta::try_milliseconds).unwrap_or_default();
    site.state.set_search_lag(lag);
    StatusCode::NO_CONTENT
}

async fn webhooks(State(site): State<Site>) -> Json<Value> {
    let events = site.state.card_events().into_iter().map(|(id, kind, about)| json!({ "id": id, "type": kind, "object": about }));
    Json(json!({
        "events": events.collect::<Vec<_>>(), "deliveries": site.state.webhook_deliveries(), "idle": site.state.webhooks_idle(),
    }))
}

async fn target(State(site): State<Site>, Json(wish): Json<Target>) -> StatusCode {
    site.state.set_webhook_target(&wish.url);
    StatusCode::NO_CONTENT
}

async fn manners(State(site): State<Site>, Json(wish): Json<WebhookManners>) -> StatusCode {
    site.state.set_webhook_manners(wish);
    StatusCode::NO_CONTENT
}

async fn again(State(site): State<Site>, Json(wish): Json<Event>) -> StatusCode {
    done(site.state.resend_webhook(&wish.event))
}
