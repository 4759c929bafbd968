//! Invitations to claim an onboarded customer.
//!
//! An invitation's token is derived from its id with the index key: the consumer that mails the link makes it again, and
//! the secret is neither in the event log nor, but for its hash, in the database.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use billow_entities::{CustomerId, InvitationId, UserId, customer, invitation};
use billow_kernel::error::Result;
use billow_kernel::events::{CustomerInvitedData, Event};
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, Error, sha256_hex};
use chrono::Duration;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::Customers;
use super::Onboarded;

/// How long an invitation is good for.
const VALID: Duration = Duration::days(30);

impl Customers {
    /// Invites a customer afresh; the links of earlier invitations lead nowhere then.
    ///
    /// # Errors
    /// When somebody other than staff asks; `ALREADY_CLAIMED` when the customer signs in already.
    #[tracing::instrument(name = "customers.resend_invitation", skip_all)]
    pub async fn resend_invitation(&self, actor: &Actor, id: CustomerId) -> Result<Onboarded> {
        actor.staff()?;
        let mut tx = self.store.write_tx().await?;
        let customer = customer::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?.ok_or(Error::NotFound("customer"))?;
        if self.identity.has_sign_in(&*tx, id).await? {
            return Err(Error::invalid("ALREADY_CLAIMED", "customerId", "This customer signs in already."));
        }
        let invitation = self.invite_in(&mut tx, actor.user().ok(), &customer).await?;
        self.audit.record(&tx, actor, "customer.invite", id, Some(id), None, json!({"invitation_id": invitation.id})).await?;
        tx.commit().await?;
        let link = self.invitation_link(invitation.id);
        Ok(Onboarded { customer, invitation, link })
    }

    /// The token of an invitation, made again from its id.
    #[must_use]
    pub fn invitation_token(&self, id: InvitationId) -> SecretString {
        URL_SAFE_NO_PAD.encode(self.cipher.derive("invitation-token", &id.to_string())).into()
    }

    /// The link of an invitation.
    #[must_use]
    pub fn invitation_link(&self, id: InvitationId) -> SecretString {
        format!("{}/claim?token={}", self.settings.base_url, self.invitation_token(id).expose_secret()).into()
    }

    /// Makes an invitation, ends the earlier ones, and has it mailed where an address is known.
    pub async fn invite_in(&self, tx: &mut WriteTx, by: Option<UserId>, customer: &customer::Model) -> Result<invitation::Model> {
        let now = self.clock.now();
        invitation::Entity::update_many()
            .col_expr(invitation::Column::ExpiresAt, Expr::value(now))
            .filter(invitation::Column::CustomerId.eq(customer.id))
            .filter(invitation::Column::ClaimedAt.is_null())
            .filter(invitation::Column::ExpiresAt.gt(now))
            .exec(&**tx)
            .await?;
        let id = InvitationId(self.ids.next());
        let row = invitation::ActiveModel {
            id: Set(id),
            customer_id: Set(customer.id),
            token_hash: Set(sha256_hex(self.invitation_token(id).expose_secret())),
            created_by: Set(by),
            created_at: Set(now),
            expires_at: Set(now + VALID),
            claimed_at: Set(None),
        };
        let invitation = row.insert(&**tx).await?;
        if customer.email.is_some() {
            let event = self.events.about(customer.id, &Event::CustomerInvited(CustomerInvitedData { invitation_id: id }))?;
            tx.emit(event.of_customer(customer.id));
        }
        Ok(invitation)
    }
}
