//! A payment as it is asked for, held against the bills: whom it is for, what it comes to, and everything that is wrong
//! with it at once.

use std::collections::{HashMap, HashSet};

use billow_entities::{BillId, Currency, CustomerId, MethodStatus, PaymentMethodId, bill, customer, payment_method};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Problems, Result};
use billow_supply::homes::{Roles, homes_of_others, lets_pay};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Payments;
use super::amounts::AmountVerdict;
use super::quote::{PayableQuote, Providers, quote_of};
use super::{BillAmount, MAX_AMOUNT_MINOR, MAX_BILLS, Means};

/// The shortest and longest idempotency key.
const KEY: std::ops::RangeInclusive<usize> = 8..=255;

/// A bill, what is paid of it, and what it was held against.
#[derive(Clone, Debug)]
pub(super) struct DraftLine {
    pub(super) bill: bill::Model,
    pub(super) amount_minor: i64,
    pub(super) quote: PayableQuote,
}

/// Bills to be paid.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) lines: Vec<DraftLine>,
    pub(super) currency: Currency,
    pub(super) total_minor: i64,
    pub(super) providers: Providers,
}

impl Payments {
    /// Whose money it is: the customer who asks, or the one staff names.
    pub(super) async fn payer_of(&self, actor: &Actor, named: Option<CustomerId>) -> Result<CustomerId> {
        if !actor.is_staff() {
            let own = actor.customer()?;
            return match named {
                Some(other) if other != own => Err(Error::invalid("NOT_ALLOWED", "customerId", "Only staff pays for somebody else.")),
                _ => Ok(own),
            };
        }
        let id = named.ok_or_else(|| Error::invalid("REQUIRED", "customerId", "Say for whom you pay."))?;
        customer::Entity::find_by_id(id).one(self.store.primary()).await?.map(|c| c.id).ok_or(Error::NotFound("customer"))
    }

    /// Reads the bills and holds the wish against them. What is wrong goes into `problems`; none where it comes to no sum.
    pub(super) async fn draft(&self, payer: CustomerId, wished: &[BillAmount], problems: &mut Problems) -> Result<Option<Draft>> {
        let (lines, providers) = self.draft_lines(payer, wished, problems).await?;
        let sum = sum_of(&lines, problems);
        Ok(sum.map(|(currency, total_minor)| Draft { lines, currency, total_minor, providers }))
    }

    /// Reads the bills and holds the wish against each; those that are not there for `payer` are left out and told.
    pub(super) async fn draft_lines(
        &self,
        payer: CustomerId,
        wished: &[BillAmount],
        problems: &mut Problems,
    ) -> Result<(Vec<DraftLine>, Providers)> {
        if wished.is_empty() {
            problems.add("REQUIRED", "bills", "Say which bills are to be paid.");
            return Ok(Default::default());
        }
        if wished.len() > MAX_BILLS {
            problems.add("TOO_MANY", "bills", format!("At most {MAX_BILLS} bills in one payment, please."));
            return Ok(Default::default());
        }
        let ids: Vec<BillId> = wished.iter().map(|w| w.bill_id).collect();
        let bills = bill::Entity::find().filter(bill::Column::Id.is_in(ids.iter().copied())).all(self.store.primary()).await?;
        let roles = self.homes.roles_in(payer, homes_of_others(payer, &bills)).await?;
        let mut bills: HashMap<BillId, bill::Model> = bills.into_iter().map(|b| (b.id, b)).collect();
        let providers = self.providers_of(bills.values().map(|b| b.provider_id).collect::<Vec<_>>()).await?;
        let mut live = self.live_payments(&ids).await?;
        let mut seen = HashSet::new();
        let mut lines = Vec::with_capacity(wished.len());
        for (at, wish) in wished.iter().enumerate() {
            let place = format!("bills.{at}.billId");
            if !seen.insert(wish.bill_id) {
                problems.add("DUPLICATE", &place, "This bill is named twice.");
                continue;
            }
            let found = bills.remove(&wish.bill_id);
            let Some(bill) = payable_by(payer, found, &roles, &place, problems)? else { continue };
            let provider = providers.get(&bill.provider_id).ok_or(Error::NotFound("provider"))?;
            let quote = quote_of(&bill, provider, live.remove(&bill.id))?;
            let amount_minor = wish.amount_minor.unwrap_or(quote.suggested_minor);
            if let Some((code, path, message)) = refusal(&quote, amount_minor) {
                problems.add(code, &format!("bills.{at}.{path}"), message);
            }
            lines.push(DraftLine { bill, amount_minor, quote });
        }
        Ok((lines, providers))
    }

    /// The saved method, if the payer may be charged by it.
    pub(super) async fn ready_method(&self, payer: CustomerId, id: PaymentMethodId) -> Result<payment_method::Model> {
        let found = payment_method::Entity::find_by_id(id)
            .filter(payment_method::Column::CustomerId.eq(payer))
            .filter(payment_method::Column::RemovedAt.is_null())
            .one(self.store.primary())
            .await?;
        let method = found.ok_or(Error::NotFound("payment method"))?;
        if method.status == MethodStatus::Ready && method.external_id.is_some() {
            return Ok(method);
        }
        let words = method.status_reason.unwrap_or_else(|| "This payment method cannot be charged yet.".to_owned());
        Err(Error::invalid("METHOD_NOT_READY", "paymentMethodId", words))
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
pub(super) fn sum_of(lines: &[DraftLine], problems: &mut Problems) -> Option<(Currency, i64)> {
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

/// What stands against paying this amount: a code, a field and a sentence.
pub(super) fn refusal(quote: &PayableQuote, amount_minor: i64) -> Option<(&'static str, &'static str, String)> {
    if quote.live_payment.is_some() {
        return Some(("PAYMENT_IN_PROGRESS", "billId", quote.reason().unwrap_or_default().to_owned()));
    }
    if let Some(reason) = quote.reason() {
        return Some(("NOT_PAYABLE", "billId", reason.to_owned()));
    }
    let bounds = super::Bounds {
        min_minor: quote.min_minor,
        max_minor: quote.max_minor,
        multiple_minor: quote.multiple_minor,
        suggested_minor: quote.suggested_minor,
        explanation: String::new(),
    };
    match bounds.judge(amount_minor, quote.currency) {
        AmountVerdict::Taken => None,
        AmountVerdict::Refused(why) => Some(("AMOUNT_NOT_TAKEN", "amount", format!("{why} {}", quote.explanation))),
    }
}

/// The part of a payment that no wallet covers, as it is to be paid.
pub(super) fn means(method: Option<PaymentMethodId>, hosted_page: bool, use_wallet: bool, problems: &mut Problems) -> Means {
    match (method, hosted_page) {
        (Some(method), false) => return Means::Method(method),
        (None, true) => return Means::HostedPage,
        (Some(_), true) => problems.add("INCONSISTENT", "hostedPage", "Choose a saved payment method or the payment page, not both."),
        (None, false) if use_wallet => {}
        (None, false) => problems.add("REQUIRED", "paymentMethodId", "Choose how to pay."),
    }
    Means::WalletOnly
}

/// Checks an idempotency key.
pub(super) fn check_key(key: &str, problems: &mut Problems) {
    if !KEY.contains(&key.chars().count()) || key.chars().any(char::is_control) {
        problems.add("WRONG_LENGTH", "idempotencyKey", "An idempotency key has 8 to 255 characters.");
    }
}
