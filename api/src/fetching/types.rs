//! What was fetched, when, and what came of it.

use async_graphql::{Context, ID, Object};
use billow_entities::{fetch_attempt, fetch_run};

use crate::accounts::account::UtilityAccount;
use crate::connection::{Connection, page};
use crate::context::ContextExt as _;
use crate::ids;
use crate::loaders::{Find as _, must, name_of};
use crate::providers::provider::Provider;
use crate::refusal::Result;
use crate::rules;
use crate::scalars::{Instant, count};
use crate::types::{FetchOutcome, FetchRunKind, RunStatus};

/// One batch of fetching.
#[derive(Clone, Debug)]
pub(crate) struct FetchRun(pub fetch_run::Model);

/// One batch of fetching, with its progress.
#[Object]
impl FetchRun {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// Why it was begun.
    async fn kind(&self) -> FetchRunKind {
        self.0.kind.into()
    }

    /// Where it stands.
    async fn status(&self) -> RunStatus {
        self.0.status.into()
    }

    /// The provider that is fetched from.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Option<Provider>> {
        let Some(id) = self.0.provider_id else { return Ok(None) };
        Ok(ctx.loaders().find(id).await?.map(Provider::of))
    }

    /// The account, where it is about one.
    async fn utility_account(&self, ctx: &Context<'_>) -> Result<Option<UtilityAccount>> {
        let Some(id) = self.0.account_id else { return Ok(None) };
        let Some(row) = ctx.loaders().find(id).await? else { return Ok(None) };
        rules::account(ctx, row).await
    }

    /// Accounts to be fetched.
    async fn total(&self) -> i32 {
        self.0.total
    }

    /// Accounts that are done, failed ones included.
    async fn done(&self) -> i32 {
        self.0.done
    }

    /// Accounts that failed.
    async fn failed(&self) -> i32 {
        self.0.failed
    }

    /// Bills seen for the first time.
    async fn bills_new(&self) -> i32 {
        self.0.bills_new
    }

    /// Bills that said something else than before.
    async fn bills_changed(&self) -> i32 {
        self.0.bills_changed
    }

    /// When it was begun.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When it was over.
    async fn finished_at(&self) -> Option<Instant> {
        self.0.finished_at.map(Instant)
    }

    /// Who asked for it, as the audit trail names them. For staff; null for others.
    async fn requested_by(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.requested_by.as_deref().filter(|_| ctx.actor().is_staff())
    }

    /// Their name. For staff; null for others.
    async fn requested_by_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match self.0.requested_by.as_deref().filter(|_| ctx.actor().is_staff()) {
            Some(label) => Ok(Some(name_of(ctx.loaders(), label).await?)),
            None => Ok(None),
        }
    }

    /// Each account that was fetched, the newest first. Customers see those of their own account.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn attempts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<FetchAttempt>> {
        let (billing, actor, page) = (ctx.billing(), ctx.actor(), page(first, after));
        let attempts = match self.0.account_id {
            Some(account) if !actor.is_staff() => {
                let mut of_account = Box::pin(billing.fetching.fetch_attempts(actor, account, page)).await?;
                of_account.items.retain(|(_, attempt)| attempt.run_id == Some(self.0.id));
                of_account
            }
            _ => Box::pin(billing.fetching.fetch_run_attempts(actor, self.0.id, page)).await?,
        };
        Ok(Connection::of(attempts, FetchAttempt))
    }
}

/// One account fetched once.
#[derive(Clone, Debug)]
pub(crate) struct FetchAttempt(pub fetch_attempt::Model);

/// One account fetched once.
#[Object]
impl FetchAttempt {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// The account.
    async fn utility_account(&self, ctx: &Context<'_>) -> Result<UtilityAccount> {
        let row = must(ctx.loaders().find(self.0.account_id).await?, "account")?;
        must(rules::account(ctx, row).await?, "account")
    }

    /// When it began.
    async fn started_at(&self) -> Instant {
        Instant(self.0.started_at)
    }

    /// How long it took, in milliseconds.
    async fn duration_ms(&self) -> i32 {
        count(self.0.duration_ms)
    }

    /// What it came to.
    async fn outcome(&self) -> FetchOutcome {
        self.0.outcome.into()
    }

    /// What the provider said. Customers are told only what is theirs to mend.
    async fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Bills that came.
    async fn bills_seen(&self) -> i32 {
        self.0.bills_seen
    }

    /// Bills seen for the first time.
    async fn bills_new(&self) -> i32 {
        self.0.bills_new
    }

    /// Bills that said something else than before.
    async fn bills_changed(&self) -> i32 {
        self.0.bills_changed
    }

    /// The scheduled instant it was fetched for.
    async fn slot(&self) -> Option<Instant> {
        self.0.slot.map(Instant)
    }

    /// The process that fetched; empty for customers.
    async fn worker(&self) -> &str {
        &self.0.worker
    }
}
