//! What can be asked and changed, put together from the nouns.

use async_graphql::MergedObject;

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
