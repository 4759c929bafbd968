use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use billow_billing::ports::{Connector, FetchOutcome, FetchedAmount};
use serde_json::{Value, json};

use super::FileConnector;
use crate::connectors::testing::{definition, http_for, lines, request};
use crate::test_server::{Answer, Server};

const MAP: &str = "if .state == \"void\" then empty elif .state == \"old\" then null else {number: .no, amount: .sum, due_on: (.due | date(\"%d.%m.%Y\"))} end";

fn settings(extra: Value) -> Value {
    let mut settings = json!({"location": "voltara/in", "delimiter": ";", "account_column": "acct", "map": MAP});
    if let (Some(settings), Some(extra)) = (settings.as_object_mut(), extra.as_object()) {
        settings.extend(extra.clone());
    }
    settings
}

/// Writes a file as if it had been dropped so many minutes after the first.
fn dropped(root: &Path, name: &str, minutes: u64, text: &str) {
    let folder = root.join("voltara/in");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(name), text).expect("a file");
    let file = fs::File::options().write(true).open(folder.join(name)).expect("the file");
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + minutes * 60)).expect("a time");
}

async fn fetch(root: &Path, settings: Value) -> FetchOutcome {
    let connector = FileConnector::new(http_for(&[]), Some(root.to_owned()));
    fetch_with(&connector, settings).await
}

async fn fetch_with(connector: &FileConnector, settings: Value) -> FetchOutcome {
    let mut request = request(definition("FILE", settings));
    request.params.insert("account".into(), " A1 ".into());
    connector.fetch(request).await.outcome
}

fn numbers(outcome: FetchOutcome) -> Vec<(String, FetchedAmount)> {
    match outcome {
        FetchOutcome::Bills(bills) => bills.into_iter().map(|bill| (bill.number, bill.amount)).collect(),
        other => panic!("{other:?}"),
    }
}

fn bill(number: &str, amount: &str) -> (String, FetchedAmount) {
    (number.into(), FetchedAmount::Decimal(amount.into()))
}

#[tokio::test]
async fn rows_of_the_account_become_bills_and_later_files_win() {
    let root = tempfile::tempdir().expect("a folder");
    dropped(
        root.path(),
        "b.csv",
        1,
        "acct;no;sum;due;state\nA1;1;10.00;01.12.2026;\nA2;2;20.00;01.12.2026;\nA1;3;30.00;01.12.2026;void\nA1;4;1;x;old\n",
    );
    dropped(root.path(), "a.CSV", 2, "\u{feff}no;acct;due;sum;state\n1;A1;02.12.2026;11.00;\n5;A1;02.12.2026;55.00;\n");
    dropped(root.path(), "ignored.txt", 3, "acct\nA1\n");
    assert_eq!(numbers(fetch(root.path(), settings(Value::Null)).await), [bill("1", "11.00"), bill("5", "55.00")]);
}

#[tokio::test]
async fn what_was_read_is_kept_until_the_files_change() {
    let root = tempfile::tempdir().expect("a folder");
    dropped(root.path(), "a.csv", 1, "acct;no;sum;due;state\nA1;1;10.00;01.12.2026;\n");
    let connector = FileConnector::new(http_for(&[]), Some(root.path().to_owned()));
    assert_eq!(numbers(fetch_with(&connector, settings(Value::Null)).await), [bill("1", "10.00")]);
    dropped(root.path(), "a.csv", 2, "acct;no;sum;due;state\nA1;1;12.00;01.12.2026;\n");
    assert_eq!(numbers(fetch_with(&connector, settings(Value::Null)).await), [bill("1", "12.00")]);
    dropped(root.path(), "b.csv", 3, "acct;no;sum;due;state\nA1;2;13.00;01.12.2026;\n");
    assert_eq!(numbers(fetch_with(&connector, settings(Value::Null)).await).len(), 2);
}

#[tokio::test]
async fn no_rows_means_nothing_due() {
    let root = tempfile::tempdir().expect("a folder");
    dropped(root.path(), "a.csv", 1, "acct;no;sum;due;state\nA2;1;10.00;01.12.2026;\n");
    dropped(root.path(), "empty.csv", 2, "");
    assert_eq!(fetch(root.path(), settings(Value::Null)).await, FetchOutcome::NoneDue);
}

#[tokio::test]
async fn faults_name_the_file_and_the_line() {
    for (text, words) in [
        ("acct;no;sum;due;state\nA1;1;10.00;31/12/2026;\n", "a.csv line 2: map: "),
        ("acct;no;sum;due;state\nA2;1;1;;\nA1;1;1,50;01.12.2026;\n", "a.csv line 3: bill.amount: '1,50' is not an amount"),
        ("account;no\nA1;1\n", "a.csv has no column 'acct'; there are account, no"),
        ("acct;no;sum;due;state\nA1;1\n", "a.csv is not CSV in line 2: a row has 2 cells instead of 5"),
        ("acct;no;sum;due;state\nA1;1;2;3;\"open\n", "a.csv line 2: map: "),
    ] {
        let root = tempfile::tempdir().expect("a folder");
        dropped(root.path(), "a.csv", 1, text);
        match fetch(root.path(), settings(Value::Null)).await {
            FetchOutcome::Broken { message } => assert!(message.starts_with(words), "{message}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn nothing_outside_the_drop_folder_is_read() {
    let outer = tempfile::tempdir().expect("a folder");
    let root = outer.path().join("drop");
    fs::create_dir_all(root.join("voltara/in")).expect("a folder");
    fs::create_dir_all(outer.path().join("secret")).expect("a folder");
    let rows = "acct;no;sum;due;state\nA1;1;10.00;01.12.2026;\n";
    fs::write(outer.path().join("secret/a.csv"), rows).expect("a file");
    std::os::unix::fs::symlink(outer.path().join("secret"), root.join("linked")).expect("a link");
    std::os::unix::fs::symlink(outer.path().join("secret/a.csv"), root.join("voltara/in/linked.csv")).expect("a link");
    for location in ["../secret", "linked", "/etc", "voltara/../../secret", "./voltara", "a\\b", "nowhere"] {
        let outcome = fetch(&root, settings(json!({"location": location}))).await;
        assert!(matches!(outcome, FetchOutcome::Broken { .. }), "{location}: {outcome:?}");
    }
    assert_eq!(fetch(&root, settings(Value::Null)).await, FetchOutcome::NoneDue, "a link was followed");
}

#[tokio::test]
async fn files_that_are_too_large_are_not_read() {
    let root = tempfile::tempdir().expect("a folder");
    dropped(root.path(), "a.csv", 1, &"x".repeat((1 << 20) + 1));
    let words = "a.csv has 1048577 bytes; at most 1048576 are read";
    assert_eq!(fetch(root.path(), settings(Value::Null)).await, FetchOutcome::Broken { message: words.into() });
}

#[tokio::test]
async fn a_file_can_be_fetched_from_an_address() {
    let server = Server::always(Answer::Whole(200, Vec::new(), b"acct,no,sum,due,state\nA1,9,1.00,01.12.2026,\n".to_vec())).await;
    let connector = FileConnector::new(http_for(&[&server]), None);
    let settings =
        json!({"url": server.url("/bills.csv"), "account_column": "acct", "map": MAP, "auth": {"type": "bearer", "credential": "api_key"}});
    assert_eq!(numbers(fetch_with(&connector, settings).await), [bill("9", "1.00")]);
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer s3cr3t/key+1"));
}

#[tokio::test]
async fn definitions_are_checked_field_by_field() {
    let root = tempfile::tempdir().expect("a folder");
    let connector = FileConnector::new(http_for(&[]), Some(root.path().to_owned()));
    let check = |settings: Value| lines(connector.check(&definition("FILE", settings)));
    assert_eq!(check(settings(Value::Null)), Vec::<String>::new());
    assert_eq!(
        check(json!({"url": "https://example.com/{param.account}.csv", "account_column": "a", "map": ".", "delimiter": "\\t"})),
        Vec::<String>::new()
    );
    let problems = check(json!({"location": "a", "url": "https://example.com/", "delimiter": "ab", "colour": 1}));
    assert_eq!(
        problems,
        [
            "connector.settings.location: and url cannot both be there",
            "connector.settings.delimiter: must be a single character such as , ; or a tab",
            "connector.settings.account_column: is missing",
            "connector.settings.map: is missing",
            "connector.settings.colour: is not a setting here; there are location, url, delimiter, account_column, map",
        ]
    );
    let problems = check(settings(json!({"location": "../x", "map": ".["})));
    assert!(problems[0].starts_with("connector.settings.location: '../x' must be a plain path"), "{problems:?}");
    assert!(problems[1].starts_with("connector.settings.map: "), "{problems:?}");
    let without = FileConnector::new(http_for(&[]), None);
    let problems = lines(without.check(&definition("FILE", settings(Value::Null))));
    assert_eq!(problems, ["connector.settings.location: this installation has no drop folder; set one in the configuration"]);
}
