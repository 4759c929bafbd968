//! A request to pay as it is asked for: whose money it is, and how it is paid.

use billow_entities::{CustomerId, MethodStatus, PaymentMethodId, customer, payment_method};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Problems, Result};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Means;
use super::Payments;

impl Payments {
    /// Whose money it is: the customer who asks, or the one staff names.
    pub(super) async fn payer_of(&self, actor: &Actor, named: Option<CustomerId>) -> Result<CustomerId> {
        if !actor.is_staff() {
            let own = actor.customer()?;
            return match named {
                Some(other) if other != own => Err(Error::invalid("NOT_ALLOWED", "customerId", "Only staff pays for somebody else.")),
                _ => Ok(own),
            };
        }
        let id = named.ok_or_else(|| Error::invalid("REQUIRED", "customerId", "Say for whom you pay."))?;
        customer::Entity::find_by_id(id).one(self.store.primary()).await?.map(|c| c.id).ok_or(Error::NotFound("customer"))
    }

    /// The saved method, if the payer may be charged by it.
    pub(super) async fn ready_method(&self, payer: CustomerId, id: PaymentMethodId) -> Result<payment_method::Model> {
        let found = payment_method::Entity::find_by_id(id)
            .filter(payment_method::Column::CustomerId.eq(payer))
            .filter(payment_method::Column::RemovedAt.is_null())
            .one(self.store.primary())
            .await?;
        let method = found.ok_or(Error::NotFound("payment method"))?;
        if method.status == MethodStatus::Ready && method.external_id.is_some() {
            return Ok(method);
        }
        let words = method.status_reason.unwrap_or_else(|| "This payment method cannot be charged yet.".to_owned());
        Err(Error::invalid("METHOD_NOT_READY", "paymentMethodId", words))
    }
}

/// The part of a payment that no wallet covers, as it is to be paid.
pub(super) fn means(method: Option<PaymentMethodId>, hosted_page: bool, use_wallet: bool, problems: &mut Problems) -> Means {
    match (method, hosted_page) {
        (Some(method), false) => return Means::Method(method),
        (None, true) => return Means::HostedPage,
        (Some(_), true) => problems.add("INCONSISTENT", "hostedPage", "Choose a saved payment method or the payment page, not both."),
        (None, false) if use_wallet => {}
        (None, false) => problems.add("REQUIRED", "paymentMethodId", "Choose how to pay."),
    }
    Means::WalletOnly
}
