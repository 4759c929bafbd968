//! Money that arrives when nobody expects it any more: after the payment was given up, for a bill that no longer needs it,
//! or a second time.

use std::sync::Arc;

use billow_billing::Actor;
use billow_billing::payable_bills::PayBills;
use billow_billing::payments::Pay;
use billow_entities::*;
use chrono::Duration;

use crate::common::gateway::Fate;
use crate::common::{Bench, on_both};
use crate::payments::*;

on_both!(
    a_late_success_after_failed,
    a_late_success_for_a_bill_paid_meanwhile,
    a_late_success_whose_wallet_part_was_spent,
    a_late_success_whose_wallet_part_is_still_there,
    a_second_success_goes_back,
    a_bill_withdrawn_while_its_payment_was_under_way,
    one_of_two_bills_no_longer_needs_the_money,
    a_late_success_while_the_retry_waits_to_be_sent,
    a_charge_of_another_amount_settles_nothing,
);

/// A payment that was charged and given up, because neither the answer nor the search told of it.
async fn given_up(world: &World, wish: Pay<PayBills>) -> PaymentId {
    world.fake().charges_next([Fate::LostAfter]);
    world.fake().set_search_is_behind(true);
    let id = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, wish).await.expect("an answer").payment.id;
    for wait in [Duration::minutes(5), Duration::hours(1)] {
        world.later(wait);
        world.billing().payments.check_payments_due().await.expect("asked");
    }
    assert_eq!(world.status(id).await, PaymentStatus::Failed);
    world.fake().set_search_is_behind(false);
    id
}

/// The gateway tells of a charge by itself.
async fn notice(world: &World, attempt: AttemptId) {
    let charge = world.fake().charge_of(&attempt.to_string()).expect("the charge").id;
    let body = serde_json::json!({"id": format!("evt_{charge}"), "kind": "charge.succeeded", "charge": charge}).to_string();
    let signature = world.billing().kernel.clock.now().to_rfc3339();
    world.billing().gateways.take_webhook("first", Some(&signature), body.as_bytes()).await.expect("stored");
    world.billing().notices.work_notices().await.expect("worked");
}

async fn a_late_success_after_failed(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let id = given_up(&world, by_card(&world, &[bill], "given up on")).await;
    assert_eq!(world.paid(bill).await, (0, BillStatus::Open));
    let payment = world.billing().payments.check_payment(&Actor::System, id).await.expect("asked");
    assert_eq!((payment.status, payment.status_reason, payment.decline_kind), (PaymentStatus::Succeeded, None, None));
    assert_eq!(world.paid(bill).await, (1_000, BillStatus::Paid));
    assert!(world.refunds().await.is_empty());
    world.prove().await;
}

async fn a_late_success_for_a_bill_paid_meanwhile(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let late = given_up(&world, by_card(&world, &[bill], "given up on")).await;
    world.pay(&[bill], "paid another way").await.expect("paid");
    notice(&world, world.attempts(late).await[0].id).await;
    assert_eq!(world.status(late).await, PaymentStatus::Succeeded, "the money did arrive");
    assert_eq!(world.paid(bill).await, (1_000, BillStatus::Paid), "the bill is paid once");
    let refunds = world.refunds().await;
    let seen: Vec<_> = refunds.iter().map(|r| (r.payment_id, r.cause, r.target, r.amount_minor)).collect();
    assert_eq!(seen, [(late, RefundCause::Surplus, RefundTarget::Gateway, 1_000)]);
    assert_eq!(world.remittances().await.len(), 1);
    world.billing().refunds.refunds_due().await.expect("sent");
    assert_eq!((world.fake().kept_minor(), world.ledger(LedgerAccountKind::RefundPayable).await), (1_000, 0));
    assert_eq!(world.payment(late).await.refunded_minor, 1_000);
    world.prove().await;
}

async fn split(world: &World) -> (BillId, PaymentId) {
    world.top_up(400, "some money first").await;
    let bill = world.bill(1_000).await;
    let id = given_up(world, Pay { use_wallet: true, ..by_card(world, &[bill], "given up on") }).await;
    assert_eq!(world.wallet().await, (400, 0));
    (bill, id)
}

async fn a_late_success_whose_wallet_part_was_spent(bench: Bench) {
    let world = world(bench).await;
    let (bill, id) = split(&world).await;
    let other = world.bill(400).await;
    world
        .billing()
        .payments
        .pay(&world.actor, &*world.billing().payable_bills, by_wallet(&[other], "spent otherwise"))
        .await
        .expect("paid");
    notice(&world, world.attempts(id).await[0].id).await;
    // What came does not pay the bill any more, and goes back whole.
    assert_eq!((world.status(id).await, world.paid(bill).await), (PaymentStatus::Failed, (0, BillStatus::Open)));
    assert_eq!(world.refunds().await.iter().map(|r| (r.cause, r.amount_minor)).collect::<Vec<_>>(), [(RefundCause::Surplus, 600)]);
    world.billing().refunds.refunds_due().await.expect("sent");
    assert_eq!((world.fake().kept_minor(), world.wallet().await), (400, (0, 0)));
    // The bill can be paid anew.
    world.pay(&[bill], "paid another way").await.expect("paid");
    world.prove().await;
}

async fn a_late_success_whose_wallet_part_is_still_there(bench: Bench) {
    let world = world(bench).await;
    let (bill, id) = split(&world).await;
    notice(&world, world.attempts(id).await[0].id).await;
    assert_eq!((world.status(id).await, world.paid(bill).await), (PaymentStatus::Succeeded, (1_000, BillStatus::Paid)));
    assert_eq!(world.wallet().await, (0, 0));
    world.prove().await;
}

async fn a_second_success_goes_back(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let id = given_up(&world, by_card(&world, &[bill], "given up on")).await;
    let first = world.attempts(id).await[0].id;
    assert_eq!(world.retry(id, "tried once more").await.expect("an answer").status, PaymentStatus::Succeeded);
    notice(&world, first).await;
    notice(&world, first).await;
    let refunds = world.refunds().await;
    assert_eq!(refunds.iter().map(|r| (r.attempt_id, r.amount_minor)).collect::<Vec<_>>(), [(Some(first), 1_000)]);
    assert_eq!(world.payment(id).await.refunded_minor, 0, "the payment itself was not given back");
    assert_eq!((world.paid(bill).await, world.remittances().await.len()), ((1_000, BillStatus::Paid), 1));
    world.billing().refunds.refunds_due().await.expect("sent");
    assert_eq!(world.fake().kept_minor(), 1_000);
    world.prove().await;
}

async fn a_bill_withdrawn_while_its_payment_was_under_way(bench: Bench) {
    let world = world(bench).await;
    world.top_up(400, "some money first").await;
    let bill = world.bill(1_000).await;
    let operator = world.bench.another("console").await;
    world.fake().set_before_answer(Some(Arc::new(move |_| {
        let operator = operator.clone();
        Box::pin(async move {
            operator.bills.void_bill(&OPERATOR, bill, "issued by mistake").await.expect("withdrawn");
        })
    })));
    let wish = Pay { use_wallet: true, ..by_card(&world, &[bill], "too late for it") };
    let payment = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, wish).await.expect("an answer").payment;
    world.fake().set_before_answer(None);
    assert_eq!((payment.status, payment.refunded_minor), (PaymentStatus::Succeeded, 1_000), "the answer is the payment as it was left");
    assert_eq!(world.paid(bill).await, (0, BillStatus::Voided));
    assert!(world.remittances().await.is_empty());
    world.billing().refunds.refunds_due().await.expect("sent");
    // By the ways it came: the charge to the card, the rest to the wallet.
    assert_eq!((world.wallet().await, world.fake().kept_minor()), ((400, 0), 400));
    assert_eq!(world.payment(payment.id).await.refunded_minor, 1_000);
    assert_eq!(world.ledger(LedgerAccountKind::RefundPayable).await, 0);
    world.prove().await;
}

async fn one_of_two_bills_no_longer_needs_the_money(bench: Bench) {
    let world = world(bench).await;
    let (gone, open) = (world.bill(300).await, world.bill(700).await);
    let operator = world.bench.another("console").await;
    world.fake().set_before_answer(Some(Arc::new(move |_| {
        let operator = operator.clone();
        Box::pin(async move {
            operator.bills.void_bill(&OPERATOR, gone, "issued by mistake").await.expect("withdrawn");
        })
    })));
    let payment = world.pay(&[gone, open], "one of two").await.expect("an answer").payment;
    world.fake().set_before_answer(None);
    assert_eq!(
        (payment.status, world.paid(open).await, world.paid(gone).await),
        (PaymentStatus::Succeeded, (700, BillStatus::Paid), (0, BillStatus::Voided))
    );
    assert_eq!(world.refunds().await.iter().map(|r| r.amount_minor).collect::<Vec<_>>(), [300]);
    world.billing().refunds.refunds_due().await.expect("sent");
    assert_eq!(world.fake().kept_minor(), 700);
    world.prove().await;
}

async fn a_late_success_while_the_retry_waits_to_be_sent(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let id = given_up(&world, by_card(&world, &[bill], "given up on")).await;
    let first = world.attempts(id).await[0].id;
    // The retry is written down, and overtaken by the news before it is sent: its sender hears of it in time.
    let news = world.bench.another("worker-2").await;
    let charge = world.fake().charge_of(&first.to_string()).expect("the charge").id;
    let gateway = Arc::clone(&world.bench.ports.gateway);
    world.fake().charges_next([Fate::Processing]);
    world.fake().set_before_answer(Some(Arc::new(move |_| {
        let (news, charge, gateway) = (news.clone(), charge.clone(), Arc::clone(&gateway));
        Box::pin(async move {
            let body = serde_json::json!({"id": "evt_1", "kind": "charge.succeeded", "charge": charge}).to_string();
            let signature = news.kernel.clock.now().to_rfc3339();
            news.gateways.take_webhook("first", Some(&signature), body.as_bytes()).await.expect("stored");
            news.notices.work_notices().await.expect("worked");
            drop(gateway);
        })
    })));
    let payment = world.retry(id, "tried once more").await.expect("an answer");
    world.fake().set_before_answer(None);
    assert_eq!(payment.status, PaymentStatus::Succeeded, "the first charge paid it");
    let second = world.attempts(id).await.remove(1);
    assert_eq!(second.status, AttemptStatus::Processing);
    // And then the second one succeeds as well: it goes back.
    let charge = second.external_id.expect("an id");
    world.fake().set_charge_state(&charge, billow_billing::ports::ChargeState::Succeeded);
    notice(&world, second.id).await;
    assert_eq!(world.refunds().await.iter().map(|r| r.attempt_id).collect::<Vec<_>>(), [Some(second.id)]);
    world.billing().refunds.refunds_due().await.expect("sent");
    assert_eq!(world.fake().kept_minor(), 1_000);
    world.prove().await;
}

async fn a_charge_of_another_amount_settles_nothing(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    world.fake().charges_next([Fate::LostBefore]);
    let id = world.pay(&[bill], "a lost call").await.expect("an answer").payment.id;
    let attempt = world.attempts(id).await[0].id;
    for (amount_minor, currency) in [(999, "EUR"), (1_000, "USD")] {
        world.fake().charge_behind_our_back(world.gateway, &attempt.to_string(), amount_minor, currency);
        for wait in [Duration::minutes(5), Duration::hours(2)] {
            world.later(wait);
            world.billing().payments.check_payments_due().await.expect("asked");
            assert_eq!((world.status(id).await, world.paid(bill).await), (PaymentStatus::Unknown, (0, BillStatus::Open)));
        }
    }
    assert_eq!(world.ledger(LedgerAccountKind::GatewayClearing).await, 0, "nothing is posted until a person has looked");
}
