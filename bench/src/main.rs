//! Measures Billow against peers and limits, in one run on one machine, and prints the tables of `docs/performance.md`.
//!
//! Figures are medians over rounds in which the candidates take turns, so that a machine that drifts drifts for all.
//! Run through `make bench`, which starts a PostgreSQL with fsync on and builds with the release profile.

mod claim;
mod driver;
mod fetch;
mod hostile;
mod ledger;
mod live;
mod money;
mod page;
mod pay;
mod peers;
mod process;
mod receipts;
mod seed;
mod start;
mod table;
mod webhooks;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
#[command(name = "billow-bench")]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Everything, one after the other.
    All,
    /// A page of 20 bills: Billow, a hand-written handler and Mercurius.
    Page,
    /// From commit to the subscriber's frame with many open sockets.
    Live {
        /// How many sockets.
        #[arg(long, default_value_t = 5_000)]
        sockets: usize,
        /// How many bills a second.
        #[arg(long, default_value_t = 500)]
        rate: u32,
        /// For how long, in seconds.
        #[arg(long, default_value_t = 20)]
        seconds: u32,
    },
    /// Fetching and storing, as a share of a loop that throws the answers away.
    Fetch {
        /// What of it.
        #[arg(long, value_enum, default_value = "all")]
        part: fetch::Part,
        /// How many accounts.
        #[arg(long, default_value_t = 1_000_000)]
        accounts: u64,
        /// How many of them are due.
        #[arg(long, default_value_t = 100_000)]
        due: u64,
    },
    /// Picking the due work among more and more accounts.
    Claim,
    /// Starting on an existing database, and idle memory.
    Start,
    /// Payments by card, as a share of what pgbench does with the same statements.
    Pay {
        /// How many customers, with four bills each.
        #[arg(long, default_value_t = pay::CUSTOMERS)]
        customers: usize,
        /// How long a round takes, in seconds.
        #[arg(long, default_value_t = pay::SECONDS)]
        seconds: u64,
    },
    /// A gateway's webhooks at a fixed rate.
    Webhooks {
        /// How many a second.
        #[arg(long, default_value_t = 500)]
        rate: u32,
        /// For how long, in seconds.
        #[arg(long, default_value_t = 20)]
        seconds: u32,
    },
    /// Invoices and receipts: laying them out, and a worker that makes them.
    Receipts,
    /// Hostile clients of many kinds beside ordinary ones.
    Hostile {
        /// How many pages ordinary people ask for in a second.
        #[arg(long, default_value_t = 200)]
        rate: u32,
        /// For how long against each kind, in seconds.
        #[arg(long, default_value_t = 15)]
        seconds: u32,
    },
    /// Balances and histories as the ledger grows.
    Ledger {
        /// How many postings at most.
        #[arg(long, default_value_t = 5_000_000)]
        postings: u64,
    },
    /// The hand-written handler, as a process of its own.
    #[command(hide = true)]
    PeerBare {
        /// The database.
        database_url: String,
        /// Whether it asks by one join.
        #[arg(long)]
        one_join: bool,
    },
    /// The loop that throws answers away, as a process of its own.
    #[command(hide = true)]
    BareLoop {
        /// The sandbox.
        url: String,
        /// Calls at once.
        concurrency: usize,
        /// How many in all.
        count: u64,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let what = Cli::parse().what;
    if !matches!(what, What::BareLoop { .. } | What::PeerBare { .. }) {
        table::machine();
    }
    match what {
        What::All => {
            start::run().await?;
            page::run().await?;
            live::run(5_000, 500, 20).await?;
            claim::run().await?;
            pay::run(pay::CUSTOMERS, pay::SECONDS).await?;
            webhooks::run(500, 20).await?;
            receipts::run().await?;
            hostile::run(200, 15).await?;
            ledger::run(5_000_000).await?;
            fetch::run(fetch::Part::All, 1_000_000, 100_000).await
        }
        What::Page => page::run().await,
        What::Live { sockets, rate, seconds } => live::run(sockets, rate, seconds).await,
        What::Fetch { part, accounts, due } => fetch::run(part, accounts, due).await,
        What::Claim => claim::run().await,
        What::Start => start::run().await,
        What::Pay { customers, seconds } => pay::run(customers, seconds).await,
        What::Webhooks { rate, seconds } => webhooks::run(rate, seconds).await,
        What::Receipts => receipts::run().await,
        What::Hostile { rate, seconds } => hostile::run(rate, seconds).await,
        What::Ledger { postings } => ledger::run(postings).await,
        What::BareLoop { url, concurrency, count } => fetch::bare_loop(&url, concurrency, count).await,
        What::PeerBare { database_url, one_join } => {
            let way = if one_join { peers::bare::Way::OneJoin } else { peers::bare::Way::Merged };
            peers::bare::serve(&database_url, way).await
        }
    }
}
