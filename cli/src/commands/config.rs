//! `billow config`: what is in force, and why.

use anyhow::Result;

use super::say;
use crate::check;
use crate::config::Sources;

/// Prints every value with its origin.
///
/// # Errors
/// When the configuration cannot be read.
pub fn show(sources: &Sources) -> Result<()> {
    let rows = sources.show()?;
    let width = |pick: fn(&(String, String, String)) -> &str| rows.iter().map(|r| pick(r).chars().count()).max().unwrap_or(0);
    let (path, value) = (width(|r| &r.0), width(|r| &r.1));
    for row in &rows {
        say(&format!("{:path$}  {:value$}  {}", row.0, row.1, row.2))?;
    }
    Ok(())
}

/// Checks everything a server would use, without starting one.
///
/// # Errors
/// Everything that is wrong, a line for each.
pub fn check(sources: &Sources) -> Result<()> {
    let config = check::everything(sources)?;
    for warning in check::warnings(&config) {
        say(&format!("warning: {warning}"))?;
    }
    say("the configuration is in order")
}
