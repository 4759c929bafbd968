//! Paying, as it goes when nothing goes wrong, and what may be said against it.

use billow_billing::payable_bills::{BillAmount, PayBills};
use billow_billing::payments::Pay;
use billow_billing::ports::ChargeState;
use billow_entities::*;
use chrono::Duration;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use crate::common::gateway::Fate;
use crate::common::{Bench, on_both};
use crate::payments::*;

on_both!(
    a_bill_paid_by_card_is_paid_and_its_provider_is_to_be_told,
    many_bills_are_paid_by_one_charge,
    a_fee_is_kept_apart,
    a_part_now_and_the_rest_later,
    a_page_of_the_gateway_is_confirmed_and_then_paid,
    a_slow_bank_is_asked_until_it_answers,
    a_declined_card_frees_the_bill_and_says_why,
    a_retry_takes_another_card_and_the_bill_again,
    a_page_goes_on_to_the_next_gateway_when_one_is_not_reached,
    a_saved_card_does_not_go_to_another_gateway,
    a_page_that_was_not_confirmed_is_called_off,
    what_was_charged_is_not_called_off,
);

async fn a_bill_paid_by_card_is_paid_and_its_provider_is_to_be_told(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_230).await;
    let made = world.pay(&[bill], "the key of one").await.expect("paid");
    let payment = &made.payment;
    assert!(!made.replayed);
    assert_eq!(
        (payment.status, payment.amount_minor, payment.wallet_minor, payment.gateway_minor),
        (PaymentStatus::Succeeded, 1_230, 0, 1_230)
    );
    assert_eq!(payment.settled_at, Some(world.billing().kernel.clock.now()));
    assert_eq!(world.paid(bill).await, (1_230, BillStatus::Paid));
    let remittances = world.remittances().await;
    assert_eq!(remittances.iter().map(|r| (r.target().bill(), r.amount_minor)).collect::<Vec<_>>(), [(Some(bill), 1_230)]);
    let attempts = world.attempts(payment.id).await;
    assert_eq!(attempts.iter().map(|a| (a.number, a.status)).collect::<Vec<_>>(), [(1, AttemptStatus::Succeeded)]);
    assert_eq!(attempts[0].gateway_key, attempts[0].id.to_string(), "the key is the attempt's id");
    assert_eq!(world.ledger(LedgerAccountKind::ProviderPayable).await, -1_230);
    let documents =
        document::Entity::find().order_by_asc(document::Column::Id).all(world.billing().kernel.store.read()).await.expect("documents");
    assert_eq!(documents.iter().map(|d| d.kind).collect::<Vec<_>>(), [DocumentKind::Invoice, DocumentKind::Receipt]);
    let told = event::Entity::find()
        .filter(event::Column::Kind.eq("payment.updated"))
        .order_by_asc(event::Column::Seq)
        .all(world.billing().kernel.store.read())
        .await
        .expect("events");
    let told: Vec<_> = told.iter().map(|e| (e.customer_id, e.data["status"].as_str().unwrap_or_default().to_owned())).collect();
    assert_eq!(told, [(Some(world.customer), "PENDING".to_owned()), (Some(world.customer), "SUCCEEDED".to_owned())]);
    world.prove().await;
}

async fn many_bills_are_paid_by_one_charge(bench: Bench) {
    let world = world(bench).await;
    let other = provider(world.billing(), "aquana", "EUR", json!({"kind": "EXACT"})).await;
    let second = account(world.billing(), other, world.customer, None).await;
    let bills = [world.bill(100).await, world.bill_at(second, 200).await, world.bill(300).await];
    let made = world.pay(&bills, "the key of three").await.expect("paid");
    assert_eq!((made.payment.amount_minor, world.fake().paid().len()), (600, 1));
    for bill in bills {
        assert_eq!(world.paid(bill).await.1, BillStatus::Paid);
    }
    assert_eq!(world.remittances().await.len(), 3);
    world.prove().await;
}

async fn a_fee_is_kept_apart(bench: Bench) {
    let world = world(bench).await;
    world.fake().set_fee_minor(Some(30));
    let bill = world.bill(1_000).await;
    world.pay(&[bill], "the key of a fee").await.expect("paid");
    assert_eq!(world.ledger(LedgerAccountKind::GatewayClearing).await, 970);
    assert_eq!(world.ledger(LedgerAccountKind::GatewayFees).await, 30);
    assert_eq!(world.ledger(LedgerAccountKind::ProviderPayable).await, -1_000);
    world.prove().await;
}

async fn a_part_now_and_the_rest_later(bench: Bench) {
    let world = world_where(bench, json!({"kind": "EXACT_OR_BELOW"})).await;
    let bill = world.bill(1_000).await;
    let part = |amount_minor, key: &str| Pay {
        wanted: PayBills { bills: vec![BillAmount { bill_id: bill, amount_minor }] },
        ..by_card(&world, &[], key)
    };
    world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, part(Some(400), "the first part")).await.expect("a part");
    assert_eq!(world.paid(bill).await, (400, BillStatus::Open));
    let quote = world.billing().payable_bills.quote(&world.actor, bill).await.expect("a quote");
    assert_eq!((quote.payable(), quote.suggested_minor, quote.min_minor, quote.max_minor), (true, 600, 1, 600));
    assert_eq!(quote.explanation, "This provider takes what is left of the bill or a part of it.");
    let refused = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, part(Some(601), "more than that")).await;
    assert_eq!(refusal(refused), [("bills.0.amount".to_owned(), "AMOUNT_NOT_TAKEN".to_owned())]);
    world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, part(None, "the other part")).await.expect("the rest");
    assert_eq!(world.paid(bill).await, (1_000, BillStatus::Paid));
    assert_eq!(world.remittances().await.iter().map(|r| r.amount_minor).collect::<Vec<_>>(), [400, 600]);
    let quote = world.billing().payable_bills.quote(&world.actor, bill).await.expect("a quote");
    assert_eq!((quote.payable(), quote.reason()), (false, Some("This bill has been paid.")));
    world.prove().await;
}

async fn a_page_of_the_gateway_is_confirmed_and_then_paid(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let input = Pay {
        method: None,
        hosted_page: true,
        return_url: Some("https://billow.test/back".into()),
        ..by_card(&world, &[bill], "on a page")
    };
    let made = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, input).await.expect("a page");
    let attempt = world.attempts(made.payment.id).await.remove(0);
    assert_eq!(made.payment.status, PaymentStatus::RequiresAction);
    assert_eq!(attempt.action_url, Some(format!("https://pay.test/{}", attempt.id)));
    let live = world.billing().payable_bills.quote(&world.actor, bill).await.expect("a quote").live_payment;
    assert_eq!(live.map(|p| p.id), Some(made.payment.id));
    world.prove().await;

    world.fake().set_charge_state(attempt.external_id.as_deref().expect("an id"), ChargeState::Succeeded);
    world.billing().payments.check_payment(&OPERATOR, made.payment.id).await.expect("asked");
    assert_eq!(world.status(made.payment.id).await, PaymentStatus::Succeeded);
    assert_eq!(world.attempts(made.payment.id).await[0].action_url, None, "there is nothing to confirm any more");
    world.prove().await;
}

async fn a_slow_bank_is_asked_until_it_answers(bench: Bench) {
    let world = world(bench).await;
    world.fake().charges_next([Fate::Processing]);
    let bill = world.bill(1_000).await;
    let id = world.pay(&[bill], "a direct debit").await.expect("under way").payment.id;
    assert_eq!(world.status(id).await, PaymentStatus::Processing);
    // Five minutes, an hour, then every day.
    let mut asked = Vec::new();
    for _ in 0..(24 * 3 * 12) {
        world.later(Duration::minutes(5));
        let calls = world.fake().ask_calls();
        world.billing().payments.check_payments_due().await.expect("asked");
        if world.fake().ask_calls() > calls {
            asked.push((world.billing().kernel.clock.now() - world.payment(id).await.created_at).num_minutes());
        }
    }
    assert_eq!(asked, [5, 65, 65 + 24 * 60, 65 + 48 * 60]);
    let charge = world.fake().charges().remove(0);
    world.fake().set_charge_state(&charge.id, ChargeState::Succeeded);
    world.later(Duration::days(1));
    world.billing().payments.check_payments_due().await.expect("asked");
    assert_eq!((world.status(id).await, world.fake().charge_calls()), (PaymentStatus::Succeeded, 1));
    world.prove().await;
}

async fn a_declined_card_frees_the_bill_and_says_why(bench: Bench) {
    let world = world(bench).await;
    world.top_up(300, "some money first").await;
    world.fake().charges_next([Fate::Declines(DeclineKind::InsufficientFunds)]);
    let bill = world.bill(1_000).await;
    let input = Pay { use_wallet: true, ..by_card(&world, &[bill], "declined today") };
    let payment = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, input).await.expect("an answer").payment;
    assert_eq!((payment.status, payment.decline_kind), (PaymentStatus::Failed, Some(DeclineKind::InsufficientFunds)));
    assert_eq!(payment.status_reason.as_deref(), Some("There was not enough money in the account. Please try another payment method."));
    assert_eq!(world.wallet().await, (300, 0), "what was set aside is free again");
    assert!(world.billing().payable_bills.quote(&world.actor, bill).await.expect("a quote").payable());
    world.prove().await;
}

async fn a_retry_takes_another_card_and_the_bill_again(bench: Bench) {
    let world = world(bench).await;
    world.top_up(300, "some money first").await;
    world.fake().charges_next([Fate::Declines(DeclineKind::CardExpired), Fate::Declines(DeclineKind::DoNotHonor)]);
    let bill = world.bill(1_000).await;
    let input = Pay { use_wallet: true, ..by_card(&world, &[bill], "declined today") };
    let id = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, input).await.expect("an answer").payment.id;
    assert_eq!(world.retry(id, "the first retry").await.expect("an answer").status, PaymentStatus::Failed);
    // The same key again is no further attempt, and another wish with it is refused.
    assert_eq!(world.retry(id, "the first retry").await.expect("an answer").attempts, 2);
    let other = card(world.billing(), world.customer, world.gateway).await;
    let by_other =
        |key: &str| billow_billing::payments::RetryPayment { method: Some(other), idempotency_key: key.into(), ..Default::default() };
    let reused = world.billing().payments.retry_payment(&world.actor, id, by_other("the first retry")).await;
    assert_eq!(code(reused), "IDEMPOTENCY_KEY_REUSED");
    let payment = world.billing().payments.retry_payment(&world.actor, id, by_other("the second retry")).await.expect("an answer");
    assert_eq!((payment.status, payment.attempts, payment.method_id), (PaymentStatus::Succeeded, 3, Some(other)));
    assert_eq!((world.paid(bill).await, world.wallet().await), ((1_000, BillStatus::Paid), (0, 0)));
    assert_eq!(code(world.retry(id, "the third retry").await), "ILLEGAL_STATE");
    world.prove().await;
}

async fn a_page_goes_on_to_the_next_gateway_when_one_is_not_reached(bench: Bench) {
    let world = world(bench).await;
    let second = gateway(world.billing(), "second", 1).await;
    world.fake().charges_next([Fate::NotSent]);
    let bill = world.bill(1_000).await;
    let input = Pay { method: None, hosted_page: true, ..by_card(&world, &[bill], "on a page") };
    let payment = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, input).await.expect("a page").payment;
    let attempts = world.attempts(payment.id).await;
    let seen: Vec<_> = attempts.iter().map(|a| (a.number, a.gateway_id, a.status)).collect();
    assert_eq!(seen, [(1, world.gateway, AttemptStatus::Failed), (2, second, AttemptStatus::RequiresAction)]);
    assert_eq!((payment.status, payment.attempts), (PaymentStatus::RequiresAction, 2));
    assert_eq!(attempts[1].decision["candidates"][0]["verdict"], "tried");
    world.prove().await;
}

async fn a_saved_card_does_not_go_to_another_gateway(bench: Bench) {
    let world = world(bench).await;
    gateway(world.billing(), "second", 1).await;
    let bill = world.bill(1_000).await;
    for (fate, key) in
        [(Fate::NotSent, "not reached"), (Fate::Refused, "not taken at all"), (Fate::Declines(DeclineKind::ProcessingError), "broken down")]
    {
        world.fake().charges_next([fate]);
        let payment = world.pay(&[bill], key).await.expect("an answer").payment;
        assert_eq!((payment.status, payment.attempts), (PaymentStatus::Failed, 1), "{key}");
    }
    // What is not known is never tried anywhere else.
    world.fake().charges_next([Fate::LostBefore]);
    let input = Pay { method: None, hosted_page: true, ..by_card(&world, &[bill], "on a page") };
    let payment = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, input).await.expect("an answer").payment;
    assert_eq!((payment.status, payment.attempts), (PaymentStatus::Unknown, 1));
    world.prove().await;
}

async fn a_page_that_was_not_confirmed_is_called_off(bench: Bench) {
    let world = world(bench).await;
    world.top_up(300, "some money first").await;
    let bill = world.bill(1_000).await;
    let input = Pay { method: None, hosted_page: true, use_wallet: true, ..by_card(&world, &[bill], "on a page") };
    let id = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, input).await.expect("a page").payment.id;
    assert_eq!(world.wallet().await, (0, 300));
    let payment = world.billing().payments.cancel_payment(&world.actor, id).await.expect("called off");
    assert_eq!((payment.status, world.fake().cancel_calls()), (PaymentStatus::Cancelled, 1));
    assert_eq!(world.wallet().await, (300, 0));
    assert_eq!(world.billing().payments.cancel_payment(&world.actor, id).await.expect("again").status, PaymentStatus::Cancelled);
    world.pay(&[bill], "another way now").await.expect("the bill is free");
    world.prove().await;
}

async fn what_was_charged_is_not_called_off(bench: Bench) {
    let world = world(bench).await;
    let (first, second, third) = (world.bill(100).await, world.bill(200).await, world.bill(300).await);
    let paid = world.pay(&[first], "the key of one").await.expect("paid").payment.id;
    assert_eq!(code(world.billing().payments.cancel_payment(&world.actor, paid).await), "ILLEGAL_STATE");
    // A bank that is at it already does not stop.
    world.fake().charges_next([Fate::Processing, Fate::LostAfter]);
    let slow = world.pay(&[second], "the key of two").await.expect("under way").payment.id;
    assert_eq!(code(world.billing().payments.cancel_payment(&world.actor, slow).await), "ILLEGAL_STATE");
    assert_eq!(world.status(slow).await, PaymentStatus::Processing);
    // Nobody knows whether it happened: it cannot be called off.
    let unknown = world.pay(&[third], "the key of three").await.expect("unknown").payment.id;
    assert_eq!(code(world.billing().payments.cancel_payment(&world.actor, unknown).await), "ILLEGAL_STATE");
    world.billing().payments.check_payment(&OPERATOR, unknown).await.expect("asked");
    assert_eq!(world.status(unknown).await, PaymentStatus::Succeeded);
    world.prove().await;
}
