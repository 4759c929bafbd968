//! `billow ledger`: the books, as a journal for outside programs and as a proof.

use std::io::Write as _;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use billow_billing::Actor;
use billow_billing::clock::{SystemClock, SystemEntropy};
use billow_entities::Money;
use chrono::NaiveDate;
use clap::Subcommand;

use super::admin::words;
use super::say;
use crate::config::Config;
use crate::wiring;

/// The books.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Write the journal in the form of hledger to standard output.
    Export {
        /// The first day, in UTC.
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: Option<NaiveDate>,
        /// The last day, in UTC.
        #[arg(long, value_name = "YYYY-MM-DD")]
        to: Option<NaiveDate>,
    },
    /// Add everything up; fails when the books do not balance.
    Check,
}

/// Runs the command.
///
/// # Errors
/// In words for whoever typed it; also when the books do not balance.
pub async fn run(config: &Config, command: LedgerCommand) -> Result<()> {
    if let LedgerCommand::Export { from: Some(from), to: Some(to) } = &command
        && from > to
    {
        bail!("--from {from} is after --to {to}");
    }
    // Reading the books changes nothing, the schema included.
    let mut config = Config { migrate: false, ..config.clone() };
    // All of the books are read, which may take longer than a statement of the server's may.
    config.database.statement_timeout = 0;
    let billing = wiring::wire(&config, Arc::new(SystemClock), Arc::new(SystemEntropy)).await?.billing;
    match command {
        LedgerCommand::Export { from, to } => {
            let mut out = std::io::BufWriter::new(std::io::stdout());
            billing.ledger.ledger_journal(from, to, |text| out.write_all(text.as_bytes())).await.map_err(words)?;
            out.flush().context("standard output")
        }
        LedgerCommand::Check => {
            let proof = billing.ledger.ledger_proof(&Actor::System).await.map_err(words)?;
            say(&format!("{} entries, {} postings", proof.entries, proof.postings))?;
            for account in &proof.accounts {
                say(&format!("{:<18} {}", account.kind.as_str(), Money::new(account.balance_minor, account.currency)))?;
            }
            if !proof.balanced {
                bail!("the books do not balance");
            }
            say("the books balance")
        }
    }
}
