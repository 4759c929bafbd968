//! The books as another program reads them: hledger parses the journal, checks that every entry balances, and adds up to what
//! our own wallets say.

use std::process::{Command, Stdio};

use billow_tests::{TestApp, both};
use serde_json::json;

/// Asks hledger about a journal.
fn hledger(journal: &str, args: &[&str]) -> String {
    use std::io::Write as _;
    let mut asked = Command::new("hledger")
        .args(["-f", "-"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("hledger is there: tests/scripts/setup hledger");
    asked.stdin.take().expect("an input").write_all(journal.as_bytes()).expect("written");
    let answer = asked.wait_with_output().expect("an answer");
    assert!(answer.status.success(), "{}\n{journal}", String::from_utf8_lossy(&answer.stderr));
    String::from_utf8(answer.stdout).expect("text")
}

both! {
    async fn hledger_reads_the_journal_and_finds_it_balanced(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        anna.top_up(5_000, &card, "top-up-0001").await;
        anna.pay(&[&bill], "pay-000001", json!({"useWallet": true})).await;
        app.settle().await;

        let mut journal = String::new();
        let entries = app.billing.ledger.ledger_journal(None, None, |text| { journal.push_str(text); Ok(()) }).await.expect("a journal");
        // The top-up, what was set aside for the bill, the bill's settling, and the provider's confirmation.
        assert_eq!(entries, 4, "{journal}");
        hledger(&journal, &["check", "ordereddates"]);
        let wallets = hledger(&journal, &["balance", "liabilities:wallets", "--no-total", "--layout=bare", "--output-format=csv"]);
        assert!(wallets.contains("\"EUR\",\"-10.00\""), "{wallets}");
        let total = hledger(&journal, &["balance", "--output-format=csv"]);
        assert!(total.trim_end().ends_with("\"total\",\"0\"") || total.trim_end().ends_with("\"Total:\",\"0\""), "{total}");
    }
}
