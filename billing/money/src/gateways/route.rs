//! Which gateway takes a payment, and why: every gateway gets a verdict, in the order in which they are tried.

use billow_entities::{Currency, GatewayId, GatewayStatus, MethodKind, MethodStatus, gateway, payment_method};
use billow_kernel::Error;
use billow_kernel::circuit::{CircuitTable as _, Passage};
use billow_kernel::error::Result;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Gateways;
use super::circuit::GatewayCircuits;
use crate::gateway::GatewayAccess;

/// Looks at the gateways before a probe is left to others.
const MAX_LOOKS: usize = 5;

/// What a payment, or a method to be saved, needs of a gateway.
#[derive(Clone, Copy, Debug)]
pub struct RouteRequest<'a> {
    /// In which currency.
    pub currency: Currency,
    /// Which kind of method; none where the customer chooses on the gateway's page.
    pub kind: Option<MethodKind>,
    /// A saved method: only its own gateway can charge it.
    pub method: Option<&'a payment_method::Model>,
    /// Where it was tried before.
    pub tried: &'a [GatewayId],
}

/// Why this gateway: kept with each attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingDecision {
    /// Where it goes.
    pub chosen: Option<GatewayId>,
    /// All gateways, the first choice first.
    pub candidates: Vec<Candidate>,
}

/// A gateway that was considered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Which.
    pub gateway: GatewayId,
    /// Its short name.
    pub code: String,
    /// What came of it.
    pub verdict: Verdict,
    /// In words for an operator.
    pub reason: String,
}

/// What came of considering a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The payment goes there.
    Chosen,
    /// It could have gone there, had no other come first.
    Spare,
    /// It was tried there before.
    Tried,
    /// Nothing new goes there.
    Paused,
    /// The saved method is another gateway's.
    MethodIsElsewhere,
    /// It does not take the currency.
    Currency,
    /// It does not take the kind of method.
    Kind,
    /// It does not answer.
    CircuitOpen,
}

/// A decision, and how to go through the one that was chosen.
struct Decided {
    decision: RoutingDecision,
    chosen: Option<(usize, Passage)>,
}

/// Decides. `gateways` are in the order in which they are tried.
fn decide(gateways: &[gateway::Model], request: &RouteRequest<'_>, now: DateTime<Utc>) -> Result<Decided> {
    let mut decided = Decided { decision: RoutingDecision { chosen: None, candidates: Vec::with_capacity(gateways.len()) }, chosen: None };
    for (at, model) in gateways.iter().enumerate() {
        let passage = GatewayCircuits::circuit(model).passage(now);
        let (verdict, reason) = match obstacle(model, request, passage)? {
            Some(obstacle) => obstacle,
            None if decided.chosen.is_some() => (Verdict::Spare, "it would come next".to_owned()),
            None => {
                decided.chosen = Some((at, passage));
                decided.decision.chosen = Some(model.id);
                let why = match (request.method, passage) {
                    (_, Passage::Probe) => "it did not answer for a while, and this tries whether it does again",
                    (Some(_), _) => "the saved method is there",
                    (None, _) => "the first that takes it",
                };
                (Verdict::Chosen, why.to_owned())
            }
        };
        decided.decision.candidates.push(Candidate { gateway: model.id, code: model.code.clone(), verdict, reason });
    }
    Ok(decided)
}

/// What keeps a payment from a gateway; the lasting things come first.
fn obstacle(model: &gateway::Model, request: &RouteRequest<'_>, passage: Passage) -> Result<Option<(Verdict, String)>> {
    let kind = request.method.map(|m| m.kind).or(request.kind);
    let currencies: Vec<Currency> = serde_json::from_value(model.currencies.clone())?;
    let kinds: Vec<MethodKind> = serde_json::from_value(model.kinds.clone())?;
    Ok(if request.method.is_some_and(|method| method.gateway_id != model.id) {
        Some((Verdict::MethodIsElsewhere, "the saved method is another gateway's".to_owned()))
    } else if request.tried.contains(&model.id) {
        Some((Verdict::Tried, "it was tried there before".to_owned()))
    } else if model.status == GatewayStatus::Paused {
        Some((Verdict::Paused, "nothing new goes there until it is resumed".to_owned()))
    } else if !(currencies.is_empty() || currencies.contains(&request.currency)) {
        Some((Verdict::Currency, format!("it does not take {}", request.currency)))
    } else if let Some(kind) = kind.filter(|kind| !kinds.contains(kind)) {
        Some((Verdict::Kind, format!("it does not take {kind}")))
    } else if passage == Passage::Shut {
        let why = model.circuit_reason.as_deref().unwrap_or("no reason is known");
        Some((Verdict::CircuitOpen, format!("it does not answer: {why}")))
    } else {
        None
    })
}

/// Why nothing was chosen, for whoever pays.
fn nowhere(decision: &RoutingDecision, request: &RouteRequest<'_>) -> Error {
    if decision.candidates.iter().any(|c| c.verdict == Verdict::CircuitOpen) {
        return unavailable();
    }
    let message = match (request.method, request.kind) {
        (Some(_), _) => format!("This payment method cannot be charged in {} at the moment; please use another one.", request.currency),
        (None, Some(MethodKind::Card)) => format!("Cards cannot be charged in {} here at the moment.", request.currency),
        (None, Some(MethodKind::DirectDebit)) => format!("Direct debits in {} are not possible here at the moment.", request.currency),
        (None, None) => format!("Payments in {} are not possible here at the moment.", request.currency),
    };
    Error::invalid("NO_GATEWAY", "", message)
}

/// The gateway does not answer: a person can try again.
pub(crate) fn unavailable() -> Error {
    Error::invalid("GATEWAY_UNAVAILABLE", "", "The payment service does not answer at the moment. Please try again in a minute.")
}

impl Gateways {
    /// Chooses the gateway for `request`. Whoever is given one whose circuit is open goes there as its probe, and must tell what
    /// came of it ([`Self::record_gateway_ok`], [`Self::record_gateway_fault`]).
    ///
    /// Ask before the write transaction begins.
    ///
    /// # Errors
    /// `METHOD_NOT_READY` when the saved method cannot be charged; `GATEWAY_UNAVAILABLE` when those that take it do not
    /// answer; `NO_GATEWAY` when none takes it.
    pub async fn route(&self, request: RouteRequest<'_>) -> Result<(GatewayAccess, RoutingDecision)> {
        if request.method.is_some_and(|m| m.status != MethodStatus::Ready || m.removed_at.is_some()) {
            return Err(super::not_ready());
        }
        for _ in 0..MAX_LOOKS {
            let gateways = self.gateways_by_rank().await?;
            let Decided { decision, chosen } = decide(&gateways, &request, self.clock.now())?;
            let Some((at, passage)) = chosen else {
                tracing::warn!(decision = ?decision, "no gateway takes it");
                return Err(nowhere(&decision, &request));
            };
            // Somebody else may have taken the probe meanwhile: then look again.
            if passage == Passage::Free || self.take_gateway_probe(&gateways[at]).await? {
                return Ok((self.access_of(&gateways[at])?, decision));
            }
        }
        Err(unavailable())
    }
}

#[cfg(test)]
mod tests {
    use billow_entities::{CircuitState, GatewayAdapter};
    use chrono::Duration;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-21T09:00:00Z".parse().expect("an instant")
    }

    fn id(n: u128) -> GatewayId {
        GatewayId(Uuid::from_u128(n))
    }

    fn gateway(n: u128, change: impl FnOnce(&mut gateway::Model)) -> gateway::Model {
        let mut model = gateway::Model {
            id: id(n),
            code: format!("g{n}"),
            name: format!("Gateway {n}"),
            adapter: GatewayAdapter::Sandbox,
            status: GatewayStatus::Active,
            rank: 0,
            currencies: json!([]),
            kinds: json!(["CARD", "DIRECT_DEBIT"]),
            settings: json!({}),
            credentials_enc: None,
            circuit_state: CircuitState::Closed,
            circuit_failures: 0,
            circuit_opened_at: None,
            circuit_probe_at: None,
            circuit_reason: None,
            last_success_at: None,
            tested_at: None,
            test_result: None,
            test_message: None,
            test_account_id: None,
            test_account_name: None,
            created_at: now(),
            updated_at: now(),
        };
        change(&mut model);
        model
    }

    fn open(n: u128, probe_in_s: i64) -> gateway::Model {
        gateway(n, |g| {
            g.circuit_state = CircuitState::Open;
            g.circuit_probe_at = Some(now() + Duration::seconds(probe_in_s));
        })
    }

    fn method(of: u128, kind: MethodKind) -> payment_method::Model {
        payment_method::Model {
            id: Uuid::nil().into(),
            customer_id: Uuid::nil().into(),
            gateway_id: id(of),
            kind,
            status: MethodStatus::Ready,
            status_reason: None,
            brand: None,
            last4: None,
            exp_month: None,
            exp_year: None,
            label: None,
            external_id: None,
            setup_id: None,
            action_url: None,
            mandate_id: None,
            is_default: false,
            wants_default: false,
            expiry_told: None,
            check_at: None,
            checks: 0,
            lease_until: None,
            fence: 0,
            created_at: now(),
            updated_at: now(),
            removed_at: None,
        }
    }

    /// The verdicts in order, and the code of the error where nothing was chosen.
    fn told(gateways: &[gateway::Model], request: &RouteRequest<'_>) -> (Vec<Verdict>, Option<String>) {
        let Decided { decision, chosen } = decide(gateways, request, now()).expect("a decision");
        assert_eq!(decision.chosen, chosen.map(|(at, _)| gateways[at].id));
        let code = decision.chosen.is_none().then(|| match nowhere(&decision, request) {
            Error::Invalid(errors) => errors[0].code.to_string(),
            other => panic!("{other}"),
        });
        (decision.candidates.into_iter().map(|c| c.verdict).collect(), code)
    }

    #[test]
    fn the_first_that_takes_it_is_chosen_and_every_other_is_told_why_not() {
        use Verdict::{Chosen, CircuitOpen, Currency as OtherCurrency, Kind, MethodIsElsewhere, Paused, Spare, Tried};
        let eur: Currency = "EUR".parse().expect("a currency");
        let plain = || gateway(9, |_| {});
        let paused = || gateway(1, |g| g.status = GatewayStatus::Paused);
        let dollars = || gateway(2, |g| g.currencies = json!(["USD", "CAD"]));
        let euros = || gateway(3, |g| g.currencies = json!(["USD", "EUR"]));
        let debits = || gateway(4, |g| g.kinds = json!(["DIRECT_DEBIT"]));
        let (card_at_9, card_at_4) = (method(9, MethodKind::Card), method(4, MethodKind::Card));
        let request = RouteRequest { currency: eur, kind: Some(MethodKind::Card), method: None, tried: &[] };
        let page = RouteRequest { kind: None, ..request };
        let debit = RouteRequest { kind: Some(MethodKind::DirectDebit), ..request };
        let again = RouteRequest { tried: &[id(9)], ..request };
        let saved = RouteRequest { kind: None, method: Some(&card_at_9), ..request };
        let saved_wrongly = RouteRequest { kind: None, method: Some(&card_at_4), ..request };
        let saved_again = RouteRequest { tried: &[id(9)], ..saved };
        let cases = [
            ("a choice of two", vec![plain(), euros()], &request, vec![Chosen, Spare], None),
            ("one is paused", vec![paused(), plain()], &request, vec![Paused, Chosen], None),
            ("one takes other currencies", vec![dollars(), euros()], &request, vec![OtherCurrency, Chosen], None),
            ("one takes other kinds", vec![debits(), plain()], &request, vec![Kind, Chosen], None),
            ("any kind will do on a page", vec![debits(), plain()], &page, vec![Chosen, Spare], None),
            ("a direct debit", vec![debits(), plain()], &debit, vec![Chosen, Spare], None),
            ("tried before", vec![plain(), euros()], &again, vec![Tried, Chosen], None),
            ("open", vec![open(1, 1), plain()], &request, vec![CircuitOpen, Chosen], None),
            ("open, and time for a probe", vec![open(1, 0), plain()], &request, vec![Chosen, Spare], None),
            ("a saved method pins its gateway", vec![euros(), plain()], &saved, vec![MethodIsElsewhere, Chosen], None),
            (
                "paused comes before open",
                vec![gateway(1, |g| *g = gateway::Model { status: GatewayStatus::Paused, ..open(1, 1) })],
                &request,
                vec![Paused],
                Some("NO_GATEWAY"),
            ),
            ("none is there", vec![], &request, vec![], Some("NO_GATEWAY")),
            ("none takes it", vec![dollars(), debits()], &request, vec![OtherCurrency, Kind], Some("NO_GATEWAY")),
            ("all were tried", vec![plain()], &again, vec![Tried], Some("NO_GATEWAY")),
            ("the only one is open", vec![paused(), open(5, 30)], &request, vec![Paused, CircuitOpen], Some("GATEWAY_UNAVAILABLE")),
            (
                "a saved method is never tried elsewhere",
                vec![euros(), plain()],
                &saved_again,
                vec![MethodIsElsewhere, Tried],
                Some("NO_GATEWAY"),
            ),
            ("a saved method's kind counts", vec![debits(), plain()], &saved_wrongly, vec![Kind, MethodIsElsewhere], Some("NO_GATEWAY")),
        ];
        for (name, gateways, request, verdicts, code) in cases {
            assert_eq!(told(&gateways, request), (verdicts, code.map(str::to_owned)), "{name}");
        }
    }

    #[test]
    fn a_decision_is_kept_as_it_is_documented() {
        let request = RouteRequest { currency: "EUR".parse().expect("a currency"), kind: None, method: None, tried: &[] };
        let decided = decide(&[open(1, 60), gateway(2, |_| {})], &request, now()).expect("a decision");
        let stored = serde_json::to_value(&decided.decision).expect("JSON");
        assert_eq!(stored["chosen"], json!(id(2)));
        assert_eq!(stored["candidates"][0]["verdict"], "circuit_open");
        assert_eq!(
            stored["candidates"][1],
            json!({"gateway": id(2), "code": "g2", "verdict": "chosen", "reason": "the first that takes it"})
        );
        assert_eq!(serde_json::from_value::<RoutingDecision>(stored).expect("read"), decided.decision);
    }
}
