//! Reading bills: who sees which, in what order, and what they come to.

use billow_billing::bills::{BillFilter, BillListState, BillSort};
use billow_billing::error::Error;
use billow_billing::page::PageRequest;

use super::*;

crate::common::on_both!(pages_filters_and_orders, everybody_sees_their_own, totals_and_spending);

/// Five bills of one account, around today (2026-11-21).
async fn some_bills(bench: &Bench) -> utility_account::Model {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = due_account(bench, &provider, 1).await;
    let bill = |number: &str, amount: &str, issued: &str, due: Value, status: &str| {
        with(told(number, amount), json!({"issued_on": issued, "due_on": due, "status": status}))
    };
    let bills = vec![
        bill("SEP", "10.00", "2026-09-01", json!("2026-09-20"), "PAID"),
        bill("OCT", "20.00", "2026-10-01", json!("2026-10-20"), "OPEN"),
        bill("NOV", "30.00", "2026-11-01", json!("2026-11-21"), "OPEN"),
        bill("NOV-EXTRA", "5.00", "2026-11-10", Value::Null, "OPEN"),
        bill("NOV-VOID", "7.00", "2026-11-11", json!("2026-11-30"), "CANCELLED"),
    ];
    bench.ports.replies.lock().push_back(bills_reply(bills));
    fetch(bench).await;
    account
}

async fn numbers(bench: &Bench, actor: &Actor, filter: BillFilter, sort: BillSort) -> Vec<String> {
    let page = bench.billing.bills.bills(actor, filter, sort, PageRequest::default()).await.expect("a page");
    page.items.into_iter().map(|(_, b)| b.number).collect()
}

async fn pages_filters_and_orders(bench: Bench) {
    let account = some_bills(&bench).await;
    let me = owner(&account);
    let only = |state| BillFilter { state, ..BillFilter::default() };
    let newest = ["NOV-VOID", "NOV-EXTRA", "NOV", "OCT", "SEP"];
    assert_eq!(numbers(&bench, &me, BillFilter::default(), BillSort::Newest).await, newest);
    assert_eq!(numbers(&bench, &me, BillFilter::default(), BillSort::DueDate).await, ["SEP", "OCT", "NOV", "NOV-VOID", "NOV-EXTRA"]);
    assert_eq!(numbers(&bench, &me, only(BillListState::Open), BillSort::DueDate).await, ["OCT", "NOV", "NOV-EXTRA"]);
    assert_eq!(numbers(&bench, &me, only(BillListState::Overdue), BillSort::DueDate).await, ["OCT"], "due today is not overdue");
    assert_eq!(numbers(&bench, &me, only(BillListState::Paid), BillSort::DueDate).await, ["SEP"]);
    let november = BillFilter { issued_from: "2026-11-01".parse().ok(), issued_to: "2026-11-10".parse().ok(), ..BillFilter::default() };
    assert_eq!(numbers(&bench, &me, november, BillSort::Newest).await, ["NOV-EXTRA", "NOV"]);
    let gas = BillFilter { utility_type: Some(UtilityType::Gas), ..BillFilter::default() };
    assert!(numbers(&bench, &me, gas, BillSort::Newest).await.is_empty());
    let of = BillFilter { account_id: Some(account.id), provider_id: Some(account.provider_id), ..BillFilter::default() };
    assert_eq!(numbers(&bench, &me, of, BillSort::Newest).await.len(), 5);
    // At midnight where the customer lives, not where the server is.
    bench.clock.set(at("2026-11-21T23:30:00Z"));
    assert_eq!(numbers(&bench, &me, only(BillListState::Overdue), BillSort::DueDate).await, ["OCT", "NOV"]);

    for sort in [BillSort::Newest, BillSort::DueDate, BillSort::Arrived] {
        let whole = numbers(&bench, &me, BillFilter::default(), sort).await;
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let request = PageRequest { first: Some(2), after: after.clone() };
            let page = bench.billing.bills.bills(&me, BillFilter::default(), sort, request).await.expect("a page");
            after = page.items.last().map(|(cursor, _)| cursor.clone());
            seen.extend(page.items.into_iter().map(|(_, b)| b.number));
            if !page.has_next {
                break;
            }
        }
        assert_eq!(seen, whole, "{sort:?} page by page");
    }
    let nonsense = PageRequest { first: None, after: Some("bm9uc2Vuc2U".into()) };
    assert_eq!(
        refusal(bench.billing.bills.bills(&me, BillFilter::default(), BillSort::Newest, nonsense).await),
        [("after".into(), "INVALID_CURSOR".into())]
    );
}

async fn everybody_sees_their_own(bench: Bench) {
    let account = some_bills(&bench).await;
    let provider = now_provider(
        &bench,
        &provider::Entity::find().one(bench.billing.kernel.store.write_pool()).await.expect("a row").expect("a provider"),
    )
    .await;
    let stranger = owner(&due_account(&bench, &provider, 2).await);
    let id = stored_bills(&bench).await[0].id;
    assert!(bench.billing.bills.bill(&owner(&account), id).await.is_ok());
    assert!(matches!(bench.billing.bills.bill(&stranger, id).await, Err(Error::NotFound("bill"))));
    assert!(matches!(bench.billing.bills.bill_versions(&stranger, id).await, Err(Error::NotFound("bill"))));
    assert!(matches!(bench.billing.bills.bill(&Actor::Anonymous, id).await, Err(Error::Unauthenticated)));
    let theirs = BillFilter { customer_id: Some(account.customer_id), ..BillFilter::default() };
    assert!(numbers(&bench, &stranger, theirs.clone(), BillSort::Newest).await.is_empty());
    assert_eq!(numbers(&bench, &OPERATOR, theirs, BillSort::Newest).await.len(), 5);
    assert_eq!(bench.billing.bills.bill_totals(&stranger, None, Some(account.customer_id)).await.expect("totals").open_count, 0);
}

async fn totals_and_spending(bench: Bench) {
    let account = some_bills(&bench).await;
    let me = owner(&account);
    let eur = |minor| Money::new(minor, "EUR".parse().expect("a currency"));
    let totals = bench.billing.bills.bill_totals(&me, None, None).await.expect("totals");
    assert_eq!((totals.due, totals.open_count), (vec![eur(5_500)], 3));
    assert_eq!((totals.overdue, totals.overdue_count), (vec![eur(2_000)], 1));
    assert_eq!(totals.next_due.map(|b| b.number).as_deref(), Some("NOV"));
    assert_eq!(bench.billing.bills.bill_totals(&OPERATOR, None, Some(account.customer_id)).await.expect("totals").open_count, 3);

    let spent = bench.billing.bills.spend_by_period(&me, None, None, 2).await.expect("sums");
    let rows: Vec<_> = spent.iter().map(|s| (s.month.to_string(), s.total, s.bills)).collect();
    assert_eq!(rows, [("2026-10-01".to_owned(), eur(2_000), 1), ("2026-11-01".to_owned(), eur(3_500), 2)]);
    assert_eq!(bench.billing.bills.spend_by_period(&me, None, None, 12).await.expect("sums").len(), 3);
    assert_eq!(refusal(bench.billing.bills.spend_by_period(&me, None, None, 0).await), [("months".into(), "INVALID".into())]);
}
