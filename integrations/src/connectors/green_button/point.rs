//! Usage points: whose bill a summary is. A feed can hold several of them, and several people's; an account gets the bills
//! of its own one only.

use std::collections::BTreeSet;

use billow_entities::UtilityType;

use super::feed::Feed;
use super::summary::Summary;

/// Usage points that are named in a message.
const NAMED: usize = 5;
/// Parts of a path below which usage points are.
const SEGMENT: &str = "UsagePoint";

/// An entry of a feed, without its content.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) title: String,
    /// Whether it describes a usage point.
    pub(super) is_point: bool,
    /// ESPI's `ServiceKind`.
    pub(super) service: Option<u16>,
    self_link: String,
    other_links: Vec<String>,
}

impl Entry {
    pub(super) fn take_link(&mut self, rel: &str, href: String) {
        if rel == "self" {
            self.self_link = href;
        } else {
            self.other_links.push(href);
        }
    }

    /// Its own address, else its id.
    pub(super) fn source(&self) -> &str {
        if self.self_link.is_empty() { &self.id } else { &self.self_link }
    }

    /// The usage point that its links name, its own first.
    pub(super) fn point(&self) -> Option<String> {
        std::iter::once(&self.self_link).chain(&self.other_links).find_map(|href| point_of(href))
    }

    pub(super) fn links(&self) -> Vec<String> {
        std::iter::once(&self.self_link).chain(&self.other_links).filter(|href| !href.is_empty()).map(|href| path_of(href)).collect()
    }
}

/// A usage point that the feed describes.
#[derive(Clone, Debug)]
pub(super) struct UsagePoint {
    /// Its path, or the entry's id.
    key: String,
    id: String,
    title: String,
    service: Option<u16>,
    links: Vec<String>,
}

impl UsagePoint {
    /// The one of an entry; `others` are the feed's other ones. What has no address of its own is nobody else's.
    pub(super) fn of(entry: Entry, others: &[Self]) -> Self {
        let key = entry.point().unwrap_or_else(|| {
            let own = entry.source();
            let taken = own.is_empty() || others.iter().any(|other| other.key == own);
            if taken { format!("{own}#{}", others.len() + 1) } else { own.to_owned() }
        });
        Self { key, links: entry.links(), id: entry.id, title: entry.title, service: entry.service }
    }

    /// Whether one of the links of an entry leads to what this point refers to.
    fn refers_to(&self, summary: &Summary) -> bool {
        summary.links.iter().any(|link| {
            self.links.iter().any(|own| link == own || link.strip_prefix(own.as_str()).is_some_and(|rest| rest.starts_with('/')))
        })
    }

    fn is_called(&self, name: &str) -> bool {
        let id = self.id.strip_prefix("urn:uuid:").unwrap_or(&self.id);
        is_point(&self.key, name) || [self.id.as_str(), id, &self.title].contains(&name)
    }
}

/// Which usage point an account is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Choice {
    /// The only one there is.
    #[default]
    Only,
    /// All of them: whoever the feed is fetched for owns them all.
    All,
    /// The one with this id.
    Named {
        name: String,
        /// Whether the customer named it.
        by_customer: bool,
    },
}

/// The summaries that are this account's, each with its usage point.
pub(super) enum Selected<'a> {
    /// These.
    Summaries(Vec<&'a Summary>),
    /// None, for this reason; the account is in the feed.
    Nothing,
    /// The usage point that the customer named is not in the feed.
    Unknown,
    /// It cannot be said, in words for an operator.
    Unclear(String),
}

/// What was left out on the way, in words for an operator.
pub(super) type Notes = Vec<String>;

/// The summaries of an account. `service` is what its provider supplies, where only that is wanted.
pub(super) fn select<'a>(feed: &'a Feed, choice: &Choice, service: Option<UtilityType>) -> (Selected<'a>, Notes) {
    let mut notes = Notes::new();
    let described = |key: &str| feed.points.iter().find(|point| point.key == key);
    let key_of = |summary: &Summary| {
        let named = summary.point.clone();
        named.or_else(|| feed.points.iter().find(|point| point.refers_to(summary)).map(|point| point.key.clone()))
    };
    let serves = |key: Option<&String>, summary: Option<&Summary>| {
        let by_point = key.and_then(|key| described(key)).and_then(|point| point.service).and_then(of_service);
        by_point.or_else(|| summary.and_then(|summary| summary.commodity).and_then(of_commodity))
    };
    let is_wanted = |found: Option<UtilityType>| service.is_none() || found.is_none() || found == service;
    let keyed: Vec<(Option<String>, &Summary)> = feed.summaries.iter().map(|summary| (key_of(summary), summary)).collect();
    let (own, foreign): (Vec<_>, Vec<_>) = keyed.into_iter().partition(|(key, summary)| is_wanted(serves(key.as_ref(), Some(summary))));
    if !foreign.is_empty() {
        let kinds: BTreeSet<&str> = foreign.iter().filter_map(|(key, s)| serves(key.as_ref(), Some(s))).map(UtilityType::as_str).collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        notes.push(format!("{} summaries for {} were left out (the setting service says what is wanted)", foreign.len(), kinds.join(", ")));
    }
    let mut points: BTreeSet<String> = own.iter().filter_map(|(key, _)| key.clone()).collect();
    points.extend(feed.points.iter().filter(|point| is_wanted(point.service.and_then(of_service))).map(|point| point.key.clone()));
    let nameless = own.iter().filter(|(key, _)| key.is_none()).count();
    if own.is_empty() && !foreign.is_empty() {
        return (Selected::Unclear(format!("no summary is for this provider's kind of service: {}", notes.join("; "))), Notes::new());
    }
    let selected = match choice {
        Choice::All => Selected::Summaries(own.into_iter().map(|(_, summary)| summary).collect()),
        Choice::Only if points.len() > 1 || (points.len() == 1 && nameless > 0 && nameless < own.len()) => {
            Selected::Unclear(several(&points, nameless))
        }
        Choice::Only => Selected::Summaries(own.into_iter().map(|(_, summary)| summary).collect()),
        Choice::Named { name, by_customer } => {
            let called = |key: &str| is_point(key, name) || described(key).is_some_and(|point| point.is_called(name));
            let there: Vec<&String> = points.iter().filter(|key| called(key)).collect();
            if there.len() > 1 {
                let problem =
                    format!("{} usage points are called '{name}'; name the end of its path; {}", there.len(), names(&points, nameless));
                return (Selected::Unclear(problem), notes);
            }
            let mine: Vec<&Summary> =
                own.iter().filter(|(key, _)| key.as_deref().is_some_and(called)).map(|(_, summary)| *summary).collect();
            match (!there.is_empty(), mine.is_empty()) {
                (true, true) => Selected::Nothing,
                (true, false) => Selected::Summaries(mine),
                (false, _) if *by_customer && nameless == 0 => Selected::Unknown,
                (false, _) => Selected::Unclear(format!("the usage point '{name}' is not in the feed; {}", names(&points, nameless))),
            }
        }
    };
    (selected, notes)
}

fn several(points: &BTreeSet<String>, nameless: usize) -> String {
    format!(
        "the feed has {} usage points and the settings do not say which is this account's: {}. Set usage_point to the id of one, \
         or to a parameter that the customer fills in, such as {{param.usage_point}}; \"*\" takes all where each feed is one \
         customer's",
        points.len() + usize::from(nameless > 0),
        names(points, nameless)
    )
}

fn names(points: &BTreeSet<String>, nameless: usize) -> String {
    let mut shown: Vec<&str> = points.iter().take(NAMED).map(|key| short(key)).collect();
    if points.len() > NAMED {
        shown.push("…");
    }
    let named = if shown.is_empty() { "it names no usage point".to_owned() } else { format!("it has {}", shown.join(", ")) };
    if nameless > 0 { format!("{named}, and {nameless} summaries that name none") } else { named }
}

/// From the parent on: ids of usage points are often unique below their customer only.
fn short(key: &str) -> &str {
    let at = key
        .rfind(&format!("/{SEGMENT}/"))
        .map(|at| key[..at].rfind('/').map_or(0, |parent| key[..parent].rfind('/').map_or(0, |at| at + 1)));
    &key[at.unwrap_or(0)..]
}

/// Whether a key is that of the usage point `name`: its id, or the end of its path.
fn is_point(key: &str, name: &str) -> bool {
    let name = name.trim_matches('/');
    !name.is_empty() && (key.trim_matches('/') == name || key.strip_suffix(name).is_some_and(|before| before.ends_with('/')))
}

/// The path of the usage point that an address names: everything up to its id.
fn point_of(href: &str) -> Option<String> {
    let path = path_of(href);
    let parts: Vec<&str> = path.split('/').collect();
    let at = parts.iter().position(|part| *part == SEGMENT)?;
    parts.get(at + 1).filter(|id| !id.is_empty())?;
    Some(parts[..=at + 1].join("/"))
}

/// An address without its scheme, host and query.
fn path_of(href: &str) -> String {
    let rest = href.trim().split_once("://").map_or(href.trim(), |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    rest.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_owned()
}

/// ESPI's `ServiceKind`, as far as providers here supply it.
fn of_service(kind: u16) -> Option<UtilityType> {
    match kind {
        0 => Some(UtilityType::Electricity),
        1 => Some(UtilityType::Gas),
        2 | 6 => Some(UtilityType::Water),
        4 => Some(UtilityType::Heating),
        5 => Some(UtilityType::Waste),
        8 => Some(UtilityType::Television),
        9 => Some(UtilityType::Broadband),
        _ => None,
    }
}

/// ESPI's `CommodityKind`.
fn of_commodity(kind: u16) -> Option<UtilityType> {
    match kind {
        1 | 2 => Some(UtilityType::Electricity),
        7 | 8 => Some(UtilityType::Gas),
        9 | 11 | 14 => Some(UtilityType::Water),
        10 | 12 => Some(UtilityType::Heating),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_points_are_found_in_addresses() {
        for (href, point) in [
            (
                "https://x.example/espi/1_1/resource/Subscription/1/UsagePoint/7/UsageSummary/1,436",
                Some("/espi/1_1/resource/Subscription/1/UsagePoint/7"),
            ),
            ("/espi/RetailCustomer/9B/UsagePoint/5446AF3F", Some("/espi/RetailCustomer/9B/UsagePoint/5446AF3F")),
            ("RetailCustomer/9B/UsagePoint/54/", Some("RetailCustomer/9B/UsagePoint/54")),
            ("/espi/UsagePoint", None),
            ("/espi/UsagePoint/", None),
            ("/us/1", None),
            ("", None),
        ] {
            assert_eq!(point_of(href).as_deref(), point, "{href}");
        }
        assert!(is_point("/r/RetailCustomer/9B/UsagePoint/54", "54"));
        assert!(is_point("/r/RetailCustomer/9B/UsagePoint/54", "RetailCustomer/9B/UsagePoint/54"));
        assert!(!is_point("/r/RetailCustomer/9B/UsagePoint/154", "54"));
        assert!(!is_point("/r/UsagePoint/54", ""));
        assert_eq!(short("/espi/1_1/resource/RetailCustomer/9B/UsagePoint/54"), "RetailCustomer/9B/UsagePoint/54");
    }
}
