//! What customers pay with: saved methods and wallets.

use async_graphql::{Context, ID, Object};
use billow_entities::CustomerId;

use crate::context::ContextExt as _;
use crate::ids::optional_id;
use crate::methods::method::{PaymentMethod, PaymentMethodSetupOption};
use crate::refusal::Result;
use crate::scalars::CurrencyCode;
use crate::wallets::inputs::known_currency;
use crate::wallets::wallet::Wallet;

#[derive(Default)]
pub(crate) struct WalletQueries;

/// Whose wallet or methods are meant: whoever asks, or for staff whom they name.
fn whose(ctx: &Context<'_>, customer_id: Option<&ID>) -> Result<CustomerId> {
    match optional_id(customer_id, "customerId")? {
        Some(named) => Ok(named),
        None => Ok(ctx.actor().customer()?),
    }
}

#[Object]
impl WalletQueries {
    /// Saved payment methods that were not removed, the default first; at most 50.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn payment_methods(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For staff: whose.")] customer_id: Option<ID>,
    ) -> Result<Vec<PaymentMethod>> {
        let customer = optional_id(customer_id.as_ref(), "customerId")?;
        let methods = ctx.billing().methods.payment_methods(ctx.actor(), customer).await?;
        Ok(methods.into_iter().map(PaymentMethod::from).collect())
    }

    /// Which kinds of payment methods whoever asks can save, and what saving one takes.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn payment_method_setup_options(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which currency it will be charged; one's usual currency where absent.")] currency: Option<CurrencyCode>,
    ) -> Result<Vec<PaymentMethodSetupOption>> {
        let currency = currency.as_ref().map(|code| known_currency(code, "currency")).transpose()?;
        let options = ctx.billing().methods.setup_options(ctx.actor(), currency).await?;
        Ok(options.into_iter().map(PaymentMethodSetupOption::from).collect())
    }

    /// A wallet.
    async fn wallet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which currency; the customer's usual one where absent.")] currency: Option<CurrencyCode>,
        #[graphql(desc = "For staff: whose.")] customer_id: Option<ID>,
    ) -> Result<Wallet> {
        let customer = whose(ctx, customer_id.as_ref())?;
        let balance = match currency {
            Some(code) => ctx.billing().ledger.wallet(ctx.actor(), customer, known_currency(&code, "currency")?).await?,
            None => ctx.billing().ledger.usual_wallet(ctx.actor(), customer).await?,
        };
        Ok(Wallet { customer, balance })
    }

    /// The wallets that were ever used, by currency.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn wallets(&self, ctx: &Context<'_>, #[graphql(desc = "For staff: whose.")] customer_id: Option<ID>) -> Result<Vec<Wallet>> {
        let customer = whose(ctx, customer_id.as_ref())?;
        let balances = ctx.billing().ledger.wallet_balances(ctx.actor(), customer).await?;
        Ok(balances.into_iter().map(|balance| Wallet { customer, balance }).collect())
    }
}
