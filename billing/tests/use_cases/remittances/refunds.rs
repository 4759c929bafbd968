//! Money goes back once, never more than came, and never silently not.

use billow_billing::refunds::RefundRequest;
use billow_billing::{Actor, Error};
use billow_entities::*;
use chrono::Duration;
use sea_orm::ActiveValue::Set;

use crate::common::gateway::Fate;
use crate::common::{Bench, on_both};
use crate::remittances::*;

on_both!(
    the_same_request_twice_refunds_once,
    two_requests_that_race_never_give_back_more_than_came,
    a_part_then_the_rest_and_nothing_more,
    what_was_for_one_bill_goes_back_alone,
    a_refund_to_the_wallet_is_there_at_once,
    a_split_payment_goes_back_to_the_card_first,
    a_top_up_goes_back_only_from_what_the_wallet_has,
    a_refund_whose_answer_was_lost_is_found_and_booked_once,
    a_refund_that_never_arrived_is_sent_again_with_its_key,
    an_old_key_is_never_sent_again,
    a_process_that_died_around_the_call_refunds_once,
    a_process_that_slept_for_a_day_refunds_nothing_twice,
    a_refused_refund_stays_owed_until_it_is_retried,
    a_refused_refund_can_go_to_the_wallet_instead,
    a_slow_refund_is_asked_about,
    what_was_never_sent_to_its_provider_is_called_off,
    what_its_provider_has_is_borne_by_us,
    only_staff_refund_and_only_what_arrived,
);

fn part_of(payment: PaymentId, amount_minor: i64, key: &str) -> RefundRequest {
    RefundRequest { amount_minor: Some(amount_minor), ..all_of(payment, key) }
}

impl World {
    async fn give_back(&self, wish: RefundRequest) -> Result<Vec<refund::Model>, Error> {
        self.billing().refunds.refund_payment(&OPERATOR, wish).await
    }
}

async fn the_same_request_twice_refunds_once(bench: Bench) {
    let world = world(bench).await;
    let (_, payment) = world.paid_bill(500).await;
    let first = world.give_back(part_of(payment, 200, "refund key one")).await.expect("refunded");
    let again = world.give_back(part_of(payment, 200, "refund key one")).await.expect("answered again");
    assert_eq!(first.iter().map(|r| r.id).collect::<Vec<_>>(), again.iter().map(|r| r.id).collect::<Vec<_>>());
    assert_eq!(
        refusal(world.give_back(part_of(payment, 201, "refund key one")).await),
        [("idempotencyKey".into(), "IDEMPOTENCY_KEY_REUSED".into())]
    );
    let (_, other) = world.paid_bill(500).await;
    assert_eq!(code(world.give_back(part_of(other, 200, "refund key one")).await), "IDEMPOTENCY_KEY_REUSED");
    while world.send_refunds().await > 0 {}
    assert_eq!((world.fake().refunds().len(), world.fake().refund_calls(), world.fake().kept_minor()), (1, 1, 800));
    assert_eq!(world.payment(payment).await.refunded_minor, 200);
    assert_eq!(world.fake().refunds()[0].key, first[0].id.to_string(), "the key is the refund's id");
    world.prove().await;
}

async fn two_requests_that_race_never_give_back_more_than_came(bench: Bench) {
    let world = world(bench).await;
    let (_, payment) = world.paid_bill(500).await;
    let other = world.bench.another("worker-2").await;
    let operator = OPERATOR;
    let (one, two) = tokio::join!(
        world.billing().refunds.refund_payment(&operator, part_of(payment, 300, "the first of two")),
        other.refunds.refund_payment(&operator, part_of(payment, 300, "the second of two")),
    );
    let refused: Vec<_> = [one, two].into_iter().filter(Result::is_err).collect();
    assert_eq!(refused.into_iter().map(code).collect::<Vec<_>>(), ["TOO_MUCH"], "one of them comes too late");
    let (a, b) = tokio::join!(world.billing().refunds.refunds_due(), other.refunds.refunds_due());
    assert_eq!(a.expect("refunded") + b.expect("refunded"), 1);
    assert_eq!(world.fake().kept_minor(), 200);
    world.prove().await;
}

async fn a_part_then_the_rest_and_nothing_more(bench: Bench) {
    let world = world(bench).await;
    let (_, payment) = world.paid_bill(500).await;
    world.give_back(part_of(payment, 120, "a part of it")).await.expect("a part");
    assert_eq!(code(world.give_back(part_of(payment, 381, "too much of it")).await), "TOO_MUCH");
    let rest = world.give_back(all_of(payment, "the rest of it")).await.expect("the rest");
    assert_eq!(rest.iter().map(|r| r.amount_minor).collect::<Vec<_>>(), [380]);
    assert_eq!(code(world.give_back(part_of(payment, 1, "one cent more")).await), "TOO_MUCH");
    assert_eq!(code(world.give_back(all_of(payment, "all of nothing")).await), "TOO_MUCH");
    world.send_refunds().await;
    assert_eq!((world.fake().kept_minor(), world.payment(payment).await.refunded_minor), (0, 500));
    assert_eq!(world.ledger(LedgerAccountKind::RefundPayable).await, 0);
    assert!(world.news("refund").await >= 4);
    world.prove().await;
}

async fn what_was_for_one_bill_goes_back_alone(bench: Bench) {
    let world = paying_world(bench).await;
    let bills = [world.bill(100).await, world.bill(200).await];
    let payment = world.pay(&bills, "the key of two").await.expect("paid").payment.id;
    world.remit().await;
    let parts = world.billing().payments.allocations_of(&[payment]).await.expect("parts").remove(&payment).expect("parts");
    let second = parts.iter().find(|a| a.target().bill() == Some(bills[1])).expect("a part").id;
    let made = world.give_back(RefundRequest { allocation: Some(second), ..all_of(payment, "only the second") }).await.expect("refunded");
    assert_eq!(made.iter().map(|r| (r.allocation_id, r.amount_minor)).collect::<Vec<_>>(), [(Some(second), 200)]);
    let too_much = RefundRequest { allocation: Some(second), ..part_of(payment, 1, "the second again") };
    assert_eq!(code(world.give_back(too_much).await), "TOO_MUCH");
    let stranger =
        RefundRequest { allocation: Some(AllocationId(world.billing().kernel.ids.next())), ..all_of(payment, "somebody else's") };
    assert!(matches!(world.give_back(stranger).await, Err(Error::NotFound("allocation"))));
    world.send_refunds().await;
    assert_eq!(world.fake().kept_minor(), 100);
}

async fn a_refund_to_the_wallet_is_there_at_once(bench: Bench) {
    let world = world(bench).await;
    let (_, payment) = world.paid_bill(500).await;
    let made = world.give_back(RefundRequest { to_wallet: true, ..part_of(payment, 150, "to the wallet") }).await.expect("refunded");
    assert_eq!((made[0].target, made[0].status), (RefundTarget::Wallet, RefundStatus::Succeeded));
    assert_eq!((world.wallet().await, world.send_refunds().await), ((150, 0), 0));
    // The rest goes to the card, and no more than the rest.
    world.give_back(all_of(payment, "the rest of it")).await.expect("refunded");
    world.send_refunds().await;
    assert_eq!(world.fake().kept_minor(), 150);
    world.prove().await;
}

async fn a_split_payment_goes_back_to_the_card_first(bench: Bench) {
    let world = world(bench).await;
    world.top_up(200, "top me up please").await;
    let bill = world.bill(500).await;
    let wish = billow_billing::payments::Pay { use_wallet: true, ..by_card(&world, &[bill], "a split payment") };
    let payment = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, wish).await.expect("paid").payment.id;
    let made = world.give_back(part_of(payment, 250, "less than the card")).await.expect("refunded");
    assert_eq!(made.iter().map(|r| (r.target, r.amount_minor)).collect::<Vec<_>>(), [(RefundTarget::Gateway, 250)]);
    let made = world.give_back(all_of(payment, "and what is left")).await.expect("refunded");
    let ways: Vec<_> = made.iter().map(|r| (r.target, r.amount_minor)).collect();
    assert_eq!(ways, [(RefundTarget::Gateway, 50), (RefundTarget::Wallet, 200)]);
    let again = world.give_back(all_of(payment, "and what is left")).await.expect("answered again");
    assert_eq!(again.iter().map(|r| r.id).collect::<Vec<_>>(), made.iter().map(|r| r.id).collect::<Vec<_>>());
    world.send_refunds().await;
    assert_eq!((world.wallet().await, world.fake().kept_minor()), ((200, 0), 200));
    world.prove().await;
}

async fn a_top_up_goes_back_only_from_what_the_wallet_has(bench: Bench) {
    let world = world(bench).await;
    let top_up = world.top_up(500, "top me up please").await.id;
    let to_wallet = RefundRequest { to_wallet: true, ..all_of(top_up, "to where it is") };
    assert_eq!(code(world.give_back(to_wallet).await), "NOT_ALLOWED");
    let bill = world.bill(300).await;
    world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, by_wallet(&[bill], "from the wallet")).await.expect("paid");
    assert_eq!(code(world.give_back(all_of(top_up, "all of it, please")).await), "INSUFFICIENT_FUNDS");
    world.give_back(part_of(top_up, 200, "what is left of it")).await.expect("refunded");
    world.send_refunds().await;
    assert_eq!((world.wallet().await, world.fake().kept_minor()), ((0, 0), 300));
    world.prove().await;
}

async fn a_refund_whose_answer_was_lost_is_found_and_booked_once(bench: Bench) {
    let world = world(bench).await;
    let (_, payment) = world.paid_bill(500).await;
    world.fake().refunds_next([Fate::LostAfter]);
    world.give_back(all_of(payment, "the answer is lost")).await.expect("refunded");
    world.send_refunds().await;
    let row = world.refunds().await.remove(0);
    assert_eq!((row.status, row.due_at), (RefundStatus::Unknown, Some(world.billing().kernel.clock.now() + Duration::minutes(1))));
    assert_eq!(world.ledger(LedgerAccountKind::RefundPayable).await, -500, "owed until it is known");
    world.later(Duration::minutes(1));
    world.send_refunds().await;
    assert_eq!(world.refunds().await[0].status, RefundStatus::Succeeded);
    assert_eq!((world.fake().refund_calls(), world.fake().kept_minor()), (1, 0), "asked, not sent again");
    world.prove().await;
}

async fn a_refund_that_never_arrived_is_sent_again_with_its_key(bench: Bench) {
    let world = world(bench).await;
    let (_, payment) = world.paid_bill(500).await;
    world.fake().refunds_next([Fate::LostBefore, Fate::NotSent]);
    world.give_back(all_of(payment, "it never arrives")).await.expect("refunded");
    for minutes in [0, 1, 5] {
        world.later(Duration::minutes(minutes));
        world.send_refunds().await;
    }
    let row = world.refunds().await.remove(0);
    assert_eq!((row.status, world.fake().refund_calls()), (RefundStatus::Succeeded, 3));
    assert_eq!((world.fake().refunds().len(), world.fake().refunds()[0].key.clone()), (1, row.id.to_string()));
    world.prove().await;
}

async fn an_old_key_is_never_sent_again(bench: Bench) {
    let world = world(bench).await;
    let (_, payment) = world.paid_bill(500).await;
    world.fake().refunds_next([Fate::LostBefore]);
    world.give_back(all_of(payment, "it never arrives")).await.expect("refunded");
    world.send_refunds().await;
    world.later(Duration::hours(24));
    world.send_refunds().await;
    let row = world.refunds().await.remove(0);
    assert_eq!((row.status, world.fake().refund_calls()), (RefundStatus::Failed, 1));
    assert!(row.status_reason.is_some_and(|r| r.contains("too old")));
    assert_eq!(world.ledger(LedgerAccountKind::RefundPayable).await, -500, "still owed");
    world.prove().await;
}

async fn a_process_that_died_around_the_call_refunds_once(bench: Bench) {
    let world = world(bench).await;
    let (_, payment) = world.paid_bill(500).await;
    world.give_back(all_of(payment, "a crash in between")).await.expect("refunded");
    let now = world.billing().kernel.clock.now();
    let claimed = |row: &mut refund::ActiveModel| {
        row.sent_at = Set(Some(now));
        row.lease_until = Set(Some(now + Duration::minutes(5)));
        row.tries = Set(1);
    };
    world.refund_left_behind(claimed).await;
    assert_eq!(world.send_refunds().await, 0, "its claim holds");
    world.later(Duration::minutes(6));
    world.send_refunds().await;
    assert_eq!((world.refunds().await[0].status, world.fake().refunds().len()), (RefundStatus::Succeeded, 1));
    // And once more, as if nothing of it had been written.
    world
        .refund_left_behind(|row| {
            claimed(row);
            row.status = Set(RefundStatus::Pending);
            row.external_id = Set(None);
            row.due_at = Set(Some(now));
        })
        .await;
    world.send_refunds().await;
    assert_eq!((world.refunds().await[0].status, world.fake().refunds().len()), (RefundStatus::Succeeded, 1));
    assert_eq!(world.ledger(LedgerAccountKind::RefundPayable).await, 0, "booked once");
    world.prove().await;
}

async fn a_process_that_slept_for_a_day_refunds_nothing_twice(bench: Bench) {
    const AT_ONCE: usize = 4;
    let world = world(bench).await;
    for n in 0..7 {
        let (_, payment) = world.paid_bill(500).await;
        world.give_back(part_of(payment, 200, &format!("refund number {n}"))).await.expect("refunded");
    }
    // It has claimed all seven and made four of them when it is stopped; the answers wait for it.
    let held = world.fake().hold_refunds(AT_ONCE);
    let asleep = world.billing().clone();
    let slept = tokio::spawn(async move { asleep.refunds.refunds_due().await.expect("refunded") });
    held.arrived.acquire_many(AT_ONCE as u32).await.expect("open").forget();
    world.later(Duration::minutes(6));
    let other = world.bench.another("worker-2").await;
    assert_eq!(other.refunds.refunds_due().await.expect("refunded"), 7, "what it left is done by another");
    assert_eq!((world.fake().refunds().len(), world.fake().refund_calls()), (7, 7));
    // A day later it goes on, and the gateway has forgotten the keys.
    world.later(Duration::hours(25));
    world.fake().forget_keys();
    held.goes_on.add_permits(AT_ONCE);
    slept.await.expect("no panic");
    assert_eq!((world.fake().refunds().len(), world.fake().refund_calls()), (7, 7), "it sends nothing any more");
    assert_eq!(world.fake().kept_minor(), 7 * 300);
    assert!(world.refunds().await.iter().all(|refund| refund.status == RefundStatus::Succeeded));
    assert_eq!(world.ledger(LedgerAccountKind::RefundPayable).await, 0);
    world.prove().await;
}

async fn a_refused_refund_stays_owed_until_it_is_retried(bench: Bench) {
    let world = world(bench).await;
    let (_, payment) = world.paid_bill(500).await;
    world.fake().refunds_next([Fate::Declines(DeclineKind::InvalidMethod)]);
    let id = world.give_back(all_of(payment, "the card is gone")).await.expect("refunded")[0].id;
    world.send_refunds().await;
    assert_eq!(world.refunds().await[0].status, RefundStatus::Failed);
    assert_eq!(world.ledger(LedgerAccountKind::RefundPayable).await, -500);
    assert_eq!(code(world.give_back(all_of(payment, "another request")).await), "TOO_MUCH", "it is reserved for the retry");
    assert!(matches!(world.billing().refunds.retry_refund(&world.actor, id, false).await, Err(Error::Forbidden)));
    world.billing().refunds.retry_refund(&OPERATOR, id, false).await.expect("retried");
    world.send_refunds().await;
    assert_eq!((world.refunds().await[0].status, world.fake().kept_minor()), (RefundStatus::Succeeded, 0));
    assert_eq!(code(world.billing().refunds.retry_refund(&OPERATOR, id, false).await), "ILLEGAL_STATE");
    world.prove().await;
}

async fn a_refused_refund_can_go_to_the_wallet_instead(bench: Bench) {
    let world = world(bench).await;
    let (_, payment) = world.paid_bill(500).await;
    world.fake().refunds_next([Fate::Refused]);
    let id = world.give_back(all_of(payment, "the card is gone")).await.expect("refunded")[0].id;
    world.send_refunds().await;
    let row = world.billing().refunds.retry_refund(&OPERATOR, id, true).await.expect("to the wallet");
    assert_eq!((row.target, row.status, world.wallet().await), (RefundTarget::Wallet, RefundStatus::Succeeded, (500, 0)));
    assert_eq!((world.send_refunds().await, world.fake().refunds().len()), (0, 0));
    assert_eq!(world.ledger(LedgerAccountKind::RefundPayable).await, 0);
    world.prove().await;
}

async fn a_slow_refund_is_asked_about(bench: Bench) {
    let world = world(bench).await;
    let (_, payment) = world.paid_bill(500).await;
    world.fake().refunds_next([Fate::Processing]);
    world.give_back(all_of(payment, "a slow refund")).await.expect("refunded");
    world.send_refunds().await;
    let row = world.refunds().await.remove(0);
    assert_eq!((row.status, row.external_id.is_some()), (RefundStatus::Pending, true));
    let external = row.external_id.expect("an id");
    world.fake().set_refund_state(&external, billow_billing::ports::GatewayRefundState::Succeeded);
    world.later(Duration::hours(1));
    world.send_refunds().await;
    assert_eq!((world.refunds().await[0].status, world.fake().refund_calls()), (RefundStatus::Succeeded, 1));
    world.prove().await;
}

async fn what_was_never_sent_to_its_provider_is_called_off(bench: Bench) {
    let world = paying_world(bench).await;
    let (bill, payment) = world.paid_bill(500).await;
    world.give_back(all_of(payment, "before it was sent")).await.expect("refunded");
    assert_eq!(world.remittance().await.status, RemittanceStatus::Rejected);
    assert_eq!(world.paid(bill).await, (0, BillStatus::Open));
    assert_eq!((world.remit().await, world.payee().calls()), (0, 0));
    world.send_refunds().await;
    for kind in [LedgerAccountKind::ProviderPayable, LedgerAccountKind::RefundPayable, LedgerAccountKind::GatewayClearing] {
        assert_eq!(world.ledger(kind).await, 0, "{kind}");
    }
    world.prove().await;
}

async fn what_its_provider_has_is_borne_by_us(bench: Bench) {
    let world = paying_world(bench).await;
    let (bill, payment) = world.paid_bill(500).await;
    world.remit().await;
    world.give_back(all_of(payment, "out of goodwill")).await.expect("refunded");
    world.send_refunds().await;
    assert_eq!(world.paid(bill).await, (500, BillStatus::Paid), "the provider has its money");
    assert_eq!(world.ledger(LedgerAccountKind::ProviderPayable).await, 500);
    assert_eq!(world.ledger(LedgerAccountKind::Bank).await, -500);
    world.prove().await;
}

async fn only_staff_refund_and_only_what_arrived(bench: Bench) {
    let world = world(bench).await;
    let (_, payment) = world.paid_bill(500).await;
    let wish = || all_of(payment, "let me have it");
    assert!(matches!(world.billing().refunds.refund_payment(&world.actor, wish()).await, Err(Error::Forbidden)));
    assert!(matches!(world.billing().refunds.refund_payment(&Actor::Anonymous, wish()).await, Err(Error::Unauthenticated)));
    let blank = RefundRequest { reason: " ".into(), idempotency_key: "short".into(), amount_minor: Some(0), ..wish() };
    let told: Vec<_> = refusal(world.give_back(blank).await).into_iter().map(|(path, _)| path).collect();
    assert_eq!(told, ["reason", "idempotencyKey", "amount"]);
    world.fake().charges_next([Fate::Declines(DeclineKind::InsufficientFunds)]);
    let bill = world.bill(300).await;
    let failed = world.pay(&[bill], "a payment that fails").await.expect("declined").payment.id;
    assert_eq!(code(world.give_back(all_of(failed, "nothing came")).await), "ILLEGAL_STATE");
    let nobody = all_of(PaymentId(world.billing().kernel.ids.next()), "no such payment");
    assert!(matches!(world.give_back(nobody).await, Err(Error::NotFound("payment"))));
}
