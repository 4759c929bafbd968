//! Which reminder comes next: one row for each customer and thing, kept in step with due dates, plans, homes and wishes.

use std::collections::{HashMap, HashSet};

use billow_entities::{
    AccountStatus, BillStatus, CustomerId, PropertyId, ReminderSubject, bill, customer, property_member, reminder, utility_account,
};
use billow_kernel::error::Result;
use billow_kernel::store::{WriteTx, insert_all};
use billow_supply::bills::left_of;
use chrono::{DateTime, Days, NaiveDate, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::Messages;
use super::letter::Addressee;
use super::preferences::Preferences;
use super::steps::Rhythm;

/// Open bills, and plans, that are looked at when the wishes of one customer or the members of one home change.
const MAX_SUBJECTS: u64 = 1_000;
/// Days after which no reminder comes any more, whatever anybody wishes.
const LONGEST_AFTER: u64 = 31;

/// What can be reminded of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) kind: ReminderSubject,
    pub(super) id: Uuid,
    /// The due date or the plan's last day; none when there is nothing to remind of.
    pub(super) anchor: Option<NaiveDate>,
}

impl Subject {
    pub(super) fn of_bill(bill: &bill::Model) -> Self {
        let anchor = bill.due_on.filter(|_| left_of(bill) > 0);
        Self { kind: ReminderSubject::Bill, id: bill.id.0, anchor }
    }

    pub(super) fn of_plan(account: &utility_account::Model) -> Self {
        let anchor = account.plan_expires_on.filter(|_| account.status != AccountStatus::Closed);
        Self { kind: ReminderSubject::Plan, id: account.id.0, anchor }
    }

    pub(super) fn rhythm<'a>(&self, customer: &customer::Model, wishes: &'a Preferences) -> Rhythm<'a> {
        match self.kind {
            ReminderSubject::Bill => wishes.bill_rhythm(customer),
            ReminderSubject::Plan => wishes.plan_rhythm(customer),
        }
    }
}

impl Messages {
    /// Schedules the reminders about one thing for the people in `household`, and takes away everybody else's.
    pub(super) async fn schedule(&self, tx: &WriteTx, subject: Subject, household: &[Addressee]) -> Result<()> {
        let existing = reminder::Entity::find()
            .filter(reminder::Column::SubjectKind.eq(subject.kind))
            .filter(reminder::Column::SubjectId.eq(subject.id))
            .all(&**tx)
            .await?;
        put(&**tx, self.schedule_over(tx, subject, household, existing).await?).await
    }

    /// As [`Self::schedule`], in the place of `existing`, which are all the reminders there are about it. Answers the rows
    /// that are still to be put.
    pub(super) async fn schedule_over(
        &self,
        tx: &WriteTx,
        subject: Subject,
        household: &[Addressee],
        existing: Vec<reminder::Model>,
    ) -> Result<Vec<reminder::ActiveModel>> {
        let existing: HashMap<CustomerId, reminder::Model> = existing.into_iter().map(|row| (row.customer_id, row)).collect();
        let mut gone: HashSet<CustomerId> = existing.keys().copied().collect();
        let mut rows = Vec::new();
        for to in household {
            if let Addressee::Customer { customer, preferences, .. } = to
                && let Some(row) = next_row(subject, customer, preferences, existing.get(&customer.id), self.clock.now())
            {
                gone.remove(&customer.id);
                rows.push(row);
            }
        }
        if !gone.is_empty() {
            reminder::Entity::delete_many()
                .filter(reminder::Column::SubjectKind.eq(subject.kind))
                .filter(reminder::Column::SubjectId.eq(subject.id))
                .filter(reminder::Column::CustomerId.is_in(gone))
                .exec(&**tx)
                .await?;
        }
        Ok(rows)
    }

    /// Schedules everything a customer is reminded of: wishes or time zone changed.
    pub(super) async fn schedule_all_of(&self, tx: &WriteTx, customer: &customer::Model, wishes: &Preferences) -> Result<()> {
        let homes: Vec<PropertyId> = property_member::Entity::find()
            .filter(property_member::Column::CustomerId.eq(customer.id))
            .all(&**tx)
            .await?
            .into_iter()
            .map(|m| m.property_id)
            .collect();
        let bills =
            Condition::any().add(bill::Column::CustomerId.eq(customer.id)).add(bill::Column::PropertyId.is_in(homes.iter().copied()));
        let plans = Condition::any()
            .add(utility_account::Column::CustomerId.eq(customer.id))
            .add(utility_account::Column::PropertyId.is_in(homes.iter().copied()));
        let subjects = self.open_subjects(&**tx, bills, plans).await?;
        let existing: HashMap<(ReminderSubject, Uuid), reminder::Model> = reminder::Entity::find()
            .filter(reminder::Column::CustomerId.eq(customer.id))
            .all(&**tx)
            .await?
            .into_iter()
            .map(|row| ((row.subject_kind, row.subject_id), row))
            .collect();
        reminder::Entity::delete_many().filter(reminder::Column::CustomerId.eq(customer.id)).exec(&**tx).await?;
        let now = self.clock.now();
        let rows = subjects.into_iter().filter_map(|s| next_row(s, customer, wishes, existing.get(&(s.kind, s.id)), now)).collect();
        put(&**tx, rows).await
    }

    /// Schedules the reminders of an account's open bills for another household.
    pub(super) async fn schedule_bills_of(&self, tx: &WriteTx, account: &utility_account::Model, household: &[Addressee]) -> Result<()> {
        let bills = bill::Entity::find()
            .filter(bill::Column::AccountId.eq(account.id))
            .filter(self.open_bill())
            .order_by_desc(bill::Column::Id)
            .limit(MAX_SUBJECTS)
            .all(&**tx)
            .await?;
        for bill in bills {
            self.schedule(tx, Subject::of_bill(&bill), household).await?;
        }
        Ok(())
    }

    /// Schedules everything the household of a home is reminded of: somebody joined or left.
    pub(super) async fn schedule_home(&self, tx: &WriteTx, home: PropertyId) -> Result<()> {
        let bills = bill::Entity::find()
            .filter(bill::Column::PropertyId.eq(home))
            .filter(self.open_bill())
            .order_by_desc(bill::Column::Id)
            .limit(MAX_SUBJECTS)
            .all(&**tx)
            .await?;
        for bill in bills {
            let household = self.household(&**tx, bill.customer_id, Some(home)).await?;
            self.schedule(tx, Subject::of_bill(&bill), &household).await?;
        }
        let accounts = utility_account::Entity::find()
            .filter(utility_account::Column::PropertyId.eq(home))
            .filter(utility_account::Column::PlanExpiresOn.is_not_null())
            .limit(MAX_SUBJECTS)
            .all(&**tx)
            .await?;
        for account in accounts {
            let household = self.household(&**tx, account.customer_id, Some(home)).await?;
            self.schedule(tx, Subject::of_plan(&account), &household).await?;
        }
        Ok(())
    }

    async fn open_subjects(&self, db: &impl ConnectionTrait, bills: Condition, plans: Condition) -> Result<Vec<Subject>> {
        let bills =
            bill::Entity::find().filter(bills).filter(self.open_bill()).order_by_desc(bill::Column::Id).limit(MAX_SUBJECTS).all(db).await?;
        let accounts = utility_account::Entity::find()
            .filter(plans)
            .filter(utility_account::Column::PlanExpiresOn.gte(self.days_ago(1)))
            .limit(MAX_SUBJECTS)
            .all(db)
            .await?;
        Ok(bills.iter().map(Subject::of_bill).chain(accounts.iter().map(Subject::of_plan)).collect())
    }

    fn open_bill(&self) -> Condition {
        Condition::all().add(bill::Column::Status.eq(BillStatus::Open)).add(bill::Column::DueOn.gte(self.days_ago(LONGEST_AFTER)))
    }

    fn days_ago(&self, days: u64) -> NaiveDate {
        let today = self.clock.now().date_naive();
        today.checked_sub_days(Days::new(days)).unwrap_or(today)
    }
}

/// The reminder one customer waits for next. One that is due already is left alone, so that a change never swallows it.
fn next_row(
    subject: Subject,
    customer: &customer::Model,
    wishes: &Preferences,
    existing: Option<&reminder::Model>,
    now: DateTime<Utc>,
) -> Option<reminder::ActiveModel> {
    let anchor = subject.anchor?;
    let rhythm = subject.rhythm(customer, wishes);
    let due = existing.filter(|row| row.anchor == anchor && row.due_at <= now && rhythm.steps.contains(&row.step_days));
    let (step_days, due_at) = match due {
        Some(row) => (row.step_days, row.due_at),
        None => rhythm.first_after(anchor, now).map(|step| (step.days, step.at))?,
    };
    Some(reminder::ActiveModel {
        customer_id: Set(customer.id),
        subject_kind: Set(subject.kind),
        subject_id: Set(subject.id),
        anchor: Set(anchor),
        step_days: Set(step_days),
        due_at: Set(due_at),
        created_at: Set(now),
    })
}

/// Writes rows, in the place of those that are there.
pub(super) async fn put(db: &impl ConnectionTrait, rows: Vec<reminder::ActiveModel>) -> Result<()> {
    let key = [reminder::Column::CustomerId, reminder::Column::SubjectKind, reminder::Column::SubjectId];
    let replace =
        OnConflict::columns(key).update_columns([reminder::Column::Anchor, reminder::Column::StepDays, reminder::Column::DueAt]).to_owned();
    insert_all(db, rows, Some(replace)).await
}
