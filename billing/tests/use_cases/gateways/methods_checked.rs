//! Methods whose bank takes its time, and cards that end.

use billow_billing::events::kind;
use billow_billing::methods::expires_soon;
use billow_billing::ports::{Decline, SetupState};
use chrono::Duration;
use sea_orm::IntoActiveModel as _;

use super::methods::method_now;
use super::*;
use crate::common::gateway::Fate;
use crate::common::on_both;

on_both!(
    a_direct_debit_is_checked_more_and_more_seldom_until_the_bank_says_yes,
    a_direct_debit_the_bank_refuses_tells_why,
    what_is_not_confirmed_in_seven_days_fails_and_may_still_become_ready,
    two_workers_ask_once,
    a_setup_whose_process_died_fails,
    what_was_removed_while_the_bank_was_asked_is_forgotten_when_it_is_known,
    owners_of_cards_that_end_are_told_30_and_7_days_before,
);

async fn debit_in_check(bench: &Bench) -> (Actor, payment_method::Model) {
    gateway(bench, "cards", 1).await;
    let (_, anna) = somebody(bench, "Anna").await;
    bench.ports.gateway.setups_next([Fate::Processing]);
    let method = bench.billing.methods.start_setup(&anna, by_page(MethodKind::DirectDebit)).await.expect("begun");
    assert_eq!((method.status, method.is_default), (MethodStatus::Checking, false));
    (anna, method)
}

/// Goes to the next check and makes it; answers how many seconds that took.
async fn next_check(bench: &Bench, id: PaymentMethodId) -> i64 {
    let now = bench.billing.kernel.clock.now();
    let due = method_now(bench, id).await.check_at.expect("due");
    bench.clock.set(due - Duration::milliseconds(1));
    assert_eq!(bench.billing.methods.check_methods_due().await.expect("checked"), 0, "not before its time");
    bench.clock.set(due);
    assert_eq!(bench.billing.methods.check_methods_due().await.expect("checked"), 1);
    (due - now).num_seconds()
}

async fn a_direct_debit_is_checked_more_and_more_seldom_until_the_bank_says_yes(bench: Bench) {
    let (anna, method) = debit_in_check(&bench).await;
    let mut waits = Vec::new();
    for n in 0..5 {
        if n == 2 {
            bench.ports.gateway.asks_next([Fate::LostBefore]);
        }
        waits.push(next_check(&bench, method.id).await);
        assert_eq!(method_now(&bench, method.id).await.status, MethodStatus::Checking);
    }
    assert_eq!(waits, [10, 60, 600, 3_600, 86_400]);
    bench.ports.gateway.set_setup_state(method.setup_id.as_deref().expect("a setup"), SetupState::Ready);
    next_check(&bench, method.id).await;
    let ready = bench.billing.methods.payment_method(&anna, method.id).await.expect("a method");
    assert_eq!((ready.status, ready.is_default, ready.check_at, ready.lease_until), (MethodStatus::Ready, true, None, None));
    assert!(ready.mandate_id.is_some());
    let statuses: Vec<_> = told(&bench, kind::METHOD_UPDATED).await.into_iter().map(|data| data["status"].clone()).collect();
    assert_eq!(statuses, ["CHECKING", "READY"], "only what changed is told");
}

async fn a_direct_debit_the_bank_refuses_tells_why(bench: Bench) {
    let (anna, method) = debit_in_check(&bench).await;
    let no = Decline { kind: DeclineKind::InvalidMethod, code: Some("account_closed".into()), message: "the account was closed".into() };
    bench.ports.gateway.set_setup_state(method.setup_id.as_deref().expect("a setup"), SetupState::Failed(no));
    next_check(&bench, method.id).await;
    let failed = bench.billing.methods.payment_method(&anna, method.id).await.expect("a method");
    assert_eq!((failed.status, failed.check_at), (MethodStatus::Failed, None));
    assert!(failed.status_reason.is_some_and(|why| why.contains("wrong or closed")));
    let event = told(&bench, kind::METHOD_UPDATED).await.pop().expect("an event");
    assert_eq!((event["status"].as_str(), event["reason"].is_string()), (Some("FAILED"), true));
}

async fn what_is_not_confirmed_in_seven_days_fails_and_may_still_become_ready(bench: Bench) {
    let (anna, method) = debit_in_check(&bench).await;
    let mut checks = 0;
    while method_now(&bench, method.id).await.check_at.is_some() {
        next_check(&bench, method.id).await;
        checks += 1;
    }
    assert_eq!(checks, 11);
    let failed = method_now(&bench, method.id).await;
    assert_eq!(failed.status, MethodStatus::Failed);
    assert_eq!(bench.billing.kernel.clock.now(), failed.created_at + Duration::days(7));
    // The bank says yes on the eighth day after all.
    bench.ports.gateway.set_setup_state(method.setup_id.as_deref().expect("a setup"), SetupState::Ready);
    assert_eq!(bench.billing.methods.complete_setup(&anna, method.id).await.expect("asked").status, MethodStatus::Ready);
}

async fn two_workers_ask_once(bench: Bench) {
    let (_, method) = debit_in_check(&bench).await;
    bench.clock.set(method.check_at.expect("due"));
    let other = bench.another("worker-2").await;
    let (one, two) = tokio::join!(bench.billing.methods.check_methods_due(), other.methods.check_methods_due());
    assert_eq!((one.expect("checked") + two.expect("checked"), bench.ports.gateway.ask_calls()), (1, 1));
    assert_eq!(method_now(&bench, method.id).await.fence, 1);
}

async fn a_setup_whose_process_died_fails(bench: Bench) {
    let (_, method) = debit_in_check(&bench).await;
    let mut row = method.into_active_model();
    row.setup_id = Set(None);
    row.check_at = Set(Some(bench.billing.kernel.clock.now() + Duration::minutes(3)));
    let died = row.update(bench.billing.kernel.store.write_pool()).await.expect("written");
    assert_eq!(bench.billing.methods.check_methods_due().await.expect("checked"), 0, "it may still be at work");
    next_check(&bench, died.id).await;
    let failed = method_now(&bench, died.id).await;
    assert_eq!((failed.status, failed.check_at), (MethodStatus::Failed, None));
}

async fn what_was_removed_while_the_bank_was_asked_is_forgotten_when_it_is_known(bench: Bench) {
    let (anna, method) = debit_in_check(&bench).await;
    bench.billing.methods.remove_method(&anna, method.id).await.expect("removed");
    next_check(&bench, method.id).await;
    assert_eq!(bench.ports.gateway.forgotten(), Vec::<String>::new(), "there is nothing to forget yet");
    bench.ports.gateway.set_setup_state(method.setup_id.as_deref().expect("a setup"), SetupState::Ready);
    next_check(&bench, method.id).await;
    let gone = method_now(&bench, method.id).await;
    assert_eq!(bench.ports.gateway.forgotten(), [gone.external_id.clone().expect("an id")]);
    assert_eq!((gone.status, gone.is_default, gone.check_at), (MethodStatus::Removed, false, None));
}

async fn owners_of_cards_that_end_are_told_30_and_7_days_before(bench: Bench) {
    gateway(&bench, "cards", 1).await;
    let (_, anna) = somebody(&bench, "Anna").await;
    // They all end in December 2030.
    let card = bench.billing.methods.start_setup(&anna, by_token()).await.expect("saved");
    let removed = bench.billing.methods.start_setup(&anna, by_token()).await.expect("saved");
    bench.billing.methods.remove_method(&anna, removed.id).await.expect("removed");
    let before = told(&bench, kind::METHOD_UPDATED).await.len();
    let mut seen = Vec::new();
    for day in ["2030-11-30", "2030-12-01", "2030-12-02", "2030-12-23", "2030-12-25", "2030-12-31", "2031-01-02"] {
        bench.clock.set(format!("{day}T06:00:00Z").parse().expect("an instant"));
        let told_now = bench.billing.methods.tell_expiring_cards().await.expect("told");
        assert_eq!(bench.billing.methods.tell_expiring_cards().await.expect("told"), 0, "once a step");
        seen.push((day, told_now));
        let today = day.parse().expect("a date");
        assert_eq!(expires_soon(&card, today), day != "2030-11-30", "{day}");
    }
    assert_eq!(
        seen,
        [
            ("2030-11-30", 0),
            ("2030-12-01", 1),
            ("2030-12-02", 0),
            ("2030-12-23", 0),
            ("2030-12-25", 1),
            ("2030-12-31", 0),
            ("2031-01-02", 0)
        ]
    );
    let events = told(&bench, kind::METHOD_UPDATED).await.split_off(before);
    let days: Vec<_> = events.iter().map(|data| data["expiring"].as_i64()).collect();
    assert_eq!(days, [Some(30), Some(6)]);
    assert!(events.iter().all(|data| data["method_id"] == card.id.to_string().as_str() && data["last4"] == "4242"));
}
