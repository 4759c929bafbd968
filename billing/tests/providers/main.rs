//! Providers and the accounts at them, and what staff does about the log: the use cases on a database.

#[path = "../common/mod.rs"]
mod common;

mod accounts;
mod operations;
mod registry;
mod try_out;

use std::collections::BTreeMap;

use billow_billing::error::Error;
use billow_billing::providers::Credentials;
use billow_billing::{Actor, Billing};
use billow_entities::*;
use chrono::Duration;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::common::Bench;

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
    billing.register_provider(&ADMIN, definition(code), secrets(&[("api_key", "s3cret-of-tests")])).await.expect("registered")
}

/// The (path, code) pairs of a refusal.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<(String, String)> {
    match result.expect_err("refused") {
        Error::Invalid(errors) => errors.into_iter().map(|e| (e.path.join("."), e.code.into_owned())).collect(),
        other => panic!("not a refusal of the input: {other}"),
    }
}

pub async fn events(bench: &Bench, kind: &str) -> Vec<Value> {
    let rows = event::Entity::find().filter(event::Column::Kind.eq(kind)).order_by_asc(event::Column::Seq).all(bench.billing.store.read());
    rows.await.expect("events").into_iter().map(|e| e.data).collect()
}

pub async fn audited(bench: &Bench) -> Vec<String> {
    let rows = audit_entry::Entity::find().order_by_asc(audit_entry::Column::Id).all(bench.billing.store.read()).await.expect("entries");
    rows.into_iter().map(|e| e.action).collect()
}

/// An account that is fetched on schedule, due in twenty days.
pub async fn account(
    bench: &Bench,
    of: &provider::Model,
    number: u32,
    change: impl FnOnce(&mut utility_account::ActiveModel),
) -> UtilityAccountId {
    let db = bench.billing.store.write_pool();
    let (id, customer, now) = (UtilityAccountId(bench.billing.new_id()), CustomerId(bench.billing.new_id()), bench.billing.now());
    let owner = customer::ActiveModel {
        id: Set(customer),
        name: Set("Anna".into()),
        email: Set(None),
        mobile: Set(None),
        locale: Set("de-DE".into()),
        time_zone: Set("Europe/Berlin".into()),
        external_ref: Set(None),
        created_by: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    };
    owner.insert(db).await.expect("a customer");
    let params = BTreeMap::from([("number".to_owned(), format!("{number:08}"))]);
    let mut row = utility_account::ActiveModel {
        id: Set(id),
        customer_id: Set(customer),
        property_id: Set(None),
        provider_id: Set(of.id),
        utility_type: Set(of.utility_type),
        label: Set("Power".into()),
        params_enc: Set(bench.billing.seal_params(id, &params).expect("sealed")),
        identifier_index: Set(bench.billing.identifier_index(&params["number"])),
        identifier_hint: Set("••••".into()),
        status: Set(AccountStatus::Active),
        status_reason: Set(None),
        next_fetch_at: Set(Some(now + Duration::days(20))),
        slot: Set(Some(now + Duration::days(20))),
        slot_attempts: Set(0),
        continuation: Set(None),
        run_id: Set(None),
        lease_owner: Set(None),
        lease_until: Set(None),
        fence: Set(0),
        last_fetched_at: Set(None),
        last_outcome: Set(None),
        last_message: Set(None),
        plan_code: Set(None),
        plan_expires_on: Set(None),
        plan_balance_minor: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    };
    change(&mut row);
    row.insert(db).await.expect("an account");
    id
}
