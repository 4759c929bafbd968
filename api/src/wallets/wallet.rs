//! Wallets: what customers have with us.

use async_graphql::{Context, ID, Object};
use billow_billing::Actor;
use billow_billing::ledger::{WalletBalance, WalletEntry as Movement};
use billow_entities::CustomerId;

use crate::connection::{Connection, page};
use crate::context::ContextExt as _;
use crate::ids;
use crate::loaders::Find as _;
use crate::payments::payment::Payment;
use crate::refusal::Result;
use crate::rules;
use crate::scalars::{CurrencyCode, Instant};
use crate::types::Money;

/// What a customer has with us in one currency.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wallet {
    pub customer: CustomerId,
    pub balance: WalletBalance,
}

impl Wallet {
    fn money(&self, minor: i64) -> Money {
        Money(billow_entities::Money::new(minor, self.balance.currency))
    }
}

/// What a customer has with us in one currency.
#[Object]
impl Wallet {
    /// In which currency.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.balance.currency.code().to_owned())
    }

    /// All of it, with what is set aside.
    async fn balance(&self) -> Money {
        self.money(self.balance.balance_minor())
    }

    /// Set aside for payments under way.
    async fn held(&self) -> Money {
        self.money(self.balance.held_minor)
    }

    /// Free to be spent.
    async fn available(&self) -> Money {
        self.money(self.balance.available_minor)
    }

    /// Its movements, the newest first.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<WalletEntry>> {
        // Whoever holds a wallet was allowed to see it when they got it.
        let entries =
            Box::pin(ctx.billing().ledger.wallet_entries(&Actor::System, self.customer, self.balance.currency, &page(first, after)))
                .await?;
        Ok(Connection::of(entries, WalletEntry))
    }
}

/// A movement of a wallet.
#[derive(Clone, Debug)]
pub(crate) struct WalletEntry(Movement);

/// A movement of a wallet.
#[Object]
impl WalletEntry {
    /// Its id.
    async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// What it was, such as `payment.settled`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// How much; in the customer's favour when positive.
    async fn amount(&self) -> Money {
        Money(billow_entities::Money::new(self.0.amount_minor, self.0.currency))
    }

    /// In a few words.
    async fn memo(&self) -> Option<&str> {
        self.0.memo.as_deref()
    }

    /// When.
    async fn occurred_at(&self) -> Instant {
        Instant(self.0.occurred_at)
    }

    /// The payment it belongs to.
    async fn payment(&self, ctx: &Context<'_>) -> Result<Option<Payment>> {
        let Some(id) = self.0.payment_id else { return Ok(None) };
        Ok(ctx.loaders().find(id).await?.and_then(|row| rules::payment(ctx, row)))
    }
}
