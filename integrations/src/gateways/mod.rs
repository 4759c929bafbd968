//! How Billow talks to card networks and banks: one adapter per kind of gateway.

mod stripe;

use std::collections::BTreeMap;

use async_trait::async_trait;
use billow_billing::ports::{
    Charge, ChargePage, Gateway, GatewayAccess, GatewayAccount, GatewayMode, GatewayNotice, GatewayRefund, GatewayResult, GatewaySettings,
    NewCharge, NewGatewayCustomer, NewGatewayRefund, NewSetup, Setup, WebhookRefusal,
};
use billow_entities::GatewayAdapter;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

pub use stripe::StripeGateway;

use crate::http::GuardedHttp;

/// All gateways as one: a gateway's adapter says which of them it is for.
#[derive(Clone)]
pub struct Gateways {
    stripe: StripeGateway,
}

impl Gateways {
    /// The adapters, all of which call out through `http`.
    #[must_use]
    pub fn new(http: GuardedHttp) -> Self {
        Self { stripe: StripeGateway::new(http) }
    }

    fn of(&self, at: &GatewayAccess) -> &dyn Gateway {
        match at.adapter {
            GatewayAdapter::Stripe | GatewayAdapter::Sandbox => &self.stripe,
        }
    }
}

#[async_trait]
impl Gateway for Gateways {
    fn check(&self, settings: &GatewaySettings, credentials: &BTreeMap<String, SecretString>) -> Result<(), Vec<String>> {
        self.stripe.check(settings, credentials)
    }

    fn mode(&self, credentials: &BTreeMap<String, SecretString>) -> Option<GatewayMode> {
        self.stripe.mode(credentials)
    }

    async fn account(&self, at: &GatewayAccess) -> GatewayResult<GatewayAccount> {
        self.of(at).account(at).await
    }

    async fn create_customer(&self, at: &GatewayAccess, key: &str, customer: &NewGatewayCustomer) -> GatewayResult<String> {
        self.of(at).create_customer(at, key, customer).await
    }

    async fn start_setup(&self, at: &GatewayAccess, key: &str, setup: &NewSetup) -> GatewayResult<Setup> {
        self.of(at).start_setup(at, key, setup).await
    }

    async fn setup_state(&self, at: &GatewayAccess, setup_id: &str) -> GatewayResult<Setup> {
        self.of(at).setup_state(at, setup_id).await
    }

    async fn forget_method(&self, at: &GatewayAccess, method_id: &str) -> GatewayResult<()> {
        self.of(at).forget_method(at, method_id).await
    }

    async fn charge(&self, at: &GatewayAccess, key: &str, charge: &NewCharge) -> GatewayResult<Charge> {
        self.of(at).charge(at, key, charge).await
    }

    async fn charge_state(&self, at: &GatewayAccess, charge_id: &str) -> GatewayResult<Charge> {
        self.of(at).charge_state(at, charge_id).await
    }

    async fn find_charge(&self, at: &GatewayAccess, attempt: &str, since: DateTime<Utc>) -> GatewayResult<Option<Charge>> {
        self.of(at).find_charge(at, attempt, since).await
    }

    async fn cancel_charge(&self, at: &GatewayAccess, key: &str, charge_id: &str) -> GatewayResult<Charge> {
        self.of(at).cancel_charge(at, key, charge_id).await
    }

    async fn refund(&self, at: &GatewayAccess, key: &str, refund: &NewGatewayRefund) -> GatewayResult<GatewayRefund> {
        self.of(at).refund(at, key, refund).await
    }

    async fn refund_state(&self, at: &GatewayAccess, refund_id: &str) -> GatewayResult<GatewayRefund> {
        self.of(at).refund_state(at, refund_id).await
    }

    async fn refunds_of(&self, at: &GatewayAccess, charge_id: &str) -> GatewayResult<Vec<GatewayRefund>> {
        self.of(at).refunds_of(at, charge_id).await
    }

    async fn list_charges(
        &self,
        at: &GatewayAccess,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        after: Option<&str>,
    ) -> GatewayResult<ChargePage> {
        self.of(at).list_charges(at, from, to, after).await
    }

    fn read_webhook(
        &self,
        at: &GatewayAccess,
        signature: Option<&str>,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<GatewayNotice, WebhookRefusal> {
        self.of(at).read_webhook(at, signature, body, now)
    }
}
