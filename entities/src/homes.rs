//! Homes and their households.

/// An apartment or other premises that groups utility accounts.
pub mod property {
    use sea_orm::entity::prelude::*;

    use crate::PropertyId;

    /// An apartment or other premises that groups utility accounts.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "properties")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PropertyId,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub address: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub city: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub postal_code: Option<String>,
        /// ISO 3166-1 alpha-2.
        #[sea_orm(column_type = "Text")]
        pub country: Option<String>,
        /// IANA name.
        #[sea_orm(column_type = "Text")]
        pub time_zone: String,
        pub created_at: DateTimeUtc,
        pub archived_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A customer's part in a home.
pub mod property_member {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, PropertyId, PropertyRole};

    /// A customer's part in a home.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "property_members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub property_id: PropertyId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub customer_id: CustomerId,
        pub role: PropertyRole,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An invitation to join a household, for the person with an address.
pub mod property_invitation {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, PropertyId, PropertyInvitationId, PropertyInvitationStatus, PropertyRole, UserId};

    /// An invitation to join a household, for the person with an address.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "property_invitations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PropertyInvitationId,
        pub property_id: PropertyId,
        /// Lower case. The person who confirmed this address may accept.
        #[sea_orm(column_type = "Text")]
        pub email: String,
        pub role: PropertyRole,
        pub status: PropertyInvitationStatus,
        /// The owner who invited; unset for staff.
        pub invited_by: Option<CustomerId>,
        /// The member of staff who invited.
        pub created_by: Option<UserId>,
        /// The member it became.
        pub accepted_by: Option<CustomerId>,
        pub created_at: DateTimeUtc,
        pub sent_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub answered_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
