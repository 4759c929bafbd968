//! A business on a new SQLite file, with a clock that stands still and ports that answer what a test tells them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use billow_billing::cipher::Cipher;
use billow_billing::clock::{ManualClock, SeededEntropy};
use billow_billing::identity::SecuritySettings;
use billow_billing::ports::{
    Connector, DefinitionProblem, FetchOutcome, FetchReply, FetchRequest, Mail, Mailer, MessageContext, PayReply, PayRequest, PushMessage,
    PushSender, Rendered, Renderer, SendOutcome, Sms, SmsSender, Waker, Wakeup,
};
use billow_billing::providers::ProviderDefinition;
use billow_billing::store::StoreOptions;
use billow_billing::{Billing, Parts, Ports, Settings, Store};
use billow_migration::{Migrator, MigratorTrait};
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use sea_orm::ConnectionTrait as _;

pub mod gateway;
pub mod paper;
pub mod payee;
pub mod rows;

/// A business and everything a test looks at; its database goes when it is dropped.
pub struct Bench {
    pub billing: Billing,
    pub clock: Arc<ManualClock>,
    pub ports: Arc<FakePorts>,
    pub url: String,
    _folder: tempfile::TempDir,
    _database: Option<Database>,
}

/// Every port in one: it answers what was put in, and keeps what it was asked.
#[derive(Default)]
pub struct FakePorts {
    /// Answers fetches instead of `replies`, where a test needs to look at the request, to wait or to panic.
    pub answer: Mutex<Option<Answer>>,
    /// Given to fetches in turn; `NoneDue` when there is nothing more.
    pub replies: Mutex<VecDeque<FetchReply>>,
    pub fetched: Mutex<Vec<FetchRequest>>,
    /// Given to every kind of sending in turn; `Sent` when there is nothing more.
    pub outcomes: Mutex<VecDeque<SendOutcome>>,
    pub pushes: Mutex<Vec<PushMessage>>,
    pub mails: Mutex<Vec<Mail>>,
    pub texts: Mutex<Vec<Sms>>,
    pub woken: Mutex<Vec<Wakeup>>,
    /// Moves money, and remembers all it moved.
    pub gateway: Arc<gateway::FakeGateway>,
    pub paper: Arc<paper::FakePaper>,
    /// Is paid, when a test says so.
    pub payee: payee::FakePayee,
}

/// What a test answers fetches with.
pub type Answer = Arc<dyn Fn(FetchRequest) -> futures::future::BoxFuture<'static, FetchReply> + Send + Sync>;

/// When every test begins.
pub fn start() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().expect("an instant")
}

/// A business on a new SQLite file.
pub async fn billing_on_sqlite() -> Bench {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}", folder.path().join("billow.db").display());
    billing_on(url, folder, None).await
}

/// A business on a new database of the cluster that `tests/scripts/with-postgres` started, if it did; CI insists on it.
pub async fn billing_on_postgres() -> Option<Bench> {
    let Ok(admin) = std::env::var("BILLOW_TEST_POSTGRES") else {
        assert!(std::env::var("CI").is_err(), "CI runs the tests through tests/scripts/with-postgres");
        return None;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let unique: String = folder.path().to_string_lossy().chars().rev().take_while(|c| c.is_alphanumeric()).collect();
    let name = format!("billing_{}_{}", std::process::id(), unique.to_lowercase());
    execute(&admin, &format!("CREATE DATABASE {name}")).await.expect("a database");
    let (cluster, _) = admin.rsplit_once('/').expect("an address with a database");
    let url = format!("{cluster}/{name}");
    Some(billing_on(url, folder, Some(Database { admin, name })).await)
}

async fn billing_on(url: String, folder: tempfile::TempDir, database: Option<Database>) -> Bench {
    let store = connect(&url).await;
    Migrator::up(store.write_pool(), None).await.expect("the schema");
    let clock = Arc::new(ManualClock::new(start()));
    let ports = Arc::new(FakePorts::default());
    ports.gateway.set_clock(&clock);
    let billing = billing_over(store, &clock, &ports, "worker-1");
    Bench { billing, clock, ports, url, _folder: folder, _database: database }
}

async fn connect(url: &str) -> Store {
    Store::connect(&StoreOptions { max_read: 4, max_write: 4, ..StoreOptions::new(url) }).await.expect("a database")
}

async fn execute(url: &str, sql: &str) -> Result<(), sea_orm::DbErr> {
    let db = sea_orm::Database::connect(url).await?;
    db.execute_unprepared(sql).await?;
    db.close().await
}

/// A database of a cluster, dropped with its test.
struct Database {
    admin: String,
    name: String,
}

impl Drop for Database {
    fn drop(&mut self) {
        let (admin, sql) = (self.admin.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        // A destructor cannot wait; a thread of its own can.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(execute(&admin, &sql))
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            eprintln!("the database {} was not dropped", self.name);
        }
    }
}

/// Makes of `async fn name(bench: Bench)` one test on SQLite and one on PostgreSQL.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::common::billing_on_sqlite().await).await;
            })*
        }

        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                if let Some(bench) = $crate::common::billing_on_postgres().await {
                    super::$name(bench).await;
                }
            })*
        }
    };
}
pub(crate) use on_both;

impl Bench {
    /// Another process on the same database, with the same clock and ports.
    pub async fn another(&self, worker: &str) -> Billing {
        billing_over(connect(&self.url).await, &self.clock, &self.ports, worker)
    }

    /// Another process on the same database whose configuration does not allow gateways of the sandbox.
    pub async fn without_sandbox_gateways(&self, worker: &str) -> Billing {
        let settings = Settings { sandbox_gateways: false, ..settings(worker) };
        billing_with(connect(&self.url).await, &self.clock, &self.ports, settings)
    }

    /// Publishes what was committed, so that consumers find it.
    pub async fn relay(&self) {
        while self.billing.relay().turn().await.expect("the log is read") {}
    }
}

/// A process of its own on a database there is, with its own clock.
pub async fn billing_at(url: &str, clock: &Arc<ManualClock>, ports: &Arc<FakePorts>, worker: &str) -> Billing {
    billing_over(connect(url).await, clock, ports, worker)
}

fn billing_over(store: Store, clock: &Arc<ManualClock>, ports: &Arc<FakePorts>, worker: &str) -> Billing {
    billing_with(store, clock, ports, settings(worker))
}

fn settings(worker: &str) -> Settings {
    Settings {
        sandbox_gateways: true,
        security: SecuritySettings { confirmation: None, ..SecuritySettings::default() },
        ..Settings::new("https://billow.test", worker)
    }
}

fn billing_with(store: Store, clock: &Arc<ManualClock>, ports: &Arc<FakePorts>, settings: Settings) -> Billing {
    let entropy = Arc::new(SeededEntropy::new(settings.worker.bytes().map(u64::from).sum()));
    let cipher = Cipher::new(&[(1, [7; 32])], [9; 32], entropy.clone()).expect("a ring of keys");
    Billing::new(Parts {
        store,
        clock: clock.clone(),
        entropy,
        cipher,
        ports: Ports {
            connector: ports.clone(),
            push: ports.clone(),
            mailer: ports.clone(),
            sms: ports.clone(),
            renderer: ports.clone(),
            gateway: ports.gateway.clone(),
            documents: ports.paper.clone(),
            objects: ports.paper.clone(),
        },
        waker: ports.clone(),
        settings,
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
        self.fetched.lock().push(request.clone());
        let answer = self.answer.lock().clone();
        if let Some(answer) = answer {
            return answer(request).await;
        }
        self.replies.lock().pop_front().unwrap_or_else(|| FetchReply::of(FetchOutcome::NoneDue))
    }

    fn can_pay(&self, _definition: &ProviderDefinition) -> bool {
        self.payee.takes_payments.load(Ordering::SeqCst)
    }

    fn can_tell_payments(&self, _definition: &ProviderDefinition) -> bool {
        !self.payee.is_silent.load(Ordering::SeqCst)
    }

    async fn pay(&self, request: PayRequest) -> PayReply {
        PayReply::of(self.payee.pay(&request).await)
    }

    async fn pay_status(&self, request: PayRequest) -> PayReply {
        PayReply::of(self.payee.ask(&request))
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
        Ok(Rendered {
            text: format!("{body} {}", message.link.as_deref().unwrap_or_default()),
            html: body.clone(),
            sms: title.clone(),
            title,
            body,
        })
    }
}

#[async_trait]
impl Waker for FakePorts {
    async fn wake(&self, wakeup: Wakeup) {
        self.woken.lock().push(wakeup);
    }
}
