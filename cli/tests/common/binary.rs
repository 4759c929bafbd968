//! The binary as an operator runs it: its output, its exit code, what it answers while it runs.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The binary in `dir`, with nothing of this test's surroundings.
pub fn billow(dir: &Path, args: &[&str]) -> Command {
    let mut command = alone(Command::new(env!("CARGO_BIN_EXE_billow")), dir);
    command.args(args);
    command
}

/// A command in `dir` that sees no setting of this test's surroundings.
pub fn alone(mut command: Command, dir: &Path) -> Command {
    command.current_dir(dir).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("BILLOW_")) {
        command.env_remove(name);
    }
    command
}

/// Runs it to its end.
pub fn run(dir: &Path, args: &[&str]) -> Output {
    billow(dir, args).output().expect("the binary starts")
}

/// Runs it to its end, which must be a good one; answers what it printed.
pub fn fine(dir: &Path, args: &[&str]) -> String {
    let output = run(dir, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Runs it to its end, which must be a refusal within a few seconds; answers what it said.
pub fn refused(dir: &Path, args: &[&str]) -> String {
    let begun = Instant::now();
    let output = run(dir, args);
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(!output.status.success(), "{args:?} did not fail: {said}");
    assert!(begun.elapsed() < Duration::from_secs(30), "{args:?} took {:?}", begun.elapsed());
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// A free address of loopback.
pub fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port")
}

/// A server; it ends with the test.
pub struct Server(Child, tempfile::NamedTempFile);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    /// Starts one and waits until it answers `/readyz` at `address` with 200.
    pub async fn start(mut command: Command, address: SocketAddr) -> Self {
        let log = tempfile::NamedTempFile::new().expect("a file");
        let child = command.stdout(Stdio::null()).stderr(log.reopen().expect("a file")).spawn().expect("the binary starts");
        let mut server = Self(child, log);
        let begun = Instant::now();
        while get(address, "/readyz").await.is_none_or(|(status, _)| status != 200) {
            let ended = server.0.try_wait().expect("a process");
            assert!(ended.is_none(), "it ended: {}", server.log());
            assert!(begun.elapsed() < Duration::from_secs(60), "it is not ready: {}", server.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        server
    }

    /// What it logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.1.path()).unwrap_or_default()
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(mut self) {
        let stopped = Command::new("kill").arg(self.0.id().to_string()).status().expect("kill");
        assert!(stopped.success());
        assert!(self.0.wait().expect("a process").success(), "it ended badly");
    }
}

/// What a server answers to a GET, if it answers.
pub async fn get(address: SocketAddr, path: &str) -> Option<(u16, String)> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(address).await.ok()?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split_whitespace().nth(1)?.parse().ok()?;
    Some((status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()))
}
