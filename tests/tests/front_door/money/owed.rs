//! What is to be paid, what is being paid and what is left: the same in bills, lists, sums and messages.

use billow_sandbox::{CardOutcome, Provider};
use billow_tests::{Client, TestApp, both, text};
use chrono::{Days, Duration};
use serde_json::{Value, json};

use super::CANCEL;

const OWED: &str = "{ viewer { customer { summary { ...sums } properties { summary { ...sums } } } } \
     open: bills(filter: {state: OPEN}, orderBy: DUE_DATE) { nodes { ...bill } } \
     overdue: bills(filter: {state: OVERDUE}, orderBy: DUE_DATE) { nodes { number } } \
     beingPaid: bills(filter: {state: BEING_PAID}, orderBy: DUE_DATE) { nodes { ...bill } } \
     paid: bills(filter: {state: PAID}) { nodes { number } } } \
     fragment sums on BillSummary { due { formatted } beingPaid { formatted } beingPaidCount openCount overdue { formatted } overdueCount \
       nextDue { number } } \
     fragment bill on Bill { number amount { formatted } paid { formatted } remaining { formatted } beingPaid { formatted } overdue status }";
const ONE: &str =
    "query($id: ID!) { bill(id: $id) { remaining { formatted } beingPaid { formatted } overdue quote { payable reasonCode } } }";

/// The sums of one's own page, as (due, being paid, open bills, overdue bills).
async fn sums(who: &Client) -> (Value, Value, i64, i64) {
    let shown = who.run(OWED, json!({})).await;
    let customer = &shown["viewer"]["customer"];
    let sums = &customer["summary"];
    assert_eq!(customer["properties"][0]["summary"], *sums, "the home's sums are the same: all bills are in it");
    let count = |list: &str| shown[list]["nodes"].as_array().map_or(0, Vec::len) as i64;
    assert_eq!(sums["openCount"], count("open"), "{shown}");
    assert_eq!(sums["overdueCount"], count("overdue"), "{shown}");
    assert_eq!(sums["beingPaidCount"], count("beingPaid"), "{shown}");
    let of = |field: &str| sums[field][0]["formatted"].clone();
    (of("due"), of("beingPaid"), count("open"), count("overdue"))
}

fn euros(text: &str) -> Value {
    json!(text)
}

both! {
    async fn a_bill_that_is_being_paid_is_neither_due_nor_overdue_until_the_payment_ends(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let number = "VT10000001";
        let state = app.sandbox.state();
        let mut late = state.issue_bill(Provider::Voltara, number, Some(4_250)).expect("a bill");
        late.issued_on = app.now().date_naive() - Days::new(20);
        late.due_on = app.now().date_naive() - Days::new(1);
        state.put_bill(Provider::Voltara, number, late).expect("stored");
        let (anna, account) = app.customer_with_electricity("Anna", number).await;
        let [bill] = <[String; 1]>::try_from(anna.open_bills().await).expect("one bill");
        assert_eq!(sums(&anna).await, (euros("€42.50"), Value::Null, 1, 1));

        let debit = anna.save_method("DIRECT_DEBIT", "pm_sepaDebit_processing").await;
        app.settle().await;
        let payment = anna.pay(&[&bill], "being-paid-1", json!({"paymentMethodId": debit})).await;
        assert_eq!(payment["status"], "PROCESSING", "a bank takes its time");
        app.settle().await;
        assert_eq!(sums(&anna).await, (Value::Null, euros("€42.50"), 0, 0), "it is on its way");
        let shown = anna.run(OWED, json!({})).await;
        insta::assert_json_snapshot!("being_paid", shown);
        let one = anna.run(ONE, json!({"id": bill})).await;
        let same = json!({"remaining": {"formatted": "€42.50"}, "beingPaid": {"formatted": "€42.50"}, "overdue": false,
            "quote": {"payable": false, "reasonCode": "UNDER_WAY"}});
        assert_eq!(one["bill"], same, "one bill says what the list says");

        // The bank says no: the bill is as due as before.
        app.hear_cards();
        let pending = app.sandbox.state().pending_debits();
        assert!(app.sandbox.state().settle_card(&pending[0], &CardOutcome::Failed { code: None }));
        app.cards_told().await;
        app.settle().await;
        assert_eq!(sums(&anna).await, (euros("€42.50"), Value::Null, 1, 1));

        // The page of a gateway that was left open is a payment under way, too, until it is cancelled.
        let left = anna.pay(&[&bill], "being-paid-2", json!({"hostedPage": true, "returnUrl": format!("http://{}/payments", app.address)})).await;
        assert_eq!(left["status"], "REQUIRES_ACTION", "{left}");
        assert_eq!(sums(&anna).await, (Value::Null, euros("€42.50"), 0, 0));
        anna.must(CANCEL, json!({"input": {"paymentId": left["id"]}})).await;
        app.settle().await;
        assert_eq!(sums(&anna).await, (euros("€42.50"), Value::Null, 1, 1));

        // The provider withdraws it: nothing is left of it.
        let told = app.sandbox.state().bills(Provider::Voltara, number);
        app.sandbox.state().cancel_bill(Provider::Voltara, number, &told[0].number).expect("withdrawn");
        anna.fetch_now(&account).await;
        app.settle().await;
        assert_eq!(sums(&anna).await, (Value::Null, Value::Null, 0, 0));
    }

    async fn every_sum_and_every_message_names_what_is_left(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        app.provider_with(Provider::Voltara, |definition| definition["amount_rule"] = json!({"kind": "EXACT_OR_BELOW"})).await;
        let number = "VT10000001";
        let state = app.sandbox.state();
        let mut bill = state.issue_bill(Provider::Voltara, number, Some(1_234)).expect("a bill");
        bill.due_on = app.now().date_naive() + Days::new(8);
        state.put_bill(Provider::Voltara, number, bill).expect("stored");
        let (anna, _) = app.customer_with_electricity("Anna", number).await;
        let phone = app.device(&anna, "phone").await;
        let channels = json!({"channels": [{"kind": "BILL_REMINDER", "push": true, "email": true, "sms": true}], "leadDays": [-7, -3, -1, 0, 1]});
        let update = "mutation($input: UpdateNotificationPreferencesInput!) { updateNotificationPreferences(input: $input) { userErrors { code message path } } }";
        anna.must(update, json!({"input": channels})).await;
        let mobile = "mutation($input: UpdateCustomerInput!) { updateCustomer(input: $input) { userErrors { code message path } } }";
        anna.must(mobile, json!({"input": {"mobile": "+491712345678"}})).await;
        let [id] = <[String; 1]>::try_from(anna.open_bills().await).expect("one bill");
        let card = anna.save_card().await;
        let part = json!({"bills": [{"billId": id, "amount": {"amountMinor": "500"}}], "idempotencyKey": "part-of-it-1"});
        anna.try_pay_input(part, json!({"paymentMethodId": card})).await;
        app.settle().await;
        assert_eq!(sums(&anna).await, (euros("€7.34"), Value::Null, 1, 0));
        let shown = anna.run(OWED, json!({})).await;
        insta::assert_json_snapshot!("partly_paid", shown);

        // The reminder, over every channel.
        app.sandbox.state().clear_outbox();
        app.pass(Duration::days(2));
        app.settle().await;
        let state = app.sandbox.state();
        let push = format!("{:?}", state.pushes_for(&phone).pop().expect("a push"));
        assert!(push.contains("€7.34") && !push.contains("12.34"), "{push}");
        let mail = format!("{:?}", state.mails().last().expect("a mail"));
        assert!(mail.contains("€7.34"), "{mail}");
        let sms = format!("{:?}", state.text_messages().last().expect("a text"));
        assert!(sms.contains("€7.34") && !sms.contains("12.34"), "{sms}");
        let inbox = anna.run("{ notifications(first: 1) { nodes { kind title body } } }", json!({})).await;
        assert_eq!(inbox["notifications"]["nodes"][0]["kind"], "BILL_REMINDER", "{inbox}");
        assert!(text(&inbox["notifications"]["nodes"][0]["title"]).contains("€7.34"), "{inbox}");
        // The link for a guest: what is left is what is paid.
        let link = "mutation($input: CreatePayLinkInput!) { createPayLink(input: $input) { url userErrors { code message path } } }";
        let url = text(&anna.must(link, json!({"input": {"billId": id}})).await["url"]);
        let behind = "query($token: String!) { payLink(token: $token) { bill { amount { formatted } remaining { formatted } } quote { suggested { formatted } } } }";
        let token = url.rsplit('/').next().expect("a token");
        let guest = app.anonymous().run(behind, json!({"token": token})).await;
        assert_eq!(guest["payLink"]["bill"]["remaining"]["formatted"], "€7.34", "{guest}");
        assert_eq!(guest["payLink"]["quote"]["suggested"]["formatted"], "€7.34", "{guest}");

        // A part of it is on its way: the next reminder asks for what is left without it.
        let debit = anna.save_method("DIRECT_DEBIT", "pm_sepaDebit_processing").await;
        app.settle().await;
        let part = json!({"bills": [{"billId": id, "amount": {"amountMinor": "234"}}], "idempotencyKey": "part-of-it-2"});
        let paid = anna.try_pay_input(part, json!({"paymentMethodId": debit})).await;
        assert_eq!(paid["payment"]["status"], "PROCESSING", "{paid}");
        assert_eq!(sums(&anna).await, (euros("€5.00"), euros("€2.34"), 1, 0));
        app.sandbox.state().clear_outbox();
        app.pass(Duration::days(4));
        app.settle().await;
        let push = format!("{:?}", app.sandbox.state().pushes_for(&phone).pop().expect("a push"));
        assert!(push.contains("€5.00"), "{push}");
    }

    async fn nobody_is_reminded_of_money_that_is_on_its_way_and_again_when_the_payment_fails(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let number = "VT10000001";
        let state = app.sandbox.state();
        let mut bill = state.issue_bill(Provider::Voltara, number, Some(7_700)).expect("a bill");
        bill.due_on = app.now().date_naive() + Days::new(8);
        state.put_bill(Provider::Voltara, number, bill).expect("stored");
        let (anna, _) = app.customer_with_electricity("Anna", number).await;
        let phone = app.device(&anna, "phone").await;
        let [id] = <[String; 1]>::try_from(anna.open_bills().await).expect("one bill");
        let debit = anna.save_method("DIRECT_DEBIT", "pm_sepaDebit_processing").await;
        app.settle().await;
        anna.pay(&[&id], "on-its-way-1", json!({"paymentMethodId": debit})).await;
        app.sandbox.state().clear_outbox();
        for _ in 0..6 {
            app.pass(Duration::days(1));
            app.settle().await;
        }
        assert!(app.sandbox.state().pushes_for(&phone).is_empty(), "{:?}", app.sandbox.state().pushes_for(&phone));

        app.hear_cards();
        let pending = app.sandbox.state().pending_debits();
        assert!(app.sandbox.state().settle_card(&pending[0], &CardOutcome::Failed { code: None }));
        app.cards_told().await;
        app.settle().await;
        app.sandbox.state().clear_outbox();
        app.pass(Duration::days(1));
        app.settle().await;
        let pushes = app.sandbox.state().pushes_for(&phone);
        assert_eq!(pushes.len(), 1, "one day before it is due: {pushes:?}");
    }
}
