//! The double-entry ledger.

/// An account of the ledger.
pub mod ledger_account {
    use sea_orm::entity::prelude::*;

    use crate::{LedgerAccountId, LedgerAccountKind};

    /// An account of the ledger.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_accounts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LedgerAccountId,
        pub kind: LedgerAccountKind,
        /// A customer, provider or gateway; nil where it is ours.
        pub owner: Uuid,
        #[sea_orm(column_type = "Text")]
        pub currency: String,
        /// Whether it must not be overdrawn.
        pub guarded: bool,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A part of an account's balance, kept by the database with every posting.
pub mod ledger_balance {
    use sea_orm::entity::prelude::*;

    use crate::LedgerAccountId;

    /// A part of an account's balance, kept by the database with every posting.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_balances")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: LedgerAccountId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub shard: i32,
        pub guarded: bool,
        /// Debits less credits.
        pub balance_minor: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An entry of the ledger: the seal on its postings.
pub mod ledger_entry {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, LedgerEntryId, PaymentId};

    /// An entry of the ledger: the seal on its postings.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_entries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LedgerEntryId,
        /// Such as `payment.settled`.
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        /// What makes it happen once.
        #[sea_orm(column_type = "Text")]
        pub key: String,
        pub payment_id: Option<PaymentId>,
        pub customer_id: Option<CustomerId>,
        /// The text id of what it is about.
        #[sea_orm(column_type = "Text")]
        pub subject: String,
        pub reverses: Option<LedgerEntryId>,
        #[sea_orm(column_type = "Text")]
        pub memo: Option<String>,
        pub occurred_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One side of an entry.
pub mod ledger_posting {
    use sea_orm::entity::prelude::*;

    use crate::{LedgerAccountId, LedgerEntryId, LedgerPostingId};

    /// One side of an entry.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_postings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LedgerPostingId,
        pub entry_id: LedgerEntryId,
        pub account_id: LedgerAccountId,
        #[sea_orm(column_type = "Text")]
        pub currency: String,
        /// Debits are positive, credits negative.
        pub amount_minor: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
