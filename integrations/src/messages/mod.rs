//! How words reach people: web push, mail and text messages, and the templates the words come from.

mod declines;
mod smtp;
mod templates;
mod twilio;
mod web_push;

pub use smtp::{NoMail, SmtpMailer, SmtpSettings, SmtpTls, check_mailbox};
pub use templates::Templates;
pub use twilio::{NoSms, TwilioSettings, TwilioSms};
pub use web_push::{NoPush, WebPushSender, WebPushSettings, check_contact, generate_vapid_keys};

use crate::http::HttpResponse;
use chrono::DateTime;

/// How long the far side asks us to wait, in milliseconds: seconds, or a date counted from the answer's own.
fn retry_after_ms(answer: &HttpResponse) -> Option<u64> {
    let value = answer.header("retry-after")?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return seconds.checked_mul(1_000);
    }
    let at = DateTime::parse_from_rfc2822(value).ok()?;
    let sent = DateTime::parse_from_rfc2822(answer.header("date")?.trim()).ok()?;
    u64::try_from((at - sent).num_milliseconds()).ok()
}

/// What the far side said, for an operator: the status and the beginning of the answer.
fn said(answer: &HttpResponse) -> String {
    let text: String = String::from_utf8_lossy(&answer.body).chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    format!("{} {}", answer.status, text.trim()).trim_end().to_owned()
}
