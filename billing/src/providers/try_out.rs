//! Trying a provider out against a sample account: what was asked, what came back, and which bills would come of it.
//! Nothing is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use billow_entities::{FetchOutcomeKind, Money, ProviderId, provider};
use chrono::NaiveDate;
use chrono_tz::Tz;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::ProviderDefinition;
use super::register::{Credentials, secrets_stay_at_home};
use crate::accounts::validate_params;
use crate::bills::{BillContent, accept, minor_units};
use crate::error::Fault;
use crate::ports::{Exchange, FetchOutcome, FetchReply, FetchRequest, FetchedBill, PlanOffer, PrepaidStatus};
use crate::{Actor, Billing, Error, Result};

/// The longest a try may take, whatever its steps allow.
const LONGEST: Duration = Duration::from_secs(60);

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
    /// In words, for all answers but bills.
    pub message: Option<String>,
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

impl Billing {
    /// Calls a provider for a sample account and tells everything about it. Nothing is stored but an audit entry.
    ///
    /// # Errors
    /// For everybody but administrators; with everything that is wrong with the definition or the parameters, before any
    /// call. What the provider answers is never an error here.
    #[tracing::instrument(name = "providers.test", skip_all)]
    pub async fn test_provider(&self, actor: &Actor, test: TestProvider) -> Result<ProviderTestReport> {
        actor.admin()?;
        self.confirmed(actor).await?;
        let registered = match test.provider_id {
            Some(id) => {
                let model = provider::Entity::find_by_id(id).one(self.store.log()).await?.ok_or(Error::NotFound("provider"))?;
                Some(self.open_provider(model)?)
            }
            None => None,
        };
        let mut credentials = registered.as_ref().map(|r| r.credentials.clone()).unwrap_or_default();
        credentials.extend(test.credentials.clone());
        let definition = match (test.definition, &registered) {
            (Some(value), _) => {
                let names: BTreeSet<String> = credentials.keys().cloned().collect();
                Arc::new(self.read_definition(value, &test.credentials, &names)?)
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
        self.audit(&tx, actor, "provider.test", subject, None, None, json!({"code": definition.code})).await?;
        tx.commit().await?;

        let begun = self.now();
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
        let duration_ms = u64::try_from((self.now() - begun).num_milliseconds()).unwrap_or(0);
        Ok(self.report(&definition, &params, today, reply, duration_ms))
    }

    fn report(
        &self,
        definition: &ProviderDefinition,
        params: &BTreeMap<String, String>,
        today: NaiveDate,
        reply: FetchReply,
        duration_ms: u64,
    ) -> ProviderTestReport {
        let outcome = reply.outcome.kind();
        let (bills, message) = match reply.outcome {
            FetchOutcome::Bills(bills) => (bills, None),
            FetchOutcome::NoneDue => (Vec::new(), Some("The account is known and owes nothing now.".into())),
            FetchOutcome::Pending { after_ms, .. } => {
                (Vec::new(), Some(format!("The provider is still working on it; a fetch would ask again in {after_ms} ms.")))
            }
            FetchOutcome::NotFound { message }
            | FetchOutcome::NeedsCustomer { message }
            | FetchOutcome::Retryable { message, .. }
            | FetchOutcome::Broken { message } => (Vec::new(), Some(message)),
        };
        let identifier = definition.params.first().and_then(|p| params.get(&p.name)).map(String::as_str);
        let bills = bills.into_iter().map(|fetched| tested(definition, identifier, today, fetched)).collect();
        ProviderTestReport { outcome, message, duration_ms, bills, prepaid: reply.prepaid, plans: reply.plans, exchanges: reply.trace }
    }
}

/// Judges a bill as a fetch would, for an account of which no earlier bills are known.
fn tested(definition: &ProviderDefinition, identifier: Option<&str>, today: NaiveDate, fetched: FetchedBill) -> TestedBill {
    let amount = minor_units(&fetched.amount, definition.currency).ok().map(|minor| Money::new(minor, definition.currency));
    match accept(&fetched, definition, identifier, today, None) {
        Ok(accepted) => TestedBill { fetched, content: Some(accepted.content), amount, problems: Vec::new() },
        Err(problems) => TestedBill { fetched, content: None, amount, problems: problems.iter().map(ToString::to_string).collect() },
    }
}
