//! Runs and attempts: what was asked for, how far it is, and what each fetch came to.

use billow_entities::{
    CustomerId, FetchAttemptId, FetchOutcomeKind, FetchRunId, ProviderId, RunStatus, UtilityAccountId, fetch_attempt, fetch_run,
    utility_account,
};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_kernel::page::{Page, PageRequest, cursor};
use billow_kernel::store::WriteTx;
use sea_orm::sea_query::{CaseStatement, Expr, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use super::Fetching;

/// Which runs are wanted; what is unset does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchRunFilter {
    /// Of this provider.
    pub provider_id: Option<ProviderId>,
    /// Of this account.
    pub account_id: Option<UtilityAccountId>,
    /// That stand so.
    pub status: Option<RunStatus>,
}

impl Fetching {
    /// Runs, the newest first: all for staff, one's own for customers.
    ///
    /// # Errors
    /// When nobody is signed in, or the page is not a page.
    pub async fn fetch_runs(&self, actor: &Actor, filter: FetchRunFilter, page: PageRequest) -> Result<Page<fetch_run::Model>> {
        use fetch_run::Column as C;
        let limit = page.limit()?;
        let rows = fetch_run::Entity::find()
            .filter(whose(actor)?)
            .filter(
                Condition::all()
                    .add_option(filter.provider_id.map(|id| C::ProviderId.eq(id)))
                    .add_option(filter.account_id.map(|id| C::AccountId.eq(id)))
                    .add_option(filter.status.map(|status| C::Status.eq(status)))
                    .add_option(page.after_id::<FetchRunId>()?.map(|id| C::Id.lt(id))),
            )
            .order_by_desc(C::Id)
            .limit(limit + 1)
            .all(self.store.read())
            .await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// One run.
    ///
    /// # Errors
    /// When there is none with this id that `actor` may watch.
    pub async fn fetch_run(&self, actor: &Actor, id: FetchRunId) -> Result<fetch_run::Model> {
        let run = fetch_run::Entity::find_by_id(id).filter(whose(actor)?).one(self.store.primary()).await?;
        run.ok_or(Error::NotFound("fetch run"))
    }

    /// How an account was fetched, the newest first. Customers are not told the words meant for operators.
    ///
    /// # Errors
    /// When `actor` does not see the account, or the page is not a page.
    pub async fn fetch_attempts(&self, actor: &Actor, account: UtilityAccountId, page: PageRequest) -> Result<Page<fetch_attempt::Model>> {
        let visible = self.homes.visible_condition(actor, utility_account::Column::CustomerId, utility_account::Column::PropertyId)?;
        let known = utility_account::Entity::find_by_id(account).filter(visible).one(self.store.read()).await?;
        if known.is_none() {
            return Err(Error::NotFound("account"));
        }
        let found = self.attempts(fetch_attempt::Column::AccountId.eq(account), page).await?;
        Ok(found.map(|attempt| as_told(actor, attempt)))
    }

    /// One fetch of an account. Customers are not told the words meant for operators.
    ///
    /// # Errors
    /// When there is none, or `actor` does not see its account.
    pub async fn fetch_attempt(&self, actor: &Actor, id: FetchAttemptId) -> Result<fetch_attempt::Model> {
        let visible = self.homes.visible_condition(actor, utility_account::Column::CustomerId, utility_account::Column::PropertyId)?;
        let attempt = fetch_attempt::Entity::find_by_id(id).one(self.store.read()).await?.ok_or(Error::NotFound("fetch"))?;
        let known = utility_account::Entity::find_by_id(attempt.account_id).filter(visible).one(self.store.read()).await?;
        known.map(|_| as_told(actor, attempt)).ok_or(Error::NotFound("fetch"))
    }

    /// What the fetches of a run came to, the newest first, for staff.
    ///
    /// # Errors
    /// When somebody else asks, or the page is not a page.
    pub async fn fetch_run_attempts(&self, actor: &Actor, run: FetchRunId, page: PageRequest) -> Result<Page<fetch_attempt::Model>> {
        actor.staff()?;
        self.attempts(fetch_attempt::Column::RunId.eq(run), page).await
    }

    async fn attempts(&self, of: Expr, page: PageRequest) -> Result<Page<fetch_attempt::Model>> {
        let limit = page.limit()?;
        let mut query = fetch_attempt::Entity::find().filter(of).order_by_desc(fetch_attempt::Column::Id).limit(limit + 1);
        if let Some(after) = page.after_id::<FetchAttemptId>()? {
            query = query.filter(fetch_attempt::Column::Id.lt(after));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// Stops a run: accounts that were not fetched yet go back to their schedule. One that is over stays as it is.
    ///
    /// # Errors
    /// When there is none with this id that `actor` may watch.
    pub async fn cancel_run(&self, actor: &Actor, id: FetchRunId) -> Result<fetch_run::Model> {
        self.fetch_run(actor, id).await?;
        let mut tx = self.store.write_tx().await?;
        let run = self.close_run(&mut tx, id, RunStatus::Cancelled).await?.ok_or(Error::NotFound("fetch run"))?;
        self.audit.record(&tx, actor, "fetch_run.cancel", id, run.customer_id, None, json!({"done": run.done, "total": run.total})).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Ends a run that is running, and lets go of the accounts that wait for it. Accounts first, then the run, as everywhere.
    pub(super) async fn close_run(&self, tx: &mut WriteTx, id: FetchRunId, status: RunStatus) -> Result<Option<fetch_run::Model>> {
        use utility_account::Column as C;
        let now = self.clock.now();
        let waiting: Vec<UtilityAccountId> = utility_account::Entity::find()
            .select_only()
            .column(C::Id)
            .filter(C::RunId.eq(id))
            .order_by_asc(C::Id)
            .lock(LockType::NoKeyUpdate)
            .into_tuple()
            .all(&**tx)
            .await?;
        if !waiting.is_empty() {
            // Asking for a fetch leaves the slot as it was: that is where the schedule goes on.
            let scheduled = CaseStatement::new()
                .case(Condition::all().add(C::Slot.gt(now)).add(C::NextFetchAt.is_not_null()), Expr::col(C::Slot))
                .finally(Expr::col(C::NextFetchAt));
            utility_account::Entity::update_many()
                .col_expr(C::NextFetchAt, scheduled.into())
                .col_expr(C::RunId, Expr::value(None::<FetchRunId>))
                .filter(C::RunId.eq(id))
                .exec(&**tx)
                .await?;
        }
        let Some(run) = fetch_run::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(&**tx).await? else { return Ok(None) };
        if run.status != RunStatus::Running {
            return Ok(Some(run));
        }
        let mut row = run.into_active_model();
        row.status = Set(status);
        row.finished_at = Set(Some(now));
        let run = row.update(&**tx).await?;
        tx.emit(self.events.run(&run, None)?);
        Ok(Some(run))
    }
}

/// Whose runs `actor` may watch.
fn whose(actor: &Actor) -> Result<Condition> {
    if actor.is_staff() {
        return Ok(Condition::all());
    }
    let own: CustomerId = actor.customer()?;
    Ok(Condition::all().add(fetch_run::Column::CustomerId.eq(own)))
}

/// An attempt as `actor` is told of it.
fn as_told(actor: &Actor, mut attempt: fetch_attempt::Model) -> fetch_attempt::Model {
    if !actor.is_staff() {
        let for_customers = matches!(attempt.outcome, FetchOutcomeKind::NotFound | FetchOutcomeKind::NeedsCustomer);
        attempt.message = attempt.message.filter(|_| for_customers);
        attempt.worker.clear();
    }
    attempt
}

billow_kernel::by_id! {
    /// Fetch runs by their ids.
    Fetching.fetch_runs_by_id: FetchRunId => fetch_run;
}
