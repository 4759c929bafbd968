//! Pausing a gateway, resuming it, and letting calls through again.

use billow_entities::{CircuitState, GatewayId, GatewayStatus, gateway};
use billow_kernel::error::Problems;
use billow_kernel::events::GatewayChange;
use billow_kernel::wake::Wakeup;
use billow_kernel::{Actor, Error, Result};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QuerySelect};
use serde_json::json;

use super::Gateways;
use super::register::NO_SANDBOX;
use super::test;

impl Gateways {
    /// Sends nothing new through a gateway until it is resumed; what is under way is finished.
    ///
    /// # Errors
    /// For everybody but administrators, and without a reason.
    #[tracing::instrument(name = "gateways.pause", skip_all)]
    pub async fn pause_gateway(&self, actor: &Actor, id: GatewayId, reason: &str) -> Result<gateway::Model> {
        actor.admin()?;
        self.identity.confirmed(actor).await?;
        let reason = Some(required(reason)?);
        self.switch_gateway(actor, id, ("gateway.pause", GatewayChange::Paused), reason, |row, model| {
            row.status = Set(GatewayStatus::Paused);
            Ok(model.status != GatewayStatus::Paused)
        })
        .await
    }

    /// Sends new payments through a gateway that is new or was paused.
    ///
    /// # Errors
    /// For everybody but administrators; `GATEWAY_UNTESTED` when the last test of its keys failed or there was none;
    /// `SANDBOX_NOT_ALLOWED`.
    #[tracing::instrument(name = "gateways.resume", skip_all)]
    pub async fn resume_gateway(&self, actor: &Actor, id: GatewayId, reason: Option<&str>) -> Result<gateway::Model> {
        actor.admin()?;
        self.identity.confirmed(actor).await?;
        let reason = optional(reason)?;
        self.switch_gateway(actor, id, ("gateway.resume", GatewayChange::Resumed), reason, |row, model| {
            if model.status == GatewayStatus::Active {
                return Ok(false);
            }
            if !self.adapter_allowed(model.adapter) {
                return Err(Error::invalid("SANDBOX_NOT_ALLOWED", "", NO_SANDBOX));
            }
            test::passed(model)?;
            row.status = Set(GatewayStatus::Active);
            Ok(true)
        })
        .await
    }

    /// Lets calls to a gateway through again, once somebody has mended what opened its circuit.
    ///
    /// # Errors
    /// For everybody but administrators.
    #[tracing::instrument(name = "gateways.reset_circuit", skip_all)]
    pub async fn reset_gateway_circuit(&self, actor: &Actor, id: GatewayId, reason: Option<&str>) -> Result<gateway::Model> {
        actor.admin()?;
        let reason = optional(reason)?;
        let model = self
            .switch_gateway(actor, id, ("gateway.reset_circuit", GatewayChange::CircuitClosed), reason, |row, model| {
                row.circuit_state = Set(CircuitState::Closed);
                row.circuit_failures = Set(0);
                row.circuit_opened_at = Set(None);
                row.circuit_probe_at = Set(None);
                row.circuit_reason = Set(None);
                Ok(model.circuit_state != CircuitState::Closed || model.circuit_failures != 0)
            })
            .await?;
        self.waker.wake(Wakeup::Pay).await;
        Ok(model)
    }

    /// Changes the row under its lock; `change` answers whether there is anything to change.
    async fn switch_gateway(
        &self,
        actor: &Actor,
        id: GatewayId,
        (action, told_as): (&str, GatewayChange),
        reason: Option<String>,
        change: impl Fn(&mut gateway::ActiveModel, &gateway::Model) -> Result<bool> + Send,
    ) -> Result<gateway::Model> {
        let mut tx = self.store.write_tx().await?;
        let model = gateway::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?.ok_or(Error::NotFound("gateway"))?;
        let before = json!({"status": model.status, "circuit": model.circuit_state, "circuit_reason": model.circuit_reason});
        let mut row = model.clone().into_active_model();
        if !change(&mut row, &model)? {
            return Ok(tx.leave(model).await);
        }
        row.updated_at = Set(self.clock.now());
        let model = row.update(&*tx).await?;
        tx.emit(self.events.gateway(&model, told_as)?);
        self.audit.record(&tx, actor, action, id, None, reason.as_deref(), json!({"before": before})).await?;
        tx.commit().await?;
        Ok(model)
    }
}

fn required(reason: &str) -> Result<String> {
    let mut problems = Problems::default();
    let reason = problems.text("reason", reason, 300);
    problems.finish()?;
    Ok(reason)
}

fn optional(reason: Option<&str>) -> Result<Option<String>> {
    let mut problems = Problems::default();
    let reason = problems.optional_text("reason", reason, 300);
    problems.finish()?;
    Ok(reason)
}
