//! Making documents that are due: claimed under a lease and a fence, numbered, laid out and stored outside any transaction, and
//! written down if the claim still holds.

use std::time::Duration as StdDuration;

use async_trait::async_trait;
use billow_entities::{DocumentStatus, document, payment};
use billow_kernel::due::{Backoff, ClaimColumns, Claimable, DueRows, DueWork, OpenClaim, outcome};
use billow_kernel::error::Result;
use billow_kernel::events::PaymentStep;
use billow_kernel::sha256_hex;
use bytes::Bytes;
use chrono::{DateTime, Datelike, Duration, Utc};
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;

use super::Documents;
use super::number;

/// How long laying out, and storing, may take.
const LIMIT: StdDuration = StdDuration::from_secs(60);
/// The largest document.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Longest reason kept.
const MAX_REASON: usize = 500;
/// The waits between tries of one document, eight in all.
const WAITS: Backoff = Backoff::seconds(&[5, 30, 120, 600, 3_600]).up_to(8);

/// A document that was made.
struct Made {
    key: String,
    sha256: String,
    size: usize,
}

/// Documents that are to be made.
pub struct MakeDocuments<'a>(&'a Documents);

impl DueRows for MakeDocuments<'_> {
    type Table = document::Entity;
    const NAME: &'static str = "documents";
    const DUE_AT: document::Column = document::Column::DueAt;
}

impl Claimable for MakeDocuments<'_> {
    // Longer than a batch takes at worst.
    const LEASE: Duration = Duration::minutes(10);
    const CLAIM: ClaimColumns<document::Column> = ClaimColumns {
        id: document::Column::Id,
        lease_until: document::Column::LeaseUntil,
        fence: document::Column::Fence,
        tries: Some(document::Column::Tries),
    };
}

#[async_trait]
impl DueWork for MakeDocuments<'_> {
    const BATCH: u64 = 16;
    const TURNS: usize = 64;
    const AT_ONCE: usize = 4;

    fn id_of(row: &document::Model) -> String {
        row.id.to_string()
    }

    async fn claiming(&self, claim: &mut OpenClaim<Self>) -> Result<()> {
        number::give(&claim.tx, &mut claim.rows).await
    }

    async fn run(&self, row: document::Model) -> Result<()> {
        self.0.make_one(row).await
    }
}

impl Documents {
    /// Makes the documents that are due; answers how many were tried. Any number of processes may do so at once.
    ///
    /// # Errors
    /// When the database does not answer; what was not written is due still.
    #[tracing::instrument(name = "documents.make_due", skip_all)]
    pub async fn make_documents_due(&self) -> Result<u64> {
        self.due.work(&MakeDocuments(self)).await
    }

    async fn make_one(&self, document: document::Model) -> Result<()> {
        let made = if WAITS.is_last(document.tries - 1) {
            Err("gave up: it was interrupted repeatedly".to_owned())
        } else {
            self.lay_out_and_store(&document).await
        };
        self.write_made(document, made).await
    }

    async fn lay_out_and_store(&self, document: &document::Model) -> Result<Made, String> {
        let slow = |what: &'static str| move |_| format!("{what} took longer than {} s", LIMIT.as_secs());
        let paper = self.paper_of(document).await.map_err(|e| e.to_string())?;
        let bytes = tokio::time::timeout(LIMIT, self.documents.render(paper)).await.map_err(slow("laying it out"))??;
        if bytes.len() > MAX_BYTES {
            return Err(format!("it has {} bytes, more than {MAX_BYTES}", bytes.len()));
        }
        let (sha256, size) = (sha256_hex(&bytes), bytes.len());
        let key = format!("documents/{}/{}/{sha256}.pdf", document.created_at.year(), document.id);
        let put = self.objects.put(&key, Bytes::from(bytes), "application/pdf");
        tokio::time::timeout(LIMIT, put).await.map_err(slow("storing it"))??;
        Ok(Made { key, sha256, size })
    }

    async fn write_made(&self, document: document::Model, made: Result<Made, String>) -> Result<()> {
        use document::Column as C;
        let now = self.clock.now();
        let mut update = outcome::<MakeDocuments>(&document);
        let (outcome, told) = match &made {
            Ok(made) => {
                update = update
                    .col_expr(C::Status, Expr::value(DocumentStatus::Ready))
                    .col_expr(C::StatusReason, Expr::value(None::<String>))
                    .col_expr(C::ObjectKey, Expr::value(made.key.as_str()))
                    .col_expr(C::Sha256, Expr::value(made.sha256.as_str()))
                    .col_expr(C::SizeBytes, Expr::value(i64::try_from(made.size).unwrap_or(i64::MAX)))
                    .col_expr(C::DueAt, Expr::value(None::<DateTime<Utc>>))
                    .col_expr(C::Tries, Expr::value(0))
                    .col_expr(C::ReadyAt, Expr::value(now));
                // Made anew with nothing new to say: nobody needs to look again.
                ("ready", document.sha256.as_deref() != Some(made.sha256.as_str()))
            }
            Err(reason) => {
                let reason: String = reason.chars().take(MAX_REASON).collect();
                update = update.col_expr(C::StatusReason, Expr::value(reason));
                match WAITS.next(document.tries, None) {
                    Some(wait) => {
                        update = update.col_expr(C::DueAt, Expr::value(now + wait));
                        ("again", false)
                    }
                    None => {
                        update = update.col_expr(C::DueAt, Expr::value(None::<DateTime<Utc>>));
                        // An earlier making of it is still good to read.
                        if document.object_key.is_none() {
                            update = update.col_expr(C::Status, Expr::value(DocumentStatus::Failed));
                        }
                        ("failed", true)
                    }
                }
            }
        };
        let mut tx = self.store.write_tx().await?;
        if update.exec(&*tx).await?.rows_affected == 0 {
            tracing::warn!(document.id = %document.id, "the claim on a document was lost before it was written down");
            tx.leave(()).await;
            return Ok(());
        }
        if told {
            let payment = payment::Entity::find_by_id(document.payment_id).one(&*tx).await?;
            if let Some(payment) = payment {
                tx.emit(self.events.payment(&payment, PaymentStep::Document(made.is_ok().then_some(document.id)))?);
            }
        }
        tx.commit().await?;
        metrics::counter!("billow_documents_total", "kind" => document.kind.as_str(), "outcome" => outcome).increment(1);
        if let Err(reason) = made {
            tracing::warn!(document.id = %document.id, document.tries, outcome, reason, "a document could not be made");
        }
        Ok(())
    }
}
