//! What a payer is told, in a sentence. What a gateway said is for operators.

use billow_entities::DeclineKind;

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

pub(super) const CANCELLED: &str = "The payment was called off before any money moved.";
pub(super) const UNKNOWN: &str = "We do not know yet whether the payment went through. We keep asking; nothing is charged twice.";
