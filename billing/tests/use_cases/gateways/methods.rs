//! Saving methods, and what their owner does with them.

use billow_billing::events::kind;
use billow_billing::ports::SetupState;
use sea_orm::IntoActiveModel as _;

use super::*;
use crate::common::gateway::Fate;
use crate::common::on_both;

on_both!(
    a_token_is_ready_at_once_and_the_first_becomes_the_default,
    a_page_of_the_gateway_s_waits_for_its_owner,
    a_lost_answer_is_asked_for_again_with_the_same_key,
    what_the_gateway_refuses_is_told_in_words,
    an_owner_chooses_names_and_sees_only_their_own,
    a_removed_method_is_forgotten_and_never_charged,
    a_method_with_a_payment_under_way_stays,
    there_are_at_most_twenty_methods,
    a_card_number_is_not_taken_for_a_token,
    a_setup_needs_a_gateway_that_takes_it,
);

pub async fn method_now(bench: &Bench, id: PaymentMethodId) -> payment_method::Model {
    payment_method::Entity::find_by_id(id).one(bench.billing.kernel.store.write_pool()).await.expect("read").expect("a method")
}

async fn a_token_is_ready_at_once_and_the_first_becomes_the_default(bench: Bench) {
    gateway(&bench, "cards", 1).await;
    let (_, anna) = somebody(&bench, "Anna").await;
    let first = bench.billing.methods.start_setup(&anna, StartSetup { label: Some(" Mine ".into()), ..by_token() }).await.expect("saved");
    assert_eq!((first.status, first.is_default, first.label.as_deref()), (MethodStatus::Ready, true, Some("Mine")));
    assert_eq!((first.brand.as_deref(), first.last4.as_deref(), first.exp_year), (Some("visa"), Some("4242"), Some(2030)));
    assert_eq!((first.check_at, first.action_url), (None, None));
    let second = bench.billing.methods.start_setup(&anna, by_token()).await.expect("saved");
    assert!(!second.is_default);
    let third = bench.billing.methods.start_setup(&anna, StartSetup { make_default: true, ..by_token() }).await.expect("saved");
    assert!(third.is_default && !third.wants_default);
    let listed = bench.billing.methods.payment_methods(&anna, None).await.expect("a list");
    assert_eq!(listed.iter().map(|m| m.id).collect::<Vec<_>>(), [third.id, second.id, first.id]);
    assert_eq!(listed.iter().filter(|m| m.is_default).count(), 1);
    let statuses: Vec<_> = told(&bench, kind::METHOD_UPDATED).await.into_iter().map(|data| data["status"].clone()).collect();
    assert_eq!(statuses, ["CHECKING", "READY", "CHECKING", "READY", "CHECKING", "READY"]);
    assert_eq!(bench.ports.gateway.customers().len(), 1, "the gateway knows them once");
}

async fn a_page_of_the_gateway_s_waits_for_its_owner(bench: Bench) {
    gateway(&bench, "cards", 1).await;
    let (_, anna) = somebody(&bench, "Anna").await;
    let begun =
        bench.billing.methods.start_setup(&anna, StartSetup { make_default: true, ..by_page(MethodKind::Card) }).await.expect("begun");
    assert_eq!((begun.status, begun.is_default), (MethodStatus::RequiresAction, false));
    assert!(begun.action_url.as_deref().is_some_and(|url| url.starts_with("https://pay.test/setup/")), "{begun:?}");
    assert_eq!(
        bench.billing.methods.complete_setup(&anna, begun.id).await.expect("asked").status,
        MethodStatus::RequiresAction,
        "too early"
    );
    bench.ports.gateway.set_setup_state(begun.setup_id.as_deref().expect("a setup"), SetupState::Ready);
    bench.ports.gateway.asks_next([Fate::LostBefore]);
    assert_eq!(codes(bench.billing.methods.complete_setup(&anna, begun.id).await), ["GATEWAY_UNAVAILABLE"]);
    let ready = bench.billing.methods.complete_setup(&anna, begun.id).await.expect("asked");
    assert_eq!((ready.status, ready.is_default, ready.action_url, ready.check_at), (MethodStatus::Ready, true, None, None));
    for url in ["https://evil.test/", "https://billow.test.evil.test/", "javascript:alert(1)"] {
        let elsewhere = StartSetup { return_url: Some(url.into()), ..by_page(MethodKind::Card) };
        assert_eq!(refusal(bench.billing.methods.start_setup(&anna, elsewhere).await), [("returnUrl".into(), "INVALID".into())], "{url}");
    }
    let nowhere = StartSetup { return_url: None, ..by_page(MethodKind::Card) };
    assert_eq!(refusal(bench.billing.methods.start_setup(&anna, nowhere).await), [("returnUrl".into(), "REQUIRED".into())]);
}

async fn a_lost_answer_is_asked_for_again_with_the_same_key(bench: Bench) {
    gateway(&bench, "cards", 1).await;
    let (_, anna) = somebody(&bench, "Anna").await;
    bench.ports.gateway.setups_next([Fate::LostAfter]);
    let saved = bench.billing.methods.start_setup(&anna, by_token()).await.expect("saved");
    assert_eq!(saved.status, MethodStatus::Ready);
    assert_eq!(bench.ports.gateway.setups().len(), 1, "one setup there");
    bench.ports.gateway.setups_next([Fate::LostBefore, Fate::LostBefore]);
    let failed = bench.billing.methods.start_setup(&anna, by_token()).await.expect("an answer");
    assert_eq!((failed.status, failed.check_at), (MethodStatus::Failed, None));
    assert!(failed.status_reason.is_some_and(|why| why.contains("try again")));
}

async fn what_the_gateway_refuses_is_told_in_words(bench: Bench) {
    gateway(&bench, "cards", 1).await;
    let (_, anna) = somebody(&bench, "Anna").await;
    bench.ports.gateway.setups_next([Fate::Declines(DeclineKind::CardExpired), Fate::Refused]);
    for words in ["past its date", "did not take these details"] {
        let failed = bench.billing.methods.start_setup(&anna, by_token()).await.expect("an answer");
        assert_eq!((failed.status, failed.is_default), (MethodStatus::Failed, false));
        assert!(failed.status_reason.as_deref().is_some_and(|why| why.contains(words)), "{failed:?}");
    }
    let last = told(&bench, kind::METHOD_UPDATED).await.pop().expect("an event");
    assert_eq!(last["status"], "FAILED");
    assert!(last["reason"].is_string());
}

async fn an_owner_chooses_names_and_sees_only_their_own(bench: Bench) {
    gateway(&bench, "cards", 1).await;
    let ((anna_id, anna), (_, bob)) = (somebody(&bench, "Anna").await, somebody(&bench, "Bob").await);
    let billing = &bench.billing;
    let first = billing.methods.start_setup(&anna, by_token()).await.expect("saved");
    let second = billing.methods.start_setup(&anna, by_token()).await.expect("saved");
    assert!(billing.methods.set_default_method(&anna, second.id).await.expect("set").is_default);
    assert!(!method_now(&bench, first.id).await.is_default);
    assert_eq!(billing.methods.label_method(&anna, first.id, Some("Shared")).await.expect("named").label.as_deref(), Some("Shared"));
    assert_eq!(billing.methods.label_method(&anna, first.id, Some(" ")).await.expect("named").label, None);
    assert_eq!(codes(billing.methods.label_method(&anna, first.id, Some(&"x".repeat(61))).await), ["TOO_LONG"]);
    let waiting = billing.methods.start_setup(&anna, by_page(MethodKind::Card)).await.expect("begun");
    assert_eq!(codes(billing.methods.set_default_method(&anna, waiting.id).await), ["METHOD_NOT_READY"]);

    assert_eq!(billing.methods.payment_methods(&bob, None).await.expect("a list"), []);
    assert!(matches!(billing.methods.payment_methods(&bob, Some(anna_id)).await, Err(Error::NotFound(_))));
    assert!(matches!(billing.methods.payment_method(&bob, first.id).await, Err(Error::NotFound(_))));
    assert!(matches!(billing.methods.set_default_method(&bob, first.id).await, Err(Error::NotFound(_))));
    assert!(matches!(billing.methods.label_method(&bob, first.id, None).await, Err(Error::NotFound(_))));
    assert!(matches!(billing.methods.remove_method(&bob, first.id).await, Err(Error::NotFound(_))));
    assert!(matches!(billing.methods.complete_setup(&bob, waiting.id).await, Err(Error::NotFound(_))));
    assert!(matches!(billing.methods.start_setup(&OPERATOR, by_token()).await, Err(Error::Forbidden)));
    assert_eq!(billing.methods.payment_methods(&OPERATOR, Some(anna_id)).await.expect("a list").len(), 3);
    assert!(audited(&bench).await.iter().all(|action| action.starts_with("gateway.")), "what owners do is not in the trail");
    billing.methods.remove_method(&OPERATOR, first.id).await.expect("removed");
    assert_eq!(audited(&bench).await.last().map(String::as_str), Some("payment_method.remove"));
}

async fn a_removed_method_is_forgotten_and_never_charged(bench: Bench) {
    gateway(&bench, "cards", 1).await;
    let (_, anna) = somebody(&bench, "Anna").await;
    let billing = &bench.billing;
    let first = billing.methods.start_setup(&anna, by_token()).await.expect("saved");
    let second = billing.methods.start_setup(&anna, by_token()).await.expect("saved");
    let third = billing.methods.start_setup(&anna, by_token()).await.expect("saved");
    let wish = |method| RouteRequest { kind: None, method: Some(method), ..card_wish() };
    assert!(billing.gateways.route(wish(&first)).await.is_ok());
    let removed = billing.methods.remove_method(&anna, first.id).await.expect("removed");
    assert_eq!((removed.status, removed.is_default, removed.check_at), (MethodStatus::Removed, false, None));
    assert_eq!(bench.ports.gateway.forgotten(), [first.external_id.clone().expect("an id")]);
    assert_eq!(codes(billing.gateways.route(wish(&removed)).await), ["METHOD_NOT_READY"]);
    assert!(method_now(&bench, second.id).await.is_default, "the oldest other one is the default now");
    assert_eq!(billing.methods.remove_method(&anna, first.id).await.expect("removed before").status, MethodStatus::Removed);
    assert!(matches!(billing.methods.set_default_method(&anna, first.id).await, Err(Error::NotFound(_))));
    assert_eq!(bench.ports.gateway.forgotten().len(), 1);
    assert_eq!(billing.methods.payment_methods(&anna, None).await.expect("a list").len(), 2);
    // The gateway does not hear it, and is told again.
    bench.ports.gateway.asks_next([Fate::NotSent, Fate::LostBefore]);
    let removed = billing.methods.remove_method(&anna, third.id).await.expect("removed");
    for seconds in [10, 60] {
        assert_eq!(bench.ports.gateway.forgotten().len(), 1, "after {seconds}");
        bench.clock.set(method_now(&bench, removed.id).await.check_at.expect("due"));
        assert_eq!(billing.methods.check_methods_due().await.expect("checked"), 1);
    }
    assert_eq!(bench.ports.gateway.forgotten().len(), 2);
    assert_eq!(method_now(&bench, removed.id).await.check_at, None);
}

async fn a_method_with_a_payment_under_way_stays(bench: Bench) {
    let at = gateway(&bench, "cards", 1).await.id;
    let (owner, anna) = somebody(&bench, "Anna").await;
    let method = bench.billing.methods.start_setup(&anna, by_token()).await.expect("saved");
    let (payment, _) = top_up_under_way(&bench, owner, at, 500).await;
    for status in [PaymentStatus::Pending, PaymentStatus::Processing, PaymentStatus::RequiresAction, PaymentStatus::Unknown] {
        let mut row = payment_now(&bench, payment).await.into_active_model();
        row.method_id = Set(Some(method.id));
        row.status = Set(status);
        row.update(bench.billing.kernel.store.write_pool()).await.expect("written");
        assert_eq!(codes(bench.billing.methods.remove_method(&anna, method.id).await), ["METHOD_IN_USE"], "{status}");
    }
    let mut row = payment_now(&bench, payment).await.into_active_model();
    row.status = Set(PaymentStatus::Succeeded);
    row.update(bench.billing.kernel.store.write_pool()).await.expect("written");
    assert_eq!(bench.billing.methods.remove_method(&anna, method.id).await.expect("removed").status, MethodStatus::Removed);
}

async fn there_are_at_most_twenty_methods(bench: Bench) {
    gateway(&bench, "cards", 1).await;
    let (_, anna) = somebody(&bench, "Anna").await;
    for _ in 0..19 {
        bench.billing.methods.start_setup(&anna, by_token()).await.expect("saved");
    }
    let other = bench.another("worker-2").await;
    let (one, two) = tokio::join!(bench.billing.methods.start_setup(&anna, by_token()), other.methods.start_setup(&anna, by_token()));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1, "the last one is taken once");
    assert_eq!(codes(bench.billing.methods.start_setup(&anna, by_token()).await), ["TOO_MANY"]);
    let last = bench.billing.methods.payment_methods(&anna, None).await.expect("a list").pop().expect("one");
    bench.billing.methods.remove_method(&anna, last.id).await.expect("removed");
    for _ in 0..10 {
        bench.ports.gateway.setups_next([Fate::Declines(DeclineKind::Fraud)]);
        bench.billing.methods.start_setup(&anna, by_token()).await.expect("an answer");
    }
    assert_eq!(codes(bench.billing.methods.start_setup(&anna, by_token()).await), ["TOO_MANY"], "nobody tries thirty cards in a day");
    bench.clock.advance(chrono::Duration::days(1) + chrono::Duration::seconds(1));
    bench.billing.methods.start_setup(&anna, by_token()).await.expect("saved");
}

async fn a_card_number_is_not_taken_for_a_token(bench: Bench) {
    gateway(&bench, "cards", 1).await;
    let (_, anna) = somebody(&bench, "Anna").await;
    for (token, code) in
        [("4242424242424242", "NOT_ALLOWED"), ("DE89370400440532013000", "NOT_ALLOWED"), ("", "INVALID"), ("pm card", "INVALID")]
    {
        let wish = StartSetup { token: Some(SecretString::from(token)), ..by_token() };
        assert_eq!(refusal(bench.billing.methods.start_setup(&anna, wish).await), [("token".into(), code.into())], "{token}");
    }
    assert_eq!(bench.ports.gateway.setups().len(), 0);
}

async fn a_setup_needs_a_gateway_that_takes_it(bench: Bench) {
    let (_, anna) = somebody(&bench, "Anna").await;
    assert_eq!(codes(bench.billing.methods.start_setup(&anna, by_token()).await), ["NO_GATEWAY"]);
    let mut cards = new_gateway("cards", 1);
    cards.kinds = vec![MethodKind::Card];
    cards.currencies = vec![currency("USD")];
    let id = bench.billing.gateways.create_gateway(&ADMIN, cards).await.expect("a gateway").id;
    activate(&bench, id).await;
    assert_eq!(codes(bench.billing.methods.start_setup(&anna, by_token()).await), ["NO_GATEWAY"]);
    let usual = bench.billing.methods.start_setup(&anna, StartSetup { currency: None, ..by_token() }).await.expect("saved");
    assert_eq!(usual.status, MethodStatus::Ready);
    assert_eq!(bench.ports.gateway.setups()[0].0.currency, currency("USD"), "what the gateway takes, where there is no bill");
    let debit = StartSetup { currency: None, ..by_page(MethodKind::DirectDebit) };
    assert_eq!(codes(bench.billing.methods.start_setup(&anna, debit).await), ["NO_GATEWAY"]);
}
