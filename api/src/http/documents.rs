//! Invoices and receipts for whoever holds a link, and the page that says whether one of them is genuine. The signature in
//! the address is all there is to show: nobody need be signed in.

use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use billow_billing::Error;
use billow_billing::documents::{NOT_YET, VerifiedDocument};
use billow_entities::{DocumentId, DocumentKind, PaymentStatus};
use serde::Deserialize;

use super::refuse;
use super::request::RequestId;
use crate::app::App;
use crate::refusal::described;

/// A document opens by itself and reaches for nothing.
const PAPER_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'";
/// A page of ours with no scripts.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a link to a document ends in.
#[derive(Deserialize)]
pub(crate) struct Opening {
    #[serde(default)]
    expires: i64,
    #[serde(default)]
    signature: String,
}

/// What a link to a check ends in.
#[derive(Deserialize)]
pub(crate) struct Checking {
    #[serde(default)]
    s: String,
}

/// Opens a document: `GET /documents/{id}.pdf?expires=…&signature=…`.
pub(crate) async fn open(
    State(app): State<App>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Path(file): Path<String>,
    Query(link): Query<Opening>,
) -> Response {
    let missing = || refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "There is no such document.", &request_id);
    let Some(id) = file.strip_suffix(".pdf").and_then(|id| id.parse::<DocumentId>().ok()) else { return missing() };
    let work = app.billing.documents.open_document(id, link.expires, &link.signature);
    match billow_billing::telemetry::with_trace_id(request_id.to_string(), work).await {
        Ok((document, bytes)) => {
            let mut response = bytes.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
            // Numbers are of our own making; a header that they do not fit is left out.
            let name = format!("inline; filename=\"{}.pdf\"", document.number.as_deref().unwrap_or("document"));
            if let Ok(value) = HeaderValue::from_str(&name) {
                headers.insert(header::CONTENT_DISPOSITION, value);
            }
            guard(response, PAPER_POLICY)
        }
        Err(Error::NotFound(NOT_YET)) => {
            let text = "This document is being made. Try again in a minute.";
            let mut response = refuse(StatusCode::NOT_FOUND, "NOT_FOUND", text, &request_id);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
            response
        }
        Err(Error::NotFound(_)) => missing(),
        Err(Error::Forbidden) => {
            refuse(StatusCode::FORBIDDEN, "FORBIDDEN", "This link is wrong or has expired; ask for a new one.", &request_id)
        }
        Err(error) => {
            let (code, message) = described(&error);
            refuse(StatusCode::INTERNAL_SERVER_ERROR, code, &message, &request_id)
        }
    }
}

/// Says whether a document is genuine: `GET /verify/{id}?s=…`.
pub(crate) async fn verify(
    State(app): State<App>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Path(id): Path<String>,
    Query(link): Query<Checking>,
) -> Response {
    let found = async {
        let id = id.parse().map_err(|_| Error::NotFound("document"))?;
        app.billing.documents.verify_document(id, &link.s).await
    };
    match billow_billing::telemetry::with_trace_id(request_id.to_string(), found).await {
        Ok(document) => page(StatusCode::OK, "This document is genuine.", &facts(&document)),
        Err(Error::NotFound(_)) => page(
            StatusCode::NOT_FOUND,
            "This is not a document of ours.",
            "<p>Either the address was not read whole, or the document was not made here. Do not rely on it.</p>",
        ),
        Err(error) => {
            let (_, message) = described(&error);
            page(StatusCode::INTERNAL_SERVER_ERROR, "That did not work.", &format!("<p>{message}</p><p>Request id: {request_id}</p>"))
        }
    }
}

/// What a genuine document says. It names nobody.
fn facts(document: &VerifiedDocument) -> String {
    let kind = match document.kind {
        DocumentKind::Invoice => "Invoice",
        DocumentKind::Receipt => "Receipt",
    };
    let standing = match document.payment_status {
        PaymentStatus::Succeeded => "paid",
        PaymentStatus::Failed => "not paid",
        PaymentStatus::Cancelled => "called off",
        PaymentStatus::Pending | PaymentStatus::Processing | PaymentStatus::RequiresAction | PaymentStatus::Unknown => "under way",
    };
    let amount = |money: billow_entities::Money| format!("{} {}", money.decimal(), money.currency);
    let mut rows = vec![
        ("Document", format!("{kind} {}", escape(&document.number))),
        ("Issued", document.issued_at.format("%Y-%m-%d").to_string()),
        ("Amount", amount(document.amount)),
        ("Payment", standing.to_owned()),
    ];
    if let Some(at) = document.settled_at {
        rows.push(("Paid on", at.format("%Y-%m-%d").to_string()));
    }
    if document.refunded.amount_minor > 0 {
        rows.push(("Given back since", amount(document.refunded)));
    }
    let rows: String = rows.into_iter().map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>")).collect();
    format!("<p>Compare this with what you hold:</p><dl>{rows}</dl>")
}

fn escape(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.' | ' ' | '_')).collect()
}

fn page(status: StatusCode, heading: &str, rest: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><title>Billow</title><style>body{{font:1.1rem/1.5 system-ui,sans-serif;\
         max-width:32rem;margin:15vh auto;padding:0 1rem}}dl{{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.5rem}}\
         dd{{margin:0;font-weight:600}}</style></head><body><h1>{heading}</h1>{rest}</body></html>"
    );
    guard((status, Html(html)).into_response(), PAGE_POLICY)
}

/// Headers that keep an answer private: no cache and no log of addresses but ours learns of it.
fn guard(mut response: Response, policy: &'static str) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_genuine_document_s_facts_name_nobody_and_are_no_html() {
        let euros = |minor| billow_entities::Money::new(minor, "EUR".parse().expect("a currency"));
        let document = VerifiedDocument {
            number: "R-2026-1<script>".into(),
            kind: DocumentKind::Receipt,
            issued_at: chrono::DateTime::UNIX_EPOCH,
            amount: euros(1_234),
            refunded: euros(34),
            payment_status: PaymentStatus::Succeeded,
            settled_at: Some(chrono::DateTime::UNIX_EPOCH),
        };
        let html = facts(&document);
        assert!(html.contains("Receipt R-2026-1script") && html.contains("12.34 EUR") && html.contains("0.34 EUR"), "{html}");
        assert!(html.contains("1970-01-01") && !html.contains("<script"), "{html}");
    }
}
