//! `docs/configuration.md` says what the comments beside the fields say. Set `UPDATE_DOCS=1` to write it anew.

use std::fmt::Write as _;
use std::path::Path;

const SOURCE: &str = concat!(include_str!("../src/config.rs"), include_str!("../src/limits.rs"));

/// The sections of the file by the structs that hold them.
const SECTIONS: &[(&str, &str)] = &[
    ("Config", ""),
    ("WorkerConfig", "worker"),
    ("SecurityConfig", "security"),
    ("DatabaseConfig", "database"),
    ("KeysConfig", "keys"),
    ("HttpConfig", "http"),
    ("GatewaysConfig", "gateways"),
    ("PushConfig", "push"),
    ("MailConfig", "mail"),
    ("SmsConfig", "sms"),
    ("TemplatesConfig", "templates"),
    ("DocumentsConfig", "documents"),
    ("LogConfig", "log"),
    ("MetricsConfig", "metrics"),
    ("LimitsConfig", "limits"),
];

/// The fields of a struct as (name, type, comment).
fn fields(name: &str) -> Vec<(String, String, String)> {
    let start = SOURCE.find(&format!("pub struct {name} {{")).unwrap_or_else(|| panic!("{name} is gone"));
    let body = &SOURCE[start..];
    let body = &body[..body.find("\n}").expect("an end")];
    let (mut out, mut comment) = (Vec::new(), Vec::new());
    for line in body.lines().skip(1).map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            comment.push(text.trim().to_owned());
        } else if let Some((field, kind)) = line.strip_prefix("pub ").and_then(|l| l.trim_end_matches(',').split_once(": ")) {
            out.push((field.to_owned(), kind.to_owned(), std::mem::take(&mut comment).join(" ")));
        }
    }
    out
}

fn reference() -> String {
    let defaults = format!("{}{}", billow_cli::config::DEFAULTS, billow_cli::limits::DEFAULTS);
    let defaults: toml::Table = defaults.parse().expect("the defaults");
    let mut out = String::from(
        "# Configuration\n\n\
         Defaults, then the file, then the environment, then flags; the later wins. `billow config show` prints what is in force and where each value comes from.\n\n\
         - **File**: `billow.toml` in the working folder, or the one named by `--config` or `BILLOW_CONFIG`. `billow init` writes one with new keys.\n\
         - **Environment**: `BILLOW_` and the path in upper case with two underscores between parts: `BILLOW_DATABASE__URL`. With `_FILE` at the end the value is read from that file: `BILLOW_MAIL__PASSWORD_FILE`.\n\
         - **Flags**: `--listen`, `--base-url`, `--data-dir`, `--database-url`, and `--set path=value` for all others.\n\n\
         A name that does not exist is an error, so that a misspelt one does not pass unnoticed. This page is printed from the comments in `cli/src/config.rs` and `cli/src/limits.rs`.\n",
    );
    for (name, section) in SECTIONS {
        let heading = if section.is_empty() { "At the top".to_owned() } else { format!("`[{section}]`") };
        let _ = write!(out, "\n## {heading}\n\n| setting | default | what |\n|---|---|---|\n");
        for (field, kind, comment) in fields(name) {
            if kind.ends_with("Config") {
                continue;
            }
            let table = if section.is_empty() { Some(&defaults) } else { defaults.get(*section).and_then(toml::Value::as_table) };
            let default = table.and_then(|t| t.get(&field)).map(|v| format!("`{v}`")).unwrap_or_default();
            let _ = writeln!(out, "| `{field}` | {default} | {} |", comment.replace('|', "\\|"));
        }
    }
    out
}

#[test]
fn the_reference_says_what_the_comments_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let wanted = reference();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &wanted).expect("the file");
    }
    let there = std::fs::read_to_string(&path).expect("the file");
    assert!(there == wanted, "docs/configuration.md is out of date; run UPDATE_DOCS=1 cargo test -p billow-cli --test reference");
}
