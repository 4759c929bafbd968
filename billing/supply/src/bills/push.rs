//! Bills a provider posts to us. Each stands for itself: one that is refused is reported and harms no other.

use std::collections::HashMap;
use std::sync::Arc;

use billow_entities::{AccountStatus, BillId, BillSource, FetchOutcomeKind, UtilityAccountId, utility_account};
use billow_kernel::error::{Error, Result};
use billow_kernel::events::AccountChange;
use billow_kernel::{Actor, Scope};
use bytes::Bytes;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Bills;
use super::accept::Accepted;
use super::content::BillContent;
use super::locked::LockedAccount;
use super::review::{Known, Verdict, review};
use super::sql::{EarlierBills, earlier_bills};
use super::state::sentence;
use super::write::{AccountKey, BillWrite, Effect};
use crate::connector::{FetchOutcome, FetchReply, FetchedBill, RefusedBill};
use crate::providers::LoadedProvider;

/// Bills taken in one request.
pub const MAX_PUSHED: usize = 10_000;
/// Bills written in one transaction.
const BATCH: usize = 200;

/// What became of pushed bills, one by one, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushReport {
    /// Each bill of the request.
    pub bills: Vec<PushedBill>,
}

/// What became of one pushed bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedBill {
    /// Its number, as it was posted.
    pub number: String,
    /// The bill it became; none where it was refused.
    pub bill_id: Option<BillId>,
    /// What it did.
    pub effect: PushEffect,
    /// Why it was refused, in whole sentences.
    pub problems: Vec<String>,
}

/// What a pushed bill did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushEffect {
    /// It was seen for the first time.
    New,
    /// It was known, and says something else now.
    Changed,
    /// It was known, and says the same.
    Unchanged,
    /// It was not taken; the others were.
    Refused,
}

impl PushReport {
    /// How many did this.
    #[must_use]
    pub fn count(&self, effect: PushEffect) -> usize {
        self.bills.iter().filter(|b| b.effect == effect).count()
    }
}

impl From<Effect> for PushEffect {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::New => Self::New,
            Effect::Changed => Self::Changed,
            Effect::Unchanged => Self::Unchanged,
        }
    }
}

impl Bills {
    /// Takes bills a provider posted with its API key, in the provider's own shape.
    ///
    /// # Errors
    /// When the key may not push bills, or the body as a whole cannot be read.
    pub async fn push_bills(&self, actor: &Actor, content_type: &str, body: Bytes) -> Result<PushReport> {
        let provider = match actor {
            Actor::Client { provider_id: Some(id), .. } if actor.has_scope(Scope::BillsPush) => self.providers.load_provider(*id).await?,
            Actor::Anonymous => return Err(Error::Unauthenticated),
            _ => return Err(Error::Forbidden),
        };
        let FetchReply { outcome, refused, .. } = self.connector.read_pushed(&provider.definition, content_type, body).await;
        let bills = match outcome {
            FetchOutcome::Bills(bills) => bills,
            FetchOutcome::NoneDue => Vec::new(),
            FetchOutcome::Retryable { message, .. }
            | FetchOutcome::Broken { message }
            | FetchOutcome::NotFound { message }
            | FetchOutcome::NeedsCustomer { message } => return Err(Error::invalid("INVALID_BODY", "", message)),
            FetchOutcome::Pending { .. } => return Err(Error::invalid("INVALID_BODY", "", "Pushed bills cannot be pending.")),
        };
        let received = bills.len() + refused.len();
        if received > MAX_PUSHED {
            let message = format!("At most {MAX_PUSHED} bills are taken in one request; these are {received}.");
            return Err(Error::invalid("TOO_MANY", "", message));
        }
        let mut taken = HashMap::new();
        let mut read = Vec::with_capacity(bills.len());
        for bills in bills.chunks(BATCH) {
            read.extend(self.push_batch(&provider, bills, &mut taken).await?);
        }
        let report = PushReport { bills: in_order(read, refused) };
        let refused = report.count(PushEffect::Refused);
        tracing::info!(provider.id = %provider.model.id, push.received = received, push.refused = refused, "bills were pushed");
        metrics::counter!("billow_pushed_bills_total", "provider" => provider.definition.code.clone()).increment(received as u64);
        Ok(report)
    }

    async fn push_batch(&self, provider: &LoadedProvider, bills: &[FetchedBill], taken: &mut Taken) -> Result<Vec<PushedBill>> {
        let today = self.clock.now().with_timezone(&provider.zone).date_naive();
        let indexes: Vec<Option<String>> =
            bills.iter().map(|b| b.account.as_deref().filter(|a| !a.trim().is_empty()).map(|a| self.cipher.identifier_index(a))).collect();
        let mut tx = self.store.write_tx().await?;
        let named = Condition::all()
            .add(utility_account::Column::ProviderId.eq(provider.model.id))
            .add(utility_account::Column::IdentifierIndex.is_in(indexes.iter().flatten().cloned()))
            .add(utility_account::Column::Status.ne(AccountStatus::Closed));
        let accounts = LockedAccount::lock_all(&tx, named).await?;
        let ids: Vec<_> = accounts.iter().map(|a| a.row().id).collect();
        let earlier = earlier_bills(&*tx, &ids).await?;
        let by_index: HashMap<&str, &LockedAccount> = accounts.iter().map(|a| (a.row().identifier_index.as_str(), a)).collect();
        let provider_name: Arc<str> = Arc::from(provider.definition.name.as_str());
        let refused =
            |bill: &FetchedBill, problems| PushedBill { number: bill.number.clone(), bill_id: None, effect: PushEffect::Refused, problems };
        let mut out: Vec<PushedBill> = Vec::with_capacity(bills.len());
        let mut places = Vec::with_capacity(bills.len());
        let mut batch: Vec<BillWrite> = Vec::with_capacity(bills.len());
        let owners: Vec<Option<&LockedAccount>> =
            indexes.iter().map(|index| index.as_deref().and_then(|i| by_index.get(i)).copied()).collect();
        let mut verdicts = by_account(bills, &owners, provider, today, &earlier);
        for (at, bill) in bills.iter().enumerate() {
            let (Some(account), Some(verdict)) = (owners[at], verdicts.remove(&at)) else {
                let named = indexes[at].is_some();
                let problem = if named { "No customer has this account here." } else { "The bill does not name its account." };
                out.push(refused(bill, vec![problem.to_owned()]));
                continue;
            };
            let key = (account.row().id, billow_kernel::text::cleaned(&bill.number));
            match verdict {
                Ok(accepted) if taken.get(&key).is_none_or(|first| *first == accepted.content) => {
                    taken.insert(key, accepted.content.clone());
                    places.push(at);
                    batch.push(self.pushed(account, &provider_name, today, provider.definition.keeps_history(), accepted));
                    // What it became is known when it is written.
                    out.push(refused(bill, Vec::new()));
                }
                Ok(_) => out.push(refused(bill, vec![TWICE.to_owned()])),
                Err(problems) => out.push(refused(bill, problems.iter().map(|p| sentence(&p.message)).collect())),
            }
        }
        for (at, written) in places.into_iter().zip(self.upsert_bills(&mut tx, &batch).await?) {
            let pushed = &mut out[at];
            pushed.bill_id = Some(written.bill_id);
            match written.refusal {
                Some(illegal) => pushed.problems.push(sentence(&illegal.to_string())),
                None => pushed.effect = written.effect.into(),
            }
        }
        let told: Vec<_> = batch.iter().map(|w| w.account.id).collect();
        self.heard_of(&mut tx, &accounts, &told).await?;
        tx.commit().await?;
        Ok(out)
    }

    fn pushed(
        &self,
        account: &LockedAccount,
        provider_name: &Arc<str>,
        today: chrono::NaiveDate,
        keeps_history: bool,
        accepted: Accepted,
    ) -> BillWrite {
        BillWrite {
            account: AccountKey::from(account),
            provider_name: Arc::clone(provider_name),
            today,
            accepted,
            keeps_history,
            source: BillSource::Pushed,
            reason: None,
            actor: None,
        }
    }

    /// Notes on the accounts that their provider told something; a first bill makes a new account active.
    async fn heard_of(&self, tx: &mut billow_kernel::store::WriteTx, accounts: &[LockedAccount], told: &[UtilityAccountId]) -> Result<()> {
        use utility_account::Column as C;
        let now = self.clock.now();
        utility_account::Entity::update_many()
            .col_expr(C::LastFetchedAt, Expr::value(now))
            .col_expr(C::LastOutcome, Expr::value(FetchOutcomeKind::Bills))
            .filter(C::Id.is_in(told.iter().copied()))
            .exec(&**tx)
            .await?;
        let waiting: Vec<_> =
            accounts.iter().map(LockedAccount::row).filter(|a| a.status == AccountStatus::Pending && told.contains(&a.id)).collect();
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
            tx.emit(self.events.account(&account, AccountChange::Fetched, Some(AccountStatus::Pending))?);
        }
        Ok(())
    }
}

/// What this request stated before, by account and number.
type Taken = HashMap<(UtilityAccountId, String), BillContent>;

/// For a number that an earlier part of a long request used.
const TWICE: &str = "The request has another bill with this number, which says something else; the first one was taken.";

/// The verdict on each bill whose account is known: those of one account are judged together.
fn by_account(
    bills: &[FetchedBill],
    owners: &[Option<&LockedAccount>],
    provider: &LoadedProvider,
    today: chrono::NaiveDate,
    earlier: &EarlierBills,
) -> HashMap<usize, Verdict> {
    let mut places: HashMap<UtilityAccountId, Vec<usize>> = HashMap::new();
    for (at, owner) in owners.iter().enumerate() {
        if let Some(account) = owner {
            places.entry(account.row().id).or_default().push(at);
        }
    }
    let mut out = HashMap::with_capacity(bills.len());
    for (account, places) in places {
        let earlier = earlier.get(&account).map_or(&[][..], Vec::as_slice);
        // Which account it is was found by the name on the bill; there is nothing to compare it with.
        let known = Known { definition: &provider.definition, identifier: None, today, earlier };
        let verdicts = review(places.iter().map(|at| &bills[*at]), known);
        out.extend(places.into_iter().zip(verdicts));
    }
    out
}

/// The bills of a request in its order: those that could be read, and between them those that could not.
fn in_order(read: Vec<PushedBill>, unread: Vec<RefusedBill>) -> Vec<PushedBill> {
    let total = read.len() + unread.len();
    let mut unread = unread.into_iter().peekable();
    let mut read = read.into_iter();
    let mut out = Vec::with_capacity(total);
    while out.len() < total {
        let next = match unread.next_if(|refused| refused.at <= out.len()) {
            Some(refused) => Some(unreadable(refused)),
            None => read.next(),
        };
        match next.or_else(|| unread.next().map(unreadable)) {
            Some(bill) => out.push(bill),
            None => break,
        }
    }
    out
}

fn unreadable(refused: RefusedBill) -> PushedBill {
    let number = refused.number.unwrap_or_default();
    PushedBill { number, bill_id: None, effect: PushEffect::Refused, problems: vec![sentence(&refused.problem)] }
}
