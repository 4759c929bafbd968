//! A process that dies between the steps, and answers that never come.

use std::future::Future as _;
use std::sync::Arc;
use std::task::Poll;

use billow_billing::clock::ManualClock;
use billow_entities::*;
use chrono::Duration;
use sea_orm::EntityTrait;

use crate::common::gateway::Fate;
use crate::common::{Bench, on_both};
use crate::payments::*;

on_both!(
    a_timeout_that_succeeded,
    a_timeout_that_did_not,
    a_process_that_dies_after_the_first_commit,
    a_process_that_dies_before_it_calls,
    a_process_that_dies_after_the_gateway_charged,
    a_caller_that_goes_away_changes_nothing,
    a_key_of_yesterday_is_not_sent_again,
    a_payment_nobody_sent_for_a_day_is_not_sent_any_more,
    a_gateway_that_cannot_be_asked_is_not_charged_again,
    a_worker_that_overslept_its_lease_decides_nothing,
    a_no_from_a_worker_that_overslept_outranks_nothing,
    a_worker_that_overslept_its_search_does_not_call,
);

async fn a_timeout_that_succeeded(bench: Bench) {
    let world = world(bench).await;
    world.fake().charges_next([Fate::LostAfter]);
    let bill = world.bill(1_000).await;
    let id = world.pay(&[bill], "a lost answer").await.expect("an answer").payment.id;
    let payment = world.payment(id).await;
    assert_eq!(payment.status, PaymentStatus::Unknown);
    assert!(payment.status_reason.is_some_and(|words| words.contains("nothing is charged twice")));
    assert_eq!(world.paid(bill).await, (0, BillStatus::Open));
    assert_eq!(world.billing().payments.check_payments_due().await.expect("asked"), 0, "not at once");
    world.later(Duration::minutes(5));
    assert_eq!(world.billing().payments.check_payments_due().await.expect("asked"), 1);
    assert_eq!((world.status(id).await, world.fake().charge_calls()), (PaymentStatus::Succeeded, 1));
    assert_eq!(world.paid(bill).await, (1_000, BillStatus::Paid));
    world.prove().await;
}

async fn a_timeout_that_did_not(bench: Bench) {
    let world = world(bench).await;
    world.top_up(300, "some money first").await;
    world.fake().charges_next([Fate::LostBefore]);
    let bill = world.bill(1_000).await;
    let wish = billow_billing::payments::Pay { use_wallet: true, ..by_card(&world, &[bill], "a lost call") };
    let id = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, wish).await.expect("an answer").payment.id;
    world.later(Duration::minutes(5));
    world.billing().payments.check_payments_due().await.expect("asked");
    assert_eq!(world.status(id).await, PaymentStatus::Unknown, "a search may lag: it is too early to say");
    assert_eq!(world.wallet().await, (0, 300));
    world.later(Duration::hours(1));
    world.billing().payments.check_payments_due().await.expect("asked");
    assert_eq!(world.status(id).await, PaymentStatus::Failed);
    assert_eq!(world.attempts(id).await[0].message.as_deref(), Some("the charge never reached the gateway"));
    assert_eq!(world.wallet().await, (300, 0));
    assert_eq!(world.retry(id, "once more now").await.expect("an answer").status, PaymentStatus::Succeeded);
    assert_eq!(world.fake().paid().len(), 2, "the top-up and the retry");
    world.prove().await;
}

/// Whether the database has a payment, asked by a thread of its own.
fn is_written_down(url: &str) -> bool {
    let url = url.to_owned();
    let asked = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let db = sea_orm::Database::connect(url).await.expect("a database");
            let known = payment::Entity::find().one(&db).await.expect("a read").is_some();
            db.close().await.expect("closed");
            known
        })
    });
    asked.join().expect("asked")
}

/// Runs `pay` in a process of its own that dies right after its first commit.
async fn die_after_the_first_commit(world: &World, bill: BillId, key: &str) -> PaymentId {
    let (url, ports) = (world.bench.url.clone(), Arc::clone(&world.bench.ports));
    let (actor, wish) = (world.actor.clone(), by_card(world, &[bill], key));
    let now = billow_billing::clock::Clock::now(&*world.bench.clock);
    let task = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let clock = Arc::new(ManualClock::new(now));
            let billing = crate::common::billing_at(&url, &clock, &ports, "doomed").await;
            let mut call = Box::pin(billing.payments.pay(&actor, &*billing.payable_bills, wish));
            // The sending task is polled only after this one has gone to sleep: between the two, the process dies.
            std::future::poll_fn(|context| {
                let polled = call.as_mut().poll(context);
                assert!(polled.is_pending(), "it was to die before the answer");
                if is_written_down(&url) { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        });
        // Nothing that was begun goes on.
        runtime.shutdown_background();
    });
    tokio::task::spawn_blocking(move || task.join().expect("it died as it was to")).await.expect("joined");
    let row = payment::Entity::find().one(world.billing().kernel.store.read()).await.expect("a read").expect("a payment");
    row.id
}

async fn a_process_that_dies_after_the_first_commit(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let id = die_after_the_first_commit(&world, bill, "cut off early").await;
    assert_eq!(world.attempts(id).await[0].status, AttemptStatus::Created, "written down, and nobody was called");
    assert_eq!(world.fake().charge_calls(), 0);
    let second = world.bench.another("worker-2").await;
    assert_eq!(second.payments.send_payments_due().await.expect("looked"), 0, "whoever wrote it down has half a minute");
    world.later(Duration::seconds(31));
    assert_eq!(second.payments.send_payments_due().await.expect("sent"), 1);
    assert_eq!((world.status(id).await, world.fake().charge_calls()), (PaymentStatus::Succeeded, 1));
    world.prove().await;
}

/// Pays by a process that dies as `fate` says, and lets its lease run out.
async fn cut_off(world: &World, bill: BillId, fate: Fate) -> PaymentId {
    world.fake().charges_next([fate]);
    let (billing, actor, wish) = (world.bench.another("doomed").await, world.actor.clone(), by_card(world, &[bill], "cut off later"));
    let calls = world.fake().charge_calls();
    let call = tokio::spawn(async move { billing.payments.pay(&actor, &*billing.payable_bills, wish).await });
    while world.fake().charge_calls() == calls {
        tokio::task::yield_now().await;
    }
    call.abort();
    world.later(Duration::minutes(1));
    payment::Entity::find().one(world.billing().kernel.store.read()).await.expect("a read").expect("a payment").id
}

async fn a_process_that_dies_before_it_calls(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let id = cut_off(&world, bill, Fate::HangsBefore).await;
    assert_eq!(world.attempts(id).await[0].status, AttemptStatus::Sent);
    assert_eq!(world.billing().payments.send_payments_due().await.expect("seen to"), 1);
    assert_eq!((world.status(id).await, world.fake().paid().len()), (PaymentStatus::Succeeded, 1));
    assert!(world.fake().charges().iter().all(|c| c.key == c.attempt), "it was sent with its own key");
    world.prove().await;
}

async fn a_process_that_dies_after_the_gateway_charged(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let id = cut_off(&world, bill, Fate::HangsAfter).await;
    assert_eq!((world.status(id).await, world.fake().paid().len()), (PaymentStatus::Pending, 1));
    assert_eq!(world.billing().payments.send_payments_due().await.expect("seen to"), 1);
    assert_eq!((world.status(id).await, world.fake().charge_calls()), (PaymentStatus::Succeeded, 1), "it was asked about, not sent again");
    assert_eq!(world.billing().payments.send_payments_due().await.expect("looked"), 0);
    world.prove().await;
}

async fn a_caller_that_goes_away_changes_nothing(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let wait = Arc::clone(&gate);
    world.fake().set_before_answer(Some(Arc::new(move |_| {
        let wait = Arc::clone(&wait);
        Box::pin(async move { drop(wait.acquire().await) })
    })));
    let (billing, actor, wish) = (world.billing().clone(), world.actor.clone(), by_card(&world, &[bill], "the client left"));
    let call = tokio::spawn(async move { billing.payments.pay(&actor, &*billing.payable_bills, wish).await });
    while world.fake().charge_calls() == 0 {
        tokio::task::yield_now().await;
    }
    call.abort();
    assert!(call.await.is_err_and(|e| e.is_cancelled()));
    gate.add_permits(1);
    // The task that sends goes on by itself.
    while world.paid(bill).await.1 != BillStatus::Paid {
        tokio::task::yield_now().await;
    }
    world.prove().await;
}

async fn a_key_of_yesterday_is_not_sent_again(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let id = cut_off(&world, bill, Fate::HangsBefore).await;
    world.later(Duration::hours(23));
    let calls = world.fake().charge_calls();
    world.billing().payments.send_payments_due().await.expect("seen to");
    assert_eq!((world.status(id).await, world.fake().charge_calls()), (PaymentStatus::Failed, calls));
    world.prove().await;
}

async fn a_payment_nobody_sent_for_a_day_is_not_sent_any_more(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let id = die_after_the_first_commit(&world, bill, "cut off early").await;
    world.later(Duration::hours(24));
    world.billing().payments.send_payments_due().await.expect("seen to");
    assert_eq!((world.status(id).await, world.fake().charge_calls()), (PaymentStatus::Failed, 0));
    assert!(world.billing().payable_bills.quote(&world.actor, bill).await.expect("a quote").payable());
    world.prove().await;
}

async fn a_gateway_that_cannot_be_asked_is_not_charged_again(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let id = cut_off(&world, bill, Fate::HangsAfter).await;
    world.fake().asks_next(vec![Fate::LostBefore; 4]);
    for _ in 0..4 {
        world.billing().payments.send_payments_due().await.expect("seen to");
        world.later(Duration::minutes(2));
    }
    assert_eq!((world.status(id).await, world.fake().charge_calls()), (PaymentStatus::Unknown, 1));
    world.later(Duration::minutes(5));
    world.billing().payments.check_payments_due().await.expect("asked");
    assert_eq!((world.status(id).await, world.fake().charge_calls()), (PaymentStatus::Succeeded, 1));
    world.prove().await;
}

async fn a_worker_that_overslept_its_lease_decides_nothing(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    // The first sender hears "not sent" only after another has taken the payment over.
    let (clock, other) = (Arc::clone(&world.bench.clock), world.bench.another("worker-2").await);
    let once = Arc::new(std::sync::atomic::AtomicBool::new(false));
    world.fake().charges_next([Fate::Succeeds]);
    world.fake().set_before_customer(Some(Arc::new(move |_| {
        let (clock, other, once) = (Arc::clone(&clock), other.clone(), Arc::clone(&once));
        Box::pin(async move {
            if !once.swap(true, std::sync::atomic::Ordering::SeqCst) {
                clock.advance(Duration::minutes(1));
                other.payments.send_payments_due().await.expect("taken over");
            }
        })
    })));
    let id = world.pay(&[bill], "slept too long").await.expect("an answer").payment.id;
    world.fake().set_before_customer(None);
    assert_eq!((world.status(id).await, world.fake().charge_calls()), (PaymentStatus::Succeeded, 1));
    world.prove().await;
}

async fn a_no_from_a_worker_that_overslept_outranks_nothing(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    // While the first sender sleeps another charges and hears nothing; then the first one cannot reach the gateway.
    let (clock, other) = (Arc::clone(&world.bench.clock), world.bench.another("worker-2").await);
    let (ports, once) = (Arc::clone(&world.bench.ports), Arc::new(std::sync::atomic::AtomicBool::new(false)));
    world.fake().charges_next([Fate::LostAfter]);
    world.fake().set_before_customer(Some(Arc::new(move |_| {
        let (clock, other, ports, once) = (Arc::clone(&clock), other.clone(), Arc::clone(&ports), Arc::clone(&once));
        Box::pin(async move {
            if !once.swap(true, std::sync::atomic::Ordering::SeqCst) {
                clock.advance(Duration::minutes(1));
                other.payments.send_payments_due().await.expect("taken over");
                ports.gateway.next_customer_is_not_sent();
            }
        })
    })));
    let id = world.pay(&[bill], "slept too long").await.expect("an answer").payment.id;
    world.fake().set_before_customer(None);
    assert_eq!(
        (world.status(id).await, world.fake().paid().len()),
        (PaymentStatus::Unknown, 1),
        "the other's charge may have gone through"
    );
    world.later(Duration::minutes(5));
    world.billing().payments.check_payments_due().await.expect("asked");
    assert_eq!((world.status(id).await, world.paid(bill).await), (PaymentStatus::Succeeded, (1_000, BillStatus::Paid)));
    world.prove().await;
}

async fn a_worker_that_overslept_its_search_does_not_call(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let id = cut_off(&world, bill, Fate::HangsBefore).await;
    // While the first worker sleeps over the answer that the gateway knows nothing, another takes the payment over, and is
    // still waiting for the gateway when the first wakes up.
    world.fake().charges_next([Fate::HangsBefore]);
    let (clock, other, ports) = (Arc::clone(&world.bench.clock), world.bench.another("worker-2").await, Arc::clone(&world.bench.ports));
    let taken_over = Arc::new(std::sync::Mutex::new(None));
    let handle = Arc::clone(&taken_over);
    world.fake().set_after_search(Some(Arc::new(move |_| {
        let (clock, other, ports, handle) = (Arc::clone(&clock), other.clone(), Arc::clone(&ports), Arc::clone(&handle));
        Box::pin(async move {
            ports.gateway.set_after_search(None);
            clock.advance(Duration::minutes(10));
            let taking = tokio::spawn(async move { other.payments.send_payments_due().await });
            while ports.gateway.charge_calls() < 2 && !taking.is_finished() {
                tokio::task::yield_now().await;
            }
            *handle.lock().expect("a lock") = Some(taking);
        })
    })));
    world.billing().payments.send_payments_due().await.expect("seen to");
    assert_eq!((world.status(id).await, world.fake().charge_calls()), (PaymentStatus::Pending, 2), "one of them calls");
    taken_over.lock().expect("a lock").take().expect("it was taken over").abort();
    world.later(Duration::minutes(10));
    world.billing().payments.send_payments_due().await.expect("seen to");
    assert_eq!((world.status(id).await, world.fake().paid().len()), (PaymentStatus::Succeeded, 1));
    world.prove().await;
}
