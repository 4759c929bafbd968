//! The settings of an `HTTP` provider.

use billow_billing::ports::DefinitionProblem;
use billow_billing::providers::ProviderDefinition;
use serde_json::Value;

use super::placeholders::{Template, climbs};
use crate::connectors::answers::{self, Format, Reading};
use crate::connectors::auth::Auth;
use crate::connectors::settings::{Fields, Problems, encoding, is_name};
use crate::http::Method;

const MAX_STEPS: usize = 10;
/// All the waiting of one polled step in one fetch.
const MAX_POLLING_MS: u64 = 5 * 60 * 1000;

pub(super) struct Settings {
    pub(super) base_url: String,
    pub(super) auth: Option<Auth>,
    pub(super) fetch: Plan,
    /// How a bill is paid, where it can be.
    pub(super) pay: Option<Plan>,
    /// How the provider is asked about a payment.
    pub(super) pay_status: Option<Plan>,
}

/// Steps, and the program that says what came of them.
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) outcome: String,
}

pub(super) struct Step {
    pub(super) name: String,
    pub(super) method: Method,
    pub(super) path: Template,
    pub(super) request: Option<String>,
    pub(super) format: Format,
    encoding: Option<String>,
    delimiter: Option<u8>,
    /// Statuses that are handed to the programs; empty for 200 to 299.
    pub(super) accept_status: Vec<u16>,
    pub(super) poll: Option<Poll>,
}

pub(super) struct Poll {
    pub(super) until: String,
    pub(super) every_ms: u64,
    pub(super) max: u64,
}

impl Settings {
    /// Reads them, saying everything that is wrong except what needs a compiler or a look at the network's rules.
    pub(super) fn read(definition: &ProviderDefinition) -> Result<Self, Vec<DefinitionProblem>> {
        let problems = Problems::default();
        let fields = Fields::settings(definition, &problems);
        let base_url = fields.text("base_url");
        if base_url.contains(['?', '#', '{']) {
            fields.wrong("base_url", "must be a plain address, without parameters");
        }
        let auth = Auth::read(&fields);
        let is_param = |name: &str| definition.params.iter().any(|param| param.name == name);
        let fetch = read_plan(&fields, &problems, &is_param);
        let block = |name: &'static str| {
            let value = fields.value(name)?;
            let inner = Fields::of(value, fields.at(name), &problems);
            let plan = read_plan(&inner, &problems, &is_param);
            inner.finish();
            Some(plan)
        };
        let (pay, pay_status) = (block("pay"), block("pay_status"));
        if pay.is_none() && pay_status.is_some() {
            fields.wrong("pay_status", "is of no use without pay");
        }
        fields.finish();
        problems.result(Self { base_url, auth, fetch, pay, pay_status })
    }

    /// Every program with its path.
    pub(super) fn programs(&self) -> Vec<(String, &str)> {
        let plans = [("", Some(&self.fetch)), ("pay.", self.pay.as_ref()), ("pay_status.", self.pay_status.as_ref())];
        plans.into_iter().filter_map(|(place, plan)| Some((place, plan?))).flat_map(|(place, plan)| plan.programs(place)).collect()
    }
}

impl Plan {
    fn programs(&self, place: &str) -> Vec<(String, &str)> {
        let mut programs = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            programs.extend(step.request.as_deref().map(|text| (format!("{place}steps.{at}.request"), text)));
            programs.extend(step.poll.as_ref().map(|poll| (format!("{place}steps.{at}.poll.until"), poll.until.as_str())));
        }
        programs.push((format!("{place}outcome"), &self.outcome));
        programs
    }
}

impl Step {
    /// How the body of an answer is read.
    pub(super) fn reading(&self, content_type: Option<&str>) -> Reading {
        Reading { encoding: self.encoding.clone(), delimiter: self.delimiter, content_type: content_type.map(str::to_owned) }
    }

    pub(super) fn accepts(&self, status: u16) -> bool {
        if self.accept_status.is_empty() { (200..300).contains(&status) } else { self.accept_status.contains(&status) }
    }
}

fn read_plan(fields: &Fields<'_>, problems: &Problems, is_param: &dyn Fn(&str) -> bool) -> Plan {
    let items = fields.list("steps");
    if items.is_empty() || items.len() > MAX_STEPS {
        fields.wrong("steps", format!("must be a list of 1 to {MAX_STEPS} steps"));
    }
    let mut steps: Vec<Step> = Vec::new();
    for (at, item) in items.iter().enumerate().take(MAX_STEPS) {
        let step = read_step(item, &fields.at(format!("steps.{at}")), problems, is_param);
        if steps.iter().any(|other| other.name == step.name) {
            problems.add(fields.at(format!("steps.{at}.name")), "is the name of another step, too");
        }
        steps.push(step);
    }
    Plan { steps, outcome: fields.text("outcome") }
}

fn read_step(item: &Value, path: &str, problems: &Problems, is_param: &dyn Fn(&str) -> bool) -> Step {
    let fields = Fields::of(item, path.to_owned(), problems);
    let name = fields.text("name");
    if !name.is_empty() && !is_name(&name) {
        fields.wrong("name", "must begin with a small letter and hold small letters, digits and underscores");
    }
    let methods = [("GET", 0u8), ("POST", 1), ("PUT", 2)];
    if fields.value("method").is_none() && item.is_object() {
        fields.wrong("method", "is missing");
    }
    let method = match fields.choice("method", &methods) {
        Some(1) => Method::POST,
        Some(2) => Method::PUT,
        _ => Method::GET,
    };
    let request = fields.optional_text("request");
    let path_text = fields.optional_text("path");
    if path_text.is_none() && request.is_none() {
        fields.wrong("path", "is missing (or a request that yields one)");
    }
    let template = path_text.map(|text| read_path(&text, is_param)).transpose();
    let template = template.unwrap_or_else(|problem| {
        fields.wrong("path", problem);
        None
    });
    let format = fields.choice("format", Format::CHOICES).unwrap_or_default();
    let (encoding, delimiter) = (encoding(&fields), answers::delimiter(&fields));
    if delimiter.is_some() && format != Format::Csv {
        fields.wrong("delimiter", "is for the format csv only");
    }
    let accept_status = fields
        .list("accept_status")
        .iter()
        .enumerate()
        .filter_map(|(at, value)| {
            let status = value.as_u64().and_then(|status| u16::try_from(status).ok()).filter(|status| (200..600).contains(status));
            if status.is_none() {
                fields.wrong(&format!("accept_status.{at}"), format!("must be a status from 200 to 599, not {value}"));
            }
            status
        })
        .collect();
    let poll = fields.value("poll").map(|value| read_poll(value, &fields.at("poll"), problems));
    fields.finish();
    Step { name, method, path: template.unwrap_or_default(), request, format, encoding, delimiter, accept_status, poll }
}

fn read_path(text: &str, is_param: &dyn Fn(&str) -> bool) -> Result<Template, String> {
    if !text.starts_with('/') {
        return Err("must begin with a slash; it follows base_url".into());
    }
    let template = Template::read(text, is_param)?;
    if climbs(&template.example()) || text.contains('#') {
        return Err("must not hold '..', '.' or '#'".into());
    }
    Ok(template)
}

fn read_poll(value: &Value, path: &str, problems: &Problems) -> Poll {
    let fields = Fields::of(value, path.to_owned(), problems);
    let poll =
        Poll { until: fields.text("until"), every_ms: fields.number("every_ms", 10, 60_000, 1000), max: fields.number("max", 1, 100, 10) };
    if poll.every_ms * poll.max > MAX_POLLING_MS {
        fields
            .wrong("max", format!("times every_ms must not be more than {MAX_POLLING_MS} ms; what takes longer goes on at the next fetch"));
    }
    fields.finish();
    poll
}
