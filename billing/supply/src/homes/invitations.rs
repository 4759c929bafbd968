//! Invitations to a household: they go to an e-mail address, and the person who confirmed that address may accept.
//!
//! Before that, neither side learns anything: the household sees the address it typed, whether or not a customer has it,
//! and the invited person sees the name of the home and the address of the person who invited them.

use billow_entities::{
    CustomerId, PropertyId, PropertyInvitationId, PropertyInvitationStatus as Status, PropertyRole, customer, property,
    property_invitation, property_member,
};
use billow_kernel::contact;
use billow_kernel::error::{Problems, Result};
use billow_kernel::events::{Event, InvitationChange, PropertyChange, PropertyInvitationEventData};
use billow_kernel::page::{Page, PageRequest, cursor};
use billow_kernel::store::WriteTx;
use billow_kernel::text::quotable;
use billow_kernel::{Actor, Error};
use chrono::Duration;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
};
use serde_json::json;

use super::Homes;
use super::{MAX_HOMES, MAX_MEMBERS, Member, count_members};

/// How long an invitation can be accepted.
const VALID: Duration = Duration::days(14);
/// Invitations of one home that are listed.
const MAX_LISTED: u64 = 100;

/// An invitation as a particular viewer sees it.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The row.
    pub row: property_invitation::Model,
    /// The name of the home, in a form that holds no link.
    pub home_name: String,
    /// The address of the person who invited, for the invited person.
    pub invited_by: Option<String>,
}

impl Homes {
    /// Invites the person with this e-mail address into the household, with a mail. The answer is the same whether or not a
    /// customer has the address. An invitation that is open already is renewed and sent again.
    ///
    /// # Errors
    /// `NotFound` when the home is not visible, `Forbidden` for members who do not own it; `EMAIL_UNCONFIRMED` for an owner
    /// who has not confirmed their own address; `ALREADY_MEMBER`; `TOO_MANY_MEMBERS`.
    #[tracing::instrument(name = "homes.share", skip_all)]
    pub async fn share_property(&self, actor: &Actor, id: PropertyId, email: &str, role: PropertyRole) -> Result<Invitation> {
        actor.customer_or_staff()?;
        let mut problems = Problems::default();
        let email = contact::email(&mut problems, "email", email);
        problems.finish()?;
        let mut tx = self.store.write_tx().await?;
        let home = self.managed_home(&tx, actor, id).await?;
        let inviter = self.confirmed_inviter(&tx, actor).await?;
        if self.is_member_with(&tx, id, &email).await? {
            return Err(Error::invalid("ALREADY_MEMBER", "email", "This person belongs to the home already."));
        }
        let now = self.clock.now();
        let pending = of_home(id).filter(property_invitation::Column::Email.eq(email.as_str())).filter(is_pending()).one(&*tx).await?;
        let row = match pending {
            Some(pending) => self.renewed(pending, role),
            None => {
                let open = of_home(id).filter(is_pending()).filter(property_invitation::Column::ExpiresAt.gt(now)).count(&*tx).await?;
                if count_members(&tx, id).await? + open >= MAX_MEMBERS {
                    return Err(Error::invalid("TOO_MANY_MEMBERS", "", format!("A household has at most {MAX_MEMBERS} people.")));
                }
                property_invitation::ActiveModel {
                    id: Set(PropertyInvitationId(self.ids.next())),
                    property_id: Set(id),
                    email: Set(email),
                    role: Set(role),
                    status: Set(Status::Pending),
                    invited_by: Set(inviter.as_ref().map(|c| c.id)),
                    created_by: Set(actor.user().ok().filter(|_| inviter.is_none())),
                    accepted_by: Set(None),
                    created_at: Set(now),
                    sent_at: Set(now),
                    expires_at: Set(now + VALID),
                    answered_at: Set(None),
                }
            }
        };
        let is_new = row.status.is_set();
        let row = if is_new { row.insert(&*tx).await? } else { row.update(&*tx).await? };
        self.audit.record(&tx, actor, "property.invite", id, None, None, json!({"invitation_id": row.id, "role": role})).await?;
        self.tell_invitation(&mut tx, &row, InvitationChange::Invited)?;
        tx.commit().await?;
        Ok(seen_by_household(row, &home))
    }

    /// Sends an invitation again, and lets it work for another fourteen days.
    ///
    /// # Errors
    /// `NotFound` when the invitation was answered, and for those who neither own the home nor are staff.
    #[tracing::instrument(name = "homes.resend_invitation", skip_all)]
    pub async fn resend_property_invitation(&self, actor: &Actor, id: PropertyInvitationId) -> Result<Invitation> {
        actor.customer_or_staff()?;
        let mut tx = self.store.write_tx().await?;
        let (row, home) = self.managed_invitation(&tx, actor, id).await?;
        self.confirmed_inviter(&tx, actor).await?;
        let role = row.role;
        let row = self.renewed(row, role).update(&*tx).await?;
        self.audit.record(&tx, actor, "property.invite_again", home.id, None, None, json!({"invitation_id": id})).await?;
        self.tell_invitation(&mut tx, &row, InvitationChange::Invited)?;
        tx.commit().await?;
        Ok(seen_by_household(row, &home))
    }

    /// Withdraws an invitation.
    ///
    /// # Errors
    /// `NotFound` when the invitation was answered, and for those who neither own the home nor are staff.
    #[tracing::instrument(name = "homes.revoke_invitation", skip_all)]
    pub async fn revoke_property_invitation(&self, actor: &Actor, id: PropertyInvitationId) -> Result<Invitation> {
        actor.customer_or_staff()?;
        let mut tx = self.store.write_tx().await?;
        let (row, home) = self.managed_invitation(&tx, actor, id).await?;
        let row = self.answered(row, Status::Revoked).update(&*tx).await?;
        self.audit.record(&tx, actor, "property.revoke_invitation", home.id, None, None, json!({"invitation_id": id})).await?;
        self.tell_invitation(&mut tx, &row, InvitationChange::Revoked)?;
        tx.commit().await?;
        Ok(seen_by_household(row, &home))
    }

    /// Joins the household one was invited to: from now on its bills are seen.
    ///
    /// # Errors
    /// `NotFound` when there is no open invitation to one's confirmed address; `TOO_MANY_MEMBERS`; `TOO_MANY_HOMES`.
    #[tracing::instrument(name = "homes.accept_invitation", skip_all)]
    pub async fn accept_property_invitation(&self, actor: &Actor, id: PropertyInvitationId) -> Result<Member> {
        actor.customer()?;
        let mut tx = self.store.write_tx().await?;
        let (row, home, customer) = self.own_invitation(&tx, actor, id).await?;
        if count_members(&tx, home.id).await? >= MAX_MEMBERS {
            return Err(Error::invalid("TOO_MANY_MEMBERS", "", format!("A household has at most {MAX_MEMBERS} people.")));
        }
        let homes = property_member::Entity::find().filter(property_member::Column::CustomerId.eq(customer.id)).count(&*tx).await?;
        if homes >= MAX_HOMES {
            return Err(Error::invalid("TOO_MANY_HOMES", "", format!("One customer belongs to at most {MAX_HOMES} homes.")));
        }
        let role = row.role;
        let mut row = self.answered(row, Status::Accepted);
        row.accepted_by = Set(Some(customer.id));
        let row = row.update(&*tx).await?;
        let member = match property_member::Entity::find_by_id((home.id, customer.id)).one(&*tx).await? {
            Some(member) => member,
            None => {
                let (property_id, customer_id, created_at) = (Set(home.id), Set(customer.id), Set(self.clock.now()));
                property_member::ActiveModel { property_id, customer_id, role: Set(role), created_at }.insert(&*tx).await?
            }
        };
        let data = json!({"invitation_id": id, "role": role});
        self.audit.record(&tx, actor, "property.accept_invitation", home.id, Some(customer.id), None, data).await?;
        self.tell_home(&mut tx, home.id, PropertyChange::Shared, Some(customer.id))?;
        self.tell_invitation(&mut tx, &row, InvitationChange::Accepted)?;
        tx.commit().await?;
        Ok(Member::of(member, customer))
    }

    /// Declines an invitation.
    ///
    /// # Errors
    /// `NotFound` when there is no open invitation to one's confirmed address.
    #[tracing::instrument(name = "homes.decline_invitation", skip_all)]
    pub async fn decline_property_invitation(&self, actor: &Actor, id: PropertyInvitationId) -> Result<Invitation> {
        actor.customer()?;
        let mut tx = self.store.write_tx().await?;
        let (row, home, customer) = self.own_invitation(&tx, actor, id).await?;
        let row = self.answered(row, Status::Declined).update(&*tx).await?;
        self.audit
            .record(&tx, actor, "property.decline_invitation", home.id, Some(customer.id), None, json!({"invitation_id": id}))
            .await?;
        self.tell_invitation(&mut tx, &row, InvitationChange::Declined)?;
        tx.commit().await?;
        self.seen_by_invited(self.store.primary(), row, &home).await
    }

    /// The open invitations to one's own confirmed address, the newest first.
    ///
    /// # Errors
    /// When nobody is signed in, or somebody who is not a customer; when the page is not a page.
    pub async fn property_invitations(&self, actor: &Actor, page: PageRequest) -> Result<Page<Invitation>> {
        let limit = page.limit()?;
        let customer = self.customers.customer(actor, actor.customer()?).await?;
        let Some(email) = confirmed(&customer) else { return Ok(Page::of(Vec::new(), limit, &page, |_: &Invitation| String::new())) };
        let mut query = property_invitation::Entity::find()
            .filter(property_invitation::Column::Email.eq(email))
            .filter(is_pending())
            .filter(property_invitation::Column::ExpiresAt.gt(self.clock.now()))
            .order_by_desc(property_invitation::Column::Id)
            .limit(limit + 1);
        if let Some(id) = page.after_id::<PropertyInvitationId>()? {
            query = query.filter(property_invitation::Column::Id.lt(id));
        }
        let mut seen = Vec::new();
        for row in query.all(self.store.primary()).await? {
            if let Some(home) = property::Entity::find_by_id(row.property_id).one(self.store.primary()).await? {
                seen.push(self.seen_by_invited(self.store.primary(), row, &home).await?);
            }
        }
        Ok(Page::of(seen, limit, &page, |invitation| cursor(&[&invitation.row.id.to_string()])))
    }

    /// The invitations of a home, the newest first, for its owners and staff; none for other members.
    ///
    /// # Errors
    /// `NotFound` when the home is not visible.
    pub async fn invitations_of_property(&self, actor: &Actor, id: PropertyId) -> Result<Vec<Invitation>> {
        let home = self.property(actor, id).await?;
        if !actor.is_staff() && self.role_in_home(actor.customer()?, id).await? != Some(PropertyRole::Owner) {
            return Ok(Vec::new());
        }
        let rows = of_home(id)
            .filter(property_invitation::Column::Status.ne(Status::Accepted))
            .order_by_desc(property_invitation::Column::Id)
            .limit(MAX_LISTED)
            .all(self.store.primary())
            .await?;
        Ok(rows.into_iter().map(|row| seen_by_household(self.now_expired(row), &home)).collect())
    }

    /// An invitation, for the invited person, the home's owners and staff.
    ///
    /// # Errors
    /// `NotFound` for everybody else.
    pub async fn property_invitation(&self, actor: &Actor, id: PropertyInvitationId) -> Result<Invitation> {
        let missing = || Error::NotFound("invitation");
        let own = if actor.is_staff() { None } else { Some(actor.customer()?) };
        let row = property_invitation::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or_else(missing)?;
        let home = property::Entity::find_by_id(row.property_id).one(self.store.primary()).await?.ok_or_else(missing)?;
        let Some(own) = own else { return Ok(seen_by_household(self.now_expired(row), &home)) };
        if self.role_in_home(own, home.id).await? == Some(PropertyRole::Owner) {
            return Ok(seen_by_household(self.now_expired(row), &home));
        }
        let customer = self.customers.customer(actor, own).await?;
        if confirmed(&customer) != Some(row.email.as_str()) || !self.is_open(&row) {
            return Err(missing());
        }
        self.seen_by_invited(self.store.primary(), row, &home).await
    }

    /// Whether an invitation can be accepted.
    pub fn is_open(&self, row: &property_invitation::Model) -> bool {
        row.status == Status::Pending && row.expires_at > self.clock.now()
    }

    /// Withdraws what somebody who manages a home no longer has sent out for it.
    pub(super) async fn revoke_invitations_by(&self, tx: &WriteTx, home: PropertyId, customer: CustomerId) -> Result<()> {
        property_invitation::Entity::update_many()
            .col_expr(property_invitation::Column::Status, Expr::value(Status::Revoked))
            .col_expr(property_invitation::Column::AnsweredAt, Expr::value(self.clock.now()))
            .filter(property_invitation::Column::PropertyId.eq(home))
            .filter(property_invitation::Column::InvitedBy.eq(customer))
            .filter(is_pending())
            .exec(&**tx)
            .await?;
        Ok(())
    }

    /// The customer who invites; none for staff. Their own address must be confirmed: the invited person sees it.
    async fn confirmed_inviter(&self, tx: &WriteTx, actor: &Actor) -> Result<Option<customer::Model>> {
        if actor.is_staff() {
            return Ok(None);
        }
        let customer = customer::Entity::find_by_id(actor.customer()?).one(&**tx).await?.ok_or(Error::Unauthenticated)?;
        if confirmed(&customer).is_none() {
            return Err(Error::invalid("EMAIL_UNCONFIRMED", "", "Confirm your own e-mail address first; we sent you a link."));
        }
        Ok(Some(customer))
    }

    async fn is_member_with(&self, tx: &WriteTx, home: PropertyId, email: &str) -> Result<bool> {
        let members = property_member::Entity::find().filter(property_member::Column::PropertyId.eq(home)).all(&**tx).await?;
        let with = customer::Entity::find()
            .filter(customer::Column::Id.is_in(members.iter().map(|m| m.customer_id)))
            .filter(customer::Column::Email.eq(email))
            .filter(customer::Column::EmailVerifiedAt.is_not_null());
        Ok(with.count(&**tx).await? > 0)
    }

    /// A pending invitation, with its home, for who manages that home.
    async fn managed_invitation(
        &self,
        tx: &WriteTx,
        actor: &Actor,
        id: PropertyInvitationId,
    ) -> Result<(property_invitation::Model, property::Model)> {
        let missing = || Error::NotFound("invitation");
        let row = property_invitation::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?.ok_or_else(missing)?;
        let home = self.managed_home(tx, actor, row.property_id).await.map_err(|error| match error {
            // Members who do not own the home are not shown its invitations.
            Error::NotFound(_) | Error::Forbidden => missing(),
            other => other,
        })?;
        if row.status == Status::Pending { Ok((row, home)) } else { Err(missing()) }
    }

    /// An open invitation to one's own confirmed address, with its home, which is held until the transaction ends.
    async fn own_invitation(
        &self,
        tx: &WriteTx,
        actor: &Actor,
        id: PropertyInvitationId,
    ) -> Result<(property_invitation::Model, property::Model, customer::Model)> {
        let missing = || Error::NotFound("invitation");
        let customer = customer::Entity::find_by_id(actor.customer()?).one(&**tx).await?.ok_or(Error::Unauthenticated)?;
        let row = property_invitation::Entity::find_by_id(id).one(&**tx).await?.ok_or_else(missing)?;
        if confirmed(&customer) != Some(row.email.as_str()) {
            return Err(missing());
        }
        let home = property::Entity::find_by_id(row.property_id).lock_exclusive().one(&**tx).await?;
        let home = home.filter(|home| home.archived_at.is_none()).ok_or_else(missing)?;
        // Read again under the lock of its home: it may have been withdrawn meanwhile.
        let row = property_invitation::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?;
        let row = row.filter(|row| self.is_open(row)).ok_or_else(missing)?;
        Ok((row, home, customer))
    }

    async fn seen_by_invited(
        &self,
        db: &impl ConnectionTrait,
        row: property_invitation::Model,
        home: &property::Model,
    ) -> Result<Invitation> {
        let inviter = match row.invited_by {
            Some(id) => customer::Entity::find_by_id(id).one(db).await?,
            None => None,
        };
        let invited_by = inviter.as_ref().and_then(confirmed).map(str::to_owned);
        Ok(Invitation { home_name: quotable(&home.name), invited_by, row })
    }

    fn renewed(&self, row: property_invitation::Model, role: PropertyRole) -> property_invitation::ActiveModel {
        let now = self.clock.now();
        let mut row = row.into_active_model();
        row.role = Set(role);
        row.sent_at = Set(now);
        row.expires_at = Set(now + VALID);
        row
    }

    fn answered(&self, row: property_invitation::Model, status: Status) -> property_invitation::ActiveModel {
        let mut row = row.into_active_model();
        row.status = Set(status);
        row.answered_at = Set(Some(self.clock.now()));
        row
    }

    fn now_expired(&self, mut row: property_invitation::Model) -> property_invitation::Model {
        if row.status == Status::Pending && !self.is_open(&row) {
            row.status = Status::Expired;
        }
        row
    }

    fn tell_invitation(&self, tx: &mut WriteTx, row: &property_invitation::Model, change: InvitationChange) -> Result<()> {
        let data = PropertyInvitationEventData { property_id: row.property_id, change };
        tx.emit(self.events.about(row.id, &Event::PropertyInvitationUpdated(data))?.of_home(Some(row.property_id)));
        Ok(())
    }
}

fn of_home(id: PropertyId) -> Select<property_invitation::Entity> {
    property_invitation::Entity::find().filter(property_invitation::Column::PropertyId.eq(id))
}

fn is_pending() -> Expr {
    property_invitation::Column::Status.eq(Status::Pending)
}

/// A customer's address, if they confirmed it.
fn confirmed(customer: &customer::Model) -> Option<&str> {
    customer.email.as_deref().filter(|_| customer.email_verified_at.is_some())
}

fn seen_by_household(row: property_invitation::Model, home: &property::Model) -> Invitation {
    Invitation { home_name: home.name.clone(), invited_by: None, row }
}
