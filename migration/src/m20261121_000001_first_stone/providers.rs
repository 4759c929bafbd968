//! Providers, and what the prepaid ones sell.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::Topic;

pub(super) const TOPIC: Topic = Topic { tables, indexes: INDEXES };

fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("providers")
            .col(uuid("id"))
            .col(text("code"))
            .col(text("name"))
            .col(text("utility_type"))
            .col(text_null("country"))
            .col(text("currency"))
            .col(text("time_zone"))
            .col(text("connector_kind"))
            .col(text("status"))
            .col(text_null("status_reason"))
            .col(integer("version"))
            .col(json_binary("definition"))
            .col(binary_null("credentials_enc"))
            .col(text("circuit_state"))
            .col(integer("circuit_failures"))
            .col(integer("circuit_trips"))
            .col(timestamp_with_time_zone_null("circuit_opened_at"))
            .col(timestamp_with_time_zone_null("circuit_probe_at"))
            .col(text_null("circuit_reason"))
            .col(timestamp_with_time_zone_null("last_success_at"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("id"))
            .take(),
        Table::create()
            .table("provider_versions")
            .col(uuid("provider_id"))
            .col(integer("version"))
            .col(json_binary("definition"))
            .col(text_null("note"))
            .col(uuid_null("edited_by"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("provider_id").col("version"))
            .foreign_key(
                ForeignKey::create().from("provider_versions", "provider_id").to("providers", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .take(),
        Table::create()
            .table("recharge_plans")
            .col(uuid("id"))
            .col(uuid("provider_id"))
            .col(text("code"))
            .col(text("name"))
            .col(text_null("description"))
            .col(big_integer("amount_minor"))
            .col(text("currency"))
            .col(integer("validity_days"))
            .col(json_binary("benefits"))
            .col(boolean("active"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create().from("recharge_plans", "provider_id").to("providers", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .take(),
    ]
}

const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX providers_code_key ON providers (code)",
    "CREATE UNIQUE INDEX recharge_plans_code_key ON recharge_plans (provider_id, code)",
];
