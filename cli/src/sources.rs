//! Reads the settings from where they come from, and names everything that cannot be read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use config::builder::DefaultState;
use config::{ConfigBuilder, Environment, File, FileFormat, Value, ValueKind};

use crate::check::Problems;
use crate::config::{Config, DEFAULTS};
use crate::limits;
use crate::names;

/// Where settings come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file; `billow.toml` in the working folder is read when it is there and none is named.
    pub file: Option<PathBuf>,
    /// Environment variables.
    pub env: HashMap<String, String>,
    /// Flags as (path, value).
    pub flags: Vec<(String, String)>,
}

/// What the sources say: a configuration made of everything that can be read, and what cannot.
#[derive(Debug)]
pub struct Reading {
    /// The configuration. A value that cannot be read is left at its default.
    pub config: Config,
    /// What cannot be read.
    pub problems: Problems,
}

impl Sources {
    /// All sources, the later over the earlier.
    fn merged(&self, problems: &mut Problems) -> Result<config::Config, config::ConfigError> {
        let mut builder = defaults();
        builder = match &self.file {
            Some(file) => builder.add_source(File::from(file.as_path()).format(FileFormat::Toml).required(true)),
            None => builder.add_source(File::from(Path::new("billow.toml")).format(FileFormat::Toml).required(false)),
        };
        let env = self.environment(problems);
        builder = builder
            .add_source(Environment::with_prefix("BILLOW").prefix_separator("_").separator("__").try_parsing(false).source(Some(env)));
        with_flags(builder, &self.flags, problems).build()
    }

    fn environment(&self, problems: &mut Problems) -> HashMap<String, String> {
        let mut out = HashMap::new();
        for (name, value) in self.env.iter().filter(|(name, _)| name.starts_with("BILLOW_") && name.as_str() != "BILLOW_CONFIG") {
            let Some(bare) = name.strip_suffix("_FILE").filter(|bare| !names::is_file_setting(bare)) else {
                out.insert(name.clone(), value.clone());
                continue;
            };
            match std::fs::read_to_string(value) {
                Ok(text) => drop(out.insert(bare.to_owned(), text.trim_end().to_owned())),
                Err(error) => problems.add(name, format!("the file {value} cannot be read: {error}")),
            }
        }
        out
    }

    /// Reads everything, each value by itself, so that all that is wrong is found at once.
    ///
    /// # Errors
    /// When the file itself cannot be read.
    pub fn read(&self) -> Result<Reading> {
        let mut problems = Problems::default();
        let merged = match self.merged(&mut problems) {
            Ok(merged) => merged,
            Err(error) => {
                problems.add("the configuration cannot be read", one_line(&error.to_string()));
                return Err(problems.into());
            }
        };
        examine(&merged, problems)
    }

    /// Reads everything.
    ///
    /// # Errors
    /// When a file cannot be read, a name is unknown, or a value is of the wrong kind or not possible; the message has a
    /// line for each.
    pub fn load(&self) -> Result<Config> {
        let mut reading = self.read()?;
        crate::check::values(&reading.config, &mut reading.problems);
        reading.problems.into_result()?;
        Ok(reading.config)
    }

    /// Every setting with its value in force, as (path, value, origin): secrets hidden, and those that are not set, too.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn show(&self) -> Result<Vec<(String, String, String)>> {
        let mut problems = Problems::default();
        let merged = match self.merged(&mut problems) {
            Ok(merged) => merged,
            Err(error) => {
                problems.add("the configuration cannot be read", one_line(&error.to_string()));
                return Err(problems.into());
            }
        };
        let config = self.read()?.config;
        let mut values = Vec::new();
        leaves("", &merged.cache, &mut values);
        let values: HashMap<String, Value> = values.into_iter().collect();
        let mut paths: Vec<String> = names::settings().into_iter().map(|setting| setting.path).collect();
        paths.extend(values.keys().filter(|path| !names::is_setting(path)).cloned());
        paths.sort();
        paths.dedup();
        Ok(paths.into_iter().map(|path| row(path, &values, &config)).collect())
    }
}

/// What flags alone say, over the defaults.
///
/// # Errors
/// Never for a reason of the flags': those are in the reading's problems.
pub fn read_flags(flags: &[(String, String)]) -> Result<Reading> {
    let mut problems = Problems::default();
    let merged = with_flags(defaults(), flags, &mut problems).build()?;
    examine(&merged, problems)
}

fn with_flags(
    mut builder: ConfigBuilder<DefaultState>,
    flags: &[(String, String)],
    problems: &mut Problems,
) -> ConfigBuilder<DefaultState> {
    for (path, value) in flags {
        match builder.clone().set_override(path, value.as_str()) {
            Ok(with) => builder = with,
            Err(error) => problems.add("--set", format!("{path} is not a setting: {}", one_line(&error.to_string()))),
        }
    }
    builder
}

/// Takes each value by itself, so that all that is wrong is found at once.
fn examine(merged: &config::Config, mut problems: Problems) -> Result<Reading> {
    let mut values = Vec::new();
    leaves("", &merged.cache, &mut values);
    values.sort_by(|a, b| a.0.cmp(&b.0));
    let mut good = defaults();
    let usual = defaults().build()?;
    for (path, value) in values {
        // An empty variable, as compose files make them, is one that is not set.
        if value.to_string().is_empty() && names::is_setting(&path) && usual.get_string(&path).is_err() {
            continue;
        }
        match fits(&path, &value) {
            Ok(()) => good = good.set_override(&path, value)?,
            Err(problem) => problems.add(&path, problem),
        }
    }
    let config = good.build()?.try_deserialize()?;
    Ok(Reading { config, problems })
}

fn row(path: String, values: &HashMap<String, Value>, config: &Config) -> (String, String, String) {
    let value = values.get(&path).filter(|value| !value.to_string().is_empty());
    match (value, path.as_str()) {
        (Some(value), _) => {
            let shown = if names::is_secret(&path) { "(secret)".to_owned() } else { value.to_string() };
            let origin = origin(&path, value);
            (path, shown, origin)
        }
        // What is used instead where nothing is set.
        (None, "database.url") => (path, config.database_url(), "data_dir".to_owned()),
        (None, "documents.dir") if config.documents.store == "folder" => {
            (path, config.documents_dir().display().to_string(), "data_dir".to_owned())
        }
        (None, _) => (path, "(not set)".to_owned(), "default".to_owned()),
    }
}

/// The library names files and the environment as origins, but neither the defaults nor a flag.
fn origin(path: &str, value: &Value) -> String {
    match value.origin() {
        Some(origin) => origin.to_owned(),
        None if defaults().build().is_ok_and(|d| d.get_string(path).is_ok_and(|v| v == value.to_string())) => "default".to_owned(),
        None => "flag".to_owned(),
    }
}

fn defaults() -> ConfigBuilder<DefaultState> {
    config::Config::builder()
        .add_source(File::from_str(DEFAULTS, FileFormat::Toml))
        .add_source(File::from_str(limits::DEFAULTS, FileFormat::Toml))
}

/// Every value below `value` with its path.
fn leaves(path: &str, value: &Value, out: &mut Vec<(String, Value)>) {
    match &value.kind {
        ValueKind::Table(table) => {
            for (name, value) in table {
                leaves(&if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, value, out);
            }
        }
        _ => out.push((path.to_owned(), value.clone())),
    }
}

/// Whether there is a setting of this name that can have this value.
fn fits(path: &str, value: &Value) -> Result<(), String> {
    if !names::is_setting(path) {
        return Err(match names::nearest(path) {
            Some(near) => format!("there is no setting of this name; did you mean {near}?"),
            None => "there is no setting of this name; docs/configuration.md lists them all".to_owned(),
        });
    }
    let alone = defaults().set_override(path, value.clone()).and_then(ConfigBuilder::<DefaultState>::build);
    let Err(error) = alone.and_then(config::Config::try_deserialize::<Config>) else { return Ok(()) };
    let shown = if names::is_secret(path) { "the value".to_owned() } else { format!("'{value}'") };
    Err(format!("{shown} cannot be used: {}", reason(&error)))
}

/// What is wrong with a value, without the path, which the line begins with.
fn reason(error: &config::ConfigError) -> String {
    let text = one_line(&error.to_string());
    let text = text.rsplit_once(" for key `").map_or(text.as_str(), |(before, _)| before);
    text.to_owned()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "sources_tests.rs"]
mod tests;
