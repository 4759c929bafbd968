//! Editing a provider: a version is kept, and whoever edits says which version they looked at.

use std::collections::BTreeSet;

use billow_entities::{AccountStatus, ProviderId, UtilityAccountId, provider, provider_version, utility_account};
use billow_kernel::error::Problems;
use billow_kernel::events::ProviderChange;
use billow_kernel::secret_hosts::origins;
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, Error, Result};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::Providers;
use super::register::{Credentials, code_taken, describe, secrets_stay_at_home};
use super::{LoadedProvider, ProviderDefinition};

/// Versions that are listed.
const LISTED_VERSIONS: u64 = 100;

/// An edit.
#[derive(Clone, Debug)]
pub struct UpdateProvider {
    /// Which provider.
    pub id: ProviderId,
    /// The version whoever edits looked at; if it is no longer the newest, nothing is changed.
    pub expected_version: i32,
    /// The definition as it shall be, whole. An earlier version is restored by giving it here.
    pub definition: Value,
    /// Secrets to add or replace; others stay.
    pub credentials: Credentials,
    /// Secrets to remove.
    pub remove_credentials: Vec<String>,
    /// Why, in words for the next one.
    pub note: Option<String>,
}

impl Providers {
    /// Edits a provider. Its accounts get new times when its schedule has changed.
    ///
    /// # Errors
    /// For everybody but administrators; `CONFLICT` when somebody else edited it meanwhile; otherwise with everything that
    /// is wrong, as [`Self::register_provider`].
    #[tracing::instrument(name = "providers.update", skip_all)]
    pub async fn update_provider(&self, actor: &Actor, edit: UpdateProvider) -> Result<provider::Model> {
        actor.admin()?;
        self.identity.confirmed(actor).await?;
        let before = provider::Entity::find_by_id(edit.id).one(self.store.primary()).await?.ok_or(Error::NotFound("provider"))?;
        if before.version != edit.expected_version {
            return Err(conflict(before.version));
        }
        let mut problems = Problems::default();
        let note = problems.optional_text("note", edit.note.as_deref(), 500);
        problems.finish()?;
        let before = self.open_provider(before)?;
        let mut credentials = before.credentials.clone();
        credentials.retain(|name, _| !edit.remove_credentials.contains(name));
        credentials.extend(edit.credentials.clone());
        let names: BTreeSet<String> = credentials.keys().cloned().collect();
        let definition = self.read_definition(edit.definition, &edit.credentials, &names)?;

        secrets_stay_at_home(&before, &definition, &edit.credentials, |name| edit.remove_credentials.iter().any(|gone| gone == name))?;
        let now = self.clock.now();
        let mut row = before.model.clone().into_active_model();
        row.version = Set(before.model.version + 1);
        row.updated_at = Set(now);
        row.credentials_enc = Set(self.seal_credentials(edit.id, &credentials)?);
        describe(&mut row, &definition)?;
        let mut tx = self.store.write_tx().await?;
        // Locks the row, so that nobody adds an account by the old definition meanwhile.
        let current = provider::Entity::find_by_id(edit.id).lock_exclusive().one(&*tx).await?.ok_or(Error::NotFound("provider"))?;
        if current.version != edit.expected_version {
            return Err(conflict(current.version));
        }
        self.check_accounts_stay_valid(&tx, &before, &definition).await?;
        let model = row.update(&*tx).await.map_err(|error| code_taken(error, &definition.code))?;
        self.keep_version(&tx, actor, &model, note.clone()).await?;
        if !(definition.plans.is_empty() && before.definition.plans.is_empty()) {
            self.upsert_plans(&tx, edit.id, definition.currency, &definition.plans).await?;
        }
        tx.emit(self.events.provider(&model, ProviderChange::Edited)?);
        let data = json!({
            "version": model.version,
            "credentials_set": edit.credentials.keys().collect::<Vec<_>>(),
            "credentials_removed": edit.remove_credentials,
            "hosts": hosts(&definition)?,
            "hosts_before": hosts(&before.definition)?,
        });
        self.audit.record(&tx, actor, "provider.update", edit.id, None, note.as_deref(), data).await?;
        tx.commit().await?;
        if definition.schedule != before.definition.schedule || definition.time_zone != before.definition.time_zone {
            let edited = self.open_provider(model.clone())?;
            self.reschedule_accounts(&edited).await?;
        }
        Ok(model)
    }

    /// What was told to add an account must still make sense after an edit.
    async fn check_accounts_stay_valid(&self, tx: &WriteTx, before: &LoadedProvider, after: &ProviderDefinition) -> Result<()> {
        let known = utility_account::Entity::find()
            .select_only()
            .column(utility_account::Column::Id)
            .filter(utility_account::Column::ProviderId.eq(before.model.id))
            .filter(utility_account::Column::Status.ne(AccountStatus::Closed))
            .into_tuple::<UtilityAccountId>()
            .one(&**tx)
            .await?;
        if known.is_none() {
            return Ok(());
        }
        let mut problems = Problems::default();
        let old = &before.definition;
        for param in &old.params {
            if after.params.iter().all(|p| p.name != param.name) {
                problems.add(
                    "IN_USE",
                    "definition.params",
                    format!("Accounts were added with {}; it cannot be renamed or removed.", param.name),
                );
            }
        }
        if old.params.first().map(|p| &p.name) != after.params.first().map(|p| &p.name) {
            problems.add("IN_USE", "definition.params.0", "Accounts are known by the first parameter; it must stay the first.");
        }
        for (index, param) in after.params.iter().enumerate() {
            if !param.optional && old.params.iter().all(|p| p.name != param.name) {
                let message = "Accounts were added without this parameter; it can only be optional.";
                problems.add("IN_USE", &format!("definition.params.{index}.optional"), message);
            }
        }
        if old.utility_type != after.utility_type {
            problems.add("IN_USE", "definition.utility_type", "There are accounts of the old type.");
        }
        if old.currency != after.currency {
            problems.add("IN_USE", "definition.currency", "There are accounts with bills in the old currency.");
        }
        problems.finish()
    }

    /// The newest definitions that were in force, the newest first.
    ///
    /// # Errors
    /// For everybody but staff, and when there is no such provider.
    pub async fn provider_versions(&self, actor: &Actor, id: ProviderId) -> Result<Vec<provider_version::Model>> {
        actor.staff()?;
        let rows = provider_version::Entity::find()
            .filter(provider_version::Column::ProviderId.eq(id))
            .order_by_desc(provider_version::Column::Version)
            .limit(LISTED_VERSIONS)
            .all(self.store.read())
            .await?;
        if rows.is_empty() { Err(Error::NotFound("provider")) } else { Ok(rows) }
    }
}

/// The hosts that a definition calls, for the audit trail.
fn hosts(definition: &ProviderDefinition) -> Result<BTreeSet<String>> {
    Ok(origins(&serde_json::to_value(&definition.connector)?))
}

fn conflict(version: i32) -> Error {
    let message = format!("Somebody else edited this provider: it is at version {version} now. Look at it again before you edit.");
    Error::invalid("CONFLICT", "expectedVersion", message)
}
