//! Each fault as a client meets it on the wire.

mod support;

use std::time::Duration;

use billow_sandbox::{Fault, Provider};
use futures::StreamExt as _;
use serde_json::Value;
use support::{Rig, rig};

const ACCOUNT: &str = Provider::Voltara.samples()[0];
const OTHER: &str = Provider::Voltara.samples()[1];

async fn seeded() -> Rig {
    let rig = rig().await;
    rig.sandbox.state().seed_many(Provider::Voltara, &[ACCOUNT, OTHER], 12).expect("seeded");
    rig
}

fn switch_on(rig: &Rig, fault: Fault) {
    rig.sandbox.state().clear_faults();
    rig.sandbox.state().set_fault(Provider::Voltara, Some(ACCOUNT), fault);
}

async fn status(rig: &Rig, account: &str) -> u16 {
    rig.voltara(account).send().await.expect("an answer").status().as_u16()
}

async fn newest(rig: &Rig, account: &str) -> (Value, Value) {
    let mut answer: Value = rig.voltara(account).send().await.expect("an answer").json().await.expect("JSON");
    (answer["invoices"][0].take(), answer["customer"]["consumerNumber"].take())
}

#[tokio::test]
async fn statuses() {
    let rig = seeded().await;
    switch_on(&rig, Fault::ServerError);
    assert_eq!(status(&rig, ACCOUNT).await, 500);
    assert_eq!(status(&rig, OTHER).await, 200, "a fault of one account is no other's");
    switch_on(&rig, Fault::Unauthorized);
    assert_eq!(status(&rig, ACCOUNT).await, 401);
    switch_on(&rig, Fault::TooManyRequests { retry_after_s: 7 });
    let answer = rig.voltara(ACCOUNT).send().await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].as_bytes()), (429, &b"7"[..]));
    rig.sandbox.state().set_fault(Provider::Voltara, None, Fault::ServerError);
    assert_eq!(status(&rig, OTHER).await, 500, "a fault of the provider is everybody's");
    rig.sandbox.state().clear_faults();
    assert_eq!(status(&rig, ACCOUNT).await, 200);
}

#[tokio::test]
async fn the_wrong_key_is_refused() {
    let rig = seeded().await;
    let url = rig.url(&format!("/voltara/v1/customers/{ACCOUNT}/invoices"));
    assert_eq!(rig.client.get(&url).send().await.expect("an answer").status(), 401);
    assert_eq!(rig.client.get(&url).bearer_auth("guess").send().await.expect("an answer").status(), 401);
}

#[tokio::test]
async fn failures_that_count() {
    let rig = seeded().await;
    switch_on(&rig, Fault::Flapping);
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(status(&rig, ACCOUNT).await);
    }
    assert_eq!(seen, [500, 200, 500, 200]);
    switch_on(&rig, Fault::FailNext { calls: 2 });
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(status(&rig, ACCOUNT).await);
    }
    assert_eq!(seen, [500, 500, 200, 200]);
    assert!(rig.sandbox.state().faults().is_empty(), "it is spent");
}

#[tokio::test]
async fn answers_that_do_not_come() {
    let rig = seeded().await;
    for fault in [Fault::Hang, Fault::Latency { ms: 60_000 }] {
        switch_on(&rig, fault);
        let problem = rig.voltara(ACCOUNT).timeout(Duration::from_millis(200)).send().await.expect_err("no answer");
        assert!(problem.is_timeout(), "{problem:?}");
    }
    switch_on(&rig, Fault::DropConnection);
    let problem = rig.voltara(ACCOUNT).send().await.expect_err("no answer");
    assert!(problem.is_request() && !problem.is_timeout(), "{problem:?}");
}

#[tokio::test]
async fn answers_that_are_not_whole() {
    let rig = seeded().await;
    let whole = rig.voltara(ACCOUNT).send().await.expect("an answer").text().await.expect("text");

    switch_on(&rig, Fault::Truncated);
    let answer = rig.voltara(ACCOUNT).send().await.expect("the head of an answer");
    assert_eq!((answer.status().as_u16(), answer.content_length()), (200, Some(whole.len() as u64)));
    answer.text().await.expect_err("it ends too early");

    switch_on(&rig, Fault::CutShort);
    let text = rig.voltara(ACCOUNT).send().await.expect("an answer").text().await.expect("whole for HTTP");
    assert!(whole.starts_with(&text) && text.len() == whole.len() / 2);

    switch_on(&rig, Fault::NotJson);
    let answer = rig.voltara(ACCOUNT).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.expect("text").starts_with("<!doctype html>"));
}

#[tokio::test]
async fn answers_without_end() {
    let rig = seeded().await;
    switch_on(&rig, Fault::Endless);
    let mut pieces = rig.voltara(ACCOUNT).send().await.expect("an answer").bytes_stream();
    let mut bytes = 0;
    while bytes < 8 << 20 {
        bytes += pieces.next().await.expect("more").expect("bytes").len();
    }

    switch_on(&rig, Fault::GzipBomb);
    let raw = plain_client().get(rig.url(&format!("/voltara/v1/customers/{ACCOUNT}/invoices"))).bearer_auth("voltara-key-7f3a");
    let answer = raw.send().await.expect("an answer");
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    assert!(answer.bytes().await.expect("bytes").len() < 4 << 20, "small on the wire");
    let mut pieces = rig.voltara(ACCOUNT).send().await.expect("an answer").bytes_stream();
    let mut bytes = 0;
    while bytes < 8 << 20 {
        bytes += pieces.next().await.expect("more").expect("gzip").len();
    }
}

#[expect(clippy::disallowed_methods, reason = "the tests are the client")]
fn plain_client() -> reqwest::Client {
    reqwest::Client::builder().no_gzip().build().expect("a client")
}

#[tokio::test]
async fn facts_that_are_wrong() {
    let rig = seeded().await;
    let (right, name) = newest(&rig, ACCOUNT).await;
    assert_eq!(name, ACCOUNT);
    switch_on(&rig, Fault::WrongCurrency);
    assert_eq!(newest(&rig, ACCOUNT).await.0["total"]["currency"], "USD");
    switch_on(&rig, Fault::Times100);
    let wrong = newest(&rig, ACCOUNT).await.0;
    assert_eq!(wrong["total"]["cents"].as_i64(), right["total"]["cents"].as_i64().map(|c| c * 100));
    switch_on(&rig, Fault::DueBeforeIssue);
    let wrong = newest(&rig, ACCOUNT).await.0;
    assert!(wrong["dueDate"].as_str() < wrong["issueDate"].as_str(), "{wrong}");
    switch_on(&rig, Fault::AnotherAccountsBill);
    assert_eq!(newest(&rig, ACCOUNT).await.1, "VT10000009");
    rig.sandbox.state().clear_fault(Provider::Voltara, Some(ACCOUNT), Some("ANOTHER_ACCOUNTS_BILL"));
    assert_eq!(newest(&rig, ACCOUNT).await, (right, name));
}

#[tokio::test]
async fn the_log_tells_who_was_asked_for_and_how_often() {
    let rig = seeded().await;
    status(&rig, ACCOUNT).await;
    status(&rig, ACCOUNT).await;
    status(&rig, "VT99999999").await;
    switch_on(&rig, Fault::ServerError);
    status(&rig, ACCOUNT).await;
    let state = rig.sandbox.state();
    let log: Vec<_> = state.log(Some(Provider::Voltara)).into_iter().map(|e| (e.account.unwrap_or_default(), e.answer)).collect();
    let entry = |account: &str, answer: &str| (account.to_owned(), answer.to_owned());
    assert_eq!(log, [entry(ACCOUNT, "200"), entry(ACCOUNT, "200"), entry("VT99999999", "404"), entry(ACCOUNT, "SERVER_ERROR")]);
    assert_eq!((state.fetches(Provider::Voltara, ACCOUNT), state.fetches(Provider::Voltara, OTHER)), (3, 0));
    assert_eq!(state.total_fetches(Provider::Voltara), 4);
    state.clear_log();
    assert_eq!((state.fetches(Provider::Voltara, ACCOUNT), state.log(None).len()), (0, 0));
}

#[tokio::test]
async fn history_is_the_same_each_time_and_is_not_doubled() {
    let (one, two) = (seeded().await, seeded().await);
    assert_eq!(one.sandbox.state().bills(Provider::Voltara, ACCOUNT), two.sandbox.state().bills(Provider::Voltara, ACCOUNT));
    assert_ne!(one.sandbox.state().bills(Provider::Voltara, ACCOUNT), one.sandbox.state().bills(Provider::Voltara, OTHER));
    one.sandbox.state().seed_history(Provider::Voltara, ACCOUNT, 14).expect("seeded again");
    let bills = one.sandbox.state().bills(Provider::Voltara, ACCOUNT);
    assert_eq!(bills.len(), 14);
    assert!(bills.is_sorted_by_key(|b| b.issued_on), "oldest first");
    let january = bills.iter().find(|b| b.period_start.to_string() == "2026-01-01").expect("January");
    let july = bills.iter().find(|b| b.period_start.to_string() == "2026-07-01").expect("July");
    assert!(january.amount_minor > july.amount_minor, "winters cost more");
}

#[tokio::test]
async fn bills_issued_in_a_row_are_bills_of_their_own() {
    let rig = seeded().await;
    let state = rig.sandbox.state();
    let issued: Vec<_> = (0..3).map(|_| state.issue_bill(Provider::Voltara, ACCOUNT, None).expect("issued").number).collect();
    assert_eq!(issued, ["R202611-10000001", "R202611-10000001-2", "R202611-10000001-3"]);
}

#[tokio::test]
async fn it_stops_although_requests_hang() {
    let rig = seeded().await;
    switch_on(&rig, Fault::Hang);
    let state = rig.sandbox.state();
    let hanging = tokio::spawn(rig.voltara(ACCOUNT).send());
    let come_in = state.until(|s| s.log(None).iter().any(|e| e.answer == "HANG"));
    tokio::time::timeout(Duration::from_secs(5), come_in).await.expect("the request came in");
    tokio::time::timeout(Duration::from_secs(2), rig.sandbox.stop()).await.expect("it stops");
    hanging.await.expect("no panic").expect_err("the connection was closed");
}
