//! The daily comparison finds every planted difference, tells nothing else, and moves no money.

use std::collections::BTreeMap;

use billow_billing::{Billing, Error};
use billow_entities::*;
use chrono::{Duration, NaiveDate};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::common::gateway::Fate;
use crate::common::{Bench, on_both};
use crate::remittances::*;

on_both!(
    fifty_planted_differences_are_found_and_nothing_else,
    yesterday_is_compared_once_by_whoever_comes_first,
    a_gateway_that_does_not_answer_is_asked_again_later,
    a_charge_we_never_booked_is_looked_at_and_booked,
    what_was_resolved_is_not_told_again,
);

fn day() -> NaiveDate {
    crate::common::start().date_naive()
}

impl World {
    async fn compare(&self) -> reconciliation::Model {
        self.billing().reconciling.reconcile_day(self.gateway, day()).await.expect("compared")
    }

    async fn differences(&self) -> Vec<discrepancy::Model> {
        self.billing().reconciling.open_discrepancies(&OPERATOR).await.expect("differences")
    }

    async fn attempt_of(&self, payment: PaymentId) -> payment_attempt::Model {
        self.attempts(payment).await.remove(0)
    }
}

fn counted(found: &[discrepancy::Model]) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for one in found {
        *out.entry(one.kind.to_string()).or_default() += 1;
    }
    out
}

/// Ten charges we never heard of, ten postings without a charge, ten refunds by other hands, ten refunds the gateway lost,
/// ten strangers; and a crowd of payments where all is well.
async fn fifty_planted_differences_are_found_and_nothing_else(bench: Bench) {
    let world = world(bench).await;
    let db = world.billing().kernel.store.write_pool();
    for n in 0..20 {
        let (_, payment) = world.paid_bill(1_000 + n).await;
        if n % 5 == 0 {
            world.billing().refunds.refund_payment(&OPERATOR, all_of(payment, &format!("an honest refund {n}"))).await.expect("refunded");
        }
    }
    world.send_refunds().await;
    for n in 0..10 {
        // The gateway charged, and we only know that we asked.
        world.fake().charges_next([Fate::LostAfter]);
        let bill = world.bill(2_000 + n).await;
        let made = world.pay(&[bill], &format!("a lost answer {n}")).await.expect("unknown");
        assert_eq!(made.payment.status, PaymentStatus::Unknown);
        // Booked by us, and called off by the gateway behind our back.
        let (_, payment) = world.paid_bill(3_000 + n).await;
        let charge = world.attempt_of(payment).await.external_id.expect("a charge");
        world.fake().set_charge_state(&charge, billow_billing::ports::ChargeState::Cancelled);
        // Refunded by other hands: our refund is taken out of our books.
        let (_, payment) = world.paid_bill(4_000 + n).await;
        let made =
            world.billing().refunds.refund_payment(&OPERATOR, all_of(payment, &format!("a forgotten one {n}"))).await.expect("refunded");
        world.send_refunds().await;
        refund::Entity::delete_by_id(made[0].id).exec(db).await.expect("forgotten");
        // Refunded by our books, and the gateway knows nothing.
        let (_, payment) = world.paid_bill(5_000 + n).await;
        let made =
            world.billing().refunds.refund_payment(&OPERATOR, all_of(payment, &format!("an invented one {n}"))).await.expect("refunded");
        let mut row = made[0].clone().into_active_model();
        row.status = Set(RefundStatus::Succeeded);
        row.due_at = Set(None);
        row.update(db).await.expect("invented");
        // A charge that belongs to nobody.
        world.fake().charge_behind_our_back(world.gateway, &format!("stranger-{n}"), 6_000 + n, "EUR");
    }
    let before =
        (world.fake().kept_minor(), world.billing().ledger.ledger_proof(&billow_billing::Actor::System).await.expect("a proof").entries);
    let run = world.compare().await;
    assert_eq!((run.status, run.discrepancies), (ReconciliationStatus::Finished, 50));
    let found = world.differences().await;
    let wanted: BTreeMap<String, usize> =
        ["MISSING_POSTING", "MISSING_CHARGE", "MISSING_REFUND_POSTING", "MISSING_REFUND", "UNKNOWN_CHARGE"]
            .map(|kind| (kind.to_owned(), 10))
            .into();
    assert_eq!(counted(&found), wanted);
    for (kind, first) in
        [(DiscrepancyKind::MissingPosting, 2_000), (DiscrepancyKind::MissingRefundPosting, 4_000), (DiscrepancyKind::UnknownCharge, 6_000)]
    {
        let mut theirs: Vec<_> = found.iter().filter(|d| d.kind == kind).filter_map(|d| d.theirs_minor).collect();
        theirs.sort_unstable();
        assert_eq!(theirs, (first..first + 10).collect::<Vec<_>>(), "{kind}");
    }
    // The same again finds the same, and nothing moved.
    assert_eq!(world.compare().await.discrepancies, 50);
    assert_eq!(counted(&world.differences().await), wanted);
    let proof = world.billing().ledger.ledger_proof(&billow_billing::Actor::System).await.expect("a proof");
    assert_eq!((world.fake().kept_minor(), proof.entries, proof.balanced), (before.0, before.1, true));
}

async fn yesterday_is_compared_once_by_whoever_comes_first(bench: Bench) {
    let world = world(bench).await;
    world.paid_bill(500).await;
    world.fake().charge_behind_our_back(world.gateway, "stranger", 700, "EUR");
    world.later(Duration::hours(15));
    assert_eq!(world.billing().reconciling.reconcile_due().await.expect("swept"), 1, "the day before yesterday's evening is over");
    // Just after midnight the day is left to settle; then one of two processes compares it.
    world.later(Duration::hours(2));
    let other: Billing = world.bench.another("worker-2").await;
    let (mine, theirs) = tokio::join!(world.billing().reconciling.reconcile_due(), other.reconciling.reconcile_due());
    assert_eq!(mine.expect("swept") + theirs.expect("swept"), 1);
    assert_eq!(world.billing().reconciling.reconcile_due().await.expect("swept"), 0);
    let page = world.billing().reconciling.reconciliations(&OPERATOR, Some(world.gateway), Default::default()).await.expect("a page");
    let newest = &page.items[0].1;
    assert_eq!((newest.day, newest.status, newest.compared, newest.discrepancies), (day(), ReconciliationStatus::Finished, 2, 1));
    assert!(matches!(world.billing().reconciling.open_discrepancies(&world.actor).await, Err(Error::Forbidden)));
    let told = event::Entity::find().filter(event::Column::Kind.eq("reconciliation.finished"));
    assert_eq!(told.all(world.billing().kernel.store.read()).await.expect("events").len(), 2);
}

async fn a_gateway_that_does_not_answer_is_asked_again_later(bench: Bench) {
    let world = world(bench).await;
    world.paid_bill(500).await;
    world.later(Duration::hours(17));
    world.fake().asks_next([Fate::LostBefore]);
    world.billing().reconciling.reconcile_due().await.expect("swept");
    let run = world.billing().reconciling.reconciliations(&OPERATOR, None, Default::default()).await.expect("a page").items.remove(0).1;
    assert_eq!((run.status, run.day), (ReconciliationStatus::Failed, day()));
    assert!(run.message.is_some_and(|m| m.contains("the line went dead")));
    assert_eq!(world.billing().reconciling.reconcile_due().await.expect("swept"), 0, "not at once");
    world.later(Duration::hours(1));
    world.billing().reconciling.reconcile_due().await.expect("swept");
    let run = world.billing().reconciling.reconciliation(&OPERATOR, run.id).await.expect("the same run");
    assert_eq!((run.status, run.discrepancies, run.message), (ReconciliationStatus::Finished, 0, None));
}

async fn a_charge_we_never_booked_is_looked_at_and_booked(bench: Bench) {
    let world = world(bench).await;
    world.fake().charges_next([Fate::LostAfter]);
    let bill = world.bill(500).await;
    let payment = world.pay(&[bill], "a lost answer").await.expect("unknown").payment.id;
    let mut row = world.payment(payment).await.into_active_model();
    row.check_at = Set(None);
    row.update(world.billing().kernel.store.write_pool()).await.expect("forgotten");
    world.later(Duration::days(1));
    let run = world.billing().reconciling.start_reconciliation(&OPERATOR, world.gateway, day()).await.expect("compared");
    assert_eq!(run.discrepancies, 1);
    assert_eq!(world.payment(payment).await.check_at, Some(world.billing().kernel.clock.now()), "it is looked at now");
    world.billing().payments.check_payments_due().await.expect("checked");
    assert_eq!((world.status(payment).await, world.paid(bill).await), (PaymentStatus::Succeeded, (500, BillStatus::Paid)));
    assert_eq!(world.compare().await.discrepancies, 0, "what is mended is gone");
    assert!(world.differences().await.is_empty());
    assert_eq!(
        code(world.billing().reconciling.start_reconciliation(&OPERATOR, world.gateway, day() + Duration::days(1)).await),
        "OUT_OF_RANGE"
    );
    assert!(matches!(world.billing().reconciling.start_reconciliation(&world.actor, world.gateway, day()).await, Err(Error::Forbidden)));
    world.prove().await;
}

async fn what_was_resolved_is_not_told_again(bench: Bench) {
    let world = world(bench).await;
    world.fake().charge_behind_our_back(world.gateway, "stranger", 700, "EUR");
    world.compare().await;
    let found = world.differences().await.remove(0);
    assert_eq!(
        refusal(world.billing().reconciling.resolve_discrepancy(&OPERATOR, found.id, "").await),
        [("resolution".into(), "REQUIRED".into())]
    );
    assert!(matches!(world.billing().reconciling.resolve_discrepancy(&world.actor, found.id, "mine").await, Err(Error::Forbidden)));
    let resolved = world
        .billing()
        .reconciling
        .resolve_discrepancy(&OPERATOR, found.id, "A test charge of the gateway's own.")
        .await
        .expect("resolved");
    assert_eq!(resolved.resolved_by, Some(OPERATOR.label()));
    assert_eq!(code(world.billing().reconciling.resolve_discrepancy(&OPERATOR, found.id, "again").await), "ILLEGAL_STATE");
    assert_eq!(world.compare().await.discrepancies, 1);
    assert!(world.differences().await.is_empty(), "it stays resolved");
    assert_eq!(world.billing().reconciling.discrepancies_of(&OPERATOR, &[found.reconciliation_id]).await.expect("all").len(), 1);
}
