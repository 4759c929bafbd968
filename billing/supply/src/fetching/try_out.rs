//! Trying a provider out against a sample account: what was asked, what came back, and which bills would come of it.
//! Nothing is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use billow_entities::{AccountStatus, BillSource, Currency, FetchOutcomeKind, Money, ProviderId, bill, provider, utility_account};
use billow_kernel::amounts::minor_units;
use billow_kernel::error::Fault;
use billow_kernel::{Actor, Error, Result};
use chrono_tz::Tz;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::Fetching;
use crate::bills::sql::{EarlierBill, earlier_bills};
use crate::bills::{Accepted, BillContent, Known, Problem, SCALE, is_off, review};
use crate::connector::{Exchange, FetchOutcome, FetchReply, FetchRequest, FetchedBill, PrepaidStatus};
use crate::definition::PlanOffer;
use crate::providers::{Credentials, secrets_stay_at_home, validate_params};

/// The longest a try may take, whatever its steps allow.
const LONGEST: Duration = Duration::from_secs(60);
/// Stored bills of a provider that its new ones are compared with, at most and at least.
const COMPARED: u64 = 200;
const ENOUGH: usize = 5;

/// What is to be tried.
#[derive(Clone, Debug, Default)]
pub struct TestProvider {
    /// A provider that is registered; its definition and its secrets are used where nothing else is given.
    pub provider_id: Option<ProviderId>,
    /// A definition that need not be registered yet.
    pub definition: Option<Value>,
    /// Secrets, added to those of the provider.
    pub credentials: Credentials,
    /// A customer's parameters.
    pub params: BTreeMap<String, String>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct ProviderTestReport {
    /// The answer.
    pub outcome: FetchOutcomeKind,
    /// What the provider answered instead of bills, and which bills could not be read.
    pub message: Option<String>,
    /// What would be taken and deserves a second look: amounts far from the usual, and what was left out because it is no bill.
    pub warnings: Vec<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The bills that came, each with what is wrong with it.
    pub bills: Vec<TestedBill>,
    /// Prepaid: the plan in force.
    pub prepaid: Option<PrepaidStatus>,
    /// Prepaid: what can be bought.
    pub plans: Option<Vec<PlanOffer>>,
    /// Requests and answers, secrets masked.
    pub exchanges: Vec<Exchange>,
}

/// A bill that came.
#[derive(Clone, Debug)]
pub struct TestedBill {
    /// As the mapping yielded it.
    pub fetched: FetchedBill,
    /// As it would be stored; none when it would be refused.
    pub content: Option<BillContent>,
    /// What is to be paid, as far as it can be read.
    pub amount: Option<Money>,
    /// Why it would be refused; empty when it would be taken.
    pub problems: Vec<String>,
}

impl Fetching {
    /// Calls a provider for a sample account and tells everything about it. Nothing is stored but an audit entry.
    ///
    /// # Errors
    /// For everybody but administrators; with everything that is wrong with the definition or the parameters, before any
    /// call. What the provider answers is never an error here.
    #[tracing::instrument(name = "providers.test", skip_all)]
    pub async fn test_provider(&self, actor: &Actor, test: TestProvider) -> Result<ProviderTestReport> {
        actor.admin()?;
        self.identity.confirmed(actor).await?;
        let registered = match test.provider_id {
            Some(id) => {
                let model = provider::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("provider"))?;
                Some(self.providers.open_provider(model)?)
            }
            None => None,
        };
        let mut credentials = registered.as_ref().map(|r| r.credentials.clone()).unwrap_or_default();
        credentials.extend(test.credentials.clone());
        let definition = match (test.definition, &registered) {
            (Some(value), _) => {
                let names: BTreeSet<String> = credentials.keys().cloned().collect();
                Arc::new(self.providers.read_definition(value, &test.credentials, &names)?)
            }
            (None, Some(registered)) => Arc::clone(&registered.definition),
            (None, None) => return Err(Error::invalid("REQUIRED", "definition", "Give a provider or a definition to try.")),
        };
        if let Some(registered) = &registered {
            secrets_stay_at_home(registered, &definition, &test.credentials, |_| false)?;
        }
        let params = validate_params(&definition, "params", &test.params).map_err(Error::Invalid)?;
        let zone: Tz = definition.time_zone.parse().map_err(|e| Fault::new("a provider's time zone", e))?;
        let subject = test.provider_id.map_or_else(|| definition.code.clone(), |id| id.to_string());
        let tx = self.store.write_tx().await?;
        self.audit.record(&tx, actor, "provider.test", subject, None, None, json!({"code": definition.code})).await?;
        tx.commit().await?;

        let begun = self.clock.now();
        let today = begun.with_timezone(&zone).date_naive();
        let request = FetchRequest {
            definition: Arc::clone(&definition),
            credentials,
            params: params.clone(),
            now: begun,
            today,
            continuation: None,
            trace: true,
        };
        let reply = tokio::time::timeout(LONGEST, self.connector.fetch(request)).await.unwrap_or_else(|_| {
            let message = format!("there was no answer within {} seconds", LONGEST.as_secs());
            FetchReply::of(FetchOutcome::Retryable { message, retry_after_ms: None })
        });
        let duration_ms = u64::try_from((self.clock.now() - begun).num_milliseconds()).unwrap_or(0);
        let identifier = definition.params.first().and_then(|p| params.get(&p.name)).map(String::as_str);
        let (earlier, usual) = match test.provider_id {
            Some(id) => (self.earlier_of(id, identifier).await?, self.usual_of_provider(id).await?),
            None => (Vec::new(), None),
        };
        let known = Known { definition: &definition, identifier, today, earlier: &earlier };
        Ok(report(known, usual, reply, duration_ms))
    }

    /// The stored bills of the account that is tried, where it is one of ours.
    async fn earlier_of(&self, provider: ProviderId, identifier: Option<&str>) -> Result<Vec<EarlierBill>> {
        let Some(identifier) = identifier else { return Ok(Vec::new()) };
        let account = utility_account::Entity::find()
            .filter(utility_account::Column::ProviderId.eq(provider))
            .filter(utility_account::Column::IdentifierIndex.eq(self.cipher.identifier_index(identifier)))
            .filter(utility_account::Column::Status.ne(AccountStatus::Closed))
            .one(self.store.read())
            .await?;
        let Some(account) = account else { return Ok(Vec::new()) };
        Ok(earlier_bills(self.store.read(), &[account.id]).await?.remove(&account.id).unwrap_or_default())
    }

    /// What the bills of a provider usually come to: the median of its newest ones.
    async fn usual_of_provider(&self, provider: ProviderId) -> Result<Option<i64>> {
        let amounts: Vec<i64> = bill::Entity::find()
            .select_only()
            .column(bill::Column::AmountMinor)
            .filter(bill::Column::ProviderId.eq(provider))
            .filter(bill::Column::AmountMinor.gt(0_i64))
            .filter(bill::Column::Source.is_in([BillSource::Fetched, BillSource::Pushed]))
            .order_by_desc(bill::Column::Id)
            .limit(COMPARED)
            .into_tuple()
            .all(self.store.read())
            .await?;
        Ok(if amounts.len() < ENOUGH { None } else { median(amounts) })
    }
}

/// What came of a try, as an administrator reads it.
fn report(known: Known<'_>, usual: Option<i64>, reply: FetchReply, duration_ms: u64) -> ProviderTestReport {
    let mut outcome = reply.outcome.kind();
    let (fetched, mut message) = match reply.outcome {
        FetchOutcome::Bills(bills) => (bills, None),
        FetchOutcome::NoneDue if reply.unseen => {
            (Vec::new(), Some("The account was not found, and nothing says that it owes nothing.".into()))
        }
        FetchOutcome::NoneDue => (Vec::new(), Some("The account is known and owes nothing now.".into())),
        FetchOutcome::Pending { after_ms, .. } => {
            (Vec::new(), Some(format!("The provider is still working on it; a fetch would ask again in {after_ms} ms.")))
        }
        FetchOutcome::NotFound { message }
        | FetchOutcome::NeedsCustomer { message }
        | FetchOutcome::Retryable { message, .. }
        | FetchOutcome::Broken { message } => (Vec::new(), Some(message)),
    };
    if !reply.refused.is_empty() {
        let problems: Vec<&str> = reply.refused.iter().map(|refused| refused.problem.as_str()).collect();
        message = Some(format!("Bills that could not be read ({}): {}", problems.len(), problems.join(" | ")));
        if fetched.is_empty() {
            outcome = FetchOutcomeKind::Broken;
        }
    }
    let verdicts = review(&fetched, known);
    let currency = known.definition.currency;
    let mut warnings = reply.notes;
    warnings.extend(verdicts.iter().flatten().filter_map(|accepted| unusual(accepted, currency)));
    let stated = fetched.iter().filter_map(|bill| minor_units(&bill.amount, currency).ok());
    let amounts: Vec<i64> = stated.filter(|minor| *minor > 0).collect();
    warnings.extend(median(amounts).zip(usual).and_then(|(here, usual)| other_scale(here, usual, currency)));
    let bills = fetched.into_iter().zip(verdicts).map(|(fetched, verdict)| tested(currency, fetched, verdict)).collect();
    ProviderTestReport {
        outcome,
        message,
        warnings,
        duration_ms,
        bills,
        prepaid: reply.prepaid,
        plans: reply.plans,
        exchanges: reply.trace,
    }
}

fn tested(currency: Currency, fetched: FetchedBill, verdict: std::result::Result<Accepted, Vec<Problem>>) -> TestedBill {
    let amount = minor_units(&fetched.amount, currency).ok().map(|minor| Money::new(minor, currency));
    match verdict {
        Ok(accepted) => TestedBill { fetched, content: Some(accepted.content), amount, problems: Vec::new() },
        Err(problems) => TestedBill { fetched, content: None, amount, problems: problems.iter().map(ToString::to_string).collect() },
    }
}

fn unusual(accepted: &Accepted, currency: Currency) -> Option<String> {
    let money = |minor| Money::new(minor, currency);
    let usual = accepted.usual_minor?;
    let content = &accepted.content;
    Some(format!(
        "bill {}: {} is unusual; this account's bills are usually about {}",
        content.number,
        money(content.amount_minor),
        money(usual)
    ))
}

fn other_scale(here: i64, usual: i64, currency: Currency) -> Option<String> {
    let money = |minor| Money::new(minor, currency);
    is_off(here, usual, SCALE).then(|| {
        format!(
            "the amounts may be in another scale: these bills are about {}, other bills of this provider about {}",
            money(here),
            money(usual)
        )
    })
}

fn median(mut amounts: Vec<i64>) -> Option<i64> {
    amounts.sort_unstable();
    amounts.get(amounts.len() / 2).copied()
}
