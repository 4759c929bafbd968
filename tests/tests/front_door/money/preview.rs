//! What a payment would come to, before it is made: what stands against it is said, and reading it costs the same however
//! long the page is.

use billow_entities::Role;
use billow_sandbox::Provider;
use billow_tests::{Client, TestApp, both, found, stable, text};
use serde_json::{Value, json};

const PREVIEW: &str = "query($input: PayBillsPreviewInput!) { previewPayment(input: $input) { total { formatted } fromWallet { formatted } \
     fromGateway { formatted } lines { amount { formatted } quote { payable reasonCode } } userErrors { code message path } } }";
const PAGE: &str = "query($first: Int) { bills(first: $first) { nodes { id quote { payable reasonCode suggested { amountMinor } livePayment { id } } } } }";

/// What stands against these bills, as `path: CODE`, and how many lines are shown.
async fn refused(who: &Client, input: Value) -> (Vec<String>, usize) {
    let preview = who.run(PREVIEW, json!({"input": input})).await["previewPayment"].take();
    assert_eq!(preview["total"].is_null(), preview["fromGateway"].is_null(), "{preview}");
    (found(&preview["userErrors"]), preview["lines"].as_array().expect("lines").len())
}

/// The statements one page takes, counted when everything that is kept in memory is there.
async fn statements(app: &TestApp, who: &Client, first: usize) -> u64 {
    let before = app.billing.kernel.store.statements();
    let page = who.run(PAGE, json!({"first": first})).await;
    let bills = page["bills"]["nodes"].as_array().expect("bills");
    assert_eq!(bills.len(), first);
    assert!(bills.iter().all(|bill| !bill["quote"].is_null()), "{page}");
    app.billing.kernel.store.statements() - before
}

both! {
    async fn what_comes_to_nothing_says_why_and_is_no_fault(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let (ben, his) = app.customer_with_bill("Ben", "VT10000002", 5_000).await;
        let card = anna.save_card().await;
        let named = |ids: &[&str]| json!({"bills": ids.iter().map(|id| json!({"billId": id})).collect::<Vec<_>>()});
        for (input, wanted) in [
            (named(&[]), (vec!["bills: REQUIRED".to_owned()], 0)),
            (named(&["bill_nonsense"]), (vec!["bills.0.billId: INVALID_ID".to_owned()], 0)),
            (named(&["bill_7zzzzzzzzzzzzzzzzzzzzzzzzz"]), (vec!["bills.0.billId: NOT_FOUND".to_owned()], 0)),
            (named(&[&bill, &his]), (vec!["bills.1.billId: NOT_FOUND".to_owned()], 1)),
            (named(&[&bill, &bill]), (vec!["bills.1.billId: DUPLICATE".to_owned()], 1)),
            (json!({"bills": [{"billId": bill}], "paymentMethodId": "pm_7zzzzzzzzzzzzzzzzzzzzzzzzz"}), (vec!["paymentMethodId: NOT_FOUND".to_owned()], 1)),
            (json!({"bills": [{"billId": bill}], "paymentMethodId": bill}), (vec!["paymentMethodId: INVALID_ID".to_owned()], 0)),
            (named(&[bill.as_str(); 51]), (vec!["bills: TOO_MANY".to_owned()], 0)),
        ] {
            assert_eq!(refused(&anna, input.clone()).await, wanted, "{input}");
        }
        let hers_by_him = json!({"bills": [{"billId": his}], "paymentMethodId": card});
        assert_eq!(refused(&ben, hers_by_him).await, (vec!["paymentMethodId: NOT_FOUND".to_owned()], 1));

        // Two currencies come to no one sum, and each bill is shown with its own.
        let swiss = app.provider_with(Provider::Aquaria, |definition| definition["currency"] = json!("CHF")).await;
        let account = anna.add_account(&swiss, None, "contract", "AQ100001").await;
        let operator = app.staff(Role::Operator).await;
        let record = "mutation($input: RecordBillInput!) { recordBill(input: $input) { bill { id } userErrors { code message path } } }";
        let by_hand = json!({"utilityAccountId": account, "number": "CH-1", "amountMinor": "7000", "issuedOn": "2026-11-20", "reason": "By letter"});
        let francs = text(&operator.must(record, json!({"input": by_hand})).await["bill"]["id"]);
        insta::assert_json_snapshot!("two_currencies", stable(anna.run(PREVIEW, json!({"input": named(&[&bill, &francs])})).await));

        // What has been paid is still shown, with the reason, and staff is told the same.
        anna.pay(&[&bill], "preview-01", json!({"paymentMethodId": card})).await;
        app.settle().await;
        insta::assert_json_snapshot!("paid_already", stable(anna.run(PREVIEW, json!({"input": named(&[&bill])})).await));
        assert_eq!(refused(&operator, named(&[&bill])).await, (vec!["bills.0.billId: NOT_PAYABLE".to_owned()], 1));
        assert_eq!(refused(&operator, named(&["bill_7zzzzzzzzzzzzzzzzzzzzzzzzz"])).await, (vec!["bills.0.billId: NOT_FOUND".to_owned()], 0));
        assert_eq!(app.anonymous().fault(PREVIEW, json!({"input": named(&[&bill])})).await, "UNAUTHENTICATED");
    }

    async fn a_page_of_quotes_reads_no_more_than_a_short_one(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, _) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let home = text(&anna.run("{ properties { nodes { id } } }", json!({})).await["properties"]["nodes"][0]["id"]);
        let gas = app.provider(Provider::Gasline).await;
        anna.add_account(&gas, Some(&home), "customer_code", "110000000001").await;
        for amount in 1..20 {
            let (provider, number) =
                if amount % 2 == 0 { (Provider::Voltara, "VT10000001") } else { (Provider::Gasline, "110000000001") };
            app.sandbox.state().issue_bill(provider, number, Some(1_000 + amount)).expect("a bill");
        }
        for account in anna.run("{ utilityAccounts { nodes { id } } }", json!({})).await["utilityAccounts"]["nodes"].as_array().expect("accounts") {
            anna.fetch_now(&text(&account["id"])).await;
        }
        app.settle().await;
        assert_eq!(anna.open_bills().await.len(), 20);
        // Somebody who pays in this home reads others' bills: their part in it is asked for too.
        let ben = app.customer("Ben").await;
        anna.share(&home, &ben, "PAYER").await;
        for who in [&anna, &ben] {
            statements(&app, who, 20).await;
            let (short, long) = (statements(&app, who, 2).await, statements(&app, who, 20).await);
            // On a machine that is busy the page may be read in two rounds; one round for each bill would be 18 more.
            assert!(long < 2 * short, "{short} statements for 2 bills, {long} for 20");
        }
    }
}
