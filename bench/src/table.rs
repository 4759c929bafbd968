//! Tables for people, in Markdown.

use std::fmt::Write as _;

/// Prints a line.
#[expect(clippy::print_stdout, reason = "what the bench is for")]
pub fn line(text: &str) {
    println!("{text}");
}

/// Tells a person who waits what was just seen; tables go to standard output.
pub fn seen(row: &[String]) {
    eprintln!("  {}", row.join("  "));
}

/// Prints a table with a heading.
pub fn print(title: &str, head: &[&str], rows: &[Vec<String>]) {
    let mut out = format!("\n### {title}\n\n| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    line(&out);
}

/// Names the machine.
pub fn machine() {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpu.lines().find_map(|l| l.strip_prefix("model name")).map_or("unknown", |l| l.trim_start_matches(['\t', ' ', ':']));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib: u64 = memory.lines().find_map(|l| l.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok()).unwrap_or_default();
    line(&format!("Machine: {name}, {cores} cores, {} MB of memory, {}", kib * 1024 / 1_000_000, std::env::consts::OS));
}

/// The middle of what was seen.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}

/// The value below which `share` of them lie.
pub fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    if values.is_empty() {
        return f64::NAN;
    }
    let index = ((values.len() as f64 * share).ceil() as usize).clamp(1, values.len());
    values[index - 1]
}
