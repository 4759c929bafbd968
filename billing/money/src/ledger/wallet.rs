//! Wallets: what we owe customers, per currency, read from the ledger.

use std::collections::BTreeMap;

use billow_entities::{
    Currency, CustomerId, LedgerAccountKind, LedgerPostingId, PaymentId, ledger_account, ledger_balance, ledger_entry, ledger_posting,
};
use billow_kernel::Actor;
use billow_kernel::error::Result;
use billow_kernel::events::{Event, WalletEventData};
use billow_kernel::page::{Page, PageRequest, cursor};
use billow_kernel::store::WriteTx;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Ledger;
use super::accounts::find;

/// A wallet and its hold, for each currency there is.
const MAX_ACCOUNTS: u64 = 200;

/// What a customer has with us in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalletBalance {
    /// In which currency.
    pub currency: Currency,
    /// Free to be spent.
    pub available_minor: i64,
    /// Set aside for payments under way.
    pub held_minor: i64,
}

impl WalletBalance {
    /// All of it.
    #[must_use]
    pub const fn balance_minor(&self) -> i64 {
        self.available_minor + self.held_minor
    }
}

/// One movement of a wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletEntry {
    /// The posting.
    pub id: LedgerPostingId,
    /// What it was, such as `payment.settled`.
    pub kind: String,
    /// In the customer's favour when positive.
    pub amount_minor: i64,
    /// In which currency.
    pub currency: Currency,
    /// A few words.
    pub memo: Option<String>,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// The payment it belongs to.
    pub payment_id: Option<PaymentId>,
}

impl Ledger {
    /// The wallets of a customer that were ever used, by currency.
    ///
    /// # Errors
    /// When the customer is somebody else's, or the database does not answer.
    pub async fn wallet_balances(&self, actor: &Actor, customer: CustomerId) -> Result<Vec<WalletBalance>> {
        self.own_wallet(actor, customer)?;
        let db = self.store.read();
        let accounts = ledger_account::Entity::find()
            .filter(ledger_account::Column::Owner.eq(customer.0))
            .filter(ledger_account::Column::Kind.is_in([LedgerAccountKind::Wallet, LedgerAccountKind::WalletHold]))
            .limit(MAX_ACCOUNTS)
            .all(db)
            .await?;
        let balances =
            ledger_balance::Entity::find().filter(ledger_balance::Column::AccountId.is_in(accounts.iter().map(|a| a.id))).all(db).await?;
        let mut wallets: BTreeMap<Currency, WalletBalance> = BTreeMap::new();
        for account in accounts {
            let Ok(currency) = account.currency.parse::<Currency>() else { continue };
            let wallet = wallets.entry(currency).or_insert(WalletBalance { currency, available_minor: 0, held_minor: 0 });
            let balance: i64 = balances.iter().filter(|b| b.account_id == account.id).map(|b| b.balance_minor).sum();
            match account.kind {
                LedgerAccountKind::Wallet => wallet.available_minor -= balance,
                _ => wallet.held_minor -= balance,
            }
        }
        Ok(wallets.into_values().collect())
    }

    /// A customer's wallet in one currency; empty where it was never used.
    ///
    /// # Errors
    /// When the customer is somebody else's, or the database does not answer.
    pub async fn wallet(&self, actor: &Actor, customer: CustomerId, currency: Currency) -> Result<WalletBalance> {
        self.own_wallet(actor, customer)?;
        wallet_in(self.store.read(), customer, currency).await
    }

    /// A customer's wallet in the currency of their bills.
    ///
    /// # Errors
    /// When the customer is somebody else's, the currency must be said, or the database does not answer.
    pub async fn usual_wallet(&self, actor: &Actor, customer: CustomerId) -> Result<WalletBalance> {
        self.own_wallet(actor, customer)?;
        wallet_in(self.store.read(), customer, self.gateways.usual_currency(customer).await?).await
    }

    /// A wallet as an event tells of it. Never from a replica, which may not know of it yet.
    ///
    /// # Errors
    /// For everybody but Billow itself.
    pub async fn told_wallet(&self, actor: &Actor, customer: CustomerId, currency: Currency) -> Result<WalletBalance> {
        if *actor != Actor::System {
            return Err(billow_kernel::Error::Forbidden);
        }
        wallet_in(self.store.primary(), customer, currency).await
    }

    /// The movements of a wallet, the newest first.
    ///
    /// # Errors
    /// When the customer is somebody else's, the page is not one, or the database does not answer.
    pub async fn wallet_entries(
        &self,
        actor: &Actor,
        customer: CustomerId,
        currency: Currency,
        page: &PageRequest,
    ) -> Result<Page<WalletEntry>> {
        self.own_wallet(actor, customer)?;
        let limit = page.limit()?;
        let db = self.store.read();
        let Some(account) = find(db, LedgerAccountKind::Wallet, customer.0, currency).await? else {
            return Ok(Page::of(Vec::new(), limit, page, |_: &WalletEntry| String::new()));
        };
        let mut query = ledger_posting::Entity::find()
            .filter(ledger_posting::Column::AccountId.eq(account.id))
            .order_by_desc(ledger_posting::Column::Id)
            .limit(limit + 1);
        if let Some(after) = page.after_id::<LedgerPostingId>()? {
            query = query.filter(ledger_posting::Column::Id.lt(after));
        }
        let postings = query.all(db).await?;
        let entries =
            ledger_entry::Entity::find().filter(ledger_entry::Column::Id.is_in(postings.iter().map(|p| p.entry_id))).all(db).await?;
        let entries: BTreeMap<_, _> = entries.into_iter().map(|e| (e.id, e)).collect();
        let rows = postings
            .into_iter()
            .filter_map(|p| {
                let entry = entries.get(&p.entry_id)?;
                Some(WalletEntry {
                    id: p.id,
                    kind: entry.kind.clone(),
                    amount_minor: -p.amount_minor,
                    currency,
                    memo: entry.memo.clone(),
                    occurred_at: entry.occurred_at,
                    payment_id: entry.payment_id,
                })
            })
            .collect();
        Ok(Page::of(rows, limit, page, |row: &WalletEntry| cursor(&[&row.id.to_string()])))
    }

    /// Tells the customer's screens that a wallet moved in this transaction.
    pub(crate) async fn emit_wallet(&self, tx: &mut WriteTx, customer: CustomerId, currency: Currency) -> Result<()> {
        let wallet = wallet_in(&**tx, customer, currency).await?;
        let data = WalletEventData {
            currency: currency.to_string(),
            balance_minor: wallet.balance_minor(),
            available_minor: wallet.available_minor,
        };
        tx.emit(self.events.about(customer, &Event::WalletUpdated(data))?.of_customer(customer));
        Ok(())
    }

    fn own_wallet(&self, actor: &Actor, customer: CustomerId) -> Result<()> {
        if actor.is_staff() || actor.customer()? == customer { Ok(()) } else { Err(billow_kernel::Error::NotFound("wallet")) }
    }
}

/// A wallet as `db` sees it: within a transaction, with what the transaction did.
pub(crate) async fn wallet_in(db: &impl ConnectionTrait, customer: CustomerId, currency: Currency) -> Result<WalletBalance> {
    let mut wallet = WalletBalance { currency, available_minor: 0, held_minor: 0 };
    for (kind, part) in [(LedgerAccountKind::Wallet, &mut wallet.available_minor), (LedgerAccountKind::WalletHold, &mut wallet.held_minor)]
    {
        if let Some(account) = find(db, kind, customer.0, currency).await? {
            let balance = ledger_balance::Entity::find_by_id((account.id, 0)).one(db).await?;
            *part = -balance.map_or(0, |b| b.balance_minor);
        }
    }
    Ok(wallet)
}
