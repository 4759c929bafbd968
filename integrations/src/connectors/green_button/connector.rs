//! The adapter itself.

use std::sync::Arc;

use async_trait::async_trait;
use billow_billing::ports::{Connector, DefinitionProblem, FetchOutcome, FetchReply, FetchRequest, FetchedBill};
use billow_billing::providers::ProviderDefinition;
use billow_entities::Currency;
use bytes::Bytes;

use super::bill::{self, Terms};
use super::feed;
use crate::connectors::auth::Auth;
use crate::connectors::document::{Document, Got};
use crate::connectors::settings::{Fields, Problems, SETTINGS};
use crate::connectors::{first_problem, not_pushed};
use crate::http::GuardedHttp;

/// Fetches from utilities that publish Green Button feeds.
pub struct GreenButtonConnector {
    http: Arc<GuardedHttp>,
}

struct Settings {
    document: Document,
    terms: Terms,
}

impl GreenButtonConnector {
    /// A connector that fetches through `http`.
    #[must_use]
    pub fn new(http: Arc<GuardedHttp>) -> Self {
        Self { http }
    }

    fn settings(definition: &ProviderDefinition) -> Result<Settings, Vec<DefinitionProblem>> {
        let problems = Problems::default();
        let fields = Fields::settings(definition, &problems);
        let document = Document::read("url", &fields, definition, "application/atom+xml, application/xml;q=0.9, text/xml;q=0.8");
        let auth = Auth::read(&fields);
        let money_scale = fields.number("money_scale", 0, 9, 5);
        let due_days = fields.number("due_days", 0, 365, 14);
        let currency = match fields.optional_text("currency") {
            None => definition.currency,
            Some(text) => text.parse::<Currency>().unwrap_or_else(|problem| {
                fields.wrong("currency", format!("'{text}' is not a currency: {problem}"));
                definition.currency
            }),
        };
        let zone = definition.time_zone.parse().unwrap_or_else(|_| {
            problems.add("time_zone", format!("'{}' is not an IANA time zone", definition.time_zone));
            chrono_tz::Tz::UTC
        });
        fields.finish();
        let terms = Terms { zone, money_scale: u32::try_from(money_scale).unwrap_or(5), due_days, currency };
        problems.result(Settings { document: document.with_auth(auth), terms })
    }
}

/// The bills of a feed.
fn bills(body: &[u8], terms: &Terms) -> Result<Vec<FetchedBill>, String> {
    let summaries = feed::read(body)?;
    let bills: Result<Vec<_>, String> = summaries
        .iter()
        .enumerate()
        .filter_map(|(at, summary)| bill::bill(summary, terms).map_err(|problem| format!("summary {}: {problem}", at + 1)).transpose())
        .collect();
    bills
}

#[async_trait]
impl Connector for GreenButtonConnector {
    fn check(&self, definition: &ProviderDefinition) -> Result<(), Vec<DefinitionProblem>> {
        let settings = Self::settings(definition)?;
        let problems = Problems::default();
        if let Err(problem) = self.http.check_url(&settings.document.example()) {
            problems.add(format!("{SETTINGS}.url"), problem);
        }
        problems.result(())
    }

    async fn fetch(&self, request: FetchRequest) -> FetchReply {
        let Settings { document, terms } = match Self::settings(&request.definition) {
            Ok(settings) => settings,
            Err(problems) => return FetchReply::of(FetchOutcome::Broken { message: first_problem(&problems) }),
        };
        let Got { body, mut trace } = match document.get(&self.http, "feed", &request).await {
            Ok(got) => got,
            Err(reply) => return reply,
        };
        // A feed can take some milliseconds per megabyte.
        let read = tokio::task::spawn_blocking(move || bills(&body, &terms)).await;
        let outcome = match read.unwrap_or_else(|_| Err("the feed could not be read".into())) {
            Ok(bills) if bills.is_empty() => FetchOutcome::NoneDue,
            Ok(bills) => FetchOutcome::Bills(bills),
            Err(problem) => {
                if let Some(exchange) = trace.last_mut() {
                    exchange.problem = Some(problem.clone());
                }
                FetchOutcome::Broken { message: format!("feed: {problem}") }
            }
        };
        FetchReply { outcome, prepaid: None, plans: None, trace }
    }

    async fn read_pushed(&self, definition: &ProviderDefinition, _: &str, _: Bytes) -> FetchReply {
        not_pushed(definition)
    }
}
