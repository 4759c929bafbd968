//! What a fetch leaves behind, and that it leaves it once.

use billow_billing::fetching::FetchBudget;
use billow_billing::ports::{PlanOffer, PrepaidStatus};
use sea_orm::PaginatorTrait;

use super::*;

crate::common::on_both!(
    a_bill_arrives_once,
    a_corrected_bill_is_a_new_version,
    a_provider_that_does_not_date_its_bills_changes_nothing_by_it,
    each_outcome_has_its_next_time,
    polls_go_on_where_they_were,
    history_is_not_announced,
    a_bill_that_replaces_another_supersedes_it,
    a_bill_told_twice_in_one_reply_is_one_bill,
    statuses_follow_the_provider,
    prepaid_plans_are_kept,
    several_workers_share_the_work,
    a_budget_is_kept,
    nothing_is_fetched_of_paused_things,
);

async fn a_bill_arrives_once(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = due_account(&bench, &provider, 1).await;
    answer_with(&bench, |_| bills_reply(vec![bill_of("B-1", "12.30")]));

    let summary = fetch(&bench).await;
    assert_eq!((summary.fetched, summary.bills_new, summary.faults), (1, 1, 0));
    let bills = stored_bills(&bench).await;
    assert_eq!((bills.len(), bills[0].amount_minor, bills[0].status, bills[0].version), (1, 1230, BillStatus::Open, 1));
    assert_eq!(bills[0].customer_id, account.customer_id);
    let received = events(&bench, "bill.received").await;
    assert_eq!(received.len(), 1);
    assert_eq!((&received[0]["bill_id"], &received[0]["historic"]), (&json!(bills[0].id), &json!(false)));
    assert_eq!(received[0]["provider_name"], "Provider voltara");

    let after = now_account(&bench, &account).await;
    assert_eq!((after.status, after.lease_owner, after.fence), (AccountStatus::Active, None, 1));
    // The 15th at six in Berlin.
    assert_eq!(after.next_fetch_at, Some(at("2026-12-15T05:00:00Z")));
    assert_eq!((after.last_outcome, after.slot_attempts), (Some(FetchOutcomeKind::Bills), 0));
    assert_eq!(events(&bench, "account.updated").await.last().map(|e| e["previous_status"].clone()), Some(json!("PENDING")));

    assert_eq!(fetch(&bench).await.fetched, 0, "nothing is due any more");
    make_due(&bench, &account).await;
    assert_eq!(fetch(&bench).await.bills_new, 0);
    assert_eq!(stored_bills(&bench).await, bills, "the same words change nothing");
    assert_eq!((events(&bench, "bill.received").await.len(), events(&bench, "bill.updated").await.len()), (1, 0));
    let told: Vec<_> = attempts(&bench).await.iter().map(|a| (a.bills_seen, a.bills_new, a.bills_changed)).collect();
    assert_eq!(told, [(1, 1, 0), (1, 0, 0)]);
}

async fn a_corrected_bill_is_a_new_version(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = due_account(&bench, &provider, 1).await;
    bench.ports.replies.lock().push_back(bills_reply(vec![bill_of("B-1", "12.30")]));
    bench.ports.replies.lock().push_back(bills_reply(vec![with(told("B-1", "14.00"), json!({"due_on": "2026-12-09"}))]));
    fetch(&bench).await;
    make_due(&bench, &account).await;
    assert_eq!(fetch(&bench).await.bills_changed, 1);

    let bills = stored_bills(&bench).await;
    assert_eq!((bills.len(), bills[0].amount_minor, bills[0].version), (1, 1400, 2));
    let updated = events(&bench, "bill.updated").await;
    let expected = json!([
        {"field": "amount_minor", "before": 1230, "after": 1400},
        {"field": "due_on", "before": "2026-12-05", "after": "2026-12-09"},
    ]);
    assert_eq!((updated.len(), &updated[0]["changes"]), (1, &expected));
    let versions = bench.billing.bills.bill_versions(&owner(&account), bills[0].id).await.expect("versions");
    assert_eq!(versions.iter().map(|v| (v.version, v.content.amount_minor)).collect::<Vec<_>>(), [(2, 1400), (1, 1230)]);
    assert_eq!(serde_json::to_value(&versions[0].changes).expect("JSON"), expected);
    assert_eq!(versions[1].changes, []);
}

async fn a_provider_that_does_not_date_its_bills_changes_nothing_by_it(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = due_account(&bench, &provider, 1).await;
    answer_with(&bench, |_| bills_reply(vec![with(told("B-1", "12.30"), json!({"issued_on": null}))]));
    fetch(&bench).await;
    let before = stored_bills(&bench).await;
    assert_eq!(before[0].issued_on.to_string(), "2026-11-21");
    pass(&bench, Duration::days(3));
    make_due(&bench, &account).await;
    fetch(&bench).await;
    assert_eq!(stored_bills(&bench).await, before);
}

async fn each_outcome_has_its_next_time(bench: Bench) {
    use AccountStatus::{Active, NeedsAttention, Pending};
    let message = || "Please agree to the terms.".to_owned();
    for (number, (outcome, status, reason, next)) in [
        (FetchOutcome::NoneDue, Active, None, Some("2026-11-22T09:00:00Z")),
        (FetchOutcome::NotFound { message: message() }, NeedsAttention, Some("Please agree to the terms."), None),
        (FetchOutcome::NotFound { message: String::new() }, NeedsAttention, Some("The provider does not know this account."), None),
        (
            FetchOutcome::NeedsCustomer { message: message() },
            NeedsAttention,
            Some("Please agree to the terms."),
            Some("2026-12-15T05:00:00Z"),
        ),
        (FetchOutcome::Retryable { message: message(), retry_after_ms: None }, Pending, None, Some("2026-11-21T09:00:30Z")),
        (FetchOutcome::Retryable { message: message(), retry_after_ms: Some(60_000) }, Pending, None, Some("2026-11-21T09:01:00Z")),
        (FetchOutcome::Broken { message: message() }, Pending, None, Some("2026-11-21T09:00:30Z")),
    ]
    .into_iter()
    .enumerate()
    {
        let provider = registered(&bench.billing, definition(&format!("p{number}"))).await;
        let account = due_account(&bench, &provider, 1).await;
        bench.ports.replies.lock().push_back(reply(outcome.clone()));
        fetch(&bench).await;
        let after = now_account(&bench, &account).await;
        assert_eq!((after.status, after.status_reason.as_deref()), (status, reason), "{outcome:?}");
        assert_eq!(after.next_fetch_at, next.map(at), "{outcome:?}");
        assert_eq!((after.lease_until, after.last_outcome), (None, Some(outcome.kind())), "{outcome:?}");
    }
    let mended: Vec<_> =
        events(&bench, "account.updated").await.into_iter().map(|e| (e["status"].clone(), e["status_reason"].clone())).collect();
    assert_eq!(mended.len(), 4, "faults of the provider are not the customer's business: {mended:?}");
}

async fn polls_go_on_where_they_were(bench: Bench) {
    let provider = registered(&bench.billing, definition("mobilis")).await;
    let account = due_account(&bench, &provider, 1).await;
    answer_with(&bench, |request| match &request.continuation {
        None => reply(FetchOutcome::Pending { after_ms: 5_000, continuation: json!({"poll": 1}) }),
        Some(poll) if poll["poll"] == 1 => reply(FetchOutcome::Pending { after_ms: 5_000, continuation: json!({"poll": 2}) }),
        Some(_) => bills_reply(vec![bill_of("B-1", "5.00")]),
    });
    let run = bench
        .billing
        .fetching
        .request_fetch(&owner(&account), billow_billing::fetching::FetchTarget::Account(account.id))
        .await
        .expect("a run");
    assert_eq!(fetch(&bench).await.pending, 1);
    let waiting = now_account(&bench, &account).await;
    assert_eq!((waiting.next_fetch_at, waiting.continuation), (Some(at("2026-11-21T09:00:05Z")), Some(json!({"poll": 1}))));
    let watched = bench.billing.fetching.fetch_run(&owner(&account), run.id).await.expect("the run");
    assert_eq!((watched.status, watched.done), (RunStatus::Running, 0), "waiting is not done");
    pass(&bench, Duration::seconds(5));
    fetch(&bench).await;
    pass(&bench, Duration::seconds(5));
    assert_eq!(fetch(&bench).await.bills_new, 1);
    let after = now_account(&bench, &account).await;
    assert_eq!((after.continuation, after.slot_attempts, after.run_id), (None, 0, None));
    let watched = bench.billing.fetching.fetch_run(&owner(&account), run.id).await.expect("the run");
    assert_eq!((watched.status, watched.done, watched.bills_new), (RunStatus::Finished, 1, 1));
}

async fn history_is_not_announced(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    due_account(&bench, &provider, 1).await;
    let old = json!({"issued_on": "2026-08-01", "due_on": "2026-08-20"});
    bench.ports.replies.lock().push_back(bills_reply(vec![
        with(told("NEW", "1.00"), json!({})),
        with(told("PAID", "1.00"), json!({"status": "PAID"})),
        with(told("OLD", "1.00"), old),
        with(told("OLD-BUT-DUE", "1.00"), json!({"issued_on": "2026-08-01", "due_on": "2026-12-20"})),
    ]));
    fetch(&bench).await;
    let historic: Vec<_> = events(&bench, "bill.received")
        .await
        .into_iter()
        .map(|e| (e["number"].clone(), e["historic"].clone(), e["status"].clone()))
        .collect();
    assert_eq!(
        historic,
        [
            (json!("NEW"), json!(false), json!("OPEN")),
            (json!("PAID"), json!(true), json!("PAID_ELSEWHERE")),
            (json!("OLD"), json!(true), json!("OPEN")),
            (json!("OLD-BUT-DUE"), json!(false), json!("OPEN")),
        ]
    );
}

async fn a_bill_that_replaces_another_supersedes_it(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = due_account(&bench, &provider, 1).await;
    let corrected = with(told("B-2", "15.00"), json!({"replaces": "B-1"}));
    bench.ports.replies.lock().push_back(bills_reply(vec![bill_of("B-1", "12.30")]));
    fetch(&bench).await;
    for _ in 0..2 {
        // Told again and again, and with the old one beside it.
        bench.ports.replies.lock().push_back(bills_reply(vec![corrected.clone(), bill_of("B-1", "12.30")]));
        make_due(&bench, &account).await;
        fetch(&bench).await;
    }
    let bills = stored_bills(&bench).await;
    assert_eq!(bills.len(), 2);
    assert_eq!((bills[0].status, bills[0].superseded_by), (BillStatus::Superseded, Some(bills[1].id)));
    assert_eq!(bills[1].status, BillStatus::Open);
    let updated = events(&bench, "bill.updated").await;
    assert_eq!((updated.len(), &updated[0]["status"]), (1, &json!("SUPERSEDED")));
}

async fn statuses_follow_the_provider(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = due_account(&bench, &provider, 1).await;
    let mut seen = Vec::new();
    for status in ["OPEN", "PAID", "PAID", "OPEN", "CANCELLED", "OPEN"] {
        bench.ports.replies.lock().push_back(bills_reply(vec![with(told("B-1", "12.30"), json!({"status": status}))]));
        make_due(&bench, &account).await;
        fetch(&bench).await;
        seen.push(stored_bills(&bench).await[0].status);
    }
    use BillStatus::{Open, PaidElsewhere, Voided};
    assert_eq!(seen, [Open, PaidElsewhere, PaidElsewhere, Open, Voided, Voided]);
    assert_eq!(events(&bench, "bill.updated").await.len(), 3, "only changes are told");
    assert_eq!(stored_bills(&bench).await[0].version, 1, "the words are the same");
}

async fn prepaid_plans_are_kept(bench: Bench) {
    let provider = registered(&bench.billing, definition("mobilis")).await;
    let account = due_account(&bench, &provider, 1).await;
    let prepaid = |day: &str| PrepaidStatus {
        plan_code: Some("P30".into()),
        expires_on: day.parse().ok(),
        balance: Some(billow_billing::ports::FetchedAmount::Decimal("3.50".into())),
    };
    let offer: PlanOffer =
        serde_json::from_value(json!({"code": "P30", "name": "30 days", "price": "9.99", "validity_days": 30})).expect("an offer");
    for day in ["2026-11-30", "2026-11-30", "2026-12-30"] {
        let plans = Some(vec![offer.clone()]);
        let reply = FetchReply { prepaid: Some(prepaid(day)), plans, ..reply(FetchOutcome::NoneDue) };
        bench.ports.replies.lock().push_back(reply);
        make_due(&bench, &account).await;
        fetch(&bench).await;
    }
    let after = now_account(&bench, &account).await;
    assert_eq!((after.plan_code.as_deref(), after.plan_balance_minor), (Some("P30"), Some(350)));
    let told: Vec<_> = events(&bench, "account.updated").await.into_iter().map(|e| e["plan_expires_on"].clone()).collect();
    assert_eq!(told, [json!("2026-11-30"), json!("2026-12-30")]);
    let plans = bench.billing.providers.recharge_plans(&OPERATOR, provider.id).await.expect("plans");
    assert_eq!(plans.iter().map(|p| (p.code.as_str(), p.amount_minor)).collect::<Vec<_>>(), [("P30", 999)]);
}

async fn several_workers_share_the_work(bench: Bench) {
    let mut limits = definition("voltara");
    limits["limits"]["concurrency"] = json!(8);
    let provider = registered(&bench.billing, limits).await;
    let mut accounts = Vec::new();
    for number in 0..120 {
        accounts.push(due_account(&bench, &provider, number).await);
    }
    answer_with(&bench, |request| bills_reply(vec![bill_of(&format!("B-{}", number_of(request)), "12.30")]));
    let (second, third) = (bench.another("worker-2").await, bench.another("worker-3").await);
    let (a, b, c) = tokio::join!(bench.billing.fetching.fetch_due(), second.fetching.fetch_due(), third.fetching.fetch_due());
    let summaries = [a.expect("fetched"), b.expect("fetched"), c.expect("fetched")];
    assert_eq!(summaries.iter().map(|s| s.fetched).sum::<u64>(), 120);
    assert_eq!(bench.ports.fetched.lock().len(), 120, "nobody was asked twice");
    assert_eq!((stored_bills(&bench).await.len(), attempts(&bench).await.len()), (120, 120));
    let left = utility_account::Entity::find().filter(utility_account::Column::LeaseOwner.is_not_null());
    assert_eq!(left.count(bench.billing.kernel.store.write_pool()).await.expect("a count"), 0);
}

async fn a_budget_is_kept(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    for number in 0..5 {
        due_account(&bench, &provider, number).await;
    }
    let budget = FetchBudget { max_accounts: 2, ..FetchBudget::default() };
    assert_eq!(bench.billing.fetching.fetch_within(budget).await.expect("fetched").fetched, 2);
    let budget = FetchBudget::default();
    budget.stop.cancel();
    assert_eq!(bench.billing.fetching.fetch_within(budget).await.expect("fetched").fetched, 0);
    assert_eq!(fetch(&bench).await.fetched, 3);
}

async fn nothing_is_fetched_of_paused_things(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let closed = account(&bench, &provider, 1, |a| a.status = AccountStatus::Closed).await;
    let paused = account(&bench, &provider, 2, |a| a.status = AccountStatus::Paused).await;
    let later =
        account(&bench, &provider, 3, |a| a.next_fetch_at = Some(bench.billing.kernel.clock.now() + Duration::milliseconds(1))).await;
    assert_eq!(fetch(&bench).await.fetched, 0);
    pass(&bench, Duration::milliseconds(1));
    bench.billing.providers.pause_provider(&ADMIN, provider.id, "They move house.").await.expect("paused");
    assert_eq!(fetch(&bench).await.fetched, 0);
    bench.billing.providers.resume_provider(&ADMIN, provider.id).await.expect("resumed");
    assert_eq!(fetch(&bench).await.fetched, 1);
    let fences =
        [now_account(&bench, &closed).await.fence, now_account(&bench, &paused).await.fence, now_account(&bench, &later).await.fence];
    assert_eq!(fences, [0, 0, 1]);
}

async fn a_bill_told_twice_in_one_reply_is_one_bill(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    due_account(&bench, &provider, 1).await;
    bench.ports.replies.lock().push_back(bills_reply(vec![bill_of("B-1", "1.00"), bill_of("B-2", "5.00"), bill_of(" B-1", "2.00")]));
    let summary = fetch(&bench).await;
    assert_eq!((summary.bills_new, summary.bills_changed), (2, 0));
    let mut stored: Vec<_> = stored_bills(&bench).await.into_iter().map(|b| (b.number, b.amount_minor, b.version)).collect();
    stored.sort();
    assert_eq!(stored, [("B-1".to_owned(), 100, 1), ("B-2".to_owned(), 500, 1)], "the second of one number is refused");
}
