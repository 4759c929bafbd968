//! Providers.

use async_graphql::{Context, ID, Object};
use billow_billing::providers::ProviderFilter;

use crate::connection::{Connection, page};
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::providers::provider::Provider;
use crate::refusal::{Result, if_found};
use crate::types::{ProviderStatus, UtilityType};

#[derive(Default)]
pub(crate) struct ProviderQueries;

#[Object]
impl ProviderQueries {
    /// Providers by name; those that are paused only for staff.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn providers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A part of the name or of the code.")] search: Option<String>,
        #[graphql(desc = "What they supply.")] utility_type: Option<UtilityType>,
        #[graphql(desc = "For staff: in which status.")] status: Option<ProviderStatus>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<Provider>> {
        let filter = ProviderFilter { search, utility_type: utility_type.map(Into::into), status: status.map(Into::into) };
        Ok(Connection::of(ctx.billing().providers.providers(ctx.actor(), filter, page(first, after)).await?, Provider::from))
    }

    /// A provider, also a paused one.
    async fn provider(&self, ctx: &Context<'_>, #[graphql(desc = "The provider's id.")] id: ID) -> Result<Option<Provider>> {
        let found = async { ctx.billing().providers.provider(ctx.actor(), id_of(&id, "provider")?).await };
        Ok(if_found(found.await)?.map(Provider::from))
    }
}
