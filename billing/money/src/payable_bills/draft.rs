//! Bills that somebody asks to pay, checked against their rules: their sum, and everything that is wrong with them at once.

use std::collections::{HashMap, HashSet};

use billow_entities::{BillId, Currency, CustomerId, bill};
use billow_kernel::error::{Error, Problems, Result};
use billow_supply::homes::{Roles, homes_of_others, lets_pay};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::amounts::{AmountVerdict, Bounds};
use super::quote::{PayableQuote, quote_of};
use super::taking::TakeBills;
use super::{BillAmount, MAX_BILLS, PayableBills};
use crate::payable::{Draft, LoadedProviders, MAX_AMOUNT_MINOR, Refusal};

/// A bill, the amount to be paid of it, and the quote it was checked against.
#[derive(Clone, Debug)]
pub(crate) struct DraftLine {
    pub(crate) bill: bill::Model,
    pub(crate) amount_minor: i64,
    pub(crate) quote: PayableQuote,
}

impl PayableBills {
    /// Reads the bills and checks the request against them. What is wrong goes into `problems`; none where it comes to no sum.
    pub(crate) async fn draft(&self, payer: CustomerId, asked: &[BillAmount], problems: &mut Problems) -> Result<Option<Draft>> {
        let (lines, providers) = self.draft_lines(payer, asked, problems).await?;
        let sum = sum_of(&lines, problems);
        Ok(sum.map(|(currency, total_minor)| Draft { currency, total_minor, take: Box::new(TakeBills { lines, providers }) }))
    }

    /// Reads the bills and checks the request against each; those that `payer` does not see are left out and reported.
    pub(crate) async fn draft_lines(
        &self,
        payer: CustomerId,
        asked: &[BillAmount],
        problems: &mut Problems,
    ) -> Result<(Vec<DraftLine>, LoadedProviders)> {
        if asked.is_empty() {
            problems.add("REQUIRED", "bills", "Say which bills are to be paid.");
            return Ok(Default::default());
        }
        if asked.len() > MAX_BILLS {
            problems.add("TOO_MANY", "bills", format!("At most {MAX_BILLS} bills in one payment, please."));
            return Ok(Default::default());
        }
        let ids: Vec<BillId> = asked.iter().map(|w| w.bill_id).collect();
        let bills = bill::Entity::find().filter(bill::Column::Id.is_in(ids.iter().copied())).all(self.store.primary()).await?;
        let roles = self.homes.roles_in(payer, homes_of_others(payer, &bills)).await?;
        let mut bills: HashMap<BillId, bill::Model> = bills.into_iter().map(|b| (b.id, b)).collect();
        let providers = self.providers_of(bills.values().map(|b| b.provider_id).collect()).await?;
        let mut live = self.live_payments(&ids).await?;
        let mut seen = HashSet::new();
        let mut lines = Vec::with_capacity(asked.len());
        for (at, request) in asked.iter().enumerate() {
            let place = format!("bills.{at}.billId");
            if !seen.insert(request.bill_id) {
                problems.add("DUPLICATE", &place, "This bill is named twice.");
                continue;
            }
            let found = bills.remove(&request.bill_id);
            let Some(bill) = payable_by(payer, found, &roles, &place, problems)? else { continue };
            let provider = providers.get(&bill.provider_id).ok_or(Error::NotFound("provider"))?;
            let quote = quote_of(&bill, provider, live.remove(&bill.id))?;
            let amount_minor = request.amount_minor.unwrap_or(quote.suggested_minor);
            if let Some(against) = refusal(&quote, amount_minor) {
                problems.add(against.code, &format!("bills.{at}.{}", against.path), against.message);
            }
            lines.push(DraftLine { bill, amount_minor, quote });
        }
        Ok((lines, providers))
    }
}

/// The bill, if `payer` may pay it; if not, that is told.
fn payable_by(
    payer: CustomerId,
    found: Option<bill::Model>,
    roles: &Roles,
    place: &str,
    problems: &mut Problems,
) -> Result<Option<bill::Model>> {
    let may = found.ok_or(Error::NotFound("bill")).and_then(|bill| lets_pay(payer, &bill, roles).map(|()| bill));
    match may {
        Ok(bill) => Ok(Some(bill)),
        Err(Error::NotFound(what)) => {
            problems.add("NOT_FOUND", place, format!("There is no such {what}."));
            Ok(None)
        }
        Err(Error::Forbidden) => {
            problems.add("FORBIDDEN", place, "You may look at this bill, but not pay it.");
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

/// What the bills come to, if it can be paid in one go.
pub(crate) fn sum_of(lines: &[DraftLine], problems: &mut Problems) -> Option<(Currency, i64)> {
    let currency = lines.first()?.quote.currency;
    if lines.iter().any(|line| line.quote.currency != currency) {
        problems.add("WRONG_CURRENCY", "bills", "The bills of one payment are all in one currency.");
        return None;
    }
    let total = lines.iter().map(|line| i128::from(line.amount_minor)).sum::<i128>();
    let fits = i64::try_from(total).ok().filter(|total| *total <= MAX_AMOUNT_MINOR);
    if fits.is_none() {
        problems.add("TOO_MUCH", "bills", "This is more than one payment may come to.");
    }
    fits.map(|total_minor| (currency, total_minor))
}

/// Why this amount may not be paid.
pub(super) fn refusal(quote: &PayableQuote, amount_minor: i64) -> Option<Refusal> {
    if let Some(reason) = quote.reason() {
        let code = if quote.live_payment.is_some() { "PAYMENT_IN_PROGRESS" } else { "NOT_PAYABLE" };
        return Some(Refusal::new(code, "billId", reason));
    }
    let bounds = Bounds {
        min_minor: quote.min_minor,
        max_minor: quote.max_minor,
        multiple_minor: quote.multiple_minor,
        suggested_minor: quote.suggested_minor,
        explanation: String::new(),
    };
    match bounds.judge(amount_minor, quote.currency) {
        AmountVerdict::Taken => None,
        AmountVerdict::Refused(why) => Some(Refusal::new("AMOUNT_NOT_TAKEN", "amount", format!("{why} {}", quote.explanation))),
    }
}
