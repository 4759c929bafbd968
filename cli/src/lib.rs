//! The `billow` binary as a library: configuration, wiring and commands. Tests wire the same way as the binary does.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

pub mod check;
pub mod commands;
pub mod config;
pub mod database;
pub mod demo;
pub mod limits;
pub mod metrics;
pub mod names;
pub mod private;
mod process_metrics;
pub mod serve;
pub mod sources;
pub mod telemetry;
pub mod wiring;

use config::Sources;

/// Fetches utility bills, tells at once, and pays them.
#[derive(Debug, Parser)]
#[command(name = "billow", version)]
pub struct Cli {
    /// Settings that hold for every command.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Settings that hold for every command. A flag wins over the environment, which wins over the file.
#[derive(Clone, Debug, Default, Args)]
pub struct SettingsArgs {
    /// The configuration file; `billow.toml` in the working folder where it is there and none is named.
    #[arg(long, global = true, env = "BILLOW_CONFIG")]
    pub config: Option<PathBuf>,
    /// The database: `sqlite://path` or `postgres://…`.
    #[arg(long, global = true)]
    pub database_url: Option<String>,
    /// Where files live.
    #[arg(long, global = true)]
    pub data_dir: Option<PathBuf>,
    /// Where the server (or the worker) listens: `127.0.0.1:8080`.
    #[arg(long, global = true)]
    pub listen: Option<String>,
    /// The address people reach the web app by.
    #[arg(long, global = true)]
    pub base_url: Option<String>,
    /// Any other setting, as `path=value`: `--set log.filter=debug`.
    #[arg(long = "set", global = true, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
}

impl SettingsArgs {
    /// Where settings come from: this process's flags, environment and file.
    ///
    /// # Errors
    /// When a `--set` is not of the form `path=value`.
    pub fn sources(&self) -> Result<Sources> {
        let mut flags = Vec::new();
        let mut flag = |path: &str, value: Option<String>| flags.extend(value.map(|v| (path.to_owned(), v)));
        flag("database.url", self.database_url.clone());
        flag("data_dir", self.data_dir.as_ref().map(|p| p.display().to_string()));
        flag("listen", self.listen.clone());
        flag("base_url", self.base_url.clone());
        for pair in &self.set {
            let (path, value) = pair.split_once('=').ok_or_else(|| anyhow::anyhow!("--set takes path=value, not {pair}"))?;
            flags.push((path.to_owned(), value.to_owned()));
        }
        Ok(Sources { file: self.config.clone(), env: std::env::vars().collect(), flags })
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The API and the workers in one process.
    Serve,
    /// The API alone; any number of these share one PostgreSQL with any number of workers.
    Api,
    /// The workers alone.
    Worker,
    /// A server on a throw-away folder with the sandbox beside it and 18 months of history.
    Demo(demo::DemoArgs),
    /// Write a configuration with new keys.
    Init(commands::init::InitArgs),
    /// Bring the database's schema up to date.
    Migrate {
        /// Only say what would be done, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Administrators and other staff.
    #[command(subcommand)]
    Admin(commands::admin::AdminCommand),
    /// The books.
    #[command(subcommand)]
    Ledger(commands::ledger::LedgerCommand),
    /// Ask a running server whether it is ready; fails if it is not.
    Healthcheck {
        /// Ask the worker, at `worker.listen`.
        #[arg(long)]
        worker: bool,
    },
    /// The configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// The configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting with its value and where it comes from; secrets are hidden.
    Show,
    /// Check everything a server would use, without starting one; fails if something is wrong.
    Check,
}

/// Runs a command.
///
/// # Errors
/// In words for whoever typed it.
pub async fn run(cli: Cli) -> Result<()> {
    let sources = cli.settings.sources()?;
    match cli.command {
        Command::Serve => serve::run(check::everything(&sources)?, serve::Mode::All).await,
        Command::Api => serve::run(check::everything(&sources)?, serve::Mode::Api).await,
        Command::Worker => {
            let mut sources = sources;
            // The one address a worker has.
            sources.flags.extend(cli.settings.listen.clone().map(|address| ("worker.listen".to_owned(), address)));
            serve::run(check::everything(&sources)?, serve::Mode::Worker).await
        }
        Command::Demo(args) => demo::run(args, &cli.settings).await,
        Command::Init(args) => commands::init::run(&args, &cli.settings),
        Command::Migrate { dry_run } => commands::migrate::run(&sources.load()?, dry_run).await,
        Command::Admin(command) => commands::admin::run(&sources.load()?, command).await,
        Command::Ledger(command) => commands::ledger::run(&sources.load()?, command).await,
        Command::Healthcheck { worker } => commands::healthcheck::run(&sources.load()?, worker).await,
        Command::Config(ConfigCommand::Show) => commands::config::show(&sources),
        Command::Config(ConfigCommand::Check) => commands::config::check(&sources),
    }
}
