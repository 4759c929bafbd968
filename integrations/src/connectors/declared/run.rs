//! One fetch or payment: the steps in order, then the outcome.

use std::sync::Arc;
use std::time::Duration;

use billow_billing::ports::{Exchange, FetchOutcome, FetchReply, FetchRequest};
use chrono::SecondsFormat;
use serde_json::{Map, Value, json};

use super::request::{Draft, DraftFault};
use super::settings::{Plan, Poll, Settings, Step};
use crate::connectors::answers;
use crate::connectors::exchange;
use crate::connectors::jq::{Jq, JqFault};
use crate::connectors::mapping::{Mapped, OutcomeKind, read_outcome};
use crate::connectors::secrets::{Masks, holds_placeholder};
use crate::http::{GuardedHttp, HttpResponse};

/// What a fetch may leave behind for the next one.
pub(super) const MAX_CONTINUATION_BYTES: usize = 256 << 10;
/// When a program says "pending" and not for how long.
pub(super) const PENDING_MS: u64 = 60_000;
/// The shortest and the longest wait for a polled step that is not there yet.
const POLL_AGAIN_MS: (u64, u64) = (1_000, 3_600_000);

/// A fetch or a payment under way.
pub(super) struct Run<'a> {
    pub(super) http: &'a GuardedHttp,
    pub(super) jq: &'a Arc<Jq>,
    pub(super) settings: &'a Settings,
    pub(super) plan: &'a Plan,
    pub(super) request: &'a FetchRequest,
    /// What programs see besides what every fetch shows them.
    pub(super) more: Map<String, Value>,
    pub(super) masks: Masks,
    pub(super) answers: Map<String, Value>,
    pub(super) trace: Vec<Exchange>,
    /// Whether the far side may have acted upon something.
    pub(super) acted: bool,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        (http, jq): (&'a GuardedHttp, &'a Arc<Jq>),
        settings: &'a Settings,
        plan: &'a Plan,
        request: &'a FetchRequest,
        more: Map<String, Value>,
    ) -> Self {
        let masks = Masks::of(request);
        Self { http, jq, settings, plan, request, more, masks, answers: Map::new(), trace: Vec::new(), acted: false }
    }

    pub(super) async fn fetch(mut self) -> FetchReply {
        let mut reply = match self.steps().await {
            Ok(mapped) => self.reply(mapped),
            Err(outcome) => FetchReply::of(outcome),
        };
        reply.outcome = exchange::masked(reply.outcome, &self.masks);
        reply.trace = self.trace;
        reply
    }

    async fn steps(&mut self) -> Result<Mapped, FetchOutcome> {
        let yielded = self.walk().await?;
        read_outcome(&yielded).map_err(|problem| broken(format!("outcome: {problem}")))
    }

    /// All the steps; answers what the outcome program yields.
    pub(super) async fn walk(&mut self) -> Result<Value, FetchOutcome> {
        if self.request.params.values().any(|value| value.contains(crate::connectors::secrets::PLACEHOLDER)) {
            return Err(not_ours());
        }
        let first = self.resume();
        for at in first..self.plan.steps.len() {
            let step = &self.plan.steps[at];
            match &step.poll {
                None => drop(self.step(step).await?),
                Some(poll) => self.poll(at, step, poll).await?,
            }
        }
        let yielded = self.program("outcome", &self.plan.outcome).await?;
        yielded.ok_or_else(|| broken("outcome: the program yields nothing"))
    }

    /// Takes up what the last fetch left behind, when it still fits the steps.
    fn resume(&mut self) -> usize {
        let Some(left) = self.request.continuation.as_ref() else { return 0 };
        let at = left["at"].as_u64().and_then(|at| usize::try_from(at).ok());
        let fits = at.and_then(|at| self.plan.steps.get(at)).is_some_and(|step| left["step"] == step.name.as_str());
        match (at, &left["answers"]) {
            (Some(at), Value::Object(answers)) if fits => {
                self.answers = answers.clone();
                at
            }
            _ => 0,
        }
    }

    fn pending(&self, at: usize, after_ms: u64) -> FetchOutcome {
        let name = self.plan.steps.get(at).map_or("", |step| step.name.as_str());
        let continuation = json!({"at": at, "step": name, "answers": self.answers});
        if continuation.to_string().len() > MAX_CONTINUATION_BYTES {
            return broken(format!(
                "the answers so far are larger than the {MAX_CONTINUATION_BYTES} bytes that can be kept for the next fetch"
            ));
        }
        FetchOutcome::Pending { after_ms, continuation }
    }

    async fn poll(&mut self, at: usize, step: &Step, poll: &Poll) -> Result<(), FetchOutcome> {
        for round in 0..poll.max {
            if round > 0 {
                tokio::time::sleep(Duration::from_millis(poll.every_ms)).await;
            }
            if !self.step(step).await? {
                return Ok(());
            }
            match self.program(&format!("{}.poll.until", step.name), &poll.until).await? {
                Some(Value::Bool(true)) => return Ok(()),
                Some(Value::Bool(false)) => {}
                _ => return Err(broken(format!("{}.poll.until: the program must yield true or false", step.name))),
            }
        }
        // The next fetch asks this step again; its last answer is of no use then.
        self.answers.remove(&step.name);
        Err(self.pending(at, (poll.every_ms * poll.max).clamp(POLL_AGAIN_MS.0, POLL_AGAIN_MS.1)))
    }

    /// Sends a step's request and keeps its answer; not when its program says, with null, that there is nothing to send.
    async fn step(&mut self, step: &Step) -> Result<bool, FetchOutcome> {
        let yielded = match &step.request {
            None => None,
            Some(program) => {
                let place = format!("{}.request", step.name);
                let yielded = self.program(&place, program).await?;
                match yielded {
                    Some(Value::Null) => return Ok(false),
                    Some(yielded) => Some(yielded),
                    None => return Err(broken(format!("{place}: the program yields nothing"))),
                }
            }
        };
        let draft = Draft::of(step, yielded, self.request).map_err(|fault| match fault {
            DraftFault::Definition(problem) => broken(format!("{}.request: {problem}", step.name)),
            DraftFault::Parameter => not_ours(),
        })?;
        let (request, shown) =
            draft.complete(self.settings, step, self.request).map_err(|problem| broken(format!("{}: {problem}", step.name)))?;
        let result = self.http.send(request).await;
        self.acted |= match &result {
            // These say that nobody looked at it.
            Ok(answer) => step.accepts(answer.status) || !matches!(answer.status, 401 | 403 | 429),
            Err(fault) => fault.may_have_been_carried_out(),
        };
        if self.request.trace {
            if let Ok(answer) = &result {
                self.masks.learn(&answer.body);
            }
            self.trace.push(exchange::of(&step.name, &shown, &result, &self.masks));
        }
        let answer = result.map_err(|fault| answers::of_fault(&step.name, &fault))?;
        let kept = self.read(step, &answer).inspect_err(|outcome| {
            if let (FetchOutcome::Broken { message }, Some(last)) = (outcome, self.trace.last_mut()) {
                last.problem = Some(self.masks.mask(message));
            }
        })?;
        self.answers.insert(step.name.clone(), kept);
        Ok(true)
    }

    fn read(&self, step: &Step, answer: &HttpResponse) -> Result<Value, FetchOutcome> {
        if !step.accepts(answer.status) {
            return Err(answers::of_status(&step.name, answer, self.request.now));
        }
        let body = step
            .format
            .parse(&answer.body, &step.reading(answer.header("content-type")))
            .map_err(|problem| broken(format!("{}: the answer {problem}", step.name)))?;
        if holds_placeholder(&body) {
            return Err(broken(format!("{}: the answer holds a {{{{credential:…}}}}, which is never passed on", step.name)));
        }
        let mut headers = Map::new();
        for name in answer.headers.keys() {
            let values: Vec<&str> = answer.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
            headers.insert(name.as_str().to_owned(), Value::from(values.join(", ")));
        }
        let headers = Value::Object(headers);
        if holds_placeholder(&headers) {
            return Err(broken(format!("{}: a header of the answer holds a {{{{credential:…}}}}, which is never passed on", step.name)));
        }
        Ok(json!({"status": answer.status, "headers": headers, "body": body}))
    }

    async fn program(&self, place: &str, text: &str) -> Result<Option<Value>, FetchOutcome> {
        let mut context = json!({
            "params": self.request.params,
            "today": self.request.today,
            "now": self.request.now.to_rfc3339_opts(SecondsFormat::Secs, true),
            "steps": self.answers,
        });
        for (name, value) in &self.more {
            context[name] = value.clone();
        }
        self.jq.run(text, Arc::new(context)).await.map_err(|fault| match fault {
            JqFault::Program(problem) => broken(format!("{place}: {problem}")),
            JqFault::Busy => FetchOutcome::Retryable { message: format!("{place}: {fault}"), retry_after_ms: None },
        })
    }

    fn reply(&self, mapped: Mapped) -> FetchReply {
        let Mapped { kind, bills, refused, message, retry_after_ms, prepaid, plans } = mapped;
        let said = |fallback: &str| message.clone().unwrap_or_else(|| fallback.to_owned());
        let outcome = match kind {
            OutcomeKind::Bills => FetchOutcome::Bills(bills),
            OutcomeKind::NoneDue => FetchOutcome::NoneDue,
            OutcomeKind::NotFound => FetchOutcome::NotFound { message: said("The provider does not know this account.") },
            OutcomeKind::NeedsCustomer => {
                FetchOutcome::NeedsCustomer { message: said("The provider asks you to do something with this account first.") }
            }
            OutcomeKind::Pending => {
                // Asking for an answer again must not ask for the work again.
                let at = self.plan.steps.iter().rposition(|step| step.poll.is_some()).unwrap_or(0);
                self.pending(at, retry_after_ms.unwrap_or(PENDING_MS))
            }
            OutcomeKind::Retryable => FetchOutcome::Retryable { message: said("the provider said to try again"), retry_after_ms },
            OutcomeKind::Broken => FetchOutcome::Broken { message: said("the mapping says that something is broken") },
        };
        FetchReply { refused, prepaid, plans, ..FetchReply::of(outcome) }
    }
}

fn broken(message: impl Into<String>) -> FetchOutcome {
    FetchOutcome::Broken { message: message.into() }
}

/// A parameter that could only harm.
fn not_ours() -> FetchOutcome {
    FetchOutcome::NotFound { message: "The provider has no account with this number.".into() }
}
