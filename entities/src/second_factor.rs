//! Second factors: authenticator apps, passkeys, recovery codes, and the challenges they answer.

/// An authenticator app (TOTP, RFC 6238) of a user.
pub mod totp_factor {
    use sea_orm::entity::prelude::*;

    use crate::UserId;

    /// An authenticator app (TOTP, RFC 6238) of a user.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "totp_factors")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
        /// The shared secret, encrypted.
        pub secret_enc: Vec<u8>,
        pub created_at: DateTimeUtc,
        /// When its first code was given; it counts from then on.
        pub confirmed_at: Option<DateTimeUtc>,
        /// The time step of the last code that was accepted; that code and older ones are refused.
        pub last_step: Option<i64>,
        pub last_used_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A passkey (WebAuthn credential) of a user.
pub mod passkey {
    use sea_orm::entity::prelude::*;

    use crate::{PasskeyId, UserId};

    /// A passkey (WebAuthn credential) of a user.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "passkeys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PasskeyId,
        pub user_id: UserId,
        /// The owner's name for it.
        #[sea_orm(column_type = "Text")]
        pub name: String,
        /// The credential's id, base64url.
        #[sea_orm(column_type = "Text")]
        pub credential_id: String,
        /// The public key and counter.
        #[sea_orm(column_type = "JsonBinary")]
        pub credential: Json,
        pub created_at: DateTimeUtc,
        pub last_used_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A code on paper that replaces a lost second factor once.
pub mod recovery_code {
    use sea_orm::entity::prelude::*;

    use crate::UserId;

    /// A code on paper that replaces a lost second factor once.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "recovery_codes")]
    pub struct Model {
        /// A keyed hash of user and code; the code itself is stored nowhere.
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub code_hash: String,
        pub user_id: UserId,
        pub created_at: DateTimeUtc,
        pub used_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A challenge that waits for its answer.
pub mod identity_challenge {
    use sea_orm::entity::prelude::*;

    use crate::{ChallengePurpose, SessionId, SessionKind, UserId};

    /// A challenge that waits for its answer.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_challenges")]
    pub struct Model {
        /// Hex SHA-256 of the token; the token itself is stored nowhere.
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub token_hash: String,
        pub purpose: ChallengePurpose,
        /// Who must answer; unset where a passkey tells.
        pub user_id: Option<UserId>,
        /// The session that asked for it, where one did.
        pub session_id: Option<SessionId>,
        /// How the session that it leads to will present itself.
        pub kind: Option<SessionKind>,
        /// A keyed hash of the browser or app that asked for it.
        #[sea_orm(column_type = "Text")]
        pub agent_hash: String,
        /// What the library needs to check a passkey's answer, encrypted.
        pub state_enc: Option<Vec<u8>>,
        /// Wrong answers so far.
        pub tries: i32,
        pub created_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
