//! A scale that is wrong in a definition multiplies the amounts of all its bills. One account whose bill is a hundred times
//! the usual has a true-up; when that happens to most accounts of a provider at once, their bills are held back, the
//! circuit opens, and operators are told.

use billow_entities::{FetchOutcomeKind, UtilityAccountId, bill, utility_account};
use billow_kernel::circuit::Sign;
use billow_kernel::error::Result;
use chrono::Duration;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QuerySelect};

use super::Fetching;
use super::judge::{Fetched, Judged};
use crate::bills::sql::EarlierBills;
use crate::bills::{Accepted, SCALE, jumped};
use crate::providers::LoadedProvider;

/// Accounts it takes at least.
const ACCOUNTS: u64 = 3;
/// "At once" is within this time.
const WITHIN: Duration = Duration::hours(24);
/// What the message of an account says whose bills were refused for their scale.
const OTHER_SCALE: &str = "are in another scale than before";
/// How the reason of a circuit begins that was opened for this.
const HELD: &str = "Bills are held back: ";

#[derive(FromQueryResult)]
struct Count {
    accounts: i64,
}

impl Fetching {
    /// Holds back what looks like a wrong scale; answers why, where it did.
    pub(super) async fn hold_jumps(
        &self,
        provider: &LoadedProvider,
        batch: &[Fetched],
        judged: &mut [Judged],
        earlier: &EarlierBills,
    ) -> Result<Option<String>> {
        if provider.definition.limits.accept_jumps {
            return Ok(None);
        }
        let (mut news, mut jumps) = (0, 0);
        for (fetched, judged) in batch.iter().zip(judged.iter()) {
            if judged.rescaled {
                (news, jumps) = (news + 1, jumps + 1);
            } else if let Some(newest) = newest_news(judged, earlier, fetched.account.id) {
                news += 1;
                jumps += u64::from(jumped(newest));
            }
        }
        if jumps == 0 {
            return Ok(None);
        }
        let held_before = provider.model.circuit_reason.as_deref().is_some_and(|reason| reason.starts_with(HELD));
        let (total, all_jumps) = self.recent_jumps(provider, batch).await?;
        let (total, all_jumps) = (total + news, all_jumps + jumps);
        let most = all_jumps >= ACCOUNTS && all_jumps * 2 > total;
        if !(most || held_before) {
            return Ok(None);
        }
        let reason = format!(
            "{HELD}the amounts of {all_jumps} of {total} accounts are {SCALE} times what they usually are or more, or as much \
             less; check the scale in the definition (or set limits.accept_jumps where the amounts are right)"
        );
        for judged in judged.iter_mut() {
            judged.hold(jumped, &reason);
        }
        tracing::warn!(provider.id = %provider.model.id, "the amounts of most accounts jumped; their bills are held back");
        metrics::counter!("billow_bills_held_total", "provider" => provider.definition.code.clone()).increment(jumps);
        Ok(Some(reason))
    }

    /// The other accounts that got bills lately or had them refused for their scale, and those of them whose bills are far
    /// from the usual.
    async fn recent_jumps(&self, provider: &LoadedProvider, batch: &[Fetched]) -> Result<(u64, u64)> {
        use bill::Column as C;
        let recent = bill::Entity::find()
            .select_only()
            .column_as(Expr::col(C::AccountId).count_distinct(), "accounts")
            .filter(C::ProviderId.eq(provider.model.id))
            .filter(C::UpdatedAt.gte(self.clock.now() - WITHIN))
            .filter(C::AccountId.is_not_in(batch.iter().map(|fetched| fetched.account.id)));
        let far = Expr::cust(format!("(amount_minor >= usual_minor * {SCALE} OR amount_minor * {SCALE} <= usual_minor)"));
        let count = |row: Option<Count>| row.map_or(0, |row| u64::try_from(row.accounts).unwrap_or(0));
        let total = recent.clone().into_model::<Count>().one(self.store.primary()).await?;
        let jumps = recent.filter(C::UsualMinor.is_not_null()).filter(far).into_model::<Count>().one(self.store.primary()).await?;
        let rescaled = utility_account::Entity::find()
            .filter(utility_account::Column::ProviderId.eq(provider.model.id))
            .filter(utility_account::Column::LastFetchedAt.gte(self.clock.now() - WITHIN))
            .filter(utility_account::Column::LastOutcome.eq(FetchOutcomeKind::Broken))
            .filter(utility_account::Column::LastMessage.contains(OTHER_SCALE))
            .filter(utility_account::Column::Id.is_not_in(batch.iter().map(|fetched| fetched.account.id)))
            .count(self.store.primary())
            .await?;
        Ok((count(total) + rescaled, count(jumps) + rescaled))
    }
}

/// As many faults as open any circuit, for a provider whose bills are held back.
pub(super) fn signs(reason: &str, threshold: u16) -> impl Iterator<Item = Sign> {
    std::iter::repeat_n(Sign::Fault(reason.to_owned()), usize::from(Ord::max(threshold, 1)))
}

/// The newest bill of an answer, when it was not stored like this before.
fn newest_news<'a>(judged: &'a Judged, earlier: &EarlierBills, account: UtilityAccountId) -> Option<&'a Accepted> {
    let newest = judged.accepted.iter().max_by_key(|bill| {
        let content = &bill.content;
        (content.issued_on, content.due_on, content.period_end)
    })?;
    let content = &newest.content;
    let known = earlier
        .get(&account)
        .is_some_and(|bills| bills.iter().any(|bill| bill.number == content.number && bill.amount_minor == content.amount_minor));
    (!known).then_some(newest)
}
