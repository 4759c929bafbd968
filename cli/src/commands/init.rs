//! `billow init`: a configuration with new keys, so that nobody has to make any by hand.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use billow_billing::clock::{Entropy, SystemEntropy};
use clap::Args;

use super::say;

/// Where to, and what to say in it.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The file to write; one that exists is never overwritten.
    #[arg(long, default_value = "billow.toml")]
    pub output: PathBuf,
    /// Print it instead.
    #[arg(long)]
    pub print: bool,
}

/// Writes the configuration.
///
/// # Errors
/// When the file exists or cannot be written.
pub fn run(args: &InitArgs) -> Result<()> {
    let text = new_configuration();
    if args.print {
        return say(text.trim_end());
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options
        .open(&args.output)
        .with_context(|| format!("{} cannot be made (an existing one is never overwritten)", args.output.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    say(&format!("wrote {}; keep it secret and keep a copy: without its keys nothing encrypted can be read", args.output.display()))
}

/// A configuration with new keys.
#[must_use]
pub fn new_configuration() -> String {
    let key = || {
        let mut bytes = [0u8; 32];
        SystemEntropy.fill(&mut bytes);
        STANDARD.encode(bytes)
    };
    let (vapid, _) = billow_integrations::messages::generate_vapid_keys(&SystemEntropy);
    format!(
        r#"# Billow's configuration: docs/configuration.md lists every setting. The environment and flags win over this file.

# The address people reach the web app by.
base_url = "http://localhost:8080"
listen = "127.0.0.1:8080"
data_dir = "data"

[database]
# A file in data_dir where this is not set. Past one machine: "postgres://user:password@host/billow".
# url = ""

[keys]
# number:base64, the newest first. To rotate, put a new one with a higher number before the old ones.
encryption = "1:{encryption}"
# Never changes.
index = "{index}"

[push]
private_key = "{vapid}"
contact = "mailto:operator@example.com"

[mail]
# host = "smtp.example.com"
# username = ""
# password = ""
from = "Billow <bills@example.com>"

[sms]
# base_url = "https://api.twilio.com"
# account_sid = ""
# auth_token = ""
# from = "+15005550006"
"#,
        encryption = key(),
        index = key(),
    )
}
