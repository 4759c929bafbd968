//! Reading payments: pages by filter, one payment, and what is not settled. A payment is seen by who pays it, and by staff.

use billow_entities::{
    BillId, CustomerId, PaymentId, PaymentKind, PaymentStatus, PropertyId, ProviderId, UtilityType, payment, payment_allocation,
};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_kernel::page::{Page, PageRequest, cursor};
use chrono::{NaiveDate, NaiveTime};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Payments;

/// Payments told as unsettled at once.
const MAX_UNSETTLED: u64 = 100;

/// Which payments are wanted; what is unset does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentFilter {
    /// For staff: who pays.
    pub customer_id: Option<CustomerId>,
    /// Where they stand.
    pub status: Option<PaymentStatus>,
    /// What they are for.
    pub kind: Option<PaymentKind>,
    /// For bills of this kind of supply.
    pub utility_type: Option<UtilityType>,
    /// For bills of this provider.
    pub provider_id: Option<ProviderId>,
    /// For this bill.
    pub bill_id: Option<BillId>,
    /// For bills of this home.
    pub property_id: Option<PropertyId>,
    /// Asked for on this day (in UTC) or later.
    pub from: Option<NaiveDate>,
    /// Asked for on this day (in UTC) or earlier.
    pub to: Option<NaiveDate>,
}

impl PaymentFilter {
    fn condition(&self, whose: Option<CustomerId>) -> Condition {
        use payment::Column as C;
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        Condition::all()
            .add_option(whose.map(|id| C::CustomerId.eq(id)))
            .add_option(self.status.map(|status| C::Status.eq(status)))
            .add_option(self.kind.map(|kind| C::Kind.eq(kind)))
            .add_option(self.from.map(|day| C::CreatedAt.gte(midnight(day))))
            .add_option(self.to.and_then(|day| day.succ_opt()).map(|day| C::CreatedAt.lt(midnight(day))))
            .add_option(self.parts().map(Expr::exists))
    }

    /// The allocations a payment must have one of.
    fn parts(&self) -> Option<sea_orm::sea_query::SelectStatement> {
        use payment_allocation::Column as A;
        let narrowed = Condition::all()
            .add_option(self.utility_type.map(|kind| A::UtilityType.eq(kind)))
            .add_option(self.provider_id.map(|id| A::ProviderId.eq(id)))
            .add_option(self.bill_id.map(|id| A::TargetId.eq(id.0)))
            .add_option(self.property_id.map(|id| A::PropertyId.eq(id)));
        if narrowed.is_empty() {
            return None;
        }
        let own = Expr::col((payment_allocation::Entity, A::PaymentId)).equals((payment::Entity, payment::Column::Id));
        let mut parts = Query::select();
        parts.expr(Expr::val(1)).from(payment_allocation::Entity).and_where(own).cond_where(narrowed);
        Some(parts.to_owned())
    }
}

impl Payments {
    /// Payments, the newest first: one's own, for staff everybody's.
    ///
    /// # Errors
    /// When nobody is signed in, or the page is not a page.
    pub async fn payments(&self, actor: &Actor, filter: PaymentFilter, page: PageRequest) -> Result<Page<payment::Model>> {
        let limit = page.limit()?;
        let whose = self.whose_payments(actor, filter.customer_id)?;
        let mut query = payment::Entity::find().filter(filter.condition(whose)).order_by_desc(payment::Column::Id).limit(limit + 1);
        if let Some(after) = page.after_id::<PaymentId>()? {
            query = query.filter(payment::Column::Id.lt(after));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// Whose payments somebody reads; none for everybody's.
    pub(super) fn whose_payments(&self, actor: &Actor, named: Option<CustomerId>) -> Result<Option<CustomerId>> {
        if actor.is_staff() {
            return Ok(named);
        }
        let own = actor.customer()?;
        if named.is_some_and(|other| other != own) { Err(Error::NotFound("customer")) } else { Ok(Some(own)) }
    }

    /// One payment.
    ///
    /// # Errors
    /// When there is none with this id that `actor` sees.
    pub async fn payment(&self, actor: &Actor, id: PaymentId) -> Result<payment::Model> {
        let whose = self.whose_payments(actor, None)?;
        let found = payment::Entity::find_by_id(id).one(self.store.primary()).await?;
        found.filter(|p| whose.is_none_or(|own| own == p.customer_id)).ok_or(Error::NotFound("payment"))
    }

    /// The payments of a bill that `actor` sees, the newest first.
    ///
    /// # Errors
    /// When the bill is not visible, or the page is not a page.
    pub async fn payments_of_bill(&self, actor: &Actor, id: BillId, page: PageRequest) -> Result<Page<payment::Model>> {
        self.bills.bill(actor, id).await?;
        self.payments(actor, PaymentFilter { bill_id: Some(id), ..PaymentFilter::default() }, page).await
    }

    /// Payments that are not settled, the oldest first, for staff.
    ///
    /// # Errors
    /// When somebody else asks.
    pub async fn unsettled(&self, actor: &Actor) -> Result<Vec<payment::Model>> {
        actor.staff()?;
        Ok(payment::Entity::find()
            // As it is written in the partial index: bound as values, SQLite would not use it.
            .filter(Expr::cust("\"status\" NOT IN ('SUCCEEDED', 'FAILED', 'CANCELLED')"))
            .order_by_asc(payment::Column::Id)
            .limit(MAX_UNSETTLED)
            .all(self.store.primary())
            .await?)
    }
}
