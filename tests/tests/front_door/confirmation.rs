//! Asking again: sensitive mutations need a proof of who is asking that is a few minutes old at most. Every mutation of the
//! schema has a decision here; a new one without a decision fails.

use std::collections::BTreeMap;

use billow_entities::Role;
use billow_tests::{Client, TestApp, both, found, text};
use chrono::Duration;
use serde_json::{Value, json};

const ASKING: &[(&str, &str)] = &[("security.confirm_minutes", "10"), ("security.refund_limits", "EUR:1000")];
const CONFIRM: &str =
    "mutation($input: ConfirmIdentityInput!) { confirmIdentity(input: $input) { confirmedUntil userErrors { code message path } } }";
const NOBODY: &str = "_7zzzzzzzzzzzzzzzzzzzzzzzzz";
const PASSWORD: &str = "correct horse battery";

/// Whether a mutation asks again.
enum Decision {
    /// Always; with an input that is right in its form.
    Asks(&'static str),
    /// On conditions, which a test of its own is about.
    Sometimes,
    /// Never.
    Never,
}

use Decision::{Asks, Never, Sometimes};

/// Everything the API changes. What ends access, pays one's own bills, or can be undone without harm does not ask.
fn decisions() -> BTreeMap<&'static str, Decision> {
    let asks = [
        ("createStaffUser", "input: {email: \"x@example.com\", password: \"correct horse battery\", role: OPERATOR}"),
        ("disableUser", "input: {userId: \"user_7zzzzzzzzzzzzzzzzzzzzzzzzz\"}"),
        ("enableUser", "input: {userId: \"user_7zzzzzzzzzzzzzzzzzzzzzzzzz\"}"),
        ("createApiClient", "input: {name: \"CRM\", scopes: [EVENTS_READ]}"),
        ("registerProvider", "input: {definition: {}}"),
        ("updateProvider", "input: {providerId: \"prov_7zzzzzzzzzzzzzzzzzzzzzzzzz\", expectedVersion: 1, definition: {}}"),
        ("testProvider", "input: {providerId: \"prov_7zzzzzzzzzzzzzzzzzzzzzzzzz\"}"),
        ("createGateway", "input: {code: \"x\", name: \"X\", adapter: SANDBOX, baseUrl: \"https://x.example\"}"),
        ("updateGateway", "input: {id: \"gw_7zzzzzzzzzzzzzzzzzzzzzzzzz\"}"),
        ("pauseGateway", "input: {id: \"gw_7zzzzzzzzzzzzzzzzzzzzzzzzz\", reason: \"x\"}"),
        ("resumeGateway", "input: {id: \"gw_7zzzzzzzzzzzzzzzzzzzzzzzzz\"}"),
        ("testGateway", "input: {id: \"gw_7zzzzzzzzzzzzzzzzzzzzzzzzz\"}"),
        ("resetSecondFactor", "input: {owner: {userId: \"user_7zzzzzzzzzzzzzzzzzzzzzzzzz\"}}"),
        ("revealUtilityAccountParams", "input: {utilityAccountId: \"acct_7zzzzzzzzzzzzzzzzzzzzzzzzz\"}"),
        ("startTotpSetup", ""),
        ("confirmTotpSetup", "input: {code: \"000000\"}"),
        ("removeTotp", ""),
        ("renewRecoveryCodes", ""),
        ("startPasskeyRegistration", ""),
        ("finishPasskeyRegistration", "input: {challengeToken: \"x\", credential: {}, name: \"Phone\"}"),
        ("removePasskey", "input: {passkeyId: \"key_7zzzzzzzzzzzzzzzzzzzzzzzzz\"}"),
    ];
    let sometimes = ["changePassword", "refundPayment", "updateCustomer"];
    let never = "acceptPropertyInvitation confirmEmail declinePropertyInvitation requestPasswordReset resendEmailConfirmation \
        resendPropertyInvitation resetPassword revokePropertyInvitation sendPasswordReset undoEmailChange undoPaidElsewhere addProperty addUtilityAccount archiveProperty cancelFetchRun cancelPayment changePropertyMemberRole checkPayment \
        closeUtilityAccount completePaymentMethodSetup completeSignIn confirmIdentity confirmRemittance correctBill createPayLink \
        discardDeadLetter fetchBills markBillsPaidElsewhere markNotificationsRead onboardCustomer pauseProvider pauseUtilityAccount payBills payByLink pushBills \
        recharge recordBill redeliverVoucher registerPushSubscription rejectRemittance removePaymentMethod removePropertyMember \
        removePushSubscription renamePasskey replayDeadLetter resendInvitation resetGatewayCircuit resetProviderCircuit resolveDiscrepancy \
        resumeProvider resumeUtilityAccount retryDocument retryPayment retryRefund revokeApiClient revokeOtherSessions revokeSession \
        sendTestNotification setDefaultPaymentMethod shareProperty signIn signOut signOutEverywhere signUp startCustomerImport \
        startPasskeyConfirmation startPasskeySignIn startPaymentMethodSetup startReconciliation topUpWallet updateNotificationPreferences updatePaymentMethod updateProperty \
        updateUtilityAccount voidBill";
    let mut all: BTreeMap<_, _> = asks.into_iter().map(|(name, input)| (name, Asks(input))).collect();
    all.extend(sometimes.map(|name| (name, Sometimes)));
    all.extend(never.split_whitespace().map(|name| (name, Never)));
    all
}

fn mutation(name: &str, arguments: &str) -> String {
    let arguments = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
    format!("mutation {{ {name}{arguments} {{ userErrors {{ code message path }} }} }}")
}

/// The code of the answer's top-level error, if there is one.
fn code(answer: &Value) -> Option<&str> {
    answer["errors"][0]["extensions"]["code"].as_str()
}

async fn confirm(who: &Client) {
    who.must(CONFIRM, json!({"input": {"proof": {"password": PASSWORD}}})).await;
}

both! {
    async fn every_mutation_has_a_decision_and_those_that_ask_do(engine) {
        let app = TestApp::start_with(engine, ASKING).await;
        let admin = app.staff(Role::Admin).await;
        let schema = admin.run("{ __schema { mutationType { fields { name } } } }", json!({})).await;
        let names: Vec<String> = schema["__schema"]["mutationType"]["fields"].as_array().expect("fields").iter().map(|f| text(&f["name"])).collect();
        let decisions = decisions();
        let undecided: Vec<_> = names.iter().filter(|name| !decisions.contains_key(name.as_str())).collect();
        assert!(undecided.is_empty(), "say whether these ask again: {undecided:?}");
        let gone: Vec<_> = decisions.keys().filter(|name| !names.iter().any(|n| n == *name)).collect();
        assert!(gone.is_empty(), "these are no mutations: {gone:?}");

        let key = admin.must("mutation { createApiClient(input: {name: \"CRM\", scopes: [EVENTS_READ, BILLS_READ]}) { key userErrors { code } } }", json!({})).await;
        let program = app.client(&text(&key["key"]));
        let asks = || decisions.iter().filter_map(|(name, decision)| if let Asks(input) = decision { Some((*name, *input)) } else { None });
        app.pass(Duration::minutes(11));
        for (name, input) in asks() {
            let answer = admin.ask(&mutation(name, input), json!({})).await;
            assert_eq!(code(&answer), Some("CONFIRMATION_REQUIRED"), "{name}: {answer}");
            assert_eq!(answer["errors"][0]["extensions"]["methods"], json!(["PASSWORD"]), "{name}");
            // Nobody gets to the question who may not do it anyway.
            let anonymous = app.anonymous().ask(&mutation(name, input), json!({})).await;
            assert_eq!(code(&anonymous), Some("UNAUTHENTICATED"), "{name}: {anonymous}");
            let refused = program.ask(&mutation(name, input), json!({})).await;
            let said = found(&refused["data"][name]["userErrors"]);
            assert!(said == [": FORBIDDEN"], "{name}: {refused}");
        }
        assert_eq!(admin.refused(CONFIRM, json!({"input": {"proof": {"password": "not the right one"}}})).await, ["proof: WRONG_PASSWORD"]);
        assert_eq!(code(&admin.ask(&mutation("startTotpSetup", ""), json!({})).await), Some("CONFIRMATION_REQUIRED"));
        confirm(&admin).await;
        for (name, input) in asks() {
            let answer = admin.ask(&mutation(name, input), json!({})).await;
            assert_ne!(code(&answer), Some("CONFIRMATION_REQUIRED"), "{name}: {answer}");
        }
    }

    async fn a_confirmation_is_of_one_session_and_runs_out(engine) {
        let app = TestApp::start_with(engine, ASKING).await;
        let anna = app.customer("Anna").await;
        let start = mutation("startTotpSetup", "");
        assert_eq!(code(&anna.ask(&start, json!({})).await), None, "she has just signed up");
        let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { token userErrors { code message path } } }";
        let payload = app.anonymous().must(sign_in, json!({"input": {"email": "anna@example.com", "password": PASSWORD, "deviceKind": "BEARER"}})).await;
        let tablet = app.client(&text(&payload["token"]));
        app.pass(Duration::minutes(10));
        for device in [&anna, &tablet] {
            assert_eq!(code(&device.ask(&start, json!({})).await), Some("CONFIRMATION_REQUIRED"));
        }
        confirm(&anna).await;
        assert_eq!(code(&anna.ask(&start, json!({})).await), None);
        assert_eq!(code(&tablet.ask(&start, json!({})).await), Some("CONFIRMATION_REQUIRED"), "another session");
        app.pass(Duration::minutes(9));
        assert_eq!(code(&anna.ask(&start, json!({})).await), None);
        app.pass(Duration::minutes(1));
        assert_eq!(code(&anna.ask(&start, json!({})).await), Some("CONFIRMATION_REQUIRED"));
        // Guesses are limited as at sign-in.
        for _ in 0..10 {
            assert_eq!(anna.refused(CONFIRM, json!({"input": {"proof": {"password": "not the right one"}}})).await, ["proof: WRONG_PASSWORD"]);
        }
        assert_eq!(anna.refused(CONFIRM, json!({"input": {"proof": {"password": PASSWORD}}})).await, [": TOO_MANY_ATTEMPTS"]);
        assert_eq!(app.anonymous().fault(CONFIRM, json!({"input": {"proof": {"password": PASSWORD}}})).await, "UNAUTHENTICATED");
    }

    async fn with_a_second_factor_it_is_asked_for_and_the_password_is_not_enough(engine) {
        let app = TestApp::start_with(engine, ASKING).await;
        let anna = app.customer("Anna").await;
        let started = anna.must("mutation { startTotpSetup { secret userErrors { code } } }", json!({})).await;
        let secret = totp_rs::Secret::try_from_base32(text(&started["secret"])).expect("base 32");
        let shown = || {
            let totp = totp_rs::Builder::new().with_secret(secret.clone()).build().expect("an app");
            totp.generate(u64::try_from(app.now().timestamp()).expect("after 1970")).to_string()
        };
        let add = "mutation($input: ConfirmTotpSetupInput!) { confirmTotpSetup(input: $input) { recoveryCodes userErrors { code message path } } }";
        let codes = anna.must(add, json!({"input": {"code": shown()}})).await["recoveryCodes"].clone();
        app.pass(Duration::minutes(11));
        let answer = anna.ask(&mutation("renewRecoveryCodes", ""), json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["methods"], json!(["TOTP", "RECOVERY_CODE"]), "{answer}");
        assert_eq!(anna.refused(CONFIRM, json!({"input": {"proof": {"password": PASSWORD}}})).await, ["proof: NOT_ALLOWED"]);
        // With a second factor, also a change of the password asks for it.
        let change = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { ok userErrors { code message path } } }";
        let passwords = json!({"input": {"currentPassword": PASSWORD, "newPassword": "a quite different one"}});
        assert_eq!(anna.fault(change, passwords.clone()).await, "CONFIRMATION_REQUIRED");
        assert_eq!(anna.refused(CONFIRM, json!({"input": {"proof": {"code": "000000"}}})).await, ["proof: WRONG_CODE"]);
        let code_now = shown();
        anna.must(CONFIRM, json!({"input": {"proof": {"code": code_now}}})).await;
        assert_eq!(anna.refused(CONFIRM, json!({"input": {"proof": {"code": code_now}}})).await, ["proof: WRONG_CODE"], "used up");
        anna.must(change, passwords).await;
        app.pass(Duration::minutes(11));
        anna.must(CONFIRM, json!({"input": {"proof": {"recoveryCode": codes[3]}}})).await;
        assert_eq!(code(&anna.ask(&mutation("renewRecoveryCodes", ""), json!({})).await), None);
    }

    async fn an_address_and_a_consumer_number_ask_and_a_name_does_not(engine) {
        let app = TestApp::start_with(engine, ASKING).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        app.pass(Duration::minutes(11));
        let update = "mutation($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer { id } userErrors { code message path } } }";
        anna.must(update, json!({"input": {"name": "Anna Winkler"}})).await;
        anna.must(update, json!({"input": {"email": "anna@example.com", "mobile": "+4915112345678"}})).await;
        assert_eq!(anna.fault(update, json!({"input": {"email": "elsewhere@example.com"}})).await, "CONFIRMATION_REQUIRED");
        let reveal = "mutation($input: RevealUtilityAccountParamsInput!) { revealUtilityAccountParams(input: $input) { params { value } userErrors { code message path } } }";
        let input = json!({"input": {"utilityAccountId": account}});
        assert_eq!(anna.fault(reveal, input.clone()).await, "CONFIRMATION_REQUIRED");
        // Whether an account exists is not told by the question.
        assert_eq!(anna.fault(reveal, json!({"input": {"utilityAccountId": format!("acct{NOBODY}")}})).await, "CONFIRMATION_REQUIRED");
        confirm(&anna).await;
        assert_eq!(anna.must(reveal, input).await["params"][0]["value"], "VT10000001");
    }

    async fn refunds_ask_above_the_limit_of_their_payment(engine) {
        let app = TestApp::start_with(engine, ASKING).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_method("CARD", "pm_card_visa").await;
        app.settle().await;
        let paid = text(&anna.pay(&[&bill], "pay-the-bill", json!({"paymentMethodId": card})).await["id"]);
        app.settle().await;
        let operator = app.staff(Role::Operator).await;
        app.pass(Duration::minutes(11));
        let refund = "mutation($input: RefundPaymentInput!) { refundPayment(input: $input) { refunds { id } userErrors { code message path } } }";
        let wish = |amount: Value, key: &str| json!({"input": {"paymentId": paid, "amount": amount, "reason": "Goodwill", "idempotencyKey": key}});
        let minor = |amount: &str| json!({"amountMinor": amount});
        operator.must(refund, wish(minor("600"), "the first of them")).await;
        operator.must(refund, wish(minor("400"), "the second of them")).await;
        // A little more goes above what was given back without asking.
        assert_eq!(operator.fault(refund, wish(minor("1"), "the third of them")).await, "CONFIRMATION_REQUIRED");
        assert_eq!(operator.fault(refund, wish(Value::Null, "all that is left")).await, "CONFIRMATION_REQUIRED");
        // What was done is answered again without asking.
        operator.must(refund, wish(minor("600"), "the first of them")).await;
        confirm(&operator).await;
        operator.must(refund, wish(minor("3000"), "the third of them")).await;
    }
}
