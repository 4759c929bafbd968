//! Our paying providers.

use async_graphql::{Context, ID, Object};
use billow_billing::remittances;
use billow_entities::remittance;

use crate::bills::bill::Bill;
use crate::context::ContextExt as _;
use crate::ids;
use crate::loaders::{AllocationsOf, Find as _, must, parts};
use crate::payments::payment::Payment;
use crate::providers::provider::Provider;
use crate::recharges::recharge::Recharge;
use crate::refusal::Result;
use crate::rules;
use crate::scalars::Instant;
use crate::types::{Money, RemittanceStatus};

/// Our paying a provider for one part of a payment.
#[derive(Clone, Debug)]
pub(crate) struct Remittance(pub remittance::Model);

/// Our paying a provider for one part of a payment.
#[Object]
impl Remittance {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// Where it stands.
    async fn status(&self) -> RemittanceStatus {
        self.0.status.into()
    }

    /// How much.
    async fn amount(&self) -> Money {
        Money::stored(self.0.amount_minor, &self.0.currency)
    }

    /// The provider's word for it.
    async fn provider_reference(&self) -> Option<&str> {
        self.0.provider_ref.as_deref()
    }

    /// What the provider said. For staff; null for others.
    async fn message(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.message.as_deref().filter(|_| ctx.actor().is_staff())
    }

    /// Prepaid: what the customer types in. For whoever paid, and staff.
    async fn voucher(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if self.0.voucher_enc.is_none() {
            return Ok(None);
        }
        Ok(Box::pin(ctx.billing().remittances.voucher(ctx.actor(), &self.0)).await?)
    }

    /// From when `confirmRemittance` and `rejectRemittance` are open to staff: at once for what is `MANUAL` or `UNKNOWN`,
    /// three days after it was sent for what is `SENT`. Null where there is nothing to decide, and for others.
    async fn decidable_from(&self, ctx: &Context<'_>) -> Option<Instant> {
        remittances::decidable_from(&self.0).filter(|_| ctx.actor().is_staff()).map(Instant)
    }

    /// Whether staff may decide it now; false for others.
    async fn can_decide(&self, ctx: &Context<'_>) -> bool {
        ctx.actor().is_staff() && remittances::decidable_from(&self.0).is_some_and(|from| from <= ctx.billing().kernel.clock.now())
    }

    /// How often it was sent or asked about.
    async fn tries(&self) -> i32 {
        self.0.tries
    }

    /// When it was sent.
    async fn sent_at(&self) -> Option<Instant> {
        self.0.sent_at.map(Instant)
    }

    /// When the provider confirmed or refused it.
    async fn settled_at(&self) -> Option<Instant> {
        self.0.settled_at.map(Instant)
    }

    /// When it was queued.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// The payment it is of. For who pays, and staff; null for others.
    async fn payment(&self, ctx: &Context<'_>) -> Result<Option<Payment>> {
        Ok(ctx.loaders().find(self.0.payment_id).await?.and_then(|row| rules::payment(ctx, row)))
    }

    /// Who gets it.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Provider> {
        Ok(Provider::of(must(ctx.loaders().find(self.0.provider_id).await?, "provider")?))
    }

    /// The bill it is for; null where it is for something else.
    async fn bill(&self, ctx: &Context<'_>) -> Result<Option<Bill>> {
        let Some(id) = self.0.target().bill() else { return Ok(None) };
        let bill = must(ctx.loaders().find(id).await?, "bill")?;
        if let Some(bill) = rules::bill(ctx, &bill).await? {
            return Ok(Some(bill));
        }
        let of_payment = parts(ctx.loaders(), AllocationsOf(self.0.payment_id)).await?;
        let part = of_payment.into_iter().find(|part| part.id == self.0.allocation_id);
        rules::bill_of(ctx, &bill, &must(part, "bill")?).await.map(Some)
    }

    /// The recharge it is for; null where it is for something else.
    async fn recharge(&self, ctx: &Context<'_>) -> Result<Option<Recharge>> {
        let Some(id) = self.0.target().recharge() else { return Ok(None) };
        Ok(ctx.loaders().find(id).await?.map(|row| Recharge((*row).clone())))
    }
}
