//! What is measured, what the documents name and what a running server exports are the same; and traces arrive.

#[path = "common/binary.rs"]
mod binary;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::binary::{Server, billow, fine, free_address, get};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn all() -> BTreeSet<String> {
    billow_cli::metrics::ALL.iter().map(|(name, ..)| (*name).to_owned()).collect()
}

/// The names in a text that look like ours.
fn names(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let words = text.split(|c| !is_part(c));
    words.filter(|word| word.starts_with("billow_") || word.starts_with("process_")).map(str::to_owned).collect()
}

/// The first argument of each `counter!`, `gauge!` and `histogram!` of the sources.
fn measured(folder: &Path, out: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            measured(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).expect("a file");
            for macro_name in ["counter!(", "gauge!(", "histogram!("] {
                for (at, _) in text.match_indices(macro_name) {
                    let described = text[..at].ends_with("describe_");
                    let argument = text[at + macro_name.len()..].trim_start();
                    if let Some(name) = argument.strip_prefix('"').and_then(|rest| rest.split('"').next()).filter(|_| !described) {
                        out.insert(name.to_owned());
                    }
                }
            }
        }
    }
}

#[test]
fn the_list_has_what_the_code_measures() {
    let mut found = BTreeSet::new();
    for folder in [
        "api",
        "billing",
        "billing/kernel",
        "billing/supply",
        "billing/money",
        "billing/outreach",
        "cli",
        "documents",
        "integrations",
        "jobs",
    ] {
        measured(&Path::new(REPOSITORY).join(folder).join("src"), &mut found);
    }
    assert_eq!(found, all());
}

#[test]
fn the_documents_name_every_metric_and_no_other() {
    let text = std::fs::read_to_string(Path::new(REPOSITORY).join("docs/operations.md")).expect("a file");
    // Suffixes of a histogram's series are the same metric; the names of modules and roles are none.
    let series = |name: &String| ["_bucket", "_sum", "_count"].iter().any(|end| name.strip_suffix(end).is_some_and(|n| all().contains(n)));
    let named: BTreeSet<String> = names(&text).into_iter().filter(|name| !series(name) && name != "billow_app").collect();
    assert_eq!(named, all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_exports_every_metric_with_its_help() {
    let dir = tempfile::tempdir().expect("a folder");
    fine(dir.path(), &["init"]);
    let address = free_address();
    let server = Server::start(billow(dir.path(), &["serve", "--listen", &address.to_string()]), address).await;
    let gauges = [
        "billow_relay_lag_events 0",
        "billow_unsettled_payments 0",
        "billow_open_dead_letters 0",
        "billow_failed_documents 0",
        "billow_oldest_due_seconds{work=\"fetch\"} 0",
        "billow_open_circuits{kind=\"gateway\"} 0",
    ];
    let begun = Instant::now();
    let text = loop {
        let text = get(address, "/metrics").await.expect("an answer").1;
        if gauges.iter().all(|gauge| text.contains(gauge)) {
            break text;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "no gauges: {text}\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let of = |what: &str| -> BTreeSet<String> {
        text.lines().filter_map(|line| line.strip_prefix(what)).filter_map(|rest| rest.split(' ').next()).map(str::to_owned).collect()
    };
    assert_eq!(of("# TYPE "), all());
    assert_eq!(of("# HELP "), all());
    assert!(text.contains("process_resident_memory_bytes "), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trace_arrives_at_the_collector() {
    let sink = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let collector = format!("log.otlp_endpoint=http://{}", sink.local_addr().expect("an address"));
    let received = tokio::spawn(async move {
        loop {
            let (mut stream, _) = sink.accept().await.expect("a connection");
            let mut head = Vec::new();
            let mut piece = [0u8; 4096];
            // Until the whole body is there; its length is in the head.
            loop {
                let n = stream.read(&mut piece).await.expect("bytes");
                head.extend_from_slice(&piece[..n]);
                let text = String::from_utf8_lossy(&head).into_owned();
                let length =
                    text.to_lowercase().split("content-length: ").nth(1).and_then(|l| l.split("\r\n").next()?.parse::<usize>().ok());
                let begin = head.windows(4).position(|w| w == b"\r\n\r\n");
                if n == 0 || matches!((length, begin), (Some(length), Some(begin)) if head.len() >= begin + 4 + length) {
                    break;
                }
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.expect("answered");
            let text = String::from_utf8_lossy(&head).into_owned();
            if text.starts_with("POST /v1/traces ") && text.contains("billow") {
                return text;
            }
        }
    });
    let dir = tempfile::tempdir().expect("a folder");
    fine(dir.path(), &["init"]);
    let address = free_address();
    let server = Server::start(billow(dir.path(), &["serve", "--listen", &address.to_string(), "--set", &collector]), address).await;
    // What is left is sent at the end, at the latest.
    server.stop();
    let request = tokio::time::timeout(Duration::from_secs(10), received).await.expect("a trace within ten seconds").expect("a sink");
    assert!(request.to_lowercase().contains("application/x-protobuf"), "{}", &request[..200.min(request.len())]);
}
