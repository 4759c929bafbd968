//! What the API changes about utility accounts: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod add_utility_account;
pub(crate) mod close_utility_account;
pub(crate) mod pause_utility_account;
pub(crate) mod resume_utility_account;
pub(crate) mod reveal_utility_account_params;
pub(crate) mod update_utility_account;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about utility accounts.
#[derive(Default)]
pub(crate) struct AccountsMutations;

#[Object]
impl AccountsMutations {
    /// Adds an account at a provider and fetches it for the first time.
    async fn add_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: add_utility_account::AddUtilityAccountInput,
    ) -> Result<add_utility_account::AddUtilityAccountPayload> {
        add_utility_account::run(ctx, input).await
    }

    /// Changes an account. New parameters correct one that needs attention.
    async fn update_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: update_utility_account::UpdateUtilityAccountInput,
    ) -> Result<update_utility_account::UpdateUtilityAccountPayload> {
        update_utility_account::run(ctx, input).await
    }

    /// Shows the parameters of an account in clear; the audit trail records who looked. For the customer who added it, and staff.
    async fn reveal_utility_account_params(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: reveal_utility_account_params::RevealUtilityAccountParamsInput,
    ) -> Result<reveal_utility_account_params::RevealUtilityAccountParamsPayload> {
        reveal_utility_account_params::run(ctx, input).await
    }

    /// Fetches nothing for an account until it is resumed.
    async fn pause_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: pause_utility_account::PauseUtilityAccountInput,
    ) -> Result<pause_utility_account::PauseUtilityAccountPayload> {
        pause_utility_account::run(ctx, input).await
    }

    /// Fetches a paused account again, beginning now.
    async fn resume_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: resume_utility_account::ResumeUtilityAccountInput,
    ) -> Result<resume_utility_account::ResumeUtilityAccountPayload> {
        resume_utility_account::run(ctx, input).await
    }

    /// Closes an account for good; its history stays.
    async fn close_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: close_utility_account::CloseUtilityAccountInput,
    ) -> Result<close_utility_account::CloseUtilityAccountPayload> {
        close_utility_account::run(ctx, input).await
    }
}
