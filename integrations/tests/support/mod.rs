//! What the tests against other people's data share.

#![allow(dead_code, reason = "each test uses a part of it")]

pub mod server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use billow_billing::ports::FetchRequest;
use billow_billing::providers::ProviderDefinition;
use billow_integrations::http::{GuardPolicy, GuardedHttp};
use secrecy::SecretString;

/// The folder of inputs written by others: named by the environment, or somewhere above this crate. They are not part of
/// the project.
pub fn shared_data(folder: &str) -> Option<PathBuf> {
    let named = std::env::var_os("BILLOW_SHARED_DATA").map(PathBuf::from);
    let above = || Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|up| up.join("shared/data")).find(|path| path.is_dir());
    named.or_else(above).map(|data| data.join(folder)).filter(|path| path.is_dir())
}

/// Says why a test has nothing to do.
#[expect(clippy::print_stdout, reason = "a test that is left out must say so")]
pub fn skipped(reason: &str) {
    println!("left out: {reason}");
}

pub fn http_allowing(host: String) -> Arc<GuardedHttp> {
    Arc::new(GuardedHttp::new(GuardPolicy { allowed_hosts: vec![host], user_agent: String::new() }).expect("a client"))
}

pub fn request(definition: ProviderDefinition, params: &[(&str, &str)], credentials: &[&str]) -> FetchRequest {
    FetchRequest {
        definition: Arc::new(definition),
        credentials: credentials.iter().map(|name| ((*name).to_owned(), SecretString::from(format!("secret-{name}")))).collect(),
        params: params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>(),
        now: "2026-11-21T09:00:00Z".parse().expect("an instant"),
        today: "2026-11-21".parse().expect("a date"),
        continuation: None,
        trace: true,
    }
}
