//! From a step and what its program yields to a request.

use std::time::Duration;

use billow_billing::ports::FetchRequest;
use bytes::Bytes;
use serde_json::{Map, Value};

use super::placeholders::climbs;
use super::settings::{Settings, Step};
use crate::connectors::auth::Proof;
use crate::connectors::secrets::{MASK, credential, fill, missing};
use crate::http::HttpRequest;

/// What a step sends, with placeholders where secrets go.
pub(super) struct Draft {
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<Body>,
}

enum Body {
    Text(String),
    Json(Value),
}

/// Why there is no draft.
#[derive(Debug)]
pub(super) enum DraftFault {
    /// The definition is wrong.
    Definition(String),
    /// A customer's parameter would lead to another address.
    Parameter,
}

impl Draft {
    /// A draft from the step and what its program yielded, if it has one.
    pub(super) fn of(step: &Step, yielded: Option<Value>, request: &FetchRequest) -> Result<Self, DraftFault> {
        let mut draft = Self { path: step.path.fill(&request.params), query: Vec::new(), headers: Vec::new(), body: None };
        if let Some(yielded) = yielded {
            draft.take(yielded).map_err(DraftFault::Definition)?;
        }
        if !draft.path.is_empty() && !draft.path.starts_with('/') {
            return Err(DraftFault::Definition(format!("path: '{}' does not begin with a slash", draft.path)));
        }
        if climbs(&draft.path) {
            return Err(DraftFault::Parameter);
        }
        Ok(draft)
    }

    fn take(&mut self, yielded: Value) -> Result<(), String> {
        let Value::Object(fields) = yielded else { return Err("it must yield an object with path, query, headers or body".into()) };
        for (name, value) in fields {
            match (name.as_str(), value) {
                (_, Value::Null) => {}
                ("path", Value::String(path)) => self.path = path,
                ("path", _) => return Err("path: must be a text".into()),
                ("query", Value::Object(query)) => {
                    for (name, value) in query {
                        let values = match value {
                            Value::Array(values) => values,
                            value => vec![value],
                        };
                        for value in values {
                            self.query.extend(plain(&format!("query.{name}"), value)?.map(|value| (name.clone(), value)));
                        }
                    }
                }
                ("headers", Value::Object(headers)) => self.headers = read_headers(headers)?,
                ("query" | "headers", _) => return Err(format!("{name}: must be an object")),
                ("body", Value::String(text)) => self.body = Some(Body::Text(text)),
                ("body", value) => self.body = Some(Body::Json(value)),
                (other, _) => return Err(format!("{other}: is not part of a request; there are path, query, headers, body")),
            }
        }
        Ok(())
    }

    /// The request with its secrets, and the same with masks, to show.
    pub(super) fn complete(&self, settings: &Settings, step: &Step, request: &FetchRequest) -> Result<(HttpRequest, HttpRequest), String> {
        let secret = |name: &str| credential(&request.credentials, name);
        let mask = |_: &str| Some(MASK.to_owned());
        Ok((self.build(settings, step, request, &secret)?, self.build(settings, step, request, &mask)?))
    }

    fn build(
        &self,
        settings: &Settings,
        step: &Step,
        request: &FetchRequest,
        secret: &dyn Fn(&str) -> Option<String>,
    ) -> Result<HttpRequest, String> {
        let proof = match &settings.auth {
            Some(auth) => auth.proof(|name| secret(name).ok_or_else(|| missing(name)))?,
            None => Proof::default(),
        };
        let mut url = format!("{}{}", settings.base_url.trim_end_matches('/'), fill(&self.path, |name| secret(name).map(encoded))?);
        for (name, value) in self.query.iter().chain(&proof.query) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&encoded(name.clone()));
            url.push('=');
            url.push_str(&encoded(fill(value, secret)?));
        }
        let mut out = HttpRequest::new(step.method.clone(), url);
        for (name, value) in self.headers.iter().chain(&proof.header) {
            out = out.header(name, fill(value, secret)?);
        }
        let has = |out: &HttpRequest, name: &str| out.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        if !has(&out, "accept") {
            out = out.header("accept", step.format.accept());
        }
        if let Some(body) = &self.body {
            let (form, bytes) = match body {
                Body::Text(text) => ("text/plain; charset=utf-8", fill(text, secret)?),
                Body::Json(value) => ("application/json", filled(value, secret)?.to_string()),
            };
            if !has(&out, "content-type") {
                out = out.header("content-type", form);
            }
            out.body = Some(Bytes::from(bytes));
        }
        let limits = &request.definition.limits;
        Ok(out.timeout(Duration::from_millis(limits.timeout_ms.into())).max_bytes(limits.max_bytes as usize))
    }
}

fn encoded(text: String) -> String {
    // A mask stays readable.
    if text.contains(MASK) { text } else { crate::connectors::secrets::percent_encode(&text) }
}

/// A value with every placeholder filled, inside texts only.
fn filled(value: &Value, secret: &dyn Fn(&str) -> Option<String>) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Value::String(fill(text, secret)?),
        Value::Array(items) => Value::Array(items.iter().map(|item| filled(item, secret)).collect::<Result<_, _>>()?),
        Value::Object(entries) => Value::Object(
            entries.iter().map(|(key, value)| Ok((key.clone(), filled(value, secret)?))).collect::<Result<Map<_, _>, String>>()?,
        ),
        other => other.clone(),
    })
}

/// Texts, numbers and truth values; null is left out.
fn plain(path: &str, value: Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Bool(b) => Ok(Some(b.to_string())),
        _ => Err(format!("{path}: must be a text, a number or a truth value")),
    }
}

fn read_headers(headers: Map<String, Value>) -> Result<Vec<(String, String)>, String> {
    let mut out = Vec::new();
    for (name, value) in headers {
        out.extend(plain(&format!("headers.{name}"), value)?.map(|value| (name.to_ascii_lowercase(), value)));
    }
    Ok(out)
}
