//! Links to documents: one that opens the file for a quarter of an hour, and one on the paper itself by which anybody can
//! check that it is genuine. Both carry a signature that only our key can make.

use billow_entities::{DocumentId, DocumentKind, Money, PaymentStatus, document, payment};
use billow_kernel::error::{Error, Fault, Result};
use billow_kernel::sha256_hex;
use bytes::Bytes;
use chrono::{DateTime, Duration, Utc};
use sea_orm::EntityTrait;
use subtle::ConstantTimeEq as _;

use super::Documents;
use crate::currency::currency_of;

/// How long a link opens its document.
const OPENS_FOR: Duration = Duration::minutes(15);

/// What is not found of a document that is being made, or whose file has not come here yet.
pub const NOT_YET: &str = "document's file yet";

/// What the checking page tells whoever holds a document. It names nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedDocument {
    /// Its number.
    pub number: String,
    /// Invoice or receipt.
    pub kind: DocumentKind,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// The whole amount.
    pub amount: Money,
    /// What has gone back of it since.
    pub refunded: Money,
    /// Where the payment stands now.
    pub payment_status: PaymentStatus,
    /// When the money reached us.
    pub settled_at: Option<DateTime<Utc>>,
}

fn same(ours: &str, theirs: &str) -> bool {
    ours.as_bytes().ct_eq(theirs.as_bytes()).into()
}

impl Documents {
    /// The address that opens a document, for the next quarter of an hour.
    #[must_use]
    pub fn document_url(&self, document: &document::Model) -> String {
        let expires = (self.clock.now() + OPENS_FOR).timestamp();
        let signature = self.open_signature(document.id, expires);
        format!("{}/documents/{}.pdf?expires={expires}&signature={signature}", self.settings.base_url, document.id)
    }

    /// A document and its bytes, for whoever holds a link that has not expired.
    ///
    /// # Errors
    /// `Forbidden` when the signature is not ours or the link has expired; `NotFound` when there is no such document, and
    /// of [`NOT_YET`] when its file is not here.
    #[tracing::instrument(name = "documents.open", skip_all, fields(document.id = %id))]
    pub async fn open_document(&self, id: DocumentId, expires: i64, signature: &str) -> Result<(document::Model, Bytes)> {
        if !same(&self.open_signature(id, expires), signature) || self.clock.now().timestamp() >= expires {
            return Err(Error::Forbidden);
        }
        let document = document::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("document"))?;
        let key = document.object_key.as_deref().ok_or(Error::NotFound(NOT_YET))?;
        let fault = |what: String| Error::Fault(Fault::new("the store of documents", what));
        let Some(bytes) = self.objects.get(key).await.map_err(fault)? else {
            tracing::error!(
                object.key = key,
                "a document was made and its file is not here: do the API and the workers share the folder of documents?"
            );
            return Err(Error::NotFound(NOT_YET));
        };
        if document.sha256.as_deref() != Some(sha256_hex(&bytes).as_str()) {
            return Err(fault(format!("{key} is not what was put there")));
        }
        Ok((document, bytes))
    }

    /// The address at which anybody can check that a document is genuine. It never expires: it stands on paper.
    #[must_use]
    pub fn verify_url(&self, id: DocumentId) -> String {
        format!("{}/verify/{id}?s={}", self.settings.base_url, self.verify_signature(id))
    }

    /// What a genuine document says, for whoever holds it.
    ///
    /// # Errors
    /// `NotFound` when the signature is not ours, or there is no such document.
    #[tracing::instrument(name = "documents.verify", skip_all, fields(document.id = %id))]
    pub async fn verify_document(&self, id: DocumentId, signature: &str) -> Result<VerifiedDocument> {
        if !same(&self.verify_signature(id), signature) {
            return Err(Error::NotFound("document"));
        }
        let missing = || Error::NotFound("document");
        let document = document::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or_else(missing)?;
        let payment = payment::Entity::find_by_id(document.payment_id).one(self.store.primary()).await?.ok_or_else(missing)?;
        let currency = currency_of(&payment.currency)?;
        Ok(VerifiedDocument {
            number: document.number.ok_or_else(missing)?,
            kind: document.kind,
            issued_at: document.created_at,
            amount: Money::new(payment.amount_minor, currency),
            refunded: Money::new(payment.refunded_minor, currency),
            payment_status: payment.status,
            settled_at: payment.settled_at,
        })
    }

    fn open_signature(&self, id: DocumentId, expires: i64) -> String {
        self.cipher.blind_index("document-open", &format!("{id}.{expires}"))
    }

    fn verify_signature(&self, id: DocumentId) -> String {
        self.cipher.blind_index("document-verify", &id.to_string())
    }
}
