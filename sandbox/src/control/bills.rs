//! Accounts and their bills.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use serde::Deserialize;

use super::Refusal;
use crate::server::Site;
use crate::world::{Bill, PrepaidLine, Provider};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    provider: Provider,
    account: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct History {
    provider: Provider,
    account: String,
    months: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewBill {
    provider: Provider,
    account: String,
    amount_minor: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OneBill {
    provider: Provider,
    account: String,
    number: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Correction {
    provider: Provider,
    account: String,
    number: String,
    amount_minor: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPlan {
    account: String,
    plan: String,
    ends_on: NaiveDate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recharge {
    account: String,
    plan: String,
}

pub(super) async fn add_account(State(site): State<Site>, Json(wish): Json<Which>) -> Result<StatusCode, Refusal> {
    site.state.add_account(wish.provider, &wish.account)?;
    Ok(StatusCode::CREATED)
}

pub(super) async fn seed_history(State(site): State<Site>, Json(wish): Json<History>) -> Result<Json<Vec<Bill>>, Refusal> {
    site.state.seed_history(wish.provider, &wish.account, wish.months)?;
    Ok(Json(site.state.bills(wish.provider, &wish.account)))
}

pub(super) async fn issue(State(site): State<Site>, Json(wish): Json<NewBill>) -> Result<(StatusCode, Json<Bill>), Refusal> {
    Ok((StatusCode::CREATED, Json(site.state.issue_bill(wish.provider, &wish.account, wish.amount_minor)?)))
}

pub(super) async fn correct(State(site): State<Site>, Json(wish): Json<Correction>) -> Result<Json<Bill>, Refusal> {
    Ok(Json(site.state.correct_bill(wish.provider, &wish.account, &wish.number, wish.amount_minor)?))
}

pub(super) async fn cancel(State(site): State<Site>, Json(wish): Json<OneBill>) -> Result<Json<Bill>, Refusal> {
    Ok(Json(site.state.cancel_bill(wish.provider, &wish.account, &wish.number)?))
}

pub(super) async fn paid(State(site): State<Site>, Json(wish): Json<OneBill>) -> Result<Json<Bill>, Refusal> {
    Ok(Json(site.state.mark_paid(wish.provider, &wish.account, &wish.number)?))
}

pub(super) async fn set_plan(State(site): State<Site>, Json(wish): Json<NewPlan>) -> Result<Json<PrepaidLine>, Refusal> {
    Ok(Json(site.state.set_plan(&wish.account, &wish.plan, wish.ends_on)?))
}

pub(super) async fn recharge(State(site): State<Site>, Json(wish): Json<Recharge>) -> Result<Json<PrepaidLine>, Refusal> {
    Ok(Json(site.state.recharge(&wish.account, &wish.plan)?))
}
