//! Adding a home.

use async_graphql::{Context, ID, InputObject};
use billow_billing::homes::NewProperty;

use crate::context::ContextExt as _;
use crate::homes::property::Property;
use crate::ids::optional_id;
use crate::payload::payload;
use crate::refusal::Result;
use crate::scalars::TimeZone;

/// The home to be.
#[derive(InputObject)]
pub(crate) struct AddPropertyInput {
    /// What it is called.
    name: String,
    /// Street and number.
    address: Option<String>,
    /// The town.
    city: Option<String>,
    /// The postal code.
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    country: Option<String>,
    /// Its time zone; the customer's where absent.
    time_zone: Option<TimeZone>,
    /// For staff: whose it is to be.
    customer_id: Option<ID>,
}

payload! {
    /// The home that was added.
    AddPropertyPayload {
        /// The home.
        property: Option<Property>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: AddPropertyInput) -> Result<AddPropertyPayload> {
    let outcome = async {
        let input = NewProperty {
            customer_id: optional_id(input.customer_id.as_ref(), "customerId")?,
            name: input.name,
            address: input.address,
            city: input.city,
            postal_code: input.postal_code,
            country: input.country,
            time_zone: input.time_zone.map(|zone| zone.0),
        };
        ctx.billing().homes.add_property(ctx.actor(), input).await
    };
    AddPropertyPayload::of(outcome.await, |home| AddPropertyPayload { property: Some(home.into()), user_errors: Vec::new() })
}
