//! Whoever asks.

use async_graphql::{Context, Object};
use billow_billing::Actor;

use crate::context::ContextExt as _;
use crate::customers::customer::Customer;
use crate::identity::second_factor::SecondFactor;
use crate::identity::types::{ApiClient, Session, User};
use crate::messages::types::{NotificationPreferences, PushSubscription};
use crate::refusal::Result;
use crate::scalars::count;
use crate::types::Role;

/// Whoever asks: the one in the context, or the one who has just signed in.
#[derive(Clone, Debug)]
pub(crate) struct Viewer {
    actor: Actor,
}

impl Viewer {
    /// The viewer, if somebody is signed in or a program asks.
    pub(crate) fn of(actor: &Actor) -> Option<Self> {
        matches!(actor, Actor::User { .. } | Actor::Enrolling { .. } | Actor::Client { .. }).then(|| Self { actor: actor.clone() })
    }

    fn is_user(&self) -> bool {
        matches!(self.actor, Actor::User { .. })
    }
}

/// Whoever asks, with what only they see.
#[Object]
impl Viewer {
    /// The user who is signed in; null for programs.
    async fn user(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        if self.actor.account().is_err() {
            return Ok(None);
        }
        Ok(Some(User(Box::pin(ctx.billing().identity.own_user(&self.actor)).await?)))
    }

    /// The customer they act for; null for staff and programs.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        match self.actor.customer() {
            Ok(id) => Ok(Some(Box::pin(ctx.billing().customers.customer(&self.actor, id)).await?.into())),
            Err(_) => Ok(None),
        }
    }

    /// Where the log stands: read it before the first lists and subscribe after it, and nothing is lost between the two.
    async fn cursor(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(Box::pin(ctx.billing().kernel.events.log_end()).await?.to_string())
    }

    /// The program that asks; null for people.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<ApiClient>> {
        match self.actor {
            Actor::Client { .. } => Ok(Some(ApiClient(Box::pin(ctx.billing().identity.own_api_client(&self.actor)).await?))),
            _ => Ok(None),
        }
    }

    /// What they may do; null for programs.
    async fn role(&self) -> Option<Role> {
        match self.actor {
            Actor::User { role, .. } | Actor::Enrolling { role, .. } => Some(role.into()),
            _ => None,
        }
    }

    /// Whether a second factor must be set up before anything else; every other operation answers
    /// `SECOND_FACTOR_SETUP_REQUIRED` until then.
    async fn must_set_up_second_factor(&self) -> bool {
        matches!(self.actor, Actor::Enrolling { .. })
    }

    /// Their second factors; null for programs.
    async fn second_factor(&self, ctx: &Context<'_>) -> Result<Option<SecondFactor>> {
        if self.actor.account().is_err() {
            return Ok(None);
        }
        Ok(Some(SecondFactor(Box::pin(ctx.billing().identity.second_factors(&self.actor)).await?)))
    }

    /// The VAPID key browsers subscribe to pushes with; null when push is off.
    async fn push_public_key(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.billing().messages.push_public_key()
    }

    /// How many messages in the inbox are unread.
    async fn unread_notifications(&self, ctx: &Context<'_>) -> Result<i32> {
        if !self.is_user() {
            return Ok(0);
        }
        Ok(count(Box::pin(ctx.billing().messages.unread_count(&self.actor)).await?))
    }

    /// Sign-ins in force, the newest first.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        if !self.is_user() {
            return Ok(Vec::new());
        }
        Ok(Box::pin(ctx.billing().identity.sessions(&self.actor)).await?.into_iter().map(Session).collect())
    }

    /// Devices that take pushes, the newest first; those that are gone are shown for a while.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn push_subscriptions(&self, ctx: &Context<'_>) -> Result<Vec<PushSubscription>> {
        if !self.is_user() {
            return Ok(Vec::new());
        }
        Ok(Box::pin(ctx.billing().messages.push_subscriptions(&self.actor)).await?.into_iter().map(PushSubscription).collect())
    }

    /// How they want to be told; null for staff and programs.
    async fn notification_preferences(&self, ctx: &Context<'_>) -> Result<Option<NotificationPreferences>> {
        if self.actor.customer().is_err() {
            return Ok(None);
        }
        Ok(Some(NotificationPreferences::of(Box::pin(ctx.billing().messages.preferences(&self.actor, None)).await?)))
    }
}
