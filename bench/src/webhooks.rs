//! Webhooks of a gateway at a fixed rate, each with an event of its own and signed, through the route gateways call.

use anyhow::{Context as _, Result};
use billow_billing::clock::{Clock as _, SystemClock};
use billow_entities::{DocumentStatus, document, gateway_event, payment_attempt};
use billow_sandbox::{cards_access, sign_webhook};
use billow_tests::Engine;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::json;

use crate::driver::{Once, post_with, pour};
use crate::money::{self, Network, Till};
use crate::process::Server;
use crate::{receipts, table};

/// Charges the webhooks are about.
const CHARGES: usize = 200;
/// Connections; more are never busy while answers are quick.
const CONNECTIONS: usize = 64;

/// Measures on both databases, and prints the table.
pub async fn run(rate: u32, seconds: u32) -> Result<()> {
    let network = Network::start().await?;
    let mut rows = Vec::new();
    for engine in [Engine::Postgres, Engine::Sqlite] {
        rows.push(one(engine, &network, rate, seconds).await?);
        table::seen(&rows[rows.len() - 1]);
    }
    table::print(
        &format!("Webhooks acknowledged: {rate} a second for {seconds} s, by `billow serve`"),
        &["database", "webhooks", "p50 ms", "p99 ms", "worst ms", "a second seen", "acted upon by then"],
        &rows,
    );
    network.sandbox.stop().await;
    Ok(())
}

async fn one(engine: Engine, network: &Network, rate: u32, seconds: u32) -> Result<Vec<String>> {
    let till = money::till(engine, network, CHARGES, 1).await?;
    let server = Server::billow("serve", &till.stage.db.url, till.stage.db.dir.path()).await?;
    till.pay_all(server.address).await?;
    receipts::until(&till.stage, document::Column::Status.eq(DocumentStatus::Ready), CHARGES as u64 * 2).await?;
    let webhooks = webhooks(&till, network, rate * seconds).await?;
    let seen = pour(server.address, &webhooks, CONNECTIONS, rate).await?;
    let open = gateway_event::Entity::find().filter(gateway_event::Column::DueAt.is_not_null());
    let open = open.count(till.stage.billing.kernel.store.read()).await?;
    server.stop().await?;
    let sent = webhooks.sent() as u64;
    Ok(vec![
        format!("{engine:?}"),
        sent.to_string(),
        format!("{:.1}", seen.p50_ms),
        format!("{:.1}", seen.p99_ms),
        format!("{:.1}", seen.worst_ms),
        format!("{:.0}", seen.per_second),
        format!("{}", sent - open),
    ])
}

/// Requests with an event each, about one charge after the other.
async fn webhooks(till: &Till, network: &Network, count: u32) -> Result<Once> {
    let (_, _, secret) = cards_access(&network.sandbox);
    let charges: Vec<(Option<String>, i64)> = payment_attempt::Entity::find()
        .select_only()
        .columns([payment_attempt::Column::ExternalId, payment_attempt::Column::AmountMinor])
        .into_tuple()
        .all(till.stage.billing.kernel.store.read())
        .await?;
    let now = SystemClock.now();
    let mut requests = Vec::new();
    for (n, (id, amount)) in (0..count).zip(charges.iter().cycle()) {
        let id = id.as_deref().context("a charge without an id")?;
        let body = json!({
            "id": format!("evt_bench_{n:010}"), "object": "event", "api_version": "2026-09-30.endive", "created": now.timestamp(),
            "livemode": false, "pending_webhooks": 1, "request": {"id": null, "idempotency_key": null},
            "type": "payment_intent.succeeded",
            "data": {"object": {
                "id": id, "object": "payment_intent", "amount": amount, "amount_received": amount, "currency": "eur",
                "created": now.timestamp(), "livemode": false, "description": "Billow", "metadata": {}, "status": "succeeded",
                "payment_method_types": ["card"], "last_payment_error": null, "next_action": null,
            }},
        })
        .to_string();
        let signature = format!("stripe-signature: {}\r\n", sign_webhook(secret, now, body.as_bytes()));
        let path = format!("/webhooks/gateways/{}", money::GATEWAY);
        requests.push(post_with(&path, "application/json; charset=utf-8", &signature, &body));
    }
    Ok(Once::new(requests, "stored"))
}
