//! Gateways, what they tell us, payment methods and signed links: the use cases on a database, against a gateway in memory
//! that is the truth.

mod circuit;
mod links;
mod methods;
mod methods_checked;
mod registry;
mod storm;
mod webhooks;

use std::collections::BTreeMap;

use billow_billing::error::Error;
use billow_billing::gateways::{NewGateway, RouteRequest};
use billow_billing::methods::StartSetup;
use billow_billing::ports::GatewaySettings;
use billow_billing::{Actor, Billing};
use billow_entities::*;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use secrecy::SecretString;
use serde_json::Value;
use uuid::Uuid;

use crate::common::{Bench, rows};

pub const ADMIN: Actor = staff(Role::Admin);
pub const OPERATOR: Actor = staff(Role::Operator);
/// A secret that must be seen nowhere.
pub const SECRET: &str = "sk_of_tests_4711";

pub const fn staff(role: Role) -> Actor {
    Actor::User { user_id: UserId(Uuid::from_u128(role as u128 + 1)), role, customer_id: None, session_id: SessionId(Uuid::from_u128(9)) }
}

pub fn currency(code: &str) -> Currency {
    code.parse().expect("a currency")
}

/// A gateway that takes everything.
pub fn new_gateway(code: &str, rank: i32) -> NewGateway {
    NewGateway {
        code: code.into(),
        name: format!("Gateway {code}"),
        adapter: GatewayAdapter::Sandbox,
        rank,
        currencies: vec![],
        kinds: vec![MethodKind::Card, MethodKind::DirectDebit],
        settings: GatewaySettings { base_url: "https://cards.test".into(), timeout_ms: 20_000, searches: true },
        credentials: BTreeMap::from([("secret_key".to_owned(), SecretString::from(SECRET))]),
    }
}

/// One that is in use.
pub async fn gateway(bench: &Bench, code: &str, rank: i32) -> gateway::Model {
    let id = bench.billing.gateways.create_gateway(&ADMIN, new_gateway(code, rank)).await.expect("a gateway").id;
    activate(bench, id).await
}

/// Tests a gateway and resumes it.
pub async fn activate(bench: &Bench, id: GatewayId) -> gateway::Model {
    bench.billing.gateways.test_gateway(&ADMIN, id).await.expect("a test");
    bench.billing.gateways.resume_gateway(&ADMIN, id, None).await.expect("an active gateway")
}

pub async fn gateway_now(bench: &Bench, id: GatewayId) -> gateway::Model {
    bench.billing.gateways.gateway(&OPERATOR, id).await.expect("a gateway")
}

/// A card payment in euros that nobody tried yet.
pub fn card_wish() -> RouteRequest<'static> {
    RouteRequest { currency: currency("EUR"), kind: Some(MethodKind::Card), method: None, tried: &[] }
}

/// Somebody who owes and pays, and their sign-in.
pub async fn somebody(bench: &Bench, name: &str) -> (CustomerId, Actor) {
    let row = customer::Model {
        email: Some(format!("{}@example.com", name.to_lowercase())),
        locale: "en".into(),
        time_zone: "UTC".into(),
        ..rows::customer(&bench.billing, name)
    };
    let id = row.into_active_model().insert(bench.billing.kernel.store.write_pool()).await.expect("a customer").id;
    let user_id = UserId(bench.billing.kernel.ids.next());
    let actor =
        Actor::User { user_id, role: Role::Customer, customer_id: Some(id), session_id: SessionId(bench.billing.kernel.ids.next()) };
    (id, actor)
}

/// A wish to save a card by a token.
pub fn by_token() -> StartSetup {
    StartSetup {
        kind: MethodKind::Card,
        currency: Some(currency("EUR")),
        token: Some(SecretString::from("pm_card_visa")),
        return_url: None,
        label: None,
        make_default: false,
    }
}

/// A wish to save a method on a page of the gateway's.
pub fn by_page(kind: MethodKind) -> StartSetup {
    StartSetup { kind, token: None, return_url: Some("https://billow.test/methods".into()), ..by_token() }
}

/// A top-up that is under way at a gateway, as if its call had just been sent.
pub async fn top_up_under_way(bench: &Bench, owner: CustomerId, at: GatewayId, amount_minor: i64) -> (PaymentId, AttemptId) {
    let made = top_ups_under_way(bench, owner, at, &[amount_minor]).await;
    made[0]
}

pub async fn top_ups_under_way(bench: &Bench, owner: CustomerId, at: GatewayId, amounts: &[i64]) -> Vec<(PaymentId, AttemptId)> {
    let (billing, now) = (&bench.billing, bench.billing.kernel.clock.now());
    let made: Vec<_> = amounts.iter().map(|_| (PaymentId(billing.kernel.ids.next()), AttemptId(billing.kernel.ids.next()))).collect();
    let payments = made.iter().zip(amounts).map(|((id, _), amount)| payment::ActiveModel {
        id: Set(*id),
        customer_id: Set(owner),
        kind: Set(PaymentKind::TopUp),
        status: Set(PaymentStatus::Processing),
        currency: Set("EUR".into()),
        amount_minor: Set(*amount),
        wallet_minor: Set(0),
        gateway_minor: Set(*amount),
        refunded_minor: Set(0),
        actor: Set("test".into()),
        idempotency_key: Set(id.to_string()),
        request_hash: Set("-".into()),
        attempts: Set(1),
        checks: Set(0),
        fence: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    });
    let attempts = made.iter().zip(amounts).map(|((payment, id), amount)| payment_attempt::ActiveModel {
        id: Set(*id),
        payment_id: Set(*payment),
        number: Set(1),
        gateway_id: Set(at),
        status: Set(AttemptStatus::Sent),
        currency: Set("EUR".into()),
        amount_minor: Set(*amount),
        gateway_key: Set(id.to_string()),
        decision: Set(serde_json::json!({})),
        sent_at: Set(Some(now)),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    });
    let db = billing.kernel.store.write_pool();
    payment::Entity::insert_many(payments).exec_without_returning(db).await.expect("payments");
    payment_attempt::Entity::insert_many(attempts).exec_without_returning(db).await.expect("attempts");
    made
}

pub async fn payment_now(bench: &Bench, id: PaymentId) -> payment::Model {
    payment::Entity::find_by_id(id).one(bench.billing.kernel.store.write_pool()).await.expect("read").expect("a payment")
}

/// A webhook as the gateway in memory sends it: its body and its signature of now.
pub fn webhook(billing: &Billing, id: &str, kind: &str, about: Option<(&str, &str)>) -> (Vec<u8>, String) {
    let mut body = serde_json::json!({"id": id, "kind": kind});
    if let Some((what, object)) = about {
        body[what] = object.into();
    }
    (body.to_string().into_bytes(), signed(billing.kernel.clock.now()))
}

pub fn signed(at: DateTime<Utc>) -> String {
    at.to_rfc3339()
}

pub async fn stored_events(bench: &Bench) -> Vec<gateway_event::Model> {
    let rows = gateway_event::Entity::find().order_by_asc(gateway_event::Column::Id).all(bench.billing.kernel.store.write_pool());
    rows.await.expect("events")
}

/// The codes of a refusal.
#[track_caller]
pub fn codes<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<String> {
    match result.expect_err("refused") {
        Error::Invalid(errors) => errors.into_iter().map(|e| e.code.into_owned()).collect(),
        other => panic!("not a refusal of the input: {other}"),
    }
}

/// The (path, code) pairs of a refusal.
#[track_caller]
pub fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<(String, String)> {
    match result.expect_err("refused") {
        Error::Invalid(errors) => errors.into_iter().map(|e| (e.path.join("."), e.code.into_owned())).collect(),
        other => panic!("not a refusal of the input: {other}"),
    }
}

/// What was told of one kind, in order.
pub async fn told(bench: &Bench, kind: &str) -> Vec<Value> {
    let rows = event::Entity::find().filter(event::Column::Kind.eq(kind)).order_by_asc(event::Column::Seq);
    rows.all(bench.billing.kernel.store.write_pool()).await.expect("events").into_iter().map(|e| e.data).collect()
}

pub async fn audited(bench: &Bench) -> Vec<String> {
    let rows = audit_entry::Entity::find().order_by_asc(audit_entry::Column::Id).all(bench.billing.kernel.store.write_pool());
    rows.await.expect("entries").into_iter().map(|e| e.action).collect()
}
