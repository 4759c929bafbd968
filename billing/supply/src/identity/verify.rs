//! Proving that an e-mail address is one's own.
//!
//! An address belongs to the person who opened the link that was mailed there. Until then it blocks nobody: others may
//! claim it too, and nothing goes there but that link. A change takes effect when the new address is confirmed; a notice
//! with a link to undo it goes to the one before.

use std::net::IpAddr;

use billow_entities::{CustomerId, LinkPurpose, customer, one_time_link, user};
use billow_kernel::error::Result;
use billow_kernel::events::{CustomerChange, CustomerEventData, EmailChange, EmailChangedData, Event, NoData};
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, Error};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use secrecy::SecretString;
use serde_json::json;

use super::Budget;
use super::Identity;
use super::addresses::hold;
use super::links::{NewLink, link_invalid};

/// Who confirmed an address.
#[derive(Clone, Debug, PartialEq)]
pub enum Holder {
    User(user::Model),
    Customer(customer::Model),
}

impl Identity {
    /// Confirms an address with the token of a mailed link: it is the customer's from now on, to sign in with and for messages.
    ///
    /// # Errors
    /// `LINK_INVALID`; `EMAIL_TAKEN` when somebody else confirmed it first; `TooMany` when the budget for forged links
    /// is used up.
    #[tracing::instrument(name = "identity.confirm_email", skip_all)]
    pub async fn confirm_email(&self, token: &SecretString, caller: Option<IpAddr>) -> Result<customer::Model> {
        let attempt = self.spend(Budget::ForgedLinks, None, caller).await?;
        let mut tx = self.store.write_tx().await?;
        let link = self.link_of(&*tx, LinkPurpose::ConfirmEmail, token).await?;
        let customer = customer_of(&tx, &link).await?;
        let unconfirmed = customer.email_verified_at.is_none() && customer.email.as_deref() == Some(link.email.as_str());
        if !unconfirmed && customer.email_pending.as_deref() != Some(link.email.as_str()) {
            return Err(link_invalid());
        }
        hold(&tx, "email", &link.email).await?;
        if self.holder_of(&*tx, &link.email, Some(customer.id)).await?.is_some() {
            return Err(super::addresses::email_taken());
        }
        self.spend_link(&tx, link.id).await?;
        self.unspend(&tx, attempt).await?;
        let before = customer.clone();
        let customer = self.give_address(&mut tx, customer, link.email).await?;
        if let (Some(old), Some(_)) = (&before.email, before.email_verified_at)
            && !unconfirmed
        {
            self.tell_old_address(&mut tx, &customer, old, EmailChange::Changed).await?;
        }
        self.audit
            .record(&tx, &Actor::Anonymous, "customer.confirm_email", customer.id, Some(customer.id), None, json!({"link_id": link.id}))
            .await?;
        tx.commit().await?;
        Ok(customer)
    }

    /// Mails the link to confirm one's address once more; the one before stops working.
    ///
    /// # Errors
    /// `NOTHING_TO_CONFIRM`; `TooMany` when the budget for mailed links is used up.
    #[tracing::instrument(name = "identity.resend_email_confirmation", skip_all)]
    pub async fn resend_email_confirmation(&self, actor: &Actor) -> Result<customer::Model> {
        let id = actor.customer()?;
        let _counted = self.spend(Budget::MailedLinks, Some(&format!("confirm:{id}")), None).await?;
        let mut tx = self.store.write_tx().await?;
        let customer = customer::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?.ok_or(Error::NotFound("customer"))?;
        let unconfirmed = customer.email.clone().filter(|_| customer.email_verified_at.is_none());
        let Some(email) = customer.email_pending.clone().or(unconfirmed) else {
            return Err(Error::invalid("NOTHING_TO_CONFIRM", "", "Your e-mail address is confirmed."));
        };
        self.ask_to_confirm(&mut tx, &customer, email).await?;
        tx.commit().await?;
        Ok(customer)
    }

    /// Takes back a change of address with the token of the link in the notice to the address before it. Every device is
    /// signed out, and a link to set a new password goes to that address.
    ///
    /// # Errors
    /// `LINK_INVALID`; `EMAIL_TAKEN` when somebody else confirmed the address meanwhile.
    #[tracing::instrument(name = "identity.undo_email_change", skip_all)]
    pub async fn undo_email_change(&self, token: &SecretString, caller: Option<IpAddr>) -> Result<customer::Model> {
        let attempt = self.spend(Budget::ForgedLinks, None, caller).await?;
        let mut tx = self.store.write_tx().await?;
        let link = self.link_of(&*tx, LinkPurpose::UndoEmailChange, token).await?;
        let customer = customer_of(&tx, &link).await?;
        hold(&tx, "email", &link.email).await?;
        if self.holder_of(&*tx, &link.email, Some(customer.id)).await?.is_some() {
            return Err(super::addresses::email_taken());
        }
        self.spend_link(&tx, link.id).await?;
        self.unspend(&tx, attempt).await?;
        let customer = self.give_address(&mut tx, customer, link.email.clone()).await?;
        if let Some(user) = user::Entity::find().filter(user::Column::CustomerId.eq(customer.id)).one(&*tx).await? {
            self.end_all_sessions(&mut tx, &user, None).await?;
            let new = NewLink {
                purpose: LinkPurpose::PasswordReset,
                email: link.email,
                user_id: Some(user.id),
                customer_id: None,
                created_by: None,
            };
            let reset = self.make_link(&tx, new).await?;
            tx.emit(self.events.about(reset.id, &Event::PasswordResetRequested(NoData {}))?);
        }
        self.audit
            .record(&tx, &Actor::Anonymous, "customer.undo_email_change", customer.id, Some(customer.id), None, json!({"link_id": link.id}))
            .await?;
        tx.commit().await?;
        Ok(customer)
    }

    /// Counts a customer's address as confirmed without a mail, for Billow itself: people of the demo have no mailbox.
    ///
    /// # Errors
    /// When anybody else asks; `NotFound` when there is no such customer, or one without an address; `EMAIL_TAKEN`.
    pub async fn vouch_for_email(&self, actor: &Actor, id: CustomerId) -> Result<customer::Model> {
        if *actor != Actor::System {
            return Err(Error::Forbidden);
        }
        let mut tx = self.store.write_tx().await?;
        let customer = customer::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?.ok_or(Error::NotFound("customer"))?;
        let email = customer.email.clone().ok_or(Error::NotFound("customer"))?;
        hold(&tx, "email", &email).await?;
        if self.holder_of(&*tx, &email, Some(id)).await?.is_some() {
            return Err(super::addresses::email_taken());
        }
        let customer = self.give_address(&mut tx, customer, email).await?;
        self.audit.record(&tx, actor, "customer.vouch_for_email", id, Some(id), None, json!({})).await?;
        tx.commit().await?;
        Ok(customer)
    }

    /// Has a link to confirm `email` mailed there.
    pub(crate) async fn ask_to_confirm(&self, tx: &mut WriteTx, customer: &customer::Model, email: String) -> Result<()> {
        let new = NewLink { purpose: LinkPurpose::ConfirmEmail, email, user_id: None, customer_id: Some(customer.id), created_by: None };
        let link = self.make_link(tx, new).await?;
        tx.emit(self.events.about(link.id, &Event::EmailConfirmationRequested(NoData {}))?.of_customer(customer.id));
        Ok(())
    }

    /// Has the owner of an address told that it was changed, or is about to be, with a link to undo that.
    pub(crate) async fn tell_old_address(&self, tx: &mut WriteTx, customer: &customer::Model, old: &str, what: EmailChange) -> Result<()> {
        let purpose = LinkPurpose::UndoEmailChange;
        let new = NewLink { purpose, email: old.to_owned(), user_id: None, customer_id: Some(customer.id), created_by: None };
        let link = self.make_link(tx, new).await?;
        tx.emit(self.events.about(link.id, &Event::EmailChanged(EmailChangedData { what }))?.of_customer(customer.id));
        Ok(())
    }

    /// Who else confirmed this address.
    pub async fn holder_of(&self, db: &impl ConnectionTrait, email: &str, except: Option<CustomerId>) -> Result<Option<Holder>> {
        let users = user::Entity::find().filter(user::Column::Email.eq(email)).filter(user::Column::EmailVerifiedAt.is_not_null());
        if let Some(user) = users.one(db).await?.filter(|u| except.is_none() || u.customer_id != except) {
            return Ok(Some(Holder::User(user)));
        }
        let customers =
            customer::Entity::find().filter(customer::Column::Email.eq(email)).filter(customer::Column::EmailVerifiedAt.is_not_null());
        let found = customers.limit(10).all(db).await?.into_iter().find(|c| Some(c.id) != except);
        Ok(found.map(Holder::Customer))
    }

    /// Confirms the address a user signs in with, where nobody else has confirmed it: something mailed there came back.
    pub(super) async fn prove_address(&self, tx: &WriteTx, user: &user::Model) -> Result<()> {
        let Some(id) = user.customer_id.filter(|_| user.email_verified_at.is_none()) else { return Ok(()) };
        hold(tx, "email", &user.email).await?;
        if self.holder_of(&**tx, &user.email, Some(id)).await?.is_some() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut row = user.clone().into_active_model();
        row.email_verified_at = Set(Some(now));
        row.update(&**tx).await?;
        let customer = customer::Entity::find_by_id(id).one(&**tx).await?;
        if let Some(customer) = customer.filter(|c| c.email_verified_at.is_none() && c.email.as_deref() == Some(user.email.as_str())) {
            let mut row = customer.into_active_model();
            row.email_verified_at = Set(Some(now));
            row.update(&**tx).await?;
        }
        Ok(())
    }

    /// Makes `email` the confirmed address of a customer and of their sign-in. Other changes that wait are dropped, and links
    /// that went to another address stop working.
    async fn give_address(&self, tx: &mut WriteTx, customer: customer::Model, email: String) -> Result<customer::Model> {
        let (id, now) = (customer.id, self.clock.now());
        let mut row = customer.into_active_model();
        row.email = Set(Some(email.clone()));
        row.email_verified_at = Set(Some(now));
        row.email_pending = Set(None);
        row.updated_at = Set(now);
        let customer = row.update(&**tx).await?;
        if let Some(user) = user::Entity::find().filter(user::Column::CustomerId.eq(id)).lock_exclusive().one(&**tx).await? {
            let of_user =
                Condition::all().add(one_time_link::Column::UserId.eq(user.id)).add(one_time_link::Column::Email.ne(email.as_str()));
            self.void_links(tx, LinkPurpose::PasswordReset, of_user, None).await?;
            let mut row = user.into_active_model();
            row.email = Set(email);
            row.email_verified_at = Set(Some(now));
            row.update(&**tx).await.map_err(super::sign_up::email_taken)?;
        }
        self.void_links(tx, LinkPurpose::ConfirmEmail, Condition::all(), Some(id)).await?;
        let data = CustomerEventData { change: CustomerChange::ConfirmedEmail, fields: Some(vec!["email".into()]) };
        tx.emit(self.events.about(id, &Event::CustomerUpdated(data))?.of_customer(id));
        Ok(customer)
    }
}

async fn customer_of(tx: &WriteTx, link: &one_time_link::Model) -> Result<customer::Model> {
    let Some(id) = link.customer_id else { return Err(link_invalid()) };
    customer::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?.ok_or_else(link_invalid)
}
