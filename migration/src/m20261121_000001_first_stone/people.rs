//! Who signs in and who owes.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::Topic;

pub(super) const TOPIC: Topic = Topic { tables, indexes: INDEXES };

fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("customers")
            .col(uuid("id"))
            .col(text("name"))
            .col(text_null("email"))
            .col(text_null("mobile"))
            .col(text("locale"))
            .col(text("time_zone"))
            .col(text_null("external_ref"))
            .col(uuid_null("created_by"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("id"))
            .take(),
        Table::create()
            .table("users")
            .col(uuid("id"))
            .col(text("email"))
            .col(text("password_hash"))
            .col(text("role"))
            .col(uuid_null("customer_id"))
            .col(timestamp_with_time_zone_null("disabled_at"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("users", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
        Table::create()
            .table("sessions")
            .col(uuid("id"))
            .col(uuid("user_id"))
            .col(text("kind"))
            .col(text("token_hash"))
            .col(text_null("user_agent"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(timestamp_with_time_zone("last_seen_at"))
            .col(timestamp_with_time_zone_null("revoked_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("sessions", "user_id").to("users", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
        Table::create()
            .table("api_clients")
            .col(uuid("id"))
            .col(text("name"))
            .col(text("key_hash"))
            .col(text("key_hint"))
            .col(json_binary("scopes"))
            .col(uuid_null("provider_id"))
            .col(uuid_null("created_by"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("last_used_at"))
            .col(timestamp_with_time_zone_null("revoked_at"))
            .primary_key(Index::create().col("id"))
            .take(),
        Table::create()
            .table("invitations")
            .col(uuid("id"))
            .col(uuid("customer_id"))
            .col(text("token_hash"))
            .col(uuid_null("created_by"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(timestamp_with_time_zone_null("claimed_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("invitations", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
        Table::create()
            .table("sign_in_guards")
            .col(text("key"))
            .col(integer("failures"))
            .col(timestamp_with_time_zone("window_started_at"))
            .primary_key(Index::create().col("key"))
            .take(),
    ]
}

const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX customers_external_ref_key ON customers (external_ref)",
    "CREATE INDEX customers_email_idx ON customers (email)",
    "CREATE INDEX customers_mobile_idx ON customers (mobile)",
    "CREATE INDEX customers_name_idx ON customers (name)",
    "CREATE UNIQUE INDEX users_email_key ON users (email)",
    "CREATE INDEX users_customer_idx ON users (customer_id)",
    "CREATE UNIQUE INDEX sessions_token_hash_key ON sessions (token_hash)",
    "CREATE INDEX sessions_user_idx ON sessions (user_id)",
    "CREATE UNIQUE INDEX api_clients_key_hash_key ON api_clients (key_hash)",
    "CREATE UNIQUE INDEX invitations_token_hash_key ON invitations (token_hash)",
    "CREATE INDEX invitations_customer_idx ON invitations (customer_id)",
];
