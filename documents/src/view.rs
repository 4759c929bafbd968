//! What the template sets: every amount, date and word as a string, so that nothing a provider or customer wrote is ever
//! read as markup.

use billow_billing::locale::Locale;
use billow_billing::ports::{DocumentItem, DocumentPaper};
use billow_entities::{DocumentKind, Money, RemittanceStatus};
use chrono::{DateTime, Datelike as _, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::qr;
use crate::words::{Words, put, words};

/// A document in words.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    title: String,
    heading: &'static str,
    lang: String,
    region: Option<String>,
    paper: &'static str,
    /// Year, month, day.
    date: [i32; 3],
    customer_label: &'static str,
    customer: String,
    facts: Vec<[String; 2]>,
    what: &'static str,
    amount: &'static str,
    items: Vec<ItemView>,
    itemised: &'static str,
    tax: &'static str,
    totals: Vec<TotalView>,
    note: &'static str,
    verify: &'static str,
    verify_url: String,
    verify_alt: &'static str,
    qr: String,
    page: &'static str,
}

#[derive(Debug, Serialize)]
struct ItemView {
    heading: String,
    details: String,
    amount: String,
    lines: Vec<LineView>,
    legs: Vec<String>,
}

#[derive(Debug, Serialize)]
struct LineView {
    label: String,
    amount: String,
    is_tax: bool,
}

#[derive(Debug, Serialize)]
struct TotalView {
    label: String,
    amount: String,
    strong: bool,
}

struct Writer<'a> {
    paper: &'a DocumentPaper,
    /// How it was paid; the font sets four middle dots as one smear.
    method: Option<String>,
    locale: Locale<'a>,
    words: &'static Words,
    zone: Tz,
}

impl View {
    /// Puts a document into words.
    pub(crate) fn of(paper: &DocumentPaper) -> Result<Self, String> {
        let (language, region) = language_and_region(&paper.locale);
        // Whoever has no language we can read is written to as the English are.
        let tag = if paper.locale.to_ascii_lowercase().starts_with(&language) { paper.locale.as_str() } else { "en" };
        let words = words(&language);
        let writer = Writer {
            paper,
            method: paper.paid_with.as_ref().map(|method| method.replace('·', "•")),
            locale: Locale::of(tag),
            words,
            zone: paper.time_zone.parse().unwrap_or(Tz::UTC),
        };
        let is_receipt = paper.kind == DocumentKind::Receipt;
        let heading = if is_receipt { words.receipt } else { words.invoice };
        let issued = paper.issued_at.with_timezone(&writer.zone).date_naive();
        Ok(Self {
            title: format!("{heading} {}", paper.number),
            heading,
            paper: if matches!(region.as_deref(), Some("US" | "CA" | "MX" | "PH")) { "us-letter" } else { "a4" },
            lang: language,
            region,
            date: [issued.year(), issued.month().cast_signed(), issued.day().cast_signed()],
            customer_label: words.customer,
            customer: paper.customer_name.clone(),
            facts: writer.facts(),
            what: words.what,
            amount: words.amount,
            items: paper.items.iter().map(|item| writer.item(item)).collect(),
            itemised: words.itemised,
            tax: words.tax,
            totals: writer.totals(),
            note: if is_receipt { words.receipt_note } else { words.invoice_note },
            verify: words.verify,
            verify_alt: words.verify_alt,
            qr: qr::svg(&paper.verify_url)?,
            verify_url: paper.verify_url.clone(),
            page: words.page,
        })
    }
}

/// The language and region of a tag as the typesetter takes them; English where the tag is none.
fn language_and_region(tag: &str) -> (String, Option<String>) {
    let mut parts = tag.split(['-', '_']);
    let alphabetic = |part: &&str| part.bytes().all(|b| b.is_ascii_alphabetic());
    let language = parts.next().filter(|p| (2..=3).contains(&p.len())).filter(alphabetic).unwrap_or("en").to_ascii_lowercase();
    let region = parts.find(|p| p.len() == 2 && alphabetic(p)).map(str::to_ascii_uppercase);
    (language, region)
}

impl Writer<'_> {
    fn date(&self, at: DateTime<Utc>) -> String {
        self.locale.date(at.with_timezone(&self.zone).date_naive())
    }

    fn facts(&self) -> Vec<[String; 2]> {
        let mut facts = vec![
            [self.words.number.to_owned(), self.paper.number.clone()],
            [self.words.issued_on.to_owned(), self.date(self.paper.issued_at)],
        ];
        if let Some(at) = self.paper.paid_at {
            facts.push([self.words.paid_on.to_owned(), self.locale.time(at, self.zone)]);
        }
        facts.push([self.words.payment.to_owned(), self.paper.payment_reference.clone()]);
        facts
    }

    fn item(&self, item: &DocumentItem) -> ItemView {
        let mut details = Vec::new();
        match item.utility_type {
            Some(utility) => details.push(capitalised(self.locale.utility(utility))),
            None => details.push(self.words.top_up.to_owned()),
        }
        if let Some(number) = &item.bill_number {
            details.push(put(self.words.bill, &[number]));
        }
        if let Some((first, last)) = item.period {
            details.push(put(self.words.period, &[&self.locale.date(first), &self.locale.date(last)]));
        }
        let line = |line: &billow_billing::ports::DocumentLine| LineView {
            label: line.label.clone(),
            amount: line.amount.map(|amount| self.locale.money(amount)).unwrap_or_default(),
            is_tax: line.is_tax,
        };
        // Taxes last, as people look for them.
        let (taxes, rest): (Vec<_>, Vec<_>) = item.lines.iter().partition(|line| line.is_tax);
        ItemView {
            heading: item.provider.clone(),
            details: details.join(" · "),
            amount: self.locale.money(item.amount),
            lines: rest.into_iter().chain(taxes).map(line).collect(),
            legs: if self.paper.kind == DocumentKind::Receipt { self.legs(item) } else { Vec::new() },
        }
    }

    /// Where the money of one item is: from the customer to us, and from us to the provider.
    fn legs(&self, item: &DocumentItem) -> Vec<String> {
        let words = self.words;
        let mut legs = Vec::new();
        if let Some(at) = self.paper.paid_at {
            let paid = put(words.you_paid, &[&self.date(at)]);
            match &self.method {
                Some(method) if self.paper.from_wallet.amount_minor == 0 => legs.push(format!("{paid} {}", put(words.with, &[method]))),
                _ => legs.push(paid),
            }
        }
        let name = item.provider.as_str();
        let second = match (&item.remittance, item.utility_type) {
            (_, None) => words.credited.to_owned(),
            (None, Some(_)) => put(words.not_needed, &[name]),
            (Some((status, at)), Some(_)) => match status {
                RemittanceStatus::Queued | RemittanceStatus::Sent | RemittanceStatus::Unknown | RemittanceStatus::Manual => {
                    put(words.on_its_way, &[name])
                }
                RemittanceStatus::Rejected => put(words.rejected, &[name]),
                RemittanceStatus::Confirmed => match at {
                    Some(at) => put(words.confirmed_on, &[name, &self.date(*at)]),
                    None => put(words.confirmed, &[name]),
                },
            },
        };
        legs.push(match &item.provider_reference {
            Some(reference) => format!("{second}, {}", put(words.reference, &[reference])),
            None => second,
        });
        legs
    }

    fn totals(&self) -> Vec<TotalView> {
        let (paper, words) = (self.paper, self.words);
        let row = |label: String, amount: Money, strong| TotalView { label, amount: self.locale.money(amount), strong };
        let is_receipt = paper.kind == DocumentKind::Receipt;
        let mut totals = vec![row(if is_receipt { words.total } else { words.to_pay }.to_owned(), paper.total, true)];
        if paper.from_wallet.amount_minor > 0 {
            totals.push(row(words.from_wallet.to_owned(), paper.from_wallet, false));
        }
        if paper.from_gateway.amount_minor > 0 {
            let how = self.method.as_ref().map_or_else(|| words.from_gateway.to_owned(), |method| put(words.from_method, &[method]));
            totals.push(row(how, paper.from_gateway, false));
        }
        if paper.refunded.amount_minor > 0 {
            let negative = Money::new(-paper.refunded.amount_minor, paper.refunded.currency);
            totals.push(row(words.refunded.to_owned(), negative, false));
            let left = Money::new(paper.total.amount_minor - paper.refunded.amount_minor, paper.total.currency);
            totals.push(row(words.remaining.to_owned(), left, true));
        }
        totals
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_or_taken_for_english() {
        let read = |tag: &str| language_and_region(tag);
        assert_eq!(read("de-DE"), ("de".into(), Some("DE".into())));
        assert_eq!(read("zh-Hant-TW"), ("zh".into(), Some("TW".into())));
        assert_eq!(read("en"), ("en".into(), None));
        for strange in ["", "x", "../etc", "\"#1", "english-uk-"] {
            assert_eq!(read(strange).0, "en", "{strange}");
        }
    }
}
