//! History on demand: bills of the months gone by, as if the accounts had always been there.

use chrono::Datelike;

use super::bill::{self, BillStatus, month_back};
use super::plans::PrepaidLine;
use super::{Provider, SandboxState};
use crate::SandboxError;

/// The most months of history; twenty years.
const MAX_MONTHS: u32 = 240;

impl SandboxState {
    /// Gives an account one bill for each of the last `months` months: the newest open, the others paid.
    /// A prepaid line gets its usual plan instead. Makes the account if need be; bills that are there already stay as they are.
    ///
    /// # Errors
    /// When the provider has too many accounts, or when the drop folder cannot be written.
    pub fn seed_history(&self, provider: Provider, account: &str, months: u32) -> Result<(), SandboxError> {
        self.seed_many(provider, &[account], months)
    }

    /// The same for many accounts at once, which is much quicker for the drop folder.
    ///
    /// # Errors
    /// As [`SandboxState::seed_history`].
    pub fn seed_many(&self, provider: Provider, accounts: &[impl AsRef<str>], months: u32) -> Result<(), SandboxError> {
        for account in accounts {
            self.add_account(provider, account.as_ref())?;
            if !provider.prepaid() {
                self.seed_bills(provider, account.as_ref(), months.min(MAX_MONTHS));
            }
        }
        if provider == Provider::Aquaria {
            self.write_drop()?;
        }
        self.changed();
        Ok(())
    }

    /// Seeds the sample accounts of every provider.
    ///
    /// # Errors
    /// As [`SandboxState::seed_history`].
    pub fn seed_samples(&self, months: u32) -> Result<(), SandboxError> {
        Provider::ALL.into_iter().try_for_each(|p| self.seed_many(p, &p.samples(), months))
    }

    fn seed_bills(&self, provider: Provider, account: &str, months: u32) {
        let today = self.today();
        let issue_day = provider.tariff().issue_day;
        // A bill is issued in the month after the one it is for; this month's may still be to come.
        let newest = u32::from(today.day() < issue_day);
        let mut books = self.inner.books.lock();
        let Some(kept) = books.entry(provider).or_default().get_mut(account) else { return };
        for back in (newest..newest + months).rev() {
            let issued_on = month_back(today, back);
            let issued_on = issued_on.with_day(issue_day).unwrap_or(issued_on);
            let mut bill = bill::make(provider, account, month_back(today, back + 1), issued_on, None, 1);
            if back != newest {
                bill.status = BillStatus::Paid;
            }
            if kept.bills.iter().all(|b| b.number != bill.number) {
                kept.bills.push(bill);
            }
        }
        kept.bills.sort_by_key(|b| b.issued_on);
    }

    /// Puts a prepaid line's plan: its code and last day.
    ///
    /// # Errors
    /// When there is no such line or plan.
    pub fn set_plan(&self, account: &str, plan: &str, ends_on: chrono::NaiveDate) -> Result<PrepaidLine, SandboxError> {
        let plan = super::plans::find(plan)?;
        self.change(Provider::Chirp, account, |a| {
            let credit_minor = a.line.as_ref().map_or(0, |l| l.credit_minor);
            let line = PrepaidLine { plan: plan.code.to_owned(), ends_on, credit_minor };
            a.line = Some(line.clone());
            Ok(line)
        })
    }

    /// Recharges a prepaid line: the plan begins today, or the day after the present one ends.
    ///
    /// # Errors
    /// When there is no such line or plan.
    pub fn recharge(&self, account: &str, plan: &str) -> Result<PrepaidLine, SandboxError> {
        let days = chrono::Days::new(super::plans::find(plan)?.days);
        let today = self.today();
        let present = self.account(Provider::Chirp, account).and_then(|a| a.line).map(|l| l.ends_on);
        let from = present.filter(|end| *end >= today).unwrap_or_else(|| today.pred_opt().unwrap_or(today));
        self.set_plan(account, plan, from + days)
    }
}
