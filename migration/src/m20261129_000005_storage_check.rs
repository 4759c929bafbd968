//! One row that each readiness check writes and reads back.

use sea_orm_migration::prelude::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000005_storage_check"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("CREATE TABLE storage_checks (id INTEGER NOT NULL PRIMARY KEY, count BIGINT NOT NULL)").await?;
        db.execute_unprepared("INSERT INTO storage_checks (id, count) VALUES (1, 0)").await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE storage_checks").await?;
        Ok(())
    }
}
