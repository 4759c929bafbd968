//! Correcting a bill by hand.

use async_graphql::{Context, ID, InputObject, MaybeUndefined};
use billow_billing::bills::BillCorrection;
use billow_billing::ports::FetchedAmount;

use crate::bills::bill::Bill;
use crate::bills::mutations::record_bill::{BillLineInput, NAMES, UsageInput, lines, usage};
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::{named, payload};
use crate::refusal::Result;
use crate::scalars::{BigInt, Date};

/// What is corrected; what is absent stays, and what is null is removed.
#[derive(InputObject)]
pub(crate) struct CorrectBillInput {
    /// Which bill.
    bill_id: ID,
    /// What is to be paid, in minor units.
    amount_minor: Option<BigInt>,
    /// When it was issued.
    issued_on: Option<Date>,
    /// When it is due.
    due_on: MaybeUndefined<Date>,
    /// First day billed for.
    period_start: MaybeUndefined<Date>,
    /// Last day billed for.
    period_end: MaybeUndefined<Date>,
    /// How much was used.
    usage: MaybeUndefined<UsageInput>,
    /// What it is made of.
    lines: Option<Vec<BillLineInput>>,
    /// Why it is corrected.
    reason: String,
}

payload! {
    /// The bill as corrected.
    CorrectBillPayload {
        /// The bill in its new version.
        bill: Option<Bill>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: CorrectBillInput) -> Result<CorrectBillPayload> {
    let outcome = async {
        let id = id_of(&input.bill_id, "bill")?;
        let correction = BillCorrection {
            amount: input.amount_minor.map(|minor| FetchedAmount::Minor { minor: minor.0 }),
            issued_on: input.issued_on.map(|date| date.0),
            due_on: changed(input.due_on).map(|date| date.map(|d| d.0)),
            period_start: changed(input.period_start).map(|date| date.map(|d| d.0)),
            period_end: changed(input.period_end).map(|date| date.map(|d| d.0)),
            usage: changed(input.usage).map(|used| used.map(usage)),
            lines: input.lines.map(lines),
        };
        ctx.billing().bills.correct_bill(ctx.actor(), id, correction, &input.reason).await
    };
    CorrectBillPayload::of(named(outcome.await, NAMES), |bill| CorrectBillPayload { bill: Some(bill.into()), user_errors: Vec::new() })
}

/// Absent is no change; null is a change to nothing.
pub(crate) fn changed<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}
