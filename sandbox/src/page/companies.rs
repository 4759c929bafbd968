//! The companies with their accounts and bills.

use std::fmt::Write as _;

use super::{escape, money, options};
use crate::world::{Account, Bill, BillStatus, PLANS, Provider, SandboxState};

/// How many accounts of a company are listed.
const MAX_ACCOUNTS: usize = 40;
/// How many bills of an account are listed, the newest.
const MAX_BILLS: usize = 4;

pub(super) fn issue_form(state: &SandboxState) -> String {
    let companies = Provider::ALL.into_iter().filter(|p| !p.prepaid()).map(|p| (p.code(), p.title()));
    let mut numbers = String::new();
    for provider in Provider::ALL.into_iter().filter(|p| !p.prepaid()) {
        for summary in state.accounts(provider, MAX_ACCOUNTS) {
            let _ = write!(numbers, "<option value=\"{}\">{}</option>", escape(&summary.account), provider.title());
        }
    }
    format!(
        "<section class=\"card\" id=\"issue\">
<h2>Issue a bill</h2>
<form method=\"post\" action=\"/page/issue\" class=\"fields\">
<label>Company<select name=\"provider\" id=\"issue-provider\">{}</select></label>
<label>Account<input name=\"account\" id=\"issue-account\" list=\"accounts\" required maxlength=\"32\" value=\"{}\" autocomplete=\"off\"></label>
<label>Amount <small>(may be left out)</small><input name=\"amount\" inputmode=\"decimal\" pattern=\"-?[0-9]{{1,9}}([.,][0-9]{{1,2}})?\" placeholder=\"as usual\"></label>
<button class=\"main\">Issue</button>
</form>
<datalist id=\"accounts\">{numbers}</datalist>
</section>",
        options(companies),
        Provider::Voltara.samples()[0],
    )
}

pub(super) fn list(state: &SandboxState) -> String {
    let mut out = String::from("<section class=\"card\" id=\"companies\"><h2>Companies</h2>\n");
    for provider in Provider::ALL {
        let accounts = state.accounts(provider, MAX_ACCOUNTS);
        let _ = write!(
            out,
            "<details class=\"company\" id=\"c-{code}\"><summary><b>{title}</b> <span class=\"quiet\">{what}</span></summary>\n<div data-live id=\"accounts-{code}\">",
            code = provider.code(),
            title = provider.title(),
            what = what(provider),
        );
        for summary in accounts {
            if let Some(account) = state.account(provider, &summary.account) {
                push_account(&mut out, provider, &summary.account, &account);
            }
        }
        out.push_str("</div></details>\n");
    }
    out.push_str("</section>");
    out
}

const fn what(provider: Provider) -> &'static str {
    match provider {
        Provider::Voltara => "electricity, JSON",
        Provider::Ringo => "mobile, register and poll",
        Provider::Gasline => "gas, XML",
        Provider::Aquaria => "water, CSV drop",
        Provider::Chirp => "prepaid mobile, plans",
        Provider::Greenwatt => "electricity, Green Button",
    }
}

fn push_account(out: &mut String, provider: Provider, number: &str, account: &Account) {
    let open = account.bills.iter().filter(|b| b.status == BillStatus::Open).count();
    let told = match &account.line {
        Some(line) => format!("{} until {}", escape(&line.plan), line.ends_on),
        None if account.bills.is_empty() => "no bills".to_owned(),
        None => format!("{} bills, {open} open", account.bills.len()),
    };
    let mut inside = String::new();
    match &account.line {
        Some(_) => push_line(&mut inside, number),
        None => {
            let _ = write!(
                inside,
                "<form method=\"post\" action=\"/page/issue\"><input type=\"hidden\" name=\"provider\" value=\"{}\">\
                 <input type=\"hidden\" name=\"account\" value=\"{}\"><button class=\"main small\">Issue a bill</button></form>",
                provider.code(),
                escape(number),
            );
            account.bills.iter().rev().take(MAX_BILLS).for_each(|bill| push_bill(&mut inside, provider, number, bill));
        }
    }
    let _ = writeln!(
        out,
        "<details class=\"account\" id=\"a-{code}-{number}\" data-v=\"{told} {revisions}\"><summary>{number} <span class=\"quiet\">{told}</span></summary>{inside}</details>",
        code = provider.code(),
        number = escape(number),
        revisions = account.bills.iter().map(|b| b.revision).sum::<u32>(),
    );
}

fn push_bill(out: &mut String, provider: Provider, account: &str, bill: &Bill) {
    let (badge, actions) = match bill.status {
        BillStatus::Open => ("open", true),
        BillStatus::Paid => ("paid", false),
        BillStatus::Cancelled => ("cancelled", false),
    };
    let corrected = if bill.revision > 1 { format!(", corrected {} times", bill.revision - 1) } else { String::new() };
    let _ = write!(
        out,
        "<div class=\"bill\"><div><b>{amount}</b> <span class=\"badge {badge}\">{badge}</span><br>\
         <span class=\"quiet\">{number}<br>issued {issued}, due {due}{corrected}</span></div>",
        amount = money(bill.amount_minor, &bill.currency),
        number = escape(&bill.number),
        issued = bill.issued_on,
        due = bill.due_on,
    );
    let hidden = format!(
        "<input type=\"hidden\" name=\"provider\" value=\"{}\"><input type=\"hidden\" name=\"account\" value=\"{}\"><input type=\"hidden\" name=\"number\" value=\"{}\">",
        provider.code(),
        escape(account),
        escape(&bill.number)
    );
    let _ = write!(
        out,
        "<form method=\"post\" action=\"/page/bill\" class=\"row\">{hidden}\
         <input name=\"amount\" aria-label=\"New amount\" placeholder=\"new amount\" inputmode=\"decimal\" pattern=\"-?[0-9]{{1,9}}([.,][0-9]{{1,2}})?\">\
         <button name=\"action\" value=\"correct\">Correct</button>"
    );
    if actions {
        out.push_str("<button name=\"action\" value=\"paid\" formnovalidate>Mark paid</button><button name=\"action\" value=\"cancel\" formnovalidate>Cancel</button>");
    }
    out.push_str("</form></div>\n");
}

fn push_line(out: &mut String, number: &str) {
    let plans: Vec<_> = PLANS.iter().map(|p| (p.code, p.name)).collect();
    let number = escape(number);
    let _ = write!(
        out,
        "<form method=\"post\" action=\"/page/recharge\" class=\"row\"><input type=\"hidden\" name=\"account\" value=\"{number}\">\
         <select name=\"plan\" aria-label=\"Plan\">{plans}</select><button class=\"main small\">Recharge</button></form>\
         <form method=\"post\" action=\"/page/plan\" class=\"row\"><input type=\"hidden\" name=\"account\" value=\"{number}\">\
         <select name=\"plan\" aria-label=\"Plan\">{plans}</select><input type=\"date\" name=\"ends_on\" required aria-label=\"Last day\"><button>Set the last day</button></form>",
        plans = options(plans),
    );
}
