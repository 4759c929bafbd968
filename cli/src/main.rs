//! The `billow` binary.

use std::process::ExitCode;

use clap::Parser as _;

// Without huge pages (`no_thp`): with them an idle process keeps 79 MB resident instead of 53.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = billow_cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("billow: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(billow_cli::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A line for each problem.
            for line in format!("{error:#}").lines() {
                eprintln!("billow: {line}");
            }
            ExitCode::FAILURE
        }
    }
}
