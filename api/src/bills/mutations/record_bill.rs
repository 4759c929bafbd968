//! Recording a bill by hand.

use async_graphql::{Context, ID, InputObject};
use billow_billing::bills::ManualBill;
use billow_billing::ports::{FetchedAmount, FetchedLine, Usage};

use crate::bills::bill::Bill;
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::{named, payload};
use crate::refusal::Result;
use crate::scalars::{BigInt, Date, Decimal};
use crate::types::LineKind;

/// The names under which the business judges a bill, and those they have here.
pub(crate) const NAMES: &[(&str, &str)] = &[
    ("id", "billId"),
    ("amount", "amountMinor"),
    ("issued_on", "issuedOn"),
    ("due_on", "dueOn"),
    ("period_start", "periodStart"),
    ("period_end", "periodEnd"),
];

/// A bill as an operator writes it down.
#[derive(InputObject)]
pub(crate) struct RecordBillInput {
    /// Of which account.
    utility_account_id: ID,
    /// The provider's number for it; one of ours where the paper has none.
    number: Option<String>,
    /// What is to be paid, in minor units of the provider's currency.
    amount_minor: BigInt,
    /// When it was issued.
    issued_on: Date,
    /// When it is due.
    due_on: Option<Date>,
    /// First day billed for.
    period_start: Option<Date>,
    /// Last day billed for.
    period_end: Option<Date>,
    /// How much was used.
    usage: Option<UsageInput>,
    /// What it is made of.
    lines: Option<Vec<BillLineInput>>,
    /// Why it is recorded by hand.
    reason: String,
}

/// An amount of something used.
#[derive(InputObject)]
pub(crate) struct UsageInput {
    /// How much.
    value: Decimal,
    /// Of what: `kWh`, `m³`, `GB`.
    unit: String,
}

/// A line of a bill.
#[derive(InputObject)]
pub(crate) struct BillLineInput {
    /// What for.
    label: String,
    /// How much money, in minor units; lines that only inform have none.
    amount_minor: Option<BigInt>,
    /// What sort of line.
    kind: Option<LineKind>,
}

pub(crate) fn usage(input: UsageInput) -> Usage {
    Usage { value: input.value.0, unit: input.unit }
}

pub(crate) fn lines(inputs: Vec<BillLineInput>) -> Vec<FetchedLine> {
    let line = |input: BillLineInput| FetchedLine {
        label: input.label,
        amount: input.amount_minor.map(|minor| FetchedAmount::Minor { minor: minor.0 }),
        usage: None,
        kind: input.kind.map(Into::into),
    };
    inputs.into_iter().map(line).collect()
}

payload! {
    /// The bill that was recorded.
    RecordBillPayload {
        /// The bill.
        bill: Option<Bill>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RecordBillInput) -> Result<RecordBillPayload> {
    let outcome = async {
        let account = id_of(&input.utility_account_id, "account")?;
        let bill = ManualBill {
            number: input.number,
            amount: FetchedAmount::Minor { minor: input.amount_minor.0 },
            issued_on: input.issued_on.0,
            due_on: input.due_on.map(|date| date.0),
            period_start: input.period_start.map(|date| date.0),
            period_end: input.period_end.map(|date| date.0),
            usage: input.usage.map(usage),
            lines: lines(input.lines.unwrap_or_default()),
        };
        ctx.billing().bills.record_bill(ctx.actor(), account, bill, &input.reason).await
    };
    RecordBillPayload::of(named(outcome.await, NAMES), |bill| RecordBillPayload { bill: Some(bill.into()), user_errors: Vec::new() })
}
