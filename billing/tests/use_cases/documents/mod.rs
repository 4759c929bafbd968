//! Documents on a database: queued, numbered, made under a lease, kept by their content, opened and checked by links.

use crate::common::{Bench, on_both, rows};
use billow_billing::Error;
use billow_billing::consumers::Consumer;
use billow_billing::events::{Event, PaymentEventData, PaymentStep, kind};
use billow_billing::messages::Notifier;
use billow_billing::page::PageRequest;
use billow_entities::{
    DocumentId, DocumentKind, DocumentStatus, PaymentId, PaymentKind, PaymentStatus, RefundId, RefundStatus, RemittanceId,
    RemittanceStatus, audit_entry, customer, document, event, payment,
};
use chrono::Duration;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

on_both!(
    a_document_is_asked_for_once_and_numbers_have_no_gaps,
    what_is_undone_takes_no_number,
    every_year_counts_from_one,
    makers_at_once_give_different_numbers,
    a_document_is_made_and_kept_under_its_content,
    a_fault_is_tried_again_and_given_up_in_the_end,
    makers_that_die_are_followed_by_others_and_write_nothing_late,
    a_receipt_is_made_anew_when_the_provider_confirms_or_money_goes_back,
    a_receipt_that_was_begun_too_early_is_not_kept,
    an_old_receipt_stays_readable_when_it_cannot_be_made_anew,
    links_open_for_a_quarter_of_an_hour_and_cannot_be_altered,
    bytes_that_changed_in_the_store_are_not_handed_out,
    anybody_with_the_paper_can_check_it_and_learns_no_names,
    documents_are_for_who_paid_and_for_staff,
);

async fn insert<M>(bench: &Bench, row: M) -> M
where
    M: IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + sea_orm::ModelTrait,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + sea_orm::ActiveModelBehavior + Send,
    <M::Entity as EntityTrait>::Model: IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    M::Entity: EntityTrait<Model = M>,
{
    row.into_active_model().insert(bench.billing.kernel.store.write_pool()).await.expect("written")
}

async fn customer(bench: &Bench) -> customer::Model {
    let row = customer::Model { email: Some("ada@example.com".into()), ..rows::customer(&bench.billing, "Ada") };
    insert(bench, row).await
}

/// A top-up that succeeded.
async fn payment(bench: &Bench) -> payment::Model {
    let payer = customer(bench).await;
    let id = PaymentId(bench.billing.kernel.ids.next());
    let now = bench.billing.kernel.clock.now();
    let row = payment::Model {
        id,
        customer_id: payer.id,
        kind: PaymentKind::TopUp,
        status: PaymentStatus::Succeeded,
        status_reason: None,
        decline_kind: None,
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
        created_at: now,
        updated_at: now,
        settled_at: Some(now),
    };
    insert(bench, row).await
}

async fn queue(bench: &Bench, payment: &payment::Model, kind: DocumentKind) -> document::Model {
    let tx = bench.billing.kernel.store.write_tx().await.expect("a transaction");
    bench.billing.documents.queue_document(&tx, payment, kind).await.expect("queued");
    tx.commit().await.expect("committed");
    let asked = document::Entity::find().filter(document::Column::PaymentId.eq(payment.id)).filter(document::Column::Kind.eq(kind));
    asked.one(bench.billing.kernel.store.write_pool()).await.expect("read").expect("a document")
}

async fn read(bench: &Bench, id: DocumentId) -> document::Model {
    document::Entity::find_by_id(id).one(bench.billing.kernel.store.write_pool()).await.expect("read").expect("a document")
}

async fn make(bench: &Bench) -> u64 {
    bench.billing.documents.make_documents_due().await.expect("made")
}

/// Every number that was given, in order.
async fn numbers(bench: &Bench) -> Vec<String> {
    let documents = document::Entity::find().all(bench.billing.kernel.store.write_pool()).await.expect("read");
    let mut numbers: Vec<_> = documents.into_iter().filter_map(|d| d.number).collect();
    numbers.sort();
    numbers
}

/// A receipt that is ready.
async fn ready(bench: &Bench) -> (payment::Model, document::Model) {
    let payment = payment(bench).await;
    let receipt = queue(bench, &payment, DocumentKind::Receipt).await;
    assert_eq!(make(bench).await, 1);
    (payment, read(bench, receipt.id).await)
}

/// Somebody tells that a part of the payment came further, and it is digested.
async fn told(bench: &Bench, payment: &payment::Model, what: PaymentStep) {
    let mut tx = bench.billing.kernel.store.write_tx().await.expect("a transaction");
    let event =
        bench.billing.kernel.events.about(payment.id, &Event::PaymentUpdated(PaymentEventData::of(payment, what))).expect("an event");
    tx.emit(event.of_customer(payment.customer_id));
    tx.commit().await.expect("committed");
    bench.relay().await;
    let consumer = Consumer::new(bench.billing.kernel.clone(), Notifier::new(&bench.billing.messages));
    while consumer.turn().await.expect("digested") {}
}

async fn document_events(bench: &Bench) -> usize {
    let events = event::Entity::find().filter(event::Column::Kind.eq(kind::PAYMENT_UPDATED)).order_by_asc(event::Column::Seq);
    let events = events.all(bench.billing.kernel.store.write_pool()).await.expect("read");
    events.iter().filter(|e| e.data["what"] == "document").count()
}

async fn a_document_is_asked_for_once_and_numbers_have_no_gaps(bench: Bench) {
    let (first, second) = (payment(&bench).await, payment(&bench).await);
    let invoice = queue(&bench, &first, DocumentKind::Invoice).await;
    let receipt = queue(&bench, &first, DocumentKind::Receipt).await;
    let again = queue(&bench, &first, DocumentKind::Receipt).await;
    let other = queue(&bench, &second, DocumentKind::Receipt).await;
    assert_eq!(again.id, receipt.id);
    assert_eq!([&invoice, &receipt, &other].map(|d| d.number.clone()), [None, None, None], "a number is given when it is made");
    assert_eq!(
        (receipt.status, receipt.locale.as_str(), receipt.due_at),
        (DocumentStatus::Queued, "de-DE", Some(bench.billing.kernel.clock.now()))
    );
    assert_eq!(make(&bench).await, 3);
    assert_eq!(numbers(&bench).await, ["I-2026-000001", "R-2026-000001", "R-2026-000002"]);
    bench.clock.advance(Duration::days(1));
    let third = queue(&bench, &payment(&bench).await, DocumentKind::Receipt).await;
    assert_eq!(make(&bench).await, 1);
    assert_eq!(read(&bench, third.id).await.number.as_deref(), Some("R-2026-000003"));
    assert_eq!(numbers(&bench).await.len(), 4, "what has a number keeps it");
}

async fn what_is_undone_takes_no_number(bench: Bench) {
    let (first, second) = (payment(&bench).await, payment(&bench).await);
    let tx = bench.billing.kernel.store.write_tx().await.expect("a transaction");
    bench.billing.documents.queue_document(&tx, &first, DocumentKind::Receipt).await.expect("queued");
    drop(tx);
    queue(&bench, &second, DocumentKind::Receipt).await;
    assert_eq!(make(&bench).await, 1);
    assert_eq!(numbers(&bench).await, ["R-2026-000001"]);
}

async fn every_year_counts_from_one(bench: Bench) {
    queue(&bench, &payment(&bench).await, DocumentKind::Receipt).await;
    bench.clock.set("2027-01-01T00:00:00Z".parse().expect("an instant"));
    queue(&bench, &payment(&bench).await, DocumentKind::Receipt).await;
    assert_eq!(make(&bench).await, 2);
    assert_eq!(numbers(&bench).await, ["R-2026-000001", "R-2027-000001"], "the year is the one in which it was asked for");
}

async fn makers_at_once_give_different_numbers(bench: Bench) {
    for _ in 0..40 {
        let payment = payment(&bench).await;
        queue(&bench, &payment, DocumentKind::Receipt).await;
        queue(&bench, &payment, DocumentKind::Invoice).await;
    }
    let made = futures::future::join_all((0..4).map(|_| make(&bench))).await;
    assert_eq!(made.into_iter().sum::<u64>(), 80);
    let wanted: Vec<_> = ["I", "R"].into_iter().flat_map(|kind| (1..=40).map(move |n| format!("{kind}-2026-{n:06}"))).collect();
    assert_eq!(numbers(&bench).await, wanted);
}

async fn a_document_is_made_and_kept_under_its_content(bench: Bench) {
    let (payment, receipt) = ready(&bench).await;
    let paper = bench.ports.paper.papers.lock().first().cloned().expect("a paper");
    assert_eq!((paper.number.as_str(), paper.customer_name.as_str(), paper.total.amount_minor), ("R-2026-000001", "Ada", 5_000));
    assert_eq!((paper.locale.as_str(), paper.paid_at), ("de-DE", payment.settled_at));
    assert_eq!(paper.items.len(), 1);
    let (sha256, key) = (receipt.sha256.clone().expect("a hash"), receipt.object_key.clone().expect("a key"));
    assert_eq!(key, format!("documents/2026/{}/{sha256}.pdf", receipt.id));
    let bytes = bench.ports.paper.objects.lock().get(&key).cloned().expect("the object");
    assert_eq!((billow_billing::sha256_hex(&bytes), receipt.size_bytes), (sha256, i64::try_from(bytes.len()).ok()));
    assert_eq!((receipt.status, receipt.due_at, receipt.ready_at), (DocumentStatus::Ready, None, Some(bench.billing.kernel.clock.now())));
    assert_eq!(document_events(&bench).await, 1, "whoever follows the payment is told");
    assert_eq!(make(&bench).await, 0);
}

async fn a_fault_is_tried_again_and_given_up_in_the_end(bench: Bench) {
    let receipt = queue(&bench, &payment(&bench).await, DocumentKind::Receipt).await;
    bench.ports.paper.faults.lock().extend((0..8).map(|n| format!("no ink {n}")));
    let mut waits = Vec::new();
    for _ in 0..8 {
        assert_eq!(make(&bench).await, 1);
        assert_eq!(make(&bench).await, 0, "not before its time");
        let Some(due) = read(&bench, receipt.id).await.due_at else { break };
        waits.push((due - bench.billing.kernel.clock.now()).num_seconds());
        bench.clock.set(due);
    }
    assert_eq!(waits, [5, 30, 120, 600, 3_600, 3_600, 3_600]);
    let failed = read(&bench, receipt.id).await;
    assert_eq!((failed.status, failed.status_reason.as_deref(), failed.tries), (DocumentStatus::Failed, Some("no ink 7"), 8));
    bench.clock.advance(Duration::days(1));
    assert_eq!(make(&bench).await, 0);
    assert_eq!(document_events(&bench).await, 1, "whoever follows the payment is told");
    let staff = billow_billing::Actor::System;
    assert_eq!(failed_ids(&bench).await, [receipt.id]);

    // Somebody has filled in ink.
    let again = bench.billing.documents.retry_document(&staff, receipt.id).await.expect("tried again");
    assert_eq!((again.status, again.tries, again.number == failed.number), (DocumentStatus::Queued, 0, true));
    assert_eq!(failed_ids(&bench).await, []);
    assert_eq!(bench.billing.documents.retry_document(&staff, receipt.id).await.expect("twice is once").fence, again.fence);
    assert_eq!(make(&bench).await, 1);
    let made = read(&bench, receipt.id).await;
    assert_eq!((made.status, made.status_reason, made.number), (DocumentStatus::Ready, None, failed.number));
    assert!(matches!(bench.billing.documents.retry_document(&staff, receipt.id).await, Err(Error::Invalid(_))), "it was made");
    let trail =
        audit_entry::Entity::find().filter(audit_entry::Column::Action.eq("document.retry")).all(bench.billing.kernel.store.write_pool());
    let trail = trail.await.expect("entries");
    assert_eq!(trail.iter().map(|entry| entry.data["failed"].clone()).collect::<Vec<_>>(), ["no ink 7"]);
}

async fn failed_ids(bench: &Bench) -> Vec<DocumentId> {
    let staff = billow_billing::Actor::System;
    let listed = bench.billing.documents.failed_documents(&staff, PageRequest::default()).await.expect("a list");
    let ids: Vec<_> = listed.items.into_iter().map(|(_, document)| document.id).collect();
    assert_eq!(bench.billing.documents.failed_documents_count(&staff).await.expect("a number"), ids.len() as u64);
    ids
}

async fn makers_that_die_are_followed_by_others_and_write_nothing_late(bench: Bench) {
    let receipt = queue(&bench, &payment(&bench).await, DocumentKind::Receipt).await;
    // In the middle of the work the process sleeps through its lease, and another makes the document.
    let (other, clock) = (bench.another("worker-2").await, bench.clock.clone());
    *bench.ports.paper.meanwhile.lock() = Some(Box::new(move || {
        Box::pin(async move {
            clock.advance(Duration::minutes(11));
            assert_eq!(other.documents.make_documents_due().await.expect("made"), 1);
        })
    }));
    assert_eq!(make(&bench).await, 1);
    let made = read(&bench, receipt.id).await;
    assert_eq!((made.status, made.fence), (DocumentStatus::Ready, 2));
    assert_eq!(document_events(&bench).await, 1, "only one of them wrote");
}

async fn a_receipt_is_made_anew_when_the_provider_confirms_or_money_goes_back(bench: Bench) {
    let (payment, before) = ready(&bench).await;
    told(&bench, &payment, PaymentStep::Remittance(RemittanceId(Uuid::nil()), RemittanceStatus::Confirmed)).await;
    let waiting = read(&bench, before.id).await;
    assert_eq!(
        (waiting.status, waiting.due_at),
        (DocumentStatus::Ready, Some(bench.billing.kernel.clock.now())),
        "the old one is read meanwhile"
    );
    assert_eq!(make(&bench).await, 1);
    assert_eq!(read(&bench, before.id).await.sha256, before.sha256, "nothing new to say");
    assert_eq!(document_events(&bench).await, 1);

    let changed = payment::Model { refunded_minor: 1_000, ..payment };
    changed.clone().into_active_model().reset_all().update(bench.billing.kernel.store.write_pool()).await.expect("written");
    told(&bench, &changed, PaymentStep::Refund(RefundId(Uuid::nil()), RefundStatus::Succeeded)).await;
    assert_eq!(make(&bench).await, 1);
    let after = read(&bench, before.id).await;
    assert_eq!((after.id, &after.number), (before.id, &before.number));
    assert_ne!(after.object_key, before.object_key);
    assert_eq!(bench.ports.paper.objects.lock().len(), 2, "what was handed out before is still there");
    assert_eq!(document_events(&bench).await, 2);
    // Its own news sets nothing going.
    told(&bench, &changed, PaymentStep::Document(None)).await;
    assert_eq!(make(&bench).await, 0);
}

async fn a_receipt_that_was_begun_too_early_is_not_kept(bench: Bench) {
    let payment = payment(&bench).await;
    let receipt = queue(&bench, &payment, DocumentKind::Receipt).await;
    let billing = bench.billing.clone();
    *bench.ports.paper.meanwhile.lock() = Some(Box::new(move || {
        Box::pin(async move {
            let tx = billing.kernel.store.write_tx().await.expect("a transaction");
            assert!(billing.documents.renew_receipt(&tx, payment.id).await.expect("renewed"));
            tx.commit().await.expect("committed");
        })
    }));
    assert_eq!(make(&bench).await, 2, "once in vain and once again");
    assert_eq!(read(&bench, receipt.id).await.status, DocumentStatus::Ready);
    assert_eq!(document_events(&bench).await, 1);
}

async fn an_old_receipt_stays_readable_when_it_cannot_be_made_anew(bench: Bench) {
    let (payment, before) = ready(&bench).await;
    told(&bench, &payment, PaymentStep::Remittance(RemittanceId(Uuid::nil()), RemittanceStatus::Confirmed)).await;
    bench.ports.paper.faults.lock().extend((0..8).map(|_| "no ink".to_owned()));
    for _ in 0..8 {
        assert_eq!(make(&bench).await, 1);
        bench.clock.advance(Duration::hours(1));
    }
    let after = read(&bench, before.id).await;
    assert_eq!((after.status, after.status_reason.as_deref()), (DocumentStatus::Ready, Some("no ink")));
    assert_eq!((after.due_at, &after.object_key), (None, &before.object_key));

    // It is listed as failed all the same, because its content is out of date.
    assert_eq!(failed_ids(&bench).await, [before.id]);
    let staff = billow_billing::Actor::System;
    let again = bench.billing.documents.retry_document(&staff, before.id).await.expect("tried again");
    assert_eq!((again.status, again.object_key), (DocumentStatus::Ready, before.object_key), "it stays readable meanwhile");
    assert_eq!(make(&bench).await, 1);
    assert_eq!(failed_ids(&bench).await, []);
}

/// The expiry and signature of a link.
fn parts(url: &str) -> (i64, String) {
    let (expires, signature) = url.split_once("?expires=").and_then(|(_, rest)| rest.split_once("&signature=")).expect("a link");
    (expires.parse().expect("a number"), signature.to_owned())
}

async fn links_open_for_a_quarter_of_an_hour_and_cannot_be_altered(bench: Bench) {
    let (_, receipt) = ready(&bench).await;
    let (_, other) = ready(&bench).await;
    let url = bench.billing.documents.document_url(&receipt);
    assert!(url.starts_with(&format!("https://billow.test/documents/{}.pdf?expires=", receipt.id)), "{url}");
    let (expires, signature) = parts(&url);
    let (opened, bytes) = bench.billing.documents.open_document(receipt.id, expires, &signature).await.expect("opened");
    assert_eq!((opened.id, Some(billow_billing::sha256_hex(&bytes))), (receipt.id, receipt.sha256.clone()));
    for (id, expires, signature) in [
        (other.id, expires, signature.as_str()),
        (receipt.id, expires + 1, signature.as_str()),
        (receipt.id, expires, ""),
        (receipt.id, expires, "0000"),
    ] {
        let refused = bench.billing.documents.open_document(id, expires, signature).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    }
    bench.clock.advance(Duration::minutes(15) - Duration::seconds(1));
    assert!(bench.billing.documents.open_document(receipt.id, expires, &signature).await.is_ok());
    bench.clock.advance(Duration::seconds(1));
    assert!(matches!(bench.billing.documents.open_document(receipt.id, expires, &signature).await, Err(Error::Forbidden)));

    let waiting = queue(&bench, &payment(&bench).await, DocumentKind::Invoice).await;
    let (expires, signature) = parts(&bench.billing.documents.document_url(&waiting));
    assert!(
        matches!(bench.billing.documents.open_document(waiting.id, expires, &signature).await, Err(Error::NotFound(_))),
        "not made yet"
    );
}

async fn bytes_that_changed_in_the_store_are_not_handed_out(bench: Bench) {
    let (_, receipt) = ready(&bench).await;
    let (expires, signature) = parts(&bench.billing.documents.document_url(&receipt));
    let key = receipt.object_key.expect("a key");
    bench.ports.paper.objects.lock().insert(key.clone(), "something else".into());
    assert!(matches!(bench.billing.documents.open_document(receipt.id, expires, &signature).await, Err(Error::Fault(_))));
    bench.ports.paper.objects.lock().remove(&key);
    let gone = bench.billing.documents.open_document(receipt.id, expires, &signature).await;
    assert!(matches!(gone, Err(Error::NotFound(billow_billing::documents::NOT_YET))), "{gone:?}");
}

async fn anybody_with_the_paper_can_check_it_and_learns_no_names(bench: Bench) {
    let (payment, receipt) = ready(&bench).await;
    let url = bench.ports.paper.papers.lock().first().expect("a paper").verify_url.clone();
    let signature = url.strip_prefix(&format!("https://billow.test/verify/{}?s=", receipt.id)).expect("the address").to_owned();
    bench.clock.advance(Duration::days(3_650));
    let genuine = bench.billing.documents.verify_document(receipt.id, &signature).await.expect("genuine");
    assert_eq!((genuine.number.as_str(), genuine.amount.amount_minor, genuine.settled_at), ("R-2026-000001", 5_000, payment.settled_at));
    assert!(!format!("{genuine:?}").contains("Ada"));
    for (id, signature) in [(receipt.id, ""), (receipt.id, "0"), (DocumentId(bench.billing.kernel.ids.next()), signature.as_str())] {
        assert!(matches!(bench.billing.documents.verify_document(id, signature).await, Err(Error::NotFound(_))));
    }
    let (expires, open) = parts(&bench.billing.documents.document_url(&receipt));
    assert!(bench.billing.documents.open_document(receipt.id, expires, &signature).await.is_err(), "one signature is not the other");
    assert!(bench.billing.documents.verify_document(receipt.id, &open).await.is_err());
}

async fn documents_are_for_who_paid_and_for_staff(bench: Bench) {
    use billow_entities::{Role, SessionId, UserId};
    let (payment, receipt) = ready(&bench).await;
    let invoice = queue(&bench, &payment, DocumentKind::Invoice).await;
    let actor = |role, customer_id| billow_billing::Actor::User {
        user_id: UserId(bench.billing.kernel.ids.next()),
        role,
        customer_id,
        session_id: SessionId(bench.billing.kernel.ids.next()),
    };
    let (payer, other) = (actor(Role::Customer, Some(payment.customer_id)), actor(Role::Customer, Some(customer(&bench).await.id)));
    assert_eq!(bench.billing.documents.document(&payer, receipt.id).await.expect("seen").id, receipt.id);
    assert_eq!(bench.billing.documents.document(&actor(Role::Operator, None), receipt.id).await.expect("seen").id, receipt.id);
    assert!(matches!(bench.billing.documents.document(&other, receipt.id).await, Err(Error::NotFound(_))));
    assert!(bench.billing.documents.failed_documents(&payer, PageRequest::default()).await.is_err());
    assert!(bench.billing.documents.failed_documents_count(&payer).await.is_err());
    assert!(matches!(bench.billing.documents.retry_document(&payer, receipt.id).await, Err(Error::Forbidden)));
    let of = bench.billing.documents.documents_of(&[payment.id]).await.expect("read");
    let ids: Vec<_> = of[&payment.id].iter().map(|d| d.id).collect();
    assert_eq!(ids, [invoice.id, receipt.id]);
}
