//! Ringo: a request for bills is registered, then polled until it is ready. Money with a comma, days the French way.

use std::collections::{HashMap, VecDeque};

use axum::body::Body;
use axum::extract::Path;
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::NaiveDate;
use serde_json::{Value, json};

use super::answer::{Answer, Call, Told};
use crate::definitions::secrets;
use crate::server::Site;
use crate::world::{Bill, BillStatus, Incoming, LineKind, Provider, ProviderPayment, decimal};

/// The most requests remembered; the oldest go first.
const MAX_REQUESTS: usize = 10_000;

/// The requests that were registered.
pub(crate) struct RingoDesk {
    /// How many polls are told "not ready yet".
    pub not_ready: u32,
    last: u64,
    requests: HashMap<String, Request>,
    order: VecDeque<String>,
}

struct Request {
    account: String,
    polls_left: u32,
}

impl Default for RingoDesk {
    fn default() -> Self {
        Self { not_ready: 1, last: 0, requests: HashMap::new(), order: VecDeque::new() }
    }
}

impl RingoDesk {
    fn register(&mut self, account: &str) -> String {
        self.last += 1;
        let reference = format!("RQ-{:08}", self.last);
        self.requests.insert(reference.clone(), Request { account: account.to_owned(), polls_left: self.not_ready });
        self.order.push_back(reference.clone());
        if self.order.len() > MAX_REQUESTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.requests.remove(&oldest);
        }
        reference
    }

    fn account(&self, reference: &str) -> Option<String> {
        self.requests.get(reference).map(|r| r.account.clone())
    }

    /// Whether the bills are ready; each time it is asked, they come nearer.
    fn ready(&mut self, reference: &str) -> bool {
        self.requests.get_mut(reference).is_some_and(|r| {
            let ready = r.polls_left == 0;
            r.polls_left = r.polls_left.saturating_sub(1);
            ready
        })
    }
}

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/bill-requests", post(register))
        .route("/bill-requests/{reference}", get(poll))
        .route("/payments", post(pay))
        .route("/payments/{reference}", get(payment))
}

async fn register(call: Call, Json(body): Json<Value>) -> Response<Body> {
    let number = body["msisdn"].as_str().map(|digits| format!("+{digits}"));
    call.answer(Provider::Ringo, number.as_deref(), "register", |call, mishaps| {
        if let Some(refusal) = unauthorized(call) {
            return refusal;
        }
        let known = number.as_deref().filter(|n| call.site.state.account(Provider::Ringo, n).is_some());
        match known {
            None => refusal(StatusCode::NOT_FOUND, "SUBSCRIBER_NOT_FOUND", "Ringo has no line with this number."),
            Some(_) if mishaps.needs_customer => {
                refusal(StatusCode::CONFLICT, "CONSENT_NEEDED", "Please answer the text message from Ringo to allow access to your bills.")
            }
            Some(account) => {
                let reference = call.site.state.ringo().register(account);
                Answer::json(StatusCode::ACCEPTED, &json!({ "ref": reference, "state": "QUEUED" }))
            }
        }
    })
    .await
}

async fn poll(call: Call, Path(reference): Path<String>) -> Response<Body> {
    let account = call.site.state.ringo().account(&reference);
    call.answer(Provider::Ringo, account.as_deref(), "poll", |call, mishaps| {
        if let Some(refusal) = unauthorized(call) {
            return refusal;
        }
        let told = account.as_deref().and_then(|a| call.tell(Provider::Ringo, a, mishaps.wrong));
        let Some(told) = told else {
            return refusal(StatusCode::NOT_FOUND, "NO_SUCH_REQUEST", "There is no such request.");
        };
        if call.site.state.ringo().ready(&reference) {
            Answer::json(StatusCode::OK, &document(&told))
        } else {
            Answer::json(StatusCode::ACCEPTED, &json!({ "ref": reference, "state": "WORKING" }))
        }
    })
    .await
}

/// Registered; whether it went well is told when it is asked about.
async fn pay(call: Call, Json(body): Json<Value>) -> Response<Body> {
    let number = body["msisdn"].as_str().map(|digits| format!("+{digits}")).unwrap_or_default();
    call.answer_payment(Provider::Ringo, &number, |call, reject| {
        if let Some(refusal) = unauthorized(call) {
            return refusal;
        }
        let cents = body["montant"].as_str().and_then(|text| text.replace(',', "").parse::<i64>().ok());
        let (Some(reference), Some(bill), Some(amount_minor)) = (body["orderRef"].as_str(), body["billId"].as_str(), cents) else {
            return refusal(StatusCode::BAD_REQUEST, "INCOMPLETE", "A payment has an orderRef, a billId and a montant.");
        };
        let provider = Provider::Ringo;
        // At least one look, so that a refusal is told where everything else is.
        let polls = call.site.state.ringo().not_ready.max(1);
        let new = Incoming { provider, account: &number, reference, number: bill, amount_minor, polls, reject };
        match call.site.state.take_payment(&new) {
            Ok(payment) => Answer::json(StatusCode::ACCEPTED, &json!({ "orderRef": payment.reference, "state": "QUEUED" })),
            Err(no) => refusal(StatusCode::CONFLICT, "PAYMENT_REFUSED", no.words()),
        }
    })
    .await
}

async fn payment(call: Call, Path(reference): Path<String>) -> Response<Body> {
    call.answer(Provider::Ringo, None, "payment", |call, _| {
        if let Some(refusal) = unauthorized(call) {
            return refusal;
        }
        match call.site.state.payment_state(Provider::Ringo, &reference) {
            None => refusal(StatusCode::NOT_FOUND, "NO_SUCH_PAYMENT", "Ringo has no payment with this reference."),
            Some(payment) => Answer::json(StatusCode::OK, &payment_document(&payment)),
        }
    })
    .await
}

fn payment_document(payment: &ProviderPayment) -> Value {
    let state = match (payment.polls_left, &payment.refused) {
        (1.., _) => "WORKING",
        (0, None) => "DONE",
        (0, Some(_)) => "REFUSED",
    };
    json!({ "orderRef": payment.reference, "state": state, "receipt": payment.receipt, "detail": payment.refused })
}

fn unauthorized(call: &Call) -> Option<Answer> {
    (call.header("x-api-key") != Some(secrets::RINGO)).then(|| refusal(StatusCode::UNAUTHORIZED, "WHO_ARE_YOU", "The key is not valid."))
}

fn refusal(status: StatusCode, fault: &str, detail: &str) -> Answer {
    Answer::json(status, &json!({ "fault": fault, "detail": detail }))
}

fn document(told: &Told) -> Value {
    json!({
        "state": "DONE",
        "subscriber": { "msisdn": told.name.trim_start_matches('+') },
        "bills": told.bills().map(bill).collect::<Vec<_>>(),
    })
}

fn bill(bill: &Bill) -> Value {
    let day = |d: NaiveDate| d.format("%d/%m/%Y").to_string();
    let comma = |minor: i64| decimal(minor).replace('.', ",");
    let status = match bill.status {
        BillStatus::Open => "unpaid",
        BillStatus::Paid => "paid",
        BillStatus::Cancelled => "cancelled",
    };
    let of = |kind: LineKind| bill.lines.iter().find(|l| l.kind == kind).map(|l| comma(l.amount_minor));
    json!({
        "id": bill.number,
        "amountDue": comma(bill.amount_minor),
        "ccy": bill.currency,
        "issued": day(bill.issued_on),
        "payBy": day(bill.due_on),
        "cycle": format!("{}-{}", day(bill.period_start), day(bill.period_end)),
        "status": status,
        "usage": { "data": bill.usage().replace('.', ","), "unit": bill.unit },
        "breakdown": { "plan": of(LineKind::Fixed), "extras": of(LineKind::Usage), "discount": of(LineKind::Credit), "tva": of(LineKind::Tax) },
    })
}
