//! The ports to what makes documents and what keeps them.

use async_trait::async_trait;
use billow_entities::{DocumentKind, Money, PaymentStatus, RemittanceStatus, UtilityType};
use chrono::{DateTime, NaiveDate, Utc};

/// Lays out invoices and receipts as PDF.
#[async_trait]
pub trait DocumentRenderer: Send + Sync {
    /// Makes a PDF. Long work: it is done off the threads that serve requests.
    ///
    /// # Errors
    /// In words for an operator.
    async fn render(&self, paper: DocumentPaper) -> Result<Vec<u8>, String>;
}

/// What an invoice or receipt says; every amount is in one currency.
#[derive(Clone, Debug)]
pub struct DocumentPaper {
    /// Invoice or receipt.
    pub kind: DocumentKind,
    /// Its number.
    pub number: String,
    /// A BCP 47 locale, such as `de-DE`; the language, and how amounts and dates are written.
    pub locale: String,
    /// An IANA name; the days of the customer.
    pub time_zone: String,
    /// When it was made.
    pub issued_at: DateTime<Utc>,
    /// Whom it is for.
    pub customer_name: String,
    /// The text id of the payment.
    pub payment_reference: String,
    /// Where the payment stands.
    pub payment_status: PaymentStatus,
    /// When it was asked for.
    pub paid_at: Option<DateTime<Utc>>,
    /// How it was paid, in a few words: `Visa ···· 4242`.
    pub paid_with: Option<String>,
    /// The whole.
    pub total: Money,
    /// From the wallet.
    pub from_wallet: Money,
    /// Through a gateway.
    pub from_gateway: Money,
    /// Given back so far.
    pub refunded: Money,
    /// What was paid for.
    pub items: Vec<DocumentItem>,
    /// Where anybody can check that it is genuine; shown as a QR code.
    pub verify_url: String,
}

/// One bill on a document, with both legs.
#[derive(Clone, Debug)]
pub struct DocumentItem {
    /// The provider's name; our own for a top-up.
    pub provider: String,
    /// What it supplies; none for a top-up.
    pub utility_type: Option<UtilityType>,
    /// The provider's number of the bill.
    pub bill_number: Option<String>,
    /// First and last day billed for.
    pub period: Option<(NaiveDate, NaiveDate)>,
    /// What of it was paid here.
    pub amount: Money,
    /// What the bill is made of, when the provider said so.
    pub lines: Vec<DocumentLine>,
    /// Whether the provider has the money.
    pub remittance: Option<(RemittanceStatus, Option<DateTime<Utc>>)>,
    /// The provider's word for it.
    pub provider_reference: Option<String>,
}

/// A line of a bill.
#[derive(Clone, Debug)]
pub struct DocumentLine {
    /// What for.
    pub label: String,
    /// Whether it is a tax.
    pub is_tax: bool,
    /// How much.
    pub amount: Option<Money>,
}

/// Keeps documents: a folder, or S3.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// Stores bytes under a key; the same key with the same bytes changes nothing.
    ///
    /// # Errors
    /// In words for an operator.
    async fn put(&self, key: &str, bytes: bytes::Bytes, content_type: &str) -> Result<(), String>;

    /// The bytes; none when there is no such object.
    ///
    /// # Errors
    /// In words for an operator.
    async fn get(&self, key: &str) -> Result<Option<bytes::Bytes>, String>;
}
