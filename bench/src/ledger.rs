//! Balances and histories while the ledger grows from 10,000 to 5,000,000 postings, shared by the same 50 customers, so that
//! their histories grow with it.
//!
//! The postings are top-ups, made by the database itself. Its triggers and references are set aside while they are made, and
//! the balances added up afterwards; the proof of the ledger shows at the end that nothing was lost by that.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use billow_billing::page::cursor;
use billow_billing::{Actor, Billing};
use billow_entities::{LedgerPostingId, PaymentId};
use billow_tests::Engine;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Statement, TransactionTrait as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::driver::{Connection, post};
use crate::process::Server;
use crate::table::{self, median};
use crate::{fetch, seed};

/// Postings.
const SIZES: [u64; 3] = [10_000, 500_000, 5_000_000];
const CUSTOMERS: u64 = 50;
/// Postings of a payment.
const LEGS: u64 = 3;
/// Payments made in one transaction.
const CHUNK: u64 = 100_000;
/// How often each question is asked.
const TIMES: usize = 400;
/// The ids of the gateway's accounts; the wallets follow.
const CLEARING: u64 = 1;
const FEES: u64 = 2;
const WALLETS: u64 = 1_000;

const BALANCE: &str =
    "query Balance { wallet(currency: \"EUR\") { balance { amountMinor } available { amountMinor } held { amountMinor } } }";
const MOVEMENTS: &str = "query Movements($after: String) { wallet(currency: \"EUR\") { entries(first: 20, after: $after) { \
     nodes { id kind memo occurredAt amount { amountMinor currency } } pageInfo { hasNextPage endCursor } } } }";
const PAYMENTS: &str = "query Payments($after: String) { payments(first: 20, after: $after) { \
     nodes { id kind status createdAt amount { amountMinor currency } } pageInfo { hasNextPage endCursor } } }";

/// Measures on both databases, and prints the table. `most` leaves out larger ledgers.
pub async fn run(most: u64) -> Result<()> {
    let mut rows = Vec::new();
    for engine in [Engine::Postgres, Engine::Sqlite] {
        rows.extend(one(engine, most).await?);
    }
    table::print(
        &format!("Balances and histories as the ledger grows (ms, medians of {TIMES}; one question at a time)"),
        &[
            "database",
            "postings",
            "wallet",
            "its movements",
            "from their middle",
            "payments",
            "from their middle",
            "balance of the gateway's account",
            "at most against 10,000",
            "proof of all of it, s",
        ],
        &rows,
    );
    Ok(())
}

async fn one(engine: Engine, most: u64) -> Result<Vec<Vec<String>>> {
    let stage = seed::stage(engine, fetch::NOWHERE).await?;
    let mut people = seed::people(&stage.billing, usize::try_from(CUSTOMERS)?).await?;
    people.sort_by_key(|person| person.customer);
    let writer = Writer { billing: &stage.billing };
    writer.open_accounts().await?;
    let (mut rows, mut made, mut first) = (Vec::new(), 0, Vec::new());
    for size in SIZES.into_iter().filter(|size| *size <= most) {
        let payments = size / LEGS;
        writer.pay(made + 1, payments).await?;
        made = payments;
        let server = Server::billow("api", &stage.db.url, stage.db.dir.path()).await?;
        let times = questions(&stage, &server, &people, payments).await?;
        server.stop().await?;
        if first.is_empty() {
            first.clone_from(&times);
        }
        let worst = times.iter().zip(&first).map(|(now, then)| now / then).fold(0.0, f64::max);
        let started = Instant::now();
        let proof = stage.billing.ledger.ledger_proof(&Actor::System).await?;
        ensure!(proof.balanced && proof.postings == payments * LEGS, "the ledger: {proof:?}");
        let mut row = vec![format!("{engine:?}"), (payments * LEGS).to_string()];
        row.extend(times.iter().map(|ms| format!("{ms:.2}")));
        row.push(format!("{worst:.2}"));
        row.push(format!("{:.1}", started.elapsed().as_secs_f64()));
        table::seen(&row);
        rows.push(row);
    }
    Ok(rows)
}

/// Milliseconds of each question, in the order of the table.
async fn questions(stage: &seed::Stage, server: &Server, people: &[seed::Person], payments: u64) -> Result<Vec<f64>> {
    let mut times = Vec::new();
    // In the middle of each customer's history.
    let middle = |customer: usize| customer as u64 + CUSTOMERS * (payments / CUSTOMERS / 2);
    let movement = |customer: usize| cursor(&[&LedgerPostingId(id(middle(customer) * 4 + 2)).to_string()]);
    let payment = |customer: usize| cursor(&[&PaymentId(id(middle(customer))).to_string()]);
    type After<'a> = Option<&'a dyn Fn(usize) -> String>;
    let asked: [(&str, After<'_>, &str); 5] = [
        (BALANCE, None, ""),
        (MOVEMENTS, None, "/data/wallet/entries/nodes"),
        (MOVEMENTS, Some(&movement), "/data/wallet/entries/nodes"),
        (PAYMENTS, None, "/data/payments/nodes"),
        (PAYMENTS, Some(&payment), "/data/payments/nodes"),
    ];
    let mut connection = Connection::open(server.address).await?;
    for (query, after, nodes) in asked {
        let request = |(n, person): (usize, &seed::Person)| {
            let after = after.map(|after| after(n));
            post("/graphql", &person.token, &json!({"query": query, "variables": {"after": after}}).to_string())
        };
        let requests: Vec<_> = people.iter().enumerate().map(request).collect();
        for request in &requests {
            let answer: Value = serde_json::from_slice(connection.ask(request).await?)?;
            let full = nodes.is_empty() || answer.pointer(nodes).and_then(Value::as_array).is_some_and(|nodes| nodes.len() == 20);
            ensure!(full && answer.get("errors").is_none(), "{query}\n{answer}");
        }
        let mut seen = Vec::with_capacity(TIMES);
        for request in requests.iter().cycle().take(TIMES) {
            let started = Instant::now();
            connection.ask(request).await?;
            seen.push(started.elapsed().as_secs_f64() * 1e3);
        }
        times.push(median(&mut seen));
    }
    times.push(account_balance(&stage.billing).await?);
    Ok(times)
}

/// Milliseconds of adding up the parts of the balance of an account that every payment touches.
async fn account_balance(billing: &Billing) -> Result<f64> {
    let sql = format!("SELECT CAST(sum(balance_minor) AS bigint) FROM ledger_balances WHERE account_id = {}", id_sql(billing, CLEARING));
    let mut seen = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let started = Instant::now();
        let row = billing.kernel.store.read().query_one_raw(Statement::from_string(billing.kernel.store.backend(), sql.as_str())).await?;
        let balance: i64 = row.context("no balance")?.try_get_by_index(0)?;
        seen.push(started.elapsed().as_secs_f64() * 1e3);
        ensure!(balance > 0, "the gateway's account holds {balance}");
    }
    Ok(median(&mut seen))
}

fn id(n: u64) -> Uuid {
    Uuid::from_u128(n.into())
}

/// An id by its number, or by an expression that is one.
fn id_sql(billing: &Billing, n: impl std::fmt::Display) -> String {
    if billing.kernel.store.is_sqlite() {
        format!("unhex(printf('%032x', {n}))")
    } else {
        format!("lpad(to_hex(({n})::bigint), 32, '0')::uuid")
    }
}

/// Makes ledgers.
struct Writer<'a> {
    billing: &'a Billing,
}

impl Writer<'_> {
    fn id(&self, n: impl std::fmt::Display) -> String {
        id_sql(self.billing, n)
    }

    fn now(&self) -> String {
        format!("'{}'", self.billing.kernel.clock.now().format("%Y-%m-%dT%H:%M:%S%.3f+00:00"))
    }

    /// Numbers as the rows of `s`.
    fn series(&self, from: u64, to: u64) -> String {
        if self.billing.kernel.store.is_sqlite() {
            format!("(WITH RECURSIVE c(n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM c WHERE n < {to}) SELECT n FROM c) AS s")
        } else {
            format!("generate_series({from}, {to}) AS s(n)")
        }
    }

    async fn open_accounts(&self) -> Result<()> {
        let (db, now) = (self.billing.kernel.store.write_pool(), self.now());
        if self.billing.kernel.store.is_sqlite() {
            db.execute_unprepared("PRAGMA cache_size = -262144").await?;
        }
        let (clearing, fees, wallet) = (self.id(CLEARING), self.id(FEES), self.id(format!("n + {WALLETS}")));
        for statement in [
            "CREATE TABLE bench_people AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id AS customer FROM customers".to_owned(),
            "CREATE UNIQUE INDEX bench_people_key ON bench_people (n)".to_owned(),
            format!(
                "INSERT INTO ledger_accounts (id, kind, owner, currency, guarded, created_at) VALUES \
                 ({clearing}, 'GATEWAY_CLEARING', {clearing}, 'EUR', false, {now}), ({fees}, 'GATEWAY_FEES', {clearing}, 'EUR', false, {now})"
            ),
            format!(
                "INSERT INTO ledger_accounts (id, kind, owner, currency, guarded, created_at) \
                 SELECT {wallet}, 'WALLET', customer, 'EUR', true, {now} FROM bench_people"
            ),
            format!(
                "INSERT INTO ledger_balances (account_id, shard, guarded, balance_minor) \
                 SELECT a.id, s.n, a.guarded, 0 FROM ledger_accounts a CROSS JOIN {} WHERE s.n = 0 OR NOT a.guarded",
                self.series(0, 15)
            ),
        ] {
            db.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    /// Payments `from` to `to` that filled wallets, the customers in turn, with their entries and postings.
    async fn pay(&self, from: u64, to: u64) -> Result<()> {
        let mut begin = from;
        while begin <= to {
            let end = to.min(begin + CHUNK - 1);
            let tx = self.billing.kernel.store.write_pool().begin().await?;
            let guards = self.set_guards_aside(&tx).await?;
            for statement in self.payments(begin, end) {
                tx.execute_unprepared(&statement).await?;
            }
            for guard in guards {
                tx.execute_unprepared(&guard).await?;
            }
            tx.commit().await?;
            begin = end + 1;
        }
        let db = self.billing.kernel.store.write_pool();
        db.execute_unprepared(
            "UPDATE ledger_balances SET balance_minor = (SELECT COALESCE(sum(p.amount_minor), 0) FROM ledger_postings p \
             WHERE p.account_id = ledger_balances.account_id) WHERE shard = 0",
        )
        .await?;
        db.execute_unprepared(if self.billing.kernel.store.is_sqlite() { "ANALYZE" } else { "VACUUM (ANALYZE)" }).await?;
        Ok(())
    }

    /// Sets triggers aside until the transaction ends; answers what brings them back where it is not that end.
    async fn set_guards_aside(&self, tx: &DatabaseTransaction) -> Result<Vec<String>> {
        if !self.billing.kernel.store.is_sqlite() {
            tx.execute_unprepared("SET LOCAL session_replication_role = replica").await?;
            return Ok(Vec::new());
        }
        let triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('ledger_entries', 'ledger_postings')";
        let mut guards = Vec::new();
        for row in tx.query_all_raw(Statement::from_string(self.billing.kernel.store.backend(), triggers)).await? {
            let (name, sql): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            tx.execute_unprepared(&format!("DROP TRIGGER {name}")).await?;
            guards.push(sql);
        }
        Ok(guards)
    }

    fn payments(&self, from: u64, to: u64) -> [String; 3] {
        let (now, id) = (self.now(), self.id("s.n"));
        // Joined in this order on SQLite as well, which keeps to what is written.
        let series = self.series(from, to);
        let each = format!("FROM {series} CROSS JOIN bench_people p WHERE p.n = s.n % {CUSTOMERS}");
        [
            format!(
                "INSERT INTO payments (id, customer_id, kind, status, currency, amount_minor, wallet_minor, gateway_minor, refunded_minor, \
                 actor, idempotency_key, request_hash, attempts, checks, fence, created_at, updated_at, settled_at) \
                 SELECT {id}, p.customer, 'TOP_UP', 'SUCCEEDED', 'EUR', 5000, 0, 5000, 0, \
                 'bench', CAST(s.n AS text), '-', 1, 0, 1, {now}, {now}, {now} {each}"
            ),
            format!(
                "INSERT INTO ledger_entries (id, kind, key, payment_id, customer_id, subject, memo, occurred_at) \
                 SELECT {id}, 'payment.settled', 'settle:' || CAST(s.n AS text), {id}, p.customer, 'bench', 'Top-up', {now} {each}"
            ),
            format!(
                "INSERT INTO ledger_postings (id, entry_id, account_id, currency, amount_minor) \
                 SELECT {posting}, {id}, CASE legs.leg WHEN 0 THEN {clearing} WHEN 1 THEN {fees} ELSE {wallet} END, 'EUR', \
                 CASE legs.leg WHEN 0 THEN 4900 WHEN 1 THEN 100 ELSE -5000 END \
                 FROM {series} CROSS JOIN bench_people p CROSS JOIN (SELECT 0 AS leg UNION ALL SELECT 1 UNION ALL SELECT 2) AS legs \
                 WHERE p.n = s.n % {CUSTOMERS}",
                posting = self.id("s.n * 4 + legs.leg"),
                clearing = self.id(CLEARING),
                fees = self.id(FEES),
                wallet = self.id(format!("p.n + {WALLETS}")),
            ),
        ]
    }
}
