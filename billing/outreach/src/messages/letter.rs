//! Putting a message into the inbox and on its way: one notification per thing and person, one delivery per channel and target.

use std::collections::{HashMap, HashSet};

use billow_entities::{
    BillId, Channel, CustomerId, DeliveryId, DeliveryStatus, NotificationId, NotificationKind, PropertyId, PushSubscriptionId, Role,
    UserId, UtilityAccountId, customer, delivery, notification, preference, property_member, push_subscription, user,
};
use billow_kernel::error::{Error, Fault, Result};
use billow_kernel::events::{Event, NotificationEventData};
use billow_kernel::store::{NewEvent, ROWS_PER_INSERT, WriteTx, insert_all};
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};

use super::Messages;
use super::preferences::{self, Channels, Preferences};
use super::steps::zone_of;
use crate::messaging::MessageContext;

/// The target of a delivery that goes to the address on file.
pub(super) const ON_FILE: &str = "-";
/// Devices that are told about one message.
const MAX_DEVICES: u64 = 100;
/// Staff who are told about one message.
const MAX_STAFF: u64 = 500;

/// What is told, before it is addressed.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) kind: NotificationKind,
    /// A path in the web app.
    pub(super) link: Option<String>,
    pub(super) bill_id: Option<BillId>,
    pub(super) account_id: Option<UtilityAccountId>,
    /// What the templates need.
    pub(super) data: Value,
}

/// A message as one person is to read it.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) id: NotificationId,
    kind: NotificationKind,
    note: notification::ActiveModel,
    event: NewEvent,
    targets: Vec<(Channel, String)>,
    due_at: DateTime<Utc>,
}

/// How long whoever is on a gateway's page already is left in peace before being called to it.
const ON_THE_PAGE: Duration = Duration::minutes(5);

impl Draft {
    /// How long its deliveries wait. The inbox has it at once.
    fn delay(&self) -> Duration {
        let on_page = self.kind == NotificationKind::PaymentAction && self.data["payment"]["on_page"] == json!(true);
        if on_page { ON_THE_PAGE } else { Duration::zero() }
    }
}

/// Who is told.
#[derive(Clone, Debug)]
pub(super) enum Addressee {
    Customer {
        customer: customer::Model,
        preferences: Preferences,
        devices: Vec<PushSubscriptionId>,
    },
    Staff {
        user: user::Model,
        devices: Vec<PushSubscriptionId>,
    },
    /// An e-mail address that may be nobody's. The message is in no inbox.
    Address {
        address: String,
    },
}

impl Addressee {
    pub(super) fn customer_id(&self) -> Option<CustomerId> {
        match self {
            Self::Customer { customer, .. } => Some(customer.id),
            Self::Staff { .. } | Self::Address { .. } => None,
        }
    }

    pub(super) fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Customer { .. } | Self::Address { .. } => None,
            Self::Staff { user, .. } => Some(user.id),
        }
    }

    /// For the dedupe key.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Customer { customer, .. } => customer.id.to_string(),
            Self::Staff { user, .. } => user.id.to_string(),
            Self::Address { address } => billow_kernel::sha256_hex(address),
        }
    }

    /// The channels and targets a message of this kind goes to.
    fn targets(&self, kind: NotificationKind, sms_available: bool) -> Vec<(Channel, String)> {
        let (devices, chosen, has_email, mobile, fallback) = match self {
            Self::Customer { customer, preferences, devices } => (
                devices,
                preferences.channels_of(kind),
                address_of(customer, kind).is_some(),
                customer.mobile.is_some(),
                preferences.sms_fallback,
            ),
            Self::Staff { devices, .. } => (devices, Channels::default(), true, false, false),
            Self::Address { address } => return vec![(Channel::Email, address.clone())],
        };
        let mut targets = Vec::new();
        // An invitation goes to somebody who has no device yet.
        if chosen.push && kind != NotificationKind::Invitation {
            targets.extend(devices.iter().map(|id| (Channel::Push, id.to_string())));
        }
        if chosen.email && has_email {
            targets.push((Channel::Email, ON_FILE.to_owned()));
        }
        let instead_of_push = fallback && chosen.push && devices.is_empty();
        let instead_of_mail = kind == NotificationKind::Invitation && !has_email;
        if (chosen.sms || instead_of_push || instead_of_mail) && mobile && sms_available {
            targets.push((Channel::Sms, ON_FILE.to_owned()));
        }
        targets
    }
}

/// Where mails to a customer go. Before an address is confirmed, only the invitation to claim the customer does.
pub(super) fn address_of(customer: &customer::Model, kind: NotificationKind) -> Option<&str> {
    customer.email.as_deref().filter(|_| customer.email_verified_at.is_some() || kind == NotificationKind::Invitation)
}

/// The part of a [`MessageContext`] that depends on whom and when.
pub(super) fn context(
    messages: &Messages,
    kind: NotificationKind,
    link: Option<&str>,
    data: &Value,
    to: Option<&customer::Model>,
    now: DateTime<Utc>,
) -> MessageContext {
    // A message to an address says how it is to be written.
    let like = |field: &str| data["to"][field].as_str().map(str::to_owned);
    let time_zone = to.map(|c| c.time_zone.clone()).or_else(|| like("time_zone")).unwrap_or_else(|| "UTC".into());
    let locale = to.map(|c| c.locale.clone()).or_else(|| like("locale")).unwrap_or_else(|| "en".into());
    let mut data = data.clone();
    // Days are counted from the day on which a message is read, not from the one on which it was written.
    if let Value::Object(fields) = &mut data {
        fields.insert("today".into(), json!(now.with_timezone(&zone_of(&time_zone)).date_naive()));
    }
    MessageContext {
        template: kind.as_str().to_lowercase(),
        locale,
        time_zone,
        name: to.map_or("", |c| c.name.as_str()).to_owned(),
        base_url: messages.settings.base_url.clone(),
        link: link.map(|path| format!("{}{path}", messages.settings.base_url)),
        data,
    }
}

impl Messages {
    /// Puts `draft` into somebody's inbox and queues its deliveries; does nothing when the same thing was told before.
    pub(super) async fn post(&self, tx: &mut WriteTx, draft: &Draft, to: &Addressee, dedupe_key: String) -> Result<bool> {
        let letter = self.letter(draft, to, dedupe_key)?;
        self.post_all(tx, vec![letter]).await
    }

    /// Writes `draft` as somebody is to read it.
    pub(super) fn letter(&self, draft: &Draft, to: &Addressee, dedupe_key: String) -> Result<Letter> {
        let targets = to.targets(draft.kind, self.sms.available());
        self.letter_to(draft, to, dedupe_key, targets)
    }

    /// As [`Self::letter`], to the given targets only.
    pub(super) fn letter_to(&self, draft: &Draft, to: &Addressee, dedupe_key: String, targets: Vec<(Channel, String)>) -> Result<Letter> {
        let now = self.clock.now();
        let customer = match to {
            Addressee::Customer { customer, .. } => Some(customer),
            Addressee::Staff { .. } | Addressee::Address { .. } => None,
        };
        let context = context(self, draft.kind, draft.link.as_deref(), &draft.data, customer, now);
        let (title, body) = self.renderer.headline(&context).map_err(|e| Error::Fault(Fault::new("a message's template", e)))?;
        let id = NotificationId(self.ids.next());
        let data = NotificationEventData {
            notification_id: id,
            kind: draft.kind,
            title: title.clone(),
            body: body.clone(),
            link: draft.link.clone(),
            bill_id: draft.bill_id,
            account_id: draft.account_id,
            user_id: to.user_id(),
        };
        let mut event = self.events.about(id, &Event::NotificationCreated(data))?;
        event.customer_id = to.customer_id();
        let note = notification::ActiveModel {
            id: Set(id),
            customer_id: Set(to.customer_id()),
            user_id: Set(to.user_id()),
            kind: Set(draft.kind),
            dedupe_key: Set(dedupe_key),
            title: Set(title),
            body: Set(body),
            link: Set(draft.link.clone()),
            bill_id: Set(draft.bill_id),
            account_id: Set(draft.account_id),
            data: Set(draft.data.clone()),
            created_at: Set(now),
            // Whoever opens the inbox has followed the invitation.
            read_at: Set((draft.kind == NotificationKind::Invitation).then_some(now)),
        };
        Ok(Letter { id, kind: draft.kind, note, event, targets, due_at: now + draft.delay() })
    }

    /// Puts letters into their inboxes and queues their deliveries, but those that tell what was told before; answers
    /// whether anything is new.
    pub(super) async fn post_all(&self, tx: &mut WriteTx, mut letters: Vec<Letter>) -> Result<bool> {
        let once = OnConflict::column(notification::Column::DedupeKey).do_nothing().to_owned();
        let mut new = HashSet::new();
        for some in letters.chunks(ROWS_PER_INSERT) {
            let rows = some.iter().map(|letter| letter.note.clone());
            new.extend(notification::Entity::insert_many(rows).on_conflict(once.clone()).exec_with_returning_keys(&**tx).await?);
        }
        letters.retain(|letter| new.contains(&letter.id));
        let mut deliveries = Vec::new();
        for Letter { id, kind, event, targets, due_at, .. } in letters {
            deliveries.extend(self.deliveries(id, targets, due_at));
            tx.emit(event);
            metrics::counter!("billow_notifications_total", "kind" => kind.as_str()).increment(1);
        }
        queue(tx, deliveries).await?;
        Ok(!new.is_empty())
    }

    /// Deliveries of a notification, to be queued.
    pub(super) fn deliveries(
        &self,
        id: NotificationId,
        targets: Vec<(Channel, String)>,
        due_at: DateTime<Utc>,
    ) -> impl Iterator<Item = delivery::ActiveModel> {
        let now = self.clock.now();
        targets.into_iter().map(move |(channel, target)| delivery::ActiveModel {
            id: Set(DeliveryId(self.ids.next())),
            notification_id: Set(id),
            channel: Set(channel),
            target: Set(target),
            status: Set(DeliveryStatus::Queued),
            attempts: Set(0),
            due_at: Set(due_at),
            lease_until: Set(None),
            fence: Set(0),
            sent_at: Set(None),
            last_error: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
        })
    }

    /// Everybody who shares a home, and whoever owns the thing: they are told about it.
    pub(super) async fn household(&self, db: &impl ConnectionTrait, owner: CustomerId, home: Option<PropertyId>) -> Result<Vec<Addressee>> {
        let mut ids = vec![owner];
        if let Some(home) = home {
            let members = property_member::Entity::find().filter(property_member::Column::PropertyId.eq(home)).all(db).await?;
            ids.extend(members.into_iter().map(|m| m.customer_id).filter(|id| *id != owner));
        }
        addressees(db, &ids).await
    }

    /// Everybody who works here.
    pub(super) async fn told_staff(&self, db: &impl ConnectionTrait) -> Result<Vec<Addressee>> {
        let users = user::Entity::find()
            .filter(user::Column::Role.is_in([Role::Operator, Role::Admin]))
            .filter(user::Column::DisabledAt.is_null())
            .limit(MAX_STAFF)
            .all(db)
            .await?;
        let ids: Vec<UserId> = users.iter().map(|u| u.id).collect();
        let rows = push_subscription::Entity::find()
            .filter(push_subscription::Column::UserId.is_in(ids))
            .filter(push_subscription::Column::DisabledAt.is_null())
            .limit(MAX_STAFF)
            .all(db)
            .await?;
        let mut devices: HashMap<UserId, Vec<PushSubscriptionId>> = HashMap::new();
        for row in rows {
            devices.entry(row.user_id).or_default().push(row.id);
        }
        Ok(users.into_iter().map(|user| Addressee::Staff { devices: devices.remove(&user.id).unwrap_or_default(), user }).collect())
    }
}

/// Queues deliveries; one that is queued already stays as it is.
pub(super) async fn queue(tx: &WriteTx, deliveries: Vec<delivery::ActiveModel>) -> Result<()> {
    let once = OnConflict::columns([delivery::Column::NotificationId, delivery::Column::Channel, delivery::Column::Target])
        .do_nothing()
        .to_owned();
    insert_all(&**tx, deliveries, Some(once)).await
}

/// Customers with how they want to be told and where; ids that do not exist are left out.
pub(super) async fn addressees(db: &impl ConnectionTrait, ids: &[CustomerId]) -> Result<Vec<Addressee>> {
    let distinct: HashSet<CustomerId> = ids.iter().copied().collect();
    let customers = customer::Entity::find().filter(customer::Column::Id.is_in(distinct.iter().copied())).all(db).await?;
    let mut wishes: HashMap<CustomerId, Preferences> = preference::Entity::find()
        .filter(preference::Column::CustomerId.is_in(distinct.iter().copied()))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.customer_id, preferences::read(row)))
        .collect();
    let rows = push_subscription::Entity::find()
        .filter(push_subscription::Column::CustomerId.is_in(distinct.iter().copied()))
        .filter(push_subscription::Column::DisabledAt.is_null())
        .limit(MAX_DEVICES * distinct.len().max(1) as u64)
        .all(db)
        .await?;
    let mut devices: HashMap<CustomerId, Vec<PushSubscriptionId>> = HashMap::new();
    for row in rows {
        devices.entry(row.customer_id.unwrap_or(CustomerId(uuid::Uuid::nil()))).or_default().push(row.id);
    }
    Ok(customers
        .into_iter()
        .map(|customer| Addressee::Customer {
            preferences: wishes.remove(&customer.id).unwrap_or_default(),
            devices: devices.remove(&customer.id).unwrap_or_default(),
            customer,
        })
        .collect())
}
