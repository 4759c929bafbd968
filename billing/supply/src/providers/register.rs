//! Registering a provider: data only, in force at once.

use std::collections::{BTreeMap, BTreeSet};

use billow_entities::{CircuitState, ProviderId, ProviderStatus, UserId, provider, provider_version};
use billow_kernel::error::{Problems, violates};
use billow_kernel::events::ProviderChange;
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, Error, Result, secret_hosts, validate};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr, EntityTrait};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::Providers;
use super::{LoadedProvider, ProviderDefinition, check};

/// Secrets one provider may have.
const MAX_CREDENTIALS: usize = 20;
/// Characters one secret may have.
const MAX_SECRET: usize = 8_192;

/// Secrets of a provider by name.
pub type Credentials = BTreeMap<String, SecretString>;

impl Providers {
    /// Registers a provider from its definition and the secrets the definition names.
    ///
    /// # Errors
    /// For everybody but administrators; otherwise with everything that is wrong, at paths that begin with `definition` or
    /// `credentials`.
    #[tracing::instrument(name = "providers.register", skip_all)]
    pub async fn register_provider(&self, actor: &Actor, definition: Value, credentials: Credentials) -> Result<provider::Model> {
        actor.admin()?;
        self.identity.confirmed(actor).await?;
        let definition = self.read_definition(definition, &credentials, &credentials.keys().cloned().collect())?;
        let (id, now) = (ProviderId(self.ids.next()), self.clock.now());
        let mut row = provider::ActiveModel {
            id: Set(id),
            status: Set(ProviderStatus::Active),
            status_reason: Set(None),
            version: Set(1),
            credentials_enc: Set(self.seal_credentials(id, &credentials)?),
            circuit_state: Set(CircuitState::Closed),
            circuit_failures: Set(0),
            circuit_trips: Set(0),
            circuit_opened_at: Set(None),
            circuit_probe_at: Set(None),
            circuit_reason: Set(None),
            last_success_at: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        describe(&mut row, &definition)?;
        let mut tx = self.store.write_tx().await?;
        let model = row.insert(&*tx).await.map_err(|error| code_taken(error, &definition.code))?;
        self.keep_version(&tx, actor, &model, None).await?;
        self.upsert_plans(&tx, id, definition.currency, &definition.plans).await?;
        tx.emit(self.events.provider(&model, ProviderChange::Registered)?);
        let data = json!({"code": model.code, "version": 1, "credentials": credentials.keys().collect::<Vec<_>>()});
        self.audit.record(&tx, actor, "provider.register", id, None, None, data).await?;
        tx.commit().await?;
        Ok(model)
    }

    /// Reads a definition and checks the secrets that come with it; `names` are those it may use.
    pub(crate) fn read_definition(&self, definition: Value, given: &Credentials, names: &BTreeSet<String>) -> Result<ProviderDefinition> {
        let mut problems = Problems::default();
        check_credentials(given, names, &mut problems);
        let mut problems = problems.into_vec();
        match check::read_definition(definition, &*self.connector, names) {
            Ok(definition) if problems.is_empty() => Ok(definition),
            Ok(_) => Err(Error::Invalid(problems)),
            Err(found) => {
                problems.splice(0..0, found);
                Err(Error::Invalid(problems))
            }
        }
    }

    /// Keeps the definition of `model` as one that was in force.
    pub(super) async fn keep_version(&self, tx: &WriteTx, actor: &Actor, model: &provider::Model, note: Option<String>) -> Result<()> {
        let row = provider_version::ActiveModel {
            provider_id: Set(model.id),
            version: Set(model.version),
            definition: Set(model.definition.clone()),
            note: Set(note),
            edited_by: Set(editor(actor)),
            created_at: Set(self.clock.now()),
        };
        provider_version::Entity::insert(row).exec_without_returning(&**tx).await?;
        Ok(())
    }
}

/// Puts what a definition says into the columns that repeat it.
pub(super) fn describe(row: &mut provider::ActiveModel, definition: &ProviderDefinition) -> Result<()> {
    row.code = Set(definition.code.clone());
    row.name = Set(definition.name.clone());
    row.utility_type = Set(definition.utility_type);
    row.country = Set(definition.country.clone());
    row.currency = Set(definition.currency.code().to_owned());
    row.time_zone = Set(definition.time_zone.clone());
    row.connector_kind = Set(definition.connector.kind);
    row.definition = Set(serde_json::to_value(definition)?);
    Ok(())
}

pub(super) fn code_taken(error: DbErr, code: &str) -> Error {
    if violates(&error, "providers_code_key", "providers.code") {
        Error::invalid("CODE_TAKEN", "definition.code", format!("Another provider has the code {code}."))
    } else {
        error.into()
    }
}

/// Lets pass a definition that sends the stored secrets of `before` to their own hosts only; `given` ones may go anywhere.
pub(crate) fn secrets_stay_at_home(
    before: &LoadedProvider,
    definition: &ProviderDefinition,
    given: &Credentials,
    removed: impl Fn(&str) -> bool,
) -> Result<()> {
    let (was, is) = (serde_json::to_value(&before.definition.connector)?, serde_json::to_value(&definition.connector)?);
    let kept = before.credentials.keys().map(String::as_str).filter(|name| !given.contains_key(*name) && !removed(name));
    let found = secret_hosts::moved(&secret_hosts::origins(&was), &secret_hosts::origins(&is), kept);
    if found.is_empty() { Ok(()) } else { Err(Error::Invalid(found)) }
}

fn check_credentials(given: &Credentials, names: &BTreeSet<String>, problems: &mut Problems) {
    if names.len() > MAX_CREDENTIALS {
        problems.add("OUT_OF_RANGE", "credentials", format!("There may be at most {MAX_CREDENTIALS} credentials."));
    }
    for (name, secret) in given.iter().take(MAX_CREDENTIALS) {
        let shown: String = name.chars().take(40).map(|c| if c == '.' || c.is_control() { '_' } else { c }).collect();
        let at = format!("credentials.{shown}");
        if let Err(problem) = validate::name(name) {
            problems.add("INVALID", &at, format!("A credential's name {problem}."));
        }
        let secret = secret.expose_secret();
        if secret.is_empty() {
            problems.add("REQUIRED", &at, "A credential must not be empty; remove it instead.");
        } else if secret.chars().count() > MAX_SECRET {
            problems.add("TOO_LONG", &at, format!("At most {MAX_SECRET} characters, please."));
        }
    }
}

fn editor(actor: &Actor) -> Option<UserId> {
    actor.user().ok()
}
