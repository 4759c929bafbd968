//! What there is to see.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Refusal;
use crate::SandboxError;
use crate::server::Site;
use crate::world::{Account, LogEntry, PLANS, Provider, ProviderPayment};

/// How many of each are told when nobody says how many.
const USUAL: usize = 100;

#[derive(Deserialize)]
pub(super) struct Limit {
    limit: Option<usize>,
    provider: Option<Provider>,
}

#[derive(Deserialize)]
pub(super) struct Which {
    provider: Provider,
    account: String,
}

pub(super) async fn state(State(site): State<Site>, Query(which): Query<Limit>) -> Json<Value> {
    let state = &site.state;
    let most = which.limit.unwrap_or(USUAL);
    let provider = |p: Provider| {
        json!({
            "code": p, "name": p.title(), "currency": p.currency(), "prepaid": p.prepaid(),
            "fetches": state.total_fetches(p), "accounts": state.accounts(p, most),
        })
    };
    let providers = Provider::ALL.into_iter().filter(|p| which.provider.is_none_or(|w| w == *p)).map(provider);
    Json(json!({
        "now": state.now(), "changes": state.changes(), "providers": providers.collect::<Vec<_>>(),
        "plans": PLANS, "faults": state.faults(), "bench_calls": state.bench_calls(),
    }))
}

pub(super) async fn changes(State(site): State<Site>) -> Json<Value> {
    Json(json!({ "changes": site.state.changes() }))
}

/// Newest first.
pub(super) async fn outbox(State(site): State<Site>, Query(which): Query<Limit>) -> Json<Value> {
    let most = which.limit.unwrap_or(USUAL);
    Json(site.state.outbox(|o| {
        json!({
            "mails": o.mails.iter().rev().take(most).collect::<Vec<_>>(),
            "sms": o.sms.iter().rev().take(most).collect::<Vec<_>>(),
            "pushes": o.pushes.iter().rev().take(most).collect::<Vec<_>>(),
            "refused_pushes": o.refused.iter().rev().take(most).collect::<Vec<_>>(),
        })
    }))
}

/// Newest first.
pub(super) async fn log(State(site): State<Site>, Query(which): Query<Limit>) -> Json<Vec<LogEntry>> {
    let entries = site.state.log(which.provider).into_iter().rev();
    Json(entries.take(which.limit.unwrap_or(USUAL)).collect())
}

/// What the companies were paid.
pub(super) async fn payments(State(site): State<Site>, Query(which): Query<Limit>) -> Json<Vec<ProviderPayment>> {
    Json(site.state.payments(which.provider).into_iter().take(which.limit.unwrap_or(USUAL)).collect())
}

pub(super) async fn account(State(site): State<Site>, Query(which): Query<Which>) -> Result<Json<Account>, Refusal> {
    let unknown = || SandboxError::UnknownAccount { provider: which.provider.code(), account: which.account.clone() };
    Ok(Json(site.state.account(which.provider, &which.account).ok_or_else(unknown)?))
}
