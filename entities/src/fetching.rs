//! What was fetched, when, and what came of it.

/// One batch of fetching, with its progress.
pub mod fetch_run {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, FetchRunId, FetchRunKind, ProviderId, RunStatus, UtilityAccountId};

    /// One batch of fetching, with its progress.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "fetch_runs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: FetchRunId,
        pub kind: FetchRunKind,
        pub status: RunStatus,
        pub provider_id: Option<ProviderId>,
        pub account_id: Option<UtilityAccountId>,
        /// Who may watch besides staff.
        pub customer_id: Option<CustomerId>,
        #[sea_orm(column_type = "Text")]
        pub requested_by: Option<String>,
        pub total: i32,
        /// Finished accounts, failed ones included.
        pub done: i32,
        pub failed: i32,
        pub bills_new: i32,
        pub bills_changed: i32,
        pub created_at: DateTimeUtc,
        pub finished_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One account fetched once.
pub mod fetch_attempt {
    use sea_orm::entity::prelude::*;

    use crate::{FetchAttemptId, FetchOutcomeKind, FetchRunId, ProviderId, UtilityAccountId};

    /// One account fetched once.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "fetch_attempts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: FetchAttemptId,
        pub account_id: UtilityAccountId,
        pub provider_id: ProviderId,
        pub run_id: Option<FetchRunId>,
        pub slot: Option<DateTimeUtc>,
        pub fence: i64,
        #[sea_orm(column_type = "Text")]
        pub worker: String,
        pub started_at: DateTimeUtc,
        pub duration_ms: i64,
        pub outcome: FetchOutcomeKind,
        /// In the words of an operator.
        #[sea_orm(column_type = "Text")]
        pub message: Option<String>,
        pub bills_seen: i32,
        pub bills_new: i32,
        pub bills_changed: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
