//! Invitations to a household: nobody joins without accepting, and nobody learns anything before.

use billow_billing::homes::{Invitation, NewProperty};
use billow_billing::page::PageRequest;
use billow_billing::{Actor, Billing, Error};
use billow_entities::{PropertyId, PropertyInvitationId, PropertyInvitationStatus, PropertyRole, Role};
use chrono::Duration;

use crate::common::{Bench, on_both};
use crate::people::{codes, customer_of, join, newcomer, staff, unconfirmed};

async fn home(billing: &Billing, actor: &Actor, name: &str) -> PropertyId {
    billing.homes.add_property(actor, NewProperty { name: name.into(), ..Default::default() }).await.expect("a home").id
}

async fn open(billing: &Billing, actor: &Actor) -> Vec<Invitation> {
    let page = billing.homes.property_invitations(actor, PageRequest::default()).await.expect("a page");
    page.items.into_iter().map(|(_, invitation)| invitation).collect()
}

async fn only_the_person_who_confirmed_the_address_joins(bench: Bench) {
    let billing = &bench.billing;
    let (_, ada) = newcomer(billing, "ada@example.com").await;
    let (bob_in, bob) = newcomer(billing, "bob@example.com").await;
    let (_, eve) = newcomer(billing, "eve@example.com").await;
    let (_, claims) = unconfirmed(billing, "bob@example.com").await;
    let flat = home(billing, &ada, "Flat").await;
    let sent = billing.homes.share_property(&ada, flat, "Bob@Example.com", PropertyRole::Payer).await.expect("invited");
    assert_eq!((sent.row.email.as_str(), sent.row.status), ("bob@example.com", PropertyInvitationStatus::Pending));
    assert!(matches!(billing.homes.property(&bob, flat).await, Err(Error::NotFound(_))), "not before accepting");
    assert_eq!(billing.homes.property_members(&ada, flat).await.expect("members").len(), 1);

    for stranger in [&eve, &claims] {
        assert!(open(billing, stranger).await.is_empty());
        assert!(matches!(billing.homes.property_invitation(stranger, sent.row.id).await, Err(Error::NotFound(_))));
        assert!(matches!(billing.homes.accept_property_invitation(stranger, sent.row.id).await, Err(Error::NotFound(_))));
        assert!(matches!(billing.homes.decline_property_invitation(stranger, sent.row.id).await, Err(Error::NotFound(_))));
        assert!(matches!(billing.homes.revoke_property_invitation(stranger, sent.row.id).await, Err(Error::NotFound(_))));
        assert!(matches!(billing.homes.resend_property_invitation(stranger, sent.row.id).await, Err(Error::NotFound(_))));
    }
    let no_such = PropertyInvitationId(billing.kernel.ids.next());
    assert!(matches!(billing.homes.accept_property_invitation(&Actor::Anonymous, sent.row.id).await, Err(Error::Unauthenticated)));
    assert!(matches!(billing.homes.accept_property_invitation(&Actor::Anonymous, no_such).await, Err(Error::Unauthenticated)));

    let seen = open(billing, &bob).await;
    assert_eq!(
        seen.iter().map(|i| (i.home_name.as_str(), i.invited_by.as_deref())).collect::<Vec<_>>(),
        [("Flat", Some("ada@example.com"))]
    );
    let member = billing.homes.accept_property_invitation(&bob, sent.row.id).await.expect("accepted");
    assert_eq!((member.customer_id, member.role), (customer_of(&bob_in), PropertyRole::Payer));
    billing.homes.property(&bob, flat).await.expect("seen from now on");
    assert!(matches!(billing.homes.accept_property_invitation(&bob, sent.row.id).await, Err(Error::NotFound(_))), "once");
    assert_eq!(codes(billing.homes.share_property(&ada, flat, "bob@example.com", PropertyRole::Owner).await), ["email:ALREADY_MEMBER"]);
}

async fn the_answer_is_the_same_whether_or_not_somebody_has_the_address(bench: Bench) {
    let billing = &bench.billing;
    let (_, ada) = newcomer(billing, "ada@example.com").await;
    newcomer(billing, "bob@example.com").await;
    let flat = home(billing, &ada, "Flat").await;
    let mut answers = Vec::new();
    for email in ["bob@example.com", "nobody@example.com"] {
        let mut invitation = billing.homes.share_property(&ada, flat, email, PropertyRole::Viewer).await.expect("invited");
        invitation.row.id = PropertyInvitationId(uuid::Uuid::nil());
        invitation.row.email = String::new();
        answers.push(format!("{invitation:?}"));
    }
    assert_eq!(answers[0], answers[1]);
}

async fn an_invitation_is_sent_again_withdrawn_declined_and_ends(bench: Bench) {
    let billing = &bench.billing;
    let (_, ada) = newcomer(billing, "ada@example.com").await;
    let (_, bob) = newcomer(billing, "bob@example.com").await;
    let flat = home(billing, &ada, "Flat").await;
    let first = billing.homes.share_property(&ada, flat, "bob@example.com", PropertyRole::Viewer).await.expect("invited");
    bench.clock.advance(Duration::days(13));
    let again = billing.homes.share_property(&ada, flat, "bob@example.com", PropertyRole::Payer).await.expect("invited again");
    assert_eq!((again.row.id, again.row.role), (first.row.id, PropertyRole::Payer), "there is one open invitation for an address");
    bench.clock.advance(Duration::days(13));
    billing.homes.resend_property_invitation(&ada, first.row.id).await.expect("sent again");
    bench.clock.advance(Duration::days(14));
    assert!(open(billing, &bob).await.is_empty(), "over after fourteen days");
    assert!(matches!(billing.homes.accept_property_invitation(&bob, first.row.id).await, Err(Error::NotFound(_))));
    let listed = billing.homes.invitations_of_property(&ada, flat).await.expect("a list");
    assert_eq!(listed[0].row.status, PropertyInvitationStatus::Expired);

    billing.homes.resend_property_invitation(&ada, first.row.id).await.expect("sent again");
    billing.homes.revoke_property_invitation(&ada, first.row.id).await.expect("withdrawn");
    assert!(matches!(billing.homes.accept_property_invitation(&bob, first.row.id).await, Err(Error::NotFound(_))));
    let second = billing.homes.share_property(&ada, flat, "bob@example.com", PropertyRole::Viewer).await.expect("invited");
    assert_ne!(second.row.id, first.row.id);
    billing.homes.decline_property_invitation(&bob, second.row.id).await.expect("declined");
    assert!(matches!(billing.homes.accept_property_invitation(&bob, second.row.id).await, Err(Error::NotFound(_))));
    let states: Vec<_> =
        billing.homes.invitations_of_property(&ada, flat).await.expect("a list").into_iter().map(|i| i.row.status).collect();
    assert_eq!(states, [PropertyInvitationStatus::Declined, PropertyInvitationStatus::Revoked]);
    assert!(matches!(billing.homes.property_members(&bob, flat).await, Err(Error::NotFound(_))));
}

async fn who_may_not_manage_a_home_invites_nobody_and_sees_no_invitation(bench: Bench) {
    let billing = &bench.billing;
    let (_, ada) = newcomer(billing, "ada@example.com").await;
    let (bob_in, bob) = newcomer(billing, "bob@example.com").await;
    let (cy_in, cy) = newcomer(billing, "cy@example.com").await;
    let (_, dan) = unconfirmed(billing, "dan@example.com").await;
    let flat = home(billing, &ada, "Flat").await;
    join(billing, &ada, flat, &bob, PropertyRole::Payer).await;
    join(billing, &ada, flat, &cy, PropertyRole::Owner).await;
    let sent = billing.homes.share_property(&cy, flat, "eve@example.com", PropertyRole::Viewer).await.expect("invited");
    assert!(billing.homes.invitations_of_property(&bob, flat).await.expect("a list").is_empty());
    assert!(matches!(billing.homes.property_invitation(&bob, sent.row.id).await, Err(Error::NotFound(_))));
    assert!(matches!(billing.homes.share_property(&bob, flat, "eve@example.com", PropertyRole::Viewer).await, Err(Error::Forbidden)));
    assert!(matches!(billing.homes.revoke_property_invitation(&bob, sent.row.id).await, Err(Error::NotFound(_))));
    let own = home(billing, &dan, "Hut").await;
    assert_eq!(codes(billing.homes.share_property(&dan, own, "eve@example.com", PropertyRole::Viewer).await), [":EMAIL_UNCONFIRMED"]);

    // An owner who is an owner no longer takes the open invitations along.
    billing.homes.change_member_role(&ada, flat, customer_of(&cy_in), PropertyRole::Payer).await.expect("changed");
    let (_, eve) = newcomer(billing, "eve@example.com").await;
    assert!(matches!(billing.homes.accept_property_invitation(&eve, sent.row.id).await, Err(Error::NotFound(_))));
    let operator = staff(billing, "op@example.com", Role::Operator).await;
    let by_staff = billing.homes.share_property(&operator, flat, "eve@example.com", PropertyRole::Viewer).await.expect("invited");
    assert_eq!(open(billing, &eve).await[0].invited_by, None);
    billing.homes.accept_property_invitation(&eve, by_staff.row.id).await.expect("accepted");
    assert!(billing.homes.property_members(&eve, flat).await.expect("members").iter().any(|m| m.customer_id == customer_of(&bob_in)));
}

async fn the_name_of_a_home_brings_no_link_to_a_stranger(bench: Bench) {
    let billing = &bench.billing;
    let (_, ada) = newcomer(billing, "ada@example.com").await;
    let (_, bob) = newcomer(billing, "bob@example.com").await;
    let flat = home(billing, &ada, "\u{202E}Pay at https://evil.example/now\u{200B}").await;
    billing.homes.share_property(&ada, flat, "bob@example.com", PropertyRole::Viewer).await.expect("invited");
    assert_eq!(open(billing, &bob).await[0].home_name, "Pay at evil example now");
}

on_both!(
    only_the_person_who_confirmed_the_address_joins,
    the_answer_is_the_same_whether_or_not_somebody_has_the_address,
    an_invitation_is_sent_again_withdrawn_declined_and_ends,
    who_may_not_manage_a_home_invites_nobody_and_sees_no_invitation,
    the_name_of_a_home_brings_no_link_to_a_stranger,
);
