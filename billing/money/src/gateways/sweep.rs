//! Webhooks of long ago.

use billow_entities::{GatewayEventId, gateway_event};
use billow_kernel::clock::first_uuid_at;
use billow_kernel::error::Result;
use chrono::Duration;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Gateways;

/// How long webhooks are kept: longer than any gateway sends one again, and long enough for a dispute.
const KEPT: Duration = Duration::days(400);
/// Rows removed in one sweep.
const REMOVED: u64 = 1_000;

impl Gateways {
    /// Removes webhooks of more than thirteen months ago; answers how many.
    ///
    /// # Errors
    /// When the database does not answer.
    #[tracing::instrument(name = "gateways.sweep", skip_all)]
    pub async fn sweep_gateway_events(&self) -> Result<u64> {
        // Ids begin with the time at which they were made.
        let old = gateway_event::Column::Id.lt(GatewayEventId(first_uuid_at(self.clock.now() - KEPT)));
        let ids: Vec<GatewayEventId> = gateway_event::Entity::find()
            .select_only()
            .column(gateway_event::Column::Id)
            .filter(old)
            .filter(gateway_event::Column::DueAt.is_null())
            .order_by_asc(gateway_event::Column::Id)
            .limit(REMOVED)
            .into_tuple()
            .all(self.store.primary())
            .await?;
        if ids.is_empty() {
            return Ok(0);
        }
        let gone = gateway_event::Entity::delete_many().filter(gateway_event::Column::Id.is_in(ids));
        Ok(gone.exec(self.store.writer()).await?.rows_affected)
    }
}
