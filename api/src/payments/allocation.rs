//! The parts of a payment.

use async_graphql::{Context, ID, Object};
use billow_entities::payment_allocation;

use crate::bills::bill::Bill;
use crate::context::ContextExt as _;
use crate::ids;
use crate::loaders::{Find as _, must};
use crate::providers::provider::Provider;
use crate::recharges::recharge::Recharge;
use crate::refusal::Result;
use crate::remittances::remittance::Remittance;
use crate::rules;
use crate::types::{Money, UtilityType};

/// The part of a payment that pays one thing: a bill or a recharge.
#[derive(Clone, Debug)]
pub(crate) struct Allocation {
    row: payment_allocation::Model,
    guest: bool,
}

impl Allocation {
    pub(crate) fn of(row: payment_allocation::Model, guest: bool) -> Self {
        Self { row, guest }
    }
}

/// The part of a payment that pays one thing: a bill or a recharge.
#[Object(serial)]
impl Allocation {
    /// Its id.
    async fn id(&self) -> ID {
        ids::text(self.row.id)
    }

    /// The bill; null where it pays something else. Who paid it and left its home since sees it as it was then: without home,
    /// account and customer.
    async fn bill(&self, ctx: &Context<'_>) -> Result<Option<Bill>> {
        let Some(id) = self.row.target().bill() else { return Ok(None) };
        let bill = must(ctx.loaders().find(id).await?, "bill")?;
        Ok(Some(if self.guest { Bill::for_guest((*bill).clone()) } else { rules::bill_of(ctx, &bill, &self.row).await? }))
    }

    /// The recharge; null where it pays something else.
    async fn recharge(&self, ctx: &Context<'_>) -> Result<Option<Recharge>> {
        let Some(id) = self.row.target().recharge() else { return Ok(None) };
        Ok(ctx.loaders().find(id).await?.map(|row| Recharge((*row).clone())))
    }

    /// How much of the payment.
    async fn amount(&self) -> Money {
        Money::stored(self.row.amount_minor, &self.row.currency)
    }

    /// Gone back of it, or on its way back.
    async fn refunded(&self) -> Money {
        Money::stored(self.row.refunded_minor, &self.row.currency)
    }

    /// Who gets it.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Provider> {
        Ok(Provider::of(must(ctx.loaders().find(self.row.provider_id).await?, "provider")?))
    }

    /// How much of what is not refunded the provider has or may have already. A refund of that does not bring it back: the
    /// provider has to repay it, or it is a loss. For staff; null for others.
    async fn at_provider(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        if !ctx.actor().is_staff() {
            return Ok(None);
        }
        let remittance = ctx.loaders().find(self.row.id).await?;
        let minor = billow_billing::remittances::at_provider(&self.row, remittance.as_deref());
        Ok(Some(Money::stored(minor, &self.row.currency)))
    }

    /// What was supplied.
    async fn utility_type(&self) -> UtilityType {
        self.row.utility_type.into()
    }

    /// Our paying the provider; null until the money reached us.
    async fn remittance(&self, ctx: &Context<'_>) -> Result<Option<Remittance>> {
        if self.guest {
            return Ok(None);
        }
        Ok(ctx.loaders().find(self.row.id).await?.map(|row| Remittance((*row).clone())))
    }
}
