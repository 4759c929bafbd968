//! Names become addresses here and nowhere else.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::{AddressClass, classify};

/// Asks the system, or a test's table, what a name means.
#[async_trait]
pub(super) trait Lookup: Send + Sync + 'static {
    async fn addresses(&self, host: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The system's own resolver.
pub(super) struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Why a name is not called.
#[derive(Debug)]
pub(super) struct Refusal {
    host: String,
    address: IpAddr,
    reason: &'static str,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' leads to {}, which is not a public address ({})", self.host, self.address, self.reason)
    }
}

impl std::error::Error for Refusal {}

/// Hands reqwest only addresses that may be called.
pub(super) struct GuardedResolver {
    lookup: Arc<dyn Lookup>,
    /// Whether special addresses pass, for hosts the configuration names.
    special_allowed: bool,
}

impl GuardedResolver {
    pub(super) fn new(lookup: Arc<dyn Lookup>, special_allowed: bool) -> Self {
        Self { lookup, special_allowed }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let lookup = Arc::clone(&self.lookup);
        let special_allowed = self.special_allowed;
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let addresses = lookup.addresses(&host).await?;
            if !special_allowed {
                // One special address spoils the name: a mixture is how rebinding looks.
                for address in &addresses {
                    if let AddressClass::Special(reason) = classify(*address) {
                        return Err(Refusal { host, address: *address, reason }.into());
                    }
                }
            }
            if addresses.is_empty() {
                return Err(format!("'{host}' has no address").into());
            }
            // Port 0 stands for the port of the URL.
            let addresses: Addrs = Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}
