//! Paying providers, and asking them about what they did not answer.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use billow_entities::{ProviderId, utility_account};
use billow_kernel::error::{Error, Result};
use billow_supply::connector::{PayOutcome, PayRequest};
use billow_supply::providers::LoadedProvider;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use sea_orm::EntityTrait;

use super::Remittances;
use super::claim::{ClaimedRemittance, Remit};
use crate::currency::currency_of;

/// Providers paid at once.
const PROVIDERS: usize = 16;
/// Calls under way at one provider, however many its definition allows for fetching.
const AT_ONCE: u16 = 8;
/// Claims at one provider in one turn; what is left is taken in the next.
const TURNS: usize = 25;
/// How long a call may take, whatever the steps do.
const CALL: StdDuration = StdDuration::from_secs(300);

impl Remittances {
    /// Sends due remittances and asks about those under way; how many were looked at.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remit_due(&self) -> Result<u64> {
        // While the database cannot store data, nothing is sent: they stay due.
        if self.store.ensure_durable().await.is_err() {
            return Ok(0);
        }
        let providers = self.remittance_providers().await?;
        let done: Vec<Result<u64>> =
            futures::stream::iter(providers).map(|(id, may_pay)| self.remit_to(id, may_pay)).buffer_unordered(PROVIDERS).collect().await;
        let mut count = 0;
        for outcome in done {
            match outcome {
                Ok(looked_at) => count += looked_at,
                // The others' money is not held up by it.
                Err(error) => tracing::error!(%error, "processing the remittances of a provider failed"),
            }
        }
        Ok(count)
    }

    async fn remit_to(&self, id: ProviderId, may_pay: bool) -> Result<u64> {
        let provider = self.providers.load_provider(id).await?;
        let at_once = provider.definition.limits.concurrency.clamp(1, AT_ONCE);
        let mut count = 0;
        for _ in 0..TURNS {
            if self.stopping.is_stopping() {
                break;
            }
            let claimed = self.claim_remittances(id, may_pay, at_once.into()).await?;
            if claimed.is_empty() {
                break;
            }
            count += claimed.len() as u64;
            let (turns, provider) = (&self.stopping.turns(at_once.into()), &provider);
            let run = |claimed: ClaimedRemittance| async move {
                let Some(_turn) = turns.next().await else { return self.put_back_remittance(&claimed).await };
                self.run_remittance(provider, claimed).await
            };
            let done: Vec<Result<()>> = claimed.into_iter().map(run).collect::<FuturesUnordered<_>>().collect().await;
            for outcome in done {
                if let Err(error) = outcome {
                    // Its lease runs out, and the provider is asked about it.
                    tracing::error!(%error, provider = %provider.definition.code, "processing a remittance failed; retried when its lease expires");
                }
            }
        }
        Ok(count)
    }

    async fn run_remittance(&self, provider: &LoadedProvider, claimed: ClaimedRemittance) -> Result<()> {
        let definition = &provider.definition;
        if claimed.send && !self.connector.can_pay(definition) {
            return self.leave_to_operator(&claimed.row).await;
        }
        let can_be_asked = self.connector.can_tell_payments(definition);
        let outcome = if !claimed.send && !can_be_asked {
            PayOutcome::Unknown { message: "it is not known whether the provider got it".into() }
        } else {
            let request = self.pay_request(provider, &claimed).await?;
            if !self.due.holds::<Remit>(&claimed.row).await? {
                tracing::warn!(remittance.id = %claimed.row.id, "the claim on a remittance was over before its provider was called");
                // Discarded if another process has taken over the remittance.
                let outcome = PayOutcome::NotSent { message: "the claim was over before it was sent".into(), retry_after_ms: None };
                return if claimed.send { self.settle_remittance(&claimed.row, outcome, can_be_asked).await } else { Ok(()) };
            }
            let call = async { if claimed.send { self.connector.pay(request).await } else { self.connector.pay_status(request).await } };
            let late = |_| PayOutcome::Unknown { message: format!("no outcome within {} s", CALL.as_secs()) };
            tokio::time::timeout(CALL, call).await.map_or_else(late, |reply| reply.outcome)
        };
        self.settle_remittance(&claimed.row, outcome, can_be_asked).await
    }

    async fn pay_request(&self, provider: &LoadedProvider, claimed: &ClaimedRemittance) -> Result<PayRequest> {
        let (row, db, now) = (&claimed.row, self.store.primary(), self.clock.now());
        let account = utility_account::Entity::find_by_id(row.account_id).one(db).await?.ok_or(Error::NotFound("account"))?;
        let paid = self.payables.described(db, [row.target()]).await?.remove(&row.target()).ok_or(Error::NotFound("bill"))?;
        Ok(PayRequest {
            definition: Arc::clone(&provider.definition),
            credentials: provider.credentials.clone(),
            params: self.accounts.open_params(&account)?,
            reference: row.id.to_string(),
            bill_number: paid.number,
            plan_code: paid.plan.map(|plan| plan.code),
            amount_minor: row.amount_minor,
            currency: currency_of(&row.currency)?,
            now,
            today: now.with_timezone(&provider.zone).date_naive(),
            continuation: row.continuation.clone(),
            trace: false,
        })
    }
}
