//! `billow init`: a configuration with new keys, so that nobody has to make any by hand, and with what its flags say.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use billow_billing::clock::{Entropy, SystemEntropy};
use clap::Args;

use super::say;
use crate::check;
use crate::names::{self, Form};
use crate::sources::read_flags;
use crate::{SettingsArgs, private};

/// The contact for push services that is written as an example.
pub const CONTACT: &str = "mailto:operator@example.com";
/// The sender of mails that is written as an example.
pub const FROM: &str = "Billow <bills@example.com>";

/// Where to, and what to say in it.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The file to write, `billow.toml` (or the one of `--config`) if not given; one that exists is never overwritten.
    #[arg(long)]
    pub output: Option<PathBuf>,
    /// Print it instead.
    #[arg(long)]
    pub print: bool,
}

/// Writes the configuration.
///
/// # Errors
/// When a flag's value cannot be used, or the file exists or cannot be written. Nothing is written then.
pub fn run(args: &InitArgs, settings: &SettingsArgs) -> Result<()> {
    let flags = settings.sources()?.flags;
    let text = with(&new_configuration(), &flags)?;
    if args.print {
        private::close_standard_output();
        eprintln!("billow: this holds keys; keep it secret and keep a copy (a file must be readable by Billow's user only: chmod 600)");
        return say(text.trim_end());
    }
    let output = args.output.clone().or_else(|| settings.config.clone()).unwrap_or_else(|| "billow.toml".into());
    private::write_new(&output, &text)
        .with_context(|| format!("{} cannot be made (an existing one is never overwritten)", output.display()))?;
    say(&format!("wrote {}; keep it secret and keep a copy: without its keys nothing encrypted can be read", output.display()))?;
    say("next: `billow admin create you@example.com`, then `billow serve`; every process on one database needs this file's keys")
}

/// `text` with the values of `flags` in it, checked.
fn with(text: &str, flags: &[(String, String)]) -> Result<String> {
    // By themselves, so that neither a file nor the environment of this moment is mixed in.
    let mut reading = read_flags(flags)?;
    check::values(&reading.config, &mut reading.problems);
    reading.problems.into_result()?;
    Ok(flags.iter().fold(text.to_owned(), |text, (path, value)| set(&text, path, value)))
}

/// Sets `path` in the text of a configuration: in its line where there is one, also one that is commented out.
fn set(text: &str, path: &str, value: &str) -> String {
    let (section, name) = path.rsplit_once('.').unwrap_or(("", path));
    let plain = names::settings().iter().any(|s| s.path == path && s.form == Form::Plain);
    let line = if plain { format!("{name} = {value}") } else { format!("{name} = {}", toml::Value::from(value)) };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let heading = |line: &str| line.strip_prefix('[').and_then(|l| l.strip_suffix(']')).map(str::to_owned);
    let begin = match section {
        "" => Some(0),
        _ => lines.iter().position(|line| heading(line).as_deref() == Some(section)).map(|at| at + 1),
    };
    let Some(begin) = begin else {
        lines.extend([String::new(), format!("[{section}]"), line]);
        return lines.join("\n") + "\n";
    };
    let end = lines[begin..].iter().position(|line| heading(line).is_some()).map_or(lines.len(), |at| begin + at);
    let is_it = |line: &String| line.trim_start_matches("# ").strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='));
    match lines[begin..end].iter().position(is_it) {
        Some(at) => lines[begin + at] = line,
        None => {
            // After the section's last line that says something.
            let after = lines[begin..end].iter().rposition(|line| !line.is_empty()).map_or(begin, |at| begin + at + 1);
            lines.insert(after, line);
        }
    }
    lines.join("\n") + "\n"
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

# The address people open the web app at.
base_url = "http://localhost:8080"
listen = "127.0.0.1:8080"
data_dir = "data"

[database]
# A file in data_dir if not set. For several machines: "postgres://user:password@host/billow".
# url = ""

[keys]
# Every process on one database needs the same keys.
# number:base64, the highest number first. To rotate, put a new key with a higher number before the old ones.
encryption = "1:{encryption}"
# Never changes.
index = "{index}"

[push]
private_key = "{vapid}"
# Push services write here when something is wrong with your pushes. Set your own.
contact = "{CONTACT}"

[mail]
# host = "smtp.example.com"
# username = ""
# password = ""
# Set your own.
from = "{FROM}"

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

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn flags_are_written_where_they_belong() {
        let wanted = flags(&[
            ("listen", "127.0.0.1:8421"),
            ("database.url", "postgres://billow:a\"b@db/billow"),
            ("mail.port", "2525"),
            ("mail.host", "smtp.here"),
            ("worker.listen", "127.0.0.1:9"),
            ("migrate", "false"),
            ("sms.from", "+4930"),
        ]);
        let text = with(&new_configuration(), &wanted).expect("a configuration");
        let read: toml::Table = text.parse().expect("TOML");
        assert_eq!(read["listen"].as_str(), Some("127.0.0.1:8421"));
        assert_eq!(read["base_url"].as_str(), Some("http://localhost:8080"));
        assert_eq!(read["migrate"].as_bool(), Some(false));
        assert_eq!(read["database"]["url"].as_str(), Some("postgres://billow:a\"b@db/billow"));
        assert_eq!(read["mail"]["port"].as_integer(), Some(2525));
        assert_eq!(read["mail"]["host"].as_str(), Some("smtp.here"));
        assert_eq!(read["mail"]["from"].as_str(), Some(FROM));
        assert_eq!(read["worker"]["listen"].as_str(), Some("127.0.0.1:9"));
        assert_eq!(read["sms"]["from"].as_str(), Some("+4930"));
        assert_eq!(text.matches("host =").count(), 1, "the example's place is taken: {text}");
    }

    #[test]
    fn what_cannot_be_used_is_not_written() {
        for (path, value) in [("base_url", "nonsense"), ("mail.port", "many"), ("no.such", "1"), ("listen", "here")] {
            let error = with(&new_configuration(), &flags(&[(path, value)])).expect_err(path);
            assert!(error.to_string().starts_with(path), "{error}");
        }
    }
}
