//! What the events of one batch need, read once for all of them: the same dozen questions for each bill would keep the
//! database busier than the bills themselves.
//!
//! It is read in the transaction that digests the batch. Whatever changes in between comes with an event of its own, later
//! in the log, and is looked at again then.

use std::collections::{HashMap, HashSet};

use billow_entities::{
    BillId, CustomerId, PropertyId, ProviderId, ReminderSubject, UtilityAccountId, bill, event, property, property_member, provider,
    reminder, utility_account,
};
use billow_kernel::error::Result;
use billow_kernel::events::kind;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::facts::BillFacts;
use super::letter::{Addressee, addressees};

/// Bills of a batch with what surrounds them.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    bills: HashMap<BillId, bill::Model>,
    accounts: HashMap<UtilityAccountId, utility_account::Model>,
    providers: HashMap<ProviderId, provider::Model>,
    homes: HashMap<PropertyId, property::Model>,
    members: HashMap<PropertyId, Vec<CustomerId>>,
    people: HashMap<CustomerId, Addressee>,
    /// Taken once: whoever schedules a second time has changed them.
    reminders: HashMap<Uuid, Vec<reminder::Model>>,
}

impl Ahead {
    /// Reads what the bills among `events` need.
    pub(super) async fn read(db: &impl ConnectionTrait, events: &[event::Model]) -> Result<Self> {
        let ids: HashSet<BillId> = events
            .iter()
            .filter(|event| matches!(event.kind.as_str(), kind::BILL_RECEIVED | kind::BILL_UPDATED))
            .filter_map(|event| event.subject.parse().ok())
            .collect();
        let mut ahead = Self::default();
        if ids.is_empty() {
            return Ok(ahead);
        }
        let bills = bill::Entity::find().filter(bill::Column::Id.is_in(ids)).all(db).await?;
        let accounts: HashSet<_> = bills.iter().map(|b| b.account_id).collect();
        let providers: HashSet<_> = bills.iter().map(|b| b.provider_id).collect();
        let homes: HashSet<_> = bills.iter().filter_map(|b| b.property_id).collect();
        let mut people: HashSet<_> = bills.iter().map(|b| b.customer_id).collect();
        if !homes.is_empty() {
            let members =
                property_member::Entity::find().filter(property_member::Column::PropertyId.is_in(homes.iter().copied())).all(db).await?;
            for member in members {
                people.insert(member.customer_id);
                ahead.members.entry(member.property_id).or_default().push(member.customer_id);
            }
            let homes = property::Entity::find().filter(property::Column::Id.is_in(homes)).all(db).await?;
            ahead.homes = homes.into_iter().map(|home| (home.id, home)).collect();
        }
        let people: Vec<_> = people.into_iter().collect();
        let people = addressees(db, &people).await?;
        ahead.people = people.into_iter().filter_map(|to| Some((to.customer_id()?, to))).collect();
        let accounts = utility_account::Entity::find().filter(utility_account::Column::Id.is_in(accounts)).all(db).await?;
        ahead.accounts = accounts.into_iter().map(|account| (account.id, account)).collect();
        let providers = provider::Entity::find().filter(provider::Column::Id.is_in(providers)).all(db).await?;
        ahead.providers = providers.into_iter().map(|provider| (provider.id, provider)).collect();
        ahead.reminders = bills.iter().map(|bill| (bill.id.0, Vec::new())).collect();
        let reminders = reminder::Entity::find()
            .filter(reminder::Column::SubjectKind.eq(ReminderSubject::Bill))
            .filter(reminder::Column::SubjectId.is_in(bills.iter().map(|bill| bill.id.0)))
            .all(db)
            .await?;
        for row in reminders {
            ahead.reminders.entry(row.subject_id).or_default().push(row);
        }
        ahead.bills = bills.into_iter().map(|bill| (bill.id, bill)).collect();
        Ok(ahead)
    }

    /// A bill with its household, if it was there when the batch was begun.
    pub(super) fn bill(&self, id: BillId) -> Option<(bill::Model, Vec<Addressee>)> {
        let bill = self.bills.get(&id)?;
        let others = bill.property_id.and_then(|home| self.members.get(&home)).into_iter().flatten().filter(|id| **id != bill.customer_id);
        let household = std::iter::once(&bill.customer_id).chain(others).filter_map(|id| self.people.get(id)).cloned().collect();
        Some((bill.clone(), household))
    }

    /// Whether the bill was there when the batch was begun.
    pub(super) fn knows(&self, id: BillId) -> bool {
        self.bills.contains_key(&id)
    }

    /// What a message about one of the bills tells.
    pub(super) fn facts(&self, bill: bill::Model) -> BillFacts {
        let account = self.accounts.get(&bill.account_id).cloned();
        let provider = self.providers.get(&bill.provider_id).cloned();
        let home = bill.property_id.and_then(|id| self.homes.get(&id)).cloned();
        BillFacts::of(bill, account, provider, home)
    }

    /// The reminders of a bill as they were when the batch was begun; none where something may have changed them since.
    pub(super) fn take_reminders(&mut self, id: BillId) -> Option<Vec<reminder::Model>> {
        self.reminders.remove(&id.0)
    }

    /// Something else schedules reminders: they are read afresh from here on.
    pub(super) fn forget_reminders(&mut self) {
        self.reminders.clear();
    }
}
