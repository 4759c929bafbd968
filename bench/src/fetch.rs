//! Fetching and storing, as a share of a loop with the same HTTP client that throws the answers away.
//!
//! Three processes share the machine in both cases: the sandbox (this one), whoever fetches, and the database.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use billow_billing::{Actor, Billing};
use billow_entities::{ProviderId, bill};
use billow_integrations::http::{GuardPolicy, GuardedHttp, HttpRequest};
use billow_sandbox::{Sandbox, SandboxOptions};
use billow_tests::Engine;
use futures::StreamExt as _;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::process::Server;
use crate::{seed, table};

/// What the sandbox takes to answer.
const LATENCY: Duration = Duration::from_millis(50);
/// Calls under way at once.
const CONCURRENCY: [usize; 3] = [16, 32, 64];
/// Due accounts per round.
const ROUND: u64 = 12_000;

/// What of it is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// All of it.
    All,
    /// The share of the bare loop.
    Share,
    /// The large round.
    Large,
}

/// A host that nobody listens on, for providers that are never called; it must be allowed all the same.
pub const NOWHERE: &str = "127.0.0.1:1";

/// The address of [`NOWHERE`].
#[must_use]
pub fn nowhere() -> String {
    format!("http://{NOWHERE}")
}

/// Registers the sandbox's bench provider.
pub async fn register(billing: &Billing, sandbox_url: &str, concurrency: usize) -> Result<ProviderId> {
    let (mut definition, _) = billow_sandbox::bench_definition(sandbox_url);
    definition["limits"]["concurrency"] = json!(concurrency);
    definition["code"] = json!(format!("bench-{concurrency}"));
    register_definition(billing, definition).await
}

/// Registers a provider that pushes.
pub async fn register_push(billing: &Billing) -> Result<ProviderId> {
    let (mut definition, _) = billow_sandbox::bench_definition(&nowhere());
    definition["connector"] = json!({"kind": "PUSH", "settings": {}});
    register_definition(billing, definition).await
}

async fn register_definition(billing: &Billing, definition: Value) -> Result<ProviderId> {
    let model = billing
        .providers
        .register_provider(&Actor::System, definition, BTreeMap::new())
        .await
        .map_err(billow_cli::commands::admin::words)?;
    Ok(model.id)
}

/// Measures on both databases, and prints the tables.
pub async fn run(part: Part, accounts: u64, due: u64) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let sandbox =
        Sandbox::start(SandboxOptions::on_loopback(dir.path(), || billow_billing::clock::Clock::now(&billow_billing::clock::SystemClock)))
            .await?;
    sandbox.state().set_bench(LATENCY, 1);
    if part != Part::Large {
        share(&sandbox).await?;
    }
    if part != Part::Share {
        large(&sandbox, accounts, due).await?;
    }
    sandbox.stop().await;
    Ok(())
}

async fn share(sandbox: &Sandbox) -> Result<()> {
    let mut rows = Vec::new();
    for concurrency in CONCURRENCY {
        let bare = bare(sandbox, concurrency, ROUND).await?;
        for engine in [Engine::Postgres, Engine::Sqlite] {
            let (per_second, _) = billow(engine, sandbox, concurrency, ROUND, ROUND).await?;
            rows.push(vec![
                concurrency.to_string(),
                format!("{engine:?}"),
                format!("{bare:.0}"),
                format!("{per_second:.0}"),
                format!("{:.0} %", 100.0 * per_second / bare),
            ]);
            table::seen(&rows[rows.len() - 1]);
        }
    }
    table::print(
        &format!("Fetch and store against the sandbox at 50 ms ({ROUND} accounts each)"),
        &["calls at once", "database", "bare loop, answers a second", "Billow, bills a second", "share"],
        &rows,
    );
    Ok(())
}

async fn large(sandbox: &Sandbox, accounts: u64, due: u64) -> Result<()> {
    let mut rows = Vec::new();
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let (per_second, peak) = billow(engine, sandbox, 64, accounts, due).await?;
        rows.push(vec![
            format!("{engine:?}"),
            accounts.to_string(),
            due.to_string(),
            format!("{per_second:.0}"),
            format!("{:.0}", peak as f64 / 1e6),
        ]);
        table::seen(&rows[rows.len() - 1]);
    }
    table::print("A large round of one worker", &["database", "accounts", "due", "bills a second", "peak MB resident"], &rows);
    Ok(())
}

/// A worker process fetches what is due; answers bills per second and its peak memory.
async fn billow(engine: Engine, sandbox: &Sandbox, concurrency: usize, accounts: u64, due: u64) -> Result<(f64, u64)> {
    let stage = seed::stage(engine, &sandbox.http_addr().to_string()).await?;
    let provider = register(&stage.billing, sandbox.http_url(), concurrency).await?;
    let people = seed::people(&stage.billing, 1_000).await?;
    seed::accounts(&stage.billing, provider, &people, seed::Accounts { count: accounts, due, first: 0 }).await?;
    seed::settle(&stage.billing).await?;
    stage.allow(&sandbox.http_addr().to_string())?;
    let server = Server::billow("worker", &stage.db.url, stage.db.dir.path()).await?;
    let first = until(&stage.billing, 1).await?;
    let (begun, started) = (first, Instant::now());
    until(&stage.billing, due).await?;
    let per_second = (due - begun) as f64 / started.elapsed().as_secs_f64();
    let peak = server.peak_memory()?;
    server.stop().await?;
    Ok((per_second, peak))
}

/// Waits until so many bills are stored.
async fn until(billing: &Billing, wanted: u64) -> Result<u64> {
    let started = Instant::now();
    loop {
        let count = bill::Entity::find().count(billing.kernel.store.read()).await?;
        if count >= wanted {
            return Ok(count);
        }
        anyhow::ensure!(started.elapsed() < Duration::from_secs(900), "only {count} of {wanted} bills were stored in 15 minutes");
        tokio::time::sleep(Duration::from_millis(if wanted == 1 { 5 } else { 100 })).await;
    }
}

/// The bare loop in a process of its own; answers answers per second.
async fn bare(sandbox: &Sandbox, concurrency: usize, count: u64) -> Result<f64> {
    let output = tokio::process::Command::new(std::env::current_exe()?)
        .args(["bare-loop", sandbox.http_url(), &concurrency.to_string(), &count.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .await?;
    String::from_utf8(output.stdout)?.trim().parse().context("the bare loop printed no number")
}

/// Asks for each bill and throws the answer away; prints how many a second.
pub async fn bare_loop(sandbox_url: &str, concurrency: usize, count: u64) -> Result<()> {
    let host = sandbox_url.trim_start_matches("http://").to_owned();
    let http = GuardedHttp::new(GuardPolicy { allowed_hosts: vec![host], user_agent: "bare".into() })?;
    let started = Instant::now();
    let mut answers = futures::stream::iter(0..count)
        .map(|n| {
            let (http, url) = (&http, format!("{sandbox_url}/bench/bills/{}", seed::number(n)));
            async move { http.send(HttpRequest::get(url)).await.map(|answer| answer.status) }
        })
        .buffer_unordered(concurrency);
    while let Some(status) = answers.next().await {
        anyhow::ensure!(status? == 200, "the sandbox refused");
    }
    table::line(&format!("{}", count as f64 / started.elapsed().as_secs_f64()));
    Ok(())
}
