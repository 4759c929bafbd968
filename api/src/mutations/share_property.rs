//! Sharing a home.

use async_graphql::{Context, ID, InputObject};

use super::payload::payload;
use crate::context::Within as _;
use crate::ids::id_of;
use crate::refusal::Result;
use crate::types::PropertyRole;
use crate::types::property::Property;

/// With whom a home is shared.
#[derive(InputObject)]
pub(crate) struct SharePropertyInput {
    /// The home.
    property_id: ID,
    /// The e-mail address of somebody who is a customer already.
    email: String,
    /// What they may do.
    role: PropertyRole,
}

payload! {
    /// The home as shared.
    SharePropertyPayload {
        /// The home.
        property: Option<Property>,
    }
}

pub(super) async fn run(ctx: &Context<'_>, input: SharePropertyInput) -> Result<SharePropertyPayload> {
    let outcome = async {
        let id = id_of(&input.property_id, "property")?;
        ctx.billing().share_property(ctx.actor(), id, &input.email, input.role.into()).await?;
        ctx.billing().property(ctx.actor(), id).await
    };
    SharePropertyPayload::of(outcome.await, |home| SharePropertyPayload { property: Some(home.into()), user_errors: Vec::new() })
}
