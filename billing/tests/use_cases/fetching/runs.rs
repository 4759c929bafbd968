//! Fetching at somebody's wish, with its progress.

use billow_billing::error::Error;
use billow_billing::fetching::{FetchRunFilter, FetchTarget};
use billow_billing::ports::Wakeup;

use super::*;

crate::common::on_both!(
    one_account_is_fetched_now,
    a_whole_provider_is_fetched_now,
    a_cancelled_run_leaves_the_schedule_as_it_was,
    who_may_ask_for_what,
    an_own_run_takes_the_account_out_of_the_provider_s,
    the_sweeper_ends_what_cannot_end_by_itself,
);

async fn scheduled(bench: &Bench, provider: &provider::Model, number: u32) -> utility_account::Model {
    account(bench, provider, number, |a| {
        a.status = AccountStatus::Active;
        a.next_fetch_at = Some(at("2026-12-15T05:00:00Z"));
        a.slot = Some(at("2026-12-15T05:00:00Z"));
    })
    .await
}

async fn one_account_is_fetched_now(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let account = scheduled(&bench, &provider, 1).await;
    let me = owner(&account);
    let run = bench.billing.fetching.request_fetch(&me, FetchTarget::Account(account.id)).await.expect("a run");
    assert_eq!(
        (run.kind, run.status, run.total, run.customer_id),
        (FetchRunKind::Account, RunStatus::Running, 1, Some(account.customer_id))
    );
    assert_eq!(bench.ports.woken.lock().last(), Some(&Wakeup::Fetch));
    let again = bench.billing.fetching.request_fetch(&me, FetchTarget::Account(account.id)).await.expect("a run");
    assert_eq!(again.id, run.id, "one at a time");
    answer_with(&bench, |_| reply(FetchOutcome::NoneDue));
    fetch(&bench).await;
    let after = bench.billing.fetching.fetch_run(&me, run.id).await.expect("the run");
    assert_eq!(
        (after.status, after.done, after.failed, after.finished_at),
        (RunStatus::Finished, 1, 0, Some(bench.billing.kernel.clock.now()))
    );
    let account = now_account(&bench, &account).await;
    assert_eq!((account.next_fetch_at, account.run_id), (Some(at("2026-12-15T05:00:00Z")), None), "the schedule goes on");
    let told: Vec<_> = events(&bench, "fetch_run.progress")
        .await
        .into_iter()
        .map(|e| (e["status"].clone(), e["done"].clone(), e["outcome"].clone()))
        .collect();
    assert_eq!(told, [(json!("RUNNING"), json!(0), Value::Null), (json!("FINISHED"), json!(1), json!("NONE_DUE"))]);
    assert_eq!(attempts(&bench).await[0].run_id, Some(run.id));
}

async fn a_whole_provider_is_fetched_now(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let mut accounts = Vec::new();
    for number in 0..4 {
        accounts.push(scheduled(&bench, &provider, number).await);
    }
    account(&bench, &provider, 8, |a| a.status = AccountStatus::Paused).await;
    account(&bench, &provider, 9, |a| (a.status, a.next_fetch_at) = (AccountStatus::NeedsAttention, None)).await;
    let run = bench.billing.fetching.request_fetch(&OPERATOR, FetchTarget::Provider(provider.id)).await.expect("a run");
    assert_eq!((run.kind, run.total, run.customer_id), (FetchRunKind::Provider, 4, None));
    let again = bench.billing.fetching.request_fetch(&OPERATOR, FetchTarget::Provider(provider.id)).await.expect("a run");
    assert_eq!(again.id, run.id);
    answer_with(&bench, |request| match number_of(request).as_str() {
        "00000000" => bills_reply(vec![bill_of("B-1", "1.00"), bill_of("B-2", "2.00")]),
        "00000001" => reply(FetchOutcome::NotFound { message: "No such number.".into() }),
        "00000002" => retryable(),
        _ => reply(FetchOutcome::NoneDue),
    });
    fetch(&bench).await;
    let after = bench.billing.fetching.fetch_run(&OPERATOR, run.id).await.expect("the run");
    assert_eq!((after.status, after.done, after.failed, after.bills_new), (RunStatus::Finished, 4, 2, 2));
    let page = bench.billing.fetching.fetch_run_attempts(&OPERATOR, run.id, Default::default()).await.expect("attempts");
    assert_eq!(page.items.len(), 4);
    let empty = registered(&bench.billing, definition("empty")).await;
    let run = bench.billing.fetching.request_fetch(&OPERATOR, FetchTarget::Provider(empty.id)).await.expect("a run");
    assert_eq!((run.status, run.total), (RunStatus::Finished, 0));
}

async fn a_cancelled_run_leaves_the_schedule_as_it_was(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let before = scheduled(&bench, &provider, 1).await;
    let run = bench.billing.fetching.request_fetch(&OPERATOR, FetchTarget::Provider(provider.id)).await.expect("a run");
    assert_eq!(now_account(&bench, &before).await.next_fetch_at, Some(bench.billing.kernel.clock.now()));
    let cancelled = bench.billing.fetching.cancel_run(&OPERATOR, run.id).await.expect("cancelled");
    assert_eq!(cancelled.status, RunStatus::Cancelled);
    let after = now_account(&bench, &before).await;
    assert_eq!((after.next_fetch_at, after.run_id), (before.next_fetch_at, None));
    assert_eq!(fetch(&bench).await.fetched, 0);
    let again = bench.billing.fetching.cancel_run(&OPERATOR, run.id).await.expect("cancelled");
    assert_eq!(again, cancelled);
}

async fn who_may_ask_for_what(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let (mine, other) = (scheduled(&bench, &provider, 1).await, scheduled(&bench, &provider, 2).await);
    let (me, billing) = (owner(&mine), &bench.billing);
    assert!(matches!(billing.fetching.request_fetch(&me, FetchTarget::Account(other.id)).await, Err(Error::NotFound(_))));
    assert!(matches!(billing.fetching.request_fetch(&me, FetchTarget::Provider(provider.id)).await, Err(Error::Forbidden)));
    assert!(matches!(billing.fetching.request_fetch(&Actor::Anonymous, FetchTarget::Account(mine.id)).await, Err(Error::Unauthenticated)));
    let theirs = billing.fetching.request_fetch(&owner(&other), FetchTarget::Account(other.id)).await.expect("a run");
    assert!(matches!(billing.fetching.fetch_run(&me, theirs.id).await, Err(Error::NotFound(_))));
    assert!(matches!(billing.fetching.cancel_run(&me, theirs.id).await, Err(Error::NotFound(_))));
    assert_eq!(billing.fetching.fetch_runs(&me, FetchRunFilter::default(), Default::default()).await.expect("runs").items.len(), 0);
    assert_eq!(billing.fetching.fetch_runs(&OPERATOR, FetchRunFilter::default(), Default::default()).await.expect("runs").items.len(), 1);
    let only = FetchRunFilter { account_id: Some(mine.id), ..FetchRunFilter::default() };
    assert_eq!(billing.fetching.fetch_runs(&OPERATOR, only, Default::default()).await.expect("runs").items.len(), 0);
    assert!(matches!(billing.fetching.fetch_run_attempts(&me, theirs.id, Default::default()).await, Err(Error::Forbidden)));

    billing.accounts.pause_utility_account(&me, mine.id).await.expect("paused");
    assert_eq!(
        refusal(billing.fetching.request_fetch(&me, FetchTarget::Account(mine.id)).await),
        [("accountId".into(), "ILLEGAL_STATE".into())]
    );
    billing.providers.pause_provider(&ADMIN, provider.id, "They move house.").await.expect("paused");
    assert_eq!(
        refusal(billing.fetching.request_fetch(&OPERATOR, FetchTarget::Provider(provider.id)).await),
        [(String::new(), "PROVIDER_PAUSED".into())]
    );
}

async fn an_own_run_takes_the_account_out_of_the_provider_s(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let (mine, _other) = (scheduled(&bench, &provider, 1).await, scheduled(&bench, &provider, 2).await);
    let all = bench.billing.fetching.request_fetch(&OPERATOR, FetchTarget::Provider(provider.id)).await.expect("a run");
    let own = bench.billing.fetching.request_fetch(&owner(&mine), FetchTarget::Account(mine.id)).await.expect("a run");
    assert_ne!(own.id, all.id);
    fetch(&bench).await;
    for (run, total) in [(own.id, 1), (all.id, 1)] {
        let run = bench.billing.fetching.fetch_run(&OPERATOR, run).await.expect("the run");
        assert_eq!((run.status, run.total, run.done), (RunStatus::Finished, total, 1));
    }
}

async fn the_sweeper_ends_what_cannot_end_by_itself(bench: Bench) {
    let provider = registered(&bench.billing, definition("voltara")).await;
    let (gone, waits) = (scheduled(&bench, &provider, 1).await, scheduled(&bench, &provider, 2).await);
    let lost = bench.billing.fetching.request_fetch(&OPERATOR, FetchTarget::Account(gone.id)).await.expect("a run");
    let fine = bench.billing.fetching.request_fetch(&OPERATOR, FetchTarget::Account(waits.id)).await.expect("a run");
    utility_account::Entity::delete_by_id(gone.id).exec(bench.billing.kernel.store.write_pool()).await.expect("deleted");
    assert_eq!(bench.billing.fetching.sweep().await.expect("swept").closed_runs, 1);
    let of = |id: FetchRunId| {
        let billing = bench.billing.clone();
        async move { billing.fetching.fetch_run(&OPERATOR, id).await.expect("the run").status }
    };
    assert_eq!((of(lost.id).await, of(fine.id).await), (RunStatus::Finished, RunStatus::Running));
    pass(&bench, Duration::hours(24));
    assert_eq!(bench.billing.fetching.sweep().await.expect("swept").closed_runs, 1);
    assert_eq!(of(fine.id).await, RunStatus::Cancelled);
    assert_eq!(now_account(&bench, &waits).await.run_id, None);
    fetch(&bench).await;
    assert_eq!(attempts(&bench).await.len(), 0, "it went back to its schedule");
    make_due(&bench, &waits).await;
    fetch(&bench).await;
    assert_eq!(bench.billing.fetching.sweep().await.expect("swept").removed_attempts, 0);
    pass(&bench, Duration::days(181));
    assert_eq!(bench.billing.fetching.sweep().await.expect("swept").removed_attempts, 1);
}
