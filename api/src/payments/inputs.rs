//! Inputs that what is asked and what is changed have in common.

use async_graphql::{ID, InputObject};
use billow_billing::payable_bills::BillAmount;

use crate::ids::field_id;
use crate::scalars::BigInt;

/// An amount; its currency is that of what it is for.
#[derive(InputObject, Clone, Copy, Debug)]
pub(crate) struct MoneyAmountInput {
    /// In minor units.
    pub amount_minor: BigInt,
}

/// How much of a bill.
#[derive(InputObject, Clone, Debug)]
pub(crate) struct BillAmountInput {
    /// The bill.
    bill_id: ID,
    /// How much of it; what is suggested where absent.
    amount: Option<MoneyAmountInput>,
}

/// The bills of an input.
///
/// # Errors
/// `INVALID_ID` at the one that is no id of a bill.
pub(crate) fn bill_amounts(bills: &[BillAmountInput]) -> billow_billing::Result<Vec<BillAmount>> {
    let one = |(at, request): (usize, &BillAmountInput)| {
        let bill_id = field_id(&request.bill_id, &format!("bills.{at}.billId"))?;
        Ok(BillAmount { bill_id, amount_minor: request.amount.map(|amount| amount.amount_minor.0) })
    };
    bills.iter().enumerate().map(one).collect()
}
