//! What nobody looks at any more: devices that are long gone, and messages of years ago.

use billow_entities::{NotificationId, notification, push_subscription};
use billow_kernel::clock::first_uuid_at;
use billow_kernel::error::Result;
use chrono::Duration;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Messages;

/// How long a device that is gone is remembered, so that its owner sees why it went quiet.
const DEVICES: Duration = Duration::days(30);
/// How long messages are kept.
const MESSAGES: Duration = Duration::days(730);
/// Rows of each kind removed in one sweep.
const REMOVED: u64 = 1_000;

impl Messages {
    /// Removes devices that have been gone for a month and messages of more than two years ago; answers how many of both.
    ///
    /// # Errors
    /// When the database does not answer.
    #[tracing::instrument(name = "messages.sweep", skip_all)]
    pub async fn sweep_messages(&self) -> Result<u64> {
        let gone = push_subscription::Column::DisabledAt.lt(self.clock.now() - DEVICES);
        let devices = push_subscription::Entity::find().filter(gone.clone()).limit(REMOVED).all(self.store.primary()).await?;
        // Ids begin with the time at which they were made.
        let old = notification::Column::Id.lt(NotificationId(first_uuid_at(self.clock.now() - MESSAGES)));
        let messages: Vec<NotificationId> = notification::Entity::find()
            .select_only()
            .column(notification::Column::Id)
            .filter(old)
            .order_by_asc(notification::Column::Id)
            .limit(REMOVED)
            .into_tuple()
            .all(self.store.primary())
            .await?;
        if devices.is_empty() && messages.is_empty() {
            return Ok(0);
        }
        let tx = self.store.write_tx().await?;
        // A device may have come back meanwhile.
        let devices = push_subscription::Entity::delete_many()
            .filter(push_subscription::Column::Id.is_in(devices.into_iter().map(|d| d.id)))
            .filter(gone)
            .exec(&*tx)
            .await?
            .rows_affected;
        let messages = notification::Entity::delete_many().filter(notification::Column::Id.is_in(messages)).exec(&*tx).await?.rows_affected;
        tx.commit().await?;
        Ok(devices + messages)
    }
}
