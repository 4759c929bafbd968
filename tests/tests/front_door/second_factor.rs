//! Second factors through the front door: authenticator apps, recovery codes, the second step, staff who must have one.

use billow_entities::Role;
use billow_tests::{Client, TestApp, both, text};
use chrono::Duration;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { token viewer { role } \
     secondFactorRequired { challengeToken methods expiresAt } userErrors { code message path } } }";
const COMPLETE: &str = "mutation($input: CompleteSignInInput!) { completeSignIn(input: $input) { token viewer { role mustSetUpSecondFactor } \
     userErrors { code message path } } }";
const START: &str = "mutation { startTotpSetup { secret uri qrSvg userErrors { code message path } } }";
const CONFIRM_APP: &str = "mutation($input: ConfirmTotpSetupInput!) { confirmTotpSetup(input: $input) { recoveryCodes \
     secondFactor { enabled required recoveryCodesLeft totp { createdAt lastUsedAt } } userErrors { code message path } } }";
const REMOVE_APP: &str = "mutation { removeTotp { secondFactor { enabled recoveryCodesLeft } userErrors { code message path } } }";
const RENEW: &str = "mutation { renewRecoveryCodes { recoveryCodes secondFactor { recoveryCodesLeft } userErrors { code message path } } }";
const RESET: &str =
    "mutation($input: ResetSecondFactorInput!) { resetSecondFactor(input: $input) { user { email } userErrors { code message path } } }";
const ANY: &str = "{ viewer { user { email } } }";

/// What an authenticator app with this secret shows now.
fn shown(app: &TestApp, secret: &str) -> String {
    shown_at(app, secret, 0)
}

/// What it shows so many seconds from now.
fn shown_at(app: &TestApp, secret: &str, seconds: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).expect("base 32");
    let totp = totp_rs::Builder::new().with_secret(secret).build().expect("an app");
    totp.generate(u64::try_from(app.now().timestamp() + seconds).expect("after 1970")).to_string()
}

/// Adds an authenticator app; answers its secret and the recovery codes.
async fn add_app(app: &TestApp, who: &Client) -> (String, Vec<String>) {
    let started = who.must(START, json!({})).await;
    let secret = text(&started["secret"]);
    let added = who.must(CONFIRM_APP, json!({"input": {"code": shown(app, &secret)}})).await;
    let codes = added["recoveryCodes"].as_array().map(|codes| codes.iter().map(text).collect()).unwrap_or_default();
    (secret, codes)
}

/// The first step with the right password; answers the challenge.
async fn first_step(app: &TestApp, email: &str) -> Value {
    let payload = app.anonymous().must(SIGN_IN, json!({"input": {"email": email, "password": PASSWORD, "deviceKind": "BEARER"}})).await;
    assert_eq!(payload["token"], Value::Null, "{payload}");
    assert_eq!(payload["viewer"], Value::Null, "{payload}");
    payload["secondFactorRequired"].clone()
}

fn answer(challenge: &Value, proof: Value) -> Value {
    json!({"input": {"challengeToken": challenge["challengeToken"], "proof": proof}})
}

/// The subjects of the mails somebody got, oldest first.
async fn subjects(app: &TestApp, email: &str) -> Vec<String> {
    app.settle().await;
    app.sandbox.state().mails_to(email).into_iter().filter_map(|mail| mail.subject).collect()
}

both! {
    async fn an_authenticator_app_is_asked_for_after_the_password_and_its_code_works_once(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        let started = anna.must(START, json!({})).await;
        let secret = text(&started["secret"]);
        assert_eq!(text(&started["uri"]), format!("otpauth://totp/Billow:anna@example.com?secret={secret}&issuer=Billow&algorithm=SHA1&digits=6&period=30"));
        assert!(text(&started["qrSvg"]).starts_with("<svg "));
        // It does not count before its first code.
        assert_eq!(anna.refused(CONFIRM_APP, json!({"input": {"code": "000000"}})).await, ["code: WRONG_CODE"]);
        let payload = app.anonymous().must(SIGN_IN, json!({"input": {"email": "anna@example.com", "password": PASSWORD, "deviceKind": "BEARER"}})).await;
        assert_eq!((payload["secondFactorRequired"].is_null(), payload["token"].is_string()), (true, true));

        let code = shown(&app, &secret);
        let added = anna.must(CONFIRM_APP, json!({"input": {"code": code}})).await;
        assert_eq!(added["recoveryCodes"].as_array().map(Vec::len), Some(10));
        assert_eq!((&added["secondFactor"]["enabled"], &added["secondFactor"]["required"]), (&json!(true), &json!(false)));
        assert_eq!(anna.refused(START, json!({})).await, [": TOTP_EXISTS"]);

        let challenge = first_step(&app, "anna@example.com").await;
        assert_eq!(challenge["methods"], json!(["TOTP", "RECOVERY_CODE"]));
        // A code that was used once, even for setting up, is refused.
        assert_eq!(app.anonymous().refused(COMPLETE, answer(&challenge, json!({"code": code}))).await, ["proof: WRONG_CODE"]);
        app.pass(Duration::seconds(30));
        let code = shown(&app, &secret);
        let done = app.anonymous().must(COMPLETE, answer(&challenge, json!({"code": code}))).await;
        let phone = app.client(&text(&done["token"]));
        phone.run(ANY, json!({})).await;
        let sessions = phone.run("{ viewer { sessions { current signedInWith address } } }", json!({})).await;
        let current = sessions["viewer"]["sessions"].as_array().expect("sessions").iter().find(|s| s["current"] == true).cloned();
        assert_eq!(current, Some(json!({"current": true, "signedInWith": "PASSWORD_TOTP", "address": "127.0.0.1"})));
        // Neither the challenge nor the code works a second time.
        assert_eq!(app.anonymous().refused(COMPLETE, answer(&challenge, json!({"code": code}))).await, ["challengeToken: CHALLENGE_INVALID"]);
        let next = first_step(&app, "anna@example.com").await;
        assert_eq!(app.anonymous().refused(COMPLETE, answer(&next, json!({"code": code}))).await, ["proof: WRONG_CODE"]);
        // A wrong password is answered as before: nothing tells that there is a second step.
        let wrong = app.anonymous().run(SIGN_IN, json!({"input": {"email": "anna@example.com", "password": "wrong wrong wrong"}})).await;
        let nobody = app.anonymous().run(SIGN_IN, json!({"input": {"email": "nobody@example.com", "password": "wrong wrong wrong"}})).await;
        assert_eq!(wrong, nobody);
        assert_eq!(wrong["signIn"]["secondFactorRequired"], Value::Null);
        assert!(subjects(&app, "anna@example.com").await.contains(&"An authenticator app was added".to_owned()));

        // Removed, the password is enough again.
        let removed = phone.must(REMOVE_APP, json!({})).await;
        assert_eq!(removed["secondFactor"], json!({"enabled": false, "recoveryCodesLeft": 0}));
        assert_eq!(phone.refused(REMOVE_APP, json!({})).await, [": NOT_FOUND"]);
        let payload = app.anonymous().must(SIGN_IN, json!({"input": {"email": "anna@example.com", "password": PASSWORD, "deviceKind": "BEARER"}})).await;
        assert!(payload["token"].is_string());
    }

    async fn a_code_works_one_step_early_and_late_and_no_further(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        let (secret, _) = add_app(&app, &anna).await;
        for (seconds, works) in [(-60, false), (-30, true), (30, true), (60, false)] {
            app.pass(Duration::minutes(5));
            let challenge = first_step(&app, "anna@example.com").await;
            let proof = json!({"code": shown_at(&app, &secret, seconds)});
            let payload = app.anonymous().run(COMPLETE, answer(&challenge, proof)).await;
            assert_eq!(payload["completeSignIn"]["token"].is_string(), works, "{seconds}: {payload}");
        }
        for odd in ["", "12345", "1234567", "abcdef", "１２３４５６", &"1".repeat(10_000)] {
            let challenge = first_step(&app, "anna@example.com").await;
            assert_eq!(app.anonymous().refused(COMPLETE, answer(&challenge, json!({"code": odd}))).await, ["proof: WRONG_CODE"], "{odd}");
        }
    }

    async fn guesses_end_the_challenge_and_then_the_user_s_tries(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        let (secret, _) = add_app(&app, &anna).await;
        app.pass(Duration::minutes(1));
        for round in 0..2 {
            let challenge = first_step(&app, "anna@example.com").await;
            for _ in 0..5 {
                assert_eq!(app.anonymous().refused(COMPLETE, answer(&challenge, json!({"code": "000000"}))).await, ["proof: WRONG_CODE"]);
            }
            if round == 0 {
                // Five wrong answers end it, also for the right one.
                let right = answer(&challenge, json!({"code": shown(&app, &secret)}));
                assert_eq!(app.anonymous().refused(COMPLETE, right).await, ["challengeToken: CHALLENGE_INVALID"]);
            }
        }
        let challenge = first_step(&app, "anna@example.com").await;
        let right = answer(&challenge, json!({"code": shown(&app, &secret)}));
        assert_eq!(app.anonymous().refused(COMPLETE, right).await, [": TOO_MANY_ATTEMPTS"], "also for the right one");
        let told = subjects(&app, "anna@example.com").await;
        assert_eq!(told.iter().filter(|subject| *subject == "Somebody knows your password").count(), 2, "{told:?}");
        app.pass(Duration::minutes(16));
        let challenge = first_step(&app, "anna@example.com").await;
        app.anonymous().must(COMPLETE, answer(&challenge, json!({"code": shown(&app, &secret)}))).await;
    }

    async fn a_challenge_is_for_one_browser_and_a_few_minutes_and_ends_with_the_password(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        let (secret, _) = add_app(&app, &anna).await;
        app.pass(Duration::minutes(1));
        let invalid = ["challengeToken: CHALLENGE_INVALID"];
        let challenge = first_step(&app, "anna@example.com").await;
        let right = answer(&challenge, json!({"code": shown(&app, &secret)}));
        assert_eq!(app.anonymous().with_user_agent("Another/1.0").refused(COMPLETE, right.clone()).await, invalid);
        let made_up = json!({"challengeToken": "A".repeat(43)});
        assert_eq!(app.anonymous().refused(COMPLETE, answer(&made_up, json!({"code": shown(&app, &secret)}))).await, invalid);
        app.pass(Duration::minutes(10));
        assert_eq!(app.anonymous().refused(COMPLETE, answer(&challenge, json!({"code": shown(&app, &secret)}))).await, invalid);

        // Whoever had the old password does not come in by a second step that was open when it was changed.
        let challenge = first_step(&app, "anna@example.com").await;
        let change = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { ok userErrors { code message path } } }";
        anna.must(change, json!({"input": {"currentPassword": PASSWORD, "newPassword": "a quite different one"}})).await;
        assert_eq!(app.anonymous().refused(COMPLETE, answer(&challenge, json!({"code": shown(&app, &secret)}))).await, invalid);
        // The second factor is still there.
        let input = json!({"input": {"email": "anna@example.com", "password": "a quite different one", "deviceKind": "BEARER"}});
        let payload = app.anonymous().must(SIGN_IN, input).await;
        assert!(payload["secondFactorRequired"].is_object(), "{payload}");
    }

    async fn a_recovery_code_replaces_the_app_once_and_is_told(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        assert_eq!(anna.refused(RENEW, json!({})).await, [": NO_SECOND_FACTOR"]);
        let (_, codes) = add_app(&app, &anna).await;
        let challenge = first_step(&app, "anna@example.com").await;
        // As people type it.
        let typed = codes[0].replace('-', " ").to_uppercase();
        app.anonymous().must(COMPLETE, answer(&challenge, json!({"recoveryCode": typed}))).await;
        let challenge = first_step(&app, "anna@example.com").await;
        assert_eq!(app.anonymous().refused(COMPLETE, answer(&challenge, json!({"recoveryCode": codes[0]}))).await, ["proof: WRONG_CODE"]);
        let left = anna.run("{ viewer { secondFactor { recoveryCodesLeft } } }", json!({})).await;
        assert_eq!(left["viewer"]["secondFactor"]["recoveryCodesLeft"], 9);
        assert!(subjects(&app, "anna@example.com").await.contains(&"A recovery code was used".to_owned()));
        // Somebody else's code is none of Anna's.
        let ben = app.customer("Ben").await;
        let (_, bens) = add_app(&app, &ben).await;
        assert_eq!(app.anonymous().refused(COMPLETE, answer(&challenge, json!({"recoveryCode": bens[0]}))).await, ["proof: WRONG_CODE"]);

        let renewed = anna.must(RENEW, json!({})).await;
        assert_eq!(renewed["secondFactor"]["recoveryCodesLeft"], 10);
        assert_eq!(app.anonymous().refused(COMPLETE, answer(&challenge, json!({"recoveryCode": codes[1]}))).await, ["proof: WRONG_CODE"]);
        let fresh = text(&renewed["recoveryCodes"][0]);
        app.anonymous().must(COMPLETE, answer(&challenge, json!({"recoveryCode": fresh}))).await;
    }

    async fn staff_who_must_have_a_second_factor_can_do_nothing_else_first(engine) {
        let app = TestApp::start_with(engine, &[("security.second_factor", "staff")]).await;
        let anna = app.customer("Anna").await;
        anna.run("{ bills { nodes { id } } }", json!({})).await;
        let admin = app.staff(Role::Admin).await;
        let viewer = "{ viewer { role mustSetUpSecondFactor user { email } secondFactor { required enabled } sessions { id } unreadNotifications } }";
        assert_eq!(
            admin.run(viewer, json!({})).await["viewer"],
            json!({"role": "ADMIN", "mustSetUpSecondFactor": true, "user": {"email": "admin@example.com"},
                "secondFactor": {"required": true, "enabled": false}, "sessions": [], "unreadNotifications": 0})
        );
        // Every query that needs no argument, and some that do.
        let schema = admin.run("{ __schema { queryType { fields { name args { type { kind } } type { kind name ofType { kind name ofType { kind } } } } } } }", json!({})).await;
        let mut asked = 0;
        for field in schema["__schema"]["queryType"]["fields"].as_array().expect("fields") {
            let name = text(&field["name"]);
            let needs = field["args"].as_array().expect("arguments").iter().any(|a| a["type"]["kind"] == "NON_NULL");
            // Everybody may see whether they can sign up.
            if needs || name == "viewer" || name == "signUpOpen" {
                continue;
            }
            let query = [format!("{{ {name} {{ __typename }} }}"), format!("{{ {name} }}")];
            let mut answer = admin.ask(&query[0], json!({})).await;
            if answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED" {
                answer = admin.ask(&query[1], json!({})).await;
            }
            assert_eq!(answer["errors"][0]["extensions"]["code"], "SECOND_FACTOR_SETUP_REQUIRED", "{name}: {answer}");
            asked += 1;
        }
        assert!(asked > 15, "{asked}");
        assert_eq!(admin.fault("query { node(id: \"cust_7zzzzzzzzzzzzzzzzzzzzzzzzz\") { id } }", json!({})).await, "SECOND_FACTOR_SETUP_REQUIRED");
        assert_eq!(admin.subscription_refused("subscription { events { event { id } } }", json!({})).await, "SECOND_FACTOR_SETUP_REQUIRED");
        for mutation in [
            "mutation { createStaffUser(input: {email: \"x@example.com\", password: \"correct horse battery\", role: ADMIN}) { user { id } } }",
            "mutation { changePassword(input: {currentPassword: \"correct horse battery\", newPassword: \"a quite different one\"}) { ok } }",
            "mutation { revokeOtherSessions { __typename } }",
            "mutation { removeTotp { __typename } }",
        ] {
            assert_eq!(admin.fault(mutation, json!({})).await, "SECOND_FACTOR_SETUP_REQUIRED", "{mutation}");
        }
        // Afterwards everything, and the last factor stays.
        let (secret, _) = add_app(&app, &admin).await;
        admin.run("{ customers { nodes { id } } }", json!({})).await;
        assert_eq!(admin.refused(REMOVE_APP, json!({})).await, [": SECOND_FACTOR_NEEDED"]);
        app.pass(Duration::seconds(30));
        let challenge = first_step(&app, "admin@example.com").await;
        let done = app.anonymous().must(COMPLETE, answer(&challenge, json!({"code": shown(&app, &secret)}))).await;
        assert_eq!(done["viewer"], json!({"role": "ADMIN", "mustSetUpSecondFactor": false}));
    }

    async fn lost_factors_are_taken_away_by_those_who_may(engine) {
        let app = TestApp::start(engine).await;
        let (anna, ben) = (app.customer("Anna").await, app.customer("Ben").await);
        let (admin, operator) = (app.staff(Role::Admin).await, app.staff(Role::Operator).await);
        let id = |data: Value, path: &str| text(data.pointer(path).expect("an id"));
        let hers = id(anna.run("{ viewer { customer { id } } }", json!({})).await, "/viewer/customer/id");
        let operators = id(operator.run("{ viewer { user { id } } }", json!({})).await, "/viewer/user/id");
        let admins = id(admin.run("{ viewer { user { id } } }", json!({})).await, "/viewer/user/id");
        let of_customer = json!({"input": {"owner": {"customerId": hers}, "reason": "Seen in the shop with her passport"}});
        let of_user = |user: &str| json!({"input": {"owner": {"userId": user}}});
        assert_eq!(operator.refused(RESET, of_customer.clone()).await, [": NO_SECOND_FACTOR"]);
        add_app(&app, &anna).await;
        add_app(&app, &operator).await;
        add_app(&app, &admin).await;
        assert_eq!(ben.refused(RESET, of_customer.clone()).await, [": FORBIDDEN"]);
        assert_eq!(app.anonymous().fault(RESET, of_customer.clone()).await, "UNAUTHENTICATED");
        // Staff are the administrators' business, and nobody's own.
        assert_eq!(operator.refused(RESET, of_user(&admins)).await, [": NOT_FOUND"]);
        assert_eq!(operator.refused(RESET, of_user(&operators)).await, [": NOT_FOUND"]);
        assert_eq!(admin.refused(RESET, of_user(&admins)).await, ["userId: OWN_USER"]);

        operator.must(RESET, of_customer).await;
        assert_eq!(anna.fault(ANY, json!({})).await, "UNAUTHENTICATED", "her sessions ended");
        let payload = app.anonymous().must(SIGN_IN, json!({"input": {"email": "anna@example.com", "password": PASSWORD, "deviceKind": "BEARER"}})).await;
        assert!(payload["token"].is_string(), "the password alone again: {payload}");
        assert!(subjects(&app, "anna@example.com").await.contains(&"Your second factor was reset".to_owned()));
        admin.must(RESET, of_user(&operators)).await;
        assert_eq!(operator.fault(ANY, json!({})).await, "UNAUTHENTICATED");
        let audit = admin.run("{ auditEntries(first: 2) { nodes { action reason } } }", json!({})).await;
        assert_eq!(audit["auditEntries"]["nodes"][1], json!({"action": "user.reset_second_factor", "reason": "Seen in the shop with her passport"}));
    }

    async fn signing_out_everywhere_ends_every_session_and_its_sockets_at_once(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        let ben = app.customer("Ben").await;
        let mut devices = vec![anna.clone()];
        for _ in 0..2 {
            let payload = app.anonymous().must(SIGN_IN, json!({"input": {"email": "anna@example.com", "password": PASSWORD, "deviceKind": "BEARER"}})).await;
            devices.push(app.client(&text(&payload["token"])));
        }
        let mut sockets = Vec::new();
        for device in &devices {
            sockets.push(device.subscribe("subscription { notificationReceived { notification { id } } }", json!({})).await);
        }
        let ended = devices[1].must("mutation { signOutEverywhere { ended userErrors { code message path } } }", json!({})).await;
        assert_eq!(ended["ended"], 3);
        app.settle().await;
        for (device, socket) in devices.iter().zip(&mut sockets) {
            assert_eq!(device.fault(ANY, json!({})).await, "UNAUTHENTICATED");
            assert_eq!(socket.closed().await, 4403);
        }
        ben.run(ANY, json!({})).await;
    }
}
