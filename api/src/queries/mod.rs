//! What can be asked.

pub(crate) mod bills;
mod customers;
mod fetching;
mod gateways;
mod homes;
mod identity;
mod messages;
mod operations;
pub(crate) mod payments;
mod providers;
pub(crate) mod wallets;

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
    payments::PaymentQueries,
    wallets::WalletQueries,
    gateways::GatewayQueries,
);
