//! One consumer: its turns, its lease, and what it cannot digest.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use billow_entities::{DeadLetterId, consumer, dead_letter, event};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::events::{DeadLetterEventData, Event};
use crate::kernel::Kernel;
use crate::store::WriteTx;

/// Events digested in one transaction.
const BATCH: u64 = 200;
/// Tries before an event is a dead letter.
const MAX_FAILURES: i32 = 8;
/// How long after the beginning of one turn the next one begins while events trickle in: fewer and larger transactions,
/// which leave the database to those who wait for it. An event that comes after a pause is digested at once.
const PACE: Duration = Duration::from_millis(50);
/// How long one process keeps the part of a consumer.
const LEASE: chrono::Duration = chrono::Duration::seconds(30);

/// What digests events. Effects go through the transaction it is given, and nowhere else.
#[async_trait]
pub trait Digest: Send + Sync {
    /// Its name in the database; never changed.
    fn name(&self) -> &'static str;

    /// Called in the transaction before the first of `events` is digested, so that what many of them need is read once.
    async fn begin(&self, _tx: &WriteTx, _events: &[event::Model]) -> Result<()> {
        Ok(())
    }

    /// Digests one event.
    async fn digest(&self, tx: &mut WriteTx, event: &event::Model) -> Result<()>;

    /// Called in the transaction after the last of them, so that what they have in common is written once.
    async fn end(&self, _tx: &mut WriteTx) -> Result<()> {
        Ok(())
    }

    /// Called after a commit in which something was digested.
    async fn after_commit(&self) {}
}

#[async_trait]
impl<D: Digest + ?Sized> Digest for Arc<D> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    async fn begin(&self, tx: &WriteTx, events: &[event::Model]) -> Result<()> {
        (**self).begin(tx, events).await
    }

    async fn digest(&self, tx: &mut WriteTx, event: &event::Model) -> Result<()> {
        (**self).digest(tx, event).await
    }

    async fn end(&self, tx: &mut WriteTx) -> Result<()> {
        (**self).end(tx).await
    }

    async fn after_commit(&self) {
        (**self).after_commit().await;
    }
}

/// Digests events in the transaction, from the beginning to the end; otherwise the one it failed for. Where what they
/// have in common fails it may be any of them, and they are tried one by one.
pub(crate) async fn digest_all(digest: &dyn Digest, tx: &mut WriteTx, events: &[event::Model]) -> std::result::Result<(), (usize, Error)> {
    digest.begin(tx, events).await.map_err(|error| (0, error))?;
    for (which, event) in events.iter().enumerate() {
        digest.digest(tx, event).await.map_err(|error| (which, error))?;
    }
    digest.end(tx).await.map_err(|error| (events.len().saturating_sub(1), error))
}

/// Runs one [`Digest`] in this process, when no other process does.
pub struct Consumer<D> {
    kernel: Kernel,
    digest: D,
}

impl<D: Digest> Consumer<D> {
    /// A consumer of the log.
    #[must_use]
    pub fn new(kernel: Kernel, digest: D) -> Self {
        Self { kernel, digest }
    }

    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let published = self.kernel.events.published.notified();
            let next = tokio::time::Instant::now() + PACE;
            match self.turn().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    tracing::error!(consumer = self.digest.name(), error = %error, "a consumer of the event log failed; it tries again");
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = published => {}
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep_until(next) => {}
            }
        }
    }

    /// Digests what there is, at most one batch; answers whether there may be more.
    ///
    /// # Errors
    /// When the database does not answer; an event that fails is counted, not answered.
    pub async fn turn(&self) -> Result<bool> {
        let (kernel, name) = (&self.kernel, self.digest.name());
        let lease = format!("consumer:{name}");
        if !kernel.leases.hold(&lease, LEASE).await? {
            return Ok(false);
        }
        let now = kernel.clock.now();
        let state = consumer::Entity::find_by_id(name.to_owned()).one(kernel.store.log()).await?;
        if state.as_ref().and_then(|s| s.next_try_at).is_some_and(|at| at > now) {
            return Ok(false);
        }
        let (from, failures) = state.as_ref().map_or((0, 0), |s| (s.position, s.failures));
        let events = event::Entity::find()
            .filter(event::Column::Position.gt(from))
            .order_by_asc(event::Column::Position)
            .limit(if failures > 0 { 1 } else { BATCH })
            .all(kernel.store.log())
            .await?;
        let Some(last) = events.last().and_then(|e| e.position) else { return Ok(false) };
        let full = events.len() as u64 == BATCH;
        let mut tx = kernel.store.write_tx().await?;
        match digest_all(&self.digest, &mut tx, &events).await {
            Ok(()) => {
                self.advance(&tx, last, 0, None, None).await?;
                tx.commit().await?;
                self.digest.after_commit().await;
                Ok(full || failures > 0)
            }
            Err((which, error)) => {
                drop(tx);
                self.failed(&events[which], events.len(), from, failures, &error).await?;
                Ok(true)
            }
        }
    }

    /// One of a batch failed: it is tried alone until it succeeds or is a dead letter.
    async fn failed(&self, event: &event::Model, batch: usize, from: i64, failures: i32, error: &Error) -> Result<()> {
        let (kernel, name) = (&self.kernel, self.digest.name());
        let now = kernel.clock.now();
        let position = event.position.unwrap_or_default();
        let mut tx = kernel.store.write_tx().await?;
        if batch > 1 {
            // Which of the batch it was is known, but what came before it was undone with it: go one by one.
            self.advance(&tx, from, 1, None, Some(error.to_string())).await?;
        } else if failures + 1 < MAX_FAILURES {
            let wait = chrono::Duration::seconds(1 << failures.clamp(0, 6));
            tracing::warn!(consumer = name, event.id = %event.id, failures, error = %error, "an event could not be digested; it is tried again");
            self.advance(&tx, from, failures + 1, Some(now + wait), Some(error.to_string())).await?;
        } else {
            let id = DeadLetterId(kernel.ids.next());
            let letter = dead_letter::ActiveModel {
                id: Set(id),
                consumer: Set(name.to_owned()),
                event_id: Set(event.id),
                position: Set(position),
                error: Set(error.to_string()),
                attempts: Set(failures + 1),
                created_at: Set(now),
                resolved_at: Set(None),
                resolved_by: Set(None),
                resolution: Set(None),
            };
            let once = OnConflict::columns([dead_letter::Column::Consumer, dead_letter::Column::EventId]).do_nothing().to_owned();
            dead_letter::Entity::insert(letter).on_conflict(once).exec_without_returning(&*tx).await?;
            let data = DeadLetterEventData { consumer: name.to_owned(), event_id: event.id, error: error.to_string() };
            tx.emit(kernel.events.about(id, &Event::DeadLetterAdded(data))?);
            self.advance(&tx, position, 0, None, None).await?;
            tracing::error!(consumer = name, event.id = %event.id, error = %error, "an event went to the dead letters");
            metrics::counter!("billow_dead_letters_total", "consumer" => name).increment(1);
        }
        tx.commit().await
    }

    async fn advance(
        &self,
        tx: &WriteTx,
        position: i64,
        failures: i32,
        next_try_at: Option<chrono::DateTime<chrono::Utc>>,
        last_error: Option<String>,
    ) -> Result<()> {
        let row = consumer::ActiveModel {
            name: Set(self.digest.name().to_owned()),
            position: Set(position),
            failures: Set(failures),
            next_try_at: Set(next_try_at),
            last_error: Set(last_error),
            updated_at: Set(self.kernel.clock.now()),
        };
        let columns = [
            consumer::Column::Position,
            consumer::Column::Failures,
            consumer::Column::NextTryAt,
            consumer::Column::LastError,
            consumer::Column::UpdatedAt,
        ];
        consumer::Entity::insert(row)
            .on_conflict(OnConflict::column(consumer::Column::Name).update_columns(columns).to_owned())
            .exec_without_returning(&**tx)
            .await?;
        Ok(())
    }
}
