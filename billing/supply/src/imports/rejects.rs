//! The rows that failed, as a file to mend and to import again.

use billow_entities::{ImportRowStatus, ImportRunId, import_row};
use billow_kernel::error::{Fault, Result};
use billow_kernel::{Actor, Error};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use super::Imports;
use super::csv::{COLUMNS, ERRORS};
use super::formula;

/// Rows read at once.
const BATCH: u64 = 1_000;

impl Imports {
    /// The rows of an import that failed, as CSV with one more column that says why.
    ///
    /// # Errors
    /// When somebody other than staff asks, or there is no such import.
    pub async fn import_rejects(&self, actor: &Actor, id: ImportRunId) -> Result<String> {
        self.import_run(actor, id).await?;
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        writer.write_record(COLUMNS.into_iter().chain([ERRORS])).map_err(unwritten)?;
        let mut after = 0;
        loop {
            let rows = import_row::Entity::find()
                .filter(import_row::Column::RunId.eq(id))
                .filter(import_row::Column::Status.eq(ImportRowStatus::Failed))
                .filter(import_row::Column::Row.gt(after))
                .order_by_asc(import_row::Column::Row)
                .limit(BATCH)
                .all(self.store.primary())
                .await?;
            let Some(last) = rows.last() else { break };
            after = last.row;
            for row in &rows {
                writer.write_record(record(row)).map_err(unwritten)?;
            }
        }
        let bytes = writer.into_inner().map_err(|error| unwritten(error.into_error().into()))?;
        String::from_utf8(bytes).map_err(|error| Error::Fault(Fault::new("writing a file", error)))
    }
}

fn record(row: &import_row::Model) -> Vec<String> {
    let cell = |column: &str| row.data.get(column).and_then(Value::as_str).unwrap_or_default().to_owned();
    let errors: Vec<String> = super::remarks(row)
        .into_iter()
        .map(|e| if e.path.is_empty() { e.message } else { format!("{}: {}", e.path.join("."), e.message) })
        .collect();
    // None of these columns holds an amount: each is a text, and stays one in a spreadsheet.
    COLUMNS.into_iter().map(cell).chain([errors.join(" ")]).map(formula::defused).collect()
}

fn unwritten(error: ::csv::Error) -> Error {
    Error::Fault(Fault::new("writing a file", error))
}
