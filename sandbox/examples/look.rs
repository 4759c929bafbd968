//! Runs the sandbox by itself, with eighteen months of history, to look at its page: `cargo run -p billow-sandbox --example look [port]`.

use std::net::SocketAddr;

use billow_sandbox::{Sandbox, SandboxOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(0), |text| text.parse())?;
    let drop_root = std::env::temp_dir().join(format!("sandbox-look-{}", std::process::id()));
    #[expect(clippy::disallowed_methods, reason = "there is no other clock here")]
    let options =
        SandboxOptions { http_addr: SocketAddr::from(([127, 0, 0, 1], port)), ..SandboxOptions::on_loopback(&drop_root, chrono::Utc::now) };
    let sandbox = Sandbox::start(options).await?;
    sandbox.state().seed_samples(18)?;
    #[expect(clippy::print_stdout, reason = "a program for people")]
    {
        println!("{} (mail on {}); end it with Ctrl-C", sandbox.http_url(), sandbox.smtp_addr());
    }
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    std::fs::remove_dir_all(drop_root)?;
    Ok(())
}
