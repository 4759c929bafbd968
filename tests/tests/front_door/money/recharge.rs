//! Prepaid lines are recharged: bought and paid once, told to the provider, the code kept, sent and sent again.

use billow_entities::Role;
use billow_sandbox::{CardOutcome, Fault, Provider};
use billow_tests::{Client, TestApp, both, found, stable, stable_text, text};
use chrono::{Duration, NaiveDate};
use serde_json::{Value, json};

use super::{CANCEL, PAYMENT, REFUND, RETRY};

const LINE: &str = "+491713920001";
const RECHARGE: &str = "mutation($input: RechargeInput!) { recharge(input: $input) { replayed \
     payment { id status kind amount { amountMinor } fromWallet { amountMinor } fromGateway { amountMinor } actionUrl \
       allocations { bill { id } recharge { id } } } userErrors { code message path } } }";
const REDELIVER: &str = "mutation($input: RedeliverVoucherInput!) { redeliverVoucher(input: $input) { remittance { id voucher } userErrors { code message path } } }";
const ACCOUNT: &str = "query($id: ID!) { utilityAccount(id: $id) { plan { code expiresOn daysLeft } \
     recharge { payable reasonCode reason livePayment { id } plans { code price { amountMinor } } } \
     bills { nodes { id } } \
     recharges { totalCount nodes { id number status statusReason code name validityDays amount { formatted } provider { name } \
       utilityAccount { id } payment { id status } remittance { status voucher } } } } }";

/// Somebody with a prepaid line, and everything they may recharge it with.
struct Prepaid {
    who: Client,
    account: String,
    card: String,
    plans: Vec<(String, String)>,
}

impl Prepaid {
    /// On a plan that ends in six days.
    async fn of(app: &TestApp, name: &str, line: &str) -> Self {
        let who = app.customer(name).await;
        Self::with(app, who, None, line).await
    }

    async fn with(app: &TestApp, who: Client, home: Option<&str>, line: &str) -> Self {
        let chirp = match app.known_provider("chirp").await {
            Some(id) => id,
            None => app.provider(Provider::Chirp).await,
        };
        app.sandbox.state().set_plan(line, "CH28", "2026-11-27".parse().expect("a day")).expect("a line");
        let account = who.add_account(&chirp, home, "mobile_number", line).await;
        app.settle().await;
        let sold = who.run("query($id: ID!) { provider(id: $id) { rechargePlans { id code } } }", json!({"id": chirp})).await;
        let plans =
            sold["provider"]["rechargePlans"].as_array().expect("plans").iter().map(|p| (text(&p["code"]), text(&p["id"]))).collect();
        let card = who.save_card().await;
        Self { who, account, card, plans }
    }

    fn plan(&self, code: &str) -> &str {
        &self.plans.iter().find(|(known, _)| known == code).expect("a plan").1
    }

    fn wish(&self, plan: &str, key: &str) -> Value {
        json!({"utilityAccountId": self.account, "rechargePlanId": self.plan(plan), "paymentMethodId": self.card, "idempotencyKey": key})
    }

    /// Asks for a recharge by card; answers the whole payload.
    async fn try_buy(&self, plan: &str, key: &str) -> Value {
        try_recharge(&self.who, self.wish(plan, key)).await
    }

    /// Recharges by card; answers the payment.
    async fn buy(&self, plan: &str, key: &str) -> Value {
        let mut payload = self.try_buy(plan, key).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        payload["payment"].take()
    }

    /// The account as it is shown now.
    async fn shown(&self) -> Value {
        self.who.run(ACCOUNT, json!({"id": self.account})).await["utilityAccount"].take()
    }

    /// The recharges, as their status and code, the latest first.
    async fn bought(&self) -> Vec<(String, Value)> {
        let shown = self.shown().await;
        assert_eq!(shown["bills"]["nodes"], json!([]), "a recharge is no bill");
        let recharges = shown["recharges"]["nodes"].as_array().expect("recharges");
        recharges.iter().map(|bought| (text(&bought["status"]), bought["remittance"]["voucher"].clone())).collect()
    }
}

async fn try_recharge(who: &Client, input: Value) -> Value {
    who.run(RECHARGE, json!({"input": input})).await["recharge"].take()
}

/// The input with these fields in the place of its own.
fn but(mut input: Value, fields: Value) -> Value {
    if let (Some(input), Some(fields)) = (input.as_object_mut(), fields.as_object()) {
        input.extend(fields.clone());
    }
    input
}

fn line_ends(app: &TestApp, line: &str) -> NaiveDate {
    app.sandbox.state().account(Provider::Chirp, line).and_then(|account| account.line).expect("a line").ends_on
}

both! {
    async fn a_plan_is_bought_paid_confirmed_and_lasts_longer(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let anna = Prepaid::of(&app, "Anna", LINE).await;
        let shown = anna.shown().await;
        assert_eq!(shown["recharge"]["payable"], true, "{shown}");
        assert_eq!(shown["bills"]["nodes"], json!([]));
        app.sandbox.state().clear_outbox();

        let paid = anna.buy("CH56", "recharge-0001").await;
        assert_eq!((&paid["status"], &paid["kind"], &paid["amount"]["amountMinor"]), (&json!("SUCCEEDED"), &json!("BILLS"), &json!("1899")));
        app.settle().await;
        let id = text(&paid["id"]);
        let seen = anna.who.run(PAYMENT, json!({"id": id})).await;
        let voucher = text(&seen["payment"]["allocations"][0]["remittance"]["voucher"]);
        assert_eq!(seen["payment"]["allocations"][0]["remittance"]["status"], "CONFIRMED");

        // The provider has it once, under the plan's code, and the next look shows the longer plan without waiting for a day.
        let got = app.sandbox.state().payments(Some(Provider::Chirp));
        assert_eq!(got.iter().map(|p| (p.number.as_str(), p.amount_minor)).collect::<Vec<_>>(), [("CH56", 1_899)]);
        assert_eq!(got[0].voucher.as_deref(), Some(voucher.as_str()));
        assert_eq!(line_ends(&app, LINE).to_string(), "2027-01-22");
        let after = anna.shown().await;
        assert_eq!(after["plan"], json!({"code": "CH56", "expiresOn": "2027-01-22", "daysLeft": 62}));
        let mut recharges = after["recharges"].clone();
        let bought = &mut recharges["nodes"][0];
        assert_eq!(bought["remittance"]["voucher"], json!(voucher));
        assert!(text(&bought["number"]).starts_with("RECHARGE-"));
        bought["number"] = json!("[number]");
        bought["remittance"]["voucher"] = json!("[voucher]");
        insta::assert_json_snapshot!("recharges", stable(recharges));
        let node = "query($id: ID!) { node(id: $id) { id __typename ... on Recharge { status } } }";
        let id = text(&after["recharges"]["nodes"][0]["id"]);
        assert_eq!(anna.who.run(node, json!({"id": id})).await["node"], json!({"id": id, "__typename": "Recharge", "status": "PAID"}));
        assert_eq!(app.customer("Ben").await.run(node, json!({"id": id})).await["node"], Value::Null);

        // Told once, with the code in the mail and not in the inbox; nothing about a bill.
        let mails = app.sandbox.state().mails_to("anna@example.com");
        let subjects: Vec<_> = mails.iter().filter_map(|m| m.subject.clone()).collect();
        assert_eq!(subjects, ["Paid: €18.99 to Chirp Prepaid", "Chirp Prepaid: your recharge is done"]);
        let letter = mails[1].text.clone().expect("a text");
        assert!(letter.contains(&voucher), "{letter}");
        insta::assert_snapshot!("recharge_mail", stable_text(&letter.replace(&voucher, "[voucher]")));
        let inbox = anna.who.run("{ notifications { nodes { kind title body link bill { id } } } }", json!({})).await;
        assert!(!inbox.to_string().contains(&voucher), "{inbox}");
        assert_eq!(inbox["notifications"]["nodes"][0]["kind"], "VOUCHER_READY", "{inbox}");
        assert!(inbox["notifications"]["nodes"].as_array().expect("messages").iter().all(|n| n["kind"] != "BILL_RECEIVED"));
        assert!(anna.who.open_bills().await.is_empty());
        app.books_agree().await;
    }

    async fn the_reminders_of_the_old_end_stop(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let anna = Prepaid::of(&app, "Anna", LINE).await;
        anna.buy("CH28", "recharge-0001").await;
        app.settle().await;
        app.sandbox.state().clear_outbox();
        // The plan would have ended on the 27th; now it ends on the 25th of December.
        for _ in 0..26 {
            app.pass(Duration::days(1));
            app.settle().await;
            anna.who.run("{ viewer { role } }", json!({})).await;
        }
        assert_eq!(app.now().date_naive().to_string(), "2026-12-17");
        assert!(app.sandbox.state().mails_to("anna@example.com").is_empty(), "nothing is said of the plan that was replaced");
        app.pass(Duration::days(1));
        app.settle().await;
        assert_eq!(app.sandbox.state().mails_to("anna@example.com").len(), 1, "a week before the new end");
    }

    async fn a_double_tap_recharges_once(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let anna = Prepaid::of(&app, "Anna", LINE).await;
        let answers = futures::future::join_all((0..4).map(|_| anna.try_buy("CH28", "double-tap-1"))).await;
        let made: std::collections::BTreeSet<_> = answers.iter().map(|a| text(&a["payment"]["id"])).collect();
        assert_eq!(made.len(), 1, "{answers:#?}");
        assert_eq!(answers.iter().filter(|a| a["replayed"] == false).count(), 1, "{answers:#?}");
        app.settle().await;
        assert_eq!(anna.try_buy("CH28", "double-tap-1").await["replayed"], true);
        // The same key for another plan is another wish.
        assert_eq!(found(&anna.try_buy("CH56", "double-tap-1").await["userErrors"]), ["idempotencyKey: IDEMPOTENCY_KEY_REUSED"]);
        app.settle().await;
        assert_eq!(app.charged(), [999]);
        assert_eq!(anna.bought().await.len(), 1);
        assert_eq!(app.sandbox.state().payments(Some(Provider::Chirp)).len(), 1);
        app.books_agree().await;
    }

    async fn two_tabs_recharge_once_while_the_money_is_on_its_way(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let anna = Prepaid::of(&app, "Anna", LINE).await;
        let debit = anna.who.save_method("DIRECT_DEBIT", "pm_sepaDebit_processing").await;
        let wish = |key: &str| but(anna.wish("CH28", key), json!({"paymentMethodId": debit}));
        let answers = futures::future::join_all(["two-tabs-1", "two-tabs-2", "two-tabs-3"].map(|key| try_recharge(&anna.who, wish(key)))).await;
        let said: Vec<_> = answers.iter().map(|a| found(&a["userErrors"])).filter(|said| !said.is_empty()).collect();
        assert_eq!(said, [["utilityAccountId: PAYMENT_IN_PROGRESS"], ["utilityAccountId: PAYMENT_IN_PROGRESS"]], "{answers:#?}");
        let shown = anna.shown().await;
        assert_eq!((&shown["recharge"]["payable"], &shown["recharge"]["reasonCode"]), (&json!(false), &json!("UNDER_WAY")), "{shown}");
        assert!(shown["recharge"]["livePayment"]["id"].is_string(), "{shown}");
        assert!(anna.who.open_bills().await.is_empty(), "nobody owes a recharge");

        app.hear_cards();
        let pending = app.sandbox.state().pending_debits();
        assert!(app.sandbox.state().settle_card(&pending[0], &CardOutcome::Succeeded));
        app.cards_told().await;
        app.settle().await;
        assert_eq!(anna.shown().await["recharge"]["payable"], true);
        assert_eq!(app.charged(), [999]);
        app.books_agree().await;
    }

    async fn a_declined_card_leaves_nothing_to_be_paid_and_another_one_recharges(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let anna = Prepaid::of(&app, "Anna", LINE).await;
        let poor = anna.who.save_method("CARD", "pm_card_chargeDeclinedInsufficientFunds").await;
        let declined = try_recharge(&anna.who, but(anna.wish("CH28", "declined-01"), json!({"paymentMethodId": poor}))).await;
        assert_eq!(declined["payment"]["status"], "FAILED", "{declined}");
        app.settle().await;
        assert_eq!(anna.bought().await, [("CANCELLED".to_owned(), Value::Null)]);
        let mails = app.sandbox.state().mails_to("anna@example.com");
        assert!(mails.iter().all(|m| m.subject.as_deref().is_none_or(|s| !s.contains("withdrawn") && !s.contains("cancelled"))), "{mails:#?}");

        let id = text(&declined["payment"]["id"]);
        let retried = anna.who.must(RETRY, json!({"input": {"paymentId": id, "paymentMethodId": anna.card, "idempotencyKey": "retry-0001"}})).await;
        assert_eq!(retried["payment"]["status"], "SUCCEEDED");
        app.settle().await;
        let bought = anna.bought().await;
        assert_eq!((bought.len(), bought[0].0.as_str(), bought[0].1.is_string()), (1, "PAID", true), "{bought:?}");
        assert_eq!(app.charged(), [999]);
        app.books_agree().await;
    }

    async fn a_payment_that_was_called_off_is_not_resumed_over_another_recharge(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let anna = Prepaid::of(&app, "Anna", LINE).await;
        let page = json!({"paymentMethodId": null, "hostedPage": true, "returnUrl": format!("http://{}/payments", app.address)});
        let asked = try_recharge(&anna.who, but(anna.wish("CH28", "hosted-0001"), page.clone())).await;
        assert_eq!(asked["payment"]["status"], "REQUIRES_ACTION", "{asked}");
        let first = text(&asked["payment"]["id"]);
        anna.who.must(CANCEL, json!({"input": {"paymentId": first}})).await;
        assert_eq!(anna.bought().await[0].0, "CANCELLED");
        let second = try_recharge(&anna.who, but(anna.wish("CH56", "hosted-0002"), page)).await;
        assert_eq!(second["payment"]["status"], "REQUIRES_ACTION", "{second}");
        let again = json!({"input": {"paymentId": first, "paymentMethodId": anna.card, "idempotencyKey": "retry-0001"}});
        assert_eq!(anna.who.refused(RETRY, again.clone()).await, ["paymentId: PAYMENT_IN_PROGRESS"]);
        anna.who.must(CANCEL, json!({"input": {"paymentId": text(&second["payment"]["id"])}})).await;
        // Nothing is under way now, so the first may be tried again.
        assert_eq!(anna.who.must(RETRY, again).await["payment"]["status"], "SUCCEEDED");
        app.settle().await;
        assert_eq!(app.charged(), [999]);
        app.books_agree().await;
    }

    async fn a_refusal_of_the_provider_gives_the_money_back_and_nobody_owes_the_recharge(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let anna = Prepaid::of(&app, "Anna", LINE).await;
        app.sandbox.state().set_fault(Provider::Chirp, None, Fault::RejectPayments { payments: 1 });
        let id = text(&anna.buy("CH28", "rejected-001").await["id"]);
        app.settle().await;
        let seen = anna.who.run(PAYMENT, json!({"id": id})).await;
        let payment = &seen["payment"];
        assert_eq!(payment["allocations"][0]["remittance"]["status"], "REJECTED", "{payment}");
        assert_eq!((&payment["refunded"]["formatted"], &payment["refunds"][0]["cause"]), (&json!("€9.99"), &json!("PROVIDER_REJECTED")));
        assert_eq!(anna.bought().await, [("CANCELLED".to_owned(), Value::Null)]);
        assert!(anna.who.open_bills().await.is_empty());
        assert_eq!(line_ends(&app, LINE).to_string(), "2026-11-27");
        // It may be bought anew.
        anna.buy("CH28", "rejected-002").await;
        app.settle().await;
        assert_eq!(line_ends(&app, LINE).to_string(), "2026-12-25");
        app.books_agree().await;
    }

    async fn a_lost_answer_of_the_provider_is_asked_about_and_recharges_once(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let anna = Prepaid::of(&app, "Anna", LINE).await;
        app.sandbox.state().set_fault(Provider::Chirp, None, Fault::LosePaymentsAfter { payments: 1 });
        anna.buy("CH28", "lost-answer-1").await;
        app.settle().await;
        assert_eq!(anna.bought().await, [("PAID".to_owned(), Value::Null)]);
        app.pass(Duration::minutes(6));
        app.settle().await;
        assert!(anna.bought().await[0].1.is_string(), "the code came with the answer to the question");
        assert_eq!(line_ends(&app, LINE).to_string(), "2026-12-25");
        assert_eq!(app.charged(), [999]);
        app.books_agree().await;
    }

    async fn the_wallet_pays_what_it_has_of_a_recharge(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let anna = Prepaid::of(&app, "Anna", LINE).await;
        anna.who.top_up(1_500, &anna.card, "top-up-0001").await;
        app.settle().await;
        let alone = json!({"paymentMethodId": null, "useWallet": true});
        let short = try_recharge(&anna.who, but(anna.wish("CH56", "wallet-0001"), alone.clone())).await;
        assert_eq!(found(&short["userErrors"]), ["useWallet: INSUFFICIENT_FUNDS"], "{short}");
        assert!(anna.bought().await.is_empty(), "nothing is left of what was refused");
        let whole = try_recharge(&anna.who, but(anna.wish("CH28", "wallet-0002"), alone)).await;
        assert_eq!((&whole["payment"]["status"], &whole["payment"]["fromWallet"]["amountMinor"]), (&json!("SUCCEEDED"), &json!("999")), "{whole}");
        app.settle().await;
        let split = try_recharge(&anna.who, but(anna.wish("CH28", "wallet-0003"), json!({"useWallet": true}))).await;
        let parts = (&split["payment"]["fromWallet"]["amountMinor"], &split["payment"]["fromGateway"]["amountMinor"]);
        assert_eq!(parts, (&json!("501"), &json!("498")), "{split}");
        app.settle().await;
        assert!(anna.bought().await.iter().all(|(status, voucher)| status == "PAID" && voucher.is_string()));
        app.books_agree().await;
    }

    async fn a_code_is_sent_again_to_whoever_asks_and_not_without_end(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let anna = Prepaid::of(&app, "Anna", LINE).await;
        let id = text(&anna.buy("CH28", "recharge-0001").await["id"]);
        app.settle().await;
        let seen = anna.who.run("query($id: ID!) { payment(id: $id) { allocations { remittance { id voucher } } } }", json!({"id": id})).await;
        let remittance = &seen["payment"]["allocations"][0]["remittance"];
        let (voucher, again) = (text(&remittance["voucher"]), json!({"input": {"remittanceId": remittance["id"]}}));
        let letters = || app.sandbox.state().mails_to("anna@example.com").iter().filter(|m| m.text.as_deref().is_some_and(|t| t.contains(&voucher))).count();
        assert_eq!(letters(), 1);
        assert_eq!(anna.who.must(REDELIVER, again.clone()).await["remittance"]["voucher"], json!(voucher));
        anna.who.must(REDELIVER, again.clone()).await;
        app.settle().await;
        assert_eq!(letters(), 2, "twice within a minute is once");
        let mut refusals = Vec::new();
        for _ in 0..6 {
            app.pass(Duration::minutes(1));
            let payload = anna.who.run(REDELIVER, again.clone()).await["redeliverVoucher"].take();
            refusals.extend(found(&payload["userErrors"]));
        }
        app.settle().await;
        assert_eq!((letters(), refusals.len()), (6, 2), "{refusals:?}");
        assert!(refusals.iter().all(|said| said == "remittanceId: TOO_MANY"));

        let ben = app.customer("Ben").await;
        assert_eq!(ben.refused(REDELIVER, again.clone()).await, [": NOT_FOUND"]);
        app.pass(Duration::hours(2));
        app.staff(Role::Operator).await.must(REDELIVER, again).await;
        app.settle().await;
        assert_eq!(letters(), 7, "staff sends it to whoever paid");
        let admin = app.staff(Role::Admin).await;
        let audit = admin.run("query($id: ID!) { auditEntries(subject: $id) { nodes { action } } }", json!({"id": remittance["id"]})).await;
        assert_eq!(audit["auditEntries"]["nodes"][0]["action"], "voucher.redeliver");

        // What has no code cannot be sent.
        let (voltara, bill) = app.customer_with_bill("Vera", "VT10000001", 4_000).await;
        let card = voltara.save_card().await;
        let plain = text(&voltara.pay(&[&bill], "plain-00001", json!({"paymentMethodId": card})).await["id"]);
        app.settle().await;
        let seen = voltara.run("query($id: ID!) { payment(id: $id) { allocations { remittance { id } } } }", json!({"id": plain})).await;
        let input = json!({"input": {"remittanceId": seen["payment"]["allocations"][0]["remittance"]["id"]}});
        assert_eq!(voltara.refused(REDELIVER, input).await, ["remittanceId: NO_VOUCHER"]);
    }

    async fn a_housemate_recharges_and_both_get_the_code(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let anna = app.customer("Anna").await;
        let home = anna.add_property("Home").await;
        let ben = app.customer("Ben").await;
        let vera = app.customer("Vera").await;
        anna.share(&home, &ben, "PAYER").await;
        anna.share(&home, &vera, "VIEWER").await;
        let anna = Prepaid::with(&app, anna, Some(&home), LINE).await;
        let (his, hers) = (ben.save_card().await, vera.save_card().await);
        app.sandbox.state().clear_outbox();

        // Who may only look sees no way to buy, and is refused.
        let looked = vera.run(ACCOUNT, json!({"id": anna.account})).await;
        assert_eq!(looked["utilityAccount"]["recharge"], Value::Null);
        let refused = try_recharge(&vera, but(anna.wish("CH28", "viewer-0001"), json!({"paymentMethodId": hers}))).await;
        assert_eq!(found(&refused["userErrors"]), [": FORBIDDEN"], "{refused}");
        let paid = try_recharge(&ben, but(anna.wish("CH28", "payer-00001"), json!({"paymentMethodId": his}))).await;
        assert_eq!(paid["payment"]["status"], "SUCCEEDED", "{paid}");
        app.settle().await;

        let (_, voucher) = anna.bought().await.pop().expect("a recharge");
        let voucher = text(&voucher);
        for (name, gets) in [("anna", true), ("ben", true), ("vera", false)] {
            let told = app.sandbox.state().mails_to(&format!("{name}@example.com")).iter().any(|m| m.text.as_deref().is_some_and(|t| t.contains(&voucher)));
            assert_eq!(told, gets, "{name}");
        }
        let looked = vera.run(ACCOUNT, json!({"id": anna.account})).await;
        assert_eq!(looked["utilityAccount"]["recharges"]["nodes"][0]["remittance"], Value::Null, "the code is not hers to see");
        assert!(!looked.to_string().contains(&voucher));
        app.books_agree().await;
    }

    async fn what_cannot_be_recharged_says_why(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let anna = Prepaid::of(&app, "Anna", LINE).await;
        let ben = Prepaid::of(&app, "Ben", "+491713920002").await;
        let said = |payload: Value| found(&payload["userErrors"]);

        // Another person's account does not exist, whatever is named with it.
        assert_eq!(said(try_recharge(&ben.who, but(anna.wish("CH28", "stranger-01"), json!({"paymentMethodId": ben.card}))).await), [": NOT_FOUND"]);
        assert_eq!(said(try_recharge(&ben.who, but(ben.wish("CH28", "stranger-02"), json!({"paymentMethodId": anna.card}))).await), [": NOT_FOUND"]);
        assert_eq!(app.anonymous().fault(RECHARGE, json!({"input": anna.wish("CH28", "stranger-03")})).await, "UNAUTHENTICATED");

        // A plan of another provider, or one that is not sold any more.
        let other = app.provider_with(Provider::Chirp, |definition| definition["code"] = json!("chirp-two")).await;
        app.sandbox.state().set_plan("+491713920003", "CH28", "2026-11-27".parse().expect("a day")).expect("a line");
        anna.who.add_account(&other, None, "mobile_number", "+491713920003").await;
        app.settle().await;
        let sold = anna.who.run("query($id: ID!) { provider(id: $id) { rechargePlans { id } } }", json!({"id": other})).await;
        let foreign = but(anna.wish("CH28", "foreign-001"), json!({"rechargePlanId": sold["provider"]["rechargePlans"][0]["id"]}));
        assert_eq!(said(try_recharge(&anna.who, foreign).await), ["rechargePlanId: PLAN_NOT_OFFERED"]);
        let nonsense = but(anna.wish("CH28", "nonsense-01"), json!({"rechargePlanId": "plan"}));
        assert_eq!(said(try_recharge(&anna.who, nonsense).await), ["rechargePlanId: INVALID_ID"]);

        // What pays bills is not prepaid.
        let (vera, _) = app.customer_with_bill("Vera", "VT10000001", 4_000).await;
        let electricity = text(&vera.run("{ utilityAccounts { nodes { id recharge { payable } } } }", json!({})).await["utilityAccounts"]["nodes"][0]["id"]);
        let wish = but(anna.wish("CH28", "postpaid-01"), json!({"utilityAccountId": electricity, "paymentMethodId": vera.save_card().await}));
        assert_eq!(said(try_recharge(&vera, wish).await), ["utilityAccountId: NOT_PAYABLE"]);

        // Paused, at somebody's wish, and the provider paused.
        let pause = "mutation($input: PauseUtilityAccountInput!) { pauseUtilityAccount(input: $input) { userErrors { code message path } } }";
        ben.who.must(pause, json!({"input": {"utilityAccountId": ben.account}})).await;
        assert_eq!(said(ben.try_buy("CH28", "paused-0001").await), ["utilityAccountId: NOT_PAYABLE"]);
        assert_eq!(ben.shown().await["recharge"]["reasonCode"], "PAUSED");
        let admin = app.staff(Role::Admin).await;
        let chirp = app.known_provider("chirp").await.expect("a provider");
        let pause = "mutation($input: PauseProviderInput!) { pauseProvider(input: $input) { userErrors { code message path } } }";
        admin.must(pause, json!({"input": {"providerId": chirp, "reason": "Its prices change"}})).await;
        assert_eq!(said(anna.try_buy("CH28", "paused-0002").await), ["utilityAccountId: PROVIDER_PAUSED"]);
        app.settle().await;
        assert_eq!(app.charged(), Vec::<i64>::new());
    }

    async fn staff_recharges_for_a_customer_and_gives_the_money_back(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let anna = Prepaid::of(&app, "Anna", LINE).await;
        let customer = text(&anna.who.run("{ viewer { customer { id } } }", json!({})).await["viewer"]["customer"]["id"]);
        let operator = app.staff(Role::Operator).await;
        let wish = but(anna.wish("CH28", "operator-01"), json!({"customerId": customer}));
        let made = try_recharge(&operator, wish).await;
        assert_eq!(made["payment"]["status"], "SUCCEEDED", "{made}");
        let id = text(&made["payment"]["id"]);
        // Before the provider was told: nobody owes it then.
        let back = json!({"paymentId": id, "reason": "A wrong number", "idempotencyKey": "operator-02"});
        operator.must(REFUND, json!({"input": back})).await;
        app.settle().await;
        assert_eq!(anna.bought().await, [("CANCELLED".to_owned(), Value::Null)]);
        assert!(app.sandbox.state().payments(Some(Provider::Chirp)).is_empty());
        assert!(anna.who.open_bills().await.is_empty());
        app.books_agree().await;
    }
}
