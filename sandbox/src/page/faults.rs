//! Bad days on the page.

use std::fmt::Write as _;

use super::{escape, options};
use crate::world::{Fault, Provider, SandboxState};

pub(super) fn section(state: &SandboxState) -> String {
    let mut active = String::new();
    for (at, entry) in state.faults().into_iter().take(200).enumerate() {
        let whom = entry.account.as_deref().unwrap_or("all accounts");
        let figure = match &entry.fault {
            Fault::Latency { ms } => format!(" ({ms} ms)"),
            Fault::TooManyRequests { retry_after_s } => format!(" (again in {retry_after_s} s)"),
            Fault::FailNext { calls } => format!(" ({calls} left)"),
            Fault::RejectPayments { payments } | Fault::LosePaymentsBefore { payments } | Fault::LosePaymentsAfter { payments } => {
                format!(" ({payments} left)")
            }
            Fault::DelayPayments { ms } => format!(" ({ms} ms)"),
            _ => String::new(),
        };
        let _ = write!(
            active,
            "<li id=\"f-{at}-{code}-{kind}\" data-v=\"{whom}{figure}\"><span><b>{title}</b>, {whom}: {words}{figure}</span>\
             <form method=\"post\" action=\"/page/fault/clear\"><input type=\"hidden\" name=\"provider\" value=\"{code}\">\
             <input type=\"hidden\" name=\"account\" value=\"{account}\"><input type=\"hidden\" name=\"kind\" value=\"{kind}\"><button>Switch off</button></form></li>",
            code = entry.provider.code(),
            title = entry.provider.title(),
            whom = escape(whom),
            account = escape(entry.account.as_deref().unwrap_or("")),
            kind = entry.fault.kind(),
            words = words(&entry.fault),
        );
    }
    for (at, (way, whom, kind)) in state.way_faults().into_iter().take(200).enumerate() {
        let to = whom.as_deref().unwrap_or("");
        let _ = write!(
            active,
            "<li id=\"w-{at}-{way}\" data-v=\"{to}{kind}\"><span><b>{way}</b>, {whom}: {kind}</span><form method=\"post\" action=\"/page/way\">\
             <input type=\"hidden\" name=\"way\" value=\"{way}\"><input type=\"hidden\" name=\"to\" value=\"{to}\"><button>Switch off</button></form></li>",
            to = escape(to),
            whom = escape(whom.as_deref().unwrap_or("everybody")),
            kind = escape(&kind),
        );
    }
    let all: Vec<_> = Fault::ALL.iter().map(|f| (f.kind(), words(f))).collect();
    format!(
        "<section class=\"card\" id=\"bad-days\">
<h2>Bad days</h2>
<ul class=\"faults\" data-live id=\"faults\">{active}</ul>
<form method=\"post\" action=\"/page/fault\" class=\"fields\">
<label>Company<select name=\"provider\">{}</select></label>
<label>Account <small>(all when left out)</small><input name=\"account\" maxlength=\"32\" list=\"accounts\" autocomplete=\"off\"></label>
<label>What goes wrong<select name=\"kind\">{}</select></label>
<label>Figure <small>(ms, seconds or calls)</small><input name=\"figure\" inputmode=\"numeric\" pattern=\"[0-9]{{0,6}}\" placeholder=\"as usual\"></label>
<button>Switch on</button>
</form>
<form method=\"post\" action=\"/page/way\" class=\"fields\">
<label>Way to people<select name=\"way\">{}</select></label>
<label>To <small>(all when left out)</small><input name=\"to\" maxlength=\"254\" autocomplete=\"off\"></label>
<label>What goes wrong<select name=\"kind\">{}</select></label>
<button>Set</button>
</form>
</section>",
        options(Provider::ALL.map(|p| (p.code(), p.title()))),
        options(all),
        options([("mail", "Mail"), ("text", "Text message"), ("push", "Push (to: the subscription)")]),
        options([
            ("", "Nothing"),
            ("TEMPORARY", "Refused for now"),
            ("PERMANENT", "Refused for good"),
            ("LOST_ANSWER", "Taken, but the answer is lost"),
            ("HANG", "No answer ever comes"),
        ]),
    )
}

const fn words(fault: &Fault) -> &'static str {
    match fault {
        Fault::Latency { .. } => "answers late",
        Fault::Hang => "never answers",
        Fault::ServerError => "answers 500",
        Fault::TooManyRequests { .. } => "answers 429",
        Fault::Unauthorized => "answers 401",
        Fault::DropConnection => "drops the connection",
        Fault::Truncated => "ends in the middle of an answer",
        Fault::CutShort => "sends half the text",
        Fault::Endless => "sends an endless answer",
        Fault::GzipBomb => "sends a gzip bomb",
        Fault::NotJson => "sends a page for people instead of data",
        Fault::WrongCurrency => "bills in the wrong currency",
        Fault::Times100 => "bills a hundred times too much",
        Fault::DueBeforeIssue => "bills are due before their issue",
        Fault::AnotherAccountsBill => "sends another account's bills",
        Fault::Flapping => "fails every other time",
        Fault::FailNext { .. } => "fails the next times",
        Fault::NeedsCustomer => "wants something of the customer first",
        Fault::RejectPayments { .. } => "refuses the next payments",
        Fault::LosePaymentsBefore { .. } => "never gets the next payments",
        Fault::LosePaymentsAfter { .. } => "takes the next payments and loses the answer",
        Fault::DelayPayments { .. } => "answers payments late",
    }
}
