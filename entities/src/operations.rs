//! The audit trail and imports.

/// Who did what to whom.
pub mod audit_entry {
    use sea_orm::entity::prelude::*;

    use crate::{AuditEntryId, CustomerId};

    /// Who did what to whom.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_entries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AuditEntryId,
        /// A user's or client's id, or `system`.
        #[sea_orm(column_type = "Text")]
        pub actor: String,
        /// Such as `bill.void`.
        #[sea_orm(column_type = "Text")]
        pub action: String,
        #[sea_orm(column_type = "Text")]
        pub subject: String,
        pub customer_id: Option<CustomerId>,
        #[sea_orm(column_type = "Text")]
        pub reason: Option<String>,
        #[sea_orm(column_type = "JsonBinary")]
        pub data: Json,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A CSV import.
pub mod import_run {
    use sea_orm::entity::prelude::*;

    use crate::{ImportRunId, ImportStatus, UserId};

    /// A CSV import.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "import_runs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ImportRunId,
        /// `customers` or `bills`.
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        pub status: ImportStatus,
        pub dry_run: bool,
        #[sea_orm(column_type = "Text")]
        pub file_name: Option<String>,
        pub total: i32,
        /// Rows looked at, failed ones included.
        pub done: i32,
        pub failed: i32,
        pub created_by: Option<UserId>,
        pub created_at: DateTimeUtc,
        pub finished_at: Option<DateTimeUtc>,
        pub lease_until: Option<DateTimeUtc>,
        pub fence: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A row of an import.
pub mod import_row {
    use sea_orm::entity::prelude::*;

    use crate::{ImportRowStatus, ImportRunId};

    /// A row of an import.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "import_rows")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub run_id: ImportRunId,
        /// From 1, the heading not counted.
        #[sea_orm(primary_key, auto_increment = false)]
        pub row: i32,
        #[sea_orm(column_type = "JsonBinary")]
        pub data: Json,
        pub status: ImportRowStatus,
        /// A list of field, code and message.
        #[sea_orm(column_type = "JsonBinary")]
        pub errors: Json,
        /// The text id of what came of it.
        #[sea_orm(column_type = "Text")]
        pub result: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A row that is written and read back to see whether the database stores data.
pub mod storage_check {
    use sea_orm::entity::prelude::*;

    /// A row that is written and read back to see whether the database stores data.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "storage_checks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        /// Checks so far, of all processes.
        pub count: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
