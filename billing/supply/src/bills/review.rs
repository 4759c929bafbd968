//! The bills of one answer for one account, judged together: what each says, and how they fit each other and the account's
//! earlier bills. Each is accepted or refused by itself; one that is refused harms no other. Pure.

use std::collections::HashMap;

use billow_entities::ConnectorKind;
use chrono::NaiveDate;

use super::accept::{Accepted, Problem, accept, is_off, is_unusual, money_of};
use super::sql::EarlierBill;
use crate::connector::FetchedBill;
use crate::providers::ProviderDefinition;

/// Earlier bills it takes to know what is usual.
const USUAL: usize = 3;
/// So many times the usual amount, or such a part of it, can be an amount in another scale.
pub(crate) const SCALE: i64 = 90;
/// Bills that are stated again, to know that all are in another scale.
const RESTATED: usize = 2;
/// Days by which the periods of two consecutive bills may overlap.
const OVERLAP_DAYS: i64 = 3;

/// What is known of an account before its answer is judged.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) definition: &'a ProviderDefinition,
    /// The account's identifier at the provider; none where the bills' own names have found it.
    pub(crate) identifier: Option<&'a str>,
    /// The provider's day.
    pub(crate) today: NaiveDate,
    pub(crate) earlier: &'a [EarlierBill],
}

/// What became of one bill.
pub(crate) type Verdict = Result<Accepted, Vec<Problem>>;

/// Judges the bills of one answer, in their order.
pub(crate) fn review<'a>(bills: impl IntoIterator<Item = &'a FetchedBill>, known: Known<'_>) -> Vec<Verdict> {
    let bills: Vec<&FetchedBill> = bills.into_iter().collect();
    let first_look: Vec<Verdict> = bills.iter().map(|bill| accept(bill, known.definition, known.identifier, known.today, None)).collect();
    if let Some(problem) = rescaled(first_look.iter().flatten(), known) {
        return first_look.into_iter().map(|verdict| verdict.and_then(|_| Err(vec![problem.clone()]))).collect();
    }
    let amounts = Amounts::of(known.earlier, first_look.iter().flatten());
    let mut taken: HashMap<String, Accepted> = HashMap::new();
    let mut out = Vec::with_capacity(first_look.len());
    for verdict in first_look {
        let verdict = verdict.and_then(|mut accepted| {
            let problems: Vec<Problem> = [twice(&accepted, &taken), same_days(&accepted, known, &taken)].into_iter().flatten().collect();
            if !problems.is_empty() {
                return Err(problems);
            }
            let usual = amounts.usual(&accepted);
            accepted.usual_minor = usual.filter(|usual| is_unusual(accepted.content.amount_minor, *usual));
            taken.entry(accepted.content.number.clone()).or_insert_with(|| accepted.clone());
            Ok(accepted)
        });
        out.push(verdict);
    }
    out
}

/// Whether an accepted bill is so far from the usual that its amount may be in another scale.
pub(crate) fn jumped(accepted: &Accepted) -> bool {
    accepted.usual_minor.is_some_and(|usual| is_off(accepted.content.amount_minor, usual, SCALE))
}

/// The code of bills that are refused because all of them are in another scale than before.
pub(crate) const RESCALED: &str = "RESCALED";

/// Bills that are stated again, each many times what it was: not one of them was corrected, the definition was.
fn rescaled<'a>(accepted: impl Iterator<Item = &'a Accepted>, known: Known<'_>) -> Option<Problem> {
    if known.definition.limits.accept_jumps {
        return None;
    }
    let before: HashMap<&str, i64> = known.earlier.iter().map(|bill| (bill.number.as_str(), bill.amount_minor)).collect();
    let stated: Vec<(i64, i64)> = accepted
        .filter_map(|bill| {
            let former = bill.former_number.as_deref();
            let before = before.get(bill.content.number.as_str()).or_else(|| before.get(former?))?;
            Some((bill.content.amount_minor, *before))
        })
        .filter(|(now, before)| *now > 0 && *before > 0)
        .collect();
    if stated.len() < RESTATED || !stated.iter().all(|(now, before)| is_off(*now, *before, SCALE)) {
        return None;
    }
    let message = format!(
        "all {} bills that are stated again are in another scale than before; check the scale in the definition, or set \
         limits.accept_jumps where the new amounts are right",
        stated.len()
    );
    Some(problem(RESCALED, "amount", message))
}

/// A second bill of one number that says something else: nobody knows which of them is right.
fn twice(accepted: &Accepted, taken: &HashMap<String, Accepted>) -> Option<Problem> {
    let first = taken.get(&accepted.content.number)?;
    if first.content == accepted.content && first.status == accepted.status {
        return None;
    }
    let message = format!(
        "the answer has another bill with this number ({} and {}); the first one was taken",
        money_of(&first.content),
        money_of(&accepted.content)
    );
    Some(problem("DUPLICATE_NUMBER", "number", message))
}

/// Feeds give bills no numbers: their period is what tells them apart. A period that is moved by some days with each
/// download must not become a new bill each time.
fn same_days(accepted: &Accepted, known: Known<'_>, taken: &HashMap<String, Accepted>) -> Option<Problem> {
    if known.definition.connector.kind != ConnectorKind::GreenButton {
        return None;
    }
    let content = &accepted.content;
    let own = (content.period_start?, content.period_end?);
    // What follows the second dash tells usage points apart.
    let point = |number: &str| number.splitn(3, '-').nth(2).map(str::to_owned);
    let is_this = |number: &str| number == content.number || accepted.former_number.as_deref() == Some(number);
    let stored = known.earlier.iter().map(|bill| (bill.number.as_str(), bill.period_start, bill.period_end));
    let here = taken.values().map(|a| (a.content.number.as_str(), a.content.period_start, a.content.period_end));
    let other = stored.chain(here).find_map(|(number, start, end)| {
        let other = (start?, end?);
        let overlaps = !is_this(number) && point(number) == point(&content.number) && is_moved(own, other);
        overlaps.then_some(other)
    })?;
    let message = format!(
        "the period {} to {} is for about the same days as the bill for {} to {}; a period that moves with the download is no bill",
        own.0, own.1, other.0, other.1
    );
    Some(problem("OVERLAPPING_PERIOD", "period_start", message))
}

/// Whether two periods of about the same length overlap by more than the reading of a meter explains.
fn is_moved(own: (NaiveDate, NaiveDate), other: (NaiveDate, NaiveDate)) -> bool {
    let days = |(start, end): (NaiveDate, NaiveDate)| end.signed_duration_since(start).num_days() + 1;
    let shared = days((own.0.max(other.0), own.1.min(other.1)));
    let (shorter, longer) = (days(own).min(days(other)), days(own).max(days(other)));
    shared > OVERLAP_DAYS && longer * 2 <= shorter * 3
}

fn problem(code: &'static str, field: &str, message: String) -> Problem {
    Problem { code, field: field.to_owned(), message }
}

/// What an account's bills come to, by number.
struct Amounts {
    /// As they were before this answer: amounts in another scale must not hide behind each other.
    before: Sums,
    /// With those of the answer.
    all: Sums,
}

impl Amounts {
    fn of<'a>(earlier: &[EarlierBill], accepted: impl Iterator<Item = &'a Accepted>) -> Self {
        let before: HashMap<String, i64> = earlier.iter().map(|bill| (bill.number.clone(), bill.amount_minor)).collect();
        let mut all = before.clone();
        for Accepted { content, former_number, .. } in accepted {
            if let Some(former) = former_number {
                all.remove(former);
            }
            all.insert(content.number.clone(), content.amount_minor);
        }
        Self { before: Sums::of(before), all: Sums::of(all) }
    }

    /// The median of the other bills, where there are enough of them; else what the same bill came to before.
    fn usual(&self, accepted: &Accepted) -> Option<i64> {
        let numbers = [Some(&accepted.content.number), accepted.former_number.as_ref()];
        let known = numbers.into_iter().flatten().find(|number| self.before.by_number.contains_key(*number));
        let number = known.unwrap_or(&accepted.content.number);
        let before = self.before.by_number.get(number).copied();
        self.before.median_without(number).or_else(|| self.all.median_without(&accepted.content.number)).or(before)
    }
}

struct Sums {
    by_number: HashMap<String, i64>,
    /// Those that are more than zero, in order.
    sorted: Vec<i64>,
}

impl Sums {
    fn of(by_number: HashMap<String, i64>) -> Self {
        let mut sorted: Vec<i64> = by_number.values().copied().filter(|amount| *amount > 0).collect();
        sorted.sort_unstable();
        Self { by_number, sorted }
    }

    /// The median, one bill left out.
    fn median_without(&self, number: &str) -> Option<i64> {
        let own = self.by_number.get(number).copied().filter(|amount| *amount > 0);
        let place = own.map(|own| self.sorted.partition_point(|amount| *amount < own));
        let others = self.sorted.len() - usize::from(place.is_some());
        if others < USUAL {
            return None;
        }
        let at = |i: usize| self.sorted[i + usize::from(place.is_some_and(|place| i >= place))];
        let middle = others / 2;
        Some(if others % 2 == 1 { at(middle) } else { at(middle - 1).midpoint(at(middle)) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn definition(kind: &str) -> ProviderDefinition {
        serde_json::from_value(json!({
            "code": "voltara", "name": "Voltara", "utility_type": "ELECTRICITY", "currency": "EUR", "time_zone": "Europe/Berlin",
            "connector": {"kind": kind}, "params": [{"name": "consumer", "label": "Consumer number"}],
            "schedule": {"every": {"kind": "MONTH", "day": 5}},
        }))
        .expect("a definition")
    }

    fn bill(number: &str, amount: &str, more: Value) -> FetchedBill {
        let mut bill = json!({"number": number, "amount": amount});
        for (name, value) in more.as_object().into_iter().flatten() {
            bill[name] = value.clone();
        }
        serde_json::from_value(bill).expect("a bill")
    }

    fn earlier(number: &str, amount_minor: i64) -> EarlierBill {
        let account_id = billow_entities::UtilityAccountId(uuid::Uuid::nil());
        EarlierBill { account_id, number: number.into(), amount_minor, period_start: None, period_end: None }
    }

    fn verdicts(kind: &str, bills: &[FetchedBill], earlier: &[EarlierBill]) -> Vec<Verdict> {
        let definition = definition(kind);
        review(bills, Known { definition: &definition, identifier: None, today: "2026-11-21".parse().expect("a date"), earlier })
    }

    fn usual(verdict: &Verdict) -> Option<i64> {
        verdict.as_ref().expect("taken").usual_minor
    }

    #[test]
    fn a_bill_is_compared_with_earlier_ones_and_with_those_beside_it() {
        let months: Vec<_> = (1..=4).map(|n| bill(&format!("M{n}"), "12.34", Value::Null)).collect();
        let true_up = bill("TU", "1480.00", Value::Null);
        let beside: Vec<_> = months.iter().cloned().chain([true_up.clone(), bill("C", "0.13", Value::Null)]).collect();
        let judged = verdicts("HTTP", &beside, &[]);
        assert_eq!(judged.iter().map(usual).collect::<Vec<_>>(), [None, None, None, None, Some(1234), Some(1234)]);
        assert!(jumped(judged[4].as_ref().expect("taken")));
        let known: Vec<_> = ["A", "B", "C"].map(|n| earlier(n, 1234)).to_vec();
        assert_eq!(usual(&verdicts("HTTP", std::slice::from_ref(&true_up), &known)[0]), Some(1234));
        assert_eq!(usual(&verdicts("HTTP", std::slice::from_ref(&true_up), &known[..2])[0]), None, "two bills do not tell what is usual");
        // A correction of the only bill there is.
        assert_eq!(usual(&verdicts("HTTP", &[bill("A", "1234.00", Value::Null)], &known[..1])[0]), Some(1234));
        assert_eq!(usual(&verdicts("HTTP", &[bill("A", "14.00", Value::Null)], &known[..1])[0]), None);
        // All bills in another scale at once.
        let scaled: Vec<_> = ["A", "B", "C", "D"].map(|n| bill(n, "1234.00", Value::Null)).to_vec();
        let known: Vec<_> = ["A", "B", "C", "D"].map(|n| earlier(n, 1234)).to_vec();
        for verdict in verdicts("HTTP", &scaled, &known) {
            assert_eq!(verdict.expect_err("refused")[0].code, RESCALED);
        }
        let partly: Vec<_> = [scaled[0].clone(), bill("B", "12.34", Value::Null)].to_vec();
        assert!(verdicts("HTTP", &partly, &known).iter().all(Result::is_ok), "one bill that is corrected so is its provider's business");
    }

    #[test]
    fn two_bills_of_one_number_are_told_apart_by_what_they_say() {
        let (one, other) = (bill("1", "1.00", Value::Null), bill("1", "2.00", Value::Null));
        let judged = verdicts("PUSH", &[one.clone(), other, one], &[]);
        assert!(judged[0].is_ok() && judged[2].is_ok(), "saying the same twice does no harm");
        let problems = judged[1].as_ref().expect_err("refused");
        assert_eq!(problems[0].code, "DUPLICATE_NUMBER");
        assert_eq!(problems[0].message, "the answer has another bill with this number (EUR 1.00 and EUR 2.00); the first one was taken");
    }

    #[test]
    fn a_period_that_moves_with_the_download_is_no_new_bill() {
        let period = |start: &str, end: &str| json!({"period_start": start, "period_end": end});
        let known = |start: &str, end: &str| EarlierBill {
            period_start: start.parse().ok(),
            period_end: end.parse().ok(),
            ..earlier("20261001-31", 1234)
        };
        let october = [known("2026-10-01", "2026-10-31")];
        for (start, end, taken) in [
            ("2026-10-02", "2026-11-01", false),
            ("2026-10-15", "2026-11-14", false),
            ("2026-10-29", "2026-11-28", true),
            ("2026-10-31", "2026-11-30", true),
            ("2026-11-01", "2026-11-30", true),
            ("2026-01-01", "2026-12-31", true),
        ] {
            let new = bill("20261002-31", "12.34", period(start, end));
            assert_eq!(verdicts("GREEN_BUTTON", std::slice::from_ref(&new), &october)[0].is_ok(), taken, "{start}");
            assert!(verdicts("HTTP", &[new], &october)[0].is_ok(), "other providers number their bills");
        }
        // The same bill, another usage point, and the number of an earlier release.
        let mut same = bill("20261001-31", "12.34", period("2026-10-01", "2026-10-30"));
        assert!(verdicts("GREEN_BUTTON", std::slice::from_ref(&same), &october)[0].is_ok());
        same.number = "20261001-31-ab12".into();
        assert!(verdicts("GREEN_BUTTON", std::slice::from_ref(&same), &october)[0].is_ok());
        same.number = "20260930-31".into();
        assert!(verdicts("GREEN_BUTTON", std::slice::from_ref(&same), &october)[0].is_err());
        same.former_number = Some("20261001-31".into());
        assert!(verdicts("GREEN_BUTTON", &[same], &october)[0].is_ok());
    }
}
