//! Methods on their way to being saved.

use super::answer::{Refusal, Said};
use super::bank::Conduct;
use super::books::{Books, Setup, Standing};
use super::call::Ask;
use super::form::Expand;
use super::{customers, intents, json};

pub(crate) fn create(books: &mut Books, ask: &Ask) -> Said {
    let form = &ask.form;
    let customer = customers::named(books, form)?;
    let method = match form.text("payment_method") {
        Some(text) => Some(customers::method_of(books, text, ask.now)?),
        None => None,
    };
    let kinds = intents::kinds(form);
    let confirm = form.is_true("confirm");
    if let Some(method) = method.as_deref().and_then(|id| books.methods.get(id)) {
        customers::chargeable(method, customer.as_deref())?;
        if !kinds.is_empty() && !kinds.iter().any(|k| k == method.kind) {
            return Err(Refusal::invalid("payment_method", "The PaymentMethod's type is not among those allowed for this SetupIntent."));
        }
        if confirm && method.kind != "card" && form.text("mandate_data.customer_acceptance.type").is_none() {
            return Err(Refusal::invalid("mandate_data", "A direct debit is set up with the customer's acceptance of its mandate."));
        }
    } else if confirm {
        return Err(Refusal::invalid("payment_method", "A setup can be confirmed only with a payment method."));
    }
    let id = books.id("seti");
    let setup = Setup {
        id: id.clone(),
        created: ask.now,
        customer,
        method,
        mandate: None,
        kinds,
        metadata: form.below("metadata"),
        standing: Standing::RequiresMethod,
        error: None,
        return_url: form.owned("return_url"),
    };
    books.setups.put(&id, setup);
    if confirm {
        begin(books, &id, ask)?;
    }
    retrieve(books, &id, &form.expand())
}

fn begin(books: &mut Books, id: &str, ask: &Ask) -> Result<(), Refusal> {
    let conduct = books.setups.get(id).and_then(|s| s.method.as_deref()).and_then(|m| books.methods.get(m)).map(|m| m.conduct);
    match conduct {
        Some(Conduct::RefusedAtSetup(no)) => {
            books.finish_setup(id, Some(no), ask.now);
            let told = retrieve(books, id, &Expand::default())?;
            Err(Refusal::declined(no).with("setup_intent", told))
        }
        Some(Conduct::AsksAtSetup) => {
            if let Some(setup) = books.setups.get_mut(id) {
                setup.standing = Standing::RequiresAction;
            }
            books.tell_setup("setup_intent.requires_action", id, ask.now);
            Ok(())
        }
        _ => {
            books.finish_setup(id, None, ask.now);
            Ok(())
        }
    }
}

pub(crate) fn retrieve(books: &Books, id: &str, expand: &Expand) -> Said {
    let setup = books.setups.get(id).ok_or_else(|| Refusal::missing("setup_intent", id))?;
    Ok(json::setup(books, setup, expand))
}
