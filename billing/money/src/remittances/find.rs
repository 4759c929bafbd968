//! Remittances, for staff and with their payments; vouchers for whoever paid.

use std::collections::HashMap;

use billow_entities::{AllocationId, ProviderId, RechargeId, RemittanceId, RemittanceStatus, payment, remittance};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Fault, Result};
use billow_kernel::page::{Page, PageRequest, cursor};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Remittances;
use super::settle::voucher_place;

/// Which remittances are wanted; what is unset does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemittanceFilter {
    /// Where they stand.
    pub status: Option<RemittanceStatus>,
    /// To which provider.
    pub provider_id: Option<ProviderId>,
}

impl Remittances {
    /// Remittances, newest first, for staff.
    ///
    /// # Errors
    /// When somebody else asks, or the page is not a page.
    pub async fn remittances(&self, actor: &Actor, filter: RemittanceFilter, page: PageRequest) -> Result<Page<remittance::Model>> {
        actor.staff()?;
        let limit = page.limit()?;
        let mut query = remittance::Entity::find().order_by_desc(remittance::Column::Id).limit(limit + 1);
        if let Some(status) = filter.status {
            query = query.filter(remittance::Column::Status.eq(status));
        }
        if let Some(provider) = filter.provider_id {
            query = query.filter(remittance::Column::ProviderId.eq(provider));
        }
        if let Some(after) = page.after_id::<RemittanceId>()? {
            query = query.filter(remittance::Column::Id.lt(after));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// One remittance, for staff and for whoever paid.
    ///
    /// # Errors
    /// When there is none, or it is somebody else's.
    pub async fn remittance(&self, actor: &Actor, id: RemittanceId) -> Result<remittance::Model> {
        actor.customer_or_staff()?;
        let row = remittance::Entity::find_by_id(id).one(self.store.read()).await?.ok_or(Error::NotFound("remittance"))?;
        self.sees_remittance(actor, &row).await?;
        Ok(row)
    }

    /// The remittances of allocations that somebody sees.
    ///
    /// # Errors
    /// For everybody but Billow itself, on behalf of whoever sees the payments.
    pub async fn remittance_of(&self, actor: &Actor, allocations: &[AllocationId]) -> Result<HashMap<AllocationId, remittance::Model>> {
        if *actor != Actor::System {
            return Err(Error::Forbidden);
        }
        let of = remittance::Entity::find().filter(remittance::Column::AllocationId.is_in(allocations.iter().copied()));
        Ok(of.all(self.store.read()).await?.into_iter().map(|row| (row.allocation_id, row)).collect())
    }

    /// Our paying the provider for a recharge; none where there is none yet, or `actor` does not see it.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn recharge_remittance(&self, actor: &Actor, recharge: RechargeId) -> Result<Option<remittance::Model>> {
        let of_it = remittance::Entity::find().filter(remittance::Column::TargetId.eq(recharge.0)).order_by_desc(remittance::Column::Id);
        let Some(row) = of_it.one(self.store.read()).await? else { return Ok(None) };
        match self.sees_remittance(actor, &row).await {
            Ok(()) => Ok(Some(row)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What a prepaid customer types in, as often as they ask; none where there is none.
    ///
    /// # Errors
    /// When the remittance is somebody else's, or the voucher does not open.
    pub async fn voucher(&self, actor: &Actor, row: &remittance::Model) -> Result<Option<String>> {
        self.sees_remittance(actor, row).await?;
        self.open_voucher(row)
    }

    pub fn open_voucher(&self, row: &remittance::Model) -> Result<Option<String>> {
        let Some(sealed) = &row.voucher_enc else { return Ok(None) };
        let plain = self.cipher.open(voucher_place(&row.id.to_string()), sealed)?;
        String::from_utf8(plain).map(Some).map_err(|e| Error::Fault(Fault::new("a voucher", e)))
    }

    /// Staff, whoever paid, and whose bill it is.
    async fn sees_remittance(&self, actor: &Actor, row: &remittance::Model) -> Result<()> {
        if actor.is_staff() {
            return Ok(());
        }
        let customer = actor.customer()?;
        if row.customer_id == customer {
            return Ok(());
        }
        let payment = payment::Entity::find_by_id(row.payment_id).one(self.store.read()).await?;
        if payment.is_some_and(|p| p.customer_id == customer) { Ok(()) } else { Err(Error::NotFound("remittance")) }
    }
}
