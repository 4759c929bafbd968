//! The first stone: identity, homes, providers, accounts, bills, fetching, events, messages, operations.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261121_000001_first_stone"
    }
}

/// Every table, in an order in which references point backwards.
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
        Table::create()
            .table("fetch_runs")
            .col(uuid("id"))
            .col(text("kind"))
            .col(text("status"))
            .col(uuid_null("provider_id"))
            .col(uuid_null("account_id"))
            .col(uuid_null("customer_id"))
            .col(text_null("requested_by"))
            .col(integer("total"))
            .col(integer("done"))
            .col(integer("failed"))
            .col(integer("bills_new"))
            .col(integer("bills_changed"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("finished_at"))
            .primary_key(Index::create().col("id"))
            .take(),
        Table::create()
            .table("fetch_attempts")
            .col(uuid("id"))
            .col(uuid("account_id"))
            .col(uuid("provider_id"))
            .col(uuid_null("run_id"))
            .col(timestamp_with_time_zone_null("slot"))
            .col(big_integer("fence"))
            .col(text("worker"))
            .col(timestamp_with_time_zone("started_at"))
            .col(big_integer("duration_ms"))
            .col(text("outcome"))
            .col(text_null("message"))
            .col(integer("bills_seen"))
            .col(integer("bills_new"))
            .col(integer("bills_changed"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create().from("fetch_attempts", "account_id").to("utility_accounts", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .take(),
        Table::create()
            .table("events")
            .col(big_integer("seq").auto_increment().primary_key())
            .col(uuid("id"))
            .col(big_integer_null("position"))
            .col(text("kind"))
            .col(timestamp_with_time_zone("occurred_at"))
            .col(uuid_null("customer_id"))
            .col(uuid_null("property_id"))
            .col(text("subject"))
            .col(json_binary("data"))
            .col(text_null("trace_id"))
            .take(),
        Table::create().table("relay_state").col(integer("id")).col(big_integer("position")).primary_key(Index::create().col("id")).take(),
        Table::create()
            .table("leases")
            .col(text("name"))
            .col(text("holder"))
            .col(big_integer("fence"))
            .col(timestamp_with_time_zone("until"))
            .primary_key(Index::create().col("name"))
            .take(),
        Table::create()
            .table("consumers")
            .col(text("name"))
            .col(big_integer("position"))
            .col(integer("failures"))
            .col(timestamp_with_time_zone_null("next_try_at"))
            .col(text_null("last_error"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("name"))
            .take(),
        Table::create()
            .table("dead_letters")
            .col(uuid("id"))
            .col(text("consumer"))
            .col(uuid("event_id"))
            .col(big_integer("position"))
            .col(text("error"))
            .col(integer("attempts"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("resolved_at"))
            .col(text_null("resolved_by"))
            .col(text_null("resolution"))
            .primary_key(Index::create().col("id"))
            .take(),
        Table::create()
            .table("notifications")
            .col(uuid("id"))
            .col(uuid_null("customer_id"))
            .col(uuid_null("user_id"))
            .col(text("kind"))
            .col(text("dedupe_key"))
            .col(text("title"))
            .col(text("body"))
            .col(text_null("link"))
            .col(uuid_null("bill_id"))
            .col(uuid_null("account_id"))
            .col(json_binary("data"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("read_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create().from("notifications", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(ForeignKey::create().from("notifications", "user_id").to("users", "id").on_delete(ForeignKeyAction::Cascade))
            .foreign_key(ForeignKey::create().from("notifications", "bill_id").to("bills", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
        Table::create()
            .table("deliveries")
            .col(uuid("id"))
            .col(uuid("notification_id"))
            .col(text("channel"))
            .col(text("target"))
            .col(text("status"))
            .col(integer("attempts"))
            .col(timestamp_with_time_zone("due_at"))
            .col(timestamp_with_time_zone_null("lease_until"))
            .col(big_integer("fence"))
            .col(timestamp_with_time_zone_null("sent_at"))
            .col(text_null("last_error"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create().from("deliveries", "notification_id").to("notifications", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .take(),
        Table::create()
            .table("push_subscriptions")
            .col(uuid("id"))
            .col(uuid("user_id"))
            .col(uuid_null("customer_id"))
            .col(binary("endpoint_enc"))
            .col(text("endpoint_index"))
            .col(text("p256dh"))
            .col(binary("auth_enc"))
            .col(text("label"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("last_ok_at"))
            .col(timestamp_with_time_zone_null("disabled_at"))
            .col(text_null("disabled_reason"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("push_subscriptions", "user_id").to("users", "id").on_delete(ForeignKeyAction::Cascade))
            .foreign_key(
                ForeignKey::create().from("push_subscriptions", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .take(),
        Table::create()
            .table("preferences")
            .col(uuid("customer_id"))
            .col(json_binary("data"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("customer_id"))
            .foreign_key(ForeignKey::create().from("preferences", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
        Table::create()
            .table("reminders")
            .col(uuid("customer_id"))
            .col(text("subject_kind"))
            .col(uuid("subject_id"))
            .col(date("anchor"))
            .col(integer("step_days"))
            .col(timestamp_with_time_zone("due_at"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("customer_id").col("subject_kind").col("subject_id"))
            .foreign_key(ForeignKey::create().from("reminders", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
        Table::create()
            .table("audit_entries")
            .col(uuid("id"))
            .col(text("actor"))
            .col(text("action"))
            .col(text("subject"))
            .col(uuid_null("customer_id"))
            .col(text_null("reason"))
            .col(json_binary("data"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("id"))
            .take(),
        Table::create()
            .table("import_runs")
            .col(uuid("id"))
            .col(text("kind"))
            .col(text("status"))
            .col(boolean("dry_run"))
            .col(text_null("file_name"))
            .col(integer("total"))
            .col(integer("done"))
            .col(integer("failed"))
            .col(uuid_null("created_by"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("finished_at"))
            .col(timestamp_with_time_zone_null("lease_until"))
            .col(big_integer("fence"))
            .primary_key(Index::create().col("id"))
            .take(),
        Table::create()
            .table("import_rows")
            .col(uuid("run_id"))
            .col(integer("row"))
            .col(json_binary("data"))
            .col(text("status"))
            .col(json_binary("errors"))
            .col(text_null("result"))
            .primary_key(Index::create().col("run_id").col("row"))
            .foreign_key(ForeignKey::create().from("import_rows", "run_id").to("import_runs", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
    ]
}

/// Their names, for `down`.
const NAMES: &[&str] = &[
    "customers",
    "users",
    "sessions",
    "api_clients",
    "invitations",
    "sign_in_guards",
    "properties",
    "property_members",
    "providers",
    "provider_versions",
    "recharge_plans",
    "utility_accounts",
    "bills",
    "bill_versions",
    "fetch_runs",
    "fetch_attempts",
    "events",
    "relay_state",
    "leases",
    "consumers",
    "dead_letters",
    "notifications",
    "deliveries",
    "push_subscriptions",
    "preferences",
    "reminders",
    "audit_entries",
    "import_runs",
    "import_rows",
];

/// Written as SQL because partial indexes read the same on both databases, and only so.
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
    "CREATE INDEX property_members_customer_idx ON property_members (customer_id)",
    "CREATE UNIQUE INDEX providers_code_key ON providers (code)",
    "CREATE UNIQUE INDEX recharge_plans_code_key ON recharge_plans (provider_id, code)",
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
    "CREATE INDEX fetch_runs_created_idx ON fetch_runs (created_at)",
    "CREATE INDEX fetch_attempts_account_idx ON fetch_attempts (account_id, id)",
    "CREATE INDEX fetch_attempts_run_idx ON fetch_attempts (run_id)",
    "CREATE INDEX fetch_attempts_provider_idx ON fetch_attempts (provider_id, id)",
    "CREATE UNIQUE INDEX events_id_key ON events (id)",
    "CREATE UNIQUE INDEX events_position_key ON events (position)",
    "CREATE INDEX events_unnumbered_idx ON events (seq) WHERE position IS NULL",
    "CREATE INDEX events_customer_idx ON events (customer_id, position)",
    "CREATE INDEX events_property_idx ON events (property_id, position)",
    "CREATE INDEX events_subject_idx ON events (subject)",
    "CREATE UNIQUE INDEX dead_letters_event_key ON dead_letters (consumer, event_id)",
    "CREATE UNIQUE INDEX notifications_dedupe_key ON notifications (dedupe_key)",
    "CREATE INDEX notifications_customer_idx ON notifications (customer_id, id)",
    "CREATE INDEX notifications_user_idx ON notifications (user_id, id)",
    "CREATE UNIQUE INDEX deliveries_target_key ON deliveries (notification_id, channel, target)",
    "CREATE INDEX deliveries_due_idx ON deliveries (due_at) WHERE status = 'QUEUED'",
    "CREATE INDEX deliveries_sending_idx ON deliveries (lease_until) WHERE status = 'SENDING'",
    "CREATE UNIQUE INDEX push_subscriptions_endpoint_key ON push_subscriptions (endpoint_index)",
    "CREATE INDEX push_subscriptions_customer_idx ON push_subscriptions (customer_id)",
    "CREATE INDEX reminders_due_idx ON reminders (due_at)",
    "CREATE INDEX reminders_subject_idx ON reminders (subject_id)",
    "CREATE INDEX audit_entries_subject_idx ON audit_entries (subject, id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        let db = manager.get_connection();
        for index in INDEXES {
            db.execute_unprepared(index).await?;
        }
        db.execute_unprepared("INSERT INTO relay_state (id, position) VALUES (1, 0)").await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in NAMES.iter().rev() {
            manager.drop_table(Table::drop().table(*name).take()).await?;
        }
        Ok(())
    }
}
