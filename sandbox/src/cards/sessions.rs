//! Pages on which people pay or save a method.

use chrono::TimeDelta;

use super::answer::{Refusal, Said};
use super::bank::{No, TestMethod};
use super::books::{Books, Intent, Session, SessionStatus, Setup, Standing};
use super::call::Ask;
use super::changes::Begin;
use super::form::{Expand, Form};
use super::{customers, intents, json};

/// How long a page is there.
const OPEN_FOR: TimeDelta = TimeDelta::hours(24);

pub(crate) fn create(books: &mut Books, ask: &Ask) -> Said {
    let (form, now) = (&ask.form, ask.now);
    let customer = customers::named(books, form)?;
    let success_url = form.needed("success_url")?.to_owned();
    let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    if !is_web(&success_url) || form.text("cancel_url").is_some_and(|url| !is_web(url)) {
        return Err(Refusal::invalid("success_url", "Not a valid URL"));
    }
    let mode = form.needed("mode")?;
    let (amount, currency, description) = match mode {
        "payment" => {
            let item = "line_items.0.price_data";
            let price = form.amount(&format!("{item}.unit_amount"))?;
            let price = price.ok_or_else(|| Refusal::invalid("line_items", "An item needs an amount."))?;
            let quantity = form.amount("line_items.0.quantity")?.unwrap_or(1);
            let currency = intents::currency(form.needed(&format!("{item}.currency"))?)?;
            let description = form.owned("payment_intent_data.description").or_else(|| form.owned(&format!("{item}.product_data.name")));
            (Some(price.saturating_mul(quantity)), Some(currency), description)
        }
        "setup" => (None, form.text("currency").map(intents::currency).transpose()?, None),
        other => return Err(Refusal::invalid("mode", format!("Invalid mode: {other}"))),
    };
    let kinds = intents::kinds(form);
    let id = books.id("cs_test");
    let setup = amount.is_none().then(|| new_setup(books, ask, customer.clone(), &kinds));
    let session = Session {
        id: id.clone(),
        created: now,
        expires_at: now + OPEN_FOR,
        status: SessionStatus::Open,
        amount,
        currency,
        description,
        customer,
        metadata: form.below("metadata"),
        kinds,
        intent: None,
        intent_metadata: form.below("payment_intent_data.metadata"),
        setup,
        success_url: success_url.replace("{CHECKOUT_SESSION_ID}", &id),
        cancel_url: form.owned("cancel_url"),
        key: ask.key.clone(),
    };
    books.sessions.put(&id, session);
    books.due.insert((now + OPEN_FOR, id.clone()));
    retrieve(books, &id, &form.expand())
}

fn new_setup(books: &mut Books, ask: &Ask, customer: Option<String>, kinds: &[String]) -> String {
    let id = books.id("seti");
    let setup = Setup {
        id: id.clone(),
        created: ask.now,
        customer,
        method: None,
        mandate: None,
        kinds: kinds.to_vec(),
        metadata: ask.form.below("setup_intent_data.metadata"),
        standing: Standing::RequiresMethod,
        error: None,
        return_url: None,
    };
    books.setups.put(&id, setup);
    id
}

pub(crate) fn retrieve(books: &Books, id: &str, expand: &Expand) -> Said {
    let session = books.sessions.get(id).ok_or_else(|| Refusal::missing("checkout.session", id))?;
    Ok(json::session(books, session, expand))
}

pub(crate) fn list(books: &Books, form: &Form) -> Said {
    let expand = form.expand().within("data").unwrap_or_default();
    let intent = form.text("payment_intent");
    let hits = |s: &&Session| intent.is_none_or(|i| s.intent.as_deref() == Some(i)) && intents::within(s.created, form);
    let (page, more) = intents::page(books.sessions.newest_first().filter(hits), form, |s| s.id.as_str())?;
    Ok(json::list("/v1/checkout/sessions", page.into_iter().map(|s| json::session(books, s, &expand)).collect(), more))
}

pub(crate) fn expire(books: &mut Books, id: &str, ask: &Ask) -> Said {
    let status = books.sessions.get(id).ok_or_else(|| Refusal::missing("checkout.session", id))?.status;
    if status != SessionStatus::Open {
        let message = "Only Checkout Sessions with a status in [\"open\"] can be expired.";
        return Err(Refusal { kept: true, ..Refusal::invalid("session", message) });
    }
    books.expire(id, ask.now);
    retrieve(books, id, &ask.form.expand())
}

/// What a person does on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Pay with, or save, this test method.
    Use(TestMethod),
    /// Their bank says no, and they leave.
    Decline,
}

/// Does what a person chose on an open page.
pub(crate) fn act(books: &mut Books, id: &str, choice: Choice, now: chrono::DateTime<chrono::Utc>) {
    let Some(session) = books.sessions.get(id).filter(|s| s.status == SessionStatus::Open).cloned() else { return };
    let token = match choice {
        Choice::Use(test) => test.token,
        Choice::Decline => "pm_card_chargeDeclined",
    };
    let Ok(method) = customers::method_of(books, token, now) else { return };
    let accepted = match (&session.setup, session.amount) {
        (Some(setup), _) => save(books, setup, method, choice, now),
        (None, Some(amount)) => pay(books, &session, amount, method, now),
        (None, None) => false,
    };
    if accepted && let Some(session) = books.sessions.get_mut(id) {
        session.status = SessionStatus::Complete;
        books.tell_session("checkout.session.completed", id, now);
    } else if choice == Choice::Decline {
        books.expire(id, now);
    }
}

fn save(books: &mut Books, setup: &str, method: String, choice: Choice, now: chrono::DateTime<chrono::Utc>) -> bool {
    if let Some(setup) = books.setups.get_mut(setup) {
        setup.method = Some(method);
    }
    let no = (choice == Choice::Decline).then(|| No::named("generic_decline"));
    books.finish_setup(setup, no, now);
    no.is_none()
}

fn pay(books: &mut Books, session: &Session, amount: i64, method: String, now: chrono::DateTime<chrono::Utc>) -> bool {
    let id = match &session.intent {
        Some(id) => id.clone(),
        None => {
            let id = books.id("pi");
            let intent = Intent {
                id: id.clone(),
                created: now,
                amount,
                currency: session.currency.clone().unwrap_or_default(),
                customer: session.customer.clone(),
                method: None,
                kinds: session.kinds.clone(),
                description: session.description.clone(),
                metadata: session.intent_metadata.clone(),
                standing: Standing::RequiresMethod,
                error: None,
                charge: None,
                return_url: None,
                session: Some(session.id.clone()),
                key: session.key.clone(),
            };
            books.intents.put(&id, intent);
            if let Some(session) = books.sessions.get_mut(&session.id) {
                session.intent = Some(id.clone());
            }
            id
        }
    };
    if let Some(intent) = books.intents.get_mut(&id) {
        intent.method = Some(method);
        intent.return_url = Some(session.success_url.clone());
    }
    books.begin_charge(&id, &Begin { present: true, wish: None }, now).is_ok()
        && books.intents.get(&id).is_some_and(|i| i.standing != Standing::RequiresAction)
}
