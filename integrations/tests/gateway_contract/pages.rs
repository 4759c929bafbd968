//! Pages on which people pay.

use billow_billing::ports::{Charge, ChargeSource, ChargeState, Gateway as _, GatewayFault, NewGatewayRefund};
use billow_entities::DeclineKind;
use chrono::TimeDelta;

use crate::rig::{RETURN_URL, Rig};

/// A page to pay on, and where it is.
async fn page(rig: &Rig, attempt: &str) -> (Charge, String) {
    let mut new = rig.charge_of(attempt, &("cus".into(), "pm".into()), 2_500);
    new.source = ChargeSource::HostedPage { customer: Some(rig.customer().await), return_url: RETURN_URL.into() };
    let charge = rig.gateway.charge(&rig.at, attempt, &new).await.expect("a page");
    let ChargeState::RequiresAction { url: Some(url) } = charge.state.clone() else { panic!("{charge:?}") };
    assert_eq!((charge.attempt.as_deref(), charge.amount_minor, charge.currency.as_str()), (Some(attempt), 2_500, "EUR"));
    (charge, url)
}

async fn state(rig: &Rig, id: &str) -> Charge {
    rig.gateway.charge_state(&rig.at, id).await.expect("an answer")
}

pub async fn a_page_is_paid_on(rig: &Rig) {
    let (charge, url) = page(rig, "att_1").await;
    assert_eq!(state(rig, &charge.id).await, charge);
    assert_eq!(rig.press(&url, &[("action", "use"), ("method", "pm_card_visa")]).await, RETURN_URL);
    let paid = state(rig, &charge.id).await;
    assert_eq!((&paid.state, paid.attempt.as_deref()), (&ChargeState::Succeeded, Some("att_1")));
    assert!(paid.id.starts_with("pi_") && paid.fee_minor.is_some(), "{paid:?}");
    assert_eq!(state(rig, &paid.id).await, paid, "by either id");
    assert_eq!(rig.gateway.find_charge(&rig.at, "att_1", rig.now()).await, Ok(Some(paid.clone())));
    assert_eq!(rig.times_charged("att_1"), 1);
    // The id of the page is good enough to give money back.
    let part = NewGatewayRefund { charge_id: charge.id.clone(), reference: "rfd_1".into(), amount_minor: 500 };
    rig.gateway.refund(&rig.at, "rfd_1", &part).await.expect("a refund");
    assert_eq!(rig.gateway.refunds_of(&rig.at, &charge.id).await.expect("a list").len(), 1);
    assert_eq!(rig.gateway.cancel_charge(&rig.at, "cancel:1", &charge.id).await.expect("an answer").state, ChargeState::Succeeded);
}

pub async fn a_page_on_which_the_bank_declined_has_failed(rig: &Rig) {
    let (charge, url) = page(rig, "att_1").await;
    assert_eq!(rig.press(&url, &[("action", "decline")]).await, RETURN_URL);
    let failed = state(rig, &charge.id).await;
    assert!(matches!(&failed.state, ChargeState::Failed(decline) if decline.kind == DeclineKind::DoNotHonor), "{failed:?}");
    assert_eq!(state(rig, &failed.id).await.state, failed.state, "by either id");
    assert_eq!(rig.times_charged("att_1"), 0);
    let part = NewGatewayRefund { charge_id: charge.id, reference: "rfd_1".into(), amount_minor: 500 };
    let answer = rig.gateway.refund(&rig.at, "rfd_1", &part).await;
    assert!(matches!(answer, Err(GatewayFault::Refused { .. })), "{answer:?}");
}

pub async fn a_page_somebody_left_stays_open_until_it_is_called_off(rig: &Rig) {
    let (charge, url) = page(rig, "att_1").await;
    assert_eq!(rig.press(&url, &[("action", "close")]).await, RETURN_URL);
    assert!(matches!(state(rig, &charge.id).await.state, ChargeState::RequiresAction { url: Some(_) }));
    // A card was refused on it, which does not end it.
    rig.press(&url, &[("action", "use"), ("method", "pm_card_chargeDeclinedInsufficientFunds")]).await;
    let open = state(rig, &charge.id).await;
    assert!(matches!(open.state, ChargeState::RequiresAction { url: Some(_) }) && open.id.starts_with("pi_"), "{open:?}");
    assert_eq!(state(rig, &open.id).await.state, open.state, "by either id");
    let cancelled = rig.gateway.cancel_charge(&rig.at, "cancel:1", &charge.id).await.expect("an answer");
    assert!(matches!(cancelled.state, ChargeState::Failed(_)), "its only try had failed: {cancelled:?}");
    let (untouched, _) = page(rig, "att_2").await;
    let cancelled = rig.gateway.cancel_charge(&rig.at, "cancel:2", &untouched.id).await.expect("an answer");
    assert_eq!(cancelled.state, ChargeState::Cancelled);
}

pub async fn a_page_ends_by_itself(rig: &Rig) {
    let (charge, _) = page(rig, "att_1").await;
    rig.pass(TimeDelta::hours(25));
    assert_eq!(state(rig, &charge.id).await.state, ChargeState::Cancelled);
}

pub async fn a_page_takes_a_card_that_asks(rig: &Rig) {
    let (charge, url) = page(rig, "att_1").await;
    let on = rig.press(&url, &[("action", "use"), ("method", "pm_card_authenticationRequired")]).await;
    assert_eq!(rig.times_charged("att_1"), 0);
    assert_eq!(rig.press(&format!("{}{on}", rig.sandbox().http_url()), &[("action", "confirm")]).await, RETURN_URL);
    assert_eq!(state(rig, &charge.id).await.state, ChargeState::Succeeded);
}
