//! From the event log to a subscriber: each event with what it is about, as that is when it is told.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::Arc;

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, Loader};
use billow_billing::error::Fault;
use billow_billing::events::{FollowFrom, FollowScope, Followed};
use billow_billing::{Actor, Billing, Error};
use billow_entities::{BillId, bill, event};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use parking_lot::Mutex;
use tokio::sync::OnceCell;

use crate::caller::Caller;
use crate::context::ContextExt as _;
use crate::loaders::{Unread, unread};
use crate::refusal::{Refusal, Result};
use crate::turns::Turns;

/// What a stream yields.
pub(crate) type Told<N> = std::result::Result<Telling<N>, async_graphql::Error>;

/// An event with its node, or the word that some were lost.
pub(crate) struct Telling<N> {
    /// Where to go on from.
    pub cursor: String,
    /// Which event; none with a resync, or for what is told at the start.
    pub event: Option<Arc<event::Model>>,
    /// What it is about; none with a resync.
    pub node: Option<N>,
    /// Whether to read afresh.
    pub resync: bool,
}

/// What loading a node needs, kept by the stream.
#[derive(Clone)]
pub(crate) struct Live {
    /// One pointer: thousands of streams keep it, and each event of each takes a copy.
    pub billing: Arc<Billing>,
    pub caller: Caller,
    pub bills: Arc<BillBatch>,
    turns: Arc<Turns>,
}

impl Live {
    pub(crate) fn of(ctx: &Context<'_>) -> Self {
        Self {
            billing: Arc::clone(ctx.data_unchecked()),
            caller: ctx.caller().clone(),
            bills: Arc::clone(ctx.data_unchecked()),
            turns: Arc::clone(ctx.data_unchecked()),
        }
    }

    pub(crate) fn actor(&self) -> &Actor {
        self.caller.actor()
    }
}

/// What a subscription answers.
pub(crate) type Stream<T> = BoxStream<'static, std::result::Result<T, async_graphql::Error>>;

/// What subscriptions answer, as types of the schema.
macro_rules! telling {
    ($($(#[$doc:meta])* $name:ident { $(#[$fdoc:meta])* $field:ident: $node:ty })*) => {$(
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub(crate) struct $name {
            /// Where to go on from: give it as `after` when you subscribe again, and nothing is missed.
            cursor: String,
            /// The event's id, the same each time it is delivered; null with a resync, and for the state sent at the start.
            event_id: Option<async_graphql::ID>,
            /// When it happened.
            occurred_at: Option<$crate::scalars::Instant>,
            /// Whether the cursor you came with is not of this log: read afresh, and go on from this one.
            resync: bool,
            $(#[$fdoc])*
            $field: Option<$node>,
        }

        impl From<$crate::follow::Telling<$node>> for $name {
            fn from(telling: $crate::follow::Telling<$node>) -> Self {
                Self {
                    cursor: telling.cursor,
                    event_id: telling.event.as_ref().map(|event| $crate::ids::text(event.id)),
                    occurred_at: telling.event.as_ref().map(|event| $crate::scalars::Instant(event.occurred_at)),
                    resync: telling.resync,
                    $field: telling.node,
                }
            }
        }
    )*};
}

pub(crate) use telling;

/// The node; none where the subscriber may not, or may no longer, see it.
pub(crate) fn visible<M, N>(found: billow_billing::Result<M>, node: impl FnOnce(M) -> N) -> billow_billing::Result<Option<N>> {
    match found {
        Ok(model) => Ok(Some(node(model))),
        Err(Error::NotFound(_) | Error::Forbidden) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Follows the log from `after`, or from now on; an event whose node `load` does not find is passed over.
pub(crate) async fn follow<N, F, L>(
    live: Live,
    scope: FollowScope,
    kinds: &'static [&'static str],
    after: Option<&str>,
    load: L,
) -> Result<BoxStream<'static, Told<N>>>
where
    N: Send + 'static,
    F: Future<Output = billow_billing::Result<Option<N>>> + Send + 'static,
    L: Fn(Live, Arc<event::Model>) -> F + Send + Sync + 'static,
{
    let from = match after {
        None => FollowFrom::Now,
        Some(cursor) => FollowFrom::After(cursor.parse().ok().filter(|position| *position >= 0).ok_or_else(Error::bad_cursor)?),
    };
    let behind = if after.is_some() { live.billing.kernel.events.hub.position() } else { 0 };
    // Boxed, as the loading below: what a stream waits for seldom would take its room in each that waits for an event.
    let log = Box::pin(live.billing.kernel.events.follow(scope, kinds, from)).await?.boxed();
    let load = Arc::new(load);
    let state = Some((log, live, load));
    Ok(futures::stream::unfold(state, move |state| async move {
        let (mut log, live, load) = state?;
        loop {
            match log.next().await? {
                Ok(Followed::Event(event)) => {
                    let position = event.position.unwrap_or_default();
                    if position <= behind {
                        live.turns.take_to_catch_up().await;
                    } else {
                        live.turns.take().await;
                    }
                    match Box::pin(load(live.clone(), Arc::clone(&event))).await {
                        Ok(None) => live.turns.rest(),
                        Ok(Some(node)) => {
                            let telling = Telling { cursor: position.to_string(), event: Some(event), node: Some(node), resync: false };
                            return Some((Ok(telling), Some((log, live, load))));
                        }
                        // Ends the subscription: a client that resumes it after the last cursor misses nothing.
                        Err(error) => return Some((Err(Refusal(error).into()), None)),
                    }
                }
                Ok(Followed::Resync { position }) => {
                    let telling = Telling { cursor: position.to_string(), event: None, node: None, resync: true };
                    return Some((Ok(telling), Some((log, live, load))));
                }
                Err(error) => return Some((Err(Refusal(error).into()), None)),
            }
        }
    })
    .boxed())
}

/// Tells at once where the log stands, with `node` as it is now if there is one: whoever subscribes after it changed, or
/// reads a list before listening has begun, learns that way that something may have been missed.
pub(crate) fn beginning_with<N: Send + 'static>(
    node: Option<N>,
    position: i64,
    rest: BoxStream<'static, Told<N>>,
) -> BoxStream<'static, Told<N>> {
    let first = Telling { cursor: position.to_string(), event: None, node, resync: false };
    futures::stream::once(async move { Ok(first) }).chain(rest).boxed()
}

/// Bills that are being told just now: read once for all who are told of the same event, and together with those of other
/// events that were told at the same time.
pub(crate) struct BillBatch {
    kept: Mutex<VecDeque<(i64, Reading)>>,
    reader: DataLoader<ToldBills>,
}

type Reading = Arc<OnceCell<Option<Arc<bill::Model>>>>;

/// Events whose bills are kept.
const KEPT: usize = 64;

impl BillBatch {
    pub(crate) fn new(billing: Billing) -> Self {
        Self { kept: Mutex::default(), reader: DataLoader::new(ToldBills(billing), tokio::spawn) }
    }

    /// The bill as it was when the event was first told here.
    pub(crate) async fn of(&self, event: &event::Model, id: BillId) -> billow_billing::Result<Option<Arc<bill::Model>>> {
        let position = event.position.unwrap_or_default();
        let reading = {
            let mut kept = self.kept.lock();
            match kept.iter().rev().find(|(known, _)| *known == position) {
                Some((_, reading)) => Arc::clone(reading),
                None => {
                    if kept.len() >= KEPT {
                        kept.pop_front();
                    }
                    let reading = Reading::default();
                    kept.push_back((position, Arc::clone(&reading)));
                    reading
                }
            }
        };
        let read = || async { self.reader.load_one(id).await.map_err(|error| Error::from(Fault::new("the bills that are told", error))) };
        Ok(reading.get_or_try_init(read).await?.clone())
    }
}

/// Reads bills as they are now.
struct ToldBills(Billing);

impl Loader<BillId> for ToldBills {
    type Value = Arc<bill::Model>;
    type Error = Unread;

    async fn load(&self, keys: &[BillId]) -> std::result::Result<HashMap<BillId, Self::Value>, Unread> {
        let found = self.0.bills.told_bills(&Actor::System, keys).await.map_err(unread)?;
        Ok(found.into_iter().map(|(id, bill)| (id, Arc::new(bill))).collect())
    }
}
