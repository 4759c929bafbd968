//! What the parts about money start from: the sandbox's card network, customers with a saved card there, and their bills.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use billow_billing::Actor;
use billow_billing::clock::{Clock as _, SystemClock};
use billow_billing::gateways::NewGateway;
use billow_billing::ports::GatewaySettings;
use billow_entities::{
    BillId, CustomerId, GatewayAdapter, GatewayId, MethodKind, MethodStatus, PaymentMethodId, PaymentStatus, bill, gateway_customer,
    payment, payment_method,
};
use billow_sandbox::{Sandbox, SandboxOptions, cards_access};
use billow_tests::Engine;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use crate::driver::{Connection, Once, post, post_with, pour};
use crate::{fetch, seed};

/// What the card network takes to answer a charge.
pub const LATENCY: Duration = Duration::from_millis(100);
/// The gateway's code, part of its webhook's address.
pub const GATEWAY: &str = "sandbox";
/// Connections to the card network while customers are made there.
const LANES: usize = 8;
/// Rows per statement.
const ROWS: usize = 1_000;

const PAY: &str = "mutation Pay($input: PayBillsInput!) { payBills(input: $input) { payment { id status } userErrors { code message } } }";
/// What an answer says when the money is ours.
const PAID: &str = "\"status\":\"SUCCEEDED\"";

/// The card network, in this process.
pub struct Network {
    /// The sandbox it is part of.
    pub sandbox: Sandbox,
    _dir: tempfile::TempDir,
}

impl Network {
    /// Starts it; nothing takes time there yet.
    pub async fn start() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let sandbox = Sandbox::start(SandboxOptions::on_loopback(dir.path(), || SystemClock.now())).await?;
        Ok(Self { sandbox, _dir: dir })
    }

    /// Makes customers there, and answers their ids.
    async fn customers(&self, count: usize) -> Result<Vec<String>> {
        self.sandbox.state().set_card_latency(Some(Duration::ZERO));
        let (_, key, _) = cards_access(&self.sandbox);
        let address = self.sandbox.http_addr();
        let lanes = (0..LANES).map(|lane| async move {
            let mut connection = Connection::open(address).await?;
            let mut ids = Vec::new();
            for n in (lane..count).step_by(LANES) {
                let request = post_with(
                    "/cards/v1/customers",
                    "application/x-www-form-urlencoded",
                    &format!("Authorization: Bearer {key}\r\n"),
                    &format!("name=Person+{n}"),
                );
                let made: Value = serde_json::from_slice(connection.ask(&request).await?)?;
                ids.push(made["id"].as_str().context("a customer without an id")?.to_owned());
            }
            anyhow::Ok(ids)
        });
        let ids = futures::future::try_join_all(lanes).await?.concat();
        self.sandbox.state().set_card_latency(Some(LATENCY));
        Ok(ids)
    }
}

/// Customers with a card and bills, and the requests that pay these.
pub struct Till {
    /// The database with the business on top.
    pub stage: seed::Stage,
    /// Pays one bill each.
    pub wishes: Once,
}

/// Fills a database with `customers` of `bills` open bills each.
pub async fn till(engine: Engine, network: &Network, customers: usize, bills: usize) -> Result<Till> {
    let host = network.sandbox.http_addr().to_string();
    let stage = seed::stage(engine, &host).await?;
    stage.allow(&host)?;
    let gateway = gateway(&stage, network).await?;
    let provider = fetch::register(&stage.billing, network.sandbox.http_url(), 32).await?;
    let people = seed::people(&stage.billing, customers).await?;
    let count = u64::try_from(customers * bills)?;
    let accounts = seed::accounts(&stage.billing, provider, &people, seed::Accounts { count, due: 0, first: 0 }).await?;
    seed::bills(&stage.billing, provider, &people, &accounts, 1).await?;
    let methods = cards(&stage, network, gateway, &people).await?;
    seed::settle(&stage.billing).await?;
    let wishes = wishes(&stage, &people, &methods).await?;
    ensure!(wishes.len() == customers * bills, "{} bills can be paid", wishes.len());
    Ok(Till { stage, wishes: Once::new(wishes, PAID) })
}

async fn gateway(stage: &seed::Stage, network: &Network) -> Result<GatewayId> {
    let (base_url, secret_key, webhook_secret) = cards_access(&network.sandbox);
    let credentials = [("secret_key", secret_key), ("webhook_secret", webhook_secret)];
    let new = NewGateway {
        code: GATEWAY.into(),
        name: "Sandbox cards".into(),
        adapter: GatewayAdapter::Sandbox,
        rank: 1,
        currencies: Vec::new(),
        kinds: vec![MethodKind::Card],
        settings: GatewaySettings { base_url, timeout_ms: 20_000, searches: true },
        credentials: credentials.into_iter().map(|(name, secret)| (name.to_owned(), secret.to_owned().into())).collect(),
    };
    let words = billow_cli::commands::admin::words;
    let id = stage.billing.gateways.create_gateway(&Actor::System, new).await.map_err(words)?.id;
    stage.billing.gateways.test_gateway(&Actor::System, id).await.map_err(words)?;
    stage.billing.gateways.resume_gateway(&Actor::System, id, None).await.map_err(words)?;
    Ok(id)
}

/// Gives each of `people` a card that is always charged; in their order.
async fn cards(stage: &seed::Stage, network: &Network, gateway: GatewayId, people: &[seed::Person]) -> Result<Vec<PaymentMethodId>> {
    let (billing, now) = (&stage.billing, stage.billing.kernel.clock.now());
    let known = network.customers(people.len()).await?;
    let mut ids = Vec::with_capacity(people.len());
    let pairs: Vec<_> = people.iter().zip(known).collect();
    for chunk in pairs.chunks(ROWS) {
        let customers = chunk.iter().map(|(person, external_id)| gateway_customer::ActiveModel {
            customer_id: Set(person.customer),
            gateway_id: Set(gateway),
            external_id: Set(external_id.clone()),
            created_at: Set(now),
        });
        gateway_customer::Entity::insert_many(customers).exec_without_returning(billing.kernel.store.write_pool()).await?;
        let methods: Vec<_> =
            chunk.iter().map(|(person, _)| card(PaymentMethodId(billing.kernel.ids.next()), person.customer, gateway, now)).collect();
        ids.extend(methods.iter().map(|m| *m.id.as_ref()));
        payment_method::Entity::insert_many(methods).exec_without_returning(billing.kernel.store.write_pool()).await?;
    }
    Ok(ids)
}

fn card(id: PaymentMethodId, customer: CustomerId, gateway: GatewayId, now: chrono::DateTime<chrono::Utc>) -> payment_method::ActiveModel {
    payment_method::ActiveModel {
        id: Set(id),
        customer_id: Set(customer),
        gateway_id: Set(gateway),
        kind: Set(MethodKind::Card),
        status: Set(MethodStatus::Ready),
        status_reason: Set(None),
        brand: Set(Some("visa".into())),
        last4: Set(Some("4242".into())),
        exp_month: Set(Some(12)),
        exp_year: Set(Some(2040)),
        label: Set(None),
        // The network takes the name of the test card for a card of its own.
        external_id: Set(Some("pm_card_visa".into())),
        setup_id: Set(None),
        action_url: Set(None),
        mandate_id: Set(None),
        is_default: Set(true),
        wants_default: Set(false),
        expiry_told: Set(None),
        check_at: Set(None),
        checks: Set(0),
        lease_until: Set(None),
        fence: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
        removed_at: Set(None),
    }
}

/// A request for each bill, in the order of the bills: one after the other they are different customers'.
async fn wishes(stage: &seed::Stage, people: &[seed::Person], methods: &[PaymentMethodId]) -> Result<Vec<Vec<u8>>> {
    let by_customer: std::collections::HashMap<CustomerId, (&str, PaymentMethodId)> =
        people.iter().zip(methods).map(|(person, method)| (person.customer, (person.token.as_str(), *method))).collect();
    let bills: Vec<(BillId, CustomerId)> = bill::Entity::find()
        .select_only()
        .columns([bill::Column::Id, bill::Column::CustomerId])
        .order_by_asc(bill::Column::Id)
        .into_tuple()
        .all(stage.billing.kernel.store.read())
        .await?;
    let request = |(n, (bill, customer)): (usize, &(BillId, CustomerId))| {
        let (token, method) = by_customer.get(customer).context("a bill of nobody")?;
        let input = json!({"bills": [{"billId": bill}], "paymentMethodId": method, "idempotencyKey": format!("bench-{n:06}")});
        Ok(post("/graphql", token, &json!({"query": PAY, "variables": {"input": input}}).to_string()))
    };
    bills.iter().enumerate().map(request).collect()
}

impl Till {
    /// Pays every bill, as quickly as the server can.
    pub async fn pay_all(&self, address: SocketAddr) -> Result<()> {
        pour(address, &self.wishes, 50, 10_000).await.map(drop)
    }

    /// Holds what was answered against the books: every wish that was sent is paid, and the ledger adds up.
    pub async fn check(&self) -> Result<()> {
        let billing = &self.stage.billing;
        let paid =
            payment::Entity::find().filter(payment::Column::Status.eq(PaymentStatus::Succeeded)).count(billing.kernel.store.read()).await?;
        ensure!(paid == self.wishes.sent() as u64, "{} were answered as paid, {paid} are", self.wishes.sent());
        let proof = billing.ledger.ledger_proof(&Actor::System).await?;
        ensure!(proof.balanced && proof.entries == paid, "the ledger: {proof:?}");
        Ok(())
    }
}
