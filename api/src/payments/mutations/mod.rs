//! What the API changes about payments: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod cancel_payment;
pub(crate) mod check_payment;
pub(crate) mod create_pay_link;
pub(crate) mod pay_bills;
pub(crate) mod pay_by_link;
pub(crate) mod paying_input;
pub(crate) mod recharge;
pub(crate) mod retry_payment;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about payments.
#[derive(Default)]
pub(crate) struct PaymentsMutations;

#[Object]
impl PaymentsMutations {
    /// Pays one bill or many, from the wallet, by a saved method or on a page of the gateway's.
    async fn pay_bills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: pay_bills::PayBillsInput,
    ) -> Result<pay_bills::PayBillsPayload> {
        pay_bills::run(ctx, input).await
    }

    /// Buys a plan for a prepaid account, at its price.
    async fn recharge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: recharge::RechargeInput,
    ) -> Result<recharge::RechargePayload> {
        recharge::run(ctx, input).await
    }

    /// Tries a failed payment again, by the same method or another.
    async fn retry_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: retry_payment::RetryPaymentInput,
    ) -> Result<retry_payment::RetryPaymentPayload> {
        retry_payment::run(ctx, input).await
    }

    /// Calls a payment off before money moved.
    async fn cancel_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: cancel_payment::CancelPaymentInput,
    ) -> Result<cancel_payment::CancelPaymentPayload> {
        cancel_payment::run(ctx, input).await
    }

    /// Pays the bill behind a signed link on a page of the gateway's. Nobody need be signed in.
    async fn pay_by_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: pay_by_link::PayByLinkInput,
    ) -> Result<pay_by_link::PayByLinkPayload> {
        pay_by_link::run(ctx, input).await
    }

    /// Makes a signed link by which anybody can pay a bill.
    async fn create_pay_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: create_pay_link::CreatePayLinkInput,
    ) -> Result<create_pay_link::CreatePayLinkPayload> {
        create_pay_link::run(ctx, input).await
    }

    /// Asks the gateway now how a payment stands. For staff.
    async fn check_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: check_payment::CheckPaymentInput,
    ) -> Result<check_payment::CheckPaymentPayload> {
        check_payment::run(ctx, input).await
    }
}
