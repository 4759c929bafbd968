//! Web push (RFC 8030) with VAPID (RFC 8292), encrypted for the browser (RFC 8291) and sent through [`GuardedHttp`].
//!
//! An endpoint comes from a browser, so from anybody: only push services that are known, or that the configuration
//! names, are called.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use billow_billing::clock::{Clock, Entropy};
use billow_billing::messages::payload::MAX_BYTES;
use billow_billing::ports::{PushMessage, PushSender, SendOutcome};
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use web_push::request_builder::build_request;
use web_push::{ContentEncoding, PartialVapidSignatureBuilder, SubscriptionInfo, Urgency, VapidSignatureBuilder, WebPushMessageBuilder};

use super::{retry_after_ms, said};
use crate::http::{GuardedHttp, HttpFault, HttpRequest, HttpResponse};

/// The hosts of the browsers' own push services; those with a dot in front are endings.
const KNOWN_SERVICES: &[&str] = &["fcm.googleapis.com", ".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com"];
/// The most of an answer that is read: it is only shown to operators.
const MAX_ANSWER_BYTES: usize = 16 * 1024;
/// Characters of a name of a subscription, where only its host is known.
const UNGUESSABLE: usize = 16;
/// How long a token proves who sends, in seconds; push services take at most a day.
const TOKEN_LIFE_S: u64 = 12 * 3_600;

/// How to push.
#[derive(Clone, Debug)]
pub struct WebPushSettings {
    /// The VAPID private key: 32 bytes as base64url, as [`generate_vapid_keys`] makes them.
    pub private_key: SecretString,
    /// Whom a push service may write to: `mailto:…` or `https://…`.
    pub contact: String,
    /// Push services beside the browsers' own: a host, or `host:port`, perhaps with the path that subscriptions are below.
    pub allowed_hosts: Vec<String>,
}

/// Sends web pushes.
pub struct WebPushSender {
    http: GuardedHttp,
    key: PartialVapidSignatureBuilder,
    contact: String,
    allowed_hosts: Vec<String>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for WebPushSender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebPushSender").field("contact", &self.contact).field("allowed_hosts", &self.allowed_hosts).finish_non_exhaustive()
    }
}

/// Whether push services take `contact`: Apple refuses every push of a sender that cannot be written to.
///
/// # Errors
/// Why not, in words for the operator.
pub fn check_contact(contact: &str) -> Result<(), String> {
    let known = match contact.strip_prefix("mailto:") {
        Some(address) => {
            let domain = address.parse::<lettre::Address>().ok().map(|a| a.domain().to_owned());
            domain.is_some_and(|domain| domain.contains('.') && !address.contains(char::is_whitespace))
        }
        None => {
            contact.starts_with("https://") && Url::parse(contact).is_ok_and(|url| url.host_str().is_some_and(|host| host.contains('.')))
        }
    };
    if known {
        Ok(())
    } else {
        Err(format!("'{contact}' must be mailto: and an address, or an https:// address, that can be reached from outside"))
    }
}

impl WebPushSender {
    /// A sender with a key of one's own.
    ///
    /// # Errors
    /// When the key is not one, or the contact is no address; in words for the operator.
    pub fn new(http: GuardedHttp, settings: WebPushSettings, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let key = private_key(settings.private_key.expose_secret().trim())
            .ok_or("the VAPID private key is not a key of P-256 as base64url without padding (32 bytes)")?;
        check_contact(&settings.contact)?;
        Ok(Self { http, key, contact: settings.contact, allowed_hosts: settings.allowed_hosts, clock })
    }

    fn request(&self, message: &PushMessage) -> Result<HttpRequest, String> {
        let endpoint = message.endpoint.expose_secret();
        let url = Url::parse(endpoint).map_err(|e| format!("the endpoint is not an address: {e}"))?;
        if message.payload.len() > MAX_BYTES {
            return Err(format!("the payload has {} bytes, at most {MAX_BYTES} are sent", message.payload.len()));
        }
        let info = SubscriptionInfo::new(endpoint, message.p256dh.as_str(), message.auth.expose_secret());
        let fault = |e: web_push::WebPushError| format!("the push could not be made: {e}");
        let mut signature = self.key.clone().add_sub_info(&info);
        signature.add_claim("aud", url.origin().ascii_serialization());
        signature.add_claim("sub", self.contact.as_str());
        // Left to itself, the library asks the wall clock.
        signature.add_claim("exp", u64::try_from(self.clock.now().timestamp()).unwrap_or_default() + TOKEN_LIFE_S);
        let mut builder = WebPushMessageBuilder::new(&info);
        builder.set_vapid_signature(signature.build().map_err(fault)?);
        builder.set_payload(ContentEncoding::Aes128Gcm, &message.payload);
        builder.set_ttl(message.ttl_s);
        builder.set_urgency(if message.urgent { Urgency::High } else { Urgency::Normal });
        if let Some(topic) = &message.topic {
            builder.set_topic(topic.clone());
        }
        let (parts, body) = build_request::<Vec<u8>>(builder.build().map_err(fault)?).into_parts();
        let mut request = HttpRequest::post(endpoint, body).max_bytes(MAX_ANSWER_BYTES);
        for (name, value) in &parts.headers {
            // The length belongs to the connection.
            if name.as_str() != "content-length" {
                let value = value.to_str().map_err(|e| format!("the push could not be made: {e}"))?;
                request = request.header(name.as_str(), value);
            }
        }
        Ok(request)
    }
}

#[async_trait]
impl PushSender for WebPushSender {
    fn check_endpoint(&self, endpoint: &str) -> Result<(), String> {
        self.http.check_url(endpoint)?;
        let url = Url::parse(endpoint).map_err(|e| format!("it is not an address: {e}"))?;
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let with_port = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        let configured = self.allowed_hosts.iter().any(|entry| {
            let (named, below) = entry.split_once('/').map_or((entry.as_str(), None), |(named, path)| (named, Some(path)));
            (named.eq_ignore_ascii_case(&host) || named.eq_ignore_ascii_case(&with_port)) && is_subscription(&url, below)
        });
        let known = url.scheme() == "https"
            && url.path() != "/"
            && url.port().is_none()
            && KNOWN_SERVICES.iter().any(|service| if service.starts_with('.') { host.ends_with(service) } else { host == *service });
        if configured || known { Ok(()) } else { Err(format!("{host} is not a push service we know, or this is no subscription of it")) }
    }

    fn check_key(&self, p256dh: &[u8]) -> Result<(), String> {
        match p256::PublicKey::from_sec1_bytes(p256dh) {
            Ok(_) if p256dh.len() == 65 => Ok(()),
            _ => Err("it is not an uncompressed point of P-256".into()),
        }
    }

    fn public_key(&self) -> Option<String> {
        Some(URL_SAFE_NO_PAD.encode(self.key.get_public_key()))
    }

    async fn send(&self, message: PushMessage) -> SendOutcome {
        // The list may have changed since the device was registered.
        let request = match self.check_endpoint(message.endpoint.expose_secret()).and_then(|()| self.request(&message)) {
            Ok(request) => request,
            Err(message) => return SendOutcome::Refused { message },
        };
        match self.http.send(request).await {
            Ok(answer) => from_answer(&answer),
            Err(fault) => from_fault(&fault),
        }
    }
}

/// Whether an address is that of a subscription: below the path that the configuration names, or ending in a name nobody
/// guesses. A host may answer to other paths that are not for everybody.
fn is_subscription(url: &Url, below: Option<&str>) -> bool {
    let path = url.path().trim_start_matches('/');
    match below.filter(|below| !below.is_empty()) {
        Some(below) => path.strip_prefix(below).is_some_and(|rest| !rest.is_empty()),
        None => path.rsplit('/').next().unwrap_or_default().len() >= UNGUESSABLE,
    }
}

fn from_answer(answer: &HttpResponse) -> SendOutcome {
    from_status(answer.status, said(answer), retry_after_ms(answer))
}

fn from_status(status: u16, message: String, retry_after_ms: Option<u64>) -> SendOutcome {
    match status {
        200..=299 => SendOutcome::Sent,
        404 | 410 => SendOutcome::Gone { message },
        408 | 429 | 500..=599 => SendOutcome::Retryable { message, retry_after_ms },
        _ => SendOutcome::Refused { message },
    }
}

fn from_fault(fault: &HttpFault) -> SendOutcome {
    let message = fault.to_string();
    match fault {
        HttpFault::Refused { .. } => SendOutcome::Refused { message },
        HttpFault::NotSent { .. } => SendOutcome::Retryable { message, retry_after_ms: None },
        // The status is all that matters; the rest of the answer may be as long or as broken as it likes.
        HttpFault::TooLarge { status, .. } | HttpFault::Unreadable { status: Some(status), .. } => from_status(*status, message, None),
        HttpFault::Timeout { .. } | HttpFault::Unreadable { status: None, .. } => SendOutcome::Unknown { message },
    }
}

/// Stands in where push is not configured.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPush;

#[async_trait]
impl PushSender for NoPush {
    fn check_endpoint(&self, _endpoint: &str) -> Result<(), String> {
        Err("push is not configured here".into())
    }

    fn public_key(&self) -> Option<String> {
        None
    }

    async fn send(&self, _message: PushMessage) -> SendOutcome {
        SendOutcome::Refused { message: "push is not configured".into() }
    }
}

/// Reads a private key. The length is checked here because the library takes it for granted.
fn private_key(text: &str) -> Option<PartialVapidSignatureBuilder> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 32)?;
    VapidSignatureBuilder::from_base64_no_sub(&URL_SAFE_NO_PAD.encode(bytes)).ok()
}

/// New VAPID keys: the private one, and the public one browsers subscribe with; both base64url without padding.
#[must_use]
pub fn generate_vapid_keys(entropy: &dyn Entropy) -> (String, String) {
    loop {
        let mut bytes = [0u8; 32];
        entropy.fill(&mut bytes);
        let private = URL_SAFE_NO_PAD.encode(bytes);
        // Almost every number is a key of P-256; zero, and what lies beyond the order of the curve, is not.
        if let Some(key) = private_key(&private) {
            return (private, URL_SAFE_NO_PAD.encode(key.get_public_key()));
        }
    }
}

#[cfg(test)]
#[path = "web_push_tests.rs"]
mod tests;
