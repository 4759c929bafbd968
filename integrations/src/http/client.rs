//! Sends, reads and measures.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect;

use super::fault::HttpFault;
use super::request::{HttpRequest, HttpResponse};
use super::resolver::{GuardedResolver, Lookup, SystemLookup};
use super::url::{CheckedUrl, GuardPolicy};

/// Resolving, connecting and the TLS handshake together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections kept open to one host: as many payments are with a gateway at once.
const MAX_IDLE: usize = 128;
/// Headers of an answer.
const MAX_HEADERS: usize = 100;
/// Headers of an answer, names and values together.
const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Headers that belong to the connection and are not the caller's to set.
const CONNECTION_HEADERS: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Sends requests to addresses that may be called, and to no others.
///
/// It keeps two connection pools: one that reaches public addresses only and speaks only TLS, and one for the hosts the
/// configuration names. No request can get from one to the other: redirects are not followed, and proxies named by the
/// environment are not used.
#[derive(Clone)]
pub struct GuardedHttp {
    policy: Arc<GuardPolicy>,
    public: reqwest::Client,
    allowed: reqwest::Client,
}

impl GuardedHttp {
    /// Builds the connection pools.
    ///
    /// # Errors
    /// When the system's trusted certificates cannot be read.
    pub fn new(policy: GuardPolicy) -> Result<Self, HttpFault> {
        Self::with_lookup(policy, Arc::new(SystemLookup))
    }

    pub(super) fn with_lookup(policy: GuardPolicy, lookup: Arc<dyn Lookup>) -> Result<Self, HttpFault> {
        let agent = if policy.user_agent.is_empty() { format!("billow/{}", env!("CARGO_PKG_VERSION")) } else { policy.user_agent.clone() };
        #[expect(clippy::disallowed_methods, reason = "this is where the guard is built that everything else has to use")]
        let build = |special_allowed: bool| {
            reqwest::Client::builder()
                .user_agent(agent.clone())
                .dns_resolver(Arc::new(GuardedResolver::new(Arc::clone(&lookup), special_allowed)))
                .redirect(redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .https_only(!special_allowed)
                .referer(false)
                .connect_timeout(CONNECT_TIMEOUT)
                .pool_idle_timeout(Duration::from_secs(60))
                .pool_max_idle_per_host(MAX_IDLE)
                .http1_max_headers(MAX_HEADERS)
                .http2_max_header_list_size(u32::try_from(MAX_HEADER_BYTES).unwrap_or(u32::MAX))
                .build()
                .map_err(|e| HttpFault::from_reqwest(e, CONNECT_TIMEOUT, None))
        };
        Ok(Self { public: build(false)?, allowed: build(true)?, policy: Arc::new(policy) })
    }

    /// Reads an address without calling anybody, for when somebody registers it. Its name is resolved, and checked again,
    /// at every call.
    ///
    /// # Errors
    /// In words for whoever typed it.
    pub fn check_url(&self, url: &str) -> Result<(), String> {
        self.policy.check(url).map(|_| ())
    }

    /// Sends a request and reads the whole answer. Any status is an answer.
    ///
    /// # Errors
    /// See [`HttpFault`]: each says whether the far side may have acted.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpFault> {
        let started = Instant::now();
        let timeout = request.timeout;
        // One clock for everything, also for a body that comes a byte at a time.
        let answer = match tokio::time::timeout(timeout, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(HttpFault::Timeout { after: timeout }),
        };
        let outcome = answer.as_ref().map_or_else(HttpFault::kind, |_| "answered");
        metrics::counter!("billow_outbound_http_total", "outcome" => outcome).increment(1);
        metrics::histogram!("billow_outbound_http_seconds", "outcome" => outcome).record(started.elapsed().as_secs_f64());
        answer.map(|(status, headers, body)| HttpResponse { status, headers, body, duration: started.elapsed() })
    }

    async fn exchange(&self, request: HttpRequest) -> Result<(u16, HeaderMap, Bytes), HttpFault> {
        let CheckedUrl { url, special_allowed } = self.policy.check(&request.url).map_err(HttpFault::refused)?;
        let client = if special_allowed { &self.allowed } else { &self.public };
        let mut outgoing = client.request(request.method, url).headers(header_map(&request.headers)?);
        if let Some(body) = request.body {
            outgoing = outgoing.body(body);
        }
        let answer = outgoing.send().await.map_err(|e| HttpFault::from_reqwest(e, request.timeout, None))?;
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let header_bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if headers.len() > MAX_HEADERS || header_bytes > MAX_HEADER_BYTES {
            let reason = format!("it has more than {MAX_HEADERS} headers or {MAX_HEADER_BYTES} bytes of them");
            return Err(HttpFault::Unreadable { reason, status: Some(status), source: None });
        }
        let too_large = || HttpFault::TooLarge { status, limit_bytes: request.max_bytes };
        if answer.content_length().is_some_and(|length| length > request.max_bytes as u64) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        let mut stream = answer.bytes_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|e| HttpFault::from_reqwest(e, request.timeout, Some(status)))?;
            if body.len() + chunk.len() > request.max_bytes {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, headers, body.freeze()))
    }
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, HttpFault> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let parsed = HeaderName::try_from(name.as_str()).map_err(|_| HttpFault::refused(format!("'{name}' is not a name of a header")))?;
        if CONNECTION_HEADERS.contains(&parsed.as_str()) {
            return Err(HttpFault::refused(format!("the header '{name}' belongs to the connection and cannot be set")));
        }
        // The value may be a secret: it is not repeated.
        let value = HeaderValue::try_from(value.as_str())
            .map_err(|_| HttpFault::refused(format!("the value of the header '{name}' holds characters that cannot be sent")))?;
        map.append(parsed, value);
    }
    Ok(map)
}
