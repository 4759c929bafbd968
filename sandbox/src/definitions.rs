//! The pretend providers as an administrator would register them: data only.

use serde_json::{Value, json};

use crate::world::Provider;

/// Stands in the definitions for the address of the HTTP server.
const PLACEHOLDER: &str = "{{sandbox}}";

/// The secret each pretend provider expects, by the names its definition uses.
pub(crate) mod secrets {
    pub(crate) const VOLTARA: &str = "voltara-key-7f3a";
    pub(crate) const RINGO: &str = "ringo-key-91bc";
    pub(crate) const GASLINE_USER: &str = "billow";
    pub(crate) const GASLINE_PASSWORD: &str = "gas-and-light";
    pub(crate) const CHIRP: &str = "chirp-key-0d5e";
    pub(crate) const GREENWATT: &str = "greenwatt-token-44aa";
    pub(crate) const CARDS_KEY: &str = "sk_test_sandbox_6b0f2d";
    pub(crate) const WEBHOOKS: &str = "whsec_sandbox_81c4e7";
    pub(crate) const SMS_SID: &str = "ACb1110000000000000000000000000001";
    pub(crate) const SMS_TOKEN: &str = "sms-token-5c21";
}

/// The definition of a provider and its credentials, ready to register.
#[must_use]
pub fn provider_definition(provider: Provider, http_url: &str) -> (Value, Value) {
    let (text, credentials) = match provider {
        Provider::Voltara => (include_str!("../providers/voltara.json"), json!({ "api_key": secrets::VOLTARA })),
        Provider::Ringo => (include_str!("../providers/ringo.json"), json!({ "api_key": secrets::RINGO })),
        Provider::Gasline => {
            (include_str!("../providers/gasline.json"), json!({ "user": secrets::GASLINE_USER, "password": secrets::GASLINE_PASSWORD }))
        }
        Provider::Aquaria => (include_str!("../providers/aquaria.json"), json!({})),
        Provider::Chirp => (include_str!("../providers/chirp.json"), json!({ "api_key": secrets::CHIRP })),
        Provider::Greenwatt => (include_str!("../providers/greenwatt.json"), json!({ "access_token": secrets::GREENWATT })),
    };
    (filled(text, http_url), credentials)
}

/// The definitions of all pretend providers with their credentials, ready to register.
#[must_use]
pub fn provider_definitions(http_url: &str) -> Vec<(Value, Value)> {
    Provider::ALL.into_iter().map(|p| provider_definition(p, http_url)).collect()
}

/// The definition of the provider that the bench fetches from, which asks for no credentials.
#[must_use]
pub fn bench_definition(http_url: &str) -> (Value, Value) {
    (filled(include_str!("../providers/bench.json"), http_url), json!({}))
}

fn filled(text: &str, http_url: &str) -> Value {
    let text = text.replace(PLACEHOLDER, http_url.trim_end_matches('/'));
    serde_json::from_str(&text).expect("the definitions in this crate are JSON, which a test reads")
}
