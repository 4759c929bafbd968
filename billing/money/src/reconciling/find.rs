//! Comparisons and what they found, for staff.

use billow_entities::{GatewayId, ReconciliationId, discrepancy, reconciliation};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_kernel::page::{Page, PageRequest, cursor};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Reconciling;

/// Open discrepancies in one answer.
const MAX_OPEN: u64 = 200;
/// Discrepancies of one answer about several comparisons.
const MAX_OF_RUNS: u64 = 5_000;

impl Reconciling {
    /// The comparisons of a gateway, or of all, newest first.
    ///
    /// # Errors
    /// When somebody but staff asks, or the page is not a page.
    pub async fn reconciliations(
        &self,
        actor: &Actor,
        gateway: Option<GatewayId>,
        page: PageRequest,
    ) -> Result<Page<reconciliation::Model>> {
        actor.staff()?;
        let limit = page.limit()?;
        let mut query = reconciliation::Entity::find().order_by_desc(reconciliation::Column::Id).limit(limit + 1);
        if let Some(gateway) = gateway {
            query = query.filter(reconciliation::Column::GatewayId.eq(gateway));
        }
        if let Some(after) = page.after_id::<ReconciliationId>()? {
            query = query.filter(reconciliation::Column::Id.lt(after));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// One comparison.
    ///
    /// # Errors
    /// When somebody but staff asks, or there is none.
    pub async fn reconciliation(&self, actor: &Actor, id: ReconciliationId) -> Result<reconciliation::Model> {
        actor.staff()?;
        reconciliation::Entity::find_by_id(id).one(self.store.read()).await?.ok_or(Error::NotFound("reconciliation"))
    }

    /// What is not resolved yet, oldest first, at most 200.
    ///
    /// # Errors
    /// When somebody but staff asks.
    pub async fn open_discrepancies(&self, actor: &Actor) -> Result<Vec<discrepancy::Model>> {
        actor.staff()?;
        Ok(discrepancy::Entity::find()
            .filter(discrepancy::Column::ResolvedAt.is_null())
            .order_by_asc(discrepancy::Column::Id)
            .limit(MAX_OPEN)
            .all(self.store.read())
            .await?)
    }

    /// What comparisons found, resolved or not, oldest first.
    ///
    /// # Errors
    /// When somebody but staff asks.
    pub async fn discrepancies_of(&self, actor: &Actor, runs: &[ReconciliationId]) -> Result<Vec<discrepancy::Model>> {
        actor.staff()?;
        Ok(discrepancy::Entity::find()
            .filter(discrepancy::Column::ReconciliationId.is_in(runs.iter().copied()))
            .order_by_asc(discrepancy::Column::Id)
            .limit(MAX_OF_RUNS)
            .all(self.store.read())
            .await?)
    }
}
