//! Mails about getting in: links to set a password or to confirm an address, notices to the owner of an address, and
//! invitations to a household. They go to an address, not to a customer, because it may be nobody's yet; nothing that
//! another person typed is in them, other than the name of a home in a form that holds no link.

use billow_entities::{
    CustomerId, LinkPurpose, NotificationKind, OneTimeLinkId, PropertyInvitationId, PropertyInvitationStatus, customer, event,
    one_time_link, property, property_invitation,
};
use billow_kernel::error::Result;
use billow_kernel::events::{EmailChange, InvitationChange};
use billow_kernel::store::WriteTx;
use billow_kernel::text::quotable;
use billow_supply::identity::Holder;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};

use super::Messages;
use super::letter::{Addressee, Draft, addressees};
use super::notifier::Notifier;

impl Notifier {
    /// Mails the link to set a new password. A person who was onboarded and has no password yet gets their invitation anew;
    /// an address that nobody has gets nothing.
    pub(super) async fn password_reset_requested(&self, tx: &mut WriteTx, event: &event::Model) -> Result<()> {
        let Some(link) = link_of(&self.messages, tx, event, LinkPurpose::PasswordReset).await? else { return Ok(()) };
        if let Some(user) = self.messages.identity.resolve_reset(tx, &link).await? {
            let customer = customer_of(tx, user.customer_id).await?;
            let data = json!({"link_id": link.id, "by_staff": link.created_by.is_some()});
            return self.mail(event, NotificationKind::PasswordReset, &link.email, customer.as_ref(), data);
        }
        let onboarded = customer::Entity::find().filter(customer::Column::Email.eq(link.email.as_str())).limit(10).all(&**tx).await?;
        for customer in onboarded {
            if !self.messages.identity.has_sign_in(&**tx, customer.id).await? {
                self.messages.customers.invite_in(tx, None, &customer).await?;
                break;
            }
        }
        Ok(())
    }

    /// Mails the link to confirm an address; where somebody else confirmed it already, that person gets a notice in its place.
    pub(super) async fn email_confirmation_requested(&self, tx: &mut WriteTx, event: &event::Model) -> Result<()> {
        let Some(link) = link_of(&self.messages, tx, event, LinkPurpose::ConfirmEmail).await? else { return Ok(()) };
        let Some(claims) = customer_of(tx, link.customer_id).await? else { return Ok(()) };
        let Some(holder) = self.messages.identity.holder_of(&**tx, &link.email, Some(claims.id)).await? else {
            let change = claims.email.as_deref() != Some(link.email.as_str());
            let data = json!({"link_id": link.id, "change": change});
            return self.mail(event, NotificationKind::EmailConfirmation, &link.email, Some(&claims), data);
        };
        let owner = match holder {
            Holder::Customer(customer) => Some(customer),
            Holder::User(user) => customer_of(tx, user.customer_id).await?,
        };
        let data = json!({"what": "CLAIMED"});
        self.mail(event, NotificationKind::EmailNotice, &link.email, owner.as_ref(), data)
    }

    /// Tells the owner of an address that it was changed, or is about to be.
    pub(super) async fn email_changed(&self, tx: &mut WriteTx, event: &event::Model, what: EmailChange) -> Result<()> {
        let Some(link) = link_of(&self.messages, tx, event, LinkPurpose::UndoEmailChange).await? else { return Ok(()) };
        let customer = customer_of(tx, link.customer_id).await?;
        let data = json!({"what": what, "link_id": link.id});
        self.mail(event, NotificationKind::EmailNotice, &link.email, customer.as_ref(), data)
    }

    /// Tells the invited person, at their address and, if they are a customer, in their inbox; or the person who invited
    /// them that they accepted.
    pub(super) async fn property_invitation(&self, tx: &mut WriteTx, event: &event::Model, change: InvitationChange) -> Result<()> {
        let Ok(id) = event.subject.parse::<PropertyInvitationId>() else { return Ok(()) };
        let Some(invitation) = property_invitation::Entity::find_by_id(id).one(&**tx).await? else { return Ok(()) };
        let Some(home) = property::Entity::find_by_id(invitation.property_id).one(&**tx).await? else { return Ok(()) };
        let inviter = customer_of(tx, invitation.invited_by).await?;
        if invitation.status == PropertyInvitationStatus::Accepted && change == InvitationChange::Accepted {
            let (Some(inviter), Some(member)) = (inviter, customer_of(tx, invitation.accepted_by).await?) else { return Ok(()) };
            let data = json!({"what": "ACCEPTED", "invitation_id": id, "home": home.name, "who": quotable(&member.name)});
            let draft = draft(NotificationKind::HouseholdInvitation, Some(format!("/homes/{}", home.id)), data);
            return self.tell(event, &draft, &addressees(&**tx, &[inviter.id]).await?);
        }
        if !self.messages.homes.is_open(&invitation) || change != InvitationChange::Invited {
            return Ok(());
        }
        let by = inviter.as_ref().and_then(|c| c.email.clone());
        let data = json!({
            "what": "INVITED",
            "invitation_id": id,
            "home": quotable(&home.name),
            "by": by,
            "role": invitation.role,
            "expires_on": invitation.expires_at.date_naive(),
        });
        let invited = match self.messages.identity.holder_of(&**tx, &invitation.email, None).await? {
            Some(Holder::Customer(customer)) => Some(customer.id),
            Some(Holder::User(user)) => user.customer_id,
            None => None,
        };
        if let Some(invited) = invited {
            let draft = draft(NotificationKind::HouseholdInvitation, Some("/invitations".into()), data);
            return self.tell(event, &draft, &addressees(&**tx, &[invited]).await?);
        }
        self.mail(event, NotificationKind::HouseholdInvitation, &invitation.email, inviter.as_ref(), data)
    }

    /// Mails something to an address, in the language of `like`, whose name is not in it.
    fn mail(
        &self,
        event: &event::Model,
        kind: NotificationKind,
        address: &str,
        like: Option<&customer::Model>,
        mut data: Value,
    ) -> Result<()> {
        let locale = like.map_or("en", |c| c.locale.as_str());
        let time_zone = like.map_or("UTC", |c| c.time_zone.as_str());
        data["to"] = json!({"locale": locale, "time_zone": time_zone});
        let link = match kind {
            NotificationKind::HouseholdInvitation => Some("/invitations".to_owned()),
            NotificationKind::EmailNotice if data["what"] == "CLAIMED" => Some("/sign-in".to_owned()),
            // A secret: it is made when the mail is.
            _ => None,
        };
        let to = Addressee::Address { address: address.to_owned() };
        self.tell(event, &draft(kind, link, data), &[to])
    }
}

fn draft(kind: NotificationKind, link: Option<String>, data: Value) -> Draft {
    Draft { kind, link, bill_id: None, account_id: None, data }
}

async fn link_of(messages: &Messages, tx: &WriteTx, event: &event::Model, purpose: LinkPurpose) -> Result<Option<one_time_link::Model>> {
    let Ok(id) = event.subject.parse::<OneTimeLinkId>() else { return Ok(None) };
    let link = one_time_link::Entity::find_by_id(id).one(&**tx).await?;
    Ok(link.filter(|link| link.purpose == purpose && messages.identity.works(link)))
}

async fn customer_of(tx: &WriteTx, id: Option<CustomerId>) -> Result<Option<customer::Model>> {
    match id {
        Some(id) => Ok(customer::Entity::find_by_id(id).one(&**tx).await?),
        None => Ok(None),
    }
}
