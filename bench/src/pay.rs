//! Payments through `payBills`, each by a saved card at a gateway that takes 100 ms, and what PostgreSQL could do at most: the
//! same statements by pgbench, on the same cluster, without a gateway.

use std::time::Duration;

use anyhow::{Context as _, Result};
use billow_tests::Engine;

use crate::driver::{Round, drive_once};
use crate::money::{self, Network, Till};
use crate::peers::pgbench::{self, Pgbench};
use crate::process::Server;
use crate::seed;
use crate::table::{self, median};

/// Payments under way at once.
const AT_ONCE: usize = 200;
/// Rounds that count.
const ROUNDS: usize = 3;
/// Before it counts.
const WARM_UP: Duration = Duration::from_secs(3);
/// Seconds of a round.
pub const SECONDS: u64 = 20;
/// Customers, and bills of each: more than are paid in all rounds.
pub const CUSTOMERS: usize = 10_000;
const BILLS: usize = 4;
/// How many clients pgbench is tried with; the best counts.
const CLIENTS: [usize; 5] = [2, 4, 8, 16, 32];

/// Measures on both databases, and prints the table.
pub async fn run(customers: usize, seconds: u64) -> Result<()> {
    let plan = Plan { network: Network::start().await?, customers, length: Duration::from_secs(seconds) };
    let (ours, peer) = plan.beside_pgbench().await?;
    let limit = peer.limit();
    let mut rows = vec![peer.row(), ours.row("Postgres", "billow api", Some(limit))];
    rows.push(plan.alone(Engine::Postgres, "serve").await?.row("Postgres", "billow serve", Some(limit)));
    for mode in ["api", "serve"] {
        rows.push(plan.alone(Engine::Sqlite, mode).await?.row("Sqlite", &format!("billow {mode}"), None));
    }
    table::print(
        &format!("Payments of one bill by card, {AT_ONCE} at once, the gateway at {} ms (median of {ROUNDS})", money::LATENCY.as_millis()),
        &["database", "process", "payments a second", "p50 ms", "p99 ms", "writing transactions each", "share of pgbench"],
        &rows,
    );
    plan.network.sandbox.stop().await;
    Ok(())
}

/// Rounds of a server, with the writing transactions of each payment where the database counts them.
#[derive(Default)]
struct Rounds {
    seen: Vec<Round>,
    writes: Vec<f64>,
}

impl Rounds {
    fn row(&self, database: &str, process: &str, limit: Option<f64>) -> Vec<String> {
        let of = |pick: fn(&Round) -> f64| median(&mut self.seen.iter().map(pick).collect::<Vec<_>>());
        let per_second = of(|r| r.per_second);
        let row = vec![
            database.into(),
            process.into(),
            format!("{per_second:.0}"),
            format!("{:.0}", of(|r| r.p50_ms)),
            format!("{:.0}", of(|r| r.p99_ms)),
            if self.writes.is_empty() { "–".into() } else { format!("{:.1}", median(&mut self.writes.clone())) },
            limit.map_or_else(|| "–".into(), |limit| format!("{:.0} %", 100.0 * per_second / limit)),
        ];
        table::seen(&row);
        row
    }

    /// One more round of `length`.
    async fn add(&mut self, server: &Server, till: &Till, length: Duration) -> Result<()> {
        let (sent, before) = (till.wishes.sent(), pgbench::transactions(&till.stage).await?);
        self.seen.push(drive_once(server.address, &till.wishes, AT_ONCE, length).await?);
        if let (Some(before), Some(after)) = (before, pgbench::transactions(&till.stage).await?) {
            self.writes.push((after - before) as f64 / (till.wishes.sent() - sent) as f64);
        }
        Ok(())
    }
}

/// What is measured, and for how long.
struct Plan {
    network: Network,
    customers: usize,
    length: Duration,
}

/// What pgbench saw.
struct Peer {
    clients: usize,
    per_second: Vec<f64>,
    writes: Vec<f64>,
}

impl Peer {
    fn limit(&self) -> f64 {
        median(&mut self.per_second.clone())
    }

    fn row(&self) -> Vec<String> {
        let row = vec![
            "Postgres".into(),
            format!("pgbench, {} clients", self.clients),
            format!("{:.0}", self.limit()),
            "–".into(),
            "–".into(),
            format!("{:.1}", median(&mut self.writes.clone())),
            "1".into(),
        ];
        table::seen(&row);
        row
    }
}

impl Plan {
    /// The API alone on PostgreSQL, in turns with pgbench on a database of its own that was filled in the same way.
    async fn beside_pgbench(&self) -> Result<(Rounds, Peer)> {
        let till = money::till(Engine::Postgres, &self.network, self.customers, BILLS).await?;
        let twin = money::till(Engine::Postgres, &self.network, self.customers, BILLS).await?;
        let pgbench = Pgbench::prepare(&twin.stage).await?;
        let mut best = (0, 0.0);
        for clients in CLIENTS {
            let per_second = pgbench.run(clients, 3).await?;
            table::seen(&["pgbench".into(), format!("{clients} clients"), format!("{per_second:.0}")]);
            if per_second > best.1 {
                best = (clients, per_second);
            }
        }
        let server = Server::billow("api", &till.stage.db.url, till.stage.db.dir.path()).await?;
        Rounds::default().add(&server, &till, WARM_UP).await?;
        for stage in [&till.stage, &twin.stage] {
            seed::settle(&stage.billing).await?;
        }
        let (mut ours, mut peer) = (Rounds::default(), Peer { clients: best.0, per_second: Vec::new(), writes: Vec::new() });
        for _ in 0..ROUNDS {
            ours.add(&server, &till, self.length).await?;
            let before = pgbench::transactions(&twin.stage).await?.context("PostgreSQL counts transactions")?;
            let per_second = pgbench.run(peer.clients, self.length.as_secs()).await?;
            let after = pgbench::transactions(&twin.stage).await?.context("PostgreSQL counts transactions")?;
            peer.writes.push((after - before) as f64 / (per_second * self.length.as_secs_f64()));
            peer.per_second.push(per_second);
        }
        server.stop().await?;
        till.check().await?;
        pgbench::same_rows(&till.stage, &twin.stage).await?;
        Ok((ours, peer))
    }

    async fn alone(&self, engine: Engine, mode: &str) -> Result<Rounds> {
        let till = money::till(engine, &self.network, self.customers, BILLS).await?;
        let server = Server::billow(mode, &till.stage.db.url, till.stage.db.dir.path()).await?;
        Rounds::default().add(&server, &till, WARM_UP).await?;
        seed::settle(&till.stage.billing).await?;
        let mut rounds = Rounds::default();
        for _ in 0..ROUNDS {
            rounds.add(&server, &till, self.length).await?;
        }
        server.stop().await?;
        till.check().await?;
        Ok(rounds)
    }
}
