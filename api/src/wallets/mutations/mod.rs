//! What the API changes about wallets: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod top_up_wallet;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about wallets.
#[derive(Default)]
pub(crate) struct WalletsMutations;

#[Object]
impl WalletsMutations {
    /// Pays into one's own wallet.
    async fn top_up_wallet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: top_up_wallet::TopUpWalletInput,
    ) -> Result<top_up_wallet::TopUpWalletPayload> {
        top_up_wallet::run(ctx, input).await
    }
}
