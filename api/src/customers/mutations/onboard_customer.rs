//! Onboarding a customer who has no sign-in yet.

use async_graphql::{Context, InputObject};
use billow_billing::customers::ContactInput;
use billow_billing::identity::ExposeSecret as _;

use crate::context::ContextExt as _;
use crate::customers::customer::Customer;
use crate::payload::payload;
use crate::refusal::Result;
use crate::scalars::TimeZone;

/// The customer to be.
#[derive(InputObject)]
pub(crate) struct OnboardCustomerInput {
    /// The full name.
    name: String,
    /// An e-mail address; the invitation is mailed there.
    email: Option<String>,
    /// A mobile number with its country code.
    mobile: Option<String>,
    /// The language, BCP 47; English where absent.
    locale: Option<String>,
    /// The time zone; UTC where absent.
    time_zone: Option<TimeZone>,
    /// The number another system knows them by.
    external_ref: Option<String>,
}

payload! {
    /// The customer with their invitation.
    OnboardCustomerPayload {
        /// The customer.
        customer: Option<Customer>,
        /// The link by which they claim it, told this once: whoever has it becomes the customer.
        invitation_link: Option<String>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: OnboardCustomerInput) -> Result<OnboardCustomerPayload> {
    let input = ContactInput {
        name: input.name,
        email: input.email,
        mobile: input.mobile,
        locale: input.locale.unwrap_or_else(|| "en".into()),
        time_zone: input.time_zone.map_or_else(|| "UTC".into(), |zone| zone.0),
        external_ref: input.external_ref,
    };
    OnboardCustomerPayload::of(ctx.billing().customers.onboard_customer(ctx.actor(), input).await, |onboarded| OnboardCustomerPayload {
        customer: Some(onboarded.customer.into()),
        invitation_link: Some(onboarded.link.expose_secret().to_owned()),
        user_errors: Vec::new(),
    })
}
