//! Saved cards and direct debits.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use billow_billing::methods;
use billow_entities::{MethodStatus as Status, payment_method};
use chrono_tz::Tz;

use crate::context::ContextExt as _;
use crate::ids;
use crate::loaders::{Find as _, must};
use crate::refusal::Result;
use crate::scalars::Instant;
use crate::types::{MethodFailure, MethodKind, MethodStatus};

/// A kind of payment method that can be saved.
#[derive(SimpleObject, Clone, Copy, Debug)]
pub(crate) struct PaymentMethodSetupOption {
    /// Card or direct debit.
    kind: MethodKind,
    /// Whether `startPaymentMethodSetup` takes the names of test cards (`pm_card_visa`) as tokens: true only where the
    /// gateway is the sandbox.
    takes_test_tokens: bool,
}

impl From<methods::SetupOption> for PaymentMethodSetupOption {
    fn from(option: methods::SetupOption) -> Self {
        Self { kind: option.kind.into(), takes_test_tokens: option.takes_test_tokens }
    }
}

/// A saved card or direct debit.
#[derive(Clone, Debug)]
pub(crate) struct PaymentMethod(Arc<payment_method::Model>);

impl From<payment_method::Model> for PaymentMethod {
    fn from(row: payment_method::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl PaymentMethod {
    pub(crate) fn of(row: Arc<payment_method::Model>) -> Self {
        Self(row)
    }
}

/// A saved card or direct debit. The number itself is only ever with the gateway.
#[Object]
impl PaymentMethod {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// Card or direct debit.
    async fn kind(&self) -> MethodKind {
        self.0.kind.into()
    }

    /// Where it stands.
    async fn status(&self) -> MethodStatus {
        self.0.status.into()
    }

    /// Why it cannot be charged, for programs and for words in another language.
    async fn failure(&self) -> Option<MethodFailure> {
        let words = self.0.status_reason.as_deref().filter(|_| self.0.status == Status::Failed)?;
        methods::MethodFailure::told_by(words).map(Into::into)
    }

    /// Why it stands there, in an English sentence for its owner.
    async fn status_reason(&self) -> Option<&str> {
        self.0.status_reason.as_deref()
    }

    /// Such as `visa`, or the bank.
    async fn brand(&self) -> Option<&str> {
        self.0.brand.as_deref()
    }

    /// The last four digits.
    async fn last4(&self) -> Option<&str> {
        self.0.last4.as_deref()
    }

    /// Cards: the last month in which it can be charged, 1 to 12.
    async fn exp_month(&self) -> Option<i32> {
        self.0.exp_month
    }

    /// Cards: the year of that month.
    async fn exp_year(&self) -> Option<i32> {
        self.0.exp_year
    }

    /// Whether it ends within 30 days, or has ended.
    async fn expires_soon(&self, ctx: &Context<'_>) -> bool {
        let zone = ctx.caller().identity.zone.unwrap_or(Tz::UTC);
        methods::expires_soon(&self.0, ctx.billing().kernel.clock.now().with_timezone(&zone).date_naive())
    }

    /// Its owner's own name for it.
    async fn label(&self) -> Option<&str> {
        self.0.label.as_deref()
    }

    /// What to call it on screen: `Visa ···· 4242`.
    async fn title(&self) -> String {
        methods::title(&self.0)
    }

    /// Whether it is taken where none is chosen.
    async fn is_default(&self) -> bool {
        self.0.is_default
    }

    /// Where its owner confirms it, while there is something to confirm.
    async fn action_url(&self) -> Option<&str> {
        self.0.action_url.as_deref().filter(|_| self.0.status == Status::RequiresAction)
    }

    /// The gateway that keeps it.
    async fn gateway_code(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(must(ctx.loaders().find(self.0.gateway_id).await?, "gateway")?.code.clone())
    }

    /// Since when.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }
}
