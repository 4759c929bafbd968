//! Working off one row of customers.

use std::collections::{BTreeMap, HashMap};

use billow_entities::{
    AccountStatus, CustomerId, PropertyId, ProviderId, customer, import_row, import_run, property, provider, utility_account,
};
use billow_kernel::Error;
use billow_kernel::contact::Contact;
use billow_kernel::error::{Result, UserError};
use billow_kernel::identifiers::normalize_identifier;
use billow_kernel::store::WriteTx;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value;

use super::Imports;
use super::csv::{CustomerRow, in_columns};
use super::run::actor_of;
use crate::customers::Change;
use crate::homes::NewProperty;
use crate::providers::ProviderDefinition;
use crate::providers::validate_params;

/// Providers by code, read once per batch; none where there is no such provider.
pub(super) type Providers = HashMap<String, Option<(ProviderId, ProviderDefinition)>>;

/// What has come of a row so far.
#[derive(Debug)]
pub(super) struct Worked {
    pub row: i32,
    /// Why it failed; empty where it did not.
    pub errors: Vec<UserError>,
    /// What else there is to say.
    pub remarks: Vec<UserError>,
    pub customer: Option<CustomerId>,
    /// What is to be added yet, outside the batch's transaction.
    pub account: Option<RowAccount>,
}

/// An account a row asks for.
#[derive(Debug)]
pub(super) struct RowAccount {
    pub customer_id: CustomerId,
    pub property_id: Option<PropertyId>,
    pub provider_id: ProviderId,
    pub params: BTreeMap<String, String>,
}

/// An account before its customer is there.
struct WantedAccount {
    provider_id: ProviderId,
    params: BTreeMap<String, String>,
    /// Who has it already.
    holder: Option<CustomerId>,
}

impl Imports {
    /// Works off a row, or in a dry run finds out what would come of it. What a person can mend becomes the row's errors.
    pub(super) async fn import_customer(
        &self,
        tx: &mut WriteTx,
        run: &import_run::Model,
        row: &import_row::Model,
        providers: &mut Providers,
    ) -> Result<Worked> {
        let mut worked = Worked { row: row.row, errors: Vec::new(), remarks: Vec::new(), customer: None, account: None };
        match self.import_into(tx, run, row, providers, &mut worked).await {
            Ok(()) => {}
            Err(Error::Invalid(errors)) => worked.errors = in_columns(errors),
            Err(Error::NotFound(what)) => worked.errors = vec![UserError::new("NOT_FOUND", "", format!("There is no such {what}."))],
            Err(other) => return Err(other),
        }
        Ok(worked)
    }

    async fn import_into(
        &self,
        tx: &mut WriteTx,
        run: &import_run::Model,
        row: &import_row::Model,
        providers: &mut Providers,
        worked: &mut Worked,
    ) -> Result<()> {
        let empty = serde_json::Map::new();
        let parsed = CustomerRow::of(row.data.as_object().unwrap_or(&empty));
        let contact = parsed.contact.checked()?;
        let known = self.known_customer(tx, &contact).await?;
        let wanted = self.wanted_account(tx, &parsed, providers).await?;
        if let Some(holder) = wanted.as_ref().and_then(|w| w.holder)
            && known.as_ref().is_none_or(|k| k.id != holder)
        {
            return Err(Error::invalid("ACCOUNT_TAKEN", "consumer_number", "Somebody else has this account already."));
        }
        // Whoever was made by this very import was not there before: a batch was interrupted and is worked off again.
        if known.as_ref().is_some_and(|k| k.created_at < run.created_at) {
            worked.remarks.push(UserError::new("UPDATED", "", "This customer was there already and was updated."));
        }
        if run.dry_run {
            if known.is_none() {
                self.identity.email_is_free(tx, contact.email.as_deref(), None).await?;
            }
            return Ok(());
        }
        let customer = match known {
            Some(known) => self.customers.update_in(tx, &actor_of(run), known, change_of(contact)).await?,
            None => self.customers.onboard_in(tx, &actor_of(run), run.created_by, contact).await?.customer,
        };
        worked.customer = Some(customer.id);
        let property_id = match &parsed.property {
            Some(name) => Some(self.home_named(tx, run, &customer, name).await?),
            None => None,
        };
        worked.account = wanted.filter(|w| w.holder.is_none()).map(|w| RowAccount {
            customer_id: customer.id,
            property_id,
            provider_id: w.provider_id,
            params: w.params,
        });
        Ok(())
    }

    /// The customer a row is about, by another system's number or else by e-mail address.
    async fn known_customer(&self, tx: &WriteTx, contact: &Contact) -> Result<Option<customer::Model>> {
        let find = || customer::Entity::find().lock_exclusive();
        let by_ref = match &contact.external_ref {
            Some(number) => find().filter(customer::Column::ExternalRef.eq(number.as_str())).one(&**tx).await?,
            None => None,
        };
        let by_email = match &contact.email {
            Some(email) => self.identity.customer_by_email(tx, email).await?,
            None => None,
        };
        match (by_ref, by_email) {
            (Some(a), Some(b)) if a.id != b.id => {
                Err(Error::invalid("CONFLICT", "email", "The e-mail address belongs to another customer than the external_ref."))
            }
            (None, Some(other)) if contact.external_ref.is_some() && other.external_ref.is_some() => {
                Err(Error::invalid("CONFLICT", "externalRef", "The customer with this e-mail address has another external_ref."))
            }
            (by_ref, by_email) => Ok(by_ref.or(by_email)),
        }
    }

    /// The account a row asks for, checked against what its provider declares.
    async fn wanted_account(&self, tx: &WriteTx, parsed: &CustomerRow, providers: &mut Providers) -> Result<Option<WantedAccount>> {
        let (Some(code), Some(number)) = (&parsed.provider, &parsed.consumer_number) else { return Ok(None) };
        if !providers.contains_key(code) {
            let found = provider::Entity::find().filter(provider::Column::Code.eq(code.as_str())).one(&**tx).await?;
            let found = found.map(|model| ProviderDefinition::of(&model).map(|definition| (model.id, definition))).transpose()?;
            providers.insert(code.clone(), found);
        }
        let Some(Some((provider_id, definition))) = providers.get(code) else {
            return Err(Error::invalid("UNKNOWN_PROVIDER", "provider", "No provider has this code."));
        };
        let Some(first) = definition.params.first() else {
            return Err(Error::invalid("UNKNOWN_PROVIDER", "provider", "This provider takes no accounts."));
        };
        let input = BTreeMap::from([(first.name.clone(), number.clone())]);
        let params = validate_params(definition, "params", &input).map_err(Error::Invalid)?;
        if normalize_identifier(number).is_empty() {
            return Err(Error::invalid("WRONG_FORM", "consumer_number", format!("{} must have letters or digits.", first.label)));
        }
        let holder = utility_account::Entity::find()
            .filter(utility_account::Column::ProviderId.eq(*provider_id))
            .filter(utility_account::Column::IdentifierIndex.eq(self.cipher.identifier_index(number)))
            .filter(utility_account::Column::Status.ne(AccountStatus::Closed))
            .one(&**tx)
            .await?;
        Ok(Some(WantedAccount { provider_id: *provider_id, params, holder: holder.map(|account| account.customer_id) }))
    }

    /// The customer's home of this name, made where there is none.
    async fn home_named(&self, tx: &mut WriteTx, run: &import_run::Model, owner: &customer::Model, name: &str) -> Result<PropertyId> {
        let known = property::Entity::find()
            .filter(self.homes.in_homes_of(owner.id, property::Column::Id))
            .filter(property::Column::Name.eq(name))
            .filter(property::Column::ArchivedAt.is_null())
            .limit(1)
            .one(&**tx)
            .await?;
        match known {
            Some(home) => Ok(home.id),
            None => {
                let input = NewProperty { name: name.to_owned(), ..NewProperty::default() };
                Ok(self.homes.add_home_in(tx, &actor_of(run), owner, input).await?.id)
            }
        }
    }
}

/// What a row knows replaces what was known; what it leaves blank stays.
fn change_of(contact: Contact) -> Change {
    Change {
        name: Some(contact.name),
        email: contact.email.map(Some),
        mobile: contact.mobile.map(Some),
        locale: Some(contact.locale),
        time_zone: Some(contact.time_zone),
        external_ref: contact.external_ref.map(Some),
    }
}

/// What is stored about a row: why it failed, or what else there is to say.
pub(super) fn stored(worked: &Worked) -> Result<Value> {
    Ok(serde_json::to_value(if worked.errors.is_empty() { &worked.remarks } else { &worked.errors })?)
}
