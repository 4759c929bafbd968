//! What the API changes about homes and their households: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod add_property;
pub(crate) mod archive_property;
pub(crate) mod change_property_member_role;
pub(crate) mod property_invitations;
pub(crate) mod remove_property_member;
pub(crate) mod share_property;
pub(crate) mod update_property;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about homes and their households.
#[derive(Default)]
pub(crate) struct HomesMutations;

#[Object]
impl HomesMutations {
    /// Adds a home.
    async fn add_property(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: add_property::AddPropertyInput,
    ) -> Result<add_property::AddPropertyPayload> {
        add_property::run(ctx, input).await
    }

    /// Changes a home. For its owners and staff.
    async fn update_property(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: update_property::UpdatePropertyInput,
    ) -> Result<update_property::UpdatePropertyPayload> {
        update_property::run(ctx, input).await
    }

    /// Archives a home without open accounts; its history stays. For its owners and staff.
    async fn archive_property(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: archive_property::ArchivePropertyInput,
    ) -> Result<archive_property::ArchivePropertyPayload> {
        archive_property::run(ctx, input).await
    }

    /// Invites the person with an e-mail address to a household. For its owners and staff. They join when they accept; until
    /// then neither side learns anything about the other.
    async fn share_property(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: share_property::SharePropertyInput,
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
        #[graphql(desc = "The input.")] input: change_property_member_role::ChangePropertyMemberRoleInput,
    ) -> Result<change_property_member_role::ChangePropertyMemberRolePayload> {
        change_property_member_role::run(ctx, input).await
    }

    /// Leaves a household, or removes somebody from it.
    async fn remove_property_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: remove_property_member::RemovePropertyMemberInput,
    ) -> Result<remove_property_member::RemovePropertyMemberPayload> {
        remove_property_member::run(ctx, input).await
    }
}
