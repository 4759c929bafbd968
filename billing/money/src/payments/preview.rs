//! What a payment would come to, before anything is asked for.

use billow_entities::{Currency, CustomerId, PaymentMethodId, bill};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Problems, Result, UserError};
use sea_orm::EntityTrait;

use super::Payments;
use crate::ledger::wallet_in;
use crate::payable_bills::{BillAmount, PayableQuote, sum_of};

/// What a payment would come to.
#[derive(Clone, Debug)]
pub struct PaymentPreview {
    /// The sums; none where the bills come to none that could be paid in one go.
    pub sums: Option<PreviewSums>,
    /// Bill by bill.
    pub lines: Vec<PreviewLine>,
    /// What stands against it.
    pub user_errors: Vec<UserError>,
}

/// What a payment would come to in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviewSums {
    /// In which currency.
    pub currency: Currency,
    /// The whole.
    pub total_minor: i64,
    /// From the wallet.
    pub from_wallet_minor: i64,
    /// By method or page.
    pub from_gateway_minor: i64,
}

/// A bill of a preview.
#[derive(Clone, Debug)]
pub struct PreviewLine {
    /// The bill.
    pub bill: bill::Model,
    /// What would be paid of it.
    pub amount_minor: i64,
    /// What may be paid of it.
    pub quote: PayableQuote,
}

impl Payments {
    /// What paying these bills would come to, and what stands against it. Nothing is written.
    ///
    /// # Errors
    /// When nobody is signed in, or somebody who pays nothing.
    pub async fn preview_payment(
        &self,
        actor: &Actor,
        bills: Vec<BillAmount>,
        use_wallet: bool,
        method: Option<PaymentMethodId>,
    ) -> Result<PaymentPreview> {
        let payer = self.payer_of_preview(actor, &bills).await?;
        let mut problems = Problems::default();
        let (lines, _) = self.payable_bills.draft_lines(payer, &bills, &mut problems).await?;
        let sums = match sum_of(&lines, &mut problems) {
            None => None,
            Some((currency, total_minor)) => {
                let wallet = wallet_in(self.store.primary(), payer, currency).await?;
                let from_wallet_minor = if use_wallet { wallet.available_minor.clamp(0, total_minor.max(0)) } else { 0 };
                Some(PreviewSums { currency, total_minor, from_wallet_minor, from_gateway_minor: total_minor - from_wallet_minor })
            }
        };
        if let Some(id) = method {
            self.preview_method(payer, id, &mut problems).await?;
        }
        let lines = lines.into_iter().map(|line| PreviewLine { bill: line.bill, amount_minor: line.amount_minor, quote: line.quote });
        Ok(PaymentPreview { sums, lines: lines.collect(), user_errors: problems.into_vec() })
    }

    /// Who would pay: the customer who asks; for staff, the first bill's.
    async fn payer_of_preview(&self, actor: &Actor, bills: &[BillAmount]) -> Result<CustomerId> {
        if !actor.is_staff() {
            return actor.customer();
        }
        let Some(first) = bills.first() else { return Err(Error::invalid("REQUIRED", "bills", "Say which bills are to be paid.")) };
        let found = bill::Entity::find_by_id(first.bill_id).one(self.store.primary()).await?;
        found.map(|b| b.customer_id).ok_or_else(|| Error::invalid("NOT_FOUND", "bills.0.billId", "There is no such bill."))
    }

    /// What stands against the saved method.
    async fn preview_method(&self, payer: CustomerId, id: PaymentMethodId, problems: &mut Problems) -> Result<()> {
        match self.ready_method(payer, id).await {
            Ok(_) => {}
            Err(Error::Invalid(errors)) => {
                for error in errors {
                    problems.add("METHOD_NOT_READY", "paymentMethodId", error.message);
                }
            }
            Err(Error::NotFound(what)) => problems.add("NOT_FOUND", "paymentMethodId", format!("There is no such {what}.")),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
