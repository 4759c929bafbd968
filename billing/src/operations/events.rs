//! The event log, page by page, for staff and for programs that follow it.

use billow_entities::{CustomerId, EventId, event};
use billow_kernel::events::{Event as LogEvent, ExternalType};
use billow_kernel::page::{Page, PageRequest};
use billow_kernel::{Actor, Error, Result, Scope};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};

use super::Operations;

/// Kinds that may be asked for at once.
const MAX_KINDS: usize = 50;
/// Rows read at once when events are filtered by type.
const CHUNK: u64 = 500;
/// Rows checked for one page. A page that they do not fill has a cursor to continue from.
const MOST_LOOKED_AT: usize = 5_000;

/// Which events are wanted; what is unset does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Kinds, such as `bill.updated`; all where empty.
    pub kinds: Vec<String>,
    /// What happened, by the names other systems are told; whatever it was where empty.
    pub types: Vec<ExternalType>,
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
        let order = if filter.newest_first { Order::Desc } else { Order::Asc };
        // Events the relay has not numbered yet have no place in the list.
        let mut query = event::Entity::find().filter(Column::Position.gt(0_i64)).order_by(Column::Position, order);
        if !filter.kinds.is_empty() {
            query = query.filter(Column::Kind.is_in(filter.kinds));
        }
        if let Some(subject) = filter.subject {
            query = query.filter(Column::Subject.eq(subject));
        }
        if let Some(customer) = filter.customer_id {
            query = query.filter(Column::CustomerId.eq(customer));
        }
        let beyond = |position: i64| if filter.newest_first { Column::Position.lt(position) } else { Column::Position.gt(position) };
        let db = self.store.primary();
        if filter.types.is_empty() {
            let query = after.map_or_else(|| query.clone(), |position| query.clone().filter(beyond(position)));
            let rows = query.limit(limit + 1).all(db).await?;
            return Ok(Page::of(rows, limit, &page, |row| row.position.unwrap_or_default().to_string()));
        }
        // The type depends on the data, so rows are checked one by one, at most `MOST_LOOKED_AT` for a page.
        let (mut found, mut reached, mut looked_at) = (Vec::new(), after, 0);
        let (most, chunk) = (usize::try_from(limit).unwrap_or(usize::MAX), usize::try_from(CHUNK).unwrap_or(usize::MAX));
        while found.len() <= most && looked_at < MOST_LOOKED_AT {
            let query = reached.map_or_else(|| query.clone(), |position| query.clone().filter(beyond(position)));
            let rows = query.limit(CHUNK).all(db).await?;
            let ended = rows.len() < chunk;
            looked_at += rows.len();
            reached = rows.last().and_then(|row| row.position).or(reached);
            for row in rows {
                // One that cannot be read is in the dead letters.
                if LogEvent::read(&row).ok().flatten().and_then(|event| event.external()).is_some_and(|is| filter.types.contains(&is)) {
                    found.push(row);
                }
            }
            if ended {
                reached = None;
                break;
            }
        }
        let complete = found.len() > most || reached.is_none();
        let mut answer = Page::of(found, limit, &page, |row| row.position.unwrap_or_default().to_string());
        if !complete {
            answer.go_on_after(reached.unwrap_or_default().to_string());
        }
        Ok(answer)
    }

    /// The types of events that other systems are told of.
    ///
    /// # Errors
    /// For everybody but staff and programs with `events:read`.
    pub fn event_types(&self, actor: &Actor) -> Result<&'static [ExternalType]> {
        may_read(actor)?;
        Ok(ExternalType::ALL)
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
