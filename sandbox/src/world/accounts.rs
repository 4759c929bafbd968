//! Accounts and what becomes of their bills.

use std::collections::BTreeMap;

use serde::Serialize;

use super::bill::{self, Bill, BillStatus, month_back};
use super::plans::PrepaidLine;
use super::{Provider, SandboxState};
use crate::SandboxError;

/// The most accounts a provider may have.
const MAX_ACCOUNTS: usize = 200_000;
/// The most bills kept for an account; the oldest go first.
const MAX_BILLS: usize = 400;

/// The accounts of a provider.
pub(crate) type Book = BTreeMap<String, Account>;

/// An account at a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Oldest first.
    pub bills: Vec<Bill>,
    /// For prepaid lines.
    pub line: Option<PrepaidLine>,
}

/// An account in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountSummary {
    /// The consumer number.
    pub account: String,
    /// How many bills it has.
    pub bills: usize,
    /// How many of them are open.
    pub open: usize,
    /// For prepaid lines.
    pub line: Option<PrepaidLine>,
}

impl SandboxState {
    /// Makes an account that has nothing to pay; one that exists stays as it is.
    ///
    /// # Errors
    /// When the provider has too many accounts.
    pub fn add_account(&self, provider: Provider, account: &str) -> Result<(), SandboxError> {
        let line = provider.prepaid().then(|| PrepaidLine::fresh(account, self.today()));
        let mut books = self.inner.books.lock();
        let book = books.entry(provider).or_default();
        if !book.contains_key(account) {
            if book.len() >= MAX_ACCOUNTS {
                return Err(SandboxError::Full { what: "accounts", max: MAX_ACCOUNTS });
            }
            book.insert(account.to_owned(), Account { bills: Vec::new(), line });
        }
        Ok(())
    }

    /// Removes an account, so that the provider does not know it any more.
    pub fn remove_account(&self, provider: Provider, account: &str) {
        self.inner.books.lock().entry(provider).or_default().remove(account);
        self.changed();
    }

    /// The account with its bills, oldest first.
    #[must_use]
    pub fn account(&self, provider: Provider, account: &str) -> Option<Account> {
        self.inner.books.lock().get(&provider)?.get(account).cloned()
    }

    /// The accounts of a provider in order of their numbers, at most so many.
    #[must_use]
    pub fn accounts(&self, provider: Provider, most: usize) -> Vec<AccountSummary> {
        let books = self.inner.books.lock();
        let summary = |(number, a): (&String, &Account)| AccountSummary {
            account: number.clone(),
            bills: a.bills.len(),
            open: a.bills.iter().filter(|b| b.status == BillStatus::Open).count(),
            line: a.line.clone(),
        };
        books.get(&provider).into_iter().flatten().take(most).map(summary).collect()
    }

    /// The bills of an account, oldest first.
    #[must_use]
    pub fn bills(&self, provider: Provider, account: &str) -> Vec<Bill> {
        self.account(provider, account).map(|a| a.bills).unwrap_or_default()
    }

    /// Issues a bill today: for the month after the last one billed, or once more for this month. Makes the account if need be.
    ///
    /// # Errors
    /// When the provider is prepaid or has too many accounts, or when the drop folder cannot be written.
    pub fn issue_bill(&self, provider: Provider, account: &str, amount_minor: Option<i64>) -> Result<Bill, SandboxError> {
        if provider.prepaid() {
            return Err(SandboxError::WrongSort("a prepaid line has no bills, only a plan"));
        }
        self.add_account(provider, account)?;
        let today = self.today();
        let this_month = month_back(today, 0);
        let issued = self.change(provider, account, |a| {
            let next = a.bills.iter().map(|b| b.period_end).max().and_then(|end| end.succ_opt());
            let period = next.map_or(month_back(today, 1), |d| month_back(d, 0)).min(this_month);
            let nth = a.bills.iter().filter(|b| b.period_start == period).count() + 1;
            let issued = bill::make(provider, account, period, today, amount_minor, u32::try_from(nth).unwrap_or(u32::MAX));
            a.bills.push(issued.clone());
            if a.bills.len() > MAX_BILLS {
                a.bills.remove(0);
            }
            Ok(issued)
        })?;
        Ok(issued)
    }

    /// Corrects a bill: the same number, another amount.
    ///
    /// # Errors
    /// When there is no such bill, or when the drop folder cannot be written.
    pub fn correct_bill(&self, provider: Provider, account: &str, number: &str, amount_minor: i64) -> Result<Bill, SandboxError> {
        self.change_bill(provider, account, number, |b| {
            b.reprice(provider, account, amount_minor);
            b.revision += 1;
        })
    }

    /// Withdraws a bill.
    ///
    /// # Errors
    /// When there is no such bill, or when the drop folder cannot be written.
    pub fn cancel_bill(&self, provider: Provider, account: &str, number: &str) -> Result<Bill, SandboxError> {
        self.set_bill_status(provider, account, number, BillStatus::Cancelled)
    }

    /// Marks a bill as paid at the provider.
    ///
    /// # Errors
    /// When there is no such bill, or when the drop folder cannot be written.
    pub fn mark_paid(&self, provider: Provider, account: &str, number: &str) -> Result<Bill, SandboxError> {
        self.set_bill_status(provider, account, number, BillStatus::Paid)
    }

    /// Says where a bill stands.
    ///
    /// # Errors
    /// When there is no such bill, or when the drop folder cannot be written.
    pub fn set_bill_status(&self, provider: Provider, account: &str, number: &str, status: BillStatus) -> Result<Bill, SandboxError> {
        self.change_bill(provider, account, number, |b| b.status = status)
    }

    /// Puts a bill of the caller's own making in the books, in place of one of the same number.
    ///
    /// # Errors
    /// When the provider has no such account, or when the drop folder cannot be written.
    pub fn put_bill(&self, provider: Provider, account: &str, bill: Bill) -> Result<(), SandboxError> {
        self.change(provider, account, |a| {
            a.bills.retain(|b| b.number != bill.number);
            a.bills.push(bill);
            Ok(())
        })
    }

    fn change_bill(&self, provider: Provider, account: &str, number: &str, change: impl FnOnce(&mut Bill)) -> Result<Bill, SandboxError> {
        self.change(provider, account, |a| {
            let unknown = || SandboxError::UnknownBill { account: account.to_owned(), number: number.to_owned() };
            let bill = a.bills.iter_mut().find(|b| b.number == number).ok_or_else(unknown)?;
            change(bill);
            Ok(bill.clone())
        })
    }

    pub(crate) fn change<T>(
        &self,
        provider: Provider,
        account: &str,
        change: impl FnOnce(&mut Account) -> Result<T, SandboxError>,
    ) -> Result<T, SandboxError> {
        let out = {
            let mut books = self.inner.books.lock();
            let found = books.entry(provider).or_default().get_mut(account);
            change(found.ok_or_else(|| SandboxError::UnknownAccount { provider: provider.code(), account: account.to_owned() })?)?
        };
        if provider == Provider::Aquaria {
            self.write_drop()?;
        }
        self.changed();
        Ok(out)
    }
}
