//! Picking the due work with 1,000 due among more and more accounts.

use std::time::Instant;

use anyhow::Result;
use billow_tests::Engine;
use sea_orm::ConnectionTrait as _;

use crate::table::{self, median};
use crate::{fetch, seed};

const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
const DUE: u64 = 1_000;
const ROUNDS: usize = 15;

/// Measures on both databases, and prints the table.
pub async fn run() -> Result<()> {
    let mut rows = Vec::new();
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let mut first = None;
        for size in SIZES {
            let stage = seed::stage(engine, fetch::NOWHERE).await?;
            let provider = fetch::register(&stage.billing, &fetch::nowhere(), 256).await?;
            let people = seed::people(&stage.billing, 1_000).await?;
            seed::accounts(&stage.billing, provider, &people, seed::Accounts { count: size, due: DUE, first: 0 }).await?;
            seed::settle(&stage.billing).await?;
            let mut times = Vec::new();
            for round in 0..=ROUNDS {
                let started = Instant::now();
                let claimed = stage.billing.fetching.claim_due(provider, DUE).await?;
                let ms = started.elapsed().as_secs_f64() * 1e3;
                anyhow::ensure!(claimed.len() as u64 == DUE, "{} were claimed", claimed.len());
                // The first warms up.
                if round > 0 {
                    times.push(ms);
                }
                stage
                    .billing
                    .kernel
                    .store
                    .write_pool()
                    .execute_unprepared("UPDATE utility_accounts SET lease_until = NULL, lease_owner = NULL WHERE lease_owner IS NOT NULL")
                    .await?;
            }
            let ms = median(&mut times);
            let base = *first.get_or_insert(ms);
            rows.push(vec![format!("{engine:?}"), size.to_string(), format!("{ms:.1}"), format!("{:.2}", ms / base)]);
            table::seen(&rows[rows.len() - 1]);
        }
    }
    table::print(&format!("Claiming {DUE} due accounts (median of {ROUNDS})"), &["database", "accounts", "ms", "against 10,000"], &rows);
    Ok(())
}
