//! The way every call goes: who is it, what is to go wrong, was it asked before, and only then the books.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::answer::{Refusal, Said};
use super::books::Books;
use super::changes::Wish;
use super::faults::{CardCall, CardFault};
use super::form::Form;
use super::keys::Lookup;
use super::log::CardCallSeen;
use super::{customers, intents, refunds, sessions, setups};
use crate::definitions::secrets;
use crate::server::{Line, Site};
use crate::world::SandboxState;

/// The longest a scripted answer may be late.
const MAX_SLOW_MS: u64 = 600_000;
/// The longest key, as Stripe has it.
const MAX_KEY: usize = 255;
/// The most calls remembered; the oldest go first.
const MAX_SEEN: usize = 10_000;

/// A call as the books see it.
pub(crate) struct Ask {
    pub form: Form,
    pub now: DateTime<Utc>,
    pub key: Option<String>,
    pub wish: Option<Wish>,
}

struct Call {
    what: CardCall,
    method: Method,
    path: String,
    form: Form,
    key: Option<String>,
}

struct Answer {
    status: u16,
    body: String,
    replayed: bool,
}

pub(super) async fn call(
    State(site): State<Site>,
    ConnectInfo(line): ConnectInfo<Line>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let path = uri.path().split_once("/v1/").map_or_else(String::new, |(_, path)| path.trim_end_matches('/').to_owned());
    if !is_known(&site.state, headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok())) {
        return told(&refused(&Refusal::unauthorized()));
    }
    let form =
        if method == Method::POST { Form::read(&String::from_utf8_lossy(&body)) } else { Form::read(uri.query().unwrap_or_default()) };
    let Some(what) = named(&method, &path, &form) else { return told(&refused(&Refusal::unknown_address(&path))) };
    let key = headers.get("idempotency-key").and_then(|v| v.to_str().ok()).map(str::to_owned);
    if key.as_ref().is_some_and(|k| k.is_empty() || k.len() > MAX_KEY) {
        return told(&refused(&Refusal::invalid("Idempotency-Key", "A key has 1 to 255 characters.")));
    }
    let call = Call { what, method, path, form, key };
    // What was begun is ended, whether or not anybody still listens.
    tokio::spawn(go(site, line, call)).await.unwrap_or_else(|_| told(&refused(&Refusal::stumbled())))
}

fn is_known(state: &SandboxState, authorization: Option<&str>) -> bool {
    let key = authorization.and_then(|value| value.strip_prefix("Bearer "));
    key.is_some_and(|key| key == secrets::CARDS_KEY || state.with_cards(|books, _| books.more_secret_keys.contains(key)))
}

async fn go(site: Site, line: Line, call: Call) -> Response<Body> {
    let state = &site.state;
    let (fault, wait) = state.with_cards(|books, _| (books.script.take(call.what), books.latency_ms));
    let mut seen = CardCallSeen { at: state.now(), call: call.what, key: call.key.clone(), answer: String::new() };
    let note = |state: &SandboxState, answer: String| {
        seen.answer = answer;
        state.with_cards(|books, _| {
            if books.calls.len() >= MAX_SEEN {
                books.calls.pop_front();
            }
            books.calls.push_back(seen);
        });
        state.cards_changed();
    };
    match &fault {
        Some(CardFault::LostBefore) => {
            note(state, "LOST_BEFORE".to_owned());
            line.cut();
            return told(&refused(&Refusal::stumbled()));
        }
        Some(CardFault::TooManyRequests { retry_after_s }) => {
            note(state, "429".to_owned());
            let mut out = told(&refused(&Refusal::too_many()));
            out.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*retry_after_s));
            return out;
        }
        _ => {}
    }
    let latency = wait.map_or_else(|| state.latency(), Duration::from_millis);
    let answer = answered(state, &call, fault.as_ref(), latency).await;
    let words = if answer.replayed { format!("{} replayed", answer.status) } else { answer.status.to_string() };
    match fault.as_ref().filter(|f| !matches!(f, CardFault::Decline { .. } | CardFault::Processing | CardFault::ServerError { .. })) {
        None => note(state, words),
        Some(fault) => note(state, fault.kind().to_owned()),
    }
    spoiled(fault.as_ref(), &answer, &site, &line).await
}

/// The answer, with the key seen to.
async fn answered(state: &SandboxState, call: &Call, fault: Option<&CardFault>, latency: Duration) -> Answer {
    let key = call.key.as_deref().filter(|_| call.method == Method::POST);
    if let Some(key) = key {
        let content = format!("{} {}\n{}", call.method, call.path, call.form.fingerprint());
        match state.with_cards(|books, now| books.keys.begin(key, content, now)) {
            Lookup::First => {}
            Lookup::Answered(status, body) => return Answer { status, body, replayed: true },
            Lookup::Refused(refusal) => return refused(&refusal),
        }
    }
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    state.with_cards(|books, now| {
        books.tick(now);
        let said = carry_out(books, call, fault, now);
        let (answer, kept) = match said {
            Ok(body) => (Answer { status: 200, body: body.to_string(), replayed: false }, true),
            Err(refusal) => (refused(&refusal), refusal.kept),
        };
        if let Some(key) = key {
            if kept { books.keys.answer(key, answer.status, answer.body.clone()) } else { books.keys.forget(key) }
        }
        answer
    })
}

fn carry_out(books: &mut Books, call: &Call, fault: Option<&CardFault>, now: DateTime<Utc>) -> Said {
    let wish = match fault {
        Some(CardFault::ServerError { carried_out: false }) => return Err(Refusal::stumbled()),
        // The words are of a fixed set: what is not known becomes a plain decline.
        Some(CardFault::Decline { code }) => Some(Wish::Decline(super::bank::known_word(code))),
        Some(CardFault::Processing) => Some(Wish::Processing),
        _ => None,
    };
    let ask = Ask { form: call.form.clone(), now, key: call.key.clone(), wish };
    let said = routed(books, &call.method, &call.path, &ask);
    match fault {
        Some(CardFault::ServerError { .. }) if said.is_ok() => Err(Refusal::stumbled()),
        _ => said,
    }
}

/// What is called, by address.
fn named(method: &Method, path: &str, form: &Form) -> Option<CardCall> {
    let parts: Vec<&str> = path.split('/').collect();
    let post = method == Method::POST;
    Some(match parts.as_slice() {
        ["account"] if !post => CardCall::Account,
        ["customers"] if post => CardCall::Customer,
        ["customers", _] if !post => CardCall::Customer,
        ["payment_methods"] | ["payment_methods", _, "attach" | "detach"] if post => CardCall::Method,
        ["payment_methods", _] if !post => CardCall::Method,
        ["setup_intents"] if post => CardCall::Setup,
        ["setup_intents", _] if !post => CardCall::SetupState,
        ["payment_intents"] if post => CardCall::Charge,
        ["payment_intents"] => CardCall::List,
        ["payment_intents", "search"] if !post => CardCall::Find,
        ["payment_intents", _] if !post => CardCall::ChargeState,
        ["payment_intents", _, "cancel"] | ["checkout", "sessions", _, "expire"] if post => CardCall::Cancel,
        ["checkout", "sessions"] if post && form.text("mode") == Some("setup") => CardCall::Setup,
        ["checkout", "sessions"] if post => CardCall::Page,
        ["checkout", "sessions"] => CardCall::Find,
        ["checkout", "sessions", _] if !post => CardCall::ChargeState,
        ["refunds"] if post => CardCall::Refund,
        ["refunds"] => CardCall::RefundState,
        ["refunds", _] if !post => CardCall::RefundState,
        _ => return None,
    })
}

fn routed(books: &mut Books, method: &Method, path: &str, ask: &Ask) -> Said {
    let parts: Vec<&str> = path.split('/').collect();
    let (form, expand) = (&ask.form, ask.form.expand());
    if method == Method::POST {
        return match parts.as_slice() {
            ["customers"] => customers::create(books, form, ask.now),
            ["payment_methods"] => customers::create_method(books, form, ask.now),
            ["payment_methods", id, "attach"] => customers::attach(books, id, form, ask.now),
            ["payment_methods", id, "detach"] => customers::detach(books, id),
            ["setup_intents"] => setups::create(books, ask),
            ["payment_intents"] => intents::create(books, ask),
            ["payment_intents", id, "cancel"] => intents::cancel(books, id, ask),
            ["checkout", "sessions"] => sessions::create(books, ask),
            ["checkout", "sessions", id, "expire"] => sessions::expire(books, id, ask),
            ["refunds"] => refunds::create(books, ask),
            _ => Err(Refusal::unknown_address(path)),
        };
    }
    match parts.as_slice() {
        ["account"] => Ok(account()),
        ["customers", id] => customers::retrieve(books, id),
        ["payment_methods", id] => customers::retrieve_method(books, id),
        ["setup_intents", id] => setups::retrieve(books, id, &expand),
        ["payment_intents"] => intents::list(books, form),
        ["payment_intents", "search"] => intents::search(books, ask),
        ["payment_intents", id] => intents::retrieve(books, id, &expand),
        ["checkout", "sessions"] => sessions::list(books, form),
        ["checkout", "sessions", id] => sessions::retrieve(books, id, &expand),
        ["refunds"] => refunds::list(books, form),
        ["refunds", id] => refunds::retrieve(books, id),
        _ => Err(Refusal::unknown_address(path)),
    }
}

/// The account everybody with the key charges through.
fn account() -> Value {
    json!({
        "id": "acct_sandbox",
        "object": "account",
        "charges_enabled": true,
        "settings": { "dashboard": { "display_name": "Sandbox Cards" } },
    })
}

fn refused(refusal: &Refusal) -> Answer {
    Answer { status: refusal.status, body: refusal.body().to_string(), replayed: false }
}

fn told(answer: &Answer) -> Response<Body> {
    let mut out = Response::new(Body::from(answer.body.clone()));
    *out.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    out.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if answer.replayed {
        out.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    out
}

/// What becomes of an answer on its way.
async fn spoiled(fault: Option<&CardFault>, answer: &Answer, site: &Site, line: &Line) -> Response<Body> {
    match fault {
        Some(CardFault::LostAfter) => {
            line.cut();
            told(answer)
        }
        Some(CardFault::Truncated) => {
            let whole = crate::providers::Answer::text(StatusCode::OK, "application/json", answer.body.clone());
            crate::providers::spoil(&crate::world::Fault::Truncated, whole, site, line).await
        }
        Some(CardFault::NotJson) => {
            let page = Answer { status: 200, body: crate::providers::MAINTENANCE_PAGE.to_owned(), replayed: false };
            told(&page)
        }
        Some(CardFault::Slow { ms }) => {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis((*ms).min(MAX_SLOW_MS))) => {}
                () = site.hang() => {}
            }
            told(answer)
        }
        _ => told(answer),
    }
}
