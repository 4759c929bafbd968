//! Changing a home.

use async_graphql::{Context, ID, InputObject};
use billow_billing::homes::UpdateProperty;

use crate::context::ContextExt as _;
use crate::homes::property::Property;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;
use crate::scalars::TimeZone;

/// What is to change; what is absent stays, what is blank is removed.
#[derive(InputObject)]
pub(crate) struct UpdatePropertyInput {
    /// Which home.
    property_id: ID,
    /// What it is called.
    name: Option<String>,
    /// Street and number.
    address: Option<String>,
    /// The town.
    city: Option<String>,
    /// The postal code.
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    country: Option<String>,
    /// Its time zone.
    time_zone: Option<TimeZone>,
}

payload! {
    /// The home as changed.
    UpdatePropertyPayload {
        /// The home.
        property: Option<Property>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: UpdatePropertyInput) -> Result<UpdatePropertyPayload> {
    let outcome = async {
        let id = id_of(&input.property_id, "property")?;
        let change = UpdateProperty {
            name: input.name,
            address: input.address,
            city: input.city,
            postal_code: input.postal_code,
            country: input.country,
            time_zone: input.time_zone.map(|zone| zone.0),
        };
        ctx.billing().homes.update_property(ctx.actor(), id, change).await
    };
    UpdatePropertyPayload::of(outcome.await, |home| UpdatePropertyPayload { property: Some(home.into()), user_errors: Vec::new() })
}
