//! Runs one operation within its limits, whichever way it came.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ServerError, Variables};
use billow_billing::Actor;
use billow_billing::telemetry::with_trace_id;
use futures::stream::BoxStream;
use futures::{FutureExt as _, StreamExt as _};
use serde::{Deserialize, Serialize};

use crate::app::{Admission, App, Caller};
use crate::documents::{Asked, Document, Unusable};
use crate::refusal::FAULT;

/// An operation as it is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    pub query: String,
    #[serde(default)]
    pub operation_name: Option<String>,
    #[serde(default)]
    pub variables: Option<serde_json::Map<String, serde_json::Value>>,
    #[serde(default)]
    #[expect(dead_code, reason = "checked to be an object; none is understood")]
    pub extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

/// An answer as it is sent.
#[derive(Debug, Serialize)]
pub(crate) struct Reply {
    /// Absent where the operation was not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<async_graphql::Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ServerError>,
}

impl Reply {
    /// Whether the operation was refused before it was run.
    pub(crate) fn refused(&self) -> bool {
        self.data.is_none()
    }

    fn of(response: Response, order: &AnswerOrder, caller: &Caller) -> (Self, axum::http::HeaderMap) {
        let Response { mut data, mut errors, http_headers, .. } = response;
        let run = errors.is_empty() || data != async_graphql::Value::Null || errors.iter().any(|error| !error.path.is_empty());
        for error in &mut errors {
            finish(error, run, caller);
        }
        order.arrange(&mut data);
        (Self { data: run.then_some(data), errors }, http_headers)
    }

    fn refusal(code: &str, message: impl Into<String>, caller: &Caller) -> Self {
        Self { data: None, errors: vec![error(code, message, caller)] }
    }
}

/// A top-level error.
fn error(code: &str, message: impl Into<String>, caller: &Caller) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code);
    finish(&mut error, false, caller);
    error
}

/// Every top-level error has a code and the request's id.
fn finish(error: &mut ServerError, run: bool, caller: &Caller) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", if run { "BAD_USER_INPUT" } else { "GRAPHQL_VALIDATION_FAILED" });
    }
    extensions.set("requestId", &*caller.request_id);
    error.source = None;
}

/// What came of asking for an operation.
pub(crate) enum Prepared {
    /// A query or mutation, ready to be run.
    Once(Ready),
    /// A subscription.
    Live(Ready),
    /// None of them.
    Refused(Reply),
}

/// A request that is within the limits.
pub(crate) struct Ready {
    request: Request,
    order: AnswerOrder,
    /// For queries: what is noted as valid when it has been answered.
    asked: Option<Asked>,
}

/// The order of an operation's answer, kept with the document it is of.
struct AnswerOrder {
    document: Arc<Document>,
    operation: usize,
}

impl AnswerOrder {
    fn arrange(&self, data: &mut async_graphql::Value) {
        if let Some(order) = self.document.orders.get(self.operation) {
            order.arrange(data);
        }
    }
}

/// Checks the limits and tells what sort of operation it is.
pub(crate) fn prepare(app: &App, caller: &Caller, operation: Operation) -> Prepared {
    let known = *caller.actor() != Actor::Anonymous;
    let document = match app.documents.read(&operation.query, &app.config.limits, known) {
        Ok(document) => document,
        Err(Unusable::TooMuch(reason)) => return Prepared::Refused(Reply::refusal("TOO_COMPLEX", reason.0, caller)),
        Err(Unusable::Syntax(mut wrong)) => {
            wrong.extensions.get_or_insert_default().set("code", "GRAPHQL_PARSE_FAILED");
            finish(&mut wrong, false, caller);
            return Prepared::Refused(Reply { data: None, errors: vec![wrong] });
        }
    };
    // An empty name is none; tools send it.
    let name = operation.operation_name.filter(|name| !name.is_empty());
    let mut all = document.tree.operations.iter().enumerate();
    let wanted = match &name {
        Some(name) => all.find(|(_, (candidate, _))| candidate.is_some_and(|candidate| candidate.as_str() == name)),
        None => all.next().filter(|_| all.next().is_none()),
    };
    let Some((place, (_, wanted))) = wanted else {
        let message = if name.is_some() { "The document has no operation of this name." } else { "Say which operation is meant." };
        return Prepared::Refused(Reply::refusal("GRAPHQL_VALIDATION_FAILED", message, caller));
    };
    let live = wanted.node.ty == OperationType::Subscription;
    let variables = serde_json::Value::Object(operation.variables.unwrap_or_default());
    let asked = (wanted.node.ty == OperationType::Query).then(|| Asked::of(place, &variables));
    let mut request = Request::new("").variables(Variables::from_json(variables)).data(caller.clone()).data(Admission::default());
    request.operation_name = name;
    request.set_parsed_query(document.tree.clone());
    let ready = Ready { request, order: AnswerOrder { document, operation: place }, asked };
    if live { Prepared::Live(ready) } else { Prepared::Once(ready) }
}

/// Runs a query or mutation; never longer than the limit, and whatever happens there is an answer.
pub(crate) async fn run(app: &App, caller: &Caller, ready: Ready) -> (Reply, axum::http::HeaderMap) {
    let Ready { request, order, asked } = ready;
    let passed = asked.is_some_and(|asked| order.document.passed.has(asked));
    let schema = if passed { &app.schema_of_valid } else { &app.schema };
    let work = with_trace_id(caller.request_id.to_string(), schema.execute(request));
    match tokio::time::timeout(app.config.limits.timeout, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(response)) => {
            if let Some(asked) = asked.filter(|_| !passed && response.errors.is_empty()) {
                order.document.passed.note(asked);
            }
            Reply::of(response, &order, caller)
        }
        Ok(Err(_panic)) => (panicked(caller), Default::default()),
        Err(_elapsed) => {
            tracing::warn!(request.id = &*caller.request_id, "an operation took too long and was given up");
            (Reply::refusal("TIMEOUT", "This took too long and was given up. Ask for less, or try again.", caller), Default::default())
        }
    }
}

/// Runs a subscription until it ends or is dropped.
pub(crate) fn live(app: &App, caller: &Caller, ready: Ready) -> BoxStream<'static, Reply> {
    let Ready { request, order, .. } = ready;
    let stream = app.schema.execute_stream(request);
    let caller = caller.clone();
    AssertUnwindSafe(stream)
        .catch_unwind()
        .map(move |item| match item {
            Ok(response) => Reply::of(response, &order, &caller).0,
            Err(_panic) => panicked(&caller),
        })
        .boxed()
}

fn panicked(caller: &Caller) -> Reply {
    tracing::error!(request.id = &*caller.request_id, "an operation panicked");
    metrics::counter!("billow_panics_total", "edge" => "graphql").increment(1);
    Reply::refusal("INTERNAL", FAULT, caller)
}
