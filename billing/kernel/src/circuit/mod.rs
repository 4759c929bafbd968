//! A circuit breaker: after several faults in a row nothing new goes to who failed, then one probe at a time does.
//!
//! Deciding is pure. Whoever has one keeps its columns in a row of theirs, so that all processes share it, and takes the
//! probe by an update that names the state it was decided on, so that there is exactly one.

mod rows;

use billow_entities::CircuitState;
use chrono::{DateTime, Duration, Utc};

pub use rows::{Calls, CircuitColumns, CircuitTable, give_back_probe, heed, take_probe};

/// Characters of a reason that are kept.
const MAX_REASON: usize = 500;

/// What a call told about who was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// They answered as they should, whatever the answer.
    Healthy,
    /// They did not; why, in words for an operator.
    Fault(String),
}

/// Whether something new may go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// It may.
    Free,
    /// One may, as the probe.
    Probe,
    /// It may not.
    Shut,
}

/// How patient a circuit is.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Faults in a row that open it.
    pub threshold: i32,
    /// The first wait before a probe; it doubles each time the circuit opens again before it has closed.
    pub first_wait: Duration,
    /// The longest.
    pub longest_wait: Duration,
}

/// The columns of a circuit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circuit {
    pub state: CircuitState,
    pub failures: i32,
    /// How often it opened since it was last closed; whoever keeps no such column begins at nought each time, and always
    /// waits the first wait.
    pub trips: i32,
    pub opened_at: Option<DateTime<Utc>>,
    pub probe_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
}

impl Circuit {
    /// One through which everything may go.
    pub const CLOSED: Self = Self { state: CircuitState::Closed, failures: 0, trips: 0, opened_at: None, probe_at: None, reason: None };

    /// Whether something new may go through now.
    pub fn passage(&self, now: DateTime<Utc>) -> Passage {
        match (self.state, self.probe_at) {
            (CircuitState::Closed, _) => Passage::Free,
            // A probe that never came back leaves its place to another.
            (CircuitState::Open | CircuitState::HalfOpen, Some(at)) if at > now => Passage::Shut,
            (CircuitState::Open | CircuitState::HalfOpen, _) => Passage::Probe,
        }
    }

    /// Takes in what a call told. `probe` says that the call may have been the probe.
    pub fn heed(&mut self, sign: &Sign, patience: &Patience, probe: bool, now: DateTime<Utc>) {
        match (sign, self.state) {
            (Sign::Healthy, CircuitState::Closed) => {
                self.failures = 0;
                self.trips = 0;
            }
            (Sign::Healthy, CircuitState::HalfOpen) if probe => *self = Self::CLOSED,
            (Sign::Fault(reason), CircuitState::Closed) => {
                self.failures = self.failures.saturating_add(1);
                if self.failures >= patience.threshold {
                    self.open(reason, patience, now);
                }
            }
            (Sign::Fault(reason), CircuitState::HalfOpen) if probe => {
                self.failures = self.failures.saturating_add(1);
                self.open(reason, patience, now);
            }
            // Stragglers from before it opened decide nothing.
            (_, CircuitState::Open | CircuitState::HalfOpen) => {}
        }
    }

    fn open(&mut self, reason: &str, patience: &Patience, now: DateTime<Utc>) {
        self.trips = self.trips.saturating_add(1);
        let wait = patience.first_wait * (1 << (self.trips - 1).clamp(0, 16));
        self.state = CircuitState::Open;
        self.opened_at = Some(now);
        self.probe_at = Some(now + wait.min(patience.longest_wait));
        self.reason = Some(reason.chars().take(MAX_REASON).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { threshold: 3, first_wait: Duration::minutes(1), longest_wait: Duration::minutes(60) };

    fn now() -> DateTime<Utc> {
        "2026-11-21T09:00:00Z".parse().expect("an instant")
    }

    fn fault() -> Sign {
        Sign::Fault("it hangs".into())
    }

    fn after(signs: &[Sign]) -> Circuit {
        let mut circuit = Circuit::CLOSED;
        for sign in signs {
            circuit.heed(sign, &PATIENCE, false, now());
        }
        circuit
    }

    #[test]
    fn it_opens_after_faults_in_a_row_only() {
        let mut signs = vec![fault(), fault(), Sign::Healthy, fault(), fault()];
        let closed = after(&signs);
        assert_eq!((closed.state, closed.failures, closed.passage(now())), (CircuitState::Closed, 2, Passage::Free));
        signs.push(fault());
        let open = after(&signs);
        assert_eq!((open.state, open.reason.as_deref()), (CircuitState::Open, Some("it hangs")));
        assert_eq!(open.passage(now() + Duration::seconds(59)), Passage::Shut);
        assert_eq!(open.passage(now() + Duration::seconds(60)), Passage::Probe);
    }

    #[test]
    fn stragglers_decide_nothing() {
        let mut circuit = after(&[fault(), fault(), fault()]);
        for state in [CircuitState::Open, CircuitState::HalfOpen] {
            circuit.state = state;
            let before = circuit.clone();
            circuit.heed(&Sign::Healthy, &PATIENCE, false, now());
            circuit.heed(&fault(), &PATIENCE, false, now());
            assert_eq!(circuit, before);
        }
    }

    #[test]
    fn one_probe_at_a_time_and_another_when_it_never_came_back() {
        let mut circuit = after(&[fault(), fault(), fault()]);
        circuit.state = CircuitState::HalfOpen;
        circuit.probe_at = Some(now() + Duration::minutes(2));
        assert_eq!(circuit.passage(now()), Passage::Shut);
        assert_eq!(circuit.passage(now() + Duration::minutes(2)), Passage::Probe);
    }

    #[test]
    fn a_probe_that_fails_doubles_the_wait_and_one_that_succeeds_closes() {
        let mut circuit = after(&[fault(), fault(), fault()]);
        for minutes in [2, 4, 8, 16, 32, 60, 60, 60] {
            circuit.state = CircuitState::HalfOpen;
            circuit.heed(&fault(), &PATIENCE, true, now());
            assert_eq!((circuit.state, circuit.probe_at), (CircuitState::Open, Some(now() + Duration::minutes(minutes))));
        }
        circuit.state = CircuitState::HalfOpen;
        circuit.heed(&Sign::Healthy, &PATIENCE, true, now());
        assert_eq!(circuit, Circuit::CLOSED);
    }
}
