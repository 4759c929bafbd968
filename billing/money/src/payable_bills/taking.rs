//! Bills taken by a payment, paid, and opened again.

use std::sync::Arc;

use async_trait::async_trait;
use billow_entities::{CustomerId, PayableKind, Target, bill, payment_allocation};
use billow_kernel::error::{Error, Problems, Result};
use billow_kernel::store::{AnyConnection, WriteTx};
use billow_supply::bills::{BillEvent, Bills, LockedBill};
use billow_supply::providers::LoadedProvider;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::amounts::takes;
use super::draft::{DraftLine, refusal};
use super::quote::quote_of;
use super::reading::described;
use super::{PayBills, PayableBills};
use crate::payable::{Description, Draft, LoadedProviders, LockedParts, LockedPayable, NewPart, Payable, PayableRequest, Refusal, Take};

#[async_trait]
impl PayableRequest for PayBills {
    type Kind = PayableBills;

    const NAME: &'static str = "pay_bills";

    async fn draft(&self, kind: &PayableBills, payer: CustomerId, problems: &mut Problems) -> Result<Option<Draft>> {
        kind.draft(payer, &self.bills, problems).await
    }
}

/// Bills to be taken.
#[derive(Debug)]
pub(super) struct TakeBills {
    pub(super) lines: Vec<DraftLine>,
    pub(super) providers: LoadedProviders,
}

#[async_trait]
impl Take for TakeBills {
    async fn take(self: Box<Self>, tx: &mut WriteTx) -> Result<Vec<NewPart>> {
        let bills = LockedBill::lock_all(tx, self.lines.iter().map(|line| (line.bill.id, line.bill.account_id))).await?;
        let (mut problems, mut parts) = (Problems::default(), Vec::with_capacity(self.lines.len()));
        for (at, line) in self.lines.iter().enumerate() {
            let bill = bills.get(&line.bill.id).ok_or(Error::NotFound("bill"))?.row();
            let provider = self.providers.get(&bill.provider_id).ok_or(Error::NotFound("provider"))?;
            if let Some(against) = refusal(&quote_of(bill, provider, None)?, line.amount_minor) {
                problems.add(against.code, &format!("bills.{at}.{}", against.path), against.message);
            }
            parts.push(NewPart {
                target: Target::Bill(bill.id),
                // As it was judged above.
                version: bill.version,
                customer_id: bill.customer_id,
                account_id: bill.account_id,
                provider_id: bill.provider_id,
                property_id: bill.property_id,
                utility_type: bill.utility_type,
                amount_minor: line.amount_minor,
            });
        }
        problems.finish()?;
        Ok(parts)
    }
}

#[async_trait]
impl Payable for PayableBills {
    fn kind(&self) -> PayableKind {
        PayableKind::Bill
    }

    async fn describe(&self, db: &AnyConnection<'_>, ids: Vec<Uuid>) -> Result<Vec<(Target, Description)>> {
        described(db, ids).await
    }

    /// Somebody who left a home since does not pay its bills any more.
    async fn may_pay(&self, payer: CustomerId, parts: &[&payment_allocation::Model]) -> Result<()> {
        let ids = parts.iter().map(|part| part.target_id);
        for bill in bill::Entity::find().filter(bill::Column::Id.is_in(ids)).all(self.store.primary()).await? {
            self.homes.may_pay(payer, &bill).await?;
        }
        Ok(())
    }

    async fn lock(&self, tx: &WriteTx, parts: &[&payment_allocation::Model], providers: &LoadedProviders) -> Result<LockedParts> {
        let named = parts.iter().filter_map(|part| Some((part.target().bill()?, part.account_id)));
        let mut bills = LockedBill::lock_all(tx, named).await?;
        let locked = |part: &&payment_allocation::Model| {
            let bill = bills.remove(&part.target().bill()?)?;
            let provider = Arc::clone(providers.get(&bill.row().provider_id)?);
            let payable: Box<dyn LockedPayable> = Box::new(TakenBill { bills: Arc::clone(&self.bills), bill, provider });
            Some((part.id, payable))
        };
        Ok(parts.iter().filter_map(locked).collect())
    }
}

/// A bill under its account's lock.
struct TakenBill {
    bills: Arc<Bills>,
    bill: LockedBill,
    provider: Arc<LoadedProvider>,
}

#[async_trait]
impl LockedPayable for TakenBill {
    fn takes(&self, amount_minor: i64) -> bool {
        let definition = &self.provider.definition;
        takes(&definition.amount_rule, self.bill.row(), definition.limits.max_amount_minor, amount_minor)
    }

    async fn paid(self: Box<Self>, tx: &mut WriteTx, amount_minor: i64) -> Result<()> {
        self.bills.transition(tx, self.bill, BillEvent::Paid(amount_minor), &self.provider.definition.name).await.map(drop)
    }

    async fn retake(self: Box<Self>, _tx: &mut WriteTx, amount_minor: i64) -> Result<Option<Refusal>> {
        Ok(refusal(&quote_of(self.bill.row(), &self.provider, None)?, amount_minor))
    }

    async fn undo(self: Box<Self>, tx: &mut WriteTx, amount_minor: i64, reason: &str) -> Result<()> {
        let step = BillEvent::PaymentReversed(amount_minor).because(reason);
        self.bills.transition(tx, self.bill, step, &self.provider.definition.name).await.map(drop)
    }
}
