//! Customers and the methods saved for them.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::answer::{Refusal, Said};
use super::bank::TestMethod;
use super::books::{Books, Customer, Method};
use super::form::Form;
use super::json;

pub(crate) fn create(books: &mut Books, form: &Form, now: DateTime<Utc>) -> Said {
    let id = books.id("cus");
    let customer =
        Customer { id: id.clone(), created: now, name: form.owned("name"), email: form.owned("email"), metadata: form.below("metadata") };
    let told = json::customer(&customer);
    books.customers.put(&id, customer);
    Ok(told)
}

pub(crate) fn retrieve(books: &Books, id: &str) -> Said {
    books.customers.get(id).map(json::customer).ok_or_else(|| Refusal::missing("customer", id))
}

/// That a customer a form names is there.
pub(crate) fn named(books: &Books, form: &Form) -> Result<Option<String>, Refusal> {
    match form.text("customer") {
        Some(id) if books.customers.get(id).is_none() => Err(Refusal::missing("customer", id)),
        id => Ok(id.map(str::to_owned)),
    }
}

/// The method that an id or a token names. A token makes a new one each time.
pub(crate) fn method_of(books: &mut Books, text: &str, now: DateTime<Utc>) -> Result<String, Refusal> {
    if books.methods.get(text).is_some() {
        return Ok(text.to_owned());
    }
    let test = TestMethod::of_token(text).ok_or_else(|| Refusal::missing("PaymentMethod", text))?;
    Ok(new_method(books, test, now))
}

fn new_method(books: &mut Books, test: TestMethod, now: DateTime<Utc>) -> String {
    let id = books.id("pm");
    let method = Method {
        id: id.clone(),
        created: now,
        kind: test.kind,
        brand: test.brand,
        last4: test.last4,
        conduct: test.conduct,
        exp_year: json::exp_year(now),
        customer: None,
        detached: false,
    };
    books.methods.put(&id, method);
    id
}

/// A method by a bank account's number, or by one of the test cards' names as `card[token]`. Card numbers are not taken.
pub(crate) fn create_method(books: &mut Books, form: &Form, now: DateTime<Utc>) -> Said {
    let test = match form.needed("type")? {
        "sepa_debit" => TestMethod::of_iban(form.needed("sepa_debit.iban")?)
            .ok_or_else(|| Refusal::invalid("sepa_debit[iban]", "The IBAN is not one of the test account numbers."))?,
        "card" => TestMethod::of_token(form.needed("card.token")?)
            .ok_or_else(|| Refusal::invalid("card[token]", "The token is not one of the test cards."))?,
        other => return Err(Refusal::invalid("type", format!("Invalid type: {other}"))),
    };
    let id = new_method(books, test, now);
    retrieve_method(books, &id)
}

pub(crate) fn retrieve_method(books: &Books, id: &str) -> Said {
    books.methods.get(id).map(json::method).ok_or_else(|| Refusal::missing("PaymentMethod", id))
}

pub(crate) fn attach(books: &mut Books, id: &str, form: &Form, now: DateTime<Utc>) -> Said {
    form.needed("customer")?;
    let customer = named(books, form)?;
    let id = method_of(books, id, now)?;
    let method = books.methods.get_mut(&id).ok_or_else(|| Refusal::missing("PaymentMethod", &id))?;
    if method.detached || (method.customer.is_some() && method.customer != customer) {
        return Err(Refusal::invalid("payment_method", "The payment method was used before and cannot be attached again."));
    }
    method.customer = customer;
    Ok(json::method(method))
}

pub(crate) fn detach(books: &mut Books, id: &str) -> Said {
    let method = books.methods.get_mut(id).ok_or_else(|| Refusal::missing("PaymentMethod", id))?;
    if method.customer.take().is_none() {
        let message = "The payment method you provided is not attached to a customer so detachment is impossible.";
        return Err(Refusal::invalid("payment_method", message));
    }
    method.detached = true;
    let told: Value = json::method(method);
    Ok(told)
}

/// That a method may be charged for a customer.
pub(crate) fn chargeable(method: &Method, customer: Option<&str>) -> Result<(), Refusal> {
    if method.detached {
        let message = "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a \
            connected account without Customer attachment, or was detached from a Customer. It may not be used again.";
        return Err(Refusal::invalid("payment_method", message));
    }
    if method.customer.is_some() && method.customer.as_deref() != customer {
        return Err(Refusal::invalid("payment_method", "The payment method belongs to another customer."));
    }
    Ok(())
}
