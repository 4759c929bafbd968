//! Who signs in, who owes, who lives where: the use cases on a database.

mod customers;
mod homes;
mod identity;
mod imports;
mod invitations;
mod way_in;

use billow_billing::customers::ContactInput;
use billow_billing::identity::{Device, NewUser, SignIn, SignUp, SignedIn};
use billow_billing::{Actor, Billing, Error, Result};
use billow_entities::{CustomerId, PropertyId, PropertyRole, Role, SessionKind, event, provider};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

pub const PASSWORD: &str = "a long enough password";

pub fn device() -> Device {
    Device { kind: SessionKind::Bearer, user_agent: Some("Firefox".into()), address: Some("192.0.2.1".parse().expect("an address")) }
}

pub fn form(email: &str) -> SignUp {
    SignUp {
        email: email.into(),
        password: PASSWORD.into(),
        name: "Ada Lovelace".into(),
        mobile: Some("+49 171 2345678".into()),
        locale: "de-de".into(),
        time_zone: "Europe/Berlin".into(),
        invitation_token: None,
        device: device(),
    }
}

pub fn contact(name: &str, email: &str) -> ContactInput {
    ContactInput { name: name.into(), email: Some(email.into()), locale: "en".into(), time_zone: "UTC".into(), ..ContactInput::default() }
}

/// Signs up and confirms the address, and answers who asks from then on.
pub async fn newcomer(billing: &Billing, email: &str) -> (SignedIn, Actor) {
    let (signed_in, actor) = unconfirmed(billing, email).await;
    billing.identity.vouch_for_email(&Actor::System, customer_of(&signed_in)).await.expect("confirmed");
    (signed_in, actor)
}

/// Signs up with an address that nobody confirmed yet.
pub async fn unconfirmed(billing: &Billing, email: &str) -> (SignedIn, Actor) {
    let signed_in = billing.identity.sign_up(&Actor::Anonymous, form(email)).await.expect("signed up");
    let actor = billing.identity.authenticate(&signed_in.token).await.expect("signed in");
    (signed_in, actor)
}

/// Invites somebody to a household, who accepts.
pub async fn join(billing: &Billing, owner: &Actor, home: PropertyId, member: &Actor, role: PropertyRole) {
    let customer = billing.customers.customer(member, member.customer().expect("a customer")).await.expect("oneself");
    let email = customer.email.expect("an address");
    let invitation = billing.homes.share_property(owner, home, &email, role).await.expect("invited");
    billing.homes.accept_property_invitation(member, invitation.row.id).await.expect("accepted");
}

/// A member of staff who is signed in.
pub async fn staff(billing: &Billing, email: &str, role: Role) -> Actor {
    let new = NewUser { email: email.into(), password: PASSWORD.into(), role };
    billing.identity.create_user(&Actor::System, new).await.expect("a user");
    let signed_in = sign_in(billing, email, PASSWORD).await.expect("signed in");
    billing.identity.authenticate(&signed_in.token).await.expect("signed in")
}

pub async fn sign_in(billing: &Billing, email: &str, password: &str) -> Result<SignedIn> {
    let input = SignIn { email: email.into(), password: password.into(), device: device() };
    Ok(billing.identity.sign_in(&Actor::Anonymous, input).await?.signed_in().expect("no second factor"))
}

/// The codes of what somebody can mend.
pub fn codes<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    match result {
        Err(Error::Invalid(errors)) => errors.into_iter().map(|e| format!("{}:{}", e.path.join("."), e.code)).collect(),
        other => panic!("not refused as input: {other:?}"),
    }
}

/// The subjects and owners of the events of a kind, in order.
pub async fn events(billing: &Billing, kind: &str) -> Vec<event::Model> {
    event::Entity::find()
        .filter(event::Column::Kind.eq(kind))
        .order_by_asc(event::Column::Seq)
        .all(billing.kernel.store.read())
        .await
        .expect("the log")
}

/// A provider that asks for a number of three digits or more.
pub async fn provider(billing: &Billing, code: &str) -> provider::Model {
    let definition = serde_json::json!({
        "code": code,
        "name": "Voltara",
        "utility_type": "ELECTRICITY",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "connector": {"kind": "PUSH", "settings": {}},
        "params": [{"name": "contract", "label": "Contract number", "pattern": "[0-9]{3,10}"}],
        "schedule": {"every": {"kind": "MONTH", "day": 15}},
    });
    billing.providers.register_provider(&Actor::System, definition, Default::default()).await.expect("a provider")
}

pub fn customer_of(signed_in: &SignedIn) -> CustomerId {
    signed_in.customer.as_ref().expect("a customer").id
}
