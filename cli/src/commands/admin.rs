//! `billow admin`: the first administrator, and a way back in for one who forgot the password.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use billow_billing::clock::{SystemClock, SystemEntropy};
use billow_billing::identity::NewUser;
use billow_billing::{Actor, Error};
use billow_entities::Role;
use clap::Subcommand;
use secrecy::SecretString;

use super::say;
use crate::config::Config;
use crate::{serve, wiring};

/// Administrators and other staff.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Make an administrator (or an operator); the password is printed once.
    Create {
        /// The e-mail address to sign in with.
        email: String,
        /// An operator instead.
        #[arg(long)]
        operator: bool,
        /// The password, instead of a new random one: read from this file.
        #[arg(long, value_name = "FILE")]
        password_file: Option<std::path::PathBuf>,
    },
}

/// Runs the command.
///
/// # Errors
/// In words for whoever typed it.
pub async fn run(config: &Config, command: AdminCommand) -> Result<()> {
    let wired = wiring::wire(config, Arc::new(SystemClock), Arc::new(SystemEntropy)).await?;
    serve::prepare(config, &wired).await?;
    let AdminCommand::Create { email, operator, password_file } = command;
    let (password, shown) = match password_file {
        Some(file) => (std::fs::read_to_string(&file)?.trim_end().to_owned(), false),
        None => (wired.billing.new_token(), true),
    };
    let role = if operator { Role::Operator } else { Role::Admin };
    let user = wired
        .billing
        .create_user(&Actor::System, NewUser { email, password: SecretString::from(password.clone()), role })
        .await
        .map_err(words)?;
    say(&format!("{} can sign in as {}", user.email, user.role))?;
    if shown {
        say(&format!("password: {password}"))?;
        say("it is shown this once; change it after signing in")?;
    }
    Ok(())
}

/// Everything that is wrong, for a terminal.
#[must_use]
pub fn words(error: Error) -> anyhow::Error {
    match error {
        Error::Invalid(problems) => {
            anyhow!(
                problems
                    .iter()
                    .map(|p| if p.path.is_empty() { p.message.clone() } else { format!("{}: {}", p.path.join("."), p.message) })
                    .collect::<Vec<_>>()
                    .join("; ")
            )
        }
        other => other.into(),
    }
}
