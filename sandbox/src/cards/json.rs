//! Objects as the API tells them.

use chrono::Datelike as _;
use serde_json::{Value, json};

use super::books::{Books, Charge, Customer, Intent, Method, Refund, RefundStanding, Session, SessionStatus, Setup, Standing};
use super::form::Expand;

pub(crate) fn customer(customer: &Customer) -> Value {
    json!({
        "id": customer.id, "object": "customer", "created": customer.created.timestamp(), "livemode": false,
        "name": customer.name, "email": customer.email, "metadata": customer.metadata,
    })
}

pub(crate) fn method(method: &Method) -> Value {
    let mut out = json!({
        "id": method.id, "object": "payment_method", "created": method.created.timestamp(), "livemode": false,
        "type": method.kind, "customer": method.customer, "metadata": {},
    });
    out[method.kind] = match method.kind {
        "card" => {
            json!({ "brand": method.brand, "last4": method.last4, "exp_month": 12, "exp_year": method.exp_year, "funding": "credit" })
        }
        "us_bank_account" => json!({ "bank_name": method.brand, "last4": method.last4 }),
        _ => json!({ "bank_code": "19043", "country": "AT", "last4": method.last4 }),
    };
    out
}

fn error(no: super::bank::No, books: &Books, method_id: Option<&str>) -> Value {
    json!({
        "type": "card_error", "code": no.code, "decline_code": no.decline_code, "message": no.message,
        "payment_method": method_id.and_then(|id| books.methods.get(id)).map(method),
    })
}

fn charge(intent: &Intent, charge: &Charge, expand: &Expand) -> Value {
    let balance = match (&charge.balance, expand.within("balance_transaction")) {
        (Some(id), Some(_)) => json!({
            "id": id, "object": "balance_transaction", "amount": intent.amount, "fee": charge.fee,
            "net": intent.amount - charge.fee, "currency": intent.currency, "type": "charge", "source": charge.id,
        }),
        (id, _) => json!(id),
    };
    json!({
        "id": charge.id, "object": "charge", "status": charge.status, "amount": intent.amount, "currency": intent.currency,
        "amount_refunded": charge.refunded, "refunded": charge.refunded >= intent.amount, "balance_transaction": balance,
        "payment_intent": intent.id, "paid": charge.status == "succeeded",
    })
}

pub(crate) fn intent(books: &Books, intent: &Intent, expand: &Expand) -> Value {
    let latest_charge = match (&intent.charge, expand.within("latest_charge")) {
        (Some(made), Some(inner)) => charge(intent, made, &inner),
        (made, _) => json!(made.as_ref().map(|c| &c.id)),
    };
    json!({
        "id": intent.id, "object": "payment_intent", "created": intent.created.timestamp(), "livemode": false,
        "amount": intent.amount, "amount_received": if intent.standing == Standing::Succeeded { intent.amount } else { 0 },
        "currency": intent.currency, "customer": intent.customer, "payment_method": intent.method,
        "payment_method_types": intent.kinds, "description": intent.description, "metadata": intent.metadata,
        "status": intent.standing.word(), "latest_charge": latest_charge,
        "last_payment_error": intent.error.map(|no| error(no, books, intent.method.as_deref())),
        "next_action": next_action(books, &intent.id, intent.standing, intent.return_url.as_deref()),
    })
}

fn next_action(books: &Books, id: &str, standing: Standing, return_url: Option<&str>) -> Value {
    if standing != Standing::RequiresAction {
        return Value::Null;
    }
    let url = format!("{}/confirm/{id}", books.base_url);
    json!({ "type": "redirect_to_url", "redirect_to_url": { "url": url, "return_url": return_url } })
}

pub(crate) fn setup(books: &Books, setup: &Setup, expand: &Expand) -> Value {
    let known = setup.method.as_deref().and_then(|id| books.methods.get(id));
    let told = match expand.within("payment_method") {
        Some(_) => known.map_or(Value::Null, method),
        None => json!(setup.method),
    };
    json!({
        "id": setup.id, "object": "setup_intent", "created": setup.created.timestamp(), "livemode": false, "usage": "off_session",
        "customer": setup.customer, "payment_method": told, "mandate": setup.mandate, "payment_method_types": setup.kinds,
        "metadata": setup.metadata, "status": setup.standing.word(),
        "last_setup_error": setup.error.map(|no| error(no, books, setup.method.as_deref())),
        "next_action": next_action(books, &setup.id, setup.standing, setup.return_url.as_deref()),
    })
}

pub(crate) fn session(books: &Books, session: &Session, expand: &Expand) -> Value {
    let made_intent = session.intent.as_deref().and_then(|id| books.intents.get(id));
    let made_setup = session.setup.as_deref().and_then(|id| books.setups.get(id));
    let status = match session.status {
        SessionStatus::Open => "open",
        SessionStatus::Complete => "complete",
        SessionStatus::Expired => "expired",
    };
    let paid = made_intent.is_some_and(|i| i.standing == Standing::Succeeded);
    json!({
        "id": session.id, "object": "checkout.session", "created": session.created.timestamp(), "livemode": false,
        "expires_at": session.expires_at.timestamp(), "status": status,
        "mode": if session.amount.is_some() { "payment" } else { "setup" },
        "payment_status": if session.amount.is_none() { "no_payment_required" } else if paid { "paid" } else { "unpaid" },
        "amount_total": session.amount, "currency": session.currency, "customer": session.customer, "metadata": session.metadata,
        "payment_method_types": session.kinds, "success_url": session.success_url, "cancel_url": session.cancel_url,
        "url": (session.status == SessionStatus::Open).then(|| format!("{}/pay/{}", books.base_url, session.id)),
        "payment_intent": match (made_intent, expand.within("payment_intent")) {
            (Some(made), Some(inner)) => intent(books, made, &inner),
            _ => json!(session.intent),
        },
        "setup_intent": match (made_setup, expand.within("setup_intent")) {
            (Some(made), Some(inner)) => setup(books, made, &inner),
            _ => json!(session.setup),
        },
    })
}

pub(crate) fn refund(refund: &Refund) -> Value {
    let (status, failure) = match refund.standing {
        RefundStanding::Pending => ("pending", None),
        RefundStanding::Succeeded => ("succeeded", None),
        RefundStanding::Failed => ("failed", Some("expired_or_canceled_card")),
    };
    json!({
        "id": refund.id, "object": "refund", "created": refund.created.timestamp(), "amount": refund.amount, "currency": refund.currency,
        "payment_intent": refund.intent, "charge": refund.charge, "metadata": refund.metadata, "status": status,
        "failure_reason": failure,
    })
}

/// A page of a list.
pub(crate) fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({ "object": "list", "url": url, "data": data, "has_more": has_more })
}

/// The year in which test cards end.
pub(crate) fn exp_year(now: chrono::DateTime<chrono::Utc>) -> i32 {
    now.year() + 4
}
