//! Bad days on and off.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::Refusal;
use crate::server::Site;
use crate::world::{ActiveFault, Fault, MailFault, Provider, PushFault, SmsFault};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    provider: Provider,
    account: Option<String>,
    fault: Fault,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Clearing {
    provider: Option<Provider>,
    account: Option<String>,
    kind: Option<String>,
}

/// For one recipient or for all; no fault for nothing bad.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Way<F> {
    to: Option<String>,
    fault: Option<F>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PushWay {
    subscription: String,
    fault: Option<PushFault>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Latency {
    ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BenchWish {
    latency_ms: u64,
    #[serde(default)]
    round: u32,
}

/// What to forget; everything but accounts and bills when nothing is named.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Forget {
    faults: bool,
    log: bool,
    outbox: bool,
}

pub(super) async fn list(State(site): State<Site>) -> Json<Vec<ActiveFault>> {
    Json(site.state.faults())
}

pub(super) async fn set(State(site): State<Site>, Json(wish): Json<Wish>) -> StatusCode {
    site.state.set_fault(wish.provider, wish.account.as_deref(), wish.fault);
    StatusCode::NO_CONTENT
}

pub(super) async fn clear(State(site): State<Site>, Json(wish): Json<Clearing>) -> StatusCode {
    match wish.provider {
        Some(provider) => site.state.clear_fault(provider, wish.account.as_deref(), wish.kind.as_deref()),
        None => site.state.clear_faults(),
    }
    StatusCode::NO_CONTENT
}

pub(super) async fn mail(State(site): State<Site>, Json(wish): Json<Way<MailFault>>) -> StatusCode {
    site.state.set_mail_fault(wish.to.as_deref(), wish.fault);
    StatusCode::NO_CONTENT
}

pub(super) async fn sms(State(site): State<Site>, Json(wish): Json<Way<SmsFault>>) -> StatusCode {
    site.state.set_sms_fault(wish.to.as_deref(), wish.fault);
    StatusCode::NO_CONTENT
}

pub(super) async fn push(State(site): State<Site>, Json(wish): Json<PushWay>) -> Result<StatusCode, Refusal> {
    site.state.set_push_fault(&wish.subscription, wish.fault)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn latency(State(site): State<Site>, Json(wish): Json<Latency>) -> StatusCode {
    site.state.set_latency(Duration::from_millis(wish.ms));
    StatusCode::NO_CONTENT
}

pub(super) async fn bench(State(site): State<Site>, Json(wish): Json<BenchWish>) -> StatusCode {
    site.state.set_bench(Duration::from_millis(wish.latency_ms), wish.round);
    StatusCode::NO_CONTENT
}

pub(super) async fn reset(State(site): State<Site>, wish: Option<Json<Forget>>) -> StatusCode {
    let wish = wish.map(|w| w.0).unwrap_or_default();
    let all = !(wish.faults || wish.log || wish.outbox);
    if all || wish.faults {
        site.state.clear_faults();
        site.state.clear_card_script();
    }
    if all || wish.log {
        site.state.clear_log();
    }
    if all || wish.outbox {
        site.state.clear_outbox();
    }
    StatusCode::NO_CONTENT
}
