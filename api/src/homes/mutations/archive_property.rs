//! Archiving a home.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::homes::property::Property;
use crate::ids::id_of;
use crate::payload::{named, payload};
use crate::refusal::Result;

/// Which home is archived.
#[derive(InputObject)]
pub(crate) struct ArchivePropertyInput {
    /// The home.
    property_id: ID,
}

payload! {
    /// The home as archived.
    ArchivePropertyPayload {
        /// The home.
        property: Option<Property>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ArchivePropertyInput) -> Result<ArchivePropertyPayload> {
    let outcome = async { ctx.billing().homes.archive_property(ctx.actor(), id_of(&input.property_id, "property")?).await };
    ArchivePropertyPayload::of(named(outcome.await, &[("id", "propertyId")]), |home| ArchivePropertyPayload {
        property: Some(home.into()),
        user_errors: Vec::new(),
    })
}
