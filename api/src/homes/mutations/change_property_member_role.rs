//! Changing what a member of a household may do.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::homes::property::Property;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;
use crate::types::PropertyRole;

/// What a member may do from now on.
#[derive(InputObject)]
pub(crate) struct ChangePropertyMemberRoleInput {
    /// The home.
    property_id: ID,
    /// The member.
    customer_id: ID,
    /// What they may do.
    role: PropertyRole,
}

payload! {
    /// The home as shared now.
    ChangePropertyMemberRolePayload {
        /// The home.
        property: Option<Property>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ChangePropertyMemberRoleInput) -> Result<ChangePropertyMemberRolePayload> {
    let outcome = async {
        let (id, who) = (id_of(&input.property_id, "property")?, id_of(&input.customer_id, "member")?);
        ctx.billing().homes.change_member_role(ctx.actor(), id, who, input.role.into()).await?;
        ctx.billing().homes.property(ctx.actor(), id).await
    };
    ChangePropertyMemberRolePayload::of(outcome.await, |home| ChangePropertyMemberRolePayload {
        property: Some(home.into()),
        user_errors: Vec::new(),
    })
}
