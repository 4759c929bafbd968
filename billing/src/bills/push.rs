//! Bills a provider posts to us. Each stands for itself: one that is refused is reported and harms no other.

use std::collections::HashMap;
use std::sync::Arc;

use billow_entities::{AccountStatus, BillSource, FetchOutcomeKind, UtilityAccountId, utility_account};
use bytes::Bytes;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::accept::{Accepted, accept, usual_amount};
use super::by_hand::sentence;
use super::sql::earlier_amounts;
use super::write::{AccountKey, BillWrite, Effect};
use crate::error::{Error, Result};
use crate::ports::{FetchOutcome, FetchedBill};
use crate::providers::LoadedProvider;
use crate::{Actor, Billing, Scope};

/// Bills taken in one request.
const MAX_BILLS: usize = 10_000;
/// Bills written in one transaction.
const BATCH: usize = 200;

/// What became of pushed bills.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushReport {
    /// Bills in the request.
    pub received: usize,
    /// Seen for the first time.
    pub new: usize,
    /// Known, and said otherwise.
    pub changed: usize,
    /// Known, and said the same.
    pub unchanged: usize,
    /// Refused; the rest was taken.
    pub refused: Vec<RefusedBill>,
}

/// A pushed bill that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedBill {
    /// Its place in the request, from 0.
    pub index: usize,
    /// Its number.
    pub number: String,
    /// Why, in whole sentences.
    pub problems: Vec<String>,
}

impl Billing {
    /// Takes bills a provider posted with its API key, in the provider's own shape.
    ///
    /// # Errors
    /// When the key may not push bills, or the body as a whole cannot be read.
    pub async fn push_bills(&self, actor: &Actor, content_type: &str, body: Bytes) -> Result<PushReport> {
        let provider = match actor {
            Actor::Client { provider_id: Some(id), .. } if actor.has_scope(Scope::BillsPush) => self.load_provider(*id).await?,
            Actor::Anonymous => return Err(Error::Unauthenticated),
            _ => return Err(Error::Forbidden),
        };
        let bills = match self.connector.read_pushed(&provider.definition, content_type, body).await.outcome {
            FetchOutcome::Bills(bills) => bills,
            FetchOutcome::NoneDue => Vec::new(),
            FetchOutcome::Retryable { message, .. }
            | FetchOutcome::Broken { message }
            | FetchOutcome::NotFound { message }
            | FetchOutcome::NeedsCustomer { message } => return Err(Error::invalid("INVALID_BODY", "", message)),
            FetchOutcome::Pending { .. } => return Err(Error::invalid("INVALID_BODY", "", "Pushed bills cannot be pending.")),
        };
        if bills.len() > MAX_BILLS {
            let message = format!("At most {MAX_BILLS} bills in one request, please; these are {}.", bills.len());
            return Err(Error::invalid("TOO_MANY", "", message));
        }
        let mut report = PushReport { received: bills.len(), ..PushReport::default() };
        for (at, bills) in bills.chunks(BATCH).enumerate() {
            self.push_batch(&provider, at * BATCH, bills, &mut report).await?;
        }
        tracing::info!(
            provider.id = %provider.model.id, push.received = report.received, push.new = report.new,
            push.changed = report.changed, push.refused = report.refused.len(), "bills were pushed"
        );
        metrics::counter!("billow_pushed_bills_total", "provider" => provider.definition.code.clone()).increment(report.received as u64);
        Ok(report)
    }

    async fn push_batch(&self, provider: &LoadedProvider, first: usize, bills: &[FetchedBill], report: &mut PushReport) -> Result<()> {
        let today = self.now().with_timezone(&provider.zone).date_naive();
        let indexes: Vec<Option<String>> =
            bills.iter().map(|b| b.account.as_deref().filter(|a| !a.trim().is_empty()).map(|a| self.identifier_index(a))).collect();
        let mut tx = self.store.write_tx().await?;
        let accounts = utility_account::Entity::find()
            .filter(utility_account::Column::ProviderId.eq(provider.model.id))
            .filter(utility_account::Column::IdentifierIndex.is_in(indexes.iter().flatten().cloned()))
            .filter(utility_account::Column::Status.ne(AccountStatus::Closed))
            .order_by_asc(utility_account::Column::Id)
            .lock_exclusive()
            .all(&*tx)
            .await?;
        let ids: Vec<_> = accounts.iter().map(|a| a.id).collect();
        let earlier = earlier_amounts(&*tx, &ids).await?;
        let by_index: HashMap<&str, &utility_account::Model> = accounts.iter().map(|a| (a.identifier_index.as_str(), a)).collect();
        let provider_name: Arc<str> = Arc::from(provider.definition.name.as_str());
        let mut writes: Vec<(usize, BillWrite)> = Vec::with_capacity(bills.len());
        for (at, (bill, index)) in bills.iter().zip(&indexes).enumerate() {
            let refuse = |problems| RefusedBill { index: first + at, number: bill.number.clone(), problems };
            let Some(account) = index.as_deref().and_then(|i| by_index.get(i)) else {
                let problem = if index.is_some() { "No customer has this account here." } else { "The bill does not name its account." };
                report.refused.push(refuse(vec![problem.to_owned()]));
                continue;
            };
            let usual = usual_of(&earlier, account.id, &bill.number);
            // Which account it is was found by the name on the bill; there is nothing to compare it with.
            match accept(bill, &provider.definition, None, today, usual) {
                Ok(accepted) => writes.push((first + at, self.pushed(account, &provider_name, today, accepted))),
                Err(problems) => report.refused.push(refuse(problems.iter().map(|p| sentence(&p.message)).collect())),
            }
        }
        let batch: Vec<BillWrite> = writes.iter().map(|(_, write)| write.clone()).collect();
        for ((index, write), written) in writes.iter().zip(self.upsert_bills(&mut tx, &batch).await?) {
            match written.effect {
                Effect::New => report.new += 1,
                Effect::Changed => report.changed += 1,
                Effect::Unchanged => report.unchanged += 1,
            }
            if let Some(illegal) = written.refusal {
                let number = write.accepted.content.number.clone();
                report.refused.push(RefusedBill { index: *index, number, problems: vec![sentence(&illegal.to_string())] });
            }
        }
        let told: Vec<_> = batch.iter().map(|w| w.account.id).collect();
        self.heard_of(&mut tx, &accounts, &told).await?;
        tx.commit().await
    }

    fn pushed(
        &self,
        account: &utility_account::Model,
        provider_name: &Arc<str>,
        today: chrono::NaiveDate,
        accepted: Accepted,
    ) -> BillWrite {
        BillWrite {
            account: AccountKey::from(account),
            provider_name: Arc::clone(provider_name),
            today,
            accepted,
            source: BillSource::Pushed,
            reason: None,
            actor: None,
        }
    }

    /// Notes on the accounts that their provider told something; a first bill makes a new account active.
    async fn heard_of(&self, tx: &mut crate::store::WriteTx, accounts: &[utility_account::Model], told: &[UtilityAccountId]) -> Result<()> {
        use utility_account::Column as C;
        let now = self.now();
        utility_account::Entity::update_many()
            .col_expr(C::LastFetchedAt, Expr::value(now))
            .col_expr(C::LastOutcome, Expr::value(FetchOutcomeKind::Bills))
            .filter(C::Id.is_in(told.iter().copied()))
            .exec(&**tx)
            .await?;
        let waiting: Vec<_> = accounts.iter().filter(|a| a.status == AccountStatus::Pending && told.contains(&a.id)).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        utility_account::Entity::update_many()
            .col_expr(C::Status, Expr::value(AccountStatus::Active))
            .col_expr(C::StatusReason, Expr::value(None::<String>))
            .col_expr(C::UpdatedAt, Expr::value(now))
            .filter(C::Id.is_in(waiting.iter().map(|a| a.id)))
            .exec(&**tx)
            .await?;
        for account in waiting {
            let mut account = account.clone();
            account.status = AccountStatus::Active;
            account.status_reason = None;
            tx.emit(self.account_event(&account, "fetched", Some(AccountStatus::Pending)));
        }
        Ok(())
    }
}

/// The median of an account's amounts, the bill itself left out.
pub(crate) fn usual_of(earlier: &HashMap<UtilityAccountId, Vec<(String, i64)>>, account: UtilityAccountId, number: &str) -> Option<i64> {
    let amounts: Vec<i64> =
        earlier.get(&account)?.iter().filter(|(other, _)| other != number.trim()).map(|(_, amount)| *amount).collect();
    usual_amount(&amounts)
}
