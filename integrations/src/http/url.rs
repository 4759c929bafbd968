//! Reads addresses strictly, before anybody is asked what a name means.

use std::net::IpAddr;

use reqwest::Url;

use super::address::{AddressClass, classify};

/// What the configuration says about calling out.
#[derive(Clone, Debug, Default)]
pub struct GuardPolicy {
    /// Hosts (`sandbox.test`), or hosts with a port (`127.0.0.1:4010`, `[::1]:4010`), that may be called although they are
    /// private, and without TLS.
    pub allowed_hosts: Vec<String>,
    /// How Billow names itself; `billow/<version>` where empty.
    pub user_agent: String,
}

/// Longest address that is called.
const MAX_URL_BYTES: usize = 8 * 1024;

/// Last labels of names that never lead to the public internet.
const LOCAL_SUFFIXES: &[&str] =
    &["localhost", "local", "localdomain", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa", "onion", "invalid"];

/// An address that may be called, provided its name leads to public addresses where `special_allowed` is not set.
#[derive(Debug)]
pub(super) struct CheckedUrl {
    pub(super) url: Url,
    /// The configuration names this host: private addresses and plain HTTP pass.
    pub(super) special_allowed: bool,
}

impl GuardPolicy {
    /// Reads an address; the error says in words what is wrong.
    pub(super) fn check(&self, text: &str) -> Result<CheckedUrl, String> {
        if text.len() > MAX_URL_BYTES {
            return Err(format!("the address is longer than {MAX_URL_BYTES} bytes"));
        }
        // Characters that readers of addresses disagree about, which is how one is shown an address and calls another.
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '<' | '>' | '"' | '`')) {
            return Err("the address holds a character that does not belong there (space, backslash, control character…)".into());
        }
        let url = Url::parse(text).map_err(|e| format!("'{}' is not an address: {e}", shown(text)))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(format!("the address must begin with https://, not {}:", url.scheme()));
        }
        let slashes = text.get(url.scheme().len()..).is_some_and(|rest| rest.starts_with("://") && !rest.starts_with(":///"));
        if !slashes {
            return Err("the address must have the form https://host/path".into());
        }
        if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
            return Err("the address must not hold a user name or password; use credentials".into());
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("the address has no host")?.to_owned();
        let port = url.port_or_known_default().filter(|port| *port != 0).ok_or("port 0 cannot be called")?;
        let special_allowed = self.allows(&host, port);
        if !special_allowed {
            if url.scheme() != "https" {
                return Err("the address must begin with https:// (plain http is only for hosts the configuration allows)".into());
            }
            check_host(&host)?;
        }
        Ok(CheckedUrl { url, special_allowed })
    }

    fn allows(&self, host: &str, port: u16) -> bool {
        let with_port = format!("{host}:{port}");
        self.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host) || allowed.eq_ignore_ascii_case(&with_port))
    }
}

/// The part between the slashes and the path, as written.
fn authority(text: &str) -> &str {
    text.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default())
}

fn check_host(host: &str) -> Result<(), String> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return match classify(address) {
            AddressClass::Public => Ok(()),
            AddressClass::Special(reason) => Err(format!("{address} is not a public address ({reason})")),
        };
    }
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    if !name.contains('.') {
        return Err(format!("'{host}' is a name of a local network; a public name has a dot"));
    }
    if let Some(suffix) =
        LOCAL_SUFFIXES.iter().find(|suffix| name.strip_suffix(**suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
    {
        return Err(format!("'{host}' is a name of a local network (.{suffix})"));
    }
    if name.split('.').any(|label| label.is_empty() || label.len() > 63) || name.len() > 253 {
        return Err(format!("'{}' is not a name of a host", shown(host)));
    }
    Ok(())
}

/// Enough of a text to recognise it.
fn shown(text: &str) -> String {
    text.split(['?', '#']).next().unwrap_or_default().chars().take(80).collect()
}
