//! What a reply means: bills accepted or refused, what is kept of it, and what it tells about the provider. Pure.

use std::collections::HashMap;
use std::sync::Arc;

use billow_entities::{FetchOutcomeKind, UtilityAccountId, utility_account};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use crate::bills::{Accepted, accept, minor_units, usual_of};
use crate::circuit::Sign;
use crate::ports::{FetchOutcome, FetchReply, PrepaidStatus};
use crate::providers::LoadedProvider;

/// Bills taken from one reply.
const MAX_BILLS: usize = 500;
/// Characters of a message that are kept.
const MAX_MESSAGE: usize = 1_000;
/// Refused bills that are told in a message.
const TOLD: usize = 5;
/// Characters a plan's code may have.
const MAX_CODE: usize = 64;
/// Bytes of a continuation that are kept.
const MAX_CONTINUATION: usize = 256 * 1024;

/// A reply and what it answers.
#[derive(Debug)]
pub(super) struct Fetched {
    /// As it was claimed.
    pub(super) account: utility_account::Model,
    pub(super) provider: Arc<LoadedProvider>,
    /// Who it is at the provider.
    pub(super) identifier: Option<String>,
    pub(super) reply: FetchReply,
    pub(super) started_at: DateTime<Utc>,
    pub(super) duration_ms: i64,
}

/// A prepaid plan, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlanState {
    pub(super) code: Option<String>,
    pub(super) expires_on: Option<NaiveDate>,
    pub(super) balance_minor: Option<i64>,
}

/// What a reply means.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) kind: FetchOutcomeKind,
    /// In words for an operator.
    pub(super) message: Option<String>,
    /// In words for the customer.
    pub(super) told: Option<String>,
    pub(super) accepted: Vec<Accepted>,
    /// Bills in the reply, refused ones included.
    pub(super) seen: usize,
    pub(super) plan: Option<PlanState>,
    pub(super) sign: Sign,
}

type Earlier = HashMap<UtilityAccountId, Vec<(String, i64)>>;

/// Judges a reply on the provider's day `today`, against the account's earlier bills.
pub(super) fn judge(fetched: &Fetched, earlier: &Earlier, today: NaiveDate) -> Judged {
    let definition = &fetched.provider.definition;
    let mut faults: Vec<String> = Vec::new();
    let mut accepted = Vec::new();
    let mut seen = 0;
    let mut told = None;
    let mut kind = fetched.reply.outcome.kind();
    match &fetched.reply.outcome {
        FetchOutcome::Bills(bills) => {
            seen = bills.len();
            let mut refused = Vec::new();
            for bill in bills.iter().take(MAX_BILLS) {
                let usual = usual_of(earlier, fetched.account.id, &bill.number);
                match accept(bill, definition, fetched.identifier.as_deref(), today, usual) {
                    Ok(bill) => accepted.push(bill),
                    Err(problems) => {
                        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
                        refused.push(format!("bill {:?}: {}", clean(&bill.number, 40), problems.join("; ")));
                    }
                }
            }
            if seen > MAX_BILLS {
                refused.push(format!("{seen} bills are too many; the first {MAX_BILLS} were looked at"));
            }
            if !refused.is_empty() {
                let more = refused.len().saturating_sub(TOLD);
                let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
                faults.push(format!(
                    "Of {seen} bills, {} were refused: {}{more}",
                    refused.len(),
                    refused[..refused.len().min(TOLD)].join(" | ")
                ));
            }
        }
        FetchOutcome::NotFound { message } => told = Some(or(message, "The provider does not know this account.")),
        FetchOutcome::NeedsCustomer { message } => told = Some(or(message, "The provider wants you to do something first.")),
        FetchOutcome::Pending { continuation, .. } => {
            if !can_be_kept(continuation) {
                kind = FetchOutcomeKind::Broken;
                faults.push(format!("what the provider wants back at the next poll is more than {MAX_CONTINUATION} bytes, or no text"));
            }
        }
        FetchOutcome::Retryable { message, .. } => faults.push(or(message, "the provider could not answer in passing")),
        FetchOutcome::Broken { message } => faults.push(or(message, "the provider's answer could not be used")),
        FetchOutcome::NoneDue => {}
    }
    let plan = match fetched.reply.prepaid.as_ref().map(|p| plan_state(p, definition.currency)).transpose() {
        Ok(plan) => plan,
        Err(problem) => {
            faults.push(problem);
            None
        }
    };
    let refused = !faults.is_empty();
    if refused && kind != FetchOutcomeKind::Retryable {
        kind = FetchOutcomeKind::Broken;
    }
    let message = if refused { Some(clean(&faults.join("; "), MAX_MESSAGE)) } else { told.clone() };
    let sign = match &message {
        Some(message) if refused => Sign::Fault(message.clone()),
        _ => Sign::Healthy,
    };
    Judged { kind, message, told, accepted, seen, plan, sign }
}

fn plan_state(prepaid: &PrepaidStatus, currency: billow_entities::Currency) -> Result<PlanState, String> {
    let balance = prepaid.balance.as_ref().map(|b| minor_units(b, currency)).transpose();
    let balance_minor = balance.map_err(|(_, problem)| format!("the prepaid balance {problem}"))?;
    let code = prepaid.plan_code.as_deref().map(|c| clean(c, MAX_CODE)).filter(|c| !c.is_empty());
    Ok(PlanState { code, expires_on: prepaid.expires_on, balance_minor })
}

/// Neither too large nor with a NUL, which PostgreSQL takes in no text.
fn can_be_kept(continuation: &Value) -> bool {
    let text = continuation.to_string();
    text.len() <= MAX_CONTINUATION && !text.contains("\\u0000")
}

fn or(message: &str, otherwise: &str) -> String {
    let message = clean(message, MAX_MESSAGE);
    if message.is_empty() { otherwise.to_owned() } else { message }
}

/// Without control characters, and not longer than `max` characters.
pub(super) fn clean(text: &str, max: usize) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(max).collect()
}
