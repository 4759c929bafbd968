//! Resuming a utility account.

use async_graphql::{Context, ID, InputObject};

use crate::accounts::account::UtilityAccount;
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

/// Which account is fetched again.
#[derive(InputObject)]
pub(crate) struct ResumeUtilityAccountInput {
    /// The account.
    utility_account_id: ID,
}

payload! {
    /// The account as it is now.
    ResumeUtilityAccountPayload {
        /// The account.
        utility_account: Option<UtilityAccount>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ResumeUtilityAccountInput) -> Result<ResumeUtilityAccountPayload> {
    let outcome = async { ctx.billing().accounts.resume_utility_account(ctx.actor(), id_of(&input.utility_account_id, "account")?).await };
    ResumeUtilityAccountPayload::of(outcome.await, |account| ResumeUtilityAccountPayload {
        utility_account: Some(account.into()),
        user_errors: Vec::new(),
    })
}
