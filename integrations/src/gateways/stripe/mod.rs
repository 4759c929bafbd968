//! Stripe, and whatever speaks as Stripe does: the sandbox's card network, test servers.
//!
//! A payment with a saved method is a PaymentIntent, known by its `pi_…`. A payment on a page is a Checkout Session, known by its
//! `cs_…` until somebody has paid there; from then on the PaymentIntent is told. Both ids are understood everywhere.

mod answers;
mod client;
mod declines;
mod find;
mod requests;
#[cfg(test)]
mod tests;
mod webhook;

use std::collections::BTreeMap;

use async_trait::async_trait;
use billow_billing::ports::{
    Charge, ChargePage, ChargeState, Gateway, GatewayAccess, GatewayAccount, GatewayFault, GatewayMode, GatewayNotice, GatewayRefund,
    GatewayResult, GatewaySettings, KEY_REFUSED, NOT_PERMITTED, NewCharge, NewGatewayCustomer, NewGatewayRefund, NewSetup, Setup,
    SetupState, WebhookRefusal,
};
use chrono::{DateTime, Utc};
use miniserde::json::Value;
use secrecy::{ExposeSecret as _, SecretString};
use stripe_checkout::checkout_session::ExpireCheckoutSession;
use stripe_core::payment_intent::CancelPaymentIntent;
use stripe_core::refund::RetrieveRefund;
use stripe_payment::payment_method::{DetachPaymentMethod, RetrievePaymentMethod};

use crate::http::GuardedHttp;
use answers::{ApiError, Intent, field, id_of};
use client::{Failure, Wire};
use requests::{ChargeRequest, SetupRequest, plain_id};

/// How long a gateway may take, in milliseconds.
const TIMEOUT_MS: std::ops::RangeInclusive<u64> = 1_000..=60_000;
/// The most pages of refunds that are read for one payment.
const MAX_REFUND_PAGES: usize = 10;

/// Moves money through Stripe's API.
#[derive(Clone)]
pub struct StripeGateway {
    http: GuardedHttp,
}

impl std::fmt::Debug for StripeGateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StripeGateway").finish_non_exhaustive()
    }
}

/// Whether an id is that of a page.
fn is_page(id: &str) -> bool {
    id.starts_with("cs_")
}

impl StripeGateway {
    /// An adapter that calls out through `http`.
    #[must_use]
    pub const fn new(http: GuardedHttp) -> Self {
        Self { http }
    }

    fn wire<'a>(&'a self, at: &'a GatewayAccess) -> GatewayResult<Wire<'a>> {
        Wire::to(&self.http, at)
    }
}

/// A payment as it stands. One that was refused on a page stands as the page does: its customer can try again there.
async fn standing(wire: &Wire<'_>, intent: Intent) -> GatewayResult<Charge> {
    if !(intent.by_page && intent.wants_method) {
        return Ok(intent.charge);
    }
    let pages = wire.ask(&requests::page_of(plain_id(&intent.charge.id)?)).await?;
    match answers::items(&pages).first() {
        Some(page) => answers::page(page),
        None => Ok(intent.charge),
    }
}

async fn state_of(wire: &Wire<'_>, id: &str) -> GatewayResult<Charge> {
    let id = plain_id(id)?;
    if is_page(id) {
        return answers::page(&wire.ask(&requests::page_state(id)).await?);
    }
    standing(wire, Intent::read(&wire.ask(&requests::charge_state(id)).await?)?).await
}

/// The payment that was made on a page, or the one that is meant itself.
async fn intent_of(wire: &Wire<'_>, id: &str) -> GatewayResult<String> {
    let id = plain_id(id)?;
    if !is_page(id) {
        return Ok(id.to_owned());
    }
    let page = wire.ask(&requests::page_state(id)).await?;
    let nothing = || GatewayFault::Refused { code: Some("not_paid".into()), message: "nothing was paid on this page".into() };
    id_of(field(&page, "payment_intent")).ok_or_else(nothing)
}

/// A charge that the bank refused. It has an id where the gateway tells of the payment.
fn refused_charge(error: &ApiError, new: &NewCharge) -> GatewayResult<Charge> {
    let state = ChargeState::Failed(error.decline());
    if let Some(told) = &error.payment_intent {
        return Ok(Charge { state, ..Intent::read(told)?.charge });
    }
    Ok(Charge {
        id: error.charge.clone().unwrap_or_default(),
        attempt: Some(new.attempt.clone()),
        amount_minor: new.amount_minor,
        currency: new.currency.code().to_owned(),
        state,
        fee_minor: None,
        refunded_minor: None,
        created_at: None,
    })
}

/// Whether a secret key moves real money: it says so at its beginning. The secret of a webhook says nothing.
fn mode_of(secret_key: &str) -> Option<GatewayMode> {
    let begins = |kinds: [&str; 2]| kinds.iter().any(|kind| secret_key.starts_with(kind));
    if begins(["sk_live_", "rk_live_"]) {
        Some(GatewayMode::Live)
    } else if begins(["sk_test_", "rk_test_"]) {
        Some(GatewayMode::Test)
    } else {
        None
    }
}

/// Why a key is not of the kind that this secret is: the gateway tells its keys apart by how they begin.
fn wrong_kind(name: &str, secret: &str) -> Option<&'static str> {
    match name {
        "secret_key" if secret.starts_with("pk_") => {
            Some("this is a publishable key; give the secret key (sk_…) or a restricted key (rk_…)")
        }
        "secret_key" if secret.starts_with("whsec_") => {
            Some("this is the secret of a webhook; give the secret key (sk_…) or a restricted key (rk_…)")
        }
        "secret_key" if mode_of(secret).is_none() => {
            Some("a secret key begins with sk_live_ or sk_test_, a restricted key with rk_live_ or rk_test_")
        }
        "webhook_secret" if !secret.starts_with("whsec_") => Some("the secret of a webhook begins with whsec_"),
        _ => None,
    }
}

#[async_trait]
impl Gateway for StripeGateway {
    fn check(&self, settings: &GatewaySettings, credentials: &BTreeMap<String, SecretString>) -> Result<(), Vec<String>> {
        let mut problems = Vec::new();
        if let Err(problem) = self.http.check_url(&settings.base_url) {
            problems.push(format!("base_url: {problem}"));
        } else if settings.base_url.contains(['?', '#']) {
            problems.push("base_url: the address must end with its host or path".into());
        }
        if !TIMEOUT_MS.contains(&settings.timeout_ms) {
            problems.push(format!("timeout_ms: it is {} to {} milliseconds", TIMEOUT_MS.start(), TIMEOUT_MS.end()));
        }
        let is_secret = |secret: &SecretString| {
            let secret = secret.expose_secret();
            (8..=255).contains(&secret.len()) && secret.bytes().all(|b| b.is_ascii_graphic())
        };
        if !credentials.contains_key("secret_key") {
            problems.push("credentials.secret_key: it is needed".into());
        }
        for (name, secret) in credentials {
            if !matches!(name.as_str(), "secret_key" | "webhook_secret") {
                problems.push(format!("credentials.{name}: there is no such secret; it is secret_key or webhook_secret"));
            } else if !is_secret(secret) {
                problems.push(format!("credentials.{name}: it has 8 to 255 letters, digits and signs, and no blanks"));
            } else if let Some(problem) = wrong_kind(name, secret.expose_secret()) {
                problems.push(format!("credentials.{name}: {problem}"));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn mode(&self, credentials: &BTreeMap<String, SecretString>) -> Option<GatewayMode> {
        mode_of(credentials.get("secret_key")?.expose_secret())
    }

    async fn account(&self, at: &GatewayAccess) -> GatewayResult<GatewayAccount> {
        match self.wire(at)?.ask(&requests::Account).await {
            Ok(told) => answers::account(&told),
            Err(Failure::Said { status, error }) => {
                let code = match status {
                    401 => Some(KEY_REFUSED.to_owned()),
                    403 => Some(NOT_PERMITTED.to_owned()),
                    _ => error.code.clone().or_else(|| error.kind.clone()),
                };
                Err(GatewayFault::Refused { code, message: error.told(status) })
            }
            Err(failure) => Err(failure.fault()),
        }
    }

    async fn create_customer(&self, at: &GatewayAccess, key: &str, customer: &NewGatewayCustomer) -> GatewayResult<String> {
        let made = self.wire(at)?.act(key, &requests::customer(customer)).await?;
        id_of(&made).ok_or_else(|| GatewayFault::Unknown { message: "the answer could not be read: it is no customer".into() })
    }

    async fn start_setup(&self, at: &GatewayAccess, key: &str, setup: &NewSetup) -> GatewayResult<Setup> {
        let wire = self.wire(at)?;
        match requests::setup(setup)? {
            SetupRequest::Page(request) => answers::setup_page(&wire.act(key, &*request).await?),
            SetupRequest::Token(request) => match wire.act(key, &*request).await {
                Ok(made) => answers::setup(&made),
                Err(Failure::Said { status: 402, error }) if error.setup_intent.is_some() => {
                    let told = error.setup_intent.as_ref().map(answers::setup).transpose()?;
                    let (id, method) = told.map(|setup| (setup.id, setup.method)).unwrap_or_default();
                    Ok(Setup { id, state: SetupState::Failed(error.decline()), method })
                }
                Err(Failure::Said { status: 402, error }) => {
                    Ok(Setup { id: String::new(), state: SetupState::Failed(error.decline()), method: None })
                }
                Err(failure) => Err(failure.fault()),
            },
        }
    }

    async fn setup_state(&self, at: &GatewayAccess, setup_id: &str) -> GatewayResult<Setup> {
        let (wire, id) = (self.wire(at)?, plain_id(setup_id)?);
        if is_page(id) {
            return answers::setup_page(&wire.ask(&requests::setup_page(id)).await?);
        }
        answers::setup(&wire.ask(&requests::setup_state(id)).await?)
    }

    async fn forget_method(&self, at: &GatewayAccess, method_id: &str) -> GatewayResult<()> {
        let (wire, id) = (self.wire(at)?, plain_id(method_id)?);
        match wire.ask(&DetachPaymentMethod::new(id)).await {
            Ok(_) => Ok(()),
            Err(failure) if failure.is_missing() => Ok(()),
            Err(refusal @ Failure::Said { status: 400, .. }) => {
                // One that nobody has is forgotten already; Stripe has no code for that.
                let method = wire.ask(&RetrievePaymentMethod::new(id)).await?;
                if id_of(field(&method, "customer")).is_none() { Ok(()) } else { Err(refusal.fault()) }
            }
            Err(failure) => Err(failure.fault()),
        }
    }

    async fn charge(&self, at: &GatewayAccess, key: &str, charge: &NewCharge) -> GatewayResult<Charge> {
        let wire = self.wire(at)?;
        match requests::charge(charge)? {
            ChargeRequest::Page(request) => answers::page(&wire.act(key, &*request).await?),
            ChargeRequest::Method(request) => match wire.act(key, &*request).await {
                Ok(made) => Ok(Intent::read(&made)?.charge),
                Err(Failure::Said { status: 402, error }) => refused_charge(&error, charge),
                Err(failure) => Err(failure.fault()),
            },
        }
    }

    async fn charge_state(&self, at: &GatewayAccess, charge_id: &str) -> GatewayResult<Charge> {
        state_of(&self.wire(at)?, charge_id).await
    }

    async fn find_charge(&self, at: &GatewayAccess, attempt: &str, since: DateTime<Utc>) -> GatewayResult<Option<Charge>> {
        let wire = self.wire(at)?;
        match find::charge(&wire, at.settings.searches, plain_id(attempt)?, since).await? {
            Some(intent) => standing(&wire, intent).await.map(Some),
            None if at.settings.searches => find::page(&wire, attempt, since).await,
            None => Ok(None),
        }
    }

    async fn cancel_charge(&self, at: &GatewayAccess, key: &str, charge_id: &str) -> GatewayResult<Charge> {
        let (wire, id) = (self.wire(at)?, plain_id(charge_id)?);
        let answer = if is_page(id) {
            wire.act(key, &ExpireCheckoutSession::new(id)).await
        } else {
            wire.act(key, &CancelPaymentIntent::new(id)).await
        };
        match answer {
            // The answer to a key may be an old one: what counts is how it stands.
            Ok(_) | Err(Failure::Said { status: 400, .. }) => state_of(&wire, id).await,
            Err(failure) => Err(failure.fault()),
        }
    }

    async fn refund(&self, at: &GatewayAccess, key: &str, refund: &NewGatewayRefund) -> GatewayResult<GatewayRefund> {
        let wire = self.wire(at)?;
        let intent = intent_of(&wire, &refund.charge_id).await?;
        answers::refund(&wire.act(key, &requests::refund(&intent, refund)).await?)
    }

    async fn refund_state(&self, at: &GatewayAccess, refund_id: &str) -> GatewayResult<GatewayRefund> {
        answers::refund(&self.wire(at)?.ask(&RetrieveRefund::new(plain_id(refund_id)?)).await?)
    }

    async fn refunds_of(&self, at: &GatewayAccess, charge_id: &str) -> GatewayResult<Vec<GatewayRefund>> {
        let wire = self.wire(at)?;
        let intent = intent_of(&wire, charge_id).await?;
        let mut out: Vec<GatewayRefund> = Vec::new();
        for _ in 0..MAX_REFUND_PAGES {
            let page: Value = wire.ask(&requests::refunds_of(&intent, out.last().map(|r| r.id.as_str()))).await?;
            for refund in answers::items(&page) {
                out.push(answers::refund(refund)?);
            }
            if !answers::has_more(&page) {
                return Ok(out);
            }
        }
        Err(GatewayFault::Unknown { message: "the payment has more refunds than can be read".into() })
    }

    async fn list_charges(
        &self,
        at: &GatewayAccess,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        after: Option<&str>,
    ) -> GatewayResult<ChargePage> {
        find::list(&self.wire(at)?, from, to, after).await
    }

    fn read_webhook(
        &self,
        at: &GatewayAccess,
        signature: Option<&str>,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<GatewayNotice, WebhookRefusal> {
        webhook::read(at.credentials.get("webhook_secret"), signature, body, now)
    }
}
