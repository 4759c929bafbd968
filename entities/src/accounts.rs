//! Customers' accounts at providers.

/// A customer's account at a provider.
pub mod utility_account {
    use sea_orm::entity::prelude::*;

    use crate::{AccountStatus, CustomerId, FetchOutcomeKind, FetchRunId, PropertyId, ProviderId, UtilityAccountId, UtilityType};

    /// A customer's account at a provider.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "utility_accounts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: UtilityAccountId,
        pub customer_id: CustomerId,
        pub property_id: Option<PropertyId>,
        pub provider_id: ProviderId,
        /// The provider's.
        pub utility_type: UtilityType,
        #[sea_orm(column_type = "Text")]
        pub label: String,
        /// A JSON object of the customer parameters.
        pub params_enc: Vec<u8>,
        /// Keyed blind index of the first parameter.
        #[sea_orm(column_type = "Text")]
        pub identifier_index: String,
        /// The end of the first parameter.
        #[sea_orm(column_type = "Text")]
        pub identifier_hint: String,
        pub status: AccountStatus,
        /// In the words of its owner.
        #[sea_orm(column_type = "Text")]
        pub status_reason: Option<String>,
        /// When the account is due; unset when it is not fetched.
        pub next_fetch_at: Option<DateTimeUtc>,
        /// The scheduled instant the account is being fetched for.
        pub slot: Option<DateTimeUtc>,
        /// Fetches for this slot so far.
        pub slot_attempts: i32,
        /// What the provider wants back at the next poll.
        #[sea_orm(column_type = "JsonBinary")]
        pub continuation: Option<Json>,
        /// The run that asked for the next fetch.
        pub run_id: Option<FetchRunId>,
        #[sea_orm(column_type = "Text")]
        pub lease_owner: Option<String>,
        pub lease_until: Option<DateTimeUtc>,
        /// Counts leases; a write with an older number is refused.
        pub fence: i64,
        pub last_fetched_at: Option<DateTimeUtc>,
        pub last_outcome: Option<FetchOutcomeKind>,
        #[sea_orm(column_type = "Text")]
        pub last_message: Option<String>,
        /// Prepaid: the plan in force.
        #[sea_orm(column_type = "Text")]
        pub plan_code: Option<String>,
        /// Prepaid: its last day.
        pub plan_expires_on: Option<Date>,
        /// Prepaid: what is left.
        pub plan_balance_minor: Option<i64>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
