//! The circuit of a gateway, through the choice of one, and the customers gateways know.

use billow_billing::gateways::Verdict;
use billow_billing::ports::GatewayFault;
use chrono::Duration;

use super::*;
use crate::common::on_both;

on_both!(
    after_five_calls_without_an_answer_payments_go_elsewhere_and_one_probes_after_a_minute,
    faults_of_several_processes_count_together_and_a_refusal_is_an_answer,
    an_administrator_lets_calls_through_again,
    a_gateway_knows_a_customer_once,
);

fn hangs() -> GatewayFault {
    GatewayFault::Unknown { message: "it hangs".into() }
}

async fn after_five_calls_without_an_answer_payments_go_elsewhere_and_one_probes_after_a_minute(bench: Bench) {
    let (first, second) = (gateway(&bench, "first", 1).await, gateway(&bench, "second", 2).await);
    let billing = &bench.billing;
    for _ in 0..4 {
        billing.gateways.record_gateway_fault(first.id, &hangs()).await.expect("noted");
    }
    assert_eq!(billing.gateways.route(card_wish()).await.expect("a route").0.id, first.id);
    billing.gateways.record_gateway_fault(first.id, &hangs()).await.expect("noted");
    let (access, decision) = billing.gateways.route(card_wish()).await.expect("a route");
    assert_eq!((access.id, decision.candidates[0].verdict), (second.id, Verdict::CircuitOpen));
    assert!(decision.candidates[0].reason.contains("it hangs"), "{decision:?}");

    bench.clock.advance(Duration::seconds(60));
    let other = bench.another("worker-2").await;
    let (one, two) = tokio::join!(billing.gateways.route(card_wish()), other.gateways.route(card_wish()));
    let mut there: Vec<_> = [one, two].map(|route| route.expect("a route").0.id).to_vec();
    there.sort_unstable();
    assert_eq!(there, [first.id, second.id], "one of them probes");
    billing.gateways.record_gateway_fault(first.id, &hangs()).await.expect("the probe failed");
    assert_eq!(billing.gateways.route(card_wish()).await.expect("a route").0.id, second.id);

    bench.clock.advance(Duration::seconds(60));
    assert_eq!(billing.gateways.route(card_wish()).await.expect("a route").0.id, first.id);
    billing.gateways.record_gateway_ok(first.id).await.expect("the probe succeeded");
    let now = gateway_now(&bench, first.id).await;
    assert_eq!((now.circuit_state, now.circuit_failures, now.last_success_at), (CircuitState::Closed, 0, Some(billing.kernel.clock.now())));
    let changes: Vec<_> = told(&bench, "gateway.updated").await.into_iter().map(|data| data["change"].clone()).collect();
    let set_up = ["created", "tested", "resumed"];
    assert_eq!(changes[..6], [set_up, set_up].concat());
    assert_eq!(changes[6..], ["circuit_opened", "circuit_opened", "circuit_closed"]);
}

async fn faults_of_several_processes_count_together_and_a_refusal_is_an_answer(bench: Bench) {
    let id = gateway(&bench, "cards", 1).await.id;
    let other = bench.another("worker-2").await;
    let not_sent = GatewayFault::NotSent { message: "no connection".into(), retry_after_ms: None };
    let refused = GatewayFault::Refused { code: None, message: "no such customer".into() };
    for _ in 0..4 {
        bench.billing.gateways.record_gateway_fault(id, &hangs()).await.expect("noted");
    }
    other.gateways.record_gateway_fault(id, &refused).await.expect("noted");
    assert_eq!(gateway_now(&bench, id).await.circuit_failures, 0, "an answer ends the row");
    for (at, billing) in [&bench.billing, &other, &bench.billing, &other, &other].into_iter().enumerate() {
        assert_eq!(gateway_now(&bench, id).await.circuit_state, CircuitState::Closed, "after {at}");
        billing.gateways.record_gateway_fault(id, &not_sent).await.expect("noted");
    }
    assert_eq!(gateway_now(&bench, id).await.circuit_state, CircuitState::Open);
    assert_eq!(codes(other.gateways.route(card_wish()).await), ["GATEWAY_UNAVAILABLE"]);
}

async fn an_administrator_lets_calls_through_again(bench: Bench) {
    let id = gateway(&bench, "cards", 1).await.id;
    for _ in 0..5 {
        bench.billing.gateways.record_gateway_fault(id, &hangs()).await.expect("noted");
    }
    assert_eq!(codes(bench.billing.gateways.route(card_wish()).await), ["GATEWAY_UNAVAILABLE"]);
    bench.billing.gateways.reset_gateway_circuit(&ADMIN, id, Some("They mended it")).await.expect("reset");
    assert_eq!(bench.billing.gateways.route(card_wish()).await.expect("a route").0.id, id);
    assert_eq!(audited(&bench).await.last().map(String::as_str), Some("gateway.reset_circuit"));
}

async fn a_gateway_knows_a_customer_once(bench: Bench) {
    let (first, second) = (gateway(&bench, "first", 1).await, gateway(&bench, "second", 2).await);
    let (anna, _) = somebody(&bench, "Anna").await;
    let other = bench.another("worker-2").await;
    let access = bench.billing.gateways.gateway_access(first.id).await.expect("access");
    let (one, two) = tokio::join!(bench.billing.gateways.gateway_customer(&access, anna), other.gateways.gateway_customer(&access, anna));
    let (one, two) = (one.expect("asked").expect("made"), two.expect("asked").expect("made"));
    assert_eq!(one, two);
    let there = bench.billing.gateways.gateway_access(second.id).await.expect("access");
    let elsewhere = bench.billing.gateways.gateway_customer(&there, anna).await.expect("asked").expect("made");
    assert_ne!(one, elsewhere, "each gateway has its own");
    assert_eq!(bench.ports.gateway.customers().len(), 2);
    let nobody = CustomerId(bench.billing.kernel.ids.next());
    assert!(matches!(bench.billing.gateways.gateway_customer(&access, nobody).await, Err(Error::NotFound("customer"))));
}
