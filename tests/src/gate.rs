//! A worker that stands still between the provider's answer and the writing of it, for as long as a test wants.

use std::sync::Arc;

use async_trait::async_trait;
use billow_billing::ports::{Connector, DefinitionProblem, FetchReply, FetchRequest};
use billow_billing::providers::ProviderDefinition;
use billow_billing::{Billing, Parts, Ports, Settings};
use bytes::Bytes;
use tokio::sync::Semaphore;

/// Stands between a process and its providers.
#[derive(Clone, Debug)]
pub struct Gate {
    answered: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Gate {
    /// The same process as `billing` under another name, whose answers wait here.
    #[must_use]
    pub fn before(billing: &Billing, name: &str) -> (Self, Billing) {
        let gate = Self { answered: Arc::new(Semaphore::new(0)), open: Arc::new(Semaphore::new(0)) };
        let kernel = &billing.kernel;
        let connector = Arc::new(Gated { gate: gate.clone(), inner: Arc::clone(&billing.ports.connector) });
        let parts = Parts {
            store: kernel.store.clone(),
            clock: Arc::clone(&kernel.clock),
            entropy: Arc::clone(&kernel.entropy),
            cipher: kernel.cipher.clone(),
            ports: Ports { connector, ..billing.ports.clone() },
            waker: Arc::clone(&kernel.waker),
            settings: Settings { worker: name.to_owned(), ..(*kernel.settings).clone() },
        };
        (gate, Billing::new(parts))
    }

    /// Waits until a provider has answered and the answer stands at the gate.
    pub async fn answered(&self) {
        self.answered.acquire().await.expect("a gate").forget();
    }

    /// Lets one answer through.
    pub fn let_through(&self) {
        self.open.add_permits(1);
    }
}

struct Gated {
    gate: Gate,
    inner: Arc<dyn Connector>,
}

#[async_trait]
impl Connector for Gated {
    async fn fetch(&self, request: FetchRequest) -> FetchReply {
        let reply = self.inner.fetch(request).await;
        self.gate.answered.add_permits(1);
        self.gate.open.acquire().await.expect("a gate").forget();
        reply
    }

    async fn read_pushed(&self, definition: &ProviderDefinition, content_type: &str, body: Bytes) -> FetchReply {
        self.inner.read_pushed(definition, content_type, body).await
    }

    fn check(&self, definition: &ProviderDefinition) -> Result<(), Vec<DefinitionProblem>> {
        self.inner.check(definition)
    }
}
