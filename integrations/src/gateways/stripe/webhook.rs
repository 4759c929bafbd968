//! What Stripe tells us unasked: who signed it, when, and what it is about.

use billow_billing::ports::{GatewayNotice, NoticeSubject, WebhookRefusal};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use miniserde::json::Value;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::answers::{field, id_of, text};

/// How old, or how far in the future, a signature may be.
const TOLERANCE_S: i64 = 300;
/// The longest header that is read.
const MAX_HEADER: usize = 4_096;

struct Signature {
    /// As it stands in the header, because that is what was signed.
    at: String,
    seconds: i64,
    /// One per secret that is in force while secrets change.
    digests: Vec<Vec<u8>>,
}

impl Signature {
    fn read(header: &str) -> Option<Self> {
        let (mut at, mut digests) = (None, Vec::new());
        for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
            match name {
                "t" => at = Some(value.to_owned()),
                "v1" => digests.extend(hex::decode(value)),
                _ => {}
            }
        }
        let at = at?;
        Some(Self { seconds: at.parse().ok()?, at, digests })
    }
}

/// Reads a webhook that was signed with the secret.
pub(super) fn read(
    secret: Option<&SecretString>,
    signature: Option<&str>,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<GatewayNotice, WebhookRefusal> {
    let secret = secret.map(ExposeSecret::expose_secret).filter(|s| !s.is_empty()).ok_or(WebhookRefusal::Forged)?;
    let signature = signature.filter(|h| h.len() <= MAX_HEADER).and_then(Signature::read).ok_or(WebhookRefusal::Forged)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| WebhookRefusal::Forged)?;
    mac.update(signature.at.as_bytes());
    mac.update(b".");
    mac.update(body);
    // Each is compared to its end in constant time.
    if !signature.digests.iter().any(|digest| mac.clone().verify_slice(digest).is_ok()) {
        return Err(WebhookRefusal::Forged);
    }
    if now.timestamp().checked_sub(signature.seconds).is_none_or(|age| age.abs() > TOLERANCE_S) {
        return Err(WebhookRefusal::Stale);
    }
    notice(body).ok_or(WebhookRefusal::Unreadable)
}

fn notice(body: &[u8]) -> Option<GatewayNotice> {
    let event: Value = miniserde::json::from_str(std::str::from_utf8(body).ok()?).ok()?;
    let object = field(field(&event, "data"), "object");
    let id = text(field(object, "id"));
    let about = match (text(field(object, "object")).as_deref(), id) {
        (Some("payment_intent"), Some(id)) => Some(NoticeSubject::Charge(id)),
        (Some("charge"), _) => id_of(field(object, "payment_intent")).map(NoticeSubject::Charge),
        (Some("refund"), Some(id)) => Some(NoticeSubject::Refund(id)),
        (Some("setup_intent"), Some(id)) => Some(NoticeSubject::Setup(id)),
        (Some("checkout.session"), Some(id)) if text(field(object, "mode")).as_deref() == Some("setup") => Some(NoticeSubject::Setup(id)),
        (Some("checkout.session"), Some(id)) => Some(NoticeSubject::Charge(id)),
        _ => None,
    };
    Some(GatewayNotice { id: text(field(&event, "id"))?, kind: text(field(&event, "type"))?, about })
}
