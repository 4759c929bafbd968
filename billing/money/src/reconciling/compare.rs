//! Holding a gateway's charges against ours. Pure.

use std::collections::{BTreeMap, BTreeSet};

use billow_entities::{AttemptId, DiscrepancyKind, PaymentId};

use crate::gateway::{Charge, ChargeState};

/// What we know of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ours {
    pub(super) attempt: AttemptId,
    pub(super) payment: PaymentId,
    pub(super) external_id: Option<String>,
    pub(super) currency: String,
    /// What we asked for.
    pub(super) amount_minor: i64,
    /// What the ledger says the charge brought, fees included; none where it says nothing.
    pub(super) booked_minor: Option<i64>,
    /// What our refunds of this charge say has gone back.
    pub(super) refunded_minor: i64,
    /// What of it is on its way, so that the gateway may count it already or not.
    pub(super) refunding_minor: i64,
    /// Whether it was made on the day that is compared.
    pub(super) of_the_day: bool,
}

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) kind: DiscrepancyKind,
    pub(super) external_id: Option<String>,
    pub(super) payment: Option<PaymentId>,
    pub(super) currency: String,
    pub(super) ours_minor: Option<i64>,
    pub(super) theirs_minor: Option<i64>,
    pub(super) message: String,
}

/// Every difference between the gateway's charges of a day and ours, in the order of the charges, then of what they lack.
pub(super) fn compare(theirs: &[Charge], ours: &[Ours]) -> Vec<Difference> {
    let by_attempt: BTreeMap<String, &Ours> = ours.iter().map(|o| (o.attempt.to_string(), o)).collect();
    let by_external: BTreeMap<&str, &Ours> = ours.iter().filter_map(|o| Some((o.external_id.as_deref()?, o))).collect();
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for charge in theirs {
        let named = charge.attempt.as_deref().and_then(|a| by_attempt.get(a)).copied();
        let known = named.or_else(|| by_external.get(charge.id.as_str()).copied());
        let Some(ours) = known else {
            if charge.state == ChargeState::Succeeded {
                out.push(unknown(charge));
            }
            continue;
        };
        // A second charge for one attempt is money nobody asked for, whatever the first was.
        if charge.state == ChargeState::Succeeded && ours.external_id.as_deref().is_some_and(|id| id != charge.id) {
            out.push(unknown(charge));
            continue;
        }
        seen.insert(ours.attempt);
        out.extend(of_charge(charge, ours));
    }
    out.extend(ours.iter().filter(|o| o.of_the_day && o.booked_minor.is_some() && !seen.contains(&o.attempt)).map(missing_charge));
    out
}

fn of_charge(charge: &Charge, ours: &Ours) -> Vec<Difference> {
    let difference = |kind, ours_minor, theirs_minor, message: String| Difference {
        kind,
        external_id: Some(charge.id.clone()),
        payment: Some(ours.payment),
        currency: charge.currency.to_uppercase(),
        ours_minor,
        theirs_minor,
        message,
    };
    let mut out = Vec::new();
    match (&charge.state, ours.booked_minor) {
        (ChargeState::Succeeded, None) => {
            let words = "The gateway charged, and the ledger does not know of it; the payment is being checked.";
            out.push(difference(DiscrepancyKind::MissingPosting, None, Some(charge.amount_minor), words.into()));
        }
        (ChargeState::Succeeded, Some(booked)) => {
            let same_currency = charge.currency.eq_ignore_ascii_case(&ours.currency);
            if booked != charge.amount_minor || !same_currency {
                let words = format!(
                    "The gateway charged {} {}, the ledger says {booked} {} (in minor units).",
                    charge.amount_minor,
                    charge.currency.to_uppercase(),
                    ours.currency
                );
                out.push(difference(DiscrepancyKind::AmountMismatch, Some(booked), Some(charge.amount_minor), words));
            }
        }
        (state, Some(booked)) => {
            let words = format!("The ledger says that this was charged; the gateway says {}.", word_of(state));
            out.push(difference(DiscrepancyKind::MissingCharge, Some(booked), None, words));
        }
        (_, None) => {}
    }
    if let Some(theirs) = charge.refunded_minor {
        let (least, most) = (ours.refunded_minor, ours.refunded_minor + ours.refunding_minor);
        if theirs > most {
            let words = "The gateway gave back more of this charge than the ledger knows of.";
            out.push(difference(DiscrepancyKind::MissingRefundPosting, Some(least), Some(theirs), words.into()));
        } else if theirs < least {
            let words = "The ledger says that more of this charge went back than the gateway knows of.";
            out.push(difference(DiscrepancyKind::MissingRefund, Some(least), Some(theirs), words.into()));
        }
    }
    out
}

fn unknown(charge: &Charge) -> Difference {
    Difference {
        kind: DiscrepancyKind::UnknownCharge,
        external_id: Some(charge.id.clone()),
        payment: None,
        currency: charge.currency.to_uppercase(),
        ours_minor: None,
        theirs_minor: Some(charge.amount_minor),
        message: "The gateway charged something that belongs to none of our attempts.".into(),
    }
}

fn missing_charge(ours: &Ours) -> Difference {
    Difference {
        kind: DiscrepancyKind::MissingCharge,
        external_id: ours.external_id.clone(),
        payment: Some(ours.payment),
        currency: ours.currency.clone(),
        ours_minor: ours.booked_minor,
        theirs_minor: None,
        message: "The ledger says that this was charged, and the gateway's list of the day does not have it.".into(),
    }
}

fn word_of(state: &ChargeState) -> &'static str {
    match state {
        ChargeState::Succeeded => "it succeeded",
        ChargeState::Processing => "it is being processed",
        ChargeState::RequiresAction { .. } => "it waits for the customer",
        ChargeState::Failed(_) => "it failed",
        ChargeState::Cancelled => "it was called off",
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn ours(n: u128, booked: Option<i64>) -> Ours {
        Ours {
            attempt: AttemptId(Uuid::from_u128(n)),
            payment: PaymentId(Uuid::from_u128(n + 1_000)),
            external_id: Some(format!("ch_{n}")),
            currency: "EUR".into(),
            amount_minor: 100,
            booked_minor: booked,
            refunded_minor: 0,
            refunding_minor: 0,
            of_the_day: true,
        }
    }

    fn charge(n: u128, state: ChargeState) -> Charge {
        Charge {
            id: format!("ch_{n}"),
            attempt: Some(AttemptId(Uuid::from_u128(n)).to_string()),
            amount_minor: 100,
            currency: "eur".into(),
            state,
            fee_minor: None,
            refunded_minor: Some(0),
            created_at: None,
        }
    }

    fn kinds(theirs: &[Charge], ours: &[Ours]) -> Vec<DiscrepancyKind> {
        compare(theirs, ours).into_iter().map(|d| d.kind).collect()
    }

    #[test]
    fn what_agrees_is_not_told() {
        let theirs = [charge(1, ChargeState::Succeeded), charge(2, ChargeState::Cancelled), charge(3, ChargeState::Processing)];
        assert_eq!(kinds(&theirs, &[ours(1, Some(100)), ours(2, None), ours(3, None)]), []);
    }

    #[test]
    fn each_difference_has_its_kind() {
        use DiscrepancyKind::{AmountMismatch, MissingCharge, MissingPosting, MissingRefund, MissingRefundPosting, UnknownCharge};
        let paid = || charge(1, ChargeState::Succeeded);
        let booked = || ours(1, Some(100));
        let stranger = Charge { attempt: None, id: "ch_9".into(), ..paid() };
        let double = Charge { id: "ch_1b".into(), ..paid() };
        for (theirs, ours, wanted) in [
            (vec![paid()], vec![ours(1, None)], vec![MissingPosting]),
            (vec![], vec![booked()], vec![MissingCharge]),
            (vec![charge(1, ChargeState::Cancelled)], vec![booked()], vec![MissingCharge]),
            (vec![paid()], vec![ours(1, Some(90))], vec![AmountMismatch]),
            (vec![paid()], vec![Ours { currency: "USD".into(), ..booked() }], vec![AmountMismatch]),
            (vec![stranger.clone()], vec![], vec![UnknownCharge]),
            (vec![paid(), double], vec![booked()], vec![UnknownCharge]),
            (vec![Charge { refunded_minor: Some(40), ..paid() }], vec![booked()], vec![MissingRefundPosting]),
            (vec![paid()], vec![Ours { refunded_minor: 40, ..booked() }], vec![MissingRefund]),
            (vec![Charge { attempt: None, ..paid() }], vec![booked()], vec![]),
            (vec![Charge { state: ChargeState::Processing, ..stranger }], vec![], vec![]),
            // A charge of the day before that we know is no stranger, and a refund on its way may be counted or not.
            (vec![paid()], vec![Ours { of_the_day: false, refunding_minor: 40, ..booked() }], vec![]),
            (vec![Charge { refunded_minor: Some(40), ..paid() }], vec![Ours { refunding_minor: 40, ..booked() }], vec![]),
            (vec![], vec![Ours { of_the_day: false, ..booked() }], vec![]),
        ] {
            assert_eq!(kinds(&theirs, &ours), wanted, "{theirs:?} {ours:?}");
        }
    }
}
