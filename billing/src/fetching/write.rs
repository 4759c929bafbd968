//! Writing what came back, many accounts to a transaction, each only while its fence is still ours.
//!
//! Bills, versions, the accounts' next time, the attempts, the runs' progress, the circuit and every event are in the one
//! transaction: after a kill either all of it is there, or nothing, and the accounts are fetched again.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use billow_entities::{
    AccountStatus, BillSource, FetchAttemptId, FetchOutcomeKind, FetchRunId, RunStatus, UtilityAccountId, fetch_attempt, fetch_run,
    utility_account,
};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, RuntimeErr, Statement, Value,
};
use serde_json::json;

use super::circuit::Sign;
use super::judge::{Fetched, Judged, judge};
use super::next::Rhythm;
use super::run::FetchSummary;
use crate::Billing;
use crate::bills::sql::{earlier_amounts, values_list};
use crate::bills::{AccountKey, BillWrite, Effect};
use crate::error::{Error, Fault, Result};
use crate::ports::{FetchOutcome, FetchReply};
use crate::store::WriteTx;

/// How often a batch is tried that the database could not take just now; the waits add up to six seconds.
const TRIES: u32 = 8;
/// How long a success counts as news of the provider's health.
const HEALTH: chrono::Duration = chrono::Duration::seconds(60);

/// An account after its fetch.
struct Settled {
    before: utility_account::Model,
    after: utility_account::Model,
    attempt: fetch_attempt::ActiveModel,
    outcome: FetchOutcomeKind,
    bills_new: i32,
    bills_changed: i32,
}

impl Billing {
    /// Writes a batch. What the database refuses is tried one by one, so that one account's answer never holds up the
    /// others'.
    ///
    /// # Errors
    /// When the database does not answer; the leases run out then, and the accounts are fetched again.
    pub(super) async fn write_fetched(&self, batch: Vec<Fetched>, probe: bool) -> Result<FetchSummary> {
        let error = match self.write_patiently(&batch, probe).await {
            Err(error) if !is_passing(&error) => error,
            written => return written,
        };
        tracing::error!(error = %error, batch.size = batch.len(), "fetched accounts could not be written together");
        let mut summary = FetchSummary::default();
        for mut fetched in batch {
            let Err(error) = self.write_patiently(std::slice::from_ref(&fetched), probe).await.map(|written| summary.add(&written)) else {
                continue;
            };
            if is_passing(&error) {
                return Err(error);
            }
            tracing::error!(error = %error, account.id = %fetched.account.id, "what came back for an account could not be written");
            fetched.reply = FetchReply::of(FetchOutcome::Broken { message: format!("the answer could not be stored: {error}") });
            match self.write_patiently(std::slice::from_ref(&fetched), probe).await {
                Ok(written) => summary.add(&written),
                Err(error) => {
                    tracing::error!(error = %error, account.id = %fetched.account.id, "an account is left to be fetched again");
                    summary.lost += 1;
                }
            }
        }
        Ok(summary)
    }

    /// Writes a batch, again if the database could not take it just now.
    async fn write_patiently(&self, batch: &[Fetched], probe: bool) -> Result<FetchSummary> {
        for tried in 1..TRIES {
            match self.write_batch(batch, probe).await {
                Err(error) if is_passing(&error) => {
                    tracing::warn!(error = %error, "fetched accounts could not be written; trying again");
                    tokio::time::sleep(Duration::from_millis(25 << tried)).await;
                }
                written => return written,
            }
        }
        self.write_batch(batch, probe).await
    }

    async fn write_batch(&self, batch: &[Fetched], probe: bool) -> Result<FetchSummary> {
        let Some(last) = batch.last() else { return Ok(FetchSummary::default()) };
        let provider = Arc::clone(&last.provider);
        let today = self.now().with_timezone(&provider.zone).date_naive();
        let with_bills: Vec<_> =
            batch.iter().filter(|f| matches!(f.reply.outcome, FetchOutcome::Bills(_))).map(|f| f.account.id).collect();
        let earlier = earlier_amounts(self.store.log(), &with_bills).await?;
        let judged: Vec<Judged> = batch.iter().map(|f| judge(f, &earlier, today)).collect();

        let mut tx = self.store.write_tx().await?;
        let locked = self.lock_accounts(&tx, batch).await?;
        let mut summary = FetchSummary::default();
        let mut live: Vec<(&Fetched, Judged, utility_account::Model)> = Vec::with_capacity(batch.len());
        for (fetched, judged) in batch.iter().zip(judged) {
            match locked.get(&fetched.account.id) {
                Some(row) if row.fence == fetched.account.fence => live.push((fetched, judged, row.clone())),
                // Somebody else has it, or it was changed: what we have is about something that was.
                _ => summary.stale += 1,
            }
        }
        let settled = self.settle(&mut tx, live, today, &mut summary).await?;
        self.update_accounts(&tx, &settled).await?;
        fetch_attempt::Entity::insert_many(settled.iter().map(|s| s.attempt.clone())).exec_without_returning(&*tx).await?;
        let plans = self.write_plans(&tx, batch).await?;
        self.advance_runs(&mut tx, &settled).await?;
        self.heed_batch(&mut tx, &provider, &summary.signs, probe).await?;
        tx.commit().await?;

        if let Some(plans) = plans {
            self.fetching.plans_written(provider.model.id, plans);
        }
        self.count(&provider.definition.code, batch, &settled, &summary);
        Ok(summary)
    }

    async fn lock_accounts(&self, tx: &WriteTx, batch: &[Fetched]) -> Result<HashMap<UtilityAccountId, utility_account::Model>> {
        let rows = utility_account::Entity::find()
            .filter(utility_account::Column::Id.is_in(batch.iter().map(|f| f.account.id)))
            // Everybody locks in the same order, so that nobody waits in a circle.
            .order_by_asc(utility_account::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(&**tx)
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// Writes the bills, and works out what becomes of each account.
    async fn settle(
        &self,
        tx: &mut WriteTx,
        live: Vec<(&Fetched, Judged, utility_account::Model)>,
        today: chrono::NaiveDate,
        summary: &mut FetchSummary,
    ) -> Result<Vec<Settled>> {
        let name: Arc<str> = live.first().map_or_else(|| Arc::from(""), |(f, ..)| Arc::from(f.provider.definition.name.as_str()));
        let mut writes = Vec::new();
        let mut owners = Vec::new();
        for (at, (_, judged, row)) in live.iter().enumerate() {
            for accepted in &judged.accepted {
                owners.push(at);
                writes.push(BillWrite {
                    account: AccountKey::from(row),
                    provider_name: Arc::clone(&name),
                    today,
                    accepted: accepted.clone(),
                    source: BillSource::Fetched,
                    reason: None,
                    actor: None,
                });
            }
        }
        let mut bills = vec![(0, 0, Vec::new()); live.len()];
        for (owner, written) in owners.into_iter().zip(self.upsert_bills(tx, &writes).await?) {
            match written.effect {
                Effect::New => bills[owner].0 += 1,
                Effect::Changed => bills[owner].1 += 1,
                Effect::Unchanged => {}
            }
            bills[owner].2.extend(written.refusal.map(|illegal| illegal.to_string()));
        }
        let mut out = Vec::with_capacity(live.len());
        for ((fetched, mut judged, row), (new, changed, refusals)) in live.into_iter().zip(bills) {
            if !refusals.is_empty() {
                // A person has to look at it, but neither the answer nor the provider is at fault.
                judged.message = Some(judged.message.into_iter().chain(refusals).collect::<Vec<_>>().join("; "));
            }
            let settled = self.settle_one(fetched, judged, row, (new, changed), summary);
            if let Some(event) = self.event_of(&settled) {
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
        let now = self.now();
        let rhythm = Rhythm {
            schedule: &fetched.provider.definition.schedule,
            zone: fetched.provider.zone,
            account_bits: before.id.0.as_u128(),
        };
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
            id: Set(FetchAttemptId(self.new_id())),
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
    fn event_of(&self, settled: &Settled) -> Option<crate::store::NewEvent> {
        let Settled { before, after, .. } = settled;
        let plan = |a: &utility_account::Model| (a.plan_code.clone(), a.plan_expires_on, a.plan_balance_minor);
        if before.status == after.status && before.status_reason == after.status_reason && plan(before) == plan(after) {
            return None;
        }
        let mut event = self.account_event(after, "fetched", Some(before.status));
        event.data["plan_code"] = json!(after.plan_code);
        event.data["plan_expires_on"] = json!(after.plan_expires_on);
        event.data["plan_balance_minor"] = json!(after.plan_balance_minor);
        Some(event)
    }

    /// One statement for the whole batch.
    async fn update_accounts(&self, tx: &WriteTx, settled: &[Settled]) -> Result<()> {
        const COLUMNS: [&str; 12] = [
            "status",
            "status_reason",
            "next_fetch_at",
            "slot",
            "slot_attempts",
            "continuation",
            "run_id",
            "last_outcome",
            "last_message",
            "plan_code",
            "plan_expires_on",
            "plan_balance_minor",
        ];
        if settled.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "WITH v(id, {columns}) AS (VALUES {values}) UPDATE utility_accounts AS a SET {set}, \
             lease_owner = NULL, lease_until = NULL, last_fetched_at = $1, updated_at = $1 FROM v WHERE a.id = v.id",
            columns = COLUMNS.join(", "),
            values = values_list(settled.len(), COLUMNS.len() + 1, 2),
            set = COLUMNS.map(|c| format!("{c} = v.{c}")).join(", "),
        );
        let mut values: Vec<Value> = Vec::with_capacity(settled.len() * (COLUMNS.len() + 1) + 1);
        values.push(self.now().into());
        for Settled { after: a, .. } in settled {
            let row: [Value; COLUMNS.len() + 1] = [
                a.id.into(),
                a.status.into(),
                a.status_reason.clone().into(),
                a.next_fetch_at.into(),
                a.slot.into(),
                a.slot_attempts.into(),
                a.continuation.clone().into(),
                a.run_id.into(),
                a.last_outcome.into(),
                a.last_message.clone().into(),
                a.plan_code.clone().into(),
                a.plan_expires_on.into(),
                a.plan_balance_minor.into(),
            ];
            values.extend(row);
        }
        tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
        Ok(())
    }

    /// Writes the newest list of plans among the replies, unless it is the one written last.
    async fn write_plans(&self, tx: &WriteTx, batch: &[Fetched]) -> Result<Option<Vec<crate::ports::PlanOffer>>> {
        let Some((provider, plans)) = batch.iter().rev().find_map(|f| Some((&f.provider, f.reply.plans.as_ref()?))) else {
            return Ok(None);
        };
        if !self.fetching.plans_are_news(provider.model.id, plans) {
            return Ok(None);
        }
        let problems = self.upsert_plans(tx, provider.model.id, provider.definition.currency, plans).await?;
        if !problems.is_empty() {
            tracing::warn!(provider.id = %provider.model.id, problems = %problems.join("; "), "some plans a provider lists were refused");
        }
        Ok(Some(plans.clone()))
    }

    /// Counts settled accounts into the runs that wait for them, in the order of the runs' ids.
    async fn advance_runs(&self, tx: &mut WriteTx, settled: &[Settled]) -> Result<()> {
        let mut by_run: BTreeMap<FetchRunId, Vec<&Settled>> = BTreeMap::new();
        for one in settled {
            if let Some(run) = one.before.run_id {
                by_run.entry(run).or_default().push(one);
            }
        }
        for (id, accounts) in by_run {
            let Some(run) = fetch_run::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(&**tx).await? else { continue };
            if run.status != RunStatus::Running {
                continue;
            }
            let count = |f: &dyn Fn(&Settled) -> i32| accounts.iter().map(|s| f(s)).sum::<i32>();
            let done = run.done + count(&|s| i32::from(s.outcome != FetchOutcomeKind::Pending));
            let failed = run.failed + count(&|s| i32::from(is_failure(s.outcome)));
            let total = run.total;
            let (new, changed) = (run.bills_new + count(&|s| s.bills_new), run.bills_changed + count(&|s| s.bills_changed));
            let mut row = run.into_active_model();
            row.done = Set(done);
            row.failed = Set(failed);
            row.bills_new = Set(new);
            row.bills_changed = Set(changed);
            if done >= total {
                row.status = Set(RunStatus::Finished);
                row.finished_at = Set(Some(self.now()));
            }
            let run = row.update(&**tx).await?;
            let outcome = accounts.last().map(|s| s.outcome).filter(|_| run.account_id.is_some());
            tx.emit(self.run_event(&run, outcome));
        }
        Ok(())
    }

    /// The provider's row is only written when there is news: every process would wait for it otherwise.
    async fn heed_batch(&self, tx: &mut WriteTx, provider: &crate::providers::LoadedProvider, signs: &[Sign], probe: bool) -> Result<()> {
        let model = &provider.model;
        let fresh = model.last_success_at.is_some_and(|at| self.now() - at < HEALTH);
        let news = probe || model.circuit_failures > 0 || !fresh || signs.iter().any(|s| *s != Sign::Healthy);
        if signs.is_empty() || !news {
            return Ok(());
        }
        self.heed_signs(tx, model.id, signs, provider.definition.limits.circuit_failures, probe).await
    }

    fn count(&self, code: &str, batch: &[Fetched], settled: &[Settled], summary: &FetchSummary) {
        for one in settled {
            metrics::counter!("billow_fetch_total", "provider" => code.to_owned(), "outcome" => one.outcome.as_str()).increment(1);
        }
        for fetched in batch {
            let seconds = fetched.duration_ms as f64 / 1_000.0;
            metrics::histogram!("billow_fetch_seconds", "provider" => code.to_owned()).record(seconds);
        }
        metrics::counter!("billow_fetch_stale_total").increment(summary.stale);
        metrics::counter!("billow_bills_new_total").increment(summary.bills_new);
        metrics::counter!("billow_bills_changed_total").increment(summary.bills_changed);
    }
}

fn is_failure(outcome: FetchOutcomeKind) -> bool {
    !matches!(outcome, FetchOutcomeKind::Bills | FetchOutcomeKind::NoneDue | FetchOutcomeKind::Pending)
}

/// Whether the database could not be reached, or undid the work of two that stood in each other's way: then nothing is the
/// matter with what is to be written.
fn is_passing(error: &Error) -> bool {
    let Error::Fault(fault) = error else { return false };
    let source = std::error::Error::source(fault as &Fault).and_then(|s| s.downcast_ref::<DbErr>());
    match source {
        Some(DbErr::Conn(_) | DbErr::ConnectionAcquire(_)) => true,
        Some(DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) => match error.as_database_error() {
            // PostgreSQL: serialisation, deadlock, lock not available, shutting down; SQLite: busy, locked.
            Some(answer) => answer.code().is_some_and(|code| {
                ["40001", "40P01", "55P03", "57P01", "57P02", "57P03"].contains(&&*code)
                    || code.parse::<u32>().is_ok_and(|code| [5, 6].contains(&(code & 0xff)) && code < 10_000)
            }),
            None => matches!(**error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed),
        },
        _ => false,
    }
}
