//! Accounts at providers, and their bills.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::Topic;

pub(super) const TOPIC: Topic = Topic { tables, indexes: INDEXES };

fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("utility_accounts")
            .col(uuid("id"))
            .col(uuid("customer_id"))
            .col(uuid_null("property_id"))
            .col(uuid("provider_id"))
            .col(text("utility_type"))
            .col(text("label"))
            .col(binary("params_enc"))
            .col(text("identifier_index"))
            .col(text("identifier_hint"))
            .col(text("status"))
            .col(text_null("status_reason"))
            .col(timestamp_with_time_zone_null("next_fetch_at"))
            .col(timestamp_with_time_zone_null("slot"))
            .col(integer("slot_attempts"))
            .col(json_binary_null("continuation"))
            .col(uuid_null("run_id"))
            .col(text_null("lease_owner"))
            .col(timestamp_with_time_zone_null("lease_until"))
            .col(big_integer("fence"))
            .col(timestamp_with_time_zone_null("last_fetched_at"))
            .col(text_null("last_outcome"))
            .col(text_null("last_message"))
            .col(text_null("plan_code"))
            .col(date_null("plan_expires_on"))
            .col(big_integer_null("plan_balance_minor"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create().from("utility_accounts", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(
                ForeignKey::create().from("utility_accounts", "property_id").to("properties", "id").on_delete(ForeignKeyAction::SetNull),
            )
            .foreign_key(
                ForeignKey::create().from("utility_accounts", "provider_id").to("providers", "id").on_delete(ForeignKeyAction::Restrict),
            )
            .take(),
        Table::create()
            .table("bills")
            .col(uuid("id"))
            .col(uuid("account_id"))
            .col(uuid("customer_id"))
            .col(uuid_null("property_id"))
            .col(uuid("provider_id"))
            .col(text("utility_type"))
            .col(text("number"))
            .col(integer("version"))
            .col(text("status"))
            .col(text_null("status_reason"))
            .col(text("currency"))
            .col(big_integer("amount_minor"))
            .col(big_integer_null("min_amount_minor"))
            .col(big_integer_null("max_amount_minor"))
            .col(date("issued_on"))
            .col(date_null("due_on"))
            .col(date_null("period_start"))
            .col(date_null("period_end"))
            .col(text_null("usage_value"))
            .col(text_null("usage_unit"))
            .col(json_binary("lines"))
            .col(text("content_hash"))
            .col(text("source"))
            .col(uuid_null("superseded_by"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("bills", "account_id").to("utility_accounts", "id").on_delete(ForeignKeyAction::Cascade))
            .foreign_key(ForeignKey::create().from("bills", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade))
            .foreign_key(ForeignKey::create().from("bills", "property_id").to("properties", "id").on_delete(ForeignKeyAction::SetNull))
            .foreign_key(ForeignKey::create().from("bills", "provider_id").to("providers", "id").on_delete(ForeignKeyAction::Restrict))
            .take(),
        Table::create()
            .table("bill_versions")
            .col(uuid("bill_id"))
            .col(integer("version"))
            .col(json_binary("snapshot"))
            .col(text("content_hash"))
            .col(text("source"))
            .col(text_null("reason"))
            .col(text_null("actor"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("bill_id").col("version"))
            .foreign_key(ForeignKey::create().from("bill_versions", "bill_id").to("bills", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
    ]
}

const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX utility_accounts_identifier_key ON utility_accounts (provider_id, identifier_index) WHERE status <> 'CLOSED'",
    "CREATE INDEX utility_accounts_due_idx ON utility_accounts (provider_id, next_fetch_at) WHERE next_fetch_at IS NOT NULL",
    "CREATE INDEX utility_accounts_customer_idx ON utility_accounts (customer_id, id)",
    "CREATE INDEX utility_accounts_property_idx ON utility_accounts (property_id)",
    "CREATE INDEX utility_accounts_index_idx ON utility_accounts (identifier_index)",
    "CREATE INDEX utility_accounts_run_idx ON utility_accounts (run_id) WHERE run_id IS NOT NULL",
    "CREATE UNIQUE INDEX bills_number_key ON bills (account_id, number)",
    "CREATE INDEX bills_customer_idx ON bills (customer_id, id)",
    "CREATE INDEX bills_property_idx ON bills (property_id, id)",
    "CREATE INDEX bills_provider_idx ON bills (provider_id, id)",
];
