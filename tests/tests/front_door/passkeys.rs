//! Passkeys through the front door, with an authenticator made by hand: a P-256 key, and the bytes that WebAuthn describes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use billow_entities::Role;
use billow_tests::{Client, TestApp, both, text};
use chrono::Duration;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Passkeys belong to a name, not to an address of numbers.
const NAMED: &[(&str, &str)] = &[("base_url", "http://localhost:{port}"), ("security.confirm_minutes", "10")];
const START: &str =
    "mutation { startPasskeyRegistration { challenge { challengeToken options expiresAt } userErrors { code message path } } }";
const FINISH: &str = "mutation($input: FinishPasskeyRegistrationInput!) { finishPasskeyRegistration(input: $input) { passkey { id name lastUsedAt } \
     recoveryCodes secondFactor { enabled passkeys { id } } userErrors { code message path } } }";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { token \
     secondFactorRequired { challengeToken methods passkeyOptions } userErrors { code message path } } }";
const COMPLETE: &str =
    "mutation($input: CompleteSignInInput!) { completeSignIn(input: $input) { token userErrors { code message path } } }";
const START_ALONE: &str = "mutation { startPasskeySignIn(input: {deviceKind: BEARER}) { challenge { challengeToken options } userErrors { code message path } } }";
const START_CONFIRM: &str =
    "mutation { startPasskeyConfirmation { challenge { challengeToken options } userErrors { code message path } } }";
const CONFIRM: &str =
    "mutation($input: ConfirmIdentityInput!) { confirmIdentity(input: $input) { confirmedUntil userErrors { code message path } } }";
const REMOVE: &str = "mutation($input: RemovePasskeyInput!) { removePasskey(input: $input) { removedPasskeyId secondFactor { enabled } userErrors { code message path } } }";
const RENAME: &str =
    "mutation($input: RenamePasskeyInput!) { renamePasskey(input: $input) { passkey { name } userErrors { code message path } } }";
const WRONG: [&str; 1] = ["proof: WRONG_PASSKEY"];
const OVER: [&str; 1] = ["challengeToken: CHALLENGE_INVALID"];

/// The flags of an authenticator's answer: somebody was there, and was checked.
const PRESENT_AND_VERIFIED: u8 = 0x05;
const PRESENT: u8 = 0x01;
/// A key follows.
const WITH_KEY: u8 = 0x40;

/// A device with one key.
struct Authenticator {
    key: SigningKey,
    id: Vec<u8>,
    counter: u32,
    flags: u8,
    origin: String,
    user: Vec<u8>,
}

impl Authenticator {
    fn new(app: &TestApp, seed: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).expect("a key"),
            id: vec![seed; 32],
            counter: 0,
            flags: PRESENT_AND_VERIFIED,
            origin: format!("http://localhost:{}", app.address.port()),
            user: Vec::new(),
        }
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        json!({"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false}).to_string()
    }

    /// Hash of the host, flags, counter.
    fn head(&self, flags: u8) -> Vec<u8> {
        let mut out = Sha256::digest(b"localhost").to_vec();
        out.push(flags);
        out.extend_from_slice(&self.counter.to_be_bytes());
        out
    }

    /// Answers `navigator.credentials.create`.
    fn make(&mut self, options: &Value) -> Value {
        self.user = B64.decode(text(&options["user"]["id"])).expect("base64url");
        let point = self.key.verifying_key().to_encoded_point(false);
        let mut data = self.head(self.flags | WITH_KEY);
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&u16::try_from(self.id.len()).expect("short").to_be_bytes());
        data.extend_from_slice(&self.id);
        // The key as COSE (RFC 9053): EC2, ES256, P-256, x, y.
        data.extend_from_slice(&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend_from_slice(point.x().expect("x"));
        data.extend_from_slice(&[0x22, 0x58, 0x20]);
        data.extend_from_slice(point.y().expect("y"));
        // {"fmt": "none", "attStmt": {}, "authData": …} as CBOR.
        let mut object = vec![0xa3, 0x63];
        object.extend_from_slice(b"fmt");
        object.push(0x64);
        object.extend_from_slice(b"none");
        object.push(0x67);
        object.extend_from_slice(b"attStmt");
        object.extend_from_slice(&[0xa0, 0x68]);
        object.extend_from_slice(b"authData");
        object.push(0x58);
        object.push(u8::try_from(data.len()).expect("short"));
        object.extend_from_slice(&data);
        json!({"id": B64.encode(&self.id), "rawId": B64.encode(&self.id), "type": "public-key", "extensions": {},
            "response": {"attestationObject": B64.encode(&object), "clientDataJSON": B64.encode(self.client_data("webauthn.create", options))}})
    }

    /// Answers `navigator.credentials.get`.
    fn prove(&mut self, options: &Value) -> Value {
        self.counter += 1;
        let data = self.head(self.flags);
        let client = self.client_data("webauthn.get", options);
        let signed = [data.as_slice(), &Sha256::digest(client.as_bytes())].concat();
        let signature: Signature = self.key.sign(&signed);
        json!({"id": B64.encode(&self.id), "rawId": B64.encode(&self.id), "type": "public-key", "extensions": {},
            "response": {"authenticatorData": B64.encode(&data), "clientDataJSON": B64.encode(&client),
                "signature": B64.encode(signature.to_der()), "userHandle": B64.encode(&self.user)}})
    }
}

/// Adds a passkey; answers the payload.
async fn add(who: &Client, device: &mut Authenticator, name: &str) -> Value {
    let challenge = who.must(START, json!({})).await["challenge"].clone();
    let credential = device.make(&challenge["options"]);
    who.must(FINISH, json!({"input": {"challengeToken": challenge["challengeToken"], "credential": credential, "name": name}})).await
}

async fn first_step(app: &TestApp) -> Value {
    let input = json!({"input": {"email": "anna@example.com", "password": "correct horse battery", "deviceKind": "BEARER"}});
    app.anonymous().must(SIGN_IN, input).await["secondFactorRequired"].clone()
}

fn answer(challenge: &Value, assertion: Value) -> Value {
    json!({"input": {"challengeToken": challenge["challengeToken"], "proof": {"passkey": assertion}, "deviceKind": "BEARER"}})
}

both! {
    async fn a_passkey_is_the_second_step_and_alone_the_whole_way_in(engine) {
        let app = TestApp::start_with(engine, NAMED).await;
        let anna = app.customer("Anna").await;
        let mut phone = Authenticator::new(&app, 7);
        let added = add(&anna, &mut phone, "My phone").await;
        assert_eq!(added["passkey"]["name"], "My phone");
        assert_eq!(added["recoveryCodes"].as_array().map(Vec::len), Some(10));

        let challenge = first_step(&app).await;
        assert_eq!(challenge["methods"], json!(["PASSKEY", "RECOVERY_CODE"]));
        let assertion = phone.prove(&challenge["passkeyOptions"]);
        let done = app.anonymous().must(COMPLETE, answer(&challenge, assertion.clone())).await;
        let signed_in = app.client(&text(&done["token"]));
        let sessions = signed_in.run("{ viewer { sessions { current signedInWith } } }", json!({})).await;
        assert!(sessions.to_string().contains("PASSWORD_PASSKEY"), "{sessions}");
        // Neither the challenge nor its answer works twice.
        assert_eq!(app.anonymous().refused(COMPLETE, answer(&challenge, assertion.clone())).await, OVER);
        let next = first_step(&app).await;
        assert_eq!(app.anonymous().refused(COMPLETE, answer(&next, assertion)).await, WRONG);

        // Without address and password.
        let alone = app.anonymous().must(START_ALONE, json!({})).await["challenge"].clone();
        let done = app.anonymous().must(COMPLETE, answer(&alone, phone.prove(&alone["options"]))).await;
        let sessions = app.client(&text(&done["token"])).run("{ viewer { user { email } sessions { current signedInWith } } }", json!({})).await;
        assert_eq!(sessions["viewer"]["user"]["email"], "anna@example.com");
        assert!(sessions.to_string().contains("\"PASSKEY\""), "{sessions}");
        // Its challenge takes nothing but passkeys.
        let alone = app.anonymous().must(START_ALONE, json!({})).await["challenge"].clone();
        let code = json!({"input": {"challengeToken": alone["challengeToken"], "proof": {"recoveryCode": added["recoveryCodes"][0]}}});
        assert_eq!(app.anonymous().refused(COMPLETE, code).await, OVER);

        let mails: Vec<_> = { app.settle().await; app.sandbox.state().mails_to("anna@example.com").into_iter().filter_map(|m| m.subject).collect() };
        assert!(mails.contains(&"A passkey was added".to_owned()), "{mails:?}");
    }

    async fn what_does_not_fit_is_refused(engine) {
        let app = TestApp::start_with(engine, NAMED).await;
        let anna = app.customer("Anna").await;
        let mut phone = Authenticator::new(&app, 7);
        add(&anna, &mut phone, "My phone").await;
        let ours = phone.origin.clone();
        // A page elsewhere, another port, an owner who was not checked, a key nobody knows, a forged signature.
        for (what, change) in [("origin", 0), ("port", 1), ("verified", 2), ("key", 3), ("counter", 4)] {
            app.pass(Duration::minutes(16));
            let challenge = first_step(&app).await;
            let options = &challenge["passkeyOptions"];
            let assertion = match change {
                0 => { phone.origin = "https://localhost.evil.example".into(); phone.prove(options) }
                1 => { phone.origin = "http://localhost:1".into(); phone.prove(options) }
                2 => { phone.flags = PRESENT; phone.prove(options) }
                3 => Authenticator { user: phone.user.clone(), ..Authenticator::new(&app, 8) }.prove(options),
                _ => {
                    // A copy of the key that was used less often than the original.
                    let done = phone.prove(options);
                    app.anonymous().must(COMPLETE, answer(&challenge, done)).await;
                    let again = first_step(&app).await;
                    phone.counter -= 1;
                    let copy = phone.prove(&again["passkeyOptions"]);
                    assert_eq!(app.anonymous().refused(COMPLETE, answer(&again, copy)).await, WRONG, "{what}");
                    continue;
                }
            };
            assert_eq!(app.anonymous().refused(COMPLETE, answer(&challenge, assertion)).await, WRONG, "{what}");
            (phone.origin, phone.flags) = (ours.clone(), PRESENT_AND_VERIFIED);
        }
        app.pass(Duration::minutes(16));
        for odd in [json!({}), json!("x"), json!([1, 2]), json!({"id": "AA", "rawId": "AA", "type": "public-key", "response": {}})] {
            let challenge = first_step(&app).await;
            assert_eq!(app.anonymous().refused(COMPLETE, answer(&challenge, odd.clone())).await, WRONG, "{odd}");
        }
        // Another browser, and too late.
        app.pass(Duration::minutes(16));
        let challenge = first_step(&app).await;
        let assertion = phone.prove(&challenge["passkeyOptions"]);
        assert_eq!(app.anonymous().with_user_agent("Another/1.0").refused(COMPLETE, answer(&challenge, assertion)).await, OVER);
        app.pass(Duration::minutes(10));
        let assertion = phone.prove(&challenge["passkeyOptions"]);
        assert_eq!(app.anonymous().refused(COMPLETE, answer(&challenge, assertion)).await, OVER);
        // The user the passkey names counts, not another one.
        let ben = app.customer("Ben").await;
        let mut bens = Authenticator::new(&app, 9);
        add(&ben, &mut bens, "Ben's").await;
        bens.user = phone.user.clone();
        let alone = app.anonymous().must(START_ALONE, json!({})).await["challenge"].clone();
        assert_eq!(app.anonymous().refused(COMPLETE, answer(&alone, bens.prove(&alone["options"]))).await, WRONG);
    }

    async fn passkeys_are_added_by_a_fresh_session_and_belong_to_it(engine) {
        let app = TestApp::start_with(engine, NAMED).await;
        let (anna, ben) = (app.customer("Anna").await, app.customer("Ben").await);
        let mut phone = Authenticator::new(&app, 7);
        let challenge = anna.must(START, json!({})).await["challenge"].clone();
        let credential = phone.make(&challenge["options"]);
        let hers = phone.user.clone();
        let finish = |credential: &Value| json!({"input": {"challengeToken": challenge["challengeToken"], "credential": credential, "name": "Key"}});
        assert_eq!(ben.refused(FINISH, finish(&credential)).await, OVER, "another session's challenge");
        let passkey = anna.must(FINISH, finish(&credential)).await["passkey"]["id"].clone();
        assert_eq!(anna.refused(FINISH, finish(&credential)).await, OVER, "used");
        // The same key cannot be somebody else's too.
        let challenge = ben.must(START, json!({})).await["challenge"].clone();
        let stolen = json!({"input": {"challengeToken": challenge["challengeToken"], "credential": phone.make(&challenge["options"]), "name": "Key"}});
        assert_eq!(ben.refused(FINISH, stolen).await, ["credential: PASSKEY_EXISTS"]);
        for (query, input) in [(RENAME, json!({"passkeyId": passkey, "name": "Mine"})), (REMOVE, json!({"passkeyId": passkey}))] {
            assert_eq!(ben.refused(query, json!({"input": input})).await, [": NOT_FOUND"]);
        }
        assert_eq!(ben.run("query($id: ID!) { node(id: $id) { id } }", json!({"id": passkey})).await["node"], Value::Null);
        assert_eq!(anna.run("query($id: ID!) { node(id: $id) { id } }", json!({"id": passkey})).await["node"]["id"], passkey);
        assert_eq!(anna.must(RENAME, json!({"input": {"passkeyId": passkey, "name": " Work key "}})).await["passkey"]["name"], "Work key");
        assert_eq!(anna.refused(RENAME, json!({"input": {"passkeyId": passkey, "name": " "}})).await, ["name: REQUIRED"]);

        // Ten minutes later everything about it asks, and the passkey itself confirms.
        app.pass(Duration::minutes(11));
        assert_eq!(anna.fault(START, json!({})).await, "CONFIRMATION_REQUIRED");
        let remove = json!({"input": {"passkeyId": passkey}});
        assert_eq!(anna.fault(REMOVE, remove.clone()).await, "CONFIRMATION_REQUIRED");
        phone.user = hers;
        let asked = anna.must(START_CONFIRM, json!({})).await["challenge"].clone();
        let proof = json!({"input": {"proof": {"passkey": {"challengeToken": asked["challengeToken"], "assertion": phone.prove(&asked["options"])}}}});
        assert_eq!(ben.refused(CONFIRM, proof.clone()).await, OVER);
        anna.must(CONFIRM, proof.clone()).await;
        assert_eq!(anna.refused(CONFIRM, proof).await, OVER);
        let removed = anna.must(REMOVE, remove).await;
        assert_eq!((&removed["removedPasskeyId"], &removed["secondFactor"]["enabled"]), (&passkey, &json!(false)));
        assert_eq!(anna.refused(START_CONFIRM, json!({})).await, [": NO_SECOND_FACTOR"]);
        // What was removed no longer signs in, also by a challenge that was open.
        let alone = app.anonymous().must(START_ALONE, json!({})).await["challenge"].clone();
        assert_eq!(app.anonymous().refused(COMPLETE, answer(&alone, phone.prove(&alone["options"]))).await, WRONG);
    }

    async fn an_address_of_numbers_has_no_passkeys_and_says_so(engine) {
        let app = TestApp::start(engine).await;
        let admin = app.staff(Role::Admin).await;
        let available = admin.run("{ viewer { secondFactor { passkeysAvailable } } }", json!({})).await;
        assert_eq!(available["viewer"]["secondFactor"]["passkeysAvailable"], false);
        assert_eq!(admin.refused(START, json!({})).await, [": PASSKEYS_UNAVAILABLE"]);
        assert_eq!(app.anonymous().refused(START_ALONE, json!({})).await, [": PASSKEYS_UNAVAILABLE"]);
    }
}
