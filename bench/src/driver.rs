//! A load driver that costs little: keep-alive connections that send prepared requests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::table::percentile;

/// What a round came to.
#[derive(Clone, Debug)]
pub struct Round {
    /// Answers per second.
    pub per_second: f64,
    /// Milliseconds per answer, half of them.
    pub p50_ms: f64,
    /// Milliseconds per answer, all but one in a hundred.
    pub p99_ms: f64,
    /// The slowest answer, in milliseconds.
    pub worst_ms: f64,
}

/// Milliseconds per answer, of one connection.
type Times = JoinHandle<Result<Vec<f64>>>;

/// What the connections of a round share.
#[derive(Default)]
struct Tally {
    stop: AtomicBool,
    answers: AtomicU64,
}

impl Tally {
    /// Lets the connections work for `length`, and adds up what they saw.
    async fn over(&self, length: Duration, connections: Vec<Times>) -> Result<Round> {
        let started = Instant::now();
        tokio::time::sleep(length).await;
        let (answers, seconds) = (self.answers.load(Ordering::Relaxed), started.elapsed().as_secs_f64());
        self.stop.store(true, Ordering::Relaxed);
        Ok(Round::of(answers as f64 / seconds, all(connections).await?))
    }
}

impl Round {
    fn of(per_second: f64, mut times: Vec<f64>) -> Self {
        Self {
            per_second,
            p50_ms: percentile(&mut times, 0.5),
            p99_ms: percentile(&mut times, 0.99),
            worst_ms: percentile(&mut times, 1.0),
        }
    }
}

async fn all(connections: Vec<Times>) -> Result<Vec<f64>> {
    let mut times = Vec::new();
    for connection in connections {
        times.extend(connection.await??);
    }
    Ok(times)
}

/// Sends `requests` (each connection its own, in turn) over `connections` for `length`.
pub async fn drive(address: SocketAddr, requests: &[Vec<u8>], connections: usize, length: Duration) -> Result<Round> {
    let tally = Arc::<Tally>::default();
    let tasks = (0..connections)
        .map(|n| {
            let (tally, request) = (Arc::clone(&tally), requests[n % requests.len()].clone());
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await?;
                let mut times = Vec::with_capacity(16_384);
                while !tally.stop.load(Ordering::Relaxed) {
                    let at = Instant::now();
                    connection.ask(&request).await?;
                    times.push(at.elapsed().as_secs_f64() * 1e3);
                    tally.answers.fetch_add(1, Ordering::Relaxed);
                }
                Ok(times)
            })
        })
        .collect();
    tally.over(length, tasks).await
}

/// Requests that are sent once each, and what every answer to them must contain.
#[derive(Clone)]
pub struct Once {
    requests: Arc<Vec<Vec<u8>>>,
    wanted: &'static str,
    next: Arc<AtomicUsize>,
}

impl Once {
    /// None of `requests` was sent yet.
    pub fn new(requests: Vec<Vec<u8>>, wanted: &'static str) -> Self {
        Self { requests: Arc::new(requests), wanted, next: Arc::default() }
    }

    /// How many were sent.
    pub fn sent(&self) -> usize {
        self.next.load(Ordering::Relaxed).min(self.requests.len())
    }

    /// The next one with its number, unless all were sent.
    fn take(&self) -> Option<(usize, &[u8])> {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        Some((n, self.requests.get(n)?))
    }

    async fn ask(&self, connection: &mut Connection, request: &[u8]) -> Result<()> {
        let answer = connection.ask(request).await?;
        ensure!(find(answer, self.wanted.as_bytes()).is_some(), "not {}: {}", self.wanted, String::from_utf8_lossy(answer));
        Ok(())
    }
}

/// Sends what is left of `requests` over `connections` for `length`: whoever has an answer sends the next.
pub async fn drive_once(address: SocketAddr, requests: &Once, connections: usize, length: Duration) -> Result<Round> {
    let tally = Arc::<Tally>::default();
    let tasks = (0..connections)
        .map(|_| {
            let (tally, requests) = (Arc::clone(&tally), requests.clone());
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await?;
                let mut times = Vec::new();
                while !tally.stop.load(Ordering::Relaxed) {
                    let (_, request) = requests.take().context("there are too few requests for this long")?;
                    let at = Instant::now();
                    requests.ask(&mut connection, request).await?;
                    times.push(at.elapsed().as_secs_f64() * 1e3);
                    tally.answers.fetch_add(1, Ordering::Relaxed);
                }
                Ok(times)
            })
        })
        .collect();
    tally.over(length, tasks).await
}

/// Sends each of `requests` at its own instant, `rate` a second, however long answers take; times count from that instant.
/// With all `connections` waiting for an answer, what is due waits as well, and that counts.
pub async fn pour(address: SocketAddr, requests: &Once, connections: usize, rate: u32) -> Result<Round> {
    let started = Instant::now();
    let tasks = (0..connections)
        .map(|_| {
            let requests = requests.clone();
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await?;
                let mut times = Vec::new();
                while let Some((n, request)) = requests.take() {
                    let due = started + Duration::from_secs_f64(n as f64 / f64::from(rate));
                    tokio::time::sleep_until(due.into()).await;
                    requests.ask(&mut connection, request).await?;
                    times.push(due.elapsed().as_secs_f64() * 1e3);
                }
                Ok(times)
            })
        })
        .collect();
    let times = all(tasks).await?;
    Ok(Round::of(times.len() as f64 / started.elapsed().as_secs_f64(), times))
}

/// A keep-alive HTTP/1.1 connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends `request` and reads the whole answer, which must be a 200 with a length or in chunks.
    pub async fn ask(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server closed the connection");
            }
        };
        let text = std::str::from_utf8(&self.buffer[..head]).context("the head is not text")?.to_ascii_lowercase();
        if !text.starts_with("http/1.1 200") {
            bail!("{}", String::from_utf8_lossy(&self.buffer));
        }
        if let Some(length) = text.lines().find_map(|l| l.strip_prefix("content-length:")) {
            let end = head + length.trim().parse::<usize>()?;
            while self.buffer.len() < end {
                if self.stream.read_buf(&mut self.buffer).await? == 0 {
                    bail!("the answer was cut short");
                }
            }
            return Ok(&self.buffer[head..end]);
        }
        while !self.buffer.ends_with(b"0\r\n\r\n") {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the answer was cut short");
            }
        }
        Ok(&self.buffer[head..])
    }
}

/// A prepared POST of JSON.
pub fn post(path: &str, token: &str, body: &str) -> Vec<u8> {
    let bearer = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
    post_with(path, "application/json", &bearer, body)
}

/// A prepared POST of anything; `headers` end with a line break each.
pub fn post_with(path: &str, content_type: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nAccept: application/json\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}
