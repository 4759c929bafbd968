//! localstripe in a process of its own, and what stands between it and today's API.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use crate::support::server::{Answer, Seen, Server};

/// How long it may take to start.
const START_WITHIN: Duration = Duration::from_secs(30);

/// A running localstripe. It ends with the test.
pub struct Localstripe {
    port: u16,
    door: Server,
    _process: Child,
}

fn python() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    cache.map(|cache| cache.join("billow/localstripe/bin/python3")).filter(|python| python.exists())
}

impl Localstripe {
    #[expect(clippy::print_stdout, reason = "a test that is left out must say so")]
    pub async fn start() -> Option<Self> {
        let Some(python) = python() else {
            assert!(std::env::var_os("CI").is_none(), "localstripe is not installed: run tests/scripts/setup localstripe");
            println!("left out: localstripe is not installed; run tests/scripts/setup localstripe");
            return None;
        };
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let process = Command::new(python)
            .args(["-m", "localstripe", "--from-scratch", "--port", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("localstripe starts");
        let listening = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(START_WITHIN, listening).await.expect("localstripe listens");
        let door = Server::start(move |seen, _| Answer::Raw(forward(port, &translated(seen)))).await;
        Some(Self { port, door, _process: process })
    }

    pub fn base_url(&self) -> String {
        self.door.url("")
    }

    pub fn host(&self) -> String {
        self.door.address.to_string()
    }

    /// Posts a form to it, past the adapter.
    pub async fn post(&self, path: &str, form: &str) -> serde_json::Value {
        let headers = vec![
            ("authorization".to_owned(), "Bearer sk_test_contract".to_owned()),
            ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ];
        let seen = Seen { method: "POST".into(), target: path.into(), headers, body: form.as_bytes().to_vec() };
        let answer = String::from_utf8(forward(self.port, &seen)).expect("text");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).unwrap_or_default()
    }

    /// Saves a test card for a customer.
    pub async fn attach(&self, token: &str, customer: &str) -> String {
        let number = match token {
            "pm_card_visa" => "4242424242424242",
            // It is saved and then refused, as only this one is there.
            "pm_card_chargeDeclined" => "4000000000000341",
            "pm_card_authenticationRequired" => "4000002760003184",
            other => panic!("localstripe has no card {other}"),
        };
        let form = format!("type=card&card[number]={number}&card[exp_month]=12&card[exp_year]=2030&card[cvc]=123");
        let made = self.post("/v1/payment_methods", &form).await;
        let id = made["id"].as_str().unwrap_or_else(|| panic!("no card: {made}")).to_owned();
        self.post(&format!("/v1/payment_methods/{id}/attach"), &format!("customer={customer}")).await;
        id
    }
}

/// What localstripe, which speaks an older API and refuses every parameter it does not know, would not understand: the newer name of
/// `payment_method_types`, and the description, address to come back to, mandate and bounds of time, which it has no use for.
fn translated(seen: &Seen) -> Seen {
    let known = |form: &str| {
        let pairs = form.split('&').filter(|pair| {
            let name = pair.split(['=', '[', '%']).next().unwrap_or_default();
            !matches!(name, "description" | "return_url" | "mandate" | "created")
        });
        pairs.map(|pair| pair.replacen("allowed_payment_method_types", "payment_method_types", 1)).collect::<Vec<_>>().join("&")
    };
    let mut out = seen.clone();
    if let Some((path, query)) = seen.target.split_once('?') {
        out.target = format!("{path}?{}", known(query));
    }
    out.body = known(&String::from_utf8_lossy(&seen.body)).into_bytes();
    out
}

/// One request over a connection of its own; the answer as it comes.
fn forward(port: u16, seen: &Seen) -> Vec<u8> {
    let mut request = format!("{} {} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n", seen.method, seen.target);
    for name in ["authorization", "content-type", "idempotency-key"] {
        if let Some(value) = seen.header(name) {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    request.push_str(&format!("content-length: {}\r\n\r\n", seen.body.len()));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("localstripe listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time limit");
    stream.write_all(request.as_bytes()).and_then(|()| stream.write_all(&seen.body)).expect("localstripe takes it");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("localstripe answers");
    answer
}
