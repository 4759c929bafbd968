//! What an answer means before anybody looks at its body, and the forms bodies come in.

use billow_billing::ports::FetchOutcome;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::xml;
use crate::http::{HttpFault, HttpResponse};

/// The longest wait a provider can ask for.
const MAX_RETRY_AFTER_MS: u64 = 24 * 60 * 60 * 1000;
/// Rows of a CSV body.
const MAX_ROWS: usize = 200_000;

/// The form of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Format {
    #[default]
    Json,
    Xml,
    Csv,
    Text,
}

impl Format {
    pub(super) const CHOICES: &'static [(&'static str, Self)] =
        &[("json", Self::Json), ("xml", Self::Xml), ("csv", Self::Csv), ("text", Self::Text)];

    /// What a request of this form accepts.
    pub(super) fn accept(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml, text/xml;q=0.9",
            Self::Csv => "text/csv",
            Self::Text => "text/plain, */*;q=0.5",
        }
    }

    /// Reads a body; an empty one is null.
    pub(super) fn parse(self, body: &[u8]) -> Result<Value, String> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        match self {
            Self::Json => {
                serde_json::from_slice(body).map_err(|e| if e.is_eof() { format!("is cut off: {e}") } else { format!("is not JSON: {e}") })
            }
            Self::Xml => xml::parse(body).map_err(|e| format!("is not XML: {e}")),
            Self::Csv => csv_rows(body, b',').map(Value::Array),
            Self::Text => Ok(Value::String(String::from_utf8_lossy(body).into_owned())),
        }
    }
}

/// The rows of a CSV text as objects by header.
pub(super) fn csv_rows(body: &[u8], delimiter: u8) -> Result<Vec<Value>, String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(body);
    let headers = reader.headers().map_err(|e| csv_words(&e))?.clone();
    if let Some(double) = headers.iter().enumerate().find(|(at, header)| headers.iter().take(*at).any(|other| other == *header)) {
        return Err(format!("has the column '{}' twice", double.1));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| csv_words(&e))?;
        if rows.len() == MAX_ROWS {
            return Err(format!("has more than {MAX_ROWS} rows"));
        }
        let row: Map<String, Value> = headers.iter().zip(&record).map(|(header, cell)| (header.to_owned(), Value::from(cell))).collect();
        rows.push(Value::Object(row));
    }
    Ok(rows)
}

pub(super) fn csv_words(error: &csv::Error) -> String {
    let line = error.position().map_or(String::new(), |position| format!(" in line {}", position.line()));
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("is not CSV{line}: a row has {len} cells instead of {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => format!("is not CSV{line}: a cell is not UTF-8"),
        _ => format!("is not CSV{line}: {error}"),
    }
}

/// What a request without an answer means for a fetch.
pub(super) fn of_fault(step: &str, fault: &HttpFault) -> FetchOutcome {
    let message = format!("{step}: {fault}");
    if fault.is_passing() { FetchOutcome::Retryable { message, retry_after_ms: None } } else { FetchOutcome::Broken { message } }
}

/// What a status nobody handles means for a fetch.
pub(super) fn of_status(step: &str, answer: &HttpResponse, now: DateTime<Utc>) -> FetchOutcome {
    let status = answer.status;
    match status {
        408 | 425 | 429 | 500..=599 => FetchOutcome::Retryable {
            message: format!("{step}: the provider answered {status}"),
            retry_after_ms: answer.header("retry-after").and_then(|text| retry_after_ms(text, now)),
        },
        401 | 403 => FetchOutcome::Broken { message: format!("{step}: the provider answered {status}; look at the credentials") },
        300..=399 => FetchOutcome::Broken {
            message: format!("{step}: the provider answered {status}, which leads elsewhere; redirects are not followed"),
        },
        _ => FetchOutcome::Broken { message: format!("{step}: the provider answered {status}") },
    }
}

/// A `Retry-After`, as seconds or as a date.
fn retry_after_ms(text: &str, now: DateTime<Utc>) -> Option<u64> {
    let ms = match text.trim().parse::<u64>() {
        Ok(seconds) => seconds.saturating_mul(1000),
        Err(_) => {
            let at = DateTime::parse_from_rfc2822(text.trim()).ok()?;
            u64::try_from(at.signed_duration_since(now).num_milliseconds()).unwrap_or(0)
        }
    };
    Some(ms.min(MAX_RETRY_AFTER_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_of_each_form() {
        assert_eq!(Format::Json.parse(b"\xef\xbb\xbf{\"a\": 1}"), Ok(serde_json::json!({"a": 1})));
        assert_eq!(Format::Json.parse(b" \n"), Ok(Value::Null));
        assert!(Format::Json.parse(b"<html>").is_err_and(|e| e.starts_with("is not JSON: expected value at line 1")));
        assert!(Format::Json.parse(b"{\"a\": [1,").is_err_and(|e| e.starts_with("is cut off: EOF while parsing")));
        assert_eq!(Format::Csv.parse(b"a,b\n1, x \n"), Ok(serde_json::json!([{"a": "1", "b": "x"}])));
        assert!(Format::Csv.parse(b"a,b\n1\n").is_err_and(|e| e == "is not CSV in line 2: a row has 1 cells instead of 2"));
        assert!(Format::Csv.parse(b"a,a\n1,2\n").is_err_and(|e| e == "has the column 'a' twice"));
        assert!(Format::Csv.parse(b"a\n\xff\n").is_err_and(|e| e.contains("not UTF-8")));
        assert_eq!(Format::Text.parse(b"OK"), Ok(Value::from("OK")));
        assert_eq!(Format::Xml.parse(b"<a><b>1</b></a>"), Ok(serde_json::json!({"a": {"b": "1"}})));
    }

    #[test]
    fn retry_after_as_seconds_and_as_a_date() {
        let now: DateTime<Utc> = "2026-11-21T09:00:00Z".parse().expect("an instant");
        assert_eq!(retry_after_ms("120", now), Some(120_000));
        assert_eq!(retry_after_ms("Sat, 21 Nov 2026 09:01:00 GMT", now), Some(60_000));
        assert_eq!(retry_after_ms("Sat, 21 Nov 2026 08:00:00 GMT", now), Some(0));
        assert_eq!(retry_after_ms("99999999999999999999", now), None);
        assert_eq!(retry_after_ms("9999999", now), Some(MAX_RETRY_AFTER_MS));
        assert_eq!(retry_after_ms("soon", now), None);
    }
}
