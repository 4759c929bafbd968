//! Payments.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use billow_billing::Error;
use billow_billing::page::Page;
use billow_billing::payments::{TimelineEntry as Happened, can_cancel, can_retry};
use billow_entities::payment;

use crate::connection::{Connection, Edge, PageInfo};
use crate::context::ContextExt as _;
use crate::customers::customer::Customer;
use crate::documents::document::Document;
use crate::ids;
use crate::loaders::{AllocationsOf, AttemptsOf, DocumentsOf, Find as _, RefundsOf, must, parts};
use crate::methods::method::PaymentMethod;
use crate::payments::allocation::Allocation;
use crate::payments::attempt::PaymentAttempt;
use crate::refunds::refund::Refund;
use crate::refusal::{Refusal, Result};
use crate::rules;
use crate::scalars::{Instant, Json};
use crate::types::{AttemptStatus, DeclineKind, DocumentKind, Money, PaymentKind, PaymentStatus, RefundCause};

/// A payment, and with which eyes it is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    row: Arc<payment::Model>,
    /// Whether a guest looks at it, by a signed link: they see what they pay, and nothing of whom it belongs to.
    guest: bool,
}

impl From<payment::Model> for Payment {
    fn from(row: payment::Model) -> Self {
        Self::of(Arc::new(row))
    }
}

impl Payment {
    pub(crate) fn of(row: Arc<payment::Model>) -> Self {
        Self { row, guest: false }
    }

    /// As a guest may see it.
    pub(crate) fn for_guest(row: payment::Model) -> Self {
        Self { row: Arc::new(row), guest: true }
    }

    fn money(&self, minor: i64) -> Money {
        Money::stored(minor, &self.row.currency)
    }

    /// Whether it is for whoever asks to decide what becomes of it: whoever pays, and staff.
    fn is_for(&self, ctx: &Context<'_>) -> bool {
        !self.guest && rules::owns(ctx, self.row.customer_id)
    }
}

/// A customer's money on its way to one or more bills, or to their wallet.
#[Object(serial)]
impl Payment {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.row.id)
    }

    /// What it is for.
    async fn kind(&self) -> PaymentKind {
        self.row.kind.into()
    }

    /// Where it stands.
    async fn status(&self) -> PaymentStatus {
        self.row.status.into()
    }

    /// Why it stands there, in the words of whoever pays.
    async fn status_reason(&self) -> Option<&str> {
        self.row.status_reason.as_deref()
    }

    /// Why it was declined, if it was.
    async fn decline_kind(&self) -> Option<DeclineKind> {
        self.row.decline_kind.map(Into::into)
    }

    /// The whole of it.
    async fn amount(&self) -> Money {
        self.money(self.row.amount_minor)
    }

    /// The part from the wallet.
    async fn from_wallet(&self) -> Money {
        self.money(self.row.wallet_minor)
    }

    /// The part through a gateway.
    async fn from_gateway(&self) -> Money {
        self.money(self.row.gateway_minor)
    }

    /// Gone back, or on its way back.
    async fn refunded(&self) -> Money {
        self.money(self.row.refunded_minor)
    }

    /// What may still go back.
    async fn refundable(&self) -> Money {
        let arrived = self.row.status == billow_entities::PaymentStatus::Succeeded;
        self.money(if arrived { self.row.amount_minor - self.row.refunded_minor } else { 0 })
    }

    /// The saved method it goes by; null for a hosted page and for a wallet alone.
    async fn method(&self, ctx: &Context<'_>) -> Result<Option<PaymentMethod>> {
        let Some(id) = self.row.method_id.filter(|_| !self.guest) else { return Ok(None) };
        Ok(ctx.loaders().find(id).await?.and_then(|row| rules::payment_method(ctx, row)))
    }

    /// Who pays.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Customer> {
        if self.guest {
            return Err(Refusal(Error::NotFound("customer")));
        }
        Ok(Customer::of(must(ctx.loaders().find(self.row.customer_id).await?, "customer")?))
    }

    /// Its parts, one for each bill.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn allocations(&self, ctx: &Context<'_>) -> Result<Vec<Allocation>> {
        let rows = parts(ctx.loaders(), AllocationsOf(self.row.id)).await?;
        Ok(rows.into_iter().map(|row| Allocation::of(row, self.guest)).collect())
    }

    /// Its tries at gateways, the first one first.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn attempts(&self, ctx: &Context<'_>) -> Result<Vec<PaymentAttempt>> {
        if self.guest {
            return Ok(Vec::new());
        }
        Ok(parts(ctx.loaders(), AttemptsOf(self.row.id)).await?.into_iter().map(PaymentAttempt).collect())
    }

    /// What went back, the first one first.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn refunds(&self, ctx: &Context<'_>) -> Result<Vec<Refund>> {
        if self.guest {
            return Ok(Vec::new());
        }
        Ok(parts(ctx.loaders(), RefundsOf(self.row.id)).await?.into_iter().map(Refund).collect())
    }

    /// Its invoice and receipt.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn documents(&self, ctx: &Context<'_>) -> Result<Vec<Document>> {
        if self.guest {
            return Ok(Vec::new());
        }
        Ok(parts(ctx.loaders(), DocumentsOf(self.row.id)).await?.into_iter().map(Document).collect())
    }

    /// Where whoever pays confirms it, while there is something to confirm.
    async fn action_url(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if self.row.status != billow_entities::PaymentStatus::RequiresAction {
            return Ok(None);
        }
        let attempts = parts(ctx.loaders(), AttemptsOf(self.row.id)).await?;
        Ok(attempts.into_iter().max_by_key(|attempt| attempt.number).and_then(|attempt| attempt.action_url))
    }

    /// Whether `retryPayment` is open to whoever asks.
    async fn can_retry(&self, ctx: &Context<'_>) -> bool {
        self.is_for(ctx) && can_retry(&self.row)
    }

    /// Whether `cancelPayment` is open to whoever asks.
    async fn can_cancel(&self, ctx: &Context<'_>) -> bool {
        self.is_for(ctx) && can_cancel(self.row.status)
    }

    /// What happened, the first thing first: everything for staff, for whoever pays what concerns them.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn timeline(&self, ctx: &Context<'_>) -> Result<Vec<TimelineEntry>> {
        if self.guest {
            return Ok(Vec::new());
        }
        let staff = ctx.actor().is_staff();
        let happened = Box::pin(ctx.billing().payments.timeline(ctx.actor(), self.row.id)).await?;
        Ok(happened.into_iter().map(|entry| TimelineEntry::of(entry, staff)).collect())
    }

    /// When it was asked for.
    async fn created_at(&self) -> Instant {
        Instant(self.row.created_at)
    }

    /// When it last changed.
    async fn updated_at(&self) -> Instant {
        Instant(self.row.updated_at)
    }

    /// When the money reached us.
    async fn settled_at(&self) -> Option<Instant> {
        self.row.settled_at.map(Instant)
    }
}

/// Something that happened to a payment.
#[derive(SimpleObject)]
pub(crate) struct TimelineEntry {
    /// When.
    at: Instant,
    /// What, such as `attempt.answered`; with the fields below, what words in another language are made of.
    kind: String,
    /// In a few English words.
    title: String,
    /// In an English sentence.
    detail: Option<String>,
    /// Of which try it is, from 1.
    attempt_number: Option<i32>,
    /// What the gateway answered to it.
    attempt_status: Option<AttemptStatus>,
    /// For how many seconds an answer was waited for in vain.
    waited_seconds: Option<i32>,
    /// Whether this was learned by asking again, after an attempt without an answer.
    asked_again: bool,
    /// Why it was declined.
    decline_kind: Option<DeclineKind>,
    /// Why money goes back.
    refund_cause: Option<RefundCause>,
    /// Which paper was made.
    document_kind: Option<DocumentKind>,
    /// The paper's number, or the provider's word for the payment.
    reference: Option<String>,
    /// What a person wrote of it: an operator, or the provider. As it was written, in whichever language.
    note: Option<String>,
    /// How much, where money moved.
    amount: Option<Money>,
    /// The particulars. For staff; null for others.
    data: Option<Json>,
}

impl TimelineEntry {
    fn of(entry: Happened, staff: bool) -> Self {
        let about = entry.about;
        Self {
            at: Instant(entry.at),
            kind: entry.kind,
            title: entry.title,
            detail: entry.detail,
            attempt_number: about.attempt,
            attempt_status: about.attempt_status.map(Into::into),
            waited_seconds: about.waited_seconds,
            asked_again: about.asked_again,
            decline_kind: about.decline_kind.map(Into::into),
            refund_cause: about.refund_cause.map(Into::into),
            document_kind: about.document_kind.map(Into::into),
            reference: about.reference,
            note: about.note,
            amount: entry.amount_minor.map(|minor| Money(billow_entities::Money::new(minor, entry.currency))),
            data: entry.data.filter(|_| staff).map(Json),
        }
    }
}

/// A page of payments, and where the log stood.
pub(crate) struct PaymentConnection {
    page: Connection<Payment>,
    cursor: i64,
}

impl PaymentConnection {
    /// The page `read` at `cursor` or later.
    pub(crate) fn of(read: Page<payment::Model>, cursor: i64) -> Self {
        Self { page: Connection::of(read, Payment::from), cursor }
    }

    /// None.
    pub(crate) fn empty(cursor: i64) -> Self {
        Self::of(Page { items: Vec::new(), has_next: false, has_previous: false, end: None }, cursor)
    }
}

/// A page of payments.
#[Object(serial)]
impl PaymentConnection {
    /// The nodes, each with its cursor.
    async fn edges(&self) -> &[Edge<Payment>] {
        self.page.edge_list()
    }

    /// The nodes alone.
    async fn nodes(&self) -> Vec<&Payment> {
        self.page.node_list()
    }

    /// Pagination information.
    async fn page_info(&self) -> &PageInfo {
        self.page.info()
    }

    /// Where the event log stood when this was read: give it as the next `since`, and nothing is missed.
    async fn cursor(&self) -> String {
        self.cursor.to_string()
    }
}
