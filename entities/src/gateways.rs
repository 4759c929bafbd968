//! Gateways, what they told us, and how they compare with the ledger.

/// A card network or bank connection that moves money.
pub mod gateway {
    use sea_orm::entity::prelude::*;

    use crate::{CircuitState, GatewayAdapter, GatewayId, GatewayStatus, GatewayTestResult};

    /// A card network or bank connection that moves money.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "gateways")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: GatewayId,
        /// Short and unique; part of its webhook address.
        #[sea_orm(column_type = "Text")]
        pub code: String,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        pub adapter: GatewayAdapter,
        pub status: GatewayStatus,
        /// The lowest is tried first.
        pub rank: i32,
        /// A list of ISO 4217 codes; empty for all.
        #[sea_orm(column_type = "JsonBinary")]
        pub currencies: Json,
        /// A list of `MethodKind`.
        #[sea_orm(column_type = "JsonBinary")]
        pub kinds: Json,
        /// `GatewaySettings` of billow-billing.
        #[sea_orm(column_type = "JsonBinary")]
        pub settings: Json,
        /// A map of names to secrets.
        pub credentials_enc: Option<Vec<u8>>,
        pub circuit_state: CircuitState,
        pub circuit_failures: i32,
        pub circuit_opened_at: Option<DateTimeUtc>,
        pub circuit_probe_at: Option<DateTimeUtc>,
        #[sea_orm(column_type = "Text")]
        pub circuit_reason: Option<String>,
        pub last_success_at: Option<DateTimeUtc>,
        /// When the current keys and address were last tested; none if they never were.
        pub tested_at: Option<DateTimeUtc>,
        pub test_result: Option<GatewayTestResult>,
        /// For administrators: why the test failed.
        #[sea_orm(column_type = "Text")]
        pub test_message: Option<String>,
        /// The gateway's id of the account that was read last; it stays when the keys change.
        #[sea_orm(column_type = "Text")]
        pub test_account_id: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub test_account_name: Option<String>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Under which id a gateway knows a customer.
pub mod gateway_customer {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, GatewayId};

    /// Under which id a gateway knows a customer.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "gateway_customers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub customer_id: CustomerId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub gateway_id: GatewayId,
        #[sea_orm(column_type = "Text")]
        pub external_id: String,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Something a gateway told us, stored before it is understood.
pub mod gateway_event {
    use sea_orm::entity::prelude::*;

    use crate::{GatewayEventId, GatewayEventOutcome, GatewayId, PaymentId};

    /// Something a gateway told us, stored before it is understood.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "gateway_events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: GatewayEventId,
        pub gateway_id: GatewayId,
        /// The gateway's id of the event.
        #[sea_orm(column_type = "Text")]
        pub external_id: String,
        /// Such as `payment_intent.succeeded`.
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        /// What it is about: `charge:`, `refund:` or `setup:` and the gateway's id.
        #[sea_orm(column_type = "Text")]
        pub object_id: Option<String>,
        /// As it came.
        #[sea_orm(column_type = "Text")]
        pub payload: String,
        pub outcome: GatewayEventOutcome,
        #[sea_orm(column_type = "Text")]
        pub message: Option<String>,
        pub payment_id: Option<PaymentId>,
        pub due_at: Option<DateTimeUtc>,
        pub tries: i32,
        pub lease_until: Option<DateTimeUtc>,
        pub fence: i64,
        pub received_at: DateTimeUtc,
        pub processed_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A day's comparison of the ledger with a gateway.
pub mod reconciliation {
    use sea_orm::entity::prelude::*;

    use crate::{GatewayId, ReconciliationId, ReconciliationStatus};

    /// A day's comparison of the ledger with a gateway.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "reconciliations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ReconciliationId,
        pub gateway_id: GatewayId,
        pub day: Date,
        pub status: ReconciliationStatus,
        #[sea_orm(column_type = "Text")]
        pub message: Option<String>,
        pub compared: i32,
        pub discrepancies: i32,
        pub created_at: DateTimeUtc,
        pub finished_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Where the ledger and a gateway differ.
pub mod discrepancy {
    use sea_orm::entity::prelude::*;

    use crate::{DiscrepancyId, DiscrepancyKind, GatewayId, PaymentId, ReconciliationId};

    /// Where the ledger and a gateway differ.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "discrepancies")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DiscrepancyId,
        pub reconciliation_id: ReconciliationId,
        pub gateway_id: GatewayId,
        pub kind: DiscrepancyKind,
        #[sea_orm(column_type = "Text")]
        pub external_id: Option<String>,
        pub payment_id: Option<PaymentId>,
        #[sea_orm(column_type = "Text")]
        pub currency: String,
        pub ours_minor: Option<i64>,
        pub theirs_minor: Option<i64>,
        #[sea_orm(column_type = "Text")]
        pub message: String,
        pub created_at: DateTimeUtc,
        pub resolved_at: Option<DateTimeUtc>,
        #[sea_orm(column_type = "Text")]
        pub resolved_by: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub resolution: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
