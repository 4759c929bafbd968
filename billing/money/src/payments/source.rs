//! Where the part of a payment comes from that no wallet covers: a saved method or a page, and the gateway that was chosen.

use billow_entities::{
    AttemptId, AttemptStatus, Currency, CustomerId, GatewayId, MethodStatus, PaymentMethodId, payment, payment_attempt, payment_method,
};
use billow_kernel::error::Result;
use billow_kernel::store::WriteTx;
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};
use serde_json::Value;

use super::Means;
use super::Payments;
use crate::gateways::RouteRequest;
use crate::gateways::not_ready;

/// A means of payment with the gateway it goes through.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) means: Means,
    pub(super) method: Option<payment_method::Model>,
    /// The gateway and why it was chosen; none where the wallet alone is to pay.
    pub(super) route: Option<Route>,
}

/// A gateway, and the decision that chose it.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) gateway: GatewayId,
    pub(super) decision: Value,
}

/// What tells one retry from another.
#[derive(Clone, Debug, Default)]
pub(super) struct RetryMark {
    pub(super) key: Option<String>,
    pub(super) hash: Option<String>,
}

impl Payments {
    /// Chooses the gateway for a means of payment. Ask before the write transaction begins.
    pub(super) async fn source(&self, payer: CustomerId, means: Means, currency: Currency, tried: &[GatewayId]) -> Result<Source> {
        let method = match means {
            Means::WalletOnly => return Ok(Source { means, method: None, route: None }),
            Means::HostedPage => None,
            Means::Method(id) => Some(self.ready_method(payer, id).await?),
        };
        let request = RouteRequest { currency, kind: None, method: method.as_ref(), tried };
        let (access, decision) = self.gateways.route(request).await?;
        let route = Route { gateway: access.id, decision: serde_json::to_value(decision)? };
        Ok(Source { means, method, route: Some(route) })
    }

    /// Writes the next attempt of a payment, whose count of attempts includes it already.
    pub(super) async fn insert_attempt(
        &self,
        tx: &WriteTx,
        payment: &payment::Model,
        route: Route,
        return_url: Option<String>,
        mark: RetryMark,
    ) -> Result<payment_attempt::Model> {
        if let Some(method) = payment.method_id {
            still_ready(tx, method).await?;
        }
        let (id, now) = (AttemptId(self.ids.next()), self.clock.now());
        let row = payment_attempt::Model {
            id,
            payment_id: payment.id,
            number: payment.attempts,
            gateway_id: route.gateway,
            method_id: payment.method_id,
            status: AttemptStatus::Created,
            currency: payment.currency.clone(),
            amount_minor: payment.gateway_minor,
            // Derived from what is stored, so that whoever goes on with it names the same.
            gateway_key: id.to_string(),
            external_id: None,
            action_url: None,
            return_url,
            decline_kind: None,
            decline_code: None,
            message: None,
            fee_minor: None,
            retry_key: mark.key,
            retry_hash: mark.hash,
            decision: route.decision,
            sent_at: None,
            answered_at: None,
            unanswered_at: None,
            unanswered_message: None,
            created_at: now,
            updated_at: now,
        };
        Ok(row.into_active_model().insert(&**tx).await?)
    }
}

/// Looks at the method again under a lock that waits for whoever is removing it: it was chosen before this transaction began.
async fn still_ready(tx: &WriteTx, id: PaymentMethodId) -> Result<()> {
    let method = payment_method::Entity::find_by_id(id).lock(LockType::KeyShare).one(&**tx).await?;
    match method {
        Some(method) if method.status == MethodStatus::Ready => Ok(()),
        _ => Err(not_ready()),
    }
}
