//! What can be asked.

pub(crate) mod bills;
mod customers;
mod fetching;
mod homes;
mod identity;
mod messages;
mod operations;
mod providers;

use async_graphql::MergedObject;

/// What can be asked. What one may not see is not there: single things are null, lists leave it out.
#[derive(MergedObject, Default)]
pub(crate) struct Query(
    identity::IdentityQueries,
    customers::CustomerQueries,
    homes::HomeQueries,
    providers::ProviderQueries,
    bills::BillQueries,
    fetching::FetchingQueries,
    messages::MessageQueries,
    operations::OperationQueries,
);
