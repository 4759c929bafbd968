//! Bills and their versions.

/// A bill in its newest version.
pub mod bill {
    use sea_orm::entity::prelude::*;

    use crate::{BillId, BillMarker, BillSource, BillStatus, CustomerId, PropertyId, ProviderId, UtilityAccountId, UtilityType};

    /// A bill in its newest version.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "bills")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: BillId,
        pub account_id: UtilityAccountId,
        pub customer_id: CustomerId,
        pub property_id: Option<PropertyId>,
        pub provider_id: ProviderId,
        pub utility_type: UtilityType,
        /// The provider's.
        #[sea_orm(column_type = "Text")]
        pub number: String,
        /// Counts corrections, from 1.
        pub version: i32,
        pub status: BillStatus,
        #[sea_orm(column_type = "Text")]
        pub status_reason: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub currency: String,
        pub amount_minor: i64,
        /// Paid of it through Billow.
        pub paid_minor: i64,
        pub min_amount_minor: Option<i64>,
        pub max_amount_minor: Option<i64>,
        pub issued_on: Date,
        pub due_on: Option<Date>,
        /// First day.
        pub period_start: Option<Date>,
        /// Last day.
        pub period_end: Option<Date>,
        /// A decimal.
        #[sea_orm(column_type = "Text")]
        pub usage_value: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub usage_unit: Option<String>,
        /// A list of `BillLine` of billow-billing.
        #[sea_orm(column_type = "JsonBinary")]
        pub lines: Json,
        /// Hex SHA-256 of what the provider said.
        #[sea_orm(column_type = "Text")]
        pub content_hash: String,
        pub source: BillSource,
        pub superseded_by: Option<BillId>,
        /// Who marked it as paid elsewhere, where a person did.
        pub marked_by: Option<BillMarker>,
        /// What the account's bills usually come to, where this one is far from it.
        pub usual_minor: Option<i64>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a bill said in each version.
pub mod bill_version {
    use sea_orm::entity::prelude::*;

    use crate::{BillId, BillSource};

    /// What a bill said in each version.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "bill_versions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub bill_id: BillId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        /// `BillContent` of billow-billing.
        #[sea_orm(column_type = "JsonBinary")]
        pub snapshot: Json,
        #[sea_orm(column_type = "Text")]
        pub content_hash: String,
        pub source: BillSource,
        #[sea_orm(column_type = "Text")]
        pub reason: Option<String>,
        /// Who recorded it by hand.
        #[sea_orm(column_type = "Text")]
        pub actor: Option<String>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
