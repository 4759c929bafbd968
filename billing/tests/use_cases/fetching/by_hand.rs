//! What operators do to bills by hand.

use billow_billing::bills::{BillCorrection, ManualBill};
use billow_billing::error::Error;
use billow_billing::ports::FetchedAmount;

use super::*;

crate::common::on_both!(a_bill_is_recorded, a_correction_stays_until_the_provider_says_something_new, a_bill_is_voided_and_stays_so);

fn manual(number: &str, amount: &str) -> ManualBill {
    ManualBill {
        number: Some(number.to_owned()).filter(|n| !n.is_empty()),
        amount: FetchedAmount::Decimal(amount.to_owned()),
        issued_on: "2026-11-20".parse().expect("a date"),
        due_on: "2026-12-05".parse().ok(),
        period_start: None,
        period_end: None,
        usage: None,
        lines: Vec::new(),
    }
}

async fn a_bill_is_recorded(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = due_account(&bench, &provider, 1).await;
    let billing = &bench.billing;
    let bill = billing.bills.record_bill(&OPERATOR, account.id, manual("B-1", "12.30"), "It came on paper.").await.expect("recorded");
    assert_eq!((bill.amount_minor, bill.source, bill.status), (1230, BillSource::Manual, BillStatus::Open));
    assert_eq!(events(&bench, "bill.received").await.len(), 1);
    let version = &billing.bills.bill_versions(&OPERATOR, bill.id).await.expect("versions")[0];
    assert_eq!((version.reason.as_deref(), version.actor.clone()), (Some("It came on paper."), Some(OPERATOR.label())));
    let version = &billing.bills.bill_versions(&owner(&account), bill.id).await.expect("versions")[0];
    assert_eq!(version.actor, None, "customers are not told who");

    let again = billing.bills.record_bill(&OPERATOR, account.id, manual("B-1", "1.00"), "Twice.").await;
    assert_eq!(refusal(again), [("number".into(), "NUMBER_TAKEN".into())]);
    let wrong = ManualBill { due_on: "2026-11-01".parse().ok(), ..manual("B-2", "12.305") };
    assert_eq!(
        refusal(billing.bills.record_bill(&OPERATOR, account.id, wrong, "Wrong.").await),
        [("amount".into(), "TOO_PRECISE".into()), ("due_on".into(), "DUE_BEFORE_ISSUE".into())]
    );
    assert_eq!(
        refusal(billing.bills.record_bill(&OPERATOR, account.id, manual("B-2", "1"), " ").await),
        [("reason".into(), "REQUIRED".into())]
    );
    assert!(matches!(billing.bills.record_bill(&owner(&account), account.id, manual("B-2", "1"), "Me.").await, Err(Error::Forbidden)));
    let unnumbered = billing.bills.record_bill(&OPERATOR, account.id, manual("", "1"), "No number on it.").await.expect("recorded");
    assert!(unnumbered.number.starts_with("BY-HAND-"));

    // The provider delivers it after all: the same bill in a new version.
    bench.ports.replies.lock().push_back(bills_reply(vec![bill_of("B-1", "12.40")]));
    fetch(&bench).await;
    let bills = stored_bills(&bench).await;
    assert_eq!((bills.len(), bills[0].amount_minor, bills[0].version, bills[0].source), (2, 1240, 2, BillSource::Fetched));
}

async fn a_correction_stays_until_the_provider_says_something_new(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = due_account(&bench, &provider, 1).await;
    bench.ports.replies.lock().push_back(bills_reply(vec![bill_of("B-1", "12.30")]));
    fetch(&bench).await;
    let id = stored_bills(&bench).await[0].id;
    let correction =
        BillCorrection { amount: Some(FetchedAmount::Minor { minor: 1_000 }), due_on: Some(None), ..BillCorrection::default() };
    let bill = bench.billing.bills.correct_bill(&OPERATOR, id, correction.clone(), "A misprint.").await.expect("corrected");
    assert_eq!((bill.amount_minor, bill.due_on, bill.version, bill.source), (1000, None, 2, BillSource::Manual));
    assert_eq!(events(&bench, "bill.updated").await[0]["changes"][0], json!({"field": "amount_minor", "before": 1230, "after": 1000}));
    assert_eq!(
        refusal(bench.billing.bills.correct_bill(&OPERATOR, id, correction.clone(), "Again.").await),
        [(String::new(), "NO_CHANGE".into())]
    );
    assert!(matches!(bench.billing.bills.correct_bill(&owner(&account), id, correction, "Me.").await, Err(Error::Forbidden)));

    bench.ports.replies.lock().push_back(bills_reply(vec![bill_of("B-1", "12.30")]));
    make_due(&bench, &account).await;
    fetch(&bench).await;
    assert_eq!(stored_bills(&bench).await[0].amount_minor, 1000, "the old words do not undo it");
    bench.ports.replies.lock().push_back(bills_reply(vec![bill_of("B-1", "11.00")]));
    make_due(&bench, &account).await;
    fetch(&bench).await;
    let bill = stored_bills(&bench).await.remove(0);
    assert_eq!((bill.amount_minor, bill.version, bill.source), (1100, 3, BillSource::Fetched));
    let versions = bench.billing.bills.bill_versions(&OPERATOR, id).await.expect("versions");
    assert_eq!(versions.iter().map(|v| v.content.amount_minor).collect::<Vec<_>>(), [1100, 1000, 1230]);
}

async fn a_bill_is_voided_and_stays_so(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = due_account(&bench, &provider, 1).await;
    answer_with(&bench, |_| bills_reply(vec![with(told("B-1", "12.30"), json!({"status": "OPEN"}))]));
    fetch(&bench).await;
    let id = stored_bills(&bench).await[0].id;
    let bill = bench.billing.bills.void_bill(&OPERATOR, id, "Billed twice.").await.expect("voided");
    assert_eq!((bill.status, bill.status_reason.as_deref()), (BillStatus::Voided, Some("Billed twice.")));
    assert_eq!(refusal(bench.billing.bills.void_bill(&OPERATOR, id, "Again.").await), [("id".into(), "ILLEGAL_STATE".into())]);
    assert!(matches!(bench.billing.bills.void_bill(&owner(&account), id, "Me.").await, Err(Error::Forbidden)));
    make_due(&bench, &account).await;
    fetch(&bench).await;
    assert_eq!(stored_bills(&bench).await[0].status, BillStatus::Voided, "the provider does not bring it back");
    let updated = events(&bench, "bill.updated").await;
    assert_eq!((updated.len(), &updated[0]["changes"][0]["after"]), (1, &json!("VOIDED")));
    let audited =
        audit_entry::Entity::find().filter(audit_entry::Column::Action.eq("bill.void")).all(bench.billing.kernel.store.write_pool()).await;
    assert_eq!(audited.expect("entries").iter().map(|a| a.reason.as_deref()).collect::<Vec<_>>(), [Some("Billed twice.")]);
}
