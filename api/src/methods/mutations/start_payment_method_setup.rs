//! Saving a payment method.

use async_graphql::{Context, InputObject};
use billow_billing::methods::StartSetup;

use crate::context::ContextExt as _;
use crate::methods::method::PaymentMethod;
use crate::payload::payload;
use crate::refusal::Result;
use crate::scalars::CurrencyCode;
use crate::types::MethodKind;
use crate::wallets::inputs::known_currency;

/// A payment method to be saved.
#[derive(InputObject)]
pub(crate) struct StartPaymentMethodSetupInput {
    /// Card or direct debit.
    kind: MethodKind,
    /// In which currency it will be charged; one's usual currency where absent.
    currency: Option<CurrencyCode>,
    /// What the gateway's own code made of the number (`pm_…`), so that Billow never sees it. Absent: a page of the gateway's.
    #[graphql(secret)]
    token: Option<String>,
    /// Where the browser comes back to from a page of the gateway's.
    return_url: Option<String>,
    /// One's own name for it.
    label: Option<String>,
    /// Take it where none is chosen.
    make_default: Option<bool>,
}

payload! {
    /// The method that is being saved.
    StartPaymentMethodSetupPayload {
        /// The method; follow it by `paymentMethodUpdated`.
        payment_method: Option<PaymentMethod>,
        /// The gateway's page to go to, if there is one.
        url: Option<String>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: StartPaymentMethodSetupInput) -> Result<StartPaymentMethodSetupPayload> {
    let outcome = async {
        let request = StartSetup {
            kind: input.kind.into(),
            currency: input.currency.as_ref().map(|code| known_currency(code, "currency")).transpose()?,
            token: input.token.map(Into::into),
            return_url: input.return_url,
            label: input.label,
            make_default: input.make_default.unwrap_or(false),
        };
        ctx.billing().methods.start_setup(ctx.actor(), request).await
    };
    StartPaymentMethodSetupPayload::of(outcome.await, |method| StartPaymentMethodSetupPayload {
        url: method.action_url.clone(),
        payment_method: Some(method.into()),
        user_errors: Vec::new(),
    })
}
