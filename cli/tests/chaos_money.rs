//! The real binary is killed at random moments while people pay, get their money back and change their minds, while the card
//! network loses answers and the provider does too. Afterwards the card network's memory is held against the ledger: nothing
//! is charged twice, no charge is without its posting, no posting without its charge, every provider has its money once, and
//! nothing is unsettled. `make chaos` kills 500 times; `BILLOW_CHAOS_SEED` repeats a run.

mod common;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use billow_billing::accounts::AddAccount;
use billow_billing::clock::{Clock as _, SystemClock, SystemEntropy};
use billow_billing::gateways::NewGateway;
use billow_billing::identity::{Device, ExposeSecret as _, NewUser, SignIn, SignUp};
use billow_billing::methods::StartSetup;
use billow_billing::payments::TopUp;
use billow_billing::ports::GatewaySettings;
use billow_billing::{Actor, Billing};
use billow_cli::config::Sources;
use billow_cli::wiring;
use billow_entities::{
    DocumentStatus, GatewayAdapter, GatewayId, LedgerAccountKind, MethodKind, PaymentStatus, ProviderId, RefundStatus, RemittanceStatus,
    Role, SessionKind, bill, document, gateway_event, lease, ledger_entry, payment, payment_attempt, refund, remittance,
};
use billow_sandbox::{CardCall, CardFault, CardLogKind, CardOutcome, Fault, Provider, Sandbox, SandboxOptions};
use billow_tests::{Engine, TestDb, postgres_url};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::common::binary::free_address;
use crate::common::{Dice, kill_while_it_starts, kills, settings, start_and_wait};

/// Bills of one account: their provider tells of no more than the last sixty.
const BILLS_AN_ACCOUNT: usize = 35;
/// People who pay at once.
const SHOPPERS: usize = 3;
/// Bills for each life of the process.
const BILLS_A_LIFE: usize = 4;
/// One in so many lives ends while the process starts.
const STARTS: u64 = 6;
/// How often a bill is asked for. One that was paid with the key of a second tab, whose answer was lost, is refused for ever;
/// eight of these, and nobody would get to the bills behind them.
const ASKS_A_BILL: u32 = 30;
/// How soon after a restart no money may be unsettled any more, and how long the next document may take.
const A_MINUTE: Duration = Duration::from_secs(60);

const PAY: &str = "mutation($input: PayBillsInput!) { payBills(input: $input) { payment { id status } userErrors { code message path } } }";
const RETRY: &str =
    "mutation($input: RetryPaymentInput!) { retryPayment(input: $input) { payment { id status } userErrors { code message path } } }";
const REFUND: &str =
    "mutation($input: RefundPaymentInput!) { refundPayment(input: $input) { refunds { id } userErrors { code message path } } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_survives_kills_on_sqlite() {
    chaos(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_survives_kills_on_postgres() {
    if postgres_url().is_some() {
        chaos(Engine::Postgres).await;
    }
}

/// Something somebody wants paid, and the key they ask with until they know.
#[derive(Clone, Debug)]
struct Wish {
    bill: String,
    key: String,
    asked: u32,
    payment: Option<String>,
    status: String,
}

struct Scene {
    db: TestDb,
    sandbox: Sandbox,
    billing: Billing,
    gateway: GatewayId,
    provider: ProviderId,
    method: String,
    customer_token: String,
    operator_token: String,
    address: SocketAddr,
    settings: Vec<(String, String)>,
    wishes: Mutex<Vec<Wish>>,
}

async fn chaos(engine: Engine) {
    let dice = Arc::new(Dice::new(engine));
    let kills = kills(16);
    let scene = Arc::new(scene(engine, usize::try_from(kills).expect("small") * BILLS_A_LIFE).await);
    for _ in 0..kills {
        mishaps(&scene, &dice);
        if dice.roll(STARTS) == 0 {
            kill_while_it_starts(scene.db.dir.path(), &scene.settings, &dice).await;
            continue;
        }
        let process = start_and_wait(scene.db.dir.path(), &scene.settings, scene.address).await;
        let life = Duration::from_millis(30 + dice.roll(2_000));
        let people: Vec<_> = (0..SHOPPERS).map(|_| tokio::spawn(shop(Arc::clone(&scene), Arc::clone(&dice)))).collect();
        tokio::time::sleep(life).await;
        process.kill();
        people.into_iter().for_each(|person| person.abort());
    }

    let charged = || scene.sandbox.state().card_log().iter().filter(|e| e.kind == CardLogKind::Charged).count();
    let between_kills = charged();
    assert!(between_kills * 2 >= usize::try_from(kills).expect("small"), "the lives did little: {between_kills} charges");

    // One that lives, in a world that has come to its senses.
    let state = scene.sandbox.state();
    state.clear_card_script();
    state.clear_faults();
    scene.billing.gateways.reset_gateway_circuit(&Actor::System, scene.gateway, None).await.expect("the circuit");
    scene.billing.providers.reset_circuit(&Actor::System, scene.provider).await.expect("the circuit");
    forget_leases(&scene).await;
    let process = start_and_wait(scene.db.dir.path(), &scene.settings, scene.address).await;
    let patience = Instant::now();
    let (mut fewest, mut laid_out) = (usize::MAX, Instant::now());
    loop {
        for pending in state.pending_debits() {
            state.settle_card(&pending, &CardOutcome::Succeeded);
        }
        hurry(&scene).await;
        let (money, documents) = (unsettled(&scene).await, documents_to_come(&scene).await);
        if money.is_empty() && documents == 0 {
            break;
        }
        assert!(money.is_empty() || patience.elapsed() < A_MINUTE, "a minute after the restart: {money:?}");
        // Hundreds of documents take minutes in a build without optimisation; but one after the other is there.
        if documents < fewest {
            (fewest, laid_out) = (documents, Instant::now());
        }
        assert!(laid_out.elapsed() < A_MINUTE, "no document for a minute, {documents} to come: {money:?}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    process.kill();
    compare(&scene).await;
    let wishes = scene.wishes.lock().expect("wishes").clone();
    let asked: u32 = wishes.iter().map(|w| w.asked).sum();
    let charges = charged();
    eprintln!("{kills} kills ({engine:?}): {asked} calls for {} bills, {charges} charges", wishes.iter().filter(|w| w.asked > 0).count());
    assert!(charges > 0, "somebody paid");
}

/// What goes wrong in this life: a quarter of all calls.
fn mishaps(scene: &Scene, dice: &Dice) {
    let state = scene.sandbox.state();
    state.clear_card_script();
    for _ in 0..2 {
        let fault = match dice.roll(12) {
            0 | 1 => CardFault::LostAfter,
            2 => CardFault::LostBefore,
            3 => CardFault::Truncated,
            4 => CardFault::Slow { ms: 80 },
            5 => CardFault::Decline { code: "insufficient_funds".into() },
            6 => CardFault::Processing,
            7 => CardFault::ServerError { carried_out: true },
            _ => continue,
        };
        state.script_card(Some(CardCall::Charge), fault, 1);
    }
    match dice.roll(8) {
        0 => state.script_card(Some(CardCall::Refund), CardFault::LostAfter, 1),
        1 => state.set_fault(Provider::Voltara, None, Fault::LosePaymentsAfter { payments: 1 }),
        2 => state.set_fault(Provider::Voltara, None, Fault::RejectPayments { payments: 1 }),
        _ => {}
    }
}

/// Somebody who pays one bill after another, asks again where no answer came, taps twice, retries what failed, and an
/// operator who gives money back.
async fn shop(scene: Arc<Scene>, dice: Arc<Dice>) {
    #[expect(clippy::disallowed_methods, reason = "the tests are the outside")]
    let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().expect("a client");
    let ask = |token: String, query: &'static str, input: Value| {
        let request = http.post(format!("http://{}/graphql", scene.address)).bearer_auth(token);
        async move { request.json(&json!({"query": query, "variables": {"input": input}})).send().await.ok()?.json::<Value>().await.ok() }
    };
    loop {
        let n = {
            let mut wishes = scene.wishes.lock().expect("wishes");
            let is_open = |wish: &Wish| (wish.payment.is_none() || wish.status == "FAILED") && wish.asked < ASKS_A_BILL;
            let open: Vec<usize> = (0..wishes.len()).filter(|n| is_open(&wishes[*n])).collect();
            if open.is_empty() {
                return;
            }
            // Mostly the first ones, so that several people want the same bill.
            let n = *dice.one_of(&open[..open.len().min(8)]);
            wishes[n].asked += 1;
            n
        };
        let wish = scene.wishes.lock().expect("wishes")[n].clone();
        let answer = match &wish.payment {
            Some(payment) => {
                let input = json!({"paymentId": payment, "paymentMethodId": scene.method, "idempotencyKey": format!("{}-retry-{}", wish.key, wish.asked)});
                ask(scene.customer_token.clone(), RETRY, input).await.map(|mut a| a["data"]["retryPayment"].take())
            }
            None => {
                // A second tab has a key of its own.
                let key = if dice.roll(5) == 0 { format!("{}-tab-{}", wish.key, wish.asked) } else { wish.key.clone() };
                let input = json!({"bills": [{"billId": wish.bill}], "paymentMethodId": scene.method, "useWallet": wish.key.ends_with('3'), "idempotencyKey": key});
                ask(scene.customer_token.clone(), PAY, input).await.map(|mut a| a["data"]["payBills"].take())
            }
        };
        let Some(payment) = answer.map(|mut a| a["payment"].take()).filter(Value::is_object) else { continue };
        let (id, status) = (text(&payment["id"]), text(&payment["status"]));
        {
            let mut wishes = scene.wishes.lock().expect("wishes");
            wishes[n].payment = Some(id.clone());
            wishes[n].status.clone_from(&status);
        }
        if status == "SUCCEEDED" && dice.roll(6) == 0 {
            let amount = if dice.roll(2) == 0 { Value::Null } else { json!({"amountMinor": "100"}) };
            let input = json!({"paymentId": id, "amount": amount, "toWallet": dice.roll(3) == 0, "reason": "A courtesy", "idempotencyKey": format!("{}-back", wish.key)});
            ask(scene.operator_token.clone(), REFUND, input).await;
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

async fn scene(engine: Engine, bills: usize) -> Scene {
    let db = TestDb::migrated(engine).await.expect("a database");
    let sandbox = Sandbox::start(SandboxOptions::on_loopback(db.dir.path().join("drop"), || SystemClock.now())).await.expect("a sandbox");
    let address = free_address();
    let settings = settings(&db, &sandbox, db.dir.path(), address);
    let sources = Sources { file: Some(db.dir.path().join("billow.toml")), flags: settings.clone(), ..Sources::default() };
    let wired =
        wiring::wire(&sources.load().expect("a configuration"), Arc::new(SystemClock), Arc::new(SystemEntropy)).await.expect("wired");
    let billing = wired.billing;
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
    sandbox.set_webhook_target(&format!("http://{address}/webhooks/gateways/sandbox"));
    let (mut definition, _) = billow_sandbox::provider_definition(Provider::Voltara, sandbox.http_url());
    definition["limits"]["per_second"] = Value::Null;
    let secrets = BTreeMap::from([("api_key".to_owned(), "voltara-key-7f3a".to_owned().into())]);
    let provider = billing.providers.register_provider(&Actor::System, definition, secrets).await.expect("a provider").id;

    let device = || Device { kind: SessionKind::Bearer, user_agent: None, address: None };
    let signed_up = SignUp {
        email: "anna@example.com".into(),
        password: "correct horse battery".to_owned().into(),
        name: "Anna".into(),
        mobile: None,
        locale: "en-GB".into(),
        time_zone: "Europe/Berlin".into(),
        invitation_token: None,
        device: device(),
    };
    let signed_in = billing.identity.sign_up(&Actor::Anonymous, signed_up).await.expect("signed up");
    billing.identity.vouch_for_email(&Actor::System, signed_in.customer.expect("a customer").id).await.expect("confirmed");
    let token = signed_in.token;
    let anna = billing.identity.authenticate(&token).await.expect("signed in");
    let operator =
        NewUser { email: "operator@example.com".into(), password: "correct horse battery".to_owned().into(), role: Role::Operator };
    billing.identity.create_user(&Actor::System, operator).await.expect("an operator");
    let sign_in = SignIn { email: "operator@example.com".into(), password: "correct horse battery".to_owned().into(), device: device() };
    let operator_token =
        billing.identity.sign_in(&Actor::Anonymous, sign_in).await.expect("signed in").signed_in().expect("no second factor").token;

    let state = sandbox.state();
    for n in 0..bills.div_ceil(BILLS_AN_ACCOUNT) {
        let number = format!("VT3{n:07}");
        state.add_account(Provider::Voltara, &number).expect("an account");
        for m in 0..BILLS_AN_ACCOUNT {
            let amount = 1_000 + i64::try_from(n * 10_000 + m).expect("small");
            state.issue_bill(Provider::Voltara, &number, Some(amount)).expect("a bill");
        }
        let params = BTreeMap::from([("consumer_number".to_owned(), number)]);
        let new = AddAccount { customer_id: None, provider_id: provider, property_id: None, label: None, params };
        billing.accounts.add_utility_account(&anna, new).await.expect("an account");
    }
    while bill::Entity::find().count(billing.kernel.store.read()).await.expect("bills") < bills as u64 {
        billing.fetching.fetch_due().await.expect("fetched");
    }
    let rows = bill::Entity::find().all(billing.kernel.store.read()).await.expect("bills");
    let wish = |(n, row): (usize, &bill::Model)| Wish {
        bill: row.id.to_string(),
        key: format!("wish-{n:06}"),
        asked: 0,
        payment: None,
        status: String::new(),
    };
    let wishes = Mutex::new(rows.iter().enumerate().map(wish).collect());

    let card = StartSetup {
        kind: MethodKind::Card,
        currency: Some("EUR".parse().expect("a currency")),
        token: Some("pm_card_visa".to_owned().into()),
        return_url: None,
        label: None,
        make_default: true,
    };
    let method = billing.methods.start_setup(&anna, card).await.expect("a card").id;
    let top_up = TopUp {
        amount_minor: 20_000,
        currency: "EUR".parse().expect("a currency"),
        method: Some(method),
        hosted_page: false,
        return_url: None,
        idempotency_key: "the-first-money".into(),
    };
    assert_eq!(billing.payments.top_up(&anna, top_up).await.expect("a top-up").payment.status, PaymentStatus::Succeeded);
    Scene {
        customer_token: token.expose_secret().to_owned(),
        operator_token: operator_token.expose_secret().to_owned(),
        method: method.to_string(),
        db,
        sandbox,
        billing,
        gateway,
        provider,
        address,
        settings,
        wishes,
    }
}

/// Lets go of what the dead had in hand. Once, and before anybody lives from whom it would be taken again and again.
async fn forget_leases(scene: &Scene) {
    let db = scene.billing.kernel.store.write_pool();
    let past = SystemClock.now() - chrono::Duration::minutes(1);
    macro_rules! forget {
        ($($table:ident.$column:ident),*) => {$(
            $table::Entity::update_many().col_expr($table::Column::$column, Expr::value(past)).exec(db).await.expect("leases");
        )*};
    }
    forget!(payment.LeaseUntil, remittance.LeaseUntil, refund.LeaseUntil, document.LeaseUntil, lease.Until);
}

/// Time passes: pauses end, and what was sent was sent long ago. Where the process is at the same rows just then, time passes
/// for them a moment later.
async fn hurry(scene: &Scene) {
    let db = scene.billing.kernel.store.write_pool();
    let past = SystemClock.now() - chrono::Duration::minutes(1);
    let long_ago = SystemClock.now() - chrono::Duration::minutes(20);
    macro_rules! bring_forward {
        ($($table:ident: $($column:ident = $value:expr),* ; $status:ident in [$($open:expr),*];)*) => {$(
            let later = $table::Entity::update_many()
                $(.col_expr($table::Column::$column, Expr::value($value)))*
                .filter($table::Column::$status.is_in([$($open),*]))
                .exec(db).await;
            in_each_other_s_way(later.err());
        )*};
    }
    bring_forward! {
        payment: CheckAt = past; Status in [PaymentStatus::Pending, PaymentStatus::Processing, PaymentStatus::Unknown];
        payment_attempt: SentAt = long_ago; Status in [billow_entities::AttemptStatus::Unknown];
        remittance: DueAt = past; Status in [RemittanceStatus::Queued, RemittanceStatus::Sent, RemittanceStatus::Unknown];
        refund: DueAt = past; Status in [RefundStatus::Pending, RefundStatus::Unknown];
    }
    let told = gateway_event::Entity::update_many()
        .col_expr(gateway_event::Column::DueAt, Expr::value(past))
        .filter(gateway_event::Column::DueAt.is_not_null());
    in_each_other_s_way(told.exec(db).await.err());
}

/// Two who want the same rows in another order: one of them gives way, as PostgreSQL decides.
fn in_each_other_s_way(error: Option<sea_orm::DbErr>) {
    let Some(error) = error else { return };
    let text = format!("{error:?}");
    assert!(text.contains("40P01") || text.contains("40001"), "{text}");
}

/// How much of what is not settled.
async fn unsettled(scene: &Scene) -> BTreeMap<String, usize> {
    let db = scene.billing.kernel.store.read();
    let mut out = BTreeMap::new();
    let mut note = |what: String| *out.entry(what).or_insert(0) += 1;
    for row in payment::Entity::find().all(db).await.expect("payments") {
        if !matches!(row.status, PaymentStatus::Succeeded | PaymentStatus::Failed | PaymentStatus::Cancelled) {
            note(format!("payment {}", row.status));
        }
    }
    for row in remittance::Entity::find().all(db).await.expect("remittances") {
        if !matches!(row.status, RemittanceStatus::Confirmed | RemittanceStatus::Rejected) {
            note(format!("remittance {}", row.status));
        }
    }
    for row in refund::Entity::find().all(db).await.expect("refunds") {
        if row.status != RefundStatus::Succeeded {
            note(format!("refund {}", row.status));
        }
    }
    out
}

/// Documents that are not there yet.
async fn documents_to_come(scene: &Scene) -> usize {
    let to_come = document::Entity::find().filter(document::Column::Status.ne(DocumentStatus::Ready));
    usize::try_from(to_come.count(scene.billing.kernel.store.read()).await.expect("documents")).expect("small")
}

async fn compare(scene: &Scene) {
    let db = scene.billing.kernel.store.read();
    let log = scene.sandbox.state().card_log();
    let keys = |kind: CardLogKind| -> Vec<String> {
        log.iter().filter(|e| e.kind == kind).map(|e| e.idempotency_key.clone().expect("every call has a key")).collect()
    };
    let entries = ledger_entry::Entity::find().all(db).await.expect("the ledger");
    let posted =
        |prefix: &str| -> BTreeSet<String> { entries.iter().filter_map(|e| e.key.strip_prefix(prefix)).map(str::to_owned).collect() };
    let attempts: BTreeMap<_, _> =
        payment_attempt::Entity::find().all(db).await.expect("attempts").into_iter().map(|a| (a.gateway_key.clone(), a)).collect();

    // Charges and postings are the same, each once.
    let charged = keys(CardLogKind::Charged);
    let once: BTreeSet<_> = charged.iter().cloned().collect();
    assert_eq!(charged.len(), once.len(), "double charges");
    let settled: BTreeSet<String> = posted("settle:").into_iter().filter(|key| key.starts_with("try_")).collect();
    let by_attempt: BTreeSet<String> =
        once.iter().map(|key| attempts.get(key).unwrap_or_else(|| panic!("a charge of nobody's: {key}")).id.to_string()).collect();
    assert_eq!(by_attempt.difference(&settled).collect::<Vec<_>>(), Vec::<&String>::new(), "charges without a posting");
    assert_eq!(settled.difference(&by_attempt).collect::<Vec<_>>(), Vec::<&String>::new(), "postings without a charge");
    let mut of_payment: BTreeMap<_, usize> = BTreeMap::new();
    for key in &once {
        *of_payment.entry(attempts[key].payment_id).or_default() += 1;
    }
    assert!(of_payment.values().all(|n| *n == 1), "a payment was charged twice: {of_payment:?}");

    // Refunds likewise.
    let refunded = keys(CardLogKind::Refunded);
    assert_eq!(refunded.len(), refunded.iter().collect::<HashSet<_>>().len(), "double refunds");
    let to_cards: BTreeSet<String> = refund::Entity::find()
        .filter(refund::Column::Target.eq(billow_entities::RefundTarget::Gateway))
        .all(db)
        .await
        .expect("refunds")
        .into_iter()
        .map(|r| r.id.to_string())
        .collect();
    assert_eq!(refunded.into_iter().collect::<BTreeSet<_>>(), to_cards, "refunds at the card network and here");
    let every: BTreeSet<String> = refund::Entity::find().all(db).await.expect("refunds").into_iter().map(|r| r.id.to_string()).collect();
    assert_eq!(posted("refund:"), every, "each refund is posted once");

    // The books balance, and say what the card network says.
    let proof = scene.billing.ledger.ledger_proof(&Actor::System).await.expect("the ledger");
    assert!(proof.balanced, "{proof:#?}");
    let sum = |kind| log.iter().filter(|e| e.kind == kind).map(|e| e.amount_minor).sum::<i64>();
    let held = |kind| proof.accounts.iter().filter(|a| a.kind == kind).map(|a| a.balance_minor).sum::<i64>();
    assert_eq!(
        held(LedgerAccountKind::GatewayClearing) + held(LedgerAccountKind::GatewayFees),
        sum(CardLogKind::Charged) - sum(CardLogKind::Refunded)
    );
    assert_eq!(held(LedgerAccountKind::WalletHold), 0, "nothing is set aside any more");
    assert_eq!(held(LedgerAccountKind::RefundPayable), 0, "nothing is owed to customers any more");

    // Each provider has its money once.
    let got = scene.sandbox.state().payments(None);
    let references: BTreeSet<_> = got.iter().map(|p| p.reference.clone()).collect();
    assert_eq!(references.len(), got.len(), "a provider was paid twice");
    let confirmed = remittance::Entity::find().filter(remittance::Column::Status.eq(RemittanceStatus::Confirmed)).all(db).await;
    let confirmed = confirmed.expect("remittances");
    assert_eq!(got.iter().filter(|p| p.refused.is_none()).count(), confirmed.len(), "what providers got and what we say they got");
    assert_eq!(got.iter().filter(|p| p.refused.is_none()).map(|p| p.amount_minor).sum::<i64>(), -held(LedgerAccountKind::Bank));

    // What was told to somebody stays true.
    let paid: BTreeSet<String> = payment::Entity::find()
        .filter(payment::Column::Status.eq(PaymentStatus::Succeeded))
        .all(db)
        .await
        .expect("payments")
        .into_iter()
        .map(|row| row.id.to_string())
        .collect();
    for wish in scene.wishes.lock().expect("wishes").iter().filter(|w| w.status == "SUCCEEDED") {
        assert!(wish.payment.as_ref().is_some_and(|id| paid.contains(id)), "somebody was told that it is paid: {wish:?}");
    }
}
