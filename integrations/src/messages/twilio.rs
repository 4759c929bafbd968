//! Text messages through an HTTP interface of Twilio's shape, which many providers of text messages speak.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use billow_billing::ports::{SendOutcome, Sms, SmsSender};
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use super::{retry_after_ms, said};
use crate::http::{GuardedHttp, HttpFault, HttpRequest, HttpResponse};

/// Codes by which the far side says that a number takes no text messages: not a number, cannot be reached, opted out, no mobile.
const NUMBER_IS_GONE: &[i64] = &[21211, 21214, 21217, 21408, 21610, 21612, 21614];

/// How to send text messages.
#[derive(Clone, Debug)]
pub struct TwilioSettings {
    /// Without a trailing slash: `https://api.twilio.com`.
    pub base_url: String,
    /// The account.
    pub account_sid: String,
    /// Its secret.
    pub auth_token: SecretString,
    /// The sender: a number in E.164, a name, or a messaging service (`MG…`).
    pub from: String,
}

/// Sends text messages.
#[derive(Clone)]
pub struct TwilioSms {
    http: GuardedHttp,
    settings: TwilioSettings,
}

impl std::fmt::Debug for TwilioSms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TwilioSms").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl TwilioSms {
    /// A sender.
    ///
    /// # Errors
    /// When the address may not be called or something is missing; in words for the operator.
    pub fn new(http: GuardedHttp, mut settings: TwilioSettings) -> Result<Self, String> {
        while settings.base_url.ends_with('/') {
            settings.base_url.pop();
        }
        http.check_url(&settings.base_url)?;
        let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_plain(&settings.account_sid) || settings.from.is_empty() {
            return Err("text messages need an account and a sender".into());
        }
        Ok(Self { http, settings })
    }

    fn request(&self, sms: &Sms) -> Result<HttpRequest, String> {
        let sender = if self.settings.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        // An address is made only to write its query, which is what a form looks like.
        let mut form = Url::parse("https://form.invalid").map_err(|e| e.to_string())?;
        form.query_pairs_mut().append_pair("To", &sms.to).append_pair(sender, &self.settings.from).append_pair("Body", &sms.text);
        let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", self.settings.base_url, self.settings.account_sid);
        let login = STANDARD.encode(format!("{}:{}", self.settings.account_sid, self.settings.auth_token.expose_secret()));
        Ok(HttpRequest::post(url, form.query().unwrap_or_default().to_owned())
            .header("authorization", format!("Basic {login}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .max_bytes(64 * 1024))
    }
}

#[async_trait]
impl SmsSender for TwilioSms {
    fn available(&self) -> bool {
        true
    }

    async fn send(&self, sms: Sms) -> SendOutcome {
        let request = match self.request(&sms) {
            Ok(request) => request,
            Err(message) => return SendOutcome::Refused { message },
        };
        match self.http.send(request).await {
            Ok(answer) => from_answer(&answer),
            Err(fault) => from_fault(&fault),
        }
    }
}

fn from_answer(answer: &HttpResponse) -> SendOutcome {
    let message = said(answer);
    let code = || serde_json::from_slice::<serde_json::Value>(&answer.body).ok().and_then(|body| body["code"].as_i64());
    match answer.status {
        200..=299 => SendOutcome::Sent,
        // A wrong login is the operator's to mend: the message waits meanwhile.
        401 | 403 | 429 | 503 => SendOutcome::Retryable { message, retry_after_ms: retry_after_ms(answer) },
        // The far side stumbled over the request, perhaps after it had taken it.
        500..=599 => SendOutcome::Unknown { message },
        400..=499 if code().is_some_and(|code| NUMBER_IS_GONE.contains(&code)) => SendOutcome::Gone { message },
        _ => SendOutcome::Refused { message },
    }
}

fn from_fault(fault: &HttpFault) -> SendOutcome {
    let message = fault.to_string();
    match fault {
        HttpFault::Refused { .. } => SendOutcome::Refused { message },
        HttpFault::NotSent { .. } => SendOutcome::Retryable { message, retry_after_ms: None },
        HttpFault::Timeout { .. } | HttpFault::TooLarge { .. } | HttpFault::Unreadable { .. } => SendOutcome::Unknown { message },
    }
}

/// Stands in where text messages are not configured.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSms;

#[async_trait]
impl SmsSender for NoSms {
    fn available(&self) -> bool {
        false
    }

    async fn send(&self, _sms: Sms) -> SendOutcome {
        SendOutcome::Refused { message: "text messages are not configured".into() }
    }
}

#[cfg(test)]
#[path = "twilio_tests.rs"]
mod tests;
