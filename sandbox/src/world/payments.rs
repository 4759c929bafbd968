//! What the pretend companies were paid: once per reference, however often it is sent.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::bill::{BillStatus, dice};
use super::faults::Fault;
use super::{PLANS, Provider, SandboxState};

/// The most payments remembered.
const MAX_PAYMENTS: usize = 200_000;

/// A payment a company got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderPayment {
    /// Which company.
    pub provider: Provider,
    /// For which account.
    pub account: String,
    /// The payer's reference.
    pub reference: String,
    /// The number of the bill; for a prepaid line the code of the plan.
    pub number: String,
    /// In cents.
    pub amount_minor: i64,
    /// The company's own number for it.
    pub receipt: String,
    /// For a prepaid line: what is typed in.
    pub voucher: Option<String>,
    /// By the caller's clock.
    pub at: DateTime<Utc>,
    /// How often it is still told to be under way.
    pub polls_left: u32,
    /// Why the company will not have it after all.
    pub refused: Option<String>,
}

/// Why a company does not take a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPayment {
    NoAccount,
    NoBill,
    NoPlan,
    Settled,
    WrongAmount,
    OtherContent,
    Rejected,
    Full,
}

impl NoPayment {
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::NoAccount => "There is no such account.",
            Self::NoBill => "There is no such bill.",
            Self::NoPlan => "There is no such plan.",
            Self::Settled => "Nothing is due for this bill.",
            Self::WrongAmount => "This is not an amount that can be paid.",
            Self::OtherContent => "This reference was used for another payment.",
            Self::Rejected => "The payment was refused by our accounting.",
            Self::Full => "No more payments are remembered here.",
        }
    }
}

/// A payment as it comes in.
pub(crate) struct Incoming<'a> {
    pub provider: Provider,
    pub account: &'a str,
    pub reference: &'a str,
    pub number: &'a str,
    pub amount_minor: i64,
    /// Said to be under way so often before it is over.
    pub polls: u32,
    /// To be refused.
    pub reject: bool,
}

/// Payments by company and reference.
#[derive(Default)]
pub(crate) struct Till {
    payments: BTreeMap<(Provider, String), ProviderPayment>,
    last: u64,
}

/// What happens to a payment on its way, besides what happens to every call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PaymentFate {
    pub reject: bool,
    pub lose_before: bool,
    pub lose_after: bool,
    pub delay_ms: u64,
}

impl SandboxState {
    /// Takes a payment; the same reference again is answered with the same payment.
    pub(crate) fn take_payment(&self, new: &Incoming<'_>) -> Result<ProviderPayment, NoPayment> {
        let key = (new.provider, new.reference.to_owned());
        if let Some(known) = self.inner.till.lock().payments.get(&key) {
            let same = known.account == new.account && known.number == new.number && known.amount_minor == new.amount_minor;
            return if same { Ok(known.clone()) } else { Err(NoPayment::OtherContent) };
        }
        let account = self.account(new.provider, new.account).ok_or(NoPayment::NoAccount)?;
        let number = if new.provider.prepaid() {
            let plan = PLANS.iter().find(|p| p.code == new.number).ok_or(NoPayment::NoPlan)?;
            if plan.price_minor != new.amount_minor {
                return Err(NoPayment::WrongAmount);
            }
            plan.code.to_owned()
        } else {
            let bill = account.bills.iter().find(|b| b.number == new.number).ok_or(NoPayment::NoBill)?;
            if bill.status != BillStatus::Open {
                return Err(NoPayment::Settled);
            }
            if new.amount_minor <= 0 {
                return Err(NoPayment::WrongAmount);
            }
            new.number.to_owned()
        };
        if new.reject && new.polls == 0 {
            return Err(NoPayment::Rejected);
        }
        let taken = {
            let mut till = self.inner.till.lock();
            if till.payments.len() >= MAX_PAYMENTS {
                return Err(NoPayment::Full);
            }
            till.last += 1;
            let payment = ProviderPayment {
                provider: new.provider,
                account: new.account.to_owned(),
                reference: new.reference.to_owned(),
                number,
                amount_minor: new.amount_minor,
                receipt: format!("{}-{:07}", new.provider.code().to_uppercase(), till.last),
                voucher: new.provider.prepaid().then(|| voucher(new.reference, self.today())),
                at: self.now(),
                polls_left: new.polls,
                refused: new.reject.then(|| NoPayment::Rejected.words().to_owned()),
            };
            till.payments.insert(key, payment.clone());
            payment
        };
        if taken.polls_left == 0 {
            self.book(&taken);
        }
        self.changed();
        Ok(taken)
    }

    /// How a payment stands; each time it is asked, its end comes nearer.
    pub(crate) fn payment_state(&self, provider: Provider, reference: &str) -> Option<ProviderPayment> {
        let (payment, over) = {
            let mut till = self.inner.till.lock();
            let payment = till.payments.get_mut(&(provider, reference.to_owned()))?;
            let before = payment.clone();
            payment.polls_left = payment.polls_left.saturating_sub(1);
            (before.clone(), before.polls_left == 1 && before.refused.is_none())
        };
        if over {
            self.book(&payment);
            self.changed();
        }
        Some(payment)
    }

    /// What a company was paid, or all of them, in order of company and reference.
    #[must_use]
    pub fn payments(&self, provider: Option<Provider>) -> Vec<ProviderPayment> {
        let till = self.inner.till.lock();
        till.payments.values().filter(|p| provider.is_none_or(|wanted| p.provider == wanted)).cloned().collect()
    }

    /// What is to happen to a payment that comes in now; counts it.
    pub(crate) fn payment_fate(&self, provider: Provider, account: &str) -> PaymentFate {
        let mut fate = PaymentFate::default();
        let mut take = |fault: &mut Fault| match fault {
            Fault::RejectPayments { payments } => count_down(payments, &mut fate.reject),
            Fault::LosePaymentsBefore { payments } => count_down(payments, &mut fate.lose_before),
            Fault::LosePaymentsAfter { payments } => count_down(payments, &mut fate.lose_after),
            Fault::DelayPayments { ms } => fate.delay_ms = (*ms).min(600_000),
            _ => {}
        };
        self.inner.faults.lock().each(provider, account, &mut take);
        fate
    }

    /// The money is in the company's books.
    fn book(&self, payment: &ProviderPayment) {
        if payment.provider.prepaid() {
            // The line and the plan were there when the payment was taken.
            if let Err(problem) = self.recharge(&payment.account, &payment.number) {
                tracing::warn!(%problem, "a recharge was paid and not made");
            }
            return;
        }
        let paid: i64 = {
            let till = self.inner.till.lock();
            let of_bill = |p: &&ProviderPayment| {
                (p.provider, &p.account, &p.number) == (payment.provider, &payment.account, &payment.number) && p.refused.is_none()
            };
            till.payments.values().filter(of_bill).map(|p| p.amount_minor).sum()
        };
        let due = self.bills(payment.provider, &payment.account).into_iter().find(|b| b.number == payment.number);
        if due.is_some_and(|bill| paid >= bill.amount_minor)
            && let Err(problem) = self.mark_paid(payment.provider, &payment.account, &payment.number)
        {
            tracing::warn!(%problem, "a bill was paid and not marked");
        }
    }
}

fn count_down(left: &mut u32, hit: &mut bool) {
    if *left > 0 {
        *left -= 1;
        *hit = true;
    }
}

/// Sixteen digits in groups of four that look random and are always the same for the same reference.
fn voucher(reference: &str, today: chrono::NaiveDate) -> String {
    let luck = dice(reference, today) % 10_000_000_000_000_000;
    let digits = format!("{luck:016}");
    [&digits[..4], &digits[4..8], &digits[8..12], &digits[12..]].join("-")
}
