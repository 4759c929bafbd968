//! Onboarding, invitations, changes and the search.

use std::collections::BTreeMap;

use billow_billing::accounts::AddAccount;
use billow_billing::customers::{CustomerFilter, UpdateCustomer};
use billow_billing::identity::{ExposeSecret, SecretString};
use billow_billing::page::PageRequest;
use billow_billing::{Actor, Billing, Error, Result};
use billow_entities::Role;
use chrono::Duration;

use crate::common::{Bench, on_both};
use crate::people::{codes, contact, customer_of, events, form, newcomer, provider, staff};

fn token_of(link: &SecretString) -> SecretString {
    let link = link.expose_secret();
    link.strip_prefix("https://billow.test/claim?token=").expect("a link into the web app").to_owned().into()
}

async fn an_invitation_is_claimed_once_and_its_secret_is_in_no_event(bench: Bench) {
    let operator = staff(&bench.billing, "op@example.com", Role::Operator).await;
    let onboarded = bench.billing.customers.onboard_customer(&operator, contact("Ada", "Ada@example.com")).await.expect("onboarded");
    let token = token_of(&onboarded.link);

    let invited = events(&bench.billing, "customer.invited").await;
    assert_eq!(invited.len(), 1);
    assert_eq!(invited[0].data, serde_json::json!({"invitation_id": onboarded.invitation.id}));
    let id = invited[0].data["invitation_id"].as_str().expect("an id").parse().expect("an id");
    assert_eq!(bench.billing.customers.invitation_link(id).expose_secret(), onboarded.link.expose_secret());

    let shown = bench.billing.identity.invited(&Actor::Anonymous, &token).await.expect("an invitation");
    assert_eq!(shown.customer.id, onboarded.customer.id);
    let without = bench.billing.identity.sign_up(&Actor::Anonymous, form("ada@example.com")).await.expect("an account of its own");
    assert_ne!(customer_of(&without), onboarded.customer.id, "only the person who has the link becomes the customer");

    let mut with = form("ada@example.com");
    with.invitation_token = Some(token.clone());
    let claimed = bench.billing.identity.sign_up(&Actor::Anonymous, with.clone()).await.expect("claimed");
    assert_eq!(customer_of(&claimed), onboarded.customer.id);
    assert_eq!(claimed.customer.expect("a customer").name, "Ada Lovelace");
    with.email = "eve@example.com".into();
    assert_eq!(codes(bench.billing.identity.sign_up(&Actor::Anonymous, with).await), ["invitationToken:INVITATION_INVALID"]);
    assert_eq!(codes(bench.billing.identity.invited(&Actor::Anonymous, &token).await), ["invitationToken:INVITATION_INVALID"]);
    assert_eq!(codes(bench.billing.customers.resend_invitation(&operator, onboarded.customer.id).await), ["customerId:ALREADY_CLAIMED"]);
}

async fn only_the_newest_invitation_leads_somewhere_and_not_forever(bench: Bench) {
    let operator = staff(&bench.billing, "op@example.com", Role::Operator).await;
    let first = bench.billing.customers.onboard_customer(&operator, contact("Ada", "ada@example.com")).await.expect("onboarded");
    let second = bench.billing.customers.resend_invitation(&operator, first.customer.id).await.expect("invited again");
    assert_eq!(
        codes(bench.billing.identity.invited(&Actor::Anonymous, &token_of(&first.link)).await),
        ["invitationToken:INVITATION_INVALID"]
    );
    bench.billing.identity.invited(&Actor::Anonymous, &token_of(&second.link)).await.expect("an invitation");
    bench.clock.advance(Duration::days(30));
    assert_eq!(
        codes(bench.billing.identity.invited(&Actor::Anonymous, &token_of(&second.link)).await),
        ["invitationToken:INVITATION_INVALID"]
    );
}

async fn an_address_belongs_to_one_customer_also_when_two_operators_onboard_at_once(bench: Bench) {
    let other = bench.another("worker-2").await;
    let onboard = async |billing: &Billing| billing.customers.onboard_customer(&Actor::System, contact("Ada", "ada@example.com")).await;
    let answers = futures::future::join_all((0..8).map(|n| onboard(if n % 2 == 0 { &bench.billing } else { &other }))).await;
    let refused: Vec<_> = answers.into_iter().filter(Result::is_err).map(codes).collect();
    assert_eq!(refused, vec![["email:EMAIL_TAKEN"]; 7]);
}

async fn somebody_else_does_not_exist(bench: Bench) {
    let (ada, _) = newcomer(&bench.billing, "ada@example.com").await;
    let (_, bob) = newcomer(&bench.billing, "bob@example.com").await;
    let id = customer_of(&ada);
    assert!(matches!(bench.billing.customers.customer(&bob, id).await, Err(Error::NotFound(_))));
    assert!(matches!(bench.billing.customers.update_customer(&bob, id, UpdateCustomer::default()).await, Err(Error::NotFound(_))));
    assert!(matches!(bench.billing.customers.onboard_customer(&bob, contact("X", "x@example.com")).await, Err(Error::Forbidden)));
    assert!(matches!(
        bench.billing.customers.customers(&bob, CustomerFilter::default(), PageRequest::default()).await,
        Err(Error::Forbidden)
    ));
    assert!(matches!(bench.billing.customers.customer(&Actor::Anonymous, id).await, Err(Error::Unauthenticated)));
    assert!(bench.billing.customers.customers_by_id(&bob, &[id]).await.expect("an answer").is_empty());
}

async fn a_change_is_told_once_and_takes_nobody_elses_address(bench: Bench) {
    let (ada, actor) = newcomer(&bench.billing, "ada@example.com").await;
    newcomer(&bench.billing, "bob@example.com").await;
    let id = customer_of(&ada);
    let before = events(&bench.billing, "customer.updated").await.len();
    let change = async |change: UpdateCustomer| bench.billing.customers.update_customer(&actor, id, change).await;
    let taken = UpdateCustomer { email: Some("BOB@example.com".into()), ..Default::default() };
    let waiting = change(taken).await.expect("the answer does not tell that somebody has it");
    assert_eq!((waiting.email.as_deref(), waiting.email_pending.as_deref()), (Some("ada@example.com"), Some("bob@example.com")));
    let none = UpdateCustomer { email: Some(" ".into()), ..Default::default() };
    assert_eq!(codes(change(none).await), ["email:REQUIRED"]);
    let reference = UpdateCustomer { external_ref: Some("7".into()), ..Default::default() };
    assert!(matches!(change(reference).await, Err(Error::Forbidden)));
    let wanted = UpdateCustomer { locale: Some("en".into()), mobile: Some(String::new()), ..Default::default() };
    let after = change(wanted.clone()).await.expect("changed");
    assert_eq!((after.locale.as_str(), after.mobile), ("en", None));
    change(wanted).await.expect("nothing to change");
    let told = events(&bench.billing, "customer.updated").await;
    assert_eq!(told.len(), before + 2);
    assert_eq!(told[before + 1].data["fields"], serde_json::json!(["mobile", "locale"]));
}

async fn staff_find_customers_by_what_they_are_told_on_the_phone(bench: Bench) {
    let operator = staff(&bench.billing, "op@example.com", Role::Operator).await;
    let mut ids = Vec::new();
    for (name, email, mobile, external) in [
        ("Ada Lovelace", "ada@example.com", "+491712345678", "CRM-7"),
        ("Özgür Lovett", "lovely@example.com", "+14155550100", "CRM-8"),
        ("100% Real_Name", "cy@example.org", "+491719999999", "CRM-9"),
    ] {
        let mut input = contact(name, email);
        input.mobile = Some(mobile.into());
        input.external_ref = Some(external.into());
        ids.push(bench.billing.customers.onboard_customer(&operator, input).await.expect("onboarded").customer.id);
    }
    let voltara = provider(&bench.billing, "voltara").await;
    let account = AddAccount {
        customer_id: Some(ids[1]),
        provider_id: voltara.id,
        property_id: None,
        label: None,
        params: BTreeMap::from([("contract".to_owned(), "4711".to_owned())]),
    };
    bench.billing.accounts.add_utility_account(&operator, account).await.expect("an account");

    for (search, found) in [
        ("ada", &[0][..]),
        ("LOVE", &[1, 0]),
        ("lovett", &[1]),
        ("Özg", &[1]),
        ("vett", &[]),
        ("lovely@", &[1]),
        ("+49 171", &[2, 0]),
        ("4711", &[1]),
        ("47-11", &[1]),
        ("471", &[]),
        ("CRM-9", &[2]),
        ("100%", &[2]),
        ("%", &[]),
        ("_da", &[]),
        ("real_n", &[2]),
    ] {
        assert_eq!(search_for(&bench.billing, &operator, search).await, found.iter().map(|n| ids[*n]).collect::<Vec<_>>(), "{search}");
    }
}

async fn pages_follow_each_other(bench: Bench) {
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(
            bench
                .billing
                .customers
                .onboard_customer(&Actor::System, contact("A", &format!("{n}@example.com")))
                .await
                .expect("onboarded")
                .customer
                .id,
        );
    }
    ids.reverse();
    let mut page = PageRequest { first: Some(2), after: None };
    let mut seen = Vec::new();
    loop {
        let found = bench.billing.customers.customers(&Actor::System, CustomerFilter::default(), page.clone()).await.expect("a page");
        seen.extend(found.items.iter().map(|(_, c)| c.id));
        if !found.has_next {
            break;
        }
        page.after = found.items.last().map(|(cursor, _)| cursor.clone());
    }
    assert_eq!(seen, ids);
    page.after = Some("not a cursor".into());
    assert_eq!(codes(bench.billing.customers.customers(&Actor::System, CustomerFilter::default(), page).await), ["after:INVALID_CURSOR"]);
}

async fn search_for(billing: &Billing, actor: &Actor, text: &str) -> Vec<billow_entities::CustomerId> {
    let filter = CustomerFilter { search: Some(text.into()) };
    let page = billing.customers.customers(actor, filter, PageRequest::default()).await.expect("a page");
    page.items.into_iter().map(|(_, c)| c.id).collect()
}

on_both!(
    an_invitation_is_claimed_once_and_its_secret_is_in_no_event,
    only_the_newest_invitation_leads_somewhere_and_not_forever,
    an_address_belongs_to_one_customer_also_when_two_operators_onboard_at_once,
    somebody_else_does_not_exist,
    a_change_is_told_once_and_takes_nobody_elses_address,
    staff_find_customers_by_what_they_are_told_on_the_phone,
    pages_follow_each_other,
);
