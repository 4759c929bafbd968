//! Asking how the saving of a payment method stands.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::methods::method::PaymentMethod;
use crate::payload::payload;
use crate::refusal::Result;

/// Which method is asked about.
#[derive(InputObject)]
pub(crate) struct CompletePaymentMethodSetupInput {
    /// The method.
    id: ID,
}

payload! {
    /// The method as the gateway tells it now.
    CompletePaymentMethodSetupPayload {
        /// The method.
        payment_method: Option<PaymentMethod>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: CompletePaymentMethodSetupInput) -> Result<CompletePaymentMethodSetupPayload> {
    let outcome = async { ctx.billing().methods.complete_setup(ctx.actor(), id_of(&input.id, "payment method")?).await };
    CompletePaymentMethodSetupPayload::of(outcome.await, |method| CompletePaymentMethodSetupPayload {
        payment_method: Some(method.into()),
        user_errors: Vec::new(),
    })
}
