//! The audit trail: who did what to whom, written in the transaction that did it.

mod names;

use billow_entities::{AuditEntryId, BillId, CustomerId, audit_entry};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use crate::Actor;
use crate::clock::{Ids, SharedClock};
use crate::error::Result;
use crate::page::{Page, PageRequest, cursor};
use crate::store::{Store, WriteTx};

/// Which entries are wanted; what is unset does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The text id of what was acted upon.
    pub subject: Option<String>,
    /// Whom it concerned.
    pub customer_id: Option<CustomerId>,
    /// Who acted: a text id, or `system`.
    pub actor: Option<String>,
    /// Such as `bill.void`.
    pub action: Option<String>,
}

/// Acts on one bill that are shown.
const MAX_ACTS: u64 = 200;

/// The audit trail. Cloning it is cheap.
#[derive(Clone)]
pub struct Audit {
    store: Store,
    clock: SharedClock,
    ids: Ids,
}

impl Audit {
    /// The trail in this store.
    #[must_use]
    pub fn new(store: Store, clock: SharedClock, ids: Ids) -> Self {
        Self { store, clock, ids }
    }

    /// Writes an entry with the change it tells of; it is there exactly if the change is.
    ///
    /// `action` is a noun and a verb, such as `bill.void`. `data` never holds a secret.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record(
        &self,
        tx: &WriteTx,
        actor: &Actor,
        action: &str,
        subject: impl ToString + Send,
        customer_id: Option<CustomerId>,
        reason: Option<&str>,
        mut data: Value,
    ) -> Result<()> {
        if let (Some(import), Some(fields)) = (actor.import_id(), data.as_object_mut()) {
            fields.insert("import_id".into(), import.to_string().into());
        }
        let entry = audit_entry::ActiveModel {
            id: Set(AuditEntryId(self.ids.next())),
            actor: Set(actor.label()),
            action: Set(action.to_owned()),
            subject: Set(subject.to_string()),
            customer_id: Set(customer_id),
            reason: Set(reason.map(str::to_owned)),
            data: Set(data),
            created_at: Set(self.clock.now()),
        };
        audit_entry::Entity::insert(entry).exec_without_returning(&**tx).await?;
        Ok(())
    }

    /// What people and programs did to a bill, the first thing first, for staff.
    ///
    /// # Errors
    /// When somebody else asks.
    pub async fn acts_on_bill(&self, actor: &Actor, id: BillId) -> Result<Vec<audit_entry::Model>> {
        actor.staff()?;
        let of_bill = audit_entry::Entity::find().filter(audit_entry::Column::Subject.eq(id.to_string()));
        Ok(of_bill.order_by_asc(audit_entry::Column::Id).limit(MAX_ACTS).all(self.store.read()).await?)
    }

    /// The trail, newest first, for administrators.
    ///
    /// # Errors
    /// When somebody else asks, or the page is not a page.
    pub async fn audit_entries(&self, actor: &Actor, filter: AuditFilter, page: PageRequest) -> Result<Page<audit_entry::Model>> {
        actor.admin()?;
        let limit = page.limit()?;
        let mut query = audit_entry::Entity::find().order_by_desc(audit_entry::Column::Id).limit(limit + 1);
        if let Some(subject) = filter.subject {
            query = query.filter(audit_entry::Column::Subject.eq(subject));
        }
        if let Some(customer) = filter.customer_id {
            query = query.filter(audit_entry::Column::CustomerId.eq(customer));
        }
        if let Some(by) = filter.actor {
            query = query.filter(audit_entry::Column::Actor.eq(by));
        }
        if let Some(action) = filter.action {
            query = query.filter(audit_entry::Column::Action.eq(action));
        }
        if let Some(id) = page.after_id::<AuditEntryId>()? {
            query = query.filter(audit_entry::Column::Id.lt(id));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }
}

impl Audit {
    /// One entry of the audit trail, for administrators.
    ///
    /// # Errors
    /// When somebody else asks, or there is none.
    pub async fn audit_entry(&self, actor: &Actor, id: AuditEntryId) -> Result<audit_entry::Model> {
        actor.admin()?;
        audit_entry::Entity::find_by_id(id).one(self.store.read()).await?.ok_or(crate::Error::NotFound("audit entry"))
    }
}
