//! Months go by: everybody is fetched on their day, each bill comes once, and workers that die or come back late do no harm.

use std::collections::BTreeSet;

use billow_sandbox::Provider;
use billow_tests::{Client, Gate, TestApp, both, settle, text};
use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const NEXT: &str = "query($id: ID!) { utilityAccount(id: $id) { nextFetchAt } }";

async fn next(customer: &Client, account: &str) -> DateTime<Utc> {
    let data = customer.run(NEXT, json!({"id": account})).await;
    text(&data["utilityAccount"]["nextFetchAt"]).parse().expect("an instant")
}

/// Goes to an instant in steps that keep sign-ins alive, doing nothing on the way.
async fn go_to(app: &TestApp, customer: &Client, at: DateTime<Utc>) {
    while at - app.now() > Duration::days(14) {
        app.pass(Duration::days(14));
        customer.run("{ viewer { role } }", json!({})).await;
    }
    app.pass(at - app.now());
}

/// What the provider was asked for an account, as days where the provider is.
fn days_asked(app: &TestApp, provider: Provider, zone: Tz) -> Vec<NaiveDate> {
    app.sandbox
        .state()
        .log(Some(provider))
        .into_iter()
        .filter(|e| e.what != "poll")
        .map(|e| e.at.with_timezone(&zone).date_naive())
        .collect()
}

async fn periods(customer: &Client, account: &str) -> Vec<Value> {
    let query = "query($id: ID!) { bills(first: 100, filter: {utilityAccountId: $id}) { nodes { periodStart } } }";
    let data = customer.run(query, json!({"id": account})).await;
    data["bills"]["nodes"].as_array().expect("bills").iter().map(|b| b["periodStart"].clone()).collect()
}

both! {
    async fn mobile_comes_on_the_10th_and_electricity_on_the_15th_each_bill_once(engine) {
        let app = TestApp::start(engine).await;
        let state = app.sandbox.state();
        let (ringo, voltara) = (app.provider(Provider::Ringo).await, app.provider(Provider::Voltara).await);
        let anna = app.customer("Anna").await;
        state.seed_history(Provider::Ringo, "+33639980001", 1).expect("history");
        state.seed_history(Provider::Voltara, "VT10000001", 1).expect("history");
        let mobile = anna.add_account(&ringo, None, "mobile_number", "+33639980001").await;
        let power = anna.add_account(&voltara, None, "consumer_number", "VT10000001").await;
        app.settle().await;
        let months = 6;
        for _ in 0..months {
            for (provider, number, account, zone, day, hours) in [
                (Provider::Ringo, "+33639980001", &mobile, Tz::Europe__Paris, 10, 7..8),
                (Provider::Voltara, "VT10000001", &power, Tz::Europe__Berlin, 15, 6..8),
            ] {
                let slot = next(&anna, account).await;
                let local = slot.with_timezone(&zone);
                assert_eq!(local.day(), day, "{provider}: {local}");
                assert!(hours.contains(&chrono::Timelike::hour(&local)), "{provider}: {local}");
                go_to(&app, &anna, slot - Duration::seconds(1)).await;
                state.issue_bill(provider, number, None).expect("a bill");
                state.clear_log();
                app.settle().await;
                assert!(days_asked(&app, provider, zone).is_empty(), "{provider}: not before its time");
                app.pass(Duration::seconds(1));
                app.settle().await;
                assert_eq!(days_asked(&app, provider, zone), [local.date_naive()], "{provider}");
                // Nothing more this month, however often anybody looks.
                app.pass(Duration::hours(3));
                app.settle().await;
                assert_eq!(days_asked(&app, provider, zone).len(), 1, "{provider}");
            }
        }
        for account in [&mobile, &power] {
            let periods = periods(&anna, account).await;
            let distinct: BTreeSet<_> = periods.iter().map(Value::to_string).collect();
            assert_eq!((periods.len(), distinct.len()), (months + 1, months + 1), "one for each period: {periods:?}");
        }
    }

    async fn the_29th_to_31st_fall_on_the_last_day_of_short_months(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        let mut accounts = Vec::new();
        for (n, day) in [29, 30, 31].into_iter().enumerate() {
            let provider = app
                .provider_with(Provider::Voltara, |d| {
                    d["code"] = json!(format!("voltara-{day}"));
                    d["schedule"]["every"] = json!({"kind": "MONTH", "day": day});
                })
                .await;
            let number = Provider::Voltara.samples()[n];
            app.sandbox.state().seed_history(Provider::Voltara, number, 1).expect("history");
            accounts.push(anna.add_account(&provider, None, "consumer_number", number).await);
        }
        app.settle().await;
        let mut days = [const { Vec::new() }; 3];
        for _ in 0..6 {
            let mut slots = Vec::new();
            for ((account, days), number) in accounts.iter().zip(&mut days).zip(Provider::Voltara.samples()) {
                app.sandbox.state().issue_bill(Provider::Voltara, number, None).expect("a bill");
                let slot = next(&anna, account).await;
                let local = slot.with_timezone(&Tz::Europe__Berlin);
                days.push(format!("{:02}-{:02}", local.month(), local.day()));
                slots.push(slot);
            }
            slots.sort();
            for slot in slots {
                go_to(&app, &anna, slot).await;
                app.settle().await;
            }
        }
        assert_eq!(days[0], ["11-29", "12-29", "01-29", "02-28", "03-29", "04-29"]);
        assert_eq!(days[1], ["11-30", "12-30", "01-30", "02-28", "03-30", "04-30"]);
        assert_eq!(days[2], ["11-30", "12-31", "01-31", "02-28", "03-31", "04-30"]);
    }

    async fn nothing_due_is_looked_at_again_until_the_grace_is_over(engine) {
        let app = TestApp::start(engine).await;
        let state = app.sandbox.state();
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        // Added on the 21st without bills: looked at daily for five days more, then on the 15th.
        for _ in 0..20 {
            app.pass(Duration::hours(12));
            app.settle().await;
        }
        let asked = days_asked(&app, Provider::Voltara, Tz::Europe__Berlin);
        let november = |day| NaiveDate::from_ymd_opt(2026, 11, day).expect("a day");
        assert_eq!(asked, (21..=26).map(november).collect::<Vec<_>>());
        let slot = next(&anna, &account).await;
        assert_eq!(slot.with_timezone(&Tz::Europe__Berlin).date_naive().to_string(), "2026-12-15");

        // On the 15th there is nothing yet; two days later the bill is there, and that settles the month.
        state.clear_log();
        go_to(&app, &anna, slot).await;
        app.settle().await;
        app.pass(Duration::days(1));
        app.settle().await;
        state.issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill");
        for _ in 0..5 {
            app.pass(Duration::days(1));
            app.settle().await;
        }
        assert_eq!(days_asked(&app, Provider::Voltara, Tz::Europe__Berlin).len(), 3);
        assert_eq!(anna.bills().await.len(), 1);
        assert_eq!(next(&anna, &account).await.with_timezone(&Tz::Europe__Berlin).date_naive().to_string(), "2027-01-15");
    }

    async fn a_worker_that_comes_back_late_writes_nothing(engine) {
        let app = TestApp::start(engine).await;
        let state = app.sandbox.state();
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let issued = state.issue_bill(Provider::Voltara, "VT10000001", Some(5_000)).expect("a bill");
        let (gate, zombie) = Gate::before(&app.billing, "zombie");
        anna.fetch_now(&account).await;
        let late = tokio::spawn(async move { zombie.fetching.fetch_due().await.expect("fetching") });
        gate.answered().await;

        // Its lease holds for a while, then another one takes over, and the provider has corrected the bill meanwhile.
        assert_eq!(app.billing.fetching.fetch_due().await.expect("fetching").fetched, 0, "it is leased");
        state.correct_bill(Provider::Voltara, "VT10000001", &issued.number, 6_000).expect("corrected");
        app.pass(Duration::seconds(91));
        app.settle().await;
        let after = anna.bills().await;
        assert_eq!(after, [(issued.number, "OPEN".to_owned(), "6000".to_owned())]);
        let log_end = app.billing.kernel.events.log_end().await.expect("the log");

        gate.let_through();
        let summary = late.await.expect("the late one");
        assert_eq!((summary.fetched, summary.stale), (0, 1));
        assert_eq!(anna.bills().await, after);
        settle(&app.billing).await;
        assert_eq!(app.billing.kernel.events.log_end().await.expect("the log"), log_end, "it told nobody anything");
        let attempts = "query($id: ID!) { utilityAccount(id: $id) { fetchAttempts { nodes { outcome billsNew } } currentRun { status } } fetchRuns(utilityAccountId: $id) { nodes { status done } } }";
        let data = anna.run(attempts, json!({"id": account})).await;
        assert_eq!(data["utilityAccount"]["fetchAttempts"]["nodes"], json!([{"outcome": "BILLS", "billsNew": 1}, {"outcome": "NONE_DUE", "billsNew": 0}]));
        assert_eq!(data["fetchRuns"]["nodes"], json!([{"status": "FINISHED", "done": 1}, {"status": "FINISHED", "done": 1}]));
    }

    async fn a_worker_killed_between_the_answer_and_the_writing_loses_and_doubles_nothing(engine) {
        let app = TestApp::start(engine).await;
        let state = app.sandbox.state();
        let voltara = app.provider(Provider::Voltara).await;
        let anna = app.customer("Anna").await;
        let numbers: Vec<_> = (1..=6).map(|n| format!("VT1000000{n}")).collect();
        for number in &numbers {
            state.seed_history(Provider::Voltara, number, 2).expect("history");
            anna.add_account(&voltara, None, "consumer_number", number).await;
        }
        let (gate, doomed) = Gate::before(&app.billing, "doomed");
        let work = tokio::spawn(async move { doomed.fetching.fetch_due().await });
        for _ in &numbers {
            gate.answered().await;
        }
        work.abort();
        assert!(work.await.is_err_and(|e| e.is_cancelled()));
        assert!(anna.bills().await.is_empty());

        app.settle().await;
        assert!(anna.bills().await.is_empty(), "its leases still hold");
        app.pass(Duration::seconds(91));
        app.settle().await;
        assert_eq!(anna.bills().await.len(), 12);
        assert!(numbers.iter().all(|n| state.fetches(Provider::Voltara, n) == 2), "once by the one that died, once by the one after it");
        let inbox = anna.run("{ viewer { unreadNotifications } notifications(first: 100) { nodes { bill { number } } } }", json!({})).await;
        let told: Vec<_> = inbox["notifications"]["nodes"].as_array().expect("messages").iter().map(|n| n["bill"]["number"].to_string()).collect();
        assert_eq!(told.len(), told.iter().collect::<BTreeSet<_>>().len(), "nobody is told twice: {told:?}");
        let runs = anna.run("{ fetchRuns(first: 100) { nodes { status done total failed } } }", json!({})).await;
        assert!(runs["fetchRuns"]["nodes"].as_array().is_some_and(|r| r.len() == 6 && r.iter().all(|r| *r == json!({"status": "FINISHED", "done": 1, "total": 1, "failed": 0}))), "{runs}");
    }

    async fn an_outage_of_all_workers_is_made_up_for_once(engine) {
        let app = TestApp::start(engine).await;
        let state = app.sandbox.state();
        state.seed_history(Provider::Voltara, "VT10000001", 1).expect("history");
        let (anna, _) = app.customer_with_electricity("Anna", "VT10000001").await;
        state.clear_log();
        // Nobody runs for two months; two slots go by.
        for _ in 0..2 {
            state.issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill");
            go_to(&app, &anna, app.now() + Duration::days(30)).await;
        }
        app.settle().await;
        assert_eq!(state.fetches(Provider::Voltara, "VT10000001"), 1, "one look tells everything");
        assert_eq!(anna.bills().await.len(), 3);
    }
}

/// Work for [`each_kind_of_work_runs_by_itself`]: static, because the list of work is.
mod pretend {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use billow_billing::ports::Wakeup;
    use billow_billing::work::Work;
    use billow_billing::{Error, Result};
    use futures::future::BoxFuture;
    use tokio::sync::Semaphore;

    pub static HANGING: AtomicUsize = AtomicUsize::new(0);
    pub static GOOD: AtomicUsize = AtomicUsize::new(0);
    /// One for each beginning.
    pub static GOOD_BEGAN: Semaphore = Semaphore::const_new(0);
    pub static FAILING_BEGAN: Semaphore = Semaphore::const_new(0);
    pub static PANICKING_BEGAN: Semaphore = Semaphore::const_new(0);
    pub static SLOW_BEGAN: Semaphore = Semaphore::const_new(0);
    /// How often the good one may end.
    pub static MAY_END: Semaphore = Semaphore::const_new(0);
    /// One for each end of the good one.
    pub static ENDED: Semaphore = Semaphore::const_new(0);

    fn hang() -> BoxFuture<'static, Result<()>> {
        HANGING.fetch_add(1, Ordering::AcqRel);
        Box::pin(std::future::pending())
    }

    fn fail() -> BoxFuture<'static, Result<()>> {
        FAILING_BEGAN.add_permits(1);
        Box::pin(async { Err(Error::Unavailable) })
    }

    fn panic() -> BoxFuture<'static, Result<()>> {
        PANICKING_BEGAN.add_permits(1);
        Box::pin(async { panic!("a run that panics, for a test") })
    }

    /// Takes longer than it may.
    fn slow() -> BoxFuture<'static, Result<()>> {
        SLOW_BEGAN.add_permits(1);
        Box::pin(std::future::pending())
    }

    fn good() -> BoxFuture<'static, Result<()>> {
        GOOD.fetch_add(1, Ordering::AcqRel);
        GOOD_BEGAN.add_permits(1);
        Box::pin(async {
            MAY_END.acquire().await.expect("open").forget();
            ENDED.add_permits(1);
            Ok(())
        })
    }

    fn work(name: &'static str, limit: Duration, run: fn() -> BoxFuture<'static, Result<()>>) -> Work {
        Work { name, woken_by: Wakeup::Pay, every_s: 2, offset_s: 1, limit, run: Arc::new(run), lag: None }
    }

    pub fn works() -> Vec<Work> {
        let hour = Duration::from_secs(3600);
        vec![
            work("hanging", hour, hang),
            work("failing", hour, fail),
            work("panicking", hour, panic),
            work("slow", Duration::from_millis(1), slow),
            work("good", hour, good),
        ]
    }
}

#[tokio::test]
async fn each_kind_of_work_runs_by_itself() {
    use std::sync::atomic::Ordering;

    async fn took(of: &tokio::sync::Semaphore, count: u32) {
        of.acquire_many(count).await.expect("open").forget();
    }

    let app = TestApp::start(billow_tests::Engine::Sqlite).await;
    let runner = billow_jobs::JobRunner::of(&app.billing, pretend::works());
    let running = tokio::spawn(runner.clone().run(CancellationToken::new()));
    runner.trigger(billow_billing::ports::Wakeup::Pay);
    took(&pretend::GOOD_BEGAN, 1).await;
    // While it was at work the good one was asked for twice: it goes round once more, however often that was.
    runner.beat(1);
    runner.beat(3);
    runner.beat(4);
    pretend::MAY_END.add_permits(3);
    took(&pretend::ENDED, 2).await;
    runner.beat(5);
    took(&pretend::ENDED, 1).await;
    assert_eq!(pretend::GOOD.load(Ordering::Acquire), 3, "another that hangs does not hold it up");
    assert_eq!(pretend::HANGING.load(Ordering::Acquire), 1, "one that is under way is not begun again");
    // Each is tried a second time by itself, and again when it is asked for.
    for bad in [&pretend::FAILING_BEGAN, &pretend::PANICKING_BEGAN, &pretend::SLOW_BEGAN] {
        took(bad, 3).await;
    }
    running.abort();
}
