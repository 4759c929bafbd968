//! Bad input and bad days: each fault gets its own words, is seen by whoever can mend it, and loses nothing that was there.

use billow_entities::Role;
use billow_sandbox::{Fault, Provider};
use billow_tests::{Client, Engine, TestApp, both, settle};
use chrono::Duration;
use serde_json::{Value, json};

/// The newest fetch of an account, as an operator sees it.
async fn last_fetch(operator: &Client, account: &str) -> (String, String) {
    let query = "query($id: ID!) { utilityAccount(id: $id) { fetchAttempts(first: 1) { nodes { outcome message } } } }";
    let data = operator.run(query, json!({"id": account})).await;
    let node = &data["utilityAccount"]["fetchAttempts"]["nodes"][0];
    (node["outcome"].as_str().unwrap_or_default().to_owned(), node["message"].as_str().unwrap_or_default().to_owned())
}

async fn status(customer: &Client, account: &str) -> (String, String) {
    let data = customer.run("query($id: ID!) { utilityAccount(id: $id) { status statusReason } }", json!({"id": account})).await;
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    (text(&data["utilityAccount"]["status"]), text(&data["utilityAccount"]["statusReason"]))
}

both! {
    async fn a_wrong_answer_is_said_in_words_and_loses_nothing(engine) {
        let app = TestApp::start(engine).await;
        app.sandbox.state().seed_history(Provider::Voltara, "VT10000001", 6).expect("history");
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let operator = app.staff(Role::Operator).await;
        let before = anna.bills().await;
        assert_eq!(before.len(), 6);

        for (fault, words) in [
            (Fault::WrongCurrency, "USD"),
            (Fault::Times100, "scale"),
            (Fault::DueBeforeIssue, "due"),
            (Fault::AnotherAccountsBill, "another account"),
            (Fault::CutShort, "cut"),
            (Fault::NotJson, "JSON"),
            (Fault::Endless, "larger"),
            (Fault::GzipBomb, "larger"),
            (Fault::Unauthorized, "credential"),
            (Fault::ServerError, "500"),
        ] {
            let name = format!("{fault:?}");
            app.sandbox.state().set_fault(Provider::Voltara, Some("VT10000001"), fault);
            // A new bill, so that what is wrong is about something new as well.
            app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", Some(9_000)).expect("a bill");
            anna.fetch_now(&account).await;
            app.settle().await;
            let (outcome, message) = last_fetch(&operator, &account).await;
            assert!(outcome == "BROKEN" || outcome == "RETRYABLE", "{name}: {outcome} {message}");
            assert!(message.to_lowercase().contains(&words.to_lowercase()), "{name}: {message}");
            let kept: Vec<_> = anna.bills().await.into_iter().filter(|b| before.contains(b)).collect();
            assert_eq!(kept, before, "{name}");
            app.sandbox.state().clear_faults();
            app.pass(Duration::hours(2));
            // The circuit lets a probe through, and everything is there.
            anna.fetch_now(&account).await;
            app.settle().await;
            let (outcome, message) = last_fetch(&operator, &account).await;
            assert_eq!(outcome, "BILLS", "{name}: {message}");
        }
        assert_eq!(anna.bills().await.len(), 16);
    }

    async fn a_number_the_provider_does_not_know_asks_its_owner(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT99999999").await;
        let (state, reason) = status(&anna, &account).await;
        assert_eq!(state, "NEEDS_ATTENTION");
        assert!(!reason.is_empty());
        let inbox = anna.run("{ notifications { nodes { kind } } }", json!({})).await;
        assert_eq!(inbox["notifications"]["nodes"][0]["kind"], "ACCOUNT_NEEDS_ATTENTION");
        // Mended with the right number, it is fetched at once.
        anna.must(
            "mutation($input: UpdateUtilityAccountInput!) { updateUtilityAccount(input: $input) { utilityAccount { id } userErrors { code message path } } }",
            json!({"input": {"utilityAccountId": account, "params": [{"name": "consumer_number", "value": "VT10000001"}]}}),
        )
        .await;
        app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill");
        app.settle().await;
        assert_eq!(status(&anna, &account).await.0, "ACTIVE");
        assert_eq!(anna.bills().await.len(), 1);
    }

    async fn a_wrong_number_is_refused_before_any_call(engine) {
        let app = TestApp::start(engine).await;
        let voltara = app.provider(Provider::Voltara).await;
        let anna = app.customer("Anna").await;
        for value in ["", "VT1", "XX10000001", "VT1000000A", "VT100000011"] {
            let payload = anna.try_add_account(&voltara, None, "consumer_number", value).await;
            assert_eq!(payload["userErrors"][0]["path"], json!(["params", "consumer_number"]), "{value}: {payload}");
        }
        app.settle().await;
        assert_eq!(app.sandbox.state().log(None).len(), 0, "nobody was called");
    }

    async fn a_number_that_belongs_to_someone_else_is_refused(engine) {
        let app = TestApp::start(engine).await;
        app.customer_with_electricity("Anna", "VT10000001").await;
        let ben = app.customer("Ben").await;
        let voltara = app.known_provider("voltara").await.expect("a provider");
        let payload = ben.try_add_account(&voltara, None, "consumer_number", "vt10000001").await;
        assert!(["ACCOUNT_TAKEN", "WRONG_FORM"].contains(&payload["userErrors"][0]["code"].as_str().unwrap_or_default()), "{payload}");
        let payload = ben.try_add_account(&voltara, None, "consumer_number", "VT10000001").await;
        assert_eq!(payload["userErrors"][0]["code"], "ACCOUNT_TAKEN");
        assert!(ben.bills().await.is_empty());
    }

    async fn a_provider_that_fails_is_left_alone_and_harms_nobody_else(engine) {
        let app = TestApp::start(engine).await;
        let voltara = app.provider_with(Provider::Voltara, |d| d["limits"]["circuit_failures"] = json!(3)).await;
        let (ringo, state) = (app.provider(Provider::Ringo).await, app.sandbox.state());
        state.set_fault(Provider::Voltara, None, Fault::ServerError);
        let anna = app.customer("Anna").await;
        for n in 1..=6 {
            anna.add_account(&voltara, None, "consumer_number", &format!("VT1000000{n}")).await;
        }
        let param = app.billing.providers.load_provider(ringo.parse().expect("an id")).await.expect("a provider").definition.params[0].name.clone();
        state.issue_bill(Provider::Ringo, "+33639980001", None).expect("a bill");
        anna.add_account(&ringo, None, &param, "+33639980001").await;
        app.settle().await;
        // Ringo polls: its answer comes a little later.
        app.pass(Duration::seconds(10));
        app.settle().await;
        assert_eq!(anna.bills().await.len(), 1, "the other provider is not held up");

        let admin = app.staff(Role::Admin).await;
        let health = admin.run("query($id: ID!) { provider(id: $id) { health { circuit circuitReason } } }", json!({"id": voltara})).await;
        assert_eq!(health["provider"]["health"]["circuit"], "OPEN", "{health}");
        let calls = state.log(Some(Provider::Voltara)).len();
        app.pass(Duration::seconds(20));
        app.settle().await;
        assert_eq!(state.log(Some(Provider::Voltara)).len(), calls, "nobody is called while it is open");

        state.clear_faults();
        for n in 1..=6 {
            state.issue_bill(Provider::Voltara, &format!("VT1000000{n}"), None).expect("a bill");
        }
        for _ in 0..12 {
            app.pass(Duration::minutes(30));
            app.settle().await;
        }
        let health = admin.run("query($id: ID!) { provider(id: $id) { health { circuit } } }", json!({"id": voltara})).await;
        assert_eq!(health["provider"]["health"]["circuit"], "CLOSED");
        assert_eq!(anna.bills().await.len(), 7, "everything came after all");
    }

    async fn a_provider_that_hangs_and_then_flaps_loses_and_doubles_nothing(engine) {
        let app = TestApp::start(engine).await;
        let state = app.sandbox.state();
        let voltara = app.provider_with(Provider::Voltara, |d| d["limits"]["timeout_ms"] = json!(200)).await;
        let gasline = app.provider(Provider::Gasline).await;
        state.set_fault(Provider::Voltara, None, Fault::Hang);
        state.seed_history(Provider::Gasline, "110000000001", 2).expect("history");
        let anna = app.customer("Anna").await;
        let mut accounts = Vec::new();
        for number in &Provider::Voltara.samples()[..3] {
            state.seed_history(Provider::Voltara, number, 2).expect("history");
            accounts.push(anna.add_account(&voltara, None, "consumer_number", number).await);
        }
        let param = app.billing.providers.load_provider(gasline.parse().expect("an id")).await.expect("a provider").definition.params[0].name.clone();
        anna.add_account(&gasline, None, &param, "110000000001").await;
        app.settle().await;
        assert_eq!(anna.bills().await.len(), 2, "the other provider's bills are there");
        let operator = app.staff(Role::Operator).await;
        let (outcome, message) = last_fetch(&operator, &accounts[0]).await;
        assert_eq!(outcome, "RETRYABLE", "{message}");
        assert_eq!(status(&anna, &accounts[0]).await.0, "PENDING", "there is nothing for its owner to mend");

        state.clear_faults();
        state.set_fault(Provider::Voltara, None, Fault::Flapping);
        for _ in 0..12 {
            app.pass(Duration::minutes(30));
            app.settle().await;
        }
        let bills = anna.bills().await;
        let distinct: std::collections::BTreeSet<_> = bills.iter().map(|b| &b.0).collect();
        assert_eq!((bills.len(), distinct.len()), (8, 8));
    }
}

/// Several workers on one PostgreSQL never fetch one account twice for one slot.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_workers_share_the_work_and_double_none() {
    if billow_tests::postgres_url().is_none() {
        return;
    }
    const ACCOUNTS: usize = 120;
    let app = TestApp::start(Engine::Postgres).await;
    let voltara = app.provider(Provider::Voltara).await;
    let state = app.sandbox.state();
    let anna = app.customer("Anna").await;
    let numbers: Vec<_> = (0..ACCOUNTS).map(|n| format!("VT2{n:07}")).collect();
    for (n, number) in numbers.iter().enumerate() {
        // One person adds at most thirty accounts an hour.
        if n > 0 && n % 30 == 0 {
            app.pass(Duration::minutes(61));
        }
        state.add_account(Provider::Voltara, number).expect("an account");
        state.issue_bill(Provider::Voltara, number, None).expect("a bill");
        anna.add_account(&voltara, None, "consumer_number", number).await;
    }
    let mut workers = Vec::new();
    for n in 2..6 {
        workers.push(app.another_process(n).await);
    }
    let runs = workers.iter().map(|w| async move { while w.fetching.fetch_due().await.expect("fetching").fetched > 0 {} });
    futures::future::join_all(runs).await;
    for number in &numbers {
        assert_eq!(state.fetches(Provider::Voltara, number), 1, "{number}");
    }
    settle(&app.billing).await;
    let bills = anna.run("{ viewer { customer { summary { openCount } } } }", json!({})).await;
    assert_eq!(bills["viewer"]["customer"]["summary"]["openCount"], json!(ACCOUNTS));
}
