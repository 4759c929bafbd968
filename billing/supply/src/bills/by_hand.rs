//! What operators do to bills by hand, always with a reason: record one a provider cannot deliver, correct one, void one.

use std::sync::Arc;

use billow_entities::{BillId, BillSource, UtilityAccountId, bill, bill_version, provider, utility_account};
use billow_kernel::Actor;
use billow_kernel::amounts::FetchedAmount;
use billow_kernel::error::{Error, Problems, Result, UserError};
use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::Bills;
use super::accept::{Accepted, Problem, accept};
use super::content::{BillContent, BillLine};
use super::locked::{LockedAccount, LockedBill};
use super::sql::bills_by_number;
use super::state::{BillEvent, BillStep, is_unsettled, sentence};
use super::write::{AccountKey, BillWrite, put_content};
use crate::connector::{FetchedBill, FetchedLine, Usage};
use crate::providers::LoadedProvider;

/// Characters a reason may have.
const MAX_REASON: usize = 500;

/// A bill as an operator writes it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManualBill {
    /// The provider's number for it; one of ours where the paper has none.
    pub number: Option<String>,
    /// What is to be paid.
    pub amount: FetchedAmount,
    /// When it was issued.
    pub issued_on: NaiveDate,
    /// When it is due.
    pub due_on: Option<NaiveDate>,
    /// First day billed for.
    pub period_start: Option<NaiveDate>,
    /// Last day billed for.
    pub period_end: Option<NaiveDate>,
    /// How much was used.
    pub usage: Option<Usage>,
    /// What it is made of.
    pub lines: Vec<FetchedLine>,
}

/// What an operator corrects; what is unset stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BillCorrection {
    /// What is to be paid.
    pub amount: Option<FetchedAmount>,
    /// When it was issued.
    pub issued_on: Option<NaiveDate>,
    /// When it is due; `Some(None)` for no due date.
    pub due_on: Option<Option<NaiveDate>>,
    /// First day billed for.
    pub period_start: Option<Option<NaiveDate>>,
    /// Last day billed for.
    pub period_end: Option<Option<NaiveDate>>,
    /// How much was used.
    pub usage: Option<Option<Usage>>,
    /// What it is made of.
    pub lines: Option<Vec<FetchedLine>>,
}

impl Bills {
    /// Records a bill by hand, for staff.
    ///
    /// # Errors
    /// When somebody else asks, there is no such account, the bill is not plausible, or its number is taken.
    pub async fn record_bill(&self, actor: &Actor, account_id: UtilityAccountId, input: ManualBill, reason: &str) -> Result<bill::Model> {
        actor.staff()?;
        let reason = checked_reason(reason)?;
        let account = utility_account::Entity::find_by_id(account_id).one(self.store.primary()).await?.ok_or(Error::NotFound("account"))?;
        let provider = self.providers.load_provider(account.provider_id).await?;
        let today = self.clock.now().with_timezone(&provider.zone).date_naive();
        let fetched = FetchedBill {
            number: input
                .number
                .filter(|n| !billow_kernel::text::cleaned(n).is_empty())
                .unwrap_or_else(|| format!("BY-HAND-{}", self.ids.next().simple())),
            amount: input.amount,
            currency: None,
            issued_on: Some(input.issued_on),
            due_on: input.due_on,
            period_start: input.period_start,
            period_end: input.period_end,
            usage: input.usage,
            lines: input.lines,
            min_amount: None,
            max_amount: None,
            account: None,
            status: None,
            replaces: None,
            former_number: None,
        };
        let accepted = accept(&fetched, &provider.definition, None, today, None).map_err(to_error)?;
        let mut tx = self.store.write_tx().await?;
        let account = LockedAccount::lock(&tx, account_id).await?;
        if !bills_by_number(&*tx, &[(account_id, accepted.content.number.as_str())]).await?.is_empty() {
            return Err(Error::invalid("NUMBER_TAKEN", "number", "This account has a bill with this number; correct that one instead."));
        }
        let write = BillWrite {
            account: AccountKey::from(&account),
            provider_name: Arc::from(provider.definition.name.as_str()),
            today,
            accepted,
            keeps_history: false,
            source: BillSource::Manual,
            reason: Some(reason.clone()),
            actor: Some(actor.label()),
        };
        let written = self.upsert_bills(&mut tx, &[write]).await?;
        let id = written.first().map(|w| w.bill_id).ok_or(Error::NotFound("bill"))?;
        self.audit
            .record(&tx, actor, "bill.record", id, Some(account.row().customer_id), Some(&reason), json!({"account_id": account_id}))
            .await?;
        let bill = bill::Entity::find_by_id(id).one(&*tx).await?.ok_or(Error::NotFound("bill"))?;
        tx.commit().await?;
        Ok(bill)
    }

    /// Corrects a bill by hand, for staff: a new version of the same bill. It stays until the provider says something new.
    ///
    /// # Errors
    /// When somebody else asks, there is no such bill, nothing would change, or the outcome is not plausible.
    pub async fn correct_bill(&self, actor: &Actor, id: BillId, correction: BillCorrection, reason: &str) -> Result<bill::Model> {
        actor.staff()?;
        let reason = checked_reason(reason)?;
        let known = bill::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("bill"))?;
        let provider = self.providers.load_provider(known.provider_id).await?;
        let mut tx = self.store.write_tx().await?;
        let before = LockedBill::lock(&tx, known.account_id, id).await?.into_row();
        // A bill that is settled or gone is history; correcting it would tell people to pay what nobody owes.
        if !is_unsettled(before.status) {
            return Err(Error::invalid("ILLEGAL_STATE", "id", format!("A bill that is {} cannot be corrected.", before.status)));
        }
        let content = corrected(&before, correction, &provider, self.clock.now().with_timezone(&provider.zone).date_naive())?.content;
        let mut changes = BillContent::of_row(&before)?.changes_to(&content);
        if changes.is_empty() {
            return Err(Error::invalid("NO_CHANGE", "", "The bill says so already."));
        }
        let mut after = before;
        after.version += 1;
        put_content(&mut after, &content)?;
        changes.extend(
            BillStep::from(BillEvent::Amended)
                .put(&mut after)
                .map_err(|illegal| Error::invalid("ILLEGAL_STATE", "id", sentence(&illegal.to_string())))?,
        );
        after.source = BillSource::Manual;
        // A person has looked at it.
        after.usual_minor = None;
        after.updated_at = self.clock.now();
        // The hash stays that of the provider's words: hearing the same again does not undo the correction.
        let version = bill_version::ActiveModel {
            bill_id: Set(id),
            version: Set(after.version),
            content_hash: Set(content.content_hash()?),
            snapshot: Set(serde_json::to_value(&content)?),
            source: Set(BillSource::Manual),
            reason: Set(Some(reason.clone())),
            actor: Set(Some(actor.label())),
            created_at: Set(self.clock.now()),
        };
        bill_version::Entity::insert(version).exec_without_returning(&*tx).await?;
        let after = after.into_active_model().reset_all().update(&*tx).await?;
        let data = json!({"version": after.version, "changes": changes});
        self.audit.record(&tx, actor, "bill.correct", id, Some(after.customer_id), Some(&reason), data).await?;
        tx.emit(self.events.bill_updated(&after, &provider.definition.name, changes)?);
        tx.commit().await?;
        Ok(after)
    }

    /// Voids a bill by hand, for staff: nobody is asked to pay it any more.
    ///
    /// # Errors
    /// When somebody else asks, there is no such bill, or it is past voiding.
    pub async fn void_bill(&self, actor: &Actor, id: BillId, reason: &str) -> Result<bill::Model> {
        actor.staff()?;
        let reason = checked_reason(reason)?;
        let known = bill::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("bill"))?;
        let mut tx = self.store.write_tx().await?;
        let bill = LockedBill::lock(&tx, known.account_id, id).await?;
        let provider = provider::Entity::find_by_id(known.provider_id).one(&*tx).await?.ok_or(Error::NotFound("provider"))?;
        let bill = self.transition(&mut tx, bill, BillEvent::Void.because(reason.as_str()), &provider.name).await?.into_row();
        self.audit.record(&tx, actor, "bill.void", id, Some(bill.customer_id), Some(&reason), json!({"number": bill.number})).await?;
        tx.commit().await?;
        Ok(bill)
    }
}

/// The bill as it would be, judged like one that was fetched.
fn corrected(before: &bill::Model, correction: BillCorrection, provider: &LoadedProvider, today: NaiveDate) -> Result<Accepted> {
    let BillContent { number, amount_minor, min_amount_minor, max_amount_minor, usage, lines, .. } = BillContent::of_row(before)?;
    let minor = |minor| FetchedAmount::Minor { minor };
    let amount = correction.amount.unwrap_or(minor(amount_minor));
    // What may be paid followed from the old amount; a new one has its own bounds or none.
    let keeps_amount = amount == minor(amount_minor);
    let fetched = FetchedBill {
        number,
        amount,
        currency: None,
        issued_on: Some(correction.issued_on.unwrap_or(before.issued_on)),
        due_on: correction.due_on.unwrap_or(before.due_on),
        period_start: correction.period_start.unwrap_or(before.period_start),
        period_end: correction.period_end.unwrap_or(before.period_end),
        usage: correction.usage.unwrap_or(usage),
        lines: correction.lines.unwrap_or_else(|| lines.into_iter().map(as_fetched).collect()),
        min_amount: min_amount_minor.filter(|_| keeps_amount).map(minor),
        max_amount: max_amount_minor.filter(|_| keeps_amount).map(minor),
        account: None,
        status: None,
        replaces: None,
        former_number: None,
    };
    accept(&fetched, &provider.definition, None, today, None).map_err(to_error)
}

fn as_fetched(line: BillLine) -> FetchedLine {
    let amount = line.amount_minor.map(|minor| FetchedAmount::Minor { minor });
    FetchedLine { label: line.label, amount, usage: line.usage, kind: Some(line.kind) }
}

fn checked_reason(reason: &str) -> Result<String> {
    let mut problems = Problems::default();
    let reason = problems.text("reason", reason, MAX_REASON);
    problems.finish()?;
    Ok(reason)
}

fn to_error(problems: Vec<Problem>) -> Error {
    Error::Invalid(problems.into_iter().map(|p| UserError::new(p.code, &p.field, sentence(&p.message))).collect())
}
