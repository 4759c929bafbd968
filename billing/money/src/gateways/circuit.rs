//! The circuit breaker of a gateway: after several calls in a row without a usable answer nothing new goes there for a
//! minute, then one payment probes it.
//!
//! A decline is an answer, and so is a refusal.

use billow_entities::{CircuitState, GatewayId, gateway};
use billow_kernel::circuit::{self, Calls, Circuit, CircuitColumns, CircuitTable, Patience, Sign};
use billow_kernel::error::Result;
use billow_kernel::events::GatewayChange;
use chrono::Duration;

use super::Gateways;
use crate::gateway::{GatewayFault, GatewayResult};

/// Five faults in a row open it, for a minute.
const PATIENCE: Patience = Patience { threshold: 5, first_wait: Duration::minutes(1), longest_wait: Duration::minutes(1) };
/// How long a probe may take before somebody else probes: twice the longest time-out.
const PROBE: Duration = Duration::seconds(120);
/// How often one process writes down that a gateway works.
const HEALTHY_EVERY: Duration = Duration::seconds(30);

/// The circuits of gateways.
pub(super) struct GatewayCircuits;

impl CircuitTable for GatewayCircuits {
    type Rows = gateway::Entity;
    const NAME: &'static str = "gateway";
    const COLUMNS: CircuitColumns<gateway::Column> = CircuitColumns {
        id: gateway::Column::Id,
        state: gateway::Column::CircuitState,
        failures: gateway::Column::CircuitFailures,
        trips: None,
        opened_at: gateway::Column::CircuitOpenedAt,
        probe_at: gateway::Column::CircuitProbeAt,
        reason: gateway::Column::CircuitReason,
        last_success_at: gateway::Column::LastSuccessAt,
    };

    fn circuit(row: &gateway::Model) -> Circuit {
        Circuit {
            state: row.circuit_state,
            failures: row.circuit_failures,
            trips: 0,
            opened_at: row.circuit_opened_at,
            probe_at: row.circuit_probe_at,
            reason: row.circuit_reason.clone(),
        }
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
        self.memory.healthy.lock().remove(&model.id);
        circuit::take_probe::<GatewayCircuits>(&self.store, model, PROBE, self.clock.now()).await
    }

    /// Writes what a call told, and tells operators when the circuit opened or closed.
    async fn heed_gateway_sign(&self, id: GatewayId, sign: &Sign) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.store.write_tx().await?;
        let calls = Calls { signs: std::slice::from_ref(sign), patience: &PATIENCE, probe: true };
        let (model, changed) = circuit::heed::<GatewayCircuits>(&tx, id, calls, now).await?;
        let state = model.circuit_state;
        if changed {
            let change = if state == CircuitState::Closed { GatewayChange::CircuitClosed } else { GatewayChange::CircuitOpened };
            tx.emit(self.events.gateway(&model, change)?);
            tracing::warn!(gateway.id = %id, circuit.state = %state, "the circuit of a gateway changed");
            metrics::counter!("billow_gateway_circuit_changes_total", "gateway" => model.code, "state" => state.as_str()).increment(1);
        }
        tx.commit().await?;
        let mut healthy = self.memory.healthy.lock();
        if *sign == Sign::Healthy && state == CircuitState::Closed {
            healthy.insert(id, now);
        } else {
            healthy.remove(&id);
        }
        Ok(())
    }
}
