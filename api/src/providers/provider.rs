//! Utility companies.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use billow_billing::bills::ProviderHead;
use billow_billing::definition::schedule::{Every, Schedule as StoredSchedule};
use billow_billing::providers::{LoadedProvider, ParamDefinition, ProviderHealth as Health};
use billow_entities::{provider, provider_version, recharge_plan};
use tokio::sync::OnceCell;

use crate::context::ContextExt as _;
use crate::identity::types::User;
use crate::ids;
use crate::loaders::{Find as _, must};
use crate::refusal::{Refusal, Result};
use crate::scalars::{BigInt, CurrencyCode, Instant, Json, TimeZone, count};
use crate::types::{AmountRuleKind, CircuitState, ConnectorKind, FetchOutcome, Money, ProviderStatus, UtilityType};

/// A utility company.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    head: ProviderHead,
    /// Read when a field wants more than the head.
    row: OnceCell<Arc<provider::Model>>,
    /// Read when a field wants the definition.
    loaded: OnceCell<Arc<LoadedProvider>>,
}

impl From<provider::Model> for Provider {
    fn from(row: provider::Model) -> Self {
        Self::of(Arc::new(row))
    }
}

impl Provider {
    pub(crate) fn of(row: Arc<provider::Model>) -> Self {
        Self { head: ProviderHead::from(&*row), row: OnceCell::new_with(Some(row)), loaded: OnceCell::new() }
    }

    pub(crate) fn of_head(head: ProviderHead) -> Self {
        Self { head, row: OnceCell::new(), loaded: OnceCell::new() }
    }

    async fn row(&self, ctx: &Context<'_>) -> Result<&provider::Model> {
        let row = self.row.get_or_try_init(|| async { must(ctx.loaders().find(self.head.id).await?, "provider") });
        Ok(Box::pin(row).await?)
    }

    async fn loaded(&self, ctx: &Context<'_>) -> Result<&LoadedProvider> {
        let loaded = self
            .loaded
            .get_or_try_init(|| async { Ok::<_, Refusal>(Box::pin(ctx.billing().providers.load_provider(self.head.id)).await?) });
        Ok(Box::pin(loaded).await?)
    }
}

/// A utility company, as an administrator registered it.
#[Object(serial)]
impl Provider {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.head.id)
    }

    /// Its short unique name.
    async fn code(&self) -> &str {
        &self.head.code
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.head.name
    }

    /// What it supplies.
    async fn utility_type(&self) -> UtilityType {
        self.head.utility_type.into()
    }

    /// ISO 3166-1 alpha-2.
    async fn country(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.row(ctx).await?.country.clone())
    }

    /// The currency of its bills.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.head.currency.clone())
    }

    /// Where its day begins and ends.
    async fn time_zone(&self, ctx: &Context<'_>) -> Result<TimeZone> {
        Ok(TimeZone(self.row(ctx).await?.time_zone.clone()))
    }

    /// Whether its accounts are fetched.
    async fn status(&self) -> ProviderStatus {
        self.head.status.into()
    }

    /// Why it is paused.
    async fn status_reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.row(ctx).await?.status_reason.clone())
    }

    /// Whether accounts are prepaid.
    async fn prepaid(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.loaded(ctx).await?.definition.prepaid)
    }

    /// What a customer must tell to add an account; the first one identifies it.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn params(&self, ctx: &Context<'_>) -> Result<Vec<ProviderParam>> {
        Ok(self.loaded(ctx).await?.definition.params.iter().map(ProviderParam::of).collect())
    }

    /// Which amounts may be paid.
    async fn amount_rule(&self, ctx: &Context<'_>) -> Result<AmountRule> {
        let rule = self.loaded(ctx).await?.definition.amount_rule.clone();
        Ok(AmountRule {
            kind: rule.kind.into(),
            min_minor: rule.min_minor.map(BigInt),
            max_minor: rule.max_minor.map(BigInt),
            multiple_minor: BigInt(rule.multiple_minor),
        })
    }

    /// When bills are looked for.
    async fn schedule(&self, ctx: &Context<'_>) -> Result<Schedule> {
        let loaded = self.loaded(ctx).await?;
        let schedule = &loaded.definition.schedule;
        Ok(Schedule {
            description: in_words(schedule),
            next_slot: Instant(schedule.next_slot(loaded.zone, ctx.billing().kernel.clock.now())),
        })
    }

    /// Prepaid: what it sells, cheapest first.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn recharge_plans(&self, ctx: &Context<'_>) -> Result<Vec<RechargePlan>> {
        let plans = Box::pin(ctx.billing().providers.recharge_plans(ctx.actor(), self.head.id)).await?;
        Ok(plans.into_iter().map(|plan| RechargePlan(Arc::new(plan))).collect())
    }

    /// How Billow talks to it. For staff; null for others.
    async fn connector_kind(&self, ctx: &Context<'_>) -> Result<Option<ConnectorKind>> {
        if !ctx.actor().is_staff() {
            return Ok(None);
        }
        Ok(Some(self.row(ctx).await?.connector_kind.into()))
    }

    /// Counts edits of the definition. For staff; null for others.
    async fn version(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        if !ctx.actor().is_staff() {
            return Ok(None);
        }
        Ok(Some(self.row(ctx).await?.version))
    }

    /// The definition, whole; it holds no secrets. For staff; null for others.
    async fn definition(&self, ctx: &Context<'_>) -> Result<Option<Json>> {
        if !ctx.actor().is_staff() {
            return Ok(None);
        }
        Ok(Some(Json(self.row(ctx).await?.definition.clone())))
    }

    /// The names of its secrets; the secrets are never shown. For staff; null for others.
    async fn credential_names(&self, ctx: &Context<'_>) -> Result<Option<Vec<String>>> {
        if !ctx.actor().is_staff() {
            return Ok(None);
        }
        let row = self.row(ctx).await?;
        Ok(Some(ctx.billing().providers.provider_credential_names(ctx.actor(), row)?))
    }

    /// How it is doing. For staff; null for others.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn health(&self, ctx: &Context<'_>) -> Result<Option<ProviderHealth>> {
        if !ctx.actor().is_staff() {
            return Ok(None);
        }
        Ok(Some(ProviderHealth::of(Box::pin(ctx.billing().providers.provider_health(ctx.actor(), self.head.id)).await?)))
    }

    /// The definitions that were in force, the newest first. For staff; null for others.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn versions(&self, ctx: &Context<'_>) -> Result<Option<Vec<ProviderVersion>>> {
        if !ctx.actor().is_staff() {
            return Ok(None);
        }
        let versions = Box::pin(ctx.billing().providers.provider_versions(ctx.actor(), self.head.id)).await?;
        Ok(Some(versions.into_iter().map(ProviderVersion).collect()))
    }
}

/// What a customer must tell to add an account.
#[derive(SimpleObject)]
pub(crate) struct ProviderParam {
    /// The name inputs use.
    name: String,
    /// What people call it.
    label: String,
    /// A regular expression the whole value must match.
    pattern: Option<String>,
    /// In characters.
    min_length: Option<i32>,
    /// In characters.
    max_length: Option<i32>,
    /// Where to find it on the bill.
    help: Option<String>,
    /// A value that would be taken.
    example: Option<String>,
    /// Whether it may be left out.
    optional: bool,
    /// Whether to hide it on screen.
    secret: bool,
}

impl ProviderParam {
    fn of(param: &ParamDefinition) -> Self {
        Self {
            name: param.name.clone(),
            label: param.label.clone(),
            pattern: param.pattern.clone(),
            min_length: param.min_length.map(i32::from),
            max_length: param.max_length.map(i32::from),
            help: param.help.clone(),
            example: param.example.clone(),
            optional: param.optional,
            secret: param.secret,
        }
    }
}

/// Which amounts a provider takes for a bill.
#[derive(SimpleObject)]
pub(crate) struct AmountRule {
    /// The rule.
    kind: AmountRuleKind,
    /// For a range: the least, in minor units.
    min_minor: Option<BigInt>,
    /// For a range: the most, in minor units.
    max_minor: Option<BigInt>,
    /// Payments are a multiple of so many minor units.
    multiple_minor: BigInt,
}

/// When a provider's bills are looked for.
#[derive(SimpleObject)]
pub(crate) struct Schedule {
    /// In words.
    description: String,
    /// The next time.
    next_slot: Instant,
}

fn in_words(schedule: &StoredSchedule) -> String {
    const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let from = format!("from {:02}:00", schedule.hour);
    match &schedule.every {
        Every::Month { day: 31 } => format!("on the last day of every month {from}"),
        Every::Month { day } => format!("every month on day {day} {from}"),
        Every::Days { days: 1 } => format!("every day {from}"),
        Every::Days { days } => format!("every {days} days {from}"),
        Every::Week { weekday } => format!("every {} {from}", DAYS[usize::from(weekday.saturating_sub(1)).min(6)]),
        Every::Cron { expression } => format!("by the cron expression {expression}"),
    }
}

/// What a prepaid provider sells.
#[derive(Clone, Debug)]
pub(crate) struct RechargePlan(pub Arc<recharge_plan::Model>);

/// What a prepaid provider sells.
#[Object]
impl RechargePlan {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// The provider's code for it.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// In a sentence.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// Its price.
    async fn price(&self) -> Money {
        Money::stored(self.0.amount_minor, &self.0.currency)
    }

    /// How many days it lasts.
    async fn validity_days(&self) -> i32 {
        self.0.validity_days
    }

    /// What it brings, in a few words each.
    async fn benefits(&self) -> Vec<String> {
        serde_json::from_value(self.0.benefits.clone()).unwrap_or_default()
    }

    /// Whether it is still sold.
    async fn active(&self) -> bool {
        self.0.active
    }
}

/// How a provider is doing.
#[derive(SimpleObject)]
pub(crate) struct ProviderHealth {
    /// Whether calls go through.
    circuit: CircuitState,
    /// Why they do not.
    circuit_reason: Option<String>,
    /// When one may go through to try.
    circuit_probe_at: Option<Instant>,
    /// When a call last succeeded.
    last_success_at: Option<Instant>,
    /// What the fetches of the last 24 hours came to.
    #[graphql(name = "outcomes24h")]
    outcomes24h: Vec<OutcomeCount>,
    /// Half of the newest calls took no longer, in milliseconds.
    p50_ms: Option<i32>,
    /// 95 of 100 of them took no longer, in milliseconds.
    p95_ms: Option<i32>,
    /// Accounts that are not closed.
    accounts: i32,
    /// Accounts whose owner has something to mend.
    accounts_needing_attention: i32,
    /// Accounts that should be fetched now.
    due_now: i32,
}

impl ProviderHealth {
    fn of(health: Health) -> Self {
        Self {
            accounts: count(health.accounts_open()),
            accounts_needing_attention: count(health.accounts_with(billow_entities::AccountStatus::NeedsAttention)),
            due_now: count(health.due_now),
            circuit: health.circuit.into(),
            circuit_reason: health.circuit_reason,
            circuit_probe_at: health.circuit_probe_at.map(Instant),
            last_success_at: health.last_success_at.map(Instant),
            outcomes24h: health
                .outcomes
                .into_iter()
                .map(|(outcome, n)| OutcomeCount { outcome: outcome.into(), count: count(n) })
                .collect(),
            p50_ms: health.p50_ms.map(count),
            p95_ms: health.p95_ms.map(count),
        }
    }
}

/// How often fetches came to something.
#[derive(SimpleObject)]
pub(crate) struct OutcomeCount {
    /// What they came to.
    outcome: FetchOutcome,
    /// How often.
    count: i32,
}

/// A definition that was in force.
pub(crate) struct ProviderVersion(provider_version::Model);

/// A definition that was in force.
#[Object]
impl ProviderVersion {
    /// Counts from 1.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The definition, whole.
    async fn definition(&self) -> Json {
        Json(self.0.definition.clone())
    }

    /// Why it was edited, in the editor's words.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Who edited it; null where nobody who signs in did.
    async fn edited_by(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        let Some(id) = self.0.edited_by else { return Ok(None) };
        Ok(ctx.loaders().find(id).await?.map(|row| User((*row).clone())))
    }

    /// When it came into force.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }
}
