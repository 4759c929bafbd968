//! Messages, devices, and how somebody wants to be told.

use async_graphql::{Context, ID, Object, SimpleObject};
use billow_billing::messages::{Channels, Preferences};
use billow_entities::{delivery, notification, push_subscription};

use crate::accounts::account::UtilityAccount;
use crate::bills::bill::Bill;
use crate::context::ContextExt as _;
use crate::ids;
use crate::loaders::Find as _;
use crate::refusal::Result;
use crate::rules;
use crate::scalars::Instant;
use crate::types::{Channel, DeliveryStatus, NotificationKind};

/// A message in somebody's inbox.
#[derive(Clone, Debug)]
pub(crate) struct Notification(pub notification::Model);

/// A message in somebody's inbox.
#[Object]
impl Notification {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// What it is about.
    async fn kind(&self) -> NotificationKind {
        self.0.kind.into()
    }

    /// In a few words.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// In a sentence or two.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// Where it leads: a path in the web app.
    async fn link(&self) -> Option<&str> {
        self.0.link.as_deref()
    }

    /// The bill it is about, if it is still visible.
    async fn bill(&self, ctx: &Context<'_>) -> Result<Option<Bill>> {
        let Some(id) = self.0.bill_id else { return Ok(None) };
        let Some(bill) = ctx.loaders().find(id).await? else { return Ok(None) };
        rules::bill(ctx, &bill).await
    }

    /// The account it is about, if it is still visible.
    async fn utility_account(&self, ctx: &Context<'_>) -> Result<Option<UtilityAccount>> {
        let Some(id) = self.0.account_id else { return Ok(None) };
        let Some(account) = ctx.loaders().find(id).await? else { return Ok(None) };
        rules::account(ctx, account).await
    }

    /// When it came.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When it was read.
    async fn read_at(&self) -> Option<Instant> {
        self.0.read_at.map(Instant)
    }

    /// How it went out, once for each channel and target. For staff; empty for others.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn deliveries(&self, ctx: &Context<'_>) -> Result<Vec<Delivery>> {
        if !ctx.actor().is_staff() {
            return Ok(Vec::new());
        }
        let deliveries = Box::pin(ctx.billing().messages.deliveries_of(ctx.actor(), self.0.id)).await?;
        Ok(deliveries.into_iter().map(Delivery).collect())
    }
}

/// A message on its way over one channel to one target.
#[derive(Clone, Debug)]
pub(crate) struct Delivery(pub delivery::Model);

/// A message on its way over one channel to one target.
#[Object]
impl Delivery {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// The channel.
    async fn channel(&self) -> Channel {
        self.0.channel.into()
    }

    /// Where it stands.
    async fn status(&self) -> DeliveryStatus {
        self.0.status.into()
    }

    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// When it is, or was, to be sent.
    async fn due_at(&self) -> Instant {
        Instant(self.0.due_at)
    }

    /// When the far side took it.
    async fn sent_at(&self) -> Option<Instant> {
        self.0.sent_at.map(Instant)
    }

    /// What went wrong at the last try, in words for an operator.
    async fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }
}

/// A device that takes pushes.
#[derive(Clone, Debug)]
pub(crate) struct PushSubscription(pub push_subscription::Model);

/// A device that takes pushes.
#[Object]
impl PushSubscription {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// Which device, in words.
    async fn label(&self) -> &str {
        &self.0.label
    }

    /// Since when.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When a push was last taken over.
    async fn last_ok_at(&self) -> Option<Instant> {
        self.0.last_ok_at.map(Instant)
    }

    /// Why it takes no pushes any more.
    async fn disabled_reason(&self) -> Option<&str> {
        self.0.disabled_reason.as_deref()
    }
}

/// How a customer wants to be told.
#[derive(SimpleObject)]
pub(crate) struct NotificationPreferences {
    /// Channels by kind, for the kinds a customer decides about.
    channels: Vec<ChannelPreference>,
    /// When reminders of bills come: days before (negative) or after the due date.
    lead_days: Vec<i32>,
    /// When reminders of prepaid plans come: days before (negative) their last day, or on it (0).
    plan_lead_days: Vec<i32>,
    /// The hour of the day at which reminders come, 0 to 23.
    reminder_hour: i32,
    /// Hours in which nothing is sent.
    quiet_hours: Option<QuietHours>,
    /// Send a text message when no push got through.
    sms_fallback: bool,
}

impl NotificationPreferences {
    pub(crate) fn of(preferences: Preferences) -> Self {
        Self {
            channels: preferences.all_channels().into_iter().map(ChannelPreference::of).collect(),
            quiet_hours: preferences.quiet_hours.map(|q| QuietHours { start_hour: q.start.into(), end_hour: q.end.into() }),
            lead_days: preferences.lead_days,
            plan_lead_days: preferences.plan_lead_days,
            reminder_hour: preferences.reminder_hour.into(),
            sms_fallback: preferences.sms_fallback,
        }
    }
}

/// Over which channels one kind of message goes. The inbox gets everything.
#[derive(SimpleObject)]
pub(crate) struct ChannelPreference {
    /// The kind.
    kind: NotificationKind,
    /// To every device that takes pushes.
    push: bool,
    /// By mail.
    email: bool,
    /// As a text message.
    sms: bool,
}

impl ChannelPreference {
    fn of((kind, channels): (billow_entities::NotificationKind, Channels)) -> Self {
        Self { kind: kind.into(), push: channels.push, email: channels.email, sms: channels.sms }
    }
}

/// Hours in which nothing is sent, where the customer is; from 22 to 7 goes over midnight.
#[derive(SimpleObject)]
pub(crate) struct QuietHours {
    /// The first quiet hour, 0 to 23.
    start_hour: i32,
    /// The first hour that is not quiet any more, 0 to 23.
    end_hour: i32,
}
