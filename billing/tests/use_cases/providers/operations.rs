//! The event log, the dead letters and the numbers staff looks at.

use billow_billing::consumers::{Consumer, Digest};
use billow_billing::error::Error;
use billow_billing::events::ExternalType;
use billow_billing::operations::EventFilter;
use billow_billing::page::PageRequest;
use billow_billing::{Actor, Scope};
use billow_entities::*;
use chrono::Duration;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryOrder};
use uuid::Uuid;

use crate::common::{Bench, on_both, rows, start};
use crate::providers::{ADMIN, OPERATOR, account, audited, refusal, registered, somebody};

const FOLLOWER: ApiClientId = ApiClientId(Uuid::from_u128(5));

fn client(scopes: &[Scope]) -> Actor {
    Actor::Client { client_id: FOLLOWER, scopes: scopes.to_vec(), provider_id: None }
}

async fn the_log_is_read_page_by_page_with_positions_as_cursors(bench: Bench) {
    let billing = &bench.billing;
    let provider = registered(billing, "voltara").await;
    let id = account(&bench, &provider, 1, |_| {}).await;
    billing.accounts.pause_utility_account(&OPERATOR, id).await.expect("paused");
    billing.accounts.resume_utility_account(&OPERATOR, id).await.expect("resumed");
    bench.relay().await;
    let page = async |actor: &Actor, filter: EventFilter, first, after: Option<String>| {
        let found = billing.operations.events(actor, filter, PageRequest { first: Some(first), after }).await.expect("a page");
        (found.items.into_iter().map(|(cursor, e)| (cursor, e.kind)).collect::<Vec<_>>(), found.has_next)
    };
    let row = |cursor: &str, kind: &str| (cursor.to_owned(), kind.to_owned());
    let follower = client(&[Scope::EventsRead]);
    let (found, more) = page(&follower, EventFilter::default(), 2, None).await;
    assert_eq!((found, more), (vec![row("1", "provider.updated"), row("2", "account.updated")], true));
    let (found, more) = page(&follower, EventFilter::default(), 2, Some("2".into())).await;
    assert_eq!((found, more), (vec![row("3", "account.updated")], false));
    let newest = || EventFilter { newest_first: true, ..Default::default() };
    let (found, more) = page(&follower, newest(), 2, None).await;
    assert_eq!((found, more), (vec![row("3", "account.updated"), row("2", "account.updated")], true));
    let (found, more) = page(&follower, newest(), 2, Some("2".into())).await;
    assert_eq!((found, more), (vec![row("1", "provider.updated")], false));
    let of_provider = EventFilter { kinds: vec!["provider.updated".into()], ..Default::default() };
    assert_eq!(page(&OPERATOR, of_provider, 9, None).await.0, [row("1", "provider.updated")]);
    let about = EventFilter { subject: Some(id.to_string()), ..Default::default() };
    assert_eq!(page(&OPERATOR, about, 9, None).await.0.len(), 2);
    for actor in [somebody(), client(&[Scope::BillsRead])] {
        assert!(matches!(billing.operations.events(&actor, EventFilter::default(), PageRequest::default()).await, Err(Error::Forbidden)));
    }
    // What happened is not what it is about.
    let paused = || EventFilter { types: vec![ExternalType::AccountPaused], ..Default::default() };
    assert_eq!(page(&OPERATOR, paused(), 9, None).await, (vec![row("2", "account.updated")], false));
    let either = || EventFilter { types: vec![ExternalType::AccountPaused, ExternalType::AccountResumed], ..Default::default() };
    assert_eq!(page(&OPERATOR, either(), 1, None).await, (vec![row("2", "account.updated")], true));
    assert_eq!(page(&OPERATOR, either(), 1, Some("2".into())).await, (vec![row("3", "account.updated")], false));
    let newest = EventFilter { newest_first: true, ..either() };
    assert_eq!(page(&OPERATOR, newest, 9, None).await, (vec![row("3", "account.updated"), row("2", "account.updated")], false));
    let odd = PageRequest { first: None, after: Some("two".into()) };
    assert_eq!(refusal(billing.operations.events(&OPERATOR, EventFilter::default(), odd).await)[0].1, "INVALID_CURSOR");
}

/// A type that is rare in a long log: what was looked at is not looked at again.
async fn a_page_of_a_rare_type_says_where_to_go_on(bench: Bench) {
    let billing = &bench.billing;
    let provider = registered(billing, "voltara").await;
    let id = account(&bench, &provider, 1, |_| {}).await;
    billing.accounts.pause_utility_account(&OPERATOR, id).await.expect("paused");
    bench.relay().await;
    let store = &billing.kernel.store;
    let paused = event::Entity::find().order_by_desc(event::Column::Seq).one(store.read()).await.expect("read").expect("an event");
    let mut resumed = paused.clone();
    resumed.data["change"] = "resumed".into();
    let others: Vec<_> = (0..5_200)
        .map(|n| {
            let mut row = event::Model { seq: 0, id: EventId(Uuid::from_u128(n + 1)), ..resumed.clone() }.into_active_model();
            row.seq = NotSet;
            row.position = Set(Some(1_000 + i64::try_from(n).expect("a position")));
            row
        })
        .collect();
    for rows in others.chunks(400) {
        event::Entity::insert_many(rows.to_vec()).exec_without_returning(store.write_pool()).await.expect("events");
    }
    let mut last = event::Model { id: EventId(Uuid::from_u128(9_000)), ..paused.clone() }.into_active_model();
    (last.seq, last.position) = (NotSet, Set(Some(7_000)));
    event::Entity::insert(last).exec_without_returning(store.write_pool()).await.expect("an event");

    let rare = || EventFilter { types: vec![ExternalType::AccountPaused], ..Default::default() };
    let page = async |after: Option<String>| {
        billing.operations.events(&OPERATOR, rare(), PageRequest { first: Some(5), after }).await.expect("a page")
    };
    let first = page(None).await;
    assert_eq!(first.items.iter().map(|(cursor, _)| cursor.as_str()).collect::<Vec<_>>(), ["2"]);
    assert!(first.has_next);
    let end = first.end.clone().expect("where to go on");
    let second = page(Some(end)).await;
    assert_eq!(second.items.iter().map(|(cursor, _)| cursor.as_str()).collect::<Vec<_>>(), ["7000"]);
    assert!(!second.has_next && second.end.is_none());
}

/// A letter of `consumer` about the first event of the log.
async fn letter(bench: &Bench, consumer: &str) -> DeadLetterId {
    let event = event::Entity::find().one(bench.billing.kernel.store.read()).await.expect("read").expect("an event");
    let row = rows::dead_letter(&bench.billing, consumer, &event).into_active_model();
    row.insert(bench.billing.kernel.store.write_pool()).await.expect("a letter").id
}

async fn staff_replays_and_discards_dead_letters(bench: Bench) {
    let billing = &bench.billing;
    registered(billing, "voltara").await;
    bench.relay().await;
    let known = letter(&bench, bench.billing.consumers.digests()[0].name()).await;
    let unknown = letter(&bench, "gone").await;
    let open = async || {
        let page = billing.operations.dead_letters(&OPERATOR, true, PageRequest::default()).await.expect("a page");
        page.items.into_iter().map(|(_, l)| l.id).collect::<Vec<_>>()
    };
    assert_eq!(open().await, [unknown, known]);
    assert!(matches!(billing.operations.dead_letters(&somebody(), true, PageRequest::default()).await, Err(Error::Forbidden)));
    assert!(matches!(billing.operations.replay_dead_letter(&somebody(), known).await, Err(Error::Forbidden)));
    let replayed = billing.operations.replay_dead_letter(&OPERATOR, known).await.expect("replayed");
    assert_eq!((replayed.resolution.as_deref(), replayed.resolved_at), (Some("REPLAYED"), Some(start())));
    assert_eq!(refusal(billing.operations.replay_dead_letter(&OPERATOR, unknown).await), [(String::new(), "UNKNOWN_CONSUMER".into())]);
    assert_eq!(open().await, [unknown]);
    let discarded = billing.operations.discard_dead_letter(&ADMIN, unknown, Some("Its consumer is gone")).await.expect("discarded");
    assert_eq!(discarded.resolution.as_deref(), Some("DISCARDED"));
    // What is resolved stays as it is.
    assert_eq!(billing.operations.discard_dead_letter(&ADMIN, known, None).await.expect("resolved"), replayed);
    assert_eq!(open().await, []);
    assert_eq!(audited(&bench).await, ["provider.register", "dead_letter.resolve", "dead_letter.resolve"]);
}

/// Fails at every event until it is told otherwise.
struct Stubborn;

#[async_trait::async_trait]
impl Digest for Stubborn {
    fn name(&self) -> &'static str {
        "notifications"
    }

    async fn digest(&self, _: &mut billow_billing::store::WriteTx, _: &event::Model) -> billow_billing::Result<()> {
        Err(Error::NotFound("patience"))
    }
}

async fn what_a_consumer_gives_up_is_counted_told_and_replayed_by_its_name(bench: Bench) {
    let billing = &bench.billing;
    registered(billing, "voltara").await;
    bench.relay().await;
    let consumer = Consumer::new(billing.kernel.clone(), Stubborn);
    for _ in 0..9 {
        consumer.turn().await.expect("counted");
        bench.clock.advance(Duration::minutes(2));
    }
    let page = billing.operations.dead_letters(&OPERATOR, true, PageRequest::default()).await.expect("a page");
    let [(_, letter)] = &page.items[..] else { panic!("one letter, not {:?}", page.items) };
    assert_eq!((letter.consumer.as_str(), letter.error.as_str()), ("notifications", "there is no such patience"));
    let stats = billing.operations.instance_stats().await.expect("numbers");
    assert_eq!(stats.open_dead_letters, 1);
    assert_eq!(billing.operations.event_by_id(&OPERATOR, letter.event_id).await.expect("the event").kind, "provider.updated");
    billing.operations.replay_dead_letter(&OPERATOR, letter.id).await.expect("the real consumer of that name takes it");
    assert_eq!(billing.operations.instance_stats().await.expect("numbers").open_dead_letters, 0);
}

async fn the_dashboard_counts_what_there_is(bench: Bench) {
    let billing = &bench.billing;
    let active = registered(billing, "voltara").await;
    let paused = registered(billing, "aquaria").await;
    billing.providers.pause_provider(&ADMIN, paused.id, "x").await.expect("paused");
    let broken = registered(billing, "gasline").await;
    let mut row = broken.clone().into_active_model();
    row.circuit_state = Set(CircuitState::HalfOpen);
    row.update(billing.kernel.store.write_pool()).await.expect("written");
    account(&bench, &active, 1, |row| row.next_fetch_at = Some(start() - Duration::minutes(3))).await;
    account(&bench, &active, 2, |row| row.next_fetch_at = Some(start())).await;
    account(&bench, &active, 3, |row| row.status = AccountStatus::NeedsAttention).await;
    // What is due at a paused provider is nothing to do.
    account(&bench, &paused, 4, |row| row.next_fetch_at = Some(start() - Duration::days(1))).await;
    let board = billing.operations.dashboard(&OPERATOR).await.expect("a dashboard");
    assert_eq!(board.accounts, [(AccountStatus::Active, 3), (AccountStatus::NeedsAttention, 1)]);
    assert_eq!((board.fetches.count, board.fetches.oldest), (2, Some(start() - Duration::minutes(3))));
    assert_eq!((board.stats.circuits_open, board.customers, board.bills_today, board.running_runs), (1, 4, 0, 0));
    let troubled: Vec<_> = board.providers_in_trouble.iter().map(|p| p.code.as_str()).collect();
    assert_eq!(troubled, ["aquaria", "gasline"]);
    assert!(matches!(billing.operations.dashboard(&somebody()).await, Err(Error::Forbidden)));
}

on_both!(
    the_log_is_read_page_by_page_with_positions_as_cursors,
    a_page_of_a_rare_type_says_where_to_go_on,
    staff_replays_and_discards_dead_letters,
    what_a_consumer_gives_up_is_counted_told_and_replayed_by_its_name,
    the_dashboard_counts_what_there_is,
);
