//! Exchanges as people may see them.

use billow_billing::ports::{Exchange, FetchOutcome};

use super::secrets::{MASK, Masks};
use crate::http::{HttpFault, HttpRequest, HttpResponse};

/// What is kept of a body.
const MAX_BODY_BYTES: usize = 16 * 1024;
/// Headers whose values are never shown.
const SECRET_HEADERS: &[&str] = &["authorization", "cookie", "set-cookie", "proxy-authorization"];

/// An exchange with its secrets masked. `shown` is the request as built with masks.
pub(super) fn of(step: &str, shown: &HttpRequest, result: &Result<HttpResponse, HttpFault>, masks: &Masks) -> Exchange {
    let headers = shown.headers.iter().map(|(name, value)| {
        let value = if SECRET_HEADERS.contains(&name.to_ascii_lowercase().as_str()) { MASK.to_owned() } else { masks.mask(value) };
        (name.clone(), value)
    });
    let (status, response_body, duration_ms, problem) = match result {
        Ok(answer) => {
            let duration_ms = u64::try_from(answer.duration.as_millis()).unwrap_or(u64::MAX);
            (Some(answer.status), Some(text(&answer.body, masks)), duration_ms, None)
        }
        Err(fault) => {
            let status = match fault {
                HttpFault::TooLarge { status, .. } => Some(*status),
                HttpFault::Unreadable { status, .. } => *status,
                _ => None,
            };
            (status, None, 0, Some(masks.mask(&fault.to_string())))
        }
    };
    Exchange {
        step: step.to_owned(),
        request_line: masks.mask(&format!("{} {}", shown.method, shown.url)),
        request_headers: headers.collect(),
        request_body: shown.body.as_ref().map(|body| text(body, masks)),
        status,
        response_body,
        duration_ms,
        problem,
    }
}

/// A body as text: masked before it is cut, so that no half of a secret is left at the end.
fn text(body: &[u8], masks: &Masks) -> String {
    let generous = &body[..body.len().min(2 * MAX_BODY_BYTES)];
    let mut text = masks.mask(&String::from_utf8_lossy(generous));
    if text.len() > MAX_BODY_BYTES {
        let end = (0..=MAX_BODY_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
    }
    text
}

/// An outcome whose messages hold no secrets: a message may repeat part of an answer.
pub(super) fn masked(outcome: FetchOutcome, masks: &Masks) -> FetchOutcome {
    match outcome {
        FetchOutcome::NotFound { message } => FetchOutcome::NotFound { message: masks.mask(&message) },
        FetchOutcome::NeedsCustomer { message } => FetchOutcome::NeedsCustomer { message: masks.mask(&message) },
        FetchOutcome::Retryable { message, retry_after_ms } => FetchOutcome::Retryable { message: masks.mask(&message), retry_after_ms },
        FetchOutcome::Broken { message } => FetchOutcome::Broken { message: masks.mask(&message) },
        other => other,
    }
}
