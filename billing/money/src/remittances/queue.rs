//! Remittances are born when the money of a payment reached us.

use billow_entities::{RemittanceId, RemittanceStatus, payment_allocation, remittance};
use billow_kernel::error::{Error, Result};
use billow_kernel::store::WriteTx;
use sea_orm::{EntityTrait, IntoActiveModel};

use super::Remittances;
use crate::payable::LoadedProviders;

impl Remittances {
    /// Writes that the providers of these parts are to be paid, in the transaction that says the money is ours.
    pub(crate) async fn queue(&self, tx: &WriteTx, parts: &[&payment_allocation::Model], providers: &LoadedProviders) -> Result<()> {
        let now = self.clock.now();
        let row = |part: &&payment_allocation::Model| {
            let provider = providers.get(&part.provider_id).ok_or(Error::NotFound("provider"))?;
            let by_itself = self.connector.can_pay(&provider.definition);
            let row = remittance::Model {
                id: RemittanceId(self.ids.next()),
                payment_id: part.payment_id,
                allocation_id: part.id,
                target_kind: part.target_kind,
                target_id: part.target_id,
                bill_id: part.bill_id,
                account_id: part.account_id,
                provider_id: part.provider_id,
                customer_id: part.customer_id,
                currency: part.currency.clone(),
                amount_minor: part.amount_minor,
                status: if by_itself { RemittanceStatus::Queued } else { RemittanceStatus::Manual },
                provider_ref: None,
                voucher_enc: None,
                message: None,
                continuation: None,
                due_at: by_itself.then_some(now),
                tries: 0,
                lease_until: None,
                fence: 0,
                created_at: now,
                sent_at: None,
                settled_at: None,
            };
            Ok(row.into_active_model())
        };
        let rows = parts.iter().map(row).collect::<Result<Vec<_>>>()?;
        if !rows.is_empty() {
            remittance::Entity::insert_many(rows).exec_without_returning(&**tx).await?;
        }
        Ok(())
    }
}
