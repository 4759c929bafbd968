//! How a customer wants to be told, and taking a mail off the list with one click.

use std::collections::BTreeMap;

use billow_entities::{CustomerId, NotificationKind, customer, preference};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Problems, Result};
use billow_kernel::store::WriteTx;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::Messages;
use super::steps::{Rhythm, zone_of};

/// What a customer decides about; everything else always comes.
pub const ADJUSTABLE: [NotificationKind; 8] = [
    NotificationKind::BillReceived,
    NotificationKind::BillCorrected,
    NotificationKind::BillVoided,
    NotificationKind::BillReminder,
    NotificationKind::PlanReminder,
    NotificationKind::AccountNeedsAttention,
    NotificationKind::PaymentSucceeded,
    NotificationKind::PaymentRefunded,
];

/// Steps one customer may have for one kind of reminder.
const MAX_STEPS: usize = 12;

/// Over which channels one kind of message goes. The inbox gets everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channels {
    /// To every device that takes pushes.
    pub push: bool,
    /// By mail.
    pub email: bool,
    /// As a text message.
    pub sms: bool,
}

impl Default for Channels {
    fn default() -> Self {
        Self { push: true, email: true, sms: false }
    }
}

/// Hours in which nothing is sent, in the customer's time zone; from 22 to 7 goes over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// The first quiet hour, 0 to 23.
    pub start: u8,
    /// The first hour that is not quiet any more, 0 to 23.
    pub end: u8,
}

/// How a customer wants to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Channels by kind; the default holds for kinds that are missing.
    pub channels: BTreeMap<NotificationKind, Channels>,
    /// Days before (negative) or after a bill's due date.
    pub lead_days: Vec<i32>,
    /// Days before a prepaid plan's last day (negative), or on it (0).
    pub plan_lead_days: Vec<i32>,
    /// Hours in which nothing is sent.
    pub quiet_hours: Option<QuietHours>,
    /// The hour of the day at which reminders come, 0 to 23.
    pub reminder_hour: u8,
    /// Send a text message when no push got through.
    pub sms_fallback: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            channels: BTreeMap::new(),
            lead_days: vec![-7, -3, -1, 0, 1, 3],
            plan_lead_days: vec![-7, -3, -1, 0],
            quiet_hours: None,
            reminder_hour: 9,
            sms_fallback: false,
        }
    }
}

/// What a customer changes; what is unset stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreferencesChange {
    /// Channels of these kinds.
    pub channels: Option<BTreeMap<NotificationKind, Channels>>,
    /// See [`Preferences::lead_days`].
    pub lead_days: Option<Vec<i32>>,
    /// See [`Preferences::plan_lead_days`].
    pub plan_lead_days: Option<Vec<i32>>,
    /// See [`Preferences::quiet_hours`]; the inner `None` takes them away.
    pub quiet_hours: Option<Option<QuietHours>>,
    /// See [`Preferences::reminder_hour`].
    pub reminder_hour: Option<u8>,
    /// See [`Preferences::sms_fallback`].
    pub sms_fallback: Option<bool>,
}

impl Preferences {
    /// The channels of one kind. What is not the customer's to decide goes everywhere but by text message.
    #[must_use]
    pub fn channels_of(&self, kind: NotificationKind) -> Channels {
        if is_adjustable(kind) { self.channels.get(&kind).copied().unwrap_or_default() } else { Channels::default() }
    }

    /// The channels of every kind a customer decides about.
    #[must_use]
    pub fn all_channels(&self) -> Vec<(NotificationKind, Channels)> {
        ADJUSTABLE.iter().map(|kind| (*kind, self.channels_of(*kind))).collect()
    }

    /// When reminders of bills come.
    #[must_use]
    pub fn bill_rhythm(&self, to: &customer::Model) -> Rhythm<'_> {
        Rhythm { steps: &self.lead_days, hour: self.reminder_hour, zone: zone_of(&to.time_zone) }
    }

    /// When reminders of plans come.
    #[must_use]
    pub fn plan_rhythm(&self, to: &customer::Model) -> Rhythm<'_> {
        Rhythm { steps: &self.plan_lead_days, hour: self.reminder_hour, zone: zone_of(&to.time_zone) }
    }

    fn change(&mut self, change: PreferencesChange) {
        self.channels.extend(change.channels.unwrap_or_default());
        if let Some(steps) = change.lead_days {
            self.lead_days = in_order(steps);
        }
        if let Some(steps) = change.plan_lead_days {
            self.plan_lead_days = in_order(steps);
        }
        if let Some(quiet) = change.quiet_hours {
            self.quiet_hours = quiet;
        }
        if let Some(hour) = change.reminder_hour {
            self.reminder_hour = hour;
        }
        if let Some(fallback) = change.sms_fallback {
            self.sms_fallback = fallback;
        }
    }

    fn check(&self) -> Result<()> {
        let mut problems = Problems::default();
        for kind in self.channels.keys().filter(|kind| !is_adjustable(**kind)) {
            problems.add("INVALID", "channels", format!("{kind} always comes; its channels cannot be changed."));
        }
        for (path, steps, low, high) in [("leadDays", &self.lead_days, -60, 30), ("planLeadDays", &self.plan_lead_days, -60, 0)] {
            if steps.len() > MAX_STEPS {
                problems.add("TOO_MANY", path, format!("At most {MAX_STEPS} reminders, please."));
            }
            if let Some(day) = steps.iter().find(|day| !(low..=high).contains(*day)) {
                problems.add("INVALID", path, format!("Reminders can come from {low} to {high} days from the date, not {day}."));
            }
        }
        if self.reminder_hour > 23 {
            problems.add("INVALID", "reminderHour", "The hour must be from 0 to 23.");
        }
        if let Some(quiet) = self.quiet_hours {
            if quiet.start > 23 || quiet.end > 23 {
                problems.add("INVALID", "quietHours", "The hours must be from 0 to 23.");
            } else if quiet.start == quiet.end {
                problems.add("INVALID", "quietHours", "Quiet hours must end at another hour than they begin.");
            }
        }
        problems.finish()
    }
}

/// Whether customers decide about this kind.
#[must_use]
pub fn is_adjustable(kind: NotificationKind) -> bool {
    ADJUSTABLE.contains(&kind)
}

fn in_order(mut steps: Vec<i32>) -> Vec<i32> {
    steps.sort_unstable();
    steps.dedup();
    steps
}

impl Messages {
    /// How a customer wants to be told; `customer` is for staff, customers ask about themselves.
    ///
    /// # Errors
    /// `NotFound` when it is another customer.
    #[tracing::instrument(name = "messages.preferences", skip_all)]
    pub async fn preferences(&self, actor: &Actor, customer: Option<CustomerId>) -> Result<Preferences> {
        let customer = self.told_customer(actor, customer).await?;
        load(self.store.primary(), customer.id).await
    }

    /// Changes how a customer wants to be told. Reminders that are still to come are scheduled anew.
    ///
    /// # Errors
    /// `Invalid` with everything that is wrong; `NotFound` when it is another customer.
    #[tracing::instrument(name = "messages.update_preferences", skip_all)]
    pub async fn update_preferences(&self, actor: &Actor, customer: Option<CustomerId>, change: PreferencesChange) -> Result<Preferences> {
        let customer = self.told_customer(actor, customer).await?;
        let tx = self.store.write_tx().await?;
        let mut preferences = load(&*tx, customer.id).await?;
        preferences.change(change);
        preferences.check()?;
        self.save_preferences(&tx, &customer, &preferences).await?;
        if actor.customer().ok() != Some(customer.id) {
            self.audit
                .record(&tx, actor, "preferences.update", customer.id, Some(customer.id), None, serde_json::to_value(&preferences)?)
                .await?;
        }
        tx.commit().await?;
        Ok(preferences)
    }

    /// The address that takes mails of one kind off the list, as RFC 8058 wants it: a `POST` there is enough, without
    /// signing in. Kinds that always come have none.
    #[must_use]
    pub fn unsubscribe_url(&self, customer: CustomerId, kind: NotificationKind) -> Option<String> {
        is_adjustable(kind).then(|| format!("{}/unsubscribe/{}", self.settings.base_url, self.unsubscribe_token(customer, kind)))
    }

    /// Takes mails of one kind off the list; answers which kind. Whoever holds the token of a mail may do this, and nothing else.
    ///
    /// # Errors
    /// `NotFound` when the token is not one of ours.
    #[tracing::instrument(name = "messages.unsubscribe", skip_all)]
    pub async fn unsubscribe(&self, token: &str) -> Result<NotificationKind> {
        let missing = || Error::NotFound("subscription");
        let (customer, kind) = self.read_unsubscribe_token(token).ok_or_else(missing)?;
        let customer = customer::Entity::find_by_id(customer).one(self.store.primary()).await?.ok_or_else(missing)?;
        let tx = self.store.write_tx().await?;
        let mut preferences = load(&*tx, customer.id).await?;
        let channels = Channels { email: false, ..preferences.channels_of(kind) };
        preferences.channels.insert(kind, channels);
        self.save_preferences(&tx, &customer, &preferences).await?;
        tx.commit().await?;
        Ok(kind)
    }

    /// Which kind of mail a token takes off the list, for a page that asks before it does so.
    ///
    /// # Errors
    /// `NotFound` when the token is not one of ours.
    pub fn unsubscribe_kind(&self, token: &str) -> Result<NotificationKind> {
        self.read_unsubscribe_token(token).map(|(_, kind)| kind).ok_or(Error::NotFound("subscription"))
    }

    fn unsubscribe_token(&self, customer: CustomerId, kind: NotificationKind) -> String {
        let mac = self.cipher.blind_index("unsubscribe", &format!("{customer}.{kind}"));
        format!("{customer}.{}.{mac}", kind.as_str().to_lowercase())
    }

    fn read_unsubscribe_token(&self, token: &str) -> Option<(CustomerId, NotificationKind)> {
        let mut parts = token.splitn(3, '.');
        let customer: CustomerId = parts.next()?.parse().ok()?;
        let kind: NotificationKind = parts.next()?.to_uppercase().parse().ok()?;
        let genuine = self.unsubscribe_token(customer, kind);
        (is_adjustable(kind) && bool::from(genuine.as_bytes().ct_eq(token.as_bytes()))).then_some((customer, kind))
    }

    async fn told_customer(&self, actor: &Actor, customer: Option<CustomerId>) -> Result<customer::Model> {
        let id = match customer {
            Some(id) if actor.is_staff() || actor.customer()? == id => id,
            Some(_) => return Err(Error::NotFound("customer")),
            None => actor.customer()?,
        };
        customer::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("customer"))
    }

    async fn save_preferences(&self, tx: &WriteTx, customer: &customer::Model, preferences: &Preferences) -> Result<()> {
        let row = preference::ActiveModel {
            customer_id: Set(customer.id),
            data: Set(serde_json::to_value(preferences)?),
            updated_at: Set(self.clock.now()),
        };
        let replace = OnConflict::column(preference::Column::CustomerId)
            .update_columns([preference::Column::Data, preference::Column::UpdatedAt])
            .to_owned();
        preference::Entity::insert(row).on_conflict(replace).exec_without_returning(&**tx).await?;
        self.schedule_all_of(tx, customer, preferences).await
    }
}

/// What is stored, or the default.
pub(super) async fn load(db: &impl ConnectionTrait, customer: CustomerId) -> Result<Preferences> {
    let row = preference::Entity::find_by_id(customer).one(db).await?;
    Ok(row.map(read).unwrap_or_default())
}

/// Reads a row; one that cannot be read any more counts as the default rather than silencing everything.
pub(super) fn read(row: preference::Model) -> Preferences {
    let customer = row.customer_id;
    serde_json::from_value(row.data).unwrap_or_else(|error| {
        tracing::error!(customer.id = %customer, %error, "stored preferences cannot be read; the default holds");
        Preferences::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(change: PreferencesChange) -> Result<Preferences> {
        let mut preferences = Preferences::default();
        preferences.change(change);
        preferences.check().map(|()| preferences)
    }

    #[test]
    fn impossible_wishes_are_named() {
        let wrong = PreferencesChange {
            channels: Some([(NotificationKind::Security, Channels::default())].into()),
            lead_days: Some(vec![-61]),
            plan_lead_days: Some(vec![1]),
            quiet_hours: Some(Some(QuietHours { start: 7, end: 7 })),
            reminder_hour: Some(24),
            sms_fallback: None,
        };
        let Err(Error::Invalid(errors)) = checked(wrong) else { panic!("must be refused") };
        let paths: Vec<_> = errors.iter().map(|e| e.path.join(".")).collect();
        assert_eq!(paths, ["channels", "leadDays", "planLeadDays", "reminderHour", "quietHours"]);
        let many = PreferencesChange { lead_days: Some((0..13).collect()), ..PreferencesChange::default() };
        assert!(checked(many).is_err());
    }

    #[test]
    fn steps_are_kept_in_order_and_once() {
        let change = PreferencesChange { lead_days: Some(vec![3, -1, 3]), ..PreferencesChange::default() };
        assert_eq!(checked(change).expect("taken").lead_days, [-1, 3]);
        let none = PreferencesChange { lead_days: Some(vec![]), ..PreferencesChange::default() };
        assert!(checked(none).expect("taken").lead_days.is_empty());
    }

    #[test]
    fn what_is_stored_reads_back_and_old_rows_gain_defaults() {
        let mut preferences = Preferences::default();
        preferences.channels.insert(NotificationKind::BillReminder, Channels { push: false, email: true, sms: true });
        let stored = serde_json::to_value(&preferences).expect("JSON");
        assert_eq!(stored["channels"]["BILL_REMINDER"]["sms"], true);
        assert_eq!(serde_json::from_value::<Preferences>(stored).expect("read"), preferences);
        let old: Preferences = serde_json::from_value(serde_json::json!({"reminder_hour": 18})).expect("read");
        assert_eq!((old.reminder_hour, old.lead_days.len()), (18, 6));
    }

    #[test]
    fn security_cannot_be_switched_off() {
        let mut preferences = Preferences::default();
        preferences.channels.insert(NotificationKind::Security, Channels { push: false, email: false, sms: false });
        assert!(preferences.channels_of(NotificationKind::Security).email);
    }
}
