//! What the API changes about homes and the accounts in them.

use async_graphql::{Context, Object};

use super::{
    add_property, add_utility_account, archive_property, change_property_member_role, close_utility_account, pause_utility_account,
    remove_property_member, resume_utility_account, reveal_utility_account_params, share_property, update_property, update_utility_account,
};
use crate::refusal::Result;

/// What the API changes about homes and the accounts in them.
#[derive(Default)]
pub(crate) struct HomeMutations;

#[Object]
impl HomeMutations {
    /// Adds a home.
    async fn add_property(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: add_property::AddPropertyInput,
    ) -> Result<add_property::AddPropertyPayload> {
        add_property::run(ctx, input).await
    }

    /// Changes a home. For its owners and staff.
    async fn update_property(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: update_property::UpdatePropertyInput,
    ) -> Result<update_property::UpdatePropertyPayload> {
        update_property::run(ctx, input).await
    }

    /// Archives a home without open accounts; its history stays. For its owners and staff.
    async fn archive_property(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: archive_property::ArchivePropertyInput,
    ) -> Result<archive_property::ArchivePropertyPayload> {
        archive_property::run(ctx, input).await
    }

    /// Takes a customer into a household. For its owners and staff.
    async fn share_property(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: share_property::SharePropertyInput,
    ) -> Result<share_property::SharePropertyPayload> {
        share_property::run(ctx, input).await
    }

    /// Changes what a member of a household may do. For the home's owners and staff.
    async fn change_property_member_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: change_property_member_role::ChangePropertyMemberRoleInput,
    ) -> Result<change_property_member_role::ChangePropertyMemberRolePayload> {
        change_property_member_role::run(ctx, input).await
    }

    /// Leaves a household, or removes somebody from it.
    async fn remove_property_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: remove_property_member::RemovePropertyMemberInput,
    ) -> Result<remove_property_member::RemovePropertyMemberPayload> {
        remove_property_member::run(ctx, input).await
    }

    /// Adds an account at a provider and fetches it for the first time.
    async fn add_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: add_utility_account::AddUtilityAccountInput,
    ) -> Result<add_utility_account::AddUtilityAccountPayload> {
        add_utility_account::run(ctx, input).await
    }

    /// Changes an account. New parameters mend one that needs attention.
    async fn update_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: update_utility_account::UpdateUtilityAccountInput,
    ) -> Result<update_utility_account::UpdateUtilityAccountPayload> {
        update_utility_account::run(ctx, input).await
    }

    /// Shows in clear what was told about an account; the trail tells who looked. For whoever added it, and staff.
    async fn reveal_utility_account_params(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: reveal_utility_account_params::RevealUtilityAccountParamsInput,
    ) -> Result<reveal_utility_account_params::RevealUtilityAccountParamsPayload> {
        reveal_utility_account_params::run(ctx, input).await
    }

    /// Fetches nothing for an account until it is resumed.
    async fn pause_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: pause_utility_account::PauseUtilityAccountInput,
    ) -> Result<pause_utility_account::PauseUtilityAccountPayload> {
        pause_utility_account::run(ctx, input).await
    }

    /// Fetches a paused account again, beginning now.
    async fn resume_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: resume_utility_account::ResumeUtilityAccountInput,
    ) -> Result<resume_utility_account::ResumeUtilityAccountPayload> {
        resume_utility_account::run(ctx, input).await
    }

    /// Closes an account for good; its history stays.
    async fn close_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: close_utility_account::CloseUtilityAccountInput,
    ) -> Result<close_utility_account::CloseUtilityAccountPayload> {
        close_utility_account::run(ctx, input).await
    }
}
