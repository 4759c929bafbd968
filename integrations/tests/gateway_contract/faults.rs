//! Answers that do not come, or cannot be read.

use std::time::Duration;

use billow_billing::ports::{Charge, ChargeState, Gateway as _, GatewayFault, GatewayResult};
use billow_sandbox::{CardCall, CardFault};

use crate::rig::{Rig, access, gateways};

fn unknown(answer: &GatewayResult<Charge>) {
    assert!(matches!(answer, Err(GatewayFault::Unknown { .. })), "{answer:?}");
}

pub async fn an_answer_lost_after_the_fact_is_unknown_and_found_again(rig: &Rig) {
    let saved = rig.saved("pm_card_visa").await;
    let new = rig.charge_of("att_1", &saved, 100);
    rig.world().script_card(Some(CardCall::Charge), CardFault::LostAfter, 1);
    unknown(&rig.gateway.charge(&rig.at, "att_1", &new).await);
    assert_eq!(rig.times_charged("att_1"), 1);
    let found = rig.gateway.find_charge(&rig.at, "att_1", rig.now()).await.expect("an answer").expect("a charge");
    assert_eq!(found.state, ChargeState::Succeeded);
    assert_eq!(rig.gateway.charge(&rig.at, "att_1", &new).await, Ok(found), "the same key is the same charge");
    assert_eq!(rig.times_charged("att_1"), 1);
}

pub async fn a_request_lost_on_its_way_is_unknown_and_was_not_done(rig: &Rig) {
    let saved = rig.saved("pm_card_visa").await;
    let new = rig.charge_of("att_1", &saved, 100);
    rig.world().script_card(Some(CardCall::Charge), CardFault::LostBefore, 1);
    unknown(&rig.gateway.charge(&rig.at, "att_1", &new).await);
    assert_eq!(rig.times_charged("att_1"), 0, "and the adapter did not try again by itself");
    assert_eq!(rig.gateway.find_charge(&rig.at, "att_1", rig.now()).await, Ok(None));
    assert_eq!(rig.gateway.charge(&rig.at, "att_1", &new).await.expect("an answer").state, ChargeState::Succeeded);
    assert_eq!(rig.times_charged("att_1"), 1);
}

pub async fn answers_that_cannot_be_read_are_unknown(rig: &Rig) {
    let saved = rig.saved("pm_card_visa").await;
    for (attempt, fault) in [("att_1", CardFault::Truncated), ("att_2", CardFault::NotJson)] {
        rig.world().script_card(Some(CardCall::Charge), fault, 1);
        unknown(&rig.gateway.charge(&rig.at, attempt, &rig.charge_of(attempt, &saved, 100)).await);
        assert_eq!(rig.times_charged(attempt), 1);
    }
}

pub async fn a_late_answer_is_unknown(rig: &Rig) {
    let saved = rig.saved("pm_card_visa").await;
    let mut at = rig.at.clone();
    at.settings.timeout_ms = 300;
    rig.world().script_card(Some(CardCall::Charge), CardFault::Slow { ms: 60_000 }, 1);
    unknown(&rig.gateway.charge(&at, "att_1", &rig.charge_of("att_1", &saved, 100)).await);
    assert_eq!(rig.times_charged("att_1"), 1, "it was carried out all the same");
    // One that nobody waited for is carried out to its end, too.
    rig.world().set_card_latency(Some(Duration::from_millis(600)));
    unknown(&rig.gateway.charge(&at, "att_2", &rig.charge_of("att_2", &saved, 100)).await);
    let charged = rig.world();
    let charged = charged.until(|s| s.card_log().iter().any(|e| e.idempotency_key.as_deref() == Some("att_2")));
    tokio::time::timeout(Duration::from_secs(10), charged).await.expect("it is carried out");
}

pub async fn being_told_to_wait_is_not_asked(rig: &Rig) {
    let saved = rig.saved("pm_card_visa").await;
    let new = rig.charge_of("att_1", &saved, 100);
    rig.world().script_card(Some(CardCall::Charge), CardFault::TooManyRequests { retry_after_s: 7 }, 1);
    let answer = rig.gateway.charge(&rig.at, "att_1", &new).await;
    assert!(matches!(answer, Err(GatewayFault::NotSent { retry_after_ms: Some(7_000), .. })), "{answer:?}");
    assert_eq!(rig.times_charged("att_1"), 0);
    assert_eq!(rig.gateway.charge(&rig.at, "att_1", &new).await.expect("an answer").state, ChargeState::Succeeded);
}

pub async fn nobody_listening_is_not_asked(rig: &Rig) {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port");
    for (host, allowed) in [(free.to_string(), true), (free.to_string(), false), ("cards.billow.invalid".to_owned(), true)] {
        let at = access(format!("http://{host}"), "sk_test_1234", "whsec_1234", true);
        let gateway = gateways(if allowed { host.as_str() } else { "elsewhere.example" });
        let answer = gateway.charge(&at, "att_1", &rig.charge_of("att_1", &("cus_1".into(), "pm_1".into()), 100)).await;
        assert!(matches!(answer, Err(GatewayFault::NotSent { retry_after_ms: None, .. })), "{host}: {answer:?}");
    }
}

pub async fn faults_never_tell_the_secret_key(rig: &Rig) {
    let saved = rig.saved("pm_card_visa").await;
    let (_, key, webhooks) = billow_sandbox::cards_access(rig.sandbox());
    let mut told = Vec::new();
    let faults = [
        CardFault::LostAfter,
        CardFault::LostBefore,
        CardFault::Truncated,
        CardFault::NotJson,
        CardFault::ServerError { carried_out: false },
        CardFault::TooManyRequests { retry_after_s: 1 },
    ];
    for (n, fault) in faults.into_iter().enumerate() {
        rig.world().script_card(None, fault, 1);
        let attempt = format!("att_{n}");
        let fault = rig.gateway.charge(&rig.at, &attempt, &rig.charge_of(&attempt, &saved, 100)).await.expect_err("a fault");
        told.push(format!("{fault} {fault:?}"));
    }
    // A gateway that repeats what it was sent.
    let echo = crate::support::server::Server::start(|seen, _| {
        let words = format!("what is {}?", seen.header("authorization").unwrap_or_default());
        crate::support::server::Answer::json(403, &serde_json::json!({ "error": { "type": "invalid_request_error", "message": words } }))
    })
    .await;
    let at = access(echo.url(""), key, webhooks, true);
    let fault = gateways(&echo.address.to_string()).charge_state(&at, "pi_1").await.expect_err("a fault");
    told.push(format!("{fault} {fault:?}"));
    assert!(told.iter().all(|t| !t.contains(key) && !t.contains(webhooks)), "{told:#?}");
    assert!(!format!("{:?}", rig.at).contains(key));
}
