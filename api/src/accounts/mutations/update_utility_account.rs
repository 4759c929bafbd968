//! Changing a utility account.

use async_graphql::{Context, ID, InputObject, MaybeUndefined};
use billow_billing::accounts::UpdateAccount;
use billow_billing::identity::Budget;

use crate::accounts::account::UtilityAccount;
use crate::accounts::mutations::add_utility_account::{ParamInput, params};
use crate::context::ContextExt as _;
use crate::fetching::types::FetchRun;
use crate::ids::{field_id, id_of};
use crate::payload::payload;
use crate::refusal::Result;

/// What is to change; what is absent stays.
#[derive(InputObject)]
pub(crate) struct UpdateUtilityAccountInput {
    /// Which account.
    utility_account_id: ID,
    /// What to call it.
    label: Option<String>,
    /// The home it belongs to; null takes it out of its home.
    property_id: MaybeUndefined<ID>,
    /// What the provider asks for, whole. It is fetched again then.
    params: Option<Vec<ParamInput>>,
}

payload! {
    /// The account as changed.
    UpdateUtilityAccountPayload {
        /// The account.
        utility_account: Option<UtilityAccount>,
        /// The fetch that was asked for, where there are new parameters.
        fetch_run: Option<FetchRun>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: UpdateUtilityAccountInput) -> Result<UpdateUtilityAccountPayload> {
    let outcome = async {
        let id = id_of(&input.utility_account_id, "account")?;
        let property_id = match &input.property_id {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(home) => Some(Some(field_id(home, "propertyId")?)),
        };
        let change = UpdateAccount { label: input.label, property_id, params: input.params.map(params) };
        if change.params.is_some() {
            ctx.spend(Budget::AccountNumbers).await?;
        }
        ctx.billing().accounts.update_utility_account(ctx.actor(), id, change).await
    };
    UpdateUtilityAccountPayload::of(outcome.await, |started| UpdateUtilityAccountPayload {
        utility_account: Some(started.account.into()),
        fetch_run: started.run.map(FetchRun),
        user_errors: Vec::new(),
    })
}
