//! Direct debits, which take banks days.

use billow_billing::ports::{ChargeSource, ChargeState, Gateway as _, SetupSource, SetupState};
use billow_entities::{DeclineKind, MethodKind};
use chrono::TimeDelta;

use crate::rig::Rig;

async fn debited(rig: &Rig, attempt: &str, token: &str) -> billow_billing::ports::Charge {
    let customer = rig.customer().await;
    let new = rig.setup(&customer, MethodKind::DirectDebit, SetupSource::Token(token.to_owned().into()));
    let setup = rig.gateway.start_setup(&rig.at, &format!("setup:{attempt}"), &new).await.expect("a setup");
    let method = setup.method.expect("a method");
    let mut charge = rig.charge_of(attempt, &(customer, method.id), 8_000);
    if let ChargeSource::Method { kind, mandate, .. } = &mut charge.source {
        (*kind, *mandate) = (MethodKind::DirectDebit, method.mandate_id);
    }
    rig.gateway.charge(&rig.at, attempt, &charge).await.expect("an answer")
}

pub async fn a_debit_is_processing_for_days_and_then_paid(rig: &Rig) {
    let charge = debited(rig, "att_1", "pm_sepaDebit_success").await;
    assert_eq!((charge.state, charge.fee_minor), (ChargeState::Processing, None));
    assert_eq!(rig.times_charged("att_1"), 0);
    // What is on its way cannot be called off.
    let cancelled = rig.gateway.cancel_charge(&rig.at, "cancel:att_1", &charge.id).await.expect("an answer");
    assert_eq!(cancelled.state, ChargeState::Processing);
    rig.pass(TimeDelta::days(3));
    let settled = rig.gateway.charge_state(&rig.at, &charge.id).await.expect("an answer");
    assert_eq!((settled.state, settled.fee_minor), (ChargeState::Succeeded, Some(35)));
    assert_eq!(rig.times_charged("att_1"), 1);
}

pub async fn a_debit_can_fail_after_days(rig: &Rig) {
    let cases = [("pm_sepaDebit_failed", DeclineKind::InsufficientFunds), ("pm_sepaDebit_closed", DeclineKind::InvalidMethod)];
    for (token, kind) in cases {
        let charge = debited(rig, token, token).await;
        assert_eq!(charge.state, ChargeState::Processing, "{token}");
        rig.pass(TimeDelta::days(3));
        let settled = rig.gateway.charge_state(&rig.at, &charge.id).await.expect("an answer");
        assert!(matches!(&settled.state, ChargeState::Failed(decline) if decline.kind == kind), "{token}: {settled:?}");
        assert_eq!(rig.times_charged(token), 0, "{token}");
    }
}

pub async fn a_debit_is_set_up_with_a_mandate(rig: &Rig) {
    let customer = rig.customer().await;
    let new = rig.setup(&customer, MethodKind::DirectDebit, SetupSource::Token("pm_sepaDebit_success".to_owned().into()));
    let setup = rig.gateway.start_setup(&rig.at, "setup:1", &new).await.expect("a setup");
    assert_eq!(setup.state, SetupState::Ready);
    let method = setup.method.expect("a method");
    assert!(method.mandate_id.is_some_and(|id| id.starts_with("mandate_")));
    assert_eq!((method.last4.as_deref(), method.exp_year), (Some("3201"), None));
}
