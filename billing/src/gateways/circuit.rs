//! The circuit breaker of a gateway: after several calls in a row without a usable answer nothing new goes there for a
//! minute, then one payment probes it.
//!
//! A decline is an answer, and so is a refusal. The state is columns of the gateway's row, so that all processes share it;
//! only an update that names the state it was decided on takes the probe, so that there is exactly one.

use billow_entities::{CircuitState, GatewayId, gateway};
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::Billing;
use crate::error::{Error, Result};
use crate::ports::{GatewayFault, GatewayResult};

/// Faults in a row that open it.
const THRESHOLD: i32 = 5;
/// How long it stays open before a probe.
const OPEN: Duration = Duration::seconds(60);
/// How long a probe may take before somebody else probes: twice the longest time-out.
const PROBE: Duration = Duration::seconds(120);
/// How often one process writes down that a gateway works.
const HEALTHY_EVERY: Duration = Duration::seconds(30);
/// Characters of a reason that are kept.
const MAX_REASON: usize = 500;

/// What a call tells about its gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sign {
    Healthy,
    Fault(String),
}

/// Whether something new may go through a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// It may.
    Free,
    /// One may, as the probe.
    Probe,
    /// It may not.
    Shut,
}

/// The columns of the circuit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Circuit {
    state: CircuitState,
    failures: i32,
    opened_at: Option<DateTime<Utc>>,
    probe_at: Option<DateTime<Utc>>,
    reason: Option<String>,
}

impl Circuit {
    pub(super) fn of(model: &gateway::Model) -> Self {
        Self {
            state: model.circuit_state,
            failures: model.circuit_failures,
            opened_at: model.circuit_opened_at,
            probe_at: model.circuit_probe_at,
            reason: model.circuit_reason.clone(),
        }
    }

    /// Whether something new may go through now.
    pub(super) fn passage(&self, now: DateTime<Utc>) -> Passage {
        match (self.state, self.probe_at) {
            (CircuitState::Closed, _) => Passage::Free,
            // A probe that never came back leaves its place to another.
            (CircuitState::Open | CircuitState::HalfOpen, Some(at)) if at > now => Passage::Shut,
            (CircuitState::Open | CircuitState::HalfOpen, _) => Passage::Probe,
        }
    }

    fn heed(&mut self, sign: &Sign, now: DateTime<Utc>) {
        match (sign, self.state) {
            (Sign::Healthy, CircuitState::Closed) => self.failures = 0,
            (Sign::Healthy, CircuitState::HalfOpen) => {
                *self = Self { state: CircuitState::Closed, failures: 0, opened_at: None, probe_at: None, reason: None };
            }
            (Sign::Fault(reason), CircuitState::Closed | CircuitState::HalfOpen) => {
                self.failures = self.failures.saturating_add(1);
                if self.state == CircuitState::HalfOpen || self.failures >= THRESHOLD {
                    self.state = CircuitState::Open;
                    self.opened_at = Some(now);
                    self.probe_at = Some(now + OPEN);
                    self.reason = Some(reason.chars().take(MAX_REASON).collect());
                }
            }
            // Stragglers from before it opened decide nothing.
            (_, CircuitState::Open) => {}
        }
    }
}

impl Billing {
    /// Heeds what a call came to, whatever was asked, and hands it on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn heed_gateway<T>(&self, id: GatewayId, answer: GatewayResult<T>) -> Result<GatewayResult<T>> {
        match &answer {
            Ok(_) => self.note_gateway_ok(id).await?,
            Err(fault) => self.note_gateway_fault(id, fault).await?,
        }
        Ok(answer)
    }

    /// Notes that a gateway answered. Costs nothing while this process has seen it work just now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_gateway_ok(&self, id: GatewayId) -> Result<()> {
        let now = self.now();
        if self.gateways.healthy.lock().get(&id).is_some_and(|noted| now - *noted < HEALTHY_EVERY) {
            return Ok(());
        }
        self.heed_gateway_sign(id, &Sign::Healthy).await
    }

    /// Notes that a gateway did not answer as it should; a refusal is an answer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_gateway_fault(&self, id: GatewayId, fault: &GatewayFault) -> Result<()> {
        match fault {
            GatewayFault::Unknown { .. } | GatewayFault::NotSent { .. } => {
                self.heed_gateway_sign(id, &Sign::Fault(fault.to_string())).await
            }
            GatewayFault::Refused { .. } | GatewayFault::KeyReused { .. } => self.note_gateway_ok(id).await,
        }
    }

    /// Takes the one probe of a gateway, if its time has come and nobody else took it.
    pub(super) async fn take_gateway_probe(&self, model: &gateway::Model) -> Result<bool> {
        use gateway::Column as C;
        let now = self.now();
        self.gateways.healthy.lock().remove(&model.id);
        let Some(due) = model.circuit_probe_at.filter(|at| *at <= now) else { return Ok(false) };
        let taken = gateway::Entity::update_many()
            .col_expr(C::CircuitState, Expr::value(CircuitState::HalfOpen))
            .col_expr(C::CircuitProbeAt, Expr::value(now + PROBE))
            .filter(C::Id.eq(model.id))
            .filter(C::CircuitState.eq(model.circuit_state))
            .filter(C::CircuitProbeAt.eq(due))
            .exec(self.store.write_pool())
            .await?;
        Ok(taken.rows_affected == 1)
    }

    /// Writes what a call told, and tells operators when the circuit opened or closed.
    async fn heed_gateway_sign(&self, id: GatewayId, sign: &Sign) -> Result<()> {
        use gateway::Column as C;
        let now = self.now();
        let mut tx = self.store.write_tx().await?;
        // Every payment that is inserted refers to this row: a weaker lock than exclusive lets them.
        let find = gateway::Entity::find_by_id(id).lock(LockType::NoKeyUpdate);
        let mut model = find.one(&*tx).await?.ok_or(Error::NotFound("gateway"))?;
        let before = Circuit::of(&model);
        let mut after = before.clone();
        after.heed(sign, now);
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
            let change = if after.state == CircuitState::Closed { "circuit_closed" } else { "circuit_opened" };
            model.circuit_state = after.state;
            model.circuit_failures = after.failures;
            model.circuit_reason.clone_from(&after.reason);
            tx.emit(self.gateway_event(&model, change));
            tracing::warn!(gateway.id = %id, circuit.state = %after.state, "the circuit of a gateway changed");
            metrics::counter!("billow_gateway_circuit_changes_total", "gateway" => model.code, "state" => after.state.as_str())
                .increment(1);
        }
        tx.commit().await?;
        let mut healthy = self.gateways.healthy.lock();
        if *sign == Sign::Healthy && after.state == CircuitState::Closed {
            healthy.insert(id, now);
        } else {
            healthy.remove(&id);
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
        Circuit { state: CircuitState::Closed, failures: 0, opened_at: None, probe_at: None, reason: None }
    }

    fn after(signs: &[Sign]) -> Circuit {
        let mut circuit = closed();
        for sign in signs {
            circuit.heed(sign, now());
        }
        circuit
    }

    fn fault() -> Sign {
        Sign::Fault("it hangs".into())
    }

    #[test]
    fn five_faults_in_a_row_open_it_and_four_do_not() {
        let mut signs = vec![fault(), fault(), fault(), fault(), Sign::Healthy, fault(), fault(), fault(), fault()];
        assert_eq!(after(&signs).passage(now()), Passage::Free);
        signs.push(fault());
        let circuit = after(&signs);
        assert_eq!((circuit.state, circuit.reason.as_deref()), (CircuitState::Open, Some("it hangs")));
        assert_eq!(circuit.passage(now() + Duration::seconds(59)), Passage::Shut);
        assert_eq!(circuit.passage(now() + Duration::seconds(60)), Passage::Probe);
    }

    #[test]
    fn stragglers_decide_nothing() {
        let open = after(&vec![fault(); 5]);
        let mut circuit = open.clone();
        circuit.heed(&Sign::Healthy, now());
        circuit.heed(&fault(), now());
        assert_eq!(circuit, open);
    }

    #[test]
    fn a_probe_that_fails_opens_it_for_another_minute_and_one_that_succeeds_closes_it() {
        let mut circuit = after(&vec![fault(); 5]);
        circuit.state = CircuitState::HalfOpen;
        circuit.probe_at = Some(now() + PROBE);
        assert_eq!(circuit.passage(now()), Passage::Shut, "one probe at a time");
        assert_eq!(circuit.passage(now() + PROBE), Passage::Probe, "a probe that never came back");
        let mut failed = circuit.clone();
        failed.heed(&fault(), now());
        assert_eq!((failed.state, failed.probe_at), (CircuitState::Open, Some(now() + OPEN)));
        circuit.heed(&Sign::Healthy, now());
        assert_eq!(circuit, closed());
    }
}
