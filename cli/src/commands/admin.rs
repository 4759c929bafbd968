//! `billow admin`: the first administrator, and a way back in for one who forgot the password.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use billow_billing::clock::{SystemClock, SystemEntropy};
use billow_billing::identity::{NewUser, ResetTarget};
use billow_billing::{Actor, Billing, Error};
use billow_entities::Role;
use clap::Subcommand;
use secrecy::{ExposeSecret as _, SecretString};

use super::say;
use crate::config::Config;
use crate::wiring;

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
        password_file: Option<PathBuf>,
    },
    /// Set a new password for anybody who signs in, and sign them out everywhere; asks for it on the terminal.
    SetPassword {
        /// The e-mail address to sign in with.
        email: String,
        /// Read the password from the first line of this file.
        #[arg(long, value_name = "FILE", conflicts_with = "generate")]
        password_file: Option<PathBuf>,
        /// Make a random password and print it once.
        #[arg(long)]
        generate: bool,
    },
    /// Take away the second factors of somebody who lost them, and end their sessions. They sign in with their password
    /// and set up a new one.
    ResetSecondFactor {
        /// The e-mail address they sign in with.
        email: String,
    },
}

/// Runs the command.
///
/// # Errors
/// What is wrong, as text for a terminal.
pub async fn run(config: &Config, command: AdminCommand) -> Result<()> {
    let wired = wiring::wire(config, Arc::new(SystemClock), Arc::new(SystemEntropy)).await?;
    match command {
        AdminCommand::Create { email, operator, password_file } => create(&wired.billing, email, operator, password_file.as_deref()).await,
        AdminCommand::SetPassword { email, password_file, generate } => {
            set_password(&wired.billing, &email, password_file.as_deref(), generate).await
        }
        AdminCommand::ResetSecondFactor { email } => reset_second_factor(&wired.billing, email).await,
    }
}

async fn create(billing: &Billing, email: String, operator: bool, file: Option<&Path>) -> Result<()> {
    let given = file.map(read_password).transpose()?;
    let password = given.clone().unwrap_or_else(|| billing.kernel.ids.token().into());
    let role = if operator { Role::Operator } else { Role::Admin };
    let new = NewUser { email, password: password.clone(), role };
    let user = billing.identity.create_user(&Actor::System, new).await.map_err(words)?;
    say(&format!("{} can sign in as {}", user.email, user.role))?;
    if given.is_none() { show(&password) } else { Ok(()) }
}

async fn set_password(billing: &Billing, email: &str, file: Option<&Path>, generate: bool) -> Result<()> {
    let (password, shown) = match file {
        Some(file) => (read_password(file)?, false),
        None if generate => (SecretString::from(billing.kernel.ids.token()), true),
        None => (typed_password()?, false),
    };
    let user = match billing.identity.set_password(&Actor::System, email, password.clone()).await {
        Err(Error::NotFound(_)) => bail!("nobody signs in with {email}"),
        other => other.map_err(words)?,
    };
    say(&format!("the password of {} ({}) was set, and every sign-in has ended", user.email, user.role))?;
    if shown { show(&password) } else { Ok(()) }
}

async fn reset_second_factor(billing: &Billing, email: String) -> Result<()> {
    let user = match billing.identity.reset_second_factor(&Actor::System, ResetTarget::Email(email.clone()), None).await {
        Err(Error::NotFound(_)) => bail!("nobody signs in with {email}"),
        other => other.map_err(words)?,
    };
    say(&format!("{} has no second factor now and is signed out everywhere", user.email))
}

fn show(password: &SecretString) -> Result<()> {
    say(&format!("password: {}", password.expose_secret()))?;
    say("it is shown only once; change it after signing in")
}

/// The first line of a file. Spaces belong to the password, the end of the line does not.
fn read_password(file: &Path) -> Result<SecretString> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(first_line(&text))
}

/// Asks on the terminal, without showing what is typed; from a pipe, reads a line.
fn typed_password() -> Result<SecretString> {
    let stdin = std::io::stdin();
    let terminal = stdin.is_terminal();
    if terminal {
        write!(std::io::stderr(), "new password: ")?;
        std::io::stderr().flush()?;
    }
    let hidden = terminal.then(Echo::off);
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    drop(hidden);
    if terminal {
        writeln!(std::io::stderr())?;
    }
    if line.trim_end_matches(['\r', '\n']).is_empty() {
        bail!("no password was given; type one, or use --password-file or --generate");
    }
    Ok(first_line(&line))
}

fn first_line(text: &str) -> SecretString {
    text.lines().next().unwrap_or_default().to_owned().into()
}

/// Echo of the terminal, which comes back when this is dropped.
struct Echo;

impl Echo {
    fn off() -> Self {
        stty("-echo");
        Self
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        stty("echo");
    }
}

/// Where `stty` is missing the password is shown as it is typed.
fn stty(mode: &str) {
    let _shown = std::process::Command::new("stty").arg(mode).stdin(std::process::Stdio::inherit()).status();
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
