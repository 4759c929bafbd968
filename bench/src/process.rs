//! Servers under test, each a process of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::driver::Connection;
use crate::peers::bare::Way;

/// A running server; it is killed when dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// How long it took from the start of the process to its first ready answer.
    pub ready_after: Duration,
}

impl Server {
    /// Starts `billow MODE` on `database_url`.
    pub async fn billow(mode: &str, database_url: &str, dir: &Path) -> Result<Self> {
        // One machine and a few sign-ins send what many would: no bound per caller.
        let unbound =
            ["COST_PER_MINUTE", "CLIENT_COST_PER_MINUTE", "SOCKETS_PER_ADDRESS", "SOCKETS_PER_SIGN_IN", "CONNECTIONS_PER_ADDRESS"];
        let settings: Vec<_> = unbound.iter().map(|name| (format!("BILLOW_LIMITS__{name}"), "0".to_owned())).collect();
        Self::billow_with(mode, database_url, dir, &settings).await
    }

    /// The same with settings of one's own, as environment variables.
    pub async fn billow_with(mode: &str, database_url: &str, dir: &Path, settings: &[(String, String)]) -> Result<Self> {
        let config = dir.join("billow.toml");
        if !config.exists() {
            std::fs::write(&config, billow_cli::commands::init::new_configuration())?;
        }
        let address = free_address()?;
        let binary = sibling("billow")?;
        let mut command = Command::new(binary);
        command
            .arg(mode)
            .env_remove("BILLOW_TEST_POSTGRES")
            .env("BILLOW_CONFIG", &config)
            .env("BILLOW_DATABASE__URL", database_url)
            .env("BILLOW_DATA_DIR", dir)
            .env("BILLOW_LISTEN", address.to_string())
            .env("BILLOW_WORKER__LISTEN", address.to_string())
            .env("BILLOW_BASE_URL", format!("http://{address}"))
            .env("BILLOW_LOG__FILTER", "error")
            .envs(settings.iter().map(|(name, value)| (name, value)));
        Self::start(command, address).await
    }

    /// Starts this binary's hand-written handler.
    pub async fn bare(database_url: &str, way: Way) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("peer-bare").arg(database_url).args((way == Way::OneJoin).then_some("--one-join"));
        Self::start_printing(command).await
    }

    /// Starts the Mercurius peer.
    pub async fn mercurius(database_url: &str) -> Result<Self> {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/mercurius");
        if !dir.join("node_modules").exists() {
            bail!("run `npm install` in {} first, as `make bench` does", dir.display());
        }
        let mut command = Command::new("node");
        command.arg("server.js").current_dir(dir).env("DATABASE_URL", database_url).env("NODE_ENV", "production");
        Self::start_printing(command).await
    }

    async fn start(mut command: Command, address: SocketAddr) -> Result<Self> {
        let started = Instant::now();
        let child = command.stdout(Stdio::null()).kill_on_drop(true).spawn().context("the server did not start")?;
        let mut server = Self { child, address, ready_after: Duration::ZERO };
        while started.elapsed() < Duration::from_secs(60) {
            if let Ok(mut connection) = Connection::open(address).await
                && connection.ask(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.is_ok()
            {
                server.ready_after = started.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended: {status}");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        bail!("the server was not ready within a minute")
    }

    /// Starts a server that prints its address on its first line.
    async fn start_printing(mut command: Command) -> Result<Self> {
        let started = Instant::now();
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().context("the peer did not start")?;
        let out = child.stdout.take().context("no output")?;
        let line = BufReader::new(out).lines().next_line().await?.context("the peer printed no address")?;
        let address = line.trim().trim_start_matches("http://").parse().with_context(|| format!("not an address: {line}"))?;
        Ok(Self { child, address, ready_after: started.elapsed() })
    }

    /// Its resident memory in bytes, now.
    pub fn memory(&self) -> Result<u64> {
        status_line(self.child.id().context("the server ended")?, "VmRSS:")
    }

    /// Its resident memory in bytes, at its highest.
    pub fn peak_memory(&self) -> Result<u64> {
        status_line(self.child.id().context("the server ended")?, "VmHWM:")
    }

    /// Ends it at once, as a crash would: what is measured next must not depend on a good end.
    pub async fn stop(mut self) -> Result<()> {
        self.child.start_kill()?;
        self.child.wait().await?;
        Ok(())
    }
}

fn status_line(pid: u32, name: &str) -> Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib: u64 =
        text.lines().find_map(|l| l.strip_prefix(name)).and_then(|l| l.split_whitespace().next()).context("no such line")?.parse()?;
    Ok(kib * 1024)
}

/// A binary beside this one.
pub fn sibling(name: &str) -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    if !path.exists() {
        bail!("{} is not built; `make bench` builds it", path.display());
    }
    Ok(path)
}

/// A free address of loopback.
pub fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
