//! The proof of the ledger: what the database keeps as balances is what the postings add up to, and all of it is nothing.

use billow_entities::{Currency, LedgerAccountKind, ledger_account, ledger_balance, ledger_entry, ledger_posting};
use billow_kernel::Actor;
use billow_kernel::error::Result;
use sea_orm::sea_query::{Expr, Func, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryOrder, QuerySelect};

use super::Ledger;

/// What the ledger adds up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerProof {
    /// Whether every entry and every currency adds up to nothing, and every balance to its postings.
    pub balanced: bool,
    /// How many entries there are.
    pub entries: u64,
    /// How many postings.
    pub postings: u64,
    /// Balances summed over owners.
    pub accounts: Vec<AccountTotal>,
}

/// The balance of all accounts of a kind in a currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountTotal {
    /// Which kind.
    pub kind: LedgerAccountKind,
    /// In which currency.
    pub currency: Currency,
    /// Debits less credits.
    pub balance_minor: i64,
}

impl Ledger {
    /// Adds the whole ledger up. Long work: for administrators, and for tests.
    ///
    /// # Errors
    /// When somebody else asks, or the database does not answer.
    pub async fn ledger_proof(&self, actor: &Actor) -> Result<LedgerProof> {
        actor.admin()?;
        let db = self.store.read();
        let sum =
            |column: SimpleExpr| Func::cust("COALESCE").args([Func::cust("SUM").arg(column).into(), Expr::value(0)]).cast_as("bigint");
        let totals: Vec<(LedgerAccountKind, String, i64)> = ledger_account::Entity::find()
            .select_only()
            .column(ledger_account::Column::Kind)
            .column(ledger_account::Column::Currency)
            .column_as(sum(Expr::col((ledger_balance::Entity, ledger_balance::Column::BalanceMinor))), "total")
            .join(
                sea_orm::JoinType::InnerJoin,
                ledger_account::Entity::belongs_to(ledger_balance::Entity)
                    .from(ledger_account::Column::Id)
                    .to(ledger_balance::Column::AccountId)
                    .into(),
            )
            .group_by(ledger_account::Column::Kind)
            .group_by(ledger_account::Column::Currency)
            .order_by_asc(ledger_account::Column::Kind)
            .order_by_asc(ledger_account::Column::Currency)
            .into_tuple()
            .all(db)
            .await?;
        let posted: Vec<(billow_entities::LedgerAccountId, i64)> = ledger_posting::Entity::find()
            .select_only()
            .column(ledger_posting::Column::AccountId)
            .column_as(sum(Expr::col(ledger_posting::Column::AmountMinor)), "total")
            .group_by(ledger_posting::Column::AccountId)
            .into_tuple()
            .all(db)
            .await?;
        let kept: Vec<(billow_entities::LedgerAccountId, i64)> = ledger_balance::Entity::find()
            .select_only()
            .column(ledger_balance::Column::AccountId)
            .column_as(sum(Expr::col(ledger_balance::Column::BalanceMinor)), "total")
            .group_by(ledger_balance::Column::AccountId)
            .into_tuple()
            .all(db)
            .await?;
        let posted: std::collections::HashMap<_, _> = posted.into_iter().collect();
        let kept_is_posted = kept.iter().all(|(id, balance)| posted.get(id).copied().unwrap_or(0) == *balance)
            && posted.keys().all(|id| kept.iter().any(|k| k.0 == *id));
        let uneven = Query::select()
            .column(ledger_posting::Column::EntryId)
            .from(ledger_posting::Entity)
            .group_by_columns([ledger_posting::Column::EntryId, ledger_posting::Column::Currency])
            .and_having(Expr::expr(Func::cust("SUM").arg(Expr::col(ledger_posting::Column::AmountMinor))).ne(0))
            .limit(1)
            .to_owned();
        let uneven = db.query_one(&uneven).await?.is_some();
        let accounts: Vec<_> = totals
            .into_iter()
            .filter_map(|(kind, currency, balance_minor)| Some(AccountTotal { kind, currency: currency.parse().ok()?, balance_minor }))
            .collect();
        let mut by_currency = std::collections::BTreeMap::<Currency, i128>::new();
        for account in &accounts {
            *by_currency.entry(account.currency).or_default() += i128::from(account.balance_minor);
        }
        Ok(LedgerProof {
            balanced: kept_is_posted && !uneven && by_currency.values().all(|total| *total == 0),
            entries: ledger_entry::Entity::find().count(db).await?,
            postings: ledger_posting::Entity::find().count(db).await?,
            accounts,
        })
    }
}
