//! New passwords and confirmed addresses, by links whose tokens are read as the mail would carry them.

use billow_billing::customers::UpdateCustomer;
use billow_billing::identity::{ResetFor, SecretString};
use billow_billing::{Actor, Billing, Error};
use billow_entities::{LinkPurpose, Role, one_time_link, user};
use chrono::Duration;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::common::{Bench, on_both};
use crate::people::{PASSWORD, codes, contact, customer_of, newcomer, sign_in, staff, unconfirmed};

const NEW: &str = "seventeen purple ladders";

/// The token of the newest link of a kind to an address.
async fn token(billing: &Billing, purpose: LinkPurpose, email: &str) -> SecretString {
    let link = one_time_link::Entity::find()
        .filter(one_time_link::Column::Purpose.eq(purpose))
        .filter(one_time_link::Column::Email.eq(email))
        .order_by_desc(one_time_link::Column::Id)
        .one(billing.kernel.store.write_pool())
        .await
        .expect("links")
        .expect("a link");
    billing.identity.one_time_token(link.id)
}

async fn changed_to(billing: &Billing, actor: &Actor, email: &str) {
    let change = UpdateCustomer { email: Some(email.into()), ..Default::default() };
    billing.customers.update_customer(actor, actor.customer().expect("a customer"), change).await.expect("a change that waits");
}

async fn an_operator_sends_a_reset_and_it_works_once_for_half_an_hour(bench: Bench) {
    let billing = &bench.billing;
    let operator = staff(billing, "op@example.com", Role::Operator).await;
    let admin = staff(billing, "root@example.com", Role::Admin).await;
    let (ada_in, ada) = newcomer(billing, "ada@example.com").await;
    let ada_id = customer_of(&ada_in);
    let to_ada = ResetFor::Customer(ada_id);
    assert!(matches!(billing.identity.send_password_reset(&ada, to_ada).await, Err(Error::Forbidden)));
    assert!(matches!(billing.identity.send_password_reset(&Actor::Anonymous, to_ada).await, Err(Error::Unauthenticated)));
    let staff_member = ResetFor::User(admin.user().expect("a user"));
    assert!(matches!(billing.identity.send_password_reset(&operator, staff_member).await, Err(Error::Forbidden)));
    billing.identity.send_password_reset(&admin, ResetFor::User(operator.user().expect("a user"))).await.expect("sent");
    let onboarded = billing.customers.onboard_customer(&operator, contact("Bob", "bob@example.com")).await.expect("onboarded");
    assert_eq!(
        codes(billing.identity.send_password_reset(&operator, ResetFor::Customer(onboarded.customer.id)).await),
        ["customerId:NO_SIGN_IN"]
    );

    billing.identity.send_password_reset(&operator, to_ada).await.expect("sent");
    let first = token(billing, LinkPurpose::PasswordReset, "ada@example.com").await;
    billing.identity.send_password_reset(&operator, to_ada).await.expect("sent again");
    let second = token(billing, LinkPurpose::PasswordReset, "ada@example.com").await;
    let reset = async |token: &SecretString, new: &str| billing.identity.reset_password(token, new.into(), None).await;
    assert_eq!(codes(reset(&first, NEW).await), ["token:LINK_INVALID"], "the older one is void");
    assert_eq!(codes(reset(&second, "password1234").await), ["newPassword:PASSWORD_TOO_COMMON"]);
    assert_eq!(reset(&second, NEW).await.expect("set").email, "ada@example.com");
    assert_eq!(codes(reset(&second, NEW).await), ["token:LINK_INVALID"], "once");
    assert!(matches!(billing.identity.authenticate(&ada_in.token).await, Err(Error::Unauthenticated)), "signed out everywhere");
    assert!(sign_in(billing, "ada@example.com", PASSWORD).await.is_err());
    sign_in(billing, "ada@example.com", NEW).await.expect("the new one");

    billing.identity.send_password_reset(&operator, to_ada).await.expect("sent");
    let late = token(billing, LinkPurpose::PasswordReset, "ada@example.com").await;
    bench.clock.advance(Duration::minutes(30));
    assert_eq!(codes(reset(&late, PASSWORD).await), ["token:LINK_INVALID"]);
}

async fn an_address_is_nobodys_until_it_is_confirmed(bench: Bench) {
    let billing = &bench.billing;
    let (eve_in, eve) = unconfirmed(billing, "ada@example.com").await;
    let early = token(billing, LinkPurpose::ConfirmEmail, "ada@example.com").await;
    let (ada_in, ada) = unconfirmed(billing, "ada@example.com").await;
    let link = token(billing, LinkPurpose::ConfirmEmail, "ada@example.com").await;
    let confirmed = billing.identity.confirm_email(&link, None).await.expect("confirmed");
    assert_eq!((confirmed.id, confirmed.email.as_deref()), (customer_of(&ada_in), Some("ada@example.com")));
    assert_eq!(codes(billing.identity.confirm_email(&link, None).await), ["token:LINK_INVALID"], "once");
    assert_eq!(codes(billing.identity.confirm_email(&early, None).await), ["email:EMAIL_TAKEN"], "the other claim came too late");
    billing.identity.authenticate(&eve_in.token).await.expect("still signed in, to her own things");
    assert!(billing.customers.customer(&eve, customer_of(&eve_in)).await.expect("herself").email_verified_at.is_none());

    // Who confirmed it signs in with it, and who only claimed it still does to their own account.
    sign_in(billing, "ada@example.com", PASSWORD).await.map(|s| assert_eq!(customer_of(&s), customer_of(&ada_in))).expect("Ada");
    assert_eq!(codes(billing.identity.resend_email_confirmation(&ada).await), [":NOTHING_TO_CONFIRM"]);
    billing.identity.resend_email_confirmation(&eve).await.expect("the answer does not tell that somebody has it");
    let operator = staff(billing, "op@example.com", Role::Operator).await;
    let known = billing.customers.onboard_customer(&operator, contact("Ada", "ada@example.com")).await;
    let Err(Error::Invalid(errors)) = known else { panic!("not refused: {known:?}") };
    assert_eq!((errors[0].code.as_ref(), errors[0].related_id.clone()), ("EMAIL_TAKEN", Some(customer_of(&ada_in).to_string())));
}

async fn a_sign_up_with_a_known_address_answers_as_any_other_and_signs_in_to_its_own_account(bench: Bench) {
    let billing = &bench.billing;
    let (ada_in, _) = newcomer(billing, "ada@example.com").await;
    let mut again = crate::people::form("ada@example.com");
    again.password = NEW.into();
    let second = billing.identity.sign_up(&Actor::Anonymous, again).await.expect("the same answer");
    assert_ne!(customer_of(&second), customer_of(&ada_in));
    let own = sign_in(billing, "ada@example.com", NEW).await.expect("signed in");
    assert_eq!(customer_of(&own), customer_of(&second));
    let adas = sign_in(billing, "ada@example.com", PASSWORD).await.expect("signed in");
    assert_eq!(customer_of(&adas), customer_of(&ada_in));
}

async fn a_new_address_counts_when_it_is_confirmed_and_the_old_one_can_take_it_back(bench: Bench) {
    let billing = &bench.billing;
    let (ada_in, ada) = newcomer(billing, "ada@example.com").await;
    let id = customer_of(&ada_in);
    changed_to(billing, &ada, "New@Example.com").await;
    let waiting = billing.customers.customer(&ada, id).await.expect("herself");
    assert_eq!((waiting.email.as_deref(), waiting.email_pending.as_deref()), (Some("ada@example.com"), Some("new@example.com")));
    assert!(sign_in(billing, "new@example.com", PASSWORD).await.is_err(), "not before it is confirmed");
    let undo_early = token(billing, LinkPurpose::UndoEmailChange, "ada@example.com").await;
    let link = token(billing, LinkPurpose::ConfirmEmail, "new@example.com").await;
    billing.identity.confirm_email(&link, None).await.expect("confirmed");
    sign_in(billing, "new@example.com", PASSWORD).await.expect("the new address");
    assert!(sign_in(billing, "ada@example.com", PASSWORD).await.is_err(), "the old one is free");

    let undo = token(billing, LinkPurpose::UndoEmailChange, "ada@example.com").await;
    assert_eq!(codes(billing.identity.undo_email_change(&undo_early, None).await), ["token:LINK_INVALID"], "the newer notice has the link");
    let back = billing.identity.undo_email_change(&undo, None).await.expect("taken back");
    assert_eq!((back.id, back.email.as_deref()), (id, Some("ada@example.com")));
    assert!(matches!(billing.identity.authenticate(&ada_in.token).await, Err(Error::Unauthenticated)), "signed out everywhere");
    let reset = token(billing, LinkPurpose::PasswordReset, "ada@example.com").await;
    billing.identity.reset_password(&reset, NEW.into(), None).await.expect("a new password");
    sign_in(billing, "ada@example.com", NEW).await.expect("signed in");
    assert!(sign_in(billing, "new@example.com", PASSWORD).await.is_err());
}

async fn a_change_can_be_dropped_and_links_of_dropped_ones_do_not_work(bench: Bench) {
    let billing = &bench.billing;
    let (ada_in, ada) = newcomer(billing, "ada@example.com").await;
    changed_to(billing, &ada, "one@example.com").await;
    let one = token(billing, LinkPurpose::ConfirmEmail, "one@example.com").await;
    changed_to(billing, &ada, "two@example.com").await;
    assert_eq!(codes(billing.identity.confirm_email(&one, None).await), ["token:LINK_INVALID"]);
    let two = token(billing, LinkPurpose::ConfirmEmail, "two@example.com").await;
    changed_to(billing, &ada, "ada@example.com").await;
    assert_eq!(codes(billing.identity.confirm_email(&two, None).await), ["token:LINK_INVALID"]);
    let now = billing.customers.customer(&ada, customer_of(&ada_in)).await.expect("herself");
    assert_eq!((now.email.as_deref(), now.email_pending), (Some("ada@example.com"), None));
    changed_to(billing, &ada, "three@example.com").await;
    let three = token(billing, LinkPurpose::ConfirmEmail, "three@example.com").await;
    bench.clock.advance(Duration::hours(24));
    assert_eq!(codes(billing.identity.confirm_email(&three, None).await), ["token:LINK_INVALID"]);
}

async fn a_mistyped_address_is_replaced_at_once(bench: Bench) {
    let billing = &bench.billing;
    let (ada_in, ada) = unconfirmed(billing, "ada@exmaple.com").await;
    changed_to(billing, &ada, "ada@example.com").await;
    let now = billing.customers.customer(&ada, customer_of(&ada_in)).await.expect("herself");
    assert_eq!((now.email.as_deref(), now.email_verified_at), (Some("ada@example.com"), None));
    sign_in(billing, "ada@example.com", PASSWORD).await.expect("signed in");
    let link = token(billing, LinkPurpose::ConfirmEmail, "ada@example.com").await;
    billing.identity.confirm_email(&link, None).await.expect("confirmed");
}

async fn a_hash_of_another_form_of_the_same_characters_opens_and_is_renewed(bench: Bench) {
    let billing = &bench.billing;
    newcomer(billing, "ada@example.com").await;
    let (composed, decomposed) = ("P\u{e4}sswort-f\u{fc}r-mich", "Pa\u{308}sswort-fu\u{308}r-mich");
    let reset = async |new: &str| billing.identity.set_password(&Actor::System, "ada@example.com", new.into()).await.expect("set");
    reset(composed).await;
    sign_in(billing, "ada@example.com", decomposed).await.expect("the same characters");

    // As it was stored before: hashed as it was typed, in decomposed form.
    let old = argon2_of(decomposed);
    let row = user::Entity::find().one(billing.kernel.store.write_pool()).await.expect("users").expect("a user");
    let mut row = row.into_active_model();
    row.password_hash = Set(old.clone());
    row.update(billing.kernel.store.write_pool()).await.expect("stored");
    sign_in(billing, "ada@example.com", composed).await.expect("an old hash still opens");
    let renewed = user::Entity::find().one(billing.kernel.store.write_pool()).await.expect("users").expect("a user").password_hash;
    assert_ne!(renewed, old);
    sign_in(billing, "ada@example.com", decomposed).await.expect("and the new one");
}

fn argon2_of(password: &str) -> String {
    use argon2::PasswordHasher as _;
    let params = argon2::Params::new(19_456, 2, 1, None).expect("parameters");
    let hasher = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    hasher.hash_password_with_salt(password.as_bytes(), &[7; 16]).expect("a hash").to_string()
}

async fn the_password_of_the_demo_is_refused_outside_it(bench: Bench) {
    let mut form = crate::people::form("ada@example.com");
    form.password = billow_billing::identity::DEMO_PASSWORD.into();
    assert_eq!(codes(bench.billing.identity.sign_up(&Actor::Anonymous, form).await), ["password:PASSWORD_TOO_COMMON"]);
}

on_both!(
    an_operator_sends_a_reset_and_it_works_once_for_half_an_hour,
    an_address_is_nobodys_until_it_is_confirmed,
    a_sign_up_with_a_known_address_answers_as_any_other_and_signs_in_to_its_own_account,
    a_new_address_counts_when_it_is_confirmed_and_the_old_one_can_take_it_back,
    a_change_can_be_dropped_and_links_of_dropped_ones_do_not_work,
    a_mistyped_address_is_replaced_at_once,
    a_hash_of_another_form_of_the_same_characters_opens_and_is_renewed,
    the_password_of_the_demo_is_refused_outside_it,
);
