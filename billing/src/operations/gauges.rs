//! What an operator must know at night, as gauges: what is late, what is stuck, what nobody has looked at. Read from the
//! database by the workers; several workers report the same numbers.

use billow_entities::{CircuitState, PaymentStatus, discrepancy, event, gateway, payment};
use billow_kernel::Result;
use chrono::{DateTime, Utc};
use metrics::gauge;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::Operations;
use crate::work::WorkLag;

impl Operations {
    /// Sets the gauges, with what is due of each kind of work.
    pub(crate) async fn set_gauges(&self, work: &[WorkLag]) -> Result<()> {
        let stats = self.instance_stats().await?;
        for consumer in &stats.consumers {
            gauge!("billow_consumer_lag_events", "consumer" => consumer.name.clone()).set(consumer.behind as f64);
        }
        gauge!("billow_open_dead_letters").set(stats.open_dead_letters as f64);
        gauge!("billow_open_circuits", "kind" => "provider").set(stats.circuits_open as f64);
        for WorkLag { name, lag } in work {
            gauge!("billow_due_work", "work" => *name).set(lag.count as f64);
            self.set_oldest(name, lag.oldest);
        }
        self.relay_gauges(stats.log_position).await?;
        self.stuck_gauges().await
    }

    /// Events that were committed and have not reached the subscribers of this process.
    async fn relay_gauges(&self, end: i64) -> Result<()> {
        let waiting = event::Entity::find().filter(event::Column::Position.is_null());
        let oldest = waiting.clone().order_by_asc(event::Column::Seq).one(self.store.primary()).await?.map(|event| event.occurred_at);
        let behind =
            (end - self.events.hub.position()).max(0) + i64::try_from(waiting.count(self.store.primary()).await?).unwrap_or(i64::MAX);
        gauge!("billow_relay_lag_events").set(behind as f64);
        self.set_oldest("relay", oldest);
        Ok(())
    }

    async fn stuck_gauges(&self) -> Result<()> {
        let db = self.store.primary();
        let unsettled = payment::Entity::find().filter(payment::Column::Status.is_in([PaymentStatus::Processing, PaymentStatus::Unknown]));
        let oldest = unsettled.clone().order_by_asc(payment::Column::CreatedAt).one(db).await?.map(|payment| payment.created_at);
        gauge!("billow_unsettled_payments").set(unsettled.count(db).await? as f64);
        gauge!("billow_unsettled_payments_oldest_seconds").set(self.age(oldest));
        let open = gateway::Entity::find().filter(gateway::Column::CircuitState.ne(CircuitState::Closed)).count(db).await?;
        gauge!("billow_open_circuits", "kind" => "gateway").set(open as f64);
        gauge!("billow_failed_documents").set(billow_money::documents::failed().count(db).await? as f64);
        let differ = discrepancy::Entity::find().filter(discrepancy::Column::ResolvedAt.is_null()).count(db).await?;
        gauge!("billow_open_discrepancies").set(differ as f64);
        Ok(())
    }

    fn set_oldest(&self, work: &'static str, since: Option<DateTime<Utc>>) {
        gauge!("billow_oldest_due_seconds", "work" => work).set(self.age(since));
    }

    fn age(&self, since: Option<DateTime<Utc>>) -> f64 {
        since.map_or(0.0, |since| (self.clock.now() - since).num_milliseconds().max(0) as f64 / 1000.0)
    }
}
