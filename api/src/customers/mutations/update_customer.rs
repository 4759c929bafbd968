//! Changing what is known about a customer.

use async_graphql::{Context, ID, InputObject};
use billow_billing::customers::UpdateCustomer;
use billow_billing::identity::Budget;

use crate::context::ContextExt as _;
use crate::customers::customer::Customer;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;
use crate::scalars::TimeZone;

/// What is to change; what is absent stays, what is blank is removed.
#[derive(InputObject)]
pub(crate) struct UpdateCustomerInput {
    /// For staff: whom; oneself where absent.
    customer_id: Option<ID>,
    /// The full name.
    name: Option<String>,
    /// The e-mail address for messages and to sign in with. A new one takes effect when it is confirmed by the link that is
    /// mailed there; the present one gets a notice. The present one again drops a change that waits.
    email: Option<String>,
    /// A mobile number, with the country code or as it is dialled in the country of `locale`.
    mobile: Option<String>,
    /// The language, BCP 47.
    locale: Option<String>,
    /// The time zone.
    time_zone: Option<TimeZone>,
    /// For staff: the number another system knows them by.
    external_ref: Option<String>,
}

payload! {
    /// The customer as changed.
    UpdateCustomerPayload {
        /// The customer.
        customer: Option<Customer>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: UpdateCustomerInput) -> Result<UpdateCustomerPayload> {
    let outcome = async {
        let id = match &input.customer_id {
            Some(id) => id_of(id, "customer")?,
            None => ctx.actor().customer()?,
        };
        let change = UpdateCustomer {
            name: input.name,
            email: input.email,
            mobile: input.mobile,
            locale: input.locale,
            time_zone: input.time_zone.map(|zone| zone.0),
            external_ref: input.external_ref,
        };
        if change.email.is_some() {
            ctx.spend(Budget::EmailChanges).await?;
        }
        ctx.billing().customers.update_customer(ctx.actor(), id, change).await
    };
    UpdateCustomerPayload::of(outcome.await, |customer| {
        ctx.identities().forget();
        UpdateCustomerPayload { customer: Some(customer.into()), user_errors: Vec::new() }
    })
}
