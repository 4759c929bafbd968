//! A text-message gateway in the shape of Twilio's.

use axum::Json;
use axum::Router;
use axum::extract::{ConnectInfo, Form, Path, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::definitions::secrets;
use crate::server::{Line, Site};
use crate::world::{ReceivedSms, SmsFault};

/// The longest text the gateway takes, in characters.
const MAX_CHARACTERS: usize = 1_600;

pub(crate) fn routes() -> Router<Site> {
    Router::new().route("/2010-04-01/Accounts/{sid}/Messages.json", post(send))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    to: Option<String>,
    from: Option<String>,
    messaging_service_sid: Option<String>,
    body: Option<String>,
}

async fn send(
    State(site): State<Site>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Form(message): Form<Message>,
) -> Response {
    let expected = format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", secrets::SMS_SID, secrets::SMS_TOKEN)));
    if account != secrets::SMS_SID || headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()) != Some(expected.as_str()) {
        return problem(StatusCode::UNAUTHORIZED, 20_003, "Authenticate");
    }
    let to = message.to.unwrap_or_default();
    let Some(from) = message.from.or(message.messaging_service_sid) else {
        return problem(StatusCode::BAD_REQUEST, 21_603, "A 'From' phone number is required.");
    };
    let body = message.body.unwrap_or_default();
    if !is_e164(&to) {
        return problem(StatusCode::BAD_REQUEST, 21_211, "Invalid 'To' Phone Number");
    }
    if body.is_empty() {
        return problem(StatusCode::BAD_REQUEST, 21_602, "Message body is required.");
    }
    if body.chars().count() > MAX_CHARACTERS {
        return problem(StatusCode::BAD_REQUEST, 21_617, "The concatenated message body exceeds the 1600 character limit.");
    }
    let fault = site.state.sms_fault(&to);
    match fault {
        None | Some(SmsFault::LostAnswer) => {}
        Some(SmsFault::ServerError) => return problem(StatusCode::INTERNAL_SERVER_ERROR, 20_500, "Internal Server Error"),
        Some(SmsFault::InvalidNumber) => return problem(StatusCode::BAD_REQUEST, 21_211, "Invalid 'To' Phone Number"),
        Some(SmsFault::Unauthorized) => return problem(StatusCode::UNAUTHORIZED, 20_003, "Authenticate"),
        Some(SmsFault::TooManyRequests { retry_after_s }) => {
            let mut answer = problem(StatusCode::TOO_MANY_REQUESTS, 20_429, "Too Many Requests");
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after_s));
            return answer;
        }
        Some(SmsFault::Hang) => {
            site.hang().await;
            line.cut();
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    }
    let answer_lost = fault == Some(SmsFault::LostAnswer);
    let at = site.state.now();
    let sid = format!("SM{:032x}", site.state.outbox(crate::world::Outbox::next_id));
    let answer: Value = json!({
        "sid": sid, "account_sid": account, "status": "queued", "direction": "outbound-api", "to": to, "from": from, "body": body,
        "num_segments": body.chars().count().div_ceil(153).to_string(), "date_created": at.to_rfc2822(), "price": null,
        "error_code": null, "error_message": null, "uri": format!("/2010-04-01/Accounts/{account}/Messages/{sid}.json"),
    });
    site.state.keep_sms(ReceivedSms { id: 0, at, sid, from, to, body, answer_lost });
    if answer_lost {
        line.cut();
    }
    (StatusCode::CREATED, Json(answer)).into_response()
}

fn is_e164(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
}

fn problem(status: StatusCode, code: u32, message: &str) -> Response {
    let body = json!({ "code": code, "message": message, "more_info": format!("https://sms.example/docs/errors/{code}"), "status": status.as_u16() });
    (status, Json(body)).into_response()
}
