//! Inviting somebody to a household.

use async_graphql::{Context, ID, InputObject};
use billow_billing::identity::Budget;

use crate::context::ContextExt as _;
use crate::homes::invitation::PropertyInvitation;
use crate::homes::property::Property;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;
use crate::types::PropertyRole;

/// The person to invite to a household.
#[derive(InputObject)]
pub(crate) struct SharePropertyInput {
    /// The home.
    property_id: ID,
    /// The e-mail address. An invitation goes there, whether or not a customer has it.
    email: String,
    /// What they may do once they accept.
    role: PropertyRole,
}

payload! {
    /// The invitation that was sent.
    SharePropertyPayload {
        /// The home.
        property: Option<Property>,
        /// The invitation.
        invitation: Option<PropertyInvitation>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: SharePropertyInput) -> Result<SharePropertyPayload> {
    let outcome = async {
        let id = id_of(&input.property_id, "property")?;
        ctx.spend(Budget::Shares).await?;
        let invitation = ctx.billing().homes.share_property(ctx.actor(), id, &input.email, input.role.into()).await?;
        Ok((ctx.billing().homes.property(ctx.actor(), id).await?, invitation))
    };
    SharePropertyPayload::of(outcome.await, |(home, invitation)| SharePropertyPayload {
        property: Some(home.into()),
        invitation: Some(invitation.into()),
        user_errors: Vec::new(),
    })
}
