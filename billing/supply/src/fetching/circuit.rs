//! The circuit breaker of a provider: after several faults in a row nobody calls it, then one probe at a time does.

use billow_entities::{CircuitState, ProviderId, provider};
use billow_kernel::circuit::{self, Calls, Circuit, CircuitColumns, CircuitTable, Patience, Sign};
use billow_kernel::error::Result;
use billow_kernel::events::ProviderChange;
use billow_kernel::store::WriteTx;
use chrono::Duration;

use super::Fetching;

/// How long a probe may take before somebody else probes.
const PROBE: Duration = Duration::minutes(6);
/// The first wait before a probe, and the longest.
const WAITS: (Duration, Duration) = (Duration::minutes(1), Duration::minutes(60));

/// The circuits of providers.
struct ProviderCircuits;

impl CircuitTable for ProviderCircuits {
    type Rows = provider::Entity;
    const NAME: &'static str = "provider";
    const COLUMNS: CircuitColumns<provider::Column> = CircuitColumns {
        id: provider::Column::Id,
        state: provider::Column::CircuitState,
        failures: provider::Column::CircuitFailures,
        trips: Some(provider::Column::CircuitTrips),
        opened_at: provider::Column::CircuitOpenedAt,
        probe_at: provider::Column::CircuitProbeAt,
        reason: provider::Column::CircuitReason,
        last_success_at: provider::Column::LastSuccessAt,
    };

    fn circuit(row: &provider::Model) -> Circuit {
        Circuit {
            state: row.circuit_state,
            failures: row.circuit_failures,
            trips: row.circuit_trips,
            opened_at: row.circuit_opened_at,
            probe_at: row.circuit_probe_at,
            reason: row.circuit_reason.clone(),
        }
    }
}

impl Fetching {
    /// Takes the one probe of a provider whose circuit is open, if its time has come and nobody else took it.
    pub(super) async fn take_probe(&self, model: &provider::Model) -> Result<bool> {
        circuit::take_probe::<ProviderCircuits>(&self.store, model, PROBE, self.clock.now()).await
    }

    /// Puts a probe back that found nothing to fetch.
    pub(super) async fn give_back_probe(&self, id: ProviderId) -> Result<()> {
        circuit::give_back_probe::<ProviderCircuits>(&self.store, id, self.clock.now()).await
    }

    /// Writes what a batch told about its provider, and tells operators when the circuit opened or closed.
    pub(super) async fn heed_signs(&self, tx: &mut WriteTx, id: ProviderId, signs: &[Sign], threshold: u16, probe: bool) -> Result<()> {
        let patience = Patience { threshold: i32::from(threshold.max(1)), first_wait: WAITS.0, longest_wait: WAITS.1 };
        let calls = Calls { signs, patience: &patience, probe };
        let (model, changed) = circuit::heed::<ProviderCircuits>(tx, id, calls, self.clock.now()).await?;
        if changed {
            let state = model.circuit_state;
            let change = if state == CircuitState::Closed { ProviderChange::CircuitClosed } else { ProviderChange::CircuitOpened };
            tx.emit(self.events.provider(&model, change)?);
            tracing::warn!(provider.id = %id, circuit.state = %state, "the circuit of a provider changed");
            metrics::counter!("billow_circuit_changes_total", "provider" => model.code, "state" => state.as_str()).increment(1);
        }
        Ok(())
    }
}
