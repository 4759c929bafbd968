//! Writing what a provider answered, while the claim is still ours.

use billow_entities::{AccountStatus, LedgerAccountKind, RemittanceStatus, payment, remittance, utility_account};
use billow_kernel::cipher::Place;
use billow_kernel::error::{Error, Result};
use billow_kernel::events::PaymentStep;
use billow_kernel::store::WriteTx;
use billow_supply::connector::PayOutcome;
use sea_orm::sea_query::{Expr, Func, LockType};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Remittances;
use super::steps::{Step, judge};
use crate::currency::currency_of;
use crate::ledger::{Leg, NewEntry};

pub(super) fn voucher_place(row: &str) -> Place<'_> {
    Place { table: "remittances", row, column: "voucher_enc" }
}

/// A remittance under its payment's lock.
pub(super) async fn lock_remittance(tx: &WriteTx, known: &remittance::Model) -> Result<(payment::Model, remittance::Model)> {
    let payment = payment::Entity::find_by_id(known.payment_id).lock(LockType::NoKeyUpdate).one(&**tx).await?;
    let payment = payment.ok_or(Error::NotFound("payment"))?;
    let row = remittance::Entity::find_by_id(known.id).lock(LockType::NoKeyUpdate).one(&**tx).await?;
    Ok((payment, row.ok_or(Error::NotFound("remittance"))?))
}

pub(super) fn remittance_entry(kind: &'static str, key: &str, row: &remittance::Model, legs: Vec<Leg>) -> Result<NewEntry> {
    Ok(NewEntry {
        kind,
        key: format!("{key}:{}", row.id),
        currency: currency_of(&row.currency)?,
        payment_id: Some(row.payment_id),
        customer_id: Some(row.customer_id),
        subject: row.id.to_string(),
        reverses: None,
        memo: None,
        legs,
    })
}

impl Remittances {
    /// Writes what came of a claimed remittance; nothing, when somebody else has it by now.
    pub(super) async fn settle_remittance(&self, claimed: &remittance::Model, outcome: PayOutcome, can_be_asked: bool) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.store.write_tx().await?;
        let (payment, mut row) = lock_remittance(&tx, claimed).await?;
        if row.fence != claimed.fence || !matches!(row.status, RemittanceStatus::Sent | RemittanceStatus::Unknown) {
            tracing::warn!(remittance = %row.id, "an answer came too late for its claim");
            tx.leave(()).await;
            return Ok(());
        }
        let before = row.status;
        let row = match judge(&row, outcome, can_be_asked, now) {
            Step::Confirm { reference, voucher } => self.write_confirmed(&tx, row, reference, voucher).await?,
            Step::Reject { message } => self.reverse_remittance(&mut tx, &payment, row, message, "system".into()).await?,
            Step::Wait { status, message, continuation, due_at } => {
                row.status = status;
                row.message = message;
                row.continuation = continuation;
                row.due_at = due_at;
                row.lease_until = None;
                let row = row.into_active_model().reset_all().update(&*tx).await?;
                if status == before {
                    tx.commit().await?;
                    return Ok(());
                }
                row
            }
        };
        tx.emit(self.events.payment(&payment, PaymentStep::Remittance(row.id, row.status))?);
        tx.commit().await
    }

    /// The provider has it.
    pub(super) async fn write_confirmed(
        &self,
        tx: &WriteTx,
        mut row: remittance::Model,
        reference: Option<String>,
        voucher: Option<String>,
    ) -> Result<remittance::Model> {
        if let Some(voucher) = voucher {
            row.voucher_enc = Some(self.cipher.seal(voucher_place(&row.id.to_string()), voucher.as_bytes())?);
        }
        row.status = RemittanceStatus::Confirmed;
        row.provider_ref = reference.or(row.provider_ref);
        row.message = None;
        row.continuation = None;
        row.due_at = None;
        row.lease_until = None;
        row.settled_at = Some(self.clock.now());
        let row = row.into_active_model().reset_all().update(&**tx).await?;
        self.fetch_after_recharge(tx, &row).await?;
        let legs = vec![
            Leg::new(LedgerAccountKind::ProviderPayable, row.provider_id.0, row.amount_minor),
            Leg::new(LedgerAccountKind::Bank, Uuid::nil(), -row.amount_minor),
        ];
        self.ledger.record_entry(tx, remittance_entry("remittance.confirmed", "remit", &row, legs)?).await?;
        Ok(row)
    }

    /// Has an account looked at soon after its recharge: its plan lasts longer now. Does nothing for bills.
    async fn fetch_after_recharge(&self, tx: &WriteTx, row: &remittance::Model) -> Result<()> {
        use utility_account::Column as C;
        if row.target().recharge().is_none() {
            return Ok(());
        }
        let now = self.clock.now();
        utility_account::Entity::update_many()
            .col_expr(C::NextFetchAt, Expr::value(now))
            .col_expr(C::Slot, Func::coalesce([Expr::col(C::Slot), Expr::val(now)]).into())
            .filter(C::Id.eq(row.account_id))
            .filter(C::Status.is_in([AccountStatus::Active, AccountStatus::NeedsAttention]))
            .filter(C::NextFetchAt.gt(now))
            .exec(&**tx)
            .await?;
        Ok(())
    }

    /// The definition says no way to pay any more: an operator transfers and confirms.
    pub(super) async fn leave_to_operator(&self, claimed: &remittance::Model) -> Result<()> {
        let mut tx = self.store.write_tx().await?;
        let (payment, mut row) = lock_remittance(&tx, claimed).await?;
        if row.fence != claimed.fence || row.status != RemittanceStatus::Sent {
            tx.leave(()).await;
            return Ok(());
        }
        row.status = RemittanceStatus::Manual;
        row.sent_at = None;
        row.due_at = None;
        row.lease_until = None;
        row.message = Some("The provider takes no payments by its interface.".into());
        let row = row.into_active_model().reset_all().update(&*tx).await?;
        tx.emit(self.events.payment(&payment, PaymentStep::Remittance(row.id, row.status))?);
        tx.commit().await
    }
}
