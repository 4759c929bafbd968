//! Showing in clear what was told about an account.

use async_graphql::{Context, ID, InputObject, SimpleObject};
use billow_billing::accounts::RevealedParam as Shown;

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

/// Of which account.
#[derive(InputObject)]
pub(crate) struct RevealUtilityAccountParamsInput {
    /// The account.
    utility_account_id: ID,
}

/// A parameter in clear.
#[derive(SimpleObject)]
pub(crate) struct RevealedParam {
    /// Its name.
    name: String,
    /// What people call it.
    label: String,
    /// What was told; null where it is a secret and staff asks.
    value: Option<String>,
    /// Whether it is a secret.
    secret: bool,
}

impl From<Shown> for RevealedParam {
    fn from(param: Shown) -> Self {
        Self { name: param.name, label: param.label, value: param.value, secret: param.secret }
    }
}

payload! {
    /// What was told about the account.
    RevealUtilityAccountParamsPayload {
        /// The parameters.
        params: Vec<RevealedParam>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RevealUtilityAccountParamsInput) -> Result<RevealUtilityAccountParamsPayload> {
    let outcome = async { ctx.billing().accounts.reveal_account_params(ctx.actor(), id_of(&input.utility_account_id, "account")?).await };
    RevealUtilityAccountParamsPayload::of(outcome.await, |params| RevealUtilityAccountParamsPayload {
        params: params.into_iter().map(RevealedParam::from).collect(),
        user_errors: Vec::new(),
    })
}
