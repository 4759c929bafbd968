//! What people say of bills that were paid, but not through Billow: marked, and taken back. No money moves, so the ledger
//! knows nothing of it.

use std::collections::{BTreeSet, HashMap};

use billow_entities::{BillId, BillMarker, BillStatus, bill, provider};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Problems, Result};
use billow_kernel::store::WriteTx;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::Bills;
use super::being_paid_of;
use super::locked::LockedBill;
use super::state::{BillEvent, apply, sentence};

/// Bills of one request.
const MAX_BILLS: usize = 100;

/// What is said of the bills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Paid,
    StillToPay,
}

impl Bills {
    /// Marks bills as paid elsewhere: all of them or none. For those who may pay them, and for staff.
    ///
    /// # Errors
    /// With `billIds.N` as the path: when there is no such bill for `actor`, they may only look at it, a payment of it is
    /// under way, or it is past that.
    pub async fn mark_bills_paid_elsewhere(&self, actor: &Actor, ids: &[BillId]) -> Result<Vec<bill::Model>> {
        self.say_of_bills(actor, ids, Said::Paid).await
    }

    /// Takes that back, all of it or nothing: the bills are to be paid again. Also opens bills that came in as history.
    ///
    /// # Errors
    /// As [`Self::mark_bills_paid_elsewhere`]; also for bills of which the provider itself says that they were paid.
    pub async fn undo_paid_elsewhere(&self, actor: &Actor, ids: &[BillId]) -> Result<Vec<bill::Model>> {
        self.say_of_bills(actor, ids, Said::StillToPay).await
    }

    async fn say_of_bills(&self, actor: &Actor, ids: &[BillId], said: Said) -> Result<Vec<bill::Model>> {
        let known = self.bills_to_say_of(actor, ids).await?;
        let mut tx = self.store.write_tx().await?;
        let mut bills = LockedBill::lock_all(&tx, known.iter().map(|bill| (bill.id, bill.account_id))).await?;
        let live = being_paid_of(&*tx, ids).await?;
        let (mut problems, mut judged_bills) = (Problems::default(), Vec::with_capacity(ids.len()));
        for (at, id) in ids.iter().enumerate() {
            let Some(bill) = bills.remove(id) else { continue };
            match judged(bill.row(), said, live.contains_key(id)) {
                Ok(()) => judged_bills.push(bill),
                Err((code, message)) => problems.add(code, &format!("billIds.{at}"), message),
            }
        }
        problems.finish()?;
        let names = self.names_of(&tx, judged_bills.iter().map(LockedBill::row)).await?;
        let mut done = Vec::with_capacity(judged_bills.len());
        for bill in judged_bills {
            let name = names.get(&bill.row().provider_id).map_or("", String::as_str);
            done.push(self.say_of_bill(&mut tx, actor, bill, said, name).await?);
        }
        tx.commit().await?;
        Ok(done)
    }

    /// The bills, once it is clear that all of them are there and may be paid by `actor`.
    async fn bills_to_say_of(&self, actor: &Actor, ids: &[BillId]) -> Result<Vec<bill::Model>> {
        let customer = if actor.is_staff() { None } else { Some(actor.customer()?) };
        let mut problems = Problems::default();
        if ids.is_empty() {
            problems.add("REQUIRED", "billIds", "Choose at least one bill.");
        } else if ids.len() > MAX_BILLS {
            problems.add("TOO_MANY", "billIds", format!("Choose at most {MAX_BILLS} bills at once."));
        }
        problems.finish()?;
        let found = bill::Entity::find().filter(bill::Column::Id.is_in(ids.iter().copied())).all(self.store.primary()).await?;
        let found: HashMap<BillId, bill::Model> = found.into_iter().map(|bill| (bill.id, bill)).collect();
        let (mut problems, mut seen, mut bills) = (Problems::default(), BTreeSet::new(), Vec::with_capacity(ids.len()));
        for (at, id) in ids.iter().enumerate() {
            let place = format!("billIds.{at}");
            if !seen.insert(*id) {
                problems.add("DUPLICATE", &place, "This bill is named twice.");
                continue;
            }
            let may = match (found.get(id), customer) {
                (None, _) => Err(Error::NotFound("bill")),
                (Some(_), None) => Ok(()),
                (Some(bill), Some(customer)) => self.homes.may_pay(customer, bill).await,
            };
            match may {
                Ok(()) => bills.extend(found.get(id).cloned()),
                Err(Error::NotFound(_)) => problems.add("NOT_FOUND", &place, "There is no such bill."),
                Err(Error::Forbidden) => problems.add("FORBIDDEN", &place, "You may look at this bill, but not pay it."),
                Err(other) => return Err(other),
            }
        }
        problems.finish()?;
        Ok(bills)
    }

    async fn names_of(
        &self,
        tx: &WriteTx,
        bills: impl Iterator<Item = &bill::Model>,
    ) -> Result<HashMap<billow_entities::ProviderId, String>> {
        let ids: BTreeSet<_> = bills.map(|bill| bill.provider_id).collect();
        let providers = provider::Entity::find().filter(provider::Column::Id.is_in(ids)).all(&**tx).await?;
        Ok(providers.into_iter().map(|provider| (provider.id, provider.name)).collect())
    }

    async fn say_of_bill(&self, tx: &mut WriteTx, actor: &Actor, bill: LockedBill, said: Said, provider_name: &str) -> Result<bill::Model> {
        let before = bill.row().status;
        let step = match (said, actor.is_staff()) {
            (Said::StillToPay, _) => BillEvent::UndoPaidElsewhere.into(),
            (Said::Paid, false) => BillEvent::MarkPaidElsewhere.because("It was marked as paid elsewhere.").marked_by(BillMarker::Customer),
            (Said::Paid, true) => {
                BillEvent::MarkPaidElsewhere.because("It was marked as paid elsewhere by an operator.").marked_by(BillMarker::Operator)
            }
        };
        let bill = self.transition(tx, bill, step, provider_name).await?.into_row();
        if bill.status == before {
            return Ok(bill);
        }
        let action = if said == Said::Paid { "bill.mark_paid_elsewhere" } else { "bill.undo_paid_elsewhere" };
        let data = json!({"number": bill.number, "before": before, "after": bill.status});
        self.audit.record(tx, actor, action, bill.id, Some(bill.customer_id), None, data).await?;
        Ok(bill)
    }
}

/// Why it cannot be said of the bill, as a code and a sentence.
fn judged(bill: &bill::Model, said: Said, being_paid: bool) -> Result<(), (&'static str, String)> {
    if being_paid {
        return Err(("PAYMENT_IN_PROGRESS", "A payment of this bill is under way.".to_owned()));
    }
    if said == Said::StillToPay && bill.status == BillStatus::PaidElsewhere && bill.marked_by.is_none() {
        return Err(("ILLEGAL_STATE", "The provider says that this bill has been paid.".to_owned()));
    }
    let event = if said == Said::Paid { BillEvent::MarkPaidElsewhere } else { BillEvent::UndoPaidElsewhere };
    apply(bill.status, event).map(drop).map_err(|illegal| ("ILLEGAL_STATE", sentence(&illegal.to_string())))
}
