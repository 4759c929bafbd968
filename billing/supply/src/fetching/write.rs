//! Writing what came back, many accounts to a transaction, each only while its fence is still ours.
//!
//! Bills, versions, the accounts' next time, the attempts, the runs' progress, the circuit and every event are in the one
//! transaction: after a kill either all of it is there, or nothing, and the accounts are fetched again.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use billow_entities::{FetchOutcomeKind, FetchRunId, RunStatus, UtilityAccountId, fetch_attempt, fetch_run, utility_account};
use billow_kernel::circuit::Sign;
use billow_kernel::error::Result;
use billow_kernel::store::WriteTx;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QuerySelect, Statement, Value,
};

use super::Fetching;
use super::hold;
use super::judge::{Fetched, Judged, judge};
use super::run::FetchSummary;
use super::settle::Settled;
use crate::bills::LockedAccount;
use crate::bills::sql::{earlier_bills, values_list};
use crate::connector::FetchOutcome;
use crate::providers::LoadedProvider;

/// How long a success counts as news of the provider's health.
const HEALTH: chrono::Duration = chrono::Duration::seconds(60);

impl Fetching {
    /// Writes a batch in one transaction.
    pub(super) async fn write_batch(&self, batch: &[Fetched], probe: bool) -> Result<FetchSummary> {
        let Some(last) = batch.last() else { return Ok(FetchSummary::default()) };
        let provider = Arc::clone(&last.provider);
        let today = self.clock.now().with_timezone(&provider.zone).date_naive();
        let with_bills: Vec<_> = batch.iter().filter(|f| matches!(f.reply.outcome, FetchOutcome::Bills(_))).map(|f| f.account.id).collect();
        let earlier = earlier_bills(self.store.primary(), &with_bills).await?;
        let mut judged: Vec<Judged> = batch.iter().map(|f| judge(f, &earlier, today)).collect();
        let held = self.hold_jumps(&provider, batch, &mut judged, &earlier).await?;

        let mut tx = self.store.write_tx().await?;
        let ids = batch.iter().map(|f| f.account.id);
        let locked = LockedAccount::lock_all(&tx, utility_account::Column::Id.is_in(ids)).await?;
        let locked: HashMap<UtilityAccountId, LockedAccount> = locked.into_iter().map(|a| (a.row().id, a)).collect();
        let mut summary = FetchSummary::default();
        let mut live: Vec<(&Fetched, Judged, LockedAccount)> = Vec::with_capacity(batch.len());
        for (fetched, judged) in batch.iter().zip(judged) {
            match locked.get(&fetched.account.id) {
                Some(account) if account.row().fence == fetched.account.fence => live.push((fetched, judged, account.clone())),
                // Somebody else has it, or it was changed: what we have is about something that was.
                _ => summary.stale += 1,
            }
        }
        let settled = self.settle_fetched(&mut tx, live, today, &mut summary).await?;
        self.update_accounts(&tx, &settled).await?;
        fetch_attempt::Entity::insert_many(settled.iter().map(|s| s.attempt.clone())).exec_without_returning(&*tx).await?;
        let plans = self.write_plans(&tx, batch).await?;
        self.advance_runs(&mut tx, &settled).await?;
        if let Some(reason) = held {
            summary.signs.extend(hold::signs(&reason, provider.definition.limits.circuit_failures));
        }
        self.heed_batch(&mut tx, &provider, &summary.signs, probe).await?;
        tx.commit().await?;

        if let Some(plans) = plans {
            self.state.plans_written(provider.model.id, plans);
        }
        self.count(&provider.definition.code, batch, &settled, &summary);
        Ok(summary)
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
        values.push(self.clock.now().into());
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
    async fn write_plans(&self, tx: &WriteTx, batch: &[Fetched]) -> Result<Option<Vec<crate::definition::PlanOffer>>> {
        let Some((provider, plans)) = batch.iter().rev().find_map(|f| Some((&f.provider, f.reply.plans.as_ref()?))) else {
            return Ok(None);
        };
        if !self.state.plans_are_news(provider.model.id, plans) {
            return Ok(None);
        }
        let problems = self.providers.upsert_plans(tx, provider.model.id, provider.definition.currency, plans).await?;
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
                row.finished_at = Set(Some(self.clock.now()));
            }
            let run = row.update(&**tx).await?;
            let outcome = accounts.last().map(|s| s.outcome).filter(|_| run.account_id.is_some());
            tx.emit(self.events.run(&run, outcome)?);
        }
        Ok(())
    }

    /// The provider's row is only written when there is news: every process would wait for it otherwise.
    async fn heed_batch(&self, tx: &mut WriteTx, provider: &LoadedProvider, signs: &[Sign], probe: bool) -> Result<()> {
        let model = &provider.model;
        let fresh = model.last_success_at.is_some_and(|at| self.clock.now() - at < HEALTH);
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
