//! What a payer is told, in a sentence. What a gateway said is for operators.

use billow_entities::{BillStatus, DeclineKind};

/// Why a payment did not go through.
pub(super) const fn declined(kind: DeclineKind) -> &'static str {
    match kind {
        DeclineKind::InsufficientFunds => "There was not enough money in the account. Please try another payment method.",
        DeclineKind::DoNotHonor => "The bank refused the payment without giving a reason. Please ask your bank, or try another method.",
        DeclineKind::CardExpired => "The card is past its date. Please use another one.",
        DeclineKind::AuthenticationRequired => "The bank wants you to confirm the payment. Please try again and confirm it.",
        DeclineKind::MandateInactive => "The direct debit mandate is not in force any more. Please set the method up again.",
        DeclineKind::Fraud => "The bank refused the payment. Please ask your bank, or try another method.",
        DeclineKind::InvalidMethod => "The card or account details are wrong or closed. Please use another method.",
        DeclineKind::ProcessingError => "The payment could not be processed. No money has moved; please try again.",
        DeclineKind::Other => "The payment was refused. No money has moved; please try another method.",
    }
}

/// Why nothing can be paid of a bill that stands like this; none for one that is open.
pub(super) const fn closed(status: BillStatus) -> Option<&'static str> {
    match status {
        BillStatus::Open => None,
        BillStatus::Paid => Some("This bill has been paid."),
        BillStatus::PaidElsewhere => Some("The provider says that this bill has been paid."),
        BillStatus::Voided => Some("This bill was withdrawn."),
        BillStatus::Superseded => Some("This bill was replaced by another one."),
    }
}

pub(super) const CANCELLED: &str = "The payment was called off before any money moved.";
pub(super) const UNKNOWN: &str = "We do not know yet whether the payment went through. We keep asking; nothing is charged twice.";
pub(super) const UNDER_WAY: &str = "A payment of this bill is under way.";
pub(super) const NOTHING_LEFT: &str = "Nothing is left to be paid of this bill.";
pub(super) const NOTHING_FITS: &str = "The provider takes no amount that fits this bill.";
