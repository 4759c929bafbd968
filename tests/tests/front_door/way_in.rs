//! Getting in without the password, proving an address and joining a household, with the links that arrive by mail.

use billow_entities::Role;
use billow_sandbox::Provider;
use billow_tests::{Client, TestApp, both, text};
use serde_json::{Value, json};

const SIGN_UP: &str = "mutation($input: SignUpInput!) { signUp(input: $input) { token viewer { customer { emailConfirmed } } userErrors { code message path } } }";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { token userErrors { code message path } } }";
const FORGOT: &str =
    "mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { userErrors { code message path } } }";
const RESET: &str = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { email userErrors { code message path } } }";
const CONFIRM: &str = "mutation($input: ConfirmEmailInput!) { confirmEmail(input: $input) { email userErrors { code message path } } }";
const UNDO: &str = "mutation($input: UndoEmailChangeInput!) { undoEmailChange(input: $input) { email userErrors { code message path } } }";
const UPDATE: &str = "mutation($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer { email pendingEmail } userErrors { code message path } } }";
const SHARE: &str = "mutation($input: SharePropertyInput!) { shareProperty(input: $input) { invitation { id email status } userErrors { code message path } } }";
const ACCEPT: &str = "mutation($input: AcceptPropertyInvitationInput!) { acceptPropertyInvitation(input: $input) { property { id name } userErrors { code message path } } }";
const INVITATIONS: &str = "{ propertyInvitations { nodes { id propertyName invitedBy role property { id } } } }";
const ONBOARD: &str = "mutation($input: OnboardCustomerInput!) { onboardCustomer(input: $input) { customer { id } userErrors { code message path relatedId } } }";
const NEW: &str = "seventeen purple ladders";

fn newcomer(email: &str, locale: &str) -> Value {
    json!({"input": {"email": email, "password": "correct horse battery", "name": "Visit evil.example", "locale": locale,
           "timeZone": "Europe/Berlin", "deviceKind": "BEARER"}})
}

fn credentials(email: &str, password: &str) -> Value {
    json!({"input": {"email": email, "password": password, "deviceKind": "BEARER"}})
}

/// The token of the newest mail to an address with a link to this page.
fn token(app: &TestApp, address: &str, page: &str) -> String {
    let mark = format!("/{page}?token=");
    let mails = app.sandbox.state().mails_to(address);
    let link = mails.iter().rev().filter_map(|m| m.text.as_deref()).find_map(|t| t.split_whitespace().find(|w| w.contains(&mark)));
    let link = link.unwrap_or_else(|| panic!("no {page} in the mails to {address}: {:?}", subjects(app, address)));
    link.split_once(&mark).map(|(_, token)| token.to_owned()).unwrap_or_default()
}

fn subjects(app: &TestApp, address: &str) -> Vec<String> {
    app.sandbox.state().mails_to(address).into_iter().map(|m| m.subject.unwrap_or_default()).collect()
}

async fn unread(client: &Client) -> Value {
    client.run("{ notifications { nodes { kind title body link } } }", json!({})).await["notifications"]["nodes"].take()
}

both! {
    async fn a_forgotten_password_is_replaced_by_a_mailed_link_and_nothing_tells_who_is_known(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        let before = app.anonymous().run(FORGOT, json!({"input": {"email": "Anna@example.com"}})).await;
        let unknown = app.anonymous().run(FORGOT, json!({"input": {"email": "nobody@example.com"}})).await;
        assert_eq!(before, unknown);
        app.settle().await;
        assert_eq!(subjects(&app, "nobody@example.com"), [""; 0]);
        assert_eq!(subjects(&app, "anna@example.com"), ["Set a new password for Billow"]);
        let link = token(&app, "anna@example.com", "reset-password");
        let new = |token: &str, password: &str| json!({"input": {"token": token, "newPassword": password}});
        assert_eq!(app.anonymous().refused(RESET, new("made up", NEW)).await, ["token: LINK_INVALID"]);
        assert_eq!(app.anonymous().refused(RESET, new(&link, "anna12345678")).await, ["newPassword: PASSWORD_TOO_COMMON"]);
        let done = app.anonymous().must(RESET, new(&link, NEW)).await;
        assert_eq!(done["email"], "anna@example.com");
        assert_eq!(app.anonymous().refused(RESET, new(&link, NEW)).await, ["token: LINK_INVALID"]);
        assert_eq!(anna.fault("{ viewer { role } }", json!({})).await, "UNAUTHENTICATED", "signed out");
        app.anonymous().must(SIGN_IN, credentials("anna@example.com", NEW)).await;
        app.settle().await;
        let mails = app.sandbox.state().mails_to("anna@example.com");
        let told = mails.iter().find(|m| m.subject.as_deref() == Some("A new password was set")).expect("a security mail");
        assert!(told.text.as_deref().is_some_and(|t| t.contains("/forgot-password")), "it says what to do");
        // The link is nowhere in the log.
        let log = app.staff(Role::Admin).await.run("{ events(first: 100) { nodes { kind data } } }", json!({})).await;
        assert!(!log.to_string().contains(&link) && !log.to_string().contains("nobody@example.com"), "{log}");
    }

    async fn staff_get_in_by_mail_too_and_an_onboarded_person_gets_the_invitation_anew(engine) {
        let app = TestApp::start(engine).await;
        let operator = app.staff(Role::Operator).await;
        let input = json!({"name": "Ada", "email": "ada@example.com", "locale": "de-DE", "timeZone": "Europe/Berlin"});
        let ada = operator.must(ONBOARD, json!({"input": input})).await["customer"]["id"].take();
        let again = operator.run(ONBOARD, json!({"input": input})).await;
        assert_eq!(again["onboardCustomer"]["userErrors"][0]["relatedId"], ada, "staff see who has the address");
        app.settle().await;
        for email in ["ada@example.com", "operator@example.com"] {
            app.anonymous().must(FORGOT, json!({"input": {"email": email}})).await;
        }
        app.settle().await;
        assert_eq!(subjects(&app, "ada@example.com").len(), 2, "the invitation came again");
        let link = token(&app, "operator@example.com", "reset-password");
        app.anonymous().must(RESET, json!({"input": {"token": link, "newPassword": NEW}})).await;
        app.anonymous().must(SIGN_IN, credentials("operator@example.com", NEW)).await;
    }

    async fn an_address_is_confirmed_by_mail_and_a_known_one_answers_alike(engine) {
        let app = TestApp::start(engine).await;
        app.customer("Anna").await;
        let mut answers = Vec::new();
        for email in ["anna@example.com", "new@example.com"] {
            let mut answer = app.anonymous().run(SIGN_UP, newcomer(email, "de-DE")).await;
            let signed_up = app.client(&text(&answer["signUp"]["token"]));
            answer["signUp"]["token"] = json!("…");
            answers.push(answer);
            app.settle().await;
            assert_eq!(signed_up.run("{ bills { nodes { id } } }", json!({})).await, json!({"bills": {"nodes": []}}));
        }
        assert_eq!(answers[0], answers[1], "the answer does not tell whether somebody has the address");
        // The owner of the address is told, in her own language, and nothing of what the other typed.
        assert_eq!(subjects(&app, "anna@example.com"), ["Somebody tried to use your e-mail address"]);
        assert_eq!(subjects(&app, "new@example.com"), ["Bitte bestätigen Sie Ihre E-Mail-Adresse"]);
        for address in ["anna@example.com", "new@example.com"] {
            for mail in app.sandbox.state().mails_to(address) {
                let whole = format!("{mail:?}");
                assert!(!whole.contains("evil"), "{whole}");
            }
        }
        let link = token(&app, "new@example.com", "confirm-email");
        let done = app.anonymous().must(CONFIRM, json!({"input": {"token": link}})).await;
        assert_eq!(done["email"], "new@example.com");
        assert_eq!(app.anonymous().refused(CONFIRM, json!({"input": {"token": link}})).await, ["token: LINK_INVALID"]);
        let signed_in = app.anonymous().must(SIGN_IN, credentials("new@example.com", "correct horse battery")).await;
        let me = app.client(&text(&signed_in["token"]));
        assert_eq!(me.run("{ viewer { customer { emailConfirmed } } }", json!({})).await["viewer"]["customer"]["emailConfirmed"], true);
    }

    async fn a_bill_is_not_mailed_to_an_address_that_nobody_confirmed(engine) {
        let app = TestApp::start(engine).await;
        let voltara = app.provider(Provider::Voltara).await;
        let answer = app.anonymous().run(SIGN_UP, newcomer("grandma@example.org", "en-GB")).await;
        let claims = app.client(&text(&answer["signUp"]["token"]));
        claims.add_account(&voltara, None, "consumer_number", "VT10000001").await;
        app.settle().await;
        app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", Some(8_123)).expect("a bill");
        let accounts = claims.run("{ utilityAccounts { nodes { id } } }", json!({})).await;
        claims.fetch_now(&text(&accounts["utilityAccounts"]["nodes"][0]["id"])).await;
        app.settle().await;
        assert_eq!(claims.bills().await.len(), 1);
        assert_eq!(subjects(&app, "grandma@example.org"), ["Confirm your e-mail address"]);
        let link = token(&app, "grandma@example.org", "confirm-email");
        app.anonymous().must(CONFIRM, json!({"input": {"token": link}})).await;
        app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", Some(9_123)).expect("a bill");
        claims.fetch_now(&text(&accounts["utilityAccounts"]["nodes"][0]["id"])).await;
        app.settle().await;
        assert_eq!(subjects(&app, "grandma@example.org").len(), 2);
    }

    async fn a_change_of_address_waits_for_the_new_one_and_the_old_one_can_undo_it(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        let ben = app.customer("Ben").await;
        let to = |email: &str| json!({"input": {"email": email}});
        let waiting = anna.must(UPDATE, to("ben@example.com")).await;
        assert_eq!(waiting["customer"], json!({"email": "anna@example.com", "pendingEmail": "ben@example.com"}));
        app.settle().await;
        assert_eq!(subjects(&app, "ben@example.com"), ["Somebody tried to use your e-mail address"]);
        anna.must(UPDATE, to("anna@new.example")).await;
        app.settle().await;
        assert_eq!(subjects(&app, "anna@new.example"), ["Confirm your e-mail address"]);
        let link = token(&app, "anna@new.example", "confirm-email");
        app.anonymous().must(CONFIRM, json!({"input": {"token": link}})).await;
        app.settle().await;
        assert!(subjects(&app, "anna@example.com").contains(&"Your e-mail address was changed".to_owned()));
        app.anonymous().must(SIGN_IN, credentials("anna@new.example", "correct horse battery")).await;
        let undo = token(&app, "anna@example.com", "undo-email-change");
        app.anonymous().must(UNDO, json!({"input": {"token": undo}})).await;
        app.settle().await;
        assert_eq!(anna.fault("{ viewer { role } }", json!({})).await, "UNAUTHENTICATED", "signed out");
        token(&app, "anna@example.com", "reset-password");
        assert_eq!(ben.run("{ viewer { customer { email } } }", json!({})).await["viewer"]["customer"]["email"], "ben@example.com");
    }

    async fn an_invitation_to_a_household_goes_to_an_address_and_waits_for_its_owner(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        let ben = app.customer("Ben").await;
        let home = anna.add_property("Flat (https://evil.example)").await;
        let invite = |email: &str| json!({"input": {"propertyId": home, "email": email, "role": "PAYER"}});
        let mut answers = Vec::new();
        for email in ["ben@example.com", "nobody@example.com"] {
            let mut payload = anna.must(SHARE, invite(email)).await;
            assert_eq!(payload["invitation"]["email"], email);
            payload["invitation"]["id"] = json!("…");
            payload["invitation"]["email"] = json!("…");
            answers.push(payload);
        }
        assert_eq!(answers[0], answers[1]);
        app.settle().await;
        for address in ["ben@example.com", "nobody@example.com"] {
            let mails = app.sandbox.state().mails_to(address);
            assert_eq!(mails.len(), 1, "{address}");
            let words = mails[0].text.clone().unwrap_or_default();
            assert!(words.contains("anna@example.com") && words.contains("/invitations") && !words.contains("evil.example"), "{words}");
        }
        assert_eq!(unread(&ben).await[0]["kind"], "HOUSEHOLD_INVITATION");
        assert_eq!(ben.run("query($id: ID!) { property(id: $id) { id } }", json!({"id": home})).await, json!({"property": null}));
        let seen = ben.run(INVITATIONS, json!({})).await["propertyInvitations"]["nodes"].take();
        assert_eq!(seen[0]["property"], Value::Null);
        assert_eq!(seen[0]["invitedBy"], "anna@example.com");
        let members = anna.run("query($id: ID!) { property(id: $id) { members { displayName } invitations { email status } } }", json!({"id": home})).await;
        assert_eq!(members["property"]["members"], json!([{"displayName": "Anna"}]));
        assert_eq!(members["property"]["invitations"].as_array().map(Vec::len), Some(2));
        ben.must(ACCEPT, json!({"input": {"invitationId": seen[0]["id"]}})).await;
        app.settle().await;
        assert!(unread(&anna).await.to_string().contains("Your invitation was accepted"));

        // The other address is claimed by somebody, who sees the invitation once it is confirmed.
        let answer = app.anonymous().run(SIGN_UP, newcomer("nobody@example.com", "en-GB")).await;
        let nobody = app.client(&text(&answer["signUp"]["token"]));
        app.settle().await;
        assert_eq!(nobody.run(INVITATIONS, json!({})).await, json!({"propertyInvitations": {"nodes": []}}));
        let link = token(&app, "nobody@example.com", "confirm-email");
        app.anonymous().must(CONFIRM, json!({"input": {"token": link}})).await;
        let seen = nobody.run(INVITATIONS, json!({})).await["propertyInvitations"]["nodes"].take();
        nobody.must(ACCEPT, json!({"input": {"invitationId": seen[0]["id"]}})).await;
    }
}
