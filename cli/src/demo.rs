//! `billow demo`: a server on a throw-away folder, with the sandbox as the outside world and 18 months of history.

mod money;
mod people;
mod seed;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use billow_billing::clock::{Clock as _, SystemClock, SystemEntropy};
use billow_sandbox::{Sandbox, SandboxOptions};
use clap::Args;

use crate::check;
use crate::commands::{init, say};
use crate::private;
use crate::serve::{self, Mode};
use crate::wiring::{self, Wired};
use crate::{SettingsArgs, telemetry};

/// How the demo is to be.
#[derive(Clone, Debug, Args)]
pub struct DemoArgs {
    /// Where the sandbox's page listens.
    #[arg(long, default_value = "127.0.0.1:8090")]
    pub sandbox_listen: SocketAddr,
    /// How long every pretend provider takes to answer, in milliseconds.
    #[arg(long, default_value_t = 120)]
    pub sandbox_latency_ms: u64,
    /// Keep the data in this folder instead of throwing it away.
    #[arg(long)]
    pub keep: Option<std::path::PathBuf>,
}

/// How many months of bills there are.
pub const MONTHS: u32 = 18;

/// Runs the demo until it is told to stop.
///
/// # Errors
/// When an address is taken or the folder cannot be written.
pub async fn run(args: DemoArgs, settings: &SettingsArgs) -> Result<()> {
    let throw_away = tempfile::Builder::new().prefix("billow-demo-").tempdir().context("a temporary folder cannot be made")?;
    let folder = args.keep.clone().unwrap_or_else(|| throw_away.path().to_owned());
    private::folder(&folder)?;

    let sandbox = Sandbox::start(SandboxOptions {
        http_addr: args.sandbox_listen,
        latency: Duration::from_millis(args.sandbox_latency_ms),
        ..SandboxOptions::on_loopback(folder.join("drop"), || SystemClock.now())
    })
    .await
    .context("the sandbox cannot start")?;
    sandbox.state().seed_samples(MONTHS)?;

    // What is written for the demo is what `billow init` writes, so that the demo runs on a configuration like any other.
    let file = folder.join("billow.toml");
    if !file.exists() {
        private::write_new(&file, &init::new_configuration())?;
    }
    let mut sources = settings.sources()?;
    sources.file = Some(file);
    let host = sandbox.http_addr().to_string();
    let (sms_url, sms_sid, sms_token) = sandbox.sms_access();
    for (path, value) in [
        ("data_dir", folder.display().to_string()),
        ("http.allowed_hosts", host.clone()),
        ("push.allowed_hosts", format!("{host}/push/send/")),
        ("mail.host", sandbox.smtp_addr().ip().to_string()),
        ("mail.port", sandbox.smtp_addr().port().to_string()),
        ("mail.tls", "none".to_owned()),
        ("sms.base_url", sms_url),
        ("sms.account_sid", sms_sid.to_owned()),
        ("sms.auth_token", sms_token.to_owned()),
        ("sms.from", "+4915100000000".to_owned()),
        ("log.filter", "warn".to_owned()),
    ] {
        if !sources.flags.iter().any(|f| f.0 == path) {
            sources.flags.push((path.to_owned(), value));
        }
    }
    let mut config = check::everything(&sources)?;
    config.demo = true;
    let listener = serve::bind(&config, Mode::All).await?;
    let _telemetry = telemetry::start(&config.log)?;
    let metrics = telemetry::start_metrics()?;

    let Wired { billing, queue } = wiring::wire(&config, Arc::new(SystemClock), Arc::new(SystemEntropy)).await?;
    let wired = Wired { billing: billing.clone(), queue };
    seed::seed(&billing, &sandbox).await?;
    let hooks = format!("{}/webhooks/gateways/{}", config.base_url.trim_end_matches('/'), money::GATEWAY);
    sandbox.set_webhook_target(&hooks);
    let running = serve::start(&config, wired, Mode::All, metrics, listener).await?;
    let listening = tokio::spawn(seed::fetch_what_is_issued(billing, sandbox.state()));

    say("")?;
    match &args.keep {
        None => say("Billow's demo is ready. Stop it with Ctrl-C; its data is deleted then.")?,
        Some(folder) => say(&format!("Billow's demo is ready. Stop it with Ctrl-C; its data stays in {}.", folder.display()))?,
    }
    say("")?;
    say(&format!("  web app    {}", config.base_url))?;
    say(&format!("  GraphiQL   {}/graphiql/", config.base_url))?;
    say(&format!("  sandbox    {}     issue a bill here; read mails, texts and pushes", sandbox.http_url()))?;
    say("")?;
    say(&format!("  sign in as {}", people::ALL_EMAILS.join(", ")))?;
    say(&format!("  password   {}", people::PASSWORD))?;
    say("")?;

    serve::signal().await;
    listening.abort();
    running.stop().await;
    sandbox.stop().await;
    Ok(())
}
