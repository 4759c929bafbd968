//! What the API changes about what people are told: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod mark_notifications_read;
pub(crate) mod register_push_subscription;
pub(crate) mod remove_push_subscription;
pub(crate) mod send_test_notification;
pub(crate) mod update_notification_preferences;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about what people are told.
#[derive(Default)]
pub(crate) struct MessagesMutations;

#[Object]
impl MessagesMutations {
    /// Turns on pushes on the device that asks.
    async fn register_push_subscription(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: register_push_subscription::RegisterPushSubscriptionInput,
    ) -> Result<register_push_subscription::RegisterPushSubscriptionPayload> {
        register_push_subscription::run(ctx, input).await
    }

    /// Turns off pushes on one of one's own devices.
    async fn remove_push_subscription(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: remove_push_subscription::RemovePushSubscriptionInput,
    ) -> Result<remove_push_subscription::RemovePushSubscriptionPayload> {
        remove_push_subscription::run(ctx, input).await
    }

    /// Sends a message to one's own devices, to see whether it arrives; at most one a minute.
    async fn send_test_notification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which device; all where absent.")] input: Option<send_test_notification::SendTestNotificationInput>,
    ) -> Result<send_test_notification::SendTestNotificationPayload> {
        send_test_notification::run(ctx, input).await
    }

    /// Changes how one wants to be told; reminders to come are scheduled anew.
    async fn update_notification_preferences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: update_notification_preferences::UpdateNotificationPreferencesInput,
    ) -> Result<update_notification_preferences::UpdateNotificationPreferencesPayload> {
        update_notification_preferences::run(ctx, input).await
    }

    /// Marks messages in one's inbox as read.
    async fn mark_notifications_read(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: mark_notifications_read::MarkNotificationsReadInput,
    ) -> Result<mark_notifications_read::MarkNotificationsReadPayload> {
        mark_notifications_read::run(ctx, input).await
    }
}
