//! Payment methods, payments and what follows from them.

/// A saved card or direct debit. The number itself is only ever with the gateway.
pub mod payment_method {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, GatewayId, MethodKind, MethodStatus, PaymentMethodId};

    /// A saved card or direct debit. The number itself is only ever with the gateway.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "payment_methods")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PaymentMethodId,
        pub customer_id: CustomerId,
        pub gateway_id: GatewayId,
        pub kind: MethodKind,
        pub status: MethodStatus,
        /// In words for its owner.
        #[sea_orm(column_type = "Text")]
        pub status_reason: Option<String>,
        /// Such as `visa`, or the bank.
        #[sea_orm(column_type = "Text")]
        pub brand: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub last4: Option<String>,
        pub exp_month: Option<i32>,
        pub exp_year: Option<i32>,
        /// The owner's own name for it.
        #[sea_orm(column_type = "Text")]
        pub label: Option<String>,
        /// The gateway's.
        #[sea_orm(column_type = "Text")]
        pub external_id: Option<String>,
        /// The gateway's SetupIntent.
        #[sea_orm(column_type = "Text")]
        pub setup_id: Option<String>,
        /// Where its owner confirms.
        #[sea_orm(column_type = "Text")]
        pub action_url: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub mandate_id: Option<String>,
        pub is_default: bool,
        /// Whether it becomes the default as soon as it can be charged.
        pub wants_default: bool,
        /// How many days before a card's end its owner was told of it last: 30 or 7.
        pub expiry_told: Option<i32>,
        /// When the gateway is asked next.
        pub check_at: Option<DateTimeUtc>,
        pub checks: i32,
        pub lease_until: Option<DateTimeUtc>,
        pub fence: i64,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
        pub removed_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A customer's money on its way to what it pays, or to their wallet.
pub mod payment {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, DeclineKind, PaymentId, PaymentKind, PaymentMethodId, PaymentStatus};

    /// A customer's money on its way to what it pays, or to their wallet.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "payments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PaymentId,
        /// Who pays.
        pub customer_id: CustomerId,
        pub kind: PaymentKind,
        pub status: PaymentStatus,
        /// In words for whoever pays.
        #[sea_orm(column_type = "Text")]
        pub status_reason: Option<String>,
        pub decline_kind: Option<DeclineKind>,
        #[sea_orm(column_type = "Text")]
        pub currency: String,
        /// The whole: `wallet_minor` and `gateway_minor` together.
        pub amount_minor: i64,
        /// From the wallet.
        pub wallet_minor: i64,
        /// Through a gateway.
        pub gateway_minor: i64,
        /// Gone back or on its way back.
        pub refunded_minor: i64,
        pub method_id: Option<PaymentMethodId>,
        /// Who asked, as the audit trail names them: the scope of the idempotency key.
        #[sea_orm(column_type = "Text")]
        pub actor: String,
        #[sea_orm(column_type = "Text")]
        pub idempotency_key: String,
        /// Hex SHA-256 of what was asked: the same key with anything else is refused.
        #[sea_orm(column_type = "Text")]
        pub request_hash: String,
        pub attempts: i32,
        /// When the reconciler looks next.
        pub check_at: Option<DateTimeUtc>,
        pub checks: i32,
        pub lease_until: Option<DateTimeUtc>,
        pub fence: i64,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
        pub settled_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The part of a payment that pays one thing, such as a bill.
pub mod payment_allocation {
    use sea_orm::entity::prelude::*;

    use crate::{AllocationId, BillId, CustomerId, PayableKind, PaymentId, PropertyId, ProviderId, UtilityAccountId, UtilityType};

    /// The part of a payment that pays one thing, such as a bill.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "payment_allocations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AllocationId,
        pub payment_id: PaymentId,
        /// Whose it is.
        pub customer_id: CustomerId,
        /// What it pays: read it by `target()`.
        pub target_kind: PayableKind,
        pub target_id: Uuid,
        /// The bill, where it pays one; for processes of the release before, which know no `target_id`.
        pub bill_id: Option<BillId>,
        /// The version of the bill that was paid; 1 for everything else.
        pub bill_version: i32,
        pub account_id: UtilityAccountId,
        pub provider_id: ProviderId,
        pub property_id: Option<PropertyId>,
        pub utility_type: UtilityType,
        #[sea_orm(column_type = "Text")]
        pub currency: String,
        pub amount_minor: i64,
        pub refunded_minor: i64,
        /// Whether the payment is under way: what it pays has at most one such allocation.
        pub live: bool,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One try at a gateway.
pub mod payment_attempt {
    use sea_orm::entity::prelude::*;

    use crate::{AttemptId, AttemptStatus, DeclineKind, GatewayId, PaymentId, PaymentMethodId};

    /// One try at a gateway.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "payment_attempts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AttemptId,
        pub payment_id: PaymentId,
        /// From 1.
        pub number: i32,
        pub gateway_id: GatewayId,
        pub method_id: Option<PaymentMethodId>,
        pub status: AttemptStatus,
        #[sea_orm(column_type = "Text")]
        pub currency: String,
        pub amount_minor: i64,
        /// The idempotency key at the gateway.
        #[sea_orm(column_type = "Text")]
        pub gateway_key: String,
        /// The gateway's id of the charge.
        #[sea_orm(column_type = "Text")]
        pub external_id: Option<String>,
        /// Where the customer confirms.
        #[sea_orm(column_type = "Text")]
        pub action_url: Option<String>,
        /// Where the customer comes back to from a hosted page.
        #[sea_orm(column_type = "Text")]
        pub return_url: Option<String>,
        pub decline_kind: Option<DeclineKind>,
        /// The gateway's word.
        #[sea_orm(column_type = "Text")]
        pub decline_code: Option<String>,
        /// For operators.
        #[sea_orm(column_type = "Text")]
        pub message: Option<String>,
        /// What the gateway kept.
        pub fee_minor: Option<i64>,
        /// Who asked for this retry with which key, hashed; none for the first attempt and for failover.
        #[sea_orm(column_type = "Text")]
        pub retry_key: Option<String>,
        /// Hex SHA-256 of what was asked with it.
        #[sea_orm(column_type = "Text")]
        pub retry_hash: Option<String>,
        /// `RoutingDecision` of billow-billing: why this gateway.
        #[sea_orm(column_type = "JsonBinary")]
        pub decision: Json,
        pub sent_at: Option<DateTimeUtc>,
        pub answered_at: Option<DateTimeUtc>,
        /// When it was given up to wait for an answer; it stays when the gateway answers later.
        pub unanswered_at: Option<DateTimeUtc>,
        /// For operators: what came instead of an answer.
        #[sea_orm(column_type = "Text")]
        pub unanswered_message: Option<String>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Our paying a provider for one allocation.
pub mod remittance {
    use sea_orm::entity::prelude::*;

    use crate::{AllocationId, BillId, CustomerId, PayableKind, PaymentId, ProviderId, RemittanceId, RemittanceStatus, UtilityAccountId};

    /// Our paying a provider for one allocation.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "remittances")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RemittanceId,
        pub payment_id: PaymentId,
        pub allocation_id: AllocationId,
        /// What the provider is paid for: read it by `target()`.
        pub target_kind: PayableKind,
        pub target_id: Uuid,
        /// The bill, where it is for one; for processes of the release before, which know no `target_id`.
        pub bill_id: Option<BillId>,
        pub account_id: UtilityAccountId,
        pub provider_id: ProviderId,
        pub customer_id: CustomerId,
        #[sea_orm(column_type = "Text")]
        pub currency: String,
        pub amount_minor: i64,
        pub status: RemittanceStatus,
        /// The provider's.
        #[sea_orm(column_type = "Text")]
        pub provider_ref: Option<String>,
        /// Prepaid: what the customer types in.
        pub voucher_enc: Option<Vec<u8>>,
        #[sea_orm(column_type = "Text")]
        pub message: Option<String>,
        /// What the provider asked to be given back.
        #[sea_orm(column_type = "JsonBinary")]
        pub continuation: Option<Json>,
        /// When it is sent or asked about next.
        pub due_at: Option<DateTimeUtc>,
        pub tries: i32,
        pub lease_until: Option<DateTimeUtc>,
        pub fence: i64,
        pub created_at: DateTimeUtc,
        pub sent_at: Option<DateTimeUtc>,
        pub settled_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Money on its way back.
pub mod refund {
    use sea_orm::entity::prelude::*;

    use crate::{AllocationId, AttemptId, CustomerId, PaymentId, RefundCause, RefundId, RefundStatus, RefundTarget};

    /// Money on its way back.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "refunds")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RefundId,
        pub payment_id: PaymentId,
        pub allocation_id: Option<AllocationId>,
        /// The charge it undoes.
        pub attempt_id: Option<AttemptId>,
        pub customer_id: CustomerId,
        pub target: RefundTarget,
        pub cause: RefundCause,
        #[sea_orm(column_type = "Text")]
        pub reason: String,
        pub status: RefundStatus,
        #[sea_orm(column_type = "Text")]
        pub status_reason: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub currency: String,
        pub amount_minor: i64,
        /// The gateway's.
        #[sea_orm(column_type = "Text")]
        pub external_id: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub actor: String,
        #[sea_orm(column_type = "Text")]
        pub idempotency_key: String,
        #[sea_orm(column_type = "Text")]
        pub request_hash: String,
        /// Counts retries by hand, each with a key of its own at the gateway.
        pub rounds: i32,
        pub due_at: Option<DateTimeUtc>,
        pub tries: i32,
        pub lease_until: Option<DateTimeUtc>,
        pub fence: i64,
        pub created_at: DateTimeUtc,
        pub sent_at: Option<DateTimeUtc>,
        pub settled_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
