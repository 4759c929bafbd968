//! Providers are told once, whatever happens on the way; what they refuse goes back.

use std::sync::Arc;

use billow_billing::remittances::RemittanceFilter;
use billow_billing::{Actor, Error};
use billow_entities::*;
use chrono::Duration;
use sea_orm::ActiveValue::Set;

use crate::common::payee::PayFate;
use crate::common::{Bench, on_both};
use crate::remittances::*;

on_both!(
    a_provider_is_told_once_and_confirms,
    what_the_provider_takes_its_time_for_is_asked_about,
    a_lost_answer_is_asked_about_and_never_paid_again,
    a_payment_that_never_arrived_is_sent_again_only_when_the_provider_says_so,
    a_provider_that_cannot_be_asked_is_left_to_an_operator,
    no_connection_is_tried_ten_times,
    a_refused_payment_goes_back_to_the_card_and_opens_the_bill,
    a_refusal_of_a_split_payment_goes_back_by_both_ways,
    what_is_refused_later_goes_back_too,
    a_process_that_died_before_or_after_the_call_pays_once,
    an_answer_that_comes_after_its_claim_changes_nothing,
    a_no_from_a_worker_that_overslept_sends_nothing_again,
    an_operator_confirms_or_rejects_what_no_interface_can,
    a_voucher_is_kept_secret_and_shown_again,
    nothing_is_sent_to_a_provider_that_is_paused,
    two_processes_pay_a_hundred_bills_once,
);

async fn a_provider_is_told_once_and_confirms(bench: Bench) {
    let world = paying_world(bench).await;
    let (bill, payment) = world.paid_bill(1_230).await;
    assert_eq!(world.remittance().await.status, RemittanceStatus::Queued);
    assert_eq!(world.remit().await, 1);
    let row = world.remittance().await;
    assert_eq!(row.status, RemittanceStatus::Confirmed);
    assert_eq!(row.provider_ref, Some(format!("receipt of {}", row.id)));
    assert_eq!((row.settled_at, row.due_at), (Some(world.billing().kernel.clock.now()), None));
    let got = world.payee().got();
    assert_eq!((got.len(), got[0].reference.clone(), got[0].amount_minor), (1, row.id.to_string(), 1_230));
    assert_eq!(got[0].bill_number, world.bill_row(bill).await.number);
    assert_eq!((world.remit().await, world.payee().calls()), (0, 1), "there is nothing more to do");
    assert_eq!(world.ledger(LedgerAccountKind::ProviderPayable).await, 0);
    assert_eq!(world.ledger(LedgerAccountKind::Bank).await, -1_230);
    assert_eq!(world.news("remittance").await, 1);
    assert_eq!(world.status(payment).await, PaymentStatus::Succeeded);
    world.prove().await;
}

async fn what_the_provider_takes_its_time_for_is_asked_about(bench: Bench) {
    let world = paying_world(bench).await;
    world.payee().next([PayFate::Awaited(2)]);
    world.paid_bill(500).await;
    world.remit().await;
    let row = world.remittance().await;
    assert_eq!((row.status, row.due_at), (RemittanceStatus::Sent, Some(world.billing().kernel.clock.now() + Duration::seconds(5))));
    assert_eq!(world.remit().await, 0, "not before its time");
    for _ in 0..2 {
        world.later(Duration::seconds(30));
        world.remit().await;
        assert_eq!(world.remittance().await.status, RemittanceStatus::Sent);
    }
    // A question that is lost changes nothing.
    world.payee().lose_questions(1);
    world.later(Duration::minutes(1));
    world.remit().await;
    assert_eq!(world.remittance().await.status, RemittanceStatus::Sent);
    world.later(Duration::minutes(5));
    world.remit().await;
    assert_eq!(world.remittance().await.status, RemittanceStatus::Confirmed);
    assert_eq!((world.payee().calls(), world.payee().questions()), (1, 4));
    world.prove().await;
}

async fn a_lost_answer_is_asked_about_and_never_paid_again(bench: Bench) {
    let world = paying_world(bench).await;
    world.payee().next([PayFate::LostAfter]);
    world.paid_bill(500).await;
    world.remit().await;
    let row = world.remittance().await;
    assert_eq!((row.status, row.due_at), (RemittanceStatus::Unknown, Some(world.billing().kernel.clock.now() + Duration::minutes(5))));
    world.payee().lose_questions(1);
    world.later(Duration::minutes(5));
    world.remit().await;
    let row = world.remittance().await;
    assert_eq!((row.status, row.due_at), (RemittanceStatus::Unknown, Some(world.billing().kernel.clock.now() + Duration::minutes(55))));
    world.later(Duration::minutes(55));
    world.remit().await;
    assert_eq!(world.remittance().await.status, RemittanceStatus::Confirmed);
    assert_eq!((world.payee().calls(), world.payee().got().len()), (1, 1));
    assert_eq!(world.ledger(LedgerAccountKind::Bank).await, -500);
    world.prove().await;
}

async fn a_payment_that_never_arrived_is_sent_again_only_when_the_provider_says_so(bench: Bench) {
    let world = paying_world(bench).await;
    world.payee().next([PayFate::LostBefore]);
    world.paid_bill(500).await;
    world.remit().await;
    assert_eq!(world.remittance().await.status, RemittanceStatus::Unknown);
    world.later(Duration::minutes(5));
    world.remit().await;
    assert_eq!((world.remittance().await.status, world.payee().calls()), (RemittanceStatus::Queued, 1), "the provider never heard of it");
    world.later(Duration::minutes(5));
    world.remit().await;
    assert_eq!(world.remittance().await.status, RemittanceStatus::Confirmed);
    let got = world.payee().got();
    assert_eq!((world.payee().calls(), got.len()), (2, 1));
    assert_eq!(got[0].reference, world.remittance().await.id.to_string(), "with the same reference");
    world.prove().await;
}

async fn a_provider_that_cannot_be_asked_is_left_to_an_operator(bench: Bench) {
    let world = paying_world(bench).await;
    world.payee().is_silent.store(true, Ordering::SeqCst);
    world.payee().next([PayFate::LostAfter]);
    world.paid_bill(500).await;
    world.remit().await;
    let row = world.remittance().await;
    assert_eq!((row.status, row.due_at), (RemittanceStatus::Unknown, None));
    world.later(Duration::days(30));
    assert_eq!((world.remit().await, world.payee().calls(), world.payee().questions()), (0, 1, 0));
}

async fn no_connection_is_tried_ten_times(bench: Bench) {
    let world = paying_world(bench).await;
    world.payee().next([PayFate::NotSent; 12]);
    world.paid_bill(500).await;
    for _ in 0..20 {
        world.remit().await;
        world.later(Duration::hours(5));
    }
    let row = world.remittance().await;
    assert_eq!((row.status, row.due_at, world.payee().calls()), (RemittanceStatus::Unknown, None, 10));
    assert!(row.message.is_some_and(|m| m.contains("10 tries")));
    world.prove().await;
}

async fn a_refused_payment_goes_back_to_the_card_and_opens_the_bill(bench: Bench) {
    let world = paying_world(bench).await;
    world.payee().next([PayFate::Refused]);
    let (bill, payment) = world.paid_bill(500).await;
    assert_eq!(world.paid(bill).await, (500, BillStatus::Paid));
    world.remit().await;
    assert_eq!(world.remittance().await.status, RemittanceStatus::Rejected);
    assert_eq!(world.paid(bill).await, (0, BillStatus::Open));
    let refund = world.refunds().await.remove(0);
    assert_eq!((refund.cause, refund.target, refund.amount_minor), (RefundCause::ProviderRejected, RefundTarget::Gateway, 500));
    assert_eq!(world.ledger(LedgerAccountKind::RefundPayable).await, -500);
    assert_eq!(world.send_refunds().await, 1);
    assert_eq!(world.refunds().await[0].status, RefundStatus::Succeeded);
    assert_eq!(world.fake().kept_minor(), 0);
    for kind in [LedgerAccountKind::RefundPayable, LedgerAccountKind::ProviderPayable, LedgerAccountKind::GatewayClearing] {
        assert_eq!(world.ledger(kind).await, 0, "{kind}");
    }
    assert_eq!(world.payment(payment).await.refunded_minor, 500);
    // The bill can be paid again.
    let again = world.pay(&[bill], "another key").await.expect("paid again");
    assert_eq!(again.payment.status, PaymentStatus::Succeeded);
    world.remit().await;
    assert_eq!(world.payee().got().len(), 1);
    world.prove().await;
}

async fn a_refusal_of_a_split_payment_goes_back_by_both_ways(bench: Bench) {
    let world = paying_world(bench).await;
    world.payee().next([PayFate::Refused]);
    world.top_up(200, "top me up please").await;
    let bill = world.bill(500).await;
    let wish = billow_billing::payments::Pay { use_wallet: true, ..by_card(&world, &[bill], "a split payment") };
    let made = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, wish).await.expect("paid");
    assert_eq!((made.payment.wallet_minor, made.payment.gateway_minor), (200, 300));
    assert_eq!(world.wallet().await, (0, 0));
    world.remit().await;
    world.send_refunds().await;
    let refunds: Vec<_> = world.refunds().await.iter().map(|r| (r.target, r.amount_minor, r.status)).collect();
    assert_eq!(refunds, [(RefundTarget::Gateway, 300, RefundStatus::Succeeded), (RefundTarget::Wallet, 200, RefundStatus::Succeeded)]);
    assert_eq!(world.wallet().await, (200, 0));
    assert_eq!(world.ledger(LedgerAccountKind::RefundPayable).await, 0);
    world.prove().await;
}

async fn what_is_refused_later_goes_back_too(bench: Bench) {
    let world = paying_world(bench).await;
    world.payee().next([PayFate::RefusedLater]);
    let (bill, _) = world.paid_bill(500).await;
    world.remit().await;
    assert_eq!(world.remittance().await.status, RemittanceStatus::Sent);
    world.later(Duration::seconds(5));
    world.remit().await;
    assert_eq!(world.remittance().await.status, RemittanceStatus::Rejected);
    assert_eq!(world.paid(bill).await, (0, BillStatus::Open));
    world.send_refunds().await;
    assert_eq!(world.fake().kept_minor(), 0);
    world.prove().await;
}

async fn a_process_that_died_before_or_after_the_call_pays_once(bench: Bench) {
    let world = paying_world(bench).await;
    // Before the call: claimed and marked as sent, nothing more.
    world.paid_bill(500).await;
    let lease = world.billing().kernel.clock.now() + Duration::minutes(10);
    world
        .left_behind(|row| {
            row.status = Set(RemittanceStatus::Sent);
            row.sent_at = Set(row.created_at.as_ref().to_owned().into());
            row.lease_until = Set(Some(lease));
            row.fence = Set(1);
            row.tries = Set(1);
        })
        .await;
    assert_eq!(world.remit().await, 0, "its claim holds");
    world.later(Duration::minutes(11));
    world.remit().await;
    assert_eq!((world.payee().questions(), world.payee().calls()), (1, 0), "asked before anything is sent");
    world.later(Duration::minutes(2));
    world.remit().await;
    assert_eq!(world.remittance().await.status, RemittanceStatus::Confirmed);
    assert_eq!(world.payee().got().len(), 1);
    // After the call: the provider has it, and nothing was written.
    world
        .left_behind(|row| {
            row.status = Set(RemittanceStatus::Sent);
            row.settled_at = Set(None);
            row.lease_until = Set(None);
            row.due_at = Set(Some(lease));
        })
        .await;
    world.remit().await;
    assert_eq!(world.remittance().await.status, RemittanceStatus::Confirmed);
    assert_eq!((world.payee().got().len(), world.ledger(LedgerAccountKind::Bank).await), (1, -500), "booked once");
    world.prove().await;
}

async fn an_answer_that_comes_after_its_claim_changes_nothing(bench: Bench) {
    let world = paying_world(bench).await;
    world.payee().next([PayFate::LostAfter]);
    let (bill, _) = world.paid_bill(500).await;
    world.remit().await;
    let row = world.remittance().await;
    world.billing().remittances.reject_remittance(&OPERATOR, row.id, "the provider said so on the phone").await.expect("rejected");
    world.later(Duration::hours(2));
    assert_eq!(world.remit().await, 0, "what is decided is not asked about");
    assert_eq!(world.paid(bill).await, (0, BillStatus::Open));
    assert_eq!(code(world.billing().remittances.confirm_remittance(&OPERATOR, row.id, "R-1", None).await), "ILLEGAL_STATE");
    world.send_refunds().await;
    assert_eq!(world.fake().kept_minor(), 0);
    world.prove().await;
}

async fn a_no_from_a_worker_that_overslept_sends_nothing_again(bench: Bench) {
    let world = paying_world(bench).await;
    world.paid_bill(500).await;
    // While the first worker sleeps another asks, hears that nothing came, pays and hears no answer. Then the first one
    // cannot reach the provider: of its own call it is true that nothing was sent, of the other's it is not.
    let (clock, other) = (Arc::clone(&world.bench.clock), world.bench.another("worker-2").await);
    world.payee().next([PayFate::LostAfter, PayFate::NotSent]);
    world.payee().set_on_the_way(Box::new(move || {
        Box::pin(async move {
            for _ in 0..2 {
                clock.advance(Duration::minutes(11));
                assert_eq!(other.remittances.remit_due().await.expect("taken over"), 1);
            }
        })
    }));
    world.remit().await;
    let row = world.remittance().await;
    assert_eq!((row.status, row.message.as_deref()), (RemittanceStatus::Unknown, Some("the line went dead")), "the other's may be there");
    world.later(Duration::minutes(5));
    world.remit().await;
    assert_eq!(world.remittance().await.status, RemittanceStatus::Confirmed);
    assert_eq!((world.payee().calls(), world.payee().questions()), (2, 2), "asked, and not paid again");
    assert_eq!(world.ledger(LedgerAccountKind::Bank).await, -500);
    world.prove().await;
}

async fn an_operator_confirms_or_rejects_what_no_interface_can(bench: Bench) {
    let world = world(bench).await;
    let (_, first) = world.paid_bill(500).await;
    let (bill, _) = world.paid_bill(700).await;
    let billing = world.billing();
    let filter = RemittanceFilter { status: Some(RemittanceStatus::Manual), provider_id: Some(world.provider) };
    let page = billing.remittances.remittances(&OPERATOR, filter.clone(), Default::default()).await.expect("a page");
    assert_eq!(page.items.len(), 2);
    assert!(matches!(billing.remittances.remittances(&world.actor, filter, Default::default()).await, Err(Error::Forbidden)));
    let rows = world.remittances().await;
    assert!(matches!(billing.remittances.confirm_remittance(&world.actor, rows[0].id, "R-1", None).await, Err(Error::Forbidden)));
    assert_eq!(
        refusal(billing.remittances.confirm_remittance(&OPERATOR, rows[0].id, " ", None).await),
        [("providerReference".into(), "REQUIRED".into())]
    );
    let confirmed =
        billing.remittances.confirm_remittance(&OPERATOR, rows[0].id, "R-1", Some("by bank transfer")).await.expect("confirmed");
    assert_eq!((confirmed.status, confirmed.provider_ref.as_deref()), (RemittanceStatus::Confirmed, Some("R-1")));
    assert_eq!(confirmed.payment_id, first);
    assert_eq!(code(billing.remittances.reject_remittance(&OPERATOR, rows[0].id, "no").await), "ILLEGAL_STATE");
    billing.remittances.reject_remittance(&OPERATOR, rows[1].id, "the account is closed").await.expect("rejected");
    assert_eq!(world.paid(bill).await, (0, BillStatus::Open));
    world.send_refunds().await;
    assert_eq!((world.fake().kept_minor(), world.ledger(LedgerAccountKind::Bank).await), (500, -500));
    world.prove().await;
}

async fn a_voucher_is_kept_secret_and_shown_again(bench: Bench) {
    let world = paying_world(bench).await;
    *world.payee().voucher.lock() = Some("4711-0815".into());
    world.paid_bill(999).await;
    world.remit().await;
    let row = world.remittance().await;
    let stored = row.voucher_enc.clone().expect("a voucher");
    assert!(!stored.windows(4).any(|w| w == b"4711"));
    for actor in [&world.actor, &world.actor, &OPERATOR] {
        assert_eq!(world.billing().remittances.voucher(actor, &row).await.expect("opened").as_deref(), Some("4711-0815"));
    }
    let (_, stranger) = customer(world.billing()).await;
    assert!(matches!(world.billing().remittances.voucher(&stranger, &row).await, Err(Error::NotFound(_))));
    assert!(matches!(world.billing().remittances.remittance(&stranger, row.id).await, Err(Error::NotFound(_))));
    assert!(world.billing().remittances.remittance(&world.actor, row.id).await.is_ok());
}

async fn nothing_is_sent_to_a_provider_that_is_paused(bench: Bench) {
    let world = paying_world(bench).await;
    world.paid_bill(500).await;
    world.billing().providers.pause_provider(&ADMIN, world.provider, "they asked us to wait").await.expect("paused");
    assert_eq!((world.remit().await, world.payee().calls()), (0, 0));
    world.billing().providers.resume_provider(&ADMIN, world.provider).await.expect("resumed");
    assert_eq!((world.remit().await, world.payee().calls()), (1, 1));
}

async fn two_processes_pay_a_hundred_bills_once(bench: Bench) {
    let world = paying_world(bench).await;
    let mut bills = Vec::new();
    for amount in 1..=100 {
        bills.push(world.bill(amount).await);
    }
    for some in bills.chunks(50) {
        world.pay(some, &format!("the key of {}", some[0])).await.expect("paid");
    }
    let other = world.bench.another("worker-2").await;
    while {
        let (mine, theirs) = tokio::join!(world.billing().remittances.remit_due(), other.remittances.remit_due());
        mine.expect("remitted") + theirs.expect("remitted") > 0
    } {}
    assert!(world.remittances().await.iter().all(|r| r.status == RemittanceStatus::Confirmed));
    let got = world.payee().got();
    assert_eq!((got.len(), world.payee().calls()), (100, 100), "each once");
    assert_eq!(world.ledger(LedgerAccountKind::Bank).await, -5_050);
    assert_eq!(world.billing().remittances.remittance_of(&Actor::System, &[]).await.expect("none").len(), 0);
    world.prove().await;
}
