//! The bills from before: a provider that does not say what was paid sends a year or more of them with the first fetch.
//!
//! They come in as history: shown and counted as spent, but nobody is asked to pay them. The latest of them is to be paid.

use std::collections::{HashMap, HashSet};

use billow_entities::{BillStatus, UtilityAccountId, bill};
use billow_kernel::error::Result;
use billow_kernel::store::WriteTx;
use chrono::{Days, NaiveDate};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::state::BillEvent;
use super::write::{BillWrite, Key, Row};

/// A bill issued so many days ago is old.
const OLD_DAYS: u64 = 45;
const REASON: &str = "It is older than the account here, and the provider does not say whether it was paid.";

/// Makes history of those new bills of a batch that are from before.
pub(super) async fn set_apart(tx: &WriteTx, rows: &mut HashMap<Key, Row>, batch: &[BillWrite]) -> Result<()> {
    let mut unsaid: HashMap<UtilityAccountId, HashSet<Key>> = HashMap::new();
    for write in batch.iter().filter(|write| write.keeps_history && write.accepted.status.is_none()) {
        let key = (write.account.id, write.accepted.content.number.clone());
        if rows.get(&key).is_some_and(|row| row.before.is_none() && row.model.status == BillStatus::Open) {
            unsaid.entry(write.account.id).or_default().insert(key);
        }
    }
    if unsaid.is_empty() {
        return Ok(());
    }
    let known = accounts_with_bills(tx, unsaid.keys().copied()).await?;
    for (account, keys) in unsaid {
        let first_fetch = !known.contains(&account);
        let latest = keys.iter().filter_map(|key| rows.get(key)).max_by_key(|row| age_of(&row.model)).map(|row| row.model.id);
        for key in keys {
            let Some(row) = rows.get_mut(&key) else { continue };
            let from_before = if first_fetch { Some(row.model.id) != latest } else { is_old(&row.model, row.today) };
            if from_before {
                // They are new, so that nobody is told of a change; all of them are open.
                BillEvent::SetApart.because(REASON).put(&mut row.model).ok();
            }
        }
    }
    Ok(())
}

async fn accounts_with_bills(tx: &WriteTx, ids: impl Iterator<Item = UtilityAccountId>) -> Result<HashSet<UtilityAccountId>> {
    let known: Vec<UtilityAccountId> = bill::Entity::find()
        .select_only()
        .column(bill::Column::AccountId)
        .distinct()
        .filter(bill::Column::AccountId.is_in(ids))
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(known.into_iter().collect())
}

/// What bills are ordered by in time.
fn age_of(bill: &bill::Model) -> (NaiveDate, Option<NaiveDate>, Option<NaiveDate>, String) {
    (bill.issued_on, bill.period_end, bill.due_on, bill.number.clone())
}

/// Whether a bill was issued long ago and is not due any more.
pub(super) fn is_old(bill: &bill::Model, today: NaiveDate) -> bool {
    let old = bill.issued_on < today.checked_sub_days(Days::new(OLD_DAYS)).unwrap_or(today);
    old && bill.due_on.is_none_or(|due| due < today)
}
