//! Reads a feed from front to back, keeping the summaries only: the readings around them can be a thousand times larger.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::connectors::xml::{local_name, resolve};

/// Deepest nesting.
const MAX_DEPTH: usize = 64;
/// Summaries of one feed.
const MAX_SUMMARIES: usize = 500;
/// Line items of one summary.
const MAX_DETAILS: usize = 200;
/// Longest text of a field.
const MAX_TEXT_BYTES: usize = 4096;

/// What a feed says about one billing period. Numbers are as they stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// The entry's own address, else its id.
    pub(super) source: String,
    pub(super) start: Option<i64>,
    pub(super) duration: Option<i64>,
    pub(super) bill_last_period: Option<i64>,
    pub(super) cost_additional: Option<i64>,
    pub(super) currency: Option<u16>,
    pub(super) consumption: Measure,
    pub(super) status_at: Option<i64>,
    pub(super) details: Vec<Detail>,
}

/// `value` times ten to the power of `multiplier`, of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Measure {
    pub(super) value: Option<i64>,
    pub(super) multiplier: i32,
    pub(super) unit: Option<u16>,
}

/// A line item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Detail {
    pub(super) note: String,
    pub(super) amount: Option<i64>,
    pub(super) kind: Option<u16>,
    pub(super) measure: Measure,
}

/// The entry that is being read.
#[derive(Default)]
struct Entry {
    id: String,
    self_link: String,
    summaries: Vec<Summary>,
}

struct FeedReader {
    /// Local names of the open elements.
    open: Vec<String>,
    /// Where the open summary begins in `open`.
    summary_at: Option<usize>,
    text: String,
    entry: Entry,
    summaries: Vec<Summary>,
}

/// Reads a feed, or a single entry.
///
/// # Errors
/// In words, when it is cut off, is not a feed, or holds numbers that are none.
pub(super) fn read(body: &[u8]) -> Result<Vec<Summary>, String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = std::str::from_utf8(body).map_err(|e| format!("the feed is not UTF-8 at byte {}", e.valid_up_to()))?;
    let mut reader = Reader::from_str(text);
    let mut feed = FeedReader { open: Vec::new(), summary_at: None, text: String::new(), entry: Entry::default(), summaries: Vec::new() };
    let mut seen_root = false;
    loop {
        let event = reader.read_event().map_err(|e| feed.broken(&e, reader.error_position()))?;
        match event {
            Event::Start(start) => {
                if !seen_root {
                    check_root(&local_name(&start))?;
                    seen_root = true;
                }
                feed.begin(&start)?;
            }
            Event::Empty(start) => {
                if !seen_root {
                    check_root(&local_name(&start))?;
                    seen_root = true;
                }
                feed.begin(&start)?;
                feed.end()?;
            }
            Event::End(_) => feed.end()?,
            Event::Text(text) => feed.push(&text.xml10_content()),
            Event::CData(text) => feed.push(&text.xml10_content()),
            Event::GeneralRef(reference) => feed.push(&resolve(&reference)?),
            Event::Eof if !seen_root => return Err("the answer is empty or not XML; a Green Button feed was expected".into()),
            Event::Eof if !feed.open.is_empty() => return Err(feed.cut_off()),
            Event::Eof => return Ok(feed.summaries),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn check_root(name: &str) -> Result<(), String> {
    if matches!(name, "feed" | "entry") {
        return Ok(());
    }
    Err(format!("the document begins with '{name}', so it is not a Green Button feed (which begins with 'feed' or 'entry')"))
}

fn is_summary(name: &str) -> bool {
    matches!(name, "UsageSummary" | "ElectricPowerUsageSummary")
}

impl FeedReader {
    fn cut_off(&self) -> String {
        let inside = self.open.last().map_or("", String::as_str);
        format!("the feed is cut off: it ends inside '{inside}', after {} whole summaries", self.summaries.len())
    }

    fn broken(&self, error: &quick_xml::Error, at: u64) -> String {
        match error {
            // A feed that ends in the middle of a tag.
            quick_xml::Error::Syntax(_) if !self.open.is_empty() => self.cut_off(),
            other => format!("the feed is not XML: {other} (at byte {at})"),
        }
    }

    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        if self.open.len() == MAX_DEPTH {
            return Err(format!("the feed is nested deeper than {MAX_DEPTH} levels"));
        }
        let name = local_name(start);
        self.text.clear();
        if name == "entry" {
            self.entry = Entry::default();
        } else if name == "link" && self.summary_at.is_none() {
            self.take_link(start);
        } else if is_summary(&name) && self.summary_at.is_none() {
            if self.summaries.len() + self.entry.summaries.len() == MAX_SUMMARIES {
                return Err(format!("the feed has more than {MAX_SUMMARIES} summaries"));
            }
            self.summary_at = Some(self.open.len());
            self.entry.summaries.push(Summary::default());
        } else if name == "costAdditionalDetailLastPeriod"
            && let Some(summary) = self.summary()
        {
            if summary.details.len() == MAX_DETAILS {
                return Err(format!("a summary has more than {MAX_DETAILS} line items"));
            }
            summary.details.push(Detail::default());
        }
        self.open.push(name);
        Ok(())
    }

    /// The summary that is open.
    fn summary(&mut self) -> Option<&mut Summary> {
        self.summary_at.and_then(|_| self.entry.summaries.last_mut())
    }

    fn take_link(&mut self, start: &BytesStart<'_>) {
        // Only the entry's own links, not the feed's.
        if self.open.last().map(String::as_str) != Some("entry") {
            return;
        }
        let attribute = |wanted: &str| {
            let found = start.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == wanted)?;
            quick_xml::escape::unescape(&found.value).ok().map(Cow::into_owned)
        };
        if attribute("rel").as_deref() == Some("self") {
            self.entry.self_link = attribute("href").unwrap_or_default();
        }
    }

    fn push(&mut self, text: &str) {
        if self.text.len() + text.len() <= MAX_TEXT_BYTES {
            self.text.push_str(text);
        }
    }

    fn end(&mut self) -> Result<(), String> {
        let Some(name) = self.open.pop() else { return Ok(()) };
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        match self.summary_at {
            Some(at) if at == self.open.len() => self.summary_at = None,
            Some(at) => {
                let path: Vec<&str> = self.open[at + 1..].iter().map(String::as_str).chain([name.as_str()]).collect();
                let path = path.join(".");
                if let Some(summary) = self.entry.summaries.last_mut() {
                    summary.take(&path, text).map_err(|problem| format!("{path}: {problem}"))?;
                }
            }
            None if name == "id" && self.open.last().map(String::as_str) == Some("entry") => text.clone_into(&mut self.entry.id),
            None if name == "entry" => self.finish_entry(),
            None => {}
        }
        Ok(())
    }

    /// The id and the links of an entry may stand before or after its content.
    fn finish_entry(&mut self) {
        let Entry { id, self_link, summaries } = std::mem::take(&mut self.entry);
        let source = if self_link.is_empty() { id } else { self_link };
        self.summaries.extend(summaries.into_iter().map(|summary| Summary { source: source.clone(), ..summary }));
    }
}

impl Summary {
    /// Takes the field at `path` below the summary.
    fn take(&mut self, path: &str, text: &str) -> Result<(), String> {
        match path {
            "billingPeriod.start" => self.start = Some(number(text)?),
            "billingPeriod.duration" => self.duration = Some(number(text)?),
            "billLastPeriod" => self.bill_last_period = optional(text)?,
            "costAdditionalLastPeriod" => self.cost_additional = optional(text)?,
            "currency" => self.currency = optional(text)?,
            "statusTimeStamp" => self.status_at = optional(text)?,
            _ => {
                if let Some(field) = path.strip_prefix("overallConsumptionLastPeriod.") {
                    return self.consumption.take(field, text);
                }
                if let Some(field) = path.strip_prefix("costAdditionalDetailLastPeriod.")
                    && let Some(detail) = self.details.last_mut()
                {
                    return detail.take(field, text);
                }
            }
        }
        Ok(())
    }
}

impl Detail {
    fn take(&mut self, field: &str, text: &str) -> Result<(), String> {
        match field {
            "amount" => self.amount = optional(text)?,
            "note" => text.clone_into(&mut self.note),
            "itemKind" => self.kind = optional(text)?,
            _ => {
                if let Some(field) = field.strip_prefix("measurement.") {
                    return self.measure.take(field, text);
                }
            }
        }
        Ok(())
    }
}

impl Measure {
    fn take(&mut self, field: &str, text: &str) -> Result<(), String> {
        match field {
            "value" => self.value = optional(text)?,
            "powerOfTenMultiplier" => self.multiplier = optional(text)?.unwrap_or(0),
            "uom" => self.unit = optional(text)?,
            _ => {}
        }
        Ok(())
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("'{}' is not a whole number", text.chars().take(40).collect::<String>()))
}

/// A number, or none where the element is empty.
fn optional<T: std::str::FromStr>(text: &str) -> Result<Option<T>, String> {
    if text.is_empty() { Ok(None) } else { number(text).map(Some) }
}
