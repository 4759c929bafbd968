//! New times for a provider's accounts after its schedule was edited, a batch to a transaction.
//!
//! If the process ends in between, the accounts that are left get their new times after their next fetch.

use billow_entities::{UtilityAccountId, utility_account};
use billow_kernel::Result;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{CaseStatement, Expr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::LoadedProvider;
use super::Providers;

/// Accounts in one transaction.
const BATCH: u64 = 1_000;

type Row = (UtilityAccountId, Option<DateTime<Utc>>, Option<DateTime<Utc>>);

impl Providers {
    /// Gives the accounts of `provider` that are fetched on schedule, and are not being fetched now, their times by its
    /// schedule as it is; answers how many.
    pub(super) async fn reschedule_accounts(&self, provider: &LoadedProvider) -> Result<u64> {
        use utility_account::Column;
        let now = self.clock.now();
        let round = provider.definition.schedule.next_slot(provider.zone, now);
        let (mut after, mut changed) = (None, 0);
        loop {
            let tx = self.store.write_tx().await?;
            let mut query = utility_account::Entity::find()
                .select_only()
                .columns([Column::Id, Column::Slot, Column::NextFetchAt])
                .filter(Column::ProviderId.eq(provider.model.id))
                .filter(Column::NextFetchAt.is_not_null())
                .filter(Column::RunId.is_null())
                .filter(Condition::any().add(Column::LeaseUntil.is_null()).add(Column::LeaseUntil.lte(now)))
                .order_by_asc(Column::Id)
                .limit(BATCH)
                .lock_exclusive();
            if let Some(id) = after {
                query = query.filter(Column::Id.gt::<UtilityAccountId>(id));
            }
            let rows = query.into_tuple::<Row>().all(&*tx).await?;
            let Some((last, ..)) = rows.last() else { return Ok(tx.leave(changed).await) };
            let full = rows.len() as u64 == BATCH;
            after = Some(*last);
            let (mut times, mut ids) = (CaseStatement::new(), Vec::new());
            for (id, slot, next) in rows {
                let new = provider.definition.schedule.spread(round, id.0.as_u128());
                // A round that is still being looked for goes on, unless the new one is earlier.
                let goes_on = slot.is_some_and(|slot| slot <= now) && next.is_some_and(|next| next <= new);
                if !goes_on && next != Some(new) {
                    times = times.case(Column::Id.eq(id), Expr::value(new));
                    ids.push(id);
                }
            }
            if !ids.is_empty() {
                changed += ids.len() as u64;
                let times = times.finally(Expr::col(Column::NextFetchAt));
                utility_account::Entity::update_many()
                    .col_expr(Column::NextFetchAt, times.clone().into())
                    .col_expr(Column::Slot, times.into())
                    .col_expr(Column::SlotAttempts, Expr::value(0))
                    .col_expr(Column::Continuation, Expr::value(None::<serde_json::Value>))
                    .col_expr(Column::UpdatedAt, Expr::value(now))
                    .filter(Column::Id.is_in(ids))
                    .exec(&*tx)
                    .await?;
            }
            tx.commit().await?;
            if !full {
                return Ok(changed);
            }
        }
    }
}
