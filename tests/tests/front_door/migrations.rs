//! The schema: up, down and up again on both databases, equal to the models, and with the guards that rules rely on.

use std::collections::BTreeSet;

use billow_entities as e;
use billow_migration::{Migrator, MigratorTrait};
use billow_tests::{TestDb, both};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, IdenStatic, Iterable, Statement};

/// The columns of a table, as the database knows them.
async fn columns(db: &impl ConnectionTrait, table: &str) -> BTreeSet<String> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Sqlite => "SELECT name FROM pragma_table_info($1)",
        _ => "SELECT column_name::text AS name FROM information_schema.columns WHERE table_name = $1",
    };
    let rows = db.query_all_raw(Statement::from_sql_and_values(backend, sql, [table.into()])).await.expect("columns");
    rows.iter().map(|r| r.try_get::<String>("", "name").expect("a name")).collect()
}

async fn tables(db: &impl ConnectionTrait) -> BTreeSet<String> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        _ => "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'",
    };
    let rows = db.query_all_raw(Statement::from_string(backend, sql)).await.expect("tables");
    rows.iter().map(|r| r.try_get::<String>("", "name").expect("a name")).filter(|n| n != "seaql_migrations").collect()
}

fn of<E: EntityTrait>(entity: E) -> (String, BTreeSet<String>) {
    (entity.table_name().to_owned(), E::Column::iter().map(|c| c.as_str().to_owned()).collect())
}

fn models() -> Vec<(String, BTreeSet<String>)> {
    vec![
        of(e::customer::Entity),
        of(e::user::Entity),
        of(e::session::Entity),
        of(e::api_client::Entity),
        of(e::invitation::Entity),
        of(e::one_time_link::Entity),
        of(e::sign_in_guard::Entity),
        of(e::totp_factor::Entity),
        of(e::passkey::Entity),
        of(e::recovery_code::Entity),
        of(e::identity_challenge::Entity),
        of(e::property::Entity),
        of(e::property_member::Entity),
        of(e::property_invitation::Entity),
        of(e::provider::Entity),
        of(e::provider_version::Entity),
        of(e::recharge_plan::Entity),
        of(e::recharge::Entity),
        of(e::key_check::Entity),
        of(e::utility_account::Entity),
        of(e::bill::Entity),
        of(e::bill_version::Entity),
        of(e::fetch_run::Entity),
        of(e::fetch_attempt::Entity),
        of(e::event::Entity),
        of(e::relay_state::Entity),
        of(e::lease::Entity),
        of(e::consumer::Entity),
        of(e::dead_letter::Entity),
        of(e::held_event::Entity),
        of(e::notification::Entity),
        of(e::delivery::Entity),
        of(e::push_subscription::Entity),
        of(e::preference::Entity),
        of(e::reminder::Entity),
        of(e::audit_entry::Entity),
        of(e::import_run::Entity),
        of(e::import_row::Entity),
        of(e::payment_method::Entity),
        of(e::payment::Entity),
        of(e::payment_allocation::Entity),
        of(e::payment_attempt::Entity),
        of(e::remittance::Entity),
        of(e::refund::Entity),
        of(e::gateway::Entity),
        of(e::gateway_customer::Entity),
        of(e::gateway_event::Entity),
        of(e::reconciliation::Entity),
        of(e::discrepancy::Entity),
        of(e::ledger_account::Entity),
        of(e::ledger_balance::Entity),
        of(e::ledger_entry::Entity),
        of(e::ledger_posting::Entity),
        of(e::document::Entity),
        of(e::document_number::Entity),
        of(e::storage_check::Entity),
    ]
}

both! {
    async fn goes_up_down_and_up_and_matches_the_models(engine) {
        let db = TestDb::empty(engine).await.expect("a database");
        let store = db.store().await;
        let pool = store.write_pool();
        Migrator::up(pool, None).await.expect("up");
        Migrator::down(pool, None).await.expect("down");
        assert_eq!(tables(pool).await, BTreeSet::new(), "down leaves nothing behind");
        Migrator::up(pool, None).await.expect("up again");

        let models = models();
        assert_eq!(tables(pool).await, models.iter().map(|m| m.0.clone()).collect());
        for (table, wanted) in models {
            assert_eq!(columns(pool, &table).await, wanted, "{table}");
        }
    }

    async fn sqlite_connections_are_durable(engine) {
        let db = TestDb::empty(engine).await.expect("a database");
        let store = db.store().await;
        if !store.is_sqlite() {
            return;
        }
        for (pool, connections) in [(store.write_pool(), 1), (store.read(), 4)] {
            // Held at the same time, so that each is another one.
            let mut held = Vec::new();
            for _ in 0..connections {
                held.push(pool.get_sqlite_connection_pool().acquire().await.expect("a connection"));
            }
            for mut connection in held {
                for (pragma, wanted) in [("synchronous", "2"), ("foreign_keys", "1"), ("journal_mode", "wal")] {
                    let row = sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA {pragma}"))).fetch_one(&mut *connection).await.expect("a pragma");
                    let value = sqlx::Row::try_get::<i64, _>(&row, 0).map(|n| n.to_string()).or_else(|_| sqlx::Row::try_get::<String, _>(&row, 0)).expect("a value");
                    assert_eq!(value, wanted, "{pragma}");
                }
            }
        }
    }
}
