//! Providers and the accounts at them, and what staff does about the log: the use cases on a database.

mod accounts;
mod lanes;
mod operations;
mod registry;
mod try_out;

use billow_billing::error::Error;
use billow_billing::providers::Credentials;
use billow_billing::{Actor, Billing};
use billow_entities::*;
use chrono::Duration;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::common::{Bench, rows};

pub const ADMIN: Actor = staff(Role::Admin);
pub const OPERATOR: Actor = staff(Role::Operator);

pub const fn staff(role: Role) -> Actor {
    Actor::User { user_id: UserId(Uuid::from_u128(role as u128 + 1)), role, customer_id: None, session_id: SessionId(Uuid::from_u128(9)) }
}

pub fn somebody() -> Actor {
    let customer_id = Some(CustomerId(Uuid::from_u128(77)));
    Actor::User { user_id: UserId(Uuid::from_u128(7)), role: Role::Customer, customer_id, session_id: SessionId(Uuid::from_u128(8)) }
}

pub fn definition(code: &str) -> Value {
    json!({
        "code": code, "name": format!("Provider {code}"), "utility_type": "ELECTRICITY", "currency": "EUR", "time_zone": "Europe/Berlin",
        "connector": {"kind": "HTTP", "settings": {"auth": {"type": "bearer", "credential": "api_key"}}},
        "params": [{"name": "number", "label": "Consumer number", "pattern": "[0-9]{8}"}],
        "schedule": {"every": {"kind": "MONTH", "day": 15}, "hour": 6}
    })
}

pub fn secrets(pairs: &[(&str, &str)]) -> Credentials {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), SecretString::from(*value))).collect()
}

pub async fn registered(billing: &Billing, code: &str) -> provider::Model {
    billing.providers.register_provider(&ADMIN, definition(code), secrets(&[("api_key", "s3cret-of-tests")])).await.expect("registered")
}

/// The (path, code) pairs of a refusal.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<(String, String)> {
    match result.expect_err("refused") {
        Error::Invalid(errors) => errors.into_iter().map(|e| (e.path.join("."), e.code.into_owned())).collect(),
        other => panic!("not a refusal of the input: {other}"),
    }
}

pub async fn events(bench: &Bench, kind: &str) -> Vec<Value> {
    let rows =
        event::Entity::find().filter(event::Column::Kind.eq(kind)).order_by_asc(event::Column::Seq).all(bench.billing.kernel.store.read());
    rows.await.expect("events").into_iter().map(|e| e.data).collect()
}

pub async fn audited(bench: &Bench) -> Vec<String> {
    let rows =
        audit_entry::Entity::find().order_by_asc(audit_entry::Column::Id).all(bench.billing.kernel.store.read()).await.expect("entries");
    rows.into_iter().map(|e| e.action).collect()
}

/// An account that is fetched on schedule, due in twenty days.
pub async fn account(
    bench: &Bench,
    of: &provider::Model,
    number: u32,
    change: impl FnOnce(&mut utility_account::Model),
) -> UtilityAccountId {
    let (billing, db) = (&bench.billing, bench.billing.kernel.store.write_pool());
    let owner = rows::customer(billing, "Anna").into_active_model().insert(db).await.expect("a customer");
    let due = Some(billing.kernel.clock.now() + Duration::days(20));
    let mut row =
        utility_account::Model { next_fetch_at: due, slot: due, ..rows::account(billing, owner.id, of.id, &format!("{number:08}")) };
    change(&mut row);
    row.into_active_model().insert(db).await.expect("an account").id
}
