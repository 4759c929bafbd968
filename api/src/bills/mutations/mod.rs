//! What the API changes about bills: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod correct_bill;
pub(crate) mod mark_bills_paid_elsewhere;
pub(crate) mod push_bills;
pub(crate) mod record_bill;
pub(crate) mod undo_paid_elsewhere;
pub(crate) mod void_bill;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about bills.
#[derive(Default)]
pub(crate) struct BillsMutations;

#[Object]
impl BillsMutations {
    /// Records a bill by hand. For staff.
    async fn record_bill(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: record_bill::RecordBillInput,
    ) -> Result<record_bill::RecordBillPayload> {
        record_bill::run(ctx, input).await
    }

    /// Corrects a bill by hand: a new version of the same bill. For staff.
    async fn correct_bill(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: correct_bill::CorrectBillInput,
    ) -> Result<correct_bill::CorrectBillPayload> {
        correct_bill::run(ctx, input).await
    }

    /// Voids a bill by hand: nobody is asked to pay it any more. For staff.
    async fn void_bill(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: void_bill::VoidBillInput,
    ) -> Result<void_bill::VoidBillPayload> {
        void_bill::run(ctx, input).await
    }

    /// Marks bills as paid elsewhere, all of them or none: nobody is asked to pay them any more. For those who may pay them, and
    /// for staff.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn mark_bills_paid_elsewhere(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The bills.")] input: mark_bills_paid_elsewhere::MarkBillsPaidElsewhereInput,
    ) -> Result<mark_bills_paid_elsewhere::MarkBillsPaidElsewherePayload> {
        mark_bills_paid_elsewhere::run(ctx, input).await
    }

    /// Opens bills again that a person marked as paid elsewhere or that came in as history, all of them or none.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn undo_paid_elsewhere(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The bills.")] input: undo_paid_elsewhere::UndoPaidElsewhereInput,
    ) -> Result<undo_paid_elsewhere::UndoPaidElsewherePayload> {
        undo_paid_elsewhere::run(ctx, input).await
    }

    /// Takes bills a provider posts. For programs with BILLS_PUSH.
    async fn push_bills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: push_bills::PushBillsInput,
    ) -> Result<push_bills::PushBillsPayload> {
        push_bills::run(ctx, input).await
    }
}
