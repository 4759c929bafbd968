//! The demo's money: a card network, a saved card and direct debit, a wallet with something in it, and one bill that is paid.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use billow_billing::bills::{BillFilter, BillListState, BillSort};
use billow_billing::gateways::NewGateway;
use billow_billing::identity::{Device, SignIn};
use billow_billing::methods::StartSetup;
use billow_billing::page::PageRequest;
use billow_billing::payable_bills::{BillAmount, PayBills};
use billow_billing::payments::{Pay, TopUp};
use billow_billing::ports::GatewaySettings;
use billow_billing::{Actor, Billing};
use billow_entities::{Currency, GatewayAdapter, MethodKind, SessionKind};
use billow_sandbox::Sandbox;
use secrecy::SecretString;

use super::people::PASSWORD;
use crate::commands::admin::words;

/// The gateway's short name, part of the address the card network tells what happens.
pub const GATEWAY: &str = "cards";
/// Who pays already.
const PAYER: &str = "anna@example.com";
/// What is put into the wallet, in minor units.
const TOP_UP: i64 = 5_000;

/// Sets the card network up and lets the payer pay a little, through the use cases people use.
///
/// # Errors
/// When a step is refused.
pub async fn seed(billing: &Billing, sandbox: &Sandbox) -> Result<()> {
    let (base_url, secret_key, webhook_secret) = billow_sandbox::cards_access(sandbox);
    let secret = |name: &str, value: &str| (name.to_owned(), SecretString::from(value.to_owned()));
    let gateway = NewGateway {
        code: GATEWAY.to_owned(),
        name: "Sandbox Cards".to_owned(),
        adapter: GatewayAdapter::Sandbox,
        rank: 1,
        currencies: Vec::new(),
        kinds: vec![MethodKind::Card, MethodKind::DirectDebit],
        settings: GatewaySettings { base_url, timeout_ms: 20_000, searches: true },
        credentials: BTreeMap::from([secret("secret_key", secret_key), secret("webhook_secret", webhook_secret)]),
    };
    let id = billing.gateways.create_gateway(&Actor::System, gateway).await.map_err(words).context("the gateway")?.id;
    billing.gateways.test_gateway(&Actor::System, id).await.map_err(words).context("the gateway's test")?;
    billing.gateways.resume_gateway(&Actor::System, id, None).await.map_err(words).context("the gateway")?;

    let device = Device { kind: SessionKind::Bearer, user_agent: None, address: None };
    let sign_in = SignIn { email: PAYER.to_owned(), password: SecretString::from(PASSWORD), device };
    let signed_in =
        billing.identity.sign_in(&Actor::Anonymous, sign_in).await.map_err(words)?.signed_in().context("a second factor was asked for")?;
    let payer = billing.identity.authenticate(&signed_in.token).await.map_err(words)?;
    pay(billing, &payer).await.context("the first payments")?;
    billing.identity.sign_out(&payer).await.map_err(words)
}

async fn pay(billing: &Billing, payer: &Actor) -> Result<()> {
    let euro: Currency = "EUR".parse().context("a currency")?;
    let card = StartSetup {
        kind: MethodKind::Card,
        currency: Some(euro),
        token: Some(SecretString::from("pm_card_visa")),
        return_url: None,
        label: None,
        make_default: true,
    };
    let card = billing.methods.start_setup(payer, card).await.map_err(words)?;
    let top_up = TopUp {
        amount_minor: TOP_UP,
        currency: euro,
        method: Some(card.id),
        hosted_page: false,
        return_url: None,
        idempotency_key: "demo-top-up".to_owned(),
    };
    billing.payments.top_up(payer, top_up).await.map_err(words)?;
    let open = BillFilter { state: BillListState::Open, ..BillFilter::default() };
    let open = billing.bills.bills(payer, open, BillSort::DueDate, PageRequest::default()).await.map_err(words)?;
    // Some are left to be paid by whoever tries the demo.
    let Some((_, bill)) = open.items.into_iter().find(|(_, bill)| bill.currency == euro.code()) else { return Ok(()) };
    let wish = Pay {
        wanted: PayBills { bills: vec![BillAmount { bill_id: bill.id, amount_minor: None }] },
        method: Some(card.id),
        use_wallet: false,
        hosted_page: false,
        return_url: None,
        customer: None,
        idempotency_key: "demo-first-bill".to_owned(),
    };
    billing.payments.pay(payer, &*billing.payable_bills, wish).await.map_err(words)?;
    Ok(())
}
