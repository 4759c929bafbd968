//! What a reply means: bills accepted or refused, what is kept of it, and what it tells about the provider. Pure.

use std::sync::Arc;

use billow_entities::{FetchOutcomeKind, utility_account};
use billow_kernel::amounts::minor_units;
use billow_kernel::circuit::Sign;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use crate::bills::sql::EarlierBills;
use crate::bills::{Accepted, Known, RESCALED, review};
use crate::connector::{FetchOutcome, FetchReply, PrepaidStatus, RefusedBill};
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
    /// Whether its bills were refused because all of them are in another scale than before.
    pub(super) rescaled: bool,
}

impl Judged {
    /// Takes back the bills that are not to be written now, and says why.
    pub(super) fn hold(&mut self, held: impl Fn(&Accepted) -> bool, reason: &str) {
        let before = self.accepted.len();
        self.accepted.retain(|bill| !held(bill));
        if self.accepted.len() < before {
            self.kind = FetchOutcomeKind::Broken;
            self.message =
                Some(clean(&self.message.iter().map(String::as_str).chain([reason]).collect::<Vec<_>>().join("; "), MAX_MESSAGE));
        }
    }
}

/// Judges a reply on the provider's day `today`, against the account's earlier bills.
pub(super) fn judge(fetched: &Fetched, earlier: &EarlierBills, today: NaiveDate) -> Judged {
    let definition = &fetched.provider.definition;
    // What is wrong with the provider, and what is wrong with single bills of this account.
    let mut faults: Vec<String> = Vec::new();
    let mut refusals: Vec<String> = Vec::new();
    let mut accepted = Vec::new();
    let mut seen = 0;
    let mut told = None;
    let mut rescaled = false;
    let mut kind = fetched.reply.outcome.kind();
    match &fetched.reply.outcome {
        FetchOutcome::Bills(bills) => {
            seen = bills.len() + fetched.reply.refused.len();
            let mut refused: Vec<String> = fetched.reply.refused.iter().map(unread).collect();
            let earlier = earlier.get(&fetched.account.id).map_or(&[][..], Vec::as_slice);
            let known = Known { definition, identifier: fetched.identifier.as_deref(), today, earlier };
            let verdicts = review(bills.iter().take(MAX_BILLS), known);
            for (bill, verdict) in bills.iter().zip(verdicts) {
                match verdict {
                    Ok(bill) => accepted.push(bill),
                    Err(problems) => {
                        rescaled |= problems.iter().any(|problem| problem.code == RESCALED);
                        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
                        refused.push(format!("bill {:?}: {}", clean(&bill.number, 40), problems.join("; ")));
                    }
                }
            }
            if bills.len() > MAX_BILLS {
                refused.push(format!("{} bills are too many; the first {MAX_BILLS} were looked at", bills.len()));
            }
            if !refused.is_empty() {
                let more = refused.len().saturating_sub(TOLD);
                let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
                refusals.push(format!(
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
            refusals.push(problem);
            None
        }
    };
    if !(faults.is_empty() && refusals.is_empty()) && kind != FetchOutcomeKind::Retryable {
        kind = FetchOutcomeKind::Broken;
    }
    // What is wrong with a bill says nothing about its provider, which answered as it should.
    let sign = if faults.is_empty() { Sign::Healthy } else { Sign::Fault(clean(&faults.join("; "), MAX_MESSAGE)) };
    let words: Vec<String> = faults.into_iter().chain(refusals).chain(told.clone()).chain(fetched.reply.notes.iter().cloned()).collect();
    let message = Some(clean(&words.join("; "), MAX_MESSAGE)).filter(|message| !message.is_empty());
    Judged { kind, message, told, accepted, seen, plan, sign, rescaled }
}

fn unread(refused: &RefusedBill) -> String {
    let number = refused.number.as_deref().map(|number| format!("bill {:?}: ", clean(number, 40))).unwrap_or_default();
    format!("{number}{}", clean(&refused.problem, MAX_MESSAGE))
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
