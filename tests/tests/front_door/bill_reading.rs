//! Bills as the world sends them, from a provider's registration to what the customer sees: what a feed, a file or a post
//! says that is not what it looks like.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use billow_entities::Role;
use billow_tests::{Client, TestApp, both, text};
use chrono::Duration;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const REGISTER: &str =
    "mutation($input: RegisterProviderInput!) { registerProvider(input: $input) { provider { id } userErrors { code message path } } }";
const KEY: &str = "mutation($input: CreateApiClientInput!) { createApiClient(input: $input) { key userErrors { code message path } } }";
const BILLS: &str = "{ bills(first: 100) { nodes { id number status version issuedOn dueOn periodStart periodEnd amount { amountMinor currency } \
     unusual { kind usual { amountMinor } reason } quote { payable reason } lines { label kind } } } }";
const TOTALS: &str = "{ viewer { customer { summary { openCount due { amountMinor } } } } }";
const ACCOUNT: &str = "query($id: ID!) { utilityAccount(id: $id) { status lastOutcome } }";
const ATTEMPTS: &str = "query($id: ID!) { utilityAccount(id: $id) { fetchAttempts(first: 1) { nodes { outcome message } } } }";
const HEALTH: &str = "query($id: ID!) { provider(id: $id) { health { circuit } } }";

/// The test's own server and the sandbox.
const LOOPBACK: &[(&str, &str)] = &[("http.allowed_hosts", "127.0.0.1")];

/// A server that answers what the test says.
#[derive(Clone)]
struct Utility {
    address: SocketAddr,
    answer: Arc<Mutex<(u16, HeaderMap, Vec<u8>)>>,
}

impl Utility {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let utility = Self { address, answer: Arc::new(Mutex::new((200, HeaderMap::new(), Vec::new()))) };
        let router = axum::Router::new()
            .fallback(|State(utility): State<Self>| async move {
                let (status, headers, body) = utility.answer.lock().expect("an answer").clone();
                (StatusCode::from_u16(status).expect("a status"), headers, body)
            })
            .with_state(utility.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        utility
    }

    fn says(&self, body: impl Into<Vec<u8>>) {
        *self.answer.lock().expect("an answer") = (200, HeaderMap::new(), body.into());
    }

    fn says_with(&self, status: u16, header: (&'static str, &str)) {
        let headers = HeaderMap::from_iter([(header.0.parse().expect("a name"), header.1.parse().expect("a value"))]);
        *self.answer.lock().expect("an answer") = (status, headers, Vec::new());
    }

    fn definition(&self, kind: &str, code: &str, extra: Value) -> Value {
        let mut settings = json!({"url": format!("http://{}/data", self.address)});
        if let (Some(settings), Some(extra)) = (settings.as_object_mut(), extra.as_object()) {
            settings.extend(extra.clone());
        }
        json!({
            "code": code, "name": "Utility", "utility_type": "ELECTRICITY", "currency": "USD", "time_zone": "America/New_York",
            "connector": {"kind": kind, "settings": settings}, "params": [{"name": "account", "label": "Account"}],
            "schedule": {"every": {"kind": "DAYS", "days": 1}}, "limits": {"circuit_failures": 2},
        })
    }
}

async fn register(admin: &Client, definition: Value) -> String {
    text(&admin.must(REGISTER, json!({"input": {"definition": definition, "credentials": {}}})).await["provider"]["id"])
}

async fn bills(customer: &Client) -> Vec<Value> {
    customer.run(BILLS, json!({})).await["bills"]["nodes"].as_array().expect("bills").clone()
}

/// Number, status and amount of each bill.
async fn brief(customer: &Client) -> Vec<(String, String, String)> {
    bills(customer).await.iter().map(|b| (text(&b["number"]), text(&b["status"]), text(&b["amount"]["amountMinor"]))).collect()
}

async fn again(app: &TestApp, customer: &Client, account: &str) {
    app.pass(Duration::minutes(2));
    customer.fetch_now(account).await;
    app.settle().await;
}

/// What the last fetch said to operators.
async fn said(admin: &Client, account: &str) -> (String, String) {
    let attempt = admin.run(ATTEMPTS, json!({"id": account})).await["utilityAccount"]["fetchAttempts"]["nodes"][0].take();
    (text(&attempt["outcome"]), attempt["message"].as_str().unwrap_or_default().to_owned())
}

fn summary(id: &str, start: i64, days: i64, fields: &str) -> String {
    format!(
        "<entry><id>urn:uuid:{id}</id><content><espi:UsageSummary><espi:billingPeriod><espi:duration>{}</espi:duration>\
         <espi:start>{start}</espi:start></espi:billingPeriod><espi:currency>840</espi:currency>{fields}</espi:UsageSummary></content></entry>",
        days * 86_400
    )
}

fn amount(value: i64) -> String {
    format!("<espi:billLastPeriod>{value}</espi:billLastPeriod>")
}

fn feed(entries: &str) -> String {
    format!("<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:espi=\"http://naesb.org/espi\">{entries}</feed>")
}

/// Midnight of 20 October 2026 in New York, and of 20 September and 20 August.
const OCTOBER: i64 = 1_792_468_800;
const SEPTEMBER: i64 = 1_789_876_800;
const AUGUST: i64 = 1_787_198_400;

both! {
    async fn a_feed_that_changes_only_in_stamps_and_links_changes_nothing(engine) {
        let utility = Utility::start().await;
        let app = TestApp::start_with(engine, LOOPBACK).await;
        let admin = app.staff(Role::Admin).await;
        let provider = register(&admin, utility.definition("GREEN_BUTTON", "pge", json!({}))).await;
        let anna = app.customer("Anna").await;
        let stamped = |id: &str, stamp: i64| {
            feed(&summary(id, OCTOBER, 30, &format!("{}<espi:statusTimeStamp>{stamp}</espi:statusTimeStamp>", amount(7_506_000))))
        };
        utility.says(stamped("one", 1_795_250_000));
        let account = anna.add_account(&provider, None, "account", "A1").await;
        app.settle().await;
        let first = bills(&anna).await;
        assert_eq!((first.len(), &first[0]["number"], &first[0]["amount"]["amountMinor"]), (1, &json!("20261020-30"), &json!("7506")));
        assert_eq!((&first[0]["periodStart"], &first[0]["periodEnd"]), (&json!("2026-10-20"), &json!("2026-11-18")));
        assert_eq!((&first[0]["issuedOn"], &first[0]["dueOn"]), (&json!("2026-11-18"), &json!("2026-12-02")));
        for (id, stamp) in [("two", 1_795_600_000), ("three", 0), ("one", 1_795_999_999)] {
            utility.says(stamped(id, stamp));
            again(&app, &anna, &account).await;
            assert_eq!(bills(&anna).await, first, "{id} {stamp}");
        }
        // Nor does a corrected time zone make the bill new.
        let edit = "mutation($input: UpdateProviderInput!) { updateProvider(input: $input) { userErrors { code message path } } }";
        let mut moved = utility.definition("GREEN_BUTTON", "pge", json!({}));
        moved["time_zone"] = json!("UTC");
        admin.must(edit, json!({"input": {"providerId": provider, "definition": moved, "expectedVersion": 1}})).await;
        again(&app, &anna, &account).await;
        assert_eq!(brief(&anna).await, [("20261020-30".to_owned(), "OPEN".to_owned(), "7506".to_owned())]);
        // A period that moves with each day is not another bill.
        utility.says(feed(&summary("four", OCTOBER + 86_400, 30, &amount(7_606_000))));
        again(&app, &anna, &account).await;
        assert_eq!(bills(&anna).await.len(), 1);
        assert!(said(&admin, &account).await.1.contains("a period that moves with the download is no bill"));
    }

    async fn a_credit_is_shown_and_harms_nobody(engine) {
        let utility = Utility::start().await;
        let app = TestApp::start_with(engine, LOOPBACK).await;
        let admin = app.staff(Role::Admin).await;
        let provider = register(&admin, utility.definition("GREEN_BUTTON", "pge", json!({}))).await;
        utility.says(feed(&[summary("1", AUGUST, 31, &amount(4_200_000)), summary("2", SEPTEMBER, 30, &amount(-2_458_000)), summary("3", OCTOBER, 30, &amount(0))].concat()));
        let mut people = Vec::new();
        for name in ["Anna", "Ben", "Cleo"] {
            let customer = app.customer(name).await;
            let account = customer.add_account(&provider, None, "account", name).await;
            people.push((customer, account));
        }
        app.settle().await;
        for (customer, account) in &people {
            let statuses: Vec<_> = brief(customer).await.into_iter().map(|(_, status, amount)| (status, amount)).collect();
            let expected = [("NOTHING_DUE", "0"), ("CREDIT", "-2458"), ("OPEN", "4200")].map(|(s, a)| (s.to_owned(), a.to_owned()));
            assert_eq!(statuses, expected);
            let credit = &bills(customer).await[1];
            assert_eq!(credit["quote"], json!({"payable": false, "reason": "This is a credit in your favour. There is nothing to pay."}));
            assert_eq!(customer.run(TOTALS, json!({})).await["viewer"]["customer"]["summary"], json!({"openCount": 1, "due": [{"amountMinor": "4200"}]}));
            assert_eq!(said(&admin, account).await.0, "BILLS");
        }
        // What is wrong with single bills never counts against the provider.
        utility.says(feed(&[summary("1", AUGUST, 31, &amount(4_200_000)), summary("9", OCTOBER, 0, &amount(1)), summary("8", 12, 30, &amount(1))].concat()));
        for (customer, account) in &people {
            again(&app, customer, account).await;
            let (outcome, message) = said(&admin, account).await;
            assert_eq!(outcome, "BROKEN");
            assert!(message.starts_with("Of 3 bills, 2 were refused: summary 2: billingPeriod.duration: 0 seconds"), "{message}");
            assert!(message.contains("summary 3: billingPeriod.start: 12 is not"), "{message}");
        }
        assert_eq!(admin.run(HEALTH, json!({"id": provider})).await["provider"]["health"]["circuit"], "CLOSED");
        // A credit that is corrected to a debt is to be paid, and the other way round.
        utility.says(feed(&[summary("1", AUGUST, 31, &amount(-100_000)), summary("2", SEPTEMBER, 30, &amount(2_458_000))].concat()));
        let (anna, account) = &people[0];
        again(&app, anna, account).await;
        let statuses: Vec<_> = brief(anna).await.into_iter().map(|(_, status, amount)| (status, amount)).collect();
        let expected = [("NOTHING_DUE", "0"), ("OPEN", "2458"), ("CREDIT", "-100")].map(|(s, a)| (s.to_owned(), a.to_owned()));
        assert_eq!(statuses, expected);
    }

    async fn another_usage_point_s_bill_is_never_shown(engine) {
        let utility = Utility::start().await;
        let app = TestApp::start_with(engine, LOOPBACK).await;
        let admin = app.staff(Role::Admin).await;
        let entry = |point: &str, value: i64| {
            format!(
                "<entry><link rel=\"self\" href=\"/r/UsagePoint/{point}/UsageSummary/1\"/><content><UsageSummary><billingPeriod>\
                 <duration>2592000</duration><start>{OCTOBER}</start></billingPeriod>{}</UsageSummary></content></entry>",
                amount(value).replace("espi:", "")
            )
        };
        utility.says(feed(&[entry("AN", 1_525_200), entry("BE", 9_900_000)].concat()));
        let bulk = register(&admin, utility.definition("GREEN_BUTTON", "bulk", json!({}))).await;
        let chosen = register(&admin, utility.definition("GREEN_BUTTON", "chosen", json!({"usage_point": "{param.account}"}))).await;
        let anna = app.customer("Anna").await;
        let account = anna.add_account(&bulk, None, "account", "AN").await;
        app.settle().await;
        assert_eq!(brief(&anna).await, []);
        let (outcome, message) = said(&admin, &account).await;
        assert_eq!(outcome, "BROKEN");
        assert!(message.contains("the feed has 2 usage points") && message.contains("Set usage_point"), "{message}");
        for (name, point, owed) in [("Cleo", "AN", "1525"), ("Ben", "BE", "9900")] {
            let customer = app.customer(name).await;
            customer.add_account(&chosen, None, "account", point).await;
            app.settle().await;
            assert_eq!(brief(&customer).await, [("20261020-30".to_owned(), "OPEN".to_owned(), owed.to_owned())]);
        }
        let dora = app.customer("Dora").await;
        let unknown = dora.add_account(&chosen, None, "account", "XX").await;
        app.settle().await;
        assert_eq!(dora.run(ACCOUNT, json!({"id": unknown})).await["utilityAccount"], json!({"status": "NEEDS_ATTENTION", "lastOutcome": "NOT_FOUND"}));
    }

    async fn sums_and_totals_are_no_debts_by_mistake(engine) {
        let utility = Utility::start().await;
        let app = TestApp::start_with(engine, LOOPBACK).await;
        let admin = app.staff(Role::Admin).await;
        let provider = register(&admin, utility.definition("GREEN_BUTTON", "pge", json!({}))).await;
        let anna = app.customer("Anna").await;
        utility.says(feed(&summary("1", 1_733_029_200, 700, &amount(93_228_000))));
        let account = anna.add_account(&provider, None, "account", "A1").await;
        app.settle().await;
        assert_eq!(brief(&anna).await, []);
        assert!(said(&admin, &account).await.1.contains("covers 700 days, which is not one bill"));
        let line = |note: &str, value: i64| format!("<espi:costAdditionalDetailLastPeriod><espi:amount>{value}</espi:amount><espi:note>{note}</espi:note></espi:costAdditionalDetailLastPeriod>");
        let lines = [line("Electricity", 5_300_000), line("Delivery\n charges", 2_100_000)].concat();
        utility.says(feed(&summary("1", OCTOBER, 30, &format!("{}{lines}", amount(0)))));
        again(&app, &anna, &account).await;
        assert_eq!(brief(&anna).await, []);
        assert!(said(&admin, &account).await.1.contains("the lines add up to 74; where that is what is due, set amount_from to LINES"));
        utility.says(feed(&summary("1", OCTOBER, 30, &format!("{}{lines}{}", amount(0), line("Total Amount Due", 7_400_000)))));
        again(&app, &anna, &account).await;
        assert_eq!(brief(&anna).await, [("20261020-30".to_owned(), "OPEN".to_owned(), "7400".to_owned())]);
        assert_eq!(bills(&anna).await[0]["lines"][1]["label"], "Delivery charges");
        // Data that is being prepared is asked for again.
        utility.says_with(202, ("retry-after", "120"));
        again(&app, &anna, &account).await;
        assert_eq!(said(&admin, &account).await.0, "PENDING");
    }

    async fn an_unusual_amount_is_shown_and_a_wrong_scale_is_held(engine) {
        let app = TestApp::start(engine).await;
        let admin = app.staff(Role::Admin).await;
        let definition = json!({
            "code": "poster", "name": "Poster", "utility_type": "GAS", "currency": "EUR", "time_zone": "Europe/Berlin",
            "connector": {"kind": "PUSH"}, "params": [{"name": "account", "label": "Account"}], "schedule": {"every": {"kind": "MONTH", "day": 1}},
        });
        let provider = register(&admin, definition).await;
        let anna = app.customer("Anna").await;
        anna.add_account(&provider, None, "account", "N1").await;
        let key = text(&admin.must(KEY, json!({"input": {"name": "poster", "scopes": ["BILLS_PUSH"], "providerId": provider}})).await["key"]);
        let post = async |body: String| {
            let response = app.client(&key).post("/hooks/bills", "application/json", body).await;
            (response.status().as_u16(), response.json::<Value>().await.unwrap_or_default())
        };
        let bill = |number: &str, amount: &str| json!({"account": "n-1", "number": number, "amount": amount});
        let months: Vec<_> = (1..=4).map(|n| bill(&format!("2026-0{n}"), "12.34")).collect();
        post(json!({"bills": months}).to_string()).await;
        let (status, answer) = post(json!({"bills": [bill("2026-TU", "1480.00"), bill("2026-CL", "0.13"), bill("2026-CR", "-20.00")]}).to_string()).await;
        assert_eq!((status, &answer["new"], &answer["refused"]), (200, &json!(3), &json!(0)), "{answer}");
        let stored = bills(&anna).await;
        let of = |number: &str| stored.iter().find(|b| b["number"] == number).expect("the bill").clone();
        let (high, low) = (of("2026-TU"), of("2026-CL"));
        assert_eq!((&high["status"], &high["unusual"]["kind"], &high["unusual"]["usual"]["amountMinor"]), (&json!("OPEN"), &json!("HIGH"), &json!("1234")));
        assert_eq!(high["quote"]["payable"], true);
        assert_eq!(high["unusual"]["reason"], "This bill is much more than usual; bills of this account are usually about EUR 12.34.");
        assert_eq!(low["unusual"]["kind"], "LOW");
        assert_eq!((&of("2026-CR")["status"], &of("2026-04")["unusual"]), (&json!("CREDIT"), &Value::Null));
        // One bad date, one number twice, and a mark that a program put in front.
        let body = json!({"bills": [
            bill("C-1", "10.00"), {"account": "N1", "number": "C-2", "amount": "11.00", "due_on": "31/12/2026"}, bill("C-3", "12.00"), bill("C-3", "13.00"),
        ]});
        let (status, answer) = post(format!("\u{feff}{body}")).await;
        assert_eq!((status, &answer["received"], &answer["new"], &answer["refused"]), (200, &json!(4), &json!(2), &json!(2)), "{answer}");
        let problems: Vec<_> = answer["bills"].as_array().expect("bills").iter().map(|b| (text(&b["number"]), b["problems"][0].clone())).collect();
        assert_eq!(problems[1], ("C-2".to_owned(), json!("Bills[1].due_on: '31/12/2026' is not a date of the form YYYY-MM-DD.")));
        assert_eq!(problems[3], ("C-3".to_owned(), json!("The answer has another bill with this number (EUR 12.00 and EUR 13.00); the first one was taken.")));
        // Numbers keep their digits.
        let (_, answer) = post("{\"bills\":[{\"account\":\"N1\",\"number\":1234567890123456789012345,\"amount\":\"10.00\"},{\"account\":\"N1\",\"number\":1234567890123456789012346,\"amount\":\"20.00\"}]}".to_owned()).await;
        assert_eq!(answer["new"], 2, "{answer}");
    }

    async fn most_amounts_in_another_scale_at_once_are_held_and_told(engine) {
        let utility = Utility::start().await;
        let app = TestApp::start_with(engine, LOOPBACK).await;
        let admin = app.staff(Role::Admin).await;
        let provider = register(&admin, utility.definition("GREEN_BUTTON", "pge", json!({}))).await;
        let months = |factor: i64, count: i64| {
            let month = |n: i64| summary(&n.to_string(), OCTOBER - n * 30 * 86_400, 30, &amount(factor * 1_234_000));
            feed(&(0..count).rev().map(month).collect::<Vec<_>>().concat())
        };
        utility.says(months(1, 4));
        let mut people = Vec::new();
        for name in ["Anna", "Ben", "Cleo", "Dora"] {
            let customer = app.customer(name).await;
            let account = customer.add_account(&provider, None, "account", name).await;
            people.push((customer, account));
        }
        app.settle().await;
        let before = brief(&people[0].0).await;
        assert_eq!(before.len(), 4);
        // Tried, it is seen.
        let test = "mutation($input: TestProviderInput!) { testProvider(input: $input) { report { warnings bills { problems } } userErrors { code message path } } }";
        utility.says(months(100, 4));
        let input = json!({"providerId": provider, "params": [{"name": "account", "value": "Anna"}]});
        let report = admin.must(test, json!({"input": input})).await["report"].take();
        assert!(report["warnings"].to_string().contains("the amounts may be in another scale"), "{report}");
        // Fetched for everybody, nobody's bills change, and operators are told.
        app.pass(Duration::days(1));
        app.settle().await;
        for (customer, _) in &people {
            assert_eq!(brief(customer).await, before);
        }
        assert_eq!(admin.run(HEALTH, json!({"id": provider})).await["provider"]["health"]["circuit"], "OPEN");
        let (outcome, message) = said(&admin, &people[0].1).await;
        assert_eq!(outcome, "BROKEN");
        assert!(message.contains("all 4 bills that are stated again are in another scale than before"), "{message}");
    }

    async fn files_are_read_as_people_write_them(engine) {
        let utility = Utility::start().await;
        let app = TestApp::start_with(engine, LOOPBACK).await;
        let admin = app.staff(Role::Admin).await;
        let file = |code: &str, extra: Value| {
            let mut settings = json!({"account_column": "acct", "map": "{number: .no, amount: .sum, due_on: .due, lines: (if .text then [{label: .text}] else [] end)}"});
            if let (Some(settings), Some(extra)) = (settings.as_object_mut(), extra.as_object()) {
                settings.extend(extra.clone());
            }
            utility.definition("FILE", code, settings)
        };
        let provider = register(&admin, file("plain", json!({"delimiter": ";"}))).await;
        let digits = register(&admin, file("digits", json!({"account_digits": 8}))).await;
        let anna = app.customer("Anna").await;
        // A heading twice is refused, whichever column would win.
        utility.says("acct;no;sum;due;sum\nVT10000001;1;10.00;2026-12-20;99.00\n");
        let account = anna.add_account(&provider, None, "account", "VT10000001").await;
        app.settle().await;
        let (outcome, message) = said(&admin, &account).await;
        assert_eq!((outcome.as_str(), message.as_str()), ("BROKEN", "the file has the column 'sum' twice"));
        assert_eq!(brief(&anna).await, []);
        // No row does not say that nothing is owed.
        utility.says("acct;no;sum;due\nA9;1;10.00;2026-12-20\n");
        again(&app, &anna, &account).await;
        assert_eq!(anna.run(ACCOUNT, json!({"id": account})).await["utilityAccount"], json!({"status": "PENDING", "lastOutcome": "NONE_DUE"}));
        assert_eq!(said(&admin, &account).await.1, "no row is for this account");
        // Another spelling, a footer, a line break in a cell, and a line for Excel.
        utility.says("\u{feff}sep=;\nacct;no;sum;due;text\nVT-1000 0001;1;10.00;2026-12-20;\"Grundpreis\nStrom\"\nvt10000001;2;-3.00;2026-12-20;x\nTotal;7.00\n");
        again(&app, &anna, &account).await;
        let found = bills(&anna).await;
        let found: Vec<_> = found.iter().map(|b| (text(&b["number"]), text(&b["status"]), text(&b["lines"][0]["label"]))).collect();
        assert!(found.contains(&("1".into(), "OPEN".into(), "Grundpreis Strom".into())), "{found:?}");
        assert!(found.contains(&("2".into(), "CREDIT".into(), "x".into())), "{found:?}");
        // Zeros in front that a program dropped.
        utility.says("acct,no,sum,due\n123456,1,10.00,2026-12-20\n");
        let ben = app.customer("Ben").await;
        let lost = ben.add_account(&provider, None, "account", "00123456").await;
        ben.add_account(&digits, None, "account", "00123456").await;
        app.settle().await;
        assert_eq!(ben.run(ACCOUNT, json!({"id": lost})).await["utilityAccount"]["status"], "PENDING");
        assert_eq!(brief(&ben).await, [("1".to_owned(), "OPEN".to_owned(), "1000".to_owned())]);
    }
}
