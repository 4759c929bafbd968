//! The pages on which people pay, save a method, or confirm a charge. They work without scripts.

use axum::extract::{Form as Fields, Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::bank::TestMethod;
use super::books::{Session, SessionStatus, Standing};
use super::sessions::{self, Choice};
use crate::page::escape;
use crate::server::Site;

const STYLE: &str = ":root{color-scheme:light dark;--ground:#f3f5f4;--card:#fff;--ink:#1c2523;--quiet:#5d6b67;--edge:#dbe2df;--main:#0b7a63;--on:#fff}\
@media(prefers-color-scheme:dark){:root{--ground:#121716;--card:#1b2221;--ink:#e6ecea;--quiet:#9aa8a4;--edge:#313b39;--main:#35b597;--on:#06241d}}\
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:16px;background:var(--ground);color:var(--ink);font:16px/1.45 system-ui,sans-serif}\
main{width:100%;max-width:420px;background:var(--card);border:1px solid var(--edge);border-radius:16px;padding:24px}\
h1{margin:0;font-size:1.1rem}.sum{font-size:2rem;font-weight:700;margin:8px 0}.quiet{color:var(--quiet);font-size:.9rem;overflow-wrap:anywhere}\
fieldset{border:1px solid var(--edge);border-radius:10px;margin:16px 0;padding:6px 14px}label{display:flex;gap:10px;align-items:center;min-height:44px}\
button{width:100%;min-height:48px;margin-top:10px;font:inherit;font-weight:600;border-radius:10px;border:1px solid var(--edge);background:none;color:inherit;cursor:pointer}\
button.main{background:var(--main);color:var(--on);border-color:transparent}:focus-visible{outline:3px solid var(--main);outline-offset:2px}";

/// What the page offers, by kind: token and words.
const OFFERS: &[(&str, &str, &str)] = &[
    ("card", "pm_card_visa", "Visa ···· 4242"),
    ("card", "pm_card_authenticationRequired", "Visa ···· 3184, which asks you to confirm"),
    ("sepa_debit", "pm_sepaDebit_success", "Bank account ···· 3201, which takes two days"),
    ("sepa_debit", "pm_sepaDebit_failed", "Bank account ···· 3202, which has no money"),
    ("us_bank_account", "pm_usBankAccount_success", "Bank account ···· 6789, which takes two days"),
];

fn shown(title: &str, inside: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><link rel=\"icon\" href=\"data:,\"><style>{STYLE}</style></head>\n<body><main>{inside}\
         <p class=\"quiet\">A pretend card network. No money moves.</p></main></body></html>\n"
    );
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'");
    ([(CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response()
}

fn gone() -> Response {
    (StatusCode::GONE, shown("Gone", "<h1>There is nothing to pay here</h1><p>This page was used before, or its time is over.</p>"))
        .into_response()
}

fn sum(minor: i64, currency: &str) -> String {
    format!("{} {}", crate::world::decimal(minor), escape(&currency.to_uppercase()))
}

pub(super) async fn session(State(site): State<Site>, Path(id): Path<String>) -> Response {
    let found = site.state.with_cards(|books, now| {
        books.tick(now);
        books.sessions.get(&id).filter(|s| s.status == SessionStatus::Open).cloned()
    });
    let Some(session) = found else { return gone() };
    let offered = |kind: &str| session.kinds.is_empty() || session.kinds.iter().any(|k| k == kind);
    let mut offers = String::new();
    for (kind, token, words) in OFFERS.iter().filter(|(kind, _, _)| offered(kind)) {
        let checked = if offers.is_empty() { " checked" } else { "" };
        offers.push_str(&format!(
            "<label><input type=\"radio\" name=\"method\" value=\"{token}\" data-kind=\"{kind}\"{checked}>{}</label>",
            escape(words)
        ));
    }
    let (title, head, verb) = match (session.amount, session.currency.as_deref()) {
        (Some(amount), currency) => {
            let what = escape(session.description.as_deref().unwrap_or("A payment"));
            let head = format!("<h1>{what}</h1><p class=\"sum\">{}</p>", sum(amount, currency.unwrap_or_default()));
            ("Pay", head, "Pay")
        }
        (None, _) => ("Save a payment method", "<h1>Save a payment method</h1><p>Nothing is charged now.</p>".to_owned(), "Save"),
    };
    let inside = format!(
        "{head}<form method=\"post\" action=\"/cards/pay/{id}\"><fieldset><legend class=\"quiet\">With</legend>{offers}</fieldset>\
         <button class=\"main\" name=\"action\" value=\"use\">{verb}</button>\
         <button name=\"action\" value=\"decline\">Let the bank decline it</button>\
         <button name=\"action\" value=\"close\">Go back without paying</button></form>",
        id = escape(&session.id),
    );
    shown(title, &inside)
}

#[derive(Deserialize)]
pub(super) struct Act {
    action: String,
    #[serde(default)]
    method: String,
}

pub(super) async fn act_on_session(State(site): State<Site>, Path(id): Path<String>, Fields(act): Fields<Act>) -> Response {
    let open = |session: &Session| session.status == SessionStatus::Open;
    let Some(session) = site.state.with_cards(|books, _| books.sessions.get(&id).filter(|s| open(s)).cloned()) else { return gone() };
    let back = session.cancel_url.clone().unwrap_or_else(|| session.success_url.clone());
    let choice = match act.action.as_str() {
        "use" => match TestMethod::of_token(&act.method) {
            Some(test) => Choice::Use(test),
            None => return (StatusCode::UNPROCESSABLE_ENTITY, "there is no such method").into_response(),
        },
        "decline" => Choice::Decline,
        _ => return Redirect::to(&back).into_response(),
    };
    let asks = site.state.with_cards(|books, now| {
        sessions::act(books, &id, choice, now);
        let intent = books.sessions.get(&id).and_then(|s| s.intent.clone());
        intent.filter(|i| books.intents.get(i).is_some_and(|i| i.standing == Standing::RequiresAction))
    });
    site.state.cards_changed();
    match asks {
        Some(intent) => Redirect::to(&format!("/cards/confirm/{intent}")).into_response(),
        None if choice == Choice::Decline => Redirect::to(&back).into_response(),
        None => Redirect::to(&session.success_url).into_response(),
    }
}

/// Where to go after confirming, when there is something to confirm.
fn waiting(site: &Site, id: &str) -> Option<(String, Option<String>)> {
    site.state.with_cards(|books, _| match (books.intents.get(id), books.setups.get(id)) {
        (Some(i), _) if i.standing == Standing::RequiresAction => Some((sum(i.amount, &i.currency), i.return_url.clone())),
        (_, Some(s)) if s.standing == Standing::RequiresAction => Some(("that it is saved".to_owned(), s.return_url.clone())),
        _ => None,
    })
}

pub(super) async fn confirmation(State(site): State<Site>, Path(id): Path<String>) -> Response {
    let Some((what, _)) = waiting(&site, &id) else { return gone() };
    let inside = format!(
        "<h1>Your bank asks: is it you?</h1><p class=\"sum\">{what}</p><form method=\"post\" action=\"/cards/confirm/{id}\">\
         <button class=\"main\" name=\"action\" value=\"confirm\">Yes, confirm</button>\
         <button name=\"action\" value=\"refuse\">No</button></form>",
        id = escape(&id),
    );
    shown("Confirm", &inside)
}

pub(super) async fn act_on_confirmation(State(site): State<Site>, Path(id): Path<String>, Fields(act): Fields<Act>) -> Response {
    let Some((_, return_url)) = waiting(&site, &id) else { return gone() };
    site.state.confirm_card(&id, act.action == "confirm");
    match return_url {
        Some(url) => Redirect::to(&url).into_response(),
        None => shown("Thank you", "<h1>Thank you</h1><p>You can close this page.</p>"),
    }
}
