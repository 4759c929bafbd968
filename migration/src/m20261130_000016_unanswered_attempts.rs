//! That a gateway did not answer an attempt is kept when it is known later what became of it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_000016_unanswered_attempts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [timestamp_with_time_zone_null("unanswered_at"), text_null("unanswered_message")] {
            manager.alter_table(Table::alter().table("payment_attempts").add_column(column).take()).await?;
        }
        let db = manager.get_connection();
        // Those nobody knows of yet were not answered either.
        db.execute_unprepared(
            "UPDATE payment_attempts SET unanswered_at = answered_at, unanswered_message = message WHERE status = 'UNKNOWN'",
        )
        .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["unanswered_message", "unanswered_at"] {
            manager.alter_table(Table::alter().table("payment_attempts").drop_column(column).take()).await?;
        }
        Ok(())
    }
}
