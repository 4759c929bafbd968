//! Reading bills: pages by filter, one bill, and what each of its versions said.

use std::collections::HashMap;

use billow_entities::{
    BillId, BillSource, BillStatus, CustomerId, PropertyId, ProviderId, UtilityAccountId, UtilityType, bill, bill_version, customer,
};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_kernel::events::FieldChange;
use billow_kernel::page::{Page, PageRequest, cursor};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use sea_orm::sea_query::{Expr, Func};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, Order, QueryFilter, QueryOrder, QuerySelect};

use super::Bills;
use super::content::BillContent;
use super::owed::{is_being_paid, is_to_pay};

/// Versions of one bill that are told.
const MAX_VERSIONS: u64 = 200;

/// Which bills, by where they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BillListState {
    /// To be paid, overdue ones included, as far as no payment under way covers them.
    Open,
    /// To be paid, and past their due date where the customer is.
    Overdue,
    /// Covered by a payment under way, wholly or in part.
    BeingPaid,
    /// Paid, through Billow or elsewhere.
    Paid,
    /// All of them, withdrawn and replaced ones included.
    #[default]
    All,
}

/// Which bills are wanted; what is unset does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BillFilter {
    /// Of this home.
    pub property_id: Option<PropertyId>,
    /// Of this account.
    pub account_id: Option<UtilityAccountId>,
    /// Of this provider.
    pub provider_id: Option<ProviderId>,
    /// Of this customer; for staff (customers see only what is theirs anyway).
    pub customer_id: Option<CustomerId>,
    /// For this kind of supply.
    pub utility_type: Option<UtilityType>,
    /// By where they stand.
    pub state: BillListState,
    /// Issued on this day or later.
    pub issued_from: Option<NaiveDate>,
    /// Issued on this day or earlier.
    pub issued_to: Option<NaiveDate>,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BillSort {
    /// The latest issued first.
    #[default]
    Newest,
    /// The earliest due first, those without a due date last.
    DueDate,
    /// The last to arrive first: the quickest for lists over all customers.
    Arrived,
}

/// What a bill said in one version, and how that differed from the one before.
#[derive(Clone, Debug, PartialEq)]
pub struct BillVersion {
    /// Counts from 1.
    pub version: i32,
    /// What it said.
    pub content: BillContent,
    /// How it came to us.
    pub source: BillSource,
    /// For versions made by hand: why.
    pub reason: Option<String>,
    /// For versions made by hand: by whom, as the audit trail names them.
    pub actor: Option<String>,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// What it says otherwise than the version before; nothing for the first.
    pub changes: Vec<FieldChange>,
}

impl BillFilter {
    /// The condition under which a bill is wanted; `today` is only needed for overdue ones.
    pub(super) fn condition(&self, today: NaiveDate) -> Condition {
        use bill::Column as C;
        let state = match self.state {
            BillListState::All => None,
            BillListState::Open => Some(is_to_pay()),
            BillListState::Overdue => Some(is_to_pay().add(C::DueOn.lt(today))),
            BillListState::BeingPaid => Some(is_being_paid()),
            BillListState::Paid => Some(Condition::all().add(C::Status.is_in([BillStatus::Paid, BillStatus::PaidElsewhere]))),
        };
        Condition::all()
            .add_option(self.property_id.map(|id| C::PropertyId.eq(id)))
            .add_option(self.account_id.map(|id| C::AccountId.eq(id)))
            .add_option(self.provider_id.map(|id| C::ProviderId.eq(id)))
            .add_option(self.customer_id.map(|id| C::CustomerId.eq(id)))
            .add_option(self.utility_type.map(|kind| C::UtilityType.eq(kind)))
            .add_option(state)
            .add_option(self.issued_from.map(|date| C::IssuedOn.gte(date)))
            .add_option(self.issued_to.map(|date| C::IssuedOn.lte(date)))
    }
}

impl BillSort {
    /// The key rows are ordered by before their ids, and the direction of both.
    pub(super) fn key(self) -> (Option<Expr>, Order) {
        match self {
            Self::Newest => (Some(Expr::col((bill::Entity, bill::Column::IssuedOn))), Order::Desc),
            Self::DueDate => {
                let due = Func::coalesce([Expr::col((bill::Entity, bill::Column::DueOn)), Expr::val(never())]);
                (Some(due.into()), Order::Asc)
            }
            Self::Arrived => (None, Order::Desc),
        }
    }

    /// Whether an index has a customer's bills in this order.
    pub(super) fn has_index(self) -> bool {
        matches!(self, Self::Newest | Self::Arrived)
    }

    fn cursor(self, row: &bill::Model) -> String {
        self.cursor_of(row.id, row.issued_on, row.due_on)
    }

    /// The cursor of a bill with these dates.
    pub(super) fn cursor_of(self, id: BillId, issued_on: NaiveDate, due_on: Option<NaiveDate>) -> String {
        match self {
            Self::Arrived => cursor(&[&id.to_string()]),
            Self::Newest => cursor(&[&issued_on.to_string(), &id.to_string()]),
            Self::DueDate => cursor(&[&due_on.unwrap_or_else(never).to_string(), &id.to_string()]),
        }
    }

    /// The condition under which a row comes after the page's cursor.
    pub(super) fn after(self, page: &PageRequest) -> Result<Option<Condition>> {
        let (key, order) = self.key();
        let beyond = |expr: Expr, value: Expr| if order == Order::Asc { expr.gt(value) } else { expr.lt(value) };
        let id = Expr::col((bill::Entity, bill::Column::Id));
        let Some(key) = key else {
            return Ok(page.after_id::<BillId>()?.map(|last| Condition::all().add(beyond(id, Expr::val(last)))));
        };
        let Some([date, last]) = page.after_key::<2>()? else { return Ok(None) };
        let date: NaiveDate = date.parse().map_err(|_| Error::bad_cursor())?;
        let last: BillId = last.parse().map_err(|_| Error::bad_cursor())?;
        let same_date = Condition::all().add(key.clone().eq(Expr::val(date))).add(beyond(id, Expr::val(last)));
        Ok(Some(Condition::any().add(beyond(key, Expr::val(date))).add(same_date)))
    }
}

/// Stands for "no due date" in an order.
fn never() -> NaiveDate {
    NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX)
}

impl Bills {
    /// Bills, as far as `actor` sees them.
    ///
    /// # Errors
    /// When nobody is signed in, or the page is not a page.
    pub async fn bills(&self, actor: &Actor, filter: BillFilter, sort: BillSort, page: PageRequest) -> Result<Page<bill::Model>> {
        let limit = page.limit()?;
        let visible = self.homes.visible_condition(actor, bill::Column::CustomerId, bill::Column::PropertyId)?;
        let today = if filter.state == BillListState::Overdue { self.today_of(actor, filter.customer_id).await? } else { NaiveDate::MIN };
        let mut query = bill::Entity::find().filter(visible).filter(filter.condition(today)).limit(limit + 1);
        let (key, order) = sort.key();
        if let Some(key) = key {
            query = query.order_by(key, order.clone());
        }
        query = query.order_by(bill::Column::Id, order);
        if let Some(after) = sort.after(&page)? {
            query = query.filter(after);
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| sort.cursor(row)))
    }

    /// One bill.
    ///
    /// # Errors
    /// When there is none with this id that `actor` sees.
    pub async fn bill(&self, actor: &Actor, id: BillId) -> Result<bill::Model> {
        let visible = self.homes.visible_condition(actor, bill::Column::CustomerId, bill::Column::PropertyId)?;
        bill::Entity::find_by_id(id).filter(visible).one(self.store.read()).await?.ok_or(Error::NotFound("bill"))
    }

    /// What a bill said in each version, the newest first, each with what changed.
    ///
    /// # Errors
    /// When there is no bill with this id that `actor` sees.
    pub async fn bill_versions(&self, actor: &Actor, id: BillId) -> Result<Vec<BillVersion>> {
        self.bill(actor, id).await?;
        let rows = bill_version::Entity::find()
            .filter(bill_version::Column::BillId.eq(id))
            .order_by_desc(bill_version::Column::Version)
            .limit(MAX_VERSIONS)
            .all(self.store.read())
            .await?;
        let mut out: Vec<BillVersion> = Vec::with_capacity(rows.len());
        for row in rows.into_iter().rev() {
            let content: BillContent = serde_json::from_value(row.snapshot)?;
            let changes = out.last().map(|before| before.content.changes_to(&content)).unwrap_or_default();
            out.push(BillVersion {
                version: row.version,
                content,
                source: row.source,
                reason: row.reason,
                // Customers are told that it was done by hand, not by whom.
                actor: row.actor.filter(|_| actor.is_staff()),
                created_at: row.created_at,
                changes,
            });
        }
        out.reverse();
        Ok(out)
    }

    /// Today where the customer is who asks or is asked about; UTC's day where there is none.
    pub(crate) async fn today_of(&self, actor: &Actor, about: Option<CustomerId>) -> Result<NaiveDate> {
        let zone = match actor.customer().ok().or(about) {
            Some(id) => customer::Entity::find_by_id(id).one(self.store.read()).await?.and_then(|c| c.time_zone.parse::<Tz>().ok()),
            None => None,
        };
        Ok(self.clock.now().with_timezone(&zone.unwrap_or(Tz::UTC)).date_naive())
    }
}

/// Bills an event tells of, as they are now. Never from a replica, which may not know of them yet.
impl Bills {
    /// The bills there still are.
    ///
    /// # Errors
    /// For everybody but Billow itself.
    pub async fn told_bills(&self, actor: &Actor, ids: &[BillId]) -> Result<HashMap<BillId, bill::Model>> {
        actor.system()?;
        let rows = bill::Entity::find().filter(bill::Column::Id.is_in(ids.iter().copied())).all(self.store.primary()).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

billow_kernel::by_id! {
    /// Bills by their ids.
    Bills.bills_by_id: BillId => bill;
}
