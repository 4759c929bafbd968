//! `POST /graphql`: one operation as JSON, as GraphQL over HTTP says. Nothing else is taken: no GET, no form, no batch.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use billow_billing::Error;

use super::request::{Ended, Peer, RequestId};
use super::{read_body, refuse};
use crate::app::App;
use crate::auth::{self, Credential, Identity, Origin};
use crate::caller::{Caller, Transport};
use crate::execute::{Operation, Prepared, delay_refusal, outcome, prepare, run};
use crate::refusal::described;
use crate::reply::Reply;

const JSON: &str = "application/json";
const GRAPHQL_JSON: &str = "application/graphql-response+json";
/// Bytes from which on a request waits for the long ones before it to be read. Those of our own apps are shorter.
const LONG: usize = 16 << 10;

/// Answers one operation.
pub(crate) async fn answer(
    State(app): State<App>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let refused = |status, code, message: &str| refuse(status, code, message, &request_id);
    if !is_json(&headers) {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", "Send the operation as application/json.");
    }
    let Some(media) = accepted(&headers) else {
        return refused(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", "Answers are application/json or application/graphql-response+json.");
    };
    let (identity, stale_cookie) = match identify(&app, &headers, &request_id).await {
        Ok(identified) => identified,
        Err(response) => return response,
    };
    let limits = &app.config.limits;
    let limit = if identity.actor.is_staff() { limits.staff_body } else { limits.body };
    let body = match read_body(body, limit, limits.timeout, &request_id).await {
        Ok(body) => body,
        Err(response) => return response,
    };
    // The text of a long request takes a while to read, and many of them would take all the processor there is.
    let long = body.len() > LONG && !identity.actor.is_staff();
    // Closed never; an error would mean that nobody waits.
    let turn = if long { Arc::clone(&app.reading).acquire_owned().await.ok() } else { None };
    const FORM: &str = "The body must be one object with a text `query` and, if needed, `variables`, `operationName` and `extensions`.";
    let operation: Operation = match serde_json::from_slice::<Operation>(&body) {
        Ok(operation) if operation.is_whole() => operation,
        Ok(_) => return refused(StatusCode::BAD_REQUEST, "BAD_REQUEST", FORM),
        Err(error) => {
            let message = if error.is_data() { FORM } else { "The body is not JSON." };
            return refused(StatusCode::BAD_REQUEST, "BAD_REQUEST", message);
        }
    };
    drop(body);
    let caller = Caller {
        identity,
        transport: Transport::Http,
        address: auth::address(&headers, peer, &app.config),
        user_agent: text(&headers, header::USER_AGENT),
        language: language(&headers),
        request_id: Arc::clone(&request_id),
    };
    let mut name = None;
    let prepared = prepare(&app, &caller, operation);
    drop(turn);
    let (reply, more) = match prepared {
        Prepared::Once(ready) => {
            name = Some(Arc::clone(ready.name()));
            run(&app, &caller, ready).await
        }
        Prepared::Live(_) => {
            return refused(StatusCode::BAD_REQUEST, "BAD_REQUEST", "Subscriptions are served on a socket at /graphql/ws.");
        }
        Prepared::Refused(reply) => (reply, HeaderMap::new()),
    };
    delay_refusal(&reply).await;
    let ended = Ended { operation: name, outcome: outcome(&reply) };
    let mut response = write(&app, reply, media, more, stale_cookie);
    response.extensions_mut().insert(ended);
    response
}

fn write(app: &App, reply: Reply, media: &'static str, more: HeaderMap, stale_cookie: bool) -> Response {
    // A client that reads only application/json looks for the errors in a 200, as it always has. So does one that sends
    // hashes of documents.
    let in_band = media == JSON || reply.code.as_deref() == Some("PERSISTED_QUERY_NOT_FOUND");
    let status = match reply.code.as_deref() {
        _ if in_band || !reply.refused() => StatusCode::OK,
        Some("TOO_MANY") => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::BAD_REQUEST,
    };
    let retry_after_s = reply.retry_after_s;
    let mut response = (status, reply.text).into_response();
    let headers = response.headers_mut();
    if let Some(seconds) = retry_after_s {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    let sets_cookie = more.contains_key(header::SET_COOKIE);
    headers.extend(more);
    let media = if media == GRAPHQL_JSON { "application/graphql-response+json; charset=utf-8" } else { "application/json; charset=utf-8" };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept, cookie, authorization"));
    if stale_cookie
        && !sets_cookie
        && let Ok(value) = HeaderValue::from_str(&auth::clear_cookie(&app.config))
    {
        headers.append(header::SET_COOKIE, value);
    }
    response
}

/// Who sent the request, and whether its cookie is worth nothing any more.
async fn identify(app: &App, headers: &HeaderMap, request_id: &str) -> Result<(Arc<Identity>, bool), Response> {
    let foreign = || refuse(StatusCode::FORBIDDEN, "FOREIGN_ORIGIN", "This page may not act here.", request_id);
    let refused = |error: &Error| {
        let (code, message) = described(error);
        let status = if code == "UNAUTHENTICATED" { StatusCode::UNAUTHORIZED } else { StatusCode::INTERNAL_SERVER_ERROR };
        refuse(status, code, &message, request_id)
    };
    let origin = auth::origin(headers, &app.config);
    let credential = auth::credential(headers);
    match credential {
        Credential::Bearer(_) => match app.identities.of(&app.billing, &credential).await {
            Ok(identity) => Ok((identity, false)),
            Err(error) => Err(refused(&error)),
        },
        // The browser sends the cookie with whatever page asks: only our own pages may.
        Credential::Cookie(_) if origin != Origin::Ours => Err(foreign()),
        Credential::Cookie(_) => match app.identities.of(&app.billing, &credential).await {
            Ok(identity) => Ok((identity, false)),
            Err(Error::Unauthenticated) => Ok((Identity::anonymous(), true)),
            Err(error) => Err(refused(&error)),
        },
        // Signing somebody in from another page would be forgery as well.
        Credential::None if origin == Origin::Foreign => Err(foreign()),
        Credential::None => Ok((Identity::anonymous(), false)),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    parts.next().as_deref() == Some(JSON)
        && parts.all(|p| !p.starts_with("charset=") || matches!(p[8..].trim_matches('"'), "utf-8" | "utf8"))
}

/// In which form the answer is wanted, if in one of ours.
fn accepted(headers: &HeaderMap) -> Option<&'static str> {
    let mut best: Option<(&'static str, f32)> = None;
    let mut any = false;
    for value in headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()) {
        for range in value.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            if name.is_empty() {
                continue;
            }
            any = true;
            let quality = parts.find_map(|p| p.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            let media = match name.as_str() {
                GRAPHQL_JSON => GRAPHQL_JSON,
                JSON | "application/*" | "*/*" => JSON,
                _ => continue,
            };
            if quality > 0.0 && best.is_none_or(|(_, q)| quality > q) {
                best = Some((media, quality));
            }
        }
    }
    if any { best.map(|(media, _)| media) } else { Some(JSON) }
}

pub(crate) fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<Arc<str>> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.chars().take(300).collect::<String>().into())
}

pub(crate) fn language(headers: &HeaderMap) -> Option<Arc<str>> {
    let list = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let first = list.split([',', ';']).next()?.trim();
    let fits = (2..=35).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    fits.then(|| first.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        [(name, value.parse().expect("a value"))].into_iter().collect()
    }

    #[test]
    fn only_json_in_utf_8_is_taken() {
        for (value, taken) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json; charset=latin1", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=x", false),
        ] {
            assert_eq!(is_json(&headers(header::CONTENT_TYPE, value)), taken, "{value}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }

    #[test]
    fn the_form_of_the_answer_is_negotiated() {
        for (value, media) in [
            ("*/*", Some(JSON)),
            ("application/json", Some(JSON)),
            ("application/graphql-response+json", Some(GRAPHQL_JSON)),
            ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", Some(GRAPHQL_JSON)),
            ("application/json;q=1.0, application/graphql-response+json;q=0.9", Some(JSON)),
            ("text/html, application/graphql-response+json;q=0.5", Some(GRAPHQL_JSON)),
            ("text/html", None),
            ("application/json;q=0", None),
        ] {
            assert_eq!(accepted(&headers(header::ACCEPT, value)), media, "{value}");
        }
        assert_eq!(accepted(&HeaderMap::new()), Some(JSON));
    }
}
