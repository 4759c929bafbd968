//! What the last test of a gateway's keys found. Gateways from before have not been tested; those that are active stay so.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_000014_gateway_tests"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            timestamp_with_time_zone_null("tested_at"),
            text_null("test_result"),
            text_null("test_message"),
            text_null("test_account_id"),
            text_null("test_account_name"),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table("gateways").add_column(column).take()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["test_account_name", "test_account_id", "test_message", "test_result", "tested_at"] {
            manager.alter_table(Table::alter().table("gateways").drop_column(column).take()).await?;
        }
        Ok(())
    }
}
