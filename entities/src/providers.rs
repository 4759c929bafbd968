//! Utility companies and what they sell.

/// A utility company as an operator registered it.
pub mod provider {
    use sea_orm::entity::prelude::*;

    use crate::{CircuitState, ConnectorKind, ProviderId, ProviderStatus, UtilityType};

    /// A utility company as an operator registered it.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "providers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ProviderId,
        /// Short unique name, such as `voltara`.
        #[sea_orm(column_type = "Text")]
        pub code: String,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        pub utility_type: UtilityType,
        /// ISO 3166-1 alpha-2.
        #[sea_orm(column_type = "Text")]
        pub country: Option<String>,
        /// ISO 4217.
        #[sea_orm(column_type = "Text")]
        pub currency: String,
        /// IANA name.
        #[sea_orm(column_type = "Text")]
        pub time_zone: String,
        pub connector_kind: ConnectorKind,
        pub status: ProviderStatus,
        #[sea_orm(column_type = "Text")]
        pub status_reason: Option<String>,
        /// Counts edits of the definition.
        pub version: i32,
        /// `ProviderDefinition` of billow-billing.
        #[sea_orm(column_type = "JsonBinary")]
        pub definition: Json,
        /// A JSON object of names and secrets.
        pub credentials_enc: Option<Vec<u8>>,
        pub circuit_state: CircuitState,
        /// Faults in a row.
        pub circuit_failures: i32,
        /// How often it opened without a success between.
        pub circuit_trips: i32,
        pub circuit_opened_at: Option<DateTimeUtc>,
        /// When the next probe may go out.
        pub circuit_probe_at: Option<DateTimeUtc>,
        #[sea_orm(column_type = "Text")]
        pub circuit_reason: Option<String>,
        pub last_success_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A definition that was in force.
pub mod provider_version {
    use sea_orm::entity::prelude::*;

    use crate::{ProviderId, UserId};

    /// A definition that was in force.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "provider_versions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub provider_id: ProviderId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        #[sea_orm(column_type = "JsonBinary")]
        pub definition: Json,
        #[sea_orm(column_type = "Text")]
        pub note: Option<String>,
        pub edited_by: Option<UserId>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a prepaid provider sells.
pub mod recharge_plan {
    use sea_orm::entity::prelude::*;

    use crate::{ProviderId, RechargePlanId};

    /// What a prepaid provider sells.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "recharge_plans")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RechargePlanId,
        pub provider_id: ProviderId,
        #[sea_orm(column_type = "Text")]
        pub code: String,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub description: Option<String>,
        pub amount_minor: i64,
        #[sea_orm(column_type = "Text")]
        pub currency: String,
        pub validity_days: i32,
        /// A list of short texts.
        #[sea_orm(column_type = "JsonBinary")]
        pub benefits: Json,
        pub active: bool,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
