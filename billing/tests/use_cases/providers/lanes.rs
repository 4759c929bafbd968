//! An event that cannot be digested, and whom it holds up.

use std::sync::Arc;

use billow_billing::consumers::{Consumer, Digest};
use billow_billing::error::Error;
use billow_billing::events::{Event, NoData};
use billow_billing::page::PageRequest;
use billow_billing::store::WriteTx;
use billow_entities::*;
use chrono::Duration;
use parking_lot::Mutex;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use crate::common::{Bench, on_both};
use crate::providers::OPERATOR;

const ADA: CustomerId = CustomerId(Uuid::from_u128(1));
const BOB: CustomerId = CustomerId(Uuid::from_u128(2));

/// Cannot digest events about some subjects.
#[derive(Clone, Default)]
struct Picky {
    dislikes: Arc<Mutex<Vec<&'static str>>>,
    digested: Arc<Mutex<Vec<String>>>,
}

#[async_trait::async_trait]
impl Digest for Picky {
    fn name(&self) -> &'static str {
        "picky"
    }

    async fn digest(&self, _: &mut WriteTx, event: &event::Model) -> billow_billing::Result<()> {
        if self.dislikes.lock().contains(&event.subject.as_str()) {
            return Err(Error::NotFound("taste"));
        }
        self.digested.lock().push(event.subject.clone());
        Ok(())
    }
}

impl Picky {
    /// What was digested since the last time, also what was undone with its batch.
    fn digested(&self) -> Vec<String> {
        std::mem::take(&mut self.digested.lock())
    }
}

async fn happened(bench: &Bench, what: &[(&str, CustomerId)]) {
    let mut tx = bench.billing.kernel.store.write_tx().await.expect("a transaction");
    for (subject, customer) in what {
        let event = bench.billing.kernel.events.about(subject, &Event::PasswordResetRequested(NoData {})).expect("an event");
        tx.emit(event.of_customer(*customer));
    }
    tx.commit().await.expect("committed");
    bench.relay().await;
}

/// Turns until there is nothing more to do at this instant.
async fn turns(consumer: &Consumer<Picky>, picky: &Picky) -> Vec<String> {
    let mut out = Vec::new();
    loop {
        let more = consumer.turn().await.expect("a turn");
        out.extend(picky.digested());
        if !more {
            return out;
        }
    }
}

async fn behind(bench: &Bench) -> (i64, i32) {
    let stats = bench.billing.operations.instance_stats().await.expect("numbers");
    stats.consumers.iter().find(|c| c.name == "picky").map(|c| (c.behind, c.failures)).expect("the consumer")
}

async fn letters(bench: &Bench) -> usize {
    let page = bench.billing.operations.dead_letters(&OPERATOR, true, PageRequest::default()).await.expect("a page");
    page.items.len()
}

async fn an_event_that_fails_holds_up_its_customer_and_nobody_else(bench: Bench) {
    let picky = Picky::default();
    picky.dislikes.lock().push("ada 1");
    let consumer = Consumer::new(bench.billing.kernel.clone(), picky.clone());
    happened(&bench, &[("bob 1", BOB), ("ada 1", ADA), ("bob 2", BOB), ("ada 2", ADA)]).await;
    let went = turns(&consumer, &picky).await;
    // The first batch was undone at Ada's event.
    assert_eq!(went, ["bob 1", "bob 1", "bob 2"]);
    assert_eq!(behind(&bench).await, (2, 1));
    happened(&bench, &[("ada 3", ADA), ("bob 3", BOB)]).await;
    assert_eq!(turns(&consumer, &picky).await, ["bob 3"]);
    assert_eq!(behind(&bench).await, (3, 1));

    // What failed is mended: Ada's go on in their order once it is tried again.
    picky.dislikes.lock().clear();
    assert_eq!(turns(&consumer, &picky).await, Vec::<String>::new(), "it is not tried at once");
    bench.clock.advance(Duration::seconds(1));
    assert_eq!(turns(&consumer, &picky).await, ["ada 1", "ada 2", "ada 3"]);
    assert_eq!(behind(&bench).await, (0, 0));
    happened(&bench, &[("ada 4", ADA)]).await;
    assert_eq!(turns(&consumer, &picky).await, ["ada 4"]);
    assert_eq!(letters(&bench).await, 0);
    let left = held_event::Entity::find().all(bench.billing.kernel.store.read()).await.expect("read");
    assert_eq!(left, []);
}

async fn one_that_is_given_up_lets_the_next_of_its_customer_pass(bench: Bench) {
    let picky = Picky::default();
    picky.dislikes.lock().extend(["ada 1", "bob 2"]);
    let consumer = Consumer::new(bench.billing.kernel.clone(), picky.clone());
    happened(&bench, &[("ada 1", ADA), ("bob 1", BOB), ("ada 2", ADA), ("bob 2", BOB)]).await;
    turns(&consumer, &picky).await;
    // Tried eight times in all: after 1, 2, 4, 8, 16, 32 and 64 seconds.
    for seconds in [1, 2, 4, 8, 16, 32] {
        bench.clock.advance(Duration::seconds(seconds));
        assert_eq!(turns(&consumer, &picky).await, Vec::<String>::new());
    }
    assert_eq!((behind(&bench).await, letters(&bench).await), ((3, 7), 0));
    bench.clock.advance(Duration::seconds(64));
    let mut went = turns(&consumer, &picky).await;
    // The dead letters are events themselves.
    bench.relay().await;
    went.extend(turns(&consumer, &picky).await);
    assert_eq!((&went[0], went.len()), (&"ada 2".to_owned(), 3), "{went:?}");
    assert_eq!((behind(&bench).await, letters(&bench).await), ((0, 0), 2));
}

async fn a_consumer_that_another_one_has_overtaken_writes_nothing(bench: Bench) {
    let picky = Picky::default();
    let consumer = Arc::new(Consumer::new(bench.billing.kernel.clone(), picky.clone()));
    happened(&bench, &[("ada 1", ADA)]).await;
    assert_eq!(turns(&consumer, &picky).await, ["ada 1"]);
    happened(&bench, &[("ada 2", ADA), ("ada 3", ADA)]).await;

    // Another process has digested one event more, and commits after this one has read where it stands.
    let store = &bench.billing.kernel.store;
    let tx = store.write_tx().await.expect("a transaction");
    let state = consumer::Entity::find_by_id("picky").one(&*tx).await.expect("read").expect("the consumer");
    let overtaken = state.position + 1;
    let mut row = state.into_active_model();
    row.position = Set(overtaken);
    row.update(&*tx).await.expect("written");
    let before = store.statements();
    let turn = tokio::spawn({
        let consumer = Arc::clone(&consumer);
        async move { consumer.turn().await }
    });
    // The lanes, the position, the events: then it waits for the lock.
    while store.statements() < before + 3 {
        tokio::task::yield_now().await;
    }
    tx.commit().await.expect("committed");
    turn.await.expect("a turn").expect("no fault");
    assert_eq!(picky.digested(), Vec::<String>::new());
    let state = consumer::Entity::find_by_id("picky").one(store.read()).await.expect("read").expect("the consumer");
    assert_eq!(state.position, overtaken);
    assert_eq!(turns(&consumer, &picky).await, ["ada 3"]);
}

on_both!(
    a_consumer_that_another_one_has_overtaken_writes_nothing,
    an_event_that_fails_holds_up_its_customer_and_nobody_else,
    one_that_is_given_up_lets_the_next_of_its_customer_pass,
);
