//! The commands that are not servers.

pub mod admin;
pub mod config;
pub mod healthcheck;
pub mod init;
pub mod ledger;
pub mod migrate;

use std::io::Write as _;

use anyhow::Result;

/// Writes a line for whoever typed the command.
///
/// # Errors
/// When standard output is closed.
pub fn say(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}
