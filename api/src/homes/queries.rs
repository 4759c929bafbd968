//! Homes and utility accounts.

use async_graphql::{Context, ID, Object};
use billow_billing::accounts::AccountFilter;
use billow_billing::homes::PropertyFilter;

use crate::accounts::account::UtilityAccount;
use crate::connection::{Connection, page};
use crate::context::ContextExt as _;
use crate::homes::invitation::PropertyInvitation;
use crate::homes::property::Property;
use crate::ids::{id_of, optional_id};
use crate::refusal::{Result, if_found};
use crate::types::AccountStatus;

#[derive(Default)]
pub(crate) struct HomeQueries;

#[Object]
impl HomeQueries {
    /// Homes, the newest first: one's own, for staff all.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn properties(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For staff: whose.")] customer_id: Option<ID>,
        #[graphql(desc = "Archived ones as well.")] with_archived: Option<bool>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<Property>> {
        let filter =
            PropertyFilter { customer_id: optional_id(customer_id.as_ref(), "customerId")?, with_archived: with_archived.unwrap_or(false) };
        Ok(Connection::of(ctx.billing().homes.properties(ctx.actor(), filter, page(first, after)).await?, Property::from))
    }

    /// A home.
    async fn property(&self, ctx: &Context<'_>, #[graphql(desc = "The home's id.")] id: ID) -> Result<Option<Property>> {
        let found = async { ctx.billing().homes.property(ctx.actor(), id_of(&id, "property")?).await };
        Ok(if_found(found.await)?.map(Property::from))
    }

    /// Open invitations to a household for the caller's confirmed e-mail address, the newest first.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn property_invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; defaults to 20.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<PropertyInvitation>> {
        Ok(Connection::of(ctx.billing().homes.property_invitations(ctx.actor(), page(first, after)).await?, PropertyInvitation::from))
    }

    /// Utility accounts, the newest first: one's own and those of one's homes, for staff all.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn utility_accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] customer_id: Option<ID>,
        #[graphql(desc = "In which home.")] property_id: Option<ID>,
        #[graphql(desc = "At which provider.")] provider_id: Option<ID>,
        #[graphql(desc = "In which status; closed ones are left out where absent.")] status: Option<AccountStatus>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<UtilityAccount>> {
        let filter = AccountFilter {
            customer_id: optional_id(customer_id.as_ref(), "customerId")?,
            property_id: optional_id(property_id.as_ref(), "propertyId")?,
            provider_id: optional_id(provider_id.as_ref(), "providerId")?,
            status: status.map(Into::into),
        };
        Ok(Connection::of(ctx.billing().accounts.utility_accounts(ctx.actor(), filter, page(first, after)).await?, UtilityAccount::from))
    }

    /// A utility account.
    async fn utility_account(&self, ctx: &Context<'_>, #[graphql(desc = "The account's id.")] id: ID) -> Result<Option<UtilityAccount>> {
        let found = async { ctx.billing().accounts.utility_account(ctx.actor(), id_of(&id, "account")?).await };
        Ok(if_found(found.await)?.map(UtilityAccount::from))
    }
}
