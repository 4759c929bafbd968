//! Whose an e-mail address is, when somebody is about to get it.

use billow_entities::{CustomerId, customer, user};
use billow_kernel::Error;
use billow_kernel::error::{Result, UserError};
use billow_kernel::store::WriteTx;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, Statement};

use super::Holder;
use super::Identity;

impl Identity {
    /// For staff: fails when somebody confirmed the address, or another onboarded customer has it; holds it until the
    /// transaction ends. A claim that nobody confirmed is in nobody's way.
    pub(crate) async fn email_is_free(&self, tx: &WriteTx, email: Option<&str>, except: Option<CustomerId>) -> Result<()> {
        let Some(email) = email else { return Ok(()) };
        hold(tx, "email", email).await?;
        match self.holder_of(&**tx, email, except).await? {
            Some(Holder::Customer(customer)) => return Err(known_customer(&customer)),
            Some(Holder::User(user)) => {
                let customer = match user.customer_id {
                    Some(id) => customer::Entity::find_by_id(id).one(&**tx).await?,
                    None => None,
                };
                return Err(customer.map_or_else(|| known_user(&user), |customer| known_customer(&customer)));
            }
            None => {}
        }
        match self.customer_by_email(tx, email).await? {
            Some(customer) if Some(customer.id) != except => Err(known_customer(&customer)),
            _ => Ok(()),
        }
    }

    /// For staff: the customer who has an address, by having confirmed it or by having been onboarded with it. A claim that
    /// nobody confirmed names nobody.
    pub(crate) async fn customer_by_email(&self, tx: &WriteTx, email: &str) -> Result<Option<customer::Model>> {
        let found =
            customer::Entity::find().filter(customer::Column::Email.eq(email)).lock_exclusive().limit(MAX_CLAIMS).all(&**tx).await?;
        if let Some(confirmed) = found.iter().find(|c| c.email_verified_at.is_some()) {
            return Ok(Some(confirmed.clone()));
        }
        for customer in found {
            if !self.has_sign_in(&**tx, customer.id).await? {
                return Ok(Some(customer));
            }
        }
        Ok(None)
    }

    /// Whether somebody signs in as this customer.
    pub async fn has_sign_in(&self, db: &impl ConnectionTrait, id: CustomerId) -> Result<bool> {
        Ok(user::Entity::find().filter(user::Column::CustomerId.eq(id)).limit(1).one(db).await?.is_some())
    }
}

/// Customers with one address that are looked at.
const MAX_CLAIMS: u64 = 50;

/// For the person who opened a mailed link: another account has confirmed the address.
pub(crate) fn email_taken() -> Error {
    Error::invalid("EMAIL_TAKEN", "email", "Another account uses this e-mail address already. Sign in with it.")
}

/// For staff: which customer has the address.
fn known_customer(customer: &customer::Model) -> Error {
    let message = format!("A customer with this e-mail address exists already: {} ({}).", customer.name, customer.id);
    Error::Invalid(vec![UserError::new("EMAIL_TAKEN", "email", message).about(customer.id)])
}

/// For staff: who signs in with the address.
fn known_user(user: &user::Model) -> Error {
    let message = format!("A member of staff ({}) signs in with this e-mail address already.", user.role);
    Error::Invalid(vec![UserError::new("EMAIL_TAKEN", "email", message).about(user.id)])
}

/// Lets nobody else claim `value` until the transaction ends. SQLite has one writer anyway.
pub(crate) async fn hold(tx: &WriteTx, what: &str, value: &str) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let key = format!("{what}:{value}");
        let statement =
            Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [key.into()]);
        tx.execute_raw(statement).await?;
    }
    Ok(())
}
