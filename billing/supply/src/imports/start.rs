//! Starting an import: the file is read and its rows are kept; the work comes later.

use billow_entities::{ImportRowStatus, ImportRunId, ImportStatus, import_row, import_run};
use billow_kernel::error::{Fault, Problems, Result};
use billow_kernel::wake::Wakeup;
use billow_kernel::{Actor, Error};
use bytes::Bytes;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::Imports;
use super::csv;

/// What a file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportKind {
    /// Customers, with their homes and accounts if wanted.
    Customers,
}

impl ImportKind {
    /// The stored text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customers => "customers",
        }
    }
}

/// A file to be imported.
#[derive(Clone, Debug)]
pub struct StartImport {
    /// What it is about.
    pub kind: ImportKind,
    /// The file: CSV in UTF-8, at most [`csv::MAX_BYTES`].
    pub content: Bytes,
    /// What it is called.
    pub file_name: Option<String>,
    /// Only say what would come of it.
    pub dry_run: bool,
}

/// Imports that may wait at once.
const MAX_WAITING: u64 = 20;
/// Rows per statement.
const ROWS_PER_INSERT: usize = 1_000;

impl Imports {
    /// Reads a file and begins to import it; progress is told by `import.progress`.
    ///
    /// # Errors
    /// When somebody other than staff asks; what is wrong with the file as a whole; `TOO_MANY_IMPORTS`.
    #[tracing::instrument(name = "imports.start", skip_all)]
    pub async fn start_import(&self, actor: &Actor, input: StartImport) -> Result<import_run::Model> {
        actor.staff()?;
        let mut problems = Problems::default();
        let file_name = problems.optional_text("fileName", input.file_name.as_deref(), 200);
        problems.finish()?;
        let content = input.content;
        let rows = tokio::task::spawn_blocking(move || csv::parse(&content))
            .await
            .map_err(|error| Error::Fault(Fault::new("reading a file", error)))??;
        let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let failed = count(rows.iter().filter(|row| !row.errors.is_empty()).count());

        let mut tx = self.store.write_tx().await?;
        let waiting = import_run::Entity::find().filter(import_run::Column::Status.eq(ImportStatus::Running)).count(&*tx).await?;
        if waiting >= MAX_WAITING {
            return Err(Error::invalid("TOO_MANY_IMPORTS", "", "Too many imports are waiting already; come back when one is over."));
        }
        let run = import_run::ActiveModel {
            id: Set(ImportRunId(self.ids.next())),
            kind: Set(input.kind.as_str().to_owned()),
            status: Set(ImportStatus::Running),
            dry_run: Set(input.dry_run),
            file_name: Set(file_name),
            total: Set(count(rows.len())),
            done: Set(failed),
            failed: Set(failed),
            created_by: Set(actor.user().ok()),
            created_at: Set(self.clock.now()),
            finished_at: Set(None),
            lease_until: Set(None),
            fence: Set(0),
        };
        let run = run.insert(&*tx).await?;
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let chunk = rows.by_ref().take(ROWS_PER_INSERT).map(|row| -> Result<_> {
                Ok(import_row::ActiveModel {
                    run_id: Set(run.id),
                    row: Set(row.row),
                    data: Set(row.cells.into()),
                    status: Set(if row.errors.is_empty() { ImportRowStatus::Waiting } else { ImportRowStatus::Failed }),
                    errors: Set(serde_json::to_value(row.errors)?),
                    result: Set(None),
                })
            });
            import_row::Entity::insert_many(chunk.collect::<Result<Vec<_>>>()?).exec_without_returning(&*tx).await?;
        }
        let data = json!({"kind": run.kind, "rows": run.total, "dry_run": run.dry_run});
        self.audit.record(&tx, actor, "import.start", run.id, None, None, data).await?;
        self.tell_import(&mut tx, &run)?;
        tx.commit().await?;
        self.waker.wake(Wakeup::Import).await;
        Ok(run)
    }
}
