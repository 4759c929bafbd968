//! Money on its way back.

use async_graphql::{Context, ID, Object};
use billow_entities::refund;

use crate::context::ContextExt as _;
use crate::ids;
use crate::loaders::{Find as _, must};
use crate::payments::payment::Payment;
use crate::refusal::Result;
use crate::rules;
use crate::scalars::Instant;
use crate::types::{Money, RefundCause, RefundStatus, RefundTarget};

/// Money on its way back.
#[derive(Clone, Debug)]
pub(crate) struct Refund(pub refund::Model);

/// Money on its way back.
#[Object]
impl Refund {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// How much.
    async fn amount(&self) -> Money {
        Money::stored(self.0.amount_minor, &self.0.currency)
    }

    /// Where to.
    async fn target(&self) -> RefundTarget {
        self.0.target.into()
    }

    /// Why, as programs tell it.
    async fn cause(&self) -> RefundCause {
        self.0.cause.into()
    }

    /// Why, in words.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Where it stands.
    async fn status(&self) -> RefundStatus {
        self.0.status.into()
    }

    /// Why it stands there. For staff; null for others.
    async fn status_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.status_reason.as_deref().filter(|_| ctx.actor().is_staff())
    }

    /// When it was begun.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When it arrived.
    async fn settled_at(&self) -> Option<Instant> {
        self.0.settled_at.map(Instant)
    }

    /// The payment it is of.
    async fn payment(&self, ctx: &Context<'_>) -> Result<Payment> {
        let row = must(ctx.loaders().find(self.0.payment_id).await?, "payment")?;
        must(rules::payment(ctx, row), "payment")
    }
}
