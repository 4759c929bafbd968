//! Setting up gateways.

use std::collections::BTreeMap;

use billow_billing::events::kind;
use billow_billing::gateways::{GatewayTest, UpdateGateway};
use billow_billing::ports::{GatewayAccount, GatewayFault, GatewayMode, KEY_REFUSED};
use sea_orm::ConnectionTrait as _;
use secrecy::ExposeSecret as _;

use super::*;
use crate::common::on_both;

on_both!(
    a_gateway_is_set_up_edited_and_switched_by_administrators_only,
    a_new_gateway_is_paused_until_its_keys_passed_a_test,
    with_another_key_or_address_a_gateway_is_paused_until_it_is_tested,
    a_test_of_keys_that_were_changed_meanwhile_does_not_count,
    a_key_of_another_account_is_refused_once_the_gateway_was_used,
    keys_of_another_mode_and_the_sandbox_are_refused,
    everything_that_is_wrong_is_told_at_once,
    secrets_are_sealed_and_shown_nowhere,
    an_edit_by_another_process_counts_at_once,
);

fn edit(id: GatewayId) -> UpdateGateway {
    UpdateGateway {
        id,
        name: None,
        rank: None,
        currencies: None,
        kinds: None,
        base_url: None,
        timeout_ms: None,
        searches: None,
        credentials: BTreeMap::new(),
    }
}

async fn a_gateway_is_set_up_edited_and_switched_by_administrators_only(bench: Bench) {
    let billing = &bench.billing;
    let made = gateway(&bench, "cards", 10).await;
    assert_eq!(billing.gateways.gateway_webhook_url(&made), "https://billow.test/webhooks/gateways/cards");
    let edited = UpdateGateway {
        name: Some("Cards".into()),
        rank: Some(5),
        currencies: Some(vec![currency("USD"), currency("EUR")]),
        ..edit(made.id)
    };
    let edited = billing.gateways.update_gateway(&ADMIN, edited).await.expect("edited");
    assert_eq!((edited.name.as_str(), edited.rank, edited.currencies.to_string()), ("Cards", 5, r#"["EUR","USD"]"#.to_owned()));
    assert_eq!(edited.settings, made.settings, "what is unset stays");

    let paused = billing.gateways.pause_gateway(&ADMIN, made.id, "They have trouble").await.expect("paused");
    assert_eq!(paused.status, GatewayStatus::Paused);
    assert_eq!(codes(billing.gateways.route(card_wish()).await), ["NO_GATEWAY"]);
    assert_eq!(codes(billing.gateways.pause_gateway(&ADMIN, made.id, " ").await), ["REQUIRED"]);
    billing.gateways.resume_gateway(&ADMIN, made.id, None).await.expect("resumed");
    billing.gateways.resume_gateway(&ADMIN, made.id, None).await.expect("again, and nothing changes");
    let (access, decision) = billing.gateways.route(card_wish()).await.expect("a route");
    assert_eq!((access.code.as_str(), decision.chosen), ("cards", Some(made.id)));

    let actions = ["gateway.create", "gateway.test", "gateway.resume", "gateway.update", "gateway.pause", "gateway.resume"];
    assert_eq!(audited(&bench).await, actions);
    let changes: Vec<_> = told(&bench, kind::GATEWAY_UPDATED).await.into_iter().map(|data| data["change"].clone()).collect();
    assert_eq!(changes, ["created", "tested", "resumed", "edited", "paused", "resumed"]);

    let (_, customer) = somebody(&bench, "Anna").await;
    for actor in [&OPERATOR, &customer] {
        assert!(matches!(billing.gateways.create_gateway(actor, new_gateway("more", 1)).await, Err(Error::Forbidden)));
        assert!(matches!(billing.gateways.update_gateway(actor, edit(made.id)).await, Err(Error::Forbidden)));
        assert!(matches!(billing.gateways.pause_gateway(actor, made.id, "").await, Err(Error::Forbidden)));
        assert!(matches!(billing.gateways.test_gateway(actor, made.id).await, Err(Error::Forbidden)));
        assert!(matches!(billing.gateways.resume_gateway(actor, made.id, None).await, Err(Error::Forbidden)));
        assert!(matches!(billing.gateways.reset_gateway_circuit(actor, made.id, None).await, Err(Error::Forbidden)));
    }
    assert_eq!(billing.gateways.gateways(&OPERATOR).await.expect("a list").len(), 1);
    assert!(matches!(billing.gateways.gateways(&customer).await, Err(Error::Forbidden)));
}

async fn a_new_gateway_is_paused_until_its_keys_passed_a_test(bench: Bench) {
    let (billing, cards) = (&bench.billing, &bench.ports.gateway);
    let made = billing.gateways.create_gateway(&ADMIN, new_gateway("cards", 1)).await.expect("a gateway");
    assert_eq!((made.status, GatewayTest::of(&made)), (GatewayStatus::Paused, None));
    assert_eq!(cards.account_calls(), 0, "nobody is called to add it");
    assert_eq!(codes(billing.gateways.route(card_wish()).await), ["NO_GATEWAY"]);
    assert_eq!(codes(billing.gateways.resume_gateway(&ADMIN, made.id, None).await), ["GATEWAY_UNTESTED"]);

    let no = GatewayFault::Refused { code: Some(KEY_REFUSED.into()), message: "401 the gateway refuses the secret_key".into() };
    cards.accounts_next([Err(no)]);
    let tested = billing.gateways.test_gateway(&ADMIN, made.id).await.expect("an answer, and a no");
    assert_eq!(cards.account_calls(), 1, "one call");
    let test = GatewayTest::of(&tested).expect("a test");
    assert_eq!((test.result, test.tested_at), (GatewayTestResult::KeyRefused, billing.kernel.clock.now()));
    assert_eq!(test.message.as_deref(), Some("401 the gateway refuses the secret_key"));
    assert_eq!(tested.circuit_failures, 0, "a test is no sign of its health");
    assert_eq!(codes(billing.gateways.resume_gateway(&ADMIN, made.id, None).await), ["GATEWAY_UNTESTED"]);

    let tested = billing.gateways.test_gateway(&ADMIN, made.id).await.expect("a test");
    let test = GatewayTest::of(&tested).expect("a test");
    assert_eq!((test.result, test.account_name.as_deref(), test.message), (GatewayTestResult::Passed, Some("Tests"), None));
    assert_eq!(tested.status, GatewayStatus::Paused, "a test starts nothing");
    let active = billing.gateways.resume_gateway(&ADMIN, made.id, None).await.expect("active");
    assert_eq!(active.status, GatewayStatus::Active);
    billing.gateways.route(card_wish()).await.expect("a route");

    // One that is in use stays in use, whatever a test finds; once it is paused it needs one that passes.
    cards.accounts_next([Err(GatewayFault::Unknown { message: "500".into() })]);
    let tested = billing.gateways.test_gateway(&ADMIN, made.id).await.expect("a test");
    assert_eq!((tested.status, tested.test_result), (GatewayStatus::Active, Some(GatewayTestResult::NoAnswer)));
    billing.gateways.pause_gateway(&ADMIN, made.id, "They have trouble").await.expect("paused");
    assert_eq!(codes(billing.gateways.resume_gateway(&ADMIN, made.id, None).await), ["GATEWAY_UNTESTED"]);
    activate(&bench, made.id).await;
    let trail = audit_entry::Entity::find().filter(audit_entry::Column::Action.eq("gateway.test")).all(billing.kernel.store.write_pool());
    let results: Vec<_> = trail.await.expect("entries").into_iter().map(|entry| entry.data["result"].clone()).collect();
    assert_eq!(results, ["KEY_REFUSED", "PASSED", "NO_ANSWER", "PASSED"]);
}

async fn with_another_key_or_address_a_gateway_is_paused_until_it_is_tested(bench: Bench) {
    let billing = &bench.billing;
    let id = gateway(&bench, "cards", 1).await.id;
    let secret = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), Some(SecretString::from(value)))]);
    let harmless = [
        UpdateGateway { name: Some("Cards".into()), timeout_ms: Some(9_000), searches: Some(false), ..edit(id) },
        UpdateGateway { base_url: Some("https://cards.test".into()), ..edit(id) },
        UpdateGateway { credentials: secret("secret_key", SECRET), ..edit(id) },
        UpdateGateway { credentials: secret("webhook_secret", "whsec_of_tests"), ..edit(id) },
    ];
    for change in harmless {
        let told = format!("{change:?}");
        let edited = billing.gateways.update_gateway(&ADMIN, change).await.expect("edited");
        assert_eq!(edited.status, GatewayStatus::Active, "{told}");
        assert!(GatewayTest::of(&edited).is_some(), "{told}");
    }
    let others = [
        UpdateGateway { credentials: secret("secret_key", "sk_of_tests_4712"), ..edit(id) },
        UpdateGateway { base_url: Some("https://cards.test/v2".into()), ..edit(id) },
    ];
    for change in others {
        let told = format!("{change:?}");
        let edited = billing.gateways.update_gateway(&ADMIN, change).await.expect("edited");
        assert_eq!((edited.status, GatewayTest::of(&edited)), (GatewayStatus::Paused, None), "{told}");
        assert_eq!(codes(billing.gateways.resume_gateway(&ADMIN, id, None).await), ["GATEWAY_UNTESTED"]);
        activate(&bench, id).await;
    }
}

async fn a_test_of_keys_that_were_changed_meanwhile_does_not_count(bench: Bench) {
    let billing = &bench.billing;
    let id = billing.gateways.create_gateway(&ADMIN, new_gateway("cards", 1)).await.expect("a gateway").id;
    let (other, mut change) = (bench.another("worker-2").await, edit(id));
    change.credentials.insert("secret_key".into(), Some(SecretString::from("sk_of_tests_4712")));
    bench.ports.gateway.during_next_test(Box::pin(async move {
        other.gateways.update_gateway(&ADMIN, change).await.expect("edited");
    }));
    assert_eq!(codes(billing.gateways.test_gateway(&ADMIN, id).await), ["CONFLICT"]);
    assert_eq!(codes(billing.gateways.resume_gateway(&ADMIN, id, None).await), ["GATEWAY_UNTESTED"]);
}

async fn a_key_of_another_account_is_refused_once_the_gateway_was_used(bench: Bench) {
    let (billing, cards) = (&bench.billing, &bench.ports.gateway);
    let id = gateway(&bench, "cards", 1).await.id;
    let with_key = async |key: &str, account: &str| {
        let mut change = edit(id);
        change.credentials.insert("secret_key".into(), Some(SecretString::from(key)));
        billing.gateways.update_gateway(&ADMIN, change).await.expect("edited");
        cards.accounts_next([Ok(GatewayAccount { id: account.into(), name: Some("Theirs".into()), can_charge: Some(true) })]);
        GatewayTest::of(&billing.gateways.test_gateway(&ADMIN, id).await.expect("a test")).expect("a test")
    };
    // Nothing is kept there yet, so that a mistake can be corrected.
    assert_eq!(with_key("sk_of_tests_2", "acct_second").await.result, GatewayTestResult::Passed);
    billing.gateways.resume_gateway(&ADMIN, id, None).await.expect("active");
    let (_, anna) = somebody(&bench, "Anna").await;
    billing.methods.start_setup(&anna, by_token()).await.expect("a card");

    let test = with_key("sk_of_tests_3", "acct_third").await;
    assert_eq!((test.result, test.account_id, test.account_name), (GatewayTestResult::OtherAccount, None, None));
    let message = test.message.expect("words");
    assert!(message.contains("acct_third (Theirs)") && message.contains("are in acct_second"), "{message}");
    assert_eq!(codes(billing.gateways.resume_gateway(&ADMIN, id, None).await), ["GATEWAY_UNTESTED"]);
    // What the last test said does not change which account is right, nor does a key nobody accepts.
    assert_eq!(with_key("sk_of_tests_4", "acct_third").await.result, GatewayTestResult::OtherAccount);
    cards.accounts_next([Err(GatewayFault::Refused { code: Some(KEY_REFUSED.into()), message: "401".into() })]);
    assert_eq!(billing.gateways.test_gateway(&ADMIN, id).await.expect("a test").test_result, Some(GatewayTestResult::KeyRefused));
    assert_eq!(with_key("sk_of_tests_5", "acct_second").await.result, GatewayTestResult::Passed);
    billing.gateways.resume_gateway(&ADMIN, id, None).await.expect("active");
}

async fn keys_of_another_mode_and_the_sandbox_are_refused(bench: Bench) {
    let billing = &bench.billing;
    let with = |adapter, key: &str| NewGateway {
        adapter,
        credentials: BTreeMap::from([("secret_key".to_owned(), SecretString::from(key))]),
        ..new_gateway("cards", 1)
    };
    let live_at_the_sandbox = billing.gateways.create_gateway(&ADMIN, with(GatewayAdapter::Sandbox, "sk_live_4711")).await;
    assert_eq!(refusal(live_at_the_sandbox), [("credentials.secret_key".into(), "WRONG_MODE".into())]);
    let made = billing.gateways.create_gateway(&ADMIN, with(GatewayAdapter::Stripe, "sk_test_4711")).await.expect("a gateway");
    assert_eq!(billing.gateways.gateway_mode(&OPERATOR, &made).expect("a mode"), Some(GatewayMode::Test));
    let mut change = edit(made.id);
    change.credentials.insert("secret_key".into(), Some(SecretString::from("sk_live_4711")));
    assert_eq!(refusal(billing.gateways.update_gateway(&ADMIN, change).await), [("credentials.secret_key".into(), "WRONG_MODE".into())]);

    assert_eq!(billing.gateways.gateway_adapters(&OPERATOR).expect("adapters"), [GatewayAdapter::Stripe, GatewayAdapter::Sandbox]);
    let sandbox = billing.gateways.create_gateway(&ADMIN, new_gateway("sandbox", 2)).await.expect("a gateway").id;
    billing.gateways.test_gateway(&ADMIN, sandbox).await.expect("a test");
    let real = bench.without_sandbox_gateways("worker-2").await;
    assert_eq!(real.gateways.gateway_adapters(&OPERATOR).expect("adapters"), [GatewayAdapter::Stripe]);
    assert_eq!(
        refusal(real.gateways.create_gateway(&ADMIN, new_gateway("more", 3)).await),
        [("adapter".into(), "SANDBOX_NOT_ALLOWED".into())]
    );
    assert_eq!(codes(real.gateways.resume_gateway(&ADMIN, sandbox, None).await), ["SANDBOX_NOT_ALLOWED"]);
    let (_, anna) = somebody(&bench, "Anna").await;
    assert!(matches!(billing.gateways.gateway_adapters(&anna), Err(Error::Forbidden)));
}

async fn everything_that_is_wrong_is_told_at_once(bench: Bench) {
    let mut wrong = new_gateway("Not a code", -1);
    wrong.name = " ".into();
    wrong.kinds.clear();
    wrong.settings.base_url = "ftp://cards.test".into();
    wrong.settings.timeout_ms = 999;
    wrong.credentials = BTreeMap::from([("Webhook Secret".to_owned(), SecretString::from(""))]);
    let found = refusal(bench.billing.gateways.create_gateway(&ADMIN, wrong).await);
    let found: Vec<_> = found.iter().map(|(path, code)| (path.as_str(), code.as_str())).collect();
    assert_eq!(
        found,
        [
            ("code", "INVALID"),
            ("name", "REQUIRED"),
            ("rank", "OUT_OF_RANGE"),
            ("kinds", "REQUIRED"),
            ("timeoutMs", "OUT_OF_RANGE"),
            ("credentials.Webhook Secret", "INVALID"),
            ("credentials.Webhook Secret", "REQUIRED"),
            ("baseUrl", "INVALID"),
            ("credentials.secret_key", "INVALID"),
        ]
    );
    gateway(&bench, "cards", 1).await;
    assert_eq!(
        refusal(bench.billing.gateways.create_gateway(&ADMIN, new_gateway("cards", 2)).await),
        [("code".into(), "CODE_TAKEN".into())]
    );
}

async fn secrets_are_sealed_and_shown_nowhere(bench: Bench) {
    let made = gateway(&bench, "cards", 1).await;
    let billing = &bench.billing;
    let mut more = edit(made.id);
    more.credentials.insert("webhook_secret".into(), Some(SecretString::from("whsec_of_tests")));
    let edited = billing.gateways.update_gateway(&ADMIN, more).await.expect("edited");
    let access = billing.gateways.gateway_access(made.id).await.expect("access");
    assert_eq!(access.credentials["secret_key"].expose_secret(), SECRET, "the others stay");
    assert_eq!(access.credentials["webhook_secret"].expose_secret(), "whsec_of_tests");
    assert_eq!(billing.gateways.gateway_credential_names(&OPERATOR, &edited).expect("names"), ["secret_key", "webhook_secret"]);

    let mut less = edit(made.id);
    less.credentials.insert("webhook_secret".into(), None);
    billing.gateways.update_gateway(&ADMIN, less).await.expect("edited");
    assert!(!billing.gateways.gateway_access(made.id).await.expect("access").credentials.contains_key("webhook_secret"));
    let mut nothing = edit(made.id);
    nothing.credentials.insert("secret_key".into(), None);
    assert_eq!(refusal(billing.gateways.update_gateway(&ADMIN, nothing).await), [("credentials.secret_key".into(), "INVALID".into())]);

    let stored = edited.credentials_enc.expect("an envelope");
    assert!(!stored.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()), "the envelope is not sealed");
    let trail = audit_entry::Entity::find().all(billing.kernel.store.write_pool()).await.expect("entries");
    let said = format!("{trail:?} {:?} {access:?}", told(&bench, kind::GATEWAY_UPDATED).await);
    assert!(!said.contains(SECRET) && !said.contains("whsec"), "{said}");

    // An envelope that was moved to another gateway does not open there.
    let other = gateway(&bench, "others", 2).await;
    let sql = format!(
        "UPDATE gateways SET credentials_enc = (SELECT credentials_enc FROM gateways WHERE code = 'cards') WHERE code = '{}'",
        other.code
    );
    billing.kernel.store.write_pool().execute_unprepared(&sql).await.expect("moved");
    assert!(billing.gateways.gateway_access(other.id).await.is_err());
}

async fn an_edit_by_another_process_counts_at_once(bench: Bench) {
    let made = gateway(&bench, "cards", 1).await;
    let other = bench.another("worker-2").await;
    assert_eq!(other.gateways.gateway_access(made.id).await.expect("access").credentials["secret_key"].expose_secret(), SECRET);
    let mut change = edit(made.id);
    change.base_url = Some("https://elsewhere.test".into());
    change.credentials.insert("secret_key".into(), Some(SecretString::from("sk_new")));
    bench.billing.gateways.update_gateway(&ADMIN, change).await.expect("edited");
    let access = other.gateways.gateway_access(made.id).await.expect("access");
    assert_eq!((access.settings.base_url.as_str(), access.credentials["secret_key"].expose_secret()), ("https://elsewhere.test", "sk_new"));
}
