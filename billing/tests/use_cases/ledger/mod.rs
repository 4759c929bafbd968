//! The ledger as the database keeps it: what may not be is refused by the database itself, whoever asks.

use billow_billing::Actor;
use billow_entities::{
    LedgerAccountId, LedgerAccountKind, LedgerEntryId, LedgerPostingId, ledger_account, ledger_balance, ledger_entry, ledger_posting,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, TransactionTrait};
use uuid::Uuid;

use crate::common::{Bench, on_both};

on_both!(
    an_entry_is_sealed_only_when_its_postings_add_up_to_nothing,
    a_sealed_entry_takes_no_more_postings,
    postings_without_an_entry_do_not_commit,
    nothing_that_was_written_is_changed_or_deleted,
    a_wallet_is_never_overdrawn,
    balances_are_what_the_postings_add_up_to,
);

/// Accounts of a small world: a gateway's clearing account and a customer's wallet.
struct World {
    bench: Bench,
    clearing: LedgerAccountId,
    wallet: LedgerAccountId,
}

async fn world(bench: Bench) -> World {
    let clearing = open(&bench, LedgerAccountKind::GatewayClearing, "EUR").await;
    let wallet = open(&bench, LedgerAccountKind::Wallet, "EUR").await;
    World { bench, clearing, wallet }
}

async fn open(bench: &Bench, kind: LedgerAccountKind, currency: &str) -> LedgerAccountId {
    let (db, id) = (bench.billing.kernel.store.write_pool(), LedgerAccountId(bench.billing.kernel.ids.next()));
    let guarded = kind == LedgerAccountKind::Wallet;
    let account = ledger_account::ActiveModel {
        id: Set(id),
        kind: Set(kind),
        owner: Set(Uuid::from_u128(5)),
        currency: Set(currency.into()),
        guarded: Set(guarded),
        created_at: Set(bench.billing.kernel.clock.now()),
    };
    ledger_account::Entity::insert(account).exec_without_returning(db).await.expect("an account");
    for shard in 0..if guarded { 1 } else { 16 } {
        let part = ledger_balance::ActiveModel { account_id: Set(id), shard: Set(shard), guarded: Set(guarded), balance_minor: Set(0) };
        ledger_balance::Entity::insert(part).exec_without_returning(db).await.expect("a balance");
    }
    id
}

impl World {
    fn entry(&self) -> LedgerEntryId {
        LedgerEntryId(self.bench.billing.kernel.ids.next())
    }

    async fn begin(&self) -> DatabaseTransaction {
        self.bench.billing.kernel.store.write_pool().begin().await.expect("a transaction")
    }

    async fn add(&self, tx: &DatabaseTransaction, entry: LedgerEntryId, account: LedgerAccountId, amount: i64) -> Result<(), DbErr> {
        let row = ledger_posting::ActiveModel {
            id: Set(LedgerPostingId(self.bench.billing.kernel.ids.next())),
            entry_id: Set(entry),
            account_id: Set(account),
            currency: Set("EUR".into()),
            amount_minor: Set(amount),
        };
        ledger_posting::Entity::insert(row).exec_without_returning(tx).await.map(drop)
    }

    async fn seal(&self, tx: &DatabaseTransaction, entry: LedgerEntryId) -> Result<(), DbErr> {
        let row = ledger_entry::ActiveModel {
            id: Set(entry),
            kind: Set("test".into()),
            key: Set(entry.to_string()),
            payment_id: Set(None),
            customer_id: Set(None),
            subject: Set("test".into()),
            reverses: Set(None),
            memo: Set(None),
            occurred_at: Set(self.bench.billing.kernel.clock.now()),
        };
        ledger_entry::Entity::insert(row).exec_without_returning(tx).await.map(drop)
    }

    /// A whole entry: so much from the clearing account into the wallet.
    async fn top_up(&self, amount: i64) -> Result<LedgerEntryId, DbErr> {
        let (tx, entry) = (self.begin().await, self.entry());
        self.add(&tx, entry, self.clearing, amount).await?;
        self.add(&tx, entry, self.wallet, -amount).await?;
        self.seal(&tx, entry).await?;
        tx.commit().await?;
        Ok(entry)
    }

    async fn balance(&self, account: LedgerAccountId) -> i64 {
        let parts = ledger_balance::Entity::find().filter(ledger_balance::Column::AccountId.eq(account));
        parts.all(self.bench.billing.kernel.store.read()).await.expect("balances").iter().map(|b| b.balance_minor).sum()
    }

    async fn is_proven(&self) -> bool {
        self.bench.billing.ledger.ledger_proof(&Actor::System).await.expect("a proof").balanced
    }
}

#[track_caller]
fn refused(outcome: Result<(), DbErr>, because: &str) {
    let words = outcome.expect_err("refused").to_string();
    assert!(words.contains(because), "{words}");
}

async fn an_entry_is_sealed_only_when_its_postings_add_up_to_nothing(bench: Bench) {
    let world = world(bench).await;
    for amounts in [&[100, -99][..], &[100], &[]] {
        let (tx, entry) = (world.begin().await, world.entry());
        for (amount, account) in amounts.iter().zip([world.clearing, world.wallet]) {
            world.add(&tx, entry, account, *amount).await.expect("a posting");
        }
        refused(world.seal(&tx, entry).await, "must add up to nothing");
        tx.rollback().await.expect("undone");
    }
    assert_eq!((world.balance(world.clearing).await, world.balance(world.wallet).await), (0, 0), "nothing was left behind");
}

async fn a_sealed_entry_takes_no_more_postings(bench: Bench) {
    let world = world(bench).await;
    let entry = world.top_up(500).await.expect("an entry");
    let tx = world.begin().await;
    refused(world.add(&tx, entry, world.clearing, 1).await, "takes no more postings");
}

async fn postings_without_an_entry_do_not_commit(bench: Bench) {
    let world = world(bench).await;
    let (tx, entry) = (world.begin().await, world.entry());
    world.add(&tx, entry, world.clearing, 100).await.expect("a posting");
    world.add(&tx, entry, world.wallet, -100).await.expect("a posting");
    assert!(tx.commit().await.is_err(), "an unsealed entry was committed");
    assert_eq!(world.balance(world.wallet).await, 0);
    assert!(world.is_proven().await);
}

async fn nothing_that_was_written_is_changed_or_deleted(bench: Bench) {
    let world = world(bench).await;
    world.top_up(500).await.expect("an entry");
    let db = world.bench.billing.kernel.store.write_pool();
    for statement in [
        "UPDATE ledger_postings SET amount_minor = 1",
        "DELETE FROM ledger_postings",
        "UPDATE ledger_entries SET kind = 'other'",
        "DELETE FROM ledger_entries",
    ] {
        let outcome = db.execute_unprepared(statement).await.map(drop);
        refused(outcome, "ledger: ");
    }
    assert!(world.is_proven().await);
}

async fn a_wallet_is_never_overdrawn(bench: Bench) {
    let world = world(bench).await;
    world.top_up(500).await.expect("an entry");
    let (tx, entry) = (world.begin().await, world.entry());
    refused(world.add(&tx, entry, world.wallet, 501).await, "ledger_balances_not_overdrawn");
    tx.rollback().await.expect("undone");
    world.top_up(-500).await.expect("all of it may be spent");
    assert_eq!(world.balance(world.wallet).await, 0);
}

async fn balances_are_what_the_postings_add_up_to(bench: Bench) {
    let world = world(bench).await;
    for amount in 1..=40 {
        world.top_up(amount).await.expect("an entry");
    }
    assert_eq!((world.balance(world.clearing).await, world.balance(world.wallet).await), (820, -820));
    assert!(world.is_proven().await);
    // A balance that was tampered with is found.
    let db = world.bench.billing.kernel.store.write_pool();
    db.execute_unprepared("UPDATE ledger_balances SET balance_minor = balance_minor - 1 WHERE shard = 0").await.expect("tampered with");
    assert!(!world.is_proven().await);
}
