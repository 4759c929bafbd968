//! What people are told of their money.

use billow_billing::messages::{PreferencesChange, QuietHours};
use billow_entities::{
    AttemptId, AttemptStatus, DeclineKind, GatewayAdapter, GatewayId, GatewayStatus, MethodKind, MethodStatus, PaymentId, PaymentKind,
    PaymentMethodId, PaymentStatus, RefundCause, RefundId, RefundStatus, RefundTarget, RemittanceId, RemittanceStatus, gateway, payment,
    payment_attempt, payment_method, refund,
};
use chrono::Duration;
use uuid::Uuid;

use super::*;
use crate::common::{Bench, on_both};

on_both!(
    a_payment_that_succeeded_is_told_once_to_who_paid,
    a_failure_is_told_for_every_try,
    whoever_is_told_late_is_told_how_it_stands,
    a_failure_that_was_overcome_meanwhile_is_not_sent,
    failures_break_the_quiet_hours_and_receipts_keep_them,
    receipts_can_be_taken_off_the_list_and_failures_cannot,
    whoever_is_on_the_gateways_page_is_left_in_peace_for_a_while,
    each_refund_is_told_when_it_has_arrived,
    a_method_that_was_refused_is_told_and_forgotten_when_it_works,
    a_card_that_ends_is_told_of_once_a_step,
    reminders_by_mail_lead_to_paying_where_that_is_possible,
);

async fn gateway(bench: &Bench) -> gateway::Model {
    let row = gateway::Model {
        id: GatewayId(bench.billing.kernel.ids.next()),
        code: "main".into(),
        name: "Main".into(),
        adapter: GatewayAdapter::Sandbox,
        status: GatewayStatus::Active,
        rank: 1,
        currencies: json!([]),
        kinds: json!(["CARD"]),
        settings: json!({}),
        credentials_enc: None,
        circuit_state: CircuitState::Closed,
        circuit_failures: 0,
        circuit_opened_at: None,
        circuit_probe_at: None,
        circuit_reason: None,
        last_success_at: None,
        tested_at: None,
        test_result: None,
        test_message: None,
        test_account_id: None,
        test_account_name: None,
        created_at: bench.clock_now(),
        updated_at: bench.clock_now(),
    };
    insert(bench, row).await
}

async fn method(bench: &Bench, owner: &customer::Model, gateway: &gateway::Model) -> payment_method::Model {
    let row = payment_method::Model {
        id: PaymentMethodId(bench.billing.kernel.ids.next()),
        customer_id: owner.id,
        gateway_id: gateway.id,
        kind: MethodKind::Card,
        status: MethodStatus::Ready,
        status_reason: None,
        brand: Some("visa".into()),
        last4: Some("4242".into()),
        exp_month: Some(12),
        exp_year: Some(2026),
        label: None,
        external_id: None,
        setup_id: None,
        action_url: None,
        mandate_id: None,
        is_default: true,
        wants_default: false,
        expiry_told: None,
        check_at: None,
        checks: 0,
        lease_until: None,
        fence: 0,
        created_at: bench.clock_now(),
        updated_at: bench.clock_now(),
        removed_at: None,
    };
    insert(bench, row).await
}

async fn payment(bench: &Bench, payer: &customer::Model, status: PaymentStatus) -> payment::Model {
    let id = PaymentId(bench.billing.kernel.ids.next());
    let row = payment::Model {
        id,
        customer_id: payer.id,
        kind: PaymentKind::TopUp,
        status,
        status_reason: None,
        decline_kind: (status == PaymentStatus::Failed).then_some(DeclineKind::InsufficientFunds),
        currency: "EUR".into(),
        amount_minor: 5_000,
        wallet_minor: 0,
        gateway_minor: 5_000,
        refunded_minor: 0,
        method_id: None,
        actor: "test".into(),
        idempotency_key: id.to_string(),
        request_hash: "-".into(),
        attempts: 1,
        check_at: None,
        checks: 0,
        lease_until: None,
        fence: 0,
        created_at: bench.clock_now(),
        updated_at: bench.clock_now(),
        settled_at: None,
    };
    insert(bench, row).await
}

/// Its event is appended, and digested.
async fn told_of(bench: &Bench, payment: &payment::Model, what: PaymentStep) {
    let event = Event::PaymentUpdated(PaymentEventData::of(payment, what));
    emit(bench, payment.id, event, Some(payment.customer_id), None).await;
    digest(bench).await;
}

async fn told_of_method(bench: &Bench, method: &payment_method::Model) {
    let event = Event::MethodUpdated(MethodEventData::of(method));
    emit(bench, method.id, event, Some(method.customer_id), None).await;
    digest(bench).await;
}

async fn a_payment_that_succeeded_is_told_once_to_who_paid(bench: Bench) {
    let (ada, bob) = (customer(&bench, "Ada").await, customer(&bench, "Bob").await);
    home(&bench, &[&ada, &bob]).await;
    let payment = payment(&bench, &ada, PaymentStatus::Succeeded).await;
    for what in [
        PaymentStep::Payment,
        PaymentStep::Payment,
        PaymentStep::Remittance(RemittanceId(Uuid::nil()), RemittanceStatus::Confirmed),
        PaymentStep::Document(None),
    ] {
        told_of(&bench, &payment, what).await;
    }
    let notes = notes(&bench).await;
    assert_eq!(notes.len(), 1);
    assert_eq!((notes[0].kind, notes[0].customer_id), (NotificationKind::PaymentSucceeded, Some(ada.id)));
    assert_eq!(notes[0].link, Some(format!("/payments/{}", payment.id)));
    assert_eq!(notes[0].data["payment"]["amount"], json!({"amount_minor": 5_000, "currency": "EUR"}));
    bench.billing.messages.deliver_due().await.expect("sent");
    assert_eq!(standing(&bench).await, ["EMAIL SENT"]);
}

async fn a_failure_is_told_for_every_try(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let mut payment = payment(&bench, &ada, PaymentStatus::Failed).await;
    told_of(&bench, &payment, PaymentStep::Payment).await;
    told_of(&bench, &payment, PaymentStep::Payment).await;
    payment = save(&bench, payment::Model { status: PaymentStatus::Processing, attempts: 2, ..payment }).await;
    told_of(&bench, &payment, PaymentStep::Payment).await;
    payment = save(&bench, payment::Model { status: PaymentStatus::Failed, ..payment }).await;
    told_of(&bench, &payment, PaymentStep::Payment).await;
    payment = save(&bench, payment::Model { status: PaymentStatus::Succeeded, attempts: 3, ..payment }).await;
    told_of(&bench, &payment, PaymentStep::Payment).await;
    use NotificationKind::{PaymentFailed, PaymentSucceeded};
    assert_eq!(kinds(&bench).await, [PaymentFailed, PaymentFailed, PaymentSucceeded]);
    assert_eq!(notes(&bench).await[0].data["payment"]["decline_kind"], "INSUFFICIENT_FUNDS");
    // Nobody was reachable in between: only how it ended is sent.
    bench.billing.messages.deliver_due().await.expect("sent");
    assert_eq!(standing(&bench).await, ["EMAIL SKIPPED", "EMAIL SKIPPED", "EMAIL SENT"]);
}

async fn whoever_is_told_late_is_told_how_it_stands(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let failed = payment(&bench, &ada, PaymentStatus::Failed).await;
    let event = Event::PaymentUpdated(PaymentEventData::of(&failed, PaymentStep::Payment));
    emit(&bench, failed.id, event, Some(ada.id), None).await;
    let payment = save(&bench, payment::Model { status: PaymentStatus::Succeeded, ..failed }).await;
    told_of(&bench, &payment, PaymentStep::Payment).await;
    assert_eq!(kinds(&bench).await, [NotificationKind::PaymentSucceeded]);
    for quiet in [PaymentStatus::Pending, PaymentStatus::Processing, PaymentStatus::Unknown, PaymentStatus::Cancelled] {
        let other = self::payment(&bench, &ada, quiet).await;
        told_of(&bench, &other, PaymentStep::Payment).await;
    }
    assert_eq!(notes(&bench).await.len(), 1, "what is under way, or was called off, is no news");
}

async fn a_failure_that_was_overcome_meanwhile_is_not_sent(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let payment = payment(&bench, &ada, PaymentStatus::Failed).await;
    told_of(&bench, &payment, PaymentStep::Payment).await;
    // The money arrives after all, and its event is still to come.
    save(&bench, payment::Model { status: PaymentStatus::Succeeded, ..payment }).await;
    bench.billing.messages.deliver_due().await.expect("sent");
    assert_eq!(standing(&bench).await, ["EMAIL SKIPPED"]);
    assert!(bench.ports.mails.lock().is_empty());
}

async fn failures_break_the_quiet_hours_and_receipts_keep_them(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let actor = actor_of(&bench, &ada).await;
    let quiet = PreferencesChange { quiet_hours: Some(Some(QuietHours { start: 22, end: 7 })), ..PreferencesChange::default() };
    bench.billing.messages.update_preferences(&actor, None, quiet).await.expect("changed");
    register(&bench, &actor, "phone").await;
    bench.at("2026-11-21T23:00:00Z");
    told_of(&bench, &payment(&bench, &ada, PaymentStatus::Failed).await, PaymentStep::Payment).await;
    told_of(&bench, &payment(&bench, &ada, PaymentStatus::Succeeded).await, PaymentStep::Payment).await;
    bench.billing.messages.deliver_due().await.expect("sent");
    let sent: Vec<_> = bench.ports.mails.lock().iter().map(|m| m.subject.clone()).collect();
    assert_eq!(sent, ["payment_failed en"]);
    let urgent: Vec<_> = bench.ports.pushes.lock().iter().map(|p| p.urgent).collect();
    assert_eq!(urgent, [true]);
    bench.at("2026-11-22T07:00:00Z");
    bench.billing.messages.deliver_due().await.expect("sent");
    assert_eq!((bench.ports.mails.lock().len(), bench.ports.pushes.lock().len()), (2, 2));
    let topics: Vec<_> = bench.ports.pushes.lock().iter().filter_map(|p| p.topic.clone()).collect();
    assert!(topics.iter().all(|t| t.starts_with("pay_") && t.len() <= 32), "{topics:?}");
}

async fn receipts_can_be_taken_off_the_list_and_failures_cannot(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    for (kind, adjustable) in [
        (NotificationKind::PaymentSucceeded, true),
        (NotificationKind::PaymentRefunded, true),
        (NotificationKind::PaymentFailed, false),
        (NotificationKind::PaymentAction, false),
        (NotificationKind::MethodTrouble, false),
    ] {
        assert_eq!(bench.billing.messages.unsubscribe_url(ada.id, kind).is_some(), adjustable, "{kind}");
    }
}

async fn whoever_is_on_the_gateways_page_is_left_in_peace_for_a_while(bench: Bench) {
    let (ada, gateway) = (customer(&bench, "Ada").await, gateway(&bench).await);
    let waiting = payment(&bench, &ada, PaymentStatus::RequiresAction).await;
    let attempt = payment_attempt::Model {
        id: AttemptId(bench.billing.kernel.ids.next()),
        payment_id: waiting.id,
        number: 1,
        gateway_id: gateway.id,
        method_id: None,
        status: AttemptStatus::RequiresAction,
        currency: "EUR".into(),
        amount_minor: 5_000,
        gateway_key: "key".into(),
        retry_key: None,
        retry_hash: None,
        external_id: None,
        action_url: Some("https://bank.test/confirm".into()),
        return_url: Some("https://billow.test/payments".into()),
        decline_kind: None,
        decline_code: None,
        message: None,
        fee_minor: None,
        decision: json!({}),
        sent_at: None,
        answered_at: None,
        unanswered_at: None,
        unanswered_message: None,
        created_at: bench.clock_now(),
        updated_at: bench.clock_now(),
    };
    insert(&bench, attempt).await;
    told_of(&bench, &waiting, PaymentStep::Payment).await;
    let at_the_desk = payment(&bench, &ada, PaymentStatus::RequiresAction).await;
    told_of(&bench, &at_the_desk, PaymentStep::Payment).await;
    assert_eq!(kinds(&bench).await, [NotificationKind::PaymentAction; 2], "the inbox has both at once");
    assert_eq!(bench.billing.messages.deliver_due().await.expect("sent"), 1, "only the one that was made without its payer");
    bench.clock.advance(Duration::minutes(5));
    assert_eq!(bench.billing.messages.deliver_due().await.expect("sent"), 1);
}

async fn each_refund_is_told_when_it_has_arrived(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let payment = payment(&bench, &ada, PaymentStatus::Succeeded).await;
    let payment = save(&bench, payment::Model { refunded_minor: 2_000, ..payment }).await;
    let refund = |status| refund::Model {
        id: RefundId(bench.billing.kernel.ids.next()),
        payment_id: payment.id,
        allocation_id: None,
        attempt_id: None,
        customer_id: ada.id,
        target: RefundTarget::Gateway,
        cause: RefundCause::Operator,
        reason: "As we agreed.".into(),
        status,
        status_reason: None,
        currency: "EUR".into(),
        amount_minor: 1_000,
        external_id: None,
        actor: "test".into(),
        idempotency_key: bench.billing.kernel.ids.next().to_string(),
        request_hash: "-".into(),
        due_at: None,
        tries: 0,
        rounds: 0,
        lease_until: None,
        fence: 0,
        created_at: bench.clock_now(),
        sent_at: None,
        settled_at: None,
    };
    insert(&bench, refund(RefundStatus::Succeeded)).await;
    let under_way = insert(&bench, refund(RefundStatus::Pending)).await;
    told_of(&bench, &payment, PaymentStep::Refund(RefundId(Uuid::nil()), RefundStatus::Succeeded)).await;
    told_of(&bench, &payment, PaymentStep::Refund(RefundId(Uuid::nil()), RefundStatus::Succeeded)).await;
    use NotificationKind::{PaymentRefunded, PaymentSucceeded};
    assert_eq!(kinds(&bench).await, [PaymentSucceeded, PaymentRefunded]);
    save(&bench, refund::Model { status: RefundStatus::Succeeded, ..under_way }).await;
    told_of(&bench, &payment, PaymentStep::Refund(RefundId(Uuid::nil()), RefundStatus::Succeeded)).await;
    assert_eq!(kinds(&bench).await, [PaymentSucceeded, PaymentRefunded, PaymentRefunded]);
    assert_eq!(notes(&bench).await[1].data["refund"]["reason"], "As we agreed.");
}

async fn a_method_that_was_refused_is_told_and_forgotten_when_it_works(bench: Bench) {
    let (ada, gateway) = (customer(&bench, "Ada").await, gateway(&bench).await);
    let good = method(&bench, &ada, &gateway).await;
    told_of_method(&bench, &good).await;
    assert!(notes(&bench).await.is_empty(), "a method that works is no news");
    let refused = save(&bench, payment_method::Model { status: MethodStatus::Failed, ..good }).await;
    told_of_method(&bench, &refused).await;
    told_of_method(&bench, &refused).await;
    let told = notes(&bench).await;
    assert_eq!((told.len(), told[0].kind), (1, NotificationKind::MethodTrouble));
    assert_eq!(told[0].data["method"]["title"], "Visa ···· 4242");
    save(&bench, payment_method::Model { status: MethodStatus::Ready, ..refused }).await;
    bench.billing.messages.deliver_due().await.expect("sent");
    assert_eq!(standing(&bench).await, ["EMAIL SKIPPED"]);
}

async fn a_card_that_ends_is_told_of_once_a_step(bench: Bench) {
    let (ada, gateway) = (customer(&bench, "Ada").await, gateway(&bench).await);
    let mut card = method(&bench, &ada, &gateway).await;
    for step in [30, 30, 7, 7] {
        card = save(&bench, payment_method::Model { expiry_told: Some(step), ..card }).await;
        told_of_method(&bench, &card).await;
    }
    let told = notes(&bench).await;
    assert_eq!(told.iter().map(|n| n.kind).collect::<Vec<_>>(), [NotificationKind::MethodTrouble; 2]);
    assert_eq!((&told[0].data["what"], &told[0].data["method"]["expires_on"]), (&json!("EXPIRES"), &json!("2026-12-31")));
    bench.billing.messages.deliver_due().await.expect("sent");
    assert_eq!(standing(&bench).await, ["EMAIL SENT"; 2]);
}

async fn reminders_by_mail_lead_to_paying_where_that_is_possible(bench: Bench) {
    let (ada, bob) = (customer(&bench, "Ada").await, customer(&bench, "Bob").await);
    let home = home(&bench, &[&ada]).await;
    let looks_on =
        property_member::Model { property_id: home, customer_id: bob.id, role: PropertyRole::Viewer, created_at: bench.clock_now() };
    insert(&bench, looks_on).await;
    let account = account(&bench, &ada, Some(home)).await;
    let bill = bill(&bench, &account, "2026-11-25").await;
    digest(&bench).await;
    let phone = actor_of(&bench, &ada).await;
    register(&bench, &phone, "phone").await;
    bench.billing.messages.deliver_due().await.expect("sent");
    let links = |bench: &Bench| {
        let mut links: Vec<_> =
            bench.ports.mails.lock().drain(..).map(|m| (m.to, m.text.rsplit(' ').next().unwrap_or_default().to_owned())).collect();
        links.sort();
        links
    };
    let to_the_bill = format!("https://billow.test/bills/{}", bill.id);
    assert!(links(&bench).iter().all(|(_, link)| *link == to_the_bill), "a new bill is looked at first");

    bench.at("2026-11-22T09:00:00Z");
    bench.billing.messages.remind_due().await.expect("reminded");
    bench.billing.messages.deliver_due().await.expect("sent");
    assert!(links(&bench).iter().all(|(_, link)| *link == to_the_bill), "no gateway takes money here");

    gateway(&bench).await;
    bench.at("2026-11-24T09:00:00Z");
    bench.ports.pushes.lock().clear();
    bench.billing.messages.remind_due().await.expect("reminded");
    bench.billing.messages.deliver_due().await.expect("sent");
    let sent = links(&bench);
    assert_eq!((sent.len(), sent[1].1.as_str()), (2, to_the_bill.as_str()), "who may only look on is led to the bill");
    let token = sent[0].1.strip_prefix("https://billow.test/pay/").expect("a link to pay");
    let (bill_id, payer, _) = bench.billing.payments.read_pay_link(token).expect("a genuine link");
    assert_eq!((bill_id, payer), (bill.id, ada.id));
    let push = String::from_utf8(bench.ports.pushes.lock()[0].payload.clone()).expect("text");
    assert!(push.contains(&to_the_bill) && !push.contains("/pay/"), "{push}");
    assert!(notes(&bench).await.iter().all(|n| !n.link.as_deref().unwrap_or_default().contains("/pay/")), "it is stored nowhere");
}
