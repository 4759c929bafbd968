//! Signing up: a new customer, or one whom an operator onboarded and invited.

use billow_entities::{CustomerId, Role, SignInMethod, UserId, customer, invitation, user};
use billow_kernel::contact::ContactInput;
use billow_kernel::contact::{self, Contact};
use billow_kernel::error::{Problems, Result, violates};
use billow_kernel::events::{CustomerChange, CustomerEventData, Event};
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, Error, sha256_hex};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::Identity;
use super::addresses::hold;
use super::{Budget, Device, SignedIn};

/// Who wants to sign up.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// The e-mail address to sign in with, and to be told under.
    pub email: String,
    /// The password.
    pub password: SecretString,
    /// The full name.
    pub name: String,
    /// A mobile number with its country code.
    pub mobile: Option<String>,
    /// BCP 47.
    pub locale: String,
    /// IANA name.
    pub time_zone: String,
    /// From the link of an invitation: claims the customer it was made for.
    pub invitation_token: Option<SecretString>,
    /// On which device.
    pub device: Device,
}

/// Whom an invitation was made for, to fill in the form.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The invitation.
    pub invitation: invitation::Model,
    /// The customer.
    pub customer: customer::Model,
}

impl Identity {
    /// Makes a customer who can sign in, and signs them in. Whether somebody else has the address is not told: it is theirs
    /// once they confirm it by the link that is mailed there.
    ///
    /// # Errors
    /// What is wrong with the fields; `SIGN_UP_CLOSED`; `INVITATION_INVALID`.
    #[tracing::instrument(name = "identity.sign_up", skip_all)]
    pub async fn sign_up(&self, actor: &Actor, input: SignUp) -> Result<SignedIn> {
        let mut problems = Problems::default();
        let form = ContactInput {
            name: input.name,
            email: None,
            mobile: input.mobile,
            locale: input.locale,
            time_zone: input.time_zone,
            external_ref: None,
        };
        let mut contact = form.check(&mut problems);
        let email = contact::email(&mut problems, "email", &input.email);
        self.check_password(&mut problems, "password", &input.password, &email, &contact.name);
        problems.finish()?;
        if input.invitation_token.is_none() && !self.settings.sign_up_open {
            return Err(Error::invalid("SIGN_UP_CLOSED", "", "New accounts are made by invitation only. Ask for one."));
        }
        contact.email = Some(email.clone());
        // Counted whatever comes of it: a customer costs, and each sign-up mails a link.
        let _kept = self.spend(Budget::SignUps, None, input.device.address).await?;
        let mut salt = [0u8; 16];
        self.entropy.fill(&mut salt);
        let password_hash = self.passwords.hash(input.password, salt).await?;

        let mut tx = self.store.write_tx().await?;
        let (customer, change) = match &input.invitation_token {
            Some(token) => (self.claim(&tx, token, contact).await?, CustomerChange::Claimed),
            None => (self.newcomer(&tx, contact).await?, CustomerChange::SignedUp),
        };
        let row = user::ActiveModel {
            id: Set(UserId(self.ids.next())),
            email: Set(email.clone()),
            email_verified_at: Set(customer.email_verified_at),
            password_hash: Set(password_hash),
            role: Set(Role::Customer),
            customer_id: Set(Some(customer.id)),
            disabled_at: Set(None),
            created_at: Set(self.clock.now()),
        };
        let user = row.insert(&*tx).await.map_err(email_taken)?;
        self.replace_cookie(&mut tx, actor, &input.device).await?;
        let (session, token) = self.open_session(&mut tx, &user, &input.device, SignInMethod::Password).await?;
        let actor = Actor::User { user_id: user.id, role: user.role, customer_id: user.customer_id, session_id: session.id };
        self.audit.record(&tx, &actor, change.as_str(), customer.id, Some(customer.id), None, json!({})).await?;
        let data = CustomerEventData { change, fields: None };
        tx.emit(self.events.about(customer.id, &Event::CustomerUpdated(data))?.of_customer(customer.id));
        if customer.email_verified_at.is_none() {
            self.ask_to_confirm(&mut tx, &customer, email).await?;
        }
        tx.commit().await?;
        Ok(SignedIn { token, session, user, customer: Some(customer), must_enrol: false })
    }

    /// Whom the invitation with this token was made for, to fill in the form.
    ///
    /// # Errors
    /// `INVITATION_INVALID` when it is unknown, over, or was used.
    pub async fn invited(&self, _actor: &Actor, token: &SecretString) -> Result<Invited> {
        let invitation = invitation::Entity::find()
            .filter(invitation::Column::TokenHash.eq(sha256_hex(token.expose_secret())))
            .one(self.store.primary())
            .await?
            .filter(|i| i.claimed_at.is_none() && i.expires_at > self.clock.now())
            .ok_or_else(not_invited)?;
        let customer = customer::Entity::find_by_id(invitation.customer_id).one(self.store.primary()).await?.ok_or_else(not_invited)?;
        Ok(Invited { invitation, customer })
    }

    async fn newcomer(&self, tx: &WriteTx, contact: Contact) -> Result<customer::Model> {
        let now = self.clock.now();
        let row = customer::ActiveModel {
            id: Set(CustomerId(self.ids.next())),
            name: Set(contact.name),
            email: Set(contact.email),
            email_verified_at: Set(None),
            email_pending: Set(None),
            mobile: Set(contact.mobile),
            locale: Set(contact.locale),
            time_zone: Set(contact.time_zone),
            external_ref: Set(None),
            created_by: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
        };
        Ok(row.insert(&**tx).await?)
    }

    /// Uses up an invitation; what its customer typed counts for more than what the operator had.
    async fn claim(&self, tx: &WriteTx, token: &SecretString, contact: Contact) -> Result<customer::Model> {
        let now = self.clock.now();
        let hash = sha256_hex(token.expose_secret());
        let claimed = invitation::Entity::update_many()
            .col_expr(invitation::Column::ClaimedAt, Expr::value(now))
            .filter(invitation::Column::TokenHash.eq(hash.as_str()))
            .filter(invitation::Column::ClaimedAt.is_null())
            .filter(invitation::Column::ExpiresAt.gt(now))
            .exec(&**tx)
            .await?;
        if claimed.rows_affected != 1 {
            return Err(not_invited());
        }
        let invitation =
            invitation::Entity::find().filter(invitation::Column::TokenHash.eq(hash)).one(&**tx).await?.ok_or_else(not_invited)?;
        let customer = customer::Entity::find_by_id(invitation.customer_id).one(&**tx).await?.ok_or_else(not_invited)?;
        if self.has_sign_in(&**tx, customer.id).await? {
            return Err(not_invited());
        }
        let verified_at = match contact.email.as_deref() {
            // The invitation was mailed there.
            Some(email) if customer.email.as_deref() == Some(email) => {
                hold(tx, "email", email).await?;
                self.holder_of(&**tx, email, Some(customer.id)).await?.is_none().then_some(now)
            }
            _ => None,
        };
        let mobile = contact.mobile.or_else(|| customer.mobile.clone());
        let mut row = customer.into_active_model();
        row.name = Set(contact.name);
        row.email = Set(contact.email);
        row.email_verified_at = Set(verified_at);
        row.mobile = Set(mobile);
        row.locale = Set(contact.locale);
        row.time_zone = Set(contact.time_zone);
        row.updated_at = Set(now);
        Ok(row.update(&**tx).await?)
    }
}

fn not_invited() -> Error {
    Error::invalid("INVITATION_INVALID", "invitationToken", "This invitation is unknown, was used, or is over; ask for a new one.")
}

/// Says which field the database refused.
pub(super) fn email_taken(error: sea_orm::DbErr) -> Error {
    if violates(&error, "users_email_key", "users.email") { super::addresses::email_taken() } else { error.into() }
}
