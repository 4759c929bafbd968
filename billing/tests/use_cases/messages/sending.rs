use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use billow_billing::cipher::Cipher;
use billow_billing::clock::{ManualClock, SeededEntropy};
use billow_billing::identity::SecuritySettings;
use billow_billing::messages::{PreferencesChange, QuietHours};
use billow_billing::ports::{PushMessage, PushSender, SendOutcome};
use billow_billing::store::StoreOptions;
use billow_billing::{Billing, Parts, Ports, Settings, Store};
use billow_entities::{Channel, DeliveryStatus, delivery};
use chrono::Duration;

use super::*;
use crate::common::{Bench, FakePorts, on_both};

on_both!(
    a_far_side_that_asks_for_patience_gets_it,
    tries_come_to_an_end,
    a_device_that_is_gone_is_dropped,
    a_push_whose_answer_was_lost_is_not_sent_again_and_a_mail_is,
    what_was_interrupted_by_a_crash_is_treated_alike,
    a_claim_that_was_lost_writes_nothing,
    a_far_side_that_hangs_holds_up_nobody_else,
    quiet_hours_defer,
    what_is_not_wanted_any_more_is_not_sent,
    a_text_message_steps_in_where_no_push_gets_through,
    several_processes_send_everything_once,
    a_device_that_changed_hands_gets_nothing_of_its_former_owner,
);

fn retry(retry_after_ms: Option<u64>) -> SendOutcome {
    SendOutcome::Retryable { message: "busy".into(), retry_after_ms }
}

fn unknown() -> SendOutcome {
    SendOutcome::Unknown { message: "reset".into() }
}

/// Ada, with one phone and without a mail address, and a bill she is to be told of.
async fn one_push(bench: &Bench) -> (customer::Model, Actor) {
    let ada = customer(bench, "Ada").await;
    let ada = save(bench, customer::Model { email: None, ..ada }).await;
    let actor = actor_of(bench, &ada).await;
    register(bench, &actor, "phone").await;
    let account = account(bench, &ada, None).await;
    bill(bench, &account, "2026-12-05").await;
    digest(bench).await;
    (ada, actor)
}

/// Ada, with a mail address only.
async fn one_mail(bench: &Bench) -> (customer::Model, Actor) {
    let ada = customer(bench, "Ada").await;
    let account = account(bench, &ada, None).await;
    bill(bench, &account, "2026-12-05").await;
    digest(bench).await;
    let actor = actor_of(bench, &ada).await;
    (ada, actor)
}

async fn a_far_side_that_asks_for_patience_gets_it(bench: Bench) {
    one_push(&bench).await;
    bench.ports.outcomes.lock().extend([retry(Some(90_000)), retry(None)]);
    assert_eq!(bench.billing.messages.deliver_due().await.expect("tried"), 1);
    let after = deliveries(&bench).await.remove(0);
    assert_eq!((after.status, after.attempts, after.last_error.as_deref()), (DeliveryStatus::Queued, 1, Some("busy")));
    assert_eq!(after.due_at - bench.billing.kernel.clock.now(), Duration::seconds(90));
    bench.clock.advance(Duration::seconds(89));
    assert_eq!(bench.billing.messages.deliver_due().await.expect("tried"), 0);
    bench.clock.advance(Duration::seconds(1));
    assert_eq!(bench.billing.messages.deliver_due().await.expect("tried"), 1);
    bench.clock.advance(Duration::seconds(30));
    assert_eq!(bench.billing.messages.deliver_due().await.expect("tried"), 1);
    let last = deliveries(&bench).await.remove(0);
    assert_eq!((last.status, last.attempts, last.sent_at), (DeliveryStatus::Sent, 3, Some(bench.billing.kernel.clock.now())));
    let ids: Vec<_> = bench.ports.pushes.lock().iter().map(|p| p.delivery_id).collect();
    assert_eq!(ids, [last.id; 3]);
}

async fn tries_come_to_an_end(bench: Bench) {
    one_push(&bench).await;
    bench.ports.outcomes.lock().extend(std::iter::repeat_n(retry(None), 20));
    for _ in 0..20 {
        bench.billing.messages.deliver_due().await.expect("tried");
        bench.clock.advance(Duration::hours(1));
    }
    assert_eq!(bench.ports.pushes.lock().len(), 8);
    assert_eq!(standing(&bench).await, ["PUSH FAILED"]);
}

async fn a_device_that_is_gone_is_dropped(bench: Bench) {
    let (ada, actor) = one_push(&bench).await;
    bench.ports.outcomes.lock().push_back(SendOutcome::Gone { message: "410 gone".into() });
    bench.billing.messages.deliver_due().await.expect("tried");
    assert_eq!(standing(&bench).await, ["PUSH FAILED"]);
    let device = bench.billing.messages.push_subscriptions(&actor).await.expect("read").remove(0);
    assert_eq!((device.disabled_at, device.disabled_reason.as_deref()), (Some(bench.billing.kernel.clock.now()), Some("410 gone")));
    let account = account(&bench, &ada, None).await;
    bill(&bench, &account, "2026-12-06").await;
    digest(&bench).await;
    assert_eq!(deliveries(&bench).await.len(), 1, "nothing is sent to it any more");
    bench.clock.advance(Duration::days(31));
    assert_eq!(bench.billing.messages.sweep_messages().await.expect("swept"), 1);
    assert!(bench.billing.messages.push_subscriptions(&actor).await.expect("read").is_empty());
    assert_eq!(bench.billing.messages.sweep_messages().await.expect("swept"), 0);
    bench.clock.advance(Duration::days(700));
    assert_eq!(bench.billing.messages.sweep_messages().await.expect("swept"), 2, "messages of two years ago");
    assert!(deliveries(&bench).await.is_empty());
}

async fn a_push_whose_answer_was_lost_is_not_sent_again_and_a_mail_is(bench: Bench) {
    one_push(&bench).await;
    bench.ports.outcomes.lock().push_back(unknown());
    bench.billing.messages.deliver_due().await.expect("tried");
    bench.clock.advance(Duration::days(1));
    bench.billing.messages.deliver_due().await.expect("tried");
    assert_eq!((standing(&bench).await, bench.ports.pushes.lock().len()), (vec!["PUSH UNKNOWN".to_owned()], 1));

    one_mail(&bench).await;
    bench.ports.outcomes.lock().push_back(unknown());
    bench.billing.messages.deliver_due().await.expect("tried");
    bench.clock.advance(Duration::seconds(5));
    bench.billing.messages.deliver_due().await.expect("tried");
    let mails = bench.ports.mails.lock().clone();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].delivery_id, mails[1].delivery_id, "the Message-ID is made of it");
    assert_eq!(standing(&bench).await, ["PUSH UNKNOWN", "EMAIL SENT"]);
}

async fn what_was_interrupted_by_a_crash_is_treated_alike(bench: Bench) {
    one_push(&bench).await;
    one_mail(&bench).await;
    for row in deliveries(&bench).await {
        let lease_until = Some(bench.billing.kernel.clock.now() + Duration::minutes(3));
        save(&bench, delivery::Model { status: DeliveryStatus::Sending, lease_until, fence: 1, attempts: 1, ..row }).await;
    }
    bench.billing.messages.deliver_due().await.expect("tried");
    assert_eq!(standing(&bench).await, ["PUSH SENDING", "EMAIL SENDING"], "somebody may still be at it");
    bench.clock.advance(Duration::minutes(4));
    bench.billing.messages.deliver_due().await.expect("tried");
    assert_eq!(standing(&bench).await, ["PUSH UNKNOWN", "EMAIL SENT"]);
    assert_eq!((bench.ports.pushes.lock().len(), bench.ports.mails.lock().len()), (0, 1));
}

/// A push service that takes so long that the claim runs out and another process finds the delivery.
#[derive(Default)]
struct Slow {
    clock: OnceLock<Arc<ManualClock>>,
    other: OnceLock<Billing>,
}

#[async_trait]
impl PushSender for Slow {
    fn check_endpoint(&self, _endpoint: &str) -> Result<(), String> {
        Ok(())
    }

    fn public_key(&self) -> Option<String> {
        None
    }

    async fn send(&self, _message: PushMessage) -> SendOutcome {
        self.clock.get().expect("a clock").advance(Duration::minutes(10));
        self.other.get().expect("another process").messages.deliver_due().await.expect("looked after");
        SendOutcome::Sent
    }
}

async fn a_claim_that_was_lost_writes_nothing(bench: Bench) {
    one_push(&bench).await;
    let slow = Arc::new(Slow::default());
    slow.clock.set(bench.clock.clone()).expect("set once");
    assert!(slow.other.set(bench.another("worker-2").await).is_ok());
    let frozen = with_push(&bench, slow).await;
    assert_eq!(frozen.messages.deliver_due().await.expect("tried"), 1);
    let row = deliveries(&bench).await.remove(0);
    assert_eq!((row.status, row.sent_at, row.fence), (DeliveryStatus::Unknown, None, 2), "the second process had the last word");
    assert!(bench.ports.pushes.lock().is_empty(), "and did not send it again");
}

/// Another process on the same database, with a push service of its own.
async fn with_push(bench: &Bench, push: Arc<dyn PushSender>) -> Billing {
    let (entropy, ports) = (Arc::new(SeededEntropy::new(77)), bench.ports.clone());
    Billing::new(Parts {
        store: Store::connect(&StoreOptions { max_read: 4, max_write: 4, ..StoreOptions::new(bench.url.as_str()) }).await.expect("a store"),
        clock: bench.clock.clone(),
        cipher: Cipher::new(&[(1, [7; 32])], [9; 32], entropy.clone()).expect("a ring of keys"),
        entropy,
        ports: Ports {
            connector: ports.clone(),
            push,
            mailer: ports.clone(),
            sms: ports.clone(),
            renderer: ports.clone(),
            gateway: Arc::new(billow_billing::ports::NoGateway),
            documents: Arc::new(billow_billing::ports::NoDocuments),
            objects: Arc::new(billow_billing::ports::NoDocuments),
        },
        waker: ports,
        settings: Settings {
            security: SecuritySettings { confirmation: None, ..SecuritySettings::default() },
            ..Settings::new("https://billow.test", "frozen")
        },
    })
}

/// A push service that answers only after a mail that became due meanwhile was sent.
struct Hanging {
    clock: Arc<ManualClock>,
    ports: Arc<FakePorts>,
}

#[async_trait]
impl PushSender for Hanging {
    fn check_endpoint(&self, _endpoint: &str) -> Result<(), String> {
        Ok(())
    }

    fn public_key(&self) -> Option<String> {
        None
    }

    async fn send(&self, _message: PushMessage) -> SendOutcome {
        self.clock.advance(Duration::minutes(1));
        while self.ports.mails.lock().is_empty() {
            tokio::task::yield_now().await;
        }
        SendOutcome::Sent
    }
}

async fn a_far_side_that_hangs_holds_up_nobody_else(bench: Bench) {
    one_push(&bench).await;
    one_mail(&bench).await;
    let later = bench.billing.kernel.clock.now() + Duration::minutes(1);
    let mail = deliveries(&bench).await.remove(1);
    save(&bench, delivery::Model { due_at: later, ..mail }).await;
    let hanging = Arc::new(Hanging { clock: bench.clock.clone(), ports: bench.ports.clone() });
    let process = with_push(&bench, hanging).await;
    let tried =
        tokio::time::timeout(std::time::Duration::from_secs(30), process.messages.deliver_due()).await.expect("nobody waits for ever");
    assert_eq!(tried.expect("tried"), 2);
    assert_eq!(standing(&bench).await, ["PUSH SENT", "EMAIL SENT"]);
}

async fn quiet_hours_defer(bench: Bench) {
    let (_, actor) = one_push(&bench).await;
    let quiet = PreferencesChange { quiet_hours: Some(Some(QuietHours { start: 8, end: 11 })), ..PreferencesChange::default() };
    bench.billing.messages.update_preferences(&actor, None, quiet).await.expect("changed");
    assert_eq!(bench.billing.messages.deliver_due().await.expect("tried"), 0);
    let row = deliveries(&bench).await.remove(0);
    assert_eq!((row.status, row.attempts, row.due_at.to_rfc3339()), (DeliveryStatus::Queued, 0, "2026-11-21T11:00:00+00:00".to_owned()));
    bench.at("2026-11-21T11:00:00Z");
    assert_eq!(bench.billing.messages.deliver_due().await.expect("tried"), 1);
}

async fn what_is_not_wanted_any_more_is_not_sent(bench: Bench) {
    let (_, actor) = one_mail(&bench).await;
    let off = billow_billing::messages::Channels { push: true, email: false, sms: false };
    let change = PreferencesChange { channels: Some([(NotificationKind::BillReceived, off)].into()), ..PreferencesChange::default() };
    bench.billing.messages.update_preferences(&actor, None, change).await.expect("changed");
    assert_eq!(bench.billing.messages.deliver_due().await.expect("tried"), 0);
    assert_eq!(standing(&bench).await, ["EMAIL SKIPPED"]);
}

async fn a_text_message_steps_in_where_no_push_gets_through(bench: Bench) {
    let (ada, actor) = one_push(&bench).await;
    let gone = SendOutcome::Gone { message: "410".into() };
    bench.ports.outcomes.lock().push_back(gone.clone());
    bench.billing.messages.deliver_due().await.expect("tried");
    assert_eq!(standing(&bench).await, ["PUSH FAILED"], "nobody asked for text messages");

    let change = PreferencesChange { sms_fallback: Some(true), ..PreferencesChange::default() };
    bench.billing.messages.update_preferences(&actor, None, change).await.expect("changed");
    let account = account(&bench, &ada, None).await;
    let send = async |outcomes: &[SendOutcome], due_on: &str| {
        bench.ports.outcomes.lock().extend(outcomes.iter().cloned());
        let before = bench.ports.texts.lock().len();
        bill(&bench, &account, due_on).await;
        digest(&bench).await;
        for _ in 0..2 {
            bench.billing.messages.deliver_due().await.expect("tried");
        }
        let after = bench.ports.texts.lock().len();
        after - before
    };
    assert_eq!(send(&[], "2026-12-06").await, 1, "no device at all");
    register(&bench, &actor, "new phone").await;
    assert_eq!(send(&[SendOutcome::Sent], "2026-12-07").await, 0, "the push got through");
    assert_eq!(send(&[unknown()], "2026-12-08").await, 0, "perhaps it did");
    assert_eq!(send(&[SendOutcome::Refused { message: "413".into() }], "2026-12-09").await, 1);
    register(&bench, &actor, "tablet").await;
    assert_eq!(send(&[gone.clone(), SendOutcome::Sent], "2026-12-10").await, 0, "one of two got through");
    assert_eq!(bench.ports.texts.lock()[0].to, "+491712345678");
}

async fn several_processes_send_everything_once(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let account = account(&bench, &ada, None).await;
    for _ in 0..200 {
        bill(&bench, &account, "2026-12-05").await;
    }
    digest(&bench).await;
    let (second, third) = (bench.another("worker-2").await, bench.another("worker-3").await);
    let (a, b, c) = tokio::join!(bench.billing.messages.deliver_due(), second.messages.deliver_due(), third.messages.deliver_due());
    let tried = a.expect("tried") + b.expect("tried") + c.expect("tried") + bench.billing.messages.deliver_due().await.expect("tried");
    assert_eq!(tried, 200);
    let mut sent: Vec<_> = bench.ports.mails.lock().iter().map(|m| m.delivery_id).collect();
    sent.sort();
    sent.dedup();
    assert_eq!(sent.len(), 200);
    assert!(deliveries(&bench).await.iter().all(|d| d.status == DeliveryStatus::Sent && d.channel == Channel::Email));
}

async fn a_device_that_changed_hands_gets_nothing_of_its_former_owner(bench: Bench) {
    one_push(&bench).await;
    let bob = customer(&bench, "Bob").await;
    register(&bench, &actor_of(&bench, &bob).await, "phone").await;
    assert_eq!(bench.billing.messages.deliver_due().await.expect("tried"), 0);
    assert_eq!(standing(&bench).await, ["PUSH SKIPPED"]);
}
