//! Finding what was made.

use billow_billing::ports::{ChargeSource, ChargeState, Gateway as _, GatewayFault};
use chrono::TimeDelta;

use crate::rig::{RETURN_URL, Rig};

pub async fn a_charge_is_found_by_its_attempt(rig: &Rig) {
    let first = rig.charged("att_1", "pm_card_visa", 100).await;
    rig.charged("att_2", "pm_card_visa", 200).await;
    let since = rig.now() - TimeDelta::minutes(1);
    assert_eq!(rig.gateway.find_charge(&rig.at, "att_1", since).await, Ok(Some(first)));
    assert_eq!(rig.gateway.find_charge(&rig.at, "att_3", since).await, Ok(None));
    let answer = rig.gateway.find_charge(&rig.at, "x' OR metadata['attempt']:'att_1", since).await;
    assert!(matches!(answer, Err(GatewayFault::Refused { .. })), "{answer:?}");
}

pub async fn a_search_that_lags_finds_later(rig: &Rig) {
    rig.world().set_search_lag(TimeDelta::minutes(1));
    let charge = rig.charged("att_1", "pm_card_visa", 100).await;
    let since = rig.now();
    assert_eq!(rig.gateway.find_charge(&rig.at, "att_1", since).await, Ok(None));
    rig.pass(TimeDelta::minutes(2));
    assert_eq!(rig.gateway.find_charge(&rig.at, "att_1", since).await, Ok(Some(charge)));
}

pub async fn a_page_nobody_paid_on_is_found(rig: &Rig) {
    let mut new = rig.charge_of("att_1", &("cus".into(), "pm".into()), 100);
    new.source = ChargeSource::HostedPage { customer: None, return_url: RETURN_URL.into() };
    let page = rig.gateway.charge(&rig.at, "att_1", &new).await.expect("a page");
    assert_eq!(rig.gateway.find_charge(&rig.at, "att_1", rig.now()).await, Ok(Some(page)));
    assert_eq!(rig.gateway.find_charge(&rig.at, "att_2", rig.now()).await, Ok(None));
}

pub async fn the_charges_of_a_time_are_listed(rig: &Rig) {
    let mut made = [
        rig.charged("att_1", "pm_card_visa", 100).await,
        rig.charged("att_2", "pm_card_visa", 200).await,
        rig.charged("att_3", "pm_card_chargeDeclined", 300).await,
    ];
    let (from, to) = (rig.now() - TimeDelta::hours(1), rig.now() + TimeDelta::hours(1));
    let page = rig.gateway.list_charges(&rig.at, from, to, None).await.expect("a list");
    assert_eq!(page.next, None);
    let mut told = page.charges;
    made.sort_by_key(|c| c.amount_minor);
    told.sort_by_key(|c| c.amount_minor);
    assert_eq!(told.len(), 3);
    assert_eq!(told.first(), made.first());
    assert_eq!(told.get(1), made.get(1));
    assert!(told.get(2).is_some_and(|c| matches!(c.state, ChargeState::Failed(_)) && c.attempt.as_deref() == Some("att_3")), "{told:?}");
    let before = rig.gateway.list_charges(&rig.at, from - TimeDelta::days(1), from, None).await.expect("a list");
    assert!(before.charges.is_empty(), "{before:?}");
}

pub async fn many_charges_come_in_pages(rig: &Rig) {
    let saved = rig.saved("pm_card_visa").await;
    let from = rig.now();
    for n in 0..205 {
        let attempt = format!("att_{n}");
        rig.gateway.charge(&rig.at, &attempt, &rig.charge_of(&attempt, &saved, 100 + n)).await.expect("an answer");
    }
    let to = rig.now() + TimeDelta::seconds(1);
    rig.pass(TimeDelta::hours(1));
    rig.gateway.charge(&rig.at, "late", &rig.charge_of("late", &saved, 1)).await.expect("an answer");
    let (mut amounts, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = rig.gateway.list_charges(&rig.at, from, to, after.as_deref()).await.expect("a page");
        amounts.extend(page.charges.iter().map(|c| c.amount_minor));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    amounts.sort_unstable();
    assert_eq!(pages, 3);
    assert_eq!(amounts, (100..305).collect::<Vec<_>>());
    // Where nothing searches, all since then are looked through.
    let mut at = rig.at.clone();
    at.settings.searches = false;
    let found = rig.gateway.find_charge(&at, "att_0", from).await.expect("an answer").expect("a charge");
    assert_eq!(found.amount_minor, 100);
}
