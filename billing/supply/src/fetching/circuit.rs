//! The circuit breaker of a provider: after several faults in a row nobody calls it, then one probe at a time does.

use billow_entities::{CircuitState, ProviderId, provider};
use billow_kernel::circuit::{Circuit, Patience, Sign};
use billow_kernel::error::{Error, Result};
use billow_kernel::events::ProviderChange;
use billow_kernel::store::WriteTx;
use chrono::Duration;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::Fetching;

/// How long a probe may take before somebody else probes.
const PROBE: Duration = Duration::minutes(6);
/// The first wait before a probe, and the longest.
const WAITS: (Duration, Duration) = (Duration::minutes(1), Duration::minutes(60));

/// The circuit of a provider.
fn circuit_of(model: &provider::Model) -> Circuit {
    Circuit {
        state: model.circuit_state,
        failures: model.circuit_failures,
        trips: model.circuit_trips,
        opened_at: model.circuit_opened_at,
        probe_at: model.circuit_probe_at,
        reason: model.circuit_reason.clone(),
    }
}

impl Fetching {
    /// Takes the one probe of a provider whose circuit is open, if its time has come and nobody else took it.
    pub(super) async fn take_probe(&self, model: &provider::Model) -> Result<bool> {
        use provider::Column as C;
        let now = self.clock.now();
        let Some(due) = model.circuit_probe_at.filter(|at| *at <= now) else { return Ok(false) };
        let taken = provider::Entity::update_many()
            .col_expr(C::CircuitState, Expr::value(CircuitState::HalfOpen))
            .col_expr(C::CircuitProbeAt, Expr::value(now + PROBE))
            .filter(C::Id.eq(model.id))
            .filter(C::CircuitState.eq(model.circuit_state))
            .filter(C::CircuitProbeAt.eq(due))
            .exec(self.store.writer())
            .await?;
        Ok(taken.rows_affected == 1)
    }

    /// Puts a probe back that found nothing to fetch.
    pub(super) async fn give_back_probe(&self, id: ProviderId) -> Result<()> {
        use provider::Column as C;
        provider::Entity::update_many()
            .col_expr(C::CircuitState, Expr::value(CircuitState::Open))
            .col_expr(C::CircuitProbeAt, Expr::value(self.clock.now()))
            .filter(C::Id.eq(id))
            .filter(C::CircuitState.eq(CircuitState::HalfOpen))
            .exec(self.store.writer())
            .await?;
        Ok(())
    }

    /// Writes what a batch told about its provider, and tells operators when the circuit opened or closed.
    pub(super) async fn heed_signs(&self, tx: &mut WriteTx, id: ProviderId, signs: &[Sign], threshold: u16, probe: bool) -> Result<()> {
        use provider::Column as C;
        let now = self.clock.now();
        // A weaker lock than exclusive: every bill that is inserted holds its provider's row against changes of the key, and
        // two writers that each hold it and want it exclusively would wait for each other.
        let mut model =
            provider::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(&**tx).await?.ok_or(Error::NotFound("provider"))?;
        let before = circuit_of(&model);
        let mut after = before.clone();
        let patience = Patience { threshold: i32::from(threshold.max(1)), first_wait: WAITS.0, longest_wait: WAITS.1 };
        for sign in signs {
            after.heed(sign, &patience, probe, now);
        }
        if signs.contains(&Sign::Healthy) {
            model.last_success_at = Some(now);
        }
        // `updated_at` stays: it tells of edits.
        provider::Entity::update_many()
            .col_expr(C::CircuitState, Expr::value(after.state))
            .col_expr(C::CircuitFailures, Expr::value(after.failures))
            .col_expr(C::CircuitTrips, Expr::value(after.trips))
            .col_expr(C::CircuitOpenedAt, Expr::value(after.opened_at))
            .col_expr(C::CircuitProbeAt, Expr::value(after.probe_at))
            .col_expr(C::CircuitReason, Expr::value(after.reason.clone()))
            .col_expr(C::LastSuccessAt, Expr::value(model.last_success_at))
            .filter(C::Id.eq(id))
            .exec(&**tx)
            .await?;
        if before.state != after.state {
            let change = if after.state == CircuitState::Closed { ProviderChange::CircuitClosed } else { ProviderChange::CircuitOpened };
            model.circuit_state = after.state;
            model.circuit_failures = after.failures;
            model.circuit_opened_at = after.opened_at;
            model.circuit_probe_at = after.probe_at;
            model.circuit_reason = after.reason;
            tx.emit(self.events.provider(&model, change)?);
            tracing::warn!(provider.id = %id, circuit.state = %after.state, "the circuit of a provider changed");
            metrics::counter!("billow_circuit_changes_total", "provider" => model.code, "state" => after.state.as_str()).increment(1);
        }
        Ok(())
    }
}
