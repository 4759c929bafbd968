//! Removing a payment method.

use async_graphql::{Context, ID, InputObject};

use super::payload::payload;
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::refusal::Result;
use crate::types::payment_method::PaymentMethod;

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

pub(super) async fn run(ctx: &Context<'_>, input: RemovePaymentMethodInput) -> Result<RemovePaymentMethodPayload> {
    let outcome = async { ctx.billing().methods.remove_method(ctx.actor(), id_of(&input.id, "payment method")?).await };
    RemovePaymentMethodPayload::of(outcome.await, |method| RemovePaymentMethodPayload {
        payment_method: Some(method.into()),
        user_errors: Vec::new(),
    })
}
