//! Bad days: providers that hang, flap, lie or panic, workers that die or come back late.

use sea_orm::ConnectionTrait;
use tokio::sync::Notify;

use super::*;

crate::common::on_both!(
    the_circuit_opens_and_one_probe_closes_it,
    a_probe_that_fails_keeps_it_open,
    a_provider_that_hangs_holds_up_no_other,
    a_dead_worker_s_accounts_are_fetched_by_another,
    a_late_worker_is_refused_its_writes,
    what_was_paused_during_its_fetch_stays_paused,
    another_account_s_bill_is_refused_and_harms_nobody,
    what_is_good_in_a_reply_is_kept,
    an_amount_far_from_the_earlier_bills_is_kept_and_marked,
    refused_bills_never_open_the_circuit,
    a_panic_is_one_account_s_fault,
    words_no_database_takes_are_cleaned,
    an_answer_the_database_refuses_harms_nobody,
    a_stopping_worker_gives_back_what_it_has_not_begun,
    a_process_that_ends_puts_back_what_it_is_at,
);

async fn accounts(bench: &Bench, provider: &provider::Model, count: u32) -> Vec<utility_account::Model> {
    let mut out = Vec::new();
    for number in 0..count {
        out.push(due_account(bench, provider, number).await);
    }
    out
}

async fn the_circuit_opens_and_one_probe_closes_it(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let accounts = accounts(&bench, &provider, 10).await;
    answer_with(&bench, |_| retryable());
    let summary = fetch(&bench).await;
    assert_eq!((summary.fetched, summary.faults), (3, 3), "three faults in a row are enough");
    let open = now_provider(&bench, &provider).await;
    assert_eq!((open.circuit_state, open.circuit_trips, open.circuit_reason.as_deref()), (CircuitState::Open, 1, Some("it hangs")));
    assert_eq!(open.circuit_probe_at, Some(at("2026-11-21T09:01:00Z")));
    assert_eq!(open.updated_at, provider.updated_at, "nobody edited it");
    let told = events(&bench, "provider.updated").await;
    assert_eq!(told.last().map(|e| e["circuit"].clone()), Some(json!("OPEN")));
    let mut untouched = 0;
    for account in &accounts {
        let now = now_account(&bench, account).await;
        assert_eq!(now.lease_owner, None);
        untouched += i32::from(now.last_fetched_at.is_none());
    }
    assert_eq!(untouched, 7);

    assert_eq!(fetch(&bench).await.fetched, 0, "an open circuit lets nobody through");
    pass(&bench, Duration::seconds(60));
    answer_with(&bench, |_| reply(FetchOutcome::NoneDue));
    assert_eq!(fetch(&bench).await.fetched, 10, "the probe closes it, and the rest follows");
    let closed = now_provider(&bench, &provider).await;
    assert_eq!((closed.circuit_state, closed.circuit_failures, closed.circuit_trips), (CircuitState::Closed, 0, 0));
    assert_eq!(closed.last_success_at, Some(bench.billing.kernel.clock.now()));
    assert_eq!(events(&bench, "provider.updated").await.last().map(|e| e["circuit"].clone()), Some(json!("CLOSED")));
}

async fn a_probe_that_fails_keeps_it_open(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    accounts(&bench, &provider, 10).await;
    answer_with(&bench, |_| retryable());
    fetch(&bench).await;
    for minutes in [1, 2, 4] {
        pass(&bench, Duration::minutes(minutes));
        let other = bench.another("worker-2").await;
        let (one, two) = tokio::join!(bench.billing.fetching.fetch_due(), other.fetching.fetch_due());
        let probes = one.expect("fetched").fetched + two.expect("fetched").fetched;
        assert_eq!(probes, 1, "one probe, whoever sends it");
        assert_eq!(now_provider(&bench, &provider).await.circuit_state, CircuitState::Open);
    }
    let open = now_provider(&bench, &provider).await;
    assert_eq!((open.circuit_trips, open.circuit_probe_at), (4, Some(bench.billing.kernel.clock.now() + Duration::minutes(8))));
}

async fn a_provider_that_hangs_holds_up_no_other(bench: Bench) {
    let hanging = registered(&bench.billing, definition("hanging")).await;
    let quick = registered(&bench.billing, definition("quick")).await;
    due_account(&bench, &hanging, 1).await;
    due_account(&bench, &quick, 2).await;
    let (go_on, quick_was_asked) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (gate, asked) = (Arc::clone(&go_on), Arc::clone(&quick_was_asked));
    *bench.ports.answer.lock() = Some(Arc::new(move |request| {
        let (gate, asked) = (Arc::clone(&gate), Arc::clone(&asked));
        async move {
            match request.definition.code.as_str() {
                "hanging" => gate.notified().await,
                _ => asked.notify_one(),
            }
            bills_reply(vec![bill_of(&request.definition.code, "1.00")])
        }
        .boxed()
    }));
    let billing = bench.billing.clone();
    let work = tokio::spawn(async move { billing.fetching.fetch_due().await });
    quick_was_asked.notified().await;
    // Somebody asks for the quick one again, while the other still hangs.
    let mine = utility_account::Entity::find().filter(utility_account::Column::ProviderId.eq(quick.id));
    let mine = mine.one(bench.billing.kernel.store.write_pool()).await.expect("a row").expect("an account");
    bench.billing.fetching.request_fetch(&OPERATOR, billow_billing::fetching::FetchTarget::Account(mine.id)).await.expect("a run");
    loop {
        let runs = fetch_run::Entity::find().all(bench.billing.kernel.store.write_pool()).await.expect("runs");
        if runs.iter().all(|r| r.status == RunStatus::Finished) {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(stored_bills(&bench).await.iter().map(|b| b.number.as_str()).collect::<Vec<_>>(), ["quick"]);
    go_on.notify_one();
    work.await.expect("joined").expect("fetched");
    assert_eq!(stored_bills(&bench).await.len(), 2);
}

async fn a_dead_worker_s_accounts_are_fetched_by_another(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = due_account(&bench, &provider, 1).await;
    let asked = Arc::new(Notify::new());
    let told = Arc::clone(&asked);
    *bench.ports.answer.lock() = Some(Arc::new(move |_| {
        told.notify_one();
        std::future::pending().boxed()
    }));
    let dying = bench.another("worker-2").await;
    let work = tokio::spawn(async move { dying.fetching.fetch_due().await });
    asked.notified().await;
    work.abort();
    assert!(work.await.expect_err("killed").is_cancelled());

    answer_with(&bench, |_| bills_reply(vec![bill_of("B-1", "12.30")]));
    assert_eq!(fetch(&bench).await.fetched, 0, "the lease is still somebody's");
    pass(&bench, Duration::seconds(91));
    assert_eq!(bench.billing.fetching.sweep().await.expect("swept").expired_leases, 1);
    assert_eq!(fetch(&bench).await.bills_new, 1);
    assert_eq!(now_account(&bench, &account).await.fence, 2);
}

async fn a_late_worker_is_refused_its_writes(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = due_account(&bench, &provider, 1).await;
    let (asked, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (told, gate) = (Arc::clone(&asked), Arc::clone(&go_on));
    *bench.ports.answer.lock() = Some(Arc::new(move |_| {
        let (told, gate) = (Arc::clone(&told), Arc::clone(&gate));
        async move {
            told.notify_one();
            gate.notified().await;
            bills_reply(vec![bill_of("LATE", "99.00")])
        }
        .boxed()
    }));
    let late = bench.another("worker-2").await;
    let budget = billow_billing::fetching::FetchBudget::default();
    let stop = budget.stop.clone();
    let work = tokio::spawn(async move { late.fetching.fetch_within(budget).await });
    asked.notified().await;
    // It is to claim nothing more: what it is at runs out all the same.
    stop.cancel();
    pass(&bench, Duration::seconds(91));
    answer_with(&bench, |_| bills_reply(vec![bill_of("B-1", "12.30")]));
    assert_eq!(fetch(&bench).await.bills_new, 1);
    let before = now_account(&bench, &account).await;
    go_on.notify_one();
    let summary = work.await.expect("joined").expect("fetched");
    assert_eq!((summary.fetched, summary.stale), (0, 1));
    assert_eq!(stored_bills(&bench).await.iter().map(|b| b.number.as_str()).collect::<Vec<_>>(), ["B-1"]);
    assert_eq!((now_account(&bench, &account).await, attempts(&bench).await.len()), (before, 1));
}

async fn what_was_paused_during_its_fetch_stays_paused(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = due_account(&bench, &provider, 1).await;
    let (billing, id) = (bench.billing.clone(), account.id);
    *bench.ports.answer.lock() = Some(Arc::new(move |_| {
        let billing = billing.clone();
        async move {
            billing.accounts.pause_utility_account(&OPERATOR, id).await.expect("paused");
            bills_reply(vec![bill_of("B-1", "12.30")])
        }
        .boxed()
    }));
    assert_eq!(fetch(&bench).await.stale, 1);
    let after = now_account(&bench, &account).await;
    assert_eq!((after.status, after.next_fetch_at, stored_bills(&bench).await.len()), (AccountStatus::Paused, None, 0));
}

async fn another_account_s_bill_is_refused_and_harms_nobody(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let accounts = accounts(&bench, &provider, 3).await;
    answer_with(&bench, |request| {
        let asked = number_of(request);
        let named = if asked == "00000001" { "00000099".to_owned() } else { asked.clone() };
        bills_reply(vec![with(told(&format!("B-{asked}"), "12.30"), json!({"account": named}))])
    });
    let summary = fetch(&bench).await;
    assert_eq!((summary.fetched, summary.bills_new, summary.faults), (3, 2, 1));
    let refused = now_account(&bench, &accounts[1]).await;
    assert_eq!((refused.last_outcome, refused.status), (Some(FetchOutcomeKind::Broken), AccountStatus::Pending));
    assert!(refused.last_message.as_deref().is_some_and(|m| m.contains("another account") && !m.contains("00000099")));
    assert_eq!(refused.next_fetch_at, Some(at("2026-11-21T09:00:30Z")));
    // Its owner is told that it failed, not the words meant for operators.
    let page = bench.billing.fetching.fetch_attempts(&owner(&accounts[1]), accounts[1].id, Default::default()).await.expect("attempts");
    assert_eq!(page.items.iter().map(|(_, a)| (a.outcome, a.message.clone())).collect::<Vec<_>>(), [(FetchOutcomeKind::Broken, None)]);
    let page = bench.billing.fetching.fetch_attempts(&OPERATOR, accounts[1].id, Default::default()).await.expect("attempts");
    assert!(page.items[0].1.message.is_some());
    assert!(bench.billing.fetching.fetch_attempts(&owner(&accounts[0]), accounts[1].id, Default::default()).await.is_err());
}

async fn what_is_good_in_a_reply_is_kept(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = due_account(&bench, &provider, 1).await;
    let late = with(told("B-2", "12.30"), json!({"due_on": "2026-11-01"}));
    answer_with(&bench, move |_| {
        bills_reply(vec![bill_of("B-1", "12.30"), late.clone(), with(told("B-3", "1.00"), json!({"currency": "USD"}))])
    });
    let summary = fetch(&bench).await;
    assert_eq!((summary.bills_new, summary.faults), (1, 1));
    let attempt = attempts(&bench).await.remove(0);
    assert_eq!((attempt.outcome, attempt.bills_seen, attempt.bills_new), (FetchOutcomeKind::Broken, 3, 1));
    let message = attempt.message.expect("words");
    assert!(message.starts_with("Of 3 bills, 2 were refused: bill \"B-2\": the bill is due on 2026-11-01"), "{message}");
    assert!(message.contains("registered with EUR"), "{message}");
    assert_eq!(now_account(&bench, &account).await.status, AccountStatus::Active, "the account is known there");
}

async fn an_amount_far_from_the_earlier_bills_is_kept_and_marked(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = due_account(&bench, &provider, 1).await;
    let earlier = || ["A", "B", "C"].map(|n| bill_of(n, "12.30")).to_vec();
    bench.ports.replies.lock().push_back(bills_reply(earlier()));
    fetch(&bench).await;
    let again: Vec<_> = earlier().into_iter().chain([bill_of("D", "1230.00"), bill_of("E", "-5.00"), bill_of("F", "0")]).collect();
    bench.ports.replies.lock().push_back(bills_reply(again));
    make_due(&bench, &account).await;
    assert_eq!(fetch(&bench).await.faults, 0);
    let stored = stored_bills(&bench).await;
    let of = |number: &str| stored.iter().find(|bill| bill.number == number).map(|bill| (bill.status, bill.usual_minor)).expect("a bill");
    assert_eq!(of("D"), (BillStatus::Open, Some(1230)));
    assert_eq!((of("E"), of("F"), of("A")), ((BillStatus::Credit, None), (BillStatus::NothingDue, None), (BillStatus::Open, None)));
}

async fn refused_bills_never_open_the_circuit(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    accounts(&bench, &provider, 12).await;
    answer_with(&bench, |request| bills_reply(vec![with(told(&number_of(request), "1.00"), json!({"currency": "USD"}))]));
    let summary = fetch(&bench).await;
    assert_eq!((summary.fetched, summary.faults), (12, 12));
    let provider = now_provider(&bench, &provider).await;
    assert_eq!((provider.circuit_state, provider.circuit_failures), (CircuitState::Closed, 0));
}

async fn a_panic_is_one_account_s_fault(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let accounts = accounts(&bench, &provider, 3).await;
    answer_with(&bench, |request| {
        assert_ne!(number_of(request), "00000001", "a panic, as the test wants it");
        reply(FetchOutcome::NoneDue)
    });
    let summary = fetch(&bench).await;
    assert_eq!((summary.fetched, summary.faults), (3, 1));
    assert_eq!(now_account(&bench, &accounts[1]).await.last_outcome, Some(FetchOutcomeKind::Broken));
}

async fn words_no_database_takes_are_cleaned(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let accounts = accounts(&bench, &provider, 4).await;
    answer_with(&bench, |request| match number_of(request).as_str() {
        "00000000" => reply(FetchOutcome::NotFound { message: "who\u{0}?".into() }),
        "00000001" => reply(FetchOutcome::Broken { message: "\u{0}".repeat(5_000) }),
        "00000002" => reply(FetchOutcome::Pending { after_ms: 1, continuation: json!({"a": "\u{0}"}) }),
        _ => bills_reply(vec![with(told("B\u{0}1", "1.00"), json!({"lines": [{"label": "a\u{0}b"}]}))]),
    });
    let summary = fetch(&bench).await;
    assert_eq!((summary.fetched, summary.lost), (4, 0));
    assert_eq!(now_account(&bench, &accounts[0]).await.status_reason.as_deref(), Some("who ?"));
    assert_eq!(now_account(&bench, &accounts[2]).await.continuation, None);
    // All are due at the same instant, and are asked in any order.
    let mut outcomes: Vec<_> = attempts(&bench).await.iter().map(|a| a.outcome.as_str()).collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["BROKEN", "BROKEN", "BROKEN", "NOT_FOUND"]);
}

async fn a_stopping_worker_gives_back_what_it_has_not_begun(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let accounts = accounts(&bench, &provider, 5).await;
    let budget = billow_billing::fetching::FetchBudget::default();
    let stop = budget.stop.clone();
    answer_with(&bench, move |_| {
        stop.cancel();
        reply(FetchOutcome::NoneDue)
    });
    assert_eq!(bench.billing.fetching.fetch_within(budget).await.expect("fetched").fetched, 1, "what has begun is finished");
    for account in &accounts {
        assert_eq!(now_account(&bench, account).await.lease_owner, None);
    }
    assert_eq!(bench.another("worker-2").await.fetching.fetch_due().await.expect("fetched").fetched, 4);
}

async fn a_process_that_ends_puts_back_what_it_is_at(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    accounts(&bench, &provider, 3).await;
    let asked = Arc::new(Notify::new());
    let told = Arc::clone(&asked);
    *bench.ports.answer.lock() = Some(Arc::new(move |_| {
        told.notify_one();
        std::future::pending().boxed()
    }));
    let ending = bench.another("worker-2").await;
    let at_work = ending.clone();
    let work = tokio::spawn(async move { at_work.fetching.fetch_due().await });
    asked.notified().await;
    ending.fetching.stop_fetching().await.expect("stopped");
    work.abort();
    assert_eq!(ending.fetching.fetch_due().await.expect("nothing").fetched, 0, "it claims nothing more");
    answer_with(&bench, |_| reply(FetchOutcome::NoneDue));
    assert_eq!(fetch(&bench).await.fetched, 3);
}

async fn an_answer_the_database_refuses_harms_nobody(bench: Bench) {
    let db = bench.billing.kernel.store.write_pool();
    let refuse = if bench.billing.kernel.store.is_sqlite() {
        "CREATE TRIGGER refuse BEFORE INSERT ON bills WHEN NEW.number = 'B-00000002' BEGIN SELECT RAISE(ABORT, 'not this one'); END"
    } else {
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one'; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON bills FOR EACH ROW WHEN (NEW.number = 'B-00000002') EXECUTE FUNCTION refuse()"
    };
    db.execute_unprepared(refuse).await.expect("a trigger");
    let mut wide = definition("voltara");
    wide["limits"]["concurrency"] = json!(8);
    let provider = registered(&bench.billing, wide).await;
    let accounts = accounts(&bench, &provider, 5).await;
    answer_with(&bench, |request| bills_reply(vec![bill_of(&format!("B-{}", number_of(request)), "1.00")]));
    let summary = fetch(&bench).await;
    assert_eq!((summary.fetched, summary.bills_new, summary.faults, summary.lost), (5, 4, 1, 0));
    let refused = now_account(&bench, &accounts[2]).await;
    assert!(refused.last_message.is_some_and(|m| m.starts_with("the answer could not be stored: ") && m.contains("not this one")));
    assert_eq!((refused.lease_owner, refused.next_fetch_at), (None, Some(at("2026-11-21T09:00:30Z"))));
    assert_eq!((attempts(&bench).await.len(), events(&bench, "bill.received").await.len()), (5, 4));
}
