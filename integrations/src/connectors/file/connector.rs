//! The adapter itself.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use billow_billing::ports::{Connector, DefinitionProblem, Exchange, FetchOutcome, FetchReply, FetchRequest, FetchedBill};
use billow_billing::providers::ProviderDefinition;
use bytes::Bytes;
use serde_json::Value;

use super::folder::{Columns, DropRoot, FolderFault, Row, Rows, read_rows};
use crate::connectors::auth::Auth;
use crate::connectors::document::{Document, Got};
use crate::connectors::jq::{Jq, JqFault};
use crate::connectors::mapping::{MAX_BILLS, read_bill};
use crate::connectors::settings::{Fields, Problems, SETTINGS};
use crate::connectors::{first_problem, not_pushed};
use crate::http::GuardedHttp;

/// Reads bills from CSV files.
pub struct FileConnector {
    http: Arc<GuardedHttp>,
    jq: Arc<Jq>,
    drop_root: Arc<DropRoot>,
}

struct Settings {
    place: Place,
    columns: Columns,
    map: String,
}

enum Place {
    Folder(String),
    Address(Document),
}

impl FileConnector {
    /// A connector that reads folders inside `drop_root`, where there is one, and addresses through `http`.
    #[must_use]
    pub fn new(http: Arc<GuardedHttp>, drop_root: Option<PathBuf>) -> Self {
        Self::sharing(http, Jq::new(), drop_root)
    }

    pub(in crate::connectors) fn sharing(http: Arc<GuardedHttp>, jq: Arc<Jq>, drop_root: Option<PathBuf>) -> Self {
        Self { http, jq, drop_root: Arc::new(DropRoot::new(drop_root)) }
    }

    fn settings(definition: &ProviderDefinition) -> Result<Settings, Vec<DefinitionProblem>> {
        let problems = Problems::default();
        let fields = Fields::settings(definition, &problems);
        let location = fields.optional_text("location");
        let place = match (location, fields.value("url").is_some()) {
            (Some(location), false) => Place::Folder(location),
            (None, true) => {
                let document = Document::read("url", &fields, definition, "text/csv, text/plain;q=0.5");
                Place::Address(document.with_auth(Auth::read(&fields)))
            }
            (location, _) => {
                fields.wrong("location", if location.is_some() { "and url cannot both be there" } else { "is missing (or url)" });
                Place::Folder(String::new())
            }
        };
        let delimiter = fields.optional_text("delimiter").unwrap_or_else(|| ",".into());
        let delimiter = if delimiter == "\\t" { "\t".into() } else { delimiter };
        let delimiter = match delimiter.as_bytes() {
            [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && *byte != b'"' => *byte,
            _ => {
                fields.wrong("delimiter", "must be a single character such as , ; or a tab");
                b','
            }
        };
        let columns = Columns { delimiter, account: fields.text("account_column") };
        let map = fields.text("map");
        fields.finish();
        problems.result(Settings { place, columns, map })
    }

    /// The rows at the place, and what was exchanged for them.
    async fn rows(&self, settings: Settings, request: &FetchRequest) -> Result<(Arc<Rows>, Vec<Exchange>), FetchReply> {
        let Settings { place, columns, .. } = settings;
        match place {
            Place::Folder(location) => {
                let root = Arc::clone(&self.drop_root);
                let most = u64::from(request.definition.limits.max_bytes);
                let read = tokio::task::spawn_blocking(move || root.rows(&location, &columns, most)).await;
                match read {
                    Ok(Ok(rows)) => Ok((rows, Vec::new())),
                    Ok(Err(FolderFault::Passing(message))) => {
                        Err(FetchReply::of(FetchOutcome::Retryable { message, retry_after_ms: None }))
                    }
                    Ok(Err(FolderFault::Broken(message))) => Err(FetchReply::of(FetchOutcome::Broken { message })),
                    Err(_) => Err(FetchReply::of(FetchOutcome::Broken { message: "the files could not be read".into() })),
                }
            }
            Place::Address(document) => {
                let Got { body, trace } = document.get(&self.http, "file", request).await?;
                let read = tokio::task::spawn_blocking(move || {
                    let mut rows = Rows::new();
                    read_rows("the file", &body, &columns, &mut rows).map(|()| rows)
                });
                match read.await.unwrap_or_else(|_| Err("the file could not be read".into())) {
                    Ok(rows) => Ok((Arc::new(rows), trace)),
                    Err(message) => Err(FetchReply { outcome: FetchOutcome::Broken { message }, prepaid: None, plans: None, trace }),
                }
            }
        }
    }

    async fn map_rows(&self, map: &str, rows: &[Row]) -> Result<FetchOutcome, FetchOutcome> {
        let broken = |message: String| FetchOutcome::Broken { message };
        if rows.len() > MAX_BILLS {
            return Err(broken(format!("there are {} rows for this account; at most {MAX_BILLS} are taken", rows.len())));
        }
        let mut bills: Vec<FetchedBill> = Vec::new();
        for row in rows {
            let yielded = self.jq.run(map, Arc::new(row.value())).await.map_err(|fault| match fault {
                JqFault::Program(problem) => broken(format!("{}: map: {problem}", row.place)),
                JqFault::Busy => FetchOutcome::Retryable { message: fault.to_string(), retry_after_ms: None },
            })?;
            let Some(yielded) = yielded.filter(|value| !Value::is_null(value)) else { continue };
            let bill = read_bill(&yielded, "bill").map_err(|problem| broken(format!("{}: {problem}", row.place)))?;
            // A later file corrects an earlier one.
            bills.retain(|earlier| earlier.number != bill.number);
            bills.push(bill);
        }
        Ok(if bills.is_empty() { FetchOutcome::NoneDue } else { FetchOutcome::Bills(bills) })
    }
}

#[async_trait]
impl Connector for FileConnector {
    fn check(&self, definition: &ProviderDefinition) -> Result<(), Vec<DefinitionProblem>> {
        let settings = Self::settings(definition)?;
        let problems = Problems::default();
        match &settings.place {
            Place::Folder(location) => {
                if let Err(problem) = self.drop_root.check(location) {
                    problems.add(format!("{SETTINGS}.location"), problem);
                }
            }
            Place::Address(document) => {
                if let Err(problem) = self.http.check_url(&document.example()) {
                    problems.add(format!("{SETTINGS}.url"), problem);
                }
            }
        }
        if let Err(problem) = self.jq.check(&settings.map) {
            problems.add(format!("{SETTINGS}.map"), problem);
        }
        problems.result(())
    }

    async fn fetch(&self, request: FetchRequest) -> FetchReply {
        let settings = match Self::settings(&request.definition) {
            Ok(settings) => settings,
            Err(problems) => return FetchReply::of(FetchOutcome::Broken { message: first_problem(&problems) }),
        };
        // The first parameter identifies the account.
        let first = request.definition.params.first().and_then(|param| request.params.get(&param.name));
        let Some(account) = first.map(|account| account.trim()).filter(|account| !account.is_empty()) else {
            return FetchReply::of(FetchOutcome::Broken { message: "the account has no parameter that identifies it".into() });
        };
        let map = settings.map.clone();
        let (rows, trace) = match self.rows(settings, &request).await {
            Ok(found) => found,
            Err(reply) => return reply,
        };
        let own = rows.get(account).map_or(&[][..], Vec::as_slice);
        let outcome = self.map_rows(&map, own).await.unwrap_or_else(|outcome| outcome);
        FetchReply { outcome, prepaid: None, plans: None, trace }
    }

    async fn read_pushed(&self, definition: &ProviderDefinition, _: &str, _: Bytes) -> FetchReply {
        not_pushed(definition)
    }
}
