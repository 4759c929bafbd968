//! What a payment would come to, before anything is asked for.

use billow_entities::{Currency, PaymentMethodId, bill};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::BillAmount;
use super::quote::PayableQuote;
use crate::error::{Error, Problems, Result, UserError};
use crate::ledger::wallet_in;
use crate::{Actor, Billing};

/// What a payment would come to.
#[derive(Clone, Debug)]
pub struct PaymentPreview {
    /// In which currency.
    pub currency: Currency,
    /// The whole.
    pub total_minor: i64,
    /// From the wallet.
    pub from_wallet_minor: i64,
    /// By method or page.
    pub from_gateway_minor: i64,
    /// Bill by bill.
    pub lines: Vec<PreviewLine>,
    /// What stands against it.
    pub user_errors: Vec<UserError>,
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

impl Billing {
    /// What paying these bills would come to, and what stands against it. Nothing is written.
    ///
    /// # Errors
    /// When a bill is not visible or may only be looked at, or there is nothing to preview.
    pub async fn preview_payment(
        &self,
        actor: &Actor,
        bills: Vec<BillAmount>,
        use_wallet: bool,
        method: Option<PaymentMethodId>,
    ) -> Result<PaymentPreview> {
        let payer = if actor.is_staff() {
            // For staff, it is the first bill's customer who pays.
            let first = bills.first().map(|b| b.bill_id);
            let found = bill::Entity::find().filter(bill::Column::Id.is_in(first)).one(self.store.log()).await?;
            found.map(|b| b.customer_id).ok_or(Error::NotFound("bill"))?
        } else {
            actor.customer()?
        };
        let mut problems = Problems::default();
        let draft = self.draft(payer, &bills, &mut problems).await?;
        let Some(draft) = draft else { return Err(Error::Invalid(problems.into_vec())) };
        let wallet = wallet_in(self.store.log(), payer, draft.currency).await?;
        let from_wallet_minor = if use_wallet { wallet.available_minor.clamp(0, draft.total_minor.max(0)) } else { 0 };
        if let Some(id) = method {
            match self.ready_method(payer, id).await {
                Ok(_) => {}
                Err(Error::Invalid(errors)) => {
                    for error in errors {
                        problems.add("METHOD_NOT_READY", "paymentMethodId", error.message);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(PaymentPreview {
            currency: draft.currency,
            total_minor: draft.total_minor,
            from_wallet_minor,
            from_gateway_minor: draft.total_minor - from_wallet_minor,
            lines: draft
                .lines
                .into_iter()
                .map(|line| PreviewLine { bill: line.bill, amount_minor: line.amount_minor, quote: line.quote })
                .collect(),
            user_errors: problems.into_vec(),
        })
    }
}
