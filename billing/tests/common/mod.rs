//! A business on a new SQLite file, with a clock that stands still and ports that answer what a test tells them.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use billow_billing::cipher::Cipher;
use billow_billing::clock::{ManualClock, SeededEntropy};
use billow_billing::ports::{
    Connector, DefinitionProblem, FetchOutcome, FetchReply, FetchRequest, Mail, Mailer, MessageContext, PushMessage, PushSender, Rendered,
    Renderer, SendOutcome, Sms, SmsSender, Wakeup, Waker,
};
use billow_billing::providers::ProviderDefinition;
use billow_billing::store::StoreOptions;
use billow_billing::{Billing, Parts, Settings, Store};
use billow_migration::{Migrator, MigratorTrait};
use chrono::{DateTime, Utc};
use parking_lot::Mutex;

/// A business and everything a test looks at; the file goes when it is dropped.
pub struct Bench {
    pub billing: Billing,
    pub clock: Arc<ManualClock>,
    pub ports: Arc<FakePorts>,
    pub url: String,
    _folder: tempfile::TempDir,
}

/// Every port in one: it answers what was put in, and keeps what it was asked.
#[derive(Default)]
pub struct FakePorts {
    /// Given to fetches in turn; `NoneDue` when there is nothing more.
    pub replies: Mutex<VecDeque<FetchReply>>,
    pub fetched: Mutex<Vec<FetchRequest>>,
    /// Given to every kind of sending in turn; `Sent` when there is nothing more.
    pub outcomes: Mutex<VecDeque<SendOutcome>>,
    pub pushes: Mutex<Vec<PushMessage>>,
    pub mails: Mutex<Vec<Mail>>,
    pub texts: Mutex<Vec<Sms>>,
    pub woken: Mutex<Vec<Wakeup>>,
}

/// When every test begins.
pub fn start() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().expect("an instant")
}

/// A business on a new SQLite file.
pub async fn billing_on_sqlite() -> Bench {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}", folder.path().join("billow.db").display());
    let store = Store::connect(&StoreOptions::new(url.as_str())).await.expect("a database");
    Migrator::up(store.write_pool(), None).await.expect("the schema");
    let clock = Arc::new(ManualClock::new(start()));
    let ports = Arc::new(FakePorts::default());
    let billing = billing_over(store, &clock, &ports, "worker-1");
    Bench { billing, clock, ports, url, _folder: folder }
}

impl Bench {
    /// Another process on the same database, with the same clock and ports.
    pub async fn another(&self, worker: &str) -> Billing {
        let store = Store::connect(&StoreOptions::new(self.url.as_str())).await.expect("a database");
        billing_over(store, &self.clock, &self.ports, worker)
    }

    /// Publishes what was committed, so that consumers find it.
    pub async fn relay(&self) {
        while self.billing.relay().turn().await.expect("the log is read") {}
    }
}

fn billing_over(store: Store, clock: &Arc<ManualClock>, ports: &Arc<FakePorts>, worker: &str) -> Billing {
    let entropy = Arc::new(SeededEntropy::new(worker.bytes().map(u64::from).sum()));
    let cipher = Cipher::new(&[(1, [7; 32])], [9; 32], entropy.clone()).expect("a ring of keys");
    Billing::new(Parts {
        store,
        clock: clock.clone(),
        entropy,
        cipher,
        connector: ports.clone(),
        push: ports.clone(),
        mailer: ports.clone(),
        sms: ports.clone(),
        renderer: ports.clone(),
        waker: ports.clone(),
        settings: Settings { base_url: "https://billow.test".into(), worker: worker.into(), session_days: 30 },
    })
}

impl FakePorts {
    fn outcome(&self) -> SendOutcome {
        self.outcomes.lock().pop_front().unwrap_or(SendOutcome::Sent)
    }
}

#[async_trait]
impl Connector for FakePorts {
    fn check(&self, _definition: &ProviderDefinition) -> Result<(), Vec<DefinitionProblem>> {
        Ok(())
    }

    async fn fetch(&self, request: FetchRequest) -> FetchReply {
        self.fetched.lock().push(request);
        self.replies.lock().pop_front().unwrap_or_else(|| FetchReply::of(FetchOutcome::NoneDue))
    }

    async fn read_pushed(&self, _definition: &ProviderDefinition, _content_type: &str, _body: bytes::Bytes) -> FetchReply {
        self.replies.lock().pop_front().unwrap_or_else(|| FetchReply::of(FetchOutcome::NoneDue))
    }
}

#[async_trait]
impl PushSender for FakePorts {
    fn check_endpoint(&self, endpoint: &str) -> Result<(), String> {
        if endpoint.starts_with("https://push.test/") { Ok(()) } else { Err("this is not a push service".into()) }
    }

    fn public_key(&self) -> Option<String> {
        Some("BFake".into())
    }

    async fn send(&self, message: PushMessage) -> SendOutcome {
        self.pushes.lock().push(message);
        self.outcome()
    }
}

#[async_trait]
impl Mailer for FakePorts {
    async fn send(&self, mail: Mail) -> SendOutcome {
        self.mails.lock().push(mail);
        self.outcome()
    }
}

#[async_trait]
impl SmsSender for FakePorts {
    fn available(&self) -> bool {
        true
    }

    async fn send(&self, sms: Sms) -> SendOutcome {
        self.texts.lock().push(sms);
        self.outcome()
    }
}

impl Renderer for FakePorts {
    fn render(&self, message: &MessageContext) -> Result<Rendered, String> {
        let title = format!("{} {}", message.template, message.locale);
        let body = message.data.to_string();
        Ok(Rendered { text: body.clone(), html: body.clone(), sms: title.clone(), title, body })
    }
}

#[async_trait]
impl Waker for FakePorts {
    async fn wake(&self, wakeup: Wakeup) {
        self.woken.lock().push(wakeup);
    }
}
