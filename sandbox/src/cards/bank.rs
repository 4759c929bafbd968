//! The banks behind the network: test cards and accounts, and what becomes of them.

use chrono::TimeDelta;

/// How long a bank takes over a direct debit, or over a refund that is not there at once.
pub(crate) const BANK_DAYS: TimeDelta = TimeDelta::days(2);

/// Why a bank says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct No {
    pub code: &'static str,
    pub decline_code: Option<&'static str>,
    pub message: &'static str,
}

const fn card(code: &'static str, decline_code: &'static str, message: &'static str) -> No {
    No { code, decline_code: Some(decline_code), message }
}

const fn debit(code: &'static str, message: &'static str) -> No {
    No { code, decline_code: None, message }
}

const GENERIC: No = card("card_declined", "generic_decline", "Your card was declined.");
const NO_FUNDS: No = card("card_declined", "insufficient_funds", "Your card has insufficient funds.");
const LOST: No = card("card_declined", "lost_card", "Your card was declined.");
const STOLEN: No = card("card_declined", "stolen_card", "Your card was declined.");
const FRAUD: No = card("card_declined", "fraudulent", "Your card was declined.");
const EXPIRED: No = card("expired_card", "expired_card", "Your card has expired.");
const WRONG_CVC: No = card("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.");
const PROCESSING: No =
    card("processing_error", "processing_error", "An error occurred while processing your card. Try again in a little bit.");
pub(crate) const ASK: No =
    card("authentication_required", "authentication_required", "Your card was declined. This transaction requires authentication.");
pub(crate) const NOT_CONFIRMED: No = debit(
    "payment_intent_authentication_failure",
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
);
const DEBIT_NO_FUNDS: No = debit("insufficient_funds", "The customer's account has insufficient funds to cover this payment.");
const DEBIT_CLOSED: No = debit("account_closed", "The customer's bank account has been closed.");
const DEBIT_REFUSED: No = debit("debit_not_authorized", "The customer has notified their bank that this payment was unauthorized.");

const ALL: [No; 12] =
    [GENERIC, NO_FUNDS, LOST, STOLEN, FRAUD, EXPIRED, WRONG_CVC, PROCESSING, ASK, DEBIT_NO_FUNDS, DEBIT_CLOSED, DEBIT_REFUSED];

impl No {
    /// The refusal a test names by its word: the decline code, or the code where there is none. A plain decline otherwise.
    pub(crate) fn named(word: &str) -> Self {
        ALL.into_iter().find(|no| no.decline_code.unwrap_or(no.code) == word).unwrap_or(GENERIC)
    }

    /// The same for a direct debit.
    pub(crate) fn of_debit(word: &str) -> Self {
        ALL.into_iter().find(|no| no.decline_code.is_none() && no.code == word).unwrap_or(DEBIT_NO_FUNDS)
    }
}

/// A bank's word as one that is known here; that of a plain decline for others.
pub(crate) fn known_word(word: &str) -> &'static str {
    ALL.into_iter().map(|no| no.decline_code.unwrap_or(no.code)).find(|known| *known == word).unwrap_or("generic_decline")
}

/// What becomes of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conduct {
    /// It pays.
    Pays,
    /// It can be saved, and is refused when it is charged.
    Declines(No),
    /// It cannot even be saved.
    RefusedAtSetup(No),
    /// Its owner has to confirm each charge.
    AsksAtCharge,
    /// Its owner has to confirm that it is saved; then it pays.
    AsksAtSetup,
    /// The bank answers after some days: yes, or no.
    Later(Option<No>),
    /// The bank answers when it is told to.
    Stays,
    /// It pays; refunds to it arrive after some days.
    RefundsLater,
    /// It pays; refunds to it come back after some days.
    RefundsFail,
}

/// A test card or account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TestMethod {
    pub token: &'static str,
    /// `card`, `sepa_debit` or `us_bank_account`.
    pub kind: &'static str,
    pub brand: &'static str,
    pub last4: &'static str,
    pub conduct: Conduct,
}

const fn test_card(token: &'static str, brand: &'static str, last4: &'static str, conduct: Conduct) -> TestMethod {
    TestMethod { token, kind: "card", brand, last4, conduct }
}

const fn test_account(token: &'static str, kind: &'static str, last4: &'static str, conduct: Conduct) -> TestMethod {
    TestMethod { token, kind, brand: "Pretend Bank", last4, conduct }
}

/// The tokens that stand for a method, named as Stripe names its own where it has one.
pub(crate) const TESTS: &[TestMethod] = &[
    test_card("pm_card_visa", "visa", "4242", Conduct::Pays),
    test_card("pm_card_mastercard", "mastercard", "4444", Conduct::Pays),
    test_card("pm_card_amex", "amex", "8431", Conduct::Pays),
    test_card("pm_card_chargeDeclined", "visa", "0002", Conduct::Declines(GENERIC)),
    test_card("pm_card_visa_chargeDeclined", "visa", "0002", Conduct::Declines(GENERIC)),
    test_card("pm_card_chargeDeclinedInsufficientFunds", "visa", "9995", Conduct::Declines(NO_FUNDS)),
    test_card("pm_card_chargeDeclinedExpiredCard", "visa", "0069", Conduct::Declines(EXPIRED)),
    test_card("pm_card_chargeDeclinedIncorrectCvc", "visa", "0127", Conduct::Declines(WRONG_CVC)),
    test_card("pm_card_chargeDeclinedLostCard", "visa", "9987", Conduct::Declines(LOST)),
    test_card("pm_card_chargeDeclinedStolenCard", "visa", "9979", Conduct::Declines(STOLEN)),
    test_card("pm_card_chargeDeclinedFraudulent", "visa", "0019", Conduct::Declines(FRAUD)),
    test_card("pm_card_chargeDeclinedProcessingError", "visa", "0119", Conduct::Declines(PROCESSING)),
    test_card("pm_card_processingError", "visa", "0119", Conduct::Declines(PROCESSING)),
    test_card("pm_card_authenticationRequired", "visa", "3184", Conduct::AsksAtCharge),
    test_card("pm_card_authenticationRequiredOnSetup", "visa", "3155", Conduct::AsksAtSetup),
    test_card("pm_card_setupDeclined", "visa", "0341", Conduct::RefusedAtSetup(GENERIC)),
    test_card("pm_card_pendingRefund", "visa", "7726", Conduct::RefundsLater),
    test_card("pm_card_refundFail", "visa", "5126", Conduct::RefundsFail),
    test_account("pm_sepaDebit_success", "sepa_debit", "3201", Conduct::Later(None)),
    test_account("pm_sepaDebit_failed", "sepa_debit", "3202", Conduct::Later(Some(DEBIT_NO_FUNDS))),
    test_account("pm_sepaDebit_closed", "sepa_debit", "3203", Conduct::Later(Some(DEBIT_CLOSED))),
    test_account("pm_sepaDebit_processing", "sepa_debit", "3204", Conduct::Stays),
    test_account("pm_usBankAccount_success", "us_bank_account", "6789", Conduct::Later(None)),
    test_account("pm_usBankAccount_insufficientFunds", "us_bank_account", "2227", Conduct::Later(Some(DEBIT_NO_FUNDS))),
];

/// Stripe's test account numbers, and which of the above they are.
const IBANS: &[(&str, &str)] = &[
    ("AT611904300234573201", "pm_sepaDebit_success"),
    ("DE89370400440532013000", "pm_sepaDebit_success"),
    ("AT861904300235473202", "pm_sepaDebit_failed"),
    ("DE62370400440532013001", "pm_sepaDebit_failed"),
    ("AT321904300235473204", "pm_sepaDebit_processing"),
];

impl TestMethod {
    pub(crate) fn of_token(token: &str) -> Option<Self> {
        TESTS.iter().find(|test| test.token == token).copied()
    }

    pub(crate) fn of_iban(iban: &str) -> Option<Self> {
        let plain: String = iban.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        IBANS.iter().find(|(known, _)| *known == plain).and_then(|(_, token)| Self::of_token(token))
    }
}

/// What the network keeps of a charge: a share and a fixed part for cards, a fixed part for debits.
pub(crate) const fn fee(kind_is_card: bool, amount: i64) -> i64 {
    let fee = if kind_is_card { amount.saturating_mul(15) / 1_000 + 25 } else { 35 };
    if fee > amount { amount } else { fee }
}
