//! Cards that end soon: their owner is told 30 and 7 days before the last day of the month on the card.

use billow_entities::{MethodStatus, payment_method};
use billow_kernel::error::Result;
use chrono::{Datelike as _, Months, NaiveDate};
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::Methods;

/// Days before the end on which an owner is told, the nearest first.
const STEPS: [i32; 2] = [7, 30];
/// Cards of one transaction.
const BATCH: u64 = 200;
/// Transactions of one call; the next one goes on.
const MAX_BATCHES: usize = 100;

/// Days from `today` to the last day of the month on a card; negative when it is over, none where it has no date.
#[must_use]
pub fn days_left(method: &payment_method::Model, today: NaiveDate) -> Option<i64> {
    let (year, month) = (method.exp_year?, u32::try_from(method.exp_month?).ok()?);
    let last = NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt()?;
    Some((last - today).num_days())
}

/// Whether a card ends within thirty days, or has ended.
#[must_use]
pub fn expires_soon(method: &payment_method::Model, today: NaiveDate) -> bool {
    days_left(method, today).is_some_and(|days| days <= i64::from(STEPS[1]))
}

/// Of which step an owner is to be told now: the nearest one that has come, once.
fn step_due(days_left: i64, told: Option<i32>) -> Option<i32> {
    let step = STEPS.into_iter().find(|step| days_left <= i64::from(*step))?;
    (days_left >= 0 && told.is_none_or(|told| told > step)).then_some(step)
}

impl Methods {
    /// Tells the owners of cards that end soon, each step once; answers how many. Meant for once a day, and harmless more often.
    ///
    /// # Errors
    /// When the database does not answer; whoever was not told is told the next time.
    #[tracing::instrument(name = "methods.expiring", skip_all)]
    pub async fn tell_expiring_cards(&self) -> Result<usize> {
        let mut told = 0;
        for _ in 0..MAX_BATCHES {
            let found = self.tell_some_expiring().await?;
            told += found;
            if found == 0 {
                break;
            }
        }
        Ok(told)
    }

    async fn tell_some_expiring(&self) -> Result<usize> {
        use payment_method::Column as C;
        let now = self.clock.now();
        let today = now.date_naive();
        let mut wanted = Condition::any();
        // Thirty days before the end of a month is that month or the last days of the one before.
        for first in [Some(today), today.checked_add_months(Months::new(1))].into_iter().flatten() {
            let Some(step) = last_of(first).and_then(|last| step_due((last - today).num_days(), None)) else { continue };
            let (year, month) = (first.year(), i32::try_from(first.month()).unwrap_or_default());
            let untold = Condition::any().add(C::ExpiryTold.is_null()).add(C::ExpiryTold.gt(step));
            wanted = wanted.add(Condition::all().add(C::ExpYear.eq(year)).add(C::ExpMonth.eq(month)).add(untold));
        }
        if wanted.is_empty() {
            return Ok(0);
        }
        let cards = payment_method::Entity::find()
            .filter(C::Status.eq(MethodStatus::Ready))
            .filter(C::RemovedAt.is_null())
            .filter(wanted)
            .order_by_asc(C::Id)
            .limit(BATCH);
        if cards.clone().one(self.store.primary()).await?.is_none() {
            return Ok(0);
        }
        let mut tx = self.store.write_tx().await?;
        let rows = cards.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked).all(&*tx).await?;
        let count = rows.len();
        for card in rows {
            let left = days_left(&card, today).unwrap_or_default();
            let mut row = card.clone().into_active_model();
            row.expiry_told = Set(step_due(left, card.expiry_told).or(card.expiry_told));
            let card = row.update(&*tx).await?;
            tx.emit(self.events.card_expires(&card, i32::try_from(left).ok())?);
        }
        tx.commit().await?;
        Ok(count)
    }
}

/// The last day of the month of `date`.
fn last_of(date: NaiveDate) -> Option<NaiveDate> {
    date.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_told_30_and_7_days_before_and_never_twice() {
        let cases = [
            (31, None, None),
            (30, None, Some(30)),
            (8, None, Some(30)),
            (8, Some(30), None),
            (7, Some(30), Some(7)),
            (7, None, Some(7)),
            (0, Some(30), Some(7)),
            (0, Some(7), None),
            (-1, None, None),
        ];
        for (left, told, expected) in cases {
            assert_eq!(step_due(left, told), expected, "{left} {told:?}");
        }
    }
}
