//! What the API changes about payment methods: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod complete_payment_method_setup;
pub(crate) mod remove_payment_method;
pub(crate) mod set_default_payment_method;
pub(crate) mod start_payment_method_setup;
pub(crate) mod update_payment_method;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about payment methods.
#[derive(Default)]
pub(crate) struct MethodsMutations;

#[Object]
impl MethodsMutations {
    /// Begins saving a card or direct debit; the bank is asked first.
    async fn start_payment_method_setup(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: start_payment_method_setup::StartPaymentMethodSetupInput,
    ) -> Result<start_payment_method_setup::StartPaymentMethodSetupPayload> {
        start_payment_method_setup::run(ctx, input).await
    }

    /// Asks the gateway now how the saving of a method stands.
    async fn complete_payment_method_setup(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: complete_payment_method_setup::CompletePaymentMethodSetupInput,
    ) -> Result<complete_payment_method_setup::CompletePaymentMethodSetupPayload> {
        complete_payment_method_setup::run(ctx, input).await
    }

    /// Makes a method the one that is taken where none is chosen.
    async fn set_default_payment_method(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: set_default_payment_method::SetDefaultPaymentMethodInput,
    ) -> Result<set_default_payment_method::SetDefaultPaymentMethodPayload> {
        set_default_payment_method::run(ctx, input).await
    }

    /// Names a method.
    async fn update_payment_method(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: update_payment_method::UpdatePaymentMethodInput,
    ) -> Result<update_payment_method::UpdatePaymentMethodPayload> {
        update_payment_method::run(ctx, input).await
    }

    /// Removes a method; the gateway forgets it.
    async fn remove_payment_method(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: remove_payment_method::RemovePaymentMethodInput,
    ) -> Result<remove_payment_method::RemovePaymentMethodPayload> {
        remove_payment_method::run(ctx, input).await
    }
}
