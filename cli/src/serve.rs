//! `billow serve | api | worker`: the long-running processes.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use billow_api::{ApiConfig, Operators};
use billow_billing::Billing;
use billow_billing::clock::{SystemClock, SystemEntropy};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::check;
use crate::config::{Config, list};
use crate::private;
use crate::process_metrics;
use crate::telemetry;
use crate::wiring::{self, Wired};

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// API and workers.
    All,
    /// The API alone.
    Api,
    /// The workers alone.
    Worker,
}

/// How long open requests may take when the process is told to stop.
const GRACE: Duration = Duration::from_secs(20);

/// How often the gauges are read from the database.
const GAUGES: Duration = Duration::from_secs(15);

/// Runs until it is told to stop.
///
/// # Errors
/// When the process cannot start.
pub async fn run(config: Config, mode: Mode) -> Result<()> {
    let _telemetry = telemetry::start(&config.log)?;
    let metrics = telemetry::start_metrics()?;
    for warning in check::warnings(&config) {
        tracing::warn!("{warning}");
    }
    // First, so that a second server on one address changes nothing.
    let listener = bind(&config, mode).await?;
    let wired = wiring::wire(&config, Arc::new(SystemClock), Arc::new(SystemEntropy)).await?;
    if config.migrate && private::is_open(&config.data_dir) {
        tracing::warn!("other users of this machine can list the folder {}; run chmod go= on it", config.data_dir.display());
    }
    let running = start(&config, wired, mode, metrics, listener).await?;
    match running.address {
        Some(address) if mode == Mode::Worker => tracing::info!(server.address = %address, "working; health and metrics are answered here"),
        Some(address) => tracing::info!(server.address = %address, "ready; open {}", config.base_url),
        None => tracing::info!("working"),
    }
    signal().await;
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}

/// A started process.
#[derive(Debug)]
pub struct Running {
    /// Where the API listens, if it does.
    pub address: Option<SocketAddr>,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    billing: Billing,
}

impl Running {
    /// Stops taking work, ends what is under way, and answers when all is quiet.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            if tokio::time::timeout(GRACE + Duration::from_secs(5), task).await.is_err() {
                tracing::warn!("a part of the process did not end in time");
            }
        }
        // Payments whose caller went away.
        if !self.billing.kernel.stopping.finish_tasks(GRACE).await {
            tracing::warn!("payments under way did not finish in time; a worker asks about them");
        }
    }
}

/// Takes the address that `mode` listens on, if it listens.
///
/// # Errors
/// When the address is taken or is not this machine's; the message says what to do.
pub async fn bind(config: &Config, mode: Mode) -> Result<Option<TcpListener>> {
    let (setting, address) = match mode {
        Mode::Worker => ("worker.listen", config.worker.listen),
        Mode::All | Mode::Api => ("listen", Some(config.listen)),
    };
    let Some(address) = address else { return Ok(None) };
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("{setting}: another process listens on {address}; stop it, or choose another address with --listen")
        }
        Err(error) => bail!("{setting}: cannot listen on {address}: {error}"),
    }
}

/// Starts the parts that `mode` asks for, the API on `listener`.
///
/// # Errors
/// When the event log cannot be read.
pub async fn start(config: &Config, wired: Wired, mode: Mode, metrics: PrometheusHandle, listener: Option<TcpListener>) -> Result<Running> {
    let Wired { billing, queue } = wired;
    let stop = CancellationToken::new();
    let relay = billing.relay();
    relay.start_at_end().await.context("the event log cannot be read")?;
    let mut tasks = vec![tokio::spawn(relay.run(stop.clone()))];
    let upkeep = (metrics.clone(), stop.clone());
    tasks.push(tokio::spawn(async move {
        let (metrics, stop) = upkeep;
        // The recorder keeps samples until it is told to fold them.
        while tokio::time::timeout(Duration::from_secs(5), stop.cancelled()).await.is_err() {
            metrics.run_upkeep();
            process_metrics::report();
        }
    }));
    process_metrics::report();
    if mode != Mode::Api {
        tasks.push(tokio::spawn(keep_gauges(billing.clone(), stop.clone())));
        tasks.push(tokio::spawn(billow_jobs::run(billing.clone(), queue, stop.clone())));
    }
    let under_way = billing.clone();
    let render = metrics;
    let proxies = config.proxies()?;
    if config.base_url.starts_with("https://") && proxies.is_empty() && mode != Mode::Worker {
        tracing::warn!("base_url is https but trusted_proxies is empty: all callers behind a proxy are counted as one address");
    }
    let api = ApiConfig {
        allowed_origins: list(&config.allowed_origins),
        trusted_proxies: proxies.clone(),
        operators: if config.metrics.listen.is_some() { Operators::Nobody } else { Operators::ThisMachine },
        metrics_renderer: Some(Arc::new(move || crate::metrics::render(&render))),
        shutdown: stop.clone(),
        limits: config.limits.of_operations(),
        ..ApiConfig::new(config.base_url.clone())
    };
    let limits = config.limits.of_connections(proxies);
    if let Some(listen) = config.metrics.listen {
        let private = billow_api::health_router(billing.clone(), ApiConfig { operators: Operators::Everybody, ..api.clone() });
        let listener = TcpListener::bind(listen).await.with_context(|| format!("metrics.listen: cannot bind {listen}"))?;
        tracing::info!(metrics.address = %listen, "metrics and health");
        tasks.push(tokio::spawn(billow_api::serve(listener, private, limits.clone(), stop.clone())));
    }
    let Some(listener) = listener else { return Ok(Running { address: None, stop, tasks, billing: under_way }) };
    let address = listener.local_addr()?;
    // A worker answers health and metrics only.
    let router = if mode == Mode::Worker { billow_api::health_router(billing, api) } else { billow_api::router(billing, api) };
    tasks.push(tokio::spawn(billow_api::serve(listener, router, limits, stop.clone())));
    Ok(Running { address: Some(address), stop, tasks, billing: under_way })
}

/// Reads the gauges again and again.
async fn keep_gauges(billing: Billing, stop: CancellationToken) {
    loop {
        if let Err(error) = billing.set_gauges().await {
            tracing::warn!(%error, "the gauges could not be read");
        }
        if tokio::time::timeout(GAUGES, stop.cancelled()).await.is_ok() {
            return;
        }
    }
}

/// Waits for the signal to stop.
pub async fn signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
                return;
            }
            Err(error) => tracing::warn!(error = %error, "cannot install the SIGTERM handler"),
        }
    }
    if let Err(error) = interrupt.await {
        tracing::warn!(error = %error, "cannot install the SIGINT handler");
    }
}
