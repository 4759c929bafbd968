//! How something is paid: the same for bills and for plans.

use async_graphql::{ID, InputObject};
use billow_billing::Result;
use billow_billing::payments::Pay;

use crate::ids::optional_id;

/// How it is paid. No type of the schema: its fields are those of the inputs it is flattened into.
#[derive(InputObject)]
pub(crate) struct PayingInput {
    /// By which saved method.
    payment_method_id: Option<ID>,
    /// Take what the wallet has of it first, and the rest by method or page. Neither of those: the wallet alone.
    use_wallet: Option<bool>,
    /// Pay on a page of the gateway's, without a saved method.
    hosted_page: Option<bool>,
    /// Where the browser comes back to from a page of the gateway's.
    return_url: Option<String>,
    /// For staff: whose wallet and methods are used.
    customer_id: Option<ID>,
    /// Generate one for each action of a user, 8 to 255 characters: the same key with the same input does nothing twice.
    idempotency_key: String,
}

impl PayingInput {
    /// The request to pay for this.
    pub(crate) fn request<W>(self, wanted: W) -> Result<Pay<W>> {
        Ok(Pay {
            wanted,
            method: optional_id(self.payment_method_id.as_ref(), "paymentMethodId")?,
            use_wallet: self.use_wallet.unwrap_or(false),
            hosted_page: self.hosted_page.unwrap_or(false),
            return_url: self.return_url,
            customer: optional_id(self.customer_id.as_ref(), "customerId")?,
            idempotency_key: self.idempotency_key,
        })
    }
}
