//! Adding, mending, pausing, closing and showing accounts.

use std::collections::BTreeMap;

use billow_billing::accounts::{AccountFilter, AddAccount, MAX_ACCOUNTS, StartedAccount, UpdateAccount};
use billow_billing::customers::ContactInput;
use billow_billing::error::{Error, Result};
use billow_billing::homes::NewProperty;
use billow_billing::page::PageRequest;
use billow_billing::ports::Wakeup;
use billow_billing::{Actor, Billing, Scope};
use billow_entities::*;
use chrono::Duration;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use crate::common::{Bench, on_both, start};
use crate::providers::{ADMIN, OPERATOR, account, definition, events, refusal, registered, secrets};

/// A customer, and how they ask.
async fn customer(billing: &Billing, name: &str) -> (CustomerId, Actor) {
    let input = ContactInput {
        name: name.into(),
        email: Some(format!("{name}@example.com")),
        locale: "en".into(),
        time_zone: "UTC".into(),
        ..Default::default()
    };
    let id = billing.customers.onboard_customer(&Actor::System, input).await.expect("onboarded").customer.id;
    billing.identity.vouch_for_email(&Actor::System, id).await.expect("confirmed");
    let (user_id, session_id) = (UserId(id.0), SessionId(id.0));
    (id, Actor::User { user_id, role: Role::Customer, customer_id: Some(id), session_id })
}

/// Takes somebody into a household, by an invitation of staff.
async fn join(bench: &Bench, home: PropertyId, member: &Actor, role: PropertyRole) {
    let customer = bench.billing.customers.customer(member, member.customer().expect("a customer")).await.expect("oneself");
    let email = customer.email.expect("an address");
    let invitation = bench.billing.homes.share_property(&Actor::System, home, &email, role).await.expect("invited");
    bench.billing.homes.accept_property_invitation(member, invitation.row.id).await.expect("accepted");
}

fn number(of: &provider::Model, number: &str) -> AddAccount {
    AddAccount {
        customer_id: None,
        provider_id: of.id,
        property_id: None,
        label: None,
        params: BTreeMap::from([("number".to_owned(), number.to_owned())]),
    }
}

fn params(number: &str) -> UpdateAccount {
    UpdateAccount { params: Some(BTreeMap::from([("number".to_owned(), number.to_owned())])), ..Default::default() }
}

/// A provider whose numbers may be written with spaces.
async fn voltara(billing: &Billing) -> provider::Model {
    let mut value = definition("voltara");
    value["params"][0]["pattern"] = json!("[0-9 ]{8,12}");
    billing.providers.register_provider(&ADMIN, value, secrets(&[("api_key", "k")])).await.expect("registered")
}

async fn accounts(bench: &Bench) -> u64 {
    utility_account::Entity::find().count(bench.billing.kernel.store.read()).await.expect("a count")
}

/// What one refusal said.
fn one<T: std::fmt::Debug>(result: Result<T>) -> (String, String) {
    let mut all = refusal(result);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn told(path: &str, code: &str) -> (String, String) {
    (path.to_owned(), code.to_owned())
}

async fn a_new_account_is_due_at_once_under_a_run_of_its_own(bench: Bench) {
    let billing = &bench.billing;
    let provider = voltara(billing).await;
    let (anna_id, anna) = customer(billing, "anna").await;
    let StartedAccount { account, run } =
        billing.accounts.add_utility_account(&anna, number(&provider, " 1000 0001 ")).await.expect("added");
    let run = run.expect("a run");
    assert_eq!((account.status, account.customer_id, account.label.as_str()), (AccountStatus::Pending, anna_id, "Provider voltara"));
    assert_eq!((account.next_fetch_at, account.slot, account.run_id), (Some(start()), Some(start()), Some(run.id)));
    assert_eq!(account.identifier_hint, "••••0001");
    assert!(!String::from_utf8_lossy(&account.params_enc).contains("0001"));
    assert_eq!(billing.accounts.open_params(&account).expect("opened")["number"], "1000 0001");
    assert_eq!((run.kind, run.status, run.total, run.customer_id), (FetchRunKind::First, RunStatus::Running, 1, Some(anna_id)));
    assert_eq!(*bench.ports.woken.lock(), [Wakeup::Fetch]);
    let event = &events(&bench, "account.updated").await[0];
    assert_eq!((&event["change"], &event["status"]), (&json!("added"), &json!("PENDING")));
    assert!(bench.ports.fetched.lock().is_empty(), "adding calls nobody itself");
}

async fn what_is_wrong_is_told_before_anything_is_stored_or_called(bench: Bench) {
    let billing = &bench.billing;
    let provider = voltara(billing).await;
    let (_, anna) = customer(billing, "anna").await;
    let (ben_id, ben) = customer(billing, "ben").await;
    let bens_home = billing.homes.add_property(&ben, NewProperty { name: "Flat".into(), ..Default::default() }).await.expect("a home").id;
    let good = number(&provider, "10000001");
    let wrong = |change: &dyn Fn(&mut AddAccount)| {
        let mut new = good.clone();
        change(&mut new);
        new
    };
    for (new, wanted) in [
        (wrong(&|n| n.provider_id = ProviderId(Uuid::nil())), told("providerId", "UNKNOWN_PROVIDER")),
        (wrong(&|n| n.params.clear()), told("params.number", "REQUIRED")),
        (wrong(&|n| drop(n.params.insert("number".into(), "1".into()))), told("params.number", "WRONG_FORM")),
        (wrong(&|n| drop(n.params.insert("number".into(), " ".repeat(8)))), told("params.number", "REQUIRED")),
        (wrong(&|n| drop(n.params.insert("iban".into(), "1".into()))), told("params.iban", "UNKNOWN_PARAM")),
        (wrong(&|n| n.label = Some("x".repeat(61))), told("label", "TOO_LONG")),
        (wrong(&|n| n.property_id = Some(bens_home)), told("propertyId", "UNKNOWN_PROPERTY")),
    ] {
        assert_eq!(one(billing.accounts.add_utility_account(&anna, new).await), wanted);
    }
    let for_ben = wrong(&|n| n.customer_id = Some(ben_id));
    assert!(matches!(billing.accounts.add_utility_account(&anna, for_ben).await, Err(Error::NotFound("customer"))));
    assert_eq!(one(billing.accounts.add_utility_account(&OPERATOR, good.clone()).await), told("customerId", "REQUIRED"));
    assert!(matches!(billing.accounts.add_utility_account(&Actor::Anonymous, good.clone()).await, Err(Error::Unauthenticated)));
    // An operator may use Ben's home only for Ben.
    let anna_id = anna.customer().expect("Anna");
    let mixed = wrong(&|n| (n.customer_id, n.property_id) = (Some(anna_id), Some(bens_home)));
    assert_eq!(one(billing.accounts.add_utility_account(&OPERATOR, mixed).await), told("propertyId", "NOT_ALLOWED"));
    billing.providers.pause_provider(&ADMIN, provider.id, "Their API moves").await.expect("paused");
    assert_eq!(one(billing.accounts.add_utility_account(&anna, good).await), told("providerId", "PROVIDER_PAUSED"));
    assert_eq!(accounts(&bench).await, 0);
    assert_eq!(fetch_run::Entity::find().count(billing.kernel.store.read()).await.expect("a count"), 0);
}

async fn an_account_is_added_once_and_a_number_of_somebody_else_is_written_down(bench: Bench) {
    let billing = &bench.billing;
    let provider = voltara(billing).await;
    let (anna_id, anna) = customer(billing, "anna").await;
    let (ben_id, ben) = customer(billing, "ben").await;
    let home = billing.homes.add_property(&anna, NewProperty { name: "Flat".into(), ..Default::default() }).await.expect("a home").id;
    let new = AddAccount { property_id: Some(home), ..number(&provider, "10000001") };
    let first = billing.accounts.add_utility_account(&anna, new).await.expect("added").account;
    // Another spelling is the same account.
    assert_eq!(
        one(billing.accounts.add_utility_account(&anna, number(&provider, "1000 0001")).await),
        told("params.number", "ALREADY_ADDED")
    );
    assert_eq!(
        one(billing.accounts.add_utility_account(&ben, number(&provider, "10000001")).await),
        told("params.number", "ACCOUNT_TAKEN")
    );
    let entries =
        audit_entry::Entity::find().filter(audit_entry::Column::Action.eq("account.taken")).all(billing.kernel.store.read()).await;
    let entries = entries.expect("entries");
    assert_eq!(entries.len(), 1);
    assert_eq!((&entries[0].subject, entries[0].customer_id), (&first.id.to_string(), Some(ben_id)));
    assert_eq!(entries[0].data["owner"], json!(anna_id));
    // A household has it once.
    join(&bench, home, &ben, PropertyRole::Payer).await;
    assert_eq!(
        one(billing.accounts.add_utility_account(&ben, number(&provider, "10000001")).await),
        told("params.number", "ALREADY_ADDED")
    );
    assert_eq!(accounts(&bench).await, 1);

    // Closed, it may be added by somebody else, and not twice again.
    billing.accounts.close_utility_account(&anna, first.id).await.expect("closed");
    let bens = billing.accounts.add_utility_account(&ben, number(&provider, "10000001")).await.expect("added").account;
    assert_ne!(bens.id, first.id);
    assert_eq!(
        one(billing.accounts.add_utility_account(&anna, number(&provider, "10000001")).await),
        told("params.number", "ACCOUNT_TAKEN")
    );
}

async fn of_two_who_add_a_number_at_once_one_gets_it(bench: Bench) {
    let provider = voltara(&bench.billing).await;
    let (_, anna) = customer(&bench.billing, "anna").await;
    let (_, ben) = customer(&bench.billing, "ben").await;
    let other = bench.another("worker-2").await;
    for n in 0..8 {
        let new = number(&provider, &format!("2000000{n}"));
        let both =
            tokio::join!(bench.billing.accounts.add_utility_account(&anna, new.clone()), other.accounts.add_utility_account(&ben, new));
        let (won, lost) = if both.0.is_ok() { both } else { (both.1, both.0) };
        won.expect("one of them");
        assert_eq!(one(lost), told("params.number", "ACCOUNT_TAKEN"));
    }
    assert_eq!(accounts(&bench).await, 8);
}

async fn a_closed_account_comes_back_with_its_history(bench: Bench) {
    let billing = &bench.billing;
    let provider = voltara(billing).await;
    let (_, anna) = customer(billing, "anna").await;
    let first = billing.accounts.add_utility_account(&anna, number(&provider, "10000001")).await.expect("added");
    let closed = billing.accounts.close_utility_account(&anna, first.account.id).await.expect("closed");
    assert_eq!((closed.status, closed.next_fetch_at, closed.run_id), (AccountStatus::Closed, None, None));
    assert!(closed.fence > first.account.fence, "a fetch that is under way is refused its writes");
    assert_eq!(one(billing.accounts.update_utility_account(&anna, closed.id, params("10000002")).await), told("", "CLOSED"));
    let again = billing.accounts.add_utility_account(&anna, number(&provider, "10000001")).await.expect("added");
    assert_eq!((again.account.id, again.account.status), (first.account.id, AccountStatus::Pending));
    assert!(again.account.fence > closed.fence);
    assert_ne!(again.run.expect("a run").id, first.run.expect("a run").id);
}

async fn new_parameters_mend_an_account(bench: Bench) {
    let billing = &bench.billing;
    let provider = voltara(billing).await;
    let (_, anna) = customer(billing, "anna").await;
    let added = billing.accounts.add_utility_account(&anna, number(&provider, "10000001")).await.expect("added");
    billing.accounts.add_utility_account(&anna, number(&provider, "10000003")).await.expect("added");
    let mut row = added.account.clone().into_active_model();
    row.status = Set(AccountStatus::NeedsAttention);
    row.status_reason = Set(Some("unknown number".into()));
    row.next_fetch_at = Set(None);
    row.lease_owner = Set(Some("worker-9".into()));
    row.update(billing.kernel.store.write_pool()).await.expect("written");
    let id = added.account.id;
    assert_eq!(one(billing.accounts.update_utility_account(&anna, id, params("1")).await), told("params.number", "WRONG_FORM"));
    assert_eq!(one(billing.accounts.update_utility_account(&anna, id, params("10000003")).await), told("params.number", "ALREADY_ADDED"));
    bench.clock.advance(Duration::minutes(5));
    let mended = billing.accounts.update_utility_account(&anna, id, params("10000002")).await.expect("mended");
    assert_eq!((mended.account.status, mended.account.status_reason.as_deref()), (AccountStatus::Pending, None));
    assert_eq!(mended.account.next_fetch_at, Some(start() + Duration::minutes(5)));
    assert_eq!((mended.account.identifier_hint.as_str(), mended.account.lease_owner.as_deref()), ("••••0002", None));
    assert_eq!(mended.account.fence, added.account.fence + 1);
    // The run that waited for the old number is over; the new one is not.
    let runs = fetch_run::Entity::find().filter(fetch_run::Column::AccountId.eq(id)).order_by_asc(fetch_run::Column::Id);
    let runs: Vec<_> = runs.all(billing.kernel.store.read()).await.expect("runs").into_iter().map(|r| r.status).collect();
    assert_eq!(runs, [RunStatus::Cancelled, RunStatus::Running]);
    let told_last = events(&bench, "account.updated").await.pop().expect("an event");
    assert_eq!((&told_last["change"], &told_last["previous_status"]), (&json!("mended"), &json!("NEEDS_ATTENTION")));

    // With bills of one number, the account cannot become another.
    bill_of(&bench, &mended.account).await;
    assert_eq!(one(billing.accounts.update_utility_account(&anna, id, params("10000004")).await), told("params.number", "HAS_BILLS"));
    billing.accounts.update_utility_account(&anna, id, params("1000 0002")).await.expect("another spelling is no other number");
}

async fn bill_of(bench: &Bench, account: &utility_account::Model) -> BillId {
    let row = bill::ActiveModel {
        id: Set(BillId(bench.billing.kernel.ids.next())),
        account_id: Set(account.id),
        customer_id: Set(account.customer_id),
        property_id: Set(account.property_id),
        provider_id: Set(account.provider_id),
        utility_type: Set(account.utility_type),
        number: Set("1".into()),
        version: Set(1),
        status: Set(BillStatus::Open),
        status_reason: Set(None),
        currency: Set("EUR".into()),
        amount_minor: Set(100),
        paid_minor: Set(0),
        min_amount_minor: Set(None),
        max_amount_minor: Set(None),
        issued_on: Set(start().date_naive()),
        due_on: Set(None),
        period_start: Set(None),
        period_end: Set(None),
        usage_value: Set(None),
        usage_unit: Set(None),
        lines: Set(json!([])),
        content_hash: Set("0".into()),
        source: Set(BillSource::Fetched),
        superseded_by: Set(None),
        marked_by: Set(None),
        usual_minor: Set(None),
        created_at: Set(start()),
        updated_at: Set(start()),
    };
    row.insert(bench.billing.kernel.store.write_pool()).await.expect("a bill").id
}

async fn an_account_and_its_bills_move_between_homes_by_its_customer_only(bench: Bench) {
    let billing = &bench.billing;
    let provider = voltara(billing).await;
    let (_, anna) = customer(billing, "anna").await;
    let (_, ben) = customer(billing, "ben").await;
    let flat = billing.homes.add_property(&anna, NewProperty { name: "Flat".into(), ..Default::default() }).await.expect("a home").id;
    let bens = billing.homes.add_property(&ben, NewProperty { name: "House".into(), ..Default::default() }).await.expect("a home").id;
    join(&bench, flat, &ben, PropertyRole::Payer).await;
    let account = billing.accounts.add_utility_account(&anna, number(&provider, "10000001")).await.expect("added").account;
    let bill = bill_of(&bench, &account).await;
    let to = |home| UpdateAccount { property_id: Some(home), ..Default::default() };
    assert!(matches!(billing.accounts.update_utility_account(&ben, account.id, to(Some(bens))).await, Err(Error::NotFound("account"))));
    let moved = billing.accounts.update_utility_account(&anna, account.id, to(Some(flat))).await.expect("moved");
    assert_eq!((moved.account.property_id, moved.run), (Some(flat), None));
    let read = bill::Entity::find_by_id(bill).one(billing.kernel.store.read()).await.expect("read").expect("the bill");
    assert_eq!(read.property_id, Some(flat));
    // Ben pays in the flat and sees the account now, but cannot take it away.
    assert_eq!(billing.accounts.utility_account(&ben, account.id).await.expect("seen").id, account.id);
    assert_eq!(one(billing.accounts.update_utility_account(&ben, account.id, to(Some(bens))).await), told("propertyId", "NOT_ALLOWED"));
    let label = UpdateAccount { label: Some(" Power ".into()), ..Default::default() };
    assert_eq!(billing.accounts.update_utility_account(&ben, account.id, label).await.expect("renamed").account.label, "Power");
    // The home it leaves is told as well as the one it joins.
    let before = event::Entity::find().count(billing.kernel.store.read()).await.expect("a count");
    billing.accounts.update_utility_account(&anna, account.id, to(None)).await.expect("moved");
    let homes: Vec<_> = event::Entity::find()
        .order_by_asc(event::Column::Seq)
        .all(billing.kernel.store.read())
        .await
        .expect("events")
        .split_off(usize::try_from(before).expect("few"))
        .into_iter()
        .map(|e| e.property_id)
        .collect();
    assert_eq!(homes, [Some(flat), None]);
    assert!(matches!(billing.accounts.utility_account(&ben, account.id).await, Err(Error::NotFound("account"))));
}

async fn a_paused_account_waits_and_goes_on_at_once(bench: Bench) {
    let billing = &bench.billing;
    let provider = voltara(billing).await;
    let (_, anna) = customer(billing, "anna").await;
    let added = billing.accounts.add_utility_account(&anna, number(&provider, "10000001")).await.expect("added");
    let id = added.account.id;
    let paused = billing.accounts.pause_utility_account(&anna, id).await.expect("paused");
    assert_eq!((paused.status, paused.next_fetch_at, paused.slot), (AccountStatus::Paused, None, None));
    let count = events(&bench, "account.updated").await.len();
    assert_eq!(billing.accounts.pause_utility_account(&anna, id).await.expect("paused still"), paused);
    assert_eq!(events(&bench, "account.updated").await.len(), count, "nothing happened, nothing is told");
    let run =
        fetch_run::Entity::find_by_id(added.run.expect("a run").id).one(billing.kernel.store.read()).await.expect("read").expect("the run");
    assert_eq!((run.status, run.finished_at), (RunStatus::Cancelled, Some(start())));
    bench.clock.advance(Duration::days(2));
    let resumed = billing.accounts.resume_utility_account(&OPERATOR, id).await.expect("resumed");
    assert_eq!((resumed.status, resumed.next_fetch_at), (AccountStatus::Pending, Some(start() + Duration::days(2))));
    let mut row = resumed.into_active_model();
    row.last_fetched_at = Set(Some(start()));
    row.update(billing.kernel.store.write_pool()).await.expect("written");
    billing.accounts.pause_utility_account(&anna, id).await.expect("paused");
    assert_eq!(billing.accounts.resume_utility_account(&anna, id).await.expect("resumed").status, AccountStatus::Active);
    assert_eq!(*bench.ports.woken.lock(), [Wakeup::Fetch; 3]);
}

async fn a_provider_that_posts_its_bills_is_never_asked(bench: Bench) {
    let billing = &bench.billing;
    let mut value = definition("pusher");
    value["connector"] = json!({"kind": "PUSH"});
    let provider = billing.providers.register_provider(&ADMIN, value, secrets(&[])).await.expect("registered");
    let (_, anna) = customer(billing, "anna").await;
    let added = billing.accounts.add_utility_account(&anna, number(&provider, "10000001")).await.expect("added");
    assert_eq!((added.account.status, added.account.next_fetch_at, added.run), (AccountStatus::Pending, None, None));
    let id = added.account.id;
    billing.accounts.pause_utility_account(&anna, id).await.expect("paused");
    let resumed = billing.accounts.resume_utility_account(&anna, id).await.expect("resumed");
    assert_eq!((resumed.status, resumed.next_fetch_at), (AccountStatus::Pending, None));
}

async fn nobody_sees_or_changes_what_is_somebody_else_s(bench: Bench) {
    let billing = &bench.billing;
    let provider = voltara(billing).await;
    let (anna_id, anna) = customer(billing, "anna").await;
    let (_, ben) = customer(billing, "ben").await;
    let (_, eve) = customer(billing, "eve").await;
    let home = billing.homes.add_property(&anna, NewProperty { name: "Flat".into(), ..Default::default() }).await.expect("a home").id;
    join(&bench, home, &ben, PropertyRole::Viewer).await;
    let shared = AddAccount { property_id: Some(home), ..number(&provider, "10000001") };
    let shared = billing.accounts.add_utility_account(&anna, shared).await.expect("added").account.id;
    let own = billing.accounts.add_utility_account(&anna, number(&provider, "10000002")).await.expect("added").account.id;
    let list = async |actor: &Actor, filter: AccountFilter| {
        let page = billing.accounts.utility_accounts(actor, filter, PageRequest::default()).await.expect("a page");
        page.items.into_iter().map(|(_, a)| a.id).collect::<Vec<_>>()
    };
    let client = Actor::Client { client_id: ApiClientId(Uuid::nil()), scopes: vec![Scope::BillsRead], provider_id: None };
    for (actor, sees) in
        [(&anna, vec![own, shared]), (&ben, vec![shared]), (&eve, vec![]), (&OPERATOR, vec![own, shared]), (&client, vec![own, shared])]
    {
        assert_eq!(list(actor, AccountFilter::default()).await, sees, "{actor:?}");
    }
    let of_home = AccountFilter { property_id: Some(home), ..Default::default() };
    assert_eq!(list(&anna, of_home).await, [shared]);
    let of_anna = AccountFilter { customer_id: Some(anna_id), status: Some(AccountStatus::Closed), ..Default::default() };
    assert_eq!(list(&OPERATOR, of_anna).await, []);
    for id in [shared, own] {
        assert!(matches!(billing.accounts.utility_account(&eve, id).await, Err(Error::NotFound("account"))));
        assert!(matches!(billing.accounts.close_utility_account(&eve, id).await, Err(Error::NotFound("account"))));
        assert!(matches!(billing.accounts.update_utility_account(&eve, id, params("10000009")).await, Err(Error::NotFound("account"))));
    }
    assert!(matches!(billing.accounts.pause_utility_account(&ben, shared).await, Err(Error::Forbidden)));
    assert!(matches!(billing.accounts.close_utility_account(&client, shared).await, Err(Error::Forbidden)));

    // In clear only for Anna and staff, and never unseen.
    assert!(matches!(billing.accounts.reveal_account_params(&ben, shared).await, Err(Error::NotFound("account"))));
    let revealed = billing.accounts.reveal_account_params(&anna, shared).await.expect("revealed");
    assert_eq!((revealed[0].label.as_str(), revealed[0].value.as_deref()), ("Consumer number", Some("10000001")));
    billing.accounts.reveal_account_params(&OPERATOR, shared).await.expect("revealed");
    let looked =
        audit_entry::Entity::find().filter(audit_entry::Column::Action.eq("account.reveal")).count(billing.kernel.store.read()).await;
    assert_eq!(looked.expect("a count"), 2);
}

async fn staff_sees_no_secret_parameters(bench: Bench) {
    let billing = &bench.billing;
    let mut value = definition("voltara");
    value["params"] = json!([definition("voltara")["params"][0], {"name": "pin", "label": "PIN", "secret": true}]);
    let provider = billing.providers.register_provider(&ADMIN, value, secrets(&[("api_key", "k")])).await.expect("registered");
    let (_, anna) = customer(billing, "anna").await;
    let mut new = number(&provider, "10000001");
    new.params.insert("pin".into(), "4711".into());
    let id = billing.accounts.add_utility_account(&anna, new).await.expect("added").account.id;
    let pin =
        async |actor: &Actor| billing.accounts.reveal_account_params(actor, id).await.expect("revealed").pop().expect("the PIN").value;
    assert_eq!(pin(&anna).await.as_deref(), Some("4711"));
    assert_eq!(pin(&OPERATOR).await, None);
}

async fn a_customer_has_a_bounded_number_of_accounts(bench: Bench) {
    let billing = &bench.billing;
    let provider = registered(billing, "voltara").await;
    let (anna_id, anna) = customer(billing, "anna").await;
    for n in 0..u32::try_from(MAX_ACCOUNTS).expect("few") {
        account(&bench, &provider, n, |row| row.customer_id = anna_id).await;
    }
    assert_eq!(one(billing.accounts.add_utility_account(&anna, number(&provider, "99999999")).await), told("", "TOO_MANY"));
    let one_of_them = utility_account::Entity::find().one(billing.kernel.store.read()).await.expect("read").expect("an account").id;
    billing.accounts.close_utility_account(&anna, one_of_them).await.expect("closed");
    billing.accounts.add_utility_account(&anna, number(&provider, "99999999")).await.expect("there is room again");
}

on_both!(
    a_new_account_is_due_at_once_under_a_run_of_its_own,
    what_is_wrong_is_told_before_anything_is_stored_or_called,
    an_account_is_added_once_and_a_number_of_somebody_else_is_written_down,
    of_two_who_add_a_number_at_once_one_gets_it,
    a_closed_account_comes_back_with_its_history,
    new_parameters_mend_an_account,
    an_account_and_its_bills_move_between_homes_by_its_customer_only,
    a_paused_account_waits_and_goes_on_at_once,
    a_provider_that_posts_its_bills_is_never_asked,
    nobody_sees_or_changes_what_is_somebody_else_s,
    staff_sees_no_secret_parameters,
    a_customer_has_a_bounded_number_of_accounts,
);
