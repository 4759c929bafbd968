//! Onboarding by an operator.

use billow_entities::{CustomerId, UserId, customer, invitation};
use billow_kernel::Actor;
use billow_kernel::contact::Contact;
use billow_kernel::error::Result;
use billow_kernel::events::{CustomerChange, CustomerEventData, Event};
use billow_kernel::store::WriteTx;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use secrecy::SecretString;
use serde_json::json;

use super::ContactInput;
use super::Customers;

/// A customer with their invitation.
#[derive(Clone, Debug)]
pub struct Onboarded {
    /// The customer.
    pub customer: customer::Model,
    /// The invitation to claim them.
    pub invitation: invitation::Model,
    /// Its link, a secret: whoever has it becomes the customer.
    pub link: SecretString,
}

impl Customers {
    /// Makes a customer who has no sign-in yet, and invites them by mail where an address is known.
    ///
    /// # Errors
    /// When somebody other than staff asks; what is wrong with the fields; `EMAIL_TAKEN`; `EXTERNAL_REF_TAKEN`.
    #[tracing::instrument(name = "customers.onboard", skip_all)]
    pub async fn onboard_customer(&self, actor: &Actor, input: ContactInput) -> Result<Onboarded> {
        actor.staff()?;
        let contact = input.checked()?;
        let mut tx = self.store.write_tx().await?;
        let onboarded = self.onboard_in(&mut tx, actor, actor.user().ok(), contact).await?;
        tx.commit().await?;
        Ok(onboarded)
    }

    /// Onboards within a transaction.
    pub(crate) async fn onboard_in(&self, tx: &mut WriteTx, actor: &Actor, by: Option<UserId>, contact: Contact) -> Result<Onboarded> {
        self.identity.email_is_free(tx, contact.email.as_deref(), None).await?;
        self.external_ref_is_free(tx, contact.external_ref.as_deref(), None).await?;
        let now = self.clock.now();
        let row = customer::ActiveModel {
            id: Set(CustomerId(self.ids.next())),
            name: Set(contact.name),
            email: Set(contact.email),
            // Proved when the invitation that is mailed there is accepted.
            email_verified_at: Set(None),
            email_pending: Set(None),
            mobile: Set(contact.mobile),
            locale: Set(contact.locale),
            time_zone: Set(contact.time_zone),
            external_ref: Set(contact.external_ref),
            created_by: Set(by),
            created_at: Set(now),
            updated_at: Set(now),
        };
        let customer = row.insert(&**tx).await?;
        self.audit.record(tx, actor, "customer.onboard", customer.id, Some(customer.id), None, json!({})).await?;
        let data = CustomerEventData { change: CustomerChange::Onboarded, fields: None };
        tx.emit(self.events.about(customer.id, &Event::CustomerUpdated(data))?.of_customer(customer.id));
        let invitation = self.invite_in(tx, by, &customer).await?;
        let link = self.invitation_link(invitation.id);
        Ok(Onboarded { customer, invitation, link })
    }
}
