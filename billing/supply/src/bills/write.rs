//! Accepted bills become rows, many to a transaction: a bill seen for the first time is inserted, one that says something
//! else becomes a new version of the same bill, one that says the same changes nothing. Events go with them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use billow_entities::{
    BillId, BillSource, BillStatus, CustomerId, PropertyId, ProviderId, UtilityAccountId, UtilityType, bill, bill_version,
};
use billow_kernel::error::Result;
use billow_kernel::events::FieldChange;
use billow_kernel::store::{WriteTx, insert_all};
use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::Bills;
use super::accept::Accepted;
use super::content::BillContent;
use super::history;
use super::locked::LockedAccount;
use super::sql::bills_by_number;
use super::state::{BillEvent, BillStep, IllegalTransition, unsettled};
use crate::connector::FetchedStatus;

/// One bill to be written.
#[derive(Clone, Debug)]
pub(crate) struct BillWrite {
    pub(crate) account: AccountKey,
    pub(crate) provider_name: Arc<str>,
    /// The provider's day.
    pub(crate) today: NaiveDate,
    pub(crate) accepted: Accepted,
    /// Whether old bills of which the provider does not say whether they were paid are history.
    pub(crate) keeps_history: bool,
    pub(crate) source: BillSource,
    pub(crate) reason: Option<String>,
    pub(crate) actor: Option<String>,
}

/// What a bill takes over from its account, which is locked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountKey {
    pub(super) id: UtilityAccountId,
    customer_id: CustomerId,
    property_id: Option<PropertyId>,
    provider_id: ProviderId,
    utility_type: UtilityType,
}

impl From<&LockedAccount> for AccountKey {
    fn from(account: &LockedAccount) -> Self {
        let account = account.row();
        Self {
            id: account.id,
            customer_id: account.customer_id,
            property_id: account.property_id,
            provider_id: account.provider_id,
            utility_type: account.utility_type,
        }
    }
}

/// What became of one write.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) bill_id: BillId,
    pub(crate) effect: Effect,
    /// What the provider said that cannot be.
    pub(crate) refusal: Option<IllegalTransition>,
}

/// What a write did to its bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    New,
    Changed,
    Unchanged,
}

/// A row on its way to the database.
pub(super) struct Row {
    pub(super) model: bill::Model,
    /// What is in the database; none for a new bill.
    pub(super) before: Option<bill::Model>,
    version: Option<bill_version::ActiveModel>,
    changes: Vec<FieldChange>,
    provider_name: Arc<str>,
    pub(super) today: NaiveDate,
}

impl Row {
    /// Puts what happened into the row; answers whether that changes it.
    fn step(&mut self, step: BillStep) -> std::result::Result<bool, IllegalTransition> {
        let changes = step.put(&mut self.model)?;
        let changed = !changes.is_empty();
        self.changes.extend(changes);
        Ok(changed)
    }

    /// Opens a bill again that a person marked as paid elsewhere, when its provider raises the amount afterwards: what was
    /// paid cannot be the new amount.
    fn reopen_if_raised(&mut self, amount_before: i64) {
        if self.model.marked_by.is_none() || self.model.amount_minor <= amount_before {
            return;
        }
        let step = BillEvent::UndoPaidElsewhere.because("The provider raised the amount after the bill was marked as paid elsewhere.");
        self.step(step).ok();
    }
}

pub(super) type Key = (UtilityAccountId, String);

impl Bills {
    /// Writes a batch; answers in its order. Of two writes to one bill the last one counts.
    pub(crate) async fn upsert_bills(&self, tx: &mut WriteTx, batch: &[BillWrite]) -> Result<Vec<Written>> {
        let mut rows = self.known_rows(tx, batch).await?;
        let last: HashMap<(UtilityAccountId, &str), usize> =
            batch.iter().enumerate().map(|(at, w)| ((w.account.id, w.accepted.content.number.as_str()), at)).collect();
        let mut written: Vec<Option<Written>> = Vec::with_capacity(batch.len());
        for (at, write) in batch.iter().enumerate() {
            let counts = last.get(&(write.account.id, write.accepted.content.number.as_str())) == Some(&at);
            written.push(if counts { Some(self.write_one(&mut rows, write)?) } else { None });
        }
        self.supersede(&mut rows, batch);
        history::set_apart(tx, &mut rows, batch).await?;
        // Only rows that were read or made are there, so a write that did not count finds the one that did.
        let answers = batch
            .iter()
            .zip(written)
            .filter_map(|(write, written)| {
                written.or_else(|| {
                    let row = rows.get(&(write.account.id, write.accepted.content.number.clone()))?;
                    Some(Written { bill_id: row.model.id, effect: Effect::Unchanged, refusal: None })
                })
            })
            .collect();
        self.store_rows(tx, rows.into_values().collect()).await?;
        Ok(answers)
    }

    async fn known_rows(&self, tx: &WriteTx, batch: &[BillWrite]) -> Result<HashMap<Key, Row>> {
        let mut seen = HashSet::new();
        let mut keys = Vec::with_capacity(batch.len());
        for write in batch {
            let Accepted { content, replaces, former_number, .. } = &write.accepted;
            for number in std::iter::once(content.number.as_str()).chain(replaces.as_deref()).chain(former_number.as_deref()) {
                if seen.insert((write.account.id, number)) {
                    keys.push((write.account.id, number));
                }
            }
        }
        let about: HashMap<_, _> = batch.iter().map(|w| (w.account.id, w)).collect();
        let known = bills_by_number(&**tx, &keys).await?;
        Ok(known
            .into_iter()
            .filter_map(|model| {
                let write = about.get(&model.account_id)?;
                let key = (model.account_id, model.number.clone());
                let row = Row {
                    before: Some(model.clone()),
                    model,
                    version: None,
                    changes: Vec::new(),
                    provider_name: Arc::clone(&write.provider_name),
                    today: write.today,
                };
                Some((key, row))
            })
            .collect())
    }

    fn write_one(&self, rows: &mut HashMap<Key, Row>, write: &BillWrite) -> Result<Written> {
        let content = &write.accepted.content;
        let hash = content.content_hash()?;
        let key = (write.account.id, content.number.clone());
        rename(rows, write, &key);
        let Some(row) = rows.get_mut(&key) else {
            let row = self.new_row(write, hash)?;
            let bill_id = row.model.id;
            rows.insert(key, row);
            return Ok(Written { bill_id, effect: Effect::New, refusal: None });
        };
        let mut effect = Effect::Unchanged;
        if row.model.content_hash != hash {
            let changes = BillContent::of_row(&row.model)?.changes_to(content);
            row.model.content_hash.clone_from(&hash);
            if !changes.is_empty() {
                effect = Effect::Changed;
                let amount_before = row.model.amount_minor;
                row.model.version += 1;
                put_content(&mut row.model, content)?;
                row.model.source = write.source;
                row.model.usual_minor = write.accepted.usual_minor;
                row.changes.extend(changes);
                row.reopen_if_raised(amount_before);
                row.step(BillEvent::Amended.into()).ok();
                row.version = Some(self.version_of(&row.model, write, content, hash)?);
            }
        }
        let mut refusal = None;
        if let Some(says) = write.accepted.status {
            match row.step(BillEvent::ProviderSays(says).because(reason_of(says))) {
                Ok(true) => effect = Effect::Changed,
                Ok(false) => {}
                Err(illegal) => refusal = Some(illegal),
            }
        }
        Ok(Written { bill_id: row.model.id, effect, refusal })
    }

    fn new_row(&self, write: &BillWrite, hash: String) -> Result<Row> {
        let (account, content, now) = (&write.account, &write.accepted.content, self.clock.now());
        // Where the provider does not tell, the bill counts as issued when it was first seen, but not after it was due.
        let issued_on = content.issued_on.unwrap_or_else(|| content.due_on.map_or(write.today, |due| due.min(write.today)));
        let status = match write.accepted.status {
            None | Some(FetchedStatus::Open) => unsettled(content.amount_minor),
            // A credit that was paid out, and a bill of zero, stay what they are.
            Some(FetchedStatus::Paid) if content.amount_minor <= 0 => unsettled(content.amount_minor),
            Some(FetchedStatus::Paid) => BillStatus::PaidElsewhere,
            Some(FetchedStatus::Cancelled) => BillStatus::Voided,
        };
        let mut model = bill::Model {
            id: BillId(self.ids.next()),
            account_id: account.id,
            customer_id: account.customer_id,
            property_id: account.property_id,
            provider_id: account.provider_id,
            utility_type: account.utility_type,
            number: content.number.clone(),
            version: 1,
            status,
            status_reason: write.accepted.status.filter(|s| *s != FetchedStatus::Open).map(|s| reason_of(s).to_owned()),
            currency: content.currency.to_string(),
            paid_minor: 0,
            amount_minor: content.amount_minor,
            min_amount_minor: None,
            max_amount_minor: None,
            issued_on,
            due_on: None,
            period_start: None,
            period_end: None,
            usage_value: None,
            usage_unit: None,
            lines: serde_json::Value::Null,
            content_hash: hash.clone(),
            source: write.source,
            superseded_by: None,
            marked_by: None,
            usual_minor: write.accepted.usual_minor,
            created_at: now,
            updated_at: now,
        };
        put_content(&mut model, content)?;
        let version = Some(self.version_of(&model, write, content, hash)?);
        Ok(Row { model, before: None, version, changes: Vec::new(), provider_name: Arc::clone(&write.provider_name), today: write.today })
    }

    fn version_of(&self, model: &bill::Model, write: &BillWrite, content: &BillContent, hash: String) -> Result<bill_version::ActiveModel> {
        Ok(bill_version::ActiveModel {
            bill_id: Set(model.id),
            version: Set(model.version),
            snapshot: Set(serde_json::to_value(content)?),
            content_hash: Set(hash),
            source: Set(write.source),
            reason: Set(write.reason.clone()),
            actor: Set(write.actor.clone()),
            created_at: Set(self.clock.now()),
        })
    }

    /// Marks the bills that others replace.
    fn supersede(&self, rows: &mut HashMap<Key, Row>, batch: &[BillWrite]) {
        for write in batch {
            let Some(old) = &write.accepted.replaces else { continue };
            let Some(by) = rows.get(&(write.account.id, write.accepted.content.number.clone())).map(|r| (r.model.id, r.model.status))
            else {
                continue;
            };
            let Some(row) = rows.get_mut(&(write.account.id, old.clone())) else { continue };
            // Two bills that claim to replace each other: the first claim stands.
            if by.1 == BillStatus::Superseded || row.model.status == BillStatus::Superseded {
                continue;
            }
            let reason = format!("The provider replaced it by bill {}.", write.accepted.content.number);
            if row.step(BillEvent::Superseded.because(reason)).is_ok() {
                row.model.superseded_by = Some(by.0);
            }
        }
    }

    async fn store_rows(&self, tx: &mut WriteTx, mut rows: Vec<Row>) -> Result<()> {
        let now = self.clock.now();
        rows.retain(|row| row.before.as_ref() != Some(&row.model));
        // In the order of their ids, so that a log of several new bills reads in the order of their arrival.
        rows.sort_by_key(|row| row.model.id);
        let mut new = Vec::new();
        let mut versions = Vec::new();
        for row in rows {
            let Row { mut model, before, version, changes, provider_name, today } = row;
            versions.extend(version);
            let visible = before.is_none() || !changes.is_empty();
            if before.is_some() {
                model.updated_at = now;
            }
            if visible {
                tx.emit(if before.is_none() {
                    self.events.bill_received(&model, &provider_name, is_historic(&model, today))?
                } else {
                    self.events.bill_updated(&model, &provider_name, changes)?
                });
            }
            if before.is_some() {
                model.into_active_model().reset_all().update(&**tx).await?;
            } else {
                new.push(model.into_active_model());
            }
        }
        insert_all(&**tx, new, None).await?;
        insert_all(&**tx, versions, None).await
    }
}

/// Gives a bill that an earlier release stored under another number its new one. It says the same as before.
fn rename(rows: &mut HashMap<Key, Row>, write: &BillWrite, key: &Key) {
    let Some(former) = &write.accepted.former_number else { return };
    if rows.contains_key(key) {
        return;
    }
    if let Some(mut row) = rows.remove(&(write.account.id, former.clone())) {
        row.model.number.clone_from(&key.1);
        rows.insert(key.clone(), row);
    }
}

/// Puts what a bill says into its row; a date of issue that is not told stays as it is.
pub(crate) fn put_content(model: &mut bill::Model, content: &BillContent) -> Result<()> {
    model.currency = content.currency.to_string();
    model.amount_minor = content.amount_minor;
    model.min_amount_minor = content.min_amount_minor;
    model.max_amount_minor = content.max_amount_minor;
    model.issued_on = content.issued_on.unwrap_or(model.issued_on);
    model.due_on = content.due_on;
    model.period_start = content.period_start;
    model.period_end = content.period_end;
    model.usage_value = content.usage.as_ref().map(|u| u.value.clone());
    model.usage_unit = content.usage.as_ref().map(|u| u.unit.clone());
    model.lines = serde_json::to_value(&content.lines)?;
    Ok(())
}

/// Whether a bill that is first seen today was over before: settled, or old and not due any more.
fn is_historic(bill: &bill::Model, today: NaiveDate) -> bool {
    bill.status != BillStatus::Open || history::is_old(bill, today)
}

fn reason_of(says: FetchedStatus) -> &'static str {
    match says {
        FetchedStatus::Open => "The provider says that it is to be paid.",
        FetchedStatus::Paid => "The provider says that it has been paid.",
        FetchedStatus::Cancelled => "The provider withdrew it.",
    }
}
