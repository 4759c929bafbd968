use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use billow_billing::ports::{Connector, FetchOutcome, FetchReply, FetchedAmount};
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
    dropped_bytes(root, name, minutes, text.as_bytes());
}

fn dropped_bytes(root: &Path, name: &str, minutes: u64, text: &[u8]) {
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
    reply_for(connector, settings, " A1 ").await.outcome
}

async fn reply_for(connector: &FileConnector, settings: Value, account: &str) -> FetchReply {
    let mut request = request(definition("FILE", settings));
    request.params.insert("account".into(), account.into());
    connector.fetch(request).await
}

async fn reply(root: &Path, settings: Value, account: &str) -> FetchReply {
    reply_for(&FileConnector::new(http_for(&[]), Some(root.to_owned())), settings, account).await
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
async fn an_account_without_a_row_is_not_known_to_owe_nothing() {
    let root = tempfile::tempdir().expect("a folder");
    dropped(root.path(), "a.csv", 1, "acct;no;sum;due;state\nA2;1;10.00;01.12.2026;\n;2;1;;\n");
    dropped(root.path(), "empty.csv", 2, "");
    let absent = reply(root.path(), settings(Value::Null), "A1").await;
    assert_eq!((absent.outcome, absent.unseen), (FetchOutcome::NoneDue, true));
    assert_eq!(absent.notes, ["no row is for this account; 1 rows name no account"]);
    dropped(root.path(), "b.csv", 3, "acct;no;sum;due;state\nA1;4;1;x;old\n");
    let known = reply(root.path(), settings(Value::Null), "A1").await;
    assert_eq!((known.outcome, known.unseen), (FetchOutcome::NoneDue, false));
}

#[tokio::test]
async fn accounts_are_spelled_alike_everywhere() {
    let root = tempfile::tempdir().expect("a folder");
    dropped(root.path(), "a.csv", 1, "Acct;no;sum;due;state\nvt-1000 0001;1;10.00;01.12.2026;\n123456;2;20.00;01.12.2026;\n");
    for account in ["VT10000001", "VT-1000 0001", "vt 1000/0001"] {
        assert_eq!(numbers(reply(root.path(), settings(Value::Null), account).await.outcome), [bill("1", "10.00")], "{account}");
    }
    // A program took the number for a number.
    let lost = reply(root.path(), settings(Value::Null), "00123456").await;
    assert!(lost.unseen && lost.notes[0].contains("set account_digits"), "{lost:?}");
    assert_eq!(numbers(reply(root.path(), settings(json!({"account_digits": 8})), "00123456").await.outcome), [bill("2", "20.00")]);
    assert!(reply(root.path(), settings(json!({"account_digits": 8})), "01123456").await.unseen);
    let mut fixed = definition("FILE", settings(Value::Null));
    (fixed.params[0].min_length, fixed.params[0].max_length) = (Some(8), Some(8));
    let mut asked = request(fixed);
    asked.params.insert("account".into(), "00123456".into());
    let found = FileConnector::new(http_for(&[]), Some(root.path().to_owned())).fetch(asked).await.outcome;
    assert_eq!(numbers(found), [bill("2", "20.00")], "accounts of this provider have eight digits");
}

#[tokio::test]
async fn a_row_that_is_wrong_harms_no_other() {
    let root = tempfile::tempdir().expect("a folder");
    let rows = "acct;no;sum;due;state\nA1;1;10.00;01.12.2026;\nA1;2;1,50;01.12.2026;\nA1;3;3.00;31/12/2026;\nA1;4\nA1;5;5.00;01.12.2026;\nTotal;10.00\n";
    dropped(root.path(), "a.csv", 1, rows);
    let found = reply(root.path(), settings(Value::Null), "A1").await;
    let problems: Vec<_> = found.refused.iter().map(|refused| refused.problem.as_str()).collect();
    assert!(problems[0].starts_with("a.csv line 3: bill.amount: '1,50' is not an amount"), "{problems:?}");
    assert!(problems[1].starts_with("a.csv line 4: map: "), "{problems:?}");
    assert_eq!(problems[2], "a.csv line 5: the row has 2 cells instead of 5");
    assert_eq!(numbers(found.outcome), [bill("1", "10.00"), bill("5", "5.00")]);
    // Two rows of one file with one number are both seen: which is right is for somebody to say.
    dropped(root.path(), "b.csv", 2, "acct;no;sum;due;state\nA3;1;1.00;01.12.2026;\nA3;1;2.00;01.12.2026;\n");
    assert_eq!(numbers(reply(root.path(), settings(Value::Null), "A3").await.outcome), [bill("1", "1.00"), bill("1", "2.00")]);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named() {
    for (text, words) in [
        (&b"account;no\nA1;1\n"[..], "a.csv has no column 'acct'; there are account, no"),
        (b"acct;no;sum;due;sum\nA1;1;10.00;01.12.2026;99.00\n", "a.csv has the column 'sum' twice"),
        (b"acct;no;sum;due;Sum\nA1;1;10.00;01.12.2026;99.00\n", "a.csv has the column 'Sum' twice"),
        (b"acct;no\nA1;\xfc\n", "a.csv is not UTF-8 at byte 11, and no other encoding is declared"),
    ] {
        let root = tempfile::tempdir().expect("a folder");
        dropped_bytes(root.path(), "a.csv", 1, text);
        assert_eq!(fetch(root.path(), settings(Value::Null)).await, FetchOutcome::Broken { message: words.into() });
        // Beside it, others are read.
        dropped(root.path(), "b.csv", 2, "acct;no;sum;due;state\nA1;9;9.00;01.12.2026;\n");
        let beside = reply(root.path(), settings(Value::Null), "A1").await;
        assert_eq!(beside.refused.iter().map(|refused| refused.problem.as_str()).collect::<Vec<_>>(), [words]);
        assert_eq!(numbers(beside.outcome), [bill("9", "9.00")]);
    }
}

#[tokio::test]
async fn delimiters_and_encodings_are_found_or_set() {
    let plain = "acct;no;sum;due;state\nA1;1;10.00;01.12.2026;für\n";
    let wide: Vec<u8> = format!("\u{feff}{plain}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin: Vec<u8> = plain.chars().map(|c| u8::try_from(u32::from(c)).expect("a latin letter")).collect();
    for (body, extra) in [
        (plain.as_bytes().to_vec(), json!({"delimiter": null})),
        (format!("sep=;\r\n{plain}").into_bytes(), json!({"delimiter": null})),
        (plain.replace(';', "\t").into_bytes(), json!({"delimiter": "\t"})),
        (plain.replace(';', ",").into_bytes(), json!({"delimiter": null})),
        (wide, json!({"delimiter": null})),
        (latin, json!({"encoding": "ISO-8859-1"})),
        (b"acct;no;sum;due;\"state\"\nA1;1;10.00;01.12.2026;\"two\nlines\"\n".to_vec(), json!({})),
    ] {
        let root = tempfile::tempdir().expect("a folder");
        dropped_bytes(root.path(), "a.csv", 1, &body);
        assert_eq!(numbers(fetch(root.path(), settings(extra.clone())).await), [bill("1", "10.00")], "{extra} {body:?}");
    }
}

#[tokio::test]
async fn a_file_at_an_address_is_fetched_once_for_all_accounts() {
    let server =
        Server::always(Answer::Whole(200, Vec::new(), b"acct,no,sum,due,state\nA1,9,1.00,01.12.2026,\nA2,8,2.00,01.12.2026,\n".to_vec()))
            .await;
    let connector = FileConnector::new(http_for(&[&server]), None);
    let at = |path: &str| json!({"url": server.url(path), "account_column": "acct", "map": MAP});
    let shared = at("/bills.csv");
    let answers = futures::future::join_all(["A1", "A2", "A3"].map(|account| reply_for(&connector, shared.clone(), account))).await;
    assert_eq!(answers.iter().map(|reply| reply.unseen).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(server.seen().len(), 1);
    reply_for(&connector, shared, "A1").await;
    assert_eq!(server.seen().len(), 2, "who asks again asks for news");
    for account in ["A1", "A2"] {
        reply_for(&connector, at("/{param.account}.csv"), account).await;
    }
    assert_eq!(server.seen().len(), 4, "an address with the account in it has a file for each");
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
            "connector.settings.colour: is not a setting here; there are location, url, account_digits, delimiter, account_column, encoding, map",
        ]
    );
    let problems = check(settings(json!({"location": "../x", "map": ".["})));
    assert!(problems[0].starts_with("connector.settings.location: '../x' must be a plain path"), "{problems:?}");
    assert!(problems[1].starts_with("connector.settings.map: "), "{problems:?}");
    let without = FileConnector::new(http_for(&[]), None);
    let problems = lines(without.check(&definition("FILE", settings(Value::Null))));
    assert_eq!(problems, ["connector.settings.location: this installation has no drop folder; set one in the configuration"]);
}
