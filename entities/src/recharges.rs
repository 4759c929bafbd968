//! What was bought for prepaid accounts.

/// A plan that was bought for a prepaid account, as it was sold then.
pub mod recharge {
    use sea_orm::entity::prelude::*;

    use crate::{RechargeId, RechargePlanId, RechargeStatus, UtilityAccountId};

    /// A plan that was bought for a prepaid account, as it was sold then.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "recharges")]
    pub struct Model {
        // The column has the name that earlier releases read.
        #[sea_orm(primary_key, auto_increment = false, column_name = "bill_id")]
        pub id: RechargeId,
        pub account_id: UtilityAccountId,
        pub plan_id: RechargePlanId,
        /// The provider's.
        #[sea_orm(column_type = "Text")]
        pub code: String,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        pub validity_days: i32,
        /// Ours, for the provider and for receipts.
        #[sea_orm(column_type = "Text")]
        pub number: String,
        #[sea_orm(column_type = "Text")]
        pub currency: String,
        /// The price.
        pub amount_minor: i64,
        pub status: RechargeStatus,
        /// As a sentence for the buyer.
        #[sea_orm(column_type = "Text")]
        pub status_reason: Option<String>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
