//! Reads a feed from front to back, keeping the summaries and the usage points only: the readings around them can be a
//! thousand times larger. A number that is none is a problem of its summary, not of the feed.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::point::{Entry, UsagePoint};
use super::summary::{Detail, Summary};
use crate::connectors::xml::{local_name, resolve};

/// Deepest nesting.
const MAX_DEPTH: usize = 64;
/// Summaries of one feed.
const MAX_SUMMARIES: usize = 500;
/// Line items of one summary.
const MAX_DETAILS: usize = 200;
/// Longest text of a field.
const MAX_TEXT_BYTES: usize = 4096;
/// Usage points of one feed.
const MAX_POINTS: usize = 5_000;

/// What a feed holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Feed {
    pub(super) summaries: Vec<Summary>,
    pub(super) points: Vec<UsagePoint>,
    /// Entries of all kinds.
    pub(super) entries: usize,
}

struct FeedReader {
    /// Local names of the open elements.
    open: Vec<String>,
    /// Where the open summary begins in `open`.
    summary_at: Option<usize>,
    text: String,
    entry: Entry,
    /// The summaries of the open entry.
    here: Vec<Summary>,
    feed: Feed,
}

/// Reads a feed, or a single entry.
///
/// # Errors
/// In words, when it is cut off, or is not a feed.
pub(super) fn read(text: &str) -> Result<Feed, String> {
    let mut reader = Reader::from_str(text);
    let mut feed = FeedReader {
        open: Vec::new(),
        summary_at: None,
        text: String::new(),
        entry: Entry::default(),
        here: Vec::new(),
        feed: Feed::default(),
    };
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
            Event::Eof => return Ok(feed.feed),
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
        format!("the feed is cut off: it ends inside '{inside}', after {} whole summaries", self.feed.summaries.len())
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
            self.here.clear();
        } else if name == "link" && self.summary_at.is_none() {
            self.take_link(start);
        } else if name == "UsagePoint" && self.open.last().map(String::as_str) == Some("content") {
            self.entry.is_point = true;
        } else if is_summary(&name) && self.summary_at.is_none() {
            if self.feed.summaries.len() + self.here.len() == MAX_SUMMARIES {
                return Err(format!("the feed has more than {MAX_SUMMARIES} summaries"));
            }
            self.summary_at = Some(self.open.len());
            self.here.push(Summary::default());
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
        self.summary_at.and_then(|_| self.here.last_mut())
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
        if let Some(href) = attribute("href") {
            self.entry.take_link(attribute("rel").as_deref().unwrap_or_default(), href);
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
                if let Some(summary) = self.here.last_mut() {
                    summary.take(&path, text);
                }
            }
            None if name == "entry" => self.finish_entry()?,
            None => match (self.open.last().map(String::as_str), name.as_str()) {
                (Some("entry"), "id") => text.clone_into(&mut self.entry.id),
                (Some("entry"), "title") => text.clone_into(&mut self.entry.title),
                (Some("ServiceCategory"), "kind") if self.entry.is_point => self.entry.service = text.parse().ok(),
                _ => {}
            },
        }
        Ok(())
    }

    /// The id and the links of an entry may stand before or after its content.
    fn finish_entry(&mut self) -> Result<(), String> {
        let entry = std::mem::take(&mut self.entry);
        self.feed.entries += 1;
        for mut summary in self.here.drain(..) {
            summary.point = entry.point();
            summary.links = entry.links();
            summary.source = entry.source().to_owned();
            self.feed.summaries.push(summary);
        }
        if entry.is_point {
            if self.feed.points.len() == MAX_POINTS {
                return Err(format!("the feed has more than {MAX_POINTS} usage points"));
            }
            let point = UsagePoint::of(entry, &self.feed.points);
            self.feed.points.push(point);
        }
        Ok(())
    }
}
