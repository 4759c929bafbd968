//! Invoices and receipts.

/// An invoice or receipt.
pub mod document {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, DocumentId, DocumentKind, DocumentStatus, PaymentId};

    /// An invoice or receipt.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "documents")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DocumentId,
        pub kind: DocumentKind,
        /// Given when it is made for the first time.
        #[sea_orm(column_type = "Text")]
        pub number: Option<String>,
        pub customer_id: CustomerId,
        pub payment_id: PaymentId,
        #[sea_orm(column_type = "Text")]
        pub locale: String,
        pub status: DocumentStatus,
        #[sea_orm(column_type = "Text")]
        pub status_reason: Option<String>,
        /// Where the object store keeps it.
        #[sea_orm(column_type = "Text")]
        pub object_key: Option<String>,
        /// Of its bytes, in hex.
        #[sea_orm(column_type = "Text")]
        pub sha256: Option<String>,
        pub size_bytes: Option<i64>,
        pub due_at: Option<DateTimeUtc>,
        pub tries: i32,
        pub lease_until: Option<DateTimeUtc>,
        pub fence: i64,
        pub created_at: DateTimeUtc,
        pub ready_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The last number given in a series.
pub mod document_number {
    use sea_orm::entity::prelude::*;

    /// The last number given in a series.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "document_numbers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[sea_orm(column_type = "Text")]
        pub series: String,
        pub last: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
