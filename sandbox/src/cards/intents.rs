//! Payments.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::answer::{Refusal, Said};
use super::books::{Books, Intent, Standing};
use super::call::Ask;
use super::changes::Begin;
use super::form::{Expand, Form};
use super::{customers, json};

/// The most items of a list's page, as Stripe has it.
const MAX_LIMIT: i64 = 100;

pub(crate) fn create(books: &mut Books, ask: &Ask) -> Said {
    let (form, now) = (&ask.form, ask.now);
    let amount = form.amount("amount")?.ok_or_else(|| Refusal::invalid("amount", "Missing required param: amount."))?;
    let currency = currency(form.needed("currency")?)?;
    let customer = customers::named(books, form)?;
    let method = match form.text("payment_method") {
        Some(text) => Some(customers::method_of(books, text, now)?),
        None => None,
    };
    let kinds = kinds(form);
    if let Some(method) = method.as_deref().and_then(|id| books.methods.get(id)) {
        customers::chargeable(method, customer.as_deref())?;
        if !kinds.is_empty() && !kinds.iter().any(|k| k == method.kind) {
            return Err(Refusal::invalid("payment_method", "The PaymentMethod's type is not among those allowed for this PaymentIntent."));
        }
    }
    let (confirm, off_session) = (form.is_true("confirm"), form.is_true("off_session"));
    if off_session && !confirm {
        return Err(Refusal::invalid("off_session", "The parameter off_session is only for payments that are confirmed."));
    }
    if confirm && method.is_none() {
        return Err(Refusal::invalid("payment_method", "A payment can be confirmed only with a payment method."));
    }
    let id = books.id("pi");
    let intent = Intent {
        id: id.clone(),
        created: now,
        amount,
        currency,
        customer,
        method,
        kinds,
        description: form.owned("description"),
        metadata: form.below("metadata"),
        standing: Standing::RequiresMethod,
        error: None,
        charge: None,
        return_url: form.owned("return_url"),
        session: None,
        key: ask.key.clone(),
    };
    books.intents.put(&id, intent);
    if confirm && let Err(no) = books.begin_charge(&id, &Begin { present: !off_session, wish: ask.wish }, now) {
        let told = retrieve(books, &id, &Expand::default())?;
        return Err(Refusal::declined(no).with("payment_intent", told));
    }
    retrieve(books, &id, &form.expand())
}

pub(crate) fn currency(text: &str) -> Result<String, Refusal> {
    let plain = text.to_ascii_lowercase();
    let is_one = plain.len() == 3 && plain.bytes().all(|b| b.is_ascii_lowercase());
    if is_one { Ok(plain) } else { Err(Refusal::invalid("currency", format!("Invalid currency: {text}"))) }
}

/// Which sorts of methods may be used: the newer name of the parameter, or the older.
pub(crate) fn kinds(form: &Form) -> Vec<String> {
    let mut out = form.list("allowed_payment_method_types");
    out.extend(form.list("payment_method_types"));
    out
}

pub(crate) fn retrieve(books: &Books, id: &str, expand: &Expand) -> Said {
    let intent = books.intents.get(id).ok_or_else(|| Refusal::missing("payment_intent", id))?;
    Ok(json::intent(books, intent, expand))
}

pub(crate) fn cancel(books: &mut Books, id: &str, ask: &Ask) -> Said {
    let intent = books.intents.get_mut(id).ok_or_else(|| Refusal::missing("payment_intent", id))?;
    if !matches!(intent.standing, Standing::RequiresMethod | Standing::RequiresAction) {
        let message = format!("You cannot cancel this PaymentIntent because it has a status of {}.", intent.standing.word());
        let told = retrieve(books, id, &Expand::default())?;
        return Err(Refusal::wrong_state("payment_intent_unexpected_state", message).with("payment_intent", told));
    }
    intent.standing = Standing::Canceled;
    books.tell_intent("payment_intent.canceled", id, ask.now);
    retrieve(books, id, &ask.form.expand())
}

pub(crate) fn list(books: &Books, form: &Form) -> Said {
    let expand = form.expand().within("data").unwrap_or_default();
    let customer = form.text("customer");
    let all = books.intents.newest_first().filter(|i| within(i.created, form) && customer.is_none_or(|c| i.customer.as_deref() == Some(c)));
    let (page, more) = page(all, form, |i| i.id.as_str())?;
    Ok(json::list("/v1/payment_intents", page.into_iter().map(|i| json::intent(books, i, &expand)).collect(), more))
}

/// Whether a moment is within `created[gte]` and its likes.
pub(crate) fn within(created: DateTime<Utc>, form: &Form) -> bool {
    let at = created.timestamp();
    let bound = |name: &str| form.number(&format!("created.{name}"));
    bound("gte").is_none_or(|n| at >= n)
        && bound("gt").is_none_or(|n| at > n)
        && bound("lte").is_none_or(|n| at <= n)
        && bound("lt").is_none_or(|n| at < n)
}

/// The page of a list that a form asks for, and whether there is more.
pub(crate) fn page<'a, T>(all: impl Iterator<Item = &'a T>, form: &Form, id: impl Fn(&T) -> &str) -> Result<(Vec<&'a T>, bool), Refusal> {
    let limit = form.number("limit").unwrap_or(10);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Refusal::invalid("limit", "The limit is 1 to 100."));
    }
    let limit = usize::try_from(limit).unwrap_or(1);
    let after = form.text("starting_after");
    let mut passed = after.is_none();
    let mut out: Vec<&T> = all
        .filter(|item| {
            let show = passed;
            passed |= after == Some(id(item));
            show
        })
        .take(limit + 1)
        .collect();
    let more = out.len() > limit;
    out.truncate(limit);
    Ok((out, more))
}

/// By metadata only: `metadata['attempt']:'…'`, several joined by AND.
pub(crate) fn search(books: &Books, ask: &Ask) -> Said {
    let query = ask.form.needed("query")?;
    let wanted = terms(query).ok_or_else(|| Refusal::invalid("query", "We were unable to parse your search query."))?;
    let visible = ask.now - books.search_lag;
    let hits = |i: &&Intent| i.created <= visible && wanted.iter().all(|(name, value)| i.metadata.get(name) == Some(value));
    let expand = ask.form.expand().within("data").unwrap_or_default();
    let found: Vec<Value> = books.intents.newest_first().filter(hits).take(100).map(|i| json::intent(books, i, &expand)).collect();
    let mut told = json::list("/v1/payment_intents/search", found, false);
    told["object"] = "search_result".into();
    Ok(told)
}

fn terms(query: &str) -> Option<Vec<(String, String)>> {
    let quoted = |text: &str| {
        let mark = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        text.strip_prefix(mark)?.strip_suffix(mark).map(str::to_owned)
    };
    query
        .split(" AND ")
        .map(|term| {
            let (name, value) = term.trim().strip_prefix("metadata[")?.split_once("]:")?;
            Some((quoted(name)?, quoted(value)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::terms;

    #[test]
    fn searches_are_by_metadata() {
        let one = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(terms("metadata['attempt']:'att_1'"), Some(vec![one("attempt", "att_1")]));
        assert_eq!(terms("metadata[\"a\"]:\"1\" AND metadata['b']:'2'"), Some(vec![one("a", "1"), one("b", "2")]));
        assert_eq!(terms("amount>100"), None);
    }
}
