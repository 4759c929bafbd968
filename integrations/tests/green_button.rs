//! Green Button feeds as utilities and the alliance publish them, through the real connector over real HTTP.

mod support;

use std::fs;

use billow_billing::ports::{Connector, FetchOutcome, FetchReply, FetchedAmount, FetchedBill, LineKind};
use billow_billing::providers::ProviderDefinition;
use billow_integrations::connectors::Connectors;
use serde_json::json;
use support::server::{Answer, Server};

/// What a file holds, or none where the files are not there.
async fn reply(file: &str, zone: &str) -> Option<FetchReply> {
    let Some(folder) = support::shared_data("green-button") else {
        support::skipped("shared/data/green-button is not here; set BILLOW_SHARED_DATA");
        return None;
    };
    let body = fs::read(folder.join(file)).expect("a feed");
    let server = Server::always(Answer::Whole(200, vec![("content-type", "application/atom+xml".into())], body)).await;
    let definition: ProviderDefinition = serde_json::from_value(json!({
        "code": "pge", "name": "Power", "utility_type": "ELECTRICITY", "currency": "USD", "time_zone": zone,
        "connector": {"kind": "GREEN_BUTTON", "settings": {"url": server.url("/espi/1_1/resource/Batch/Subscription/{param.subscription}")}},
        "params": [{"name": "subscription", "label": "Subscription"}],
        "schedule": {"every": {"kind": "MONTH", "day": 1}},
    }))
    .expect("a definition");
    let connectors = Connectors::new(support::http_allowing(server.address.to_string()), None);
    assert_eq!(connectors.check(&definition), Ok(()));
    let reply = connectors.fetch(support::request(definition, &[("subscription", "5")], &[])).await;
    assert_eq!(server.seen()[0].target, "/espi/1_1/resource/Batch/Subscription/5");
    Some(reply)
}

async fn fetch(file: &str, zone: &str) -> Option<FetchOutcome> {
    reply(file, zone).await.map(|reply| reply.outcome)
}

fn bills(outcome: FetchOutcome) -> Vec<FetchedBill> {
    match outcome {
        FetchOutcome::Bills(bills) => bills,
        other => panic!("{other:?}"),
    }
}

/// Everything about a bill but its lines, in one line.
fn summary(bill: &FetchedBill) -> String {
    let date = |date: Option<chrono::NaiveDate>| date.map_or("-".into(), |date| date.to_string());
    let usage = bill.usage.as_ref().map_or("-".into(), |usage| format!("{} {}", usage.value, usage.unit));
    let FetchedAmount::Minor { minor } = bill.amount else { panic!("not in minor units") };
    let currency = bill.currency.map_or("-".into(), |currency| currency.to_string());
    let (start, end, issued, due) = (date(bill.period_start), date(bill.period_end), date(bill.issued_on), date(bill.due_on));
    format!("{start}..{end} issued {issued} due {due}: {minor} {currency}, {usage}")
}

#[tokio::test]
async fn the_alliance_s_examples_old_and_new() {
    let expected = "2014-02-01..2014-02-28 issued 2014-02-28 due 2014-03-14: 6752 USD, 625.716 kWh";
    let mut numbers = Vec::new();
    for file in ["ESPIElectricPowerUsageSummary.xml", "ESPIUsageSummaries.xml", "ESPIUsageSummary.xml"] {
        let Some(outcome) = fetch(file, "America/New_York").await else { return };
        let found = bills(outcome);
        assert_eq!(found.iter().map(summary).collect::<Vec<_>>(), [expected], "{file}");
        assert!(found[0].lines.is_empty(), "{file}");
        numbers.push(found[0].number.clone());
    }
    // The three are the same summary under its old and its new name, in a feed and alone.
    assert!(numbers.iter().all(|number| *number == numbers[0] && number.starts_with("20140201-")), "{numbers:?}");
}

#[tokio::test]
async fn the_implementation_s_examples_with_interval_data_around_them() {
    for file in ["openespi_03.xml", "openespi_05.xml"] {
        let Some(outcome) = fetch(file, "America/New_York").await else { return };
        let found = bills(outcome);
        let expected = "2012-03-01..2012-03-13 issued 2012-03-13 due 2012-03-27: 15252 USD, 1298.64 kWh";
        assert_eq!(found.iter().map(summary).collect::<Vec<_>>(), [expected], "{file}");
        let lines: Vec<_> = found[0].lines.iter().map(|line| (line.label.as_str(), line.amount.clone(), line.kind)).collect();
        assert_eq!(lines, [("Additional charges", Some(FetchedAmount::Minor { minor: 1346 }), Some(LineKind::Charge))], "{file}");
    }
}

#[tokio::test]
async fn a_utility_s_entry_with_prefixes_nobody_declared_and_milliseconds() {
    let Some(outcome) = fetch("PGEUsageSummary.xml", "America/Los_Angeles").await else { return };
    let found = bills(outcome);
    let expected = "2015-06-11..2015-07-09 issued 2015-07-09 due 2015-07-23: 23364 USD, 146 kWh";
    assert_eq!(found.iter().map(summary).collect::<Vec<_>>(), [expected]);
    let lines: Vec<_> = found[0]
        .lines
        .iter()
        .map(|line| {
            (
                line.label.as_str(),
                line.amount.clone(),
                line.kind,
                line.usage.as_ref().map(|usage| format!("{} {}", usage.value, usage.unit)),
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("Total Winter Partial Peak Usage", None, Some(LineKind::Information), Some("106.1206 kWh".into())),
            ("Total Winter Off Peak Usage", None, Some(LineKind::Information), Some("398.794 kWh".into())),
        ]
    );
}

#[tokio::test]
async fn a_utility_s_feed_with_line_items_and_periods_without_a_bill() {
    let Some(outcome) = fetch("PGEUsageSummaries.xml", "America/Los_Angeles").await else { return };
    let found = bills(outcome);
    // Three summaries, two of which name no amount.
    let expected = "2015-06-11..2015-07-09 issued 2015-07-09 due 2015-07-23: 23364 USD, 146 kWh";
    assert_eq!(found.iter().map(summary).collect::<Vec<_>>(), [expected]);
    let lines: Vec<_> = found[0]
        .lines
        .iter()
        .map(|line| {
            let minor = match line.amount {
                Some(FetchedAmount::Minor { minor }) => minor,
                _ => panic!("{line:?}"),
            };
            (line.label.as_str(), minor, line.kind, line.usage.as_ref().map(|usage| format!("{} {}", usage.value, usage.unit)))
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("Part Peak Energy Charge", 1200, Some(LineKind::Charge), Some("100 kWh".into())),
            ("Off Peak Energy Charge", 3600, Some(LineKind::Charge), Some("400 kWh".into())),
            ("Max Demand Charge", 77, Some(LineKind::Charge), Some("0.96 kW".into())),
            ("Customer Charge", 480, Some(LineKind::Fee), Some("4 kWh".into())),
            ("Energy Commission Tax", 1, Some(LineKind::Tax), None),
        ]
    );
    let Some(alone) = fetch("PGEUsageSummary.xml", "America/Los_Angeles").await else { return };
    assert_eq!(bills(alone)[0].number, found[0].number, "the same summary has the same number wherever it stands");
}

#[tokio::test]
async fn feeds_without_summaries_are_said_to_have_none() {
    for file in ["PGELocalTimeParameters.xml", "PGERetailCustomer.xml"] {
        let Some(reply) = reply(file, "America/Los_Angeles").await else { return };
        assert_eq!(reply.outcome, FetchOutcome::Bills(Vec::new()), "{file}");
        assert!(reply.refused[0].problem.starts_with("the feed has no UsageSummary"), "{file}: {:?}", reply.refused);
    }
    // A usage point without a bill so far.
    let Some(reply) = reply("PGEUsagePoint.xml", "America/Los_Angeles").await else { return };
    assert_eq!((reply.outcome, reply.notes.len()), (FetchOutcome::NoneDue, 1));
}

#[tokio::test]
async fn periods_without_an_amount_are_counted() {
    let Some(reply) = reply("PGEUsageSummaries.xml", "America/Los_Angeles").await else { return };
    assert_eq!(reply.notes, ["summaries left out: 2 (no billLastPeriod)"]);
}
