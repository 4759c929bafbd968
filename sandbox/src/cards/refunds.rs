//! Money given back.

use super::answer::{Refusal, Said};
use super::bank::{BANK_DAYS, Conduct};
use super::books::{Books, Refund, RefundStanding};
use super::call::Ask;
use super::form::Form;
use super::log::{CardLogEntry, CardLogKind};
use super::{intents, json};

pub(crate) fn create(books: &mut Books, ask: &Ask) -> Said {
    let (form, now) = (&ask.form, ask.now);
    let intent_id = form.needed("payment_intent")?.to_owned();
    let wanted = form.amount("amount")?;
    let intent = books.intents.get(&intent_id).ok_or_else(|| Refusal::missing("payment_intent", &intent_id))?;
    let Some(charge) = intent.charge.as_ref().filter(|c| c.status == "succeeded") else {
        let message = "This PaymentIntent does not have a successful charge to refund.";
        return Err(Refusal::wrong_state("payment_intent_unexpected_state", message));
    };
    let left = intent.amount - charge.refunded;
    let amount = wanted.unwrap_or(left);
    if left == 0 {
        return Err(Refusal::wrong_state("charge_already_refunded", format!("Charge {} has already been refunded.", charge.id)));
    }
    if amount > left {
        let message = format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})");
        return Err(Refusal::wrong_state("amount_too_large", message));
    }
    let conduct = intent.method.as_deref().and_then(|m| books.methods.get(m)).map(|m| m.conduct);
    let (charge, currency) = (charge.id.clone(), intent.currency.clone());
    let later = matches!(conduct, Some(Conduct::RefundsLater | Conduct::RefundsFail));
    let id = books.id("re");
    let refund = Refund {
        id: id.clone(),
        created: now,
        intent: intent_id.clone(),
        charge,
        amount,
        currency: currency.clone(),
        metadata: form.below("metadata"),
        standing: if conduct == Some(Conduct::RefundsLater) { RefundStanding::Pending } else { RefundStanding::Succeeded },
        comes_back: conduct == Some(Conduct::RefundsFail),
    };
    books.log.add(CardLogEntry {
        at: now,
        kind: CardLogKind::Refunded,
        id: id.clone(),
        payment_intent: intent_id.clone(),
        amount_minor: amount,
        currency,
        metadata: refund.metadata.clone(),
        idempotency_key: ask.key.clone(),
    });
    books.refunds.put(&id, refund);
    if let Some(charge) = books.intents.get_mut(&intent_id).and_then(|i| i.charge.as_mut()) {
        charge.refunded += amount;
    }
    if later {
        books.due.insert((now + BANK_DAYS, id.clone()));
    }
    books.tell_refund("refund.created", &id, now);
    retrieve(books, &id)
}

pub(crate) fn retrieve(books: &Books, id: &str) -> Said {
    books.refunds.get(id).map(json::refund).ok_or_else(|| Refusal::missing("refund", id))
}

pub(crate) fn list(books: &Books, form: &Form) -> Said {
    let intent = form.text("payment_intent");
    if let Some(id) = intent.filter(|id| books.intents.get(id).is_none()) {
        return Err(Refusal::missing("payment_intent", id));
    }
    let all = books.refunds.newest_first().filter(|r| intent.is_none_or(|id| r.intent == id) && intents::within(r.created, form));
    let (page, more) = intents::page(all, form, |r| r.id.as_str())?;
    Ok(json::list("/v1/refunds", page.into_iter().map(json::refund).collect(), more))
}
