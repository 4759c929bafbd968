//! What the API changes about homes and the accounts in them.

use async_graphql::{Context, Object};

use super::{
    add_property, add_utility_account, archive_property, change_property_member_role, close_utility_account, pause_utility_account,
    property_invitations, remove_property_member, resume_utility_account, reveal_utility_account_params, share_property, update_property,
    update_utility_account,
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

    /// Invites the person with an e-mail address to a household. For its owners and staff. They join when they accept; until
    /// then neither side learns anything about the other.
    async fn share_property(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: share_property::SharePropertyInput,
    ) -> Result<share_property::SharePropertyPayload> {
        share_property::run(ctx, input).await
    }

    /// Joins the household the caller was invited to. The caller must have confirmed the invited address.
    async fn accept_property_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation.")] input: property_invitations::AcceptPropertyInvitationInput,
    ) -> Result<property_invitations::AcceptPropertyInvitationPayload> {
        property_invitations::accept(ctx, input).await
    }

    /// Declines an invitation to a household.
    async fn decline_property_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation.")] input: property_invitations::DeclinePropertyInvitationInput,
    ) -> Result<property_invitations::DeclinePropertyInvitationPayload> {
        property_invitations::decline(ctx, input).await
    }

    /// Mails an invitation to a household again, for another 14 days. For the home's owners and staff.
    async fn resend_property_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation.")] input: property_invitations::ResendPropertyInvitationInput,
    ) -> Result<property_invitations::ResendPropertyInvitationPayload> {
        property_invitations::resend(ctx, input).await
    }

    /// Withdraws an invitation to a household. For the home's owners and staff.
    async fn revoke_property_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation.")] input: property_invitations::RevokePropertyInvitationInput,
    ) -> Result<property_invitations::RevokePropertyInvitationPayload> {
        property_invitations::revoke(ctx, input).await
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
