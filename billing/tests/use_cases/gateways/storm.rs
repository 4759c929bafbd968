//! Ten thousand webhooks: doubled, shuffled, forged, stale and of unknown kinds, taken while others are acted upon by two
//! workers. The gateway in memory is the truth.

use std::collections::HashSet;

use billow_billing::gateways::WebhookTaken;
use billow_billing::ports::{
    ChargeState, Decline, Gateway as _, GatewayRefundState, NewGatewayRefund, NewSetup, SetupSource, SetupState, WebhookRefusal,
};
use chrono::Duration;
use futures::StreamExt as _;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::*;
use crate::common::on_both;

on_both!(each_effect_happens_once_and_everything_ends_as_the_gateway_says);

const NOTICES: usize = 10_000;
const SEED: u64 = 20_261_121;

/// A webhook to come.
#[derive(Clone)]
struct Sent {
    id: String,
    body: Vec<u8>,
    signature: Option<String>,
    expected: Expected,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Taken,
    Forged,
    Stale,
}

/// What is at the gateway: its objects with what they are called in webhooks, and what ours are to become.
struct Truth {
    objects: Vec<(&'static str, String)>,
    payments: Vec<(PaymentId, PaymentStatus, i64)>,
    refunds: Vec<(RefundId, RefundStatus, i64)>,
    methods: Vec<(PaymentMethodId, MethodStatus)>,
}

fn no() -> Decline {
    Decline { kind: DeclineKind::DoNotHonor, code: None, message: "no".into() }
}

async fn truth(bench: &Bench, rng: &mut StdRng) -> Truth {
    let at = gateway(bench, "cards", 1).await.id;
    let there = &bench.ports.gateway;
    let access = bench.billing.gateways.gateway_access(at).await.expect("access");
    let mut truth = Truth { objects: Vec::new(), payments: Vec::new(), refunds: Vec::new(), methods: Vec::new() };
    for name in ["Anna", "Bob", "Carla", "Dan"] {
        let (owner, _) = somebody(bench, name).await;
        let amounts: Vec<i64> = (0..150).map(|_| rng.random_range(1..100_000)).collect();
        let mut refunds = Vec::new();
        for ((payment, attempt), amount) in top_ups_under_way(bench, owner, at, &amounts).await.into_iter().zip(amounts) {
            let charge = there.charge_behind_our_back(at, &attempt.to_string(), amount, "EUR");
            let (state, status) = match rng.random_range(0..20) {
                0..=1 => (ChargeState::Failed(no()), PaymentStatus::Failed),
                2 => (ChargeState::Cancelled, PaymentStatus::Cancelled),
                3..=4 => (ChargeState::Processing, PaymentStatus::Processing),
                5 => (ChargeState::RequiresAction { url: None }, PaymentStatus::RequiresAction),
                _ => (ChargeState::Succeeded, PaymentStatus::Succeeded),
            };
            if state == ChargeState::Succeeded && refunds.len() < 20 {
                let row = refund_row(bench, payment, attempt, owner, amount);
                let new = NewGatewayRefund { charge_id: charge.clone(), reference: row.0.to_string(), amount_minor: amount };
                let made = there.refund(&access, &row.0.to_string(), &new).await.expect("a refund");
                let (told, status) = match refunds.len() % 4 {
                    0 => (GatewayRefundState::Pending, RefundStatus::Pending),
                    1 => (GatewayRefundState::Failed { message: "closed".into() }, RefundStatus::Failed),
                    _ => (GatewayRefundState::Succeeded, RefundStatus::Succeeded),
                };
                there.set_refund_state(&made.id, told);
                truth.refunds.push((row.0, status, amount));
                truth.objects.push(("refund", made.id));
                refunds.push(row.1);
            }
            there.set_charge_state(&charge, state);
            truth.payments.push((payment, status, amount));
            truth.objects.push(("charge", charge));
        }
        let db = bench.billing.kernel.store.write_pool();
        refund::Entity::insert_many(refunds).exec_without_returning(db).await.expect("refunds");
        for n in 0..15 {
            let (id, row) = method_row(bench, owner, at);
            let new = NewSetup {
                reference: id.to_string(),
                customer: "cus".into(),
                kind: MethodKind::DirectDebit,
                currency: currency("EUR"),
                source: SetupSource::HostedPage { return_url: "https://billow.test/".into() },
            };
            let setup = there.start_setup(&access, &id.to_string(), &new).await.expect("a setup").id;
            let (state, status) = match n % 3 {
                0 => (SetupState::Ready, MethodStatus::Ready),
                1 => (SetupState::Failed(no()), MethodStatus::Failed),
                _ => (SetupState::Processing, MethodStatus::Checking),
            };
            there.set_setup_state(&setup, state);
            payment_method::ActiveModel { setup_id: Set(Some(setup.clone())), ..row }.insert(db).await.expect("a method");
            truth.methods.push((id, status));
            truth.objects.push(("setup", setup));
        }
    }
    // Somebody else uses the same account at the gateway.
    for n in 0..40 {
        truth.objects.push(("charge", there.charge_behind_our_back(at, &format!("not ours {n}"), 1, "EUR")));
    }
    truth
}

fn refund_row(bench: &Bench, payment: PaymentId, attempt: AttemptId, owner: CustomerId, amount: i64) -> (RefundId, refund::ActiveModel) {
    let id = RefundId(bench.billing.kernel.ids.next());
    let row = refund::ActiveModel {
        id: Set(id),
        payment_id: Set(payment),
        attempt_id: Set(Some(attempt)),
        customer_id: Set(owner),
        target: Set(RefundTarget::Gateway),
        cause: Set(RefundCause::Operator),
        reason: Set("test".into()),
        status: Set(RefundStatus::Pending),
        currency: Set("EUR".into()),
        amount_minor: Set(amount),
        actor: Set("test".into()),
        idempotency_key: Set(id.to_string()),
        request_hash: Set("-".into()),
        tries: Set(1),
        rounds: Set(0),
        fence: Set(0),
        created_at: Set(bench.billing.kernel.clock.now()),
        sent_at: Set(Some(bench.billing.kernel.clock.now())),
        ..Default::default()
    };
    (id, row)
}

fn method_row(bench: &Bench, owner: CustomerId, at: GatewayId) -> (PaymentMethodId, payment_method::ActiveModel) {
    let (id, now) = (PaymentMethodId(bench.billing.kernel.ids.next()), bench.billing.kernel.clock.now());
    let row = payment_method::ActiveModel {
        id: Set(id),
        customer_id: Set(owner),
        gateway_id: Set(at),
        kind: Set(MethodKind::DirectDebit),
        status: Set(MethodStatus::Checking),
        is_default: Set(false),
        wants_default: Set(false),
        checks: Set(0),
        fence: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    (id, row)
}

/// Ten thousand webhooks in no order.
fn storm(bench: &Bench, truth: &Truth, rng: &mut StdRng) -> Vec<Sent> {
    let now = bench.billing.kernel.clock.now();
    let mut sent: Vec<Sent> = Vec::with_capacity(NOTICES + 5);
    let mut number = 0;
    while sent.len() < NOTICES {
        // Every object is told of at least once; after that chance decides.
        let (what, object) =
            if number < truth.objects.len() { &truth.objects[number] } else { &truth.objects[rng.random_range(0..truth.objects.len())] };
        let luck = if number < truth.objects.len() { 100 } else { rng.random_range(0..100) };
        number += 1;
        let id = format!("evt_{number}");
        let kind = ["created", "processing", "succeeded", "payment_failed"][rng.random_range(0..4)];
        let about = if luck < 5 { None } else { Some((*what, object.as_str())) };
        let (body, fresh) = webhook(&bench.billing, &id, kind, about);
        let (signature, expected) = match luck {
            5..10 => ([None, Some("t=1,v1=00".to_owned())][rng.random_range(0..2)].clone(), Expected::Forged),
            10..15 => (Some(signed(now - Duration::seconds(rng.random_range(301..100_000)))), Expected::Stale),
            _ => (Some(fresh), Expected::Taken),
        };
        let copies = rng.random_range(1..=5);
        sent.extend(std::iter::repeat_n(Sent { id, body, signature, expected }, copies));
    }
    sent.truncate(NOTICES);
    sent.shuffle(rng);
    sent
}

async fn each_effect_happens_once_and_everything_ends_as_the_gateway_says(bench: Bench) {
    let mut rng = StdRng::seed_from_u64(SEED);
    let truth = truth(&bench, &mut rng).await;
    let sent = storm(&bench, &truth, &mut rng);
    let genuine: HashSet<&str> = sent.iter().filter(|s| s.expected == Expected::Taken).map(|s| s.id.as_str()).collect();
    let other = bench.another("worker-2").await;
    let mut new = 0;
    for part in sent.chunks(1_000) {
        let taken =
            futures::stream::iter(part)
                .map(|s| {
                    // Two processes take them.
                    let billing = if s.body.len() % 2 == 0 { &bench.billing } else { &other };
                    async move {
                        (s.expected, billing.gateways.take_webhook("cards", s.signature.as_deref(), &s.body).await.expect("an answer"))
                    }
                })
                .buffer_unordered(32)
                .collect::<Vec<_>>();
        let (taken, one, two) = tokio::join!(taken, bench.billing.notices.work_notices(), other.notices.work_notices());
        one.expect("worked");
        two.expect("worked");
        for (expected, taken) in taken {
            match expected {
                Expected::Taken => assert!(matches!(taken, WebhookTaken::Stored(_) | WebhookTaken::Known), "{taken:?}"),
                Expected::Forged => assert_eq!(taken, WebhookTaken::Refused(WebhookRefusal::Forged)),
                Expected::Stale => assert_eq!(taken, WebhookTaken::Refused(WebhookRefusal::Stale)),
            }
            new += usize::from(matches!(taken, WebhookTaken::Stored(_)));
        }
    }
    bench.billing.notices.work_notices().await.expect("worked");
    assert_eq!(new, genuine.len(), "each genuine one was new exactly once");

    let stored = stored_events(&bench).await;
    assert_eq!(stored.iter().map(|e| e.external_id.as_str()).collect::<HashSet<_>>(), genuine);
    for event in &stored {
        let ignored = event.object_id.is_none() || event.message.as_deref().is_some_and(|why| why.starts_with("no attempt of ours"));
        let expected = if ignored { GatewayEventOutcome::Ignored } else { GatewayEventOutcome::Processed };
        assert_eq!((event.outcome, event.due_at), (expected, None), "{event:?}");
        let of_payment = !ignored && !event.object_id.as_deref().is_some_and(|o| o.starts_with("setup:"));
        assert_eq!(event.payment_id.is_some(), of_payment, "{event:?}");
    }
    as_the_gateway_says(&bench, &truth).await;
}

async fn as_the_gateway_says(bench: &Bench, truth: &Truth) {
    let db = bench.billing.kernel.store.write_pool();
    let mut paid = 0;
    for (id, status, amount) in &truth.payments {
        assert_eq!(payment_now(bench, *id).await.status, *status);
        paid += if *status == PaymentStatus::Succeeded { *amount } else { 0 };
    }
    for (id, status) in &truth.methods {
        let method = payment_method::Entity::find_by_id(*id).one(db).await.expect("read").expect("a method");
        assert_eq!(method.status, *status);
    }
    let defaults = payment_method::Entity::find().filter(payment_method::Column::IsDefault.eq(true)).all(db).await.expect("read");
    assert_eq!(defaults.len(), 4, "each customer has one default");
    let mut refunded = 0;
    for (id, status, amount) in &truth.refunds {
        let refund = refund::Entity::find_by_id(*id).one(db).await.expect("read").expect("a refund");
        assert_eq!(refund.status, *status);
        refunded += if *status == RefundStatus::Succeeded { *amount } else { 0 };
    }
    let entries = ledger_entry::Entity::find().all(db).await.expect("entries");
    let of = |kind: &str| entries.iter().filter(|e| e.kind == kind).count();
    assert_eq!(of("payment.settled"), truth.payments.iter().filter(|p| p.1 == PaymentStatus::Succeeded).count());
    assert_eq!(of("refund.settled"), truth.refunds.iter().filter(|r| r.1 == RefundStatus::Succeeded).count());
    let proof = bench.billing.ledger.ledger_proof(&ADMIN).await.expect("a proof");
    assert!(proof.balanced);
    let sum = |kind| proof.accounts.iter().filter(|a| a.kind == kind).map(|a| a.balance_minor).sum::<i64>();
    assert_eq!(sum(LedgerAccountKind::Wallet), -paid);
    assert_eq!(sum(LedgerAccountKind::GatewayClearing), paid - refunded);
}
