//! Sums over bills: what is owed now, and what was spent month by month.

use billow_entities::{BillStatus, CustomerId, Money, PropertyId, UtilityType, bill};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Fault, Result};
use chrono::{Datelike, Months, NaiveDate};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::Bills;
use super::owed;
use super::query::BillFilter;

/// Months that can be asked for.
const MAX_MONTHS: u32 = 60;

/// What is owed now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BillTotals {
    /// What is left to pay, by currency, overdue bills included; without what payments under way cover.
    pub due: Vec<Money>,
    /// Bills of which that is the sum.
    pub open_count: u64,
    /// What payments under way cover, by currency.
    pub being_paid: Vec<Money>,
    /// Bills that payments under way cover, wholly or in part.
    pub being_paid_count: u64,
    /// The overdue part of `due`, by currency.
    pub overdue: Vec<Money>,
    /// Overdue bills.
    pub overdue_count: u64,
    /// The bill that is due next, today included.
    pub next_due: Option<bill::Model>,
}

/// What the bills of one month came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spend {
    /// The first day of the month in which they were issued.
    pub month: NaiveDate,
    /// What was supplied.
    pub utility_type: UtilityType,
    /// Their sum.
    pub total: Money,
    /// How many.
    pub bills: u64,
}

#[derive(FromQueryResult)]
struct DueRow {
    currency: String,
    due_on: Option<NaiveDate>,
    due_minor: i64,
    due_bills: i64,
    being_paid_minor: i64,
    being_paid_bills: i64,
}

#[derive(FromQueryResult)]
struct SpendRow {
    month: String,
    utility_type: UtilityType,
    currency: String,
    amount_minor: i64,
    bills: i64,
}

/// PostgreSQL sums big integers to a numeric.
fn sum() -> Expr {
    Expr::cust("CAST(SUM(amount_minor) AS BIGINT)")
}

fn money(amount_minor: i64, currency: &str) -> Result<Money> {
    Ok(Money::new(amount_minor, currency.parse().map_err(|e| Fault::new("a stored currency", e))?))
}

fn add(sums: &mut Vec<Money>, more: Money) {
    match sums.iter_mut().find(|m| m.currency == more.currency) {
        Some(sum) => sum.amount_minor = sum.amount_minor.saturating_add(more.amount_minor),
        None => sums.push(more),
    }
}

impl Bills {
    /// What is owed now, as far as `actor` sees it: in one home, of one customer (for staff), or altogether.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn bill_totals(&self, actor: &Actor, property: Option<PropertyId>, customer: Option<CustomerId>) -> Result<BillTotals> {
        let visible = self.homes.visible_condition(actor, bill::Column::CustomerId, bill::Column::PropertyId)?;
        let today = self.today_of(actor, customer).await?;
        let filter = BillFilter { property_id: property, customer_id: customer, ..Default::default() };
        let unpaid = bill::Entity::find().filter(visible).filter(filter.condition(today)).filter(owed::is_owed());
        let rows = unpaid
            .clone()
            .select_only()
            .columns([bill::Column::Currency, bill::Column::DueOn])
            .column_as(owed::sums::to_pay(), "due_minor")
            .column_as(owed::sums::to_pay_count(), "due_bills")
            .column_as(owed::sums::being_paid(), "being_paid_minor")
            .column_as(owed::sums::being_paid_count(), "being_paid_bills")
            .group_by(bill::Column::Currency)
            .group_by(bill::Column::DueOn)
            .order_by_asc(bill::Column::Currency)
            .into_model::<DueRow>()
            .all(self.store.read())
            .await?;
        let mut totals = BillTotals::default();
        for row in rows {
            let count = |bills: i64| u64::try_from(bills).unwrap_or(0);
            if row.being_paid_bills > 0 {
                add(&mut totals.being_paid, money(row.being_paid_minor, &row.currency)?);
                totals.being_paid_count += count(row.being_paid_bills);
            }
            if row.due_bills == 0 {
                continue;
            }
            let (part, bills) = (money(row.due_minor, &row.currency)?, count(row.due_bills));
            add(&mut totals.due, part);
            totals.open_count += bills;
            if row.due_on.is_some_and(|due| due < today) {
                add(&mut totals.overdue, part);
                totals.overdue_count += bills;
            }
        }
        totals.next_due = unpaid
            .filter(owed::is_to_pay())
            .filter(bill::Column::DueOn.gte(today))
            .order_by_asc(bill::Column::DueOn)
            .order_by_asc(bill::Column::Id)
            .limit(1)
            .one(self.store.read())
            .await?;
        Ok(totals)
    }

    /// What was billed month by month and by kind of supply, the last `months` months, this one included, oldest first.
    /// Withdrawn and replaced bills do not count. Months without bills are left out.
    ///
    /// # Errors
    /// When nobody is signed in, or `months` is not from 1 to 60.
    pub async fn spend_by_period(
        &self,
        actor: &Actor,
        property: Option<PropertyId>,
        customer: Option<CustomerId>,
        months: u32,
    ) -> Result<Vec<Spend>> {
        if !(1..=MAX_MONTHS).contains(&months) {
            return Err(Error::invalid("INVALID", "months", format!("`months` must be from 1 to {MAX_MONTHS}.")));
        }
        let visible = self.homes.visible_condition(actor, bill::Column::CustomerId, bill::Column::PropertyId)?;
        let today = self.today_of(actor, customer).await?;
        let this_month = today.with_day(1).unwrap_or(today);
        let from = this_month.checked_sub_months(Months::new(months - 1)).unwrap_or(this_month);
        let filter = BillFilter { property_id: property, customer_id: customer, issued_from: Some(from), ..Default::default() };
        // A date as text begins with its year and month on both databases.
        let month = || Expr::cust("SUBSTR(CAST(issued_on AS TEXT), 1, 7)");
        let rows = bill::Entity::find()
            .select_only()
            .column_as(month(), "month")
            .columns([bill::Column::UtilityType, bill::Column::Currency])
            .column_as(sum(), "amount_minor")
            .column_as(bill::Column::Id.count(), "bills")
            .filter(visible)
            .filter(filter.condition(today))
            .filter(bill::Column::Status.is_not_in([BillStatus::Voided, BillStatus::Superseded]))
            .group_by(month())
            .group_by(bill::Column::UtilityType)
            .group_by(bill::Column::Currency)
            .order_by_asc(month())
            .order_by_asc(bill::Column::UtilityType)
            .order_by_asc(bill::Column::Currency)
            .into_model::<SpendRow>()
            .all(self.store.read())
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Spend {
                    month: format!("{}-01", row.month).parse().map_err(|e: chrono::ParseError| Fault::new("a stored date", e))?,
                    utility_type: row.utility_type,
                    total: money(row.amount_minor, &row.currency)?,
                    bills: u64::try_from(row.bills).unwrap_or(0),
                })
            })
            .collect()
    }
}
