//! What was bought for prepaid accounts, as the plan was when it was bought.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261121_000003_recharges"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("recharges")
            .col(uuid("bill_id"))
            .col(uuid("account_id"))
            .col(uuid("plan_id"))
            .col(text("code"))
            .col(text("name"))
            .col(integer("validity_days"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("bill_id"))
            .foreign_key(ForeignKey::create().from("recharges", "bill_id").to("bills", "id").on_delete(ForeignKeyAction::Cascade))
            .take();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("recharges").take()).await
    }
}
