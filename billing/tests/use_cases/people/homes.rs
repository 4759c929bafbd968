//! Homes, households and what they see.

use std::collections::BTreeMap;

use billow_billing::accounts::AddAccount;
use billow_billing::bills::{BillFilter, BillJoins, BillListState, BillSort, ManualBill};
use billow_billing::homes::{NewProperty, PropertyFilter, UpdateProperty};
use billow_billing::page::PageRequest;
use billow_billing::ports::FetchedAmount;
use billow_billing::{Actor, Billing, Error, Scope};
use billow_entities::{ApiClientId, PropertyId, PropertyRole, ProviderId, UtilityAccountId, utility_account};
use chrono::NaiveDate;
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};

use crate::common::{Bench, on_both};
use crate::people::{codes, customer_of, events, join, newcomer, provider};

async fn home(billing: &Billing, actor: &Actor, name: &str) -> PropertyId {
    billing.homes.add_property(actor, NewProperty { name: name.into(), ..Default::default() }).await.expect("a home").id
}

async fn account(billing: &Billing, actor: &Actor, provider: ProviderId, home: Option<PropertyId>, number: &str) -> utility_account::Model {
    let new = AddAccount {
        customer_id: None,
        provider_id: provider,
        property_id: home,
        label: None,
        params: BTreeMap::from([("contract".to_owned(), number.to_owned())]),
    };
    billing.accounts.add_utility_account(actor, new).await.expect("an account").account
}

async fn seen(billing: &Billing, actor: &Actor) -> Vec<UtilityAccountId> {
    let condition = billing
        .homes
        .visible_condition(actor, utility_account::Column::CustomerId, utility_account::Column::PropertyId)
        .expect("somebody who reads");
    let rows = utility_account::Entity::find()
        .filter(condition)
        .order_by_asc(utility_account::Column::Id)
        .all(billing.kernel.store.read())
        .await
        .expect("accounts");
    rows.into_iter().map(|a| a.id).collect()
}

async fn a_household_sees_what_is_in_the_home_and_nothing_else(bench: Bench) {
    let billing = &bench.billing;
    let (_, ada) = newcomer(billing, "ada@example.com").await;
    let (bob_in, bob) = newcomer(billing, "bob@example.com").await;
    let (_, eve) = newcomer(billing, "eve@example.com").await;
    let voltara = provider(billing, "voltara").await.id;
    let flat = home(billing, &ada, "Flat").await;
    let shared = account(billing, &ada, voltara, Some(flat), "1001").await;
    let private = account(billing, &ada, voltara, None, "1002").await;
    let own = account(billing, &bob, voltara, None, "1003").await;
    assert_eq!(seen(billing, &bob).await, [own.id]);
    assert!(matches!(billing.homes.property(&bob, flat).await, Err(Error::NotFound(_))));
    assert!(matches!(billing.homes.can_manage_account(&bob, &shared).await, Err(Error::NotFound(_))));

    join(billing, &ada, flat, &bob, PropertyRole::Viewer).await;
    assert_eq!(seen(billing, &bob).await, [shared.id, own.id]);
    assert_eq!(seen(billing, &ada).await, [shared.id, private.id]);
    assert_eq!(seen(billing, &eve).await, []);
    assert_eq!(seen(billing, &Actor::System).await, [shared.id, private.id, own.id]);
    assert!(matches!(billing.homes.can_manage_account(&bob, &shared).await, Err(Error::Forbidden)));
    assert!(matches!(billing.homes.can_manage_account(&bob, &private).await, Err(Error::NotFound(_))));
    billing.homes.change_member_role(&ada, flat, customer_of(&bob_in), PropertyRole::Payer).await.expect("changed");
    billing.homes.can_manage_account(&bob, &shared).await.expect("a payer manages accounts");
    assert!(matches!(billing.homes.update_property(&bob, flat, UpdateProperty::default()).await, Err(Error::Forbidden)));

    let client = |scope| Actor::Client { client_id: ApiClientId(billing.kernel.ids.next()), scopes: vec![scope], provider_id: None };
    assert_eq!(seen(billing, &client(Scope::BillsRead)).await.len(), 3);
    let column = utility_account::Column::CustomerId;
    assert!(matches!(billing.homes.visible_condition(&client(Scope::BillsPush), column, column), Err(Error::Forbidden)));
    assert!(matches!(billing.homes.visible_condition(&Actor::Anonymous, column, column), Err(Error::Unauthenticated)));
}

async fn a_home_keeps_an_owner(bench: Bench) {
    let billing = &bench.billing;
    let (ada_in, ada) = newcomer(billing, "ada@example.com").await;
    let (bob_in, bob) = newcomer(billing, "bob@example.com").await;
    let (a, b) = (customer_of(&ada_in), customer_of(&bob_in));
    let flat = home(billing, &ada, "Flat").await;
    join(billing, &ada, flat, &bob, PropertyRole::Payer).await;
    assert_eq!(codes(billing.homes.share_property(&ada, flat, "bob@example.com", PropertyRole::Owner).await), ["email:ALREADY_MEMBER"]);
    assert_eq!(codes(billing.homes.remove_member(&ada, flat, a).await), ["customerId:LAST_OWNER"]);
    assert_eq!(codes(billing.homes.change_member_role(&ada, flat, a, PropertyRole::Viewer).await), ["customerId:LAST_OWNER"]);
    assert!(matches!(billing.homes.remove_member(&bob, flat, a).await, Err(Error::Forbidden)));
    assert!(matches!(billing.homes.share_property(&bob, flat, "ada@example.com", PropertyRole::Owner).await, Err(Error::Forbidden)));
    billing.homes.change_member_role(&ada, flat, b, PropertyRole::Owner).await.expect("a second owner");
    billing.homes.remove_member(&ada, flat, a).await.expect("left");
    let members = billing.homes.property_members(&bob, flat).await.expect("members");
    assert_eq!(members.iter().map(|m| (m.customer_id, m.role)).collect::<Vec<_>>(), [(b, PropertyRole::Owner)]);
    assert!(matches!(billing.homes.property_members(&ada, flat).await, Err(Error::NotFound(_))));
}

async fn two_owners_who_leave_at_once_do_not_both_leave(bench: Bench) {
    let billing = &bench.billing;
    let (ada_in, ada) = newcomer(billing, "ada@example.com").await;
    let (bob_in, bob) = newcomer(billing, "bob@example.com").await;
    let flat = home(billing, &ada, "Flat").await;
    join(billing, &ada, flat, &bob, PropertyRole::Owner).await;
    let (first, second) = tokio::join!(
        billing.homes.remove_member(&ada, flat, customer_of(&ada_in)),
        billing.homes.remove_member(&bob, flat, customer_of(&bob_in))
    );
    let refused: Vec<_> = [first, second].into_iter().filter(Result::is_err).map(codes).collect();
    assert_eq!(refused, [["customerId:LAST_OWNER"]]);
}

async fn whoever_leaves_takes_their_accounts_along_and_both_sides_are_told(bench: Bench) {
    let billing = &bench.billing;
    let (_, ada) = newcomer(billing, "ada@example.com").await;
    let (bob_in, bob) = newcomer(billing, "bob@example.com").await;
    let b = customer_of(&bob_in);
    let voltara = provider(billing, "voltara").await.id;
    let flat = home(billing, &ada, "Flat").await;
    join(billing, &ada, flat, &bob, PropertyRole::Payer).await;
    let adas = account(billing, &ada, voltara, Some(flat), "1001").await;
    let bobs = account(billing, &bob, voltara, Some(flat), "1002").await;
    assert_eq!(seen(billing, &ada).await, [adas.id, bobs.id]);
    billing.homes.remove_member(&bob, flat, b).await.expect("left");
    assert_eq!(seen(billing, &ada).await, [adas.id]);
    assert_eq!(seen(billing, &bob).await, [bobs.id]);

    let told: Vec<_> = events(billing, "property.updated")
        .await
        .into_iter()
        .map(|e| (e.data["change"].as_str().unwrap_or_default().to_owned(), e.property_id, e.customer_id))
        .collect();
    let a = ada.customer().expect("a customer");
    let wanted = [("added", a), ("shared", b), ("left", b)]
        .into_iter()
        .flat_map(|(change, who)| [(change.to_owned(), Some(flat), None), (change.to_owned(), None, Some(who))]);
    assert_eq!(told, wanted.collect::<Vec<_>>());
}

/// Pages are merged from one's own bills and those of others in one's homes; a list made by one condition has to say the same.
async fn pages_of_a_household_s_bills_leave_nothing_out_and_repeat_nothing(bench: Bench) {
    let billing = &bench.billing;
    let (_, ada) = newcomer(billing, "ada@example.com").await;
    let (_, bob) = newcomer(billing, "bob@example.com").await;
    let (_, eve) = newcomer(billing, "eve@example.com").await;
    let voltara = provider(billing, "voltara").await.id;
    let (flat, house) = (home(billing, &ada, "Flat").await, home(billing, &ada, "House").await);
    for home in [flat, house] {
        join(billing, &ada, home, &bob, PropertyRole::Payer).await;
    }
    let places =
        [(&ada, Some(flat)), (&bob, Some(flat)), (&ada, Some(house)), (&bob, Some(house)), (&ada, None), (&bob, None), (&eve, None)];
    for (n, (whose, place)) in places.into_iter().enumerate() {
        let account = account(billing, whose, voltara, place, &format!("10{n:02}")).await;
        // The days of issue come round, so that bills of one day meet at the end of a page.
        for k in 0..5 {
            let bill = ManualBill {
                number: Some(format!("B-{n}-{k}")),
                amount: FetchedAmount::Decimal("12.30".into()),
                issued_on: day(10 + (n + k) % 4),
                due_on: (k > 0).then(|| day(20 + (n * k) % 5)),
                period_start: None,
                period_end: None,
                usage: None,
                lines: Vec::new(),
            };
            billing.bills.record_bill(&Actor::System, account.id, bill, "On paper.").await.expect("recorded");
        }
    }
    let filters = [
        BillFilter::default(),
        BillFilter { property_id: Some(flat), ..BillFilter::default() },
        BillFilter { issued_from: Some(day(12)), ..BillFilter::default() },
        BillFilter { state: BillListState::Overdue, ..BillFilter::default() },
    ];
    for (actor, all) in [(&ada, 25), (&bob, 25), (&eve, 5), (&Actor::System, 35)] {
        for sort in [BillSort::Newest, BillSort::Arrived, BillSort::DueDate] {
            for filter in &filters {
                let list = PageRequest { first: Some(100), after: None };
                let wanted: Vec<_> = billing.bills.bills(actor, filter.clone(), sort, list).await.expect("a list").items;
                let wanted: Vec<_> = wanted.into_iter().map(|(_, bill)| bill.id).collect();
                assert!(*filter != BillFilter::default() || wanted.len() == all, "{actor:?} sees {}", wanted.len());
                let (mut after, mut seen) = (None, Vec::new());
                loop {
                    let page = PageRequest { first: Some(3), after };
                    let page = billing.bills.bills_joined(actor, filter.clone(), sort, page, BillJoins::default()).await.expect("a page");
                    after = page.items.last().map(|(cursor, _)| cursor.clone());
                    seen.extend(page.items.into_iter().map(|(_, joined)| joined.bill.id));
                    if !page.has_next {
                        break;
                    }
                }
                assert_eq!(seen, wanted, "{actor:?} {sort:?} {filter:?}");
            }
        }
    }
}

fn day(of_november: usize) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, u32::try_from(of_november).expect("a day")).expect("a date")
}

async fn a_home_is_archived_when_it_is_empty(bench: Bench) {
    let billing = &bench.billing;
    let (_, ada) = newcomer(billing, "ada@example.com").await;
    let voltara = provider(billing, "voltara").await.id;
    let flat = home(billing, &ada, "Flat").await;
    let house = home(billing, &ada, "House").await;
    let open = account(billing, &ada, voltara, Some(flat), "1001").await;
    assert_eq!(codes(billing.homes.archive_property(&ada, flat).await), ["id:HAS_ACCOUNTS"]);
    billing.accounts.close_utility_account(&ada, open.id).await.expect("closed");
    assert!(billing.homes.archive_property(&ada, flat).await.expect("archived").archived_at.is_some());
    let list = async |with_archived| {
        let filter = PropertyFilter { customer_id: None, with_archived };
        let page = billing.homes.properties(&ada, filter, PageRequest::default()).await.expect("a page");
        page.items.into_iter().map(|(_, h)| h.id).collect::<Vec<_>>()
    };
    assert_eq!(list(false).await, [house]);
    assert_eq!(list(true).await, [house, flat]);
}

async fn a_home_takes_its_owners_time_zone_and_is_changed_field_by_field(bench: Bench) {
    let billing = &bench.billing;
    let (_, ada) = newcomer(billing, "ada@example.com").await;
    let wrong = NewProperty { name: String::new(), country: Some("Germany".into()), time_zone: Some("Mars".into()), ..Default::default() };
    assert_eq!(
        codes(billing.homes.add_property(&ada, wrong).await),
        ["name:REQUIRED", "country:INVALID_COUNTRY", "timeZone:INVALID_TIME_ZONE"]
    );
    let flat = billing
        .homes
        .add_property(&ada, NewProperty { name: "Flat".into(), city: Some("Ulm".into()), ..Default::default() })
        .await
        .expect("a home");
    assert_eq!(flat.time_zone, "Europe/Berlin");
    let change = UpdateProperty { city: Some(" ".into()), country: Some("de".into()), ..Default::default() };
    let changed = billing.homes.update_property(&ada, flat.id, change).await.expect("changed");
    assert_eq!((changed.name.as_str(), changed.city, changed.country.as_deref()), ("Flat", None, Some("DE")));
}

on_both!(
    a_household_sees_what_is_in_the_home_and_nothing_else,
    a_home_keeps_an_owner,
    two_owners_who_leave_at_once_do_not_both_leave,
    whoever_leaves_takes_their_accounts_along_and_both_sides_are_told,
    pages_of_a_household_s_bills_leave_nothing_out_and_repeat_nothing,
    a_home_is_archived_when_it_is_empty,
    a_home_takes_its_owners_time_zone_and_is_changed_field_by_field,
);
