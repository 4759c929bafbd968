//! What the database knows of the keys its secrets are encrypted with.

/// A value by which a key is recognised. The key cannot be found from it.
pub mod key_check {
    use sea_orm::entity::prelude::*;

    /// A value by which a key is recognised.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "key_checks")]
    pub struct Model {
        /// `encryption` or `index`.
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub kind: String,
        /// The number of an encryption key; 0 for the index key.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        #[sea_orm(column_type = "Text")]
        pub value: String,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
