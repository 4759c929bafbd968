//! A push arrives.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use web_push_native::{Auth, decrypt};

use super::vapid;
use crate::server::{Line, Site};
use crate::world::{PushFault, ReceivedPush, RefusedPush, Subscription};

/// What every push service takes at least (RFC 8030, section 7.2), and what most take at most.
const MAX_PUSH_BYTES: usize = 4_096;
/// 28 days: no service keeps a push longer.
const MAX_TTL_S: u64 = 2_419_200;

pub(super) async fn receive(
    State(site): State<Site>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let refused = |status: StatusCode, reason: String| {
        let (at, subscription) = (site.state.now(), id.clone());
        site.state.keep_refused(RefusedPush { at, subscription, status: status.as_u16(), reason: reason.clone() });
        (status, reason).into_response()
    };
    let Some(subscription) = site.state.outbox(|o| o.subscriptions.get(&id).cloned()) else {
        return refused(StatusCode::NOT_FOUND, "there is no such subscription".into());
    };
    let lost = match subscription.fault {
        None => false,
        Some(PushFault::LostAnswer) => true,
        Some(PushFault::Hang) => {
            site.hang().await;
            line.cut();
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        Some(PushFault::TooManyRequests { retry_after_s }) => {
            let mut answer = refused(StatusCode::TOO_MANY_REQUESTS, "too many requests".into());
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after_s));
            return answer;
        }
        Some(PushFault::NotFound) => return refused(StatusCode::NOT_FOUND, "there is no such subscription".into()),
        Some(PushFault::Gone) => return refused(StatusCode::GONE, "the subscription has ended".into()),
        Some(PushFault::TooLarge) => return refused(StatusCode::PAYLOAD_TOO_LARGE, "the payload is too large".into()),
        Some(PushFault::ServerError) => return refused(StatusCode::INTERNAL_SERVER_ERROR, "internal error".into()),
    };
    let push = match examine(&site, &id, &subscription, &headers, &body, lost) {
        Ok(push) => push,
        Err((status, reason)) => return refused(status, reason),
    };
    site.state.keep_push(push);
    if lost {
        line.cut();
    }
    let place = format!("{}/push/messages/{id}", site.state.http_url());
    let mut answer = StatusCode::CREATED.into_response();
    if let Ok(place) = HeaderValue::from_str(&place) {
        answer.headers_mut().insert(LOCATION, place);
    }
    answer
}

fn examine(
    site: &Site,
    id: &str,
    subscription: &Subscription,
    headers: &HeaderMap,
    body: &Bytes,
    answer_lost: bool,
) -> Result<ReceivedPush, (StatusCode, String)> {
    let bad = |reason: String| (StatusCode::BAD_REQUEST, reason);
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let now = site.state.now();

    let forbidden = |reason: String| (StatusCode::FORBIDDEN, reason);
    let (claims, key) = vapid::check(text(AUTHORIZATION.as_str()).as_deref(), site.state.http_url(), now).map_err(forbidden)?;
    if subscription.sender_key.as_deref().is_some_and(|wanted| wanted.trim_end_matches('=') != key) {
        return Err(forbidden("the subscription belongs to another sender".into()));
    }
    let ttl_s: u64 =
        text("ttl").ok_or_else(|| bad("there is no TTL header".into()))?.parse().map_err(|_| bad("TTL is not a number".into()))?;
    let urgency = text("urgency");
    if urgency.as_deref().is_some_and(|u| !["very-low", "low", "normal", "high"].contains(&u)) {
        return Err(bad("Urgency is not one of very-low, low, normal, high".into()));
    }
    let topic = text("topic");
    let base64url = |t: &str| t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if topic.as_deref().is_some_and(|t| t.is_empty() || t.len() > 32 || !base64url(t)) {
        return Err(bad("Topic is not 1 to 32 characters of base64url".into()));
    }
    if text(CONTENT_ENCODING.as_str()).as_deref() != Some("aes128gcm") {
        return Err(bad("Content-Encoding is not aes128gcm".into()));
    }
    if body.len() > MAX_PUSH_BYTES {
        return Err((StatusCode::PAYLOAD_TOO_LARGE, format!("{} bytes are more than {MAX_PUSH_BYTES}", body.len())));
    }
    let auth = Auth::from(subscription.auth);
    let payload = decrypt(body.to_vec(), &subscription.secret, &auth).map_err(|e| bad(format!("the message cannot be decrypted: {e}")))?;
    let payload = String::from_utf8(payload).map_err(|_| bad("the message is not text".into()))?;
    let kept = |(name, value): (&axum::http::HeaderName, &HeaderValue)| {
        (name != AUTHORIZATION).then(|| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
    };
    Ok(ReceivedPush {
        id: 0,
        at: now,
        subscription: id.to_owned(),
        ttl_s: ttl_s.min(MAX_TTL_S),
        urgency,
        topic,
        headers: headers.iter().filter_map(kept).collect::<BTreeMap<_, _>>(),
        vapid: claims,
        vapid_key: key,
        payload,
        answer_lost,
    })
}
