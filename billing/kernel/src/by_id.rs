//! Many rows at once by their ids, for whoever shows things that name each other.
//!
//! What belongs to a visible thing is visible with it, so nobody is asked who they are here: only Billow itself may, on
//! behalf of somebody who holds the ids from what they see.

/// Gives a service a method that reads many rows of a table by their ids.
#[macro_export]
macro_rules! by_id {
    ($($(#[$doc:meta])* $service:ident.$name:ident: $id:ty => $table:ident;)*) => {$(
        impl $service {
            $(#[$doc])*
            ///
            /// # Errors
            /// For everybody but Billow itself.
            pub async fn $name(
                &self,
                actor: &$crate::Actor,
                ids: &[$id],
            ) -> $crate::Result<std::collections::HashMap<$id, $table::Model>> {
                use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
                actor.system()?;
                let rows = $table::Entity::find().filter($table::Column::Id.is_in(ids.iter().copied())).all(self.store.read()).await?;
                Ok(rows.into_iter().map(|row| (row.id, row)).collect())
            }
        }
    )*};
}
