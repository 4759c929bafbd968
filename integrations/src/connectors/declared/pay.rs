//! Paying a bill at a provider that is declared as data, and asking how a payment stands.

use std::sync::Arc;

use billow_billing::ports::{FetchOutcome, FetchRequest, PayOutcome, PayReply, PayRequest};
use billow_entities::Money;
use serde_json::{Map, Value, json};

use super::run::{MAX_CONTINUATION_BYTES, PENDING_MS, Run};
use super::settings::Settings;
use crate::connectors::jq::Jq;
use crate::connectors::mapping::read_payment;
use crate::connectors::secrets::{Masks, holds_placeholder};
use crate::http::GuardedHttp;

/// What is wanted of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// That it takes a payment.
    Pay,
    /// That it tells how one stands.
    Ask,
}

/// Runs the errand's steps and reads what came of them.
pub(super) async fn pay(with: (&GuardedHttp, &Arc<Jq>), settings: &Settings, errand: Errand, request: PayRequest) -> PayReply {
    let plan = match errand {
        Errand::Pay => settings.pay.as_ref(),
        Errand::Ask => settings.pay_status.as_ref(),
    };
    let payment = json!({
        "reference": request.reference,
        "bill_number": request.bill_number,
        "plan_code": request.plan_code,
        "amount_minor": request.amount_minor,
        "amount": Money::new(request.amount_minor, request.currency).decimal(),
        "currency": request.currency,
    });
    let Some(plan) = plan.filter(|_| !holds_placeholder(&payment)) else {
        return PayReply::of(without_answer(
            errand,
            false,
            "the bill's number holds a {{credential:…}}, which is never passed on".into(),
            None,
        ));
    };
    let more =
        Map::from_iter([("payment".to_owned(), payment), ("continuation".to_owned(), request.continuation.clone().unwrap_or(Value::Null))]);
    // The steps are walked from the first: what a fetch would go on with is for the programs to use here.
    let fetch = FetchRequest {
        definition: request.definition,
        credentials: request.credentials,
        params: request.params,
        now: request.now,
        today: request.today,
        continuation: None,
        trace: request.trace,
    };
    let mut run = Run::new(with, settings, plan, &fetch, more);
    let outcome = match run.walk().await {
        Ok(yielded) => {
            let left = json!({"steps": run.answers});
            read_payment(&yielded, || bounded(left))
                .unwrap_or_else(|problem| without_answer(errand, run.acted, format!("outcome: {problem}"), None))
        }
        // A polled step was not there in time.
        Err(FetchOutcome::Pending { after_ms, .. }) => {
            PayOutcome::Awaited { after_ms, continuation: bounded(json!({"steps": run.answers})) }
        }
        Err(FetchOutcome::Retryable { message, retry_after_ms }) => without_answer(errand, run.acted, message, retry_after_ms),
        Err(FetchOutcome::Broken { message } | FetchOutcome::NotFound { message }) => without_answer(errand, run.acted, message, None),
        Err(_) => without_answer(errand, run.acted, "the steps ended without an outcome".into(), Some(PENDING_MS)),
    };
    PayReply { outcome: masked(outcome, &run.masks), trace: run.trace }
}

/// No outcome: nothing happened only when we wanted to pay and nothing can have reached the provider. A question that got
/// lost says nothing about the payment.
fn without_answer(errand: Errand, acted: bool, message: String, retry_after_ms: Option<u64>) -> PayOutcome {
    if errand == Errand::Pay && !acted { PayOutcome::NotSent { message, retry_after_ms } } else { PayOutcome::Unknown { message } }
}

/// What is kept for the next question, unless it is too large to keep.
fn bounded(left: Value) -> Value {
    if left.to_string().len() > MAX_CONTINUATION_BYTES { json!({}) } else { left }
}

fn masked(outcome: PayOutcome, masks: &Masks) -> PayOutcome {
    match outcome {
        PayOutcome::Rejected { message } => PayOutcome::Rejected { message: masks.mask(&message) },
        PayOutcome::Unknown { message } => PayOutcome::Unknown { message: masks.mask(&message) },
        PayOutcome::NotSent { message, retry_after_ms } => PayOutcome::NotSent { message: masks.mask(&message), retry_after_ms },
        other => other,
    }
}
