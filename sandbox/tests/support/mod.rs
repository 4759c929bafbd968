//! What the tests of the sandbox share.

#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod driver;

use billow_sandbox::{Sandbox, SandboxOptions};
use chrono::{DateTime, Utc};
use tempfile::TempDir;

/// A Saturday, after the mobile and electricity bills of the month have been issued.
pub const NOW: &str = "2026-11-21T09:00:00Z";

/// A sandbox of the test's own, and its drop folder, which goes with it.
pub struct Rig {
    pub sandbox: Sandbox,
    pub drop: TempDir,
    pub client: reqwest::Client,
}

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

pub async fn rig() -> Rig {
    let now = instant(NOW);
    rig_at(move || now).await
}

pub async fn rig_at(clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Rig {
    let drop = TempDir::new().expect("a temporary folder");
    let sandbox = Sandbox::start(SandboxOptions::on_loopback(drop.path(), clock)).await.expect("the sandbox starts");
    #[expect(clippy::disallowed_methods, reason = "the tests are the client")]
    let client = reqwest::Client::new();
    Rig { sandbox, drop, client }
}

impl Rig {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.http_url())
    }

    /// Asks Voltara as its definition says.
    pub fn voltara(&self, account: &str) -> reqwest::RequestBuilder {
        self.client.get(self.url(&format!("/voltara/v1/customers/{account}/invoices"))).bearer_auth("voltara-key-7f3a")
    }
}
