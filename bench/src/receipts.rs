//! Receipts: how long one takes to lay out, and how many a worker makes of a queue, with reading, storing and writing down.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use billow_documents::Typesetter;
use billow_entities::{DocumentKind, DocumentStatus, document};
use billow_tests::Engine;
use sea_orm::sea_query::IntoCondition;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::money::{self, Network};
use crate::process::Server;
use crate::seed::Stage;
use crate::table::{self, median, percentile};

#[path = "../../documents/tests/sample/mod.rs"]
mod sample;

/// How often each is laid out alone.
const TIMES: usize = 101;
/// How long all cores lay it out.
const LENGTH: Duration = Duration::from_secs(4);
/// Payments whose invoice and receipt a worker makes.
const PAYMENTS: usize = 500;
/// How long a worker may take for them.
const PATIENCE: Duration = Duration::from_secs(300);

/// Measures, and prints the tables.
pub async fn run() -> Result<()> {
    tokio::task::spawn_blocking(laid_out).await??;
    let network = Network::start().await?;
    let mut rows = Vec::new();
    for engine in [Engine::Postgres, Engine::Sqlite] {
        rows.push(made(engine, &network).await?);
        table::seen(&rows[rows.len() - 1]);
    }
    table::print(
        &format!("Invoices and receipts of {PAYMENTS} payments, made by `billow worker`"),
        &["database", "documents", "documents a second", "peak MB resident"],
        &rows,
    );
    network.sandbox.stop().await;
    Ok(())
}

/// On one thread, and on as many as there are cores.
fn laid_out() -> Result<()> {
    let typesetter = Typesetter::new();
    let threads = std::thread::available_parallelism()?.get();
    let mut rows = Vec::new();
    for (name, paper) in [
        ("a receipt of one bill", sample::paper(DocumentKind::Receipt, "en-GB", "GBP", 1, 3)),
        ("a receipt of three bills, in German", sample::paper(DocumentKind::Receipt, "de-DE", "EUR", 3, 3)),
        ("a receipt of 24 bills", sample::paper(DocumentKind::Receipt, "de-DE", "EUR", 24, 6)),
        ("a top-up, with a name in Devanagari", sample::top_up("en-IN", "INR")),
    ] {
        let set = |n: usize| {
            let mut paper = paper.clone();
            // Another payment each time, as in service.
            paper.payment_reference = format!("pay_{n:026}");
            typesetter.set(&paper).map_err(anyhow::Error::msg)
        };
        let mut times = Vec::with_capacity(TIMES);
        let mut bytes = 0;
        for n in 0..TIMES {
            let started = Instant::now();
            bytes = set(n)?.len();
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        let started = Instant::now();
        let count: usize = std::thread::scope(|scope| {
            let work = |thread: usize| {
                let mut count = 0;
                while started.elapsed() < LENGTH {
                    set((thread + 1) * 1_000_000 + count)?;
                    count += 1;
                }
                anyhow::Ok(count)
            };
            let threads: Vec<_> = (0..threads).map(|thread| scope.spawn(move || work(thread))).collect();
            threads.into_iter().map(|t| t.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread ended early")))).sum::<Result<usize>>()
        })?;
        rows.push(vec![
            name.to_owned(),
            bytes.to_string(),
            format!("{:.1}", median(&mut times)),
            format!("{:.1}", percentile(&mut times, 0.99)),
            format!("{:.0}", count as f64 / started.elapsed().as_secs_f64()),
        ]);
        table::seen(&rows[rows.len() - 1]);
    }
    let title = format!("Laying out a document (median of {TIMES}; a second by {threads} threads)");
    table::print(&title, &["document", "bytes", "ms each", "p99 ms", "a second"], &rows);
    Ok(())
}

/// A worker makes what payments have asked for.
async fn made(engine: Engine, network: &Network) -> Result<Vec<String>> {
    let till = money::till(engine, network, PAYMENTS, 1).await?;
    let api = Server::billow("api", &till.stage.db.url, till.stage.db.dir.path()).await?;
    till.pay_all(api.address).await?;
    api.stop().await?;
    till.check().await?;
    let documents = PAYMENTS as u64 * 2;
    let worker = Server::billow("worker", &till.stage.db.url, till.stage.db.dir.path()).await?;
    let first = until(&till.stage, document::Column::Status.eq(DocumentStatus::Ready), 1).await?;
    let started = Instant::now();
    until(&till.stage, document::Column::Status.eq(DocumentStatus::Ready), documents).await?;
    let per_second = (documents - first) as f64 / started.elapsed().as_secs_f64();
    let peak = worker.peak_memory()?;
    worker.stop().await?;
    Ok(vec![format!("{engine:?}"), documents.to_string(), format!("{per_second:.0}"), format!("{:.0}", peak as f64 / 1e6)])
}

/// Waits until there are so many documents of a kind; answers how many there are.
pub async fn until(stage: &Stage, which: impl IntoCondition + Clone, wanted: u64) -> Result<u64> {
    let started = Instant::now();
    loop {
        let count = document::Entity::find().filter(which.clone()).count(stage.billing.kernel.store.read()).await?;
        if count >= wanted {
            return Ok(count);
        }
        ensure!(started.elapsed() < PATIENCE, "only {count} of {wanted} documents were made in {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(if wanted == 1 { 5 } else { 50 })).await;
    }
}
