//! Which gateways there are, and what may be shown of them.

use billow_entities::{Currency, GatewayAdapter, GatewayId, GatewayStatus, MethodKind, gateway};
use billow_kernel::{Actor, Error, Result};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};

use super::Gateways;
use super::MAX_GATEWAYS;
use super::access::settings_of;
use crate::gateway::GatewaySettings;

impl Gateways {
    /// All gateways, in the order in which they are tried, for staff.
    ///
    /// # Errors
    /// When somebody else asks.
    pub async fn gateways(&self, actor: &Actor) -> Result<Vec<gateway::Model>> {
        actor.staff()?;
        self.gateways_by_rank().await
    }

    /// One gateway, for staff.
    ///
    /// # Errors
    /// When somebody else asks, or there is none.
    pub async fn gateway(&self, actor: &Actor, id: GatewayId) -> Result<gateway::Model> {
        actor.staff()?;
        gateway::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("gateway"))
    }

    /// The names of a gateway's secrets, for staff; the secrets themselves are never shown.
    ///
    /// # Errors
    /// When somebody else asks, or the secrets do not open.
    pub fn gateway_credential_names(&self, actor: &Actor, model: &gateway::Model) -> Result<Vec<String>> {
        actor.staff()?;
        Ok(self.secrets_of(model)?.keys().cloned().collect())
    }

    /// How a gateway is reached.
    ///
    /// # Errors
    /// When what is stored are no settings.
    pub fn gateway_settings(&self, model: &gateway::Model) -> Result<GatewaySettings> {
        settings_of(model)
    }

    /// Which currencies a gateway takes; none for all.
    ///
    /// # Errors
    /// When what is stored are no currencies.
    pub fn gateway_currencies(&self, model: &gateway::Model) -> Result<Vec<Currency>> {
        Ok(serde_json::from_value(model.currencies.clone())?)
    }

    /// Which kinds of methods a gateway takes.
    ///
    /// # Errors
    /// When what is stored are no kinds.
    pub fn gateway_kinds(&self, model: &gateway::Model) -> Result<Vec<MethodKind>> {
        Ok(serde_json::from_value(model.kinds.clone())?)
    }

    /// Where a gateway sends its webhooks.
    #[must_use]
    pub fn gateway_webhook_url(&self, model: &gateway::Model) -> String {
        format!("{}/webhooks/gateways/{}", self.settings.base_url, model.code)
    }

    /// For each kind of method the adapter of the gateway that would be tried first, whether it answers at the moment or not.
    pub(crate) async fn first_gateways(&self, currency: Option<Currency>) -> Result<Vec<(MethodKind, GatewayAdapter)>> {
        let mut first = Vec::new();
        for model in self.gateways_by_rank().await?.iter().filter(|model| model.status == GatewayStatus::Active) {
            let takes = self.gateway_currencies(model)?;
            if currency.is_some_and(|currency| !takes.is_empty() && !takes.contains(&currency)) {
                continue;
            }
            for kind in self.gateway_kinds(model)? {
                if !first.iter().any(|(known, _)| *known == kind) {
                    first.push((kind, model.adapter));
                }
            }
        }
        Ok(first)
    }

    pub(super) async fn gateways_by_rank(&self) -> Result<Vec<gateway::Model>> {
        let by_rank = gateway::Entity::find().order_by_asc(gateway::Column::Rank).order_by_asc(gateway::Column::Id);
        Ok(by_rank.limit(MAX_GATEWAYS).all(self.store.primary()).await?)
    }
}

billow_kernel::by_id! {
    /// Gateways by their ids.
    Gateways.gateways_by_id: GatewayId => gateway;
}
