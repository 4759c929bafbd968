//! Changing what is known about a customer.

use billow_entities::{CustomerId, UserId, customer, user};
use billow_kernel::contact;
use billow_kernel::error::{Problems, Result};
use billow_kernel::events::{CustomerChange, CustomerEventData, EmailChange, Event};
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, Error};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::json;

use super::Customers;

/// What is to change; what is unset stays. A blank e-mail address, mobile number or reference is removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateCustomer {
    /// The full name.
    pub name: Option<String>,
    /// Where messages go, and what the customer signs in with. Takes effect when it is confirmed.
    pub email: Option<String>,
    /// A mobile number with its country code.
    pub mobile: Option<String>,
    /// BCP 47.
    pub locale: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// The number another system knows the customer by; only staff set it.
    pub external_ref: Option<String>,
}

/// An [`UpdateCustomer`] that was checked.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub name: Option<String>,
    pub email: Option<Option<String>>,
    pub mobile: Option<Option<String>>,
    pub locale: Option<String>,
    pub time_zone: Option<String>,
    pub external_ref: Option<Option<String>>,
}

impl UpdateCustomer {
    /// Checks every field; `locale` is the customer's own so far.
    fn checked(&self, locale: &str) -> Result<Change> {
        let locale = self.locale.as_deref().unwrap_or(locale);
        let mut problems = Problems::default();
        let change = Change {
            name: self.name.as_deref().map(|v| contact::name(&mut problems, v)),
            email: self.email.as_deref().map(|v| (!v.trim().is_empty()).then(|| contact::email(&mut problems, "email", v))),
            mobile: self.mobile.as_deref().map(|v| (!v.trim().is_empty()).then(|| contact::mobile(&mut problems, "mobile", v, locale))),
            locale: self.locale.as_deref().map(|v| contact::locale(&mut problems, "locale", v)),
            time_zone: self.time_zone.as_deref().map(|v| contact::time_zone(&mut problems, "timeZone", v)),
            external_ref: self.external_ref.as_deref().map(|v| contact::external_ref(&mut problems, Some(v))),
        };
        problems.finish()?;
        Ok(change)
    }
}

impl Customers {
    /// Changes a customer: oneself, or for staff anybody.
    ///
    /// # Errors
    /// `NotFound` for somebody else; what is wrong with the fields; `EMAIL_TAKEN`; `EXTERNAL_REF_TAKEN`.
    #[tracing::instrument(name = "customers.update", skip_all)]
    pub async fn update_customer(&self, actor: &Actor, id: CustomerId, input: UpdateCustomer) -> Result<customer::Model> {
        if !actor.is_staff() && actor.customer()? != id {
            return Err(Error::NotFound("customer"));
        }
        if !actor.is_staff() && input.external_ref.is_some() {
            return Err(Error::Forbidden);
        }
        let mut tx = self.store.write_tx().await?;
        let customer = customer::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?.ok_or(Error::NotFound("customer"))?;
        let change = input.checked(&customer.locale)?;
        // Messages with links and codes go there.
        if change.email.as_ref().is_some_and(|email| *email != customer.email) {
            self.identity.confirmed_in(&*tx, actor).await?;
        }
        let customer = self.update_in(&mut tx, actor, customer, change).await?;
        tx.commit().await?;
        Ok(customer)
    }

    /// Changes a customer within a transaction; nothing is told where nothing changed.
    pub(crate) async fn update_in(
        &self,
        tx: &mut WriteTx,
        actor: &Actor,
        before: customer::Model,
        change: Change,
    ) -> Result<customer::Model> {
        let id = before.id;
        let mut after = before.clone();
        if let Some(email) = change.email {
            self.readdress(tx, &before, &mut after, email).await?;
        }
        if let Some(external_ref) = change.external_ref.filter(|external_ref| *external_ref != before.external_ref) {
            self.external_ref_is_free(tx, external_ref.as_deref(), Some(id)).await?;
            after.external_ref = external_ref;
        }
        after.name = change.name.unwrap_or(after.name);
        after.mobile = change.mobile.unwrap_or(after.mobile);
        after.locale = change.locale.unwrap_or(after.locale);
        after.time_zone = change.time_zone.unwrap_or(after.time_zone);
        if after == before {
            return Ok(before);
        }
        let fields = changed_fields(&before, &after);
        let mut row = before.into_active_model();
        row.name = Set(after.name);
        row.email = Set(after.email);
        row.email_verified_at = Set(after.email_verified_at);
        row.email_pending = Set(after.email_pending);
        row.mobile = Set(after.mobile);
        row.locale = Set(after.locale);
        row.time_zone = Set(after.time_zone);
        row.external_ref = Set(after.external_ref);
        row.updated_at = Set(self.clock.now());
        let customer = row.update(&**tx).await?;
        self.audit.record(tx, actor, "customer.update", id, Some(id), None, json!({"fields": fields})).await?;
        let fields = fields.into_iter().map(str::to_owned).collect();
        let data = CustomerEventData { change: CustomerChange::Updated, fields: Some(fields) };
        tx.emit(self.events.about(id, &Event::CustomerUpdated(data))?.of_customer(id));
        Ok(customer)
    }

    /// Changes the address. That of somebody who signs in waits until the new one is confirmed; one that was not confirmed
    /// itself is replaced at once.
    async fn readdress(
        &self,
        tx: &mut WriteTx,
        before: &customer::Model,
        after: &mut customer::Model,
        email: Option<String>,
    ) -> Result<()> {
        let user = user::Entity::find().filter(user::Column::CustomerId.eq(before.id)).one(&**tx).await?;
        let Some(user) = user else {
            if email != before.email {
                self.identity.email_is_free(tx, email.as_deref(), Some(before.id)).await?;
                (after.email, after.email_verified_at) = (email, None);
            }
            return Ok(());
        };
        let Some(email) = email else {
            return Err(Error::invalid("REQUIRED", "email", "An account needs an e-mail address to sign in with."));
        };
        let confirmed = before.email_verified_at.is_some();
        if before.email.as_ref() == Some(&email) {
            // Back to what it is: a change that waits is dropped.
            after.email_pending = None;
        } else if confirmed && before.email_pending.as_ref() != Some(&email) {
            after.email_pending = Some(email.clone());
            self.identity.ask_to_confirm(tx, before, email).await?;
            if let Some(old) = &before.email {
                self.identity.tell_old_address(tx, before, old, EmailChange::ChangeRequested).await?;
            }
        } else if !confirmed {
            if user.email_verified_at.is_none() {
                let mut row = user.into_active_model();
                row.email = Set(email.clone());
                row.update(&**tx).await?;
            }
            after.email = Some(email.clone());
            self.identity.ask_to_confirm(tx, before, email).await?;
        }
        Ok(())
    }

    /// Who signs in as this customer, if anybody; for staff.
    ///
    /// # Errors
    /// When somebody other than staff asks.
    pub async fn user_of_customer(&self, actor: &Actor, id: CustomerId) -> Result<Option<UserId>> {
        actor.staff()?;
        Ok(user::Entity::find().filter(user::Column::CustomerId.eq(id)).one(self.store.read()).await?.map(|u| u.id))
    }
}

/// The names of the fields that differ: the trail tells what was changed, and keeps no personal data.
fn changed_fields(before: &customer::Model, after: &customer::Model) -> Vec<&'static str> {
    [
        ("name", before.name != after.name),
        ("email", before.email != after.email || before.email_pending != after.email_pending),
        ("mobile", before.mobile != after.mobile),
        ("locale", before.locale != after.locale),
        ("timeZone", before.time_zone != after.time_zone),
        ("externalRef", before.external_ref != after.external_ref),
    ]
    .into_iter()
    .filter_map(|(field, changed)| changed.then_some(field))
    .collect()
}
