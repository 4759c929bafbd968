//! All that the page can do, as JSON, for scripts and for tests in other processes.

mod bills;
mod cards;
mod faults;
mod look;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;

use crate::SandboxError;
use crate::server::Site;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/state", get(look::state))
        .route("/changes", get(look::changes))
        .route("/outbox", get(look::outbox))
        .route("/log", get(look::log))
        .route("/account", get(look::account))
        .route("/payments", get(look::payments))
        .route("/accounts", post(bills::add_account))
        .route("/history", post(bills::seed_history))
        .route("/bills", post(bills::issue))
        .route("/bills/correct", post(bills::correct))
        .route("/bills/cancel", post(bills::cancel))
        .route("/bills/paid", post(bills::paid))
        .route("/plan", post(bills::set_plan))
        .route("/recharge", post(bills::recharge))
        .route("/faults", get(faults::list).post(faults::set))
        .route("/faults/clear", post(faults::clear))
        .route("/mail-fault", post(faults::mail))
        .route("/sms-fault", post(faults::sms))
        .route("/push-fault", post(faults::push))
        .route("/latency", post(faults::latency))
        .route("/bench", post(faults::bench))
        .route("/reset", post(faults::reset))
        .nest("/cards", cards::routes())
}

/// An error as an answer.
pub(crate) struct Refusal(SandboxError);

impl From<SandboxError> for Refusal {
    fn from(problem: SandboxError) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match &self.0 {
            SandboxError::UnknownProvider(_)
            | SandboxError::UnknownAccount { .. }
            | SandboxError::UnknownBill { .. }
            | SandboxError::UnknownPlan(_)
            | SandboxError::UnknownSubscription(_) => StatusCode::NOT_FOUND,
            SandboxError::WrongSort(_) | SandboxError::Full { .. } => StatusCode::CONFLICT,
            SandboxError::Listen { .. } | SandboxError::Drop { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(json!({ "error": self.0.to_string() }))).into_response()
    }
}
