//! Signed links to pay a bill without signing in.

use std::net::IpAddr;

use billow_billing::payments::PayByLink;
use chrono::Duration;
use serde_json::json;

use super::*;
use crate::common::{on_both, rows};

on_both!(
    a_guest_sees_a_bill_and_pays_it_on_the_gateway_s_page,
    a_link_that_was_made_up_or_changed_leads_nowhere,
    a_link_leads_somewhere_for_thirty_days,
    a_link_is_only_as_good_as_the_name_in_it,
    what_cannot_be_paid_has_no_link,
);

const HERE: Option<IpAddr> = None;

/// A bill of 12.30 € of Anna's, in a home that she shares with Bob.
struct World {
    bench: Bench,
    anna: (CustomerId, Actor),
    bob: (CustomerId, Actor),
    home: PropertyId,
    bill: BillId,
}

async fn world(bench: Bench) -> World {
    gateway(&bench, "cards", 1).await;
    let (anna, bob) = (somebody(&bench, "Anna").await, somebody(&bench, "Bob").await);
    let (billing, db, now) = (&bench.billing, bench.billing.kernel.store.write_pool(), bench.billing.kernel.clock.now());
    let definition = json!({
        "code": "voltara", "name": "Voltara", "utility_type": "ELECTRICITY", "currency": "EUR", "time_zone": "UTC",
        "connector": {"kind": "HTTP", "settings": {}},
        "params": [{"name": "number", "label": "Consumer number"}],
        "schedule": {"every": {"kind": "MONTH", "day": 15}, "hour": 6},
        "amount_rule": {"kind": "ANY"}
    });
    let provider = billing.providers.register_provider(&ADMIN, definition, BTreeMap::new()).await.expect("a provider");
    let home = PropertyId(billing.kernel.ids.next());
    let property = property::Model {
        id: home,
        name: "Home".into(),
        address: None,
        city: None,
        postal_code: None,
        country: None,
        time_zone: "UTC".into(),
        created_at: now,
        archived_at: None,
    };
    property.into_active_model().insert(db).await.expect("a home");
    for (customer_id, role) in [(anna.0, PropertyRole::Owner), (bob.0, PropertyRole::Payer)] {
        let member = property_member::Model { property_id: home, customer_id, role, created_at: now };
        member.into_active_model().insert(db).await.expect("a member");
    }
    let row = utility_account::Model { property_id: Some(home), ..rows::account(billing, anna.0, provider.id, "00004711") };
    let account = row.into_active_model().insert(db).await.expect("an account").id;
    let bill = BillId(billing.kernel.ids.next());
    let row = bill::ActiveModel {
        id: Set(bill),
        account_id: Set(account),
        customer_id: Set(anna.0),
        property_id: Set(Some(home)),
        provider_id: Set(provider.id),
        utility_type: Set(UtilityType::Electricity),
        number: Set("2026-11".into()),
        version: Set(1),
        status: Set(BillStatus::Open),
        currency: Set("EUR".into()),
        amount_minor: Set(1_230),
        paid_minor: Set(0),
        issued_on: Set("2026-11-20".parse().expect("a date")),
        due_on: Set(Some("2026-12-01".parse().expect("a date"))),
        lines: Set(json!([])),
        content_hash: Set("-".into()),
        source: Set(BillSource::Fetched),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    row.insert(db).await.expect("a bill");
    World { bench, anna, bob, home, bill }
}

impl World {
    async fn link(&self, actor: &Actor) -> String {
        let made = self.bench.billing.payments.create_pay_link(actor, self.bill).await.expect("a link");
        made.url.strip_prefix("https://billow.test/pay/").expect("a page of ours").to_owned()
    }

    async fn set_bill(&self, change: impl FnOnce(&mut bill::ActiveModel)) {
        let db = self.bench.billing.kernel.store.write_pool();
        let mut row = bill::Entity::find_by_id(self.bill).one(db).await.expect("read").expect("a bill").into_active_model();
        change(&mut row);
        row.update(db).await.expect("written");
    }
}

fn wish(token: &str, key: &str) -> PayByLink {
    PayByLink { token: token.into(), amount_minor: None, return_url: "https://billow.test/pay/done".into(), idempotency_key: key.into() }
}

async fn a_guest_sees_a_bill_and_pays_it_on_the_gateway_s_page(bench: Bench) {
    let world = world(bench).await;
    let billing = &world.bench.billing;
    let token = world.link(&world.bob.1).await;
    let seen = billing.payments.pay_link(&token, HERE).await.expect("a bill");
    assert_eq!((seen.bill.id, seen.customer, seen.quote.suggested_minor), (world.bill, world.bob.0, 1_230));
    assert!(seen.quote.payable() && seen.payment.is_none());

    let (payment, url) = billing.payments.pay_by_link(wish(&token, "a-key-of-a-guest"), HERE).await.expect("begun");
    assert_eq!((payment.status, payment.customer_id, payment.amount_minor), (PaymentStatus::RequiresAction, world.bob.0, 1_230));
    assert_eq!(payment.actor, format!("link:{}", world.bill));
    assert!(url.as_deref().is_some_and(|url| url.starts_with("https://pay.test/")), "{url:?}");
    let (again, same) = billing.payments.pay_by_link(wish(&token, "a-key-of-a-guest"), HERE).await.expect("the same");
    assert_eq!((again.id, same), (payment.id, url));
    let other = PayByLink { amount_minor: Some(5), ..wish(&token, "a-key-of-a-guest") };
    assert_eq!(codes(billing.payments.pay_by_link(other, HERE).await), ["IDEMPOTENCY_KEY_REUSED"]);
    assert_eq!(codes(billing.payments.pay_by_link(wish(&token, "another-key"), HERE).await), ["PAYMENT_IN_PROGRESS"]);
    assert_eq!(billing.payments.pay_link(&token, HERE).await.expect("a bill").payment.map(|p| p.id), Some(payment.id));
    assert_eq!(world.bench.ports.gateway.charge_calls(), 1);

    // By a link one pays on a page of the gateway's and in no other way, and comes back to us.
    let elsewhere = PayByLink { return_url: "https://evil.test/".into(), ..wish(&token, "a-third-key") };
    assert!(codes(billing.payments.pay_by_link(elsewhere, HERE).await).contains(&"INVALID".to_owned()));
    assert_eq!(codes(billing.payments.pay_by_link(wish(&token, "short"), HERE).await), ["WRONG_LENGTH"]);
}

async fn a_link_that_was_made_up_or_changed_leads_nowhere(bench: Bench) {
    let world = world(bench).await;
    let billing = &world.bench.billing;
    let token = world.link(&world.anna.1).await;
    let parts: Vec<&str> = token.split('.').collect();
    let (bill, payer, until, mac) = (parts[0], parts[1], parts[2], parts[3]);
    let (other_bill, later) = (BillId(billing.kernel.ids.next()), until.parse::<i64>().expect("an instant") + 1);
    let mut made_up = vec![
        String::new(),
        "…".into(),
        format!("{other_bill}.{payer}.{until}.{mac}"),
        format!("{bill}.{}.{until}.{mac}", world.bob.0),
        format!("{bill}.{payer}.{later}.{mac}"),
        format!("{bill}.{payer}.0{until}.{mac}"),
        format!("{bill}.{payer}.{until}."),
        format!("{bill}.{payer}.{until}.{}", mac.to_uppercase()),
        format!("{token}."),
        token.repeat(40),
    ];
    made_up.extend(
        (0..token.len()).map(|at| format!("{}{}{}", &token[..at], if &token[at..=at] == "0" { "1" } else { "0" }, &token[at + 1..])),
    );
    for forged in &made_up {
        assert!(matches!(billing.payments.read_pay_link(forged), Err(Error::NotFound("link"))), "{forged}");
    }
    assert!(billing.payments.read_pay_link(&token).is_ok());
    let from: Option<IpAddr> = Some("192.0.2.1".parse().expect("an address"));
    for forged in made_up.iter().take(50) {
        assert!(matches!(billing.payments.pay_link(forged, from).await, Err(Error::NotFound("link"))));
    }
    assert!(matches!(billing.payments.pay_by_link(wish(&made_up[3], "a-key-of-a-guest"), from).await, Err(Error::TooMany { .. })));
    assert!(billing.payments.pay_link(&token, from).await.is_ok(), "whoever has a link may use it");
    assert_eq!(world.bench.ports.gateway.charge_calls(), 0);
}

async fn a_link_leads_somewhere_for_thirty_days(bench: Bench) {
    let world = world(bench).await;
    let billing = &world.bench.billing;
    let made = billing.payments.pay_link_for(world.bill, world.anna.0);
    assert_eq!(made.expires_at, billing.kernel.clock.now() + Duration::days(30));
    let token = made.url.rsplit('/').next().expect("a token").to_owned();
    world.bench.clock.set(made.expires_at - Duration::milliseconds(1));
    assert_eq!(billing.payments.pay_link(&token, HERE).await.expect("a bill").expires_at, made.expires_at);
    world.bench.clock.set(made.expires_at);
    assert!(matches!(billing.payments.pay_link(&token, HERE).await, Err(Error::NotFound("link"))));
    assert_eq!(codes(billing.payments.pay_by_link(wish(&token, "a-key-of-a-guest"), HERE).await), ["LINK_EXPIRED"]);
    assert_eq!(world.bench.ports.gateway.charge_calls(), 0);
}

async fn a_link_is_only_as_good_as_the_name_in_it(bench: Bench) {
    let world = world(bench).await;
    let billing = &world.bench.billing;
    let (by_bob, by_staff) = (world.link(&world.bob.1).await, world.link(&OPERATOR).await);
    assert_eq!(billing.payments.pay_link(&by_staff, HERE).await.expect("a bill").customer, world.anna.0);
    let (_, stranger) = somebody(&world.bench, "Carla").await;
    assert!(matches!(billing.payments.create_pay_link(&stranger, world.bill).await, Err(Error::NotFound("bill"))));
    assert!(matches!(billing.payments.create_pay_link(&Actor::Anonymous, world.bill).await, Err(Error::Unauthenticated)));
    // Bob may only look from now on, and then leaves.
    let db = billing.kernel.store.write_pool();
    let member = property_member::Entity::find_by_id((world.home, world.bob.0)).one(db).await.expect("read").expect("a member");
    let mut viewer = member.into_active_model();
    viewer.role = Set(PropertyRole::Viewer);
    viewer.update(db).await.expect("written");
    assert!(matches!(billing.payments.create_pay_link(&world.bob.1, world.bill).await, Err(Error::Forbidden)));
    for _ in 0..2 {
        assert!(matches!(billing.payments.pay_link(&by_bob, HERE).await, Err(Error::NotFound("link"))));
        assert!(matches!(billing.payments.pay_by_link(wish(&by_bob, "a-key-of-a-guest"), HERE).await, Err(Error::NotFound("link"))));
        property_member::Entity::delete_by_id((world.home, world.bob.0)).exec(db).await.expect("left");
    }
    assert!(billing.payments.pay_link(&by_staff, HERE).await.is_ok());
}

async fn what_cannot_be_paid_has_no_link(bench: Bench) {
    let world = world(bench).await;
    let billing = &world.bench.billing;
    let token = world.link(&world.anna.1).await;
    world.set_bill(|row| row.status = Set(BillStatus::Paid)).await;
    assert_eq!(codes(billing.payments.create_pay_link(&world.anna.1, world.bill).await), ["NOT_PAYABLE"]);
    let seen = billing.payments.pay_link(&token, HERE).await.expect("a bill");
    assert!(!seen.quote.payable() && seen.quote.reason().is_some(), "an older link says so");
    assert_eq!(codes(billing.payments.pay_by_link(wish(&token, "a-key-of-a-guest"), HERE).await), ["NOT_PAYABLE"]);
    let nothing = BillId(billing.kernel.ids.next());
    assert!(matches!(billing.payments.create_pay_link(&world.anna.1, nothing).await, Err(Error::NotFound("bill"))));
}
