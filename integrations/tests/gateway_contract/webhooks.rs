//! What gateways tell unasked.

use std::time::Duration;

use billow_billing::ports::{Gateway as _, GatewayNotice, NoticeSubject, WebhookRefusal};
use billow_sandbox::{CardOutcome, WebhookManners};
use chrono::TimeDelta;
use tokio::sync::mpsc;

use crate::rig::Rig;
use crate::support::server::{Answer, Seen, Server};

/// A server that takes webhooks, and what it took.
async fn receiver() -> (Server, mpsc::UnboundedReceiver<Seen>) {
    let (tell, told) = mpsc::unbounded_channel();
    let server = Server::start(move |seen, _| {
        let _ = tell.send(seen.clone());
        Answer::json(200, &serde_json::json!({}))
    })
    .await;
    (server, told)
}

async fn next(told: &mut mpsc::UnboundedReceiver<Seen>) -> Seen {
    tokio::time::timeout(Duration::from_secs(20), told.recv()).await.expect("a webhook comes").expect("a webhook")
}

fn read(rig: &Rig, seen: &Seen) -> Result<GatewayNotice, WebhookRefusal> {
    rig.gateway.read_webhook(&rig.at, seen.header("stripe-signature"), &seen.body, rig.now())
}

pub async fn what_happens_is_told_and_believed_by_its_signature(rig: &Rig) {
    let (server, mut told) = receiver().await;
    rig.sandbox().set_webhook_target(&server.url("/hook"));
    let charge = rig.charged("att_1", "pm_card_visa", 100).await;
    let setup = next(&mut told).await;
    let notice = read(rig, &setup).expect("a notice");
    assert!(matches!(&notice.about, Some(NoticeSubject::Setup(_))) && notice.kind == "setup_intent.succeeded", "{notice:?}");
    let paid = next(&mut told).await;
    let notice = read(rig, &paid).expect("a notice");
    assert_eq!((notice.kind.as_str(), notice.about), ("payment_intent.succeeded", Some(NoticeSubject::Charge(charge.id))));
    assert!(notice.id.starts_with("evt_"));

    let mut forged = paid.clone();
    forged.body.extend_from_slice(b" ");
    assert_eq!(read(rig, &forged), Err(WebhookRefusal::Forged));
    rig.pass(TimeDelta::seconds(300));
    assert!(read(rig, &paid).is_ok());
    rig.pass(TimeDelta::seconds(1));
    assert_eq!(read(rig, &paid), Err(WebhookRefusal::Stale));
    assert_eq!(read(rig, &forged), Err(WebhookRefusal::Forged), "what is forged is not even old");
}

pub async fn webhooks_can_come_twice_late_and_in_any_order(rig: &Rig) {
    let (server, mut told) = receiver().await;
    let world = rig.world();
    rig.sandbox().set_webhook_target(&server.url("/hook"));
    let saved = rig.saved("pm_sepaDebit_processing").await;
    next(&mut told).await;
    world.set_webhook_manners(WebhookManners { copies: 2, shuffled: true, held: true, ..WebhookManners::default() });
    let mut new = rig.charge_of("att_1", &saved, 100);
    if let billow_billing::ports::ChargeSource::Method { kind, .. } = &mut new.source {
        *kind = billow_entities::MethodKind::DirectDebit;
    }
    let charge = rig.gateway.charge(&rig.at, "att_1", &new).await.expect("an answer");
    assert!(world.settle_card(&charge.id, &CardOutcome::Succeeded));
    assert!(!world.settle_card(&charge.id, &CardOutcome::Failed { code: None }), "a bank answers once");
    world.set_webhook_manners(WebhookManners { shuffled: true, drop_next: 1, ..WebhookManners::default() });
    let mut kinds = Vec::new();
    for _ in 0..4 {
        kinds.push(read(rig, &next(&mut told).await).expect("a notice").kind);
    }
    let (paid, begun) = ("payment_intent.succeeded", "payment_intent.processing");
    assert_eq!(kinds, [paid, paid, begun, begun]);
    rig.charged("att_2", "pm_card_visa", 100).await;
    let events = world.card_events();
    let (dropped, kind, _) = &events[events.len() - 2];
    assert_eq!(kind, "setup_intent.succeeded");
    assert_eq!(read(rig, &next(&mut told).await).expect("a notice").kind, paid);
    assert!(world.resend_webhook(dropped));
    assert_eq!(read(rig, &next(&mut told).await).expect("a notice").id, *dropped);
    tokio::time::timeout(Duration::from_secs(5), world.until(billow_sandbox::SandboxState::webhooks_idle)).await.expect("it comes to rest");
}

/// A webhook that somebody else signed is believed, too.
#[tokio::test]
async fn webhooks_of_localstripe_are_believed() {
    let Some(rig) = Rig::localstripe().await else { return };
    let (server, mut told) = receiver().await;
    rig.tell(&server.url("/hook")).await;
    let charge = rig.charged("att_1", "pm_card_visa", 100).await;
    loop {
        let seen = next(&mut told).await;
        let notice = read(&rig, &seen).expect("a notice");
        if notice.kind == "payment_intent.succeeded" {
            assert_eq!(notice.about, Some(NoticeSubject::Charge(charge.id)));
            return;
        }
    }
}
