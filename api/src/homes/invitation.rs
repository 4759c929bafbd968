//! Invitations to a household.

use async_graphql::{Context, Enum, ID, Object};
use billow_billing::homes::Invitation;

use crate::context::ContextExt as _;
use crate::homes::property::Property;
use crate::ids;
use crate::refusal::{Result, if_found};
use crate::scalars::Instant;
use crate::types::PropertyRole;
use crate::types::enums::same_as;

same_as! {
    /// The state of an invitation to a household.
    PropertyInvitationStatus = "billow_entities::PropertyInvitationStatus" {
        /// Not answered yet.
        Pending,
        /// The person joined the household.
        Accepted,
        /// The person declined.
        Declined,
        /// Withdrawn by the household.
        Revoked,
        /// Not answered in time.
        Expired,
    }
}

/// An invitation to join a household, as the caller sees it.
#[derive(Clone, Debug)]
pub(crate) struct PropertyInvitation(Invitation);

impl From<Invitation> for PropertyInvitation {
    fn from(invitation: Invitation) -> Self {
        Self(invitation)
    }
}

/// An invitation to join a household. The person who confirmed the address may accept it; it works for 14 days.
#[Object]
impl PropertyInvitation {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.row.id)
    }

    /// The address that was invited.
    async fn email(&self) -> &str {
        &self.0.row.email
    }

    /// What the person may do once they accept.
    async fn role(&self) -> PropertyRole {
        self.0.row.role.into()
    }

    /// Its state.
    async fn status(&self) -> PropertyInvitationStatus {
        self.0.row.status.into()
    }

    /// The name of the home. The invited person sees it without anything that could be a link.
    async fn property_name(&self) -> &str {
        &self.0.home_name
    }

    /// The home. Null for the invited person until they accept.
    async fn property(&self, ctx: &Context<'_>) -> Result<Option<Property>> {
        let home = Box::pin(ctx.billing().homes.property(ctx.actor(), self.0.row.property_id)).await;
        Ok(if_found(home)?.map(Property::from))
    }

    /// For the invited person: the e-mail address of the owner who invited them; null where staff did.
    async fn invited_by(&self) -> Option<&str> {
        self.0.invited_by.as_deref()
    }

    /// When it was made.
    async fn created_at(&self) -> Instant {
        Instant(self.0.row.created_at)
    }

    /// When it was mailed last.
    async fn sent_at(&self) -> Instant {
        Instant(self.0.row.sent_at)
    }

    /// Until when it can be accepted.
    async fn expires_at(&self) -> Instant {
        Instant(self.0.row.expires_at)
    }
}
