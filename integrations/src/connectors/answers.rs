//! What an answer means before anybody looks at its body, and the forms bodies come in.

use billow_billing::ports::FetchOutcome;
use billow_billing::reading::table::Row;
use billow_billing::reading::{charset, table};
use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};
use serde_json::{Map, Value};

use super::settings::Fields;
use super::{json, xml};
use crate::http::{HttpFault, HttpResponse};

/// The longest wait a provider can ask for.
const MAX_RETRY_AFTER_MS: u64 = 24 * 60 * 60 * 1000;
/// Rows of a CSV body.
const MAX_ROWS: usize = 200_000;

/// How a body is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// As the settings say, whatever is declared.
    pub(super) encoding: Option<String>,
    /// For CSV, as the settings say; else it is found.
    pub(super) delimiter: Option<u8>,
    /// As the answer declares.
    pub(super) content_type: Option<String>,
}

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
    pub(super) fn parse(self, body: &[u8], how: &Reading) -> Result<Value, String> {
        let encoding = how.encoding.as_deref();
        let text = match self {
            Self::Xml => xml::text(body, encoding, how.content_type.as_deref())?,
            _ => {
                let declared = encoding.or_else(|| how.content_type.as_deref().and_then(charset::of_content_type));
                charset::decode(body, &Vec::from_iter(declared))?
            }
        };
        if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
            return Ok(Value::Null);
        }
        match self {
            Self::Json => json::read(&text),
            Self::Xml => xml::parse(&text).map_err(|e| format!("is not XML: {e}")),
            Self::Csv => csv_rows(&text, how.delimiter).map(Value::Array),
            Self::Text => Ok(Value::String(text.into_owned())),
        }
    }
}

/// The rows of a CSV text as objects by heading. Every row must have as many cells as the heading.
fn csv_rows(text: &str, delimiter: Option<u8>) -> Result<Vec<Value>, String> {
    let table = table::read(text, delimiter, MAX_ROWS).map_err(|fault| fault.to_string())?;
    table.rows.iter().map(|row| row_value(&table.heading, row)).collect()
}

/// A row as an object by heading.
pub(super) fn row_value(heading: &[String], row: &Row) -> Result<Value, String> {
    if row.cells.len() != heading.len() {
        return Err(format!("is not CSV in line {}: a row has {} cells instead of {}", row.line, row.cells.len(), heading.len()));
    }
    let cells = heading.iter().zip(&row.cells).filter(|(name, _)| !name.is_empty());
    Ok(Value::Object(cells.map(|(name, cell)| (name.clone(), Value::from(cell))).collect::<Map<_, _>>()))
}

/// The setting `delimiter`, when it is there: one character.
pub(super) fn delimiter(fields: &Fields<'_>) -> Option<u8> {
    let text = fields.optional_raw("delimiter")?;
    let text = if text == "\\t" { "\t" } else { text };
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(*byte, b'"' | b'\n' | b'\r') => Some(*byte),
        _ => {
            fields.wrong("delimiter", "must be a single character such as , ; or a tab");
            None
        }
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
        408 | 425 | 429 | 500..=599 => {
            FetchOutcome::Retryable { message: format!("{step}: the provider answered {status}"), retry_after_ms: retry_after(answer, now) }
        }
        401 | 403 => FetchOutcome::Broken { message: format!("{step}: the provider answered {status}; look at the credentials") },
        300..=399 => FetchOutcome::Broken {
            message: format!("{step}: the provider answered {status}, which leads elsewhere; redirects are not followed"),
        },
        _ => FetchOutcome::Broken { message: format!("{step}: the provider answered {status}") },
    }
}

/// How long an answer asks to wait.
pub(super) fn retry_after(answer: &HttpResponse, now: DateTime<Utc>) -> Option<u64> {
    answer.header("retry-after").and_then(|text| retry_after_ms(text, now))
}

/// A `Retry-After`, as seconds or as a date.
fn retry_after_ms(text: &str, now: DateTime<Utc>) -> Option<u64> {
    let text = text.trim();
    let ms = match text.parse::<u64>() {
        Ok(seconds) => seconds.saturating_mul(1000),
        Err(_) => u64::try_from(http_date(text, now)?.signed_duration_since(now).num_milliseconds()).unwrap_or(0),
    };
    Some(ms.min(MAX_RETRY_AFTER_MS))
}

/// A date in any of the three forms that HTTP knows (RFC 9110, 5.6.7): the newer one, RFC 850's, and that of `asctime`.
fn http_date(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc2822(text) {
        return Some(at.to_utc());
    }
    if let Some((_, date)) = text.split_once(", ")
        && let Ok(at) = NaiveDateTime::parse_from_str(date, "%d-%b-%y %H:%M:%S GMT")
    {
        // Two digits of a year that would be more than fifty years ahead are of the century before.
        let century = now.year().div_euclid(100) * 100;
        let year = century + at.year().rem_euclid(100);
        let year = if year > now.year() + 50 { year - 100 } else { year };
        return at.with_year(year).map(|at| at.and_utc());
    }
    NaiveDateTime::parse_from_str(text, "%a %b %e %H:%M:%S %Y").ok().map(|at| at.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(format: Format, body: &[u8], how: Reading) -> Result<Value, String> {
        format.parse(body, &how)
    }

    fn plain(format: Format, body: &[u8]) -> Result<Value, String> {
        parse(format, body, Reading::default())
    }

    #[test]
    fn bodies_of_each_form() {
        assert_eq!(plain(Format::Json, b"\xef\xbb\xbf{\"a\": 1}"), Ok(serde_json::json!({"a": 1})));
        assert_eq!(plain(Format::Json, b" \n"), Ok(Value::Null));
        assert!(plain(Format::Json, b"<html>").is_err_and(|e| e.starts_with("is not JSON: expected value at line 1")));
        assert!(plain(Format::Json, b"{\"a\": [1,").is_err_and(|e| e.starts_with("is cut off: EOF while parsing")));
        for csv in [&b"a,b\n1, x \n"[..], b"a;b\n1; x \n", b"sep=|\na|b\n1|x", b"\xff\xfea\x00;\x00b\x00\n\x001\x00;\x00x\x00"] {
            assert_eq!(plain(Format::Csv, csv), Ok(serde_json::json!([{"a": "1", "b": "x"}])), "{csv:?}");
        }
        assert!(plain(Format::Csv, b"a,b\n1\n").is_err_and(|e| e == "is not CSV in line 2: a row has 1 cells instead of 2"));
        assert!(plain(Format::Csv, b"a,a\n1,2\n").is_err_and(|e| e == "has the column 'a' twice"));
        assert!(plain(Format::Csv, b"a\n\xff\n").is_err_and(|e| e.contains("not UTF-8")));
        assert_eq!(plain(Format::Text, b"OK"), Ok(Value::from("OK")));
        assert_eq!(plain(Format::Xml, b"<a><b>1</b></a>"), Ok(serde_json::json!({"a": {"b": "1"}})));
    }

    #[test]
    fn encodings_are_those_that_are_set_or_declared() {
        let set = |label: &str| Reading { encoding: Some(label.into()), ..Reading::default() };
        let declared = |value: &str| Reading { content_type: Some(value.into()), ..Reading::default() };
        assert_eq!(parse(Format::Text, b"Geb\xfchr", set("windows-1252")), Ok(Value::from("Gebühr")));
        assert_eq!(parse(Format::Text, b"Geb\xfchr", declared("text/plain; charset=ISO-8859-1")), Ok(Value::from("Gebühr")));
        assert!(plain(Format::Text, b"Geb\xfchr").is_err_and(|e| e.starts_with("is not UTF-8 at byte 3")), "never a silent U+FFFD");
        assert_eq!(parse(Format::Csv, b"a;b\n\xfc;2", set("latin1")), Ok(serde_json::json!([{"a": "ü", "b": "2"}])));
        let xml = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xfc</a>";
        assert_eq!(parse(Format::Xml, xml, declared("text/xml")), Ok(serde_json::json!({"a": "ü"})));
        let only = Reading { delimiter: Some(b';'), ..Reading::default() };
        assert_eq!(parse(Format::Csv, b"a,b\n1,2", only), Ok(serde_json::json!([{"a,b": "1,2"}])));
    }

    #[test]
    fn retry_after_as_seconds_and_as_a_date() {
        let now: DateTime<Utc> = "2026-11-21T09:00:00Z".parse().expect("an instant");
        assert_eq!(retry_after_ms("120", now), Some(120_000));
        assert_eq!(retry_after_ms("Sat, 21 Nov 2026 09:01:00 GMT", now), Some(60_000));
        assert_eq!(retry_after_ms("Sat, 21 Nov 2026 08:00:00 GMT", now), Some(0));
        assert_eq!(retry_after_ms("Saturday, 21-Nov-26 09:01:00 GMT", now), Some(60_000));
        assert_eq!(retry_after_ms("Saturday, 21-Nov-99 09:01:00 GMT", now), Some(0), "fifty years ahead is the century before");
        assert_eq!(retry_after_ms("Sat Nov 21 09:01:00 2026", now), Some(60_000));
        assert_eq!(retry_after_ms("Tue Dec  1 09:00:00 2026", now), Some(MAX_RETRY_AFTER_MS));
        assert_eq!(retry_after_ms("99999999999999999999", now), None);
        assert_eq!(retry_after_ms("9999999", now), Some(MAX_RETRY_AFTER_MS));
        assert_eq!(retry_after_ms("soon", now), None);
    }
}
