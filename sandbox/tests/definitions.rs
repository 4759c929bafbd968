//! The definitions and the servers fit together: what comes out of each is what the books say.

mod support;

use billow_sandbox::{BillStatus, Fault, PLANS, Provider, bench_definition, provider_definition};
use serde_json::{Value, json};
use support::driver::{fetch, jq};
use support::{Rig, rig};

/// The providers with bills over HTTP, and the name of their first parameter.
const OVER_HTTP: [(Provider, &str); 3] =
    [(Provider::Voltara, "consumer_number"), (Provider::Ringo, "mobile_number"), (Provider::Gasline, "customer_code")];

fn minor(amount: &Value) -> i64 {
    match amount {
        Value::String(text) => {
            let (major, cents) = text.split_once('.').expect("a decimal");
            assert_eq!(cents.len(), 2, "{text}");
            format!("{major}{cents}").parse().expect("a number")
        }
        other => other["minor"].as_i64().expect("cents"),
    }
}

/// Compares a mapped bill with the books.
fn assert_as_booked(mapped: &Value, booked: &billow_sandbox::Bill, account: &str) {
    assert_eq!(mapped["number"], booked.number);
    assert_eq!(mapped["account"], account);
    assert_eq!(mapped["currency"], "EUR");
    assert_eq!(minor(&mapped["amount"]), booked.amount_minor);
    assert_eq!(mapped["issued_on"], booked.issued_on.to_string());
    assert_eq!(mapped["due_on"], booked.due_on.to_string());
    assert_eq!(mapped["period_start"], booked.period_start.to_string());
    assert_eq!(mapped["period_end"], booked.period_end.to_string());
    assert_eq!(mapped["usage"]["value"], booked.usage());
    let status = match booked.status {
        BillStatus::Open => "OPEN",
        BillStatus::Paid => "PAID",
        BillStatus::Cancelled => "CANCELLED",
    };
    assert_eq!(mapped["status"], status);
    let lines = mapped["lines"].as_array().expect("lines");
    assert_eq!(lines.len(), booked.lines.len());
    assert_eq!(lines.iter().map(|l| minor(&l["amount"])).sum::<i64>(), booked.amount_minor);
    assert!(lines.iter().all(|l| l["kind"].is_string() && l["label"].is_string()));
}

async fn ask(rig: &Rig, provider: Provider, name: &str, account: &str) -> Value {
    fetch(&rig.client, &provider_definition(provider, rig.sandbox.http_url()), &[(name, account)]).await
}

#[tokio::test]
async fn eighteen_months_come_as_they_are_in_the_books() {
    let rig = rig().await;
    for (provider, name) in OVER_HTTP {
        let account = provider.samples()[0];
        rig.sandbox.state().seed_history(provider, account, 18).expect("seeded");
        let mut booked = rig.sandbox.state().bills(provider, account);
        assert_eq!(booked.len(), 18);
        assert_eq!(booked.iter().filter(|b| b.status == BillStatus::Open).count(), 1, "only the newest is open");
        let outcome = ask(&rig, provider, name, account).await;
        assert_eq!(outcome["outcome"], "BILLS");
        booked.reverse();
        let mapped = outcome["bills"].as_array().expect("bills");
        assert_eq!(mapped.len(), 18);
        mapped.iter().zip(&booked).for_each(|(m, b)| assert_as_booked(m, b, account));
    }
}

#[tokio::test]
async fn corrected_cancelled_and_paid_bills_say_so() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    for (provider, name) in OVER_HTTP {
        let account = provider.samples()[1];
        let issued = state.issue_bill(provider, account, Some(4_321)).expect("issued");
        assert_eq!((issued.amount_minor, issued.issued_on), (4_321, state.today()));
        let corrected = state.correct_bill(provider, account, &issued.number, 1_234).expect("corrected");
        assert_eq!((corrected.revision, &corrected.number), (2, &issued.number));
        assert_as_booked(&ask(&rig, provider, name, account).await["bills"][0], &corrected, account);
        let paid = state.mark_paid(provider, account, &issued.number).expect("paid");
        assert_as_booked(&ask(&rig, provider, name, account).await["bills"][0], &paid, account);
        let cancelled = state.cancel_bill(provider, account, &issued.number).expect("cancelled");
        assert_as_booked(&ask(&rig, provider, name, account).await["bills"][0], &cancelled, account);
    }
}

#[tokio::test]
async fn unknown_idle_and_barred_accounts_are_told_apart() {
    let rig = rig().await;
    for (provider, name, unknown) in [
        (Provider::Voltara, "consumer_number", "VT99999999"),
        (Provider::Ringo, "mobile_number", "+33699999999"),
        (Provider::Gasline, "customer_code", "999999999999"),
        (Provider::Chirp, "mobile_number", "+491799999999"),
    ] {
        assert_eq!(ask(&rig, provider, name, unknown).await["outcome"], "NOT_FOUND", "{provider}");
        let known = provider.samples()[0];
        assert_eq!(ask(&rig, provider, name, known).await["outcome"], "NONE_DUE", "{provider}");
        rig.sandbox.state().set_fault(provider, Some(known), Fault::NeedsCustomer);
        let barred = ask(&rig, provider, name, known).await;
        assert_eq!(barred["outcome"], "NEEDS_CUSTOMER", "{provider}");
        assert!(barred["message"].as_str().is_some_and(|m| m.starts_with("Please")), "{barred}");
        assert_eq!(
            ask(&rig, provider, name, provider.samples()[1]).await["outcome"],
            "NONE_DUE",
            "{provider}: only that account is barred"
        );
    }
}

#[tokio::test]
async fn gasline_looks_at_the_postcode_when_it_is_told() {
    let rig = rig().await;
    let gasline = provider_definition(Provider::Gasline, rig.sandbox.http_url());
    let code = ("customer_code", Provider::Gasline.samples()[0]);
    assert_eq!(fetch(&rig.client, &gasline, &[code, ("postcode", "00184")]).await["outcome"], "NONE_DUE");
    assert_eq!(fetch(&rig.client, &gasline, &[code, ("postcode", "20121")]).await["outcome"], "NOT_FOUND");
}

#[tokio::test]
async fn a_prepaid_line_tells_its_plan_and_the_plans_on_sale() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    let account = Provider::Chirp.samples()[0];
    state.set_plan(account, "CH56", "2026-11-24".parse().expect("a day")).expect("set");
    let told = ask(&rig, Provider::Chirp, "mobile_number", account).await;
    assert_eq!(told["prepaid"]["plan_code"], "CH56");
    assert_eq!(told["prepaid"]["expires_on"], "2026-11-24");
    let plans = told["plans"].as_array().expect("plans");
    assert_eq!(plans.iter().map(|p| p["validity_days"].as_u64()).collect::<Vec<_>>(), [Some(28), Some(56), Some(84)]);
    assert_eq!(plans[0]["price"], json!({ "minor": PLANS[0].price_minor }));
    assert_eq!(plans[0]["benefits"], json!(PLANS[0].perks));

    let line = state.recharge(account, "CH28").expect("recharged");
    assert_eq!(line.ends_on.to_string(), "2026-12-22", "28 days after the present plan's end");
    state.set_plan(account, "CH56", "2026-11-01".parse().expect("a day")).expect("set");
    let line = state.recharge(account, "CH28").expect("recharged");
    assert_eq!(line.ends_on.to_string(), "2026-12-18", "28 days from today, today included");
    assert!(state.issue_bill(Provider::Chirp, account, None).is_err());
}

#[tokio::test]
async fn ringo_is_ready_after_so_many_polls() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    let account = Provider::Ringo.samples()[0];
    state.issue_bill(Provider::Ringo, account, None).expect("issued");
    state.set_ringo_polls(3);
    assert_eq!(ask(&rig, Provider::Ringo, "mobile_number", account).await["outcome"], "BILLS");
    let log = state.log(Some(Provider::Ringo));
    assert_eq!(
        log.iter().map(|e| (e.what, e.answer.as_str())).collect::<Vec<_>>(),
        [("register", "202"), ("poll", "202"), ("poll", "202"), ("poll", "202"), ("poll", "200"),]
    );
    assert_eq!(state.fetches(Provider::Ringo, account), 1, "polls are no fetches");
}

#[tokio::test]
async fn the_bench_has_one_bill_per_account_and_round() {
    let rig = rig().await;
    let bench = bench_definition(rig.sandbox.http_url());
    let first = fetch(&rig.client, &bench, &[("account", "100000001")]).await;
    assert_eq!(first, fetch(&rig.client, &bench, &[("account", "100000001")]).await);
    let bill = &first["bills"][0];
    let lines = bill["lines"].as_array().expect("lines");
    assert_eq!(lines.iter().map(|l| minor(&l["amount"])).sum::<i64>(), minor(&bill["amount"]));
    rig.sandbox.state().set_bench(std::time::Duration::ZERO, 1);
    let second = fetch(&rig.client, &bench, &[("account", "100000001")]).await;
    assert_ne!(second["bills"][0]["number"], bill["number"]);
    assert_eq!(rig.sandbox.state().bench_calls(), 3);
}

#[tokio::test]
async fn water_bills_lie_in_the_drop_folder() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    let account = Provider::Aquaria.samples()[0];
    state.seed_history(Provider::Aquaria, account, 18).expect("seeded");
    let issued = state.issue_bill(Provider::Aquaria, account, Some(123_456)).expect("issued");
    state.correct_bill(Provider::Aquaria, account, &issued.number, 9_995).expect("corrected");

    let (definition, _) = provider_definition(Provider::Aquaria, rig.sandbox.http_url());
    let settings = &definition["connector"]["settings"];
    let folder = rig.drop.path().join(settings["location"].as_str().expect("a folder"));
    let mut files: Vec<_> = std::fs::read_dir(&folder).expect("the folder").map(|e| e.expect("a file").path()).collect();
    files.sort();
    assert_eq!(files.len(), 18, "one for each month of issue: {files:?}");
    let mut mapped = Vec::new();
    for file in &files {
        let delimiter = settings["delimiter"].as_str().expect("a delimiter").as_bytes()[0];
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_path(file).expect("CSV");
        for row in reader.deserialize::<std::collections::BTreeMap<String, String>>() {
            let row = json!(row.expect("a row"));
            assert_eq!(row[settings["account_column"].as_str().expect("a column")], account);
            mapped.push(jq(settings["map"].as_str().expect("a program"), &row));
        }
    }
    let booked = state.bills(Provider::Aquaria, account);
    assert_eq!((mapped.len(), booked.len()), (19, 19));
    mapped.iter().zip(&booked).for_each(|(m, b)| assert_as_booked(m, b, account));

    let all = rig.client.get(rig.url("/aquaria/all.csv")).send().await.expect("an answer").text().await.expect("text");
    assert_eq!(all.lines().count(), 20, "a header and 19 rows");

    state.set_fault(Provider::Aquaria, None, Fault::ServerError);
    assert_eq!(std::fs::read_dir(&folder).expect("the folder").count(), 0, "the drop does not come");
    state.clear_faults();
    assert_eq!(std::fs::read_dir(&folder).expect("the folder").count(), 18);
}

#[tokio::test]
async fn the_green_button_feed_tells_money_and_time_in_its_own_units() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    let account = Provider::Greenwatt.samples()[0];
    state.seed_history(Provider::Greenwatt, account, 6).expect("seeded");
    let (definition, credentials) = provider_definition(Provider::Greenwatt, rig.sandbox.http_url());
    let url = definition["connector"]["settings"]["url"].as_str().expect("an address").replace("{param.subscription}", account);
    let token = credentials["access_token"].as_str().expect("a token");
    let text = rig.client.get(&url).bearer_auth(token).send().await.expect("an answer").text().await.expect("text");
    let feed = support::driver::xml(&text);
    let entries = feed["feed"]["entry"].as_array().expect("entries");
    let summaries: Vec<_> = entries.iter().map(|e| &e["content"]["UsageSummary"]).filter(|s| s.is_object()).collect();
    assert_eq!(summaries.len(), 6);
    let newest = state.bills(Provider::Greenwatt, account).pop().expect("a bill");
    let summary = summaries[0];
    assert_eq!(summary["billLastPeriod"], (newest.amount_minor * 1_000).to_string());
    assert_eq!(summary["billingPeriod"]["start"], "1790827200", "1 October, midnight in New York");
    assert_eq!(summary["billingPeriod"]["duration"], (31 * 86_400).to_string());
    let details = summary["costAdditionalDetailLastPeriod"].as_array().expect("details");
    let sum: i64 = details.iter().map(|d| d["amount"].as_str().expect("an amount").parse::<i64>().expect("a number")).sum();
    assert_eq!(sum, newest.amount_minor * 1_000);
    assert_eq!(rig.client.get(&url).send().await.expect("an answer").status(), 401);
    assert_eq!(rig.client.get(url.replace(account, "9999999")).bearer_auth(token).send().await.expect("an answer").status(), 404);
}

#[tokio::test]
async fn every_sample_fits_what_its_provider_asks_for() {
    for provider in Provider::ALL {
        let (definition, _) = provider_definition(provider, "http://sandbox.example/");
        assert!(!definition.to_string().contains("{{sandbox}}"), "the address is filled in");
        assert!(!definition.to_string().contains("example//"), "without a double slash");
        let first = &definition["params"][0];
        let (pattern, example) = (first["pattern"].as_str().expect("a pattern"), first["example"].as_str().expect("an example"));
        let program = format!("test(\"^(?:{})$\")", pattern.replace('\\', "\\\\"));
        for text in provider.samples().into_iter().chain([example]) {
            assert_eq!(jq(&program, &json!(text)), true, "{text} against {pattern}");
            assert_eq!(u64::try_from(text.chars().count()).ok(), first["max_length"].as_u64(), "{text}");
        }
    }
}
