//! `billow config`: what is in force, and why.

use anyhow::Result;

use super::say;
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

/// Reads everything and says what is wrong.
///
/// # Errors
/// What is wrong.
pub fn check(sources: &Sources) -> Result<()> {
    let config = sources.load()?;
    config.encryption_keys()?;
    config.index_key()?;
    say("the configuration is in order")
}
