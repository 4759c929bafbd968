//! Chirp: prepaid lines. JSON with a key in the address; `ok` says whether it went well, days are written without their century.

use axum::Router;
use axum::body::Body;
use axum::extract::Query;
use axum::http::{Response, StatusCode};
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Call};
use crate::definitions::secrets;
use crate::server::Site;
use crate::world::{PLANS, PrepaidLine, Provider, decimal};

pub(super) fn routes() -> Router<Site> {
    Router::new().route("/lines/lookup", get(lookup)).route("/offers", get(offers))
}

#[derive(Deserialize)]
struct Question {
    key: Option<String>,
    msisdn: Option<String>,
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
