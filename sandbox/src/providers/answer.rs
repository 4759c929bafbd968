//! The way every call to a provider goes: note it, wait, let happen what was switched on, answer.

use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::server::{Line, Site};
use crate::world::{Account, Bill, Distortion, Mishaps, Provider};

/// A call under way.
pub(crate) struct Call {
    pub site: Site,
    line: Line,
    pub headers: HeaderMap,
}

impl FromRequestParts<Site> for Call {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, StatusCode> {
        let line = parts.extensions.get::<ConnectInfo<Line>>().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok(Self { site: site.clone(), line: line.0.clone(), headers: parts.headers.clone() })
    }
}

/// An answer before anything happens to it.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub content_type: &'static str,
    pub body: String,
}

impl Answer {
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self { status, content_type: "application/json", body: body.to_string() }
    }

    pub(crate) fn text(status: StatusCode, content_type: &'static str, body: impl Into<String>) -> Self {
        Self { status, content_type, body: body.into() }
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        super::mishap::response(self.status, self.content_type, Body::from(self.body))
    }
}

/// What a provider is to tell about an account.
pub(crate) struct Told {
    /// The account as it is named in the answer.
    pub name: String,
    /// What is in the books, with what is wrong with it.
    pub account: Account,
}

impl Told {
    /// The bills, newest first, at most so many.
    pub(crate) fn bills(&self) -> impl Iterator<Item = &Bill> {
        self.account.bills.iter().rev().take(60)
    }
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn bearer(&self) -> Option<&str> {
        self.header(AUTHORIZATION.as_str())?.strip_prefix("Bearer ")
    }

    /// The name and password of basic authentication.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let encoded = self.header(AUTHORIZATION.as_str())?.strip_prefix("Basic ")?;
        let text = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
        let (name, password) = text.split_once(':')?;
        Some((name.to_owned(), password.to_owned()))
    }

    /// What is in the books about an account, as it is to be told.
    pub(crate) fn tell(&self, provider: Provider, account: &str, wrong: Distortion) -> Option<Told> {
        let mut kept = self.site.state.account(provider, account)?;
        kept.bills = kept.bills.into_iter().map(|b| wrong.apply(b)).collect();
        Some(Told { name: wrong.account(account), account: kept })
    }

    /// Answers a payment; `make` is told whether the company is to refuse it.
    pub(crate) async fn answer_payment(
        self,
        provider: Provider,
        account: &str,
        make: impl FnOnce(&Self, bool) -> Answer,
    ) -> Response<Body> {
        let (site, line) = (self.site.clone(), self.line.clone());
        let fate = site.state.payment_fate(provider, account);
        if fate.lose_before {
            site.state.note(provider, Some(account), "pay", "LOST_BEFORE".to_owned());
            line.cut();
            return Answer::text(StatusCode::OK, "text/plain", "").into_response();
        }
        let out = self.answer(provider, Some(account), "pay", |call, _| make(call, fate.reject)).await;
        if fate.delay_ms > 0 {
            tokio::select! {
                () = tokio::time::sleep(std::time::Duration::from_millis(fate.delay_ms)) => {}
                () = site.hang() => {}
            }
        }
        if fate.lose_after {
            line.cut();
        }
        out
    }

    /// Answers, unless something else was to happen.
    pub(crate) async fn answer(
        self,
        provider: Provider,
        account: Option<&str>,
        what: &'static str,
        make: impl FnOnce(&Self, &Mishaps) -> Answer,
    ) -> Response<Body> {
        let mishaps = self.site.state.mishaps(provider, account);
        if !mishaps.latency.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(mishaps.latency) => {}
                () = self.site.hang() => {}
            }
        }
        let note = |answer: String| self.site.state.note(provider, account, what, answer);
        if let Some(fault) = &mishaps.transport
            && let Some(instead) = super::mishap::instead(fault)
        {
            note(fault.kind().to_owned());
            return instead;
        }
        let answer = make(&self, &mishaps);
        match &mishaps.transport {
            None => {
                note(answer.status.as_u16().to_string());
                answer.into_response()
            }
            Some(fault) => {
                note(fault.kind().to_owned());
                super::mishap::spoil(fault, answer, &self.site, &self.line).await
            }
        }
    }
}
