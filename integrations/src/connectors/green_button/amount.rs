//! What a summary comes to: its total, wherever the utility wrote it.

use super::summary::{Detail, Summary};

/// ESPI's `ItemKind` of lines that only inform.
const INFORMATION: u16 = 10;
/// How the line is called that has the total.
const TOTALS: [&str; 14] = [
    "amount due",
    "total due",
    "balance due",
    "total amount",
    "total bill",
    "please pay",
    "amount to pay",
    "montant total",
    "total à payer",
    "montant dû",
    "gesamtbetrag",
    "zu zahlen",
    "importe total",
    "total a pagar",
];
/// What speaks of another bill, or of a part.
const OTHERS: [&str; 14] = [
    "previous",
    "prior",
    "past",
    "last",
    "overdue",
    "forward",
    "paid",
    "payment",
    "received",
    "précédent",
    "vorig",
    "anterior",
    "before",
    "subtotal",
];

/// Where the amount of a bill is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AmountFrom {
    /// In `billLastPeriod`; in the line with the total where that is zero or missing.
    Bill,
    /// In the line with the total.
    TotalLine,
    /// It is the sum of the lines.
    Lines,
}

impl AmountFrom {
    pub(super) const CHOICES: &'static [(&'static str, Self)] =
        &[("BILL", Self::Bill), ("TOTAL_LINE", Self::TotalLine), ("LINES", Self::Lines)];
}

/// What a summary comes to, as the feed scales it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Total {
    Of(i64),
    /// It names no amount at all.
    None,
}

/// Why it cannot be said what a summary comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    /// There are lines and no total.
    NoTotal { stated: Option<i64>, sum: i64 },
    /// Several lines look like the total and differ.
    Totals(i64, i64),
    /// No line has the total.
    NoTotalLine,
    /// The sum is too large.
    TooMuch,
}

impl Unclear {
    /// In words, amounts as `amount` shows them.
    pub(super) fn words(&self, amount: impl Fn(i64) -> String) -> String {
        match self {
            Self::NoTotal { stated: None, sum } => format!(
                "billLastPeriod: is missing, and the lines add up to {}; where that is what is due, set amount_from to LINES",
                amount(*sum)
            ),
            Self::NoTotal { stated: Some(stated), sum } => format!(
                "billLastPeriod: is {}, and the lines add up to {}; where that is what is due, set amount_from to LINES",
                amount(*stated),
                amount(*sum)
            ),
            Self::Totals(one, other) => {
                format!("costAdditionalDetailLastPeriod: two lines look like the total, {} and {}", amount(*one), amount(*other))
            }
            Self::NoTotalLine => "costAdditionalDetailLastPeriod: no line has the total, which amount_from TOTAL_LINE asks for".into(),
            Self::TooMuch => "costAdditionalDetailLastPeriod: the lines add up to more than can be counted".into(),
        }
    }
}

/// What a summary comes to.
pub(super) fn total(summary: &Summary, from: AmountFrom) -> Result<Total, Unclear> {
    let stated = summary.bill_last_period;
    let sum = sum(&summary.details)?;
    match from {
        AmountFrom::Lines => Ok(sum.or(stated).map_or(Total::None, Total::Of)),
        AmountFrom::TotalLine => match total_line(&summary.details)? {
            Some(total) => Ok(Total::Of(total)),
            None if sum.is_none() && stated.is_none() => Ok(Total::None),
            None => Err(Unclear::NoTotalLine),
        },
        AmountFrom::Bill => match (stated, sum) {
            (Some(stated), _) if stated != 0 => Ok(Total::Of(stated)),
            _ => match (total_line(&summary.details)?, stated, sum) {
                (Some(total), ..) => Ok(Total::Of(total)),
                (None, Some(_), None | Some(0)) => Ok(Total::Of(0)),
                (None, None, None) => Ok(Total::None),
                (None, stated, Some(sum)) => Err(Unclear::NoTotal { stated, sum }),
            },
        },
    }
}

/// Whether a line is the total of the others.
pub(super) fn is_total(note: &str) -> bool {
    let note = note.to_lowercase();
    let note = note.split_whitespace().collect::<Vec<_>>().join(" ");
    let whole = note.trim_end_matches([':', '.']) == "total";
    (whole || TOTALS.iter().any(|words| note.contains(words))) && !OTHERS.iter().any(|words| note.contains(words))
}

fn total_line(details: &[Detail]) -> Result<Option<i64>, Unclear> {
    let mut totals = details.iter().filter(|detail| is_total(&detail.note)).filter_map(|detail| detail.amount);
    let Some(first) = totals.next() else { return Ok(None) };
    match totals.find(|other| *other != first) {
        Some(other) => Err(Unclear::Totals(first, other)),
        None => Ok(Some(first)),
    }
}

/// The sum of the lines that count; none where there are none.
fn sum(details: &[Detail]) -> Result<Option<i64>, Unclear> {
    let counted = details.iter().filter(|detail| detail.kind != Some(INFORMATION) && !is_total(&detail.note));
    let mut amounts = counted.filter_map(|detail| detail.amount).peekable();
    if amounts.peek().is_none() {
        return Ok(None);
    }
    amounts.try_fold(0i64, i64::checked_add).map(Some).ok_or(Unclear::TooMuch)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(stated: Option<i64>, lines: &[(&str, i64)]) -> Summary {
        let details = lines.iter().map(|(note, amount)| Detail { note: (*note).to_owned(), amount: Some(*amount), ..Detail::default() });
        Summary { bill_last_period: stated, details: details.collect(), ..Summary::default() }
    }

    #[test]
    fn the_total_is_found_or_it_is_said_what_is_missing() {
        use AmountFrom::{Bill, Lines, TotalLine};
        let forwarded =
            [("Balance Forward", 82), ("Payments Received", -82), ("Electricity", 53), ("Delivery", 21), ("Total Amount Due", 74)];
        let plain = [("Generation", 90), ("Delivery", 110), ("Credit", -1)];
        for (stated, lines, from, expected) in [
            (Some(0), &forwarded[..], Bill, Ok(Total::Of(74))),
            (None, &forwarded[..], Bill, Ok(Total::Of(74))),
            (Some(99), &forwarded[..], Bill, Ok(Total::Of(99))),
            (Some(99), &forwarded[..], TotalLine, Ok(Total::Of(74))),
            (Some(0), &forwarded[..], Lines, Ok(Total::Of(74))),
            (None, &plain[..], Bill, Err(Unclear::NoTotal { stated: None, sum: 199 })),
            (Some(0), &plain[..], Bill, Err(Unclear::NoTotal { stated: Some(0), sum: 199 })),
            (None, &plain[..], Lines, Ok(Total::Of(199))),
            (Some(7), &plain[..], TotalLine, Err(Unclear::NoTotalLine)),
            (Some(0), &[][..], Bill, Ok(Total::Of(0))),
            (Some(0), &[("Charge", 5), ("Credit", -5)][..], Bill, Ok(Total::Of(0))),
            (Some(-24), &[][..], Bill, Ok(Total::Of(-24))),
            (None, &[][..], Bill, Ok(Total::None)),
            (None, &[][..], TotalLine, Ok(Total::None)),
            (Some(5), &[][..], Lines, Ok(Total::Of(5))),
            (Some(0), &[("Amount due", 1), ("Total due", 2)][..], Bill, Err(Unclear::Totals(1, 2))),
            (None, &[("A", i64::MAX), ("B", 1)][..], Lines, Err(Unclear::TooMuch)),
        ] {
            assert_eq!(total(&summary(stated, lines), from), expected, "{stated:?} {lines:?} {from:?}");
        }
    }

    #[test]
    fn totals_are_known_by_their_words() {
        for note in ["Total Amount Due", "AMOUNT  DUE", "Total:", "Total bill", "Montant total", "Gesamtbetrag", "Please pay this amount"] {
            assert!(is_total(note), "{note}");
        }
        for note in ["Previous amount due", "Total Winter Off Peak Usage", "Total payments received", "Balance Forward", "Subtotal", ""] {
            assert!(!is_total(note), "{note}");
        }
    }
}
