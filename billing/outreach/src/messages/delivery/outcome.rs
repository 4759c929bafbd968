//! Writing down what came of a try, if the claim still holds.

use std::collections::HashSet;

use billow_entities::{Channel, DeliveryStatus, PushSubscriptionId, customer, delivery, push_subscription};
use billow_kernel::error::Result;
use billow_kernel::store::WriteTx;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{Tried, WAITS};
use crate::messages::Messages;
use crate::messages::letter::{ON_FILE, queue};
use crate::messages::preferences;
use crate::messaging::SendOutcome;

/// Where a delivery stands after a try. Pure.
#[derive(Debug, PartialEq, Eq)]
struct Next {
    status: DeliveryStatus,
    due_at: Option<DateTime<Utc>>,
    error: Option<String>,
    /// The device is gone, for this reason.
    gone: Option<String>,
}

fn next(channel: Channel, attempts: i32, outcome: &SendOutcome, now: DateTime<Utc>) -> Next {
    let end = |status, message: &str| Next { status, due_at: None, error: Some(message.to_owned()), gone: None };
    let again = |message: &str, retry_after_ms| match WAITS.next(attempts, retry_after_ms) {
        Some(wait) => Next { status: DeliveryStatus::Queued, due_at: Some(now + wait), error: Some(message.to_owned()), gone: None },
        None => end(DeliveryStatus::Failed, message),
    };
    match outcome {
        SendOutcome::Sent => Next { status: DeliveryStatus::Sent, due_at: None, error: None, gone: None },
        SendOutcome::Gone { message } => Next { gone: Some(message.clone()), ..end(DeliveryStatus::Failed, message) },
        SendOutcome::Refused { message } => end(DeliveryStatus::Failed, message),
        SendOutcome::Retryable { message, retry_after_ms } => again(message, *retry_after_ms),
        // The mail keeps its Message-ID, so that a second one is recognised; a device would simply ring twice.
        SendOutcome::Unknown { message } if channel == Channel::Email => again(message, None),
        SendOutcome::Unknown { message } => end(DeliveryStatus::Unknown, message),
    }
}

impl Messages {
    /// Writes down what came of these tries.
    pub(super) async fn write_outcomes(&self, tried: Vec<Tried>) -> Result<()> {
        let now = self.clock.now();
        // What ended alike is written by one statement.
        let mut alike: Vec<(i64, Next, Vec<Tried>)> = Vec::new();
        for one in tried {
            let next = next(one.delivery.channel, one.delivery.attempts, &one.outcome, now);
            match alike.iter_mut().find(|(fence, known, _)| *fence == one.delivery.fence && *known == next) {
                Some((.., tried)) => tried.push(one),
                None => alike.push((one.delivery.fence, next, vec![one])),
            }
        }
        let tx = self.store.write_tx().await?;
        for (fence, next, tried) in alike {
            let mut update = delivery::Entity::update_many()
                .col_expr(delivery::Column::Status, Expr::value(next.status))
                .col_expr(delivery::Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
                .col_expr(delivery::Column::LastError, Expr::value(next.error.as_deref().map(shortened)))
                .col_expr(delivery::Column::UpdatedAt, Expr::value(now))
                .filter(delivery::Column::Id.is_in(tried.iter().map(|one| one.delivery.id)))
                .filter(delivery::Column::Fence.eq(fence))
                .filter(delivery::Column::Status.eq(DeliveryStatus::Sending));
            if next.status == DeliveryStatus::Sent {
                update = update.col_expr(delivery::Column::SentAt, Expr::value(now));
            }
            if let Some(due_at) = next.due_at {
                update = update.col_expr(delivery::Column::DueAt, Expr::value(due_at));
            }
            let held: HashSet<_> = update.exec_with_returning(&*tx).await?.into_iter().map(|written| written.id).collect();
            for one in tried {
                let held = held.contains(&one.delivery.id);
                self.look_after(&tx, &one, &next, held, now).await?;
            }
        }
        tx.commit().await
    }

    /// What else follows from a try that was written down, if it was `held`.
    async fn look_after(&self, tx: &WriteTx, one: &Tried, next: &Next, held: bool, now: DateTime<Utc>) -> Result<()> {
        let (delivery, status) = (&one.delivery, next.status.as_str());
        let channel = delivery.channel.as_str();
        metrics::counter!("billow_deliveries_total", "channel" => channel, "outcome" => status).increment(1);
        if !held {
            tracing::warn!(delivery.id = %delivery.id, status, "the claim on a delivery was lost before its outcome was written");
            return Ok(());
        }
        if next.status == DeliveryStatus::Failed {
            tracing::warn!(delivery.id = %delivery.id, channel, error = next.error.as_deref(), "a delivery was given up");
        }
        if let Some(device) = one.device {
            self.look_after_device(tx, device, next, now).await?;
        }
        if delivery.channel == Channel::Push && next.status == DeliveryStatus::Failed {
            self.fall_back_to_sms(tx, one, now).await?;
        }
        Ok(())
    }

    async fn look_after_device(&self, tx: &WriteTx, device: PushSubscriptionId, next: &Next, now: DateTime<Utc>) -> Result<()> {
        let update = push_subscription::Entity::update_many().filter(push_subscription::Column::Id.eq(device));
        if let Some(reason) = &next.gone {
            update
                .col_expr(push_subscription::Column::DisabledAt, Expr::value(now))
                .col_expr(push_subscription::Column::DisabledReason, Expr::value(shortened(reason)))
                .exec(&**tx)
                .await?;
        } else if next.status == DeliveryStatus::Sent {
            update.col_expr(push_subscription::Column::LastOkAt, Expr::value(now)).exec(&**tx).await?;
        }
        Ok(())
    }

    /// No push got through, and none will: a text message takes its place, for those who want that.
    async fn fall_back_to_sms(&self, tx: &WriteTx, one: &Tried, now: DateTime<Utc>) -> Result<()> {
        let Some(customer_id) = one.note.customer_id.filter(|_| self.sms.available()) else { return Ok(()) };
        let wishes = preferences::load(&**tx, customer_id).await?;
        if !wishes.sms_fallback || !preferences::is_adjustable(one.note.kind) {
            return Ok(());
        }
        let hopeful = [DeliveryStatus::Queued, DeliveryStatus::Sending, DeliveryStatus::Sent, DeliveryStatus::Unknown];
        let others = delivery::Entity::find()
            .filter(delivery::Column::NotificationId.eq(one.note.id))
            .filter(delivery::Column::Channel.eq(Channel::Push))
            .filter(delivery::Column::Status.is_in(hopeful))
            .count(&**tx)
            .await?;
        let mobile = customer::Entity::find_by_id(customer_id).one(&**tx).await?.and_then(|c| c.mobile);
        if others > 0 || mobile.is_none() {
            return Ok(());
        }
        queue(tx, self.deliveries(one.note.id, vec![(Channel::Sms, ON_FILE.to_owned())], now).collect()).await
    }
}

/// Far sides are talkative.
fn shortened(text: &str) -> String {
    text.chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_leads_somewhere() {
        let now: DateTime<Utc> = "2026-11-21T09:00:00Z".parse().expect("an instant");
        let message = || "why".to_owned();
        let retry = |retry_after_ms| SendOutcome::Retryable { message: message(), retry_after_ms };
        let unknown = SendOutcome::Unknown { message: message() };
        let cases = [
            (Channel::Push, 1, SendOutcome::Sent, DeliveryStatus::Sent, None),
            (Channel::Push, 1, SendOutcome::Gone { message: message() }, DeliveryStatus::Failed, None),
            (Channel::Email, 1, SendOutcome::Refused { message: message() }, DeliveryStatus::Failed, None),
            (Channel::Push, 1, retry(None), DeliveryStatus::Queued, Some(5)),
            (Channel::Push, 1, retry(Some(90_000)), DeliveryStatus::Queued, Some(90)),
            (Channel::Push, 8, retry(Some(90_000)), DeliveryStatus::Failed, None),
            (Channel::Push, 1, unknown.clone(), DeliveryStatus::Unknown, None),
            (Channel::Sms, 1, unknown.clone(), DeliveryStatus::Unknown, None),
            (Channel::Email, 2, unknown.clone(), DeliveryStatus::Queued, Some(30)),
            (Channel::Email, 8, unknown, DeliveryStatus::Failed, None),
        ];
        for (channel, attempts, outcome, status, wait_s) in cases {
            let next = next(channel, attempts, &outcome, now);
            let waits = next.due_at.map(|at| (at - now).num_seconds());
            assert_eq!((next.status, waits), (status, wait_s), "{channel} {attempts} {outcome:?}");
            assert_eq!(next.gone.is_some(), matches!(outcome, SendOutcome::Gone { .. }));
        }
    }
}
