//! Requests as async-stripe builds them. Everything that is made carries our ids in its metadata.

use std::collections::HashMap;
use std::convert::Infallible;
use std::str::FromStr;

use billow_billing::ports::{ChargeSource, GatewayFault, NewCharge, NewGatewayCustomer, NewGatewayRefund, NewSetup, SetupSource};
use billow_entities::{Currency, MethodKind};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;
use stripe::StripeRequest;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData, CreateCheckoutSessionPaymentIntentData,
    CreateCheckoutSessionPaymentIntentDataCaptureMethod, CreateCheckoutSessionSetupIntentData, ListCheckoutSession, ProductData,
    RetrieveCheckoutSession,
};
use stripe_client_core::{RequestBuilder, StripeMethod};
use stripe_core::customer::CreateCustomer;
use stripe_core::payment_intent::{
    CreatePaymentIntent, CreatePaymentIntentOffSession, ListPaymentIntent, RetrievePaymentIntent, SearchPaymentIntent,
};
use stripe_core::refund::{CreateRefund, ListRefund};
use stripe_core::setup_intent::{
    CreateSetupIntent, CreateSetupIntentMandateData, CreateSetupIntentMandateDataCustomerAcceptance,
    CreateSetupIntentMandateDataCustomerAcceptanceType, CreateSetupIntentUsage, RetrieveSetupIntent,
};
use stripe_shared::{CheckoutSessionMode, PaymentIntentCaptureMethod};
use stripe_types::{RangeBoundsTs, RangeQueryTs};

/// The most items of a page.
pub(super) const PAGE: i64 = 100;

/// The charge with what the gateway kept of it.
const CHARGE: &str = "latest_charge.balance_transaction";

fn refused(code: &str, message: String) -> GatewayFault {
    GatewayFault::Refused { code: Some(code.into()), message }
}

fn words<const N: usize>(pairs: [(&str, &str); N]) -> HashMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// An id that stands in an address or a query: the gateway's, or ours.
pub(super) fn plain_id(id: &str) -> Result<&str, GatewayFault> {
    let is_plain = !id.is_empty() && id.len() <= 255 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if is_plain { Ok(id) } else { Err(refused("invalid_id", "the id is not of the gateway's form".into())) }
}

/// A value that the API has a word for; every word is taken.
fn word<T: FromStr<Err = Infallible>>(word: &str) -> T {
    let Ok(value) = word.parse();
    value
}

/// The currency, when its smallest unit is the same there and here.
fn currency(of: Currency) -> Result<stripe_types::Currency, GatewayFault> {
    if matches!(of.code(), "ISK" | "UGX") {
        return Err(refused("currency_not_supported", format!("{of} is counted in hundredths there and in whole ones here")));
    }
    Ok(word(&of.code().to_ascii_lowercase()))
}

/// The sort of method, by what there is in a currency.
fn sort(kind: MethodKind, currency: Currency) -> Result<&'static str, GatewayFault> {
    Ok(match (kind, currency.code()) {
        (MethodKind::Card, _) => "card",
        (MethodKind::DirectDebit, "EUR") => "sepa_debit",
        (MethodKind::DirectDebit, "USD") => "us_bank_account",
        (MethodKind::DirectDebit, "GBP") => "bacs_debit",
        (MethodKind::DirectDebit, _) => {
            return Err(refused("payment_method_type_not_supported", format!("there is no direct debit in {currency}")));
        }
    })
}

/// The account a key belongs to. async-stripe has it in a crate of its own, with everything of Connect.
pub(super) struct Account;

impl StripeRequest for Account {
    type Output = miniserde::json::Value;

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Get, "/account")
    }
}

pub(super) fn customer(new: &NewGatewayCustomer) -> CreateCustomer {
    let request = CreateCustomer::new().name(new.name.clone()).metadata(words([("reference", &new.reference)]));
    match &new.email {
        Some(email) => request.email(email.clone()),
        None => request,
    }
}

/// How a setup begins: on a page, or with a token.
pub(super) enum SetupRequest {
    Page(Box<CreateCheckoutSession>),
    Token(Box<CreateSetupIntent>),
}

pub(super) fn setup(new: &NewSetup) -> Result<SetupRequest, GatewayFault> {
    let sort = sort(new.kind, new.currency)?;
    let metadata = words([("reference", &new.reference)]);
    Ok(match &new.source {
        SetupSource::HostedPage { return_url } => {
            let mut inner = CreateCheckoutSessionSetupIntentData::new();
            inner.metadata = Some(metadata.clone());
            let request = CreateCheckoutSession::new()
                .mode(CheckoutSessionMode::Setup)
                .customer(new.customer.clone())
                .currency(currency(new.currency)?)
                .allowed_payment_method_types(vec![word(sort)])
                .setup_intent_data(inner)
                .metadata(metadata)
                .success_url(return_url.clone())
                .cancel_url(return_url.clone())
                .expand(vec!["setup_intent.payment_method".into()]);
            SetupRequest::Page(Box::new(request))
        }
        SetupSource::Token(token) => {
            let mut request = CreateSetupIntent::new()
                .customer(new.customer.clone())
                .payment_method(token.expose_secret())
                .confirm(true)
                .usage(CreateSetupIntentUsage::OffSession)
                .allowed_payment_method_types(vec![word(sort)])
                .metadata(metadata)
                .expand(vec!["payment_method".into()]);
            if new.kind == MethodKind::DirectDebit {
                // It was accepted in the app, where the token was made; here nobody knows from which address.
                let how = CreateSetupIntentMandateDataCustomerAcceptanceType::Offline;
                request = request.mandate_data(CreateSetupIntentMandateData::new(CreateSetupIntentMandateDataCustomerAcceptance::new(how)));
            }
            SetupRequest::Token(Box::new(request))
        }
    })
}

pub(super) fn setup_state(id: &str) -> RetrieveSetupIntent {
    RetrieveSetupIntent::new(id).expand(vec!["payment_method".into()])
}

pub(super) fn setup_page(id: &str) -> RetrieveCheckoutSession {
    RetrieveCheckoutSession::new(id).expand(vec!["setup_intent.payment_method".into()])
}

/// How a charge begins: on a page, or with a saved method.
pub(super) enum ChargeRequest {
    Page(Box<CreateCheckoutSession>),
    Method(Box<CreatePaymentIntent>),
}

pub(super) fn charge(new: &NewCharge) -> Result<ChargeRequest, GatewayFault> {
    let currency = currency(new.currency)?;
    Ok(match &new.source {
        ChargeSource::Method { customer, method, kind, mandate, on_session } => {
            let mut request = CreatePaymentIntent::new(new.amount_minor, currency)
                .customer(customer.clone())
                .payment_method(method.clone())
                .allowed_payment_method_types(vec![word(sort(*kind, new.currency)?)])
                .description(new.description.clone())
                .metadata(words([("attempt", &new.attempt), ("payment", &new.payment)]))
                // Not "automatic_async": the fee is known at once.
                .capture_method(PaymentIntentCaptureMethod::Automatic)
                .confirm(true)
                .expand(vec![CHARGE.into()]);
            if let Some(mandate) = mandate {
                request = request.mandate(mandate.clone());
            }
            request = match on_session {
                Some(return_url) => request.return_url(return_url.clone()),
                None => request.off_session(CreatePaymentIntentOffSession::Bool(true)),
            };
            ChargeRequest::Method(Box::new(request))
        }
        ChargeSource::HostedPage { customer, return_url } => {
            let mut inner = CreateCheckoutSessionPaymentIntentData::new();
            inner.description = Some(new.description.clone());
            inner.capture_method = Some(CreateCheckoutSessionPaymentIntentDataCaptureMethod::Automatic);
            inner.metadata = Some(words([("attempt", &new.attempt), ("payment", &new.payment), ("page", "hosted")]));
            let mut price = CreateCheckoutSessionLineItemsPriceData::new(currency);
            price.unit_amount = Some(new.amount_minor);
            price.product_data = Some(ProductData::new(new.description.clone()));
            let mut item = CreateCheckoutSessionLineItems::new();
            item.price_data = Some(price);
            item.quantity = Some(1);
            let mut request = CreateCheckoutSession::new()
                .mode(CheckoutSessionMode::Payment)
                .line_items(vec![item])
                .payment_intent_data(inner)
                .metadata(words([("attempt", &new.attempt), ("payment", &new.payment)]))
                .success_url(return_url.clone())
                .cancel_url(return_url.clone());
            if let Some(customer) = customer {
                request = request.customer(customer.clone());
            }
            ChargeRequest::Page(Box::new(request))
        }
    })
}

pub(super) fn charge_state(id: &str) -> RetrievePaymentIntent {
    RetrievePaymentIntent::new(id).expand(vec![CHARGE.into()])
}

pub(super) fn page_state(id: &str) -> RetrieveCheckoutSession {
    RetrieveCheckoutSession::new(id).expand(vec![format!("payment_intent.{CHARGE}")])
}

/// The page that made a payment.
pub(super) fn page_of(intent: &str) -> ListCheckoutSession {
    ListCheckoutSession::new().payment_intent(intent).limit(1).expand(vec![format!("data.payment_intent.{CHARGE}")])
}

pub(super) fn pages_since(since: DateTime<Utc>, after: Option<&str>) -> ListCheckoutSession {
    let request = ListCheckoutSession::new().created(RangeQueryTs::gte(since.timestamp())).limit(PAGE);
    let request = request.expand(vec![format!("data.payment_intent.{CHARGE}")]);
    match after {
        Some(after) => request.starting_after(after),
        None => request,
    }
}

pub(super) fn search(attempt: &str) -> SearchPaymentIntent {
    SearchPaymentIntent::new(format!("metadata['attempt']:'{attempt}'")).limit(PAGE).expand(vec![format!("data.{CHARGE}")])
}

pub(super) fn list(from: DateTime<Utc>, to: Option<DateTime<Utc>>, after: Option<&str>) -> ListPaymentIntent {
    let created = RangeBoundsTs { gte: Some(from.timestamp()), lt: to.map(|to| to.timestamp()), ..RangeBoundsTs::default() };
    let request = ListPaymentIntent::new().created(RangeQueryTs::Bounds(created)).limit(PAGE).expand(vec![format!("data.{CHARGE}")]);
    match after {
        Some(after) => request.starting_after(after),
        None => request,
    }
}

pub(super) fn refund(intent: &str, new: &NewGatewayRefund) -> CreateRefund {
    CreateRefund::new().payment_intent(intent).amount(new.amount_minor).metadata(words([("reference", &new.reference)]))
}

pub(super) fn refunds_of(intent: &str, after: Option<&str>) -> ListRefund {
    let request = ListRefund::new().payment_intent(intent).limit(PAGE);
    match after {
        Some(after) => request.starting_after(after),
        None => request,
    }
}
