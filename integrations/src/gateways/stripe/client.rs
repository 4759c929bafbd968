//! Sends what async-stripe builds through our own HTTP: the guards, the time limit and no second try are ours.

use std::fmt::Display;
use std::time::Duration;

use billow_billing::ports::{GatewayAccess, GatewayFault};
use bytes::Bytes;
use miniserde::json::Value;
use secrecy::{ExposeSecret as _, SecretString};
use stripe::{CustomizedStripeRequest, IdempotencyKey, RequestStrategy, StripeRequest};
use stripe_client_core::{RequestBuilder, StripeClient, StripeClientErr, StripeMethod};

use super::answers::ApiError;
use crate::http::{GuardedHttp, HttpFault, HttpRequest, HttpResponse, Method};

/// The largest answer: a page of a hundred payments with their charges is a fraction of it.
const MAX_BYTES: usize = 4 << 20;
/// The longest wait a gateway can ask for.
const MAX_RETRY_AFTER_MS: u64 = 3_600_000;
/// How much of a gateway's words is kept, in characters.
const MAX_WORDS: usize = 300;

/// Why a call brought nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// There is no usable answer, or it was not asked.
    Fault(GatewayFault),
    /// The gateway answered no.
    Said {
        /// 400 to 499.
        status: u16,
        /// What it said.
        error: Box<ApiError>,
    },
}

impl StripeClientErr for Failure {
    fn deserialize_err(msg: impl Display) -> Self {
        Self::Fault(GatewayFault::Unknown { message: format!("the answer could not be read: {msg}") })
    }
}

impl Failure {
    /// The same for a call of which a "no" is no answer.
    pub(super) fn fault(self) -> GatewayFault {
        match self {
            Self::Fault(fault) => fault,
            Self::Said { status, error } => {
                GatewayFault::Refused { code: error.code.clone().or_else(|| error.kind.clone()), message: error.told(status) }
            }
        }
    }

    /// Whether the gateway knows no such object.
    pub(super) const fn is_missing(&self) -> bool {
        matches!(self, Self::Said { status: 404, .. })
    }
}

impl From<Failure> for GatewayFault {
    fn from(failure: Failure) -> Self {
        failure.fault()
    }
}

/// A gateway, ready to be called.
pub(super) struct Wire<'a> {
    http: &'a GuardedHttp,
    base_url: &'a str,
    secret_key: &'a SecretString,
    timeout: Duration,
}

impl<'a> Wire<'a> {
    pub(super) fn to(http: &'a GuardedHttp, at: &'a GatewayAccess) -> Result<Self, GatewayFault> {
        let secret_key = at
            .credentials
            .get("secret_key")
            .ok_or_else(|| GatewayFault::Refused { code: None, message: format!("the gateway '{}' has no secret_key", at.code) })?;
        let base_url = at.settings.base_url.trim_end_matches('/');
        Ok(Self { http, base_url, secret_key, timeout: Duration::from_millis(at.settings.timeout_ms) })
    }

    /// Asks, without effect.
    pub(super) async fn ask(&self, request: &impl StripeRequest) -> Result<Value, Failure> {
        self.send(request.build(), RequestStrategy::Once).await
    }

    /// Has something done once for a key.
    pub(super) async fn act(&self, key: &str, request: &impl StripeRequest) -> Result<Value, Failure> {
        let key = IdempotencyKey::new(key)
            .map_err(|e| Failure::Fault(GatewayFault::Refused { code: None, message: format!("the key cannot be used: {e}") }))?;
        self.send(request.build(), RequestStrategy::Idempotent(key)).await
    }

    async fn send(&self, request: RequestBuilder, strategy: RequestStrategy) -> Result<Value, Failure> {
        request.customize::<Value>().request_strategy(strategy).timeout(self.timeout).send(self).await
    }

    fn request(&self, request: CustomizedStripeRequest) -> HttpRequest {
        let (request, settings) = request.into_pieces();
        let mut url = format!("{}/v1{}", self.base_url, request.path);
        if let Some(query) = request.query.filter(|q| !q.is_empty()) {
            url.push('?');
            url.push_str(&query);
        }
        let method = match request.method {
            StripeMethod::Get => Method::GET,
            StripeMethod::Post => Method::POST,
            StripeMethod::Delete => Method::DELETE,
        };
        let mut out = HttpRequest::new(method, url)
            .timeout(settings.timeout.unwrap_or(self.timeout))
            .max_bytes(MAX_BYTES)
            .header("accept", "application/json")
            .header("authorization", format!("Bearer {}", self.secret_key.expose_secret()))
            .header("stripe-version", stripe_shared::version::VERSION.as_str());
        if let Some(key) = settings.request_strategy.as_ref().and_then(RequestStrategy::get_key) {
            out = out.header("idempotency-key", key.as_str());
        }
        if let Some(body) = request.body {
            out.body = Some(Bytes::from(body));
            out = out.header("content-type", "application/x-www-form-urlencoded");
        }
        out
    }

    /// What an answer means. The words of a gateway may repeat what it was sent: the key is taken out of them.
    fn read(&self, answer: HttpResponse) -> Result<Bytes, Failure> {
        let status = answer.status;
        if answer.is_success() {
            return Ok(answer.body);
        }
        let error = ApiError::read(&answer.body);
        let mut message = error.as_ref().and_then(|e| e.message.clone()).unwrap_or_default();
        message = message.replace(self.secret_key.expose_secret(), "…");
        message = message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_WORDS).collect();
        let asked = answer.header("request-id").filter(|id| id.len() < 64).map(|id| format!(" (request {id})")).unwrap_or_default();
        let words = format!("{status} {message}{asked}").trim().to_owned();
        let kind = error.as_ref().and_then(|e| e.kind.clone());
        Err(match status {
            429 => Failure::Fault(GatewayFault::NotSent { message: words, retry_after_ms: retry_after_ms(&answer) }),
            401 => {
                // Its words tell a part of the key.
                let error = ApiError { message: Some(format!("the gateway refuses the secret_key{asked}")), kind, ..ApiError::default() };
                Failure::Said { status, error: Box::new(error) }
            }
            400 if kind.as_deref() == Some("idempotency_error") => Failure::Fault(GatewayFault::KeyReused { message: words }),
            408 | 409 | 424 => Failure::Fault(GatewayFault::Unknown { message: words }),
            400..=499 => {
                let message = Some(message + &asked);
                Failure::Said { status, error: Box::new(ApiError { message, ..error.unwrap_or_default() }) }
            }
            _ => Failure::Fault(GatewayFault::Unknown { message: words }),
        })
    }
}

impl StripeClient for Wire<'_> {
    type Err = Failure;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, Failure> {
        match self.http.send(self.request(request)).await {
            Ok(answer) => self.read(answer),
            Err(fault) => Err(Failure::Fault(from_http(&fault))),
        }
    }
}

fn from_http(fault: &HttpFault) -> GatewayFault {
    let message = fault.to_string();
    if fault.may_have_been_carried_out() {
        GatewayFault::Unknown { message }
    } else {
        GatewayFault::NotSent { message, retry_after_ms: None }
    }
}

fn retry_after_ms(answer: &HttpResponse) -> Option<u64> {
    let seconds: u64 = answer.header("retry-after")?.trim().parse().ok()?;
    Some(seconds.saturating_mul(1_000).min(MAX_RETRY_AFTER_MS))
}
