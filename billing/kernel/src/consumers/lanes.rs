//! Events that wait: one that could not be digested, and those of the same lane behind it, in their order. A lane is a
//! customer, or a home, or what an event is about where it is nobody's. Everybody else's events go on meanwhile.

use std::collections::HashMap;

use billow_entities::{DeadLetterId, dead_letter, event, held_event};
use chrono::Duration;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, ModelTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::consumer::{BATCH, Consumer, Digest, MAX_FAILURES, Undigested, digest_all};
use crate::due::Backoff;
use crate::error::{Error, Result};
use crate::events::{DeadLetterEventData, Event};
use crate::store::WriteTx;

/// Lanes that are tried again in one turn.
const MAX_LANES: u64 = 50;

/// Whose event it is.
pub(super) fn lane_of(event: &event::Model) -> String {
    match (event.customer_id, event.property_id) {
        (Some(customer), _) => customer.to_string(),
        (None, Some(home)) => home.to_string(),
        (None, None) => event.subject.clone(),
    }
}

/// The waits between tries of an event.
pub(super) const WAITS: Backoff = Backoff::seconds(&[1, 2, 4, 8, 16, 32, 64]);

impl<D: Digest> Consumer<D> {
    /// The lanes in which something waits, with the position of the first that does.
    pub(super) async fn held_lanes(&self) -> Result<HashMap<String, i64>> {
        let lanes = held_event::Entity::find()
            .select_only()
            .column(held_event::Column::Lane)
            .column_as(held_event::Column::Position.min(), "first")
            .filter(held_event::Column::Consumer.eq(self.digest.name()))
            .group_by(held_event::Column::Lane)
            .into_tuple::<(String, i64)>()
            .all(self.kernel.store.primary())
            .await?;
        Ok(lanes.into_iter().collect())
    }

    /// Tries what is due in each lane again; answers whether anything went through.
    pub(super) async fn try_held(&self, lanes: &HashMap<String, i64>) -> Result<bool> {
        if lanes.is_empty() {
            return Ok(false);
        }
        let due = self
            .held()
            .filter(held_event::Column::Position.is_in(lanes.values().copied()))
            .filter(held_event::Column::NextTryAt.lte(self.kernel.clock.now()))
            .order_by_asc(held_event::Column::Position)
            .limit(MAX_LANES)
            .all(self.kernel.store.primary())
            .await?;
        let mut digested = 0;
        for first in due {
            let mut next = Some(first);
            while let Some(held) = next.take() {
                if digested >= BATCH || !self.try_one(&held).await? {
                    break;
                }
                digested += 1;
                let after = self.held().filter(held_event::Column::Lane.eq(held.lane)).order_by_asc(held_event::Column::Position);
                next = after.one(self.kernel.store.primary()).await?;
            }
        }
        Ok(digested > 0)
    }

    fn held(&self) -> sea_orm::Select<held_event::Entity> {
        held_event::Entity::find().filter(held_event::Column::Consumer.eq(self.digest.name()))
    }

    /// Digests an event that waits; whether the next one of its lane may be tried.
    async fn try_one(&self, held: &held_event::Model) -> Result<bool> {
        let mut tx = self.kernel.store.write_tx().await?;
        let locked = held_event::Entity::find_by_id((held.consumer.clone(), held.position)).lock_exclusive().one(&*tx).await?;
        let Some(held) = locked else { return Ok(tx.leave(false).await) };
        let event = event::Entity::find().filter(event::Column::Id.eq(held.event_id)).one(&*tx).await?;
        let outcome = match &event {
            Some(event) => digest_all(&self.digest, &mut tx, std::slice::from_ref(event)).await,
            None => Ok(()),
        };
        match outcome {
            Ok(()) => {
                held.delete(&*tx).await?;
                tx.commit().await?;
                self.digest.after_commit().await;
                Ok(true)
            }
            Err(Undigested { error, .. }) => {
                tx.leave(()).await;
                self.failed_again(held, &error).await
            }
        }
    }

    /// One that waits failed again: later, or a dead letter, which lets the next one of its lane pass.
    async fn failed_again(&self, held: held_event::Model, error: &Error) -> Result<bool> {
        let (kernel, name) = (&self.kernel, self.digest.name());
        let (event_id, tries) = (held.event_id, held.attempts + 1);
        let mut tx = kernel.store.write_tx().await?;
        let given_up = tries >= MAX_FAILURES;
        if given_up {
            self.give_up(&mut tx, held, tries, error).await?;
        } else {
            let mut row = held.into_active_model();
            row.attempts = Set(tries);
            row.next_try_at = Set(kernel.clock.now() + WAITS.wait(tries));
            row.last_error = Set(Some(error.to_string()));
            row.update(&*tx).await?;
        }
        tx.commit().await?;
        if given_up {
            tracing::error!(consumer = name, event.id = %event_id, error = %error, "an event went to the dead letters");
            metrics::counter!("billow_dead_letters_total", "consumer" => name).increment(1);
        } else {
            tracing::warn!(consumer = name, event.id = %event_id, failures = tries, error = %error, "processing an event failed; it is retried");
        }
        Ok(given_up)
    }

    async fn give_up(&self, tx: &mut WriteTx, held: held_event::Model, tries: i32, error: &Error) -> Result<()> {
        let id = DeadLetterId(self.kernel.ids.next());
        let letter = dead_letter::ActiveModel {
            id: Set(id),
            consumer: Set(held.consumer.clone()),
            event_id: Set(held.event_id),
            position: Set(held.position),
            error: Set(error.to_string()),
            attempts: Set(tries),
            created_at: Set(self.kernel.clock.now()),
            resolved_at: Set(None),
            resolved_by: Set(None),
            resolution: Set(None),
        };
        let once = OnConflict::columns([dead_letter::Column::Consumer, dead_letter::Column::EventId]).do_nothing().to_owned();
        dead_letter::Entity::insert(letter).on_conflict(once).exec_without_returning(&**tx).await?;
        let data = DeadLetterEventData { consumer: held.consumer.clone(), event_id: held.event_id, error: error.to_string() };
        tx.emit(self.kernel.events.about(id, &Event::DeadLetterAdded(data))?);
        held.delete(&**tx).await?;
        Ok(())
    }

    /// Lets an event wait that failed.
    pub(super) async fn hold(&self, tx: &WriteTx, event: &event::Model, tries: i32, error: &Error) -> Result<()> {
        let row = self.row(event, tries, WAITS.wait(tries), Some(error.to_string()));
        held_event::Entity::insert(row).exec_without_returning(&**tx).await?;
        Ok(())
    }

    /// Lets events wait for the one of their lane that failed.
    pub(super) async fn hold_behind(&self, tx: &WriteTx, behind: &[event::Model]) -> Result<()> {
        if behind.is_empty() {
            return Ok(());
        }
        let rows = behind.iter().map(|event| self.row(event, 0, Duration::zero(), None));
        held_event::Entity::insert_many(rows).exec_without_returning(&**tx).await?;
        Ok(())
    }

    fn row(&self, event: &event::Model, tries: i32, wait: Duration, error: Option<String>) -> held_event::ActiveModel {
        let now = self.kernel.clock.now();
        held_event::ActiveModel {
            consumer: Set(self.digest.name().to_owned()),
            position: Set(event.position.unwrap_or_default()),
            event_id: Set(event.id),
            lane: Set(lane_of(event)),
            attempts: Set(tries),
            next_try_at: Set(now + wait),
            last_error: Set(error),
            held_at: Set(now),
        }
    }
}
