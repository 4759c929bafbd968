//! Prepaid: the plan is shown, its end is announced with what can be bought, and a recharge moves everything.

use billow_sandbox::{PLANS, Provider};
use billow_tests::{Client, TestApp, both, stable, stable_text, text};
use chrono::{Days, Duration, NaiveDate};
use serde_json::{Value, json};

const LINE: &str = "+491713920001";
const PLAN: &str = "query($id: ID!) { utilityAccount(id: $id) { status lastOutcome plan { code expiresOn daysLeft balance { amountMinor } plan { name validityDays price { formatted } benefits } } \
     provider { prepaid rechargePlans { code name description validityDays active benefits price { amountMinor currency } } } } }";

async fn plan(customer: &Client, account: &str) -> Value {
    customer.run(PLAN, json!({"id": account})).await["utilityAccount"]["plan"].take()
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Lets days go by, waking the jobs a minute before and at nine in Berlin, when reminders come; answers on which days pushes came.
async fn days(app: &TestApp, customer: &Client, device: &str, count: u64) -> Vec<NaiveDate> {
    let state = app.sandbox.state();
    let mut seen = Vec::new();
    for _ in 0..count {
        let before = state.pushes_for(device).len();
        let tomorrow = app.now().date_naive() + Days::new(1);
        let nine = tomorrow.and_hms_opt(8, 0, 0).expect("an hour").and_utc();
        app.pass(nine - Duration::minutes(1) - app.now());
        app.settle().await;
        assert_eq!(state.pushes_for(device).len(), before, "not before nine");
        app.pass(Duration::minutes(1));
        app.settle().await;
        // A sign-in that is used stays in force.
        customer.run("{ viewer { role } }", json!({})).await;
        seen.extend(std::iter::repeat_n(tomorrow, state.pushes_for(device).len() - before));
    }
    seen
}

both! {
    async fn the_plan_s_end_is_announced_with_what_can_be_bought(engine) {
        let app = TestApp::start(engine).await;
        let state = app.sandbox.state();
        let chirp = app.provider(Provider::Chirp).await;
        let anna = app.customer("Anna").await;
        let phone = app.device(&anna, "Phone").await;
        state.set_plan(LINE, "CH28", day("2026-11-30")).expect("a plan");
        let account = anna.add_account(&chirp, None, "mobile_number", LINE).await;
        app.settle().await;
        insta::assert_json_snapshot!("prepaid_plan", stable(anna.run(PLAN, json!({"id": account})).await));
        assert!(state.pushes_for(&phone).is_empty());

        // The plan ends on the 30th: seven, three and one days before, and on the day.
        state.clear_outbox();
        assert_eq!(days(&app, &anna, &phone, 12).await, [day("2026-11-23"), day("2026-11-27"), day("2026-11-29"), day("2026-11-30")]);
        let mails = state.mails_to("anna@example.com");
        assert_eq!(mails.len(), 4);
        for mail in &mails {
            let (plain, html) = (mail.text.as_deref().expect("a plain part"), mail.html.as_deref().expect("an HTML part"));
            for plan in PLANS {
                let price = format!("{}.{:02}", plan.price_minor / 100, plan.price_minor % 100);
                for part in [plain, html] {
                    assert!(part.contains(plan.name) && part.contains(&price), "{} {price}: {part}", plan.name);
                }
            }
        }
        insta::assert_snapshot!("prepaid_mail_three_days_before", stable_text(&format!("{}\n\n{}", mails[1].subject.as_deref().unwrap_or_default(), mails[1].text.as_deref().unwrap_or_default())));
        let push: Value = serde_json::from_str(&state.pushes_for(&phone)[1].payload).expect("JSON");
        insta::assert_json_snapshot!("prepaid_push_three_days_before", stable(push));
        assert_eq!(plan(&anna, &account).await["daysLeft"], -3);
    }

    async fn a_recharge_moves_the_reminders(engine) {
        let app = TestApp::start(engine).await;
        let state = app.sandbox.state();
        let chirp = app.provider(Provider::Chirp).await;
        let anna = app.customer("Anna").await;
        let phone = app.device(&anna, "Phone").await;
        state.set_plan(LINE, "CH28", day("2026-11-29")).expect("a plan");
        let account = anna.add_account(&chirp, None, "mobile_number", LINE).await;
        app.settle().await;
        assert_eq!(plan(&anna, &account).await["expiresOn"], "2026-11-29");
        assert_eq!(days(&app, &anna, &phone, 5).await, [day("2026-11-22"), day("2026-11-26")]);

        // Recharged at the provider: the next look in the morning sees it, and nothing is said about the old end.
        let line = state.recharge(LINE, "CH28").expect("recharged");
        assert_eq!(line.ends_on, day("2026-12-27"));
        let seen = days(&app, &anna, &phone, 34).await;
        assert_eq!(seen, [day("2026-12-20"), day("2026-12-24"), day("2026-12-26"), day("2026-12-27")]);
        assert_eq!(plan(&anna, &account).await["expiresOn"], "2026-12-27");
    }

    async fn a_line_that_is_not_known_asks_its_owner(engine) {
        let app = TestApp::start(engine).await;
        let chirp = app.provider(Provider::Chirp).await;
        let anna = app.customer("Anna").await;
        let account = anna.add_account(&chirp, None, "mobile_number", "+491799999999").await;
        app.settle().await;
        let data = anna.run("query($id: ID!) { utilityAccount(id: $id) { status statusReason plan { code } } }", json!({"id": account})).await;
        assert_eq!(data["utilityAccount"]["status"], "NEEDS_ATTENTION");
        assert!(!text(&data["utilityAccount"]["statusReason"]).is_empty());
        assert_eq!(data["utilityAccount"]["plan"], Value::Null);
    }
}
