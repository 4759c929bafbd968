//! The card network on the page: what was charged, and what the bank is to answer.

use std::fmt::Write as _;

use axum::extract::{Form, State};
use axum::response::Redirect;
use serde::Deserialize;

use super::{escape, money, options};
use crate::cards::{CardCall, CardFault, CardOutcome};
use crate::server::Site;
use crate::world::SandboxState;

/// How many payments are shown.
const MAX_SHOWN: usize = 30;

pub(super) fn section(state: &SandboxState) -> String {
    let mut list = String::new();
    for payment in state.card_payments(MAX_SHOWN) {
        let refunded = match payment.refunded_minor {
            0 => String::new(),
            minor => format!(", {} given back", money(minor, &payment.currency.to_uppercase())),
        };
        let bank = if payment.status == "processing" { answers(&payment.id) } else { String::new() };
        let _ = write!(
            list,
            "<li id=\"c-{id}\" data-v=\"{status}{refunded}\"><span><b>{sum}</b> {status}{declined}{refunded}\
             <br><span class=\"quiet\">{what}, {method}, {at}</span></span>{bank}</li>",
            id = escape(&payment.id),
            status = payment.status.replace('_', " "),
            sum = money(payment.amount_minor, &payment.currency.to_uppercase()),
            declined = payment.declined.map(|word| format!(" ({})", word.replace('_', " "))).unwrap_or_default(),
            what = escape(payment.description.as_deref().unwrap_or("no description")),
            method = escape(payment.method.as_deref().unwrap_or("no method yet")),
            at = payment.created.format("%-d %b %H:%M"),
        );
    }
    for (id, amount, currency) in state.pending_card_refunds().into_iter().take(MAX_SHOWN) {
        let _ = write!(
            list,
            "<li id=\"c-{id}\" data-v=\"pending\"><span><b>{sum}</b> on its way back</span>{bank}</li>",
            id = escape(&id),
            sum = money(amount, &currency.to_uppercase()),
            bank = answers(&id),
        );
    }
    let empty = if list.is_empty() { "<li id=\"c-none\" class=\"quiet\" data-v=\"0\">Nothing was charged yet.</li>" } else { "" };
    format!(
        "<section class=\"card\" id=\"cards\">
<h2>Cards and banks</h2>
<ul class=\"faults\" data-live id=\"charges\">{empty}{list}</ul>
<form method=\"post\" action=\"/page/cards/fault\" class=\"fields\">
<label>The next charge<select name=\"kind\">{}</select></label>
<button>Set</button>
</form>
</section>",
        options([
            ("insufficient_funds", "is declined: no money"),
            ("generic_decline", "is declined without a reason"),
            ("processing_error", "fails in the network"),
            ("PROCESSING", "takes the bank some time"),
            ("LOST_AFTER", "happens, but the answer is lost"),
            ("LOST_BEFORE", "is lost on its way"),
            ("SERVER_ERROR", "is answered with 500"),
        ])
    )
}

fn answers(id: &str) -> String {
    format!(
        "<form method=\"post\" action=\"/page/cards/settle\" class=\"row\"><input type=\"hidden\" name=\"id\" value=\"{}\">\
         <button name=\"answer\" value=\"yes\">The bank pays</button><button name=\"answer\" value=\"no\">It comes back</button></form>",
        escape(id)
    )
}

#[derive(Deserialize)]
pub(super) struct Answer {
    id: String,
    answer: String,
}

pub(super) async fn settle(State(site): State<Site>, Form(form): Form<Answer>) -> Redirect {
    let outcome = if form.answer == "yes" { CardOutcome::Succeeded } else { CardOutcome::Failed { code: None } };
    site.state.settle_card(&form.id, &outcome);
    Redirect::to("/")
}

#[derive(Deserialize)]
pub(super) struct FaultForm {
    kind: String,
}

pub(super) async fn fault(State(site): State<Site>, Form(form): Form<FaultForm>) -> Redirect {
    let fault = match form.kind.as_str() {
        "PROCESSING" => CardFault::Processing,
        "LOST_AFTER" => CardFault::LostAfter,
        "LOST_BEFORE" => CardFault::LostBefore,
        "SERVER_ERROR" => CardFault::ServerError { carried_out: false },
        code => CardFault::Decline { code: code.to_owned() },
    };
    site.state.script_card(Some(CardCall::Charge), fault, 1);
    Redirect::to("/")
}
