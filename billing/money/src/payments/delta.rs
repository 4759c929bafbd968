//! What changed since a cursor of the event log: how a phone keeps its history in step without reading it anew.

use std::collections::HashMap;

use billow_entities::{CustomerId, PaymentId, event, payment};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_kernel::events::kind;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Payments;

/// The most payments told at once.
const MAX_FIRST: u64 = 100;

/// The payments that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// As they stand now, the one whose last change is the oldest first.
    pub payments: Vec<payment::Model>,
    /// Where the log stood: the cursor for the next question.
    pub position: i64,
    /// Whether more changed after that.
    pub more: bool,
}

impl Payments {
    /// The payments that changed after `since`, a position of the event log, with what belongs to them (remittances,
    /// refunds, documents). For staff, of `customer` or of everybody.
    ///
    /// # Errors
    /// When nobody is signed in, or the cursor is not one of this log: then read everything afresh.
    pub async fn payments_since(&self, actor: &Actor, customer: Option<CustomerId>, since: i64, first: u64) -> Result<Changed> {
        let whose = self.whose_payments(actor, customer)?;
        let limit = first.clamp(1, MAX_FIRST);
        // Read before the events: what comes between the two is told twice rather than never.
        let end = self.log_position().await?;
        if since < 0 || since > end {
            return Err(Error::invalid("INVALID_CURSOR", "since", "This cursor is not one of ours; begin without one."));
        }
        let mut query = event::Entity::find()
            .filter(event::Column::Position.gt(since))
            .filter(event::Column::Kind.eq(kind::PAYMENT_UPDATED))
            .order_by_asc(event::Column::Position)
            .limit(limit + 1);
        if let Some(own) = whose {
            query = query.filter(event::Column::CustomerId.eq(own));
        }
        let mut events = query.all(self.store.primary()).await?;
        let more = events.len() as u64 > limit;
        events.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let position = if more { events.last().and_then(|e| e.position).unwrap_or(since) } else { end };
        // The last change of each counts.
        let mut order: Vec<PaymentId> = Vec::with_capacity(events.len());
        for event in events.iter().rev() {
            if let Ok(id) = event.subject.parse::<PaymentId>()
                && !order.contains(&id)
            {
                order.push(id);
            }
        }
        order.reverse();
        let rows = payment::Entity::find().filter(payment::Column::Id.is_in(order.iter().copied())).all(self.store.primary()).await?;
        let mut rows: HashMap<PaymentId, payment::Model> = rows.into_iter().map(|p| (p.id, p)).collect();
        Ok(Changed { payments: order.iter().filter_map(|id| rows.remove(id)).collect(), position, more })
    }

    /// Where the log stands, as whoever reads it sees it.
    async fn log_position(&self) -> Result<i64> {
        let state = billow_entities::relay_state::Entity::find_by_id(1).one(self.store.primary()).await?;
        Ok(state.map_or(0, |s| s.position))
    }
}
