//! The push service takes what a careful sender sends and refuses the rest.

mod support;

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use billow_sandbox::{NewSubscription, PushFault, SandboxState};
use chrono::{DateTime, Utc};
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer as _;
use serde_json::{Value, json};
use support::{NOW, Rig, instant, rig};
use web_push_native::{Auth, encrypt};

/// A sender with a key of its own.
struct Sender(SigningKey);

impl Sender {
    fn new(seed: u8) -> Self {
        Self(SigningKey::from_slice(&[seed; 32]).expect("a key"))
    }

    fn public_key(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0.verifying_key().to_encoded_point(false).as_bytes())
    }

    fn authorization(&self, claims: &Value) -> String {
        let part = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", part(&json!({ "typ": "JWT", "alg": "ES256" })), part(claims));
        let signature: p256::ecdsa::Signature = self.0.sign(signed.as_bytes());
        format!("vapid t={signed}.{}, k={}", BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()), self.public_key())
    }
}

fn claims(rig: &Rig, exp: DateTime<Utc>) -> Value {
    json!({ "aud": rig.sandbox.http_url(), "exp": exp.timestamp(), "sub": "mailto:ops@billow.example" })
}

fn encrypted(to: &NewSubscription, payload: &str) -> Vec<u8> {
    let bytes = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let key = p256::PublicKey::from_sec1_bytes(&bytes(&to.p256dh)).expect("a key");
    encrypt(payload.into(), &key, Auth::from_slice(&bytes(&to.auth))).expect("encrypted")
}

/// A push that is right in every way.
fn right(rig: &Rig, to: &NewSubscription) -> reqwest::RequestBuilder {
    let exp = instant(NOW) + Duration::from_secs(12 * 3_600);
    rig.client
        .post(&to.endpoint)
        .header("authorization", Sender::new(7).authorization(&claims(rig, exp)))
        .header("ttl", "3600")
        .header("content-encoding", "aes128gcm")
        .body(encrypted(to, r#"{"title":"Hello"}"#))
}

async fn status(request: reqwest::RequestBuilder) -> u16 {
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn a_push_is_decrypted_with_the_subscription_s_own_keys() {
    let rig = rig().await;
    let to = rig.sandbox.state().create_subscription(None).expect("a subscription");
    assert_eq!(SandboxState::subscription_of(&to.endpoint), to.id);
    let answer = right(&rig, &to).header("urgency", "high").header("topic", "bill_1").send().await.expect("an answer");
    assert_eq!(answer.status(), 201);
    assert!(answer.headers().contains_key("location"));
    let pushes = rig.sandbox.state().pushes_for(&to.id);
    let [push] = &pushes[..] else { panic!("one push, not {}", pushes.len()) };
    assert_eq!(
        (push.payload.as_str(), push.ttl_s, push.topic.as_deref(), push.urgency.as_deref()),
        (r#"{"title":"Hello"}"#, 3_600, Some("bill_1"), Some("high"))
    );
    assert_eq!(push.vapid.sub, "mailto:ops@billow.example");
    assert_eq!(push.vapid_key, Sender::new(7).public_key());
    assert!(!push.headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_subscription_over_http_is_as_a_browser_gives_it() {
    let rig = rig().await;
    let wish = json!({ "applicationServerKey": Sender::new(7).public_key() });
    let made: Value =
        rig.client.post(rig.url("/push/subscriptions")).json(&wish).send().await.expect("an answer").json().await.expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let to = NewSubscription {
        id: text(&made["id"]),
        endpoint: text(&made["endpoint"]),
        p256dh: text(&made["keys"]["p256dh"]),
        auth: text(&made["keys"]["auth"]),
    };
    assert_eq!(status(right(&rig, &to)).await, 201);
    let mut stranger = right(&rig, &to).build().expect("a request");
    let theirs = Sender::new(8).authorization(&claims(&rig, instant(NOW) + Duration::from_secs(60)));
    stranger.headers_mut().insert("authorization", theirs.parse().expect("a header"));
    let answer = rig.client.execute(stranger).await.expect("an answer");
    assert_eq!(answer.status(), 403, "the subscription belongs to another sender");
}

#[tokio::test]
async fn senders_who_do_not_prove_themselves_are_refused() {
    let rig = rig().await;
    let to = rig.sandbox.state().create_subscription(None).expect("a subscription");
    let soon = instant(NOW) + Duration::from_secs(3_600);
    let sender = Sender::new(7);
    let with = |mut base: Value, field: &str, value: Value| {
        base[field] = value;
        base
    };
    let forged = sender.authorization(&claims(&rig, soon)).replace(&sender.public_key(), &Sender::new(8).public_key());
    for (authorization, reason) in [
        (String::new(), "does not begin with vapid"),
        ("vapid t=a.b.c".to_owned(), "no k"),
        (forged, "was not signed with k"),
        (sender.authorization(&claims(&rig, instant(NOW))), "has expired"),
        (sender.authorization(&claims(&rig, instant(NOW) + Duration::from_secs(86_401))), "more than 24 hours"),
        (sender.authorization(&with(claims(&rig, soon), "aud", json!("https://push.example"))), "aud is https://push.example"),
        (sender.authorization(&with(claims(&rig, soon), "sub", json!("me"))), "sub is neither"),
        (sender.authorization(&json!({ "aud": rig.sandbox.http_url() })), "not whole"),
    ] {
        let request = rig.client.post(&to.endpoint).header("authorization", authorization).header("ttl", "0").body(encrypted(&to, "x"));
        let answer = request.header("content-encoding", "aes128gcm").send().await.expect("an answer");
        assert_eq!(answer.status(), 403);
        let text = answer.text().await.expect("text");
        assert!(text.contains(reason), "{text}, not {reason}");
    }
    assert_eq!(rig.sandbox.state().refused_pushes().len(), 8);
    assert!(rig.sandbox.state().pushes().is_empty());
}

#[tokio::test]
async fn requests_that_break_the_rules_are_refused() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    let to = state.create_subscription(None).expect("a subscription");
    let other = state.create_subscription(None).expect("a subscription");
    let changed = |change: fn(&mut reqwest::Request)| {
        let mut request = right(&rig, &to).build().expect("a request");
        change(&mut request);
        rig.client.execute(request)
    };
    let header = |name: &'static str, value: &'static str| right(&rig, &to).header(name, value);
    assert_eq!(changed(|r| drop(r.headers_mut().remove("ttl"))).await.expect("an answer").status(), 400);
    assert_eq!(changed(|r| drop(r.headers_mut().remove("content-encoding"))).await.expect("an answer").status(), 400);
    assert_eq!(status(header("urgency", "now")).await, 400);
    assert_eq!(status(header("topic", "no spaces here")).await, 400);
    assert_eq!(status(right(&rig, &to).body(encrypted(&other, "for somebody else"))).await, 400);
    assert_eq!(status(right(&rig, &to).body("short")).await, 400);
    assert_eq!(status(right(&rig, &to).body(encrypted(&to, &"x".repeat(4_000)))).await, 413);
    let nowhere = NewSubscription { endpoint: rig.url("/push/send/none"), ..to.clone() };
    assert_eq!(status(right(&rig, &nowhere)).await, 404);
    assert_eq!(status(right(&rig, &to)).await, 201, "and the right one is taken");
}

#[tokio::test]
async fn faults_of_a_subscription() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    let to = state.create_subscription(None).expect("a subscription");
    for (fault, expected) in [
        (PushFault::NotFound, 404),
        (PushFault::Gone, 410),
        (PushFault::TooLarge, 413),
        (PushFault::TooManyRequests { retry_after_s: 9 }, 429),
        (PushFault::ServerError, 500),
    ] {
        state.set_push_fault(&to.id, Some(fault)).expect("set");
        let answer = right(&rig, &to).send().await.expect("an answer");
        assert_eq!(answer.status(), expected);
        assert_eq!(answer.headers().contains_key("retry-after"), expected == 429);
    }
    assert!(state.pushes().is_empty());

    state.set_push_fault(&to.id, Some(PushFault::Hang)).expect("set");
    assert!(right(&rig, &to).timeout(Duration::from_millis(200)).send().await.expect_err("no answer").is_timeout());
    assert!(state.pushes().is_empty());

    state.set_push_fault(&to.id, Some(PushFault::LostAnswer)).expect("set");
    assert!(!right(&rig, &to).send().await.expect_err("no answer").is_timeout());
    assert_eq!(state.pushes().iter().map(|p| p.answer_lost).collect::<Vec<_>>(), [true], "it got through, but nobody was told");

    state.set_push_fault(&to.id, None).expect("set");
    assert_eq!(status(right(&rig, &to)).await, 201);
    assert!(state.set_push_fault("none", None).is_err());
}
