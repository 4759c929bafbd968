//! A webhook is claimed like all other due work: under a lease and a number, instead of by moving its instant.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, timestamp_with_time_zone_null};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_000019_gateway_event_claims"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let lease = timestamp_with_time_zone_null("lease_until");
        manager.alter_table(Table::alter().table("gateway_events").add_column(lease).take()).await?;
        let fence = big_integer("fence").default(0).take();
        manager.alter_table(Table::alter().table("gateway_events").add_column(fence).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("gateway_events").drop_column("fence").take()).await?;
        manager.alter_table(Table::alter().table("gateway_events").drop_column("lease_until").take()).await
    }
}
