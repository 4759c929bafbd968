//! Voltara: JSON behind a bearer key, money in cents, days without dashes.

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
use crate::world::{Bill, BillStatus, Incoming, LineKind, NoPayment, Provider, ProviderPayment};

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/customers/{number}/invoices", get(invoices))
        .route("/customers/{number}/payments", post(pay))
        .route("/payments/{reference}", get(payment))
}

async fn invoices(call: Call, Path(number): Path<String>) -> Response<Body> {
    call.answer(Provider::Voltara, Some(&number), "bills", |call, mishaps| {
        if call.bearer() != Some(secrets::VOLTARA) {
            return refusal(StatusCode::UNAUTHORIZED, "KEY_INVALID", "The key is not valid.");
        }
        let Some(told) = call.tell(Provider::Voltara, &number, mishaps.wrong) else {
            return refusal(StatusCode::NOT_FOUND, "CUSTOMER_UNKNOWN", "Voltara has no customer with this consumer number.");
        };
        if mishaps.needs_customer {
            return refusal(StatusCode::CONFLICT, "CONSENT_EXPIRED", "Please renew the release of your data in the Voltara app.");
        }
        Answer::json(StatusCode::OK, &document(&told))
    })
    .await
}

/// Booked at once; the same reference again is the same payment.
async fn pay(call: Call, Path(number): Path<String>, Json(body): Json<Value>) -> Response<Body> {
    call.answer_payment(Provider::Voltara, &number, |call, reject| {
        if call.bearer() != Some(secrets::VOLTARA) {
            return refusal(StatusCode::UNAUTHORIZED, "KEY_INVALID", "The key is not valid.");
        }
        let (Some(reference), Some(invoice), Some(cents)) =
            (body["reference"].as_str(), body["invoiceNo"].as_str(), body["cents"].as_i64())
        else {
            return refusal(StatusCode::BAD_REQUEST, "INCOMPLETE", "A payment has a reference, an invoiceNo and cents.");
        };
        let provider = Provider::Voltara;
        let new = Incoming { provider, account: &number, reference, number: invoice, amount_minor: cents, polls: 0, reject };
        match call.site.state.take_payment(&new) {
            Ok(payment) => Answer::json(StatusCode::CREATED, &receipt(&payment)),
            Err(no @ NoPayment::OtherContent) => refusal(StatusCode::CONFLICT, "REFERENCE_USED", no.words()),
            Err(no) => refusal(StatusCode::UNPROCESSABLE_ENTITY, "PAYMENT_REFUSED", no.words()),
        }
    })
    .await
}

async fn payment(call: Call, Path(reference): Path<String>) -> Response<Body> {
    call.answer(Provider::Voltara, None, "payment", |call, _| {
        if call.bearer() != Some(secrets::VOLTARA) {
            return refusal(StatusCode::UNAUTHORIZED, "KEY_INVALID", "The key is not valid.");
        }
        match call.site.state.payment_state(Provider::Voltara, &reference) {
            Some(payment) => Answer::json(StatusCode::OK, &receipt(&payment)),
            None => refusal(StatusCode::NOT_FOUND, "PAYMENT_UNKNOWN", "Voltara has no payment with this reference."),
        }
    })
    .await
}

fn receipt(payment: &ProviderPayment) -> Value {
    json!({ "payment": { "receiptNo": payment.receipt, "reference": payment.reference, "cents": payment.amount_minor, "state": "BOOKED" } })
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({ "error": { "code": code, "message": message } }))
}

fn document(told: &Told) -> Value {
    json!({
        "customer": { "consumerNumber": told.name, "tariff": "Voltara Klassik 12" },
        "invoices": told.bills().map(invoice).collect::<Vec<_>>(),
    })
}

fn invoice(bill: &Bill) -> Value {
    let day = |d: NaiveDate| d.format("%Y%m%d").to_string();
    let state = match bill.status {
        BillStatus::Open => "OPEN",
        BillStatus::Paid => "SETTLED",
        BillStatus::Cancelled => "VOID",
    };
    let kind = |kind| match kind {
        LineKind::Usage => "ENERGY",
        LineKind::Fixed => "GRID",
        LineKind::Tax => "VAT",
        LineKind::Credit => "BONUS",
    };
    let positions: Vec<_> = bill.lines.iter().map(|l| json!({ "type": kind(l.kind), "text": l.label, "cents": l.amount_minor })).collect();
    json!({
        "invoiceNo": bill.number,
        "state": state,
        "issueDate": day(bill.issued_on),
        "dueDate": day(bill.due_on),
        "billingPeriod": { "from": day(bill.period_start), "to": day(bill.period_end) },
        "total": { "cents": bill.amount_minor, "currency": bill.currency },
        "consumption": { "quantity": bill.usage(), "unit": bill.unit },
        "positions": positions,
    })
}
