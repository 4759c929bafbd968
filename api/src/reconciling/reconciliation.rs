//! The ledger held against gateways, and the ledger itself. For staff: nobody else gets hold of any of it.

use async_graphql::{Context, ID, Object, SimpleObject};
use billow_billing::ledger::LedgerProof as Proof;
use billow_entities::{discrepancy, reconciliation};

use crate::context::ContextExt as _;
use crate::gateways::gateway::Gateway;
use crate::ids;
use crate::loaders::{DiscrepanciesOf, Find as _, must, parts};
use crate::payments::payment::Payment;
use crate::refusal::Result;
use crate::rules;
use crate::scalars::{BigInt, CurrencyCode, Date, Instant};
use crate::types::{DiscrepancyKind, LedgerAccountKind, Money, ReconciliationStatus};

/// Differences one comparison shows.
const MAX_DISCREPANCIES: usize = 200;

/// A day's comparison of the ledger with a gateway.
#[derive(Clone, Debug)]
pub(crate) struct Reconciliation(pub reconciliation::Model);

/// A day's comparison of the ledger with a gateway. For staff.
#[Object]
impl Reconciliation {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// Which gateway.
    async fn gateway(&self, ctx: &Context<'_>) -> Result<Gateway> {
        Ok(Gateway::of(must(ctx.loaders().find(self.0.gateway_id).await?, "gateway")?))
    }

    /// Which day, in UTC.
    async fn day(&self) -> Date {
        Date(self.0.day)
    }

    /// Where it stands.
    async fn status(&self) -> ReconciliationStatus {
        self.0.status.into()
    }

    /// What went wrong, if something did.
    async fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// How many charges and refunds were compared.
    async fn compared(&self) -> i32 {
        self.0.compared
    }

    /// How many differences there are.
    async fn discrepancy_count(&self) -> i32 {
        self.0.discrepancies
    }

    /// The differences, at most 200.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn discrepancies(&self, ctx: &Context<'_>) -> Result<Vec<Discrepancy>> {
        if self.0.discrepancies == 0 {
            return Ok(Vec::new());
        }
        let found = parts(ctx.loaders(), DiscrepanciesOf(self.0.id)).await?;
        Ok(found.into_iter().take(MAX_DISCREPANCIES).map(Discrepancy).collect())
    }

    /// When it was begun.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When it was over.
    async fn finished_at(&self) -> Option<Instant> {
        self.0.finished_at.map(Instant)
    }
}

/// Where the ledger and a gateway differ.
#[derive(Clone, Debug)]
pub(crate) struct Discrepancy(pub discrepancy::Model);

/// Where the ledger and a gateway differ. For staff.
#[Object]
impl Discrepancy {
    /// Its id.
    async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// How.
    async fn kind(&self) -> DiscrepancyKind {
        self.0.kind.into()
    }

    /// The gateway's id of the charge or refund.
    async fn external_id(&self) -> Option<&str> {
        self.0.external_id.as_deref()
    }

    /// The payment it is about, where that is known.
    async fn payment(&self, ctx: &Context<'_>) -> Result<Option<Payment>> {
        let Some(id) = self.0.payment_id else { return Ok(None) };
        Ok(ctx.loaders().find(id).await?.and_then(|row| rules::payment(ctx, row)))
    }

    /// What the ledger says.
    async fn ours(&self) -> Option<Money> {
        self.0.ours_minor.map(|minor| Money::stored(minor, &self.0.currency))
    }

    /// What the gateway says.
    async fn theirs(&self) -> Option<Money> {
        self.0.theirs_minor.map(|minor| Money::stored(minor, &self.0.currency))
    }

    /// In words.
    async fn message(&self) -> &str {
        &self.0.message
    }

    /// When it was found.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When somebody settled it.
    async fn resolved_at(&self) -> Option<Instant> {
        self.0.resolved_at.map(Instant)
    }

    /// How it was settled, in their words.
    async fn resolution(&self) -> Option<&str> {
        self.0.resolution.as_deref()
    }
}

/// What the ledger adds up to.
#[derive(SimpleObject)]
pub(crate) struct LedgerProof {
    /// Whether every entry and currency adds up to nothing, and every balance to its postings.
    balanced: bool,
    /// How many entries there are.
    entries: BigInt,
    /// How many postings.
    postings: BigInt,
    /// Balances by kind and currency, summed over owners.
    accounts: Vec<LedgerAccountBalance>,
}

/// The balance of all accounts of a kind in a currency.
#[derive(SimpleObject)]
pub(crate) struct LedgerAccountBalance {
    /// Which kind.
    kind: LedgerAccountKind,
    /// In which currency.
    currency: CurrencyCode,
    /// Debits less credits.
    balance: Money,
}

impl From<Proof> for LedgerProof {
    fn from(proof: Proof) -> Self {
        let big = |number: u64| BigInt(i64::try_from(number).unwrap_or(i64::MAX));
        let accounts = proof.accounts.into_iter().map(|total| LedgerAccountBalance {
            kind: total.kind.into(),
            currency: CurrencyCode(total.currency.code().to_owned()),
            balance: Money(billow_entities::Money::new(total.balance_minor, total.currency)),
        });
        Self { balanced: proof.balanced, entries: big(proof.entries), postings: big(proof.postings), accounts: accounts.collect() }
    }
}
