//! Providers as the workers need them: the definition parsed, the secrets opened, kept in memory until an edit.
//!
//! What is kept is compared with the row's version and instant of change each time it is asked for, so that an edit made by
//! another process counts at once; status and circuit are always those of the row.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use billow_entities::{CircuitState, ProviderId, ProviderStatus, provider};
use billow_kernel::cipher::Place;
use billow_kernel::error::{Error, Fault, Result};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use parking_lot::Mutex;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use secrecy::SecretString;

use super::ProviderDefinition;
use super::Providers;

/// Providers kept in memory at most.
const KEPT: usize = 1_000;

/// A provider, ready to be called.
#[derive(Clone, Debug)]
pub struct LoadedProvider {
    /// The row, with status and circuit as they are now.
    pub model: provider::Model,
    /// Its definition.
    pub definition: Arc<ProviderDefinition>,
    /// Its secrets by name.
    pub credentials: BTreeMap<String, SecretString>,
    /// Its time zone.
    pub zone: Tz,
}

/// Providers in memory, bounded; the one that was not asked for the longest goes first.
#[derive(Default)]
pub(crate) struct ProviderCache(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// Counts questions.
    clock: u64,
    entries: HashMap<ProviderId, (u64, Arc<LoadedProvider>)>,
}

impl ProviderCache {
    fn get(&self, id: ProviderId) -> Option<Arc<LoadedProvider>> {
        let kept = &mut *self.0.lock();
        kept.clock += 1;
        let (asked, loaded) = kept.entries.get_mut(&id)?;
        *asked = kept.clock;
        Some(Arc::clone(loaded))
    }

    fn put(&self, loaded: Arc<LoadedProvider>) {
        let kept = &mut *self.0.lock();
        kept.clock += 1;
        let id = loaded.model.id;
        if kept.entries.len() >= KEPT && !kept.entries.contains_key(&id) {
            let oldest = kept.entries.iter().min_by_key(|(_, (asked, _))| *asked).map(|(id, _)| *id);
            if let Some(oldest) = oldest {
                kept.entries.remove(&oldest);
            }
        }
        kept.entries.insert(id, (kept.clock, loaded));
    }

    fn forget(&self, id: ProviderId) {
        self.0.lock().entries.remove(&id);
    }
}

/// The columns that change without an edit, and those that tell of one.
#[derive(Debug, FromQueryResult)]
struct Head {
    version: i32,
    updated_at: DateTime<Utc>,
    status: ProviderStatus,
    status_reason: Option<String>,
    circuit_state: CircuitState,
    circuit_failures: i32,
    circuit_trips: i32,
    circuit_opened_at: Option<DateTime<Utc>>,
    circuit_probe_at: Option<DateTime<Utc>>,
    circuit_reason: Option<String>,
    last_success_at: Option<DateTime<Utc>>,
}

/// A head, and whose it is.
#[derive(Debug, FromQueryResult)]
struct NamedHead {
    id: ProviderId,
    #[sea_orm(nested)]
    head: Head,
}

const HEAD: [provider::Column; 11] = [
    provider::Column::Version,
    provider::Column::UpdatedAt,
    provider::Column::Status,
    provider::Column::StatusReason,
    provider::Column::CircuitState,
    provider::Column::CircuitFailures,
    provider::Column::CircuitTrips,
    provider::Column::CircuitOpenedAt,
    provider::Column::CircuitProbeAt,
    provider::Column::CircuitReason,
    provider::Column::LastSuccessAt,
];

impl Head {
    fn describes(&self, model: &provider::Model) -> bool {
        self.version == model.version && self.updated_at == model.updated_at
    }

    fn put_into(self, model: &mut provider::Model) {
        model.status = self.status;
        model.status_reason = self.status_reason;
        model.circuit_state = self.circuit_state;
        model.circuit_failures = self.circuit_failures;
        model.circuit_trips = self.circuit_trips;
        model.circuit_opened_at = self.circuit_opened_at;
        model.circuit_probe_at = self.circuit_probe_at;
        model.circuit_reason = self.circuit_reason;
        model.last_success_at = self.last_success_at;
    }
}

impl Providers {
    /// The provider with its definition and secrets. One small read, unless it was edited since the last time.
    ///
    /// # Errors
    /// When there is no such provider, or its secrets do not open.
    pub async fn load_provider(&self, id: ProviderId) -> Result<Arc<LoadedProvider>> {
        if let Some(known) = self.provider_cache.get(id) {
            let head = provider::Entity::find_by_id(id).select_only().columns(HEAD).into_model::<Head>().one(self.store.primary()).await?;
            let Some(head) = head else {
                self.provider_cache.forget(id);
                return Err(Error::NotFound("provider"));
            };
            if head.describes(&known.model) {
                let mut loaded = LoadedProvider::clone(&known);
                head.put_into(&mut loaded.model);
                return Ok(Arc::new(loaded));
            }
        }
        let model = provider::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("provider"))?;
        let loaded = Arc::new(self.open_provider(model)?);
        self.provider_cache.put(Arc::clone(&loaded));
        Ok(loaded)
    }

    /// Many providers at once, as [`Self::load_provider`] has them: two reads at most, however many they are.
    /// `db` is where they are read: in a write transaction that transaction.
    pub async fn load_providers(
        &self,
        db: &impl ConnectionTrait,
        ids: BTreeSet<ProviderId>,
    ) -> Result<HashMap<ProviderId, Arc<LoadedProvider>>> {
        let mut loaded = HashMap::with_capacity(ids.len());
        let (known, mut wanted): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| self.provider_cache.get(*id).is_some());
        for (id, head) in heads_of(db, &known).await? {
            match self.provider_cache.get(id).filter(|known| head.describes(&known.model)) {
                Some(known) => {
                    let mut provider = LoadedProvider::clone(&known);
                    head.put_into(&mut provider.model);
                    loaded.insert(id, Arc::new(provider));
                }
                None => wanted.push(id),
            }
        }
        if !wanted.is_empty() {
            for model in provider::Entity::find().filter(provider::Column::Id.is_in(wanted)).all(db).await? {
                let provider = Arc::new(self.open_provider(model)?);
                self.provider_cache.put(Arc::clone(&provider));
                loaded.insert(provider.model.id, provider);
            }
        }
        Ok(loaded)
    }

    /// Parses the definition of a row and opens its secrets.
    pub(crate) fn open_provider(&self, model: provider::Model) -> Result<LoadedProvider> {
        let definition: ProviderDefinition = serde_json::from_value(model.definition.clone())?;
        let zone = definition.time_zone.parse().map_err(|e| Fault::new("a provider's time zone", e))?;
        let credentials = self.open_credentials(&model)?;
        Ok(LoadedProvider { definition: Arc::new(definition), credentials, zone, model })
    }

    /// The secrets of a provider by name.
    pub(crate) fn open_credentials(&self, model: &provider::Model) -> Result<BTreeMap<String, SecretString>> {
        let Some(envelope) = &model.credentials_enc else { return Ok(BTreeMap::new()) };
        self.cipher.open_json(credentials_place(&model.id.to_string()), envelope)
    }

    /// Seals a provider's secrets for its row; none where there are none.
    pub(crate) fn seal_credentials(&self, id: ProviderId, secrets: &BTreeMap<String, SecretString>) -> Result<Option<Vec<u8>>> {
        use secrecy::ExposeSecret as _;
        if secrets.is_empty() {
            return Ok(None);
        }
        let plain: BTreeMap<&str, &str> = secrets.iter().map(|(name, secret)| (name.as_str(), secret.expose_secret())).collect();
        self.cipher.seal_json(credentials_place(&id.to_string()), &plain).map(Some)
    }
}

/// What tells whether these providers were edited.
async fn heads_of(db: &impl ConnectionTrait, ids: &[ProviderId]) -> Result<Vec<(ProviderId, Head)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let heads = provider::Entity::find().select_only().column(provider::Column::Id).columns(HEAD);
    let heads = heads.filter(provider::Column::Id.is_in(ids.iter().copied())).into_model::<NamedHead>().all(db).await?;
    Ok(heads.into_iter().map(|row| (row.id, row.head)).collect())
}

fn credentials_place(row: &str) -> Place<'_> {
    Place { table: "providers", row, column: "credentials_enc" }
}
