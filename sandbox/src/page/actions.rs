//! What the forms do. Each comes back to the page; what went wrong is told there.

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use serde::Deserialize;

use super::escape;
use crate::SandboxError;
use crate::server::Site;
use crate::world::{Fault, MailFault, Provider, PushFault, SmsFault};

/// Back to the page, or what was wrong.
pub(super) type Done = Result<Redirect, Problem>;

pub(super) struct Problem(String);

impl From<SandboxError> for Problem {
    fn from(problem: SandboxError) -> Self {
        Self(problem.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            axum::response::Html(format!("<p id=\"problem\">{}</p><p><a href=\"/\">Back</a></p>", escape(&self.0))),
        )
            .into_response()
    }
}

fn back() -> Done {
    Ok(Redirect::to("/"))
}

#[derive(Deserialize)]
pub(super) struct IssueForm {
    provider: Provider,
    account: String,
    #[serde(default)]
    amount: String,
}

pub(super) async fn issue(State(site): State<Site>, Form(form): Form<IssueForm>) -> Done {
    let account = form.account.trim();
    if account.is_empty() || account.len() > 32 {
        return Err(Problem("an account number has 1 to 32 characters".into()));
    }
    site.state.issue_bill(form.provider, account, amount(&form.amount)?)?;
    back()
}

#[derive(Deserialize)]
pub(super) struct BillForm {
    provider: Provider,
    account: String,
    number: String,
    action: String,
    #[serde(default)]
    amount: String,
}

pub(super) async fn bill(State(site): State<Site>, Form(form): Form<BillForm>) -> Done {
    let (provider, account, number) = (form.provider, form.account.as_str(), form.number.as_str());
    match form.action.as_str() {
        "correct" => {
            let amount_minor = amount(&form.amount)?.ok_or_else(|| Problem("a correction needs the new amount".into()))?;
            site.state.correct_bill(provider, account, number, amount_minor)?;
        }
        "cancel" => {
            site.state.cancel_bill(provider, account, number)?;
        }
        "paid" => {
            site.state.mark_paid(provider, account, number)?;
        }
        _ => return Err(Problem("there is no such action".into())),
    }
    back()
}

#[derive(Deserialize)]
pub(super) struct PlanForm {
    account: String,
    plan: String,
    ends_on: Option<NaiveDate>,
}

pub(super) async fn recharge(State(site): State<Site>, Form(form): Form<PlanForm>) -> Done {
    site.state.recharge(&form.account, &form.plan)?;
    back()
}

pub(super) async fn plan(State(site): State<Site>, Form(form): Form<PlanForm>) -> Done {
    let ends_on = form.ends_on.ok_or_else(|| Problem("when is the last day?".into()))?;
    site.state.set_plan(&form.account, &form.plan, ends_on)?;
    back()
}

#[derive(Deserialize)]
pub(super) struct FaultForm {
    provider: Provider,
    #[serde(default)]
    account: String,
    kind: String,
    #[serde(default)]
    figure: String,
}

pub(super) async fn fault(State(site): State<Site>, Form(form): Form<FaultForm>) -> Done {
    let figure = match form.figure.trim() {
        "" => None,
        text => Some(text.parse::<u32>().map_err(|_| Problem("the figure is not a whole number".into()))?),
    };
    let usual = Fault::ALL.into_iter().find(|f| f.kind() == form.kind).ok_or_else(|| Problem("there is no such fault".into()))?;
    let fault = match usual {
        Fault::Latency { ms } => Fault::Latency { ms: figure.map_or(ms, u64::from) },
        Fault::TooManyRequests { retry_after_s } => Fault::TooManyRequests { retry_after_s: figure.unwrap_or(retry_after_s) },
        Fault::FailNext { calls } => Fault::FailNext { calls: figure.unwrap_or(calls) },
        Fault::RejectPayments { payments } => Fault::RejectPayments { payments: figure.unwrap_or(payments) },
        Fault::LosePaymentsBefore { payments } => Fault::LosePaymentsBefore { payments: figure.unwrap_or(payments) },
        Fault::LosePaymentsAfter { payments } => Fault::LosePaymentsAfter { payments: figure.unwrap_or(payments) },
        Fault::DelayPayments { ms } => Fault::DelayPayments { ms: figure.map_or(ms, u64::from) },
        other => other,
    };
    site.state.set_fault(form.provider, given(&form.account), fault);
    back()
}

pub(super) async fn clear_fault(State(site): State<Site>, Form(form): Form<FaultForm>) -> Done {
    site.state.clear_fault(form.provider, given(&form.account), Some(&form.kind));
    back()
}

#[derive(Deserialize)]
pub(super) struct WayForm {
    way: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    kind: String,
}

pub(super) async fn way(State(site): State<Site>, Form(form): Form<WayForm>) -> Done {
    let to = given(&form.to);
    let kind = form.kind.as_str();
    let odd = || Problem("there is no such fault".into());
    match form.way.as_str() {
        "mail" => site.state.set_mail_fault(
            to,
            match kind {
                "" => None,
                "TEMPORARY" => Some(MailFault::Temporary),
                "PERMANENT" => Some(MailFault::Permanent),
                "LOST_ANSWER" => Some(MailFault::LostAnswer),
                "HANG" => Some(MailFault::Hang),
                _ => return Err(odd()),
            },
        ),
        "text" => site.state.set_sms_fault(
            to,
            match kind {
                "" => None,
                "TEMPORARY" => Some(SmsFault::ServerError),
                "PERMANENT" => Some(SmsFault::InvalidNumber),
                "LOST_ANSWER" => Some(SmsFault::LostAnswer),
                "HANG" => Some(SmsFault::Hang),
                _ => return Err(odd()),
            },
        ),
        "push" => site.state.set_push_fault(
            to.ok_or_else(|| Problem("a push fault is for one subscription".into()))?,
            match kind {
                "" => None,
                "TEMPORARY" => Some(PushFault::ServerError),
                "PERMANENT" => Some(PushFault::Gone),
                "LOST_ANSWER" => Some(PushFault::LostAnswer),
                "HANG" => Some(PushFault::Hang),
                _ => return Err(odd()),
            },
        )?,
        _ => return Err(odd()),
    }
    back()
}

pub(super) async fn forget(State(site): State<Site>) -> Done {
    site.state.clear_outbox();
    back()
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|t| !t.is_empty())
}

/// Major units as people write them, to cents; none where nothing was written.
fn amount(text: &str) -> Result<Option<i64>, Problem> {
    let Some(text) = given(text) else { return Ok(None) };
    let odd = || Problem(format!("{text} is not an amount"));
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (major, minor) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    if major.is_empty() || major.len() > 9 || minor.len() > 2 || !major.bytes().chain(minor.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(odd());
    }
    let cents: i64 = format!("{major}{minor:0<2}").parse().map_err(|_| odd())?;
    Ok(Some(if negative { -cents } else { cents }))
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn amounts_as_people_write_them() {
        for (text, cents) in
            [("", None), ("12", Some(1_200)), ("12.3", Some(1_230)), ("12,30", Some(1_230)), ("-0.05", Some(-5)), (" 7 ", Some(700))]
        {
            assert_eq!(amount(text).ok(), Some(cents), "{text}");
        }
        for text in ["1.234", "x", ".5", "1e3", "--1", "1234567890"] {
            assert!(amount(text).is_err(), "{text}");
        }
    }
}
