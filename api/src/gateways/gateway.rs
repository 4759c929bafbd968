//! Gateways, and what they told us. For staff: nobody else gets hold of one.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use billow_entities::{gateway, gateway_event};

use crate::connection::{Connection, page};
use crate::context::ContextExt as _;
use crate::ids;
use crate::loaders::{Find as _, must};
use crate::refusal::Result;
use crate::scalars::{CurrencyCode, Instant, count};
use crate::types::{CircuitState, GatewayAdapter, GatewayEventOutcome, GatewayMode, GatewayStatus, GatewayTestResult, MethodKind};

/// A card network or bank connection that moves money.
#[derive(Clone, Debug)]
pub(crate) struct Gateway(Arc<gateway::Model>);

impl From<gateway::Model> for Gateway {
    fn from(row: gateway::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl Gateway {
    pub(crate) fn of(row: Arc<gateway::Model>) -> Self {
        Self(row)
    }
}

/// A card network or bank connection that moves money. For staff.
#[Object]
impl Gateway {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// Its short unique name, which is a part of its webhook address.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How Billow talks to it.
    async fn adapter(&self) -> GatewayAdapter {
        self.0.adapter.into()
    }

    /// Whether new payments go through it.
    async fn status(&self) -> GatewayStatus {
        self.0.status.into()
    }

    /// The lowest is tried first.
    async fn rank(&self) -> i32 {
        self.0.rank
    }

    /// What it takes; all where empty.
    async fn currencies(&self, ctx: &Context<'_>) -> Result<Vec<CurrencyCode>> {
        let currencies = ctx.billing().gateways.gateway_currencies(&self.0)?;
        Ok(currencies.into_iter().map(|currency| CurrencyCode(currency.code().to_owned())).collect())
    }

    /// Which methods it takes.
    async fn kinds(&self, ctx: &Context<'_>) -> Result<Vec<MethodKind>> {
        Ok(ctx.billing().gateways.gateway_kinds(&self.0)?.into_iter().map(Into::into).collect())
    }

    /// Where its API begins.
    async fn base_url(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.billing().gateways.gateway_settings(&self.0)?.base_url)
    }

    /// How long an answer may take, in milliseconds.
    async fn timeout_ms(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(count(ctx.billing().gateways.gateway_settings(&self.0)?.timeout_ms))
    }

    /// Whether its charges can be found by searching their metadata.
    async fn searches(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(ctx.billing().gateways.gateway_settings(&self.0)?.searches)
    }

    /// The names of its secrets; the secrets are never shown.
    async fn credential_names(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(ctx.billing().gateways.gateway_credential_names(ctx.actor(), &self.0)?)
    }

    /// Whether its keys move real money. Null if the keys do not say.
    async fn mode(&self, ctx: &Context<'_>) -> Result<Option<GatewayMode>> {
        Ok(ctx.billing().gateways.gateway_mode(ctx.actor(), &self.0)?.map(Into::into))
    }

    /// The last test of its current keys and address. Null if they have not been tested: the gateway cannot be resumed then.
    async fn last_test(&self) -> Option<GatewayTest> {
        GatewayTest::of(&self.0)
    }

    /// Whether calls go through.
    async fn circuit(&self) -> Circuit {
        Circuit {
            state: self.0.circuit_state.into(),
            reason: self.0.circuit_reason.clone(),
            failures: self.0.circuit_failures,
            opened_at: self.0.circuit_opened_at.map(Instant),
            probe_at: self.0.circuit_probe_at.map(Instant),
        }
    }

    /// When a call last succeeded.
    async fn last_success_at(&self) -> Option<Instant> {
        self.0.last_success_at.map(Instant)
    }

    /// Where it is to post its events.
    async fn webhook_url(&self, ctx: &Context<'_>) -> String {
        ctx.billing().gateways.gateway_webhook_url(&self.0)
    }

    /// What it told us, the newest first.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<GatewayEvent>> {
        let events = Box::pin(ctx.billing().gateways.gateway_events(ctx.actor(), self.0.id, page(first, after))).await?;
        Ok(Connection::of(events, GatewayEvent))
    }

    /// Since when.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When it last changed.
    async fn updated_at(&self) -> Instant {
        Instant(self.0.updated_at)
    }
}

/// The result of a test of a gateway: one call that reads the account its key belongs to.
#[derive(SimpleObject, Clone, Debug)]
pub(crate) struct GatewayTest {
    /// Whether the keys work, and if not, why.
    result: GatewayTestResult,
    /// Whether the keys work.
    passed: bool,
    /// What went wrong, as text for administrators. Null if it passed.
    message: Option<String>,
    /// The gateway's id of the account.
    account_id: Option<String>,
    /// The account's name at the gateway.
    account_name: Option<String>,
    /// When it was tested.
    tested_at: Instant,
}

impl GatewayTest {
    /// The last test of a gateway.
    pub(crate) fn of(row: &gateway::Model) -> Option<Self> {
        let test = billow_billing::gateways::GatewayTest::of(row)?;
        Some(Self {
            result: test.result.into(),
            passed: test.result == billow_entities::GatewayTestResult::Passed,
            message: test.message,
            account_id: test.account_id,
            account_name: test.account_name,
            tested_at: Instant(test.tested_at),
        })
    }
}

/// Whether calls to the far side go through, and why not.
#[derive(SimpleObject)]
pub(crate) struct Circuit {
    /// Whether they do.
    state: CircuitState,
    /// Why they do not.
    reason: Option<String>,
    /// Faults in a row.
    failures: i32,
    /// When it opened.
    opened_at: Option<Instant>,
    /// When one may go through to try.
    probe_at: Option<Instant>,
}

/// Something a gateway told us, stored before it was understood.
#[derive(Clone, Debug)]
pub(crate) struct GatewayEvent(gateway_event::Model);

/// Something a gateway told us, stored before it was understood. For staff.
#[Object]
impl GatewayEvent {
    /// Its id.
    async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// Which gateway.
    async fn gateway(&self, ctx: &Context<'_>) -> Result<Gateway> {
        Ok(Gateway::of(must(ctx.loaders().find(self.0.gateway_id).await?, "gateway")?))
    }

    /// The gateway's id of it.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// What, in the gateway's words: `payment_intent.succeeded`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// What became of it.
    async fn outcome(&self) -> GatewayEventOutcome {
        self.0.outcome.into()
    }

    /// Why, in words for an operator.
    async fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// When it came.
    async fn received_at(&self) -> Instant {
        Instant(self.0.received_at)
    }

    /// When it was dealt with.
    async fn processed_at(&self) -> Option<Instant> {
        self.0.processed_at.map(Instant)
    }
}
