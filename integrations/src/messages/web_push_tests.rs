use billow_billing::clock::{ManualClock, SeededEntropy};
use serde_json::Value;

use super::*;
use crate::http::GuardPolicy;
use crate::test_server::{Answer, Server};

/// The browser's keys of RFC 8291, appendix A.
const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

fn clock() -> Arc<dyn Clock> {
    Arc::new(ManualClock::new("2027-03-01T09:00:00Z".parse().expect("an instant")))
}

fn sender(hosts: &[String]) -> WebPushSender {
    let http = GuardedHttp::new(GuardPolicy { allowed_hosts: hosts.to_vec(), ..GuardPolicy::default() }).expect("a client");
    let (private, _) = generate_vapid_keys(&SeededEntropy::new(5));
    let settings = WebPushSettings { private_key: private.into(), contact: "mailto:ops@billow.test".into(), allowed_hosts: hosts.to_vec() };
    WebPushSender::new(http, settings, clock()).expect("a sender")
}

fn message(endpoint: String) -> PushMessage {
    PushMessage {
        delivery_id: "dlv_01h2e8kqvbfwea724h75qc655w".parse().expect("an id"),
        endpoint: endpoint.into(),
        p256dh: P256DH.into(),
        auth: AUTH.to_owned().into(),
        payload: br#"{"web_push":8030}"#.to_vec(),
        topic: Some("bill_01h2e8kqvbfwea724h75qc655w".into()),
        ttl_s: 3_600,
        urgent: true,
    }
}

#[test]
fn keys_are_pairs_and_differ() {
    let entropy = SeededEntropy::new(7);
    let (first, second) = (generate_vapid_keys(&entropy), generate_vapid_keys(&entropy));
    assert_ne!(first.0, second.0);
    let public = URL_SAFE_NO_PAD.decode(&first.1).expect("base64url");
    assert_eq!((public.len(), public[0]), (65, 4));
    let http = GuardedHttp::new(GuardPolicy::default()).expect("a client");
    let settings = |key: &str, contact: &str| WebPushSettings {
        private_key: key.to_owned().into(),
        contact: contact.into(),
        allowed_hosts: Vec::new(),
    };
    let sender = WebPushSender::new(http.clone(), settings(&first.0, "mailto:a@b.test"), clock()).expect("a sender");
    assert_eq!(sender.public_key(), Some(first.1));
    assert!(WebPushSender::new(http.clone(), settings("AAAA", "mailto:a@b.test"), clock()).is_err());
    assert!(WebPushSender::new(http, settings(&first.0, "somebody"), clock()).is_err());
}

#[test]
fn keys_of_browsers_are_points_of_the_curve() {
    let sender = sender(&[]);
    let key = URL_SAFE_NO_PAD.decode(P256DH).expect("base64url");
    assert_eq!(sender.check_key(&key), Ok(()));
    let mut off_the_curve = key.clone();
    off_the_curve[64] ^= 1;
    let compressed: Vec<u8> = std::iter::once(2).chain(key[1..33].iter().copied()).collect();
    for bad in [&off_the_curve[..], &compressed, &key[..64], &[4; 65], &[]] {
        assert!(sender.check_key(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn only_known_push_services_are_called() {
    let sender = sender(&["push.example.com".into(), "127.0.0.1:4010".into(), "push.test/send/".into()]);
    for good in [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-par02p.notify.windows.com/w/?token=abc",
        "https://push.example.com/0123456789abcdef",
        "http://127.0.0.1:4010/push/send/0123456789abcdef",
        "https://push.test/send/abc",
    ] {
        assert_eq!(sender.check_endpoint(good), Ok(()), "{good}");
    }
    for bad in [
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://fcm.googleapis.com:8443/abc",
        "https://fcm.googleapis.com.evil.test/abc",
        "https://evilpush.apple.com.evil.test/",
        "https://push.apple.com@evil.test/",
        "https://evil-fcm.googleapis.com/",
        "https://example.com/",
        "https://push.example.com/",
        "https://push.example.com/control/reset",
        "http://127.0.0.1:4010/control/reset",
        "https://push.test/control/0123456789abcdef",
        "https://push.test/send/",
        "https://push.test/send/../control/0123456789abcdef",
        "https://web.push.apple.com/",
        "https://10.0.0.1/",
        "http://127.0.0.1:4011/abc",
        "javascript:alert(1)",
        "",
    ] {
        assert!(sender.check_endpoint(bad).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn a_push_carries_what_the_standards_ask_for() {
    let server = Server::always(Answer::Whole(201, vec![], vec![])).await;
    let sender = sender(&[server.address.to_string()]);
    assert_eq!(sender.send(message(server.url("/push/0123456789abcdef"))).await, SendOutcome::Sent);
    let seen = server.seen().pop().expect("a request");
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/push/0123456789abcdef"));
    for (name, value) in [
        ("ttl", "3600"),
        ("urgency", "high"),
        ("topic", "bill_01h2e8kqvbfwea724h75qc655w"),
        ("content-encoding", "aes128gcm"),
        ("content-type", "application/octet-stream"),
    ] {
        assert_eq!(seen.header(name), Some(value), "{name}");
    }
    let authorization = seen.header("authorization").expect("VAPID").strip_prefix("vapid t=").expect("a token");
    let (token, key) = authorization.split_once(", k=").expect("a key");
    assert_eq!(Some(key.to_owned()), sender.public_key());
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("claims")).expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    assert_eq!((&claims["aud"], &claims["sub"]), (&server.url("").into(), &"mailto:ops@billow.test".into()));
    assert_eq!(claims["exp"], clock().now().timestamp() + 12 * 3_600, "by the clock it was given");
    // RFC 8188: a salt of 16 bytes, the record size, and the sender's key of 65 bytes before the records.
    assert!(seen.body.len() > 86 && seen.body[20] == 65 && !String::from_utf8_lossy(&seen.body).contains("web_push"));
}

#[tokio::test]
async fn every_answer_means_something() {
    let answers = [
        (201, "sent"),
        (200, "sent"),
        (202, "sent"),
        (404, "gone"),
        (410, "gone"),
        (400, "refused"),
        (401, "refused"),
        (403, "refused"),
        (413, "refused"),
        (307, "refused"),
        (429, "retry 7000"),
        (500, "retry 7000"),
        (503, "retry 7000"),
    ];
    let server = Server::start(move |_, n| Answer::Whole(answers[n].0, vec![("retry-after", "7".into())], b"why".to_vec())).await;
    let sender = sender(&[server.address.to_string()]);
    for (status, expected) in answers {
        let outcome = match sender.send(message(server.url("/push/0123456789abcdef"))).await {
            SendOutcome::Sent => "sent".to_owned(),
            SendOutcome::Gone { message } => {
                assert_eq!(message, format!("{status} why"));
                "gone".into()
            }
            SendOutcome::Refused { .. } => "refused".into(),
            SendOutcome::Retryable { retry_after_ms, .. } => format!("retry {}", retry_after_ms.unwrap_or_default()),
            SendOutcome::Unknown { .. } => "unknown".into(),
        };
        assert_eq!(outcome, expected, "{status}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_not_a_refusal() {
    let server = Server::always(Answer::Close).await;
    let sender = sender(&[server.address.to_string()]);
    assert!(matches!(sender.send(message(server.url("/0123456789abcdef"))).await, SendOutcome::Unknown { .. }));
    let endpoint = server.url("/0123456789abcdef");
    drop(server);
    tokio::task::yield_now().await;
    assert!(matches!(sender.send(message(endpoint)).await, SendOutcome::Retryable { .. } | SendOutcome::Unknown { .. }));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anybody_is_called() {
    let server = Server::always(Answer::Whole(201, vec![], vec![])).await;
    let sender = sender(&[server.address.to_string()]);
    let whole = message(server.url("/"));
    let broken = [
        PushMessage { payload: vec![b'x'; MAX_BYTES + 1], ..whole.clone() },
        PushMessage { p256dh: "BAAA".into(), ..whole.clone() },
        PushMessage { topic: Some("not a topic".into()), ..whole.clone() },
        PushMessage { endpoint: "https://example.com/".to_owned().into(), ..whole },
    ];
    for message in broken {
        assert!(matches!(sender.send(message).await, SendOutcome::Refused { .. }));
    }
    assert!(server.seen().is_empty());
}
