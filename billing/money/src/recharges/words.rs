//! Sentences about a recharge for its payer.

use super::NotRechargeable;

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

pub(super) const NOT_OFFERED: &str = "The provider does not sell this plan at this price any more.";
pub(super) const NOT_PAID: &str = "It was not paid, and nobody owes it.";
pub(super) const PAID: &str = "This recharge has been paid.";
