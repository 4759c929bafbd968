//! Adding a utility account.

use std::collections::BTreeMap;

use async_graphql::{Context, ID, InputObject};
use billow_billing::accounts::AddAccount;
use billow_billing::identity::Budget;

use crate::accounts::account::UtilityAccount;
use crate::context::ContextExt as _;
use crate::fetching::types::FetchRun;
use crate::ids::{field_id, optional_id};
use crate::payload::payload;
use crate::refusal::Result;

/// A value by its name.
#[derive(InputObject)]
pub(crate) struct ParamInput {
    /// The name.
    name: String,
    /// The value.
    #[graphql(secret)]
    value: String,
}

/// The values by their names; of two with the same name the later counts.
pub(crate) fn params(list: Vec<ParamInput>) -> BTreeMap<String, String> {
    list.into_iter().map(|param| (param.name, param.value)).collect()
}

/// The account to be.
#[derive(InputObject)]
pub(crate) struct AddUtilityAccountInput {
    /// At which provider.
    provider_id: ID,
    /// In which home.
    property_id: Option<ID>,
    /// What to call it; the provider's name where absent.
    label: Option<String>,
    /// What the provider asks for.
    params: Vec<ParamInput>,
    /// For staff: whose it is to be.
    customer_id: Option<ID>,
}

payload! {
    /// The account that was added.
    AddUtilityAccountPayload {
        /// The account.
        utility_account: Option<UtilityAccount>,
        /// Its first fetch; follow it by `fetchRunProgress`. Null where the provider posts its bills.
        fetch_run: Option<FetchRun>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: AddUtilityAccountInput) -> Result<AddUtilityAccountPayload> {
    let outcome = async {
        let new = AddAccount {
            customer_id: optional_id(input.customer_id.as_ref(), "customerId")?,
            provider_id: field_id(&input.provider_id, "providerId")?,
            property_id: optional_id(input.property_id.as_ref(), "propertyId")?,
            label: input.label,
            params: params(input.params),
        };
        ctx.spend(Budget::AccountNumbers).await?;
        ctx.billing().accounts.add_utility_account(ctx.actor(), new).await
    };
    AddUtilityAccountPayload::of(outcome.await, |started| AddUtilityAccountPayload {
        utility_account: Some(started.account.into()),
        fetch_run: started.run.map(FetchRun),
        user_errors: Vec::new(),
    })
}
