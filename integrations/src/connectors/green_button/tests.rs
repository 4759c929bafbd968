use billow_billing::ports::{Connector, FetchOutcome, FetchReply, FetchedAmount, FetchedBill, LineKind};
use billow_billing::providers::ProviderDefinition;
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
    reply(body, extra).await.outcome
}

async fn reply(body: impl Into<Vec<u8>>, extra: Value) -> FetchReply {
    reply_in(body, extra, |_| {}).await
}

/// A reply on the last day of January 2027.
async fn reply_in(body: impl Into<Vec<u8>>, extra: Value, change: impl FnOnce(&mut ProviderDefinition)) -> FetchReply {
    let server = Server::always(Answer::Whole(200, Vec::new(), body.into())).await;
    let mut settings = json!({"url": server.url("/espi/{param.account}")});
    if let (Some(settings), Some(extra)) = (settings.as_object_mut(), extra.as_object()) {
        settings.extend(extra.clone());
    }
    let mut definition = definition("GREEN_BUTTON", settings);
    change(&mut definition);
    let mut request = request(definition);
    request.today = "2027-01-31".parse().expect("a date");
    GreenButtonConnector::new(http_for(&[&server])).fetch(request).await
}

/// What was refused, in words; the bills that were not are counted.
async fn refused(body: impl Into<Vec<u8>>, extra: Value) -> (usize, Vec<String>) {
    let reply = reply(body, extra).await;
    let FetchOutcome::Bills(bills) = reply.outcome else { panic!("{reply:?}") };
    (bills.len(), reply.refused.into_iter().map(|refused| refused.problem).collect())
}

/// Bills, as number, amount and period.
fn shown(reply: &FetchReply) -> Vec<String> {
    let FetchOutcome::Bills(bills) = &reply.outcome else { panic!("{reply:?}") };
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let line = |bill: &FetchedBill| match bill.amount {
        FetchedAmount::Minor { minor } => format!("{} {minor} {}..{}", bill.number, day(bill.period_start), day(bill.period_end)),
        FetchedAmount::Decimal(_) => panic!("{bill:?}"),
    };
    bills.iter().map(line).collect()
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
    let period = |start: i64, days: i64| {
        format!(
            "<billingPeriod><start>{start}</start><duration>{}</duration></billingPeriod><billLastPeriod>1</billLastPeriod>",
            days * 86_400
        )
    };
    assert_ne!(one, bill(&period(1_796_079_600, 30), Value::Null).await.number, "another month");
    assert_ne!(one, bill(&period(1_793_487_600, 61), Value::Null).await.number, "two months");
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
async fn what_is_no_bill_is_left_out_and_said() {
    let without = reply(feed(PERIOD), Value::Null).await;
    assert_eq!(
        (&without.outcome, without.notes.as_slice()),
        (&FetchOutcome::NoneDue, &["summaries left out: 1 (no billLastPeriod)".to_owned()][..])
    );
    let early = period("1801436400", "2592000"); // 1 February 2027
    let running = reply(feed(&format!("{early}<billLastPeriod>100000</billLastPeriod>")), Value::Null).await;
    assert_eq!(running.outcome, FetchOutcome::NoneDue);
    assert_eq!(running.notes, ["summaries left out: 1 (the period 2027-02-01 to 2027-03-02 is not over yet)"]);
    for body in ["<feed/>", "<entry><content><IntervalBlock/></content></entry>"] {
        let (bills, problems) = refused(body, Value::Null).await;
        assert_eq!(bills, 0);
        assert!(problems[0].starts_with("the feed has no UsageSummary, from which bills are read, and no UsagePoint"), "{problems:?}");
    }
    let point = "<feed><entry><link rel='self' href='/r/UsagePoint/1'/><content><UsagePoint/></content></entry></feed>";
    let newcomer = reply(point, Value::Null).await;
    assert_eq!((newcomer.outcome, newcomer.notes.len()), (FetchOutcome::NoneDue, 1), "a customer without a bill so far");
}

fn period(start: &str, duration: &str) -> String {
    format!("<billingPeriod><start>{start}</start><duration>{duration}</duration></billingPeriod>")
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
    assert_eq!(broken(b"<feed>\xff</feed>".to_vec()).await, "feed: the feed is not UTF-8 at byte 6, and no other encoding is declared");
    assert!(broken("<feed>".repeat(100)).await.contains("nested deeper than 64"));
    let entry = "<entry><content><UsageSummary/></content></entry>";
    assert_eq!(broken(format!("<feed>{}</feed>", entry.repeat(501))).await, "feed: the feed has more than 500 summaries");
}

#[tokio::test]
async fn what_is_wrong_with_one_summary_harms_no_other() {
    let good = format!("{PERIOD}<billLastPeriod>100000</billLastPeriod>");
    let amount = "<billLastPeriod>1</billLastPeriod>";
    for (fields, words) in [
        ("<billLastPeriod>12.5</billLastPeriod>".to_owned(), "billLastPeriod: '12.5' is not a whole number"),
        (amount.to_owned(), "billingPeriod.start: is missing"),
        (period("", "") + amount, "billingPeriod.start: is missing"),
        (period("12", "2592000") + amount, "billingPeriod.start: 12 is not a time stamp"),
        (period("1793487600", "-5") + amount, "billingPeriod.duration: -5 seconds is not a day"),
        (period("1793487600", "0") + amount, "billingPeriod.duration: 0 seconds is not a day"),
        (period("1793487600", "") + amount, "billingPeriod.duration: is missing"),
        (period("1793487600", "9223372036854775807") + amount, "billingPeriod.duration: is too long"),
        (format!("{PERIOD}{amount}<currency>999</currency>"), "currency: 999 is not the numeric code of a currency that is taken"),
        (format!("{PERIOD}<billLastPeriod>9223372036854775807000</billLastPeriod>"), "billLastPeriod: '9223372036854775807000' is not"),
        (
            format!("{PERIOD}{amount}<costAdditionalDetailLastPeriod><amount>x</amount></costAdditionalDetailLastPeriod>"),
            "costAdditionalDetailLastPeriod.amount: 'x'",
        ),
    ] {
        let body = format!("<feed>{}{}</feed>", entry("/S/1", &good), entry("/S/2", &fields));
        let (bills, problems) = refused(body, Value::Null).await;
        assert_eq!((bills, problems.len()), (1, 1), "{fields}");
        assert!(problems[0].starts_with(&format!("summary 2: {words}")), "{problems:?}");
    }
    let huge = feed(&format!("{PERIOD}<billLastPeriod>9223372036854775807</billLastPeriod>"));
    assert!(refused(huge, json!({"money_scale": 0})).await.1[0].contains("too large an amount"));
}

fn entry(link: &str, fields: &str) -> String {
    format!("<entry><link rel='self' href='{link}'/><content><UsageSummary>{fields}</UsageSummary></content></entry>")
}

fn point(link: &str, kind: u16) -> String {
    format!(
        "<entry><id>urn:uuid:{kind}-x</id><link rel='self' href='{link}'/><content><UsagePoint><ServiceCategory><kind>{kind}</kind></ServiceCategory></UsagePoint></content></entry>"
    )
}

const OCTOBER: &str = "<billingPeriod><duration>2682000</duration><start>1790805600</start></billingPeriod>";

#[tokio::test]
async fn a_stamp_or_a_link_that_moves_changes_nothing() {
    let at = |stamp: &str, id: &str, link: &str| {
        format!(
            "<feed><entry><id>{id}</id>{link}<content><UsageSummary>{OCTOBER}<billLastPeriod>7506000</billLastPeriod>{stamp}</UsageSummary></content></entry></feed>"
        )
    };
    let first = reply(at("", "urn:uuid:1", ""), Value::Null).await;
    assert_eq!(shown(&first), ["20261001-31 7506 2026-10-01..2026-10-31"]);
    let without_source = |reply: FetchReply| match reply.outcome {
        FetchOutcome::Bills(bills) => bills.into_iter().map(|bill| FetchedBill { former_number: None, ..bill }).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let first = without_source(first);
    for (stamp, id, link) in [
        ("<statusTimeStamp>1795737600</statusTimeStamp>", "urn:uuid:1", ""),
        ("<statusTimeStamp>0</statusTimeStamp>", "urn:uuid:2", ""),
        ("<statusTimeStamp>soon</statusTimeStamp>", "", "<link rel='self' href='/us/77'/>"),
        ("<statusTimeStamp/>", "urn:uuid:1", "<link rel='self' href='/Subscription/9/UsagePoint/3/UsageSummary/1'/>"),
    ] {
        assert_eq!(without_source(reply(at(stamp, id, link), Value::Null).await), first, "{stamp} {id} {link}");
    }
    assert_eq!(first[0].issued_on, first[0].period_end, "issued when the period was over");
    // Where the settings say that the stamp is the date of the statement, it is; one of a download is not.
    for (stamp, issued) in [("1794225600", "2026-11-09"), ("1801000000", "2026-10-31"), ("0", "2026-10-31")] {
        let stated = bill(
            &format!("{OCTOBER}<billLastPeriod>1</billLastPeriod><statusTimeStamp>{stamp}</statusTimeStamp>"),
            json!({"dates_from": "STATUS"}),
        )
        .await;
        assert_eq!(stated.issued_on.map(|day| day.to_string()).as_deref(), Some(issued), "{stamp}");
    }
}

#[tokio::test]
async fn the_number_stays_when_the_time_zone_is_corrected_and_midnights_are_midnights() {
    // Midnight in Berlin, and midnight in Berlin written as UTC.
    for start in ["1790805600", "1790812800"] {
        let body = feed(&format!("{}<billLastPeriod>100000</billLastPeriod>", period(start, "2678400")));
        for zone in ["Europe/Berlin", "UTC", "America/Los_Angeles", "Asia/Tokyo"] {
            let reply = reply_in(body.clone(), Value::Null, |definition| definition.time_zone = zone.into()).await;
            assert!(shown(&reply)[0].starts_with("20261001-31 "), "{zone}: {:?}", shown(&reply));
            if start == "1790812800" {
                assert!(shown(&reply)[0].ends_with(" 2026-10-01..2026-10-31"), "{zone}: {:?}", shown(&reply));
            }
        }
    }
    let milliseconds = feed(&format!("{}<billLastPeriod>100000</billLastPeriod>", period("1790805600000", "2682000000")));
    assert_eq!(shown(&reply(milliseconds, Value::Null).await), ["20261001-31 100 2026-10-01..2026-10-31"]);
}

#[tokio::test]
async fn a_sum_over_the_whole_download_is_no_bill() {
    let amount = "<billLastPeriod>93228000</billLastPeriod>";
    let span = |days: u64| format!("{}{amount}", period("1733040000", &(days * 86_400).to_string()));
    let (bills, problems) = refused(feed(&span(700)), Value::Null).await;
    assert_eq!(bills, 0);
    assert!(problems[0].contains("covers 700 days, which is not one bill (max_period_days is 380)"), "{problems:?}");
    let beside = format!("<feed>{}{}</feed>", entry("/1", &format!("{OCTOBER}{amount}")), entry("/2", &span(700)));
    let beside = reply(beside, Value::Null).await;
    assert_eq!((shown(&beside).len(), beside.refused.len(), beside.notes.len()), (1, 0, 1), "beside a bill it is only said");
    assert_eq!(shown(&reply(feed(&span(366)), Value::Null).await).len(), 1, "a yearly bill is one");
    assert_eq!(shown(&reply(feed(&span(700)), json!({"max_period_days": 800})).await).len(), 1);
}

#[tokio::test]
async fn the_amount_is_where_the_utility_wrote_it() {
    let line = |note: &str, amount: i64| {
        format!("<costAdditionalDetailLastPeriod><amount>{amount}</amount><note>{note}</note></costAdditionalDetailLastPeriod>")
    };
    let forwarded: String = [
        ("Balance Forward", 8_211_000),
        ("Payments Received", -8_211_000),
        ("Electricity", 5_300_000),
        ("Delivery", 2_100_000),
        ("Total Amount Due", 7_400_000),
    ]
    .map(|(note, amount)| line(note, amount))
    .concat();
    let found = bill(&format!("{OCTOBER}<billLastPeriod>0</billLastPeriod>{forwarded}"), Value::Null).await;
    assert_eq!((found.amount, found.lines[4].kind), (minor(7400), Some(LineKind::Information)));
    let lines = line("Generation", 9_000_000) + &line("Delivery", 11_000_000) + &line("Credit", -100_000);
    let (bills, problems) = refused(feed(&format!("{OCTOBER}{lines}")), Value::Null).await;
    assert_eq!(bills, 0);
    assert_eq!(
        problems,
        ["summary 1: billLastPeriod: is missing, and the lines add up to 199; where that is what is due, set amount_from to LINES"]
    );
    assert_eq!(bill(&format!("{OCTOBER}{lines}"), json!({"amount_from": "LINES"})).await.amount, minor(19_900));
    assert_eq!(bill(&format!("{OCTOBER}<billLastPeriod>0</billLastPeriod>"), Value::Null).await.amount, minor(0), "nothing was used");
    assert_eq!(bill(&format!("{OCTOBER}<billLastPeriod>-2458000</billLastPeriod>"), Value::Null).await.amount, minor(-2458), "a credit");
    assert_eq!(
        bill(&format!("{OCTOBER}<billLastPeriod>7506000.00</billLastPeriod><currency>eur</currency>"), Value::Null).await.amount,
        minor(7506)
    );
}

#[tokio::test]
async fn an_account_gets_the_bills_of_its_own_usage_point_only() {
    let summary = |amount: i64| format!("{OCTOBER}<billLastPeriod>{amount}</billLastPeriod>");
    let two = format!(
        "<feed>{}{}{}{}</feed>",
        point("/r/RetailCustomer/A/UsagePoint/1", 0),
        entry("/r/RetailCustomer/A/UsagePoint/1/UsageSummary/1", &summary(15_252_000)),
        point("/r/RetailCustomer/B/UsagePoint/1", 0),
        entry("/r/RetailCustomer/B/UsagePoint/1/UsageSummary/1", &summary(9_900_000)),
    );
    let (bills, problems) = refused(two.clone(), Value::Null).await;
    assert_eq!(bills, 0);
    assert!(
        problems[0].starts_with(
            "the feed has 2 usage points and the settings do not say which is this account's: it has RetailCustomer/A/UsagePoint/1, "
        ),
        "{problems:?}"
    );
    assert!(problems[0].contains("{param.usage_point}"), "{problems:?}");
    let own = reply(two.clone(), json!({"usage_point": "RetailCustomer/B/UsagePoint/1"})).await;
    assert_eq!(shown(&own), ["20261001-31 9900 2026-10-01..2026-10-31"]);
    assert!(refused(two.clone(), json!({"usage_point": "1"})).await.1[0].starts_with("2 usage points are called '1'"));
    let all = shown(&reply(two.clone(), json!({"usage_point": "*"})).await);
    assert!(all.len() == 2 && all[0].split(' ').next() != all[1].split(' ').next(), "{all:?}");
    // By a parameter that the customer filled in ("A-1/2 ü" in these tests).
    let asked = json!({"usage_point": "{param.account}"});
    assert!(matches!(fetch(two.clone(), asked.clone()).await, FetchOutcome::NotFound { .. }));
    let named = two.replace("RetailCustomer/A/UsagePoint/1", "UsagePoint/A-1/2 ü");
    assert!(matches!(fetch(named, asked).await, FetchOutcome::NotFound { .. }), "an id is one part of a path");
    assert!(refused(two.clone(), json!({"usage_point": "7"})).await.1[0].starts_with("the usage point '7' is not in the feed; it has "));
    // One of the points has no bill now: it can still be the account's.
    let one = format!(
        "<feed>{}{}{}</feed>",
        point("/UsagePoint/1", 0),
        point("/UsagePoint/2", 0),
        entry("/UsagePoint/2/UsageSummary/9", &summary(1))
    );
    assert_eq!(refused(one.clone(), Value::Null).await.0, 0);
    assert_eq!(fetch(one.clone(), json!({"usage_point": "1"})).await, FetchOutcome::NoneDue);
    assert_eq!(shown(&reply(one, json!({"usage_point": "2"})).await).len(), 1);
    // Points known by what they refer to, and points that nothing refers to.
    let related = "<entry><id>urn:uuid:p</id><link rel='related' href='/us'/><content><UsagePoint/></content></entry>";
    let by_relation = format!("<feed>{related}{}{}</feed>", point("/UsagePoint/2", 0), entry("/us/1", &summary(500_000)));
    assert_eq!(shown(&reply(by_relation, json!({"usage_point": "p"})).await).len(), 1);
    let nameless = format!("<feed>{}{}</feed>", entry("/us/1", &summary(100_000)), entry("/us/2", &summary(200_000)));
    let (bills, problems) = refused(nameless, Value::Null).await;
    assert_eq!(bills, 0);
    assert!(problems[0].starts_with("2 different summaries are for the same days and name no usage point"), "{problems:?}");
    let same = format!("<feed>{}{}</feed>", entry("/us/1", &summary(100_000)), entry("/us/2", &summary(100_000)));
    assert_eq!(refused(same, Value::Null).await, (2, Vec::new()), "the same bill twice is one");
}

#[tokio::test]
async fn only_the_provider_s_own_service_is_taken() {
    let summary = |amount: i64, more: &str| format!("{OCTOBER}<billLastPeriod>{amount}</billLastPeriod>{more}");
    let both = format!(
        "<feed>{}{}{}{}</feed>",
        point("/UsagePoint/e", 0),
        entry("/UsagePoint/e/UsageSummary/1", &summary(100_000, "")),
        point("/UsagePoint/g", 1),
        entry("/UsagePoint/g/UsageSummary/1", &summary(200_000, "")),
    );
    let own = reply(both.clone(), Value::Null).await;
    assert_eq!(shown(&own), ["20261001-31 100 2026-10-01..2026-10-31"]);
    assert_eq!(own.notes, ["1 summaries for GAS were left out (the setting service says what is wanted)"]);
    assert_eq!(shown(&reply(both.clone(), json!({"service": "GAS"})).await), ["20261001-31 200 2026-10-01..2026-10-31"]);
    assert_eq!(refused(both.clone(), json!({"service": "ANY"})).await.0, 0);
    let numbers = shown(&reply(both, json!({"service": "ANY", "usage_point": "*"})).await);
    assert!(numbers.len() == 2 && numbers[0].split(' ').next() != numbers[1].split(' ').next(), "{numbers:?}");
    let commodity = format!(
        "<feed>{}{}</feed>",
        entry("/1", &summary(100_000, "<commodity>1</commodity>")),
        entry("/2", &summary(200_000, "<commodity>7</commodity>"))
    );
    assert_eq!(shown(&reply(commodity, Value::Null).await), ["20261001-31 100 2026-10-01..2026-10-31"]);
    let other = format!("<feed>{}</feed>", entry("/2", &summary(200_000, "<commodity>7</commodity>")));
    assert!(refused(other, Value::Null).await.1[0].starts_with("no summary is for this provider's kind of service: 1 summaries for GAS"));
}

#[tokio::test]
async fn declared_encodings_are_read_and_texts_are_whole() {
    let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><feed><entry><content><UsageSummary><billingPeriod><duration>2682000</duration><start>1790805600</start></billingPeriod><billLastPeriod>7506000</billLastPeriod><costAdditionalDetailLastPeriod><amount>7506000</amount><note>\xc9nergie</note></costAdditionalDetailLastPeriod></UsageSummary></content></entry></feed>";
    let read = reply(latin.to_vec(), Value::Null).await;
    let label = |reply: &FetchReply| match &reply.outcome {
        FetchOutcome::Bills(bills) => bills[0].lines[0].label.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(label(&read), "Énergie");
    let text = String::from_utf8_lossy(latin).replace('\u{fffd}', "É").replace("ISO-8859-1", "UTF-16");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(label(&reply(wide, Value::Null).await), "Énergie");
}

#[tokio::test]
async fn a_feed_that_is_being_prepared_is_asked_for_again() {
    for (headers, after_ms) in [(vec![], 60_000), (vec![("retry-after", "Saturday, 21-Nov-26 09:05:00 GMT".to_owned())], 300_000)] {
        let server = Server::always(Answer::Whole(202, headers, Vec::new())).await;
        let settings = json!({"url": server.url("/espi")});
        let reply = GreenButtonConnector::new(http_for(&[&server])).fetch(request(definition("GREEN_BUTTON", settings))).await;
        assert_eq!(reply.outcome, FetchOutcome::Pending { after_ms, continuation: Value::Null });
    }
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
            "connector.settings.x: is not a setting here; there are url, auth, money_scale, due_days, currency, usage_point, service, \
             amount_from, dates_from, max_period_days, encoding",
        ]
    );
    assert_eq!(
        check(json!({
            "url": "https://example.com/", "usage_point": "{param.meter}", "service": "STEAM", "amount_from": "x", "dates_from": "x",
            "max_period_days": 801, "encoding": "klingon",
        })),
        [
            "connector.settings.usage_point: there is no parameter 'meter'",
            "connector.settings.service: must be one of ANY, ELECTRICITY, GAS, WATER, HEATING, WASTE, not \"STEAM\"",
            "connector.settings.amount_from: must be one of BILL, TOTAL_LINE, LINES, not \"x\"",
            "connector.settings.dates_from: must be one of PERIOD, STATUS, not \"x\"",
            "connector.settings.max_period_days: must be a whole number from 1 to 800, not 801",
            "connector.settings.encoding: 'klingon' is not the name of an encoding, such as windows-1252, ISO-8859-15 or UTF-16",
        ]
    );
    assert_eq!(check(json!({})), ["connector.settings.url: is missing"]);
    assert_eq!(check(json!({"url": "https://10.0.0.1/"})), ["connector.settings.url: 10.0.0.1 is not a public address (private)"]);
    let mut wrong = definition("GREEN_BUTTON", json!({"url": "https://example.com/"}));
    wrong.time_zone = "Mars/Olympus".into();
    assert_eq!(lines(connector.check(&wrong)), ["time_zone: 'Mars/Olympus' is not an IANA time zone"]);
}
