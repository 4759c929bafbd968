//! Reminders: before, on and after the due date, in the customer's time zone, once to each device, and none for a bill
//! that is over.

use billow_sandbox::{Bill, Provider, PushFault};
use billow_tests::{Client, TestApp, both};
use chrono::{Days, Duration, NaiveDate};
use serde_json::json;

/// A bill that is due on a day; issued through the sandbox and fetched.
async fn bill_due(app: &TestApp, customer: &Client, account: &str, number: &str, due_on: NaiveDate) -> Bill {
    let state = app.sandbox.state();
    let mut bill = state.issue_bill(Provider::Voltara, number, Some(7_700)).expect("a bill");
    bill.due_on = due_on;
    state.put_bill(Provider::Voltara, number, bill.clone()).expect("stored");
    customer.fetch_now(account).await;
    app.settle().await;
    bill
}

/// Goes through the days hour by hour with all jobs; answers at which local hours pushes of reminders came.
async fn days(app: &TestApp, device: &str, count: i64) -> Vec<String> {
    app.sandbox.state().clear_outbox();
    let mut seen = Vec::new();
    for _ in 0..count * 24 {
        app.pass(Duration::hours(1));
        app.settle().await;
        let pushes = app.sandbox.state().pushes_for(device);
        for _ in seen.len()..pushes.len() {
            seen.push(app.now().with_timezone(&chrono_tz::Europe::Berlin).format("%Y-%m-%d %H").to_string());
        }
    }
    seen
}

both! {
    async fn come_seven_three_and_one_days_before_on_the_day_and_one_and_three_days_after(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let phone = app.device(&anna, "phone").await;
        let due = NaiveDate::from_ymd_opt(2026, 12, 3).expect("a date");
        bill_due(&app, &anna, &account, "VT10000001", due).await;
        let seen = days(&app, &phone, 18).await;
        let wanted: Vec<_> = [-7i64, -3, -1, 0, 1, 3].iter().map(|step| format!("{} 09", due + Duration::days(*step))).collect();
        assert_eq!(seen, wanted);
        let push = app.sandbox.state().pushes_for(&phone).pop().expect("a push");
        let text = format!("{push:?}");
        assert!(text.contains("77") && text.contains("Voltara"), "the details are there: {text}");
    }

    async fn stop_when_the_bill_is_paid_elsewhere(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let phone = app.device(&anna, "phone").await;
        let due = app.now().date_naive() + Days::new(8);
        let bill = bill_due(&app, &anna, &account, "VT10000001", due).await;
        assert_eq!(days(&app, &phone, 2).await.len(), 1, "seven days before");
        app.sandbox.state().mark_paid(Provider::Voltara, "VT10000001", &bill.number).expect("paid");
        anna.fetch_now(&account).await;
        app.settle().await;
        assert_eq!(days(&app, &phone, 14).await, Vec::<String>::new());
    }

    async fn are_not_sent_twice_when_the_answer_of_the_push_service_is_lost(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let phone = app.device(&anna, "phone").await;
        bill_due(&app, &anna, &account, "VT10000001", app.now().date_naive() + Days::new(8)).await;
        app.sandbox.state().set_push_fault(&phone, Some(PushFault::LostAnswer)).expect("a fault");
        assert_eq!(days(&app, &phone, 2).await.len(), 1, "it got through, its answer did not");
    }

    async fn to_a_browser_that_is_gone_end_and_the_device_is_forgotten(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let gone = app.device(&anna, "old phone").await;
        let phone = app.device(&anna, "phone").await;
        app.sandbox.state().set_push_fault(&gone, Some(PushFault::Gone)).expect("a fault");
        bill_due(&app, &anna, &account, "VT10000001", app.now().date_naive() + Days::new(8)).await;
        let devices = anna.run("{ viewer { pushSubscriptions { label disabledReason } } }", json!({})).await;
        let devices = devices["viewer"]["pushSubscriptions"].as_array().expect("devices").clone();
        let usable: Vec<_> = devices.iter().filter(|d| d["disabledReason"].is_null()).map(|d| d["label"].clone()).collect();
        assert_eq!(usable, [json!("phone")]);
        assert_eq!(app.sandbox.state().pushes_for(&phone).len(), 1);
    }

    async fn survive_a_service_that_is_busy(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let phone = app.device(&anna, "phone").await;
        app.sandbox.state().set_push_fault(&phone, Some(PushFault::TooManyRequests { retry_after_s: 30 })).expect("a fault");
        bill_due(&app, &anna, &account, "VT10000001", app.now().date_naive() + Days::new(8)).await;
        assert!(app.sandbox.state().pushes_for(&phone).is_empty());
        app.sandbox.state().set_push_fault(&phone, None).expect("mended");
        app.pass(Duration::minutes(10));
        app.settle().await;
        assert_eq!(app.sandbox.state().pushes_for(&phone).len(), 1);
    }
}
