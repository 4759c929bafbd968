use billow_billing::messages::PreferencesChange;
use billow_entities::{BillStatus, NotificationKind, utility_account};

use super::*;
use crate::common::{Bench, on_both};

on_both!(
    a_bill_is_reminded_of_until_it_is_paid,
    every_step_is_told_once_and_then_it_ends,
    after_a_pause_only_the_newest_step_is_told,
    several_processes_tell_each_step_once,
    reminders_come_at_the_customer_s_hour_and_follow_their_wishes,
    whoever_joins_is_reminded_and_whoever_leaves_is_not,
    a_plan_is_reminded_of_with_what_can_be_bought,
);

async fn a_bill_is_reminded_of_until_it_is_paid(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let account = account(&bench, &ada, None).await;
    let bill = bill(&bench, &account, "2026-11-25").await;
    digest(&bench).await;
    bench.billing.messages.deliver_due().await.expect("sent");
    assert_eq!(waiting(&bench).await, ["-3 11-22T09:00"], "the step that is over is skipped");

    bench.at("2026-11-22T08:59:59Z");
    assert_eq!(bench.billing.messages.remind_due().await.expect("reminded"), 0);
    bench.at("2026-11-22T09:00:00Z");
    assert_eq!(bench.billing.messages.remind_due().await.expect("reminded"), 1);
    let told = notes(&bench).await.pop().expect("told");
    assert_eq!(
        (told.kind, &told.data["step_days"], &told.data["anchor"]),
        (NotificationKind::BillReminder, &json!(-3), &json!("2026-11-25"))
    );
    assert_eq!(waiting(&bench).await, ["-1 11-24T09:00"]);

    // Paid between the message and its mail.
    save(&bench, bill::Model { status: BillStatus::PaidElsewhere, ..bill }).await;
    bench.billing.messages.deliver_due().await.expect("sent");
    assert_eq!(standing(&bench).await, ["EMAIL SENT", "EMAIL SKIPPED"]);
    // The event is still to come, and the reminder looks for itself.
    bench.at("2026-11-24T09:00:00Z");
    assert_eq!(bench.billing.messages.remind_due().await.expect("reminded"), 0);
    assert_eq!(waiting(&bench).await, Vec::<String>::new());
}

async fn every_step_is_told_once_and_then_it_ends(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let account = account(&bench, &ada, None).await;
    bill(&bench, &account, "2026-12-01").await;
    digest(&bench).await;
    let mut steps = Vec::new();
    for _ in 0..20 * 24 {
        bench.clock.advance(chrono::Duration::hours(1));
        if bench.billing.messages.remind_due().await.expect("reminded") > 0 {
            let told = notes(&bench).await.pop().expect("told");
            steps.push(format!("{} {}", told.data["step_days"], bench.billing.kernel.clock.now().format("%m-%dT%H")));
        }
    }
    assert_eq!(steps, ["-7 11-24T09", "-3 11-28T09", "-1 11-30T09", "0 12-01T09", "1 12-02T09", "3 12-04T09"]);
    assert_eq!(waiting(&bench).await, Vec::<String>::new());
}

async fn after_a_pause_only_the_newest_step_is_told(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let account = account(&bench, &ada, None).await;
    bill(&bench, &account, "2026-12-01").await;
    digest(&bench).await;
    bench.at("2026-12-01T20:00:00Z");
    assert_eq!(bench.billing.messages.remind_due().await.expect("reminded"), 1);
    let told = notes(&bench).await.pop().expect("told");
    assert_eq!(told.data["step_days"], 0);
    assert_eq!(waiting(&bench).await, ["1 12-02T09:00"]);
}

async fn several_processes_tell_each_step_once(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let account = account(&bench, &ada, None).await;
    for _ in 0..150 {
        bill(&bench, &account, "2026-12-01").await;
    }
    digest(&bench).await;
    let told_before = notes(&bench).await.len();
    bench.at("2026-11-24T09:00:00Z");
    let (second, third) = (bench.another("worker-2").await, bench.another("worker-3").await);
    let (a, b, c) = tokio::join!(bench.billing.messages.remind_due(), second.messages.remind_due(), third.messages.remind_due());
    let mut told = a.expect("reminded") + b.expect("reminded") + c.expect("reminded");
    // A process that found everything taken leaves the rest to the next wake-up.
    told += bench.billing.messages.remind_due().await.expect("reminded");
    assert_eq!(told, 150);
    assert_eq!(notes(&bench).await.len() - told_before, 150);
    assert!(waiting(&bench).await.iter().all(|w| w == "-3 11-28T09:00"));
}

async fn reminders_come_at_the_customer_s_hour_and_follow_their_wishes(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let ada = save(&bench, customer::Model { time_zone: "Asia/Kolkata".into(), ..ada }).await;
    let actor = actor_of(&bench, &ada).await;
    let account = account(&bench, &ada, None).await;
    bill(&bench, &account, "2026-12-01").await;
    digest(&bench).await;
    assert_eq!(waiting(&bench).await, ["-7 11-24T03:30"]);

    let change = PreferencesChange { reminder_hour: Some(18), lead_days: Some(vec![-2, 5]), ..PreferencesChange::default() };
    bench.billing.messages.update_preferences(&actor, None, change).await.expect("changed");
    assert_eq!(waiting(&bench).await, ["-2 11-29T12:30"]);

    save(&bench, customer::Model { time_zone: "America/New_York".into(), ..ada.clone() }).await;
    let event = Event::CustomerUpdated(CustomerEventData { change: CustomerChange::Updated, fields: None });
    emit(&bench, ada.id, event, Some(ada.id), None).await;
    digest(&bench).await;
    assert_eq!(waiting(&bench).await, ["-2 11-29T23:00"]);

    let none = PreferencesChange { lead_days: Some(vec![]), ..PreferencesChange::default() };
    bench.billing.messages.update_preferences(&actor, None, none).await.expect("changed");
    assert_eq!(waiting(&bench).await, Vec::<String>::new());

    // A wish at the very moment a reminder is due does not swallow it.
    let usual = PreferencesChange { lead_days: Some(vec![-2, 5]), ..PreferencesChange::default() };
    bench.billing.messages.update_preferences(&actor, None, usual.clone()).await.expect("changed");
    bench.at("2026-11-29T23:00:00Z");
    bench.billing.messages.update_preferences(&actor, None, usual).await.expect("changed");
    assert_eq!(bench.billing.messages.remind_due().await.expect("reminded"), 1);
}

async fn whoever_joins_is_reminded_and_whoever_leaves_is_not(bench: Bench) {
    let (ada, bob) = (customer(&bench, "Ada").await, customer(&bench, "Bob").await);
    let flat = home(&bench, &[&ada]).await;
    let account = account(&bench, &ada, Some(flat)).await;
    bill(&bench, &account, "2026-12-01").await;
    digest(&bench).await;
    assert_eq!(waiting(&bench).await.len(), 1);
    join(&bench, flat, &bob).await;
    let event = Event::PropertyUpdated(PropertyEventData { change: PropertyChange::Shared, customer_id: None });
    emit(&bench, flat, event, None, Some(flat)).await;
    digest(&bench).await;
    assert_eq!(waiting(&bench).await, ["-7 11-24T09:00", "-7 11-24T09:00"]);

    let db = bench.billing.kernel.store.write_pool();
    property_member::Entity::delete_by_id((flat, bob.id)).exec(db).await.expect("left");
    bench.at("2026-11-24T09:00:00Z");
    assert_eq!(bench.billing.messages.remind_due().await.expect("reminded"), 1, "who left is not told, even before the event was digested");
    assert_eq!(notes(&bench).await.pop().and_then(|n| n.customer_id), Some(ada.id));
    assert_eq!(waiting(&bench).await.len(), 1);
}

async fn a_plan_is_reminded_of_with_what_can_be_bought(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let account = account(&bench, &ada, None).await;
    let provider =
        provider::Entity::find_by_id(account.provider_id).one(bench.billing.kernel.store.write_pool()).await.expect("read").expect("one");
    plan(&bench, &provider, "M90", 2_500).await;
    plan(&bench, &provider, "M30", 999).await;
    let ends = |on: &str| utility_account::Model {
        plan_code: Some("M90".into()),
        plan_expires_on: Some(day(on)),
        plan_balance_minor: Some(120),
        ..account.clone()
    };
    let told = || Event::AccountUpdated(AccountEventData::of(&account, AccountChange::Fetched, Some(account.status)));
    save(&bench, ends("2026-11-28")).await;
    emit(&bench, account.id, told(), Some(ada.id), None).await;
    digest(&bench).await;
    assert_eq!(waiting(&bench).await, ["-3 11-25T09:00"]);
    bench.at("2026-11-25T09:00:00Z");
    assert_eq!(bench.billing.messages.remind_due().await.expect("reminded"), 1);
    let note = notes(&bench).await.pop().expect("told");
    assert_eq!(note.kind, NotificationKind::PlanReminder);
    assert_eq!(note.data["plan"]["name"], "Plan M90");
    assert_eq!(note.data["plan"]["balance"], json!({"amount_minor": 120, "currency": "EUR"}));
    let offered: Vec<_> =
        note.data["plans"].as_array().expect("plans").iter().map(|p| (p["code"].clone(), p["price"]["amount_minor"].clone())).collect();
    assert_eq!(offered, [(json!("M30"), json!(999)), (json!("M90"), json!(2500))]);

    // Recharged before the mail went out: nothing is sent, and the next reminder belongs to the new end.
    save(&bench, ends("2027-02-26")).await;
    bench.billing.messages.deliver_due().await.expect("sent");
    assert_eq!(standing(&bench).await, ["EMAIL SKIPPED"]);
    emit(&bench, account.id, told(), Some(ada.id), None).await;
    digest(&bench).await;
    assert_eq!(waiting(&bench).await, ["-7 02-19T09:00"]);

    // Nobody was there while the plan ended: that it ends is no news any more.
    bench.at("2027-02-28T09:00:00Z");
    assert_eq!(bench.billing.messages.remind_due().await.expect("reminded"), 0);
    assert_eq!(waiting(&bench).await, Vec::<String>::new());
}
