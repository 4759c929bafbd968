//! Bills and the fetch pipeline on a database, through the use cases, with a provider that answers what a test tells it.

mod bills;
mod by_hand;
mod faults;
mod pipeline;
mod push;
mod runs;

use std::sync::Arc;

use billow_billing::ports::{FetchOutcome, FetchReply, FetchRequest, FetchedBill};
use billow_billing::providers::Credentials;
use billow_billing::{Actor, Billing};
use billow_entities::*;
use chrono::{DateTime, Duration, Utc};
use futures::FutureExt as _;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::common::{Bench, rows};

pub const ADMIN: Actor = staff(Role::Admin);
pub const OPERATOR: Actor = staff(Role::Operator);

pub const fn staff(role: Role) -> Actor {
    Actor::User { user_id: UserId(Uuid::from_u128(role as u128 + 1)), role, customer_id: None, session_id: SessionId(Uuid::from_u128(9)) }
}

/// The owner of an account.
pub fn owner(account: &utility_account::Model) -> Actor {
    let customer_id = Some(account.customer_id);
    Actor::User { user_id: UserId(Uuid::from_u128(7)), role: Role::Customer, customer_id, session_id: SessionId(Uuid::from_u128(8)) }
}

/// A provider in Berlin that is fetched on the 15th at six, one call at a time, and whose circuit opens after three faults.
pub fn definition(code: &str) -> Value {
    json!({
        "code": code, "name": format!("Provider {code}"), "utility_type": "ELECTRICITY", "currency": "EUR", "time_zone": "Europe/Berlin",
        "connector": {"kind": "HTTP", "settings": {"base_url": format!("https://{code}.test")}},
        "params": [{"name": "number", "label": "Consumer number", "pattern": "[0-9]{8}"}],
        "schedule": {"every": {"kind": "MONTH", "day": 15}, "hour": 6},
        "limits": {"concurrency": 1, "circuit_failures": 3}
    })
}

pub async fn registered(billing: &Billing, definition: Value) -> provider::Model {
    billing.providers.register_provider(&ADMIN, definition, Credentials::default()).await.expect("registered")
}

/// A customer with an account that was added and is due now for the first time.
pub async fn due_account(bench: &Bench, of: &provider::Model, number: u32) -> utility_account::Model {
    account(bench, of, number, |_| {}).await
}

pub async fn account(
    bench: &Bench,
    of: &provider::Model,
    number: u32,
    change: impl FnOnce(&mut utility_account::Model),
) -> utility_account::Model {
    let (billing, db) = (&bench.billing, bench.billing.kernel.store.write_pool());
    let owner = rows::customer(billing, "Anna").into_active_model().insert(db).await.expect("a customer");
    let mut row = utility_account::Model {
        status: AccountStatus::Pending,
        next_fetch_at: Some(billing.kernel.clock.now()),
        slot: Some(billing.kernel.clock.now()),
        ..rows::account(billing, owner.id, of.id, &format!("{number:08}"))
    };
    change(&mut row);
    row.into_active_model().insert(db).await.expect("an account")
}

pub async fn now_account(bench: &Bench, account: &utility_account::Model) -> utility_account::Model {
    utility_account::Entity::find_by_id(account.id).one(bench.billing.kernel.store.write_pool()).await.expect("a row").expect("an account")
}

pub async fn now_provider(bench: &Bench, provider: &provider::Model) -> provider::Model {
    provider::Entity::find_by_id(provider.id).one(bench.billing.kernel.store.write_pool()).await.expect("a row").expect("a provider")
}

/// A bill as a provider tells it.
pub fn told(number: &str, amount: &str) -> Value {
    json!({"number": number, "amount": amount, "issued_on": "2026-11-20", "due_on": "2026-12-05"})
}

pub fn with(mut bill: Value, changes: Value) -> FetchedBill {
    for (name, value) in changes.as_object().expect("an object") {
        bill[name] = value.clone();
    }
    serde_json::from_value(bill).expect("a bill")
}

pub fn bill_of(number: &str, amount: &str) -> FetchedBill {
    with(told(number, amount), json!({}))
}

pub fn bills_reply(bills: Vec<FetchedBill>) -> FetchReply {
    FetchReply::of(FetchOutcome::Bills(bills))
}

pub fn reply(outcome: FetchOutcome) -> FetchReply {
    FetchReply::of(outcome)
}

pub fn retryable() -> FetchReply {
    reply(FetchOutcome::Retryable { message: "it hangs".into(), retry_after_ms: None })
}

/// Lets the provider answer by what it is asked, at once.
pub fn answer_with(bench: &Bench, f: impl Fn(&FetchRequest) -> FetchReply + Send + Sync + 'static) {
    *bench.ports.answer.lock() = Some(Arc::new(move |request| {
        let reply = f(&request);
        async move { reply }.boxed()
    }));
}

/// Which account a request is for.
pub fn number_of(request: &FetchRequest) -> String {
    request.params["number"].clone()
}

pub async fn fetch(bench: &Bench) -> billow_billing::fetching::FetchSummary {
    bench.billing.fetching.fetch_due().await.expect("fetched")
}

pub async fn stored_bills(bench: &Bench) -> Vec<bill::Model> {
    bill::Entity::find().order_by_asc(bill::Column::Id).all(bench.billing.kernel.store.write_pool()).await.expect("bills")
}

pub async fn attempts(bench: &Bench) -> Vec<fetch_attempt::Model> {
    fetch_attempt::Entity::find()
        .order_by_asc(fetch_attempt::Column::Id)
        .all(bench.billing.kernel.store.write_pool())
        .await
        .expect("attempts")
}

pub async fn events(bench: &Bench, kind: &str) -> Vec<Value> {
    let rows = event::Entity::find().filter(event::Column::Kind.eq(kind)).order_by_asc(event::Column::Seq);
    rows.all(bench.billing.kernel.store.write_pool()).await.expect("events").into_iter().map(|e| e.data).collect()
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Makes an account due again now.
pub async fn make_due(bench: &Bench, account: &utility_account::Model) {
    utility_account::Entity::update_many()
        .col_expr(utility_account::Column::NextFetchAt, sea_orm::sea_query::Expr::value(bench.billing.kernel.clock.now()))
        .filter(utility_account::Column::Id.eq(account.id))
        .exec(bench.billing.kernel.store.write_pool())
        .await
        .expect("due");
}

/// Lets the clock go on.
pub fn pass(bench: &Bench, time: Duration) {
    bench.clock.advance(time);
}

/// The (path, code) pairs of a refusal.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, billow_billing::Error>) -> Vec<(String, String)> {
    match result.expect_err("refused") {
        billow_billing::Error::Invalid(errors) => errors.into_iter().map(|e| (e.path.join("."), e.code.into_owned())).collect(),
        other => panic!("not a refusal of the input: {other}"),
    }
}
