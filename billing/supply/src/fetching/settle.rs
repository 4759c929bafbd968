//! What becomes of accounts after their fetch: their bills, their standing, their next time.

use std::sync::Arc;

use billow_entities::{AccountStatus, BillSource, FetchAttemptId, FetchOutcomeKind, fetch_attempt, utility_account};
use billow_kernel::circuit::Sign;
use billow_kernel::error::Result;
use billow_kernel::events::AccountChange;
use billow_kernel::store::{NewEvent, WriteTx};
use chrono::NaiveDate;
use sea_orm::ActiveValue::Set;

use super::Fetching;
use super::judge::{Fetched, Judged};
use super::next::Rhythm;
use super::run::FetchSummary;
use crate::bills::{AccountKey, BillWrite, Effect, LockedAccount};
use crate::connector::FetchOutcome;

/// An account after its fetch.
pub(super) struct Settled {
    pub(super) before: utility_account::Model,
    pub(super) after: utility_account::Model,
    pub(super) attempt: fetch_attempt::ActiveModel,
    pub(super) outcome: FetchOutcomeKind,
    pub(super) bills_new: i32,
    pub(super) bills_changed: i32,
}

impl Fetching {
    /// Writes the bills, and works out what becomes of each account.
    pub(super) async fn settle_fetched(
        &self,
        tx: &mut WriteTx,
        live: Vec<(&Fetched, Judged, LockedAccount)>,
        today: NaiveDate,
        summary: &mut FetchSummary,
    ) -> Result<Vec<Settled>> {
        let name: Arc<str> = live.first().map_or_else(|| Arc::from(""), |(f, ..)| Arc::from(f.provider.definition.name.as_str()));
        let mut writes = Vec::new();
        let mut owners = Vec::new();
        for (at, (fetched, judged, account)) in live.iter().enumerate() {
            for accepted in &judged.accepted {
                owners.push(at);
                writes.push(BillWrite {
                    account: AccountKey::from(account),
                    provider_name: Arc::clone(&name),
                    today,
                    accepted: accepted.clone(),
                    keeps_history: fetched.provider.definition.keeps_history(),
                    source: BillSource::Fetched,
                    reason: None,
                    actor: None,
                });
            }
        }
        let mut bills = vec![(0, 0, Vec::new()); live.len()];
        for (owner, written) in owners.into_iter().zip(self.bills.upsert_bills(tx, &writes).await?) {
            match written.effect {
                Effect::New => bills[owner].0 += 1,
                Effect::Changed => bills[owner].1 += 1,
                Effect::Unchanged => {}
            }
            bills[owner].2.extend(written.refusal.map(|illegal| illegal.to_string()));
        }
        let mut out = Vec::with_capacity(live.len());
        for ((fetched, mut judged, account), (new, changed, refusals)) in live.into_iter().zip(bills) {
            if !refusals.is_empty() {
                // A person has to look at it, but neither the answer nor the provider is at fault.
                judged.message = Some(judged.message.into_iter().chain(refusals).collect::<Vec<_>>().join("; "));
            }
            let settled = self.settle_one(fetched, judged, account.into_row(), (new, changed), summary);
            if let Some(event) = self.event_of(&settled)? {
                tx.emit(event);
            }
            out.push(settled);
        }
        Ok(out)
    }

    fn settle_one(
        &self,
        fetched: &Fetched,
        judged: Judged,
        before: utility_account::Model,
        (bills_new, bills_changed): (i32, i32),
        summary: &mut FetchSummary,
    ) -> Settled {
        let now = self.clock.now();
        let rhythm =
            Rhythm { schedule: &fetched.provider.definition.schedule, zone: fetched.provider.zone, account_bits: before.id.0.as_u128() };
        let slot = before.slot.or(before.next_fetch_at).unwrap_or(now);
        let refused = judged.kind == FetchOutcomeKind::Broken;
        let unusable = FetchOutcome::Broken { message: String::new() };
        let outcome = match &fetched.reply.outcome {
            // Many providers answer all they have every time: where none of it is new, this round's bill is yet to come.
            FetchOutcome::Bills(_) if !refused && bills_new == 0 => &FetchOutcome::NoneDue,
            outcome @ FetchOutcome::Bills(_) => outcome,
            _ if refused => &unusable,
            outcome => outcome,
        };
        let round = rhythm.after(outcome, refused, slot, before.slot_attempts, before.continuation.clone(), now);
        let (mut kind, mut message, mut sign) = (judged.kind, judged.message, judged.sign);
        if round.gave_up {
            kind = FetchOutcomeKind::Broken;
            message = Some(format!("the provider was still working on it after {} polls; it is asked afresh", before.slot_attempts));
            sign = Sign::Fault(message.clone().unwrap_or_default());
        }

        let mut after = before.clone();
        after.next_fetch_at = round.next_fetch_at;
        after.slot = round.slot;
        after.slot_attempts = round.attempts;
        after.continuation = round.continuation;
        after.lease_owner = None;
        after.lease_until = None;
        after.last_fetched_at = Some(now);
        after.last_outcome = Some(kind);
        after.last_message.clone_from(&message);
        after.updated_at = now;
        match kind {
            // A file without a row for an account does not say that the provider knows it.
            FetchOutcomeKind::NoneDue if fetched.reply.unseen => {}
            FetchOutcomeKind::Bills | FetchOutcomeKind::NoneDue => {
                after.status = AccountStatus::Active;
                after.status_reason = None;
            }
            FetchOutcomeKind::NotFound | FetchOutcomeKind::NeedsCustomer => {
                after.status = AccountStatus::NeedsAttention;
                after.status_reason = judged.told;
            }
            // What was refused does not take away that the account is known there.
            FetchOutcomeKind::Broken if !judged.accepted.is_empty() => {
                after.status = AccountStatus::Active;
                after.status_reason = None;
            }
            FetchOutcomeKind::Pending | FetchOutcomeKind::Retryable | FetchOutcomeKind::Broken => {}
        }
        if let Some(plan) = judged.plan {
            after.plan_code = plan.code;
            after.plan_expires_on = plan.expires_on;
            after.plan_balance_minor = plan.balance_minor;
        }
        if kind != FetchOutcomeKind::Pending {
            after.run_id = None;
        }
        let attempt = fetch_attempt::ActiveModel {
            id: Set(FetchAttemptId(self.ids.next())),
            account_id: Set(before.id),
            provider_id: Set(before.provider_id),
            run_id: Set(before.run_id),
            slot: Set(Some(slot)),
            fence: Set(before.fence),
            worker: Set(self.settings.worker.clone()),
            started_at: Set(fetched.started_at),
            duration_ms: Set(fetched.duration_ms),
            outcome: Set(kind),
            message: Set(message),
            bills_seen: Set(i32::try_from(judged.seen).unwrap_or(i32::MAX)),
            bills_new: Set(bills_new),
            bills_changed: Set(bills_changed),
        };
        summary.note(kind, bills_new, bills_changed);
        summary.signs.push(sign);
        Settled { before, after, attempt, outcome: kind, bills_new, bills_changed }
    }

    /// Tells of an account whose standing or plan changed.
    fn event_of(&self, settled: &Settled) -> Result<Option<NewEvent>> {
        let Settled { before, after, .. } = settled;
        let plan = |a: &utility_account::Model| (a.plan_code.clone(), a.plan_expires_on, a.plan_balance_minor);
        if before.status == after.status && before.status_reason == after.status_reason && plan(before) == plan(after) {
            return Ok(None);
        }
        self.events.account(after, AccountChange::Fetched, Some(before.status)).map(Some)
    }
}
