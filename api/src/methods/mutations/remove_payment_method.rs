//! Removing a payment method.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::methods::method::PaymentMethod;
use crate::payload::payload;
use crate::refusal::Result;

/// Which method is removed.
#[derive(InputObject)]
pub(crate) struct RemovePaymentMethodInput {
    /// The method.
    id: ID,
}

payload! {
    /// The method as removed.
    RemovePaymentMethodPayload {
        /// The method.
        payment_method: Option<PaymentMethod>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RemovePaymentMethodInput) -> Result<RemovePaymentMethodPayload> {
    let outcome = async { ctx.billing().methods.remove_method(ctx.actor(), id_of(&input.id, "payment method")?).await };
    RemovePaymentMethodPayload::of(outcome.await, |method| RemovePaymentMethodPayload {
        payment_method: Some(method.into()),
        user_errors: Vec::new(),
    })
}
