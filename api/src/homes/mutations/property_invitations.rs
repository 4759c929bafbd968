//! Answering, sending again and withdrawing invitations to a household.

use async_graphql::{Context, ID, InputObject};
use billow_billing::identity::Budget;

use crate::context::ContextExt as _;
use crate::homes::invitation::PropertyInvitation;
use crate::homes::property::Property;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

macro_rules! about_invitation {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(InputObject)]
        pub(crate) struct $name {
            /// The invitation.
            invitation_id: ID,
        }
    };
}

about_invitation! {
    /// The invitation to accept.
    AcceptPropertyInvitationInput
}

about_invitation! {
    /// The invitation to decline.
    DeclinePropertyInvitationInput
}

about_invitation! {
    /// The invitation to send again.
    ResendPropertyInvitationInput
}

about_invitation! {
    /// The invitation to withdraw.
    RevokePropertyInvitationInput
}

payload! {
    /// The home whose household the caller joined.
    AcceptPropertyInvitationPayload {
        /// The home.
        property: Option<Property>,
    }
}

payload! {
    /// The invitation as declined.
    DeclinePropertyInvitationPayload {
        /// The invitation.
        invitation: Option<PropertyInvitation>,
    }
}

payload! {
    /// The invitation as sent again.
    ResendPropertyInvitationPayload {
        /// The invitation.
        invitation: Option<PropertyInvitation>,
    }
}

payload! {
    /// The invitation as withdrawn.
    RevokePropertyInvitationPayload {
        /// The invitation.
        invitation: Option<PropertyInvitation>,
    }
}

pub(crate) async fn accept(ctx: &Context<'_>, input: AcceptPropertyInvitationInput) -> Result<AcceptPropertyInvitationPayload> {
    let outcome = async {
        let member = ctx.billing().homes.accept_property_invitation(ctx.actor(), id_of(&input.invitation_id, "invitation")?).await?;
        ctx.billing().homes.property(ctx.actor(), member.property_id).await
    };
    AcceptPropertyInvitationPayload::of(outcome.await, |home| AcceptPropertyInvitationPayload {
        property: Some(home.into()),
        user_errors: Vec::new(),
    })
}

pub(crate) async fn decline(ctx: &Context<'_>, input: DeclinePropertyInvitationInput) -> Result<DeclinePropertyInvitationPayload> {
    let outcome = async { ctx.billing().homes.decline_property_invitation(ctx.actor(), id_of(&input.invitation_id, "invitation")?).await };
    DeclinePropertyInvitationPayload::of(outcome.await, |row| DeclinePropertyInvitationPayload {
        invitation: Some(row.into()),
        user_errors: Vec::new(),
    })
}

pub(crate) async fn resend(ctx: &Context<'_>, input: ResendPropertyInvitationInput) -> Result<ResendPropertyInvitationPayload> {
    let outcome = async {
        ctx.spend(Budget::Shares).await?;
        ctx.billing().homes.resend_property_invitation(ctx.actor(), id_of(&input.invitation_id, "invitation")?).await
    };
    ResendPropertyInvitationPayload::of(outcome.await, |row| ResendPropertyInvitationPayload {
        invitation: Some(row.into()),
        user_errors: Vec::new(),
    })
}

pub(crate) async fn revoke(ctx: &Context<'_>, input: RevokePropertyInvitationInput) -> Result<RevokePropertyInvitationPayload> {
    let outcome = async { ctx.billing().homes.revoke_property_invitation(ctx.actor(), id_of(&input.invitation_id, "invitation")?).await };
    RevokePropertyInvitationPayload::of(outcome.await, |row| RevokePropertyInvitationPayload {
        invitation: Some(row.into()),
        user_errors: Vec::new(),
    })
}
