//! Runs one operation within its limits, whichever way it came.
//!
//! Each runs in a task of its own: whatever becomes of the connection it came by, nothing that holds a connection to the
//! database is left waiting for a client, and the time limit does not depend on the operation's own cooperation.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Variables};
use axum::http::HeaderMap;
use billow_billing::Actor;
use billow_billing::telemetry::with_trace_id;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use serde::Deserialize;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use crate::app::App;
use crate::caller::{Admission, Caller};
use crate::charge::{Charge, too_many};
use crate::document_cache::{Asked, Document, Unusable};
use crate::introspection::Excess;
use crate::persisted::Missing;
use crate::refusal::FAULT;
use crate::reply::{Answer, Reply, error};
use crate::texts::{Unfit, check_variables};
use crate::turns::Turns;

/// An operation as it is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    /// The document; absent where its hash is sent instead.
    #[serde(default)]
    pub query: Option<String>,
    #[serde(default)]
    pub operation_name: Option<String>,
    #[serde(default)]
    pub variables: Option<serde_json::Map<String, serde_json::Value>>,
    /// Checked to be an object; persisted queries are understood.
    #[serde(default)]
    pub extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

impl Operation {
    /// Whether it says what to run.
    pub(crate) fn is_whole(&self) -> bool {
        self.query.is_some() || self.extensions.as_ref().is_some_and(|all| all.contains_key("persistedQuery"))
    }
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
    charge: Arc<Charge>,
    /// For operations that ask about the schema and nothing else: where their answer is kept.
    introspection: Option<[u8; 32]>,
    /// The operation's name as metrics and spans have it.
    name: Arc<str>,
    kind: &'static str,
}

impl Ready {
    /// The operation's name as metrics and spans have it.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }
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
    match checked(app, caller, operation) {
        Ok(prepared) => prepared,
        Err(reply) => Prepared::Refused(*reply),
    }
}

fn checked(app: &App, caller: &Caller, operation: Operation) -> Result<Prepared, Box<Reply>> {
    let refuse = |code, message: &str| Box::new(Reply::refusal(code, message, caller));
    let document = document(app, caller, operation.query, operation.extensions.as_ref())?;
    // An empty name is none; tools send it.
    let name = operation.operation_name.filter(|name| !name.is_empty());
    let mut all = document.tree.operations.iter().enumerate();
    let wanted = match &name {
        Some(name) => all.find(|(_, (candidate, _))| candidate.is_some_and(|candidate| candidate.as_str() == name)),
        None => all.next().filter(|_| all.next().is_none()),
    };
    let Some((place, (own_name, wanted))) = wanted else {
        let message = if name.is_some() { "The document has no operation of this name." } else { "Say which operation is meant." };
        return Err(refuse("GRAPHQL_VALIDATION_FAILED", message));
    };
    let limits = &app.config.limits;
    let variables = operation.variables.unwrap_or_default();
    let longest = if caller.actor().is_staff() { limits.staff_body } else { limits.text };
    check_variables(&variables, longest).map_err(|unfit| Box::new(unfit_reply(unfit, caller)))?;
    let kind = match wanted.node.ty {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    };
    // Fragments that go in a circle are refused by validation.
    let model = if document.introspects && !document.orders.is_empty() { app.model() } else { None };
    let asks = match model {
        Some(model) => model.asks(&wanted.node, &document.tree, &variables, limits.introspection).map_err(|excess| {
            let spent = app.budgets.charge_excess(caller.actor(), caller.address, introspection_cost(limits.introspection));
            if let Err(spent) = spent {
                return Box::new(Reply::refused_with(too_many(&spent), caller));
            }
            refuse(
                "TOO_COMPLEX",
                &match excess {
                    Excess::Twice => "An operation asks for `__schema` and for `__type` once at most.".to_owned(),
                    Excess::TooLarge => format!("The introspection has too large an answer (at most {} fields).", limits.introspection),
                },
            )
        })?,
        None => None,
    };
    let live = wanted.node.ty == OperationType::Subscription;
    let variables = serde_json::Value::Object(variables);
    let asked = (wanted.node.ty == OperationType::Query).then(|| Asked::of(place, &variables));
    let introspection = asked.as_ref().filter(|_| asks.is_some_and(|asks| asks.alone)).map(|asked| asked.within(&document.text_digest));
    if let Some(asks) = asks {
        let known = introspection.is_some_and(|key| app.introspections.has(key));
        let cost = if known { KNOWN_INTROSPECTION_COST } else { introspection_cost(asks.cost) };
        app.budgets
            .charge(caller.actor(), caller.address, u32::try_from(cost).unwrap_or(u32::MAX))
            .map_err(|spent| Box::new(Reply::refused_with(too_many(&spent), caller)))?;
    }
    let charge = Charge::new(Arc::clone(&app.budgets), caller.actor().clone(), caller.address, !live);
    let label = app.names.label(own_name.map(async_graphql::Name::as_str), *caller.actor() != Actor::Anonymous);
    let mut request = Request::new("").variables(Variables::from_json(variables));
    request = request.data(caller.clone()).data(Admission::default()).data(Arc::clone(&charge));
    request.operation_name = name;
    request.set_parsed_query(document.tree.clone());
    let order = AnswerOrder { document, operation: place };
    let ready = Ready { request, order, asked, charge, introspection, name: label, kind };
    Ok(if live { Prepared::Live(ready) } else { Prepared::Once(ready) })
}

/// How long the refusal of a caller that has spent its budget is delayed. A client that sends the next request as soon as it
/// has an answer would otherwise cost more by its refusals than by its operations.
const REFUSAL_DELAY: Duration = Duration::from_secs(1);

/// Delays a reply that says that the caller's budget is spent.
pub(crate) async fn delay_refusal(reply: &Reply) {
    if reply.code.as_deref() == Some("TOO_MANY") {
        tokio::time::sleep(REFUSAL_DELAY).await;
    }
}

/// What an introspection costs that is answered from the cache.
const KNOWN_INTROSPECTION_COST: usize = 50;

/// What an introspection costs: twenty fields from memory are as much as one from the database.
const fn introspection_cost(fields: usize) -> usize {
    fields / 20
}

/// The document of a request, by its text or its hash.
fn document(
    app: &App,
    caller: &Caller,
    query: Option<String>,
    extensions: Option<&serde_json::Map<String, serde_json::Value>>,
) -> Result<Arc<Document>, Box<Reply>> {
    let known = *caller.actor() != Actor::Anonymous;
    let refuse = |code, message: &str| Box::new(Reply::refusal(code, message, caller));
    let text = app.persisted.document(query, extensions, !known).map_err(|missing| match missing {
        Missing::Nothing => refuse("BAD_REQUEST", "The operation has no text `query`."),
        Missing::Malformed => refuse("BAD_REQUEST", "`extensions.persistedQuery` must have `version` 1 and a `sha256Hash`."),
        Missing::Mismatch => refuse("BAD_REQUEST", "The `sha256Hash` is not that of the `query`."),
        // The message is part of what such clients understand.
        Missing::Unknown => refuse("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"),
    })?;
    let spend = |new_bytes| app.budgets.charge_request(caller.actor(), caller.address, new_bytes);
    app.documents.read(&text, &app.config.limits, known, spend).map_err(|unusable| match unusable {
        Unusable::TooMuch(reason) => refuse("TOO_COMPLEX", &reason.0),
        Unusable::Unfit(unfit) => Box::new(unfit_reply(unfit, caller)),
        Unusable::Spent(spent) => Box::new(Reply::refused_with(too_many(&spent), caller)),
        Unusable::Syntax(mut wrong) => {
            wrong.extensions.get_or_insert_default().set("code", "GRAPHQL_PARSE_FAILED");
            Box::new(Reply::refused_with(wrong, caller))
        }
    })
}

fn unfit_reply(unfit: Unfit, caller: &Caller) -> Reply {
    let mut out = error("BAD_USER_INPUT", format!("`{}`: {}", unfit.path.escape_debug(), unfit.message));
    let path: Vec<String> = unfit.path.split('.').map(|part| part.escape_debug().to_string()).collect();
    out.extensions.get_or_insert_default().set("path", path);
    Reply::refused_with(out, caller)
}

/// Runs a query or mutation; never longer than the limit, and whatever happens there is an answer.
pub(crate) async fn run(app: &App, caller: &Caller, ready: Ready) -> (Reply, HeaderMap) {
    let (name, kind, started) = (Arc::clone(&ready.name), ready.kind, tokio::time::Instant::now());
    let work = with_trace_id(caller.request_id.to_string(), execute(app.clone(), caller.clone(), ready));
    let span = tracing::info_span!("graphql.operation", graphql.operation.name = &*name, graphql.operation.type = kind, request.id = &*caller.request_id);
    let task = AbortOnDropHandle::new(tokio::spawn(work.instrument(span)));
    let done = match tokio::time::timeout(app.config.limits.timeout, task).await {
        Ok(Ok(done)) => done,
        Ok(Err(_panic)) => (panicked(caller), HeaderMap::default()),
        Err(_elapsed) => {
            tracing::warn!(request.id = &*caller.request_id, graphql.operation.name = &*name, "an operation took too long and was stopped");
            let message = "This took too long and was stopped. Ask for less, or try again.";
            (Reply::refusal("TIMEOUT", message, caller), HeaderMap::default())
        }
    };
    let outcome = outcome(&done.0);
    metrics::histogram!("billow_graphql_operation_seconds", "operation" => name.to_string(), "type" => kind)
        .record(started.elapsed().as_secs_f64());
    metrics::counter!("billow_graphql_operations_total", "operation" => name.to_string(), "type" => kind, "outcome" => outcome)
        .increment(1);
    done
}

/// How an operation ended, for metrics and the log.
pub(crate) fn outcome(reply: &Reply) -> &'static str {
    if reply.refused() {
        "refused"
    } else if reply.code.is_some() {
        "errors"
    } else {
        "ok"
    }
}

async fn execute(app: App, caller: Caller, ready: Ready) -> (Reply, HeaderMap) {
    let Ready { request, order, asked, charge, introspection, .. } = ready;
    if let Some(key) = introspection {
        return (introspect(app, caller, request, order, key).await, HeaderMap::default());
    }
    let known = asked.and_then(|asked| order.document.passed.cost(asked));
    let response = match known {
        Some(cost) => match charge.take(cost).await {
            Ok(()) => app.schema_of_valid.execute(request).await,
            Err(refusal) => return (Reply::refused_with(refusal, &caller), HeaderMap::default()),
        },
        None => app.schema.execute(request).await,
    };
    if let Some(asked) = asked.filter(|_| known.is_none() && response.errors.is_empty()) {
        order.document.passed.note(asked, charge.cost());
    }
    let (answer, headers) = Answer::of(response, |data| order.arrange(data), &caller);
    (Reply::of(&answer, app.config.limits.answer, &caller), headers)
}

/// Answers what asks about the schema alone: from the cache, or on a thread where nobody else's work waits.
async fn introspect(app: App, caller: Caller, request: Request, order: AnswerOrder, key: [u8; 32]) -> Reply {
    if let Some(known) = app.introspections.get(key) {
        return known;
    }
    // Closed never; the answer of whoever was first in the queue may be the same.
    let turn = Arc::clone(&app.introspecting).acquire_owned().await.ok();
    if let Some(known) = app.introspections.get(key) {
        return known;
    }
    let whose = caller.clone();
    let work = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let response = futures::executor::block_on(app.schema.execute(request));
        let (answer, _) = Answer::of(response, |data| order.arrange(data), &caller);
        let reply = Reply::of(&answer, app.config.limits.answer, &caller);
        if reply.code.is_none() {
            app.introspections.put(key, reply.clone());
        }
        reply
    });
    work.await.unwrap_or_else(|_panic| panicked(&whose))
}

/// Runs a subscription until it ends or is dropped.
pub(crate) fn live(app: &App, caller: &Caller, ready: Ready, turns: Arc<Turns>) -> BoxStream<'static, Reply> {
    let Ready { request, order, kind, name, .. } = ready;
    metrics::counter!("billow_graphql_operations_total", "operation" => name.to_string(), "type" => kind, "outcome" => "started")
        .increment(1);
    let stream = app.schema.execute_stream(request.data(turns));
    let (caller, most) = (caller.clone(), app.config.limits.socket_answer);
    AssertUnwindSafe(stream)
        .catch_unwind()
        .map(move |item| match item {
            Ok(response) => Reply::of(&Answer::of(response, |data| order.arrange(data), &caller).0, most, &caller),
            Err(_panic) => panicked(&caller),
        })
        .boxed()
}

fn panicked(caller: &Caller) -> Reply {
    tracing::error!(request.id = &*caller.request_id, "an operation panicked");
    metrics::counter!("billow_panics_total", "edge" => "graphql").increment(1);
    Reply::refusal("INTERNAL", FAULT, caller)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_has_spent_its_budget_waits_for_the_answer_and_nobody_else_does() {
        let reply = |code: Option<&str>| Reply { text: "{}".into(), refusal: None, code: code.map(str::to_owned), retry_after_s: None };
        for (code, waits) in [(Some("TOO_MANY"), REFUSAL_DELAY), (Some("TOO_COMPLEX"), Duration::ZERO), (None, Duration::ZERO)] {
            let started = tokio::time::Instant::now();
            delay_refusal(&reply(code)).await;
            assert_eq!(started.elapsed(), waits, "{code:?}");
        }
    }
}
