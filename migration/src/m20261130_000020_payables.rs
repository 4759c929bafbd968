//! What a part of a payment pays is a kind and an id, and a recharge is no longer written as a bill.
//!
//! This is the first half of a change that a running installation goes through: what the release before reads and writes
//! stays. It inserts parts of payments without a target, and triggers fill that in. It cannot read the payments of
//! recharges any more and leaves them to the new release. The second half, in a later release, drops the triggers and the
//! columns `bill_id`, and renames `recharges.bill_id` to `id`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;
use sea_orm_migration::sea_orm::{self, DbBackend};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_000020_payables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TARGETED {
            for column in [text("target_kind").default("BILL").take(), uuid_null("target_id")] {
                manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
            }
            set_bill_nullable(manager, table, true).await?;
        }
        manager.create_table(recharges("recharges_next")).await?;
        run(manager, &[COPY_RECHARGES, "DROP TABLE recharges"]).await?;
        rename(manager, "recharges_next", "recharges").await?;
        run(manager, UP).await?;
        run(manager, if is_sqlite(manager) { SQLITE_TRIGGERS } else { POSTGRES_TRIGGERS }).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = is_sqlite(manager);
        run(manager, if sqlite { SQLITE_DROP_TRIGGERS } else { POSTGRES_DROP_TRIGGERS }).await?;
        run(manager, if sqlite { SQLITE_BILLS_AGAIN } else { POSTGRES_BILLS_AGAIN }).await?;
        run(manager, DOWN).await?;
        manager.create_table(recharges_before("recharges_before")).await?;
        run(manager, &[COPY_RECHARGES_BACK, "DROP TABLE recharges"]).await?;
        rename(manager, "recharges_before", "recharges").await?;
        for table in TARGETED {
            set_bill_nullable(manager, table, false).await?;
            for column in ["target_id", "target_kind"] {
                manager.alter_table(Table::alter().table(table).drop_column(column).take()).await?;
            }
        }
        Ok(())
    }
}

/// The tables whose rows are about a bill, and now about whatever a payment pays.
const TARGETED: [&str; 2] = ["payment_allocations", "remittances"];

fn recharges(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(uuid("bill_id"))
        .col(uuid("account_id"))
        .col(uuid("plan_id"))
        .col(text("code"))
        .col(text("name"))
        .col(integer("validity_days"))
        .col(text("number"))
        .col(text("currency"))
        .col(big_integer("amount_minor"))
        .col(text("status"))
        .col(text_null("status_reason"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("bill_id"))
        .foreign_key(ForeignKey::create().from(name, "account_id").to("utility_accounts", "id").on_delete(ForeignKeyAction::Cascade))
        .take()
}

fn recharges_before(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(uuid("bill_id"))
        .col(uuid("account_id"))
        .col(uuid("plan_id"))
        .col(text("code"))
        .col(text("name"))
        .col(integer("validity_days"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("bill_id"))
        .foreign_key(ForeignKey::create().from(name, "bill_id").to("bills", "id").on_delete(ForeignKeyAction::Cascade))
        .take()
}

const COPY_RECHARGES: &str = "INSERT INTO recharges_next (bill_id, account_id, plan_id, code, name, validity_days, number, \
    currency, amount_minor, status, status_reason, created_at, updated_at) \
    SELECT r.bill_id, r.account_id, r.plan_id, r.code, r.name, r.validity_days, b.number, b.currency, b.amount_minor, \
    CASE b.status WHEN 'OPEN' THEN 'PENDING' WHEN 'PAID' THEN 'PAID' ELSE 'CANCELLED' END, b.status_reason, r.created_at, b.updated_at \
    FROM recharges r JOIN bills b ON b.id = r.bill_id";

const COPY_RECHARGES_BACK: &str = "INSERT INTO recharges_before (bill_id, account_id, plan_id, code, name, validity_days, created_at) \
    SELECT bill_id, account_id, plan_id, code, name, validity_days, created_at FROM recharges";

const UP: &[&str] = &[
    "UPDATE payment_allocations SET target_id = bill_id",
    "UPDATE remittances SET target_id = bill_id",
    "UPDATE payment_allocations SET target_kind = 'RECHARGE', bill_id = NULL WHERE bill_id IN (SELECT bill_id FROM recharges)",
    "UPDATE remittances SET target_kind = 'RECHARGE', bill_id = NULL WHERE bill_id IN (SELECT bill_id FROM recharges)",
    // Messages led to the bill; the account's page has the recharge.
    "UPDATE notifications SET link = '/accounts' WHERE link LIKE '/bills/%' AND bill_id IN (SELECT bill_id FROM recharges)",
    "UPDATE notifications SET bill_id = NULL WHERE bill_id IN (SELECT bill_id FROM recharges)",
    "DELETE FROM bills WHERE source = 'RECHARGE'",
    "DROP INDEX payment_allocations_live_key",
    "DROP INDEX payment_allocations_bill_idx",
    // At most one payment at a time is under way for anything.
    "CREATE UNIQUE INDEX payment_allocations_live_key ON payment_allocations (target_id) WHERE live",
    "CREATE INDEX payment_allocations_target_idx ON payment_allocations (target_id, id)",
    // At most one recharge of an account at a time.
    "CREATE UNIQUE INDEX recharges_pending_key ON recharges (account_id) WHERE status = 'PENDING'",
    "CREATE INDEX recharges_account_idx ON recharges (account_id, bill_id)",
];

const DOWN: &[&str] = &[
    "DROP INDEX payment_allocations_target_idx",
    "DROP INDEX payment_allocations_live_key",
    "UPDATE payment_allocations SET bill_id = target_id",
    "UPDATE remittances SET bill_id = target_id",
    "CREATE UNIQUE INDEX payment_allocations_live_key ON payment_allocations (bill_id) WHERE live",
    "CREATE INDEX payment_allocations_bill_idx ON payment_allocations (bill_id, id)",
];

const SQLITE_TRIGGERS: &[&str] = &[
    "CREATE TRIGGER payment_allocations_target AFTER INSERT ON payment_allocations WHEN NEW.target_id IS NULL \
     BEGIN UPDATE payment_allocations SET target_id = NEW.bill_id WHERE id = NEW.id; END",
    "CREATE TRIGGER remittances_target AFTER INSERT ON remittances WHEN NEW.target_id IS NULL \
     BEGIN UPDATE remittances SET target_id = NEW.bill_id WHERE id = NEW.id; END",
];

const SQLITE_DROP_TRIGGERS: &[&str] = &["DROP TRIGGER remittances_target", "DROP TRIGGER payment_allocations_target"];

const POSTGRES_TRIGGERS: &[&str] = &[
    "CREATE FUNCTION billow_target_is_bill() RETURNS trigger LANGUAGE plpgsql AS \
     $$ BEGIN NEW.target_id := COALESCE(NEW.target_id, NEW.bill_id); RETURN NEW; END $$",
    "CREATE TRIGGER payment_allocations_target BEFORE INSERT ON payment_allocations \
     FOR EACH ROW EXECUTE FUNCTION billow_target_is_bill()",
    "CREATE TRIGGER remittances_target BEFORE INSERT ON remittances FOR EACH ROW EXECUTE FUNCTION billow_target_is_bill()",
];

const POSTGRES_DROP_TRIGGERS: &[&str] = &[
    "DROP TRIGGER remittances_target ON remittances",
    "DROP TRIGGER payment_allocations_target ON payment_allocations",
    "DROP FUNCTION billow_target_is_bill()",
];

const SQLITE_BILLS_AGAIN: &[&str] = &[
    "INSERT INTO bills (id, account_id, customer_id, property_id, provider_id, utility_type, number, version, status, status_reason, \
     currency, amount_minor, paid_minor, issued_on, due_on, lines, content_hash, source, created_at, updated_at) \
     SELECT r.bill_id, a.id, a.customer_id, a.property_id, a.provider_id, a.utility_type, r.number, 1, \
     CASE r.status WHEN 'PENDING' THEN 'OPEN' WHEN 'PAID' THEN 'PAID' ELSE 'VOIDED' END, r.status_reason, r.currency, r.amount_minor, \
     CASE r.status WHEN 'PAID' THEN r.amount_minor ELSE 0 END, date(r.created_at), date(r.created_at), \
     json_array(json_object('label', r.name, 'kind', 'CHARGE', 'amount_minor', r.amount_minor, 'usage', NULL)), '', 'RECHARGE', \
     r.created_at, r.updated_at FROM recharges r JOIN utility_accounts a ON a.id = r.account_id",
    "INSERT INTO bill_versions (bill_id, version, snapshot, content_hash, source, created_at) \
     SELECT id, 1, json_object('number', number, 'currency', currency, 'amount_minor', amount_minor, 'min_amount_minor', NULL, \
     'max_amount_minor', NULL, 'issued_on', issued_on, 'due_on', due_on, 'period_start', NULL, 'period_end', NULL, 'usage', NULL, \
     'lines', json(lines)), '', 'RECHARGE', created_at FROM bills WHERE source = 'RECHARGE'",
];

const POSTGRES_BILLS_AGAIN: &[&str] = &[
    "INSERT INTO bills (id, account_id, customer_id, property_id, provider_id, utility_type, number, version, status, status_reason, \
     currency, amount_minor, paid_minor, issued_on, due_on, lines, content_hash, source, created_at, updated_at) \
     SELECT r.bill_id, a.id, a.customer_id, a.property_id, a.provider_id, a.utility_type, r.number, 1, \
     CASE r.status WHEN 'PENDING' THEN 'OPEN' WHEN 'PAID' THEN 'PAID' ELSE 'VOIDED' END, r.status_reason, r.currency, r.amount_minor, \
     CASE r.status WHEN 'PAID' THEN r.amount_minor ELSE 0 END, (r.created_at AT TIME ZONE 'UTC')::date, \
     (r.created_at AT TIME ZONE 'UTC')::date, \
     jsonb_build_array(jsonb_build_object('label', r.name, 'kind', 'CHARGE', 'amount_minor', r.amount_minor, 'usage', NULL)), '', \
     'RECHARGE', r.created_at, r.updated_at FROM recharges r JOIN utility_accounts a ON a.id = r.account_id",
    "INSERT INTO bill_versions (bill_id, version, snapshot, content_hash, source, created_at) \
     SELECT id, 1, jsonb_build_object('number', number, 'currency', currency, 'amount_minor', amount_minor, 'min_amount_minor', NULL, \
     'max_amount_minor', NULL, 'issued_on', issued_on, 'due_on', due_on, 'period_start', NULL, 'period_end', NULL, 'usage', NULL, \
     'lines', lines), '', 'RECHARGE', created_at FROM bills WHERE source = 'RECHARGE'",
];

fn is_sqlite(manager: &SchemaManager) -> bool {
    manager.get_database_backend() == DbBackend::Sqlite
}

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

async fn rename(manager: &SchemaManager<'_>, from: &str, to: &str) -> Result<(), DbErr> {
    run(manager, &[&format!("ALTER TABLE {from} RENAME TO {to}")]).await?;
    if !is_sqlite(manager) {
        run(manager, &[&format!("ALTER INDEX {from}_pkey RENAME TO {to}_pkey")]).await?;
    }
    Ok(())
}

/// Allows or forbids rows without a bill.
async fn set_bill_nullable(manager: &SchemaManager<'_>, table: &str, nullable: bool) -> Result<(), DbErr> {
    if !is_sqlite(manager) {
        let word = if nullable { "DROP" } else { "SET" };
        return run(manager, &[&format!("ALTER TABLE {table} ALTER COLUMN bill_id {word} NOT NULL")]).await;
    }
    // SQLite changes no constraint of a column. Making the table anew would take the rows that refer to it along; what
    // is stored of a row is the same with and without NOT NULL, and for that case SQLite's documents describe this way:
    // https://www.sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes". In one call, so that it
    // stays on one connection.
    let (with, without) = (r#""bill_id" uuid_text NOT NULL"#, r#""bill_id" uuid_text"#);
    let (before, after) = if nullable { (with, without) } else { (without, with) };
    let change = format!(
        "PRAGMA writable_schema = ON; \
         UPDATE sqlite_schema SET sql = replace(sql, '{before},', '{after},') WHERE type = 'table' AND name = '{table}'; \
         PRAGMA writable_schema = RESET"
    );
    run(manager, &[&change]).await?;
    let sql = format!("SELECT \"notnull\" AS wanted FROM pragma_table_info('{table}') WHERE name = 'bill_id'");
    let statement = sea_orm::Statement::from_string(DbBackend::Sqlite, sql);
    let row = manager.get_connection().query_one_raw(statement).await?;
    let required = row.map(|row| row.try_get::<bool>("", "wanted")).transpose()?;
    if required == Some(!nullable) {
        return Ok(());
    }
    Err(DbErr::Custom(format!("the column bill_id of {table} could not be changed")))
}
