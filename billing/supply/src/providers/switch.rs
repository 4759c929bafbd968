//! Pausing a provider, resuming it, and letting calls through again.

use billow_entities::{CircuitState, ProviderId, ProviderStatus, provider};
use billow_kernel::error::Problems;
use billow_kernel::events::ProviderChange;
use billow_kernel::wake::Wakeup;
use billow_kernel::{Actor, Error, Result};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QuerySelect};
use serde_json::json;

use super::Providers;

impl Providers {
    /// Fetches nothing from a provider until it is resumed. Its customers keep what they have.
    ///
    /// # Errors
    /// For everybody but administrators, and without a reason.
    #[tracing::instrument(name = "providers.pause", skip_all)]
    pub async fn pause_provider(&self, actor: &Actor, id: ProviderId, reason: &str) -> Result<provider::Model> {
        actor.admin()?;
        let mut problems = Problems::default();
        let reason = problems.text("reason", reason, 300);
        problems.finish()?;
        self.switch_provider(actor, id, "provider.pause", ProviderChange::Paused, |row, model| {
            if model.status == ProviderStatus::Paused && model.status_reason.as_deref() == Some(reason.as_str()) {
                return false;
            }
            row.status = Set(ProviderStatus::Paused);
            row.status_reason = Set(Some(reason.clone()));
            true
        })
        .await
    }

    /// Fetches from a paused provider again; what became due meanwhile is fetched now.
    ///
    /// # Errors
    /// For everybody but administrators.
    #[tracing::instrument(name = "providers.resume", skip_all)]
    pub async fn resume_provider(&self, actor: &Actor, id: ProviderId) -> Result<provider::Model> {
        actor.admin()?;
        let model = self
            .switch_provider(actor, id, "provider.resume", ProviderChange::Resumed, |row, model| {
                row.status = Set(ProviderStatus::Active);
                row.status_reason = Set(None);
                model.status != ProviderStatus::Active
            })
            .await?;
        self.waker.wake(Wakeup::Fetch).await;
        Ok(model)
    }

    /// Lets calls to a provider through again, once somebody has mended what opened its circuit.
    ///
    /// # Errors
    /// For everybody but administrators.
    #[tracing::instrument(name = "providers.reset_circuit", skip_all)]
    pub async fn reset_circuit(&self, actor: &Actor, id: ProviderId) -> Result<provider::Model> {
        actor.admin()?;
        let model = self
            .switch_provider(actor, id, "provider.reset_circuit", ProviderChange::CircuitClosed, |row, model| {
                row.circuit_state = Set(CircuitState::Closed);
                row.circuit_failures = Set(0);
                row.circuit_trips = Set(0);
                row.circuit_opened_at = Set(None);
                row.circuit_probe_at = Set(None);
                row.circuit_reason = Set(None);
                model.circuit_state != CircuitState::Closed || model.circuit_failures != 0
            })
            .await?;
        self.waker.wake(Wakeup::Fetch).await;
        Ok(model)
    }

    /// Changes the row under its lock; `change` answers whether there is anything to change.
    async fn switch_provider(
        &self,
        actor: &Actor,
        id: ProviderId,
        action: &str,
        told_as: ProviderChange,
        change: impl Fn(&mut provider::ActiveModel, &provider::Model) -> bool + Send,
    ) -> Result<provider::Model> {
        let mut tx = self.store.write_tx().await?;
        let model = provider::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?.ok_or(Error::NotFound("provider"))?;
        let before = json!({"status": model.status, "reason": model.status_reason, "circuit": model.circuit_state, "circuit_reason": model.circuit_reason});
        let mut row = model.clone().into_active_model();
        if !change(&mut row, &model) {
            return Ok(tx.leave(model).await);
        }
        row.updated_at = Set(self.clock.now());
        let model = row.update(&*tx).await?;
        tx.emit(self.events.provider(&model, told_as)?);
        self.audit.record(&tx, actor, action, id, None, model.status_reason.as_deref(), json!({"before": before})).await?;
        tx.commit().await?;
        Ok(model)
    }
}
