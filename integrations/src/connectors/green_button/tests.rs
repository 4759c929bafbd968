use billow_billing::ports::{Connector, FetchOutcome, FetchedAmount, FetchedBill, LineKind};
use serde_json::{Value, json};

use super::GreenButtonConnector;
use crate::connectors::testing::{definition, http_for, lines, request};
use crate::test_server::{Answer, Server};

/// A feed with one summary that holds `fields`.
fn feed(fields: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><x:feed xmlns:x="http://www.w3.org/2005/Atom"><x:id>feed</x:id><x:link rel="self" href="/feed"/>
        <x:entry><x:id>urn:uuid:1</x:id><x:link rel='up' href='/up'/><x:link rel='self' href='/S/1/UsageSummary/7'/><x:content>
        <UsageSummary xmlns="http://naesb.org/espi">{fields}</UsageSummary></x:content></x:entry></x:feed>"#
    )
}

const PERIOD: &str = "<billingPeriod><duration>2592000</duration><start>1793487600</start></billingPeriod>";

async fn fetch(body: impl Into<Vec<u8>>, extra: Value) -> FetchOutcome {
    let server = Server::always(Answer::Whole(200, Vec::new(), body.into())).await;
    let mut settings = json!({"url": server.url("/espi/{param.account}")});
    if let (Some(settings), Some(extra)) = (settings.as_object_mut(), extra.as_object()) {
        settings.extend(extra.clone());
    }
    GreenButtonConnector::new(http_for(&[&server])).fetch(request(definition("GREEN_BUTTON", settings))).await.outcome
}

async fn bill(fields: &str, extra: Value) -> FetchedBill {
    match fetch(feed(fields), extra).await {
        FetchOutcome::Bills(mut bills) if bills.len() == 1 => bills.remove(0),
        other => panic!("{other:?}"),
    }
}

async fn broken(body: impl Into<Vec<u8>>) -> String {
    match fetch(body, Value::Null).await {
        FetchOutcome::Broken { message } => message,
        other => panic!("{other:?}"),
    }
}

fn minor(minor: i64) -> FetchedAmount {
    FetchedAmount::Minor { minor }
}

#[tokio::test]
async fn a_summary_becomes_a_bill() {
    let fields = format!(
        "{PERIOD}<billLastPeriod>1234567</billLastPeriod><currency>978</currency><statusTimeStamp>1796000400000</statusTimeStamp>
        <overallConsumptionLastPeriod><powerOfTenMultiplier>3</powerOfTenMultiplier><uom>72</uom><value>213</value></overallConsumptionLastPeriod>
        <costAdditionalDetailLastPeriod><amount>1000000</amount><note>Energy &amp; more</note><itemKind>3</itemKind></costAdditionalDetailLastPeriod>
        <costAdditionalDetailLastPeriod><amount>200000</amount><itemKind>5</itemKind></costAdditionalDetailLastPeriod>
        <costAdditionalDetailLastPeriod><note>Read</note><itemKind>3</itemKind>
          <measurement><powerOfTenMultiplier>-3</powerOfTenMultiplier><uom>42</uom><value>12500</value></measurement></costAdditionalDetailLastPeriod>"
    );
    let bill = bill(&fields, json!({"due_days": 10})).await;
    assert_eq!(bill.amount, minor(1235));
    // 1793487600 is 31 October 2026, 23:00 UTC: midnight in Berlin. The end, 30 days later, is not part of the period.
    assert_eq!(bill.period_start.map(|d| d.to_string()).as_deref(), Some("2026-11-01"));
    assert_eq!(bill.period_end.map(|d| d.to_string()).as_deref(), Some("2026-11-30"));
    assert_eq!(bill.issued_on.map(|d| d.to_string()).as_deref(), Some("2026-11-30"));
    assert_eq!(bill.due_on.map(|d| d.to_string()).as_deref(), Some("2026-12-10"));
    let usage = bill.usage.expect("a usage");
    assert_eq!((usage.value.as_str(), usage.unit.as_str()), ("213", "kWh"));
    let lines: Vec<_> = bill.lines.iter().map(|line| (line.label.as_str(), line.amount.clone(), line.kind)).collect();
    assert_eq!(
        lines,
        [
            ("Energy & more", Some(minor(1000)), Some(LineKind::Charge)),
            ("Tax", Some(minor(200)), Some(LineKind::Tax)),
            ("Read", None, Some(LineKind::Information)),
        ]
    );
    assert_eq!(bill.lines[2].usage.as_ref().map(|usage| (usage.value.as_str(), usage.unit.as_str())), Some(("12.5", "m³")));
}

#[tokio::test]
async fn the_number_stays_the_same_and_tells_periods_apart() {
    let one = bill(&format!("{PERIOD}<billLastPeriod>1</billLastPeriod>"), Value::Null).await.number;
    let again = bill(&format!("{PERIOD}<billLastPeriod>999</billLastPeriod><currency>978</currency>"), Value::Null).await.number;
    assert_eq!(one, again);
    assert!(one.starts_with("20261101-"), "{one}");
    let later =
        bill("<billingPeriod><start>1796079600</start></billingPeriod><billLastPeriod>1</billLastPeriod>", Value::Null).await.number;
    assert_ne!(one, later);
}

#[tokio::test]
async fn money_is_scaled_per_provider_and_rounded_half_up() {
    for (value, scale, currency, expected) in [
        (23_364_000, 5, "978", 23_364),
        (1_500, 5, "978", 2),
        (1_499, 5, "978", 1),
        (500, 5, "978", 1),
        (499, 5, "978", 0),
        (-1_500, 5, "978", -2),
        (67_520, 3, "978", 6_752),
        (1_234, 2, "978", 1_234),
        (12, 0, "978", 1_200),
        (150_000, 5, "392", 2),
        (149_999, 5, "392", 1),
        (123_450, 5, "414", 1_235),
    ] {
        let fields = format!("{PERIOD}<billLastPeriod>{value}</billLastPeriod><currency>{currency}</currency>");
        assert_eq!(bill(&fields, json!({"money_scale": scale})).await.amount, minor(expected), "{value} at scale {scale} in {currency}");
    }
}

#[tokio::test]
async fn a_missing_currency_is_the_setting_s_or_the_provider_s() {
    let fields = format!("{PERIOD}<billLastPeriod>100000</billLastPeriod>");
    assert_eq!(bill(&fields, Value::Null).await.currency.map(|c| c.to_string()).as_deref(), Some("EUR"));
    assert_eq!(bill(&fields, json!({"currency": "USD"})).await.currency.map(|c| c.to_string()).as_deref(), Some("USD"));
}

#[tokio::test]
async fn feeds_without_amounts_have_nothing_due() {
    assert_eq!(fetch(feed(PERIOD), Value::Null).await, FetchOutcome::NoneDue);
    assert_eq!(fetch("<feed/>", Value::Null).await, FetchOutcome::NoneDue);
    assert_eq!(fetch("<entry><content><IntervalBlock/></content></entry>", Value::Null).await, FetchOutcome::NoneDue);
}

#[tokio::test]
async fn each_fault_has_its_own_words() {
    let whole = feed(&format!("{PERIOD}<billLastPeriod>1</billLastPeriod>"));
    let two = whole.replace("</x:feed>", "<x:entry><x:id>2</x:id><x:content><UsageSummary><billLast");
    assert_eq!(broken(two).await, "feed: the feed is cut off: it ends inside 'UsageSummary', after 1 whole summaries");
    assert_eq!(broken(&whole[..whole.len() - 30]).await, "feed: the feed is cut off: it ends inside 'content', after 0 whole summaries");
    assert_eq!(
        broken("<html><body/></html>").await,
        "feed: the document begins with 'html', so it is not a Green Button feed (which begins with 'feed' or 'entry')"
    );
    assert_eq!(broken("").await, "feed: the answer is empty or not XML; a Green Button feed was expected");
    assert_eq!(broken("{\"json\": true}").await, "feed: the answer is empty or not XML; a Green Button feed was expected");
    assert!(broken("<feed><a></b></feed>").await.starts_with("feed: the feed is not XML: "));
    assert_eq!(broken(b"<feed>\xff</feed>".to_vec()).await, "feed: the feed is not UTF-8 at byte 6");
    assert!(broken("<feed>".repeat(100)).await.contains("nested deeper than 64"));
    assert_eq!(broken(feed("<billLastPeriod>12.5</billLastPeriod>")).await, "feed: billLastPeriod: '12.5' is not a whole number");
    assert_eq!(broken(feed("<billLastPeriod>1</billLastPeriod>")).await, "feed: summary 1: billingPeriod.start: is missing");
    let period = |start: &str, duration: &str| {
        feed(&format!(
            "<billingPeriod><start>{start}</start><duration>{duration}</duration></billingPeriod><billLastPeriod>1</billLastPeriod>"
        ))
    };
    assert!(broken(period("12", "0")).await.contains("12 is not a time stamp"));
    assert!(broken(period("1793487600", "-5")).await.contains("billingPeriod.duration: -5 is not"));
    let currency = feed(&format!("{PERIOD}<billLastPeriod>1</billLastPeriod><currency>999</currency>"));
    assert_eq!(broken(currency).await, "feed: summary 1: currency: 999 is not the numeric code of a currency that is taken");
    let huge = feed(&format!("{PERIOD}<billLastPeriod>9223372036854775807</billLastPeriod>"));
    assert!(
        matches!(fetch(huge.clone(), json!({"money_scale": 0})).await, FetchOutcome::Broken { message } if message.contains("too large an amount"))
    );
    let entry = "<entry><content><UsageSummary/></content></entry>";
    assert_eq!(broken(format!("<feed>{}</feed>", entry.repeat(501))).await, "feed: the feed has more than 500 summaries");
}

#[tokio::test]
async fn a_feed_without_end_is_cut_at_the_limit() {
    let server = Server::always(Answer::Endless(b"HTTP/1.1 200 OK\r\n\r\n<feed>".to_vec(), b"<entry></entry>".repeat(4096))).await;
    let settings = json!({"url": server.url("/espi")});
    let reply = GreenButtonConnector::new(http_for(&[&server])).fetch(request(definition("GREEN_BUTTON", settings))).await;
    let words = "feed: the answer (200) is larger than the 1048576 bytes allowed, after decompression";
    assert_eq!(reply.outcome, FetchOutcome::Broken { message: words.into() });
}

#[tokio::test]
async fn entities_of_a_document_s_own_are_not_expanded() {
    let mut bomb = String::from("<!DOCTYPE feed [<!ENTITY a \"ha\">");
    for n in 0..20 {
        bomb.push_str(&format!("<!ENTITY a{n} \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"));
    }
    bomb.push_str("]><feed><entry><id>&a19;</id></entry></feed>");
    assert_eq!(broken(bomb).await, "feed: the entity '&a19;' is not known");
}

#[tokio::test]
async fn the_proof_goes_along_and_is_masked() {
    let server = Server::always(Answer::Whole(200, Vec::new(), feed(PERIOD).into_bytes())).await;
    let settings = json!({"url": server.url("/espi/{param.account}"), "auth": {"type": "bearer", "credential": "api_key"}});
    let mut request = request(definition("GREEN_BUTTON", settings));
    request.trace = true;
    let reply = GreenButtonConnector::new(http_for(&[&server])).fetch(request).await;
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer s3cr3t/key+1"));
    assert_eq!(server.seen()[0].target, "/espi/A-1%2F2%20%C3%BC");
    assert!(!format!("{:?}", reply.trace).contains("s3cr3t"));
    assert_eq!(reply.trace[0].status, Some(200));
}

#[tokio::test]
async fn definitions_are_checked_field_by_field() {
    let connector = GreenButtonConnector::new(http_for(&[]));
    let check = |settings: Value| lines(connector.check(&definition("GREEN_BUTTON", settings)));
    assert_eq!(
        check(json!({"url": "https://api.example.com/espi/{param.account}", "money_scale": 3, "due_days": 20, "currency": "USD"})),
        Vec::<String>::new()
    );
    assert_eq!(
        check(json!({"url": "https://{param.account}.example.com/", "money_scale": 10, "due_days": -1, "currency": "usd", "x": 1})),
        [
            "connector.settings.url: must not take the host from a parameter",
            "connector.settings.money_scale: must be a whole number from 0 to 9, not 10",
            "connector.settings.due_days: must be a whole number from 0 to 365, not -1",
            "connector.settings.currency: 'usd' is not a currency: a currency is an ISO 4217 code of three capital letters, such as EUR",
            "connector.settings.x: is not a setting here; there are url, auth, money_scale, due_days, currency",
        ]
    );
    assert_eq!(check(json!({})), ["connector.settings.url: is missing"]);
    assert_eq!(check(json!({"url": "https://10.0.0.1/"})), ["connector.settings.url: 10.0.0.1 is not a public address (private)"]);
    let mut wrong = definition("GREEN_BUTTON", json!({"url": "https://example.com/"}));
    wrong.time_zone = "Mars/Olympus".into();
    assert_eq!(lines(connector.check(&wrong)), ["time_zone: 'Mars/Olympus' is not an IANA time zone"]);
}
