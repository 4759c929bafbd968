//! The `PUSH` connector: the provider posts its bills to us.

use std::sync::Arc;

use async_trait::async_trait;
use billow_billing::ports::{Connector, DefinitionProblem, FetchOutcome, FetchReply, FetchRequest};
use billow_billing::providers::ProviderDefinition;
use bytes::Bytes;
use serde_json::Value;

use super::first_problem;
use super::jq::{Jq, JqFault};
use super::mapping::read_bills;
use super::secrets::holds_placeholder;
use super::settings::{Fields, Problems, SETTINGS};

/// What a provider that speaks our own form posts.
const OWN_FORM: &str = ".bills";

/// Reads bills that providers post.
pub struct PushConnector {
    jq: Arc<Jq>,
}

impl PushConnector {
    /// A connector with threads of its own for programs; [`super::Connectors`] shares them between the kinds.
    #[must_use]
    pub fn new() -> Self {
        Self::sharing(Jq::new())
    }

    pub(super) fn sharing(jq: Arc<Jq>) -> Self {
        Self { jq }
    }

    /// The program that maps what is posted to a list of bills.
    fn map(definition: &ProviderDefinition) -> Result<String, Vec<DefinitionProblem>> {
        let problems = Problems::default();
        if definition.connector.settings.is_null() {
            return Ok(OWN_FORM.into());
        }
        let fields = Fields::settings(definition, &problems);
        let map = fields.optional_text("map").unwrap_or_else(|| OWN_FORM.into());
        fields.finish();
        problems.result(map)
    }

    async fn read(&self, definition: &ProviderDefinition, content_type: &str, body: Bytes) -> Result<FetchOutcome, FetchOutcome> {
        let broken = |message: String| FetchOutcome::Broken { message };
        let map = Self::map(definition).map_err(|problems| broken(first_problem(&problems)))?;
        let form = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if form != "application/json" && !form.ends_with("+json") {
            return Err(broken(format!("bills are posted as application/json, not as '{form}'")));
        }
        let most = definition.limits.max_bytes as usize;
        if body.len() > most {
            return Err(broken(format!("{} bytes were posted; at most {most} are taken at once", body.len())));
        }
        let posted: Value = serde_json::from_slice(&body).map_err(|e| broken(format!("what was posted is not JSON: {e}")))?;
        if holds_placeholder(&posted) {
            return Err(broken("what was posted holds a {{credential:…}}".into()));
        }
        let mapped = self.jq.run(&map, Arc::new(posted)).await.map_err(|fault| match fault {
            JqFault::Program(problem) => broken(format!("map: {problem}")),
            JqFault::Busy => FetchOutcome::Retryable { message: fault.to_string(), retry_after_ms: None },
        })?;
        let mapped = mapped.ok_or_else(|| broken("map: the program yields nothing".into()))?;
        if map == OWN_FORM && mapped.is_null() {
            return Err(broken("bills: is missing".into()));
        }
        let bills = read_bills(&mapped, "bills").map_err(broken)?;
        if let Some(at) = bills.iter().position(|bill| bill.account.is_none()) {
            return Err(broken(format!("bills[{at}].account: is missing")));
        }
        Ok(if bills.is_empty() { FetchOutcome::NoneDue } else { FetchOutcome::Bills(bills) })
    }
}

impl Default for PushConnector {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Connector for PushConnector {
    fn check(&self, definition: &ProviderDefinition) -> Result<(), Vec<DefinitionProblem>> {
        let map = Self::map(definition)?;
        let problems = Problems::default();
        if let Err(problem) = self.jq.check(&map) {
            problems.add(format!("{SETTINGS}.map"), problem);
        }
        problems.result(())
    }

    /// Nobody is asked: the provider tells us by itself.
    async fn fetch(&self, _: FetchRequest) -> FetchReply {
        FetchReply::of(FetchOutcome::NoneDue)
    }

    async fn read_pushed(&self, definition: &ProviderDefinition, content_type: &str, body: Bytes) -> FetchReply {
        FetchReply::of(self.read(definition, content_type, body).await.unwrap_or_else(|outcome| outcome))
    }
}
