use billow_billing::Error;
use billow_billing::messages::{Marked, PreferencesChange};
use billow_billing::page::PageRequest;

use super::*;
use crate::common::{Bench, on_both};

on_both!(the_inbox_is_one_s_own, messages_become_read, one_click_takes_mails_of_a_kind_off_the_list, wishes_are_one_s_own);

async fn told(bench: &Bench, owner: &customer::Model, count: usize) {
    let account = account(bench, owner, None).await;
    for _ in 0..count {
        bill(bench, &account, "2026-12-05").await;
    }
    digest(bench).await;
}

async fn the_inbox_is_one_s_own(bench: Bench) {
    let (ada, bob) = (customer(&bench, "Ada").await, customer(&bench, "Bob").await);
    let (hers, his) = (actor_of(&bench, &ada).await, actor_of(&bench, &bob).await);
    told(&bench, &ada, 3).await;
    told(&bench, &bob, 1).await;
    let first = bench.billing.messages.notifications(&hers, false, PageRequest { first: Some(2), after: None }).await.expect("a page");
    assert_eq!((first.items.len(), first.has_next), (2, true));
    assert!(first.items[0].1.id > first.items[1].1.id, "newest first");
    let after = Some(first.items[1].0.clone());
    let rest = bench.billing.messages.notifications(&hers, false, PageRequest { first: Some(2), after }).await.expect("a page");
    assert_eq!((rest.items.len(), rest.has_next), (1, false));
    let id = rest.items[0].1.id;
    assert!(bench.billing.messages.notification(&hers, id).await.is_ok());
    assert!(matches!(bench.billing.messages.notification(&his, id).await, Err(Error::NotFound(_))));
    assert!(matches!(
        bench.billing.messages.notifications(&Actor::Anonymous, false, PageRequest::default()).await,
        Err(Error::Unauthenticated)
    ));
    let operator = actor(&bench, Role::Operator, None).await;
    assert_eq!(bench.billing.messages.unread_count(&operator).await.expect("counted"), 0);
}

async fn messages_become_read(bench: Bench) {
    let (ada, bob) = (customer(&bench, "Ada").await, customer(&bench, "Bob").await);
    let (hers, his) = (actor_of(&bench, &ada).await, actor_of(&bench, &bob).await);
    told(&bench, &ada, 3).await;
    let ids: Vec<_> = notes(&bench).await.into_iter().map(|n| n.id).collect();
    assert_eq!(bench.billing.messages.mark_read(&his, Marked::These(ids.clone())).await.expect("marked"), 0);
    assert_eq!(bench.billing.messages.mark_read(&hers, Marked::These(vec![ids[0]])).await.expect("marked"), 1);
    assert_eq!(bench.billing.messages.mark_read(&hers, Marked::These(vec![ids[0]])).await.expect("marked"), 0);
    assert_eq!(bench.billing.messages.unread_count(&hers).await.expect("counted"), 2);
    let unread = bench.billing.messages.notifications(&hers, true, PageRequest::default()).await.expect("a page");
    assert_eq!(unread.items.len(), 2);
    assert_eq!(bench.billing.messages.mark_read(&hers, Marked::All).await.expect("marked"), 2);
    let many = Marked::These(vec![ids[0]; 101]);
    assert!(matches!(bench.billing.messages.mark_read(&hers, many).await, Err(Error::Invalid(_))));
}

async fn one_click_takes_mails_of_a_kind_off_the_list(bench: Bench) {
    let ada = customer(&bench, "Ada").await;
    told(&bench, &ada, 1).await;
    bench.billing.messages.deliver_due().await.expect("sent");
    let url = bench.ports.mails.lock()[0].unsubscribe_url.clone().expect("an address");
    let token = url.strip_prefix("https://billow.test/unsubscribe/").expect("ours");
    let forged = [
        token.replace("bill_received", "bill_reminder"),
        token[..token.len() - 1].to_owned(),
        format!("{token}0"),
        token.to_uppercase(),
        String::new(),
        "..".into(),
    ];
    for wrong in &forged {
        assert!(matches!(bench.billing.messages.unsubscribe(wrong).await, Err(Error::NotFound(_))), "{wrong}");
    }
    assert_eq!(bench.billing.messages.unsubscribe_kind(token).expect("ours"), NotificationKind::BillReceived);
    assert_eq!(bench.billing.messages.unsubscribe(token).await.expect("taken off"), NotificationKind::BillReceived);
    assert_eq!(bench.billing.messages.unsubscribe(token).await.expect("again"), NotificationKind::BillReceived);
    let wishes = bench.billing.messages.preferences(&Actor::System, Some(ada.id)).await.expect("read");
    assert!(!wishes.channels_of(NotificationKind::BillReceived).email && wishes.channels_of(NotificationKind::BillReceived).push);
    assert!(wishes.channels_of(NotificationKind::BillReminder).email);
    told(&bench, &ada, 1).await;
    assert_eq!(deliveries(&bench).await.len(), 1, "the second bill is in the inbox only");
    assert_eq!(bench.billing.messages.unsubscribe_url(ada.id, NotificationKind::Security), None);
}

async fn wishes_are_one_s_own(bench: Bench) {
    let (ada, bob) = (customer(&bench, "Ada").await, customer(&bench, "Bob").await);
    let hers = actor_of(&bench, &ada).await;
    let operator = actor(&bench, Role::Operator, None).await;
    let change = || PreferencesChange { reminder_hour: Some(7), ..PreferencesChange::default() };
    assert!(matches!(bench.billing.messages.preferences(&hers, Some(bob.id)).await, Err(Error::NotFound(_))));
    assert!(matches!(bench.billing.messages.update_preferences(&hers, Some(bob.id), change()).await, Err(Error::NotFound(_))));
    assert!(matches!(bench.billing.messages.preferences(&operator, None).await, Err(Error::Forbidden)));
    bench.billing.messages.update_preferences(&operator, Some(bob.id), change()).await.expect("changed");
    assert_eq!(bench.billing.messages.preferences(&Actor::System, Some(bob.id)).await.expect("read").reminder_hour, 7);
    assert_eq!(bench.billing.messages.preferences(&hers, None).await.expect("read").reminder_hour, 9);
}
