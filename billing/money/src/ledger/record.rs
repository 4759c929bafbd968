//! Recording an entry: once per key, postings first, then the entry that seals them.

use billow_entities::{Currency, CustomerId, LedgerAccountKind, LedgerEntryId, LedgerPostingId, PaymentId, ledger_entry, ledger_posting};
use billow_kernel::error::{Error, Fault, Result};
use billow_kernel::store::WriteTx;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::Ledger;
use super::accounts::find_all;

/// One side of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Which kind of account.
    pub kind: LedgerAccountKind,
    /// Whose: a customer, provider or gateway; nil where it is ours.
    pub owner: Uuid,
    /// Debits are positive, credits negative.
    pub amount_minor: i64,
}

impl Leg {
    /// A debit (or, negative, a credit) of an account.
    #[must_use]
    pub const fn new(kind: LedgerAccountKind, owner: Uuid, amount_minor: i64) -> Self {
        Self { kind, owner, amount_minor }
    }
}

/// An entry to be recorded. Legs of nothing are left out, legs of one account are added up.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Such as `payment.settled`.
    pub kind: &'static str,
    /// What makes it happen once.
    pub key: String,
    /// The currency of every leg.
    pub currency: Currency,
    /// The payment it belongs to.
    pub payment_id: Option<PaymentId>,
    /// The customer it concerns.
    pub customer_id: Option<CustomerId>,
    /// The text id of what it is about.
    pub subject: String,
    /// The entry it undoes.
    pub reverses: Option<LedgerEntryId>,
    /// A few words.
    pub memo: Option<String>,
    /// The sides.
    pub legs: Vec<Leg>,
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It was recorded now.
    New(LedgerEntryId),
    /// It was recorded before.
    Already(LedgerEntryId),
}

impl Ledger {
    /// Records an entry in the caller's transaction.
    ///
    /// # Errors
    /// `INSUFFICIENT_FUNDS` when a wallet would be overdrawn (the transaction is spoilt then and must be dropped), and a
    /// fault when the sides do not add up, which is a defect of the caller.
    pub(crate) async fn record_entry(&self, tx: &WriteTx, entry: NewEntry) -> Result<Recorded> {
        if let Some(known) = ledger_entry::Entity::find().filter(ledger_entry::Column::Key.eq(entry.key.as_str())).one(&**tx).await? {
            return Ok(Recorded::Already(known.id));
        }
        let id = LedgerEntryId(self.ids.next());
        let mut sides: Vec<(billow_entities::LedgerAccountId, i64)> = Vec::with_capacity(entry.legs.len());
        let open = find_all(&**tx, entry.legs.iter().map(|leg| (leg.kind, leg.owner)), entry.currency).await?;
        for leg in &entry.legs {
            let account = match open.get(&(leg.kind, leg.owner)) {
                Some(account) => *account,
                None => self.open_account(tx, leg.kind, leg.owner, entry.currency).await?,
            };
            match sides.iter_mut().find(|side| side.0 == account) {
                Some(side) => side.1 = side.1.checked_add(leg.amount_minor).ok_or_else(|| fault("an amount is too large"))?,
                None => sides.push((account, leg.amount_minor)),
            }
        }
        sides.retain(|side| side.1 != 0);
        if sides.is_empty() || sides.iter().map(|side| i128::from(side.1)).sum::<i128>() != 0 {
            return Err(fault("the sides of an entry must add up to nothing"));
        }
        // Everybody takes the locks of the balances in one order.
        sides.sort_unstable_by_key(|side| side.0);
        let postings = sides.into_iter().map(|(account_id, amount_minor)| ledger_posting::ActiveModel {
            id: Set(LedgerPostingId(self.ids.next())),
            entry_id: Set(id),
            account_id: Set(account_id),
            currency: Set(entry.currency.code().to_owned()),
            amount_minor: Set(amount_minor),
        });
        ledger_posting::Entity::insert_many(postings).exec_without_returning(&**tx).await.map_err(overdrawn)?;
        let row = ledger_entry::ActiveModel {
            id: Set(id),
            kind: Set(entry.kind.to_owned()),
            key: Set(entry.key),
            payment_id: Set(entry.payment_id),
            customer_id: Set(entry.customer_id),
            subject: Set(entry.subject),
            reverses: Set(entry.reverses),
            memo: Set(entry.memo),
            occurred_at: Set(self.clock.now()),
        };
        ledger_entry::Entity::insert(row).exec_without_returning(&**tx).await?;
        Ok(Recorded::New(id))
    }
}

fn fault(what: &'static str) -> Error {
    Error::Fault(Fault::new("the ledger", what))
}

/// The database's own guard, as an error a person can mend.
fn overdrawn(error: DbErr) -> Error {
    if error.to_string().contains("ledger_balances_not_overdrawn") {
        return Error::invalid("INSUFFICIENT_FUNDS", "", "There is not enough money in the wallet.");
    }
    error.into()
}
