//! The real binary on a disk that is full again and again, and on one that fails: people top up their wallets meanwhile.
//! Whatever anybody was told stays true, everything charged is posted once, and the service goes on without a restart.
//! `BILLOW_CHAOS_SEED` repeats a run.

mod common;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use billow_billing::clock::{Clock as _, SystemClock, SystemEntropy};
use billow_billing::gateways::NewGateway;
use billow_billing::identity::{Device, ExposeSecret as _, SignUp};
use billow_billing::methods::StartSetup;
use billow_billing::ports::GatewaySettings;
use billow_billing::{Actor, Billing};
use billow_cli::config::Sources;
use billow_cli::wiring;
use billow_entities::{GatewayAdapter, MethodKind, PaymentStatus, SessionKind, ledger_entry, payment, payment_attempt};
use billow_sandbox::{CardLogKind, Sandbox, SandboxOptions};
use billow_tests::{Engine, TestDb, postgres_url};
use sea_orm::{ConnectionTrait as _, Database, EntityTrait};
use serde_json::{Value, json};

use crate::common::binary::free_address;
use crate::common::small_disk::SmallDisk;
use crate::common::{Dice, Running, settings, start, start_by};

/// How often the disk is full.
const TIMES: u32 = 50;
/// People who pay at once.
const PEOPLE: usize = 3;
/// How soon after the last fault everything asked for is done.
const RECOVERY: Duration = Duration::from_secs(45);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);

const TOP_UP: &str =
    "mutation($input: TopUpWalletInput!) { topUpWallet(input: $input) { payment { id status } userErrors { code message } } }";
const STATUS: &str = "query($id: ID!) { payment(id: $id) { status } }";

/// What people asked for and were told.
#[derive(Default)]
struct Told {
    /// Payments that were said to have succeeded.
    succeeded: Mutex<BTreeSet<String>>,
    /// What was said to have succeeded and another connection did not see.
    false_yes: Mutex<Vec<String>>,
    refused: AtomicUsize,
    under_way: AtomicUsize,
    paused: AtomicBool,
    over: AtomicBool,
}

struct Scene {
    sandbox: Sandbox,
    address: SocketAddr,
    settings: Vec<(String, String)>,
    token: String,
    method: String,
    told: Told,
    http: reqwest::Client,
}

impl Scene {
    /// Makes what is needed in `db`, by a process of its own that ends then.
    async fn new(db: &TestDb) -> Arc<Self> {
        let dir = db.dir.path();
        let sandbox = Sandbox::start(SandboxOptions::on_loopback(dir.join("drop"), || SystemClock.now())).await.expect("a sandbox");
        let address = free_address();
        let settings = settings(db, &sandbox, dir, address);
        let billing = wired(dir, &settings).await;
        let (base_url, key, webhook_secret) = billow_sandbox::cards_access(&sandbox);
        let credentials = [("secret_key", key), ("webhook_secret", webhook_secret)];
        let new = NewGateway {
            code: "sandbox".into(),
            name: "Sandbox cards".into(),
            adapter: GatewayAdapter::Sandbox,
            rank: 1,
            currencies: Vec::new(),
            kinds: vec![MethodKind::Card],
            settings: GatewaySettings { base_url, timeout_ms: 5_000, searches: true },
            credentials: credentials.into_iter().map(|(name, secret)| (name.to_owned(), secret.to_owned().into())).collect(),
        };
        let gateway = billing.gateways.create_gateway(&Actor::System, new).await.expect("a gateway").id;
        billing.gateways.test_gateway(&Actor::System, gateway).await.expect("a test");
        billing.gateways.resume_gateway(&Actor::System, gateway, None).await.expect("an active gateway");
        let signed_up = SignUp {
            email: "anna@example.com".into(),
            password: "correct horse battery".to_owned().into(),
            name: "Anna".into(),
            mobile: None,
            locale: "en-GB".into(),
            time_zone: "Europe/Berlin".into(),
            invitation_token: None,
            device: Device { kind: SessionKind::Bearer, user_agent: None, address: None },
        };
        let token = billing.identity.sign_up(&Actor::Anonymous, signed_up).await.expect("signed up").token;
        let anna = billing.identity.authenticate(&token).await.expect("signed in");
        let card = StartSetup {
            kind: MethodKind::Card,
            currency: Some("EUR".parse().expect("a currency")),
            token: Some("pm_card_visa".to_owned().into()),
            return_url: None,
            label: None,
            make_default: true,
        };
        let method = billing.methods.start_setup(&anna, card).await.expect("a card").id.to_string();
        let pool = billing.kernel.store.write_pool().clone();
        if billing.kernel.store.is_sqlite() {
            // Everything in one file, to be copied.
            pool.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.expect("a checkpoint");
        }
        pool.close().await.expect("closed");
        billing.kernel.store.read().clone().close().await.expect("closed");
        #[expect(clippy::disallowed_methods, reason = "the tests are the outside")]
        let http = reqwest::Client::builder().timeout(ANSWER).build().expect("a client");
        let token = token.expose_secret().to_owned();
        Arc::new(Self { sandbox, address, settings, token, method, told: Told::default(), http })
    }

    async fn ask(&self, query: &str, variables: Value) -> Option<Value> {
        let request = self.http.post(format!("http://{}/graphql", self.address)).bearer_auth(&self.token);
        request.json(&json!({"query": query, "variables": variables})).send().await.ok()?.json().await.ok()
    }

    async fn is_ready(&self) -> bool {
        let answer = self.http.get(format!("http://{}/readyz", self.address)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Waits until one more top-up has succeeded, however slow the machine is.
    async fn until_somebody_paid(&self) {
        let paid = || self.told.succeeded.lock().expect("told").len();
        let (before, since) = (paid(), Instant::now());
        while paid() == before {
            assert!(since.elapsed() < RECOVERY, "nobody could pay between two faults");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn until_ready(&self, process: &mut Running) {
        let since = Instant::now();
        while !self.is_ready().await {
            assert!(process.is_alive(), "the process ended by itself");
            assert!(since.elapsed() < RECOVERY, "not ready after {RECOVERY:?}: {}", self.report().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn report(&self) -> String {
        match self.http.get(format!("http://{}/readyz", self.address)).send().await {
            Ok(answer) => answer.text().await.unwrap_or_default(),
            Err(error) => error.to_string(),
        }
    }
}

async fn wired(dir: &Path, settings: &[(String, String)]) -> Billing {
    let sources = Sources { file: Some(dir.join("billow.toml")), flags: settings.to_vec(), ..Sources::default() };
    let config = sources.load().expect("a configuration");
    wiring::wire(&config, Arc::new(SystemClock), Arc::new(SystemEntropy)).await.expect("wired").billing
}

/// Somebody who tops up again and again, asks with the same key until there is a payment, and looks at once whether what
/// succeeded is there. The last top-up is one that succeeded.
async fn top_up_again_and_again(scene: Arc<Scene>, person: usize) {
    let told = &scene.told;
    for number in 0.. {
        let key = format!("person-{person}-wish-{number:05}");
        let succeeded = loop {
            if told.paused.load(Ordering::Acquire) {
                tokio::time::sleep(Duration::from_millis(10)).await;
                if told.over.load(Ordering::Acquire) {
                    return;
                }
                continue;
            }
            let input =
                json!({"amount": {"amountMinor": "100"}, "currency": "EUR", "paymentMethodId": scene.method, "idempotencyKey": key});
            let answer = scene.ask(TOP_UP, json!({"input": input})).await;
            let payment = answer.as_ref().map(|a| &a["data"]["topUpWallet"]["payment"]).filter(|p| p.is_object());
            if let Some(payment) = payment.filter(|p| p["status"] == "SUCCEEDED") {
                let id = payment["id"].as_str().expect("an id").to_owned();
                let seen = scene.ask(STATUS, json!({"id": id})).await;
                // No answer is no false answer.
                let status = seen.map(|s| s["data"]["payment"]["status"].clone()).filter(Value::is_string);
                let missing = status.as_ref().is_none_or(|s| s != "SUCCEEDED");
                if status.is_some() && missing {
                    told.false_yes.lock().expect("told").push(format!("{id}: {status:?}"));
                }
                told.succeeded.lock().expect("told").insert(id);
                break true;
            }
            if payment.is_some() {
                // It is written down and not over: a worker goes on with it.
                told.under_way.fetch_add(1, Ordering::Relaxed);
                break false;
            }
            told.refused.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        if succeeded && told.over.load(Ordering::Acquire) {
            return;
        }
    }
}

/// Lets things go wrong again and again while people pay, and compares afterwards.
async fn endure(scene: &Arc<Scene>, dice: &Dice, process: &mut Running, mut fault: impl FnMut(bool)) {
    scene.until_ready(process).await;
    let people: Vec<_> = (0..PEOPLE).map(|n| tokio::spawn(top_up_again_and_again(Arc::clone(scene), n))).collect();
    let (mut refusals, mut idle) = (0, 0);
    for _ in 0..TIMES {
        // Half the time nobody pays: then it is the process's own beat that writes.
        let is_idle = dice.roll(2) == 0;
        idle += u32::from(is_idle);
        scene.told.paused.store(is_idle, Ordering::Release);
        if !is_idle {
            scene.until_somebody_paid().await;
        }
        tokio::time::sleep(Duration::from_millis(80 + dice.roll(320))).await;
        fault(true);
        tokio::time::sleep(Duration::from_millis(30 + dice.roll(250))).await;
        refusals += u32::from(!scene.is_ready().await);
        fault(false);
        assert!(process.is_alive(), "the process ended by itself");
    }
    scene.told.paused.store(false, Ordering::Release);
    scene.until_ready(process).await;
    scene.told.over.store(true, Ordering::Release);
    let since = Instant::now();
    for person in people {
        // Each ends with a top-up that succeeded: the service goes on without a restart.
        let left = RECOVERY.saturating_sub(since.elapsed());
        tokio::time::timeout(left, person).await.expect("what was asked for is done in time").expect("a person");
    }
    let told = &scene.told;
    let succeeded = told.succeeded.lock().expect("told").len();
    eprintln!(
        "{TIMES} faults, {idle} of them while nobody paid: {succeeded} top-ups succeeded, {} were left to a worker, {} were refused, \
         readyz said no {refusals} times",
        told.under_way.load(Ordering::Relaxed),
        told.refused.load(Ordering::Relaxed)
    );
    assert_eq!(*told.false_yes.lock().expect("told"), Vec::<String>::new(), "told as done, and another connection does not see it");
    assert!(succeeded >= (TIMES - idle) as usize, "people got through between the faults: {succeeded}");
}

/// Whatever was told and charged is in the database.
async fn compare(scene: &Scene, billing: &Billing) {
    let db = billing.kernel.store.read();
    // What the card network carried out and nobody heard of is asked about, as a worker does.
    for _ in 0..3 {
        billing.payments.check_payments_due().await.expect("checked");
    }
    let rows = payment::Entity::find().all(db).await.expect("payments");
    let paid: BTreeSet<String> = rows.iter().filter(|p| p.status == PaymentStatus::Succeeded).map(|p| p.id.to_string()).collect();
    let lost: Vec<_> = scene.told.succeeded.lock().expect("told").iter().filter(|id| !paid.contains(*id)).cloned().collect();
    assert_eq!(lost, Vec::<String>::new(), "acknowledged, and not there");

    let charged: Vec<String> = scene
        .sandbox
        .state()
        .card_log()
        .iter()
        .filter(|e| e.kind == CardLogKind::Charged)
        .map(|e| e.idempotency_key.clone().expect("every call has a key"))
        .collect();
    assert_eq!(charged.len(), charged.iter().collect::<BTreeSet<_>>().len(), "double charges");
    let attempts = payment_attempt::Entity::find().all(db).await.expect("attempts");
    let entries = ledger_entry::Entity::find().all(db).await.expect("the ledger");
    let posted: BTreeSet<_> = entries.iter().filter_map(|e| e.key.strip_prefix("settle:")).collect();
    let open: BTreeSet<_> = rows.iter().filter(|p| p.check_at.is_some()).map(|p| p.id).collect();
    for key in &charged {
        let attempt = attempts.iter().find(|a| a.gateway_key == *key).unwrap_or_else(|| panic!("charged, and not written down: {key}"));
        let known = posted.contains(attempt.id.to_string().as_str()) || open.contains(&attempt.payment_id);
        assert!(known, "charged, neither posted nor to be asked about: {}", attempt.id);
    }
    assert!(billing.ledger.ledger_proof(&Actor::System).await.expect("the ledger").balanced);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_on_a_disk_that_is_full_again_and_again() {
    let db = TestDb::migrated(Engine::Sqlite).await.expect("a database");
    let dir = db.dir.path().to_owned();
    let small = dir.join("small");
    std::fs::create_dir(&small).expect("a folder");
    let Some(disk) = SmallDisk::apart(&small, 24) else { return };
    let dice = Dice::new(Engine::Sqlite);
    let scene = Scene::new(&db).await;
    std::fs::copy(dir.join("billow.db"), disk.path().join("billow.db")).expect("copied");
    let mut settings = scene.settings.clone();
    settings.retain(|(name, _)| name != "database.url" && name != "data_dir");
    settings.push(("database.url".into(), format!("sqlite://{}/billow.db", small.display())));
    settings.push(("data_dir".into(), small.display().to_string()));
    let mut process = start_by(disk.command(env!("CARGO_BIN_EXE_billow")), &dir, &settings);
    endure(&scene, &dice, &mut process, |full| if full { disk.fill() } else { disk.empty() }).await;
    process.kill();

    // What is on the disk is what counts, read by another process.
    let copy = dir.join("copy");
    std::fs::create_dir(&copy).expect("a folder");
    for name in ["billow.db", "billow.db-wal"] {
        std::fs::copy(disk.path().join(name), copy.join(name)).expect("copied");
    }
    let mut settings = scene.settings.clone();
    settings.retain(|(name, _)| name != "database.url");
    settings.push(("database.url".into(), format!("sqlite://{}/billow.db", copy.display())));
    compare(&scene, &wired(&dir, &settings).await).await;
}

/// `strace`, which lets calls of another process fail.
struct Saboteur<'a> {
    process: u32,
    file: &'a Path,
    strace: Option<Child>,
}

impl Saboteur<'_> {
    fn is_possible() -> bool {
        let mut tried = Command::new("sleep").arg("5").spawn().expect("a process");
        let attached =
            Command::new("timeout").args(["-s", "INT", "1", "strace", "-p", &tried.id().to_string()]).stderr(Stdio::piped()).output();
        let _ = tried.kill();
        let _ = tried.wait();
        let possible = attached.is_ok_and(|a| String::from_utf8_lossy(&a.stderr).contains("attached"));
        if !possible {
            eprintln!("SKIPPED: strace cannot attach to a process here");
        }
        possible
    }

    fn begin(&mut self, call: &str, error: &str) {
        let mut command = Command::new("strace");
        command.args([
            "-f",
            "-qq",
            "-p",
            &self.process.to_string(),
            "-e",
            &format!("trace={call}"),
            "-e",
            &format!("inject={call}:error={error}"),
        ]);
        for ending in ["", "-wal"] {
            command.arg("-P").arg(format!("{}{ending}", self.file.display()));
        }
        self.strace = Some(command.args(["-o", "/dev/null"]).stderr(Stdio::null()).spawn().expect("strace"));
    }

    fn end(&mut self) {
        let Some(mut strace) = self.strace.take() else { return };
        let _ = Command::new("kill").args(["-INT", &strace.id().to_string()]).status();
        strace.wait().expect("strace ends");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_on_a_disk_that_fails_to_write_and_to_sync() {
    if !Saboteur::is_possible() {
        return;
    }
    let dice = Dice::new(Engine::Sqlite);
    let db = TestDb::migrated(Engine::Sqlite).await.expect("a database");
    let scene = Scene::new(&db).await;
    let file = db.dir.path().join("billow.db");
    let mut process = start(db.dir.path(), &scene.settings);
    let mut saboteur = Saboteur { process: process.id(), file: &file, strace: None };
    let faults = [("write,pwrite64", "ENOSPC"), ("write,pwrite64", "EIO"), ("fsync,fdatasync", "EIO"), ("fsync,fdatasync", "ENOSPC")];
    let which = Dice::new(Engine::Sqlite);
    endure(&scene, &dice, &mut process, |on| {
        if on {
            let (call, error) = which.one_of(&faults);
            saboteur.begin(call, error);
        } else {
            saboteur.end();
        }
    })
    .await;
    process.kill();
    compare(&scene, &wired(db.dir.path(), &scene.settings).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_with_a_full_tablespace() {
    let Some(admin) = postgres_url() else { return };
    let folder = tempfile::Builder::new().permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755)).tempdir().expect("a folder");
    let cluster = Database::connect(&admin).await.expect("the cluster");
    let Some(disk) = SmallDisk::mounted(folder.path(), 48, "postgres") else { return };
    let dice = Dice::new(Engine::Postgres);
    let db = TestDb::migrated(Engine::Postgres).await.expect("a database");
    let space = format!("small_{}", std::process::id());
    let name = db.url.rsplit_once('/').expect("a name").1.to_owned();
    for sql in [
        format!("CREATE TABLESPACE {space} LOCATION '{}'", folder.path().display()),
        format!("ALTER DATABASE \"{name}\" SET TABLESPACE {space}"),
    ] {
        cluster.execute_unprepared(&sql).await.expect("a small tablespace");
    }
    let scene = Scene::new(&db).await;
    let mut process = start(db.dir.path(), &scene.settings);
    endure(&scene, &dice, &mut process, |full| if full { disk.fill() } else { disk.empty() }).await;
    process.kill();
    {
        let billing = wired(db.dir.path(), &scene.settings).await;
        compare(&scene, &billing).await;
    }
    drop(db);
    cluster.execute_unprepared(&format!("DROP TABLESPACE {space}")).await.expect("gone");
}
