//! `POST /webhooks/gateways/{code}`: a gateway tells us that something happened. What it says is stored before it is
//! understood, and believed only after the gateway was asked; so the answer is quick, and says no more than "stored".

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use billow_billing::Error;
use billow_billing::gateways::{MAX_WEBHOOK_BYTES, WebhookTaken};
use billow_billing::ports::WebhookRefusal;

use super::request::RequestId;
use super::{read_body, refuse};
use crate::app::App;
use crate::refusal::described;

/// Where gateways of Stripe's shape put their signature.
const SIGNATURE: &str = "stripe-signature";

/// Takes one event of a gateway.
pub(crate) async fn take(
    State(app): State<App>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let body = match read_body(body, MAX_WEBHOOK_BYTES, app.config.limits.timeout, &request_id).await {
        Ok(body) => body,
        Err(response) => return response,
    };
    let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    let work = app.billing.gateways.take_webhook(&code, signature, &body);
    match billow_billing::telemetry::with_trace_id(request_id.to_string(), work).await {
        Ok(WebhookTaken::Stored(_)) => ([(header::CACHE_CONTROL, "no-store")], "stored\n").into_response(),
        Ok(WebhookTaken::Known) => ([(header::CACHE_CONTROL, "no-store")], "known\n").into_response(),
        Ok(WebhookTaken::Refused(refusal)) => refuse(StatusCode::BAD_REQUEST, "BAD_REQUEST", in_words(refusal), &request_id),
        Ok(WebhookTaken::TooLarge) => {
            let message = format!("A request has at most {MAX_WEBHOOK_BYTES} bytes.");
            refuse(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", &message, &request_id)
        }
        Err(error) => {
            let (code, message) = described(&error);
            let status = match &error {
                Error::NotFound(_) => StatusCode::NOT_FOUND,
                Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
                Error::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                Error::Fault(_) if error.is_outage() => StatusCode::SERVICE_UNAVAILABLE,
                Error::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
                Error::Invalid(_)
                | Error::Unauthenticated
                | Error::Forbidden
                | Error::ConfirmationRequired { .. }
                | Error::SecondFactorSetupRequired => StatusCode::BAD_REQUEST,
            };
            refuse(status, code, &message, &request_id)
        }
    }
}

fn in_words(refusal: WebhookRefusal) -> &'static str {
    match refusal {
        WebhookRefusal::Forged => "The signature is missing or wrong.",
        WebhookRefusal::Stale => "The signature is too old.",
        WebhookRefusal::Unreadable => "The body is not an event.",
    }
}
