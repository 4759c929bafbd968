//! Trying a provider out.

use async_graphql::{Context, ID, InputObject};
use billow_billing::fetching::TestProvider;
use billow_billing::providers::ProviderDefinition;
use billow_entities::{Currency, ProviderId};

use crate::accounts::mutations::add_utility_account::{ParamInput, params};
use crate::context::ContextExt as _;
use crate::ids::optional_id;
use crate::payload::payload;
use crate::providers::mutations::register_provider::credentials;
use crate::providers::test_report::ProviderTestReport;
use crate::refusal::Result;
use crate::scalars::Json;

/// What is tried: a registered provider, a definition that need not be registered yet, or the one with the other's secrets.
#[derive(InputObject)]
pub(crate) struct TestProviderInput {
    /// A registered provider.
    provider_id: Option<ID>,
    /// A definition; the provider's where absent.
    definition: Option<Json>,
    /// Secrets, added to the provider's.
    #[graphql(secret)]
    credentials: Option<Json>,
    /// A customer's parameters.
    params: Option<Vec<ParamInput>>,
}

payload! {
    /// What trying it came to.
    TestProviderPayload {
        /// The report.
        report: Option<ProviderTestReport>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: TestProviderInput) -> Result<TestProviderPayload> {
    let outcome = async {
        let provider_id: Option<ProviderId> = optional_id(input.provider_id.as_ref(), "providerId")?;
        let definition = input.definition.map(|json| json.0);
        let test = TestProvider {
            provider_id,
            definition: definition.clone(),
            credentials: credentials(input.credentials)?,
            params: params(input.params.unwrap_or_default()),
        };
        let report = ctx.billing().fetching.test_provider(ctx.actor(), test).await?;
        // Only a definition that can be read was tried; amounts are shown in its currency.
        let currency: Option<Currency> = match (definition, provider_id) {
            (Some(value), _) => serde_json::from_value::<ProviderDefinition>(value).ok().map(|d| d.currency),
            (None, Some(id)) => Some(ctx.billing().providers.load_provider(id).await?.definition.currency),
            (None, None) => None,
        };
        Ok((report, currency))
    };
    TestProviderPayload::of(outcome.await, |(report, currency)| TestProviderPayload {
        report: Some(ProviderTestReport::of(report, currency)),
        user_errors: Vec::new(),
    })
}
