//! What was bought for prepaid accounts.

/// The plan behind a bill that Billow made for a prepaid account, as it was when it was bought.
pub mod recharge {
    use sea_orm::entity::prelude::*;

    use crate::{BillId, RechargePlanId, UtilityAccountId};

    /// The plan behind a bill that Billow made for a prepaid account, as it was when it was bought.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "recharges")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub bill_id: BillId,
        pub account_id: UtilityAccountId,
        pub plan_id: RechargePlanId,
        /// The provider's.
        #[sea_orm(column_type = "Text")]
        pub code: String,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        pub validity_days: i32,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
