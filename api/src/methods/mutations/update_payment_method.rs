//! Naming a payment method.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::methods::method::PaymentMethod;
use crate::payload::payload;
use crate::refusal::Result;

/// What a method is called.
#[derive(InputObject)]
pub(crate) struct UpdatePaymentMethodInput {
    /// The method.
    id: ID,
    /// One's own name for it; null or blank takes it away.
    label: Option<String>,
}

payload! {
    /// The method as it is now.
    UpdatePaymentMethodPayload {
        /// The method.
        payment_method: Option<PaymentMethod>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: UpdatePaymentMethodInput) -> Result<UpdatePaymentMethodPayload> {
    let outcome =
        async { ctx.billing().methods.label_method(ctx.actor(), id_of(&input.id, "payment method")?, input.label.as_deref()).await };
    UpdatePaymentMethodPayload::of(outcome.await, |method| UpdatePaymentMethodPayload {
        payment_method: Some(method.into()),
        user_errors: Vec::new(),
    })
}
