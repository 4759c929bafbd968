//! A database that cannot store data, a session that holds locks, and a worker that is told to stop: whatever was answered is
//! true, nobody waits longer than the time limits say, and nothing waits for a lease.

use std::time::Duration;

use billow_billing::clock::{Entropy as _, SeededEntropy, SystemEntropy};
use billow_billing::ports::Wakeup;
use billow_billing::store::{Store, StoreOptions, Timeouts};
use billow_entities::{RefundStatus, RemittanceStatus, Role, lease, payment, refund, remittance, storage_check};
use billow_jobs::Queue;
use billow_sandbox::{CardCall, CardFault, CardLogKind, Fault, Provider};
use billow_tests::{Engine, TestApp, TestDb, both, found, postgres_url};
use chrono::DateTime;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, Database, DatabaseConnection, DbBackend, EntityTrait, ExprTrait, PaginatorTrait,
    QueryFilter, Statement,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

/// How often SQLite is full in one test.
const TIMES: u32 = 50;
const REFUND: &str =
    "mutation($input: RefundPaymentInput!) { refundPayment(input: $input) { refunds { id } userErrors { code message path } } }";
/// What must happen happens within this.
const PATIENCE: Duration = Duration::from_secs(20);

/// Dice whose seed is printed; `BILLOW_CHAOS_SEED` repeats a run.
fn dice() -> impl Fn(u64) -> u64 {
    let seed = std::env::var("BILLOW_CHAOS_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(|| {
        let mut bytes = [0u8; 4];
        SystemEntropy.fill(&mut bytes);
        u64::from(u32::from_le_bytes(bytes))
    });
    eprintln!("BILLOW_CHAOS_SEED={seed}");
    let entropy = SeededEntropy::new(seed);
    move |sides| {
        let mut bytes = [0u8; 8];
        entropy.fill(&mut bytes);
        u64::from_le_bytes(bytes) % sides
    }
}

/// A row of some kilobytes.
fn row(name: String, bytes: usize) -> lease::ActiveModel {
    lease::ActiveModel { name: Set(name), holder: Set("x".repeat(bytes)), fence: Set(1), until: Set(DateTime::UNIX_EPOCH) }
}

/// Lets the connection that writes find its database full.
async fn limit(store: &Store) {
    let db = store.write_pool();
    let pages = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA page_count")).await.expect("a pragma").expect("a row");
    let pages: i64 = pages.try_get_by_index(0).expect("a number");
    db.execute_unprepared(&format!("PRAGMA max_page_count = {pages}")).await.expect("a pragma");
}

async fn is_there(outside: &DatabaseConnection, name: &str) -> bool {
    lease::Entity::find_by_id(name.to_owned()).one(outside).await.expect("read").is_some()
}

/// Needs no privileges: the fault that a full disk makes, without one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_sqlite_acknowledges_is_there_whatever_was_full_before() {
    let dice = dice();
    let db = TestDb::migrated(Engine::Sqlite).await.expect("a database");
    let store = db.store().await;
    let outside = Database::connect(&db.url).await.expect("another connection");
    let mut refused = 0;
    for time in 0..TIMES {
        limit(&store).await;
        // Full within a transaction, in a statement alone, or while nobody waits for the statement any more.
        match dice(4) {
            0 => {
                let outcome = lease::Entity::insert(row(format!("alone-{time}"), 200_000)).exec_without_returning(store.writer()).await;
                refused += u32::from(outcome.is_err());
            }
            1 => {
                let tx = store.write_tx().await.expect("a transaction");
                let insert = lease::Entity::insert(row(format!("cut-{time}"), 200_000)).exec_without_returning(&*tx);
                let waited = tokio::time::timeout(Duration::from_micros(dice(2_000)), insert).await;
                refused += u32::from(!matches!(waited, Ok(Ok(_))));
                // Whoever goes on all the same must not have half of it committed.
                let late = lease::Entity::insert(row(format!("late-{time}"), 10)).exec_without_returning(&*tx).await;
                let committed = tx.commit().await;
                if !matches!(waited, Ok(Ok(_))) {
                    assert!(late.is_err() && committed.is_err(), "a transaction with a failed statement was committed");
                    assert!(!is_there(&outside, &format!("late-{time}")).await, "half of a transaction");
                }
            }
            _ => {
                let tx = store.write_tx().await.expect("a transaction");
                lease::Entity::insert(row(format!("early-{time}"), 10)).exec_without_returning(&*tx).await.expect("there is room for this");
                let outcome = lease::Entity::insert(row(format!("large-{time}"), 200_000)).exec_without_returning(&*tx).await;
                refused += u32::from(outcome.is_err());
                drop(tx);
                assert!(!is_there(&outside, &format!("early-{time}")).await, "half of a transaction");
            }
        }
        // There is room again.
        store.write_pool().execute_unprepared("PRAGMA max_page_count = 1000000").await.expect("a pragma");
        // Others give up, as use cases do that find something wrong, and others commit.
        for attempt in 0..3 {
            if dice(2) == 0 {
                drop(store.write_tx().await.expect("a transaction"));
            }
            let name = format!("kept-{time}-{attempt}");
            let tx = store.write_tx().await.expect("a transaction");
            lease::Entity::insert(row(name.clone(), 10)).exec_without_returning(&*tx).await.expect("stored");
            tx.commit().await.expect("committed");
            assert!(is_there(&outside, &name).await, "round {time}: committed, and nobody else sees {name}");
        }
        store.check_storage().await.expect("stored and read back");
    }
    eprintln!("{refused} of {TIMES} times something was refused");
    assert!(refused > TIMES / 2, "it was full");
}

both! {
    async fn a_transaction_with_a_failed_statement_is_never_committed(engine) {
        let db = TestDb::migrated(engine).await.expect("a database");
        let store = db.store().await;
        let tx = store.write_tx().await.expect("a transaction");
        lease::Entity::insert(row("first".into(), 10)).exec_without_returning(&*tx).await.expect("stored");
        tx.execute_unprepared("INSERT INTO no_such_table VALUES (1)").await.expect_err("there is no such table");
        // PostgreSQL would answer this with a rollback and no error.
        tx.commit().await.expect_err("not committed");
        let there = lease::Entity::find().count(store.read()).await.expect("counted");
        assert_eq!(there, 0);
    }

    async fn no_payment_is_taken_while_nothing_can_be_stored(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        // Ready means that live subscribers are told, too.
        let stop = CancellationToken::new();
        let relay = tokio::spawn(app.billing.relay().run(stop.clone()));
        until(|| async { app.anonymous().get("/readyz").await.status() == 200 }).await;
        let store = &app.billing.kernel.store;
        let (make, end) = match store.backend() {
            DbBackend::Sqlite => (
                "CREATE TRIGGER full BEFORE UPDATE ON storage_checks BEGIN SELECT RAISE(ABORT, 'full'); END",
                "DROP TRIGGER full",
            ),
            _ => (
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END $$; \
                 CREATE TRIGGER full_disk BEFORE UPDATE ON storage_checks FOR EACH ROW EXECUTE FUNCTION full_disk()",
                "DROP TRIGGER full_disk ON storage_checks",
            ),
        };
        store.write_pool().execute_unprepared(make).await.expect("a database that stores nothing");
        // The outcome of the check before is used for half a second.
        until(|| async { app.anonymous().get("/readyz").await.status() == 503 }).await;
        let report: serde_json::Value = app.anonymous().get("/readyz").await.json().await.expect("a report");
        assert_eq!(report["database"], "ok", "{report}");
        assert!(report["storage"].as_str().is_some_and(|why| why.contains("cannot be stored")), "{report}");
        // Asked often, it is checked twice a second at most.
        let counted = || async { storage_check::Entity::find_by_id(1).one(store.read()).await.expect("read").expect("a row").count };

        let refused = anna.try_pay(&[&bill], "while-it-is-full", json!({"paymentMethodId": card})).await;
        assert_eq!(found(&refused["userErrors"]), [": STORAGE_UNAVAILABLE"], "{refused}");
        let top_up = "mutation($input: TopUpWalletInput!) { topUpWallet(input: $input) { payment { id } userErrors { code message path } } }";
        let input = json!({"amount": {"amountMinor": "500"}, "currency": "EUR", "paymentMethodId": card, "idempotencyKey": "top-up-while-full"});
        assert_eq!(anna.refused(top_up, json!({"input": input})).await, [": STORAGE_UNAVAILABLE"]);
        assert_eq!(app.billing.payments.send_payments_due().await.expect("nothing sent"), 0);
        assert_eq!(payment::Entity::find().count(store.read()).await.expect("counted"), 0, "nothing was begun");
        assert_eq!(app.charged(), Vec::<i64>::new());

        store.write_pool().execute_unprepared(end).await.expect("room again");
        until(|| async { app.anonymous().get("/readyz").await.status() == 200 }).await;
        let before = counted().await;
        let since = tokio::time::Instant::now();
        for _ in 0..50 {
            assert_eq!(app.anonymous().get("/readyz").await.status(), 200);
        }
        let most = 2 * i64::try_from(since.elapsed().as_secs()).expect("small") + 3;
        assert!(counted().await - before <= most, "50 questions made {} writes", counted().await - before);
        assert_eq!(anna.pay(&[&bill], "while-it-is-full", json!({"paymentMethodId": card})).await["status"], "SUCCEEDED");
        stop.cancel();
        relay.await.expect("it ends well");
        app.settle().await;
        assert_eq!(app.charged(), [4_000]);
        app.books_agree().await;
    }

    async fn what_a_stopped_worker_had_in_hand_waits_for_no_lease(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        let operator = app.staff(Role::Operator).await;
        // Six refunds, of which four are under way at a time, and a remittance.
        for n in 0..6 {
            let made = anna.top_up(500, &card, &format!("to-be-refunded-{n}")).await;
            let input = json!({"paymentId": made["id"], "toWallet": false, "reason": "A courtesy", "idempotencyKey": format!("refund-of-{n}")});
            operator.must(REFUND, json!({"input": input})).await;
        }
        anna.pay(&[&bill], "to-be-remitted", json!({"paymentMethodId": card})).await;
        let state = app.sandbox.state();
        state.script_card(Some(CardCall::Refund), CardFault::Slow { ms: 1_500 }, 10);
        state.set_fault(Provider::Voltara, None, Fault::Latency { ms: 1_500 });

        let stop = CancellationToken::new();
        let queue = Queue::open(&app.billing.kernel.store, &app.db.dir.path().join("queue.db")).await.expect("a queue");
        let worker = tokio::spawn(billow_jobs::run(app.billing.clone(), queue, stop.clone()));
        let db = app.billing.kernel.store.read();
        // All four places are taken, and the remittance is being sent.
        let refunded = || state.card_log().iter().filter(|e| e.kind == CardLogKind::Refunded).count();
        until(|| async {
            let sent = remittance::Entity::find().filter(remittance::Column::Status.eq(RemittanceStatus::Sent)).count(db).await.expect("counted");
            sent == 1 && refunded() == 4
        }).await;
        stop.cancel();
        tokio::time::timeout(PATIENCE, worker).await.expect("it stops").expect("it ends well");

        for row in refund::Entity::find().all(db).await.expect("refunds") {
            assert_eq!(row.lease_until, None, "{row:?}");
            let started = row.status == RefundStatus::Succeeded;
            assert!(started || (row.sent_at.is_none() && row.tries == 0), "{row:?}");
        }
        let left = remittance::Entity::find().filter(remittance::Column::LeaseUntil.is_not_null()).count(db).await.expect("counted");
        assert_eq!(left, 0, "no remittance waits for its lease");
        assert_eq!(refunded(), 4, "what was not started was not sent");

        // Another process takes the rest at once, with no time going by.
        state.clear_faults();
        state.clear_card_script();
        let other = app.another_process(2).await;
        other.refunds.refunds_due().await.expect("refunds");
        let open = refund::Entity::find().filter(refund::Column::Status.ne(RefundStatus::Succeeded)).count(db).await.expect("counted");
        assert_eq!((open, refunded()), (0, 6));
        other.remittances.remit_due().await.expect("remittances");
        let open = remittance::Entity::find().filter(remittance::Column::Status.ne(RemittanceStatus::Confirmed)).count(db).await.expect("counted");
        assert_eq!(open, 0);
        // A process that stopped starts nothing more.
        let runner = billow_jobs::JobRunner::new(&app.billing);
        runner.trigger(Wakeup::Pay);
        let stopped = CancellationToken::new();
        stopped.cancel();
        runner.run(stopped).await;
        app.books_agree().await;
    }
}

/// Waits until something is so.
async fn until<F: Future<Output = bool>>(so: impl Fn() -> F) {
    let wait = async {
        while !so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("it is so in time");
}

async fn limited(db: &TestDb, timeouts: Timeouts) -> Store {
    Store::connect(&StoreOptions { max_read: 2, max_write: 2, timeouts, ..StoreOptions::new(&db.url) }).await.expect("a store")
}

/// Counts one more.
async fn count(db: &impl ConnectionTrait) -> Result<(), sea_orm::DbErr> {
    storage_check::Entity::update_many()
        .col_expr(storage_check::Column::Count, Expr::col(storage_check::Column::Count).add(1))
        .filter(storage_check::Column::Id.eq(1))
        .exec(db)
        .await
        .map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_sits_on_a_lock_is_ended_and_others_get_on() {
    if postgres_url().is_none() {
        return;
    }
    let db = TestDb::migrated(Engine::Postgres).await.expect("a database");
    let ms = |ms| Some(Duration::from_millis(ms));
    let store = limited(&db, Timeouts { lock: ms(10_000), idle_in_transaction: ms(300), statement: ms(10_000) }).await;
    // A process that is frozen in the middle of a transaction.
    let frozen = store.write_tx().await.expect("a transaction");
    count(&*frozen).await.expect("counted");
    let other = store.write_tx().await.expect("a transaction");
    tokio::time::timeout(PATIENCE, count(&*other)).await.expect("it gets on").expect("it gets the row");
    other.commit().await.expect("committed");
    // It wakes up: nothing of it was committed, and it is not told that it was.
    let error = frozen.commit().await.expect_err("its session is gone");
    assert!(error.is_outage(), "worth another try: {error:?}");
    let row = storage_check::Entity::find_by_id(1).one(store.read()).await.expect("read").expect("a row");
    assert_eq!(row.count, 1);
    // Its connection is not used again.
    for _ in 0..4 {
        store.check_storage().await.expect("stored and read back");
        let tx = store.write_tx().await.expect("a transaction");
        count(&*tx).await.expect("counted");
        tx.commit().await.expect("committed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_a_lock_and_a_statement_have_an_end_and_are_worth_another_try() {
    if postgres_url().is_none() {
        return;
    }
    let db = TestDb::migrated(Engine::Postgres).await.expect("a database");
    let ms = |ms| Some(Duration::from_millis(ms));
    let store = limited(&db, Timeouts { lock: ms(200), idle_in_transaction: None, statement: ms(600) }).await;
    let holder = store.write_tx().await.expect("a transaction");
    count(&*holder).await.expect("counted");
    let waits = store.write_tx().await.expect("a transaction");
    let error: billow_billing::Error = count(&*waits).await.expect_err("it does not get the row").into();
    assert!(error.is_outage(), "{error:?}");
    drop(waits);
    holder.commit().await.expect("committed");
    let error: billow_billing::Error = store.writer().execute_unprepared("SELECT pg_sleep(5)").await.expect_err("it takes too long").into();
    assert!(error.is_outage(), "{error:?}");
    // What reads everything, and migrations, have no limits.
    let unlimited = store.unlimited().await.expect("a store");
    unlimited.writer().execute_unprepared("SELECT pg_sleep(0.8)").await.expect("as long as it takes");
}
