//! Bills of a customer and of a home in the order in which they are shown: a page is read from the index and no further.

use sea_orm_migration::prelude::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261121_000004_bills_in_order"
    }
}

const INDEXES: [(&str, &str); 2] = [
    ("bills_customer_issued_idx", "customer_id, issued_on, id"),
    // With the customer at the end, one's own bills are passed over without reading them.
    ("bills_property_issued_idx", "property_id, issued_on, id, customer_id"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, columns) in INDEXES {
            manager.get_connection().execute_unprepared(&format!("CREATE INDEX {name} ON bills ({columns})")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            manager.get_connection().execute_unprepared(&format!("DROP INDEX {name}")).await?;
        }
        Ok(())
    }
}
