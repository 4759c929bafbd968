//! Money given back.

use billow_billing::ports::{Gateway as _, GatewayFault, GatewayRefundState, NewGatewayRefund};
use chrono::TimeDelta;

use crate::rig::Rig;

fn part(charge: &str, reference: &str, amount_minor: i64) -> NewGatewayRefund {
    NewGatewayRefund { charge_id: charge.into(), reference: reference.into(), amount_minor }
}

pub async fn money_is_given_back_in_parts(rig: &Rig) {
    let charge = rig.charged("att_1", "pm_card_visa", 1_000).await;
    assert!(rig.gateway.refunds_of(&rig.at, &charge.id).await.expect("a list").is_empty());
    for (reference, amount) in [("rfd_1", 400), ("rfd_2", 600)] {
        let made = rig.gateway.refund(&rig.at, reference, &part(&charge.id, reference, amount)).await.expect("a refund");
        assert_eq!((made.amount_minor, made.reference.as_deref()), (amount, Some(reference)));
        assert_eq!(made.state, GatewayRefundState::Succeeded);
        assert_eq!(rig.gateway.refund_state(&rig.at, &made.id).await, Ok(made));
    }
    let all = rig.gateway.refunds_of(&rig.at, &charge.id).await.expect("a list");
    assert_eq!(all.iter().map(|r| r.amount_minor).sum::<i64>(), 1_000);
    assert_eq!(rig.gateway.charge_state(&rig.at, &charge.id).await.expect("a charge").refunded_minor, Some(1_000));
}

pub async fn a_declined_payment_has_nothing_to_give_back(rig: &Rig) {
    rig.charged("att_1", "pm_card_chargeDeclined", 1_000).await;
    let since = rig.now() - TimeDelta::minutes(1);
    let declined = rig.gateway.find_charge(&rig.at, "att_1", since).await.expect("an answer").expect("a charge");
    let answer = rig.gateway.refund(&rig.at, "rfd_1", &part(&declined.id, "rfd_1", 100)).await;
    assert!(matches!(answer, Err(GatewayFault::Refused { .. })), "{answer:?}");
}

pub async fn more_than_was_paid_is_not_given_back(rig: &Rig) {
    let charge = rig.charged("att_1", "pm_card_visa", 1_000).await;
    rig.gateway.refund(&rig.at, "rfd_1", &part(&charge.id, "rfd_1", 900)).await.expect("a refund");
    for (reference, amount) in [("rfd_2", 101), ("rfd_3", 1_000)] {
        let answer = rig.gateway.refund(&rig.at, reference, &part(&charge.id, reference, amount)).await;
        assert!(matches!(answer, Err(GatewayFault::Refused { code: Some(_), .. })), "{answer:?}");
    }
    assert_eq!(rig.gateway.refunds_of(&rig.at, &charge.id).await.expect("a list").len(), 1);
}

pub async fn a_refund_can_take_days_and_can_come_back(rig: &Rig) {
    let slow = rig.charged("att_1", "pm_card_pendingRefund", 1_000).await;
    let pending = rig.gateway.refund(&rig.at, "rfd_1", &part(&slow.id, "rfd_1", 1_000)).await.expect("a refund");
    assert_eq!(pending.state, GatewayRefundState::Pending);
    let bad = rig.charged("att_2", "pm_card_refundFail", 1_000).await;
    let returned = rig.gateway.refund(&rig.at, "rfd_2", &part(&bad.id, "rfd_2", 1_000)).await.expect("a refund");
    assert_eq!(returned.state, GatewayRefundState::Succeeded);
    rig.pass(TimeDelta::days(3));
    assert_eq!(rig.gateway.refund_state(&rig.at, &pending.id).await.expect("a refund").state, GatewayRefundState::Succeeded);
    let state = rig.gateway.refund_state(&rig.at, &returned.id).await.expect("a refund").state;
    assert!(matches!(state, GatewayRefundState::Failed { .. }), "{state:?}");
    assert_eq!(rig.gateway.charge_state(&rig.at, &bad.id).await.expect("a charge").refunded_minor, Some(0));
}
