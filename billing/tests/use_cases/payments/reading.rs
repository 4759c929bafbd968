//! Reading payments: by filter, since a cursor, what is unsettled, and everything that happened to one.

use billow_billing::Error;
use billow_billing::page::PageRequest;
use billow_billing::payments::PaymentFilter;
use billow_entities::*;
use chrono::Duration;
use serde_json::json;

use crate::common::gateway::Fate;
use crate::common::{Bench, on_both};
use crate::payments::*;

on_both!(
    payments_are_found_by_what_they_are_for,
    pages_turn_and_end,
    only_what_changed_since_a_cursor_is_told,
    what_is_unsettled_is_seen_by_staff,
    a_timeline_tells_staff_everything_and_the_payer_what_concerns_them,
);

async fn payments_are_found_by_what_they_are_for(bench: Bench) {
    let world = world(bench).await;
    let other = provider(world.billing(), "aquana", "EUR", json!({"kind": "EXACT"})).await;
    let second = account(world.billing(), other, world.customer, None).await;
    let (power, water) = (world.bill(100).await, world.bill_at(second, 200).await);
    let first = world.pay(&[power], "for the power").await.expect("paid").payment.id;
    world.later(Duration::days(1));
    world.fake().charges_next([Fate::Declines(DeclineKind::Fraud)]);
    let failed = world.pay(&[water], "for the water").await.expect("an answer").payment.id;
    let top_up = world.top_up(500, "for the wallet").await.id;
    let found = async |filter: PaymentFilter| {
        let page = world.billing().payments.payments(&world.actor, filter, PageRequest::default()).await.expect("a page");
        page.items.into_iter().map(|(_, p)| p.id).collect::<Vec<_>>()
    };
    let any = PaymentFilter::default;
    assert_eq!(found(any()).await, [top_up, failed, first]);
    assert_eq!(found(PaymentFilter { provider_id: Some(other), ..any() }).await, [failed]);
    assert_eq!(found(PaymentFilter { utility_type: Some(UtilityType::Electricity), ..any() }).await, [failed, first]);
    assert_eq!(found(PaymentFilter { utility_type: Some(UtilityType::Gas), ..any() }).await, []);
    assert_eq!(found(PaymentFilter { bill_id: Some(power), ..any() }).await, [first]);
    assert_eq!(found(PaymentFilter { kind: Some(PaymentKind::TopUp), ..any() }).await, [top_up]);
    assert_eq!(found(PaymentFilter { status: Some(PaymentStatus::Failed), ..any() }).await, [failed]);
    let day = |text: &str| Some(text.parse().expect("a day"));
    assert_eq!(found(PaymentFilter { to: day("2026-11-21"), ..any() }).await, [first]);
    assert_eq!(found(PaymentFilter { from: day("2026-11-22"), provider_id: Some(other), ..any() }).await, [failed]);
    let of_bill = world.billing().payments.payments_of_bill(&world.actor, power, PageRequest::default()).await.expect("a page");
    assert_eq!(of_bill.items.into_iter().map(|(_, p)| p.id).collect::<Vec<_>>(), [first]);
    let (stranger_id, stranger) = customer(world.billing()).await;
    assert!(world.billing().payments.payments(&stranger, any(), PageRequest::default()).await.expect("a page").items.is_empty());
    let theirs = PaymentFilter { customer_id: Some(world.customer), ..any() };
    assert!(matches!(world.billing().payments.payments(&stranger, theirs.clone(), PageRequest::default()).await, Err(Error::NotFound(_))));
    assert_eq!(world.billing().payments.payments(&OPERATOR, theirs, PageRequest::default()).await.expect("a page").items.len(), 3);
    assert_ne!(stranger_id, world.customer);
    world.prove().await;
}

async fn pages_turn_and_end(bench: Bench) {
    let world = world(bench).await;
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(world.top_up(100 + number, &format!("top-up {number}")).await.id);
    }
    made.reverse();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let request = PageRequest { first: Some(2), after: after.clone() };
        let page = world.billing().payments.payments(&world.actor, PaymentFilter::default(), request).await.expect("a page");
        after = page.items.last().map(|(cursor, _)| cursor.clone());
        seen.extend(page.items.into_iter().map(|(_, p)| p.id));
        if !page.has_next {
            break;
        }
    }
    assert_eq!(seen, made);
}

async fn only_what_changed_since_a_cursor_is_told(bench: Bench) {
    let world = world(bench).await;
    let (_, stranger) = customer(world.billing()).await;
    let first = world.top_up(100, "the first one").await.id;
    world.fake().charges_next([Fate::Processing]);
    let second = world.top_up(200, "the second one").await.id;
    world.bench.relay().await;
    let since = async |cursor, first| world.billing().payments.payments_since(&world.actor, None, cursor, first).await.expect("changes");
    let ids = |changed: &billow_billing::payments::Changed| changed.payments.iter().map(|p| p.id).collect::<Vec<_>>();
    let all = since(0, 100).await;
    assert_eq!((ids(&all), all.more), (vec![first, second], false));
    let nothing = since(all.position, 100).await;
    assert_eq!((ids(&nothing), nothing.position, nothing.more), (vec![], all.position, false));
    // Only what changed comes, once, as it stands now.
    let charge = world.fake().charges().pop().expect("a charge");
    world.fake().set_charge_state(&charge.id, billow_billing::ports::ChargeState::Succeeded);
    world.billing().payments.check_payment(&OPERATOR, second).await.expect("asked");
    world.bench.relay().await;
    let changed = since(all.position, 100).await;
    assert_eq!((ids(&changed), changed.payments[0].status), (vec![second], PaymentStatus::Succeeded));
    // In small steps nothing is left out.
    let (mut cursor, mut told) = (0, Vec::new());
    loop {
        let step = since(cursor, 1).await;
        told.extend(ids(&step));
        assert!(step.position > cursor || !step.more);
        cursor = step.position;
        if !step.more {
            break;
        }
    }
    told.dedup();
    assert_eq!((told.last(), cursor), (Some(&second), changed.position));
    assert!(world.billing().payments.payments_since(&stranger, None, 0, 100).await.expect("changes").payments.is_empty());
    let beyond = world.billing().payments.payments_since(&world.actor, None, changed.position + 1, 100).await;
    assert_eq!(refusal(beyond), [("since".to_owned(), "INVALID_CURSOR".to_owned())]);
}

async fn what_is_unsettled_is_seen_by_staff(bench: Bench) {
    let world = world(bench).await;
    world.fake().charges_next([Fate::Processing, Fate::LostAfter, Fate::Succeeds, Fate::Action("https://bank.test".into())]);
    let mut ids = Vec::new();
    for number in 0..4 {
        ids.push(world.top_up(100, &format!("top-up {number}")).await.id);
    }
    let unsettled = world.billing().payments.unsettled(&OPERATOR).await.expect("a list");
    assert_eq!(unsettled.iter().map(|p| p.id).collect::<Vec<_>>(), [ids[0], ids[1], ids[3]]);
    assert!(matches!(world.billing().payments.unsettled(&world.actor).await, Err(Error::Forbidden)));
}

async fn a_timeline_tells_staff_everything_and_the_payer_what_concerns_them(bench: Bench) {
    let world = world(bench).await;
    world.top_up(300, "some money first").await;
    world.fake().charges_next([Fate::Declines(DeclineKind::InsufficientFunds)]);
    let bill = world.bill(1_000).await;
    let wish = billow_billing::payments::Pay { use_wallet: true, ..by_card(&world, &[bill], "declined first") };
    let id = world.billing().payments.pay(&world.actor, &*world.billing().payable_bills, wish).await.expect("an answer").payment.id;
    world.later(Duration::minutes(1));
    world.retry(id, "and then again").await.expect("paid");
    let kinds = |entries: &[billow_billing::payments::TimelineEntry]| entries.iter().map(|e| e.kind.clone()).collect::<Vec<_>>();
    let staff = world.billing().payments.timeline(&OPERATOR, id).await.expect("a timeline");
    for kind in ["payment.created", "attempt.created", "attempt.sent", "attempt.answered", "ledger.entry", "remittance.created"] {
        assert!(kinds(&staff).contains(&kind.to_owned()), "{kind} in {:?}", kinds(&staff));
    }
    let entries: Vec<_> = staff.iter().filter(|e| e.kind == "ledger.entry").map(|e| e.title.clone()).collect();
    assert_eq!(entries, ["wallet.held", "wallet.released", "wallet.held", "payment.settled"]);
    assert!(staff.windows(2).all(|pair| pair[0].at <= pair[1].at));
    let payer = world.billing().payments.timeline(&world.actor, id).await.expect("a timeline");
    assert_eq!(kinds(&payer), ["payment.created", "attempt.answered", "attempt.created", "attempt.answered", "remittance.created"]);
    assert!(payer.iter().all(|e| e.data.is_none()), "what is behind it is for staff");
    assert!(payer[1].detail.as_deref().is_some_and(|words| words.starts_with("There was not enough money")));
}
