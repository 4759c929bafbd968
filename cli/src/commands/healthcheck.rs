//! `billow healthcheck`: for containers, which have no curl.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::say;
use crate::config::Config;

/// Asks the server on this machine whether it is ready.
///
/// # Errors
/// When it is not.
pub async fn run(config: &Config, worker: bool) -> Result<()> {
    let mut address = match worker {
        false => config.listen,
        true => config.worker.listen.context("worker.listen is not set, so a worker cannot be asked")?,
    };
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    let answer = tokio::time::timeout(Duration::from_secs(4), ask(address)).await.context("the server did not answer in time")??;
    let status = answer.split_whitespace().nth(1).unwrap_or("nothing");
    if status != "200" {
        bail!("the server is not ready: it answered {status}");
    }
    say("ready")
}

async fn ask(address: std::net::SocketAddr) -> Result<String> {
    let mut stream = TcpStream::connect(address).await.with_context(|| format!("nobody listens at {address}"))?;
    stream.write_all(format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
