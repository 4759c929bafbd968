//! Gasline: XML behind a name and a password. The status is 200 whatever happened; the truth is in an attribute.

use std::fmt::Write as _;

use axum::Router;
use axum::body::Body;
use axum::extract::Query;
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;

use super::answer::{Answer, Call, Told};
use crate::definitions::secrets;
use crate::server::Site;
use crate::world::{Bill, BillStatus, Incoming, LineKind, NoPayment, Provider, ProviderPayment, decimal};

/// The beginning of the postcodes Gasline supplies.
const AREA: &str = "00";

pub(super) fn routes() -> Router<Site> {
    Router::new().route("/statements", get(statements)).route("/payments", post(pay).get(payment))
}

#[derive(Deserialize)]
struct Question {
    #[serde(rename = "customerCode")]
    customer_code: String,
    cap: Option<String>,
}

async fn statements(call: Call, Query(question): Query<Question>) -> Response<Body> {
    let Question { customer_code, cap } = question;
    call.answer(Provider::Gasline, Some(&customer_code), "bills", |call, mishaps| {
        if !is_known(call) {
            return Answer::text(StatusCode::UNAUTHORIZED, "application/xml", envelope("E401", "<gl:Message>Who are you?</gl:Message>"));
        }
        let refusal = |code, message: &str| ok(envelope(code, &format!("<gl:Message>{message}</gl:Message>")));
        if cap.is_some_and(|c| !c.starts_with(AREA)) {
            return refusal("E405", "Gasline does not supply this postcode.");
        }
        match call.tell(Provider::Gasline, &customer_code, mishaps.wrong) {
            None => refusal("E404", "Gasline has no customer with this code."),
            Some(_) if mishaps.needs_customer => refusal("E451", "Please sign the new supply contract at your Gasline office."),
            Some(told) => ok(envelope("OK", &document(&told))),
        }
    })
    .await
}

fn is_known(call: &Call) -> bool {
    let who = call.basic();
    who.as_ref().map(|(name, password)| (name.as_str(), password.as_str())) == Some((secrets::GASLINE_USER, secrets::GASLINE_PASSWORD))
}

#[derive(Deserialize)]
struct Which {
    reference: String,
}

/// An element with attributes is posted, and booked at once.
async fn pay(call: Call, body: String) -> Response<Body> {
    let customer = attribute(&body, "customerCode").unwrap_or_default();
    call.answer_payment(Provider::Gasline, &customer, |call, reject| {
        if !is_known(call) {
            return Answer::text(
                StatusCode::UNAUTHORIZED,
                "application/xml",
                payment_envelope("E401", "<gl:Message>Who are you?</gl:Message>"),
            );
        }
        let cents = attribute(&body, "amount").and_then(|text| text.replace('.', "").parse::<i64>().ok());
        let (Some(reference), Some(number), Some(amount_minor)) = (attribute(&body, "reference"), attribute(&body, "statement"), cents)
        else {
            return ok(payment_envelope("E400", "<gl:Message>The payment is not complete.</gl:Message>"));
        };
        let provider = Provider::Gasline;
        let new = Incoming { provider, account: &customer, reference: &reference, number: &number, amount_minor, polls: 0, reject };
        match call.site.state.take_payment(&new) {
            Ok(payment) => ok(payment_envelope("OK", &receipt(&payment))),
            Err(no) => {
                let code = if no == NoPayment::OtherContent { "E409" } else { "E422" };
                ok(payment_envelope(code, &format!("<gl:Message>{}</gl:Message>", escape(no.words()))))
            }
        }
    })
    .await
}

async fn payment(call: Call, Query(which): Query<Which>) -> Response<Body> {
    call.answer(Provider::Gasline, None, "payment", |call, _| {
        if !is_known(call) {
            return Answer::text(
                StatusCode::UNAUTHORIZED,
                "application/xml",
                payment_envelope("E401", "<gl:Message>Who are you?</gl:Message>"),
            );
        }
        match call.site.state.payment_state(Provider::Gasline, &which.reference) {
            Some(payment) => ok(payment_envelope("OK", &receipt(&payment))),
            None => ok(payment_envelope("E404", "<gl:Message>Gasline has no such payment.</gl:Message>")),
        }
    })
    .await
}

fn receipt(payment: &ProviderPayment) -> String {
    format!("<gl:Receipt number=\"{}\" amount=\"{}\"/>", escape(&payment.receipt), decimal(payment.amount_minor))
}

fn payment_envelope(code: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gl:PaymentResponse xmlns:gl=\"urn:gasline:payments:1\" code=\"{code}\">{inside}</gl:PaymentResponse>\n"
    )
}

/// The value of an attribute in what was posted.
fn attribute(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&"))
}

fn ok(body: String) -> Answer {
    Answer::text(StatusCode::OK, "application/xml; charset=utf-8", body)
}

fn envelope(code: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gl:StatementResponse xmlns:gl=\"urn:gasline:statements:2\" code=\"{code}\">{inside}</gl:StatementResponse>\n"
    )
}

fn document(told: &Told) -> String {
    let mut out = format!("\n  <gl:Customer code=\"{}\"/>\n", escape(&told.name));
    for bill in told.bills() {
        push_statement(&mut out, bill);
    }
    out
}

fn push_statement(out: &mut String, bill: &Bill) {
    let day = |d: NaiveDate| d.format("%d.%m.%Y").to_string();
    let status = match bill.status {
        BillStatus::Open => "DUE",
        BillStatus::Paid => "PAID",
        BillStatus::Cancelled => "ANNULLED",
    };
    let mut rows = String::new();
    for line in &bill.lines {
        let kind = match line.kind {
            LineKind::Usage => "GAS",
            LineKind::Fixed => "NETWORK",
            LineKind::Tax => "VAT",
            LineKind::Credit => "DISCOUNT",
        };
        let _ = writeln!(rows, "      <gl:Row kind=\"{kind}\" amount=\"{}\">{}</gl:Row>", decimal(line.amount_minor), escape(&line.label));
    }
    let _ = write!(
        out,
        "  <gl:Statement number=\"{number}\" status=\"{status}\">
    <gl:Dates issued=\"{issued}\" due=\"{due}\"/>
    <gl:Period from=\"{from}\" to=\"{to}\"/>
    <gl:Amount currency=\"{currency}\">{amount}</gl:Amount>
    <gl:Meter unit=\"{unit}\">{usage}</gl:Meter>
    <gl:Rows>
{rows}    </gl:Rows>
  </gl:Statement>
",
        number = escape(&bill.number),
        issued = day(bill.issued_on),
        due = day(bill.due_on),
        from = day(bill.period_start),
        to = day(bill.period_end),
        currency = escape(&bill.currency),
        amount = decimal(bill.amount_minor),
        unit = bill.unit,
        usage = bill.usage(),
    );
}

/// Makes a text fit for XML and HTML, attributes included.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}
