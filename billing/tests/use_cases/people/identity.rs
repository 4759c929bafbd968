//! Signing up, in and out; guessing; keys.

use billow_billing::identity::{ExposeSecret, NewApiClient, SecretString, SignIn};
use billow_billing::page::PageRequest;
use billow_billing::{Actor, Error, Scope};
use billow_entities::{ProviderId, Role, sign_in_guard};
use chrono::Duration;
use sea_orm::EntityTrait;

use crate::common::{Bench, on_both};
use crate::people::{PASSWORD, codes, customer_of, device, events, newcomer, provider, sign_in, staff};

async fn whoever_signs_up_is_signed_in_and_stored_in_the_usual_form(bench: Bench) {
    let (signed_in, actor) = newcomer(&bench.billing, " Ada@Example.com ").await;
    let customer = bench.billing.customers.customer(&actor, customer_of(&signed_in)).await.expect("oneself");
    assert_eq!(customer.email.as_deref(), Some("ada@example.com"));
    assert_eq!(customer.mobile.as_deref(), Some("+491712345678"));
    assert_eq!((customer.locale.as_str(), customer.time_zone.as_str()), ("de-DE", "Europe/Berlin"));
    assert_eq!(actor.customer().expect("a customer"), customer.id);
    assert!(!signed_in.session.token_hash.contains(signed_in.token.expose_secret()));
}

async fn a_session_slides_while_it_is_used_and_ends_when_it_is_not(bench: Bench) {
    let (signed_in, actor) = newcomer(&bench.billing, "ada@example.com").await;
    let expires = async || bench.billing.identity.sessions(&actor).await.expect("sessions")[0].expires_at;
    let first = expires().await;
    bench.clock.advance(Duration::minutes(4));
    bench.billing.identity.authenticate(&signed_in.token).await.expect("signed in");
    assert_eq!(expires().await, first, "noted again too early");
    bench.clock.advance(Duration::minutes(1));
    bench.billing.identity.authenticate(&signed_in.token).await.expect("signed in");
    assert_eq!(expires().await, first + Duration::minutes(5));
    bench.clock.advance(Duration::days(29));
    bench.billing.identity.authenticate(&signed_in.token).await.expect("signed in");
    bench.clock.advance(Duration::days(30));
    assert!(matches!(bench.billing.identity.authenticate(&signed_in.token).await, Err(Error::Unauthenticated)));
}

async fn guessing_ends_after_ten_tries_at_one_account_known_or_not(bench: Bench) {
    let (signed_in, _) = newcomer(&bench.billing, "ada@example.com").await;
    newcomer(&bench.billing, "bob@example.com").await;
    for email in ["ada@example.com", "nobody@example.com"] {
        for _ in 0..10 {
            assert_eq!(codes(sign_in(&bench.billing, email, "a wrong password").await), [":WRONG_CREDENTIALS"], "{email}");
        }
        let right = sign_in(&bench.billing, email, PASSWORD).await;
        assert!(matches!(right, Err(Error::TooMany { retry_after_s: 901 })), "{email}: {right:?}");
    }
    bench.billing.identity.authenticate(&signed_in.token).await.expect("sessions in force are not affected");
    sign_in(&bench.billing, "bob@example.com", PASSWORD).await.expect("other accounts are not affected");
    bench.clock.advance(Duration::minutes(15));
    sign_in(&bench.billing, "ada@example.com", PASSWORD).await.expect("after a quarter of an hour");
}

async fn guesses_at_the_same_time_count_too(bench: Bench) {
    newcomer(&bench.billing, "ada@example.com").await;
    let guesses = (0..20).map(|_| sign_in(&bench.billing, "ada@example.com", "a wrong password"));
    let answers = futures::future::join_all(guesses).await;
    let evaluated = answers.iter().filter(|a| matches!(a, Err(Error::Invalid(_)))).count();
    let refused = answers.iter().filter(|a| matches!(a, Err(Error::TooMany { .. }))).count();
    assert_eq!((evaluated, refused), (10, 10));
}

async fn a_right_password_neither_uses_up_the_limit_nor_wipes_out_wrong_ones(bench: Bench) {
    newcomer(&bench.billing, "ada@example.com").await;
    for _ in 0..12 {
        sign_in(&bench.billing, "ada@example.com", PASSWORD).await.expect("signed in");
    }
    for _ in 0..9 {
        assert!(sign_in(&bench.billing, "ada@example.com", "a wrong password").await.is_err());
    }
    sign_in(&bench.billing, "ada@example.com", PASSWORD).await.expect("the tenth attempt is right");
    assert_eq!(codes(sign_in(&bench.billing, "ada@example.com", "a wrong password").await), [":WRONG_CREDENTIALS"]);
    assert!(matches!(sign_in(&bench.billing, "ada@example.com", PASSWORD).await, Err(Error::TooMany { .. })));
}

async fn guessing_at_many_accounts_ends_after_fifty_tries_from_one_address(bench: Bench) {
    newcomer(&bench.billing, "ada@example.com").await;
    for n in 0..50 {
        assert!(matches!(sign_in(&bench.billing, &format!("{n}@example.com"), PASSWORD).await, Err(Error::Invalid(_))), "{n}");
    }
    assert!(matches!(sign_in(&bench.billing, "ada@example.com", PASSWORD).await, Err(Error::TooMany { .. })));
    let mut elsewhere = device();
    elsewhere.address = Some("198.51.100.1".parse().expect("an address"));
    let input = SignIn { email: "ada@example.com".into(), password: PASSWORD.into(), device: elsewhere };
    bench.billing.identity.sign_in(&Actor::Anonymous, input).await.expect("from elsewhere");

    bench.clock.advance(Duration::minutes(61));
    assert!(bench.billing.identity.sweep_identity().await.expect("swept") > 50);
    assert_eq!(sign_in_guard::Entity::find().all(bench.billing.kernel.store.read()).await.expect("guards"), []);
}

async fn a_revoked_session_is_over_at_once_and_its_sockets_are_told(bench: Bench) {
    let (first, actor) = newcomer(&bench.billing, "ada@example.com").await;
    let second = sign_in(&bench.billing, "ada@example.com", PASSWORD).await.expect("signed in");
    let (_, stranger) = newcomer(&bench.billing, "bob@example.com").await;
    assert!(matches!(bench.billing.identity.revoke_session(&stranger, second.session.id).await, Err(Error::NotFound(_))));

    bench.billing.identity.revoke_session(&actor, second.session.id).await.expect("revoked");
    assert!(matches!(bench.billing.identity.authenticate(&second.token).await, Err(Error::Unauthenticated)));
    bench.billing.identity.revoke_session(&actor, second.session.id).await.expect("stays so");
    bench.billing.identity.sign_out(&actor).await.expect("signed out");
    assert!(matches!(bench.billing.identity.authenticate(&first.token).await, Err(Error::Unauthenticated)));

    let told = events(&bench.billing, "session.revoked").await;
    let subjects: Vec<_> = told.iter().map(|e| e.subject.clone()).collect();
    assert_eq!(subjects, [second.session.id.to_string(), first.session.id.to_string()]);
    assert!(told.iter().all(|e| e.customer_id == Some(customer_of(&first))));
}

async fn one_person_is_signed_in_on_fifty_devices_at_most(bench: Bench) {
    let (first, _) = newcomer(&bench.billing, "ada@example.com").await;
    let mut last = None;
    for _ in 0..50 {
        last = Some(sign_in(&bench.billing, "ada@example.com", PASSWORD).await.expect("signed in"));
    }
    assert!(matches!(bench.billing.identity.authenticate(&first.token).await, Err(Error::Unauthenticated)));
    let actor = bench.billing.identity.authenticate(&last.expect("a sign-in").token).await.expect("signed in");
    assert_eq!(bench.billing.identity.sessions(&actor).await.expect("sessions").len(), 50);
    assert_eq!(bench.billing.identity.revoke_other_sessions(&actor).await.expect("revoked"), 49);
    assert_eq!(bench.billing.identity.sessions(&actor).await.expect("sessions").len(), 1);
}

async fn a_changed_password_signs_out_the_other_devices(bench: Bench) {
    let (_, actor) = newcomer(&bench.billing, "ada@example.com").await;
    let other = sign_in(&bench.billing, "ada@example.com", PASSWORD).await.expect("signed in");
    let change = async |current: &str, new: &str| bench.billing.identity.change_password(&actor, current.into(), new.into()).await;
    assert_eq!(codes(change("a wrong password", "another long password").await), ["currentPassword:WRONG_PASSWORD"]);
    assert_eq!(codes(change(PASSWORD, "short").await), ["newPassword:PASSWORD_TOO_SHORT"]);
    assert_eq!(codes(change(PASSWORD, PASSWORD).await), ["newPassword:PASSWORD_UNCHANGED"]);
    change(PASSWORD, "another long password").await.expect("changed");
    assert!(matches!(bench.billing.identity.authenticate(&other.token).await, Err(Error::Unauthenticated)));
    assert_eq!(bench.billing.identity.sessions(&actor).await.expect("still signed in").len(), 1);
    assert!(sign_in(&bench.billing, "ada@example.com", PASSWORD).await.is_err());
    sign_in(&bench.billing, "ada@example.com", "another long password").await.expect("signed in");
}

async fn a_disabled_user_is_out_and_stays_out_until_enabled(bench: Bench) {
    let admin = staff(&bench.billing, "root@example.com", Role::Admin).await;
    let operator = staff(&bench.billing, "op@example.com", Role::Operator).await;
    let operator_id = operator.user().expect("a user");
    assert!(matches!(bench.billing.identity.disable_user(&operator, admin.user().expect("a user"), None).await, Err(Error::Forbidden)));
    assert_eq!(codes(bench.billing.identity.disable_user(&admin, admin.user().expect("a user"), None).await), ["id:OWN_USER"]);
    let signed_in = sign_in(&bench.billing, "op@example.com", PASSWORD).await.expect("signed in");
    bench.billing.identity.disable_user(&admin, operator_id, Some("left the company")).await.expect("disabled");
    assert!(matches!(bench.billing.identity.authenticate(&signed_in.token).await, Err(Error::Unauthenticated)));
    assert_eq!(codes(sign_in(&bench.billing, "op@example.com", PASSWORD).await), [":WRONG_CREDENTIALS"]);
    bench.billing.identity.enable_user(&admin, operator_id, None).await.expect("enabled");
    sign_in(&bench.billing, "op@example.com", PASSWORD).await.expect("signed in");

    let trail = bench.billing.kernel.audit.audit_entries(&admin, Default::default(), PageRequest::default()).await.expect("the trail");
    let (_, disabled) = trail.items.iter().find(|(_, e)| e.action == "user.disable").expect("an entry");
    assert_eq!((disabled.actor.clone(), disabled.reason.as_deref()), (admin.label(), Some("left the company")));
    assert!(matches!(
        bench.billing.kernel.audit.audit_entries(&operator, Default::default(), PageRequest::default()).await,
        Err(Error::Forbidden)
    ));
}

async fn a_key_is_shown_once_gives_its_scopes_and_can_be_revoked(bench: Bench) {
    let admin = staff(&bench.billing, "root@example.com", Role::Admin).await;
    let voltara = provider(&bench.billing, "voltara").await;
    let new = NewApiClient { name: "Voltara".into(), scopes: vec![Scope::BillsPush], provider_id: Some(voltara.id) };
    let unknown = NewApiClient { provider_id: Some(ProviderId(bench.billing.kernel.ids.next())), ..new.clone() };
    assert_eq!(codes(bench.billing.identity.create_api_client(&admin, unknown).await), ["providerId:UNKNOWN_PROVIDER"]);
    let (client, key) = bench.billing.identity.create_api_client(&admin, new).await.expect("a key");
    assert!(key.expose_secret().starts_with("bk_") && key.expose_secret().ends_with(&client.key_hint));

    let actor = bench.billing.identity.authenticate(&key).await.expect("a client");
    let wanted = Actor::Client { client_id: client.id, scopes: vec![Scope::BillsPush], provider_id: Some(voltara.id) };
    assert_eq!(actor, wanted);
    let listed = bench.billing.identity.api_clients(&admin, PageRequest::default()).await.expect("a page");
    assert_eq!(listed.items[0].1.last_used_at, Some(bench.billing.kernel.clock.now()));

    bench.billing.identity.revoke_api_client(&admin, client.id).await.expect("revoked");
    bench.billing.identity.revoke_api_client(&admin, client.id).await.expect("stays so");
    assert!(matches!(bench.billing.identity.authenticate(&key).await, Err(Error::Unauthenticated)));
    assert_eq!(events(&bench.billing, "client.revoked").await.len(), 1);
}

async fn what_is_no_token_is_refused(bench: Bench) {
    let (signed_in, _) = newcomer(&bench.billing, "ada@example.com").await;
    let other = format!("{}x", &signed_in.token.expose_secret()[1..]);
    for text in ["", "x", other.as_str(), signed_in.session.token_hash.as_str(), &"bk_".repeat(20)] {
        let token = SecretString::from(text.to_owned());
        assert!(matches!(bench.billing.identity.authenticate(&token).await, Err(Error::Unauthenticated)), "{text}");
    }
}

on_both!(
    whoever_signs_up_is_signed_in_and_stored_in_the_usual_form,
    a_session_slides_while_it_is_used_and_ends_when_it_is_not,
    guessing_ends_after_ten_tries_at_one_account_known_or_not,
    guesses_at_the_same_time_count_too,
    a_right_password_neither_uses_up_the_limit_nor_wipes_out_wrong_ones,
    guessing_at_many_accounts_ends_after_fifty_tries_from_one_address,
    a_revoked_session_is_over_at_once_and_its_sockets_are_told,
    one_person_is_signed_in_on_fifty_devices_at_most,
    a_changed_password_signs_out_the_other_devices,
    a_disabled_user_is_out_and_stays_out_until_enabled,
    a_key_is_shown_once_gives_its_scopes_and_can_be_revoked,
    what_is_no_token_is_refused,
);
