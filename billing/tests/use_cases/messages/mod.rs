//! What people are told, when, and over which channel: the consumer, the reminders and the deliveries on a database.

mod devices;
mod inbox;
mod payments;
mod reminders;
mod sending;
mod told;

use crate::common::{Bench, rows};
use billow_billing::Actor;
use billow_billing::consumers::Consumer;
use billow_billing::events::{
    AccountChange, AccountEventData, BillEventData, CustomerChange, CustomerEventData, CustomerInvitedData, Event, FieldChange,
    MethodEventData, PasswordChangedData, PaymentEventData, PaymentStep, PropertyChange, PropertyEventData, ProviderChange,
    ProviderEventData, SessionCreatedData, kind,
};
use billow_billing::messages::{NewDevice, Notifier};
use billow_entities::{
    BillId, BillSource, BillStatus, CircuitState, ConnectorKind, CustomerId, NotificationKind, PropertyId, PropertyRole, ProviderId,
    ProviderStatus, RechargePlanId, Role, SessionId, UserId, UtilityType, bill, customer, delivery, event, notification, property,
    property_member, provider, push_subscription, recharge_plan, reminder, user, utility_account,
};
use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::{Value, json};

/// The browser's keys of RFC 8291, appendix A.
pub const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
pub const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// Somebody who owes, in UTC, with a mail address.
pub async fn customer(bench: &Bench, name: &str) -> customer::Model {
    let row = customer::Model {
        email: Some(format!("{}@example.com", name.to_lowercase())),
        mobile: Some("+491712345678".into()),
        locale: "en".into(),
        time_zone: "UTC".into(),
        ..rows::customer(&bench.billing, name)
    };
    insert(bench, row).await
}

/// A sign-in of the customer's.
pub async fn actor_of(bench: &Bench, customer: &customer::Model) -> Actor {
    actor(bench, Role::Customer, Some(customer.id)).await
}

pub async fn actor(bench: &Bench, role: Role, customer_id: Option<CustomerId>) -> Actor {
    let id = UserId(bench.billing.kernel.ids.next());
    let row = user::Model {
        id,
        email: format!("{id}@example.com"),
        email_verified_at: Some(bench.clock_now()),
        password_hash: "-".into(),
        role,
        customer_id,
        disabled_at: None,
        created_at: bench.clock_now(),
    };
    insert(bench, row).await;
    Actor::User { user_id: id, role, customer_id, session_id: SessionId(bench.billing.kernel.ids.next()) }
}

pub async fn home(bench: &Bench, members: &[&customer::Model]) -> PropertyId {
    let id = PropertyId(bench.billing.kernel.ids.next());
    let row = property::Model {
        id,
        name: "Home".into(),
        address: None,
        city: None,
        postal_code: None,
        country: None,
        time_zone: "UTC".into(),
        created_at: bench.clock_now(),
        archived_at: None,
    };
    insert(bench, row).await;
    for member in members {
        join(bench, id, member).await;
    }
    id
}

pub async fn join(bench: &Bench, home: PropertyId, member: &customer::Model) {
    let row =
        property_member::Model { property_id: home, customer_id: member.id, role: PropertyRole::Payer, created_at: bench.clock_now() };
    insert(bench, row).await;
}

pub async fn provider(bench: &Bench) -> provider::Model {
    let id = ProviderId(bench.billing.kernel.ids.next());
    let row = provider::Model {
        id,
        code: id.to_string().replace('_', "-"),
        name: "Voltara".into(),
        utility_type: UtilityType::Electricity,
        country: None,
        currency: "EUR".into(),
        time_zone: "UTC".into(),
        connector_kind: ConnectorKind::Http,
        status: ProviderStatus::Active,
        status_reason: None,
        version: 1,
        definition: json!({}),
        credentials_enc: None,
        circuit_state: CircuitState::Closed,
        circuit_failures: 0,
        circuit_trips: 0,
        circuit_opened_at: None,
        circuit_probe_at: None,
        circuit_reason: None,
        last_success_at: None,
        created_at: bench.clock_now(),
        updated_at: bench.clock_now(),
    };
    insert(bench, row).await
}

pub async fn plan(bench: &Bench, provider: &provider::Model, code: &str, amount_minor: i64) {
    let row = recharge_plan::Model {
        id: RechargePlanId(bench.billing.kernel.ids.next()),
        provider_id: provider.id,
        code: code.into(),
        name: format!("Plan {code}"),
        description: None,
        amount_minor,
        currency: "EUR".into(),
        validity_days: 30,
        benefits: json!(["5 GB"]),
        active: true,
        updated_at: bench.clock_now(),
    };
    insert(bench, row).await;
}

pub async fn account(bench: &Bench, owner: &customer::Model, home: Option<PropertyId>) -> utility_account::Model {
    let provider = provider(bench).await;
    let row = utility_account::Model {
        property_id: home,
        label: "Flat".into(),
        identifier_hint: "…4711".into(),
        ..rows::account(&bench.billing, owner.id, provider.id, "00004711")
    };
    insert(bench, row).await
}

/// An open bill that was just received; its event is appended.
pub async fn bill(bench: &Bench, account: &utility_account::Model, due_on: &str) -> bill::Model {
    let row = bill_row(bench, account, due_on);
    insert(bench, row.clone()).await;
    bill_came(bench, &row, false).await;
    row
}

pub fn bill_row(bench: &Bench, account: &utility_account::Model, due_on: &str) -> bill::Model {
    let id = BillId(bench.billing.kernel.ids.next());
    bill::Model {
        id,
        account_id: account.id,
        customer_id: account.customer_id,
        property_id: account.property_id,
        provider_id: account.provider_id,
        utility_type: account.utility_type,
        number: id.to_string(),
        version: 1,
        status: BillStatus::Open,
        status_reason: None,
        currency: "EUR".into(),
        amount_minor: 1_230,
        paid_minor: 0,
        min_amount_minor: None,
        max_amount_minor: None,
        issued_on: day("2026-11-20"),
        due_on: Some(day(due_on)),
        period_start: None,
        period_end: None,
        usage_value: None,
        usage_unit: None,
        lines: json!([]),
        content_hash: "-".into(),
        source: BillSource::Fetched,
        superseded_by: None,
        marked_by: None,
        usual_minor: None,
        created_at: bench.clock_now(),
        updated_at: bench.clock_now(),
    }
}

pub async fn bill_came(bench: &Bench, bill: &bill::Model, historic: bool) {
    let data = BillEventData { historic, ..BillEventData::of(bill, "Voltara", Vec::new()) };
    emit(bench, bill.id, Event::BillReceived(data), Some(bill.customer_id), bill.property_id).await;
}

pub async fn bill_changed(bench: &Bench, bill: &bill::Model, changes: &[(&str, Value, Value)]) {
    let change = |(field, before, after): &(&str, Value, Value)| FieldChange {
        field: (*field).to_owned(),
        before: before.clone(),
        after: after.clone(),
    };
    let data = BillEventData::of(bill, "Voltara", changes.iter().map(change).collect());
    emit(bench, bill.id, Event::BillUpdated(data), Some(bill.customer_id), bill.property_id).await;
}

pub async fn emit(bench: &Bench, subject: impl ToString, event: Event, customer: Option<CustomerId>, home: Option<PropertyId>) {
    let mut tx = bench.billing.kernel.store.write_tx().await.expect("a transaction");
    let mut event = bench.billing.kernel.events.about(subject, &event).expect("an event").of_home(home);
    event.customer_id = customer;
    tx.emit(event);
    tx.commit().await.expect("committed");
}

/// Writes a changed row.
pub async fn save<M>(bench: &Bench, row: M) -> M
where
    M: IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + sea_orm::ModelTrait,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + sea_orm::ActiveModelBehavior + Send,
    <M::Entity as EntityTrait>::Model: IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    M::Entity: EntityTrait<Model = M>,
{
    row.into_active_model().reset_all().update(bench.billing.kernel.store.write_pool()).await.expect("written")
}

async fn insert<M>(bench: &Bench, row: M) -> M
where
    M: IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + sea_orm::ModelTrait,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + sea_orm::ActiveModelBehavior + Send,
    <M::Entity as EntityTrait>::Model: IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    M::Entity: EntityTrait<Model = M>,
{
    row.into_active_model().insert(bench.billing.kernel.store.write_pool()).await.expect("written")
}

/// Digests what was committed.
pub async fn digest(bench: &Bench) {
    bench.relay().await;
    let consumer = Consumer::new(bench.billing.kernel.clone(), Notifier::new(&bench.billing.messages));
    while consumer.turn().await.expect("digested") {}
    let state =
        billow_entities::consumer::Entity::find_by_id("notifications").one(bench.billing.kernel.store.write_pool()).await.expect("read");
    assert_eq!(state.and_then(|s| s.last_error), None, "nothing failed");
}

/// Has staff replay the first event of a kind, as if its consumer had given it up.
pub async fn replay(bench: &Bench, kind: &str) {
    let db = bench.billing.kernel.store.write_pool();
    let event = event::Entity::find().filter(event::Column::Kind.eq(kind)).one(db).await.expect("read").expect("an event");
    let letter = rows::dead_letter(&bench.billing, "notifications", &event);
    let letter = insert(bench, letter).await.id;
    let staff = actor(bench, Role::Operator, None).await;
    bench.billing.operations.replay_dead_letter(&staff, letter).await.expect("replayed");
}

pub async fn register(bench: &Bench, actor: &Actor, name: &str) -> push_subscription::Model {
    let device = NewDevice { endpoint: format!("https://push.test/{name}"), p256dh: P256DH.into(), auth: AUTH.into(), label: name.into() };
    bench.billing.messages.register_push_subscription(actor, device).await.expect("registered")
}

pub async fn notes(bench: &Bench) -> Vec<notification::Model> {
    let query = notification::Entity::find().order_by_asc(notification::Column::Id);
    query.all(bench.billing.kernel.store.write_pool()).await.expect("read")
}

/// What was told, in order.
pub async fn kinds(bench: &Bench) -> Vec<NotificationKind> {
    notes(bench).await.into_iter().map(|n| n.kind).collect()
}

pub async fn deliveries(bench: &Bench) -> Vec<delivery::Model> {
    let query = delivery::Entity::find().order_by_asc(delivery::Column::Id);
    query.all(bench.billing.kernel.store.write_pool()).await.expect("read")
}

/// The deliveries as `CHANNEL STATUS`, in order.
pub async fn standing(bench: &Bench) -> Vec<String> {
    deliveries(bench).await.into_iter().map(|d| format!("{} {}", d.channel, d.status)).collect()
}

/// The reminders to come as days and instants.
pub async fn waiting(bench: &Bench) -> Vec<String> {
    let query = reminder::Entity::find().order_by_asc(reminder::Column::DueAt).order_by_asc(reminder::Column::CustomerId);
    let rows = query.all(bench.billing.kernel.store.write_pool()).await.expect("read");
    rows.into_iter().map(|r| format!("{} {}", r.step_days, r.due_at.format("%m-%dT%H:%M"))).collect()
}

impl Bench {
    fn clock_now(&self) -> chrono::DateTime<chrono::Utc> {
        self.billing.kernel.clock.now()
    }

    fn at(&self, text: &str) {
        self.clock.set(text.parse().expect("an instant"));
    }
}
