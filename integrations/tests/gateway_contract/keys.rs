//! Idempotency keys.

use billow_billing::ports::{ChargeState, Gateway as _, GatewayFault, GatewayMode, KEY_REFUSED, NewGatewayRefund, SetupSource};
use billow_entities::MethodKind;
use billow_sandbox::{CardCall, CardFault, CardLogKind};
use chrono::TimeDelta;

use crate::rig::{Rig, access};

pub async fn the_same_call_twice_is_one_charge(rig: &Rig) {
    let saved = rig.saved("pm_card_visa").await;
    let new = rig.charge_of("att_1", &saved, 100);
    let first = rig.gateway.charge(&rig.at, "att_1", &new).await.expect("an answer");
    for _ in 0..3 {
        assert_eq!(rig.gateway.charge(&rig.at, "att_1", &new).await, Ok(first.clone()));
    }
    assert_eq!(rig.times_charged("att_1"), 1);
    let declined = rig.saved("pm_card_chargeDeclined").await;
    let new = rig.charge_of("att_2", &declined, 100);
    let first = rig.gateway.charge(&rig.at, "att_2", &new).await.expect("an answer");
    assert_eq!(rig.gateway.charge(&rig.at, "att_2", &new).await, Ok(first));
    let declines = rig.world().card_log().iter().filter(|e| e.kind == CardLogKind::Declined).count();
    assert_eq!(declines, 1, "the bank was asked once");
    // A key is forgotten after a day: whoever uses it later charges again, which is why nobody may.
    rig.pass(TimeDelta::hours(25));
    rig.gateway.charge(&rig.at, "att_1", &rig.charge_of("att_1", &saved, 100)).await.expect("an answer");
    assert_eq!(rig.times_charged("att_1"), 2);
}

pub async fn a_key_with_other_content_is_refused(rig: &Rig) {
    let saved = rig.saved("pm_card_visa").await;
    rig.gateway.charge(&rig.at, "att_1", &rig.charge_of("att_1", &saved, 100)).await.expect("an answer");
    let answer = rig.gateway.charge(&rig.at, "att_1", &rig.charge_of("att_1", &saved, 101)).await;
    assert!(matches!(answer, Err(GatewayFault::KeyReused { .. })), "{answer:?}");
    assert_eq!(rig.times_charged("att_1"), 1);
}

pub async fn a_key_in_use_is_unknown(rig: &Rig) {
    let saved = rig.saved("pm_card_visa").await;
    rig.world().set_card_latency(Some(std::time::Duration::from_millis(200)));
    let new = rig.charge_of("att_1", &saved, 100);
    let (one, two) = tokio::join!(rig.gateway.charge(&rig.at, "att_1", &new), rig.gateway.charge(&rig.at, "att_1", &new));
    let (paid, turned_away) = if one.is_ok() { (one, two) } else { (two, one) };
    assert_eq!(paid.expect("an answer").state, ChargeState::Succeeded);
    assert!(matches!(turned_away, Err(GatewayFault::Unknown { .. })), "{turned_away:?}");
    assert_eq!(rig.times_charged("att_1"), 1);
}

pub async fn a_kept_server_error_stays_one(rig: &Rig) {
    let saved = rig.saved("pm_card_visa").await;
    for (attempt, carried_out) in [("att_1", false), ("att_2", true)] {
        rig.world().script_card(Some(CardCall::Charge), CardFault::ServerError { carried_out }, 1);
        let new = rig.charge_of(attempt, &saved, 100);
        for _ in 0..2 {
            let answer = rig.gateway.charge(&rig.at, attempt, &new).await;
            assert!(matches!(answer, Err(GatewayFault::Unknown { .. })), "{answer:?}");
        }
        let found = rig.gateway.find_charge(&rig.at, attempt, rig.now()).await.expect("an answer");
        assert_eq!(found.is_some(), carried_out);
        assert_eq!(rig.times_charged(attempt), usize::from(carried_out));
    }
}

pub async fn a_refused_call_keeps_nothing(rig: &Rig) {
    let (customer, method) = rig.saved("pm_card_visa").await;
    let wrong = rig.charge_of("att_1", &(customer.clone(), "pm_unknown".into()), 100);
    let answer = rig.gateway.charge(&rig.at, "att_1", &wrong).await;
    assert!(matches!(answer, Err(GatewayFault::Refused { .. })), "{answer:?}");
    let mended = rig.charge_of("att_1", &(customer, method), 100);
    assert_eq!(rig.gateway.charge(&rig.at, "att_1", &mended).await.expect("an answer").state, ChargeState::Succeeded);
}

pub async fn customers_setups_and_refunds_are_made_once(rig: &Rig) {
    assert_eq!(rig.customer().await, rig.customer().await);
    let customer = rig.customer().await;
    let new = rig.setup(&customer, MethodKind::Card, SetupSource::Token("pm_card_visa".to_owned().into()));
    let first = rig.gateway.start_setup(&rig.at, "setup:1", &new).await;
    assert_eq!(rig.gateway.start_setup(&rig.at, "setup:1", &new).await, first);
    let charge = rig.charged("att_1", "pm_card_visa", 100).await;
    let refund = NewGatewayRefund { charge_id: charge.id.clone(), reference: "rfd_1".into(), amount_minor: 60 };
    let first = rig.gateway.refund(&rig.at, "rfd_1", &refund).await;
    assert_eq!(rig.gateway.refund(&rig.at, "rfd_1", &refund).await, first);
    assert_eq!(rig.gateway.refunds_of(&rig.at, &charge.id).await.expect("a list").len(), 1);
    assert_eq!(rig.world().card_log().iter().filter(|e| e.kind == CardLogKind::Refunded).count(), 1);
}

pub async fn the_account_of_a_key_is_read(rig: &Rig) {
    let account = rig.gateway.account(&rig.at).await.expect("an account");
    assert_eq!((account.id.as_str(), account.name.as_deref(), account.can_charge), ("acct_sandbox", Some("Sandbox Cards"), Some(true)));
    assert_eq!(rig.gateway.mode(&rig.at.credentials), Some(GatewayMode::Test));
    let other = access(rig.at.settings.base_url.clone(), "sk_test_of_somebody_else", "whsec_1234", true);
    let answer = rig.gateway.account(&other).await;
    assert!(matches!(&answer, Err(GatewayFault::Refused { code: Some(code), .. }) if code == KEY_REFUSED), "{answer:?}");
}
