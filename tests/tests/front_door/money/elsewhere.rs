//! Bills that were paid, but not through Billow: a provider's history, and what people say of their bills.

use billow_entities::Role;
use billow_sandbox::Provider;
use billow_tests::{Client, TestApp, both, text};
use chrono::Duration;
use serde_json::{Value, json};

const MARK: &str = "mutation($input: MarkBillsPaidElsewhereInput!) { markBillsPaidElsewhere(input: $input) { \
     bills { id status statusReason markedBy remaining { formatted } } userErrors { code message path } } }";
const UNDO: &str = "mutation($input: UndoPaidElsewhereInput!) { undoPaidElsewhere(input: $input) { \
     bills { id status statusReason markedBy } userErrors { code message path } } }";
const OWED: &str = "{ viewer { unreadNotifications customer { summary { due { formatted } openCount overdueCount beingPaidCount } } } \
     open: bills(filter: {state: OPEN}) { nodes { id status } } paid: bills(filter: {state: PAID}) { nodes { id status } } \
     all: bills(first: 100) { nodes { id number status statusReason markedBy overdue quote { payable reasonCode } } } }";
const FEED: &str = "5550001";

fn these(ids: &[&str]) -> Value {
    json!({"input": {"billIds": ids}})
}

/// How many bills there are of each status.
fn statuses(shown: &Value) -> (usize, usize, usize) {
    let all = shown["all"]["nodes"].as_array().expect("bills");
    let count = |status: &str| all.iter().filter(|bill| bill["status"] == status).count();
    (count("OPEN"), count("HISTORY"), count("PAID_ELSEWHERE"))
}

async fn due(who: &Client) -> Value {
    who.run(OWED, json!({})).await["viewer"]["customer"]["summary"]["due"].take()
}

both! {
    async fn a_feed_that_does_not_say_what_was_paid_brings_history_and_one_bill_to_pay(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        app.sandbox.state().seed_history(Provider::Greenwatt, FEED, 18).expect("a history");
        let greenwatt = app.provider(Provider::Greenwatt).await;
        let anna = app.customer("Anna").await;
        let phone = app.device(&anna, "phone").await;
        let home = anna.add_property("Home").await;
        let account = anna.add_account(&greenwatt, Some(&home), "subscription", FEED).await;
        app.settle().await;
        let shown = anna.run(OWED, json!({})).await;
        assert_eq!(statuses(&shown), (1, 17, 0), "{shown}");
        let sums = &shown["viewer"]["customer"]["summary"];
        assert_eq!((&sums["openCount"], &sums["overdueCount"]), (&json!(1), &json!(0)), "{sums}");
        let all = shown["all"]["nodes"].as_array().expect("bills");
        assert_eq!(all[0]["status"], "OPEN", "the latest is to be paid");
        assert_eq!(all[0]["quote"]["payable"], true, "{}", all[0]);
        for bill in &all[1..] {
            assert_eq!((&bill["quote"]["payable"], &bill["quote"]["reasonCode"]), (&json!(false), &json!("HISTORY")), "{bill}");
            assert_eq!((&bill["overdue"], &bill["markedBy"]), (&json!(false), &Value::Null), "{bill}");
        }
        assert_eq!(app.sandbox.state().pushes_for(&phone).len(), 1, "one message for the whole of it");
        // What was billed counts as spent all the same.
        let spend = anna.run("{ spendByPeriod(months: 24) { bills } }", json!({})).await;
        let billed: i64 = spend["spendByPeriod"].as_array().expect("months").iter().filter_map(|m| m["bills"].as_i64()).sum();
        assert_eq!(billed, 18, "{spend}");

        // The same again, and the next one: nothing old becomes due.
        app.pass(Duration::days(1));
        anna.fetch_now(&account).await;
        app.settle().await;
        assert_eq!(statuses(&anna.run(OWED, json!({})).await), (1, 17, 0));
        app.pass(Duration::days(29));
        app.sandbox.state().issue_bill(Provider::Greenwatt, FEED, Some(4_444)).expect("a bill");
        anna.fetch_now(&account).await;
        app.settle().await;
        assert_eq!(statuses(&anna.run(OWED, json!({})).await), (2, 17, 0));

        // History that is still to be paid is opened again, and can be paid.
        let old = text(&all[17]["id"]);
        let opened = anna.must(UNDO, these(&[&old])).await;
        assert_eq!(opened["bills"][0]["status"], "OPEN", "{opened}");
        let card = anna.save_card().await;
        let paid = anna.pay(&[&old], "history-after-all", json!({"paymentMethodId": card})).await;
        assert_eq!(paid["status"], "SUCCEEDED");
    }

    async fn a_provider_decides_what_its_old_bills_are(engine) {
        let app = TestApp::start(engine).await;
        app.sandbox.state().seed_history(Provider::Greenwatt, FEED, 5).expect("a history");
        let greenwatt = app.provider_with(Provider::Greenwatt, |definition| definition["history"] = json!("AS_BILLS")).await;
        let anna = app.customer("Anna").await;
        anna.add_account(&greenwatt, None, "subscription", FEED).await;
        app.settle().await;
        assert_eq!(statuses(&anna.run(OWED, json!({})).await), (5, 0, 0), "as the administrator wants it");

        // One that says what was paid is believed, whatever the setting.
        app.sandbox.state().seed_history(Provider::Voltara, "VT10000009", 5).expect("a history");
        let voltara = app.provider_with(Provider::Voltara, |definition| definition["history"] = json!("AS_HISTORY")).await;
        let ben = app.customer("Ben").await;
        ben.add_account(&voltara, None, "consumer_number", "VT10000009").await;
        app.settle().await;
        assert_eq!(statuses(&ben.run(OWED, json!({})).await), (1, 0, 4));
    }

    async fn bills_are_marked_as_paid_elsewhere_and_opened_again_together(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let number = "VT10000001";
        let state = app.sandbox.state();
        for amount in [1_000, 2_000, 3_000] {
            state.issue_bill(Provider::Voltara, number, Some(amount)).expect("a bill");
        }
        let (anna, account) = app.customer_with_electricity("Anna", number).await;
        let phone = app.device(&anna, "phone").await;
        let bills = anna.open_bills().await;
        let [a, b, c] = [&bills[0], &bills[1], &bills[2]].map(String::as_str);
        let mut updates = anna.subscribe("subscription { billUpdated { bill { id status markedBy } } }", json!({})).await;

        let marked = anna.must(MARK, these(&[b, a])).await;
        let same = |id: &str| json!({"id": id, "status": "PAID_ELSEWHERE", "statusReason": "It was marked as paid elsewhere.",
            "markedBy": "CUSTOMER", "remaining": {"formatted": "€0.00"}});
        assert_eq!(marked["bills"], json!([same(b), same(a)]), "in the order in which they were named");
        app.settle().await;
        let seen = updates.next().await;
        assert_eq!(seen["billUpdated"]["bill"]["status"], "PAID_ELSEWHERE", "{seen}");
        assert_eq!(anna.open_bills().await, [c.to_owned()]);
        let shown = anna.run(OWED, json!({})).await;
        assert_eq!(shown["viewer"]["customer"]["summary"]["openCount"], 1, "{shown}");
        assert_eq!(shown["paid"]["nodes"].as_array().map(Vec::len), Some(2));
        // Said once more, it is the same; what cannot be paid cannot be paid twice.
        assert_eq!(anna.must(MARK, these(&[a])).await["bills"][0]["status"], "PAID_ELSEWHERE");
        let card = anna.save_card().await;
        let refused = anna.try_pay(&[a], "marked-as-paid", json!({"paymentMethodId": card})).await;
        assert_eq!(refused["userErrors"][0]["code"], "NOT_PAYABLE", "{refused}");

        // The provider still says that they are open: what Anna says counts. The amount goes down: it stays. It goes up: no.
        anna.fetch_now(&account).await;
        app.settle().await;
        assert_eq!(anna.open_bills().await.len(), 1);
        let marked = anna.run("query($id: ID!) { bill(id: $id) { number amount { amountMinor } } }", json!({"id": a})).await;
        let marked_number = text(&marked["bill"]["number"]);
        let amount: i64 = text(&marked["bill"]["amount"]["amountMinor"]).parse().expect("an amount");
        app.sandbox.state().correct_bill(Provider::Voltara, number, &marked_number, amount - 100).expect("corrected");
        anna.fetch_now(&account).await;
        app.settle().await;
        assert_eq!(anna.open_bills().await.len(), 1, "less than what was paid");
        app.sandbox.state().clear_outbox();
        app.sandbox.state().correct_bill(Provider::Voltara, number, &marked_number, amount + 500).expect("corrected");
        anna.fetch_now(&account).await;
        app.settle().await;
        let shown = anna.run(OWED, json!({})).await;
        let raised = shown["all"]["nodes"].as_array().expect("bills").iter().find(|bill| bill["number"] == marked_number.as_str()).cloned();
        let raised = raised.expect("the bill");
        assert_eq!((&raised["status"], &raised["markedBy"]), (&json!("OPEN"), &Value::Null), "{raised}");
        assert_eq!(app.sandbox.state().pushes_for(&phone).len(), 1, "the correction is told");

        // Opened again, all at once.
        let undone = anna.must(UNDO, these(&[a, b])).await;
        assert!(undone["bills"].as_array().expect("bills").iter().all(|bill| bill["status"] == "OPEN"), "{undone}");
        assert_eq!(anna.open_bills().await.len(), 3);
        app.books_agree().await;
    }

    async fn what_cannot_be_marked_says_why_and_nothing_of_it_is(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let number = "VT10000001";
        for amount in [1_000, 2_000, 3_000] {
            app.sandbox.state().issue_bill(Provider::Voltara, number, Some(amount)).expect("a bill");
        }
        let (anna, account) = app.customer_with_electricity("Anna", number).await;
        let bills = anna.open_bills().await;
        let [open, paid, paying] = [&bills[0], &bills[1], &bills[2]].map(String::as_str);
        let card = anna.save_card().await;
        anna.pay(&[paid], "paid-here-0001", json!({"paymentMethodId": card})).await;
        let debit = anna.save_method("DIRECT_DEBIT", "pm_sepaDebit_processing").await;
        app.settle().await;
        anna.pay(&[paying], "under-way-0001", json!({"paymentMethodId": debit})).await;
        app.settle().await;
        let nobody = "bill_01kb0000000000000000000000";
        assert_eq!(
            anna.refused(MARK, these(&[open, paid, paying])).await,
            ["billIds.1: ILLEGAL_STATE", "billIds.2: PAYMENT_IN_PROGRESS"],
        );
        assert_eq!(anna.refused(MARK, these(&[open, nobody, open])).await, ["billIds.1: NOT_FOUND", "billIds.2: DUPLICATE"]);
        assert_eq!(anna.refused(MARK, these(&["nonsense"])).await, ["billIds.0: INVALID_ID"]);
        assert_eq!(anna.refused(MARK, these(&[])).await, ["billIds: REQUIRED"]);
        assert_eq!(anna.refused(MARK, these(&[open; 101])).await, ["billIds: TOO_MANY"]);
        assert_eq!(anna.refused(UNDO, these(&[paid])).await, ["billIds.0: ILLEGAL_STATE"]);
        assert_eq!(anna.open_bills().await, [open.to_owned()], "nothing was marked");

        // What the provider itself says cannot be undone, and what others have cannot be touched.
        let told = app.sandbox.state().bills(Provider::Voltara, number);
        let open_number = &anna.run("query($id: ID!) { bill(id: $id) { number } }", json!({"id": open})).await["bill"]["number"];
        let open_number = told.iter().map(|bill| bill.number.clone()).find(|n| open_number == n).expect("the bill");
        app.sandbox.state().mark_paid(Provider::Voltara, number, &open_number).expect("paid");
        anna.fetch_now(&account).await;
        app.settle().await;
        assert_eq!(anna.refused(UNDO, these(&[open])).await, ["billIds.0: ILLEGAL_STATE"]);
        let ben = app.customer("Ben").await;
        assert_eq!(ben.refused(MARK, these(&[open])).await, ["billIds.0: NOT_FOUND"]);
        assert_eq!(app.anonymous().fault(MARK, these(&[open])).await, "UNAUTHENTICATED");
    }

    async fn a_home_s_members_and_operators_mark_bills_as_far_as_they_may_pay_them(engine) {
        let app = TestApp::start(engine).await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 1_000).await;
        let home = text(&anna.run("{ viewer { customer { properties { id } } } }", json!({})).await["viewer"]["customer"]["properties"][0]["id"]);
        let (viewer, payer) = (app.customer("Vera").await, app.customer("Paul").await);
        for (who, role) in [(&viewer, "VIEWER"), (&payer, "PAYER")] {
            anna.share(&home, who, role).await;
        }
        assert_eq!(viewer.refused(MARK, these(&[&bill])).await, ["billIds.0: FORBIDDEN"]);
        assert_eq!(payer.must(MARK, these(&[&bill])).await["bills"][0]["markedBy"], "CUSTOMER");
        assert_eq!(due(&anna).await, json!([]), "for everybody in the home");
        payer.must(UNDO, these(&[&bill])).await;

        let operator = app.staff(Role::Operator).await;
        let marked = operator.must(MARK, these(&[&bill])).await;
        assert_eq!(marked["bills"][0]["markedBy"], "OPERATOR", "{marked}");
        let admin = app.staff(Role::Admin).await;
        let trail = "query($subject: ID) { auditEntries(subject: $subject) { nodes { action } } }";
        let trail = admin.run(trail, json!({"subject": bill})).await;
        let actions: Vec<_> = trail["auditEntries"]["nodes"].as_array().expect("entries").iter().map(|entry| text(&entry["action"])).collect();
        assert_eq!(actions, ["bill.mark_paid_elsewhere", "bill.undo_paid_elsewhere", "bill.mark_paid_elsewhere"], "the newest first");
    }
}
