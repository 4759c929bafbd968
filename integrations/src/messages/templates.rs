//! The words of messages: one text template for each kind and language, one layout for every mail.
//!
//! A text template has the blocks `title`, `body` (inbox and push), `sms`, `text` (paragraphs of the mail), `facts` (lines of
//! `label: value`) and `action` (the words on the button). The HTML part is made from the same blocks by `layout.mjml`, in
//! which everything is escaped. Operators put files of the same names into a folder of theirs: `fr/bill_received.txt`
//! adds a language, `en/bill_received.txt` or `layout.mjml` takes the place of ours.

use std::collections::HashMap;
use std::path::Path;

use billow_billing::locale::Locale;
use billow_billing::ports::{MessageContext, Rendered, Renderer};
use billow_entities::{Currency, DeclineKind, Money, NotificationKind, UtilityType};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value};
use mrml::prelude::render::RenderOptions;
use serde::Serialize;

use super::declines;

/// The language that is always there.
const LAST_RESORT: &str = "en";
/// The largest file an operator may put in.
const MAX_FILE_BYTES: u64 = 64 * 1024;
/// The most files an operator may put in.
const MAX_FILES: usize = 1_000;
/// Longest title and body, in characters.
const MAX_TITLE: usize = 200;
const MAX_BODY: usize = 1_000;
/// Longest text message, in characters: four parts.
const MAX_SMS: usize = 612;

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        /// What we bring along.
        const EMBEDDED: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../templates/", $name)))),*];
    };
}

embedded! {
    "layout.mjml",
    "en/frame.txt",
    "en/account_needs_attention.txt",
    "en/bill_corrected.txt",
    "en/bill_received.txt",
    "en/bill_reminder.txt",
    "en/bill_voided.txt",
    "en/email_confirmation.txt",
    "en/email_notice.txt",
    "en/household_invitation.txt",
    "en/invitation.txt",
    "en/method_trouble.txt",
    "en/password_reset.txt",
    "en/payment_action.txt",
    "en/payment_failed.txt",
    "en/payment_refunded.txt",
    "en/payment_succeeded.txt",
    "en/plan_reminder.txt",
    "en/provider_trouble.txt",
    "en/security.txt",
    "en/test.txt",
    "en/voucher_ready.txt",
    "de/frame.txt",
    "de/account_needs_attention.txt",
    "de/bill_corrected.txt",
    "de/bill_received.txt",
    "de/bill_reminder.txt",
    "de/bill_voided.txt",
    "de/email_confirmation.txt",
    "de/email_notice.txt",
    "de/household_invitation.txt",
    "de/invitation.txt",
    "de/method_trouble.txt",
    "de/password_reset.txt",
    "de/payment_action.txt",
    "de/payment_failed.txt",
    "de/payment_refunded.txt",
    "de/payment_succeeded.txt",
    "de/plan_reminder.txt",
    "de/provider_trouble.txt",
    "de/security.txt",
    "de/test.txt",
    "de/voucher_ready.txt",
}

/// Renders messages.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
}

/// What the layout is given beside the message's own words.
#[derive(Serialize)]
struct Page<'a> {
    locale: &'a str,
    title: &'a str,
    body: &'a str,
    greeting: &'a str,
    paragraphs: Vec<String>,
    facts: Vec<Fact>,
    link: Option<&'a str>,
    action: &'a str,
    footer: &'a str,
    manage: &'a str,
    manage_link: Option<String>,
}

#[derive(Serialize)]
struct Fact {
    label: String,
    value: String,
}

impl Templates {
    /// Our templates, and those an operator put into `folder`.
    ///
    /// # Errors
    /// When a file of the folder cannot be read, is too large or is not a template; in words for the operator.
    pub fn new(folder: Option<&Path>) -> Result<Self, String> {
        Self::with(folder, UndefinedBehavior::Chainable)
    }

    fn with(folder: Option<&Path>, undefined: UndefinedBehavior) -> Result<Self, String> {
        let mut sources: HashMap<String, String> = EMBEDDED.iter().map(|(n, s)| ((*n).to_owned(), (*s).to_owned())).collect();
        if let Some(folder) = folder {
            sources.extend(read_folder(folder)?);
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(undefined);
        environment.set_auto_escape_callback(|name| if name.ends_with(".mjml") { AutoEscape::Html } else { AutoEscape::None });
        environment.set_formatter(|out, state, value| match value.as_str() {
            Some(text) if matches!(state.auto_escape(), AutoEscape::Html) && !value.is_safe() => Ok(out.write_str(&escaped(text))?),
            _ => minijinja::escape_formatter(out, state, value),
        });
        environment.add_filter("money", money);
        environment.add_filter("date", date);
        environment.add_filter("time", time);
        environment.add_filter("days", days);
        environment.add_filter("days_left", days_left);
        environment.add_filter("utility", utility);
        environment.add_filter("decline", decline);
        environment.add_filter("advice", advice);
        for (name, source) in sources {
            environment.add_template_owned(name.clone(), source).map_err(|e| format!("the template {name} cannot be read: {e:#}"))?;
        }
        Ok(Self { environment })
    }

    /// The best matching template: the whole tag, then its language, then English.
    fn find(&self, locale: &str, name: &str) -> Result<minijinja::Template<'_, '_>, String> {
        let language = locale.split(['-', '_']).next().unwrap_or(LAST_RESORT);
        // A tag comes from a person; only letters, digits and dashes name a folder.
        [locale, &language.to_ascii_lowercase(), LAST_RESORT]
            .into_iter()
            .find_map(|folder| self.environment.get_template(&format!("{folder}/{name}.txt")).ok())
            .ok_or_else(|| format!("there is no template {name}"))
    }

    fn blocks<const N: usize>(&self, template: &str, locale: &str, values: &Value, names: [&str; N]) -> Result<[String; N], String> {
        let template = self.find(locale, template)?;
        let fault = |e: Error| format!("the template {} is at fault: {e:#}", template.name());
        let mut captured = template.render_captured(values.clone()).map_err(fault)?;
        let mut out = [const { String::new() }; N];
        for (place, name) in out.iter_mut().zip(names) {
            *place = captured.with_state_mut(|state| state.render_block(name)).map_err(fault)?;
        }
        Ok(out)
    }
}

impl Renderer for Templates {
    fn render(&self, message: &MessageContext) -> Result<Rendered, String> {
        let values = values(message);
        let [title, body, sms, text, facts, action] =
            self.blocks(&message.template, &message.locale, &values, ["title", "body", "sms", "text", "facts", "action"])?;
        let [greeting, footer, manage] = self.blocks("frame", &message.locale, &values, ["greeting", "footer", "manage"])?;
        let (title, body) = (one_line(&title, MAX_TITLE), one_line(&body, MAX_BODY));
        let (greeting, footer, manage, action) =
            (one_line(&greeting, MAX_TITLE), one_line(&footer, MAX_BODY), one_line(&manage, MAX_TITLE), one_line(&action, MAX_TITLE));
        let page = Page {
            locale: &message.locale,
            title: &title,
            body: &body,
            greeting: &greeting,
            paragraphs: paragraphs(&text),
            facts: facts_of(&facts),
            link: message.link.as_deref(),
            action: &action,
            footer: &footer,
            manage: &manage,
            manage_link: is_adjustable(&message.template).then(|| format!("{}/settings/notifications", message.base_url)),
        };
        Ok(Rendered { text: plain(&page), html: self.html(&page)?, sms: one_line(&sms, MAX_SMS), title, body })
    }

    fn headline(&self, message: &MessageContext) -> Result<(String, String), String> {
        let [title, body] = self.blocks(&message.template, &message.locale, &values(message), ["title", "body"])?;
        Ok((one_line(&title, MAX_TITLE), one_line(&body, MAX_BODY)))
    }
}

impl Templates {
    fn html(&self, page: &Page<'_>) -> Result<String, String> {
        let fault = |e: &dyn std::fmt::Display| format!("the template layout.mjml is at fault: {e:#}");
        let layout = self.environment.get_template("layout.mjml").map_err(|e| fault(&e))?;
        let mjml = layout.render(Value::from(Serde(page))).map_err(|e| fault(&e))?;
        let parsed = mrml::parse(&mjml).map_err(|e| fault(&e))?;
        // No fonts are fetched from anywhere: opening a mail tells nobody.
        let options = RenderOptions { fonts: HashMap::new(), ..RenderOptions::default() };
        parsed.element.render(&options).map_err(|e| fault(&e))
    }
}

/// The plain part, from the same words as the HTML part.
fn plain(page: &Page<'_>) -> String {
    let mut parts = vec![page.greeting.to_owned(), page.paragraphs.join("\n\n")];
    if !page.facts.is_empty() {
        let lines: Vec<String> =
            page.facts.iter().map(|f| if f.value.is_empty() { f.label.clone() } else { format!("{}: {}", f.label, f.value) }).collect();
        parts.push(lines.join("\n"));
    }
    if let Some(link) = page.link {
        parts.push(format!("{}: {link}", page.action));
    }
    parts.push("-- ".to_owned());
    let mut text = parts.join("\n\n");
    text.push('\n');
    text.push_str(page.footer);
    if let Some(link) = &page.manage_link {
        text.push_str(&format!("\n{}: {link}", page.manage));
    }
    text.push('\n');
    text
}

fn values(message: &MessageContext) -> Value {
    // The fields of the data come first; what every message has cannot be overridden by them.
    let mut fields = message.data.as_object().cloned().unwrap_or_default();
    fields.insert("locale".into(), message.locale.as_str().into());
    fields.insert("time_zone".into(), message.time_zone.as_str().into());
    fields.insert("name".into(), message.name.as_str().into());
    fields.insert("base_url".into(), message.base_url.as_str().into());
    fields.insert("link".into(), message.link.clone().into());
    Value::from(Serde(fields))
}

fn is_adjustable(template: &str) -> bool {
    template.to_uppercase().parse::<NotificationKind>().is_ok_and(billow_billing::messages::is_adjustable)
}

/// Text as it may stand in HTML, in attributes too. Slashes stay, so that mail programs and people recognise addresses.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// Words in one line, without the white space of the template, cut where it is too long.
fn one_line(text: &str, max: usize) -> String {
    let line = words(text);
    if line.chars().count() <= max {
        return line;
    }
    line.chars().take(max - 1).chain(['…']).collect()
}

/// White space of a template is a single space; a no-break space stays what it is.
fn words(text: &str) -> String {
    text.split([' ', '\n', '\r', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(words).filter(|p| !p.is_empty()).collect()
}

fn facts_of(text: &str) -> Vec<Fact> {
    let line = |line: &str| {
        let line = words(line);
        let (label, value) = line.split_once(": ").unwrap_or((&line, ""));
        Fact { label: label.to_owned(), value: value.to_owned() }
    };
    text.lines().map(line).filter(|fact| !fact.label.is_empty()).collect()
}

fn read_folder(folder: &Path) -> Result<HashMap<String, String>, String> {
    let mut found = HashMap::new();
    let mut read = |path: &Path, name: String| -> Result<(), String> {
        let shown = path.display();
        let size = path.metadata().map_err(|e| format!("{shown} cannot be read: {e}"))?.len();
        if size > MAX_FILE_BYTES {
            return Err(format!("{shown} is larger than {MAX_FILE_BYTES} bytes"));
        }
        if found.len() >= MAX_FILES {
            return Err(format!("{} holds more than {MAX_FILES} templates", folder.display()));
        }
        found.insert(name, std::fs::read_to_string(path).map_err(|e| format!("{shown} cannot be read: {e}"))?);
        Ok(())
    };
    let layout = folder.join("layout.mjml");
    if layout.is_file() {
        read(&layout, "layout.mjml".to_owned())?;
    }
    for locale in list(folder)?.into_iter().filter(|p| p.is_dir()) {
        let Some(tag) = locale.file_name().and_then(|n| n.to_str()).map(str::to_owned) else { continue };
        for file in list(&locale)? {
            let name = file.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
            if name.ends_with(".txt") {
                read(&file, format!("{tag}/{name}"))?;
            }
        }
    }
    Ok(found)
}

fn list(folder: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let fault = |e: std::io::Error| format!("the folder of templates {} cannot be read: {e}", folder.display());
    std::fs::read_dir(folder).map_err(fault)?.map(|entry| entry.map(|e| e.path()).map_err(fault)).collect()
}

fn looked_up(state: &State, name: &str) -> String {
    state.lookup(name).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn wrong(what: &str, value: &Value) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("{value} is not {what}"))
}

fn nothing(value: &Value) -> bool {
    value.is_none() || value.is_undefined()
}

/// `{amount_minor, currency}`, or minor units with the currency as an argument.
fn money(state: &State, value: Value, currency: Option<String>) -> Result<String, Error> {
    if nothing(&value) {
        return Ok(String::new());
    }
    let (minor, currency) = match currency {
        Some(currency) => (value.clone(), currency),
        None => (value.get_attr("amount_minor")?, value.get_attr("currency")?.to_string()),
    };
    let minor = i64::try_from(minor).map_err(|_| wrong("an amount", &value))?;
    let currency: Currency = currency.parse().map_err(|_| wrong("an amount of a currency", &value))?;
    Ok(Locale::of(&looked_up(state, "locale")).money(Money::new(minor, currency)))
}

fn read_date(value: &Value) -> Result<NaiveDate, Error> {
    value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| wrong("a date", value))
}

fn date(state: &State, value: Value) -> Result<String, Error> {
    if nothing(&value) {
        return Ok(String::new());
    }
    Ok(Locale::of(&looked_up(state, "locale")).date(read_date(&value)?))
}

fn time(state: &State, value: Value) -> Result<String, Error> {
    if nothing(&value) {
        return Ok(String::new());
    }
    let at: DateTime<Utc> = value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| wrong("an instant", &value))?;
    let zone: Tz = looked_up(state, "time_zone").parse().unwrap_or(Tz::UTC);
    Ok(Locale::of(&looked_up(state, "locale")).time(at, zone))
}

/// Days from the reader's today to a date; negative when it is over.
fn days_left(state: &State, value: Value) -> Result<i64, Error> {
    let today = state.lookup("today").ok_or_else(|| wrong("known: today", &value))?;
    Ok(read_date(&value)?.signed_duration_since(read_date(&today)?).num_days())
}

fn days(state: &State, value: Value) -> Result<String, Error> {
    if nothing(&value) {
        return Ok(String::new());
    }
    Ok(Locale::of(&looked_up(state, "locale")).days(days_left(state, value)?))
}

fn utility(state: &State, value: Value) -> Result<String, Error> {
    let utility: UtilityType = value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| wrong("a kind of utility", &value))?;
    Ok(Locale::of(&looked_up(state, "locale")).utility(utility).to_owned())
}

/// A kind of decline, or none where the gateway gave no reason; and whether the words are German.
fn declined(state: &State, value: &Value) -> (Option<DeclineKind>, bool) {
    let german = looked_up(state, "locale").get(..2).is_some_and(|language| language.eq_ignore_ascii_case("de"));
    (value.as_str().and_then(|text| text.parse().ok()), german)
}

fn decline(state: &State, value: Value) -> &'static str {
    let (kind, german) = declined(state, &value);
    declines::why(kind, german)
}

fn advice(state: &State, value: Value) -> &'static str {
    let (kind, german) = declined(state, &value);
    declines::advice(kind, german)
}

#[cfg(test)]
#[path = "templates_tests.rs"]
mod tests;
