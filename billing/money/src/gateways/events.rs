//! What gateways told us, for staff.

use billow_entities::{GatewayEventId, GatewayId, gateway_event};
use billow_kernel::page::{Page, PageRequest, cursor};
use billow_kernel::{Actor, Result};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Gateways;

impl Gateways {
    /// What a gateway told us, the newest first, for staff.
    ///
    /// # Errors
    /// When somebody else asks, or the page is not a page.
    pub async fn gateway_events(&self, actor: &Actor, gateway: GatewayId, page: PageRequest) -> Result<Page<gateway_event::Model>> {
        actor.staff()?;
        let limit = page.limit()?;
        let of_gateway = gateway_event::Entity::find().filter(gateway_event::Column::GatewayId.eq(gateway));
        let mut query = of_gateway.order_by_desc(gateway_event::Column::Id).limit(limit + 1);
        if let Some(after) = page.after_id::<GatewayEventId>()? {
            query = query.filter(gateway_event::Column::Id.lt(after));
        }
        let rows = query.all(self.store.primary()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }
}
