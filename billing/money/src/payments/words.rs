//! What a payer is told, in a sentence. What a gateway said is for operators.

use billow_entities::DeclineKind;

use super::{NotPayable, NotRechargeable};

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

/// Why nothing can be paid of a bill.
pub(super) const fn not_payable(why: NotPayable) -> &'static str {
    match why {
        NotPayable::Paid => "This bill has been paid.",
        NotPayable::PaidElsewhere => "This bill has been paid elsewhere.",
        NotPayable::History => "This bill is older than the account here. If it is still to be paid, open it again first.",
        NotPayable::Voided => "This bill was withdrawn.",
        NotPayable::Superseded => "This bill was replaced by another one.",
        NotPayable::Credit => "This is a credit in your favour. There is nothing to pay.",
        NotPayable::UnderWay => "A payment of this bill is under way.",
        NotPayable::NothingLeft => "Nothing is left to be paid of this bill.",
        NotPayable::NothingFits => "The provider takes no amount that fits this bill.",
    }
}

/// Why nothing can be bought for an account.
pub(super) const fn not_rechargeable(why: NotRechargeable) -> &'static str {
    match why {
        NotRechargeable::NotPrepaid => "This account is not prepaid; its provider sends bills.",
        NotRechargeable::ProviderPaused => "The provider takes no recharges at the moment.",
        NotRechargeable::NotConfirmed => "The provider has not confirmed this account yet. Please try again in a moment.",
        NotRechargeable::NeedsAttention => "The account needs your attention first.",
        NotRechargeable::Paused => "This account is paused. Please resume it first.",
        NotRechargeable::Closed => "This account is closed.",
        NotRechargeable::UnderWay => "A recharge of this account is under way.",
        NotRechargeable::NothingSold => "The provider sells no plans at the moment.",
    }
}

pub(super) const CANCELLED: &str = "The payment was called off before any money moved.";
pub(super) const UNKNOWN: &str = "We do not know yet whether the payment went through. We keep asking; nothing is charged twice.";
pub(super) const NOT_OFFERED: &str = "The provider does not sell this plan at this price any more.";
pub(super) const RECHARGE_DROPPED: &str = "It was not paid, and nobody owes it.";
