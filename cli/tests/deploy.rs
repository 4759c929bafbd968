//! The files of `deploy/` do what they say: the API serves what the workers make, secrets are files, and a stop is given
//! the time it takes. There is no Docker here, so the compose file is read, and what it sets up is run by hand.

#[path = "common/binary.rs"]
mod binary;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use billow_billing::clock::SystemEntropy;
use billow_cli::config::Sources;
use billow_cli::wiring;
use billow_entities::{DocumentStatus, document};
use billow_tests::TestApp;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_yaml::Value;

use crate::binary::get;

const COMPOSE: &str = include_str!("../../deploy/compose.yaml");
const DOCKERFILE: &str = include_str!("../../deploy/Dockerfile");

fn compose() -> Value {
    let mut compose: Value = serde_yaml::from_str(COMPOSE).expect("YAML");
    compose.apply_merge().expect("merges");
    compose
}

fn texts(value: &Value) -> BTreeSet<String> {
    value.as_sequence().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Where the container of a service keeps what, by the volume's name.
fn mounts(service: &Value) -> Vec<(String, String)> {
    texts(&service["volumes"]).iter().filter_map(|v| v.split_once(':')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

/// The settings that a service's environment makes.
fn config(service: &Value) -> billow_cli::config::Config {
    let mut env: std::collections::HashMap<String, String> = service["environment"]
        .as_mapping()
        .expect("an environment")
        .iter()
        .map(|(name, value)| (name.as_str().expect("a name").to_owned(), value.as_str().expect("a text").to_owned()))
        // What compose puts in from the outside has a default.
        .map(|(name, value)| (name, value.split_once(":-").map_or(value.clone(), |(_, default)| default.trim_end_matches('}').to_owned())))
        .collect();
    // The image's own.
    for (name, value) in
        DOCKERFILE.lines().filter_map(|l| l.strip_prefix("ENV BILLOW_")).flat_map(|l| l.split(' ')).filter_map(|p| p.split_once('='))
    {
        let name = format!("BILLOW_{}", name.trim_start_matches("BILLOW_"));
        env.entry(name).or_insert_with(|| value.to_owned());
    }
    for name in env.keys().filter(|name| name.ends_with("_FILE")).cloned().collect::<Vec<_>>() {
        assert!(env[&name].starts_with("/run/secrets/"), "{name}");
        env.remove(&name);
    }
    Sources { env, ..Default::default() }.read().expect("settings").config
}

/// A value of a service's environment, or its default.
fn given(service: &Value, name: &str) -> String {
    let value = service["environment"][name].as_str().unwrap_or_else(|| panic!("{name} is not set")).to_owned();
    value.split_once(":-").map_or(value.clone(), |(_, default)| default.trim_end_matches('}').to_owned())
}

#[test]
fn the_api_and_the_workers_share_documents_and_dropped_files() {
    let compose = compose();
    let of = |name: &str| mounts(&compose["services"][name]);
    for folder in ["/data/documents", "/data/drop"] {
        let volume = |name: &str| of(name).into_iter().find(|(_, path)| path == folder).map(|(volume, _)| volume);
        let shared = volume("worker").unwrap_or_else(|| panic!("the worker mounts nothing at {folder}"));
        assert_eq!(volume("api").as_deref(), Some(shared.as_str()), "{folder}");
        assert!(compose["volumes"].get(shared.as_str()).is_some(), "{shared} is a volume that outlives its containers");
        let made = DOCKERFILE.lines().find(|line| line.contains("install -d -o billow")).expect("folders of the image");
        assert!(made.split_whitespace().any(|word| word == folder), "a volume takes its owner from the image: {made}");
    }
    let api = config(&compose["services"]["api"]);
    assert_eq!(api.documents_dir(), config(&compose["services"]["worker"]).documents_dir());
    assert_eq!(api.documents_dir().to_str(), Some("/data/documents"));
    assert_eq!(api.drop_dir().to_str(), Some("/data/drop"));
}

billow_tests::both! {
    async fn an_api_serves_what_a_worker_of_another_folder_made(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (customer, bill) = app.customer_with_bill("Anna", "VT10000001", 4_200).await;
        let card = customer.save_card().await;
        customer.pay(&[bill.as_str()], "first payment", serde_json::json!({"paymentMethodId": card})).await;
        app.settle().await;
        let receipt = document::Entity::find().filter(document::Column::Status.eq(DocumentStatus::Ready));
        let receipt = receipt.one(app.billing.kernel.store.read()).await.expect("asked").expect("a document");
        let url = app.billing.documents.document_url(&receipt);
        let path = url.strip_prefix(&format!("http://{}", app.address)).expect("our address");

        let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
        let sharing = [("documents.dir", app.db.dir.path().join("documents").display().to_string())];
        let shared = serve(&app, folders[0].path(), &sharing).await;
        let (status, body) = get(shared, path).await.expect("an answer");
        assert!(status == 200 && body.starts_with("%PDF-"), "{status}");

        let alone = serve(&app, folders[1].path(), &[]).await;
        let (status, body) = get(alone, path).await.expect("an answer");
        assert!(status == 404 && body.contains("being made"), "{status} {body}");
    }
}

/// Another API of the same installation with a data folder of its own; answers where it listens.
async fn serve(app: &TestApp, data_dir: &Path, settings: &[(&str, String)]) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let mut flags = vec![("database.url".to_owned(), app.db.url.clone()), ("data_dir".to_owned(), data_dir.display().to_string())];
    flags.extend(settings.iter().map(|(path, value)| ((*path).to_owned(), value.clone())));
    let sources = Sources { file: Some(app.db.dir.path().join("billow.toml")), flags, ..Default::default() };
    let wired = wiring::wire(&sources.load().expect("a configuration"), app.clock.clone(), Arc::new(SystemEntropy)).await.expect("wired");
    let router = billow_api::router(wired.billing, billow_api::ApiConfig::new(format!("http://{address}")));
    tokio::spawn(async move { axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await });
    address
}

#[test]
fn secrets_are_files_and_a_stop_has_its_time() {
    let compose = compose();
    for name in ["api", "worker", "migrate"] {
        let service = &compose["services"][name];
        let given = texts(&service["secrets"]);
        let environment = service["environment"].as_mapping().expect("an environment");
        for (key, value) in environment {
            let (key, value) = (key.as_str().expect("a name"), value.as_str().expect("a text"));
            assert!(!key.contains("PASSWORD") && !value.contains("${POSTGRES"), "{name}: {key} is no secret in a file");
            if let Some(secret) = value.strip_prefix("/run/secrets/") {
                assert!(given.contains(secret), "{name} is not given {secret}");
                assert!(compose["secrets"][secret]["file"].as_str().is_some(), "{secret}");
            }
        }
        assert_eq!(service["stop_grace_period"].as_str(), Some("30s"), "{name}");
    }
    let unit = include_str!("../../deploy/billow.service");
    assert!(unit.contains("TimeoutStopSec=30") && unit.contains("StateDirectoryMode=0700"));
}

#[test]
fn what_is_not_public_has_a_listener_of_its_own() {
    let compose = compose();
    let api = &compose["services"]["api"];
    let metrics: SocketAddr = given(api, "BILLOW_METRICS__LISTEN").parse().expect("an address");
    assert_ne!(metrics.port(), config(api).listen.port());
    assert!(!texts(&api["ports"]).iter().any(|port| port.ends_with(&format!(":{}", metrics.port()))));
    assert!(given(api, "BILLOW_TRUSTED_PROXIES").split(',').all(|network| network.contains('/')));
    let worker = &compose["services"]["worker"];
    assert!(config(worker).worker.listen.is_some(), "its health check asks it there");
    assert!(texts(&worker["healthcheck"]["test"]).contains("--worker"));
    for (name, text) in [("Caddyfile", include_str!("../../deploy/Caddyfile")), ("nginx.conf", include_str!("../../deploy/nginx.conf"))] {
        assert!(text.contains("/metrics") && text.contains("/readyz") && text.contains("404"), "{name}");
    }
}
