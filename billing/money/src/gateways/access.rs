//! A gateway as its adapter needs it: settings read, secrets opened.
//!
//! The row is read each time, so that an edit or a pause made by another process counts at once; only the opened secrets are
//! kept, for as long as their envelope is the same.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use billow_entities::{GatewayId, gateway};
use billow_kernel::cipher::Place;
use billow_kernel::error::{Error, Result};
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret as _, SecretString};

use super::Gateways;
use super::inbox::Inbox;
use crate::gateway::{GatewayAccess, GatewaySettings};

/// Opened secrets by name.
pub(super) type Secrets = BTreeMap<String, SecretString>;

/// An envelope, and what was in it.
type Opened = (Vec<u8>, Arc<Secrets>);

/// What one process remembers of gateways; all of it may be forgotten at any time.
#[derive(Default)]
pub(crate) struct GatewayMemory {
    /// Opened secrets; as many as there are gateways.
    opened: Mutex<HashMap<GatewayId, Opened>>,
    /// When a gateway was last written down as healthy by this process.
    pub(super) healthy: Mutex<HashMap<GatewayId, DateTime<Utc>>>,
    /// Webhooks on their way into the database.
    pub(super) inbox: Inbox,
}

impl Gateways {
    /// The gateway with its secrets, whatever its status: what is under way is finished also through a paused one.
    ///
    /// # Errors
    /// When there is no such gateway, or its secrets do not open.
    pub async fn gateway_access(&self, id: GatewayId) -> Result<GatewayAccess> {
        self.gateway_access_in(self.store.primary(), id).await
    }

    /// The same, read where the caller reads.
    pub(crate) async fn gateway_access_in(&self, db: &impl ConnectionTrait, id: GatewayId) -> Result<GatewayAccess> {
        let model = gateway::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound("gateway"))?;
        self.access_of(&model)
    }

    /// The gateway with this code.
    pub(super) async fn gateway_of_code(&self, code: &str) -> Result<Option<gateway::Model>> {
        Ok(gateway::Entity::find().filter(gateway::Column::Code.eq(code)).one(self.store.primary()).await?)
    }

    /// A row as its adapter needs it.
    pub(super) fn access_of(&self, model: &gateway::Model) -> Result<GatewayAccess> {
        Ok(GatewayAccess {
            id: model.id,
            code: model.code.clone(),
            adapter: model.adapter,
            settings: settings_of(model)?,
            credentials: self.secrets_of(model)?,
        })
    }

    /// The secrets of a row, opened now or before.
    pub(super) fn secrets_of(&self, model: &gateway::Model) -> Result<Arc<Secrets>> {
        let Some(envelope) = &model.credentials_enc else { return Ok(Arc::default()) };
        if let Some((known, secrets)) = self.memory.opened.lock().get(&model.id)
            && known == envelope
        {
            return Ok(Arc::clone(secrets));
        }
        let secrets: Arc<Secrets> = Arc::new(self.cipher.open_json(place(&model.id.to_string()), envelope)?);
        self.memory.opened.lock().insert(model.id, (envelope.clone(), Arc::clone(&secrets)));
        Ok(secrets)
    }

    /// Seals secrets for the row of `id`; none where there are none.
    pub(super) fn seal_gateway_secrets(&self, id: GatewayId, secrets: &Secrets) -> Result<Option<Vec<u8>>> {
        if secrets.is_empty() {
            return Ok(None);
        }
        let plain: BTreeMap<&str, &str> = secrets.iter().map(|(name, secret)| (name.as_str(), secret.expose_secret())).collect();
        self.cipher.seal_json(place(&id.to_string()), &plain).map(Some)
    }
}

/// The settings of a row.
pub(super) fn settings_of(model: &gateway::Model) -> Result<GatewaySettings> {
    Ok(serde_json::from_value(model.settings.clone())?)
}

fn place(row: &str) -> Place<'_> {
    Place { table: "gateways", row, column: "credentials_enc" }
}
