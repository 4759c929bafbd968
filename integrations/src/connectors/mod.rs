//! How Billow talks to utility providers: one adapter per kind of connector, each driven by the provider's definition alone.

mod answers;
mod auth;
mod declared;
mod document;
mod exchange;
mod file;
mod green_button;
mod jq;
mod json;
mod mapping;
mod push;
mod secrets;
mod settings;
#[cfg(test)]
mod testing;
mod xml;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use billow_billing::ports::{Connector, DefinitionProblem, FetchOutcome, FetchReply, FetchRequest, PayReply, PayRequest};
use billow_billing::providers::ProviderDefinition;
use billow_entities::ConnectorKind;
use bytes::Bytes;

pub use declared::HttpConnector;
pub use file::FileConnector;
pub use green_button::GreenButtonConnector;
pub use push::PushConnector;

use crate::http::GuardedHttp;
use jq::Jq;

/// All connectors as one: a definition's kind says which of them it is for.
pub struct Connectors {
    http: HttpConnector,
    green_button: GreenButtonConnector,
    file: FileConnector,
    push: PushConnector,
}

impl Connectors {
    /// The connectors, with one set of threads for programs between them. Without `drop_root`, no folders are read.
    #[must_use]
    pub fn new(http: Arc<GuardedHttp>, drop_root: Option<PathBuf>) -> Self {
        let jq = Jq::new();
        Self {
            http: HttpConnector::sharing(Arc::clone(&http), Arc::clone(&jq)),
            green_button: GreenButtonConnector::new(Arc::clone(&http)),
            file: FileConnector::sharing(http, Arc::clone(&jq), drop_root),
            push: PushConnector::sharing(jq),
        }
    }

    fn of(&self, kind: ConnectorKind) -> &dyn Connector {
        match kind {
            ConnectorKind::Http => &self.http,
            ConnectorKind::GreenButton => &self.green_button,
            ConnectorKind::File => &self.file,
            ConnectorKind::Push => &self.push,
        }
    }
}

#[async_trait]
impl Connector for Connectors {
    fn check(&self, definition: &ProviderDefinition) -> Result<(), Vec<DefinitionProblem>> {
        self.of(definition.connector.kind).check(definition)
    }

    async fn fetch(&self, request: FetchRequest) -> FetchReply {
        self.of(request.definition.connector.kind).fetch(request).await
    }

    fn can_pay(&self, definition: &ProviderDefinition) -> bool {
        self.of(definition.connector.kind).can_pay(definition)
    }

    fn can_tell_payments(&self, definition: &ProviderDefinition) -> bool {
        self.of(definition.connector.kind).can_tell_payments(definition)
    }

    async fn pay(&self, request: PayRequest) -> PayReply {
        self.of(request.definition.connector.kind).pay(request).await
    }

    async fn pay_status(&self, request: PayRequest) -> PayReply {
        self.of(request.definition.connector.kind).pay_status(request).await
    }

    async fn read_pushed(&self, definition: &ProviderDefinition, content_type: &str, body: Bytes) -> FetchReply {
        self.of(definition.connector.kind).read_pushed(definition, content_type, body).await
    }
}

/// What is posted for a provider that is fetched from.
fn not_pushed(definition: &ProviderDefinition) -> FetchReply {
    FetchReply::of(FetchOutcome::Broken {
        message: format!("the provider '{}' does not post its bills; they are fetched", definition.code),
    })
}

/// The first problem of a definition in one line, for when it was stored before it was checked.
fn first_problem(problems: &[DefinitionProblem]) -> String {
    problems.first().map_or_else(String::new, |problem| format!("{}: {}", problem.path, problem.message))
}
