//! Who signs in, who owes, and what proves it.

/// Somebody who owes and pays; may have no sign-in yet.
pub mod customer {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, UserId};

    /// Somebody who owes and pays; may have no sign-in yet.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "customers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CustomerId,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        /// Lower case.
        #[sea_orm(column_type = "Text")]
        pub email: Option<String>,
        /// When the person proved that `email` is theirs; nothing but invitations and confirmations goes there before.
        pub email_verified_at: Option<DateTimeUtc>,
        /// The address that takes the place of `email` once it is confirmed.
        #[sea_orm(column_type = "Text")]
        pub email_pending: Option<String>,
        /// E.164.
        #[sea_orm(column_type = "Text")]
        pub mobile: Option<String>,
        /// BCP 47, such as `de-DE`.
        #[sea_orm(column_type = "Text")]
        pub locale: String,
        /// IANA name.
        #[sea_orm(column_type = "Text")]
        pub time_zone: String,
        /// The number another system knows this customer by.
        #[sea_orm(column_type = "Text")]
        pub external_ref: Option<String>,
        /// The operator who onboarded.
        pub created_by: Option<UserId>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Somebody who signs in.
pub mod user {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, Role, UserId};

    /// Somebody who signs in.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: UserId,
        /// Lower case; unique among those that are verified.
        #[sea_orm(column_type = "Text")]
        pub email: String,
        /// When the person proved that the address is theirs.
        pub email_verified_at: Option<DateTimeUtc>,
        /// An Argon2id PHC string.
        #[sea_orm(column_type = "Text")]
        pub password_hash: String,
        pub role: Role,
        /// Set for customers, unset for staff.
        pub customer_id: Option<CustomerId>,
        pub disabled_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A sign-in that is in force on one device.
pub mod session {
    use sea_orm::entity::prelude::*;

    use crate::{SessionId, SessionKind, SignInMethod, UserId};

    /// A sign-in that is in force on one device.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SessionId,
        pub user_id: UserId,
        pub kind: SessionKind,
        /// Hex SHA-256 of the token; the token itself is stored nowhere.
        #[sea_orm(column_type = "Text")]
        pub token_hash: String,
        #[sea_orm(column_type = "Text")]
        pub user_agent: Option<String>,
        pub created_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub last_seen_at: DateTimeUtc,
        pub revoked_at: Option<DateTimeUtc>,
        /// When its user last proved who they are: at sign-in, or when asked again.
        pub confirmed_at: Option<DateTimeUtc>,
        pub signed_in_with: SignInMethod,
        /// The IP address it started from.
        #[sea_orm(column_type = "Text")]
        pub address: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A program with an API key.
pub mod api_client {
    use sea_orm::entity::prelude::*;

    use crate::{ApiClientId, ProviderId, UserId};

    /// A program with an API key.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "api_clients")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ApiClientId,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        /// Hex SHA-256 of the key.
        #[sea_orm(column_type = "Text")]
        pub key_hash: String,
        /// The last four characters.
        #[sea_orm(column_type = "Text")]
        pub key_hint: String,
        /// A list of scopes.
        #[sea_orm(column_type = "JsonBinary")]
        pub scopes: Json,
        /// For `bills:push`: the one provider whose bills it may post.
        pub provider_id: Option<ProviderId>,
        pub created_by: Option<UserId>,
        pub created_at: DateTimeUtc,
        pub last_used_at: Option<DateTimeUtc>,
        pub revoked_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The invitation to claim an onboarded customer.
pub mod invitation {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, InvitationId, UserId};

    /// The invitation to claim an onboarded customer.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "invitations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: InvitationId,
        pub customer_id: CustomerId,
        /// Hex SHA-256 of the token.
        #[sea_orm(column_type = "Text")]
        pub token_hash: String,
        pub created_by: Option<UserId>,
        pub created_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub claimed_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A link that was mailed and works once: for a new password, or to confirm an address.
pub mod one_time_link {
    use sea_orm::entity::prelude::*;

    use crate::{CustomerId, LinkPurpose, OneTimeLinkId, UserId};

    /// A link that was mailed and works once: for a new password, or to confirm an address.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "one_time_links")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: OneTimeLinkId,
        pub purpose: LinkPurpose,
        /// The address it is mailed to, lower case.
        #[sea_orm(column_type = "Text")]
        pub email: String,
        /// Whose sign-in; found in the background for a requested reset.
        pub user_id: Option<UserId>,
        pub customer_id: Option<CustomerId>,
        /// Hex SHA-256 of the token.
        #[sea_orm(column_type = "Text")]
        pub token_hash: String,
        /// The member of staff who sent it.
        pub created_by: Option<UserId>,
        pub created_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub used_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How often somebody guessed lately, per account and per address.
pub mod sign_in_guard {
    use sea_orm::entity::prelude::*;

    /// How often somebody guessed lately, per account and per address.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in_guards")]
    pub struct Model {
        /// `email:…` or `addr:…`, hashed.
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub key: String,
        pub failures: i32,
        pub window_started_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
