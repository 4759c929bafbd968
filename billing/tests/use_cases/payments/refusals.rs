//! Who may pay what, and what is wrong with a wish.

use billow_billing::homes::NewProperty;
use billow_billing::payable_bills::{BillAmount, PayBills};
use billow_billing::payments::{Pay, TopUp};
use billow_billing::{Actor, Error};
use billow_entities::*;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, QueryOrder};
use serde_json::json;

use crate::common::{Bench, on_both};
use crate::payments::*;

on_both!(
    somebody_else_s_bill_does_not_exist,
    a_household_pays_by_its_roles,
    staff_pays_for_a_customer_and_leaves_a_trail,
    everything_that_is_wrong_is_told_at_once,
    a_browser_comes_back_only_to_us,
    a_method_must_be_one_s_own_and_ready,
    bills_of_one_payment_are_in_one_currency,
    a_preview_tells_what_a_payment_would_come_to,
);

async fn somebody_else_s_bill_does_not_exist(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let (_, stranger) = customer(world.billing()).await;
    let wish = Pay { method: None, hosted_page: true, ..by_card(&world, &[bill], "not my business") };
    let refused = world.billing().payments.pay(&stranger, &*world.billing().payable_bills, wish.clone()).await;
    assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors[0].code == "NOT_FOUND"), "{refused:?}");
    assert!(matches!(world.billing().payable_bills.quote(&stranger, bill).await, Err(Error::NotFound("bill"))));
    assert!(matches!(
        world.billing().payments.pay(&Actor::Anonymous, &*world.billing().payable_bills, wish).await,
        Err(Error::Unauthenticated)
    ));
    let id = world.pay(&[bill], "my own business").await.expect("paid").payment.id;
    assert!(matches!(world.billing().payments.payment(&stranger, id).await, Err(Error::NotFound("payment"))));
    assert!(matches!(world.billing().payments.timeline(&stranger, id).await, Err(Error::NotFound("payment"))));
    assert!(matches!(world.billing().payments.cancel_payment(&stranger, id).await, Err(Error::NotFound("payment"))));
    assert!(matches!(world.billing().payments.check_payment(&world.actor, id).await, Err(Error::Forbidden)));
    world.prove().await;
}

async fn a_household_pays_by_its_roles(bench: Bench) {
    let world = world(bench).await;
    let billing = world.billing();
    let home =
        billing.homes.add_property(&world.actor, NewProperty { name: "Flat".into(), ..Default::default() }).await.expect("a home").id;
    let account = account(billing, world.provider, world.customer, Some(home)).await;
    for (role, may) in [(PropertyRole::Owner, true), (PropertyRole::Payer, true), (PropertyRole::Viewer, false)] {
        let bill = world.bill_at(account, 1_000).await;
        let (id, member) = customer(billing).await;
        let row = property_member::ActiveModel {
            property_id: Set(home),
            customer_id: Set(id),
            role: Set(role),
            created_at: Set(billing.kernel.clock.now()),
        };
        row.insert(billing.kernel.store.write_pool()).await.expect("a member");
        let method = Some(card(billing, id, world.gateway).await);
        let paid = billing.payments.pay(&member, &*billing.payable_bills, Pay { method, ..by_card(&world, &[bill], "for our flat") }).await;
        assert_eq!(paid.is_ok(), may, "{role}");
        if may {
            // Who pays sees it; whose bill it is sees the bill paid, and not the payment.
            assert_eq!(paid.expect("paid").payment.customer_id, id);
            let seen = billing.payments.payments_of_bill(&world.actor, bill, Default::default()).await.expect("a page");
            assert!(seen.items.is_empty());
        } else {
            assert!(matches!(&paid, Err(Error::Invalid(errors)) if errors[0].code == "FORBIDDEN"), "{paid:?}");
        }
    }
    world.prove().await;
}

async fn staff_pays_for_a_customer_and_leaves_a_trail(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let wish = by_card(&world, &[bill], "by telephone");
    assert_eq!(
        refusal(world.billing().payments.pay(&OPERATOR, &*world.billing().payable_bills, wish.clone()).await),
        [("customerId".to_owned(), "REQUIRED".to_owned())]
    );
    let named = Pay { customer: Some(world.customer), ..wish };
    let payment = world.billing().payments.pay(&OPERATOR, &*world.billing().payable_bills, named).await.expect("paid").payment;
    assert_eq!((payment.customer_id, payment.actor), (world.customer, OPERATOR.label()));
    let trail =
        audit_entry::Entity::find().order_by_desc(audit_entry::Column::Id).one(world.billing().kernel.store.read()).await.expect("a read");
    let entry = trail.expect("an entry");
    assert_eq!((entry.action.as_str(), entry.subject, entry.customer_id), ("payment.create", payment.id.to_string(), Some(world.customer)));
    // A customer pays for nobody else.
    let (other, stranger) = customer(world.billing()).await;
    assert_ne!(other, world.customer);
    let posing = Pay { customer: Some(world.customer), ..by_card(&world, &[bill], "posing as her") };
    assert_eq!(code(world.billing().payments.pay(&stranger, &*world.billing().payable_bills, posing).await), "NOT_ALLOWED");
    world.prove().await;
}

async fn everything_that_is_wrong_is_told_at_once(bench: Bench) {
    let world = world(bench).await;
    let (bill, other) = (world.bill(1_000).await, world.bill(500).await);
    let pay = |wish| world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, wish);
    let amounts = |pairs: &[(BillId, i64)]| PayBills {
        bills: pairs.iter().map(|(bill_id, minor)| BillAmount { bill_id: *bill_id, amount_minor: Some(*minor) }).collect(),
    };
    assert_eq!(refusal(pay(by_card(&world, &[bill], "short")).await), [("idempotencyKey".to_owned(), "WRONG_LENGTH".to_owned())]);
    assert_eq!(refusal(pay(by_card(&world, &[], "nothing at all")).await), [("bills".to_owned(), "REQUIRED".to_owned())]);
    let none = Pay { method: None, ..by_card(&world, &[bill], "by what means") };
    assert_eq!(refusal(pay(none).await), [("paymentMethodId".to_owned(), "REQUIRED".to_owned())]);
    let wrong = Pay {
        wanted: amounts(&[(bill, 999), (other, 500), (other, 500)]),
        hosted_page: true,
        return_url: Some("https://evil.test/".into()),
        ..by_card(&world, &[], "all wrong here")
    };
    assert_eq!(
        refusal(pay(wrong).await),
        [
            ("returnUrl".to_owned(), "INVALID".to_owned()),
            ("hostedPage".to_owned(), "INCONSISTENT".to_owned()),
            ("bills.0.amount".to_owned(), "AMOUNT_NOT_TAKEN".to_owned()),
            ("bills.2.billId".to_owned(), "DUPLICATE".to_owned()),
        ]
    );
    assert_eq!(refusal(pay(by_card(&world, &[bill; 51], "far too many")).await), [("bills".to_owned(), "TOO_MANY".to_owned())]);
    let nothing = TopUp {
        amount_minor: 0,
        currency: "EUR".parse().expect("a currency"),
        method: Some(world.card),
        hosted_page: false,
        return_url: None,
        idempotency_key: "nothing at all".into(),
    };
    assert_eq!(refusal(world.billing().payments.top_up(&world.actor, nothing).await), [("amount".to_owned(), "OUT_OF_RANGE".to_owned())]);
    assert_eq!(world.fake().charge_calls(), 0);
    world.prove().await;
}

async fn a_browser_comes_back_only_to_us(bench: Bench) {
    let world = world(bench).await;
    for (url, ours) in [
        ("https://billow.test", true),
        ("https://billow.test/bills?paid=1#top", true),
        ("https://billow.test.evil.example/", false),
        ("https://billow.test@evil.example/", false),
        ("https://billow.testing/", false),
        ("http://billow.test/", false),
        ("javascript:alert(1)", false),
        ("https://billow.test/\nSet-Cookie", false),
    ] {
        let bill = world.bill(100).await;
        let wish =
            Pay { method: None, hosted_page: true, return_url: Some(url.into()), ..by_card(&world, &[bill], &format!("back to {url:?}")) };
        assert_eq!(world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, wish).await.is_ok(), ours, "{url:?}");
    }
    world.prove().await;
}

async fn a_method_must_be_one_s_own_and_ready(bench: Bench) {
    let world = world(bench).await;
    let bill = world.bill(1_000).await;
    let (other, _) = customer(world.billing()).await;
    let theirs = card(world.billing(), other, world.gateway).await;
    let wish = Pay { method: Some(theirs), ..by_card(&world, &[bill], "with their card") };
    assert!(matches!(
        world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, wish).await,
        Err(Error::NotFound("payment method"))
    ));
    let checking = payment_method::ActiveModel {
        id: Set(world.card),
        status: Set(MethodStatus::Failed),
        status_reason: Set(Some("The bank said no.".into())),
        ..Default::default()
    };
    checking.update(world.billing().kernel.store.write_pool()).await.expect("changed");
    match world.pay(&[bill], "with a bad card").await {
        Err(Error::Invalid(errors)) => {
            assert_eq!((errors[0].code.as_ref(), errors[0].message.as_str()), ("METHOD_NOT_READY", "The bank said no."));
        }
        other => panic!("{other:?}"),
    }
    world.prove().await;
}

async fn bills_of_one_payment_are_in_one_currency(bench: Bench) {
    let world = world(bench).await;
    let dollars = provider(world.billing(), "dollars", "USD", json!({"kind": "EXACT"})).await;
    let second = account(world.billing(), dollars, world.customer, None).await;
    let bills = [world.bill(100).await, world.bill_at(second, 100).await];
    assert_eq!(refusal(world.pay(&bills, "in two currencies").await), [("bills".to_owned(), "WRONG_CURRENCY".to_owned())]);
    world.prove().await;
}

async fn a_preview_tells_what_a_payment_would_come_to(bench: Bench) {
    let world = world(bench).await;
    world.top_up(300, "some money first").await;
    let bills = [world.bill(400).await, world.bill(600).await];
    let wished = || bills.iter().map(|id| BillAmount { bill_id: *id, amount_minor: None }).collect::<Vec<_>>();
    let preview = world.billing().payments.preview_payment(&world.actor, wished(), true, Some(world.card)).await.expect("a preview");
    let sums = preview.sums.expect("sums");
    assert_eq!((sums.total_minor, sums.from_wallet_minor, sums.from_gateway_minor), (1_000, 300, 700));
    assert!(preview.user_errors.is_empty());
    world.pay(&bills[..1], "the first of them").await.expect("paid");
    let preview = world.billing().payments.preview_payment(&world.actor, wished(), false, None).await.expect("a preview");
    let errors: Vec<_> = preview.user_errors.iter().map(|e| (e.path.join("."), e.code.to_string())).collect();
    assert_eq!(errors, [("bills.0.billId".to_owned(), "NOT_PAYABLE".to_owned())]);
    assert_eq!(preview.lines.len(), 2);
    world.prove().await;
}
