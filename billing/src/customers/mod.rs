//! Customers: they owe and pay. An operator can onboard one who has no sign-in yet, with an invitation to claim it.

pub(crate) mod contact;
mod find;
mod invitations;
mod onboard;
mod update;

use billow_entities::{CustomerId, customer, user};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Statement};

pub use contact::ContactInput;
pub use find::CustomerFilter;
pub use onboard::Onboarded;
pub(crate) use update::Change;
pub use update::UpdateCustomer;

use crate::error::Result;
use crate::store::WriteTx;
use crate::{Billing, Error};

impl Billing {
    /// Fails when the address is another customer's or somebody else's sign-in; holds it until the transaction ends.
    pub(crate) async fn email_is_free(&self, tx: &WriteTx, email: Option<&str>, except: Option<CustomerId>) -> Result<()> {
        let Some(email) = email else { return Ok(()) };
        hold(tx, "email", email).await?;
        let mut customers = customer::Entity::find().filter(customer::Column::Email.eq(email));
        let mut users = user::Entity::find().filter(user::Column::Email.eq(email));
        if let Some(own) = except {
            customers = customers.filter(customer::Column::Id.ne(own));
            users = users.filter(user::Column::CustomerId.is_null().or(user::Column::CustomerId.ne(own)));
        }
        let taken = customers.limit(1).one(&**tx).await?.is_some() || users.limit(1).one(&**tx).await?.is_some();
        if taken { Err(email_taken()) } else { Ok(()) }
    }

    /// Fails when another customer has this number of another system; holds it until the transaction ends.
    pub(crate) async fn external_ref_is_free(&self, tx: &WriteTx, external_ref: Option<&str>, except: Option<CustomerId>) -> Result<()> {
        let Some(external_ref) = external_ref else { return Ok(()) };
        hold(tx, "external_ref", external_ref).await?;
        let found = customer::Entity::find().filter(customer::Column::ExternalRef.eq(external_ref)).one(&**tx).await?;
        match found {
            Some(other) if Some(other.id) != except => {
                Err(Error::invalid("EXTERNAL_REF_TAKEN", "externalRef", "Another customer has this number."))
            }
            _ => Ok(()),
        }
    }

    /// Whether somebody signs in as this customer.
    pub(crate) async fn has_sign_in(&self, db: &impl ConnectionTrait, id: CustomerId) -> Result<bool> {
        Ok(user::Entity::find().filter(user::Column::CustomerId.eq(id)).limit(1).one(db).await?.is_some())
    }
}

/// That an address belongs to somebody already.
pub(crate) fn email_taken() -> Error {
    Error::invalid(
        "EMAIL_TAKEN",
        "email",
        "There is somebody with this e-mail address already. Sign in, or use the link of your invitation.",
    )
}

/// Lets nobody else claim `value` until the transaction ends. SQLite has one writer anyway.
async fn hold(tx: &WriteTx, what: &str, value: &str) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let key = format!("{what}:{value}");
        let statement =
            Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [key.into()]);
        tx.execute_raw(statement).await?;
    }
    Ok(())
}
