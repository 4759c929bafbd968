//! Choosing the usual payment method.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::methods::method::PaymentMethod;
use crate::payload::payload;
use crate::refusal::Result;

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

pub(crate) async fn run(ctx: &Context<'_>, input: SetDefaultPaymentMethodInput) -> Result<SetDefaultPaymentMethodPayload> {
    let outcome = async { ctx.billing().methods.set_default_method(ctx.actor(), id_of(&input.id, "payment method")?).await };
    SetDefaultPaymentMethodPayload::of(outcome.await, |method| SetDefaultPaymentMethodPayload {
        payment_method: Some(method.into()),
        user_errors: Vec::new(),
    })
}
