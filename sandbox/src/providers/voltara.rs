//! Voltara: JSON behind a bearer key, money in cents, days without dashes.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Response, StatusCode};
use axum::routing::get;
use chrono::NaiveDate;
use serde_json::{Value, json};

use super::answer::{Answer, Call, Told};
use crate::definitions::secrets;
use crate::server::Site;
use crate::world::{Bill, BillStatus, LineKind, Provider};

pub(super) fn routes() -> Router<Site> {
    Router::new().route("/customers/{number}/invoices", get(invoices))
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
