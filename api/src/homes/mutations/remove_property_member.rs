//! Taking somebody out of a household, or leaving it.

use async_graphql::{Context, ID, InputObject};
use billow_billing::Error;

use crate::context::ContextExt as _;
use crate::homes::property::Property;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

/// Who leaves which household.
#[derive(InputObject)]
pub(crate) struct RemovePropertyMemberInput {
    /// The home.
    property_id: ID,
    /// Who leaves; oneself, too.
    customer_id: ID,
}

payload! {
    /// The home without them.
    RemovePropertyMemberPayload {
        /// The home; null for whoever left it.
        property: Option<Property>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RemovePropertyMemberInput) -> Result<RemovePropertyMemberPayload> {
    let outcome = async {
        let (id, who) = (id_of(&input.property_id, "property")?, id_of(&input.customer_id, "member")?);
        ctx.billing().homes.remove_member(ctx.actor(), id, who).await?;
        match ctx.billing().homes.property(ctx.actor(), id).await {
            Ok(home) => Ok(Some(home)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    };
    RemovePropertyMemberPayload::of(outcome.await, |home| RemovePropertyMemberPayload {
        property: home.map(Property::from),
        user_errors: Vec::new(),
    })
}
