//! Bills that are far from what their account usually owes carry the usual amount. Bills of zero that were stored as open
//! are not to be paid.

use sea_orm_migration::prelude::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000012_unusual_bills"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("ALTER TABLE bills ADD COLUMN usual_minor BIGINT").await?;
        db.execute_unprepared("UPDATE bills SET status = 'NOTHING_DUE' WHERE status = 'OPEN' AND amount_minor = 0").await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        // The statuses from before know neither: a bill of zero was open, and there were no credits.
        db.execute_unprepared("UPDATE bills SET status = 'OPEN' WHERE status = 'NOTHING_DUE'").await?;
        db.execute_unprepared("UPDATE bills SET status = 'PAID_ELSEWHERE' WHERE status = 'CREDIT'").await?;
        db.execute_unprepared("ALTER TABLE bills DROP COLUMN usual_minor").await?;
        Ok(())
    }
}
