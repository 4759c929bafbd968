//! The event log, page by page, for staff and for programs that follow it.

use billow_entities::{CustomerId, EventId, event};
use billow_kernel::page::{Page, PageRequest};
use billow_kernel::{Actor, Error, Result, Scope};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Operations;

/// Kinds that may be asked for at once.
const MAX_KINDS: usize = 50;

/// Which events are wanted; what is unset does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Kinds, such as `bill.received`; all where empty.
    pub kinds: Vec<String>,
    /// The text id of what they are about.
    pub subject: Option<String>,
    /// Whose they are.
    pub customer_id: Option<CustomerId>,
    /// The newest first, for people who look; the order of telling is for who follows.
    pub newest_first: bool,
}

impl Operations {
    /// Events in the order of telling, or the newest first. A cursor is a position, the same as a subscription's.
    ///
    /// # Errors
    /// For everybody but staff and programs with `events:read`; when the page is not a page.
    pub async fn events(&self, actor: &Actor, filter: EventFilter, page: PageRequest) -> Result<Page<event::Model>> {
        use event::Column;
        may_read(actor)?;
        let limit = page.limit()?;
        if filter.kinds.len() > MAX_KINDS {
            return Err(Error::invalid("OUT_OF_RANGE", "kinds", format!("At most {MAX_KINDS} kinds, please.")));
        }
        let after = page.after.as_deref().map(|cursor| cursor.parse::<i64>().map_err(|_| Error::bad_cursor())).transpose()?;
        let log = event::Entity::find().limit(limit + 1);
        let mut query = if filter.newest_first {
            // Events the relay has not numbered yet have no place in the list.
            log.filter(Column::Position.gt(0)).filter(Column::Position.lt(after.unwrap_or(i64::MAX))).order_by_desc(Column::Position)
        } else {
            log.filter(Column::Position.gt(after.unwrap_or(0))).order_by_asc(Column::Position)
        };
        if !filter.kinds.is_empty() {
            query = query.filter(Column::Kind.is_in(filter.kinds));
        }
        if let Some(subject) = filter.subject {
            query = query.filter(Column::Subject.eq(subject));
        }
        if let Some(customer) = filter.customer_id {
            query = query.filter(Column::CustomerId.eq(customer));
        }
        let rows = query.all(self.store.primary()).await?;
        Ok(Page::of(rows, limit, &page, |row| row.position.unwrap_or_default().to_string()))
    }

    /// One event.
    ///
    /// # Errors
    /// For everybody but staff and programs with `events:read`, and when there is no such event.
    pub async fn event_by_id(&self, actor: &Actor, id: EventId) -> Result<event::Model> {
        may_read(actor)?;
        let found = event::Entity::find().filter(event::Column::Id.eq(id)).one(self.store.primary()).await?;
        found.ok_or(Error::NotFound("event"))
    }
}

fn may_read(actor: &Actor) -> Result<()> {
    if actor.has_scope(Scope::EventsRead) { Ok(()) } else { actor.staff() }
}
