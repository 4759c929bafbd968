//! Fetch runs and imports.

use async_graphql::{Context, ID, Object};
use billow_billing::fetching::FetchRunFilter;

use crate::connection::{Connection, page};
use crate::context::ContextExt as _;
use crate::fetching::types::FetchRun;
use crate::ids::{id_of, optional_id};
use crate::imports::types::ImportRun;
use crate::refusal::{Result, if_found};

#[derive(Default)]
pub(crate) struct FetchingQueries;

#[Object]
impl FetchingQueries {
    /// Fetch runs, the newest first: one's own, for staff all.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn fetch_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this provider.")] provider_id: Option<ID>,
        #[graphql(desc = "Of this account.")] utility_account_id: Option<ID>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<FetchRun>> {
        let filter = FetchRunFilter {
            provider_id: optional_id(provider_id.as_ref(), "providerId")?,
            account_id: optional_id(utility_account_id.as_ref(), "utilityAccountId")?,
            status: None,
        };
        Ok(Connection::of(ctx.billing().fetching.fetch_runs(ctx.actor(), filter, page(first, after)).await?, FetchRun))
    }

    /// A fetch run.
    async fn fetch_run(&self, ctx: &Context<'_>, #[graphql(desc = "The run's id.")] id: ID) -> Result<Option<FetchRun>> {
        let found = async { ctx.billing().fetching.fetch_run(ctx.actor(), id_of(&id, "fetch run")?).await };
        Ok(if_found(found.await)?.map(FetchRun))
    }

    /// Imports, the newest first. For staff.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn import_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<ImportRun>> {
        Ok(Connection::of(ctx.billing().imports.import_runs(ctx.actor(), page(first, after)).await?, ImportRun))
    }

    /// An import. For staff.
    async fn import_run(&self, ctx: &Context<'_>, #[graphql(desc = "The import's id.")] id: ID) -> Result<Option<ImportRun>> {
        let found = async { ctx.billing().imports.import_run(ctx.actor(), id_of(&id, "import")?).await };
        Ok(if_found(found.await)?.map(ImportRun))
    }
}
