//! Adding an account: checked before any call, then fetched for the first time with its progress to be watched.

use std::collections::BTreeMap;

use billow_entities::{
    AccountStatus, CustomerId, PropertyId, ProviderId, ProviderStatus, UtilityAccountId, customer, provider, utility_account,
};
use billow_kernel::error::{Problems, violates};
use billow_kernel::events::AccountChange;
use billow_kernel::identifiers::{identifier_hint, normalize_identifier};
use billow_kernel::store::WriteTx;
use billow_kernel::wake::Wakeup;
use billow_kernel::{Actor, Error, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use super::Accounts;
use super::start::StartedAccount;
use crate::providers::{LoadedProvider, validate_params};

/// Accounts one customer may have that are not closed.
pub const MAX_ACCOUNTS: u64 = 200;
/// Characters a label may have.
pub(super) const MAX_LABEL: usize = 60;
/// How often it is tried again when the provider is edited meanwhile.
const TRIES: usize = 3;

/// A new account.
#[derive(Clone, Debug)]
pub struct AddAccount {
    /// For whom: needed from staff; customers add for themselves.
    pub customer_id: Option<CustomerId>,
    /// Where.
    pub provider_id: ProviderId,
    /// The home it belongs to.
    pub property_id: Option<PropertyId>,
    /// What to call it; the provider's name where absent.
    pub label: Option<String>,
    /// What the provider asks for, by name.
    pub params: BTreeMap<String, String>,
}

/// A new account with everything about it checked.
struct Checked {
    customer_id: CustomerId,
    property_id: Option<PropertyId>,
    label: String,
    params: BTreeMap<String, String>,
    /// Who it is at the provider, as the customer wrote it.
    identifier: String,
}

impl Accounts {
    /// Adds an account and asks for its first fetch. An account the customer closed is opened again, with its history.
    ///
    /// # Errors
    /// With everything that is wrong with the input, parameters at `params.NAME`; `ALREADY_ADDED` when the customer sees
    /// the account already, `ACCOUNT_TAKEN` when it is somebody else's, which the audit trail then tells.
    #[tracing::instrument(name = "accounts.add", skip_all)]
    pub async fn add_utility_account(&self, actor: &Actor, new: AddAccount) -> Result<StartedAccount> {
        let customer_id = self.account_customer(actor, new.customer_id).await?;
        for _ in 0..TRIES {
            let provider = match self.providers.load_provider(new.provider_id).await {
                Err(Error::NotFound(_)) => return Err(Error::invalid("UNKNOWN_PROVIDER", "providerId", "There is no such provider.")),
                other => other?,
            };
            let checked = self.check_new_account(actor, customer_id, &provider, &new).await?;
            let mut tx = self.store.write_tx().await?;
            // Nobody edits or pauses the provider until this is committed; if somebody just did, it is checked afresh.
            let current = provider::Entity::find_by_id(new.provider_id).lock_shared().one(&*tx).await?;
            if current.is_none_or(|c| c.version != provider.model.version || c.status != provider.model.status) {
                continue;
            }
            let count = utility_account::Entity::find()
                .filter(utility_account::Column::CustomerId.eq(customer_id))
                .filter(utility_account::Column::Status.ne(AccountStatus::Closed))
                .count(&*tx)
                .await?;
            if count >= MAX_ACCOUNTS {
                return Err(Error::invalid("TOO_MANY", "", format!("A customer may have at most {MAX_ACCOUNTS} accounts.")));
            }
            let index = self.cipher.identifier_index(&checked.identifier);
            let started = match self.insert_account(&mut tx, actor, &provider, &checked, &index).await {
                Ok(started) => started,
                Err(InsertError::Taken) => {
                    drop(tx);
                    return Err(self.taken(actor, customer_id, &provider, &index).await?);
                }
                Err(InsertError::Other(error)) => return Err(error),
            };
            tx.emit(self.events.account(&started.account, AccountChange::Added, None)?);
            let data = json!({"provider_id": new.provider_id, "property_id": checked.property_id, "hint": started.account.identifier_hint});
            self.audit.record(&tx, actor, "account.add", started.account.id, Some(customer_id), None, data).await?;
            tx.commit().await?;
            self.waker.wake(Wakeup::Fetch).await;
            return Ok(started);
        }
        Err(Error::invalid("CONFLICT", "providerId", "The provider is being edited; try again in a moment."))
    }

    /// For whom `actor` adds accounts.
    pub(super) async fn account_customer(&self, actor: &Actor, wanted: Option<CustomerId>) -> Result<CustomerId> {
        if !actor.is_staff() {
            let own = actor.customer()?;
            return if wanted.is_none_or(|w| w == own) { Ok(own) } else { Err(Error::NotFound("customer")) };
        }
        let wanted = wanted.ok_or_else(|| Error::invalid("REQUIRED", "customerId", "Say for which customer."))?;
        customer::Entity::find_by_id(wanted).one(self.store.primary()).await?.map(|c| c.id).ok_or(Error::NotFound("customer"))
    }

    async fn check_new_account(
        &self,
        actor: &Actor,
        customer_id: CustomerId,
        provider: &LoadedProvider,
        new: &AddAccount,
    ) -> Result<Checked> {
        let mut problems = Problems::default();
        if provider.model.status != ProviderStatus::Active {
            let message = format!("{} is not available at the moment; try again later.", provider.model.name);
            problems.add("PROVIDER_PAUSED", "providerId", message);
        }
        let label = problems.optional_text("label", new.label.as_deref(), MAX_LABEL);
        let label = label.unwrap_or_else(|| provider.model.name.chars().take(MAX_LABEL).collect());
        let params = validate_params(&provider.definition, "params", &new.params);
        let mut all = problems.into_vec();
        if let Some(home) = new.property_id {
            match self.check_home(actor, customer_id, home).await {
                Err(Error::Invalid(found)) => all.extend(found),
                other => other?,
            }
        }
        match params {
            Ok(params) => match identifier(provider, &params) {
                Ok(identifier) if all.is_empty() => {
                    return Ok(Checked { customer_id, property_id: new.property_id, label, params, identifier });
                }
                Ok(_) => {}
                Err(Error::Invalid(found)) => all.extend(found),
                Err(other) => return Err(other),
            },
            Err(found) => all.extend(found),
        }
        Err(Error::Invalid(all))
    }

    /// Inserts the account, or opens the customer's closed one again.
    async fn insert_account(
        &self,
        tx: &mut WriteTx,
        actor: &Actor,
        provider: &LoadedProvider,
        new: &Checked,
        index: &str,
    ) -> Result<StartedAccount, InsertError> {
        use utility_account::Column;
        let now = self.clock.now();
        let closed = utility_account::Entity::find()
            .filter(Column::ProviderId.eq(provider.model.id))
            .filter(Column::IdentifierIndex.eq(index))
            .filter(Column::CustomerId.eq(new.customer_id))
            .filter(Column::Status.eq(AccountStatus::Closed))
            .order_by_desc(Column::Id)
            .one(&**tx)
            .await?;
        let id = closed.as_ref().map_or_else(|| UtilityAccountId(self.ids.next()), |c| c.id);
        let again = closed.is_some();
        let mut row = match closed {
            Some(closed) => {
                let fence = closed.fence + 1;
                let mut row = closed.into_active_model();
                row.fence = Set(fence);
                row
            }
            None => utility_account::ActiveModel {
                id: Set(id),
                customer_id: Set(new.customer_id),
                provider_id: Set(provider.model.id),
                identifier_index: Set(index.to_owned()),
                fence: Set(0),
                last_fetched_at: Set(None),
                last_outcome: Set(None),
                last_message: Set(None),
                plan_code: Set(None),
                plan_expires_on: Set(None),
                plan_balance_minor: Set(None),
                created_at: Set(now),
                ..Default::default()
            },
        };
        row.utility_type = Set(provider.model.utility_type);
        row.property_id = Set(new.property_id);
        row.label = Set(new.label.clone());
        row.params_enc = Set(self.seal_params(id, &new.params)?);
        row.identifier_hint = Set(identifier_hint(&new.identifier));
        let run = self.start_account(tx, actor, provider, &mut row, (id, new.customer_id)).await?;
        let written = if again { row.update(&**tx).await } else { row.insert(&**tx).await };
        let account = written.map_err(|error| match violates(&error, IDENTIFIER_KEY, IDENTIFIER_COLUMNS) {
            true => InsertError::Taken,
            false => InsertError::Other(error.into()),
        })?;
        if again {
            self.move_bills(tx, &account).await?;
        }
        Ok(StartedAccount { account, run })
    }

    /// The error for an account that is there already; that somebody asked for somebody else's is written down.
    pub(super) async fn taken(&self, actor: &Actor, customer: CustomerId, provider: &LoadedProvider, index: &str) -> Result<Error> {
        let path = format!("params.{}", provider.definition.params.first().map_or("", |p| p.name.as_str()));
        let there = utility_account::Entity::find()
            .filter(utility_account::Column::ProviderId.eq(provider.model.id))
            .filter(utility_account::Column::IdentifierIndex.eq(index))
            .filter(utility_account::Column::Status.ne(AccountStatus::Closed))
            .one(self.store.primary())
            .await?;
        let Some(there) = there else {
            return Ok(Error::invalid("CONFLICT", &path, "This account was just changed; try again."));
        };
        if there.customer_id == customer {
            return Ok(Error::invalid("ALREADY_ADDED", &path, format!("You have this account already; it is called {}.", there.label)));
        }
        if let Some(home) = there.property_id
            && self.homes.role_in_home(customer, home).await?.is_some()
        {
            let message = format!("Your household has this account already; it is called {}.", there.label);
            return Ok(Error::invalid("ALREADY_ADDED", &path, message));
        }
        let tx = self.store.write_tx().await?;
        let data = json!({"provider_id": provider.model.id, "hint": there.identifier_hint, "owner": there.customer_id});
        self.audit.record(&tx, actor, "account.taken", there.id, Some(customer), None, data).await?;
        tx.commit().await?;
        let message = "Somebody else has added this account. Check the number; if it is yours, ask support for help.";
        Ok(Error::invalid("ACCOUNT_TAKEN", &path, message))
    }
}

/// The unique index of accounts that are not closed, and what SQLite calls it by.
pub(super) const IDENTIFIER_KEY: &str = "utility_accounts_identifier_key";
pub(super) const IDENTIFIER_COLUMNS: &str = "utility_accounts.provider_id, utility_accounts.identifier_index";

enum InsertError {
    Taken,
    Other(Error),
}

impl<E: Into<Error>> From<E> for InsertError {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// The first parameter, by which the provider knows the account.
pub(super) fn identifier(provider: &LoadedProvider, params: &BTreeMap<String, String>) -> Result<String> {
    let first = provider.definition.params.first().ok_or(Error::NotFound("parameter"))?;
    let value = params.get(&first.name).cloned().unwrap_or_default();
    if normalize_identifier(&value).is_empty() {
        let message = format!("{} must have letters or digits.", first.label);
        return Err(Error::invalid("WRONG_FORM", &format!("params.{}", first.name), message));
    }
    Ok(value)
}
