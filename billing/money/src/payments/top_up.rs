//! Topping up the wallet.

use billow_entities::{Currency, PaymentMethodId};
use billow_kernel::Actor;
use billow_kernel::error::{Problems, Result};
use serde::Serialize;

use super::Payments;
use super::draft::means;
use super::insert::{NewPayment, Purpose, Written};
use super::pay::{IdempotencyKey, Made};
use crate::idempotency::check_key;
use crate::payable::MAX_AMOUNT_MINOR;

/// A request to put money into one's wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TopUp {
    /// How much, in minor units.
    pub amount_minor: i64,
    /// Of what.
    pub currency: Currency,
    /// The saved method.
    pub method: Option<PaymentMethodId>,
    /// Whether it is paid on a page of the gateway's instead.
    pub hosted_page: bool,
    /// Where the browser comes back to.
    pub return_url: Option<String>,
    /// Asked again with the same key, the answer is the first payment.
    #[serde(skip)]
    pub idempotency_key: String,
}

impl Payments {
    /// Puts money into the wallet of the customer who asks.
    ///
    /// # Errors
    /// When something is wrong with the request, or the key was used for something else. Nothing has been charged then.
    #[tracing::instrument(name = "payments.top_up", skip_all)]
    pub async fn top_up(&self, actor: &Actor, input: TopUp) -> Result<Made> {
        let mut problems = Problems::default();
        check_key(&input.idempotency_key, &mut problems);
        problems.finish()?;
        let payer = actor.customer()?;
        let request_key = IdempotencyKey::new(actor, &input.idempotency_key, "top_up", &(payer, &input))?;
        if let Some(first) = self.replayed(&request_key).await? {
            return Ok(first);
        }
        self.store.ensure_durable().await?;
        let written: Result<Written> = async {
            let mut problems = Problems::default();
            if !(1..=MAX_AMOUNT_MINOR).contains(&input.amount_minor) {
                problems.add("OUT_OF_RANGE", "amount", "This amount cannot be put into a wallet.");
            }
            self.settings.check_return_url(input.return_url.as_deref(), &mut problems);
            let means = means(input.method, input.hosted_page, false, &mut problems);
            problems.finish()?;
            let new = NewPayment {
                payer,
                use_wallet: false,
                source: self.source(payer, means, input.currency, &[]).await?,
                return_url: input.return_url.clone(),
                purpose: Purpose::TopUp { currency: input.currency, amount_minor: input.amount_minor },
            };
            self.insert_payment(actor, new, &request_key).await
        }
        .await;
        match written {
            Ok(written) => self.carry_out(written).await,
            // The same request may have succeeded meanwhile.
            Err(error) => self.replayed(&request_key).await?.ok_or_else(|| error.or_unavailable()),
        }
    }
}
