//! The adapter itself.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use billow_billing::ports::{Connector, DefinitionProblem, Exchange, FetchOutcome, FetchReply, FetchRequest, FetchedBill, RefusedBill};
use billow_billing::providers::ProviderDefinition;
use bytes::Bytes;
use serde_json::Value;

use super::downloads::Downloads;
use super::folder::{DropRoot, FolderFault};
use super::rows::{Columns, Row, Rows};
use crate::connectors::answers::delimiter;
use crate::connectors::auth::Auth;
use crate::connectors::document::{Document, Got};
use crate::connectors::jq::{Jq, JqFault};
use crate::connectors::mapping::{MAX_BILLS, read_bill};
use crate::connectors::settings::{Fields, Problems, SETTINGS, encoding};
use crate::connectors::{first_problem, not_pushed};
use crate::http::GuardedHttp;

/// Reads bills from CSV files.
pub struct FileConnector {
    http: Arc<GuardedHttp>,
    jq: Arc<Jq>,
    drop_root: Arc<DropRoot>,
    downloads: Downloads,
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
        Self { http, jq, drop_root: Arc::new(DropRoot::new(drop_root)), downloads: Downloads::default() }
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
        let first = definition.params.first();
        // Where all accounts have the same number of digits, it is known how many zeros were dropped.
        let fixed = first.and_then(|param| param.min_length.filter(|least| param.max_length == Some(*least)));
        let digits = fields.optional_number("account_digits", 1, 60).or(fixed.map(u64::from)).and_then(|n| usize::try_from(n).ok());
        let columns =
            Columns { delimiter: delimiter(&fields), account: fields.text("account_column"), encoding: encoding(&fields), digits };
        let map = fields.text("map");
        fields.finish();
        problems.result(Settings { place, columns, map })
    }

    /// The rows at the place, and what was exchanged for them.
    async fn rows(
        &self,
        place: Place,
        columns: &Columns,
        request: &FetchRequest,
        account: &str,
    ) -> Result<(Arc<Rows>, Vec<Exchange>), FetchReply> {
        match place {
            Place::Folder(location) => {
                let (root, columns) = (Arc::clone(&self.drop_root), columns.clone());
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
            // A try shows the exchange, and an address with the account in it has a file of its own.
            Place::Address(document) if request.trace || !document.is_shared() => self.download(&document, columns, request).await,
            Place::Address(document) => {
                let definition = &request.definition;
                let key = format!("{}\n{}", definition.code, definition.connector.settings);
                let download = async { self.download(&document, columns, request).await.map(|(rows, _)| rows) };
                self.downloads.rows(key, account, request.now, download).await.map(|rows| (rows, Vec::new()))
            }
        }
    }

    async fn download(
        &self,
        document: &Document,
        columns: &Columns,
        request: &FetchRequest,
    ) -> Result<(Arc<Rows>, Vec<Exchange>), FetchReply> {
        let Got { body, content_type, trace } = document.get(&self.http, "file", request).await?;
        let columns = columns.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut rows = Rows::default();
            rows.take_file("the file", &body, content_type.as_deref(), &columns);
            rows
        });
        let broken = |message: String| FetchReply { trace: trace.clone(), ..FetchReply::of(FetchOutcome::Broken { message }) };
        match read.await {
            Ok(rows) if rows.faults.is_empty() => Ok((Arc::new(rows), trace)),
            Ok(rows) => Err(broken(rows.faults.join("; "))),
            Err(_) => Err(broken("the file could not be read".into())),
        }
    }

    /// The bills of an account's rows, each by itself.
    async fn map_rows(&self, map: &str, rows: &[Row]) -> Result<Mapped, FetchOutcome> {
        if rows.len() > MAX_BILLS {
            let message = format!("there are {} rows for this account; at most {MAX_BILLS} are taken", rows.len());
            return Err(FetchOutcome::Broken { message });
        }
        let mut mapped = Mapped::default();
        for row in rows {
            match self.map_row(map, row).await? {
                Ok(Some(bill)) => {
                    // A later file corrects an earlier one. Two rows of one file contradict each other.
                    mapped.bills.retain(|(file, earlier)| earlier.number != bill.number || *file == row.file);
                    mapped.bills.push((row.file, bill));
                }
                Ok(None) => {}
                Err(problem) => {
                    let at = mapped.bills.len() + mapped.refused.len();
                    mapped.refused.push(RefusedBill { at, number: None, problem: format!("{}: {problem}", row.place) });
                }
            }
        }
        Ok(mapped)
    }

    async fn map_row(&self, map: &str, row: &Row) -> Result<Result<Option<FetchedBill>, String>, FetchOutcome> {
        let value = match row.value() {
            Ok(value) => value,
            Err(problem) => return Ok(Err(problem)),
        };
        match self.jq.run(map, Arc::new(value)).await {
            Ok(None | Some(Value::Null)) => Ok(Ok(None)),
            Ok(Some(yielded)) => Ok(read_bill(&yielded, "bill").map(Some)),
            Err(JqFault::Program(problem)) => Ok(Err(format!("map: {problem}"))),
            Err(fault @ JqFault::Busy) => Err(FetchOutcome::Retryable { message: fault.to_string(), retry_after_ms: None }),
        }
    }
}

/// What became of an account's rows.
#[derive(Default)]
struct Mapped {
    /// Each with its file.
    bills: Vec<(usize, FetchedBill)>,
    refused: Vec<RefusedBill>,
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
        let Settings { place, columns, map } = settings;
        let (rows, trace) = match self.rows(place, &columns, &request, account).await {
            Ok(found) => found,
            Err(reply) => return reply,
        };
        let own = rows.of(account, &columns);
        let Mapped { bills, mut refused } = match self.map_rows(&map, own).await {
            Ok(mapped) => mapped,
            Err(outcome) => return FetchReply { trace, ..FetchReply::of(outcome) },
        };
        let bills: Vec<FetchedBill> = bills.into_iter().map(|(_, bill)| bill).collect();
        for fault in &rows.faults {
            refused.push(RefusedBill { at: bills.len() + refused.len(), number: None, problem: fault.clone() });
        }
        if bills.is_empty() && refused.is_empty() {
            // Absent is not "nothing due": the files may be late, or spell the account in another way.
            let notes = if own.is_empty() { vec![rows.missing(account, &columns)] } else { Vec::new() };
            return FetchReply { trace, unseen: own.is_empty(), notes, ..FetchReply::of(FetchOutcome::NoneDue) };
        }
        FetchReply { refused, trace, ..FetchReply::of(FetchOutcome::Bills(bills)) }
    }

    async fn read_pushed(&self, definition: &ProviderDefinition, _: &str, _: Bytes) -> FetchReply {
        not_pushed(definition)
    }
}
