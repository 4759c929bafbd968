//! Claiming due deliveries: what is not wanted any more is skipped, what comes at a quiet hour waits, the rest is marked as
//! being sent before anybody is called.

use std::collections::HashMap;

use billow_entities::{
    BillId, Channel, CustomerId, DeliveryId, DeliveryStatus, InvitationId, NotificationId, NotificationKind, OneTimeLinkId, PaymentId,
    PaymentMethodId, PropertyInvitationId, ProviderId, PushSubscriptionId, UserId, UtilityAccountId, bill, customer, delivery, invitation,
    notification, one_time_link, payment, payment_method, preference, property_invitation, provider, push_subscription, user,
    utility_account,
};
use billow_kernel::due::{ClaimColumns, Claimable, DueRows};
use billow_kernel::error::Result;
use billow_supply::bills::{being_paid_of, to_pay_of};
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};

use super::judge::{self, About};
use super::{Parcel, TRIES, Target};
use crate::messages::Messages;
use crate::messages::facts::is_part_paid;
use crate::messages::letter::address_of;
use crate::messages::preferences::{self, Preferences};

/// What was claimed.
pub(super) struct Claimed {
    pub(super) parcels: Vec<Parcel>,
    /// Whether more may be due.
    pub(super) more: bool,
}

/// What becomes of a due delivery.
enum Verdict {
    Send(Box<Parcel>),
    Skip(&'static str),
    Wait(DateTime<Utc>),
}

/// A status as it is written in a partial index: bound as a value, SQLite would not use the index.
fn is_status(status: DeliveryStatus) -> Expr {
    Expr::col(delivery::Column::Status).eq(Expr::cust(format!("'{status}'")))
}

/// Deliveries that are to be sent.
pub struct Deliver;

impl DueRows for Deliver {
    type Table = delivery::Entity;
    const NAME: &'static str = "deliver";
    const DUE_AT: delivery::Column = delivery::Column::DueAt;

    fn open() -> Condition {
        Condition::all().add(is_status(DeliveryStatus::Queued))
    }
}

impl Claimable for Deliver {
    // Longer than any sending takes.
    const LEASE: Duration = Duration::minutes(3);
    const CLAIM: ClaimColumns<delivery::Column> = ClaimColumns {
        id: delivery::Column::Id,
        lease_until: delivery::Column::LeaseUntil,
        fence: delivery::Column::Fence,
        tries: Some(delivery::Column::Attempts),
    };
}

impl Messages {
    /// Claims up to `count` due deliveries.
    pub(super) async fn claim_deliveries(&self, count: usize) -> Result<Claimed> {
        let now = self.clock.now();
        let Some(mut claim) = self.due.open::<Deliver>(count as u64).await? else {
            return Ok(Claimed { parcels: Vec::new(), more: false });
        };
        let (tx, rows) = (&claim.tx, std::mem::take(&mut claim.rows));
        let more = rows.len() == count;
        let around = DeliveryContext::of(&**tx, &rows).await?;
        let mut parcels: Vec<Parcel> = Vec::new();
        let mut skipped: HashMap<(&'static str, &'static str), Vec<DeliveryId>> = HashMap::new();
        let mut waiting: HashMap<DateTime<Utc>, Vec<DeliveryId>> = HashMap::new();
        for row in rows {
            let (id, channel) = (row.id, row.channel.as_str());
            match around.judge(row, now) {
                Verdict::Send(parcel) => parcels.push(*parcel),
                Verdict::Skip(reason) => skipped.entry((reason, channel)).or_default().push(id),
                Verdict::Wait(until) => waiting.entry(until).or_default().push(id),
            }
        }
        let update = || delivery::Entity::update_many().col_expr(delivery::Column::UpdatedAt, Expr::value(now));
        for ((reason, channel), ids) in skipped {
            metrics::counter!("billow_deliveries_total", "channel" => channel, "outcome" => "skipped").increment(ids.len() as u64);
            update()
                .col_expr(delivery::Column::Status, Expr::value(DeliveryStatus::Skipped))
                .col_expr(delivery::Column::LastError, Expr::value(reason))
                .filter(delivery::Column::Id.is_in(ids))
                .exec(&**tx)
                .await?;
        }
        for (until, ids) in waiting {
            update().col_expr(delivery::Column::DueAt, Expr::value(until)).filter(delivery::Column::Id.is_in(ids)).exec(&**tx).await?;
        }
        if !parcels.is_empty() {
            update()
                .col_expr(delivery::Column::Status, Expr::value(DeliveryStatus::Sending))
                .filter(delivery::Column::Id.is_in(parcels.iter().map(|p| p.delivery.id)))
                .exec(&**tx)
                .await?;
        }
        claim.rows = parcels.iter().map(|parcel| parcel.delivery.clone()).collect();
        for (parcel, claimed) in parcels.iter_mut().zip(claim.take().await?) {
            parcel.delivery = claimed;
        }
        Ok(Claimed { parcels, more })
    }

    /// Finds what was being sent when its process died.
    pub(super) async fn recover_interrupted(&self) -> Result<()> {
        let now = self.clock.now();
        let lost = delivery::Entity::find().filter(is_status(DeliveryStatus::Sending)).filter(delivery::Column::LeaseUntil.lt(now));
        if lost.limit(1).one(self.store.primary()).await?.is_none() {
            return Ok(());
        }
        let tx = self.store.write_tx().await?;
        let end = |status: DeliveryStatus| {
            delivery::Entity::update_many()
                .col_expr(delivery::Column::Status, Expr::value(status))
                .col_expr(delivery::Column::Fence, Expr::col(delivery::Column::Fence).add(1))
                .col_expr(delivery::Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
                .col_expr(delivery::Column::LastError, Expr::value("interrupted while it was being sent"))
                .col_expr(delivery::Column::UpdatedAt, Expr::value(now))
                .filter(is_status(DeliveryStatus::Sending))
                .filter(delivery::Column::LeaseUntil.lt(now))
        };
        let mail = delivery::Column::Channel.eq(Channel::Email);
        let given_up = end(DeliveryStatus::Failed).filter(mail.clone()).filter(delivery::Column::Attempts.gte(TRIES));
        let failed = given_up.exec(&*tx).await?.rows_affected;
        let again = end(DeliveryStatus::Queued).col_expr(delivery::Column::DueAt, Expr::value(now)).filter(mail).exec(&*tx).await?;
        let unknown = end(DeliveryStatus::Unknown).exec(&*tx).await?.rows_affected;
        tx.commit().await?;
        tracing::warn!(failed, again = again.rows_affected, unknown, "deliveries were interrupted while they were being sent");
        Ok(())
    }
}

/// What a batch of deliveries is about and whom it concerns, as it is now.
#[derive(Default)]
struct DeliveryContext {
    notes: HashMap<NotificationId, notification::Model>,
    customers: HashMap<CustomerId, customer::Model>,
    wishes: HashMap<CustomerId, Preferences>,
    staff: HashMap<UserId, user::Model>,
    devices: HashMap<PushSubscriptionId, push_subscription::Model>,
    bills: HashMap<BillId, bill::Model>,
    accounts: HashMap<UtilityAccountId, utility_account::Model>,
    invitations: HashMap<InvitationId, invitation::Model>,
    links: HashMap<OneTimeLinkId, one_time_link::Model>,
    household: HashMap<PropertyInvitationId, property_invitation::Model>,
    providers: HashMap<ProviderId, provider::Model>,
    payments: HashMap<PaymentId, payment::Model>,
    methods: HashMap<PaymentMethodId, payment_method::Model>,
    /// What payments under way cover of the bills.
    being_paid: HashMap<BillId, i64>,
}

impl DeliveryContext {
    async fn of(db: &impl ConnectionTrait, rows: &[delivery::Model]) -> Result<Self> {
        let mut around = Self::default();
        let notes =
            notification::Entity::find().filter(notification::Column::Id.is_in(rows.iter().map(|r| r.notification_id))).all(db).await?;
        let customers: Vec<_> = notes.iter().filter_map(|n| n.customer_id).collect();
        let users: Vec<_> = notes.iter().filter_map(|n| n.user_id).collect();
        let bills: Vec<_> = notes.iter().filter_map(|n| n.bill_id).collect();
        let accounts: Vec<_> = notes.iter().filter_map(|n| n.account_id).collect();
        let invitations: Vec<_> = notes.iter().filter_map(invitation_of).collect();
        let links: Vec<_> = notes.iter().filter_map(link_of).collect();
        let household: Vec<_> = notes.iter().filter_map(household_invitation_of).collect();
        let providers: Vec<_> = notes.iter().filter_map(provider_of).collect();
        let payments: Vec<_> = notes.iter().filter_map(payment_of).collect();
        let methods: Vec<_> = notes.iter().filter_map(method_of).collect();
        let devices: Vec<PushSubscriptionId> = rows.iter().filter_map(|r| r.target.parse().ok()).collect();
        if !customers.is_empty() {
            let found = customer::Entity::find().filter(customer::Column::Id.is_in(customers.iter().copied())).all(db).await?;
            around.customers = found.into_iter().map(|c| (c.id, c)).collect();
            let found = preference::Entity::find().filter(preference::Column::CustomerId.is_in(customers)).all(db).await?;
            around.wishes = found.into_iter().map(|row| (row.customer_id, preferences::read(row))).collect();
        }
        if !users.is_empty() {
            let found = user::Entity::find().filter(user::Column::Id.is_in(users)).all(db).await?;
            around.staff = found.into_iter().map(|u| (u.id, u)).collect();
        }
        if !devices.is_empty() {
            let found = push_subscription::Entity::find().filter(push_subscription::Column::Id.is_in(devices)).all(db).await?;
            around.devices = found.into_iter().map(|d| (d.id, d)).collect();
        }
        if !bills.is_empty() {
            around.being_paid = being_paid_of(db, &bills).await?;
            let found = bill::Entity::find().filter(bill::Column::Id.is_in(bills)).all(db).await?;
            around.bills = found.into_iter().map(|b| (b.id, b)).collect();
        }
        if !accounts.is_empty() {
            let found = utility_account::Entity::find().filter(utility_account::Column::Id.is_in(accounts)).all(db).await?;
            around.accounts = found.into_iter().map(|a| (a.id, a)).collect();
        }
        if !invitations.is_empty() {
            let found = invitation::Entity::find().filter(invitation::Column::Id.is_in(invitations)).all(db).await?;
            around.invitations = found.into_iter().map(|i| (i.id, i)).collect();
        }
        if !links.is_empty() {
            let found = one_time_link::Entity::find().filter(one_time_link::Column::Id.is_in(links)).all(db).await?;
            around.links = found.into_iter().map(|l| (l.id, l)).collect();
        }
        if !household.is_empty() {
            let found = property_invitation::Entity::find().filter(property_invitation::Column::Id.is_in(household)).all(db).await?;
            around.household = found.into_iter().map(|i| (i.id, i)).collect();
        }
        if !providers.is_empty() {
            let found = provider::Entity::find().filter(provider::Column::Id.is_in(providers)).all(db).await?;
            around.providers = found.into_iter().map(|p| (p.id, p)).collect();
        }
        if !payments.is_empty() {
            let found = payment::Entity::find().filter(payment::Column::Id.is_in(payments)).all(db).await?;
            around.payments = found.into_iter().map(|p| (p.id, p)).collect();
        }
        if !methods.is_empty() {
            let found = payment_method::Entity::find().filter(payment_method::Column::Id.is_in(methods)).all(db).await?;
            around.methods = found.into_iter().map(|m| (m.id, m)).collect();
        }
        around.notes = notes.into_iter().map(|n| (n.id, n)).collect();
        Ok(around)
    }

    fn judge(&self, row: delivery::Model, now: DateTime<Utc>) -> Verdict {
        let Some(note) = self.notes.get(&row.notification_id) else { return Verdict::Skip("the message is gone") };
        let about = About {
            bill: note.bill_id.and_then(|id| self.bills.get(&id)),
            being_paid_minor: note.bill_id.and_then(|id| self.being_paid.get(&id)).copied().unwrap_or_default(),
            account: note.account_id.and_then(|id| self.accounts.get(&id)),
            invitation: invitation_of(note).and_then(|id| self.invitations.get(&id)),
            link: link_of(note).and_then(|id| self.links.get(&id)),
            household: household_invitation_of(note).and_then(|id| self.household.get(&id)),
            provider: provider_of(note).and_then(|id| self.providers.get(&id)),
            payment: payment_of(note).and_then(|id| self.payments.get(&id)),
            method: method_of(note).and_then(|id| self.methods.get(&id)),
        };
        if let Some(reason) = judge::needless(note, about, now) {
            return Verdict::Skip(reason);
        }
        let customer = note.customer_id.and_then(|id| self.customers.get(&id));
        let staff = note.user_id.and_then(|id| self.staff.get(&id)).filter(|u| u.disabled_at.is_none());
        if let Some(customer) = customer {
            let usual = Preferences::default();
            let wishes = self.wishes.get(&customer.id).unwrap_or(&usual);
            if judge::unwanted(note.kind, row.channel, wishes) {
                return Verdict::Skip("it is not wanted over this channel any more");
            }
            if let Some(until) = judge::quiet(note.kind, wishes, customer, now) {
                return Verdict::Wait(until);
            }
        }
        let target = match row.channel {
            Channel::Push => {
                let device = row.target.parse().ok().and_then(|id| self.devices.get(&id)).filter(|d| d.disabled_at.is_none());
                // A device that changed hands gets nothing that was meant for its former owner.
                device
                    .filter(|d| note.customer_id.is_none_or(|c| d.customer_id == Some(c)) && note.user_id.is_none_or(|u| d.user_id == u))
                    .map(|device| Target::Device(Box::new(device.clone())))
            }
            Channel::Email => match (customer, staff) {
                (Some(c), _) => {
                    address_of(c, note.kind).map(|address| Target::Mail { address: address.to_owned(), name: Some(c.name.clone()) })
                }
                (None, Some(user)) => Some(Target::Mail { address: user.email.clone(), name: None }),
                (None, None) => {
                    Some(row.target.clone()).filter(|target| target.contains('@')).map(|address| Target::Mail { address, name: None })
                }
            },
            Channel::Sms => customer.and_then(|c| c.mobile.clone()).map(|number| Target::Sms { number }),
        };
        let Some(target) = target else { return Verdict::Skip("the address is gone") };
        let note = with_current_sum(note.clone(), about);
        Verdict::Send(Box::new(Parcel { delivery: row, note, customer: customer.cloned(), target }))
    }
}

/// A message may have waited for the end of the quiet hours while something of its bill was paid.
fn with_current_sum(mut note: notification::Model, about: About<'_>) -> notification::Model {
    if let (Some(bill), Some(left)) = (about.bill, note.data.pointer_mut("/bill/left/amount_minor")) {
        *left = to_pay_of(bill, about.being_paid_minor).into();
        note.data["bill"]["part_paid"] = is_part_paid(bill, about.being_paid_minor).into();
    }
    note
}

fn invitation_of(note: &notification::Model) -> Option<InvitationId> {
    if note.kind == NotificationKind::Invitation { note.data["invitation_id"].as_str()?.parse().ok() } else { None }
}

fn link_of(note: &notification::Model) -> Option<OneTimeLinkId> {
    note.data["link_id"].as_str()?.parse().ok()
}

fn household_invitation_of(note: &notification::Model) -> Option<PropertyInvitationId> {
    if note.kind == NotificationKind::HouseholdInvitation { note.data["invitation_id"].as_str()?.parse().ok() } else { None }
}

fn provider_of(note: &notification::Model) -> Option<ProviderId> {
    if note.kind == NotificationKind::ProviderTrouble { note.data["provider"]["id"].as_str()?.parse().ok() } else { None }
}

fn payment_of(note: &notification::Model) -> Option<PaymentId> {
    matches!(note.kind, NotificationKind::PaymentFailed | NotificationKind::PaymentAction)
        .then(|| note.data["payment"]["id"].as_str()?.parse().ok())?
}

fn method_of(note: &notification::Model) -> Option<PaymentMethodId> {
    (note.kind == NotificationKind::MethodTrouble).then(|| note.data["method"]["id"].as_str()?.parse().ok())?
}
