use billow_billing::messages::PreferencesChange;
use billow_billing::ports::Wakeup;
use billow_entities::{
    AccountStatus, BillStatus, CircuitState, InvitationId, NotificationKind, SessionKind, SignInMethod, event, invitation, notification,
    session,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::*;
use crate::common::{Bench, on_both};

on_both!(
    a_bill_is_told_to_the_whole_household_once,
    what_was_given_up_is_told_when_it_is_replayed,
    many_bills_are_told_with_the_statements_of_two,
    what_is_old_or_paid_is_not_told,
    a_correction_says_what_changed,
    a_voided_bill_is_told_and_forgotten,
    an_account_that_needs_attention_is_told_to_its_owner,
    trouble_with_a_provider_is_told_to_staff_once_a_day,
    an_invitation_holds_its_secret_link,
    security_is_told_whatever_anybody_wishes,
);

async fn a_bill_is_told_to_the_whole_household_once(bench: Bench) {
    let (ada, bob) = (customer(&bench, "Ada").await, customer(&bench, "Bob").await);
    customer(&bench, "Eve").await;
    let flat = home(&bench, &[&ada, &bob]).await;
    let account = account(&bench, &ada, Some(flat)).await;
    register(&bench, &actor_of(&bench, &ada).await, "phone").await;
    let bill = bill(&bench, &account, "2026-12-05").await;
    digest(&bench).await;

    let told = notes(&bench).await;
    let mut who: Vec<_> = told.iter().filter_map(|n| n.customer_id).collect();
    who.sort();
    assert_eq!(who, [ada.id, bob.id]);
    assert!(told.iter().all(|n| n.kind == NotificationKind::BillReceived && n.bill_id == Some(bill.id)));
    assert_eq!(told[0].link, Some(format!("/bills/{}", bill.id)));
    assert_eq!(told[0].data["bill"]["amount"], json!({"amount_minor": 1230, "currency": "EUR"}));
    let mut over = standing(&bench).await;
    over.sort();
    assert_eq!(over, ["EMAIL QUEUED", "EMAIL QUEUED", "PUSH QUEUED"]);
    assert!(bench.ports.woken.lock().contains(&Wakeup::Deliver));

    replay(&bench, kind::BILL_RECEIVED).await;
    let db = bench.billing.kernel.store.write_pool();
    assert_eq!(notes(&bench).await.len(), 2);
    assert_eq!(deliveries(&bench).await.len(), 3);
    let created = event::Entity::find().filter(event::Column::Kind.eq(kind::NOTIFICATION_CREATED)).count(db).await.expect("counted");
    assert_eq!(created, 2);

    bench.billing.messages.deliver_due().await.expect("sent");
    assert!(standing(&bench).await.iter().all(|s| s.ends_with(" SENT")));
    let push = bench.ports.pushes.lock().pop().expect("a push");
    let payload: Value = serde_json::from_slice(&push.payload).expect("JSON");
    assert_eq!(payload["web_push"], 8030);
    assert_eq!(payload["notification"]["navigate"], format!("https://billow.test/bills/{}", bill.id));
    assert_eq!(payload["notification"]["tag"], payload["notification"]["data"]["notification_id"]);
    assert_eq!(payload["notification"]["data"]["bill_id"], bill.id.to_string());
    assert_eq!(push.topic, Some(bill.id.to_string()));
    let mut to: Vec<_> = bench.ports.mails.lock().iter().map(|m| m.to.clone()).collect();
    to.sort();
    assert_eq!(to, ["ada@example.com", "bob@example.com"]);
}

async fn what_was_given_up_is_told_when_it_is_replayed(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let account = account(&bench, &ada, None).await;
    bill(&bench, &account, "2026-12-05").await;
    bench.relay().await;
    replay(&bench, kind::BILL_RECEIVED).await;
    assert_eq!(kinds(&bench).await, [NotificationKind::BillReceived]);
    assert_eq!(standing(&bench).await, ["EMAIL QUEUED"]);
    assert_eq!(waiting(&bench).await, ["-7 11-28T09:00"]);
    assert!(bench.ports.woken.lock().contains(&Wakeup::Deliver));
}

/// What one turn over so many new bills, and sending what it told, ask of the database.
async fn statements_for(bench: &Bench, account: &utility_account::Model, count: usize) -> (u64, u64) {
    for _ in 0..count {
        bill(bench, account, "2026-12-05").await;
    }
    bench.relay().await;
    let store = &bench.billing.kernel.store;
    let consumer = Consumer::new(bench.billing.kernel.clone(), Notifier::new(&bench.billing.messages));
    let before = store.statements();
    assert!(!consumer.turn().await.expect("digested"));
    let told = store.statements();
    assert_eq!(bench.billing.messages.deliver_due().await.expect("sent"), count);
    let sent = store.statements();
    digest(bench).await;
    (told - before, sent - told)
}

async fn many_bills_are_told_with_the_statements_of_two(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let account = account(&bench, &ada, None).await;
    // The first time a process asks more.
    statements_for(&bench, &account, 1).await;
    let two = statements_for(&bench, &account, 2).await;
    assert_eq!(statements_for(&bench, &account, 25).await, two);
    assert_eq!(notes(&bench).await.len(), 28);
    assert_eq!(waiting(&bench).await.len(), 28);
    assert!(standing(&bench).await.iter().all(|one| one == "EMAIL SENT"));
}

async fn what_is_old_or_paid_is_not_told(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let account = account(&bench, &ada, None).await;
    let old = bill_row(&bench, &account, "2026-01-05");
    insert(&bench, old.clone()).await;
    bill_came(&bench, &old, true).await;
    let paid = bill_row(&bench, &account, "2026-12-05");
    insert(&bench, bill::Model { status: BillStatus::PaidElsewhere, ..paid.clone() }).await;
    bill_came(&bench, &paid, false).await;
    digest(&bench).await;
    assert_eq!(kinds(&bench).await, []);
    assert_eq!(waiting(&bench).await, Vec::<String>::new());
}

async fn a_correction_says_what_changed(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let account = account(&bench, &ada, None).await;
    let first = bill(&bench, &account, "2026-12-05").await;
    digest(&bench).await;
    let second = save(&bench, bill::Model { amount_minor: 1_500, due_on: Some(day("2026-12-20")), ..first.clone() }).await;
    let changes =
        [("amount_minor", json!(1230), json!(1500)), ("due_on", json!("2026-12-05"), json!("2026-12-20")), ("lines", json!([]), json!([]))];
    bill_changed(&bench, &second, &changes).await;
    digest(&bench).await;
    let told = notes(&bench).await.pop().expect("told");
    assert_eq!(told.kind, NotificationKind::BillCorrected);
    assert_eq!(
        told.data["changes"],
        json!([
            {"field": "amount", "before": {"amount_minor": 1230, "currency": "EUR"}, "after": {"amount_minor": 1500, "currency": "EUR"}},
            {"field": "due_on", "before": "2026-12-05", "after": "2026-12-20"},
        ])
    );
    assert_eq!(waiting(&bench).await, ["-7 12-13T09:00"], "reminders follow the due date");

    bill_changed(&bench, &second, &[("lines", json!([]), json!([1]))]).await;
    let paid = save(&bench, bill::Model { status: BillStatus::Paid, ..second }).await;
    bill_changed(&bench, &paid, &[("status", json!("OPEN"), json!("PAID"))]).await;
    digest(&bench).await;
    assert_eq!(kinds(&bench).await.len(), 2, "other changes are not worth a message");
    assert_eq!(waiting(&bench).await, Vec::<String>::new(), "what is paid is not reminded of");
}

async fn a_voided_bill_is_told_and_forgotten(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let account = account(&bench, &ada, None).await;
    let bill = bill(&bench, &account, "2026-12-05").await;
    digest(&bench).await;
    let voided = save(&bench, bill::Model { status: BillStatus::Voided, status_reason: Some("Issued twice.".into()), ..bill }).await;
    bill_changed(&bench, &voided, &[("status", json!("OPEN"), json!("VOIDED"))]).await;
    digest(&bench).await;
    assert_eq!(kinds(&bench).await, [NotificationKind::BillReceived, NotificationKind::BillVoided]);
    assert_eq!(waiting(&bench).await, Vec::<String>::new());
    bench.billing.messages.deliver_due().await.expect("sent");
    assert_eq!(standing(&bench).await, ["EMAIL SKIPPED", "EMAIL SENT"], "the news of its arrival is not sent any more");
}

async fn an_account_that_needs_attention_is_told_to_its_owner(bench: Bench) {
    let (ada, bob) = (customer(&bench, "Ada").await, customer(&bench, "Bob").await);
    let flat = home(&bench, &[&ada, &bob]).await;
    let account = account(&bench, &ada, Some(flat)).await;
    let account = save(&bench, utility_account::Model { status: AccountStatus::NeedsAttention, ..account }).await;
    for previous in [Some(AccountStatus::Active), Some(AccountStatus::NeedsAttention), None] {
        let event = Event::AccountUpdated(AccountEventData::of(&account, AccountChange::Fetched, previous));
        emit(&bench, account.id, event, Some(ada.id), Some(flat)).await;
    }
    digest(&bench).await;
    let told = notes(&bench).await;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].kind, told[0].customer_id), (NotificationKind::AccountNeedsAttention, Some(ada.id)));
    save(&bench, utility_account::Model { status: AccountStatus::Active, ..account }).await;
    bench.billing.messages.deliver_due().await.expect("sent");
    assert_eq!(standing(&bench).await, ["EMAIL SKIPPED"], "it was mended meanwhile");
}

async fn trouble_with_a_provider_is_told_to_staff_once_a_day(bench: Bench) {
    customer(&bench, "Ada").await;
    let operator = actor(&bench, Role::Operator, None).await;
    actor(&bench, Role::Admin, None).await;
    register(&bench, &operator, "laptop").await;
    let provider = provider(&bench).await;
    let open = provider::Model { circuit_state: CircuitState::Open, circuit_failures: 5, ..provider };
    let provider = save(&bench, open).await;
    let opened = |circuit_state| {
        let provider = provider::Model { circuit_state, ..provider.clone() };
        Event::ProviderUpdated(ProviderEventData::of(&provider, ProviderChange::CircuitOpened))
    };
    emit(&bench, provider.id, opened(CircuitState::Open), None, None).await;
    emit(&bench, provider.id, opened(CircuitState::Open), None, None).await;
    emit(&bench, provider.id, opened(CircuitState::HalfOpen), None, None).await;
    digest(&bench).await;
    let told = notes(&bench).await;
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|n| n.kind == NotificationKind::ProviderTrouble && n.customer_id.is_none() && n.user_id.is_some()));
    assert_eq!(bench.billing.messages.unread_count(&operator).await.expect("counted"), 1);
    bench.billing.messages.deliver_due().await.expect("sent");
    assert_eq!((bench.ports.pushes.lock().len(), bench.ports.mails.lock().len()), (1, 2));
    bench.clock.advance(chrono::Duration::days(1));
    emit(&bench, provider.id, opened(CircuitState::Open), None, None).await;
    digest(&bench).await;
    assert_eq!(notes(&bench).await.len(), 4, "the next day it is told again");
}

async fn an_invitation_holds_its_secret_link(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let invite = |bench: &Bench| invitation::Model {
        id: InvitationId(bench.billing.kernel.ids.next()),
        customer_id: ada.id,
        token_hash: bench.billing.kernel.ids.token(),
        created_by: None,
        created_at: bench.billing.kernel.clock.now(),
        expires_at: bench.billing.kernel.clock.now() + chrono::Duration::days(7),
        claimed_at: None,
    };
    let (first, second) = (insert(&bench, invite(&bench)).await, insert(&bench, invite(&bench)).await);
    for one in [&first, &second] {
        let event = Event::CustomerInvited(CustomerInvitedData { invitation_id: one.id });
        emit(&bench, ada.id, event, Some(ada.id), None).await;
    }
    digest(&bench).await;
    save(&bench, invitation::Model { expires_at: bench.billing.kernel.clock.now(), ..first }).await;
    bench.billing.messages.deliver_due().await.expect("sent");
    let mails = bench.ports.mails.lock().clone();
    assert_eq!(mails.len(), 1, "an invitation that was replaced is not sent");
    assert_eq!(mails[0].unsubscribe_url, None);
    let token = bench.billing.customers.invitation_token(second.id);
    let token = secrecy::ExposeSecret::expose_secret(&token).to_owned();
    let stored =
        format!("{:?}{:?}", notes(&bench).await, event::Entity::find().all(bench.billing.kernel.store.write_pool()).await.expect("read"));
    assert!(!stored.contains(&token), "the secret is stored nowhere");
}

async fn security_is_told_whatever_anybody_wishes(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    let actor = actor_of(&bench, &ada).await;
    let quiet = billow_billing::messages::QuietHours { start: 0, end: 23 };
    let change = PreferencesChange { quiet_hours: Some(Some(quiet)), ..PreferencesChange::default() };
    bench.billing.messages.update_preferences(&actor, None, change).await.expect("changed");
    let user_id = actor.user().expect("a user");
    let changed = Event::PasswordChanged(PasswordChangedData { user_id, by: None });
    emit(&bench, user_id, changed, Some(ada.id), None).await;
    let mut sessions = Vec::new();
    for agent in ["Firefox", "Firefox", "Chrome"] {
        let row = session::Model {
            id: SessionId(bench.billing.kernel.ids.next()),
            user_id,
            kind: SessionKind::Cookie,
            token_hash: bench.billing.kernel.ids.token(),
            user_agent: Some(agent.into()),
            created_at: bench.billing.kernel.clock.now(),
            expires_at: bench.billing.kernel.clock.now() + chrono::Duration::days(7),
            last_seen_at: bench.billing.kernel.clock.now(),
            revoked_at: None,
            confirmed_at: None,
            signed_in_with: SignInMethod::Password,
            address: None,
        };
        let data = SessionCreatedData { user_id, user_agent: Some(agent.into()), address: None };
        emit(&bench, row.id, Event::SessionCreated(data), Some(ada.id), None).await;
        sessions.push(insert(&bench, row).await);
    }
    digest(&bench).await;
    let told = notes(&bench).await;
    let what: Vec<_> = told.iter().map(|n| (n.kind, n.data["what"].as_str().unwrap_or_default().to_owned())).collect();
    let security = NotificationKind::Security;
    assert_eq!(what, [(security, "PASSWORD_CHANGED".into()), (security, "SIGN_IN".into())], "only the unknown browser is worth a word");
    bench.billing.messages.deliver_due().await.expect("sent");
    assert_eq!(standing(&bench).await, ["EMAIL SENT", "EMAIL SENT"]);
    let all: Vec<notification::Model> = notes(&bench).await;
    assert!(all.iter().all(|n| n.customer_id == Some(ada.id)));
}
