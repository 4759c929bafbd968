//! Each part of a payment keeps which version of the bill was paid.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_000017_paid_version"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = integer("bill_version").default(1).take();
        manager.alter_table(Table::alter().table("payment_allocations").add_column(column).take()).await?;
        let db = manager.get_connection();
        // Until now it was found by time.
        db.execute_unprepared(
            "UPDATE payment_allocations SET bill_version = COALESCE((SELECT MAX(v.version) FROM bill_versions v \
             JOIN payments p ON p.id = payment_allocations.payment_id \
             WHERE v.bill_id = payment_allocations.bill_id AND v.created_at <= p.created_at), 1)",
        )
        .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("payment_allocations").drop_column("bill_version").take()).await
    }
}
