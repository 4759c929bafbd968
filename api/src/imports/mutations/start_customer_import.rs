//! Importing customers from a file.

use async_graphql::{Context, InputObject};
use billow_billing::imports::{ImportKind, StartImport};

use crate::context::ContextExt as _;
use crate::imports::types::ImportRun;
use crate::payload::payload;
use crate::refusal::Result;

/// A file of customers, with their homes and accounts if wanted.
#[derive(InputObject)]
pub(crate) struct StartCustomerImportInput {
    /// The file: CSV with a heading.
    csv: String,
    /// What it is called.
    file_name: Option<String>,
    /// Only say what would come of it.
    dry_run: bool,
}

payload! {
    /// The import that was begun.
    StartCustomerImportPayload {
        /// The import; follow it by `importProgress`.
        import_run: Option<ImportRun>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: StartCustomerImportInput) -> Result<StartCustomerImportPayload> {
    let input = StartImport { kind: ImportKind::Customers, content: input.csv.into(), file_name: input.file_name, dry_run: input.dry_run };
    StartCustomerImportPayload::of(ctx.billing().imports.start_import(ctx.actor(), input).await, |run| StartCustomerImportPayload {
        import_run: Some(ImportRun(run)),
        user_errors: Vec::new(),
    })
}
