//! Webhooks: taken, and acted upon.

use std::sync::Arc;

use billow_billing::gateways::{MAX_WEBHOOK_BYTES, WebhookTaken};
use billow_billing::ports::{ChargeState, SetupState, Wakeup, WebhookRefusal};
use chrono::Duration;

use super::*;
use crate::common::gateway::Fate;
use crate::common::on_both;

on_both!(
    a_webhook_is_stored_before_it_is_understood_and_its_double_is_answered_as_taken,
    what_is_forged_stale_unreadable_too_large_or_nobody_s_is_not_stored,
    unknown_kinds_and_other_people_s_charges_are_kept_and_ignored,
    a_webhook_before_the_answer_finds_its_attempt_and_settles_it,
    the_object_is_asked_for_again_whatever_the_order,
    what_cannot_be_dealt_with_is_tried_ten_times_and_then_stays_visible,
    two_workers_settle_a_charge_once,
    a_worker_that_overslept_its_claim_says_nothing_about_a_webhook,
    a_webhook_makes_a_method_ready,
    old_webhooks_are_swept_away,
);

/// A top-up of five euros whose call has not been answered, and its charge.
async fn charged(bench: &Bench, state: ChargeState) -> (PaymentId, String) {
    let at = gateway(bench, "cards", 1).await.id;
    let (owner, _) = somebody(bench, "Anna").await;
    let (payment, attempt) = top_up_under_way(bench, owner, at, 500).await;
    let charge = bench.ports.gateway.charge_behind_our_back(at, &attempt.to_string(), 500, "EUR");
    bench.ports.gateway.set_charge_state(&charge, state);
    (payment, charge)
}

async fn take(bench: &Bench, id: &str, kind: &str, about: Option<(&str, &str)>) -> WebhookTaken {
    let (body, signature) = webhook(&bench.billing, id, kind, about);
    bench.billing.gateways.take_webhook("cards", Some(&signature), &body).await.expect("taken")
}

async fn a_webhook_is_stored_before_it_is_understood_and_its_double_is_answered_as_taken(bench: Bench) {
    let (_, charge) = charged(&bench, ChargeState::Succeeded).await;
    let WebhookTaken::Stored(id) = take(&bench, "evt_1", "payment_intent.succeeded", Some(("charge", &charge))).await else {
        panic!("not stored")
    };
    assert_eq!(take(&bench, "evt_1", "payment_intent.succeeded", Some(("charge", &charge))).await, WebhookTaken::Known);
    let stored = stored_events(&bench).await;
    assert_eq!((stored.len(), stored[0].id, stored[0].outcome), (1, id, GatewayEventOutcome::Received));
    assert!(stored[0].payload.contains(r#""id":"evt_1""#), "as it came: {}", stored[0].payload);
    assert_eq!(bench.ports.gateway.ask_calls(), 0, "nobody was called while the gateway waited");
    assert!(bench.ports.woken.lock().contains(&Wakeup::Notices));
}

async fn what_is_forged_stale_unreadable_too_large_or_nobody_s_is_not_stored(bench: Bench) {
    gateway(&bench, "cards", 1).await;
    let billing = &bench.billing;
    let (body, fresh) = webhook(billing, "evt_1", "payment_intent.succeeded", Some(("charge", "ch_1")));
    let stale = signed(billing.kernel.clock.now() - Duration::seconds(301));
    let ahead = signed(billing.kernel.clock.now() + Duration::seconds(301));
    let large = vec![b' '; MAX_WEBHOOK_BYTES + 1];
    for (signature, body, expected) in [
        (None, body.as_slice(), WebhookTaken::Refused(WebhookRefusal::Forged)),
        (Some("nonsense"), &body, WebhookTaken::Refused(WebhookRefusal::Forged)),
        (Some(stale.as_str()), &body, WebhookTaken::Refused(WebhookRefusal::Stale)),
        (Some(ahead.as_str()), &body, WebhookTaken::Refused(WebhookRefusal::Stale)),
        (Some(fresh.as_str()), b"{", WebhookTaken::Refused(WebhookRefusal::Unreadable)),
        (Some(fresh.as_str()), br#"{"id": "", "kind": "x"}"#, WebhookTaken::Refused(WebhookRefusal::Unreadable)),
        (Some(fresh.as_str()), &large, WebhookTaken::TooLarge),
    ] {
        assert_eq!(billing.gateways.take_webhook("cards", signature, body).await.expect("an answer"), expected);
    }
    assert!(matches!(billing.gateways.take_webhook("others", Some(&fresh), &body).await, Err(Error::NotFound("gateway"))));
    assert_eq!(stored_events(&bench).await, []);
}

async fn unknown_kinds_and_other_people_s_charges_are_kept_and_ignored(bench: Bench) {
    let at = gateway(&bench, "cards", 1).await.id;
    let foreign = bench.ports.gateway.charge_behind_our_back(at, "somebody else's", 100, "EUR");
    assert!(matches!(take(&bench, "evt_1", "radar.early_fraud_warning.created", None).await, WebhookTaken::Stored(_)));
    assert!(matches!(take(&bench, "evt_2", "payment_intent.succeeded", Some(("charge", &foreign))).await, WebhookTaken::Stored(_)));
    assert_eq!(bench.billing.notices.work_notices().await.expect("worked"), 1);
    let stored = stored_events(&bench).await;
    assert_eq!(stored.iter().map(|e| e.outcome).collect::<Vec<_>>(), [GatewayEventOutcome::Ignored; 2]);
    assert!(stored.iter().all(|e| e.due_at.is_none() && e.processed_at.is_some() && e.message.is_some()));
    assert!(bench.billing.ledger.ledger_proof(&ADMIN).await.expect("a proof").balanced);
}

async fn a_webhook_before_the_answer_finds_its_attempt_and_settles_it(bench: Bench) {
    let (payment, charge) = charged(&bench, ChargeState::Succeeded).await;
    take(&bench, "evt_1", "payment_intent.succeeded", Some(("charge", &charge))).await;
    bench.billing.notices.work_notices().await.expect("worked");
    assert_eq!(payment_now(&bench, payment).await.status, PaymentStatus::Succeeded);
    let stored = stored_events(&bench).await;
    assert_eq!((stored[0].outcome, stored[0].payment_id), (GatewayEventOutcome::Processed, Some(payment)));
}

async fn the_object_is_asked_for_again_whatever_the_order(bench: Bench) {
    let (payment, charge) = charged(&bench, ChargeState::Succeeded).await;
    // The last to arrive is the oldest, and claims that it failed.
    for (id, kind) in
        [("evt_3", "payment_intent.succeeded"), ("evt_1", "payment_intent.created"), ("evt_2", "payment_intent.payment_failed")]
    {
        take(&bench, id, kind, Some(("charge", &charge))).await;
        bench.billing.notices.work_notices().await.expect("worked");
        assert_eq!(payment_now(&bench, payment).await.status, PaymentStatus::Succeeded, "{kind}");
    }
    let settled = ledger_entry::Entity::find().all(bench.billing.kernel.store.write_pool()).await.expect("entries");
    assert_eq!(settled.len(), 1);
}

async fn what_cannot_be_dealt_with_is_tried_ten_times_and_then_stays_visible(bench: Bench) {
    let (payment, charge) = charged(&bench, ChargeState::Succeeded).await;
    take(&bench, "evt_1", "payment_intent.succeeded", Some(("charge", &charge))).await;
    bench.ports.gateway.asks_next([const { Fate::Refused }; 10]);
    for tried in 1..=10 {
        assert_eq!(bench.billing.notices.work_notices().await.expect("worked"), 1);
        assert_eq!(bench.billing.notices.work_notices().await.expect("worked"), 0, "not before its time");
        let stored = &stored_events(&bench).await[0];
        assert_eq!(stored.tries, tried);
        assert!(stored.message.as_deref().is_some_and(|why| why.contains("refused")), "{stored:?}");
        if let Some(due) = stored.due_at {
            assert_eq!(stored.outcome, GatewayEventOutcome::Received);
            bench.clock.set(due);
        }
    }
    let given_up = &stored_events(&bench).await[0];
    assert_eq!((given_up.outcome, given_up.due_at), (GatewayEventOutcome::Failed, None));
    assert_eq!(payment_now(&bench, payment).await.status, PaymentStatus::Processing);
    // The gateway sends it once more.
    assert_eq!(take(&bench, "evt_1", "payment_intent.succeeded", Some(("charge", &charge))).await, WebhookTaken::Known);
    bench.billing.notices.work_notices().await.expect("worked");
    assert_eq!(payment_now(&bench, payment).await.status, PaymentStatus::Succeeded);
}

async fn two_workers_settle_a_charge_once(bench: Bench) {
    let (payment, charge) = charged(&bench, ChargeState::Succeeded).await;
    for n in 0..20 {
        take(&bench, &format!("evt_{n}"), "payment_intent.succeeded", Some(("charge", &charge))).await;
    }
    let other = bench.another("worker-2").await;
    let (one, two) = tokio::join!(bench.billing.notices.work_notices(), other.notices.work_notices());
    assert_eq!(one.expect("worked") + two.expect("worked"), 20);
    assert_eq!(payment_now(&bench, payment).await.status, PaymentStatus::Succeeded);
    assert_eq!(ledger_entry::Entity::find().all(bench.billing.kernel.store.write_pool()).await.expect("entries").len(), 1);
    assert!(stored_events(&bench).await.iter().all(|e| e.outcome == GatewayEventOutcome::Processed));
}

async fn a_worker_that_overslept_its_claim_says_nothing_about_a_webhook(bench: Bench) {
    let (payment, charge) = charged(&bench, ChargeState::Succeeded).await;
    take(&bench, "evt_1", "payment_intent.succeeded", Some(("charge", &charge))).await;
    // The first worker is refused, and sleeps over the answer; another takes the webhook over and acts upon it meanwhile.
    bench.ports.gateway.asks_next([Fate::Refused]);
    let (clock, other, ports) = (Arc::clone(&bench.clock), bench.another("worker-2").await, Arc::clone(&bench.ports));
    bench.ports.gateway.set_after_state(Some(Arc::new(move |_| {
        let (clock, other, ports) = (Arc::clone(&clock), other.clone(), Arc::clone(&ports));
        Box::pin(async move {
            ports.gateway.set_after_state(None);
            clock.advance(Duration::minutes(6));
            assert_eq!(other.notices.work_notices().await.expect("worked"), 1, "the claim of the first is over");
        })
    })));
    bench.billing.notices.work_notices().await.expect("worked");
    let stored = &stored_events(&bench).await[0];
    assert_eq!((stored.outcome, stored.payment_id, stored.message.as_deref()), (GatewayEventOutcome::Processed, Some(payment), None));
    assert_eq!((stored.fence, stored.lease_until, stored.due_at), (2, None, None));
    assert_eq!(payment_now(&bench, payment).await.status, PaymentStatus::Succeeded);
}

async fn a_webhook_makes_a_method_ready(bench: Bench) {
    gateway(&bench, "cards", 1).await;
    let (_, anna) = somebody(&bench, "Anna").await;
    let method = bench.billing.methods.start_setup(&anna, by_page(MethodKind::Card)).await.expect("begun");
    let setup = method.setup_id.expect("a setup");
    bench.ports.gateway.set_setup_state(&setup, SetupState::Ready);
    take(&bench, "evt_1", "setup_intent.succeeded", Some(("setup", &setup))).await;
    take(&bench, "evt_2", "setup_intent.succeeded", Some(("setup", "seti_unknown"))).await;
    bench.billing.notices.work_notices().await.expect("worked");
    let ready = bench.billing.methods.payment_method(&anna, method.id).await.expect("a method");
    assert_eq!((ready.status, ready.is_default), (MethodStatus::Ready, true));
    // A setup nobody knows may be one whose answer is still on its way; a third look decides.
    for _ in 0..2 {
        let waiting = stored_events(&bench).await.pop().expect("an event");
        assert_eq!(waiting.outcome, GatewayEventOutcome::Received);
        bench.clock.set(waiting.due_at.expect("due"));
        bench.billing.notices.work_notices().await.expect("worked");
    }
    assert_eq!(stored_events(&bench).await.pop().map(|e| e.outcome), Some(GatewayEventOutcome::Ignored));
}

async fn old_webhooks_are_swept_away(bench: Bench) {
    gateway(&bench, "cards", 1).await;
    take(&bench, "evt_1", "invoice.created", None).await;
    bench.clock.advance(Duration::days(399));
    take(&bench, "evt_2", "invoice.created", None).await;
    assert_eq!(bench.billing.gateways.sweep_gateway_events().await.expect("swept"), 0);
    bench.clock.advance(Duration::days(2));
    assert_eq!(bench.billing.gateways.sweep_gateway_events().await.expect("swept"), 1);
    assert_eq!(stored_events(&bench).await.len(), 1);
}
