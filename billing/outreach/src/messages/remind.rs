//! Turning due reminders into messages: each step once for each person, only while there is something to remind of, and
//! after a pause only the newest step.

use std::collections::{HashMap, HashSet};

use billow_entities::{
    BillId, CustomerId, PropertyId, ReminderSubject, UtilityAccountId, bill, property_member, reminder, utility_account,
};
use billow_kernel::due::DueRows;
use billow_kernel::error::Result;
use billow_kernel::store::WriteTx;
use billow_kernel::wake::Wakeup;
use billow_supply::bills::{being_paid_of, left_of};
use chrono::NaiveDate;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;

use super::Messages;
use super::facts::{BillFacts, plan_draft};
use super::letter::{Addressee, addressees};
use super::schedule::{Subject, put};
use super::steps::{Step, zone_of};

/// Reminders of one transaction.
const BATCH: u64 = 100;
/// Transactions of one call; the next wake-up goes on.
const MAX_BATCHES: usize = 50;

/// Reminders whose instant has come.
pub struct Remind;

impl DueRows for Remind {
    type Table = reminder::Entity;
    const NAME: &'static str = "remind";
    const DUE_AT: reminder::Column = reminder::Column::DueAt;
}

/// What due reminders are about, as it is now.
struct ReminderContext {
    bills: HashMap<BillId, bill::Model>,
    accounts: HashMap<UtilityAccountId, utility_account::Model>,
    people: HashMap<CustomerId, Addressee>,
    members: HashSet<(PropertyId, CustomerId)>,
    /// What payments under way cover of the bills.
    being_paid: HashMap<BillId, i64>,
}

/// What becomes of a due reminder.
enum Turn {
    /// There is nothing to remind of any more.
    Drop,
    /// The date changed: wait for another instant.
    Wait(Subject),
    /// Tell this step.
    Tell(Subject, Step),
}

impl Messages {
    /// Turns due reminders into messages and waits for the next step of each; answers how many were told.
    ///
    /// Any number of processes may do so at once.
    ///
    /// # Errors
    /// When the database does not answer; what was not committed is due still.
    #[tracing::instrument(name = "messages.remind_due", skip_all)]
    pub async fn remind_due(&self) -> Result<usize> {
        let mut told = 0;
        for _ in 0..MAX_BATCHES {
            let (looked_at, told_now) = self.remind_batch().await?;
            told += told_now;
            if looked_at < BATCH {
                break;
            }
        }
        if told > 0 {
            self.waker.wake(Wakeup::Deliver).await;
        }
        Ok(told)
    }

    async fn remind_batch(&self) -> Result<(u64, usize)> {
        let now = self.clock.now();
        let due = reminder::Entity::find().filter(reminder::Column::DueAt.lte(now)).order_by_asc(reminder::Column::DueAt).limit(BATCH);
        // Looking costs no write transaction: most of the time nothing is due.
        if due.clone().one(self.store.primary()).await?.is_none() {
            return Ok((0, 0));
        }
        let mut tx = self.store.write_tx().await?;
        let rows = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(&*tx).await?;
        let around = ReminderContext::of(&*tx, &rows).await?;
        let (looked_at, mut told) = (rows.len() as u64, 0);
        for row in rows {
            told += usize::from(self.remind(&mut tx, row, &around).await?);
        }
        tx.commit().await?;
        Ok((looked_at, told))
    }

    /// Answers whether somebody was told.
    async fn remind(&self, tx: &mut WriteTx, row: reminder::Model, around: &ReminderContext) -> Result<bool> {
        let now = self.clock.now();
        let Some(to @ Addressee::Customer { customer, preferences, .. }) = around.people.get(&row.customer_id) else {
            drop_row(&**tx, &row).await?;
            return Ok(false);
        };
        let today = now.with_timezone(&zone_of(&customer.time_zone)).date_naive();
        let turn = match around.subject_of(&row) {
            None => Turn::Drop,
            Some(subject) if subject.anchor != Some(row.anchor) => Turn::Wait(subject),
            Some(subject) => match subject.rhythm(customer, preferences).latest_until(row.anchor, row.step_days, now) {
                Some(step) if still_helps(&row, today) && !around.is_being_paid(&row) => Turn::Tell(subject, step),
                _ => Turn::Wait(subject),
            },
        };
        let (subject, told) = match turn {
            Turn::Drop => {
                drop_row(&**tx, &row).await?;
                return Ok(false);
            }
            Turn::Wait(subject) => (subject, false),
            Turn::Tell(subject, step) => (subject, self.tell(tx, &row, step, to, around).await?),
        };
        let next = subject.anchor.and_then(|anchor| Some((anchor, subject.rhythm(customer, preferences).first_after(anchor, now)?)));
        match next {
            None => drop_row(&**tx, &row).await?,
            Some((anchor, step)) => {
                let mut row = row.into_active_model().reset_all();
                row.anchor = Set(anchor);
                row.step_days = Set(step.days);
                row.due_at = Set(step.at);
                put(&**tx, vec![row]).await?;
            }
        }
        Ok(told)
    }

    async fn tell(&self, tx: &mut WriteTx, row: &reminder::Model, step: Step, to: &Addressee, around: &ReminderContext) -> Result<bool> {
        let extra = json!({"anchor": row.anchor, "step_days": step.days});
        let (draft, subject) = match row.subject_kind {
            ReminderSubject::Bill => {
                let Some(bill) = around.bills.get(&BillId(row.subject_id)) else { return Ok(false) };
                let facts = BillFacts::load(&**tx, bill.clone()).await?.being_paid(around.being_paid_minor(bill.id));
                (facts.draft(billow_entities::NotificationKind::BillReminder, extra), bill.id.to_string())
            }
            ReminderSubject::Plan => {
                let Some(account) = around.accounts.get(&UtilityAccountId(row.subject_id)) else { return Ok(false) };
                (plan_draft(&**tx, account, extra).await?, account.id.to_string())
            }
        };
        let key = format!("reminder:{subject}:{}:{}:{}", row.anchor, step.days, to.key());
        self.post(tx, &draft, to, key).await
    }
}

/// A plan that is over is not about to end; a bill stays due.
fn still_helps(row: &reminder::Model, today: NaiveDate) -> bool {
    row.subject_kind == ReminderSubject::Bill || today <= row.anchor
}

impl ReminderContext {
    async fn of(db: &impl ConnectionTrait, rows: &[reminder::Model]) -> Result<Self> {
        let ids = |kind| rows.iter().filter(move |row| row.subject_kind == kind).map(|row| row.subject_id);
        let bills = bill::Entity::find().filter(bill::Column::Id.is_in(ids(ReminderSubject::Bill))).all(db).await?;
        let accounts =
            utility_account::Entity::find().filter(utility_account::Column::Id.is_in(ids(ReminderSubject::Plan))).all(db).await?;
        let people: Vec<CustomerId> = rows.iter().map(|row| row.customer_id).collect();
        let homes: HashSet<PropertyId> =
            bills.iter().filter_map(|b| b.property_id).chain(accounts.iter().filter_map(|a| a.property_id)).collect();
        let members = property_member::Entity::find()
            .filter(
                Condition::all()
                    .add(property_member::Column::PropertyId.is_in(homes))
                    .add(property_member::Column::CustomerId.is_in(people.iter().copied())),
            )
            .all(db)
            .await?;
        let people = addressees(db, &people).await?;
        let being_paid = being_paid_of(db, &bills.iter().map(|b| b.id).collect::<Vec<_>>()).await?;
        Ok(Self {
            being_paid,
            bills: bills.into_iter().map(|b| (b.id, b)).collect(),
            accounts: accounts.into_iter().map(|a| (a.id, a)).collect(),
            people: people.into_iter().filter_map(|to| Some((to.customer_id()?, to))).collect(),
            members: members.into_iter().map(|m| (m.property_id, m.customer_id)).collect(),
        })
    }

    /// Whether a payment under way covers all that is left: a reminder would ask for money that is on its way. The next step
    /// is waited for, as the payment may fail.
    fn is_being_paid(&self, row: &reminder::Model) -> bool {
        let bill = self.bills.get(&BillId(row.subject_id)).filter(|_| row.subject_kind == ReminderSubject::Bill);
        bill.is_some_and(|bill| self.being_paid_minor(bill.id) >= left_of(bill))
    }

    fn being_paid_minor(&self, bill: BillId) -> i64 {
        self.being_paid.get(&bill).copied().unwrap_or_default()
    }

    /// What the reminder is about, while there is something to remind this customer of.
    fn subject_of(&self, row: &reminder::Model) -> Option<Subject> {
        let (subject, owner, home) = match row.subject_kind {
            ReminderSubject::Bill => {
                let bill = self.bills.get(&BillId(row.subject_id))?;
                (Subject::of_bill(bill), bill.customer_id, bill.property_id)
            }
            ReminderSubject::Plan => {
                let account = self.accounts.get(&UtilityAccountId(row.subject_id))?;
                (Subject::of_plan(account), account.customer_id, account.property_id)
            }
        };
        let concerned = owner == row.customer_id || home.is_some_and(|home| self.members.contains(&(home, row.customer_id)));
        (concerned && subject.anchor.is_some()).then_some(subject)
    }
}

async fn drop_row(db: &impl ConnectionTrait, row: &reminder::Model) -> Result<()> {
    reminder::Entity::delete_by_id((row.customer_id, row.subject_kind, row.subject_id)).exec(db).await?;
    Ok(())
}
