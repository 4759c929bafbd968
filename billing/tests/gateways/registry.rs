//! Setting up gateways.

use std::collections::BTreeMap;

use billow_billing::events::kind;
use billow_billing::gateways::UpdateGateway;
use sea_orm::ConnectionTrait as _;
use secrecy::ExposeSecret as _;

use super::*;
use crate::common::on_both;

on_both!(
    a_gateway_is_set_up_edited_and_switched_by_administrators_only,
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
    assert_eq!(billing.gateway_webhook_url(&made), "https://billow.test/webhooks/gateways/cards");
    let edited = UpdateGateway {
        name: Some("Cards".into()),
        rank: Some(5),
        currencies: Some(vec![currency("USD"), currency("EUR")]),
        ..edit(made.id)
    };
    let edited = billing.update_gateway(&ADMIN, edited).await.expect("edited");
    assert_eq!((edited.name.as_str(), edited.rank, edited.currencies.to_string()), ("Cards", 5, r#"["EUR","USD"]"#.to_owned()));
    assert_eq!(edited.settings, made.settings, "what is unset stays");

    let paused = billing.pause_gateway(&ADMIN, made.id, "They have trouble").await.expect("paused");
    assert_eq!(paused.status, GatewayStatus::Paused);
    assert_eq!(codes(billing.route(card_wish()).await), ["NO_GATEWAY"]);
    assert_eq!(codes(billing.pause_gateway(&ADMIN, made.id, " ").await), ["REQUIRED"]);
    billing.resume_gateway(&ADMIN, made.id, None).await.expect("resumed");
    billing.resume_gateway(&ADMIN, made.id, None).await.expect("again, and nothing changes");
    let (access, decision) = billing.route(card_wish()).await.expect("a route");
    assert_eq!((access.code.as_str(), decision.chosen), ("cards", Some(made.id)));

    assert_eq!(audited(&bench).await, ["gateway.create", "gateway.update", "gateway.pause", "gateway.resume"]);
    let changes: Vec<_> = told(&bench, kind::GATEWAY_UPDATED).await.into_iter().map(|data| data["change"].clone()).collect();
    assert_eq!(changes, ["created", "edited", "paused", "resumed"]);

    let (_, customer) = somebody(&bench, "Anna").await;
    for actor in [&OPERATOR, &customer] {
        assert!(matches!(billing.create_gateway(actor, new_gateway("more", 1)).await, Err(Error::Forbidden)));
        assert!(matches!(billing.update_gateway(actor, edit(made.id)).await, Err(Error::Forbidden)));
        assert!(matches!(billing.pause_gateway(actor, made.id, "").await, Err(Error::Forbidden)));
        assert!(matches!(billing.reset_gateway_circuit(actor, made.id, None).await, Err(Error::Forbidden)));
    }
    assert_eq!(billing.gateways(&OPERATOR).await.expect("a list").len(), 1);
    assert!(matches!(billing.gateways(&customer).await, Err(Error::Forbidden)));
}

async fn everything_that_is_wrong_is_told_at_once(bench: Bench) {
    let mut wrong = new_gateway("Not a code", -1);
    wrong.name = " ".into();
    wrong.kinds.clear();
    wrong.settings.base_url = "ftp://cards.test".into();
    wrong.settings.timeout_ms = 999;
    wrong.credentials = BTreeMap::from([("Webhook Secret".to_owned(), SecretString::from(""))]);
    let found = refusal(bench.billing.create_gateway(&ADMIN, wrong).await);
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
    assert_eq!(refusal(bench.billing.create_gateway(&ADMIN, new_gateway("cards", 2)).await), [("code".into(), "CODE_TAKEN".into())]);
}

async fn secrets_are_sealed_and_shown_nowhere(bench: Bench) {
    let made = gateway(&bench, "cards", 1).await;
    let billing = &bench.billing;
    let mut more = edit(made.id);
    more.credentials.insert("webhook_secret".into(), Some(SecretString::from("whsec_of_tests")));
    let edited = billing.update_gateway(&ADMIN, more).await.expect("edited");
    let access = billing.gateway_access(made.id).await.expect("access");
    assert_eq!(access.credentials["secret_key"].expose_secret(), SECRET, "the others stay");
    assert_eq!(access.credentials["webhook_secret"].expose_secret(), "whsec_of_tests");
    assert_eq!(billing.gateway_credential_names(&OPERATOR, &edited).expect("names"), ["secret_key", "webhook_secret"]);

    let mut less = edit(made.id);
    less.credentials.insert("webhook_secret".into(), None);
    billing.update_gateway(&ADMIN, less).await.expect("edited");
    assert!(!billing.gateway_access(made.id).await.expect("access").credentials.contains_key("webhook_secret"));
    let mut nothing = edit(made.id);
    nothing.credentials.insert("secret_key".into(), None);
    assert_eq!(refusal(billing.update_gateway(&ADMIN, nothing).await), [("credentials.secret_key".into(), "INVALID".into())]);

    let stored = edited.credentials_enc.expect("an envelope");
    assert!(!stored.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()), "the envelope is not sealed");
    let trail = audit_entry::Entity::find().all(billing.store.write_pool()).await.expect("entries");
    let said = format!("{trail:?} {:?} {access:?}", told(&bench, kind::GATEWAY_UPDATED).await);
    assert!(!said.contains(SECRET) && !said.contains("whsec"), "{said}");

    // An envelope that was moved to another gateway does not open there.
    let other = gateway(&bench, "others", 2).await;
    let sql = format!(
        "UPDATE gateways SET credentials_enc = (SELECT credentials_enc FROM gateways WHERE code = 'cards') WHERE code = '{}'",
        other.code
    );
    billing.store.write_pool().execute_unprepared(&sql).await.expect("moved");
    assert!(billing.gateway_access(other.id).await.is_err());
}

async fn an_edit_by_another_process_counts_at_once(bench: Bench) {
    let made = gateway(&bench, "cards", 1).await;
    let other = bench.another("worker-2").await;
    assert_eq!(other.gateway_access(made.id).await.expect("access").credentials["secret_key"].expose_secret(), SECRET);
    let mut change = edit(made.id);
    change.base_url = Some("https://elsewhere.test".into());
    change.credentials.insert("secret_key".into(), Some(SecretString::from("sk_new")));
    bench.billing.update_gateway(&ADMIN, change).await.expect("edited");
    let access = other.gateway_access(made.id).await.expect("access");
    assert_eq!((access.settings.base_url.as_str(), access.credentials["secret_key"].expose_secret()), ("https://elsewhere.test", "sk_new"));
}
