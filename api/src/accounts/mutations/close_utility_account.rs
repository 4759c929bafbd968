//! Closing a utility account.

use async_graphql::{Context, ID, InputObject};

use crate::accounts::account::UtilityAccount;
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

/// Which account is closed.
#[derive(InputObject)]
pub(crate) struct CloseUtilityAccountInput {
    /// The account.
    utility_account_id: ID,
}

payload! {
    /// The account as it is now.
    CloseUtilityAccountPayload {
        /// The account.
        utility_account: Option<UtilityAccount>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: CloseUtilityAccountInput) -> Result<CloseUtilityAccountPayload> {
    let outcome = async { ctx.billing().accounts.close_utility_account(ctx.actor(), id_of(&input.utility_account_id, "account")?).await };
    CloseUtilityAccountPayload::of(outcome.await, |account| CloseUtilityAccountPayload {
        utility_account: Some(account.into()),
        user_errors: Vec::new(),
    })
}
