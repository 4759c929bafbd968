//! A person has dealt with a difference, and says how.

use billow_entities::{DiscrepancyId, discrepancy};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Problems, Result};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QuerySelect};
use serde_json::json;

use super::Reconciling;

/// Characters a resolution may have.
const MAX_RESOLUTION: usize = 1_000;

impl Reconciling {
    /// Says how a difference was dealt with, for staff. It moves no money.
    ///
    /// # Errors
    /// When somebody else asks, there is no such difference, it was resolved before, or nothing is said.
    pub async fn resolve_discrepancy(&self, actor: &Actor, id: DiscrepancyId, resolution: &str) -> Result<discrepancy::Model> {
        actor.staff()?;
        let mut problems = Problems::default();
        let resolution = problems.text("resolution", resolution, MAX_RESOLUTION);
        problems.finish()?;
        let tx = self.store.write_tx().await?;
        let row = discrepancy::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(&*tx).await?;
        let row = row.ok_or(Error::NotFound("discrepancy"))?;
        if row.resolved_at.is_some() {
            return Err(Error::invalid("ILLEGAL_STATE", "id", "This was resolved before."));
        }
        let data = json!({"kind": row.kind, "external_id": row.external_id, "payment_id": row.payment_id});
        let mut row = row.into_active_model();
        row.resolved_at = Set(Some(self.clock.now()));
        row.resolved_by = Set(Some(actor.label()));
        row.resolution = Set(Some(resolution.clone()));
        let row = row.update(&*tx).await?;
        self.audit.record(&tx, actor, "discrepancy.resolve", id, None, Some(&resolution), data).await?;
        tx.commit().await?;
        Ok(row)
    }
}
