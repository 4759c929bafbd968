//! `POST /hooks/bills`: a provider posts its bills in its own shape, with its API key.

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use billow_billing::bills::{PushEffect, PushReport, PushedBill};
use billow_billing::{Error, UserError};
use billow_entities::BillId;
use serde::Serialize;

use super::request::RequestId;
use super::{read_body, refuse};
use crate::app::App;
use crate::auth::{Credential, credential};
use crate::refusal::described;

/// What became of the bills.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    received: usize,
    new: usize,
    changed: usize,
    unchanged: usize,
    refused: usize,
    /// One for each bill, in their order.
    bills: Vec<Pushed>,
}

/// What became of one bill.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pushed {
    number: String,
    accepted: bool,
    bill_id: Option<BillId>,
    effect: &'static str,
    problems: Vec<String>,
}

impl From<PushReport> for Report {
    fn from(report: PushReport) -> Self {
        Self {
            received: report.bills.len(),
            new: report.count(PushEffect::New),
            changed: report.count(PushEffect::Changed),
            unchanged: report.count(PushEffect::Unchanged),
            refused: report.count(PushEffect::Refused),
            bills: report.bills.into_iter().map(Pushed::from).collect(),
        }
    }
}

impl From<PushedBill> for Pushed {
    fn from(bill: PushedBill) -> Self {
        let effect = match bill.effect {
            PushEffect::New => "NEW",
            PushEffect::Changed => "CHANGED",
            PushEffect::Unchanged => "UNCHANGED",
            PushEffect::Refused => "REFUSED",
        };
        Self { number: bill.number, accepted: bill.effect != PushEffect::Refused, bill_id: bill.bill_id, effect, problems: bill.problems }
    }
}

/// What is wrong with the body as a whole.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wrong<'a> {
    user_errors: &'a [UserError],
    request_id: &'a str,
}

/// Takes pushed bills.
pub(crate) async fn bills(
    State(app): State<App>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let fail = |error: Error| {
        if let Error::Invalid(causes) = &error {
            let wrong = Wrong { user_errors: causes, request_id: &request_id };
            return (StatusCode::UNPROCESSABLE_ENTITY, Json(wrong)).into_response();
        }
        let (code, message) = described(&error);
        let status = match &error {
            Error::Unauthenticated => StatusCode::UNAUTHORIZED,
            Error::Forbidden | Error::ConfirmationRequired { .. } | Error::SecondFactorSetupRequired => StatusCode::FORBIDDEN,
            Error::NotFound(_) => StatusCode::NOT_FOUND,
            Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Error::Fault(_) if error.is_outage() => StatusCode::SERVICE_UNAVAILABLE,
            Error::Invalid(_) | Error::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        refuse(status, code, &message, &request_id)
    };
    // Only a key: a browser's cookie says nothing about a provider.
    let key = credential(&headers);
    if !matches!(key, Credential::Bearer(_)) {
        return fail(Error::Unauthenticated);
    }
    let identity = match app.identities.of(&app.billing, &key).await {
        Ok(identity) => identity,
        Err(error) => return fail(error),
    };
    let limits = &app.config.limits;
    let body = match read_body(body, limits.hook_body, limits.timeout, &request_id).await {
        Ok(body) => body,
        Err(response) => return response,
    };
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let work = app.billing.bills.push_bills(&identity.actor, media, body);
    match billow_billing::telemetry::with_trace_id(request_id.to_string(), work).await {
        Ok(report) => Json(Report::from(report)).into_response(),
        Err(error) => fail(error),
    }
}
