//! Invoices and receipts as PDF, laid out by Typst in process: no program is started, no font or package is fetched.
//!
//! What a document says is put into words here, in the customer's language and way of writing amounts and dates; the
//! template only sets them. The same document always comes out as the same bytes.

mod qr;
mod view;
mod words;

use std::sync::Arc;

use async_trait::async_trait;
use billow_billing::ports::{DocumentPaper, DocumentRenderer};
use tokio::sync::Semaphore;
use typst::foundations::{Dict, IntoValue as _};
use typst_as_lib::{TypstEngine, TypstTemplateMainFile};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

const TEMPLATE: &str = include_str!("../templates/document.typ");
const FONTS: [&[u8]; 3] = [
    include_bytes!("../fonts/NotoSans-Regular.ttf"),
    include_bytes!("../fonts/NotoSans-SemiBold.ttf"),
    include_bytes!("../fonts/NotoSansDevanagari-Regular.ttf"),
];
/// Documents laid out at once by one process; more wait.
const AT_ONCE: usize = 2;

/// Lays out documents.
#[derive(Clone)]
pub struct Typesetter {
    engine: Arc<TypstEngine<TypstTemplateMainFile>>,
    places: Arc<Semaphore>,
}

impl std::fmt::Debug for Typesetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Typesetter").finish_non_exhaustive()
    }
}

impl Default for Typesetter {
    fn default() -> Self {
        Self::new()
    }
}

impl Typesetter {
    /// Reads the fonts and the template.
    #[must_use]
    pub fn new() -> Self {
        let engine = TypstEngine::builder().main_file(TEMPLATE).fonts(FONTS).build();
        Self { engine: Arc::new(engine), places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Makes a PDF on this very thread, which takes milliseconds of work.
    ///
    /// # Errors
    /// When the template is at fault; in words for an operator.
    pub fn set(&self, paper: &DocumentPaper) -> Result<Vec<u8>, String> {
        let view = serde_json::to_string(&view::View::of(paper)?).map_err(|e| e.to_string())?;
        let mut inputs = Dict::new();
        inputs.insert("paper".into(), view.into_value());
        let document: PagedDocument =
            self.engine.compile_with_input(inputs).output.map_err(|e| format!("the document could not be laid out: {e}"))?;
        typst_pdf::pdf(&document, &PdfOptions::default()).map_err(|problems| {
            let words: Vec<_> = problems.iter().map(|p| p.message.as_str()).collect();
            format!("the document could not be written as PDF: {}", words.join("; "))
        })
    }
}

#[async_trait]
impl DocumentRenderer for Typesetter {
    async fn render(&self, paper: DocumentPaper) -> Result<Vec<u8>, String> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|e| e.to_string())?;
        let this = self.clone();
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || {
            // Held to the end of the work, also when nobody waits for it any more.
            let _place = place;
            span.in_scope(|| this.set(&paper))
        })
        .await
        .map_err(|e| format!("laying out the document failed: {e}"))?
    }
}
