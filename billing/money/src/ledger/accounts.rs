//! Accounts are opened when they are first posted to.

use std::collections::{HashMap, HashSet};

use billow_entities::{Currency, LedgerAccountId, LedgerAccountKind, ledger_account, ledger_balance};
use billow_kernel::error::{Error, Fault, Result};
use billow_kernel::store::WriteTx;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::Ledger;

/// Parts of the balance of an account many payments meet in (PostgreSQL picks one by the entry).
const SHARDS: i32 = 16;

/// Whether the database keeps accounts of this kind from being overdrawn.
pub(super) fn is_guarded(kind: LedgerAccountKind) -> bool {
    matches!(kind, LedgerAccountKind::Wallet | LedgerAccountKind::WalletHold)
}

/// The account, if it was ever posted to.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    kind: LedgerAccountKind,
    owner: Uuid,
    currency: Currency,
) -> Result<Option<ledger_account::Model>> {
    Ok(ledger_account::Entity::find()
        .filter(ledger_account::Column::Kind.eq(kind))
        .filter(ledger_account::Column::Owner.eq(owner))
        .filter(ledger_account::Column::Currency.eq(currency.code()))
        .one(db)
        .await?)
}

/// Those of the accounts that were ever posted to.
pub(super) async fn find_all(
    db: &impl ConnectionTrait,
    wanted: impl IntoIterator<Item = (LedgerAccountKind, Uuid)>,
    currency: Currency,
) -> Result<HashMap<(LedgerAccountKind, Uuid), LedgerAccountId>> {
    use ledger_account::Column as C;
    let wanted: HashSet<_> = wanted.into_iter().collect();
    let any = wanted.into_iter().fold(Condition::any(), |any, (kind, owner)| {
        any.add(Condition::all().add(C::Kind.eq(kind)).add(C::Owner.eq(owner)).add(C::Currency.eq(currency.code())))
    });
    let rows = ledger_account::Entity::find().filter(any).all(db).await?;
    Ok(rows.into_iter().map(|row| ((row.kind, row.owner), row.id)).collect())
}

impl Ledger {
    /// The account, which is opened now unless somebody else does so meanwhile.
    pub(super) async fn open_account(
        &self,
        tx: &WriteTx,
        kind: LedgerAccountKind,
        owner: Uuid,
        currency: Currency,
    ) -> Result<LedgerAccountId> {
        let (id, guarded) = (LedgerAccountId(self.ids.next()), is_guarded(kind));
        let row = ledger_account::ActiveModel {
            id: Set(id),
            kind: Set(kind),
            owner: Set(owner),
            currency: Set(currency.code().to_owned()),
            guarded: Set(guarded),
            created_at: Set(self.clock.now()),
        };
        let once = [ledger_account::Column::Kind, ledger_account::Column::Owner, ledger_account::Column::Currency];
        let inserted = ledger_account::Entity::insert(row)
            .on_conflict(OnConflict::columns(once).do_nothing().to_owned())
            .exec_without_returning(&**tx)
            .await?;
        if inserted == 0 {
            // Another transaction opened it meanwhile.
            let known = find(&**tx, kind, owner, currency).await?;
            return known.map(|a| a.id).ok_or_else(|| Error::Fault(Fault::new("the ledger", "an account was opened and is not there")));
        }
        let shards = (0..if guarded { 1 } else { SHARDS }).map(|shard| ledger_balance::ActiveModel {
            account_id: Set(id),
            shard: Set(shard),
            guarded: Set(guarded),
            balance_minor: Set(0),
        });
        ledger_balance::Entity::insert_many(shards).exec_without_returning(&**tx).await?;
        Ok(id)
    }
}
