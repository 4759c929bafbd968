//! What no whole server is needed for: every status, odd answers, and signatures by another's hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use billow_billing::ports::Decline;
use billow_billing::ports::{ChargeSource, NoticeSubject};
use billow_entities::{DeclineKind, GatewayAdapter, MethodKind};
use serde_json::json;
use stripe_webhook::Webhook;

use super::*;
use crate::http::GuardPolicy;
use crate::test_server::{Answer, Server};

const SECRET: &str = "whsec_of_the_test";
const NOW_S: i64 = 1_795_251_600;

fn access(base_url: String) -> GatewayAccess {
    GatewayAccess {
        id: "gw_01h2e8kqvbfwea724h75qc655w".parse().expect("an id"),
        code: "stripe".into(),
        adapter: GatewayAdapter::Stripe,
        settings: GatewaySettings { base_url, timeout_ms: 2_000, searches: true },
        credentials: Arc::new(BTreeMap::from([
            ("secret_key".to_owned(), "sk_test_of_the_test".to_owned().into()),
            ("webhook_secret".to_owned(), SECRET.to_owned().into()),
        ])),
    }
}

fn gateway(host: &str) -> StripeGateway {
    let policy = GuardPolicy { allowed_hosts: vec![host.to_owned()], ..GuardPolicy::default() };
    StripeGateway::new(GuardedHttp::new(policy).expect("a client"))
}

fn new_charge() -> NewCharge {
    NewCharge {
        attempt: "att_1".into(),
        payment: "pay_1".into(),
        amount_minor: 4_200,
        currency: "EUR".parse().expect("a currency"),
        description: "Voltara & more".into(),
        source: ChargeSource::Method {
            customer: "cus_1".into(),
            method: "pm_1".into(),
            kind: MethodKind::Card,
            mandate: None,
            on_session: None,
        },
    }
}

#[tokio::test]
async fn a_charge_is_a_form_with_our_ids_and_key() {
    let answer = json!({"id": "pi_1", "status": "succeeded", "amount": 4200, "currency": "eur", "metadata": {"attempt": "att_1"}});
    let server = Server::always(Answer::json(200, &answer)).await;
    let charge = gateway(&server.address.to_string()).charge(&access(server.url("/")), "att_1", &new_charge()).await.expect("a charge");
    assert_eq!((charge.id.as_str(), &charge.state, charge.fee_minor), ("pi_1", &ChargeState::Succeeded, None));
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/v1/payment_intents"));
    assert_eq!(seen.header("idempotency-key"), Some("att_1"));
    assert_eq!(seen.header("authorization"), Some("Bearer sk_test_of_the_test"));
    assert_eq!(seen.header("stripe-version"), Some("2026-09-30.endive"));
    let mut fields: Vec<_> = String::from_utf8_lossy(&seen.body).split('&').map(str::to_owned).collect();
    fields.sort();
    assert_eq!(
        fields,
        [
            "allowed_payment_method_types[0]=card",
            "amount=4200",
            "capture_method=automatic",
            "confirm=true",
            "currency=eur",
            "customer=cus_1",
            "description=Voltara+%26+more",
            "expand[0]=latest_charge.balance_transaction",
            "metadata[attempt]=att_1",
            "metadata[payment]=pay_1",
            "off_session=true",
            "payment_method=pm_1",
        ]
    );
}

#[tokio::test]
async fn every_answer_means_something() {
    let error = |kind: &str, code: &str| json!({"error": {"type": kind, "code": code, "message": "words"}});
    let answers = [
        (200, json!({"id": "pi_1"}), "unknown"),
        (200, json!([]), "unknown"),
        (200, json!({"id": "pi_1", "status": "of tomorrow", "amount": 1, "currency": "eur"}), "unknown"),
        (302, json!({}), "unknown"),
        (400, error("invalid_request_error", "parameter_missing"), "refused"),
        (400, error("idempotency_error", ""), "key reused"),
        (401, error("invalid_request_error", ""), "refused"),
        (402, error("card_error", "expired_card"), "failed"),
        (403, json!("a page of a wall"), "refused"),
        (404, error("invalid_request_error", "resource_missing"), "refused"),
        (409, error("idempotency_error", "idempotency_key_in_use"), "unknown"),
        (424, error("api_error", ""), "unknown"),
        (429, error("invalid_request_error", "lock_timeout"), "not sent"),
        (500, error("api_error", ""), "unknown"),
        (503, json!(null), "unknown"),
    ];
    let script = answers.clone();
    let server = Server::start(move |_, n| Answer::json(script[n].0, &script[n].1)).await;
    let (gateway, at) = (gateway(&server.address.to_string()), access(server.url("")));
    for (status, body, expected) in answers {
        let outcome = match gateway.charge(&at, "att_1", &new_charge()).await {
            Ok(Charge { state: ChargeState::Failed(Decline { kind: DeclineKind::CardExpired, .. }), .. }) => "failed",
            Ok(_) => "ok",
            Err(GatewayFault::Unknown { .. }) => "unknown",
            Err(GatewayFault::NotSent { .. }) => "not sent",
            Err(GatewayFault::Refused { .. }) => "refused",
            Err(GatewayFault::KeyReused { .. }) => "key reused",
        };
        assert_eq!(outcome, expected, "{status} {body}");
    }
}

#[tokio::test]
async fn a_fee_in_another_currency_is_not_the_charge_s() {
    let body = |fee_currency: &str| {
        let balance = json!({"id": "txn_1", "fee": 88, "currency": fee_currency});
        json!({"id": "pi_1", "status": "succeeded", "amount": 4200, "currency": "eur", "created": NOW_S,
               "latest_charge": {"id": "ch_1", "amount_refunded": 200, "balance_transaction": balance}})
    };
    let server = Server::start(move |_, n| Answer::json(200, &body(["eur", "usd"][n]))).await;
    let (gateway, at) = (gateway(&server.address.to_string()), access(server.url("")));
    for fee in [Some(88), None] {
        let charge = gateway.charge_state(&at, "pi_1").await.expect("a charge");
        assert_eq!((charge.fee_minor, charge.refunded_minor, charge.attempt), (fee, Some(200), None));
        assert_eq!(charge.created_at.map(|at| at.timestamp()), Some(NOW_S));
    }
}

fn signed(body: &str, secret: &str, at: i64) -> String {
    Webhook::generate_test_header(body, secret, Some(at))
}

#[test]
fn a_webhook_is_believed_for_its_signature_and_its_age() {
    let (gateway, at) = (gateway("none.example"), access("https://none.example".into()));
    let now = DateTime::from_timestamp(NOW_S, 0).expect("an instant");
    let body = r#"{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"object":"payment_intent","id":"pi_1"}}}"#;
    let read = |header: Option<&str>, body: &str| gateway.read_webhook(&at, header, body.as_bytes(), now);
    let good = signed(body, SECRET, NOW_S);
    let notice = read(Some(&good), body).expect("a notice");
    assert_eq!((notice.id.as_str(), notice.kind.as_str()), ("evt_1", "payment_intent.succeeded"));
    assert_eq!(notice.about, Some(NoticeSubject::Charge("pi_1".into())));

    let digest = good.split_once("v1=").expect("a digest").1;
    let other = signed(body, "whsec_of_another", NOW_S);
    // While secrets change there are two, and other schemes beside them.
    assert!(read(Some(&format!("{other},v1={digest},v0=00")), body).is_ok());
    for forged in [
        None,
        Some(""),
        Some("t=,v1="),
        Some(other.as_str()),
        Some(format!("t={NOW_S}").as_str()),
        Some(format!("v1={digest}").as_str()),
        Some(format!("t={NOW_S},v0={digest}").as_str()),
        Some(format!("t={},v1={digest}", NOW_S + 1).as_str()),
        Some(format!("t={NOW_S},v1={}", &digest[2..]).as_str()),
        Some(format!("t={NOW_S},v1={digest}{}", " ".repeat(5_000)).as_str()),
    ] {
        assert_eq!(read(forged, body), Err(WebhookRefusal::Forged), "{forged:?}");
    }
    assert_eq!(read(Some(&good), &body.replace("pi_1", "pi_2")), Err(WebhookRefusal::Forged));
    for (age, fits) in [(300, true), (301, false), (-300, true), (-301, false), (i64::MAX / 2, false)] {
        let answer = read(Some(&signed(body, SECRET, NOW_S - age)), body);
        assert_eq!(answer.is_ok(), fits, "{age}: {answer:?}");
        assert!(fits || answer == Err(WebhookRefusal::Stale), "{age}: {answer:?}");
    }
    for unreadable in ["", "[]", "{}", r#"{"id":"evt_1"}"#] {
        assert_eq!(read(Some(&signed(unreadable, SECRET, NOW_S)), unreadable), Err(WebhookRefusal::Unreadable), "{unreadable}");
    }
    let mut without = at.clone();
    without.credentials = Arc::default();
    assert_eq!(gateway.read_webhook(&without, Some(&signed(body, "", NOW_S)), body.as_bytes(), now), Err(WebhookRefusal::Forged));
}

#[test]
fn a_webhook_says_what_it_is_about() {
    let (gateway, at) = (gateway("none.example"), access("https://none.example".into()));
    let now = DateTime::from_timestamp(NOW_S, 0).expect("an instant");
    let cases = [
        (json!({"object": "charge", "id": "ch_1", "payment_intent": "pi_1"}), Some(NoticeSubject::Charge("pi_1".into()))),
        (json!({"object": "charge", "id": "ch_1"}), None),
        (json!({"object": "refund", "id": "re_1"}), Some(NoticeSubject::Refund("re_1".into()))),
        (json!({"object": "setup_intent", "id": "seti_1"}), Some(NoticeSubject::Setup("seti_1".into()))),
        (json!({"object": "checkout.session", "id": "cs_1", "mode": "setup"}), Some(NoticeSubject::Setup("cs_1".into()))),
        (json!({"object": "checkout.session", "id": "cs_1", "mode": "payment"}), Some(NoticeSubject::Charge("cs_1".into()))),
        (json!({"object": "balance"}), None),
    ];
    for (object, about) in cases {
        let body = json!({"id": "evt_1", "type": "some.thing", "data": {"object": object}}).to_string();
        let notice = gateway.read_webhook(&at, Some(&signed(&body, SECRET, NOW_S)), body.as_bytes(), now).expect("a notice");
        assert_eq!(notice.about, about, "{object}");
    }
}

#[test]
fn settings_are_checked() {
    let gateway = gateway("127.0.0.1:4010");
    let check = |base_url: &str, timeout_ms: u64, secrets: &[(&str, &str)]| {
        let settings = GatewaySettings { base_url: base_url.into(), timeout_ms, searches: true };
        let secrets = secrets.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned().into())).collect();
        gateway.check(&settings, &secrets).err().unwrap_or_default().join("; ")
    };
    let key = ("secret_key", "sk_test_12345");
    assert_eq!(check("https://api.stripe.com", 20_000, &[key, ("webhook_secret", "whsec_12345")]), "");
    assert_eq!(check("http://127.0.0.1:4010/cards", 1_000, &[key]), "");
    assert_eq!(check("https://api.stripe.com", 20_000, &[("secret_key", "rk_live_12345")]), "");
    for (wrong, problem) in [
        (check("http://api.stripe.com", 20_000, &[key]), "base_url: "),
        (check("https://10.0.0.1", 20_000, &[key]), "base_url: "),
        (check("https://api.stripe.com/?x", 20_000, &[key]), "base_url: "),
        (check("https://api.stripe.com", 999, &[key]), "timeout_ms: "),
        (check("https://api.stripe.com", 20_000, &[]), "credentials.secret_key: "),
        (check("https://api.stripe.com", 20_000, &[("secret_key", "sk with blanks")]), "credentials.secret_key: "),
        (check("https://api.stripe.com", 20_000, &[key, ("secret", "12345678")]), "credentials.secret: "),
        (check("https://api.stripe.com", 20_000, &[("secret_key", "pk_live_12345")]), "credentials.secret_key: this is a publishable key"),
        (
            check("https://api.stripe.com", 20_000, &[("secret_key", "whsec_12345")]),
            "credentials.secret_key: this is the secret of a webhook",
        ),
        (check("https://api.stripe.com", 20_000, &[("secret_key", "nonsense")]), "credentials.secret_key: "),
        (check("https://api.stripe.com", 20_000, &[("secret_key", "sk_12345678")]), "credentials.secret_key: a secret key begins with"),
        (check("https://api.stripe.com", 20_000, &[key, ("webhook_secret", "nonsense")]), "credentials.webhook_secret: "),
        (check("https://api.stripe.com", 20_000, &[key, ("webhook_secret", "sk_test_12345")]), "credentials.webhook_secret: "),
    ] {
        assert!(wrong.starts_with(problem), "{wrong} / {problem}");
        assert!(!wrong.contains("blanks") || wrong.contains("no blanks"), "{wrong}");
    }
}

#[test]
fn a_key_says_whether_it_moves_real_money() {
    let gateway = gateway("127.0.0.1:4010");
    for (key, mode) in [
        ("sk_live_12345", Some(GatewayMode::Live)),
        ("rk_live_12345", Some(GatewayMode::Live)),
        ("sk_test_12345", Some(GatewayMode::Test)),
        ("rk_test_12345", Some(GatewayMode::Test)),
        ("pk_live_12345", None),
        ("sk_12345678", None),
        ("xsk_live_12345", None),
    ] {
        let secrets = BTreeMap::from([("secret_key".to_owned(), key.to_owned().into())]);
        assert_eq!(gateway.mode(&secrets), mode, "{key}");
    }
    let webhooks = BTreeMap::from([("webhook_secret".to_owned(), "whsec_live_12345".to_owned().into())]);
    assert_eq!(gateway.mode(&webhooks), None, "the secret of webhooks says nothing");
}

#[tokio::test]
async fn the_account_is_read_by_one_call_and_every_answer_is_told_apart() {
    let whole = json!({
        "id": "acct_1", "object": "account", "charges_enabled": true, "business_profile": {"name": "Billow GmbH"},
        "settings": {"dashboard": {"display_name": "Billow"}},
    });
    let server = Server::always(Answer::json(200, &whole)).await;
    let read = gateway(&server.address.to_string()).account(&access(server.url("/"))).await.expect("an account");
    assert_eq!(read, GatewayAccount { id: "acct_1".into(), name: Some("Billow".into()), can_charge: Some(true) });
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].method.as_str(), seen[0].target.as_str()), ("GET", "/v1/account"));
    assert_eq!(seen[0].header("idempotency-key"), None, "it has no effect");

    let little = json!({"id": "acct_1", "object": "account", "charges_enabled": false, "business_profile": {"name": "Billow GmbH"}, "settings": null});
    let server = Server::always(Answer::json(200, &little)).await;
    let read = gateway(&server.address.to_string()).account(&access(server.url("/"))).await.expect("an account");
    assert_eq!((read.name.as_deref(), read.can_charge), (Some("Billow GmbH"), Some(false)));

    let error = |message: &str| json!({"error": {"type": "invalid_request_error", "message": message}});
    for (status, body, told) in [
        (401, error("Invalid API Key provided: sk_test_of_the_test"), "refused key_refused 401 the gateway refuses the secret_key"),
        (403, error("The key lacks permissions"), "refused not_permitted 403 The key lacks permissions"),
        (404, error("Unrecognized request URL"), "refused invalid_request_error 404 Unrecognized request URL"),
        (429, error("Slow down"), "not sent"),
        (500, error("Oops"), "unknown"),
        (200, json!({"object": "list", "data": []}), "unknown"),
        (200, json!("<html>"), "unknown"),
    ] {
        let server = Server::always(Answer::json(status, &body)).await;
        let answer = gateway(&server.address.to_string()).account(&access(server.url("/"))).await.expect_err("no account");
        let found = match answer {
            GatewayFault::Refused { code, message } => format!("refused {} {message}", code.unwrap_or_default()),
            GatewayFault::NotSent { .. } => "not sent".to_owned(),
            GatewayFault::Unknown { .. } => "unknown".to_owned(),
            GatewayFault::KeyReused { .. } => "reused".to_owned(),
        };
        assert!(found.starts_with(told), "{status} {body}: {found}");
        assert_eq!(server.seen().len(), 1, "{status}: one call");
    }
}
