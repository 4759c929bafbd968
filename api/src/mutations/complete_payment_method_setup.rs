//! Asking how the saving of a payment method stands.

use async_graphql::{Context, ID, InputObject};

use super::payload::payload;
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::refusal::Result;
use crate::types::payment_method::PaymentMethod;

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

pub(super) async fn run(ctx: &Context<'_>, input: CompletePaymentMethodSetupInput) -> Result<CompletePaymentMethodSetupPayload> {
    let outcome = async { ctx.billing().methods.complete_setup(ctx.actor(), id_of(&input.id, "payment method")?).await };
    CompletePaymentMethodSetupPayload::of(outcome.await, |method| CompletePaymentMethodSetupPayload {
        payment_method: Some(method.into()),
        user_errors: Vec::new(),
    })
}
