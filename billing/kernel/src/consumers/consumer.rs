//! One consumer: its turns, its lease, and what it cannot digest.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use billow_entities::{consumer, event};
use parking_lot::Mutex;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio_util::sync::CancellationToken;

use super::lanes::{WAITS, lane_of};
use crate::error::{Error, Result};
use crate::kernel::Kernel;
use crate::store::WriteTx;

/// Events digested in one transaction.
pub(super) const BATCH: u64 = 200;
/// Tries before an event is a dead letter.
pub(super) const MAX_FAILURES: i32 = 8;
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

/// Why events could not be digested, and for which of them: none where it was what they have in common.
pub struct Undigested {
    pub which: Option<usize>,
    pub error: Error,
}

/// Digests events in the transaction, from the beginning to the end.
pub async fn digest_all(digest: &dyn Digest, tx: &mut WriteTx, events: &[event::Model]) -> std::result::Result<(), Undigested> {
    digest.begin(tx, events).await.map_err(|error| Undigested { which: None, error })?;
    for (which, event) in events.iter().enumerate() {
        digest.digest(tx, event).await.map_err(|error| Undigested { which: Some(which), error })?;
    }
    digest.end(tx).await.map_err(|error| Undigested { which: None, error })
}

/// Runs one [`Digest`] in this process, when no other process does.
pub struct Consumer<D> {
    pub(super) kernel: Kernel,
    pub(super) digest: D,
    /// How many events the next turns take, where a batch failed: those before the one it failed for, then that one alone;
    /// half of them where it is not known for which.
    sizes: Mutex<VecDeque<u64>>,
}

impl<D: Digest> Consumer<D> {
    /// A consumer of the log.
    #[must_use]
    pub fn new(kernel: Kernel, digest: D) -> Self {
        Self { kernel, digest, sizes: Mutex::default() }
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
                    tracing::error!(consumer = self.digest.name(), error = %error, "a consumer of the event log failed; it retries");
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
        let lease = format!("consumer:{}", self.digest.name());
        if !self.kernel.leases.hold(&lease, LEASE).await? {
            return Ok(false);
        }
        let lanes = self.held_lanes().await?;
        let tried = self.try_held(&lanes).await?;
        // Lanes that are free again meanwhile are found in the next turn.
        Ok(self.go_on(&lanes).await? || tried)
    }

    /// Digests the next events of the log. Those of a lane in which one waits already wait behind it.
    async fn go_on(&self, lanes: &HashMap<String, i64>) -> Result<bool> {
        let (kernel, name) = (&self.kernel, self.digest.name());
        let state = consumer::Entity::find_by_id(name.to_owned()).one(kernel.store.primary()).await?;
        if state.as_ref().and_then(|s| s.next_try_at).is_some_and(|at| at > kernel.clock.now()) {
            return Ok(false);
        }
        let (from, failures) = state.as_ref().map_or((0, 0), |s| (s.position, s.failures));
        let size = self.sizes.lock().front().copied();
        let events = event::Entity::find()
            .filter(event::Column::Position.gt(from))
            .order_by_asc(event::Column::Position)
            .limit(size.unwrap_or(BATCH))
            .all(kernel.store.primary())
            .await?;
        let Some(last) = events.last().and_then(|e| e.position) else { return Ok(false) };
        let full = events.len() as u64 == BATCH;
        let (behind, free): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| lanes.contains_key(&lane_of(event)));
        let mut tx = kernel.store.write_tx().await?;
        if self.position(&tx).await? != from {
            // Another process has taken over while this one was suspended.
            return Ok(tx.leave(false).await);
        }
        let outcome = if free.is_empty() { Ok(()) } else { digest_all(&self.digest, &mut tx, &free).await };
        match outcome {
            Ok(()) => {
                self.hold_behind(&tx, &behind).await?;
                self.advance(&tx, last, 0, None, None).await?;
                tx.commit().await?;
                self.digest.after_commit().await;
                Ok(self.sizes.lock().pop_front().is_some() || full)
            }
            Err(Undigested { which, error }) => {
                tx.leave(()).await;
                if let [event] = &free[..] {
                    self.failed_alone((event, &behind), (from, last), failures, &error).await?;
                } else {
                    tracing::debug!(consumer = name, error = %error, "a batch failed; smaller ones are tried");
                    let position = which.map(|which| free[which].position);
                    let before = |at| behind.iter().chain(&free).filter(|event| event.position < at).count() as u64;
                    *self.sizes.lock() = match position.map(before) {
                        Some(0) => VecDeque::from([1]),
                        Some(before) => VecDeque::from([before, 1]),
                        // It may be any of them.
                        None => VecDeque::from([(behind.len() + free.len()) as u64 / 2]),
                    };
                }
                Ok(true)
            }
        }
    }

    /// An event failed that was digested alone. Where the same may succeed in a moment everything waits for it; otherwise it
    /// waits in its lane, and everybody else's events go on.
    async fn failed_alone(
        &self,
        (event, behind): (&event::Model, &[event::Model]),
        (from, last): (i64, i64),
        failures: i32,
        error: &Error,
    ) -> Result<()> {
        let (kernel, name) = (&self.kernel, self.digest.name());
        let tx = kernel.store.write_tx().await?;
        if self.position(&tx).await? != from {
            tx.leave(()).await;
            return Ok(());
        }
        let tries = failures + 1;
        if error.is_transient() && tries < MAX_FAILURES {
            tracing::warn!(consumer = name, event.id = %event.id, failures = tries, error = %error, "processing an event failed; it is retried");
            self.advance(&tx, from, tries, Some(kernel.clock.now() + WAITS.wait(tries)), Some(error.to_string())).await?;
        } else {
            tracing::warn!(consumer = name, event.id = %event.id, error = %error, "processing an event failed; it and later ones of its customer are held, and it is retried");
            self.hold(&tx, event, tries, error).await?;
            self.hold_behind(&tx, behind).await?;
            self.advance(&tx, last, 0, None, Some(error.to_string())).await?;
            self.sizes.lock().pop_front();
        }
        tx.commit().await
    }

    /// How far the consumer has come, locked.
    async fn position(&self, tx: &WriteTx) -> Result<i64> {
        let state = consumer::Entity::find_by_id(self.digest.name().to_owned()).lock_exclusive();
        if let Some(state) = state.clone().one(&**tx).await? {
            return Ok(state.position);
        }
        // Of two that begin at the same time the second waits here for the first.
        let row = consumer::ActiveModel {
            name: Set(self.digest.name().to_owned()),
            position: Set(0),
            failures: Set(0),
            next_try_at: Set(None),
            last_error: Set(None),
            updated_at: Set(self.kernel.clock.now()),
        };
        let once = OnConflict::column(consumer::Column::Name).do_nothing().to_owned();
        consumer::Entity::insert(row).on_conflict(once).exec_without_returning(&**tx).await?;
        Ok(state.one(&**tx).await?.map_or(0, |state| state.position))
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
