//! Payments, and what may be paid.

use async_graphql::{Context, ID, InputObject, Object};
use billow_billing::Error;
use billow_billing::page::Page;
use billow_billing::payments::PaymentFilter as Wanted;

use crate::bills::bill::Bill;
use crate::connection::{Connection, CountedConnection, page};
use crate::context::ContextExt as _;
use crate::documents::document::Document;
use crate::ids::{id_of, optional_id};
use crate::payments::inputs::{BillAmountInput, bill_amounts};
use crate::payments::payment::{Payment, PaymentConnection};
use crate::payments::quote::{PayLink, PayableQuote, PaymentPreview};
use crate::refusal::{Result, done, if_found};
use crate::remittances::remittance::Remittance;
use crate::scalars::{Date, Instant};
use crate::types::{PaymentKind, PaymentStatus, RemittanceStatus, UtilityType};

/// Which payments are wanted; what is absent does not narrow.
#[derive(InputObject, Clone, Debug, Default)]
pub(crate) struct PaymentFilter {
    /// For staff: whose.
    customer_id: Option<ID>,
    /// In which status.
    status: Option<PaymentStatus>,
    /// For bills or the wallet.
    kind: Option<PaymentKind>,
    /// With a part for this kind of supply.
    utility_type: Option<UtilityType>,
    /// With a part for this provider.
    provider_id: Option<ID>,
    /// With a part for this bill.
    bill_id: Option<ID>,
    /// With a part for this home.
    property_id: Option<ID>,
    /// Asked for on this day or later.
    from: Option<Date>,
    /// Asked for on this day or earlier.
    to: Option<Date>,
}

impl PaymentFilter {
    fn read(&self) -> billow_billing::Result<Wanted> {
        Ok(Wanted {
            customer_id: optional_id(self.customer_id.as_ref(), "filter.customerId")?,
            status: self.status.map(Into::into),
            kind: self.kind.map(Into::into),
            utility_type: self.utility_type.map(Into::into),
            provider_id: optional_id(self.provider_id.as_ref(), "filter.providerId")?,
            bill_id: optional_id(self.bill_id.as_ref(), "filter.billId")?,
            property_id: optional_id(self.property_id.as_ref(), "filter.propertyId")?,
            from: self.from.map(|date| date.0),
            to: self.to.map(|date| date.0),
        })
    }
}

/// A payment to be looked at before it is made.
#[derive(InputObject, Clone, Debug)]
pub(crate) struct PayBillsPreviewInput {
    /// What is to be paid; at most 50, all in one currency.
    bills: Vec<BillAmountInput>,
    /// Take what the wallet has of it first.
    use_wallet: Option<bool>,
    /// By which saved method the rest would go.
    payment_method_id: Option<ID>,
}

#[derive(Default)]
pub(crate) struct PaymentQueries;

#[Object]
impl PaymentQueries {
    /// Payments, the newest first: one's own, for staff all. With `since` only what changed, the oldest change first.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn payments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payments.")] filter: Option<PaymentFilter>,
        #[graphql(desc = "A cursor of the event log (`viewer.cursor`, an event's, or this list's `cursor`): only what changed after it.")]
        since: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<PaymentConnection> {
        let (billing, actor) = (ctx.billing(), ctx.actor());
        let wanted = filter.unwrap_or_default().read()?;
        let Some(since) = since else {
            // Before the list is read, so that nothing falls between it and the next `since`.
            let cursor = billing.kernel.events.log_end().await?;
            return Ok(PaymentConnection::of(billing.payments.payments(actor, wanted, page(first, after)).await?, cursor));
        };
        if after.is_some() || wanted != (Wanted { customer_id: wanted.customer_id, ..Wanted::default() }) {
            let message = "With `since` everything that changed is told: take no other filter than `customerId`, and no `after`.";
            return Err(Error::invalid("INVALID", "since", message).into());
        }
        let position = since.parse().ok().filter(|position| *position >= 0).ok_or_else(Error::bad_cursor)?;
        let changed = billing.payments.payments_since(actor, wanted.customer_id, position, page(first, None).limit()?).await?;
        let items = changed.payments.into_iter().map(|payment| (changed.position.to_string(), payment)).collect();
        Ok(PaymentConnection::of(Page { items, has_next: changed.more, has_previous: false, end: None }, changed.position))
    }

    /// A payment.
    async fn payment(&self, ctx: &Context<'_>, #[graphql(desc = "The payment's id.")] id: ID) -> Result<Option<Payment>> {
        let found = async { ctx.billing().payments.payment(ctx.actor(), id_of(&id, "payment")?).await };
        Ok(if_found(found.await)?.map(Payment::from))
    }

    /// What a payment would come to, without making it. What stands against it is in its `userErrors`.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn preview_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The payment to be.")] input: PayBillsPreviewInput,
    ) -> Result<PaymentPreview> {
        let outcome = async {
            let bills = bill_amounts(&input.bills)?;
            let method = optional_id(input.payment_method_id.as_ref(), "paymentMethodId")?;
            ctx.billing().payments.preview_payment(ctx.actor(), bills, input.use_wallet.unwrap_or(false), method).await
        };
        let (preview, user_errors) = done(outcome.await)?;
        Ok(preview.map_or_else(|| PaymentPreview::refused(user_errors), Into::into))
    }

    /// The bill behind a signed link; null where the link is wrong or expired. Nobody need be signed in.
    #[graphql(complexity = "child_complexity + 10")]
    async fn pay_link(&self, ctx: &Context<'_>, #[graphql(desc = "What the link ends in.")] token: String) -> Result<Option<PayLink>> {
        let Some(link) = if_found(ctx.billing().payments.pay_link(&token, ctx.caller().address).await)? else { return Ok(None) };
        Ok(Some(PayLink {
            bill: Bill::for_guest(link.bill),
            quote: PayableQuote::for_guest(link.quote),
            expires_at: Instant(link.expires_at),
            payment: link.payment.map(Payment::for_guest),
        }))
    }

    /// What providers are paid, the newest first. For staff.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn remittances(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which status.")] status: Option<RemittanceStatus>,
        #[graphql(desc = "To which provider.")] provider_id: Option<ID>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<Remittance>> {
        let filter = billow_billing::remittances::RemittanceFilter {
            status: status.map(Into::into),
            provider_id: optional_id(provider_id.as_ref(), "providerId")?,
        };
        Ok(Connection::of(ctx.billing().remittances.remittances(ctx.actor(), filter, page(first, after)).await?, Remittance))
    }

    /// Payments that are neither paid nor given up, the oldest first; at most 100. For staff.
    #[graphql(complexity = "crate::connection::page_cost(Some(100), child_complexity)")]
    async fn unsettled(&self, ctx: &Context<'_>) -> Result<Vec<Payment>> {
        Ok(ctx.billing().payments.unsettled(ctx.actor()).await?.into_iter().map(Payment::from).collect())
    }

    /// Invoices and receipts that could not be made, and receipts that could not be made anew; the newest first. For staff.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn failed_documents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<CountedConnection<Document>> {
        let counted = ctx.look_ahead().field("totalCount").exists();
        let total = if counted { Some(ctx.billing().documents.failed_documents_count(ctx.actor()).await?) } else { None };
        let documents = ctx.billing().documents.failed_documents(ctx.actor(), page(first, after)).await?;
        Ok(CountedConnection::of(Connection::of(documents, Document), total))
    }
}
