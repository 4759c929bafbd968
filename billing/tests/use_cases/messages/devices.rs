use billow_billing::messages::MAX_DEVICES;
use billow_billing::{Error, UserError};

use super::*;
use crate::common::{Bench, on_both};

on_both!(
    what_a_browser_says_is_checked,
    a_device_belongs_to_whoever_registered_it_last,
    there_is_a_limit_to_devices,
    addresses_are_encrypted,
    a_test_message_goes_to_one_s_own_devices,
);

fn device(name: &str) -> NewDevice {
    NewDevice { endpoint: format!("https://push.test/{name}"), p256dh: P256DH.into(), auth: AUTH.into(), label: name.into() }
}

fn paths(error: Error) -> Vec<String> {
    let Error::Invalid(errors) = error else { panic!("{error}") };
    errors.into_iter().map(|e: UserError| e.path.join(".")).collect()
}

async fn what_a_browser_says_is_checked(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let actor = actor_of(&bench, &ada).await;
    let compressed = format!("Ag{}", &P256DH[2..]);
    let cases = [
        (NewDevice { endpoint: "https://example.com/x".into(), ..device("a") }, vec!["endpoint"]),
        (NewDevice { endpoint: format!("https://push.test/{}", "x".repeat(2_048)), ..device("a") }, vec!["endpoint"]),
        (NewDevice { p256dh: compressed, ..device("a") }, vec!["p256dh"]),
        (NewDevice { p256dh: AUTH.into(), ..device("a") }, vec!["p256dh"]),
        (
            NewDevice { p256dh: "not base64!".into(), auth: P256DH.into(), label: " ".into(), ..device("a") },
            vec!["p256dh", "auth", "label"],
        ),
    ];
    for (wrong, expected) in cases {
        let error = bench.billing.messages.register_push_subscription(&actor, wrong).await.expect_err("must be refused");
        assert_eq!(paths(error), expected);
    }
    assert!(matches!(bench.billing.messages.register_push_subscription(&Actor::Anonymous, device("a")).await, Err(Error::Unauthenticated)));
    let padded = NewDevice { auth: format!("{AUTH}=="), ..device("a") };
    assert!(bench.billing.messages.register_push_subscription(&actor, padded).await.is_ok(), "padding does no harm");
    assert_eq!(bench.billing.messages.push_public_key().as_deref(), Some("BFake"));
}

async fn a_device_belongs_to_whoever_registered_it_last(bench: Bench) {
    let (ada, bob) = (customer(&bench, "Ada").await, customer(&bench, "Bob").await);
    let (hers, his) = (actor_of(&bench, &ada).await, actor_of(&bench, &bob).await);
    let first = register(&bench, &hers, "phone").await;
    let again = register(&bench, &hers, "phone").await;
    assert_eq!((first.id, first.created_at), (again.id, again.created_at));
    let moved = register(&bench, &his, "phone").await;
    assert_eq!((moved.id, moved.customer_id), (first.id, Some(bob.id)));
    assert!(bench.billing.messages.push_subscriptions(&hers).await.expect("read").is_empty());
    assert!(matches!(bench.billing.messages.remove_push_subscription(&hers, moved.id).await, Err(Error::NotFound(_))));
    assert!(!bench.billing.messages.forget_push_endpoint(&hers, "https://push.test/phone").await.expect("answered"));
    assert!(bench.billing.messages.forget_push_endpoint(&his, "https://push.test/phone").await.expect("answered"));
    let tablet = register(&bench, &his, "tablet").await;
    bench.billing.messages.remove_push_subscription(&his, tablet.id).await.expect("removed");
    assert!(bench.billing.messages.push_subscriptions(&his).await.expect("read").is_empty());
}

async fn there_is_a_limit_to_devices(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let actor = actor_of(&bench, &ada).await;
    for n in 0..MAX_DEVICES {
        register(&bench, &actor, &format!("device {n}").replace(' ', "-")).await;
    }
    let error = bench.billing.messages.register_push_subscription(&actor, device("one-more")).await.expect_err("too many");
    assert!(matches!(&error, Error::Invalid(errors) if errors[0].code == "TOO_MANY"), "{error}");
    register(&bench, &actor, "device-0").await;
}

async fn addresses_are_encrypted(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let stored = register(&bench, &actor_of(&bench, &ada).await, "phone").await;
    let shown = format!("{} {}", String::from_utf8_lossy(&stored.endpoint_enc), String::from_utf8_lossy(&stored.auth_enc));
    assert!(!shown.contains("push.test") && !shown.contains(AUTH) && !stored.endpoint_index.contains("push"));
}

async fn a_test_message_goes_to_one_s_own_devices(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let actor = actor_of(&bench, &ada).await;
    let other = actor_of(&bench, &ada).await;
    assert!(matches!(bench.billing.messages.send_test_notification(&actor, None).await, Err(Error::NotFound(_))));
    let phone = register(&bench, &actor, "phone").await;
    register(&bench, &actor, "tablet").await;
    let theirs = register(&bench, &other, "laptop").await;
    assert!(matches!(bench.billing.messages.send_test_notification(&actor, Some(theirs.id)).await, Err(Error::NotFound(_))));
    bench.billing.messages.send_test_notification(&actor, Some(phone.id)).await.expect("queued");
    bench.billing.messages.send_test_notification(&actor, None).await.expect("queued");
    assert!(matches!(bench.billing.messages.send_test_notification(&actor, None).await, Err(Error::TooMany { retry_after_s: 60 })));
    bench.billing.messages.deliver_due().await.expect("sent");
    let pushes = bench.ports.pushes.lock();
    let mut to: Vec<_> =
        pushes.iter().map(|p| secrecy::ExposeSecret::expose_secret(&p.endpoint).rsplit('/').next().map(str::to_owned)).collect();
    to.sort();
    assert_eq!(to, [Some("phone".into()), Some("phone".into()), Some("tablet".into())]);
    assert!(pushes.iter().all(|p| secrecy::ExposeSecret::expose_secret(&p.auth) == AUTH && p.p256dh == P256DH));
}
