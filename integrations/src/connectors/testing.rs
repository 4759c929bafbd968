//! Definitions and requests for the tests of the connectors.

use std::collections::BTreeMap;
use std::sync::Arc;

use billow_billing::ports::{DefinitionProblem, FetchRequest};
use billow_billing::providers::ProviderDefinition;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::http::{GuardPolicy, GuardedHttp};
use crate::test_server::Server;

pub(super) fn definition(kind: &str, settings: Value) -> ProviderDefinition {
    let value = json!({
        "code": "voltara", "name": "Voltara", "utility_type": "ELECTRICITY", "currency": "EUR", "time_zone": "Europe/Berlin",
        "connector": {"kind": kind, "settings": settings},
        "params": [{"name": "account", "label": "Account"}, {"name": "pin", "label": "PIN", "secret": true, "optional": true}],
        "schedule": {"every": {"kind": "MONTH", "day": 1}},
    });
    serde_json::from_value(value).expect("a definition")
}

pub(super) fn request(definition: ProviderDefinition) -> FetchRequest {
    let secret = |name: &str, value: &str| (name.to_owned(), SecretString::from(value.to_owned()));
    FetchRequest {
        definition: Arc::new(definition),
        credentials: BTreeMap::from([secret("api_key", "s3cr3t/key+1"), secret("user", "billow"), secret("password", "pa ss\"w0rd")]),
        params: BTreeMap::from([("account".to_owned(), "A-1/2 ü".to_owned()), ("pin".to_owned(), "pin-9876".to_owned())]),
        now: "2026-11-21T09:00:00Z".parse().expect("an instant"),
        today: "2026-11-21".parse().expect("a date"),
        continuation: None,
        trace: false,
    }
}

/// A client that may call these servers and nobody else.
pub(super) fn http_for(servers: &[&Server]) -> Arc<GuardedHttp> {
    let allowed_hosts = servers.iter().map(|server| server.address.to_string()).collect();
    Arc::new(GuardedHttp::new(GuardPolicy { allowed_hosts, user_agent: String::new() }).expect("a client"))
}

/// Problems as `path: message`, in order.
pub(super) fn lines(result: Result<(), Vec<DefinitionProblem>>) -> Vec<String> {
    let problems = result.err().unwrap_or_default();
    problems.into_iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect()
}
