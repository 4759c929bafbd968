//! The real binary is killed at random moments, again and again. Afterwards no bill is missing, none is doubled, each was
//! told of once, and no device got the same message twice. `make chaos` kills 500 times; `BILLOW_CHAOS_SEED` repeats a run.

mod common;

use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use billow_billing::accounts::AddAccount;
use billow_billing::clock::{Clock as _, SystemClock, SystemEntropy};
use billow_billing::events::kind;
use billow_billing::identity::{Device, SignUp};
use billow_billing::messages::NewDevice;
use billow_billing::{Actor, Billing};
use billow_cli::config::Sources;
use billow_cli::wiring;
use billow_entities::{SessionKind, UtilityAccountId, bill, delivery, event, notification, utility_account};
use billow_sandbox::{Provider, Sandbox, SandboxOptions, SandboxState};
use billow_tests::{Engine, TestDb, postgres_url};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use crate::common::binary::free_address;
use crate::common::{Dice, kill_while_it_starts, kills, settings, start, start_and_wait};

const ACCOUNTS: usize = 12;
/// One in so many lives ends while the process starts.
const STARTS: u64 = 6;
/// After so many lives the leases of the dead have run out, as they do within minutes.
const LIVES_PER_LEASE: u32 = 3;
/// Bills of an account that may wait to be fetched. Its provider tells of the last sixty; what is older is not there any more
/// to be fetched.
const MAX_WAITING: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_on_sqlite() {
    chaos(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_on_postgres() {
    if postgres_url().is_some() {
        chaos(Engine::Postgres).await;
    }
}

struct Scene {
    db: TestDb,
    sandbox: Sandbox,
    billing: Billing,
    accounts: Vec<(UtilityAccountId, String)>,
    device: String,
    settings: Vec<(String, String)>,
    address: SocketAddr,
}

async fn chaos(engine: Engine) {
    let dice = Dice::new(engine);
    let scene = scene(engine).await;
    let mut issued = 0usize;
    for life_number in 1..=kills(12) {
        if dice.roll(STARTS) == 0 {
            kill_while_it_starts(scene.db.dir.path(), &scene.settings, &dice).await;
            continue;
        }
        let process = start_and_wait(scene.db.dir.path(), &scene.settings, scene.address).await;
        // Bills keep coming while the process lives; it dies somewhere between two of its steps.
        let life = Duration::from_millis(150 + dice.roll(1_200));
        let born = Instant::now();
        while born.elapsed() < life {
            let (id, number) = dice.one_of(&scene.accounts);
            if waiting(&scene, *id, number).await < MAX_WAITING {
                scene.sandbox.state().issue_bill(Provider::Voltara, number, None).expect("a bill");
                issued += 1;
            }
            make_due(&scene, &[*id]).await;
            tokio::time::sleep(Duration::from_millis(20 + dice.roll(60))).await;
        }
        process.kill();
        if life_number % LIVES_PER_LEASE == 0 {
            forget_leases(&scene).await;
        }
    }

    let (taken_in, ..) = counts(&scene).await;
    assert!(taken_in * 2 >= usize::try_from(kills(12)).expect("small"), "the lives did little: {taken_in} of {issued} bills");
    eprintln!("{} kills ({engine:?}): {taken_in} of {issued} bills were taken in between them", kills(12));

    // One that lives: everything is made due once more, and what was under way runs out.
    forget_leases(&scene).await;
    let all: Vec<_> = scene.accounts.iter().map(|a| a.0).collect();
    make_due(&scene, &all).await;
    let process = start(scene.db.dir.path(), &scene.settings);
    let patience = Instant::now();
    while !settled(&scene, issued).await {
        assert!(patience.elapsed() < Duration::from_secs(90), "{issued} issued, and it does not come to rest: {}", state(&scene).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    process.kill();
    compare(&scene, issued).await;
    scene.sandbox.stop().await;
}

async fn scene(engine: Engine) -> Scene {
    let db = TestDb::migrated(engine).await.expect("a database");
    let sandbox = Sandbox::start(SandboxOptions::on_loopback(db.dir.path().join("drop"), || SystemClock.now())).await.expect("a sandbox");
    let address = free_address();
    let settings = settings(&db, &sandbox, db.dir.path(), address);
    let sources = Sources { file: Some(db.dir.path().join("billow.toml")), flags: settings.clone(), ..Sources::default() };
    let wired =
        wiring::wire(&sources.load().expect("a configuration"), Arc::new(SystemClock), Arc::new(SystemEntropy)).await.expect("wired");
    let billing = wired.billing;
    let (mut definition, _) = billow_sandbox::provider_definition(Provider::Voltara, sandbox.http_url());
    definition["limits"]["per_second"] = serde_json::Value::Null;
    let provider = billing
        .providers
        .register_provider(&Actor::System, definition, BTreeMap::from([("api_key".to_owned(), "voltara-key-7f3a".to_owned().into())]))
        .await
        .expect("a provider");
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
    let signed_in = billing.identity.sign_up(&Actor::Anonymous, signed_up).await.expect("signed up");
    billing.identity.vouch_for_email(&Actor::System, signed_in.customer.expect("a customer").id).await.expect("confirmed");
    let token = signed_in.token;
    let anna = billing.identity.authenticate(&token).await.expect("signed in");
    let browser = sandbox.state().create_subscription(billing.ports.push.public_key().as_deref()).expect("a subscription");
    let device = SandboxState::subscription_of(&browser.endpoint).to_owned();
    let new = NewDevice { endpoint: browser.endpoint, p256dh: browser.p256dh, auth: browser.auth, label: "phone".into() };
    billing.messages.register_push_subscription(&anna, new).await.expect("a device");
    let mut accounts = Vec::new();
    for n in 0..ACCOUNTS {
        let number = format!("VT3{n:07}");
        sandbox.state().add_account(Provider::Voltara, &number).expect("an account");
        let params = BTreeMap::from([("consumer_number".to_owned(), number.clone())]);
        let new = AddAccount { customer_id: None, provider_id: provider.id, property_id: None, label: None, params };
        accounts.push((billing.accounts.add_utility_account(&anna, new).await.expect("an account").account.id, number));
    }
    Scene { db, sandbox, billing, accounts, device, settings, address }
}

/// How many bills of an account its provider has and we do not.
async fn waiting(scene: &Scene, account: UtilityAccountId, number: &str) -> usize {
    let there =
        bill::Entity::find().filter(bill::Column::AccountId.eq(account)).count(scene.billing.kernel.store.read()).await.expect("bills");
    scene.sandbox.state().bills(Provider::Voltara, number).len() - usize::try_from(there).expect("small")
}

/// Makes accounts due, as their schedule would, without touching a lease.
async fn make_due(scene: &Scene, accounts: &[UtilityAccountId]) {
    use utility_account::Column as C;
    utility_account::Entity::update_many()
        .col_expr(C::NextFetchAt, Expr::value(SystemClock.now()))
        .filter(C::Id.is_in(accounts.iter().copied()))
        .exec(scene.billing.kernel.store.write_pool())
        .await
        .expect("made due");
}

/// Time passes: the leases of the dead run out, and so do the pauses before another try.
async fn forget_leases(scene: &Scene) {
    let db = scene.billing.kernel.store.write_pool();
    let past = SystemClock.now() - chrono::Duration::minutes(1);
    utility_account::Entity::update_many()
        .col_expr(utility_account::Column::LeaseUntil, Expr::value(past))
        .filter(utility_account::Column::LeaseUntil.is_not_null())
        .exec(db)
        .await
        .expect("leases");
    delivery::Entity::update_many()
        .col_expr(delivery::Column::LeaseUntil, Expr::value(past))
        .filter(delivery::Column::LeaseUntil.is_not_null())
        .exec(db)
        .await
        .expect("leases");
    delivery::Entity::update_many().col_expr(delivery::Column::DueAt, Expr::value(past)).exec(db).await.expect("pauses");
    billow_entities::lease::Entity::update_many()
        .col_expr(billow_entities::lease::Column::Until, Expr::value(past))
        .exec(db)
        .await
        .expect("leases");
}

async fn counts(scene: &Scene) -> (usize, usize, usize, usize) {
    let db = scene.billing.kernel.store.read();
    let bills = bill::Entity::find().all(db).await.expect("bills").len();
    let told = notification::Entity::find().filter(notification::Column::BillId.is_not_null()).all(db).await.expect("notifications").len();
    let unnumbered = event::Entity::find().filter(event::Column::Position.is_null()).all(db).await.expect("events").len();
    let waiting = delivery::Entity::find()
        .filter(delivery::Column::Status.is_in([billow_entities::DeliveryStatus::Queued, billow_entities::DeliveryStatus::Sending]))
        .all(db)
        .await
        .expect("deliveries")
        .len();
    (bills, told, unnumbered, waiting)
}

async fn settled(scene: &Scene, issued: usize) -> bool {
    counts(scene).await == (issued, issued, 0, 0)
}

async fn state(scene: &Scene) -> String {
    let (bills, told, unnumbered, waiting) = counts(scene).await;
    format!("{bills} bills, {told} told, {unnumbered} events without position, {waiting} deliveries waiting")
}

async fn compare(scene: &Scene, issued: usize) {
    let db = scene.billing.kernel.store.read();
    let mut wanted = HashSet::new();
    for (id, number) in &scene.accounts {
        wanted.extend(scene.sandbox.state().bills(Provider::Voltara, number).into_iter().map(|b| (*id, b.number)));
    }
    assert_eq!(wanted.len(), issued);
    let bills = bill::Entity::find().all(db).await.expect("bills");
    let there: HashSet<_> = bills.iter().map(|b| (b.account_id, b.number.clone())).collect();
    assert_eq!(there, wanted, "none is missing, none was made up");
    assert_eq!(bills.len(), issued, "none is doubled");
    assert!(bills.iter().all(|b| b.version == 1), "nothing was taken for a correction");

    let events = event::Entity::find().order_by_asc(event::Column::Position).all(db).await.expect("events");
    let positions: Vec<_> = events.iter().map(|e| e.position.expect("a position")).collect();
    assert_eq!(positions, (1..=i64::try_from(events.len()).expect("small")).collect::<Vec<_>>(), "positions have no gaps");
    let received: Vec<_> = events.iter().filter(|e| e.kind == kind::BILL_RECEIVED).map(|e| e.subject.clone()).collect();
    assert_eq!(received.len(), issued, "each bill was told of");
    assert_eq!(received.iter().collect::<HashSet<_>>().len(), issued, "each once");

    let mut pushes = BTreeMap::new();
    for push in scene.sandbox.state().pushes_for(&scene.device) {
        *pushes.entry(push.payload).or_insert(0) += 1;
    }
    assert!(pushes.values().all(|n| *n == 1), "a device got the same message twice: {pushes:#?}");
}
