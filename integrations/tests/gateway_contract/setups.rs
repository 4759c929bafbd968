//! Saving methods and forgetting them.

use billow_billing::ports::{ChargeState, Gateway as _, GatewayFault, MethodDetails, Setup, SetupSource, SetupState};
use billow_entities::{DeclineKind, MethodKind};
use chrono::TimeDelta;

use crate::rig::{RETURN_URL, Rig};

async fn by_token(rig: &Rig, token: &str) -> Setup {
    let customer = rig.customer().await;
    let new = rig.setup(&customer, MethodKind::Card, SetupSource::Token(token.to_owned().into()));
    rig.gateway.start_setup(&rig.at, &format!("setup:{token}"), &new).await.expect("a setup")
}

async fn by_page(rig: &Rig) -> (Setup, String) {
    let customer = rig.customer().await;
    let new = rig.setup(&customer, MethodKind::Card, SetupSource::HostedPage { return_url: RETURN_URL.into() });
    let setup = rig.gateway.start_setup(&rig.at, "setup:page", &new).await.expect("a setup");
    let SetupState::RequiresAction { url: Some(url) } = setup.state.clone() else { panic!("{setup:?}") };
    (setup, url)
}

async fn state(rig: &Rig, id: &str) -> Setup {
    rig.gateway.setup_state(&rig.at, id).await.expect("an answer")
}

fn visa(id: &str) -> MethodDetails {
    let (brand, last4) = (Some("visa".to_owned()), Some("4242".to_owned()));
    MethodDetails { id: id.into(), brand, last4, exp_month: Some(12), exp_year: Some(2030), mandate_id: None }
}

pub async fn a_card_is_saved_by_its_token(rig: &Rig) {
    let setup = by_token(rig, "pm_card_visa").await;
    assert_eq!(setup.state, SetupState::Ready);
    let method = setup.method.clone().expect("a method");
    assert_eq!(method, visa(&method.id));
    assert_ne!(method.id, "pm_card_visa");
    assert_eq!(state(rig, &setup.id).await, setup);
    assert!(rig.world().card_log().is_empty(), "nothing is charged");
}

pub async fn a_card_that_is_refused_cannot_be_saved(rig: &Rig) {
    let setup = by_token(rig, "pm_card_setupDeclined").await;
    assert!(matches!(&setup.state, SetupState::Failed(decline) if decline.kind == DeclineKind::DoNotHonor), "{setup:?}");
    assert_eq!(state(rig, &setup.id).await.state, setup.state);
    let new = rig.setup(&rig.customer().await, MethodKind::Card, SetupSource::Token("pm_card_unknown".to_owned().into()));
    let answer = rig.gateway.start_setup(&rig.at, "setup:unknown", &new).await;
    assert!(matches!(answer, Err(GatewayFault::Refused { .. })), "{answer:?}");
    // A debit where a card was wanted.
    let new = rig.setup(&rig.customer().await, MethodKind::Card, SetupSource::Token("pm_sepaDebit_success".to_owned().into()));
    let answer = rig.gateway.start_setup(&rig.at, "setup:debit", &new).await;
    assert!(matches!(answer, Err(GatewayFault::Refused { .. })), "{answer:?}");
}

pub async fn a_setup_that_asks_waits_for_its_owner(rig: &Rig) {
    let setup = by_token(rig, "pm_card_authenticationRequiredOnSetup").await;
    assert!(matches!(setup.state, SetupState::RequiresAction { url: Some(_) }), "{setup:?}");
    assert!(rig.world().confirm_card(&setup.id, true));
    assert_eq!(state(rig, &setup.id).await.state, SetupState::Ready);
    let paid = rig.charged("att_1", "pm_card_visa", 100).await;
    assert_eq!(paid.state, ChargeState::Succeeded);
}

pub async fn a_card_is_saved_on_a_page(rig: &Rig) {
    let (setup, url) = by_page(rig).await;
    assert_eq!((state(rig, &setup.id).await, setup.method.clone()), (setup.clone(), None));
    assert_eq!(rig.press(&url, &[("action", "use"), ("method", "pm_card_visa")]).await, RETURN_URL);
    let saved = state(rig, &setup.id).await;
    assert_eq!((saved.id.as_str(), &saved.state), (setup.id.as_str(), &SetupState::Ready));
    let method = saved.method.expect("a method");
    assert_eq!(method, visa(&method.id));
    let charge = rig.charge_of("att_1", &(rig.customer().await, method.id), 100);
    assert_eq!(rig.gateway.charge(&rig.at, "att_1", &charge).await.expect("an answer").state, ChargeState::Succeeded);
}

pub async fn a_page_that_ends_saved_nothing(rig: &Rig) {
    let (setup, url) = by_page(rig).await;
    rig.press(&url, &[("action", "close")]).await;
    assert!(matches!(state(rig, &setup.id).await.state, SetupState::RequiresAction { url: Some(_) }));
    rig.pass(TimeDelta::hours(25));
    assert!(matches!(state(rig, &setup.id).await.state, SetupState::Failed(_)));
}

pub async fn a_method_is_forgotten_once_and_for_all(rig: &Rig) {
    let saved = rig.saved("pm_card_visa").await;
    for _ in 0..2 {
        assert_eq!(rig.gateway.forget_method(&rig.at, &saved.1).await, Ok(()));
    }
    assert_eq!(rig.gateway.forget_method(&rig.at, "pm_unknown").await, Ok(()));
    let answer = rig.gateway.charge(&rig.at, "att_1", &rig.charge_of("att_1", &saved, 100)).await;
    assert!(matches!(answer, Err(GatewayFault::Refused { .. })), "{answer:?}");
}
