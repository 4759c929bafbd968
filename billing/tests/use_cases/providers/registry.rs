//! Registering, editing, pausing and watching providers.

use billow_billing::Actor;
use billow_billing::error::Error;
use billow_billing::page::PageRequest;
use billow_billing::ports::{FetchedAmount, PlanOffer, Wakeup};
use billow_billing::providers::{Credentials, ProviderFilter, UpdateProvider};
use billow_entities::*;
use chrono::{DateTime, Duration, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, PaginatorTrait, QueryOrder};
use secrecy::ExposeSecret as _;
use serde_json::json;
use uuid::Uuid;

use crate::common::{Bench, on_both, start};
use crate::providers::{ADMIN, OPERATOR, account, audited, definition, events, refusal, registered, secrets, somebody};

fn edit(of: &provider::Model) -> UpdateProvider {
    UpdateProvider {
        id: of.id,
        expected_version: of.version,
        definition: of.definition.clone(),
        credentials: Credentials::new(),
        remove_credentials: Vec::new(),
        note: None,
    }
}

async fn a_registered_provider_is_in_force_at_once_and_its_secrets_are_sealed(bench: Bench) {
    let model = registered(&bench.billing, "voltara").await;
    assert_eq!((model.version, model.status, model.circuit_state), (1, ProviderStatus::Active, CircuitState::Closed));
    let sealed = model.credentials_enc.clone().expect("secrets");
    assert!(!String::from_utf8_lossy(&sealed).contains("s3cret-of-tests"));
    assert!(!model.definition.to_string().contains("s3cret-of-tests"));
    let loaded = bench.billing.providers.load_provider(model.id).await.expect("loaded");
    assert_eq!(loaded.credentials["api_key"].expose_secret(), "s3cret-of-tests");
    assert_eq!(loaded.zone, chrono_tz::Tz::Europe__Berlin);
    assert_eq!(loaded.definition.code, "voltara");
    let versions = bench.billing.providers.provider_versions(&OPERATOR, model.id).await.expect("versions");
    assert_eq!(versions.iter().map(|v| (v.version, v.edited_by)).collect::<Vec<_>>(), [(1, ADMIN.user().ok())]);
    assert_eq!(bench.billing.providers.provider_credential_names(&OPERATOR, &model).expect("names"), ["api_key"]);
    assert_eq!(events(&bench, "provider.updated").await[0]["change"], "registered");
    assert_eq!(audited(&bench).await, ["provider.register"]);
}

async fn only_administrators_register_and_a_code_is_given_once(bench: Bench) {
    let billing = &bench.billing;
    for actor in [OPERATOR, somebody()] {
        let refused = billing.providers.register_provider(&actor, definition("a1"), secrets(&[("api_key", "k")])).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{actor:?}");
    }
    let refused = billing.providers.register_provider(&Actor::Anonymous, definition("a1"), Credentials::new()).await;
    assert!(matches!(refused, Err(Error::Unauthenticated)));
    registered(billing, "voltara").await;
    let refused = billing.providers.register_provider(&ADMIN, definition("voltara"), secrets(&[("api_key", "k")])).await;
    assert_eq!(refusal(refused), [("definition.code".into(), "CODE_TAKEN".into())]);
    let refused = billing.providers.register_provider(&ADMIN, definition("b-2"), secrets(&[("Api Key", "k"), ("empty", "")])).await;
    let wanted = [
        ("definition.connector.settings.auth.credential", "UNKNOWN_CREDENTIAL"),
        ("credentials.Api Key", "INVALID"),
        ("credentials.empty", "REQUIRED"),
    ];
    assert_eq!(refusal(refused), wanted.map(|(p, c)| (p.to_owned(), c.to_owned())));
    assert_eq!(provider::Entity::find().count(billing.kernel.store.read()).await.expect("a count"), 1);
}

async fn an_edit_by_one_process_counts_in_another_at_once(bench: Bench) {
    let model = registered(&bench.billing, "voltara").await;
    let other = bench.another("worker-2").await;
    assert_eq!(other.providers.load_provider(model.id).await.expect("loaded").definition.schedule.hour, 6);
    let mut change = edit(&model);
    change.definition["schedule"]["hour"] = json!(8);
    change.credentials = secrets(&[("api_key", "another")]);
    bench.billing.providers.update_provider(&ADMIN, change).await.expect("edited");
    let loaded = other.providers.load_provider(model.id).await.expect("loaded");
    assert_eq!((loaded.definition.schedule.hour, loaded.model.version), (8, 2));
    assert_eq!(loaded.credentials["api_key"].expose_secret(), "another");
    bench.billing.providers.pause_provider(&ADMIN, model.id, "Moving house").await.expect("paused");
    assert_eq!(other.providers.load_provider(model.id).await.expect("loaded").model.status, ProviderStatus::Paused);
    // Columns that change without an edit count as well.
    let mut row = bench.billing.providers.load_provider(model.id).await.expect("loaded").model.clone().into_active_model();
    row.circuit_state = Set(CircuitState::Open);
    row.update(bench.billing.kernel.store.write_pool()).await.expect("written");
    assert_eq!(other.providers.load_provider(model.id).await.expect("loaded").model.circuit_state, CircuitState::Open);
}

async fn an_edit_of_an_old_version_changes_nothing(bench: Bench) {
    let billing = &bench.billing;
    let model = registered(billing, "voltara").await;
    let mut first = edit(&model);
    first.definition["name"] = json!("Voltara Energie");
    first.note = Some("The new name".into());
    let edited = billing.providers.update_provider(&ADMIN, first).await.expect("edited");
    assert_eq!((edited.version, edited.name.as_str()), (2, "Voltara Energie"));
    let refused = billing.providers.update_provider(&ADMIN, edit(&model)).await;
    assert_eq!(refusal(refused), [("expectedVersion".into(), "CONFLICT".into())]);
    // Going back is an edit like any other.
    let versions = billing.providers.provider_versions(&ADMIN, model.id).await.expect("versions");
    let mut back = edit(&edited);
    back.definition = versions.last().expect("the first").definition.clone();
    let reverted = billing.providers.update_provider(&ADMIN, back).await.expect("reverted");
    assert_eq!((reverted.version, &reverted.definition), (3, &model.definition));
    let versions = billing.providers.provider_versions(&ADMIN, model.id).await.expect("versions");
    let notes: Vec<_> = versions.iter().map(|v| (v.version, v.note.as_deref())).collect();
    assert_eq!(notes, [(3, None), (2, Some("The new name")), (1, None)]);
}

async fn secrets_are_replaced_one_by_one_and_what_is_used_cannot_be_removed(bench: Bench) {
    let billing = &bench.billing;
    let model = registered(billing, "voltara").await;
    let mut add = edit(&model);
    add.credentials = secrets(&[("spare", "2")]);
    let model = billing.providers.update_provider(&ADMIN, add).await.expect("edited");
    assert_eq!(billing.providers.provider_credential_names(&ADMIN, &model).expect("names"), ["api_key", "spare"]);
    let mut remove = edit(&model);
    remove.remove_credentials = vec!["api_key".into()];
    let refused = billing.providers.update_provider(&ADMIN, remove.clone()).await;
    assert_eq!(refusal(refused), [("definition.connector.settings.auth.credential".into(), "UNKNOWN_CREDENTIAL".into())]);
    remove.definition["connector"]["settings"]["auth"]["credential"] = json!("spare");
    let model = billing.providers.update_provider(&ADMIN, remove).await.expect("edited");
    assert_eq!(billing.providers.provider_credential_names(&ADMIN, &model).expect("names"), ["spare"]);
    let loaded = billing.providers.load_provider(model.id).await.expect("loaded");
    assert_eq!(loaded.credentials["spare"].expose_secret(), "2");
}

async fn accounts_move_to_the_new_schedule_unless_they_are_at_work(bench: Bench) {
    let model = registered(&bench.billing, "voltara").await;
    let waiting = account(&bench, &model, 1, |_| {}).await;
    let leased = account(&bench, &model, 2, |row| row.lease_until = Some(start() + Duration::minutes(1))).await;
    let paused = account(&bench, &model, 3, |row| {
        row.status = AccountStatus::Paused;
        row.next_fetch_at = None;
    })
    .await;
    // Its bill of the 20th has not come yet; it is looked for again tomorrow.
    let looking = account(&bench, &model, 4, |row| {
        row.slot = Some(start() - Duration::days(1));
        row.next_fetch_at = Some(start() + Duration::hours(3));
    })
    .await;
    let mut change = edit(&model);
    change.definition["schedule"] = json!({"every": {"kind": "MONTH", "day": 24}, "hour": 6, "spread_minutes": 30});
    bench.billing.providers.update_provider(&ADMIN, change).await.expect("edited");
    let read = async |id| {
        let row = utility_account::Entity::find_by_id::<UtilityAccountId>(id).one(bench.billing.kernel.store.read()).await.expect("read");
        row.expect("the account").next_fetch_at
    };
    let slot: DateTime<Utc> = "2026-11-24T05:00:00Z".parse().expect("an instant");
    let moved = read(waiting).await.expect("a time");
    assert!(moved >= slot && moved < slot + Duration::minutes(30), "{moved}");
    assert_eq!(read(leased).await, Some(start() + Duration::days(20)));
    assert_eq!(read(paused).await, None);
    assert_eq!(read(looking).await, Some(start() + Duration::hours(3)));
}

async fn what_accounts_were_added_with_stays(bench: Bench) {
    let model = registered(&bench.billing, "voltara").await;
    let renamed = |model: &provider::Model| {
        let mut change = edit(model);
        change.definition["params"] = json!([
            {"name": "pin", "label": "PIN"}, {"name": "meter", "label": "Meter", "optional": true}
        ]);
        change.definition["currency"] = json!("CHF");
        change
    };
    let id = account(&bench, &model, 1, |_| {}).await;
    let found = refusal(bench.billing.providers.update_provider(&ADMIN, renamed(&model)).await);
    let wanted = ["definition.params", "definition.params.0", "definition.params.0.optional", "definition.currency"];
    assert_eq!(found.iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), wanted);
    assert!(found.iter().all(|f| f.1 == "IN_USE"));
    let mut optional = edit(&model);
    optional.definition["params"] = json!([model.definition["params"][0], {"name": "pin", "label": "PIN", "optional": true}]);
    let model = bench.billing.providers.update_provider(&ADMIN, optional).await.expect("an optional parameter may be added");
    bench.billing.accounts.close_utility_account(&OPERATOR, id).await.expect("closed");
    bench.billing.providers.update_provider(&ADMIN, renamed(&model)).await.expect("nobody is left");
}

fn offer(code: &str, minor: i64) -> PlanOffer {
    PlanOffer {
        code: code.into(),
        name: format!("Plan {code}"),
        price: FetchedAmount::Minor { minor },
        validity_days: 28,
        description: None,
        benefits: vec!["1 GB".into()],
    }
}

async fn plans_follow_what_the_provider_lists(bench: Bench) {
    let billing = &bench.billing;
    let mut value = definition("chirp");
    value["prepaid"] = json!(true);
    value["plans"] = json!([{"code": "s", "name": "Small", "price": "5.00", "validity_days": 7}]);
    let model = billing.providers.register_provider(&ADMIN, value, secrets(&[("api_key", "k")])).await.expect("registered");
    let listed = async || {
        let plans = billing.providers.recharge_plans(&somebody(), model.id).await.expect("plans");
        plans.into_iter().map(|p| (p.code, p.amount_minor)).collect::<Vec<_>>()
    };
    assert_eq!(listed().await, [("s".to_owned(), 500)]);
    let upsert = async |offers: &[PlanOffer]| {
        let tx = billing.kernel.store.write_tx().await.expect("a transaction");
        let problems = billing.providers.upsert_plans(&tx, model.id, "EUR".parse().expect("EUR"), offers).await.expect("written");
        tx.commit().await.expect("committed");
        problems
    };
    assert_eq!(upsert(&[offer("l", 2000), offer("m", 1000)]).await, Vec::<String>::new());
    assert_eq!(listed().await, [("m".to_owned(), 1000), ("l".to_owned(), 2000)]);
    // What did not change is not written again.
    bench.clock.advance(Duration::hours(1));
    upsert(&[offer("l", 2000), offer("m", 1100)]).await;
    let rows =
        recharge_plan::Entity::find().order_by_asc(recharge_plan::Column::Code).all(billing.kernel.store.read()).await.expect("plans");
    let written: Vec<_> = rows.iter().map(|r| (r.code.as_str(), r.active, r.updated_at == start())).collect();
    assert_eq!(written, [("l", true, true), ("m", true, false), ("s", false, true)]);
    // An offer that cannot be read neither comes nor makes others go.
    let problems = upsert(&[offer("m", -1)]).await;
    assert_eq!(problems.len(), 1);
    assert_eq!(listed().await, [("m".to_owned(), 1100), ("l".to_owned(), 2000)]);
    assert!(matches!(billing.providers.recharge_plans(&somebody(), ProviderId(Uuid::nil())).await, Err(Error::NotFound("provider"))));
}

async fn a_paused_provider_is_not_offered_and_says_why(bench: Bench) {
    let billing = &bench.billing;
    let model = registered(billing, "voltara").await;
    assert!(matches!(billing.providers.pause_provider(&OPERATOR, model.id, "x").await, Err(Error::Forbidden)));
    assert_eq!(refusal(billing.providers.pause_provider(&ADMIN, model.id, " ").await), [("reason".into(), "REQUIRED".into())]);
    let paused = billing.providers.pause_provider(&ADMIN, model.id, "Their API moves").await.expect("paused");
    assert_eq!((paused.status, paused.status_reason.as_deref()), (ProviderStatus::Paused, Some("Their API moves")));
    let found = billing.providers.providers(&somebody(), ProviderFilter::default(), PageRequest::default()).await.expect("a page");
    assert!(found.items.is_empty());
    // Whoever has an account there still sees whose it is.
    assert_eq!(billing.providers.provider(&somebody(), model.id).await.expect("the provider").name, "Provider voltara");
    let resumed = billing.providers.resume_provider(&ADMIN, model.id).await.expect("resumed");
    assert_eq!((resumed.status, resumed.status_reason), (ProviderStatus::Active, None));
    assert_eq!(*bench.ports.woken.lock(), [Wakeup::Fetch]);
    assert_eq!(audited(&bench).await, ["provider.register", "provider.pause", "provider.resume"]);
}

async fn a_circuit_is_closed_by_hand(bench: Bench) {
    let model = registered(&bench.billing, "voltara").await;
    let mut row = model.clone().into_active_model();
    row.circuit_state = Set(CircuitState::Open);
    row.circuit_failures = Set(5);
    row.circuit_trips = Set(3);
    row.circuit_opened_at = Set(Some(start()));
    row.circuit_probe_at = Set(Some(start() + Duration::minutes(5)));
    row.circuit_reason = Set(Some("401".into()));
    row.update(bench.billing.kernel.store.write_pool()).await.expect("written");
    let closed = bench.billing.providers.reset_circuit(&ADMIN, model.id).await.expect("closed");
    assert_eq!((closed.circuit_state, closed.circuit_failures, closed.circuit_trips), (CircuitState::Closed, 0, 0));
    assert_eq!((closed.circuit_opened_at, closed.circuit_probe_at, closed.circuit_reason), (None, None, None));
    let told = events(&bench, "provider.updated").await;
    assert_eq!(told.last().expect("an event")["change"], "circuit_closed");
}

async fn providers_are_listed_by_name_page_by_page_and_found(bench: Bench) {
    let billing = &bench.billing;
    for code in ["delta", "alpha", "charlie", "bravo"] {
        registered(billing, code).await;
    }
    let page = async |filter: ProviderFilter, first, after| {
        let found = billing.providers.providers(&somebody(), filter, PageRequest { first: Some(first), after }).await.expect("a page");
        let codes: Vec<_> = found.items.iter().map(|(_, p)| p.code.clone()).collect();
        (codes, found.items.last().map(|(cursor, _)| cursor.clone()), found.has_next)
    };
    let (codes, cursor, more) = page(ProviderFilter::default(), 3, None).await;
    assert_eq!((codes, more), (vec!["alpha".to_owned(), "bravo".into(), "charlie".into()], true));
    let (codes, _, more) = page(ProviderFilter::default(), 3, cursor).await;
    assert_eq!((codes, more), (vec!["delta".to_owned()], false));
    let search = |text: &str| ProviderFilter { search: Some(text.into()), ..Default::default() };
    assert_eq!(page(search("ER CHA"), 9, None).await.0, ["charlie"]);
    assert_eq!(page(search("%"), 9, None).await.0, Vec::<String>::new());
    let water = ProviderFilter { utility_type: Some(UtilityType::Water), ..Default::default() };
    assert_eq!(page(water, 9, None).await.0, Vec::<String>::new());
    let anybody = billing.providers.providers(&Actor::Anonymous, ProviderFilter::default(), PageRequest::default()).await;
    assert!(matches!(anybody, Err(Error::Unauthenticated)));
}

async fn health_tells_outcomes_durations_and_what_is_due(bench: Bench) {
    let model = registered(&bench.billing, "voltara").await;
    let id = account(&bench, &model, 1, |row| row.next_fetch_at = Some(start())).await;
    account(&bench, &model, 2, |row| row.status = AccountStatus::NeedsAttention).await;
    let attempt = async |outcome, duration_ms| {
        let row = fetch_attempt::ActiveModel {
            id: Set(FetchAttemptId(bench.billing.kernel.ids.next())),
            account_id: Set(id),
            provider_id: Set(model.id),
            run_id: Set(None),
            slot: Set(None),
            fence: Set(1),
            worker: Set("w".into()),
            started_at: Set(bench.billing.kernel.clock.now()),
            duration_ms: Set(duration_ms),
            outcome: Set(outcome),
            message: Set(None),
            bills_seen: Set(0),
            bills_new: Set(0),
            bills_changed: Set(0),
        };
        row.insert(bench.billing.kernel.store.write_pool()).await.expect("an attempt");
    };
    attempt(FetchOutcomeKind::Broken, 9_000).await;
    bench.clock.advance(Duration::hours(25));
    for ms in [100, 300, 200] {
        attempt(FetchOutcomeKind::Bills, ms).await;
    }
    attempt(FetchOutcomeKind::Retryable, 5_000).await;
    let health = bench.billing.providers.provider_health(&OPERATOR, model.id).await.expect("health");
    assert_eq!(health.outcomes, [(FetchOutcomeKind::Bills, 3), (FetchOutcomeKind::Retryable, 1)]);
    assert_eq!((health.p50_ms, health.p95_ms, health.due_now), (Some(200), Some(5_000), 1));
    assert_eq!((health.accounts_with(AccountStatus::NeedsAttention), health.accounts_open()), (1, 2));
    assert!(matches!(bench.billing.providers.provider_health(&somebody(), model.id).await, Err(Error::Forbidden)));
}

on_both!(
    a_registered_provider_is_in_force_at_once_and_its_secrets_are_sealed,
    only_administrators_register_and_a_code_is_given_once,
    an_edit_by_one_process_counts_in_another_at_once,
    an_edit_of_an_old_version_changes_nothing,
    secrets_are_replaced_one_by_one_and_what_is_used_cannot_be_removed,
    accounts_move_to_the_new_schedule_unless_they_are_at_work,
    what_accounts_were_added_with_stays,
    plans_follow_what_the_provider_lists,
    a_paused_provider_is_not_offered_and_says_why,
    a_circuit_is_closed_by_hand,
    providers_are_listed_by_name_page_by_page_and_found,
    health_tells_outcomes_durations_and_what_is_due,
);
