//! Changing how one wants to be told.

use async_graphql::{Context, ID, InputObject, MaybeUndefined};
use billow_billing::messages::{Channels, PreferencesChange, QuietHours};
use billow_billing::{Problems, Result as Outcome};

use crate::bills::mutations::correct_bill::changed;
use crate::context::ContextExt as _;
use crate::ids::optional_id;
use crate::messages::types::NotificationPreferences;
use crate::payload::payload;
use crate::refusal::Result;
use crate::types::NotificationKind;

/// What is to change; what is absent stays.
#[derive(InputObject)]
pub(crate) struct UpdateNotificationPreferencesInput {
    /// For staff: whose; one's own where absent.
    customer_id: Option<ID>,
    /// Channels of these kinds.
    channels: Option<Vec<ChannelPreferenceInput>>,
    /// When reminders of bills come: days before (negative) or after the due date.
    lead_days: Option<Vec<i32>>,
    /// When reminders of prepaid plans come: days before (negative) their last day, or on it (0).
    plan_lead_days: Option<Vec<i32>>,
    /// The hour of the day at which reminders come, 0 to 23.
    reminder_hour: Option<i32>,
    /// Hours in which nothing is sent; null takes them away.
    quiet_hours: MaybeUndefined<QuietHoursInput>,
    /// Send a text message when no push got through.
    sms_fallback: Option<bool>,
}

/// Over which channels one kind of message goes.
#[derive(InputObject)]
pub(crate) struct ChannelPreferenceInput {
    /// The kind.
    kind: NotificationKind,
    /// To every device that takes pushes.
    push: bool,
    /// By mail.
    email: bool,
    /// As a text message.
    sms: bool,
}

/// Hours in which nothing is sent; from 22 to 7 goes over midnight.
#[derive(InputObject)]
pub(crate) struct QuietHoursInput {
    /// The first quiet hour, 0 to 23.
    start_hour: i32,
    /// The first hour that is not quiet any more, 0 to 23.
    end_hour: i32,
}

payload! {
    /// How one is told from now on.
    UpdateNotificationPreferencesPayload {
        /// The preferences.
        preferences: Option<NotificationPreferences>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: UpdateNotificationPreferencesInput) -> Result<UpdateNotificationPreferencesPayload> {
    let outcome = async {
        let customer = optional_id(input.customer_id.as_ref(), "customerId")?;
        ctx.billing().messages.update_preferences(ctx.actor(), customer, read(input)?).await
    };
    UpdateNotificationPreferencesPayload::of(outcome.await, |preferences| UpdateNotificationPreferencesPayload {
        preferences: Some(NotificationPreferences::of(preferences)),
        user_errors: Vec::new(),
    })
}

fn read(input: UpdateNotificationPreferencesInput) -> Outcome<PreferencesChange> {
    let mut problems = Problems::default();
    let mut hour = |value: i32, path: &str| {
        u8::try_from(value).unwrap_or_else(|_| {
            problems.add("INVALID", path, "The hour must be from 0 to 23.");
            0
        })
    };
    let reminder_hour = input.reminder_hour.map(|value| hour(value, "reminderHour"));
    let quiet_hours = changed(input.quiet_hours).map(|quiet| {
        quiet.map(|q| QuietHours { start: hour(q.start_hour, "quietHours.startHour"), end: hour(q.end_hour, "quietHours.endHour") })
    });
    problems.finish()?;
    let channels = input
        .channels
        .map(|list| list.into_iter().map(|c| (c.kind.into(), Channels { push: c.push, email: c.email, sms: c.sms })).collect());
    Ok(PreferencesChange {
        channels,
        lead_days: input.lead_days,
        plan_lead_days: input.plan_lead_days,
        quiet_hours,
        reminder_hour,
        sms_fallback: input.sms_fallback,
    })
}
