//! Resuming a utility account.

use async_graphql::{Context, ID, InputObject};

use super::payload::payload;
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::refusal::Result;
use crate::types::account::UtilityAccount;

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

pub(super) async fn run(ctx: &Context<'_>, input: ResumeUtilityAccountInput) -> Result<ResumeUtilityAccountPayload> {
    let outcome = async { ctx.billing().accounts.resume_utility_account(ctx.actor(), id_of(&input.utility_account_id, "account")?).await };
    ResumeUtilityAccountPayload::of(outcome.await, |account| ResumeUtilityAccountPayload {
        utility_account: Some(account.into()),
        user_errors: Vec::new(),
    })
}
