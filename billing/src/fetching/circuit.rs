//! The circuit breaker of a provider: after several faults in a row nobody calls it, then one probe at a time does.
//!
//! Its state is columns of the provider's row, so that all processes share it. Deciding is pure; only an update that names
//! the state it was decided on takes the probe, so that there is exactly one.

use billow_entities::{CircuitState, ProviderId, provider};
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::Billing;
use crate::error::{Error, Result};
use crate::store::WriteTx;

/// How long a probe may take before somebody else probes.
const PROBE: Duration = Duration::minutes(6);
/// The first wait before a probe; it doubles up to [`MAX_WAIT_MIN`].
const WAIT_MIN: i64 = 1;
const MAX_WAIT_MIN: i64 = 60;
/// Characters of a reason that are kept.
const MAX_REASON: usize = 500;

/// What a fetch tells about its provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// It answered as it should, whatever the answer.
    Healthy,
    /// It did not; why, in words for an operator.
    Fault(String),
}

/// The columns of the circuit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Circuit {
    pub(super) state: CircuitState,
    pub(super) failures: i32,
    pub(super) trips: i32,
    pub(super) opened_at: Option<DateTime<Utc>>,
    pub(super) probe_at: Option<DateTime<Utc>>,
    pub(super) reason: Option<String>,
}

impl Circuit {
    pub(super) fn of(model: &provider::Model) -> Self {
        Self {
            state: model.circuit_state,
            failures: model.circuit_failures,
            trips: model.circuit_trips,
            opened_at: model.circuit_opened_at,
            probe_at: model.circuit_probe_at,
            reason: model.circuit_reason.clone(),
        }
    }

    fn open(&mut self, reason: &str, now: DateTime<Utc>) {
        self.trips = self.trips.saturating_add(1);
        let wait = WAIT_MIN << (self.trips - 1).clamp(0, 6);
        self.state = CircuitState::Open;
        self.opened_at = Some(now);
        self.probe_at = Some(now + Duration::minutes(wait.min(MAX_WAIT_MIN)));
        self.reason = Some(reason.chars().take(MAX_REASON).collect());
    }

    fn close(&mut self) {
        *self = Self { state: CircuitState::Closed, failures: 0, trips: 0, opened_at: None, probe_at: None, reason: None };
    }

    /// Takes in the signs of a batch, in the order they came. `probe` says that they are the probe's.
    pub(super) fn heed(&mut self, signs: &[Sign], threshold: u16, probe: bool, now: DateTime<Utc>) {
        for sign in signs {
            match (sign, self.state) {
                (Sign::Healthy, CircuitState::Closed) => {
                    self.failures = 0;
                    self.trips = 0;
                }
                (Sign::Healthy, CircuitState::HalfOpen) if probe => self.close(),
                (Sign::Fault(reason), CircuitState::Closed) => {
                    self.failures = self.failures.saturating_add(1);
                    if self.failures >= i32::from(threshold.max(1)) {
                        self.open(reason, now);
                    }
                }
                (Sign::Fault(reason), CircuitState::HalfOpen) if probe => {
                    self.failures = self.failures.saturating_add(1);
                    self.open(reason, now);
                }
                // Stragglers from before it opened decide nothing.
                (_, CircuitState::Open | CircuitState::HalfOpen) => {}
            }
        }
    }
}

impl Billing {
    /// Takes the one probe of a provider whose circuit is open, if its time has come and nobody else took it.
    pub(super) async fn take_probe(&self, model: &provider::Model) -> Result<bool> {
        use provider::Column as C;
        let now = self.now();
        let Some(due) = model.circuit_probe_at.filter(|at| *at <= now) else { return Ok(false) };
        let taken = provider::Entity::update_many()
            .col_expr(C::CircuitState, Expr::value(CircuitState::HalfOpen))
            .col_expr(C::CircuitProbeAt, Expr::value(now + PROBE))
            .filter(C::Id.eq(model.id))
            .filter(C::CircuitState.eq(model.circuit_state))
            .filter(C::CircuitProbeAt.eq(due))
            .exec(self.store.write_pool())
            .await?;
        Ok(taken.rows_affected == 1)
    }

    /// Puts a probe back that found nothing to fetch.
    pub(super) async fn give_back_probe(&self, id: ProviderId) -> Result<()> {
        use provider::Column as C;
        provider::Entity::update_many()
            .col_expr(C::CircuitState, Expr::value(CircuitState::Open))
            .col_expr(C::CircuitProbeAt, Expr::value(self.now()))
            .filter(C::Id.eq(id))
            .filter(C::CircuitState.eq(CircuitState::HalfOpen))
            .exec(self.store.write_pool())
            .await?;
        Ok(())
    }

    /// Writes what a batch told about its provider, and tells operators when the circuit opened or closed.
    pub(super) async fn heed_signs(&self, tx: &mut WriteTx, id: ProviderId, signs: &[Sign], threshold: u16, probe: bool) -> Result<()> {
        use provider::Column as C;
        let now = self.now();
        // A weaker lock than exclusive: every bill that is inserted holds its provider's row against changes of the key, and
        // two writers that each hold it and want it exclusively would wait for each other.
        let mut model =
            provider::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(&**tx).await?.ok_or(Error::NotFound("provider"))?;
        let before = Circuit::of(&model);
        let mut after = before.clone();
        after.heed(signs, threshold, probe, now);
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
            let change = if after.state == CircuitState::Closed { "circuit_closed" } else { "circuit_opened" };
            model.circuit_state = after.state;
            model.circuit_failures = after.failures;
            model.circuit_opened_at = after.opened_at;
            model.circuit_probe_at = after.probe_at;
            model.circuit_reason = after.reason;
            let mut event = self.provider_event(&model, change);
            event.data["circuit"] = serde_json::json!(after.state);
            tx.emit(event);
            tracing::warn!(provider.id = %id, circuit.state = %after.state, "the circuit of a provider changed");
            metrics::counter!("billow_circuit_changes_total", "provider" => model.code, "state" => after.state.as_str()).increment(1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-21T09:00:00Z".parse().expect("an instant")
    }

    fn closed() -> Circuit {
        Circuit { state: CircuitState::Closed, failures: 0, trips: 0, opened_at: None, probe_at: None, reason: None }
    }

    fn fault() -> Sign {
        Sign::Fault("it hangs".into())
    }

    #[test]
    fn it_opens_after_faults_in_a_row_only() {
        let mut circuit = closed();
        circuit.heed(&[fault(), fault(), Sign::Healthy, fault(), fault()], 3, false, now());
        assert_eq!((circuit.state, circuit.failures), (CircuitState::Closed, 2));
        circuit.heed(&[fault()], 3, false, now());
        assert_eq!((circuit.state, circuit.reason.as_deref()), (CircuitState::Open, Some("it hangs")));
        assert_eq!(circuit.probe_at, Some(now() + Duration::minutes(1)));
    }

    #[test]
    fn stragglers_decide_nothing() {
        let mut circuit = closed();
        circuit.heed(&[fault(), Sign::Healthy, fault()], 1, false, now());
        assert_eq!((circuit.state, circuit.trips), (CircuitState::Open, 1));
        circuit.state = CircuitState::HalfOpen;
        let before = circuit.clone();
        circuit.heed(&[Sign::Healthy, fault()], 1, false, now());
        assert_eq!(circuit, before);
    }

    #[test]
    fn a_probe_that_fails_doubles_the_wait_and_one_that_succeeds_closes() {
        let mut circuit = closed();
        circuit.heed(&[fault()], 1, false, now());
        for minutes in [2, 4, 8, 16, 32, 60, 60, 60] {
            circuit.state = CircuitState::HalfOpen;
            circuit.heed(&[fault()], 1, true, now());
            assert_eq!((circuit.state, circuit.probe_at), (CircuitState::Open, Some(now() + Duration::minutes(minutes))));
        }
        circuit.state = CircuitState::HalfOpen;
        circuit.heed(&[Sign::Healthy], 1, true, now());
        assert_eq!(circuit, closed());
    }
}
