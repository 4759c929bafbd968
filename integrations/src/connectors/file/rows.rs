//! The rows of files, by account.

use std::collections::HashMap;
use std::sync::Arc;

use billow_billing::identifiers::normalize_identifier;
use billow_billing::reading::charset;
use billow_billing::reading::table::{self, Table, column_key};
use serde_json::Value;

use crate::connectors::answers::row_value;

/// Rows of a file.
const MAX_ROWS: usize = 1_000_000;

/// How the rows of a provider's files are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// Found in each file where it is not set.
    pub(super) delimiter: Option<u8>,
    pub(super) account: String,
    pub(super) encoding: Option<String>,
    /// Accounts of digits have so many: a program that took them for numbers dropped zeros in front.
    pub(super) digits: Option<usize>,
}

impl Columns {
    /// An account as it is looked up: spelled alike everywhere, with its leading zeros.
    fn key(&self, account: &str) -> String {
        let key = normalize_identifier(account);
        match self.digits {
            Some(digits) if is_number(&key) => format!("{key:0>digits$}"),
            _ => key,
        }
    }
}

fn is_number(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

/// A row, with where it is.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) place: String,
    /// Counts files, oldest first.
    pub(super) file: usize,
    heading: Arc<Vec<String>>,
    row: table::Row,
}

impl Row {
    /// The row as an object by heading.
    pub(super) fn value(&self) -> Result<Value, String> {
        if self.row.cells.len() == self.heading.len() {
            return row_value(&self.heading, &self.row);
        }
        Err(format!("the row has {} cells instead of {}", self.row.cells.len(), self.heading.len()))
    }
}

/// Rows by account, oldest file first.
#[derive(Debug, Default)]
pub(super) struct Rows {
    by_account: HashMap<String, Vec<Row>>,
    /// Files that could not be read, in words.
    pub(super) faults: Vec<String>,
    /// Rows without an account.
    stray: usize,
    files: usize,
}

impl Rows {
    /// Reads one more file. `name` is for messages.
    pub(super) fn take_file(&mut self, name: &str, body: &[u8], content_type: Option<&str>, columns: &Columns) {
        if let Err(problem) = self.read(name, body, content_type, columns) {
            self.faults.push(format!("{name} {problem}"));
        }
        self.files += 1;
    }

    fn read(&mut self, name: &str, body: &[u8], content_type: Option<&str>, columns: &Columns) -> Result<(), String> {
        let declared = columns.encoding.as_deref().or_else(|| content_type.and_then(charset::of_content_type));
        let text = charset::decode(body, &Vec::from_iter(declared))?;
        let Table { heading, rows } = table::read(&text, columns.delimiter, MAX_ROWS).map_err(|fault| fault.to_string())?;
        if heading.is_empty() {
            return Ok(());
        }
        let exact = heading.iter().position(|column| *column == columns.account);
        let alike = || heading.iter().position(|column| column_key(column) == column_key(&columns.account));
        let Some(column) = exact.or_else(alike) else {
            let there: Vec<&str> = heading.iter().take(20).map(String::as_str).collect();
            return Err(format!("has no column '{}'; there are {}", columns.account, there.join(", ")));
        };
        let heading = Arc::new(heading);
        for row in rows {
            let key = row.cells.get(column).map(|account| columns.key(account)).filter(|key| !key.is_empty());
            let Some(key) = key else {
                self.stray += 1;
                continue;
            };
            let place = format!("{name} line {}", row.line);
            self.by_account.entry(key).or_default().push(Row { place, file: self.files, heading: Arc::clone(&heading), row });
        }
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_account.is_empty()
    }

    /// The rows of an account, however it is spelled.
    pub(super) fn of(&self, account: &str, columns: &Columns) -> &[Row] {
        self.by_account.get(&columns.key(account)).map_or(&[][..], Vec::as_slice)
    }

    /// Why an account may have no rows, in words for an operator.
    pub(super) fn missing(&self, account: &str, columns: &Columns) -> String {
        let key = columns.key(account);
        let bare = key.trim_start_matches('0');
        let near = is_number(&key) && self.by_account.keys().any(|other| is_number(other) && other.trim_start_matches('0') == bare);
        let mut words = "no row is for this account".to_owned();
        if near {
            words.push_str(
                ", but rows are for one that differs by zeros in front; where a program dropped them, set account_digits to the \
                 number of digits that accounts have",
            );
        }
        if self.stray > 0 {
            words.push_str(&format!("; {} rows name no account", self.stray));
        }
        words
    }
}
