//! The adapter itself.

use std::sync::Arc;

use async_trait::async_trait;
use billow_billing::ports::{Connector, DefinitionProblem, FetchOutcome, FetchReply, FetchRequest, PayOutcome, PayReply, PayRequest};
use billow_billing::providers::ProviderDefinition;
use bytes::Bytes;
use serde_json::Map;

use super::pay::{Errand, pay};
use super::run::Run;
use super::settings::Settings;
use crate::connectors::jq::Jq;
use crate::connectors::settings::{Problems, SETTINGS};
use crate::connectors::{first_problem, not_pushed};
use crate::http::GuardedHttp;

/// Fetches from providers that are declared as data, and pays them.
pub struct HttpConnector {
    http: Arc<GuardedHttp>,
    jq: Arc<Jq>,
}

impl HttpConnector {
    /// A connector with threads of its own for programs; [`crate::connectors::Connectors`] shares them between the kinds.
    #[must_use]
    pub fn new(http: Arc<GuardedHttp>) -> Self {
        Self::sharing(http, Jq::new())
    }

    pub(in crate::connectors) fn sharing(http: Arc<GuardedHttp>, jq: Arc<Jq>) -> Self {
        Self { http, jq }
    }
}

#[async_trait]
impl Connector for HttpConnector {
    fn check(&self, definition: &ProviderDefinition) -> Result<(), Vec<DefinitionProblem>> {
        let settings = Settings::read(definition)?;
        let problems = Problems::default();
        if let Err(problem) = self.http.check_url(&settings.base_url) {
            problems.add(format!("{SETTINGS}.base_url"), problem);
        }
        for (place, program) in settings.programs() {
            if let Err(problem) = self.jq.check(program) {
                problems.add(format!("{SETTINGS}.{place}"), problem);
            }
        }
        problems.result(())
    }

    async fn fetch(&self, request: FetchRequest) -> FetchReply {
        match Settings::read(&request.definition) {
            Ok(settings) => Run::new((&self.http, &self.jq), &settings, &settings.fetch, &request, Map::new()).fetch().await,
            Err(problems) => FetchReply::of(FetchOutcome::Broken { message: first_problem(&problems) }),
        }
    }

    fn can_pay(&self, definition: &ProviderDefinition) -> bool {
        Settings::read(definition).is_ok_and(|settings| settings.pay.is_some())
    }

    fn can_tell_payments(&self, definition: &ProviderDefinition) -> bool {
        Settings::read(definition).is_ok_and(|settings| settings.pay_status.is_some())
    }

    async fn pay(&self, request: PayRequest) -> PayReply {
        let nothing = |message| PayReply::of(PayOutcome::NotSent { message, retry_after_ms: None });
        match Settings::read(&request.definition) {
            Ok(Settings { pay: None, .. }) => nothing("the definition says no way to pay".into()),
            Ok(settings) => pay((&self.http, &self.jq), &settings, Errand::Pay, request).await,
            Err(problems) => nothing(first_problem(&problems)),
        }
    }

    async fn pay_status(&self, request: PayRequest) -> PayReply {
        let unknown = |message| PayReply::of(PayOutcome::Unknown { message });
        match Settings::read(&request.definition) {
            Ok(Settings { pay_status: None, .. }) => unknown("the definition says no way to ask about payments".into()),
            Ok(settings) => pay((&self.http, &self.jq), &settings, Errand::Ask, request).await,
            Err(problems) => unknown(first_problem(&problems)),
        }
    }

    async fn read_pushed(&self, definition: &ProviderDefinition, _: &str, _: Bytes) -> FetchReply {
        not_pushed(definition)
    }
}
