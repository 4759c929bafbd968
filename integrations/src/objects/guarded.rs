//! Sends what the S3 client asks through [`GuardedHttp`], the only way out.

use std::error::Error;

use async_trait::async_trait;
use http_body_util::BodyExt as _;
use object_store::ClientOptions;
use object_store::client::{HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService};

use crate::http::{self, GuardedHttp, HttpFault};

/// The largest answer.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// Headers the connection itself makes.
const OF_THE_CONNECTION: [&str; 2] = ["content-length", "host"];

/// Makes clients that go through [`GuardedHttp`].
#[derive(Clone)]
pub(super) struct Guarded(pub(super) GuardedHttp);

impl std::fmt::Debug for Guarded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guarded")
    }
}

impl HttpConnector for Guarded {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Guarded {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let unreadable = |source: Box<dyn Error + Send + Sync>| HttpError::new_boxed(HttpErrorKind::Unknown, source);
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|e| unreadable(e.into()))?.to_bytes();
        let mut out = http::HttpRequest::new(parts.method, parts.uri.to_string()).max_bytes(MAX_BYTES);
        for (name, value) in parts.headers.iter().filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str())) {
            let value = value.to_str().map_err(|e| unreadable(e.into()))?;
            out = out.header(name.as_str(), value);
        }
        out.body = Some(body);
        let answer = self.0.send(out).await.map_err(|fault| HttpError::new(kind(&fault), fault))?;
        let mut response = HttpResponse::new(answer.body.into());
        *response.status_mut() = answer.status.try_into().map_err(|_| unreadable("this is not a status".into()))?;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}

/// What the client may do about a fault: everything it sends here may be sent twice, but not in vain.
fn kind(fault: &HttpFault) -> HttpErrorKind {
    match fault {
        HttpFault::NotSent { .. } => HttpErrorKind::Connect,
        HttpFault::Timeout { .. } => HttpErrorKind::Timeout,
        HttpFault::Unreadable { .. } => HttpErrorKind::Interrupted,
        HttpFault::TooLarge { .. } => HttpErrorKind::Decode,
        HttpFault::Refused { .. } => HttpErrorKind::Unknown,
    }
}
