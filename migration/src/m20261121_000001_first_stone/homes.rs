//! Homes, and who lives in them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::Topic;

pub(super) const TOPIC: Topic = Topic { tables, indexes: INDEXES };

fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("properties")
            .col(uuid("id"))
            .col(text("name"))
            .col(text_null("address"))
            .col(text_null("city"))
            .col(text_null("postal_code"))
            .col(text_null("country"))
            .col(text("time_zone"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("archived_at"))
            .primary_key(Index::create().col("id"))
            .take(),
        Table::create()
            .table("property_members")
            .col(uuid("property_id"))
            .col(uuid("customer_id"))
            .col(text("role"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("property_id").col("customer_id"))
            .foreign_key(
                ForeignKey::create().from("property_members", "property_id").to("properties", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(
                ForeignKey::create().from("property_members", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .take(),
    ]
}

const INDEXES: &[&str] = &["CREATE INDEX property_members_customer_idx ON property_members (customer_id)"];
