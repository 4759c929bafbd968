//! Bills a provider posts to us.

use billow_billing::Scope;
use billow_billing::bills::PushEffect;
use billow_billing::error::Error;

use super::*;

crate::common::on_both!(pushed_bills_stand_for_themselves, who_may_push);

fn key(provider: Option<ProviderId>, scopes: &[Scope]) -> Actor {
    Actor::Client { client_id: ApiClientId(Uuid::from_u128(5)), scopes: scopes.to_vec(), provider_id: provider }
}

fn for_account(number: &str, amount: &str, account: Value) -> FetchedBill {
    with(told(number, amount), json!({"account": account}))
}

async fn push(bench: &Bench, provider: &provider::Model, bills: Vec<FetchedBill>) -> Vec<(PushEffect, Vec<String>)> {
    bench.ports.replies.lock().push_back(bills_reply(bills));
    let actor = key(Some(provider.id), &[Scope::BillsPush]);
    let report = bench.billing.bills.push_bills(&actor, "application/json", "{}".into()).await.expect("a report");
    assert!(report.bills.iter().all(|b| b.bill_id.is_some() != (b.effect == PushEffect::Refused)));
    report.bills.into_iter().map(|b| (b.effect, b.problems)).collect()
}

async fn pushed_bills_stand_for_themselves(bench: Bench) {
    let mut pushing = definition("aquaria");
    pushing["connector"] = json!({"kind": "PUSH", "settings": {}});
    let provider = registered(&bench.billing, pushing).await;
    let account = account(&bench, &provider, 1, |a| (a.next_fetch_at, a.slot) = (None, None)).await;
    let done = |effect| (effect, Vec::new());
    let refused = |problem: &str| (PushEffect::Refused, vec![problem.to_owned()]);
    let bills = || {
        vec![
            for_account("B-1", "12.30", json!("0000-0001")),
            for_account("B-2", "12.30", json!("77")),
            for_account("B-3", "-1", json!("00000001")),
            for_account("B-4", "5.00", Value::Null),
        ]
    };
    let mut expected = [
        done(PushEffect::New),
        refused("No customer has this account here."),
        done(PushEffect::New),
        refused("The bill does not name its account."),
    ];
    assert_eq!(push(&bench, &provider, bills()).await, expected);
    let stored = stored_bills(&bench).await;
    assert_eq!((stored.len(), stored[0].source, stored[0].account_id), (2, BillSource::Pushed, account.id));
    assert_eq!(now_account(&bench, &account).await.status, AccountStatus::Active);
    (expected[0], expected[2]) = (done(PushEffect::Unchanged), done(PushEffect::Unchanged));
    assert_eq!(push(&bench, &provider, bills()).await, expected, "posted twice, taken once");
    assert_eq!(stored_bills(&bench).await, stored);
    let changed = push(&bench, &provider, vec![for_account("B-1", "13.00", json!("00000001"))]).await;
    assert_eq!(changed, [done(PushEffect::Changed)]);
}

async fn who_may_push(bench: Bench) {
    let provider = registered(&bench.billing, definition("aquaria")).await;
    for (actor, allowed) in [
        (key(Some(provider.id), &[Scope::BillsPush]), true),
        (key(Some(provider.id), &[Scope::BillsRead]), false),
        (key(None, &[Scope::BillsPush]), false),
        (ADMIN, false),
    ] {
        let pushed = bench.billing.bills.push_bills(&actor, "application/json", "{}".into()).await;
        assert_eq!(pushed.is_ok(), allowed, "{actor:?}");
        assert!(allowed || matches!(pushed, Err(Error::Forbidden)));
    }
    bench.ports.replies.lock().push_back(reply(FetchOutcome::Broken { message: "This is not JSON.".into() }));
    let pushed = bench.billing.bills.push_bills(&key(Some(provider.id), &[Scope::BillsPush]), "application/json", "x".into()).await;
    assert_eq!(refusal(pushed), [(String::new(), "INVALID_BODY".into())]);
}
