use std::collections::HashMap;
use std::io::Write;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::client::GuardedHttp;
use super::hostile::HOSTILE;
use super::resolver::Lookup;
use super::{GuardPolicy, HttpFault, HttpRequest};
use crate::test_server::{Answer, Server};

fn strict() -> GuardedHttp {
    GuardedHttp::new(GuardPolicy::default()).expect("a client")
}

fn allowing(hosts: &[String]) -> GuardedHttp {
    GuardedHttp::new(GuardPolicy { allowed_hosts: hosts.to_vec(), user_agent: "billow-test".into() }).expect("a client")
}

fn for_server(server: &Server) -> GuardedHttp {
    allowing(&[server.address.to_string()])
}

#[test]
fn hostile_addresses_are_refused_when_they_are_registered() {
    assert!(HOSTILE.len() >= 120);
    let http = strict();
    for url in HOSTILE {
        assert!(http.check_url(url).is_err(), "{url:?} was taken");
    }
    let long = format!("https://example.com/{}", "a".repeat(9000));
    assert!(http.check_url(&long).is_err_and(|reason| reason.contains("longer than")));
}

#[test]
fn proper_addresses_are_taken() {
    let http = strict();
    for url in [
        "https://api.voltara.example/v1",
        "https://example.com",
        "https://example.com:8443/a?b=c",
        "https://1.1.1.1/",
        "https://[2606:4700::1111]/",
        "https://xn--bcher-kva.example/",
        "https://bücher.example/",
        "HTTPS://EXAMPLE.COM/",
        "https://example.com./x",
        "https://local.example.com/",
        "https://internal.example.org/",
        "https://localhost.example.net/",
        "https://[::ffff:1.1.1.1]/",
    ] {
        assert_eq!(http.check_url(url), Ok(()), "{url}");
    }
}

#[tokio::test]
async fn hostile_addresses_are_refused_when_they_are_called() {
    let http = strict();
    for url in HOSTILE {
        let fault = http.send(HttpRequest::get(*url)).await.expect_err(url);
        assert!(matches!(fault, HttpFault::Refused { .. }), "{url}: {fault}");
        assert!(!fault.may_have_been_carried_out());
    }
}

#[test]
fn what_is_wrong_is_said_in_words() {
    let http = strict();
    for (url, words) in [
        ("https://127.0.0.1/", "127.0.0.1 is not a public address (loopback)"),
        ("https://0xa9fea9fe/", "169.254.169.254 is not a public address (link-local)"),
        ("http://example.com/", "the address must begin with https:// (plain http is only for hosts the configuration allows)"),
        ("https://user:pass@example.com/", "the address must not hold a user name or password; use credentials"),
        ("https://redis:6379/", "'redis' is a name of a local network; a public name has a dot"),
        ("https://vault.internal/", "'vault.internal' is a name of a local network (.internal)"),
        ("ftp://example.com/", "the address must begin with https://, not ftp:"),
        ("https://example.com:0/", "port 0 cannot be called"),
    ] {
        assert_eq!(http.check_url(url).expect_err(url), words);
    }
}

#[test]
fn the_allow_list_names_hosts_and_ports() {
    let http = allowing(&["127.0.0.1:4010".into(), "sandbox.test".into(), "[::1]:4010".into()]);
    for url in
        ["http://127.0.0.1:4010/x", "http://sandbox.test/", "https://sandbox.test:9/", "http://SANDBOX.test:81/", "http://[::1]:4010/"]
    {
        assert_eq!(http.check_url(url), Ok(()), "{url}");
    }
    for url in [
        "http://127.0.0.1:4011/",
        "http://127.0.0.1/",
        "http://127.0.0.2:4010/",
        "http://a.sandbox.test/",
        "http://[::1]/",
        "http://u@sandbox.test/",
    ] {
        assert!(http.check_url(url).is_err(), "{url}");
    }
}

/// What names mean, for tests.
struct Names {
    table: HashMap<&'static str, Vec<&'static str>>,
    asked: AtomicUsize,
}

#[async_trait]
impl Lookup for Names {
    async fn addresses(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed);
        let addresses = match host {
            // One thing when it is looked at, another when it is called.
            "rebinding.example" if turn == 0 => &vec!["127.0.0.1"],
            "rebinding.example" => &vec!["127.0.0.9"],
            host => self.table.get(host).ok_or_else(|| std::io::Error::other("no such name"))?,
        };
        Ok(addresses.iter().map(|text| text.parse().expect("an address")).collect())
    }
}

fn resolving(table: &[(&'static str, &[&'static str])], allowed: &[String]) -> (GuardedHttp, Arc<Names>) {
    let table = table.iter().map(|(name, addresses)| (*name, addresses.to_vec())).collect();
    let names = Arc::new(Names { table, asked: AtomicUsize::new(0) });
    let policy = GuardPolicy { allowed_hosts: allowed.to_vec(), user_agent: String::new() };
    (GuardedHttp::with_lookup(policy, Arc::<Names>::clone(&names)).expect("a client"), names)
}

#[tokio::test]
async fn names_that_lead_to_special_addresses_are_refused() {
    let (http, _) = resolving(
        &[
            ("one.example", &["127.0.0.1"]),
            ("two.example", &["10.0.0.5"]),
            ("three.example", &["169.254.169.254"]),
            ("four.example", &["::1"]),
            ("five.example", &["fd00::5"]),
            ("six.example", &["::ffff:192.168.0.1"]),
            ("seven.example", &["100.64.3.4"]),
            ("eight.example", &["64:ff9b::7f00:1"]),
            // One good address does not redeem a bad one.
            ("nine.example", &["1.1.1.1", "127.0.0.1"]),
            ("ten.example", &["0.0.0.0"]),
        ],
        &[],
    );
    for name in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"] {
        let url = format!("https://{name}.example/");
        assert_eq!(http.check_url(&url), Ok(()));
        match http.send(HttpRequest::get(&url)).await {
            Err(HttpFault::Refused { reason }) => assert!(reason.contains("not a public address"), "{name}: {reason}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn the_address_that_was_looked_at_is_the_one_that_is_called() {
    let server = Server::always(Answer::Whole(200, Vec::new(), b"first meaning".to_vec())).await;
    let host = format!("rebinding.example:{}", server.address.port());
    let (http, names) = resolving(&[], std::slice::from_ref(&host));
    let answer = http.send(HttpRequest::get(format!("http://{host}/"))).await.expect("an answer");
    assert_eq!(&answer.body[..], b"first meaning");
    assert_eq!(names.asked.load(Ordering::Relaxed), 1, "asked again between the look and the call");
}

#[tokio::test]
async fn a_name_the_configuration_allows_may_be_private() {
    let server = Server::always(Answer::Whole(200, Vec::new(), b"hello".to_vec())).await;
    let host = format!("sandbox.test:{}", server.address.port());
    let (http, _) = resolving(&[("sandbox.test", &["127.0.0.1"])], std::slice::from_ref(&host));
    let answer = http.send(HttpRequest::get(format!("http://{host}/x"))).await.expect("an answer");
    assert_eq!((answer.status, &answer.body[..]), (200, &b"hello"[..]));
    assert_eq!(server.seen()[0].header("user-agent"), Some(concat!("billow/", env!("CARGO_PKG_VERSION"))));
}

#[tokio::test]
async fn requests_arrive_and_answers_come_back() {
    let server = Server::always(Answer::Whole(418, vec![("X-Kind", "teapot".into())], b"short".to_vec())).await;
    let request = HttpRequest::post(server.url("/a?b=c"), "body").header("X-Test", "1").header("content-type", "text/plain");
    let answer = for_server(&server).send(request).await.expect("an answer");
    assert_eq!((answer.status, answer.header("x-kind"), &answer.body[..]), (418, Some("teapot"), &b"short"[..]));
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str(), &seen.body[..]), ("POST", "/a?b=c", &b"body"[..]));
    assert_eq!((seen.header("x-test"), seen.header("user-agent")), (Some("1"), Some("billow-test")));
}

#[tokio::test]
async fn a_body_without_end_is_cut_at_the_limit() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let server = Server::always(Answer::Endless(head, vec![b'x'; 64 << 10])).await;
    let fault = for_server(&server).send(HttpRequest::get(server.url("/")).max_bytes(1 << 20)).await.expect_err("too much");
    assert!(matches!(fault, HttpFault::TooLarge { status: 200, limit_bytes: 1_048_576 }), "{fault}");
    assert!(server.sent_bytes() < 32 << 20, "{} bytes were taken in", server.sent_bytes());
    assert!(fault.may_have_been_carried_out());
}

#[tokio::test]
async fn a_length_above_the_limit_is_not_even_read() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n".to_vec();
    let server = Server::always(Answer::Endless(head, vec![b'x'; 64 << 10])).await;
    let fault = for_server(&server).send(HttpRequest::get(server.url("/"))).await.expect_err("too much");
    assert!(matches!(fault, HttpFault::TooLarge { .. }), "{fault}");
}

#[tokio::test]
async fn a_gzip_bomb_is_cut_at_the_inflated_limit() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..16 {
        encoder.write_all(&vec![0; 1 << 20]).expect("compressed");
    }
    let bomb = encoder.finish().expect("a bomb");
    assert!(bomb.len() < 1 << 20, "16 MiB in less than the limit");
    let server = Server::always(Answer::Whole(200, vec![("content-encoding", "gzip".into())], bomb)).await;
    let fault = for_server(&server).send(HttpRequest::get(server.url("/")).max_bytes(1 << 20)).await.expect_err("too much");
    assert!(matches!(fault, HttpFault::TooLarge { .. }), "{fault}");
}

#[tokio::test]
async fn compressed_answers_within_the_limit_are_read() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(b"{\"a\":1}").expect("compressed");
    let body = encoder.finish().expect("a body");
    let server = Server::always(Answer::Whole(200, vec![("content-encoding", "gzip".into())], body)).await;
    let answer = for_server(&server).send(HttpRequest::get(server.url("/"))).await.expect("an answer");
    assert_eq!(&answer.body[..], b"{\"a\":1}");
}

#[tokio::test]
async fn a_body_that_drips_is_given_up_in_time() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let server = Server::always(Answer::Drip(head, b"x".to_vec())).await;
    let began = Instant::now();
    let fault =
        for_server(&server).send(HttpRequest::get(server.url("/")).timeout(Duration::from_millis(300))).await.expect_err("too slow");
    assert!(matches!(fault, HttpFault::Timeout { .. }) && fault.may_have_been_carried_out(), "{fault}");
    assert_eq!(fault.to_string(), "no whole answer within 300 ms");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn headers_that_drip_are_given_up_in_time() {
    let server = Server::always(Answer::Drip(b"HTTP/1.1 200 OK\r\n".to_vec(), b"a".to_vec())).await;
    let fault =
        for_server(&server).send(HttpRequest::get(server.url("/")).timeout(Duration::from_millis(300))).await.expect_err("too slow");
    assert!(matches!(fault, HttpFault::Timeout { .. }), "{fault}");
}

#[tokio::test]
async fn redirects_are_answers() {
    let canary = Server::always(Answer::Whole(200, Vec::new(), b"canary".to_vec())).await;
    for status in [301, 302, 303, 307, 308] {
        let server = Server::always(Answer::Whole(status, vec![("location", canary.url("/secret"))], Vec::new())).await;
        let http = allowing(&[server.address.to_string(), canary.address.to_string()]);
        let answer = http.send(HttpRequest::get(server.url("/"))).await.expect("an answer");
        assert_eq!((answer.status, answer.header("location")), (status, Some(canary.url("/secret").as_str())));
    }
    assert!(canary.seen().is_empty(), "a redirect was followed");
}

#[tokio::test]
async fn answers_that_break_off_may_have_been_carried_out() {
    let cut: &[(&str, &[u8])] = &[
        ("in the body", b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this"),
        ("in a chunk", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\nonly"),
        ("before the last chunk", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nonly\r\n"),
        ("in the head", b"HTTP/1.1 200 OK\r\ncontent-le"),
        ("what is not HTTP", b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
        ("broken gzip", b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope"),
    ];
    for (name, bytes) in cut {
        let server = Server::always(Answer::Raw(bytes.to_vec())).await;
        let fault = for_server(&server).send(HttpRequest::post(server.url("/"), "pay")).await.expect_err(name);
        assert!(matches!(fault, HttpFault::Unreadable { .. }), "{name}: {fault:?}");
        assert!(fault.may_have_been_carried_out() && fault.is_passing(), "{name}");
        assert_eq!(server.seen().len(), 1, "{name}: nothing is ever sent twice");
    }
    let server = Server::always(Answer::Close).await;
    let fault = for_server(&server).send(HttpRequest::post(server.url("/"), "pay")).await.expect_err("closed");
    assert!(matches!(fault, HttpFault::Unreadable { status: None, .. }), "{fault:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_flood_of_headers_is_refused() {
    let mut many = b"HTTP/1.1 200 OK\r\n".to_vec();
    for n in 0..5000 {
        many.extend_from_slice(format!("x-{n}: y\r\n").as_bytes());
    }
    many.extend_from_slice(b"content-length: 0\r\n\r\n");
    let mut long = b"HTTP/1.1 200 OK\r\nx: ".to_vec();
    long.extend_from_slice(&vec![b'y'; 100 << 10]);
    long.extend_from_slice(b"\r\ncontent-length: 0\r\n\r\n");
    for bytes in [many, long] {
        let server = Server::always(Answer::Raw(bytes)).await;
        let fault = for_server(&server).send(HttpRequest::get(server.url("/"))).await.expect_err("too many");
        assert!(matches!(fault, HttpFault::Unreadable { .. }), "{fault:?}");
    }
    let server = Server::always(Answer::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x-more: headers\r\n".repeat(100))).await;
    let fault = for_server(&server).send(HttpRequest::get(server.url("/"))).await.expect_err("too many");
    assert!(matches!(fault, HttpFault::Unreadable { .. }), "{fault:?}");
}

#[tokio::test]
async fn what_cannot_be_reached_was_not_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let fault = allowing(&[address.to_string()]).send(HttpRequest::post(format!("http://{address}/"), "pay")).await.expect_err("refused");
    assert!(matches!(fault, HttpFault::NotSent { .. }) && !fault.may_have_been_carried_out() && fault.is_passing(), "{fault:?}");

    let (http, _) = resolving(&[("empty.example", &[])], &[]);
    for url in ["https://no-such-name.example/", "https://empty.example/"] {
        let fault = http.send(HttpRequest::get(url)).await.expect_err(url);
        assert!(matches!(fault, HttpFault::NotSent { .. }), "{url}: {fault:?}");
    }

    // A server without TLS where TLS was asked for.
    let server = Server::always(Answer::Raw(b"HTTP/1.1 200 OK\r\n\r\n".to_vec())).await;
    let fault = for_server(&server).send(HttpRequest::get(format!("https://{}/", server.address))).await.expect_err("no TLS");
    assert!(matches!(fault, HttpFault::NotSent { .. }), "{fault:?}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn headers_of_the_connection_are_not_the_caller_s() {
    let server = Server::always(Answer::Whole(200, Vec::new(), Vec::new())).await;
    let http = for_server(&server);
    for (name, value) in [
        ("Host", "127.0.0.1"),
        ("content-length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("connection", "close"),
        ("upgrade", "h2c"),
        ("te", "trailers"),
        ("bad name", "x"),
        ("x-test", "a\r\nb: c"),
        ("", "x"),
    ] {
        let fault = http.send(HttpRequest::get(server.url("/")).header(name, value)).await.expect_err(name);
        assert!(matches!(fault, HttpFault::Refused { .. }), "{name}: {fault:?}");
    }
    assert!(server.seen().is_empty());
}

#[test]
fn secrets_do_not_show_in_debug_forms() {
    let request = HttpRequest::post("https://example.com/pay?key=hunter2", "hunter2").header("authorization", "Bearer hunter2");
    assert!(!format!("{request:?}").contains("hunter2"));
}
