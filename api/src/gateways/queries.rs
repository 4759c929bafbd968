//! Gateways, and the books held against them.

use async_graphql::{Context, ID, Object};

use crate::connection::{Connection, page};
use crate::context::ContextExt as _;
use crate::gateways::gateway::Gateway;
use crate::ids::{id_of, optional_id};
use crate::reconciling::reconciliation::{Discrepancy, LedgerProof, Reconciliation};
use crate::refusal::{Result, if_found};
use crate::types::GatewayAdapter;

#[derive(Default)]
pub(crate) struct GatewayQueries;

#[Object]
impl GatewayQueries {
    /// The gateways in the order in which they are tried. For staff.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn gateways(&self, ctx: &Context<'_>) -> Result<Vec<Gateway>> {
        Ok(ctx.billing().gateways.gateways(ctx.actor()).await?.into_iter().map(Gateway::from).collect())
    }

    /// A gateway. For staff.
    async fn gateway(&self, ctx: &Context<'_>, #[graphql(desc = "The gateway's id.")] id: ID) -> Result<Option<Gateway>> {
        let found = async { ctx.billing().gateways.gateway(ctx.actor(), id_of(&id, "gateway")?).await };
        Ok(if_found(found.await)?.map(Gateway::from))
    }

    /// The adapters a gateway can be added with here. `SANDBOX` only where the server's configuration allows it. For staff.
    async fn gateway_adapters(&self, ctx: &Context<'_>) -> Result<Vec<GatewayAdapter>> {
        Ok(ctx.billing().gateways.gateway_adapters(ctx.actor())?.into_iter().map(Into::into).collect())
    }

    /// Comparisons of the ledger with gateways, the newest first. For staff.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn reconciliations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With which gateway.")] gateway_id: Option<ID>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<Reconciliation>> {
        let gateway = optional_id(gateway_id.as_ref(), "gatewayId")?;
        Ok(Connection::of(ctx.billing().reconciling.reconciliations(ctx.actor(), gateway, page(first, after)).await?, Reconciliation))
    }

    /// Differences nobody has settled, the oldest first; at most 200. For staff.
    #[graphql(complexity = "crate::connection::page_cost(Some(100), child_complexity)")]
    async fn open_discrepancies(&self, ctx: &Context<'_>) -> Result<Vec<Discrepancy>> {
        Ok(ctx.billing().reconciling.open_discrepancies(ctx.actor()).await?.into_iter().map(Discrepancy).collect())
    }

    /// What the whole ledger adds up to; it takes a while. For administrators.
    async fn ledger_proof(&self, ctx: &Context<'_>) -> Result<LedgerProof> {
        Ok(ctx.billing().ledger.ledger_proof(ctx.actor()).await?.into())
    }
}
