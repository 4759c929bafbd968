//! Messages, their deliveries, and reminders to come.

/// A message to a customer or to a member of staff.
pub mod notification {
    use sea_orm::entity::prelude::*;

    use crate::{BillId, CustomerId, NotificationId, NotificationKind, UserId, UtilityAccountId};

    /// A message to a customer or to a member of staff.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "notifications")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: NotificationId,
        pub customer_id: Option<CustomerId>,
        /// For staff.
        pub user_id: Option<UserId>,
        pub kind: NotificationKind,
        /// The same thing is told once.
        #[sea_orm(column_type = "Text")]
        pub dedupe_key: String,
        #[sea_orm(column_type = "Text")]
        pub title: String,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        /// A path in the web app.
        #[sea_orm(column_type = "Text")]
        pub link: Option<String>,
        pub bill_id: Option<BillId>,
        pub account_id: Option<UtilityAccountId>,
        /// What templates need.
        #[sea_orm(column_type = "JsonBinary")]
        pub data: Json,
        pub created_at: DateTimeUtc,
        pub read_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A message on its way over one channel to one target.
pub mod delivery {
    use sea_orm::entity::prelude::*;

    use crate::{Channel, DeliveryId, DeliveryStatus, NotificationId};

    /// A message on its way over one channel to one target.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "deliveries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DeliveryId,
        pub notification_id: NotificationId,
        pub channel: Channel,
        /// A push subscription's id, or `-` for the address on file.
        #[sea_orm(column_type = "Text")]
        pub target: String,
        pub status: DeliveryStatus,
        pub attempts: i32,
        pub due_at: DateTimeUtc,
        pub lease_until: Option<DateTimeUtc>,
        pub fence: i64,
        pub sent_at: Option<DateTimeUtc>,
        #[sea_orm(column_type = "Text")]
        pub last_error: Option<String>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A browser that takes pushes.
pub mod push_subscription {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, PushSubscriptionId, UserId};

    /// A browser that takes pushes.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "push_subscriptions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PushSubscriptionId,
        pub user_id: UserId,
        pub customer_id: Option<CustomerId>,
        pub endpoint_enc: Vec<u8>,
        /// Keyed blind index.
        #[sea_orm(column_type = "Text")]
        pub endpoint_index: String,
        /// Base64url, as the browser gave it.
        #[sea_orm(column_type = "Text")]
        pub p256dh: String,
        pub auth_enc: Vec<u8>,
        /// Which device, in words.
        #[sea_orm(column_type = "Text")]
        pub label: String,
        pub created_at: DateTimeUtc,
        pub last_ok_at: Option<DateTimeUtc>,
        pub disabled_at: Option<DateTimeUtc>,
        #[sea_orm(column_type = "Text")]
        pub disabled_reason: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How a customer wants to be told.
pub mod preference {
    use sea_orm::entity::prelude::*;

    use crate::CustomerId;

    /// How a customer wants to be told.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "preferences")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub customer_id: CustomerId,
        /// `Preferences` of billow-billing.
        #[sea_orm(column_type = "JsonBinary")]
        pub data: Json,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The next reminder for one customer about one thing.
pub mod reminder {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, ReminderSubject};

    /// The next reminder for one customer about one thing.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "reminders")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub customer_id: CustomerId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject_kind: ReminderSubject,
        /// A bill or an account.
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject_id: Uuid,
        /// The due date or the plan's last day.
        pub anchor: Date,
        /// Days before (negative) or after the anchor.
        pub step_days: i32,
        pub due_at: DateTimeUtc,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
