//! Money: gateways, payment methods, payments, the ledger, remittances, refunds, documents, reconciliation.
//!
//! The ledger is kept honest by the database itself, alike on both: postings come before their entry, the entry is the
//! seal that is refused unless its postings add up to nothing, and what is sealed can be neither changed nor added to.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;
use sea_orm_migration::sea_orm::DbBackend;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261121_000002_money"
    }
}

/// Every table but the ledger's, in an order in which references point backwards.
fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("gateways")
            .col(uuid("id"))
            .col(text("code"))
            .col(text("name"))
            .col(text("adapter"))
            .col(text("status"))
            .col(integer("rank"))
            .col(json_binary("currencies"))
            .col(json_binary("kinds"))
            .col(json_binary("settings"))
            .col(binary_null("credentials_enc"))
            .col(text("circuit_state"))
            .col(integer("circuit_failures"))
            .col(timestamp_with_time_zone_null("circuit_opened_at"))
            .col(timestamp_with_time_zone_null("circuit_probe_at"))
            .col(text_null("circuit_reason"))
            .col(timestamp_with_time_zone_null("last_success_at"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("id"))
            .take(),
        Table::create()
            .table("gateway_customers")
            .col(uuid("customer_id"))
            .col(uuid("gateway_id"))
            .col(text("external_id"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("customer_id").col("gateway_id"))
            .foreign_key(
                ForeignKey::create().from("gateway_customers", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(ForeignKey::create().from("gateway_customers", "gateway_id").to("gateways", "id"))
            .take(),
        Table::create()
            .table("payment_methods")
            .col(uuid("id"))
            .col(uuid("customer_id"))
            .col(uuid("gateway_id"))
            .col(text("kind"))
            .col(text("status"))
            .col(text_null("status_reason"))
            .col(text_null("brand"))
            .col(text_null("last4"))
            .col(integer_null("exp_month"))
            .col(integer_null("exp_year"))
            .col(text_null("label"))
            .col(text_null("external_id"))
            .col(text_null("setup_id"))
            .col(text_null("action_url"))
            .col(text_null("mandate_id"))
            .col(boolean("is_default"))
            .col(boolean("wants_default"))
            .col(integer_null("expiry_told"))
            .col(timestamp_with_time_zone_null("check_at"))
            .col(integer("checks"))
            .col(timestamp_with_time_zone_null("lease_until"))
            .col(big_integer("fence"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(timestamp_with_time_zone_null("removed_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("payment_methods", "customer_id").to("customers", "id"))
            .foreign_key(ForeignKey::create().from("payment_methods", "gateway_id").to("gateways", "id"))
            .take(),
        Table::create()
            .table("payments")
            .col(uuid("id"))
            .col(uuid("customer_id"))
            .col(text("kind"))
            .col(text("status"))
            .col(text_null("status_reason"))
            .col(text_null("decline_kind"))
            .col(text("currency"))
            .col(big_integer("amount_minor"))
            .col(big_integer("wallet_minor"))
            .col(big_integer("gateway_minor"))
            .col(big_integer("refunded_minor"))
            .col(uuid_null("method_id"))
            .col(text("actor"))
            .col(text("idempotency_key"))
            .col(text("request_hash"))
            .col(integer("attempts"))
            .col(timestamp_with_time_zone_null("check_at"))
            .col(integer("checks"))
            .col(timestamp_with_time_zone_null("lease_until"))
            .col(big_integer("fence"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(timestamp_with_time_zone_null("settled_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("payments", "customer_id").to("customers", "id"))
            .foreign_key(ForeignKey::create().from("payments", "method_id").to("payment_methods", "id"))
            .take(),
        Table::create()
            .table("payment_allocations")
            .col(uuid("id"))
            .col(uuid("payment_id"))
            .col(uuid("customer_id"))
            .col(uuid("bill_id"))
            .col(uuid("account_id"))
            .col(uuid("provider_id"))
            .col(uuid_null("property_id"))
            .col(text("utility_type"))
            .col(text("currency"))
            .col(big_integer("amount_minor"))
            .col(big_integer("refunded_minor"))
            .col(boolean("live"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("payment_allocations", "payment_id").to("payments", "id"))
            .foreign_key(ForeignKey::create().from("payment_allocations", "bill_id").to("bills", "id"))
            .take(),
        Table::create()
            .table("payment_attempts")
            .col(uuid("id"))
            .col(uuid("payment_id"))
            .col(integer("number"))
            .col(uuid("gateway_id"))
            .col(uuid_null("method_id"))
            .col(text("status"))
            .col(text("currency"))
            .col(big_integer("amount_minor"))
            .col(text("gateway_key"))
            .col(text_null("external_id"))
            .col(text_null("action_url"))
            .col(text_null("return_url"))
            .col(text_null("decline_kind"))
            .col(text_null("decline_code"))
            .col(text_null("message"))
            .col(big_integer_null("fee_minor"))
            .col(text_null("retry_key"))
            .col(text_null("retry_hash"))
            .col(json_binary("decision"))
            .col(timestamp_with_time_zone_null("sent_at"))
            .col(timestamp_with_time_zone_null("answered_at"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("payment_attempts", "payment_id").to("payments", "id"))
            .foreign_key(ForeignKey::create().from("payment_attempts", "gateway_id").to("gateways", "id"))
            .take(),
        Table::create()
            .table("gateway_events")
            .col(uuid("id"))
            .col(uuid("gateway_id"))
            .col(text("external_id"))
            .col(text("kind"))
            .col(text_null("object_id"))
            .col(text("payload"))
            .col(text("outcome"))
            .col(text_null("message"))
            .col(uuid_null("payment_id"))
            .col(timestamp_with_time_zone_null("due_at"))
            .col(integer("tries"))
            .col(timestamp_with_time_zone("received_at"))
            .col(timestamp_with_time_zone_null("processed_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("gateway_events", "gateway_id").to("gateways", "id"))
            .take(),
        Table::create()
            .table("remittances")
            .col(uuid("id"))
            .col(uuid("payment_id"))
            .col(uuid("allocation_id"))
            .col(uuid("bill_id"))
            .col(uuid("account_id"))
            .col(uuid("provider_id"))
            .col(uuid("customer_id"))
            .col(text("currency"))
            .col(big_integer("amount_minor"))
            .col(text("status"))
            .col(text_null("provider_ref"))
            .col(binary_null("voucher_enc"))
            .col(text_null("message"))
            .col(json_binary_null("continuation"))
            .col(timestamp_with_time_zone_null("due_at"))
            .col(integer("tries"))
            .col(timestamp_with_time_zone_null("lease_until"))
            .col(big_integer("fence"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("sent_at"))
            .col(timestamp_with_time_zone_null("settled_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("remittances", "payment_id").to("payments", "id"))
            .foreign_key(ForeignKey::create().from("remittances", "allocation_id").to("payment_allocations", "id"))
            .foreign_key(ForeignKey::create().from("remittances", "provider_id").to("providers", "id"))
            .take(),
        Table::create()
            .table("refunds")
            .col(uuid("id"))
            .col(uuid("payment_id"))
            .col(uuid_null("allocation_id"))
            .col(uuid_null("attempt_id"))
            .col(uuid("customer_id"))
            .col(text("target"))
            .col(text("cause"))
            .col(text("reason"))
            .col(text("status"))
            .col(text_null("status_reason"))
            .col(text("currency"))
            .col(big_integer("amount_minor"))
            .col(text_null("external_id"))
            .col(text("actor"))
            .col(text("idempotency_key"))
            .col(text("request_hash"))
            .col(integer("rounds"))
            .col(timestamp_with_time_zone_null("due_at"))
            .col(integer("tries"))
            .col(timestamp_with_time_zone_null("lease_until"))
            .col(big_integer("fence"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("sent_at"))
            .col(timestamp_with_time_zone_null("settled_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("refunds", "payment_id").to("payments", "id"))
            .take(),
        Table::create()
            .table("documents")
            .col(uuid("id"))
            .col(text("kind"))
            .col(text_null("number"))
            .col(uuid("customer_id"))
            .col(uuid("payment_id"))
            .col(text("locale"))
            .col(text("status"))
            .col(text_null("status_reason"))
            .col(text_null("object_key"))
            .col(text_null("sha256"))
            .col(big_integer_null("size_bytes"))
            .col(timestamp_with_time_zone_null("due_at"))
            .col(integer("tries"))
            .col(timestamp_with_time_zone_null("lease_until"))
            .col(big_integer("fence"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("ready_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("documents", "payment_id").to("payments", "id"))
            .take(),
        Table::create()
            .table("document_numbers")
            .col(text("series"))
            .col(big_integer("last"))
            .primary_key(Index::create().col("series"))
            .take(),
        Table::create()
            .table("reconciliations")
            .col(uuid("id"))
            .col(uuid("gateway_id"))
            .col(date("day"))
            .col(text("status"))
            .col(text_null("message"))
            .col(integer("compared"))
            .col(integer("discrepancies"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("finished_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("reconciliations", "gateway_id").to("gateways", "id"))
            .take(),
        Table::create()
            .table("discrepancies")
            .col(uuid("id"))
            .col(uuid("reconciliation_id"))
            .col(uuid("gateway_id"))
            .col(text("kind"))
            .col(text_null("external_id"))
            .col(uuid_null("payment_id"))
            .col(text("currency"))
            .col(big_integer_null("ours_minor"))
            .col(big_integer_null("theirs_minor"))
            .col(text("message"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("resolved_at"))
            .col(text_null("resolved_by"))
            .col(text_null("resolution"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create()
                    .from("discrepancies", "reconciliation_id")
                    .to("reconciliations", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .take(),
    ]
}

const NAMES: &[&str] = &[
    "gateways",
    "gateway_customers",
    "payment_methods",
    "payments",
    "payment_allocations",
    "payment_attempts",
    "gateway_events",
    "remittances",
    "refunds",
    "documents",
    "document_numbers",
    "reconciliations",
    "discrepancies",
];

const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX gateways_code_key ON gateways (code)",
    "CREATE UNIQUE INDEX gateway_customers_external_key ON gateway_customers (gateway_id, external_id)",
    "CREATE INDEX payment_methods_customer_idx ON payment_methods (customer_id, id)",
    "CREATE UNIQUE INDEX payment_methods_default_key ON payment_methods (customer_id) WHERE is_default",
    "CREATE UNIQUE INDEX payment_methods_setup_key ON payment_methods (gateway_id, setup_id)",
    "CREATE INDEX payment_methods_check_idx ON payment_methods (check_at) WHERE check_at IS NOT NULL",
    "CREATE INDEX payment_methods_expiry_idx ON payment_methods (exp_year, exp_month, id) WHERE status = 'READY' AND exp_year IS NOT NULL",
    "CREATE UNIQUE INDEX payments_idempotency_key ON payments (actor, idempotency_key)",
    "CREATE INDEX payments_customer_idx ON payments (customer_id, id)",
    "CREATE INDEX payments_status_idx ON payments (status, id) WHERE status NOT IN ('SUCCEEDED', 'FAILED', 'CANCELLED')",
    "CREATE INDEX payments_check_idx ON payments (check_at) WHERE check_at IS NOT NULL",
    // At most one payment at a time is under way for a bill.
    "CREATE UNIQUE INDEX payment_allocations_live_key ON payment_allocations (bill_id) WHERE live",
    "CREATE INDEX payment_allocations_payment_idx ON payment_allocations (payment_id)",
    "CREATE INDEX payment_allocations_bill_idx ON payment_allocations (bill_id, id)",
    "CREATE INDEX payment_allocations_customer_idx ON payment_allocations (customer_id, utility_type, id)",
    "CREATE INDEX payment_allocations_provider_idx ON payment_allocations (provider_id, id)",
    "CREATE UNIQUE INDEX payment_attempts_number_key ON payment_attempts (payment_id, number)",
    "CREATE UNIQUE INDEX payment_attempts_retry_key ON payment_attempts (payment_id, retry_key)",
    "CREATE UNIQUE INDEX payment_attempts_key_key ON payment_attempts (gateway_id, gateway_key)",
    "CREATE INDEX payment_attempts_external_idx ON payment_attempts (gateway_id, external_id)",
    "CREATE INDEX payment_attempts_created_idx ON payment_attempts (gateway_id, created_at)",
    "CREATE UNIQUE INDEX gateway_events_external_key ON gateway_events (gateway_id, external_id)",
    "CREATE INDEX gateway_events_gateway_idx ON gateway_events (gateway_id, id)",
    "CREATE INDEX gateway_events_due_idx ON gateway_events (due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX gateway_events_payment_idx ON gateway_events (payment_id) WHERE payment_id IS NOT NULL",
    "CREATE UNIQUE INDEX remittances_allocation_key ON remittances (allocation_id)",
    "CREATE INDEX remittances_due_idx ON remittances (due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX remittances_payment_idx ON remittances (payment_id)",
    "CREATE INDEX remittances_status_idx ON remittances (status, id) WHERE status NOT IN ('CONFIRMED', 'REJECTED')",
    "CREATE UNIQUE INDEX refunds_idempotency_key ON refunds (actor, idempotency_key)",
    "CREATE INDEX refunds_payment_idx ON refunds (payment_id)",
    "CREATE INDEX refunds_due_idx ON refunds (due_at) WHERE due_at IS NOT NULL",
    "CREATE UNIQUE INDEX documents_number_key ON documents (kind, number)",
    "CREATE UNIQUE INDEX documents_payment_key ON documents (payment_id, kind)",
    "CREATE INDEX documents_due_idx ON documents (due_at) WHERE due_at IS NOT NULL",
    "CREATE UNIQUE INDEX reconciliations_day_key ON reconciliations (gateway_id, day)",
    "CREATE INDEX discrepancies_open_idx ON discrepancies (id) WHERE resolved_at IS NULL",
    "CREATE INDEX discrepancies_run_idx ON discrepancies (reconciliation_id)",
];

/// The ledger. `{uuid}`, `{time}` and `{bool}` stand for the words each database has for them.
///
/// An account's balance is kept in shards, so that what every payment touches (a gateway's clearing account) is no
/// single row everybody waits for; accounts that must not go below nothing have one shard with a check.
const LEDGER: &[&str] = &[
    "CREATE TABLE ledger_accounts (
        id {uuid} NOT NULL PRIMARY KEY,
        kind text NOT NULL,
        owner {uuid} NOT NULL,
        currency text NOT NULL,
        guarded {bool} NOT NULL,
        created_at {time} NOT NULL,
        UNIQUE (kind, owner, currency),
        UNIQUE (id, currency))",
    "CREATE TABLE ledger_balances (
        account_id {uuid} NOT NULL REFERENCES ledger_accounts (id),
        shard integer NOT NULL,
        guarded {bool} NOT NULL,
        balance_minor bigint NOT NULL,
        PRIMARY KEY (account_id, shard),
        CONSTRAINT ledger_balances_not_overdrawn CHECK (NOT guarded OR balance_minor <= 0))",
    "CREATE TABLE ledger_entries (
        id {uuid} NOT NULL PRIMARY KEY,
        kind text NOT NULL,
        key text NOT NULL UNIQUE,
        payment_id {uuid},
        customer_id {uuid},
        subject text NOT NULL,
        reverses {uuid} UNIQUE REFERENCES ledger_entries (id),
        memo text,
        occurred_at {time} NOT NULL)",
    "CREATE TABLE ledger_postings (
        id {uuid} NOT NULL PRIMARY KEY,
        entry_id {uuid} NOT NULL,
        account_id {uuid} NOT NULL,
        currency text NOT NULL,
        amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
        FOREIGN KEY (account_id, currency) REFERENCES ledger_accounts (id, currency),
        FOREIGN KEY (entry_id) REFERENCES ledger_entries (id) DEFERRABLE INITIALLY DEFERRED)",
    "CREATE INDEX ledger_entries_payment_idx ON ledger_entries (payment_id) WHERE payment_id IS NOT NULL",
    "CREATE INDEX ledger_postings_entry_idx ON ledger_postings (entry_id)",
    "CREATE INDEX ledger_postings_account_idx ON ledger_postings (account_id, id)",
];

const SQLITE_TRIGGERS: &[&str] = &[
    "CREATE TRIGGER ledger_entries_balanced BEFORE INSERT ON ledger_entries
     WHEN (SELECT count(*) FROM ledger_postings WHERE entry_id = NEW.id) < 2
       OR EXISTS (SELECT 1 FROM ledger_postings WHERE entry_id = NEW.id GROUP BY currency HAVING sum(amount_minor) <> 0)
     BEGIN SELECT RAISE(ABORT, 'ledger: the postings of an entry must add up to nothing'); END",
    "CREATE TRIGGER ledger_postings_sealed BEFORE INSERT ON ledger_postings
     WHEN EXISTS (SELECT 1 FROM ledger_entries WHERE id = NEW.entry_id)
     BEGIN SELECT RAISE(ABORT, 'ledger: a sealed entry takes no more postings'); END",
    "CREATE TRIGGER ledger_postings_balance AFTER INSERT ON ledger_postings
     BEGIN UPDATE ledger_balances SET balance_minor = balance_minor + NEW.amount_minor WHERE account_id = NEW.account_id AND shard = 0; END",
    "CREATE TRIGGER ledger_postings_no_update BEFORE UPDATE ON ledger_postings
     BEGIN SELECT RAISE(ABORT, 'ledger: postings are never changed'); END",
    "CREATE TRIGGER ledger_postings_no_delete BEFORE DELETE ON ledger_postings
     BEGIN SELECT RAISE(ABORT, 'ledger: postings are never deleted'); END",
    "CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries
     BEGIN SELECT RAISE(ABORT, 'ledger: entries are never changed'); END",
    "CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries
     BEGIN SELECT RAISE(ABORT, 'ledger: entries are never deleted'); END",
];

const POSTGRES_TRIGGERS: &[&str] = &[
    "CREATE FUNCTION ledger_entry_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF (SELECT count(*) FROM ledger_postings WHERE entry_id = NEW.id) < 2
          OR EXISTS (SELECT 1 FROM ledger_postings WHERE entry_id = NEW.id GROUP BY currency HAVING sum(amount_minor) <> 0) THEN
         RAISE EXCEPTION 'ledger: the postings of an entry must add up to nothing';
       END IF;
       RETURN NEW;
     END $$",
    "CREATE FUNCTION ledger_posting_added() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF EXISTS (SELECT 1 FROM ledger_entries WHERE id = NEW.entry_id) THEN
         RAISE EXCEPTION 'ledger: a sealed entry takes no more postings';
       END IF;
       UPDATE ledger_balances SET balance_minor = balance_minor + NEW.amount_minor
        WHERE account_id = NEW.account_id
          AND shard = CASE WHEN guarded THEN 0 ELSE (hashtext(NEW.entry_id::text) & 15) END;
       RETURN NEW;
     END $$",
    "CREATE FUNCTION ledger_unchanging() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION 'ledger: % is never changed or deleted', TG_TABLE_NAME; END $$",
    "CREATE TRIGGER ledger_entries_balanced BEFORE INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION ledger_entry_balanced()",
    "CREATE TRIGGER ledger_postings_added BEFORE INSERT ON ledger_postings FOR EACH ROW EXECUTE FUNCTION ledger_posting_added()",
    "CREATE TRIGGER ledger_postings_unchanging BEFORE UPDATE OR DELETE ON ledger_postings FOR EACH ROW EXECUTE FUNCTION ledger_unchanging()",
    "CREATE TRIGGER ledger_entries_unchanging BEFORE UPDATE OR DELETE ON ledger_entries FOR EACH ROW EXECUTE FUNCTION ledger_unchanging()",
    "CREATE TRIGGER ledger_postings_whole BEFORE TRUNCATE ON ledger_postings FOR EACH STATEMENT EXECUTE FUNCTION ledger_unchanging()",
    "CREATE TRIGGER ledger_entries_whole BEFORE TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_unchanging()",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("bills").add_column(big_integer("paid_minor").default(0)).take()).await?;
        for table in tables() {
            manager.create_table(table).await?;
        }
        let db = manager.get_connection();
        let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        // The names sea-orm gives these types, so that both ways of making tables read the same.
        let (uuid, time) = if sqlite { ("uuid_text", "timestamp_with_timezone_text") } else { ("uuid", "timestamp with time zone") };
        for statement in INDEXES.iter().chain(LEDGER) {
            db.execute_unprepared(&statement.replace("{uuid}", uuid).replace("{time}", time).replace("{bool}", "boolean")).await?;
        }
        for trigger in if sqlite { SQLITE_TRIGGERS } else { POSTGRES_TRIGGERS } {
            db.execute_unprepared(trigger).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let ledger: &[&str] = &["ledger_postings", "ledger_entries", "ledger_balances", "ledger_accounts"];
        if manager.get_database_backend() == DbBackend::Sqlite {
            for trigger in ["ledger_postings_no_delete", "ledger_entries_no_delete"] {
                db.execute_unprepared(&format!("DROP TRIGGER {trigger}")).await?;
            }
        }
        for name in ledger.iter().chain(NAMES.iter().rev()) {
            manager.drop_table(Table::drop().table(*name).take()).await?;
        }
        if manager.get_database_backend() != DbBackend::Sqlite {
            for function in ["ledger_entry_balanced", "ledger_posting_added", "ledger_unchanging"] {
                db.execute_unprepared(&format!("DROP FUNCTION {function}()")).await?;
            }
        }
        manager.alter_table(Table::alter().table("bills").drop_column("paid_minor").take()).await
    }
}
