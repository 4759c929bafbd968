//! One GraphQL page: 20 bills with provider, account and home, against a hand-written handler and Mercurius.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use billow_tests::Engine;
use serde_json::{Value, json};

use crate::driver::{Connection, drive, post};
use crate::peers::bare::Way;
use crate::process::Server;
use crate::table::{self, median};
use crate::{fetch, seed};

const QUERY: &str = "query Page { bills(first: 20) { nodes { id number status amount { amountMinor currency } issuedOn dueOn \
     provider { id name } utilityAccount { id label identifierHint } property { id name } } pageInfo { hasNextPage endCursor } } }";

const CONNECTIONS: usize = 32;
const ROUNDS: usize = 5;
const LENGTH: Duration = Duration::from_secs(4);

/// Measures, and prints the table.
pub async fn run() -> Result<()> {
    let stage = seed::stage(Engine::Postgres, fetch::NOWHERE).await?;
    let provider = fetch::register(&stage.billing, &fetch::nowhere(), 32).await?;
    let people = seed::people(&stage.billing, 500).await?;
    let accounts = seed::accounts(&stage.billing, provider, &people, seed::Accounts { count: 2_000, due: 0, first: 0 }).await?;
    seed::bills(&stage.billing, provider, &people, &accounts, 18).await?;
    seed::settle(&stage.billing).await?;

    let servers = [
        ("Billow", Server::billow("api", &stage.db.url, stage.db.dir.path()).await?),
        ("axum and sqlx by hand, one join", Server::bare(&stage.db.url, Way::OneJoin).await?),
        ("axum and sqlx by hand, rows found as Billow finds them", Server::bare(&stage.db.url, Way::Merged).await?),
        ("Mercurius", Server::mercurius(&stage.db.url).await?),
    ];
    let body = json!({"query": QUERY}).to_string();
    let requests: Vec<_> = people.iter().map(|p| post("/graphql", &p.token, &body)).collect();

    // The same question must get the same answer before its speed is compared.
    let mut answers = Vec::new();
    for (name, server) in &servers {
        let answer: Value = serde_json::from_slice(Connection::open(server.address).await?.ask(&requests[0]).await?)?;
        let nodes = answer["data"]["bills"]["nodes"].as_array().with_context(|| format!("{name} answered {answer}"))?;
        ensure!(nodes.len() == 20, "{name} answered {} bills", nodes.len());
        answers.push(answer);
    }
    for by_hand in &answers[1..3] {
        let same = answers[0]["data"]["bills"]["nodes"] == by_hand["data"]["bills"]["nodes"];
        ensure!(same, "Billow and a hand-written handler differ:\n{}\n{by_hand}", answers[0]);
    }

    let mut seen: Vec<Vec<crate::driver::Round>> = vec![Vec::new(); servers.len()];
    for round in 0..=ROUNDS {
        for (n, (_, server)) in servers.iter().enumerate() {
            let one = drive(server.address, &requests, CONNECTIONS, LENGTH).await?;
            // The first warms up.
            if round > 0 {
                seen[n].push(one);
            }
        }
    }
    let of = |n: usize, pick: fn(&crate::driver::Round) -> f64| median(&mut seen[n].iter().map(pick).collect::<Vec<_>>());
    let billow = of(0, |r| r.per_second);
    let rows: Vec<_> = servers
        .iter()
        .enumerate()
        .map(|(n, (name, _))| {
            let per_second = of(n, |r| r.per_second);
            vec![
                (*name).to_owned(),
                format!("{per_second:.0}"),
                format!("{:.1}", of(n, |r| r.p50_ms)),
                format!("{:.1}", of(n, |r| r.p99_ms)),
                if n == 0 { "1".into() } else { format!("{:.2}", billow / per_second) },
            ]
        })
        .collect();
    table::print(
        &format!("A page of 20 bills with provider, account and home (PostgreSQL, {CONNECTIONS} connections, median of {ROUNDS} rounds)"),
        &["server", "pages a second", "p50 ms", "p99 ms", "Billow's share of it"],
        &rows,
    );
    for (_, server) in servers {
        server.stop().await?;
    }
    Ok(())
}
