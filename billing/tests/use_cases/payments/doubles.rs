//! The bugs that charge twice, each by its name.

use std::sync::Arc;

use billow_billing::Actor;
use billow_billing::payable_bills::{BillAmount, PayBills};
use billow_billing::payments::Pay;
use billow_entities::*;
use chrono::Duration;
use futures::future::join_all;
use parking_lot::Mutex;
use sea_orm::{EntityTrait, PaginatorTrait};

use crate::common::gateway::Fate;
use crate::common::{Bench, on_both};
use crate::payments::*;

on_both!(
    double_tap,
    a_hundred_taps,
    two_tabs,
    two_tabs_at_the_same_moment,
    two_workers,
    the_same_key_with_another_amount,
    a_webhook_before_the_response,
    a_retry_tapped_twice,
    a_top_up_tapped_twice,
    a_replay_while_the_first_call_is_under_way,
);

async fn taps(world: &World, count: usize) {
    let bill = world.bill(1_000).await;
    let bills = [bill];
    let made = join_all((0..count).map(|_| world.pay(&bills, "one and the same"))).await;
    let made: Vec<_> = made.into_iter().map(|m| m.expect("an answer")).collect();
    assert!(made.iter().all(|m| m.payment.id == made[0].payment.id), "everybody is told of the same payment");
    assert_eq!(made.iter().filter(|m| !m.replayed).count(), 1, "one call made it");
    assert_eq!((world.fake().charge_calls(), world.fake().paid().len()), (1, 1));
    assert_eq!(payment::Entity::find().count(world.billing().kernel.store.read()).await.expect("a count"), 1);
    assert_eq!(world.paid(bill).await, (1_000, BillStatus::Paid));
    world.prove().await;
}

async fn double_tap(bench: Bench) {
    let world = world(bench).await;
    taps(&world, 2).await;
}

async fn a_hundred_taps(bench: Bench) {
    let world = world(bench).await;
    taps(&world, 100).await;
}

async fn two_tabs(bench: Bench) {
    let world = world(bench).await;
    world.fake().charges_next([Fate::Processing]);
    let bill = world.bill(1_000).await;
    world.pay(&[bill], "the first tab").await.expect("under way");
    let second = world.pay(&[bill], "the second tab").await;
    assert_eq!(refusal(second), [("bills.0.billId".to_owned(), "PAYMENT_IN_PROGRESS".to_owned())]);
    assert_eq!(world.fake().charge_calls(), 1);
    world.prove().await;
}

async fn two_tabs_at_the_same_moment(bench: Bench) {
    let world = world(bench).await;
    for round in 0..8 {
        let bill = world.bill(1_000).await;
        let keys: Vec<String> = (0..8).map(|tab| format!("round {round} tab {tab}")).collect();
        let bills = [bill];
        let made = join_all(keys.iter().map(|key| world.pay(&bills, key))).await;
        let (paid, refused): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
        assert_eq!(paid.len(), 1, "one tab pays");
        for tab in refused {
            let code = code(tab);
            assert!(["PAYMENT_IN_PROGRESS", "NOT_PAYABLE"].contains(&code.as_str()), "{code}");
        }
        assert_eq!(world.fake().paid().len(), round + 1);
    }
    world.prove().await;
}

async fn two_workers(bench: Bench) {
    let world = world(bench).await;
    let mut ids = Vec::new();
    for number in 0..10 {
        // Written down by a process that dies before it calls.
        world.fake().charges_next([Fate::HangsBefore]);
        let bill = world.bill(100 + number).await;
        let (billing, actor, wish) = (world.billing().clone(), world.actor.clone(), by_card(&world, &[bill], &format!("payment {number}")));
        let calls = world.fake().charge_calls();
        let call = tokio::spawn(async move { billing.payments.pay(&actor, &*billing.payable_bills, wish).await });
        while world.fake().charge_calls() == calls {
            tokio::task::yield_now().await;
        }
        call.abort();
        ids.push(bill);
    }
    world.later(Duration::minutes(1));
    let calls = world.fake().charge_calls();
    let (second, third) = (world.bench.another("worker-2").await, world.bench.another("worker-3").await);
    let (a, b) = tokio::join!(second.payments.send_payments_due(), third.payments.send_payments_due());
    assert_eq!(a.expect("sent") + b.expect("sent"), 10, "each is seen to by one worker");
    assert_eq!((world.fake().charge_calls() - calls, world.fake().paid().len()), (10, 10));
    for bill in ids {
        assert_eq!(world.paid(bill).await.1, BillStatus::Paid);
    }
    world.prove().await;
}

async fn the_same_key_with_another_amount(bench: Bench) {
    let world = world_where(bench, serde_json::json!({"kind": "ANY"})).await;
    let bill = world.bill(1_000).await;
    let of = |amount| Pay {
        wanted: PayBills { bills: vec![BillAmount { bill_id: bill, amount_minor: Some(amount) }] },
        ..by_card(&world, &[], "the only key")
    };
    world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, of(400)).await.expect("paid");
    assert_eq!(code(world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, of(401)).await), "IDEMPOTENCY_KEY_REUSED");
    let replay = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, of(400)).await.expect("the first one");
    assert!(replay.replayed);
    // Somebody else's key is another key.
    let (other, stranger) = customer(world.billing()).await;
    let theirs = account(world.billing(), world.provider, other, None).await;
    let their_bill = world.bill_at(theirs, 700).await;
    let method = Some(card(world.billing(), other, world.gateway).await);
    let wish = Pay { method, ..by_card(&world, &[their_bill], "the only key") };
    assert!(!world.billing().payments.pay(&stranger, &*world.billing().payable_bills, wish).await.expect("paid").replayed);
    assert_eq!(world.fake().paid().len(), 2);
    world.prove().await;
}

async fn a_webhook_before_the_response(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let other = world.bench.another("worker-2").await;
    let seen: Arc<Mutex<Vec<PaymentStatus>>> = Arc::default();
    let heard = Arc::clone(&seen);
    world.fake().set_before_answer(Some(Arc::new(move |attempt| {
        let (other, heard) = (other.clone(), Arc::clone(&heard));
        Box::pin(async move {
            let attempt: AttemptId = attempt.parse().expect("an attempt");
            let row =
                payment_attempt::Entity::find_by_id(attempt).one(other.kernel.store.read()).await.expect("a read").expect("the attempt");
            // Another process hears of it while the call is still under way.
            let settled = other.payments.check_payment(&Actor::System, row.payment_id).await.expect("asked");
            heard.lock().push(settled.status);
        })
    })));
    let made = world.pay(&[bill], "overtaken").await.expect("paid");
    world.fake().set_before_answer(None);
    assert_eq!(*seen.lock(), [PaymentStatus::Succeeded]);
    assert_eq!(made.payment.status, PaymentStatus::Succeeded);
    let entries = ledger_entry::Entity::find().all(world.billing().kernel.store.read()).await.expect("entries");
    assert_eq!(entries.iter().filter(|e| e.kind == "payment.settled").count(), 1, "it is settled once");
    assert_eq!(world.remittances().await.len(), 1);
    world.prove().await;
}

async fn a_retry_tapped_twice(bench: Bench) {
    let world = world(bench).await;
    world.fake().charges_next([Fate::Declines(DeclineKind::DoNotHonor)]);
    let bill = world.bill(1_000).await;
    let id = world.pay(&[bill], "declined today").await.expect("an answer").payment.id;
    let taps = join_all((0..20).map(|_| world.retry(id, "tapped twenty times"))).await;
    for tap in taps {
        assert_eq!(tap.expect("an answer").id, id);
    }
    assert_eq!((world.attempts(id).await.len(), world.fake().charge_calls(), world.fake().paid().len()), (2, 2, 1));
    // And with keys of their own: the first is made, the others come too late.
    world.prove().await;
}

async fn a_top_up_tapped_twice(bench: Bench) {
    let world = world(bench).await;
    let taps = join_all((0..20).map(|_| world.top_up(5_000, "one and the same"))).await;
    assert!(taps.iter().all(|p| p.id == taps[0].id));
    assert_eq!((world.wallet().await, world.fake().paid().len()), ((5_000, 0), 1));
    world.prove().await;
}

async fn a_replay_while_the_first_call_is_under_way(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    world.fake().charges_next([Fate::HangsAfter]);
    let (billing, actor, wish) = (world.billing().clone(), world.actor.clone(), by_card(&world, &[bill], "one and the same"));
    let first = tokio::spawn(async move { billing.payments.pay(&actor, &*billing.payable_bills, wish).await });
    while world.fake().charge_calls() == 0 {
        tokio::task::yield_now().await;
    }
    let replay = world.pay(&[bill], "one and the same").await.expect("an answer");
    assert_eq!((replay.replayed, replay.payment.status), (true, PaymentStatus::Pending));
    first.abort();
    world.later(Duration::minutes(1));
    world.bench.another("worker-2").await.payments.send_payments_due().await.expect("seen to");
    assert_eq!((world.status(replay.payment.id).await, world.fake().charge_calls()), (PaymentStatus::Succeeded, 1));
    world.prove().await;
}
