//! Logs, traces and metrics of one process.

use std::io::IsTerminal as _;

use anyhow::{Context as _, Result};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::config::LogConfig;

/// What says nothing to an operator: PostgreSQL's notices that something is there already, and the queue's own workers.
/// A filter that names these targets wins.
const QUIET: &str = "sqlx::postgres::notice=warn,apalis=warn,apalis_core=warn,apalis_postgres=warn,apalis_sqlite=warn";

/// Flushes what is left when it is dropped.
#[derive(Debug, Default)]
pub struct TelemetryGuard(Option<SdkTracerProvider>);

impl Drop for TelemetryGuard {
    fn drop(&mut self) {
        if let Some(provider) = self.0.take() {
            // A process that ends cannot do more about traces that were not taken.
            let _ = provider.shutdown();
        }
    }
}

/// Starts logging to standard error, and to OTLP where configured.
///
/// # Errors
/// When the filter or the endpoint is wrong.
pub fn start(config: &LogConfig) -> Result<TelemetryGuard> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", config.filter)).context("log.filter is wrong")?;
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let lines = if config.format == "json" {
        fmt::layer().json().flatten_event(true).with_writer(std::io::stderr).boxed()
    } else {
        fmt::layer().with_target(false).with_ansi(colours).with_writer(std::io::stderr).boxed()
    };
    let provider = config.otlp_endpoint.as_deref().filter(|e| !e.is_empty()).map(tracer).transpose()?;
    let traces = provider.as_ref().map(|p| tracing_opentelemetry::layer().with_tracer(p.tracer("billow")));
    tracing_subscriber::registry().with(filter).with(lines).with(traces).try_init().context("logging was started twice")?;
    Ok(TelemetryGuard(provider))
}

/// The SDK exports on a thread of its own, without a runtime: the blocking HTTP client works there, the other does not.
fn tracer(endpoint: &str) -> Result<SdkTracerProvider> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .context("log.otlp_endpoint is wrong")?;
    let resource = Resource::builder().with_service_name("billow").build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

/// Starts counting; the handle renders the counts for Prometheus.
///
/// # Errors
/// When it was started before in this process.
pub fn start_metrics() -> Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &[0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0])
        .context("metrics")?
        .install_recorder()
        .context("metrics were started twice")?;
    crate::metrics::describe();
    Ok(handle)
}
