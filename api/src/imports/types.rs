//! Imports by CSV.

use async_graphql::{Context, ID, Object};
use billow_billing::imports::{ImportRowFilter, remarks};
use billow_entities::{import_row, import_run};

use crate::connection::{Connection, page};
use crate::context::ContextExt as _;
use crate::ids;
use crate::loaders::name_of;
use crate::refusal::Result;
use crate::scalars::{Instant, Json};
use crate::types::{ImportRowStatus, ImportStatus, UserError};

/// A CSV import.
#[derive(Clone, Debug)]
pub(crate) struct ImportRun(pub import_run::Model);

/// A CSV import, with its progress.
#[Object]
impl ImportRun {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// What is imported: `customers`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// Where it stands.
    async fn status(&self) -> ImportStatus {
        self.0.status.into()
    }

    /// Whether it only says what would come of it.
    async fn dry_run(&self) -> bool {
        self.0.dry_run
    }

    /// What the file is called.
    async fn file_name(&self) -> Option<&str> {
        self.0.file_name.as_deref()
    }

    /// Rows in the file.
    async fn total(&self) -> i32 {
        self.0.total
    }

    /// Rows that were looked at, failed ones included.
    async fn done(&self) -> i32 {
        self.0.done
    }

    /// Rows that failed.
    async fn failed(&self) -> i32 {
        self.0.failed
    }

    /// Who started it, by name.
    async fn started_by(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match self.0.created_by {
            Some(user) => Ok(Some(name_of(ctx.loaders(), &user.to_string()).await?)),
            None => Ok(None),
        }
    }

    /// When it was begun.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When it was over.
    async fn finished_at(&self) -> Option<Instant> {
        self.0.finished_at.map(Instant)
    }

    /// Its rows in the order of the file.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
        #[graphql(desc = "Only rows in this status.")] status: Option<ImportRowStatus>,
    ) -> Result<Connection<ImportRow>> {
        let filter = ImportRowFilter { status: status.map(Into::into) };
        let rows = Box::pin(ctx.billing().imports.import_rows(ctx.actor(), self.0.id, filter, page(first, after))).await?;
        Ok(Connection::of(rows, ImportRow))
    }

    /// The rows that failed, as CSV with one more column that says why: to be mended and imported again.
    async fn reject_csv(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(Box::pin(ctx.billing().imports.import_rejects(ctx.actor(), self.0.id)).await?)
    }
}

/// A row of an import.
pub(crate) struct ImportRow(pub import_row::Model);

/// A row of an import.
#[Object]
impl ImportRow {
    /// Its place in the file, from 1, the heading not counted.
    async fn row(&self) -> i32 {
        self.0.row
    }

    /// Where it stands.
    async fn status(&self) -> ImportRowStatus {
        self.0.status.into()
    }

    /// What it says, by the names of the columns.
    async fn data(&self) -> Json {
        Json(self.0.data.clone())
    }

    /// Why it failed; where it is done, what else there is to say.
    async fn errors(&self) -> Vec<UserError> {
        remarks(&self.0).into_iter().map(UserError::from).collect()
    }

    /// The id of what came of it.
    async fn result(&self) -> Option<ID> {
        self.0.result.clone().map(ID)
    }
}
