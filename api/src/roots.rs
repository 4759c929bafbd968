//! What can be asked, changed and followed, put together from the nouns.

use async_graphql::{MergedObject, MergedSubscription};

use crate::{
    accounts, bills, customers, documents, fetching, gateways, homes, identity, imports, messages, methods, operations, payments,
    providers, reconciling, refunds, remittances, wallets,
};

/// What can be asked. What one may not see is not there: single things are null, lists leave it out.
#[derive(MergedObject, Default)]
pub(crate) struct Query(
    identity::queries::IdentityQueries,
    customers::queries::CustomerQueries,
    homes::queries::HomeQueries,
    providers::queries::ProviderQueries,
    bills::queries::BillQueries,
    fetching::queries::FetchingQueries,
    messages::queries::MessageQueries,
    operations::queries::OperationQueries,
    payments::queries::PaymentQueries,
    wallets::queries::WalletQueries,
    gateways::queries::GatewayQueries,
);

/// Everything the API changes. What whoever asked can mend is told in `userErrors`; nothing was changed then.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(PeopleMutations, OwedMutations, MoneyMutations);

/// What the API changes about people, their homes and what is supplied to them.
#[derive(MergedObject, Default)]
struct PeopleMutations(
    identity::mutations::IdentityMutations,
    identity::mutations::passkeys::PasskeyMutations,
    customers::mutations::CustomersMutations,
    imports::mutations::ImportsMutations,
    homes::mutations::HomesMutations,
    accounts::mutations::AccountsMutations,
    providers::mutations::ProvidersMutations,
);

/// What the API changes about what is owed, and what people are told.
#[derive(MergedObject, Default)]
struct OwedMutations(
    bills::mutations::BillsMutations,
    fetching::mutations::FetchingMutations,
    messages::mutations::MessagesMutations,
    operations::mutations::OperationsMutations,
);

/// What the API changes about money.
#[derive(MergedObject, Default)]
struct MoneyMutations(
    payments::mutations::PaymentsMutations,
    wallets::mutations::WalletsMutations,
    remittances::mutations::RemittancesMutations,
    refunds::mutations::RefundsMutations,
    methods::mutations::MethodsMutations,
    gateways::mutations::GatewaysMutations,
    documents::mutations::DocumentsMutations,
    reconciling::mutations::ReconcilingMutations,
);

/// What can be followed: over `graphql-transport-ws` at `/graphql/ws`. Each answer has a cursor; a client that subscribes again
/// after it misses nothing.
#[derive(MergedSubscription, Default)]
pub(crate) struct Subscription(
    bills::subscriptions::BillSubscriptions,
    accounts::subscriptions::AccountSubscriptions,
    messages::subscriptions::MessageSubscriptions,
    fetching::subscriptions::FetchingSubscriptions,
    imports::subscriptions::ImportSubscriptions,
    providers::subscriptions::ProviderSubscriptions,
    operations::subscriptions::OperationSubscriptions,
    payments::subscriptions::PaymentSubscriptions,
    wallets::subscriptions::WalletSubscriptions,
    methods::subscriptions::MethodSubscriptions,
);
