//! Choosing the usual payment method.

use async_graphql::{Context, ID, InputObject};

use super::payload::payload;
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::refusal::Result;
use crate::types::payment_method::PaymentMethod;

/// Which method is taken where none is chosen.
#[derive(InputObject)]
pub(crate) struct SetDefaultPaymentMethodInput {
    /// The method.
    id: ID,
}

payload! {
    /// The method as it is now.
    SetDefaultPaymentMethodPayload {
        /// The method.
        payment_method: Option<PaymentMethod>,
    }
}

pub(super) async fn run(ctx: &Context<'_>, input: SetDefaultPaymentMethodInput) -> Result<SetDefaultPaymentMethodPayload> {
    let outcome = async { ctx.billing().methods.set_default_method(ctx.actor(), id_of(&input.id, "payment method")?).await };
    SetDefaultPaymentMethodPayload::of(outcome.await, |method| SetDefaultPaymentMethodPayload {
        payment_method: Some(method.into()),
        user_errors: Vec::new(),
    })
}
