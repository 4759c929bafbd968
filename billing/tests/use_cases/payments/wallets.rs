//! Wallets: topped up, held, spent, and never overdrawn.

use billow_billing::payments::{Pay, TopUp};
use billow_billing::ports::ChargeState;
use billow_entities::*;
use futures::future::join_all;

use crate::common::gateway::Fate;
use crate::common::{Bench, on_both};
use crate::payments::*;

on_both!(
    a_wallet_is_topped_up_and_spent,
    the_wallet_pays_first_and_the_card_the_rest,
    a_wallet_that_is_too_small_pays_nothing,
    a_wallet_is_not_overspent_by_sixty_four_tasks_at_once,
    splits_at_once_take_what_is_there_and_the_card_the_rest,
    a_top_up_that_takes_days_is_there_when_it_arrives,
);

async fn a_wallet_is_topped_up_and_spent(bench: Bench) {
    let world = world(bench).await;
    let top_up = world.top_up(5_000, "fifty euros").await;
    assert_eq!((top_up.status, top_up.kind, world.wallet().await), (PaymentStatus::Succeeded, PaymentKind::TopUp, (5_000, 0)));
    let bill = world.bill(1_230).await;
    let payment = world
        .billing()
        .payments
        .pay(&world.actor, &*world.billing().payable_bills, by_wallet(&[bill], "from the wallet"))
        .await
        .expect("paid")
        .payment;
    assert_eq!((payment.status, payment.wallet_minor, payment.gateway_minor, payment.attempts), (PaymentStatus::Succeeded, 1_230, 0, 0));
    assert_eq!((world.wallet().await, world.paid(bill).await), ((3_770, 0), (1_230, BillStatus::Paid)));
    assert_eq!(world.fake().charge_calls(), 1, "no gateway was asked for the bill");
    let replay = world
        .billing()
        .payments
        .pay(&world.actor, &*world.billing().payable_bills, by_wallet(&[bill], "from the wallet"))
        .await
        .expect("the same");
    assert!(replay.replayed && replay.payment.id == payment.id);
    assert_eq!(world.wallet().await, (3_770, 0));
    world.prove().await;
}

async fn the_wallet_pays_first_and_the_card_the_rest(bench: Bench) {
    let world = world(bench).await;
    world.top_up(400, "some money first").await;
    world.fake().charges_next([Fate::Processing]);
    let bill = world.bill(1_000).await;
    let wish = Pay { use_wallet: true, ..by_card(&world, &[bill], "split in two") };
    let payment = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, wish).await.expect("under way").payment;
    assert_eq!((payment.wallet_minor, payment.gateway_minor, world.wallet().await), (400, 600, (0, 400)));
    world.prove().await;
    let charge = world.fake().charges().pop().expect("a charge");
    assert_eq!(charge.amount_minor, 600);
    world.fake().set_charge_state(&charge.id, ChargeState::Succeeded);
    world.billing().payments.check_payment(&OPERATOR, payment.id).await.expect("asked");
    assert_eq!((world.wallet().await, world.paid(bill).await), ((0, 0), (1_000, BillStatus::Paid)));
    world.prove().await;
}

async fn a_wallet_that_is_too_small_pays_nothing(bench: Bench) {
    let world = world(bench).await;
    world.top_up(999, "some money first").await;
    let bill = world.bill(1_000).await;
    let refused = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, by_wallet(&[bill], "from the wallet")).await;
    assert_eq!(refusal(refused), [("useWallet".to_owned(), "INSUFFICIENT_FUNDS".to_owned())]);
    assert_eq!(world.wallet().await, (999, 0));
    // The key was not used up by that.
    world.top_up(1, "and one cent").await;
    let made = world
        .billing()
        .payments
        .pay(&world.actor, &*world.billing().payable_bills, by_wallet(&[bill], "from the wallet"))
        .await
        .expect("paid");
    assert!(!made.replayed);
    world.prove().await;
}

async fn a_wallet_is_not_overspent_by_sixty_four_tasks_at_once(bench: Bench) {
    let world = world(bench).await;
    world.top_up(1_050, "ten times and a half").await;
    let mut wishes = Vec::new();
    for number in 0..64 {
        wishes.push(by_wallet(&[world.bill(100).await], &format!("task number {number}")));
    }
    let tasks = wishes.into_iter().map(|wish| {
        let (billing, actor) = (world.billing().clone(), world.actor.clone());
        tokio::spawn(async move { billing.payments.pay(&actor, &*billing.payable_bills, wish).await })
    });
    let (paid, refused): (Vec<_>, Vec<_>) = join_all(tasks).await.into_iter().map(|t| t.expect("no panic")).partition(Result::is_ok);
    assert_eq!((paid.len(), refused.len()), (10, 54));
    for refused in refused {
        assert_eq!(code(refused), "INSUFFICIENT_FUNDS");
    }
    assert_eq!(world.wallet().await, (50, 0));
    world.prove().await;
}

async fn splits_at_once_take_what_is_there_and_the_card_the_rest(bench: Bench) {
    let world = world(bench).await;
    world.top_up(1_000, "for some of it").await;
    let mut wishes = Vec::new();
    for number in 0..16 {
        let bill = world.bill(150).await;
        wishes.push(Pay { use_wallet: true, ..by_card(&world, &[bill], &format!("task number {number}")) });
    }
    let made =
        join_all(wishes.into_iter().map(|wish| world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, wish))).await;
    let (mut by_wallet, mut all, mut refused) = (0, 0, 0);
    for made in made {
        match made {
            Ok(made) => {
                by_wallet += made.payment.wallet_minor;
                all += made.payment.amount_minor;
            }
            Err(error) => {
                assert_eq!(code::<()>(Err(error)), "INSUFFICIENT_FUNDS");
                refused += 1;
            }
        }
    }
    assert_eq!(world.wallet().await, (1_000 - by_wallet, 0));
    assert_eq!((refused, by_wallet, all), (0, 1_000, 16 * 150), "whoever lost the race paid by card");
    world.prove().await;
}

async fn a_top_up_that_takes_days_is_there_when_it_arrives(bench: Bench) {
    let world = world(bench).await;
    let input = TopUp {
        amount_minor: 2_000,
        currency: "EUR".parse().expect("a currency"),
        method: None,
        hosted_page: true,
        return_url: None,
        idempotency_key: "on a page".into(),
    };
    let payment = world.billing().payments.top_up(&world.actor, input).await.expect("a page").payment;
    assert_eq!((payment.status, world.wallet().await), (PaymentStatus::RequiresAction, (0, 0)));
    let charge = world.fake().charges().remove(0);
    for state in [ChargeState::Processing, ChargeState::Succeeded] {
        world.fake().set_charge_state(&charge.id, state);
        world.billing().payments.check_payment(&OPERATOR, payment.id).await.expect("asked");
    }
    assert_eq!((world.status(payment.id).await, world.wallet().await), (PaymentStatus::Succeeded, (2_000, 0)));
    world.prove().await;
}
