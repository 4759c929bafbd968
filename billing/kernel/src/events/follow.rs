//! Following the log from a cursor: first what is in the log, then what comes, with nothing lost between.

use std::sync::Arc;

use billow_entities::{CustomerId, PropertyId, event, property_member};
use futures::Stream;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::Semaphore;

use super::hub::{LiveItem, LiveStream, Topic};
use super::{Events, kind};
use crate::error::Result;

/// Events read at once.
const PAGE: u64 = 200;
/// Followers of this process that read a page of the log at the same time: those who catch up leave connections to others.
static READING: Semaphore = Semaphore::const_new(3);

/// Whose events are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A customer's, and those of their homes.
    Customer(CustomerId),
    /// Everybody's.
    All,
}

/// From where on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowFrom {
    /// What comes from now on.
    Now,
    /// What came after this position.
    After(i64),
}

/// What a follower gets.
#[derive(Clone, Debug)]
pub enum Followed {
    /// An event, with its position as the cursor.
    Event(Arc<event::Model>),
    /// The cursor is not of this log (it lies ahead of its end): read afresh, then follow from `position`.
    Resync {
        /// Where the log ends.
        position: i64,
    },
}

impl Events {
    /// Follows events of the given kinds (all where empty). The stream ends only with an error of the database.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn follow(
        self: &Arc<Self>,
        scope: Scope,
        kinds: &'static [&'static str],
        from: FollowFrom,
    ) -> Result<impl Stream<Item = Result<Followed>> + Send + use<>> {
        let homes = self.homes_of(scope).await?;
        let live = self.hub.subscribe(topics(scope, &homes));
        let mut state = Following { events: Arc::clone(self), scope, homes, kinds, cursor: 0, live, behind: true, wants_resync: false };
        match from {
            FollowFrom::Now => {
                state.cursor = state.live.from();
                state.behind = false;
            }
            FollowFrom::After(position) => {
                state.cursor = position;
                // Whoever comes with the newest cursor has nothing to read.
                state.behind = position != state.live.from();
                if position > self.log_end().await? {
                    state.wants_resync = true;
                }
            }
        }
        Ok(futures::stream::unfold((state, std::collections::VecDeque::new()), |(mut state, mut ready)| async move {
            loop {
                if let Some(item) = ready.pop_front() {
                    return Some((Ok(item), (state, ready)));
                }
                match state.more().await {
                    Ok(items) => ready.extend(items),
                    Err(error) => {
                        state.behind = true;
                        return Some((Err(error), (state, ready)));
                    }
                }
            }
        }))
    }

    /// The last position given.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn log_end(&self) -> Result<i64> {
        let state = billow_entities::relay_state::Entity::find_by_id(1).one(self.store.read()).await?;
        Ok(state.map_or(0, |s| s.position).max(self.hub.position()))
    }

    async fn homes_of(&self, scope: Scope) -> Result<Vec<PropertyId>> {
        let Scope::Customer(customer) = scope else { return Ok(Vec::new()) };
        let rows = property_member::Entity::find()
            .filter(property_member::Column::CustomerId.eq(customer))
            .limit(1_000)
            .all(self.store.primary())
            .await?;
        Ok(rows.into_iter().map(|m| m.property_id).collect())
    }
}

fn topics(scope: Scope, homes: &[PropertyId]) -> Vec<Topic> {
    match scope {
        Scope::All => vec![Topic::All],
        Scope::Customer(customer) => std::iter::once(Topic::Customer(customer)).chain(homes.iter().copied().map(Topic::Property)).collect(),
    }
}

struct Following {
    events: Arc<Events>,
    scope: Scope,
    homes: Vec<PropertyId>,
    kinds: &'static [&'static str],
    cursor: i64,
    live: LiveStream,
    behind: bool,
    wants_resync: bool,
}

impl Following {
    /// Boxed is what a follower seldom waits for: it would take its room in each of the thousands that wait for an event.
    async fn more(&mut self) -> Result<Vec<Followed>> {
        if std::mem::take(&mut self.wants_resync) {
            self.cursor = Box::pin(self.events.log_end()).await?;
            return Ok(vec![Followed::Resync { position: self.cursor }]);
        }
        if self.behind {
            return Box::pin(self.read_log()).await;
        }
        match self.live.next().await {
            LiveItem::Event(event) => {
                let position = event.position.unwrap_or_default();
                if position <= self.cursor {
                    return Ok(Vec::new());
                }
                self.cursor = position;
                Box::pin(self.look_at_homes(&event)).await?;
                Ok(if self.wanted(&event) { vec![Followed::Event(event)] } else { Vec::new() })
            }
            LiveItem::Lagged => {
                self.behind = true;
                Ok(Vec::new())
            }
        }
    }

    async fn read_log(&mut self) -> Result<Vec<Followed>> {
        // Taken before reading: what is published meanwhile waits in the mailbox.
        let end = self.events.hub.position();
        let mut query =
            event::Entity::find().filter(event::Column::Position.gt(self.cursor)).order_by_asc(event::Column::Position).limit(PAGE);
        if let Scope::Customer(customer) = self.scope {
            let mut mine =
                Condition::any().add(Condition::all().add(event::Column::CustomerId.eq(customer)).add(event::Column::PropertyId.is_null()));
            if !self.homes.is_empty() {
                mine = mine.add(event::Column::PropertyId.is_in(self.homes.iter().copied()));
            }
            query = query.filter(mine);
        }
        if !self.kinds.is_empty() && !matches!(self.scope, Scope::Customer(_)) {
            query = query.filter(event::Column::Kind.is_in(self.kinds.iter().copied()));
        }
        let events = {
            let _turn = READING.acquire().await;
            query.all(self.events.store.primary()).await?
        };
        let full = events.len() as u64 == PAGE;
        if let Some(last) = events.last().and_then(|e| e.position) {
            self.cursor = last;
        }
        if !full {
            self.cursor = self.cursor.max(end);
            self.behind = false;
        }
        let mut out = Vec::with_capacity(events.len());
        for event in events {
            let event = Arc::new(event);
            self.look_at_homes(&event).await?;
            if self.wanted(&event) {
                out.push(Followed::Event(event));
            }
        }
        Ok(out)
    }

    fn wanted(&self, event: &event::Model) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&event.kind.as_str())
    }

    /// Somebody joined or left a home: listen to the homes there are now.
    async fn look_at_homes(&mut self, event: &event::Model) -> Result<()> {
        if event.kind != kind::PROPERTY_UPDATED || self.scope == Scope::All {
            return Ok(());
        }
        let homes = self.events.homes_of(self.scope).await?;
        if homes != self.homes {
            self.live = self.events.hub.subscribe(topics(self.scope, &homes));
            self.homes = homes;
            self.behind = true;
        }
        Ok(())
    }
}
