//! The event log, its relay and its consumers.

/// Something that happened, written with the change it tells of.
pub mod event {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, EventId, PropertyId};

    /// Something that happened, written with the change it tells of.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "events")]
    pub struct Model {
        /// Order of writing; may have gaps.
        #[sea_orm(primary_key)]
        pub seq: i64,
        pub id: EventId,
        /// Order of telling; gap-free, given by the relay.
        pub position: Option<i64>,
        /// Such as `bill.received`.
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        pub occurred_at: DateTimeUtc,
        pub customer_id: Option<CustomerId>,
        /// When set, the whole household is told.
        pub property_id: Option<PropertyId>,
        /// The text id of what it is about.
        #[sea_orm(column_type = "Text")]
        pub subject: String,
        #[sea_orm(column_type = "JsonBinary")]
        pub data: Json,
        #[sea_orm(column_type = "Text")]
        pub trace_id: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The last position given.
pub mod relay_state {
    use sea_orm::entity::prelude::*;

    /// The last position given.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "relay_state")]
    pub struct Model {
        /// Always 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub position: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who does what only one may do.
pub mod lease {
    use sea_orm::entity::prelude::*;

    /// Who does what only one may do.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "leases")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub holder: String,
        pub fence: i64,
        pub until: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How far a consumer of the event log has come.
pub mod consumer {
    use sea_orm::entity::prelude::*;

    /// How far a consumer of the event log has come.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "consumers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub name: String,
        pub position: i64,
        /// Failed tries at the next event.
        pub failures: i32,
        pub next_try_at: Option<DateTimeUtc>,
        #[sea_orm(column_type = "Text")]
        pub last_error: Option<String>,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An event that a consumer could not digest.
pub mod dead_letter {
    use sea_orm::entity::prelude::*;

    use crate::{DeadLetterId, EventId};

    /// An event that a consumer could not digest.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "dead_letters")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DeadLetterId,
        #[sea_orm(column_type = "Text")]
        pub consumer: String,
        pub event_id: EventId,
        pub position: i64,
        #[sea_orm(column_type = "Text")]
        pub error: String,
        pub attempts: i32,
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

/// An event that waits because a consumer could not digest it yet, or because another one of its lane waits.
pub mod held_event {
    use sea_orm::entity::prelude::*;

    use crate::EventId;

    /// An event that waits because a consumer could not digest it yet, or because another one of its lane waits.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "held_events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub consumer: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub event_id: EventId,
        /// Whose event it is: the text id of a customer or a home, else what the event is about.
        #[sea_orm(column_type = "Text")]
        pub lane: String,
        /// Failed tries; none for an event that only waits for the one before it.
        pub attempts: i32,
        pub next_try_at: DateTimeUtc,
        #[sea_orm(column_type = "Text")]
        pub last_error: Option<String>,
        pub held_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
