//! The page for people: issue bills, make bad days, and read what went out.
//!
//! It is rendered here and works without scripts; a small script only keeps it fresh and saves reloads.

mod actions;
mod cards;
mod companies;
mod faults;
mod outbox;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};

pub(crate) use crate::providers::escape;
use crate::server::Site;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("live.js");

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/", get(page))
        .route("/mails/{id}", get(mail))
        .route("/mails/{id}/raw", get(raw_mail))
        .route("/page/issue", post(actions::issue))
        .route("/page/bill", post(actions::bill))
        .route("/page/recharge", post(actions::recharge))
        .route("/page/plan", post(actions::plan))
        .route("/page/fault", post(actions::fault))
        .route("/page/fault/clear", post(actions::clear_fault))
        .route("/page/way", post(actions::way))
        .route("/page/cards/settle", post(cards::settle))
        .route("/page/cards/fault", post(cards::fault))
        .route("/page/forget", post(actions::forget))
}

async fn page(State(site): State<Site>) -> Html<String> {
    let state = &site.state;
    Html(format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>Sandbox: the pretend outside world</title>
<link rel=\"icon\" href=\"data:,\">
<style>{STYLE}</style>
</head>
<body data-changes=\"{changes}\">
<header>
<h1>The pretend outside world</h1>
<p>Utility companies, a card network, a push service, a mail server and a text-message gateway. Today is <b>{today}</b> here.</p>
<p id=\"note\" role=\"status\"></p>
</header>
<main>
{issue}
{outbox}
{companies}
{cards}
{faults}
</main>
<script>{SCRIPT}</script>
</body>
</html>
",
        changes = state.changes(),
        today = state.today().format("%A, %-d %B %Y"),
        issue = companies::issue_form(state),
        companies = companies::list(state),
        cards = cards::section(state),
        faults = faults::section(state),
        outbox = outbox::section(state),
    ))
}

/// A mail's HTML, for a frame: it can do nothing but be looked at, and its links open elsewhere.
async fn mail(State(site): State<Site>, Path(id): Path<u64>) -> Response {
    let found = site.state.outbox(|o| o.mails.iter().rev().find(|m| m.id == id).map(|m| (m.html.clone(), m.text.clone())));
    let body = match found {
        None => return StatusCode::NOT_FOUND.into_response(),
        Some((Some(html), _)) => format!("<base target=\"_blank\">{html}"),
        Some((None, text)) => format!("<pre>{}</pre>", escape(&text.unwrap_or_default())),
    };
    let policy =
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: http: https:";
    ([(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))], Html(body)).into_response()
}

async fn raw_mail(State(site): State<Site>, Path(id): Path<u64>) -> Response {
    match site.state.outbox(|o| o.mails.iter().rev().find(|m| m.id == id).map(|m| m.raw.clone())) {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(raw) => ([(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], raw).into_response(),
    }
}

/// Options of a choice: (value, words).
fn options<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    all.into_iter().map(|(value, words)| format!("<option value=\"{}\">{}</option>", escape(value), escape(words))).collect()
}

/// An amount with its currency.
fn money(minor: i64, currency: &str) -> String {
    format!("{} {}", crate::world::decimal(minor), escape(currency))
}
