//! Chirp: prepaid lines. JSON with a key in the address; `ok` says whether it went well, days are written without their century.

use axum::body::Body;
use axum::extract::Query;
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Call};
use crate::definitions::secrets;
use crate::server::Site;
use crate::world::{Incoming, PLANS, PrepaidLine, Provider, ProviderPayment, decimal};

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/lines/lookup", get(lookup))
        .route("/offers", get(offers))
        .route("/recharges", post(recharge))
        .route("/recharges/state", get(recharge_state))
}

#[derive(Deserialize)]
struct Question {
    key: Option<String>,
    msisdn: Option<String>,
    order: Option<String>,
}

async fn lookup(call: Call, Query(question): Query<Question>) -> Response<Body> {
    let number = question.msisdn.unwrap_or_default();
    call.answer(Provider::Chirp, Some(&number), "line", |call, mishaps| {
        if question.key.as_deref() != Some(secrets::CHIRP) {
            return unauthorized();
        }
        let told = call.tell(Provider::Chirp, &number, mishaps.wrong);
        let no = |reason: &str, text: &str| ok(&json!({ "ok": false, "reason": reason, "text": text }));
        match told.and_then(|t| t.account.line.map(|line| (t.name, line))) {
            None => no("no-such-line", "There is no Chirp line with this number."),
            Some(_) if mishaps.needs_customer => no("identity-check", "Please show your identity card in a Chirp shop."),
            Some((name, line)) => ok(&json!({ "ok": true, "line": document(&name, &line) })),
        }
    })
    .await
}

async fn offers(call: Call, Query(question): Query<Question>) -> Response<Body> {
    call.answer(Provider::Chirp, None, "offers", |_, _| {
        if question.key.as_deref() != Some(secrets::CHIRP) {
            return unauthorized();
        }
        let offer = |p: &crate::world::Plan| {
            json!({ "id": p.code, "title": p.name, "priceCents": p.price_minor, "days": p.days, "blurb": p.text, "perks": p.perks.join(" | ") })
        };
        ok(&json!({ "ok": true, "currency": "EUR", "offers": PLANS.iter().map(offer).collect::<Vec<_>>() }))
    })
    .await
}

/// A recharge: the plan must cost what is paid, and the answer has the code to type in.
async fn recharge(call: Call, Query(question): Query<Question>, Json(body): Json<Value>) -> Response<Body> {
    let number = body["msisdn"].as_str().unwrap_or_default().to_owned();
    call.answer_payment(Provider::Chirp, &number, |call, reject| {
        if question.key.as_deref() != Some(secrets::CHIRP) {
            return unauthorized();
        }
        let (Some(reference), Some(plan), Some(amount_minor)) = (body["orderId"].as_str(), body["plan"].as_str(), body["cents"].as_i64())
        else {
            return ok(&json!({ "ok": false, "reason": "incomplete", "text": "A recharge has an orderId, a msisdn, a plan and cents." }));
        };
        let new = Incoming { provider: Provider::Chirp, account: &number, reference, number: plan, amount_minor, polls: 0, reject };
        match call.site.state.take_payment(&new) {
            Ok(payment) => ok(&recharged(&payment)),
            Err(no) => ok(&json!({ "ok": false, "reason": "refused", "text": no.words() })),
        }
    })
    .await
}

async fn recharge_state(call: Call, Query(question): Query<Question>) -> Response<Body> {
    call.answer(Provider::Chirp, None, "payment", |call, _| {
        if question.key.as_deref() != Some(secrets::CHIRP) {
            return unauthorized();
        }
        let known = question.order.as_deref().and_then(|order| call.site.state.payment_state(Provider::Chirp, order));
        match known {
            Some(payment) => ok(&recharged(&payment)),
            None => ok(&json!({ "ok": false, "reason": "no-such-order", "text": "Chirp has no such order." })),
        }
    })
    .await
}

fn recharged(payment: &ProviderPayment) -> Value {
    json!({ "ok": true, "recharge": { "receipt": payment.receipt, "plan": payment.number, "code": payment.voucher } })
}

fn document(name: &str, line: &PrepaidLine) -> Value {
    json!({
        "msisdn": name,
        "plan": { "id": line.plan, "lastDay": line.ends_on.format("%d%m%y").to_string() },
        "credit": decimal(line.credit_minor),
    })
}

fn ok(body: &Value) -> Answer {
    Answer::json(StatusCode::OK, body)
}

fn unauthorized() -> Answer {
    Answer::json(StatusCode::UNAUTHORIZED, &json!({ "ok": false, "reason": "key", "text": "The key is not valid." }))
}
