//! Charges by a saved method.

use billow_billing::ports::{ChargeSource, ChargeState, Gateway as _, GatewayFault};
use billow_entities::DeclineKind;
use billow_sandbox::CardLogKind;

use crate::rig::{RETURN_URL, Rig};

pub async fn a_saved_card_is_charged_and_told_with_our_ids(rig: &Rig) {
    let charge = rig.charged("att_1", "pm_card_visa", 4_200).await;
    assert_eq!(charge.state, ChargeState::Succeeded);
    assert_eq!(charge.attempt.as_deref(), Some("att_1"));
    assert_eq!((charge.amount_minor, charge.currency.as_str()), (4_200, "EUR"));
    assert!(charge.fee_minor.is_some_and(|fee| (0..4_200).contains(&fee)), "{charge:?}");
    assert_eq!(charge.refunded_minor, Some(0));
    let age = rig.now() - charge.created_at.expect("a time");
    assert!(age.num_seconds().abs() < 60, "{age}");
    assert_eq!(rig.gateway.charge_state(&rig.at, &charge.id).await, Ok(charge));
}

pub async fn a_decline_is_an_answer(rig: &Rig) {
    let charge = rig.charged("att_1", "pm_card_chargeDeclined", 4_200).await;
    let ChargeState::Failed(decline) = &charge.state else { panic!("{charge:?}") };
    assert_eq!(decline.kind, DeclineKind::DoNotHonor);
    assert!(!decline.message.is_empty() && decline.code.is_some(), "{decline:?}");
    assert_eq!((charge.attempt.as_deref(), charge.amount_minor), (Some("att_1"), 4_200));
    assert!(!charge.id.is_empty());
}

pub async fn each_decline_has_its_kind(rig: &Rig) {
    let cases = [
        ("pm_card_chargeDeclinedInsufficientFunds", DeclineKind::InsufficientFunds, "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", DeclineKind::CardExpired, "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", DeclineKind::InvalidMethod, "incorrect_cvc"),
        ("pm_card_chargeDeclinedLostCard", DeclineKind::Fraud, "lost_card"),
        ("pm_card_chargeDeclinedFraudulent", DeclineKind::Fraud, "fraudulent"),
        ("pm_card_processingError", DeclineKind::ProcessingError, "processing_error"),
        ("pm_card_authenticationRequired", DeclineKind::AuthenticationRequired, "authentication_required"),
        ("pm_card_chargeDeclined", DeclineKind::DoNotHonor, "generic_decline"),
    ];
    for (token, kind, code) in cases {
        let charge = rig.charged(token, token, 100).await;
        let ChargeState::Failed(decline) = &charge.state else { panic!("{token}: {charge:?}") };
        assert_eq!((decline.kind, decline.code.as_deref()), (kind, Some(code)), "{token}");
        // Asked for again it says the same.
        assert_eq!(rig.gateway.charge_state(&rig.at, &charge.id).await.expect("an answer").state, charge.state, "{token}");
        assert_eq!(rig.times_charged(token), 0, "{token}");
    }
}

pub async fn a_payment_nobody_knows_is_refused(rig: &Rig) {
    for id in ["pi_unknown", "../customers", "", "pi_1?x=y"] {
        let answer = rig.gateway.charge_state(&rig.at, id).await;
        assert!(matches!(answer, Err(GatewayFault::Refused { .. })), "{id}: {answer:?}");
    }
}

pub async fn a_method_nobody_knows_is_refused(rig: &Rig) {
    let customer = rig.customer().await;
    let new = rig.charge_of("att_1", &(customer, "pm_unknown".into()), 100);
    let answer = rig.gateway.charge(&rig.at, "att_1", &new).await;
    assert!(matches!(answer, Err(GatewayFault::Refused { .. })), "{answer:?}");
    assert_eq!(rig.gateway.find_charge(&rig.at, "att_1", rig.now()).await, Ok(None));
}

pub async fn a_payment_that_waits_for_its_customer_can_be_called_off(rig: &Rig) {
    let saved = rig.saved("pm_card_authenticationRequired").await;
    let mut new = rig.charge_of("att_1", &saved, 100);
    if let ChargeSource::Method { on_session, .. } = &mut new.source {
        *on_session = Some(RETURN_URL.into());
    }
    let charge = rig.gateway.charge(&rig.at, "att_1", &new).await.expect("an answer");
    assert!(matches!(charge.state, ChargeState::RequiresAction { .. }), "{charge:?}");
    let cancelled = rig.gateway.cancel_charge(&rig.at, "cancel:att_1", &charge.id).await.expect("an answer");
    assert_eq!((cancelled.state, cancelled.id), (ChargeState::Cancelled, charge.id.clone()));
    // Again, also with another key: it stands as it stands.
    let again = rig.gateway.cancel_charge(&rig.at, "cancel:again", &charge.id).await.expect("an answer");
    assert_eq!(again.state, ChargeState::Cancelled);
}

pub async fn a_payment_that_succeeded_cannot_be_called_off(rig: &Rig) {
    let charge = rig.charged("att_1", "pm_card_visa", 100).await;
    let answer = rig.gateway.cancel_charge(&rig.at, "cancel:att_1", &charge.id).await;
    assert_eq!(answer.expect("an answer").state, ChargeState::Succeeded);
}

pub async fn a_card_that_asks_is_declined_without_its_owner_and_confirmed_with_them(rig: &Rig) {
    let saved = rig.saved("pm_card_authenticationRequired").await;
    for (attempt, action, expected) in [("att_1", "confirm", "paid"), ("att_2", "refuse", "failed")] {
        let mut new = rig.charge_of(attempt, &saved, 100);
        if let ChargeSource::Method { on_session, .. } = &mut new.source {
            *on_session = Some(RETURN_URL.into());
        }
        let charge = rig.gateway.charge(&rig.at, attempt, &new).await.expect("an answer");
        let ChargeState::RequiresAction { url: Some(url) } = &charge.state else { panic!("{charge:?}") };
        assert_eq!(rig.times_charged(attempt), 0);
        assert_eq!(rig.press(url, &[("action", action)]).await, RETURN_URL);
        let state = rig.gateway.charge_state(&rig.at, &charge.id).await.expect("an answer").state;
        match (expected, state) {
            ("paid", ChargeState::Succeeded) => assert_eq!(rig.times_charged(attempt), 1),
            ("failed", ChargeState::Failed(decline)) => assert_eq!(decline.kind, DeclineKind::AuthenticationRequired),
            (_, state) => panic!("{attempt}: {state:?}"),
        }
    }
}

pub async fn a_currency_that_is_counted_otherwise_is_not_charged(rig: &Rig) {
    let saved = rig.saved("pm_card_visa").await;
    let mut new = rig.charge_of("att_1", &saved, 100);
    new.currency = "ISK".parse().expect("a currency");
    let answer = rig.gateway.charge(&rig.at, "att_1", &new).await;
    assert!(matches!(&answer, Err(GatewayFault::Refused { code: Some(code), .. }) if code == "currency_not_supported"), "{answer:?}");
    assert!(rig.world().card_log().iter().all(|e| e.kind != CardLogKind::Charged));
}

pub async fn a_wrong_key_is_refused_and_told_to_nobody(rig: &Rig) {
    let wrong = crate::rig::access(rig.at.settings.base_url.clone(), "wrong_key_4711", "whsec_4711", false);
    let answer = rig.gateway.charge_state(&wrong, "pi_1").await;
    let Err(fault @ GatewayFault::Refused { .. }) = answer else { panic!("{answer:?}") };
    assert!(!format!("{fault:?} {fault}").contains("4711"), "{fault}");
}
