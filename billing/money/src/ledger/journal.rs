//! The ledger as a plain-text journal that `hledger` reads and checks: <https://hledger.org/hledger.html#journal>.

use std::collections::HashMap;
use std::fmt::Write as _;

use billow_entities::{LedgerAccountId, LedgerEntryId, Money, ledger_account, ledger_entry, ledger_posting};
use billow_kernel::error::{Error, Fault, Result};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Ledger;

/// Entries read at once.
const CHUNK: u64 = 500;

/// The name of an account in the journal.
#[must_use]
pub fn journal_account(account: &ledger_account::Model) -> String {
    use billow_entities::LedgerAccountKind::{Bank, GatewayClearing, GatewayFees, ProviderPayable, RefundPayable, Wallet, WalletHold};
    let (class, of) = match account.kind {
        Wallet => ("liabilities:wallets", "cust"),
        WalletHold => ("liabilities:wallet holds", "cust"),
        ProviderPayable => ("liabilities:providers", "prov"),
        RefundPayable => ("liabilities:refunds", "cust"),
        GatewayClearing => ("assets:clearing", "gw"),
        GatewayFees => ("expenses:gateway fees", "gw"),
        Bank => ("assets:bank", ""),
    };
    if account.owner.is_nil() { class.to_owned() } else { format!("{class}:{}", billow_entities::ids::encode(of, account.owner)) }
}

impl Ledger {
    /// Writes the entries from `from` to `to` (both included, in UTC) as a journal, in pieces given to `write`.
    ///
    /// # Errors
    /// When the database does not answer or `write` fails.
    pub async fn ledger_journal(
        &self,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
        mut write: impl FnMut(&str) -> std::io::Result<()>,
    ) -> Result<u64> {
        let db = self.store.read();
        let failed = |error: std::io::Error| Error::Fault(Fault::new("writing the journal", error));
        let mut accounts: HashMap<LedgerAccountId, String> = HashMap::new();
        let (mut after, mut count): (Option<LedgerEntryId>, u64) = (None, 0);
        write("; The ledger of Billow. Debits are positive.\n\n").map_err(failed)?;
        loop {
            let mut query = ledger_entry::Entity::find().order_by_asc(ledger_entry::Column::Id).limit(CHUNK);
            if let Some(day) = from {
                query = query.filter(ledger_entry::Column::OccurredAt.gte(day.and_time(chrono::NaiveTime::MIN).and_utc()));
            }
            if let Some(day) = to.and_then(|day| day.succ_opt()) {
                query = query.filter(ledger_entry::Column::OccurredAt.lt(day.and_time(chrono::NaiveTime::MIN).and_utc()));
            }
            if let Some(after) = after {
                query = query.filter(ledger_entry::Column::Id.gt(after));
            }
            let entries = query.all(db).await?;
            let Some(last) = entries.last() else { return Ok(count) };
            after = Some(last.id);
            let postings = ledger_posting::Entity::find()
                .filter(ledger_posting::Column::EntryId.is_in(entries.iter().map(|e| e.id)))
                .order_by_asc(ledger_posting::Column::Id)
                .all(db)
                .await?;
            let unknown: Vec<_> = postings.iter().map(|p| p.account_id).filter(|id| !accounts.contains_key(id)).collect();
            if !unknown.is_empty() {
                let rows = ledger_account::Entity::find().filter(ledger_account::Column::Id.is_in(unknown)).all(db).await?;
                accounts.extend(rows.iter().map(|a| (a.id, journal_account(a))));
            }
            let mut text = String::new();
            for entry in &entries {
                let day = entry.occurred_at.format("%Y-%m-%d");
                let _ = writeln!(text, "{day} * ({}) {}  ; key: {}", entry.id, entry.kind, entry.key);
                for posting in postings.iter().filter(|p| p.entry_id == entry.id) {
                    let Ok(currency) = posting.currency.parse() else { continue };
                    let name = accounts.get(&posting.account_id).map_or("equity:unknown", String::as_str);
                    let _ = writeln!(text, "    {name}  {}", Money::new(posting.amount_minor, currency));
                }
                text.push('\n');
            }
            count += entries.len() as u64;
            write(&text).map_err(failed)?;
            if (entries.len() as u64) < CHUNK {
                return Ok(count);
            }
        }
    }
}
