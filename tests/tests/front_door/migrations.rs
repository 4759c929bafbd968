//! The schema: up, down and up again on both databases, with rows in it, equal to the models, and with the guards that
//! rules rely on.

use std::collections::BTreeSet;

use billow_entities as e;
use billow_migration::{Migrator, MigratorTrait};
use billow_sandbox::Provider;
use billow_tests::{TestApp, TestDb, both, text};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IdenStatic, Iterable, QueryFilter, QueryOrder, Statement, Value as SqlValue,
};
use serde_json::{Value, json};

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

/// A prepaid account of somebody's, and a plan for it.
async fn prepaid(app: &TestApp, who: &billow_tests::Client) -> (String, Value) {
    let chirp = app.provider(Provider::Chirp).await;
    app.sandbox.state().set_plan("+491713920001", "CH28", "2026-11-27".parse().expect("a day")).expect("a line");
    let account = who.add_account(&chirp, None, "mobile_number", "+491713920001").await;
    app.settle().await;
    let sold = who.run("query($id: ID!) { provider(id: $id) { rechargePlans { id price { amountMinor } } } }", json!({"id": chirp})).await;
    let plans = sold["provider"]["rechargePlans"].as_array().expect("plans");
    let plan = plans.iter().find(|plan| text(&plan["price"]["amountMinor"]) == "999").expect("a plan");
    (account, plan["id"].clone())
}

async fn query(db: &impl ConnectionTrait, sql: &str) -> Vec<sea_orm::QueryResult> {
    db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect("rows")
}

/// What is stored of recharges and of what payments pay.
async fn rows(db: &impl ConnectionTrait) -> (Vec<e::recharge::Model>, Vec<e::payment_allocation::Model>, Vec<e::remittance::Model>) {
    (
        e::recharge::Entity::find().order_by_asc(e::recharge::Column::Id).all(db).await.expect("rows"),
        e::payment_allocation::Entity::find().order_by_asc(e::payment_allocation::Column::Id).all(db).await.expect("rows"),
        e::remittance::Entity::find().order_by_asc(e::remittance::Column::Id).all(db).await.expect("rows"),
    )
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

    async fn recharges_become_bills_and_recharges_again(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        anna.pay(&[&bill], "pays-a-bill-1", json!({"paymentMethodId": card})).await;
        let (account, plan) = prepaid(&app, &anna).await;
        let poor = anna.save_method("CARD", "pm_card_chargeDeclinedInsufficientFunds").await;
        for (method, key) in [(&poor, "declined-001"), (&card, "recharge-001")] {
            let input = json!({"utilityAccountId": account, "rechargePlanId": plan, "paymentMethodId": method, "idempotencyKey": key});
            anna.must("mutation($input: RechargeInput!) { recharge(input: $input) { payment { id } userErrors { code message path } } }", json!({"input": input})).await;
        }
        app.settle().await;
        let pool = app.billing.kernel.store.write_pool();
        let before = rows(pool).await;
        assert_eq!(before.0.iter().map(|r| r.status).collect::<Vec<_>>(), [e::RechargeStatus::Cancelled, e::RechargeStatus::Paid]);

        // Down to the release before: a bill for each.
        let last = Migrator::migrations().iter().rev().position(|m| m.name() == "m20261130_000020_payables").expect("the migration");
        let steps = u32::try_from(last + 1).expect("a number");
        Migrator::down(pool, Some(steps)).await.expect("down");
        let bills = query(pool, "SELECT status, amount_minor, paid_minor, number, issued_on IS NOT NULL AS dated FROM bills WHERE source = 'RECHARGE' ORDER BY id").await;
        assert_eq!(bills.len(), 2);
        let status: Vec<String> = bills.iter().map(|r| r.try_get("", "status").expect("a status")).collect();
        let paid: Vec<i64> = bills.iter().map(|r| r.try_get("", "paid_minor").expect("an amount")).collect();
        assert_eq!((status, paid), (vec!["VOIDED".to_owned(), "PAID".to_owned()], vec![0, 999]));
        for (table, count) in [("payment_allocations", 2), ("remittances", 1)] {
            let of_bills = format!("SELECT t.id FROM {table} t JOIN bills b ON b.id = t.bill_id WHERE b.source = 'RECHARGE'");
            assert_eq!(query(pool, &of_bills).await.len(), count, "{table}");
        }
        assert_eq!(query(pool, "SELECT r.bill_id FROM recharges r JOIN bill_versions v ON v.bill_id = r.bill_id").await.len(), 2);
        let lost = pool.execute_unprepared("UPDATE payment_allocations SET bill_id = NULL").await.expect_err("NOT NULL is back");
        assert!(lost.to_string().to_lowercase().contains("null"), "{lost}");

        Migrator::up(pool, None).await.expect("up again");
        assert_eq!(rows(pool).await, before);
        assert_eq!(query(pool, "SELECT id FROM bills WHERE source = 'RECHARGE'").await.len(), 0);
        let shown = anna.run("query($id: ID!) { utilityAccount(id: $id) { recharges { totalCount nodes { status } } } }", json!({"id": account})).await;
        assert_eq!(shown["utilityAccount"]["recharges"], json!({"totalCount": 2, "nodes": [{"status": "PAID"}, {"status": "CANCELLED"}]}));

        // A process of the release before writes no target, and what is under way is still nobody else's.
        let columns = "payment_id, customer_id, bill_id, bill_version, account_id, provider_id, property_id, utility_type, currency, \
            amount_minor, refunded_minor, created_at";
        let of_bill = e::payment_allocation::Entity::find().filter(e::payment_allocation::Column::TargetKind.eq(e::PayableKind::Bill));
        let known = of_bill.one(pool).await.expect("rows").expect("a part");
        let insert = |id: u128, live: bool| {
            let sql = format!("INSERT INTO payment_allocations (id, {columns}, live) SELECT $1, {columns}, $2 FROM payment_allocations WHERE id = $3");
            let values = [SqlValue::from(sea_orm::prelude::Uuid::from_u128(id)), live.into(), known.id.0.into()];
            pool.execute_raw(Statement::from_sql_and_values(pool.get_database_backend(), sql, values))
        };
        insert(1, true).await.expect("as the release before writes it");
        let written = e::payment_allocation::Entity::find_by_id(e::AllocationId(sea_orm::prelude::Uuid::from_u128(1)));
        assert_eq!(written.one(pool).await.expect("rows").expect("a part").target(), known.target());
        let twice = insert(2, true).await.expect_err("one payment of a bill at a time");
        assert!(twice.to_string().to_lowercase().contains("unique"), "{twice}");
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
