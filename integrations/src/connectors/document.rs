//! One document at one address, for the connectors that need no more than that.

use std::time::Duration;

use billow_billing::ports::{Exchange, FetchOutcome, FetchReply, FetchRequest};
use billow_billing::providers::ProviderDefinition;
use bytes::Bytes;
use serde_json::Value;

use super::auth::{Auth, Proof};
use super::declared::{Template, climbs};
use super::secrets::{MASK, Masks, credential, missing, percent_encode};
use super::settings::Fields;
use super::{answers, exchange};
use crate::http::{GuardedHttp, HttpRequest};

/// How soon a document that is being prepared is asked for again.
const PENDING_MS: u64 = 60_000;

/// An address with the customer's parameters in it, and how to prove who we are.
pub(super) struct Document {
    url: Template,
    auth: Option<Auth>,
    accept: &'static str,
}

/// What was found there.
pub(super) struct Got {
    pub(super) body: Bytes,
    pub(super) content_type: Option<String>,
    pub(super) trace: Vec<Exchange>,
}

impl Document {
    /// Reads the address from the field `name`.
    pub(super) fn read(name: &'static str, fields: &Fields<'_>, definition: &ProviderDefinition, accept: &'static str) -> Self {
        let text = fields.text(name);
        let is_param = |param: &str| definition.params.iter().any(|known| known.name == param);
        let url = Template::read(&text, is_param).unwrap_or_else(|problem| {
            fields.wrong(name, problem);
            Template::default()
        });
        // A parameter may complete a path or a query, never say whom to call.
        let host = text.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
        if host.contains('{') {
            fields.wrong(name, "must not take the host from a parameter");
        }
        if text.contains("{{") {
            fields.wrong(name, "must not hold credentials; use auth");
        }
        Self { url, auth: None, accept }
    }

    pub(super) fn with_auth(self, auth: Option<Auth>) -> Self {
        Self { auth, ..self }
    }

    /// Whether it is the same for all accounts.
    pub(super) fn is_shared(&self) -> bool {
        !self.url.has_params()
    }

    /// An address of this form, to check.
    pub(super) fn example(&self) -> String {
        self.url.example()
    }

    /// Fetches it; a reply where there is nothing to read.
    pub(super) async fn get(&self, http: &GuardedHttp, step: &str, request: &FetchRequest) -> Result<Got, FetchReply> {
        let mut masks = Masks::of(request);
        let secret = |name: &str| credential(&request.credentials, name).ok_or_else(|| missing(name));
        let mask = |_: &str| Ok(MASK.to_owned());
        let complete = self.build(request, secret).and_then(|sent| Ok((sent, self.build(request, mask)?)));
        let (sent, shown) = complete.map_err(FetchReply::of)?;
        let result = http.send(sent).await;
        let trace = if request.trace {
            if let Ok(answer) = &result {
                masks.learn(&answer.body);
            }
            vec![exchange::of(step, &shown, &result, &masks)]
        } else {
            Vec::new()
        };
        let refuse = |outcome: FetchOutcome| FetchReply { trace: trace.clone(), ..FetchReply::of(exchange::masked(outcome, &masks)) };
        let answer = result.map_err(|fault| refuse(answers::of_fault(step, &fault)))?;
        if !answer.is_success() {
            return Err(refuse(answers::of_status(step, &answer, request.now)));
        }
        // Some prepare a document when it is asked for: 202 until it is there.
        if answer.status == 202 {
            let after_ms = answers::retry_after(&answer, request.now).unwrap_or(PENDING_MS);
            return Err(refuse(FetchOutcome::Pending { after_ms, continuation: Value::Null }));
        }
        let content_type = answer.header("content-type").map(str::to_owned);
        Ok(Got { body: answer.body, content_type, trace })
    }

    fn build(&self, request: &FetchRequest, secret: impl Fn(&str) -> Result<String, String>) -> Result<HttpRequest, FetchOutcome> {
        let mut url = self.url.fill(&request.params);
        let path = url.split_once("://").map_or("", |(_, rest)| rest);
        if climbs(path) {
            return Err(FetchOutcome::NotFound { message: "The provider has no account with this number.".into() });
        }
        let proof = match &self.auth {
            Some(auth) => auth.proof(secret).map_err(|message| FetchOutcome::Broken { message })?,
            None => Proof::default(),
        };
        if let Some((name, value)) = &proof.query {
            let value = if value == MASK { value.clone() } else { percent_encode(value) };
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{}={value}", percent_encode(name)));
        }
        let mut out = HttpRequest::get(url).header("accept", self.accept);
        if let Some((name, value)) = proof.header {
            out = out.header(name, value);
        }
        let limits = &request.definition.limits;
        Ok(out.timeout(Duration::from_millis(limits.timeout_ms.into())).max_bytes(limits.max_bytes as usize))
    }
}
