//! Starting on an existing database, and memory while nothing happens.

use std::time::Duration;

use anyhow::Result;
use billow_tests::Engine;

use crate::process::Server;
use crate::table::{self, median};
use crate::{fetch, seed};

const ROUNDS: usize = 7;

/// Measures, and prints the table.
pub async fn run() -> Result<()> {
    let mut rows = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let stage = seed::stage(engine, fetch::NOWHERE).await?;
        let provider = fetch::register(&stage.billing, &fetch::nowhere(), 32).await?;
        let people = seed::people(&stage.billing, 200).await?;
        let accounts = seed::accounts(&stage.billing, provider, &people, seed::Accounts { count: 1_000, due: 0, first: 0 }).await?;
        seed::bills(&stage.billing, provider, &people, &accounts, 18).await?;
        let (mut ready, mut idle) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let server = Server::billow("serve", &stage.db.url, stage.db.dir.path()).await?;
            ready.push(server.ready_after.as_secs_f64() * 1e3);
            tokio::time::sleep(Duration::from_secs(3)).await;
            idle.push(server.memory()? as f64 / 1e6);
            server.stop().await?;
        }
        rows.push(vec![format!("{engine:?}"), format!("{:.0}", median(&mut ready)), format!("{:.0}", median(&mut idle))]);
        table::seen(&rows[rows.len() - 1]);
    }
    table::print(
        &format!("Start of `billow serve` on an existing database (median of {ROUNDS})"),
        &["database", "ms to the first ready answer", "MB resident after 3 s"],
        &rows,
    );
    Ok(())
}
