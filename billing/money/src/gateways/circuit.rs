//! The circuit breaker of a gateway: after several calls in a row without a usable answer nothing new goes there for a
//! minute, then one payment probes it.
//!
//! A decline is an answer, and so is a refusal.

use billow_entities::{CircuitState, GatewayId, gateway};
use billow_kernel::circuit::{Circuit, Patience, Sign};
use billow_kernel::error::{Error, Result};
use billow_kernel::events::GatewayChange;
use chrono::Duration;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::Gateways;
use crate::gateway::{GatewayFault, GatewayResult};

/// Five faults in a row open it, for a minute.
const PATIENCE: Patience = Patience { threshold: 5, first_wait: Duration::minutes(1), longest_wait: Duration::minutes(1) };
/// How long a probe may take before somebody else probes: twice the longest time-out.
const PROBE: Duration = Duration::seconds(120);
/// How often one process writes down that a gateway works.
const HEALTHY_EVERY: Duration = Duration::seconds(30);

/// The circuit of a gateway.
pub(super) fn circuit_of(model: &gateway::Model) -> Circuit {
    Circuit {
        state: model.circuit_state,
        failures: model.circuit_failures,
        trips: 0,
        opened_at: model.circuit_opened_at,
        probe_at: model.circuit_probe_at,
        reason: model.circuit_reason.clone(),
    }
}

impl Gateways {
    /// Heeds what a call came to, whatever was asked, and hands it on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn record_gateway_result<T>(&self, id: GatewayId, answer: GatewayResult<T>) -> Result<GatewayResult<T>> {
        match &answer {
            Ok(_) => self.record_gateway_ok(id).await?,
            Err(fault) => self.record_gateway_fault(id, fault).await?,
        }
        Ok(answer)
    }

    /// Notes that a gateway answered. Costs nothing while this process has seen it work just now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record_gateway_ok(&self, id: GatewayId) -> Result<()> {
        let now = self.clock.now();
        if self.memory.healthy.lock().get(&id).is_some_and(|noted| now - *noted < HEALTHY_EVERY) {
            return Ok(());
        }
        self.heed_gateway_sign(id, &Sign::Healthy).await
    }

    /// Notes that a gateway did not answer as it should; a refusal is an answer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record_gateway_fault(&self, id: GatewayId, fault: &GatewayFault) -> Result<()> {
        match fault {
            GatewayFault::Unknown { .. } | GatewayFault::NotSent { .. } => {
                self.heed_gateway_sign(id, &Sign::Fault(fault.to_string())).await
            }
            GatewayFault::Refused { .. } | GatewayFault::KeyReused { .. } => self.record_gateway_ok(id).await,
        }
    }

    /// Takes the one probe of a gateway, if its time has come and nobody else took it.
    pub(super) async fn take_gateway_probe(&self, model: &gateway::Model) -> Result<bool> {
        use gateway::Column as C;
        let now = self.clock.now();
        self.memory.healthy.lock().remove(&model.id);
        let Some(due) = model.circuit_probe_at.filter(|at| *at <= now) else { return Ok(false) };
        let taken = gateway::Entity::update_many()
            .col_expr(C::CircuitState, Expr::value(CircuitState::HalfOpen))
            .col_expr(C::CircuitProbeAt, Expr::value(now + PROBE))
            .filter(C::Id.eq(model.id))
            .filter(C::CircuitState.eq(model.circuit_state))
            .filter(C::CircuitProbeAt.eq(due))
            .exec(self.store.writer())
            .await?;
        Ok(taken.rows_affected == 1)
    }

    /// Writes what a call told, and tells operators when the circuit opened or closed.
    async fn heed_gateway_sign(&self, id: GatewayId, sign: &Sign) -> Result<()> {
        use gateway::Column as C;
        let now = self.clock.now();
        let mut tx = self.store.write_tx().await?;
        // Every payment that is inserted refers to this row: a weaker lock than exclusive lets them.
        let find = gateway::Entity::find_by_id(id).lock(LockType::NoKeyUpdate);
        let mut model = find.one(&*tx).await?.ok_or(Error::NotFound("gateway"))?;
        let before = circuit_of(&model);
        let mut after = before.clone();
        after.heed(sign, &PATIENCE, true, now);
        if *sign == Sign::Healthy {
            model.last_success_at = Some(now);
        }
        // `updated_at` stays: it tells of edits.
        gateway::Entity::update_many()
            .col_expr(C::CircuitState, Expr::value(after.state))
            .col_expr(C::CircuitFailures, Expr::value(after.failures))
            .col_expr(C::CircuitOpenedAt, Expr::value(after.opened_at))
            .col_expr(C::CircuitProbeAt, Expr::value(after.probe_at))
            .col_expr(C::CircuitReason, Expr::value(after.reason.clone()))
            .col_expr(C::LastSuccessAt, Expr::value(model.last_success_at))
            .filter(C::Id.eq(id))
            .exec(&*tx)
            .await?;
        if before.state != after.state {
            let change = if after.state == CircuitState::Closed { GatewayChange::CircuitClosed } else { GatewayChange::CircuitOpened };
            model.circuit_state = after.state;
            model.circuit_failures = after.failures;
            model.circuit_reason.clone_from(&after.reason);
            tx.emit(self.events.gateway(&model, change)?);
            tracing::warn!(gateway.id = %id, circuit.state = %after.state, "the circuit of a gateway changed");
            metrics::counter!("billow_gateway_circuit_changes_total", "gateway" => model.code, "state" => after.state.as_str())
                .increment(1);
        }
        tx.commit().await?;
        let mut healthy = self.memory.healthy.lock();
        if *sign == Sign::Healthy && after.state == CircuitState::Closed {
            healthy.insert(id, now);
        } else {
            healthy.remove(&id);
        }
        Ok(())
    }
}
