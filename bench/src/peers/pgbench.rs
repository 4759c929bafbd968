//! pgbench with the statements of a payment (`bench/peers/pgbench/pay.sql`): what PostgreSQL can do at most on this machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use crate::seed::Stage;

/// What the script reads first: a bill, and everything about it that Billow's process knows from the request or reads otherwise.
const WISHES: &str = "CREATE TABLE bench_wishes AS \
     SELECT (row_number() OVER (ORDER BY b.id))::integer AS n, b.id AS bill, b.account_id AS account, b.customer_id AS customer, \
            b.property_id AS home, b.provider_id AS provider, m.gateway_id AS gateway, m.id AS method, s.token_hash, \
            'user_' || left(md5(u.id::text), 26) AS actor, b.amount_minor AS amount, \
            clearing.id AS clearing_account, fees.id AS fees_account, payable.id AS payable_account \
       FROM bills b JOIN payment_methods m ON m.customer_id = b.customer_id JOIN users u ON u.customer_id = b.customer_id \
       JOIN sessions s ON s.user_id = u.id \
       JOIN ledger_accounts clearing ON clearing.kind = 'GATEWAY_CLEARING' \
       JOIN ledger_accounts fees ON fees.kind = 'GATEWAY_FEES' \
       JOIN ledger_accounts payable ON payable.kind = 'PROVIDER_PAYABLE'";

/// Accounts are opened by the first payment: here before it.
const ACCOUNTS: [&str; 2] = [
    "INSERT INTO ledger_accounts (id, kind, owner, currency, guarded, created_at) \
     SELECT gen_random_uuid(), kind, owner, 'EUR', false, now() FROM \
     (SELECT 'GATEWAY_CLEARING' AS kind, id AS owner FROM gateways UNION ALL SELECT 'GATEWAY_FEES', id FROM gateways \
      UNION ALL SELECT 'PROVIDER_PAYABLE', id FROM providers) wanted",
    "INSERT INTO ledger_balances (account_id, shard, guarded, balance_minor) \
     SELECT id, shard, guarded, 0 FROM ledger_accounts CROSS JOIN generate_series(0, 15) AS shard",
];

/// Tables a payment adds rows to.
const ADDED: [&str; 8] =
    ["payments", "payment_allocations", "payment_attempts", "documents", "events", "ledger_entries", "ledger_postings", "remittances"];
/// Tables of which a payment changes rows; nobody else does while it is measured.
const CHANGED: [&str; 5] = ["payments", "payment_allocations", "payment_attempts", "bills", "ledger_balances"];
/// How far two shares of rows may be apart: a payment that is tried again writes some rows twice.
const TOLERANCE: f64 = 0.05;
/// How long the database takes to write down what ended connections did.
const COUNTED_WITHIN: Duration = Duration::from_secs(3);

/// pgbench on a database that is like Billow's.
pub struct Pgbench {
    binary: PathBuf,
    url: String,
    wishes: i64,
    runs: AtomicU32,
}

impl Pgbench {
    /// Adds to `stage` what the script needs.
    pub async fn prepare(stage: &Stage) -> Result<Self> {
        let db = stage.billing.kernel.store.write_pool();
        for statement in ACCOUNTS.into_iter().chain([WISHES, "ALTER TABLE bench_wishes ADD PRIMARY KEY (n)", "ANALYZE"]) {
            db.execute_unprepared(statement).await?;
        }
        let wishes = number(stage, "SELECT count(*) FROM bench_wishes").await?;
        ensure!(wishes > 0, "there is nothing to pay");
        Ok(Self { binary: binary()?, url: stage.db.url.clone(), wishes, runs: AtomicU32::new(1) })
    }

    /// Payments per second with so many clients.
    pub async fn run(&self, clients: usize, seconds: u64) -> Result<f64> {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let output = tokio::process::Command::new(&self.binary)
            .args(["--no-vacuum", "--protocol=prepared", "--define=i=0"])
            .arg(format!("--define=run={run}"))
            .arg(format!("--define=clients={clients}"))
            .arg(format!("--define=wishes={}", self.wishes))
            .arg(format!("--client={clients}"))
            .arg(format!("--jobs={}", clients.min(2)))
            .arg(format!("--time={seconds}"))
            .arg("--file")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/pgbench/pay.sql"))
            .arg(&self.url)
            .output()
            .await
            .context("pgbench did not start")?;
        let (told, complaints) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "pgbench failed:\n{told}\n{complaints}");
        let after = |name: &str| told.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let failed = after("number of failed transactions:").unwrap_or("0");
        ensure!(failed.starts_with('0'), "pgbench's transactions failed: {failed}\n{complaints}");
        let per_second = after("tps = ").and_then(|text| text.split_whitespace().next()).context("pgbench told no rate")?;
        Ok(per_second.parse()?)
    }
}

/// Beside the server's own programs, which Debian does not put on the path.
fn binary() -> Result<PathBuf> {
    let on_path = std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    if let Some(found) = on_path.map(|dir| dir.join("pgbench")).find(|file| file.exists()) {
        return Ok(found);
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").context("pgbench is not there")?;
    let mut found: Vec<PathBuf> =
        versions.filter_map(|entry| Some(entry.ok()?.path().join("bin/pgbench"))).filter(|file| file.exists()).collect();
    found.sort();
    found.pop().context("pgbench is not there")
}

async fn number(stage: &Stage, sql: &str) -> Result<i64> {
    let row = stage.billing.kernel.store.write_pool().query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(row.context("no row")?.try_get_by_index(0)?)
}

/// How many transactions of the cluster have written so far, where it is one.
pub async fn transactions(stage: &Stage) -> Result<Option<i64>> {
    if stage.billing.kernel.store.is_sqlite() {
        return Ok(None);
    }
    // This one counts itself.
    Ok(Some(number(stage, "SELECT txid_current()").await?))
}

/// Rows added and changed for each payment, by table.
async fn rows_each(stage: &Stage) -> Result<BTreeMap<String, f64>> {
    let mut rows = BTreeMap::new();
    let payments = number(stage, "SELECT count(*) FROM payments").await?;
    ensure!(payments > 0, "nothing was paid");
    for table in ADDED {
        rows.insert(format!("{table} added"), number(stage, &format!("SELECT count(*) FROM {table}")).await?);
    }
    for table in CHANGED {
        let changed = format!("SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = '{table}'");
        rows.insert(format!("{table} changed"), number(stage, &changed).await?);
    }
    Ok(rows.into_iter().map(|(name, count)| (name, count as f64 / payments as f64)).collect())
}

/// Makes sure that pgbench's payments on `twin` write what Billow's do on `stage`.
pub async fn same_rows(stage: &Stage, twin: &Stage) -> Result<()> {
    tokio::time::sleep(COUNTED_WITHIN).await;
    let (ours, theirs) = (rows_each(stage).await?, rows_each(twin).await?);
    if ours.iter().any(|(name, count)| (count - theirs.get(name).copied().unwrap_or(0.0)).abs() > TOLERANCE) {
        bail!("a payment writes other rows than bench/peers/pgbench/pay.sql does:\n{ours:#?}\n{theirs:#?}");
    }
    Ok(())
}
