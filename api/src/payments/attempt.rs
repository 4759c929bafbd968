//! Tries at gateways. What a gateway says is for staff; whoever pays is told in the payment's own words.

use async_graphql::{Context, ID, Object};
use billow_entities::{AttemptStatus as Status, payment_attempt};

use crate::context::ContextExt as _;
use crate::ids;
use crate::loaders::{Find as _, must};
use crate::refusal::Result;
use crate::scalars::{Instant, Json};
use crate::types::{AttemptStatus, DeclineKind, Money};

/// One try at a gateway.
#[derive(Clone, Debug)]
pub(crate) struct PaymentAttempt(pub payment_attempt::Model);

/// One try at a gateway.
#[Object]
impl PaymentAttempt {
    /// Its id.
    async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// Counts from 1.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// Where it stands.
    async fn status(&self) -> AttemptStatus {
        self.0.status.into()
    }

    /// What is charged.
    async fn amount(&self) -> Money {
        Money::stored(self.0.amount_minor, &self.0.currency)
    }

    /// The gateway.
    async fn gateway_code(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(must(ctx.loaders().find(self.0.gateway_id).await?, "gateway")?.code.clone())
    }

    /// Where whoever pays confirms it.
    async fn action_url(&self) -> Option<&str> {
        self.0.action_url.as_deref().filter(|_| self.0.status == Status::RequiresAction)
    }

    /// The gateway's id of the charge. For staff; null for others.
    async fn external_id(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.external_id.as_deref().filter(|_| ctx.actor().is_staff())
    }

    /// Why it was declined, if it was.
    async fn decline_kind(&self) -> Option<DeclineKind> {
        self.0.decline_kind.map(Into::into)
    }

    /// The gateway's own word for that. For staff; null for others.
    async fn decline_code(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.decline_code.as_deref().filter(|_| ctx.actor().is_staff())
    }

    /// What the gateway said. For staff; null for others.
    async fn message(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.message.as_deref().filter(|_| ctx.actor().is_staff())
    }

    /// Why this gateway was chosen. For staff; null for others.
    async fn decision(&self, ctx: &Context<'_>) -> Option<Json> {
        ctx.actor().is_staff().then(|| Json(self.0.decision.clone()))
    }

    /// What the gateway kept. For staff; null for others.
    async fn fee(&self, ctx: &Context<'_>) -> Option<Money> {
        self.0.fee_minor.filter(|_| ctx.actor().is_staff()).map(|minor| Money::stored(minor, &self.0.currency))
    }

    /// When it was sent.
    async fn sent_at(&self) -> Option<Instant> {
        self.0.sent_at.map(Instant)
    }

    /// When the gateway answered.
    async fn answered_at(&self) -> Option<Instant> {
        self.0.answered_at.map(Instant)
    }

    /// When it was written down.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }
}
