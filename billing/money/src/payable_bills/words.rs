//! Sentences about a bill for its payer.

use super::NotPayable;

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
