//! Taking a mail off the list without signing in, as RFC 8058 wants it: a `POST` is enough, and a `GET`, which mail
//! scanners follow, changes nothing but shows a page with the button.

use axum::extract::{Extension, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use billow_billing::Error;
use serde::Deserialize;

use super::request::RequestId;
use crate::app::App;
use crate::refusal::described;

/// The token in the query.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    token: String,
}

pub(crate) async fn ask_by_query(app: State<App>, Query(asked): Query<Asked>) -> Response {
    ask(app, Path(asked.token)).await
}

pub(crate) async fn confirm_by_query(app: State<App>, id: Extension<RequestId>, Query(asked): Query<Asked>) -> Response {
    confirm(app, id, Path(asked.token)).await
}

/// Shows the button.
pub(crate) async fn ask(State(app): State<App>, Path(token): Path<String>) -> Response {
    match app.billing.messages.unsubscribe_kind(&token) {
        Ok(kind) => page(
            StatusCode::OK,
            &format!("Stop mails about {}?", words(kind.as_str())),
            "<form method=\"post\"><button type=\"submit\">Stop these mails</button></form>",
        ),
        Err(_) => unknown(),
    }
}

/// Does it.
pub(crate) async fn confirm(
    State(app): State<App>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Path(token): Path<String>,
) -> Response {
    match billow_billing::telemetry::with_trace_id(request_id.to_string(), app.billing.messages.unsubscribe(&token)).await {
        Ok(kind) => page(
            StatusCode::OK,
            &format!("No more mails about {}.", words(kind.as_str())),
            "<p>You find all messages in the app, and can change this there.</p>",
        ),
        Err(Error::NotFound(_)) => unknown(),
        Err(error) => {
            let (_, message) = described(&error);
            page(StatusCode::INTERNAL_SERVER_ERROR, "That did not work.", &format!("<p>{message}</p><p>Request id: {request_id}</p>"))
        }
    }
}

fn unknown() -> Response {
    page(StatusCode::NOT_FOUND, "This link is not valid.", "<p>Use the link of a newer mail, or change your settings in the app.</p>")
}

/// `BILL_REMINDER` as `bill reminder`.
fn words(kind: &str) -> String {
    kind.to_lowercase().replace('_', " ")
}

fn page(status: StatusCode, heading: &str, rest: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><title>Billow</title><style>body{{font:1.1rem/1.5 system-ui,sans-serif;\
         max-width:32rem;margin:15vh auto;padding:0 1rem}}button{{font:inherit;padding:.6rem 1.2rem}}</style></head>\
         <body><h1>{heading}</h1>{rest}<p><a href=\"/\">Open Billow</a></p></body></html>"
    );
    (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response()
}
