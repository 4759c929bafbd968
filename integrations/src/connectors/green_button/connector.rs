//! The adapter itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use billow_billing::ports::{Connector, DefinitionProblem, FetchOutcome, FetchReply, FetchRequest, FetchedBill, RefusedBill};
use billow_billing::providers::ProviderDefinition;
use billow_entities::{Currency, UtilityType};
use bytes::Bytes;
use chrono::NaiveDate;

use super::amount::AmountFrom;
use super::bill::{self, Reading, Terms};
use super::feed::{self, Feed};
use super::point::{self, Choice, Selected};
use crate::connectors::auth::Auth;
use crate::connectors::declared::Template;
use crate::connectors::document::{Document, Got};
use crate::connectors::settings::{Fields, Problems, SETTINGS, encoding};
use crate::connectors::{first_problem, not_pushed, xml};
use crate::http::GuardedHttp;

/// A year, and the days by which meters are read early or late.
const MAX_PERIOD_DAYS: u64 = 380;

/// Fetches from utilities that publish Green Button feeds.
pub struct GreenButtonConnector {
    http: Arc<GuardedHttp>,
}

struct Settings {
    document: Document,
    terms: Terms,
    choice: Wanted,
    /// What the provider supplies; none where all services are wanted.
    service: Option<UtilityType>,
    encoding: Option<String>,
}

/// The setting `usage_point`.
enum Wanted {
    Only,
    All,
    Template(Template, bool),
}

impl Wanted {
    fn read(fields: &Fields<'_>, definition: &ProviderDefinition) -> Self {
        let Some(text) = fields.optional_text("usage_point") else { return Self::Only };
        let text = text.trim();
        if text == "*" {
            return Self::All;
        }
        let is_param = |param: &str| definition.params.iter().any(|known| known.name == param);
        match Template::read(text, is_param) {
            Ok(template) => Self::Template(template, text.contains("{param.")),
            Err(problem) => {
                fields.wrong("usage_point", problem);
                Self::Only
            }
        }
    }

    fn choice(&self, params: &BTreeMap<String, String>) -> Choice {
        match self {
            Self::Only => Choice::Only,
            Self::All => Choice::All,
            Self::Template(template, by_customer) => {
                Choice::Named { name: template.plain(params).trim().to_owned(), by_customer: *by_customer }
            }
        }
    }
}

/// The services that can be asked for by name.
const SERVICES: &[(&str, Option<UtilityType>)] = &[
    ("ANY", None),
    ("ELECTRICITY", Some(UtilityType::Electricity)),
    ("GAS", Some(UtilityType::Gas)),
    ("WATER", Some(UtilityType::Water)),
    ("HEATING", Some(UtilityType::Heating)),
    ("WASTE", Some(UtilityType::Waste)),
];

impl GreenButtonConnector {
    /// A connector that fetches through `http`.
    #[must_use]
    pub fn new(http: Arc<GuardedHttp>) -> Self {
        Self { http }
    }

    fn settings(definition: &ProviderDefinition, today: NaiveDate) -> Result<Settings, Vec<DefinitionProblem>> {
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
        let choice = Wanted::read(&fields, definition);
        let own = SERVICES.iter().find(|(_, service)| *service == Some(definition.utility_type)).and_then(|(_, service)| *service);
        let service = fields.choice("service", SERVICES).unwrap_or(own);
        let amount_from = fields.choice("amount_from", AmountFrom::CHOICES).unwrap_or(AmountFrom::Bill);
        let status_is_issue = fields.choice("dates_from", &[("PERIOD", false), ("STATUS", true)]).unwrap_or(false);
        let max_period_days = fields.number("max_period_days", 1, 800, MAX_PERIOD_DAYS);
        let encoding = encoding(&fields);
        let zone = definition.time_zone.parse().unwrap_or_else(|_| {
            problems.add("time_zone", format!("'{}' is not an IANA time zone", definition.time_zone));
            chrono_tz::Tz::UTC
        });
        fields.finish();
        let terms = Terms {
            zone,
            money_scale: u32::try_from(money_scale).unwrap_or(5),
            due_days,
            currency,
            amount_from,
            status_is_issue,
            max_period_days: i64::try_from(max_period_days).unwrap_or(i64::MAX),
            name_points: matches!(choice, Wanted::All),
            today,
        };
        problems.result(Settings { document: document.with_auth(auth), terms, choice, service, encoding })
    }
}

/// What a feed holds for one account.
#[derive(Default)]
struct Found {
    bills: Vec<FetchedBill>,
    refused: Vec<RefusedBill>,
    notes: Vec<String>,
}

impl Found {
    fn refuse(&mut self, problem: String) {
        let at = self.bills.len() + self.refused.len();
        self.refused.push(RefusedBill { at, number: None, problem });
    }
}

/// The bills of an account in a feed; an outcome where there can be none.
fn found(feed: &Feed, terms: &Terms, choice: &Choice, service: Option<UtilityType>) -> Result<Found, FetchOutcome> {
    let mut found = Found::default();
    if feed.summaries.is_empty() {
        if feed.points.is_empty() {
            found
                .refuse(format!("the feed has no UsageSummary, from which bills are read, and no UsagePoint, in {} entries", feed.entries));
            return Ok(found);
        }
        found.notes.push("the feed has no UsageSummary, from which bills are read".into());
    }
    let (selected, notes) = point::select(feed, choice, service);
    found.notes.extend(notes);
    let summaries = match selected {
        Selected::Summaries(summaries) => summaries,
        Selected::Nothing => Vec::new(),
        Selected::Unknown => return Err(FetchOutcome::NotFound { message: "The provider has no usage point with this number.".into() }),
        Selected::Unclear(problem) => {
            found.refuse(problem);
            return Ok(found);
        }
    };
    let mut no_bills: BTreeMap<String, usize> = BTreeMap::new();
    let mut spans = Vec::new();
    let mut points = Vec::new();
    for (at, summary) in summaries.iter().enumerate() {
        match bill::read(summary, terms) {
            Reading::Bill(bill) => {
                points.push(summary.point.clone());
                found.bills.push(*bill);
            }
            Reading::Refused(problem) => found.refuse(format!("summary {}: {problem}", at + 1)),
            Reading::NoBill(why) => *no_bills.entry(why).or_default() += 1,
            Reading::Span(why) => spans.push(why),
        }
    }
    keep_apart(&mut found, &points);
    found.notes.extend(no_bills.into_iter().map(|(why, count)| format!("summaries left out: {count} ({why})")));
    // Beside bills, a sum over the whole download is no loss; alone, somebody has to know.
    if found.bills.is_empty() {
        spans.into_iter().for_each(|why| found.refuse(why));
    } else {
        found.notes.extend(spans);
    }
    Ok(found)
}

/// Two different bills for the same days that name no usage point can be two people's: none of them is taken.
fn keep_apart(found: &mut Found, points: &[Option<String>]) {
    let unclear: Vec<String> = found
        .bills
        .iter()
        .zip(points)
        .filter(|(bill, point)| {
            point.is_none() && found.bills.iter().any(|other| other.number == bill.number && other != *bill && !is_same(other, bill))
        })
        .map(|(bill, _)| bill.number.clone())
        .collect();
    let mut numbers = unclear.clone();
    numbers.sort_unstable();
    numbers.dedup();
    for number in numbers {
        let count = unclear.iter().filter(|other| **other == number).count();
        found.bills.retain(|bill| bill.number != number);
        let problem = format!("{count} different summaries are for the same days and name no usage point; nobody can say whose they are");
        let at = found.bills.len() + found.refused.len();
        found.refused.push(RefusedBill { at, number: Some(number), problem });
    }
}

/// Whether two bills differ in nothing but the address of their entries.
fn is_same(one: &FetchedBill, other: &FetchedBill) -> bool {
    FetchedBill { former_number: None, ..one.clone() } == FetchedBill { former_number: None, ..other.clone() }
}

/// Reads the body of a feed.
fn parse(body: &[u8], encoding: Option<&str>, content_type: Option<&str>) -> Result<Feed, String> {
    let text = xml::text(body, encoding, content_type).map_err(|problem| format!("the feed {problem}"))?;
    feed::read(&text)
}

#[async_trait]
impl Connector for GreenButtonConnector {
    fn check(&self, definition: &ProviderDefinition) -> Result<(), Vec<DefinitionProblem>> {
        let settings = Self::settings(definition, NaiveDate::MAX)?;
        let problems = Problems::default();
        if let Err(problem) = self.http.check_url(&settings.document.example()) {
            problems.add(format!("{SETTINGS}.url"), problem);
        }
        problems.result(())
    }

    async fn fetch(&self, request: FetchRequest) -> FetchReply {
        let Settings { document, terms, choice, service, encoding } = match Self::settings(&request.definition, request.today) {
            Ok(settings) => settings,
            Err(problems) => return FetchReply::of(FetchOutcome::Broken { message: first_problem(&problems) }),
        };
        let Got { body, content_type, mut trace } = match document.get(&self.http, "feed", &request).await {
            Ok(got) => got,
            Err(reply) => return reply,
        };
        let choice = choice.choice(&request.params);
        // A feed can take some milliseconds per megabyte.
        let read = tokio::task::spawn_blocking(move || {
            let feed = parse(&body, encoding.as_deref(), content_type.as_deref())?;
            Ok(found(&feed, &terms, &choice, service))
        });
        let read: Result<Result<Found, FetchOutcome>, String> = read.await.unwrap_or_else(|_| Err("the feed could not be read".into()));
        let mut problem = None;
        let reply = match read {
            Ok(Ok(found)) if found.bills.is_empty() && found.refused.is_empty() => {
                FetchReply { notes: found.notes, ..FetchReply::of(FetchOutcome::NoneDue) }
            }
            Ok(Ok(found)) => {
                problem = found.refused.first().map(|refused| refused.problem.clone());
                FetchReply { refused: found.refused, notes: found.notes, ..FetchReply::of(FetchOutcome::Bills(found.bills)) }
            }
            Ok(Err(outcome)) => FetchReply::of(outcome),
            Err(words) => {
                problem = Some(words.clone());
                FetchReply::of(FetchOutcome::Broken { message: format!("feed: {words}") })
            }
        };
        if let Some(exchange) = trace.last_mut() {
            exchange.problem = problem;
        }
        FetchReply { trace, ..reply }
    }

    async fn read_pushed(&self, definition: &ProviderDefinition, _: &str, _: Bytes) -> FetchReply {
        not_pushed(definition)
    }
}
