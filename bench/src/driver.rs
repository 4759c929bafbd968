//! A load driver that costs little: keep-alive connections that send one prepared request again and again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What a round came to.
#[derive(Clone, Debug)]
pub struct Round {
    /// Answers per second.
    pub per_second: f64,
    /// Milliseconds per answer, half of them.
    pub p50_ms: f64,
    /// Milliseconds per answer, all but one in a hundred.
    pub p99_ms: f64,
}

/// Sends `requests` (each connection its own, in turn) over `connections` for `length`.
pub async fn drive(address: SocketAddr, requests: &[Vec<u8>], connections: usize, length: Duration) -> Result<Round> {
    let stop = Arc::new(AtomicBool::new(false));
    let count = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|n| {
            let (stop, count, request) = (Arc::clone(&stop), Arc::clone(&count), requests[n % requests.len()].clone());
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await?;
                let mut times = Vec::with_capacity(16_384);
                while !stop.load(Ordering::Relaxed) {
                    let at = Instant::now();
                    connection.ask(&request).await?;
                    times.push(at.elapsed().as_secs_f64() * 1e3);
                    count.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, anyhow::Error>(times)
            })
        })
        .collect();
    tokio::time::sleep(length).await;
    let (answers, seconds) = (count.load(Ordering::Relaxed), started.elapsed().as_secs_f64());
    stop.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    Ok(Round {
        per_second: answers as f64 / seconds,
        p50_ms: crate::table::percentile(&mut times, 0.5),
        p99_ms: crate::table::percentile(&mut times, 0.99),
    })
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
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json\r\n{bearer}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}
