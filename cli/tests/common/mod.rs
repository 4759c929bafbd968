//! The real binary for tests that kill it: its settings, its start, and dice that fall the same way for the same seed.

#![allow(dead_code, reason = "every test file uses a part of it")]

pub mod binary;
pub mod small_disk;

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use billow_billing::clock::{Entropy as _, SeededEntropy, SystemEntropy};
use billow_sandbox::Sandbox;
use billow_tests::{Engine, TestDb};

/// Dice from a seed that is printed, so that a run can be repeated with `BILLOW_CHAOS_SEED`.
pub struct Dice(SeededEntropy);

impl Dice {
    /// Prints and takes the seed.
    pub fn new(engine: Engine) -> Self {
        let seed = std::env::var("BILLOW_CHAOS_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(|| {
            let mut bytes = [0u8; 4];
            SystemEntropy.fill(&mut bytes);
            u64::from(u32::from_le_bytes(bytes))
        });
        eprintln!("BILLOW_CHAOS_SEED={seed} ({engine:?})");
        Self(SeededEntropy::new(seed))
    }

    /// A number below `sides`.
    pub fn roll(&self, sides: u64) -> u64 {
        let mut bytes = [0u8; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % sides
    }

    /// One of several.
    pub fn one_of<'a, T>(&self, of: &'a [T]) -> &'a T {
        &of[usize::try_from(self.roll(of.len() as u64)).expect("small")]
    }
}

/// How many kills on each database: `usual`, or half of what `BILLOW_CHAOS_KILLS` says.
pub fn kills(usual: u32) -> u32 {
    std::env::var("BILLOW_CHAOS_KILLS").ok().and_then(|n| n.parse::<u32>().ok()).map_or(usual, |n| n / 2)
}

/// A Billow that runs. It goes when the test does, also when that fails.
pub struct Running(Child);

impl Running {
    /// Whether it has not ended by itself.
    pub fn is_alive(&mut self) -> bool {
        self.0.try_wait().expect("a process").is_none()
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        assert!(self.is_alive(), "the process ended by itself");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the binary as an operator would.
pub fn start(dir: &Path, settings: &[(String, String)]) -> Running {
    start_by(Command::new(env!("CARGO_BIN_EXE_billow")), dir, settings)
}

/// Starts the binary and waits until it answers at `address`. It listens there before that, while it starts.
pub async fn start_and_wait(dir: &Path, settings: &[(String, String)], address: SocketAddr) -> Running {
    let mut process = start(dir, settings);
    let begun = Instant::now();
    while binary::get(address, "/livez").await.is_none_or(|(status, _)| status != 200) {
        assert!(process.is_alive(), "the process ended by itself");
        assert!(begun.elapsed() < Duration::from_secs(60), "the process does not answer");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    process
}

/// Starts the binary and kills it within a second, most often while it starts.
pub async fn kill_while_it_starts(dir: &Path, settings: &[(String, String)], dice: &Dice) {
    let process = start(dir, settings);
    tokio::time::sleep(Duration::from_millis(dice.roll(1_000))).await;
    process.kill();
}

/// Starts the binary by a command that ends with it.
pub fn start_by(mut command: Command, dir: &Path, settings: &[(String, String)]) -> Running {
    command.arg("serve").stdout(Stdio::null()).stderr(Stdio::null());
    for (path, value) in settings {
        command.arg("--set").arg(format!("{path}={value}"));
    }
    // What this test was told is no setting of the server's.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("BILLOW_")) {
        command.env_remove(name);
    }
    command.env("BILLOW_CONFIG", dir.join("billow.toml"));
    Running(command.spawn().expect("the binary starts"))
}

/// Settings with the sandbox as the outside world; the configuration's file is written to `dir`.
pub fn settings(db: &TestDb, sandbox: &Sandbox, dir: &Path, listen: SocketAddr) -> Vec<(String, String)> {
    std::fs::write(dir.join("billow.toml"), billow_cli::commands::init::new_configuration()).expect("a configuration");
    let host = sandbox.http_addr().to_string();
    [
        ("database.url", db.url.clone()),
        ("data_dir", dir.display().to_string()),
        ("listen", listen.to_string()),
        ("base_url", format!("http://{listen}")),
        ("http.allowed_hosts", host.clone()),
        ("push.allowed_hosts", format!("{host}/push/send/")),
        ("mail.host", sandbox.smtp_addr().ip().to_string()),
        ("mail.port", sandbox.smtp_addr().port().to_string()),
        ("mail.tls", "none".into()),
        ("gateways.sandbox", "true".into()),
    ]
    .into_iter()
    .map(|(k, v)| (k.to_owned(), v))
    .collect()
}
