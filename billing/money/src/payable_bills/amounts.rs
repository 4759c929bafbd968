//! Which amounts a provider takes for a bill, and why. Pure.

use billow_entities::{AmountRuleKind, BillStatus, Currency, Money, bill};
use billow_supply::providers::AmountRule;

/// What may be paid of a bill, in minor units; `min` is more than `max` where nothing may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The least.
    pub min_minor: i64,
    /// The most.
    pub max_minor: i64,
    /// A multiple of this, where it matters.
    pub multiple_minor: Option<i64>,
    /// What is usually paid.
    pub suggested_minor: i64,
    /// Why, in a sentence.
    pub explanation: String,
}

/// What is wrong with an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AmountVerdict {
    /// Nothing.
    Taken,
    /// It is refused, for this reason, in a sentence.
    Refused(String),
}

impl Bounds {
    /// Whether anything may be paid.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.min_minor > self.max_minor || self.max_minor < 1
    }

    /// Judges an amount.
    #[must_use]
    pub fn judge(&self, amount_minor: i64, currency: Currency) -> AmountVerdict {
        let money = |minor| Money::new(minor, currency);
        if self.is_empty() {
            return AmountVerdict::Refused("Nothing can be paid of this bill.".into());
        }
        if self.min_minor == self.max_minor && amount_minor != self.min_minor {
            return AmountVerdict::Refused(format!("Exactly {} is taken for this bill.", money(self.min_minor)));
        }
        if amount_minor < self.min_minor || amount_minor > self.max_minor {
            let (least, most) = (money(self.min_minor), money(self.max_minor));
            return AmountVerdict::Refused(format!("From {least} to {most} is taken for this bill."));
        }
        match self.multiple_minor {
            Some(step) if amount_minor % step != 0 => {
                AmountVerdict::Refused(format!("Only multiples of {} are taken for this bill.", money(step)))
            }
            _ => AmountVerdict::Taken,
        }
    }
}

/// What a provider with `rule` takes now for `bill`; `most_minor` is the most that is plausible at all.
///
/// The bill's own least and most narrow the rule, less what was paid before. A rule that says exactly what is to be paid
/// is not narrowed further.
#[must_use]
pub fn bounds(rule: &AmountRule, bill: &bill::Model, most_minor: i64) -> Bounds {
    let kind = rule.kind;
    let left = (bill.amount_minor - bill.paid_minor).max(0);
    let own_min = bill.min_amount_minor.map_or(1, |min| (min - bill.paid_minor).max(1));
    let own_max = bill.max_amount_minor.map_or(most_minor, |max| max - bill.paid_minor);
    let (min, max) = match kind {
        AmountRuleKind::Exact => (left, left),
        AmountRuleKind::ExactOrAbove => (left, own_max),
        AmountRuleKind::ExactOrBelow => (own_min, left.min(own_max)),
        AmountRuleKind::Any => (own_min, own_max),
        AmountRuleKind::Range => (rule.min_minor.unwrap_or(1).max(own_min), rule.max_minor.unwrap_or(most_minor).min(own_max)),
    };
    let step = if kind == AmountRuleKind::Exact { 1 } else { rule.multiple_minor.max(1) };
    let (min, max) = (round_up(min, step), max - max.rem_euclid(step));
    let suggested = match kind {
        AmountRuleKind::Exact => left,
        AmountRuleKind::ExactOrBelow => left - left.rem_euclid(step),
        _ => round_up(left, step),
    };
    // Clamped by hand: where nothing may be paid, the least is more than the most.
    let suggested = suggested.min(max).max(min);
    let multiple_minor = (step > 1).then_some(step);
    Bounds { min_minor: min, max_minor: max, multiple_minor, suggested_minor: suggested, explanation: explain(kind, bill, step) }
}

/// Whether the bill still takes this amount.
pub(super) fn takes(rule: &AmountRule, bill: &bill::Model, most_minor: i64, amount_minor: i64) -> bool {
    let Ok(currency) = bill.currency.parse() else { return false };
    bill.status == BillStatus::Open && bounds(rule, bill, most_minor).judge(amount_minor, currency) == AmountVerdict::Taken
}

fn round_up(amount: i64, step: i64) -> i64 {
    match amount.rem_euclid(step) {
        0 => amount,
        over => amount.saturating_add(step - over),
    }
}

fn explain(kind: AmountRuleKind, bill: &bill::Model, step: i64) -> String {
    let what = if bill.paid_minor > 0 { "what is left of the bill" } else { "the amount of the bill" };
    let mut words = match kind {
        AmountRuleKind::Exact => format!("This provider takes exactly {what}."),
        AmountRuleKind::ExactOrAbove => format!("This provider takes {what} or more."),
        AmountRuleKind::ExactOrBelow => format!("This provider takes {what} or a part of it."),
        AmountRuleKind::Any => "This provider takes any amount.".to_owned(),
        AmountRuleKind::Range => "This provider takes amounts within bounds.".to_owned(),
    };
    if let (true, Ok(currency)) = (step > 1, bill.currency.parse::<Currency>()) {
        words.pop();
        words.push_str(&format!(", in multiples of {}.", Money::new(step, currency)));
    }
    words
}

#[cfg(test)]
mod tests {
    use AmountRuleKind::{Any, Exact, ExactOrAbove, ExactOrBelow, Range};
    use billow_entities::*;
    use chrono::{DateTime, NaiveDate};
    use uuid::Uuid;

    use super::*;

    fn bill(amount: i64, paid: i64, min: Option<i64>, max: Option<i64>) -> bill::Model {
        let at = DateTime::from_timestamp_millis(0).expect("an instant");
        bill::Model {
            id: BillId(Uuid::nil()),
            account_id: UtilityAccountId(Uuid::nil()),
            customer_id: CustomerId(Uuid::nil()),
            property_id: None,
            provider_id: ProviderId(Uuid::nil()),
            utility_type: UtilityType::Water,
            number: "1".into(),
            version: 1,
            status: BillStatus::Open,
            status_reason: None,
            currency: "EUR".into(),
            amount_minor: amount,
            paid_minor: paid,
            min_amount_minor: min,
            max_amount_minor: max,
            issued_on: NaiveDate::MIN,
            due_on: None,
            period_start: None,
            period_end: None,
            usage_value: None,
            usage_unit: None,
            lines: serde_json::Value::Null,
            content_hash: String::new(),
            source: BillSource::Fetched,
            superseded_by: None,
            marked_by: None,
            usual_minor: None,
            created_at: at,
            updated_at: at,
        }
    }

    fn rule(kind: AmountRuleKind, multiple_minor: i64) -> AmountRule {
        let (min_minor, max_minor) = if kind == Range { (Some(500), Some(2_000)) } else { (None, None) };
        AmountRule { kind, min_minor, max_minor, multiple_minor }
    }

    #[test]
    fn each_rule_has_its_bounds() {
        // Rule, multiple, (amount, paid, bill's least, bill's most), (least, most, suggested).
        for (kind, multiple, (amount, paid, min, max), expected) in [
            (Exact, 1, (1_000, 0, None, None), (1_000, 1_000, 1_000)),
            (Exact, 1, (1_000, 400, None, None), (600, 600, 600)),
            (Exact, 100, (1_050, 0, None, None), (1_050, 1_050, 1_050)),
            (Exact, 1, (1_000, 0, Some(300), Some(2_000)), (1_000, 1_000, 1_000)),
            (ExactOrAbove, 1, (1_000, 0, None, None), (1_000, 9_999, 1_000)),
            (ExactOrAbove, 1, (1_000, 0, None, Some(1_500)), (1_000, 1_500, 1_000)),
            (ExactOrAbove, 100, (1_050, 0, None, None), (1_100, 9_900, 1_100)),
            (ExactOrBelow, 1, (1_000, 0, None, None), (1, 1_000, 1_000)),
            (ExactOrBelow, 1, (1_000, 400, None, None), (1, 600, 600)),
            (ExactOrBelow, 1, (1_000, 0, Some(300), None), (300, 1_000, 1_000)),
            (ExactOrBelow, 1, (1_000, 200, Some(300), None), (100, 800, 800)),
            (ExactOrBelow, 1, (1_000, 400, Some(300), None), (1, 600, 600)),
            (ExactOrBelow, 100, (1_050, 0, None, None), (100, 1_000, 1_000)),
            (Any, 1, (1_000, 0, None, None), (1, 9_999, 1_000)),
            (Any, 1, (1_000, 0, Some(200), Some(3_000)), (200, 3_000, 1_000)),
            (Any, 500, (1_100, 0, None, None), (500, 9_500, 1_500)),
            (Range, 1, (1_000, 0, None, None), (500, 2_000, 1_000)),
            (Range, 100, (2_500, 0, None, None), (500, 2_000, 2_000)),
            (Range, 1, (100, 0, None, None), (500, 2_000, 500)),
        ] {
            let is = bounds(&rule(kind, multiple), &bill(amount, paid, min, max), 9_999);
            assert_eq!((is.min_minor, is.max_minor, is.suggested_minor), expected, "{kind} {multiple} {amount} {paid} {min:?} {max:?}");
            let eur = "EUR".parse().expect("a currency");
            assert_eq!(is.judge(is.suggested_minor, eur), AmountVerdict::Taken, "what is suggested is taken: {kind} {amount}");
            assert_ne!(is.judge(is.min_minor - 1, eur), AmountVerdict::Taken);
            assert_ne!(is.judge(is.max_minor + 1, eur), AmountVerdict::Taken);
        }
    }

    #[test]
    fn nothing_is_taken_where_nothing_is_left_or_nothing_fits() {
        for (kind, multiple, amount, paid, max) in [
            (Exact, 1, 1_000, 1_000, None),
            (ExactOrBelow, 1, 1_000, 1_200, None),
            (ExactOrBelow, 5_000, 1_000, 0, None),
            (ExactOrAbove, 1, 1_000, 0, Some(900)),
        ] {
            let bill = bill(amount, paid, None, max);
            let is = bounds(&rule(kind, multiple), &bill, 9_999);
            assert!(is.is_empty(), "{kind} {amount} {paid}: {is:?}");
            assert!(!takes(&rule(kind, multiple), &bill, 9_999, is.suggested_minor));
        }
    }

    #[test]
    fn a_refused_amount_is_told_why() {
        let eur = "EUR".parse().expect("a currency");
        let why = |kind, multiple, amount| match bounds(&rule(kind, multiple), &bill(1_000, 0, None, None), 9_999).judge(amount, eur) {
            AmountVerdict::Refused(why) => why,
            AmountVerdict::Taken => String::new(),
        };
        assert_eq!(why(Exact, 1, 900), "Exactly EUR 10.00 is taken for this bill.");
        assert_eq!(why(ExactOrBelow, 1, 1_001), "From EUR 0.01 to EUR 10.00 is taken for this bill.");
        assert_eq!(why(Range, 100, 550), "Only multiples of EUR 1.00 are taken for this bill.");
        assert_eq!(
            bounds(&rule(ExactOrBelow, 100), &bill(1_000, 200, None, None), 9_999).explanation,
            "This provider takes what is left of the bill or a part of it, in multiples of EUR 1.00."
        );
    }
}
