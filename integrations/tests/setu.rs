//! A live bill payment API as its own description has it: Prism serves the description and refuses what does not fit it,
//! and the HTTP connector talks to it with a definition that is nothing but data.

mod support;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use billow_billing::ports::{Connector, FetchOutcome, FetchReply, FetchedAmount, LineKind};
use billow_billing::providers::ProviderDefinition;
use billow_integrations::connectors::HttpConnector;
use serde_json::Value;
use support::server::{Answer, Server};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

const CREDENTIALS: &[&str] = &[
    "agent_id",
    "agent_ip",
    "channel_id",
    "body_channel_id",
    "client_id",
    "client_secret",
    "encryption_key",
    "salt_key",
    "channel_password",
];

/// Prism, serving the description. It is killed with the test.
struct Prism {
    address: String,
    log: Lines<BufReader<ChildStdout>>,
    process: Child,
}

impl Prism {
    /// None, with a printed reason, where the description is not there, or Prism is not. Without Prism it is a failure in CI.
    async fn start() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project");
        let prism = root.join("tests/prism/node_modules/.bin/prism");
        let Some(folder) = support::shared_data("setu") else {
            support::skipped("shared/data/setu is not here; set BILLOW_SHARED_DATA");
            return None;
        };
        if !prism.is_file() {
            let reason = "Prism is not installed: run `npm ci` in tests/prism";
            assert!(std::env::var_os("CI").is_none(), "{reason}");
            support::skipped(reason);
            return None;
        }
        Some(Self::serve(&prism, &folder.join("billpay-swagger.json")).await)
    }

    async fn serve(prism: &Path, description: &Path) -> Self {
        // Prism cannot choose a free port itself.
        let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
        let mut process = Command::new(prism)
            .args(["mock", "--errors", "--host", "127.0.0.1", "--port", &address.port().to_string()])
            .arg(description)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Prism");
        let mut log = BufReader::new(process.stdout.take().expect("its output")).lines();
        loop {
            let line = log.next_line().await.expect("its output").expect("Prism ended before it listened");
            if line.contains("Prism is listening") {
                return Self { address: address.to_string(), log, process };
            }
        }
    }

    /// Ends it, and yields everything it logged about requests.
    async fn stop(mut self) -> Vec<String> {
        self.process.start_kill().expect("killed");
        let mut lines = Vec::new();
        while let Ok(Some(line)) = self.log.next_line().await {
            lines.push(line);
        }
        self.process.wait().await.expect("its end");
        lines
    }

    async fn fetch(&self, settings: Value) -> FetchReply {
        let mut definition = definition();
        definition.connector.settings = settings;
        definition.connector.settings["base_url"] = Value::from(format!("http://{}/api/bills/uat", self.address));
        let connector = HttpConnector::new(support::http_allowing(self.address.clone()));
        assert_eq!(connector.check(&definition), Ok(()));
        let params = [("loan_number", "1895159"), ("mobile_number", "9192990013")];
        connector.fetch(support::request(definition, &params, CREDENTIALS)).await
    }
}

fn definition() -> ProviderDefinition {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("definitions/setu.json");
    serde_json::from_slice(&fs::read(path).expect("the definition")).expect("a definition")
}

#[tokio::test]
async fn a_definition_drives_a_described_api_without_one_violation() {
    let Some(prism) = Prism::start().await else { return };
    let reply = prism.fetch(definition().connector.settings).await;
    let log = prism.stop().await;

    let FetchOutcome::Bills(bills) = &reply.outcome else { panic!("{:?}\n{log:#?}", reply.outcome) };
    assert_eq!(bills.len(), 1);
    let bill = &bills[0];
    assert_eq!((bill.number.as_str(), &bill.amount), ("4GFNFBD8R3", &FetchedAmount::Minor { minor: 1715 }));
    assert_eq!(bill.issued_on.map(|date| date.to_string()).as_deref(), Some("2020-08-22"));
    assert_eq!(bill.due_on.map(|date| date.to_string()).as_deref(), Some("2020-08-22"));
    let lines: Vec<_> = bill.lines.iter().map(|line| (line.label.as_str(), line.amount.clone(), line.kind)).collect();
    assert_eq!(lines, [("Penalty fees", Some(FetchedAmount::Decimal("100.20".into())), Some(LineKind::Charge))]);

    let steps: Vec<_> = reply.trace.iter().map(|exchange| (exchange.step.as_str(), exchange.status)).collect();
    assert_eq!(steps, [("register", Some(200)), ("fetch", Some(200))]);
    assert!(!format!("{:?}", reply.trace).contains("secret-"), "a secret shows in the trace");

    let wrong: Vec<_> =
        log.iter().filter(|line| line.contains("iolat") || line.contains("UNPROCESSABLE") || line.contains("did not pass")).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let received = log.iter().filter(|line| line.contains("Request received")).count();
    assert_eq!(received, 2, "{log:#?}");
}

#[tokio::test]
async fn what_does_not_fit_the_description_is_noticed() {
    let Some(prism) = Prism::start().await else { return };
    let mut settings = definition().connector.settings;
    settings["steps"][1]["request"] = Value::from("{body: {contxt: .steps.register.body.data.context}}");
    let reply = prism.fetch(settings).await;
    let log = prism.stop().await;
    assert_eq!(reply.outcome, FetchOutcome::Broken { message: "fetch: the provider answered 422".into() });
    assert!(
        reply.trace[1].response_body.as_deref().is_some_and(|body| body.contains("must have required property 'context'")),
        "{:?}",
        reply.trace
    );
    assert!(log.iter().any(|line| line.contains("did not pass") || line.contains("iolat")), "{log:#?}");
}

/// The codes the description lists, each from a server of our own, because Prism only knows the happy example.
#[tokio::test]
async fn the_codes_of_the_description_become_outcomes() {
    let ok = serde_json::json!({"statusCode": "success", "statusMessage": "fine", "data": {"context": "c"}});
    let coded = |code: &str| serde_json::json!({"statusCode": code, "statusMessage": "in words", "data": {}});
    let fetched = |status: &str| serde_json::json!({"statusCode": "success", "statusMessage": "fine", "data": {"fetchAPIStatus": status}});
    let table = [
        (coded("ERR112"), None, "NOT_FOUND"),
        (coded("ERR131"), None, "BROKEN"),
        (coded("ERR_TIMEOUT"), None, "RETRYABLE"),
        (ok.clone(), Some(coded("BFR001")), "NOT_FOUND"),
        (ok.clone(), Some(coded("BFR004")), "NONE_DUE"),
        (ok.clone(), Some(coded("BFR008")), "RETRYABLE"),
        (ok.clone(), Some(fetched("Active")), "NONE_DUE"),
        (ok.clone(), Some(fetched("Rejected")), "BROKEN"),
        (ok.clone(), Some(fetched("Unknown")), "RETRYABLE"),
        (ok.clone(), Some(fetched("Acknowledged")), "PENDING"),
    ];
    for (registered, fetched, kind) in table {
        let (first, second) = (registered.clone(), fetched.clone());
        let server = Server::start(move |seen, _| match seen.target.rsplit('/').next() {
            Some("bill-fetch-request") => Answer::json(200, &first),
            _ => Answer::json(200, second.as_ref().expect("nothing is fetched after a refusal")),
        })
        .await;
        let mut definition = definition();
        definition.connector.settings["base_url"] = Value::from(server.url("/api/bills/uat"));
        definition.connector.settings["steps"][1]["poll"]["every_ms"] = Value::from(10);
        let connector = HttpConnector::new(support::http_allowing(server.address.to_string()));
        let params = [("loan_number", "1895159"), ("mobile_number", "9192990013")];
        let reply = connector.fetch(support::request(definition, &params, CREDENTIALS)).await;
        assert_eq!(serde_json::to_value(reply.outcome.kind()).expect("a kind"), kind, "{registered} then {fetched:?}: {:?}", reply.outcome);
    }
}
