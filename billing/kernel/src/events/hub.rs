//! Live fan-out, routed by owner: an event reaches the subscribers of its household or customer, and those of
//! everything; nobody filters a stream of other people's events.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use billow_entities::{CustomerId, PropertyId, event};
use parking_lot::RwLock;
use tokio::sync::mpsc;

/// What a subscriber listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Events of this customer that belong to no home.
    Customer(CustomerId),
    /// Events of this home.
    Property(PropertyId),
    /// Every event.
    All,
}

/// Events that may wait for one subscriber.
const MAILBOX: usize = 64;

struct Mailbox {
    id: u64,
    sender: mpsc::Sender<Arc<event::Model>>,
    lagged: Arc<AtomicBool>,
}

/// Subscribers by topic.
#[derive(Default)]
pub struct LiveHub {
    topics: RwLock<HashMap<Topic, Vec<Mailbox>>>,
    next_id: AtomicU64,
    position: AtomicI64,
}

impl LiveHub {
    /// The last position that was published here.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.position.load(Ordering::Acquire)
    }

    /// Listens to `topics` until the stream is dropped.
    #[must_use]
    pub fn subscribe(self: &Arc<Self>, topics: Vec<Topic>) -> LiveStream {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = mpsc::channel(MAILBOX);
        let lagged = Arc::new(AtomicBool::new(false));
        let mut map = self.topics.write();
        for topic in &topics {
            map.entry(*topic).or_default().push(Mailbox { id, sender: sender.clone(), lagged: Arc::clone(&lagged) });
        }
        let from = self.position();
        drop(map);
        metrics::gauge!("billow_live_subscribers").increment(1.0);
        LiveStream { hub: Arc::clone(self), id, topics, receiver, lagged, from }
    }

    /// Hands `events` on, in the order of their positions.
    pub fn publish(&self, events: &[Arc<event::Model>]) {
        let map = self.topics.read();
        for event in events {
            let owner = match (event.property_id, event.customer_id) {
                (Some(property), _) => Some(Topic::Property(property)),
                (None, Some(customer)) => Some(Topic::Customer(customer)),
                (None, None) => None,
            };
            for topic in owner.into_iter().chain([Topic::All]) {
                for mailbox in map.get(&topic).into_iter().flatten() {
                    if mailbox.sender.try_send(Arc::clone(event)).is_err() {
                        mailbox.lagged.store(true, Ordering::Release);
                    }
                }
            }
            self.position.store(event.position.unwrap_or_default(), Ordering::Release);
        }
    }

    /// Starts from `position`, before anything was published.
    pub fn start_at(&self, position: i64) {
        self.position.fetch_max(position, Ordering::AcqRel);
    }

    fn leave(&self, id: u64, topics: &[Topic]) {
        let mut map = self.topics.write();
        for topic in topics {
            if let Some(mailboxes) = map.get_mut(topic) {
                mailboxes.retain(|m| m.id != id);
                if mailboxes.is_empty() {
                    map.remove(topic);
                }
            }
        }
    }
}

impl std::fmt::Debug for LiveHub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveHub").field("position", &self.position()).finish_non_exhaustive()
    }
}

/// What a subscriber gets.
#[derive(Clone, Debug)]
pub enum LiveItem {
    /// An event.
    Event(Arc<event::Model>),
    /// Events were dropped because the subscriber was slow: read the log from the last event on.
    Lagged,
}

/// A subscriber's end.
#[derive(Debug)]
pub struct LiveStream {
    hub: Arc<LiveHub>,
    id: u64,
    topics: Vec<Topic>,
    receiver: mpsc::Receiver<Arc<event::Model>>,
    lagged: Arc<AtomicBool>,
    from: i64,
}

impl LiveStream {
    /// The position after which this stream tells everything.
    #[must_use]
    pub fn from(&self) -> i64 {
        self.from
    }

    /// What it listens to.
    #[must_use]
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// The next item; waits for it.
    pub async fn next(&mut self) -> LiveItem {
        // What is in the mailbox came before what was dropped.
        match self.receiver.try_recv() {
            Ok(event) => return LiveItem::Event(event),
            Err(_) if self.lagged.swap(false, Ordering::AcqRel) => return LiveItem::Lagged,
            Err(_) => {}
        }
        match self.receiver.recv().await {
            Some(event) => LiveItem::Event(event),
            // Cannot happen while the hub lives; a subscriber that is told so reads the log.
            None => LiveItem::Lagged,
        }
    }
}

impl Drop for LiveStream {
    fn drop(&mut self) {
        self.hub.leave(self.id, &self.topics);
        metrics::gauge!("billow_live_subscribers").decrement(1.0);
    }
}
