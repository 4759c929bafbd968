//! Whether a message is still wanted when its time has come. Pure.

use billow_entities::{
    AccountStatus, BillStatus, Channel, CircuitState, MethodStatus, NotificationKind, PaymentStatus, PropertyInvitationStatus, bill,
    customer, invitation, notification, one_time_link, payment, payment_method, property_invitation, provider, utility_account,
};
use billow_supply::bills::left_of;
use chrono::{DateTime, NaiveDate, Utc};

use crate::messages::preferences::{Preferences, is_adjustable};
use crate::messages::steps::{quiet_until, zone_of};

/// What a message is about, as it is now.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct About<'a> {
    pub(super) bill: Option<&'a bill::Model>,
    /// What a payment under way covers of the bill.
    pub(super) being_paid_minor: i64,
    pub(super) account: Option<&'a utility_account::Model>,
    pub(super) invitation: Option<&'a invitation::Model>,
    pub(super) link: Option<&'a one_time_link::Model>,
    pub(super) household: Option<&'a property_invitation::Model>,
    pub(super) provider: Option<&'a provider::Model>,
    pub(super) payment: Option<&'a payment::Model>,
    pub(super) method: Option<&'a payment_method::Model>,
}

/// Why a message is not sent any more; none when it is.
pub(super) fn needless(note: &notification::Model, about: About<'_>, now: DateTime<Utc>) -> Option<&'static str> {
    let anchor = || note.data["anchor"].as_str().and_then(|text| text.parse::<NaiveDate>().ok());
    match note.kind {
        NotificationKind::BillReceived => match about.bill {
            Some(bill) if bill.status == BillStatus::Open => None,
            _ => Some("the bill is not open any more"),
        },
        NotificationKind::BillReminder => match about.bill {
            Some(bill) if bill.status != BillStatus::Open => Some("the bill is not open any more"),
            Some(bill) if left_of(bill) <= about.being_paid_minor => Some("a payment of the bill is under way"),
            Some(bill) if bill.due_on != anchor() => Some("the bill is due on another day now"),
            Some(_) => None,
            None => Some("the bill is gone"),
        },
        NotificationKind::BillCorrected => match about.bill.map(|b| b.status) {
            Some(BillStatus::Voided | BillStatus::Superseded) | None => Some("the bill was withdrawn"),
            Some(_) => None,
        },
        NotificationKind::BillVoided => match about.bill.map(|b| b.status) {
            Some(BillStatus::Voided) => None,
            _ => Some("the bill is not void any more"),
        },
        NotificationKind::PlanReminder => match about.account {
            Some(account) if account.status == AccountStatus::Closed => Some("the account is closed"),
            Some(account) if account.plan_expires_on != anchor() => Some("the plan ends on another day now"),
            Some(_) => None,
            None => Some("the account is gone"),
        },
        NotificationKind::AccountNeedsAttention => match about.account.map(|a| a.status) {
            Some(AccountStatus::NeedsAttention) => None,
            _ => Some("the account needs no attention any more"),
        },
        NotificationKind::Invitation => match about.invitation {
            Some(invitation) if invitation.claimed_at.is_some() => Some("the invitation was claimed"),
            Some(invitation) if invitation.expires_at <= now => Some("the invitation has expired"),
            Some(_) => None,
            None => Some("the invitation was withdrawn"),
        },
        NotificationKind::ProviderTrouble => match about.provider.map(|p| p.circuit_state) {
            Some(CircuitState::Closed) => Some("the provider works again"),
            _ => None,
        },
        NotificationKind::PaymentFailed | NotificationKind::PaymentAction => {
            let told = if note.kind == NotificationKind::PaymentFailed { PaymentStatus::Failed } else { PaymentStatus::RequiresAction };
            match about.payment {
                Some(payment) if payment.status != told => Some("the payment has come further"),
                // Another try has been made meanwhile, and is told by itself.
                Some(payment) if note.data["payment"]["attempts"] != serde_json::json!(payment.attempts) => {
                    Some("the payment was tried again")
                }
                Some(_) => None,
                None => Some("the payment is gone"),
            }
        }
        NotificationKind::MethodTrouble => match about.method.map(|m| m.status) {
            Some(MethodStatus::Failed) if note.data["what"] == "REFUSED" => None,
            Some(MethodStatus::Ready) if note.data["what"] == "EXPIRES" => None,
            _ => Some("the payment method is another matter now"),
        },
        NotificationKind::PasswordReset | NotificationKind::EmailConfirmation => match about.link {
            Some(link) if link.used_at.is_none() && link.expires_at > now => None,
            _ => Some("its link does not work any more"),
        },
        // It tells something even where the link is over.
        NotificationKind::EmailNotice => None,
        NotificationKind::HouseholdInvitation => match about.household {
            Some(invitation) if note.data["what"] != "INVITED" || invitation.status == PropertyInvitationStatus::Pending => None,
            _ => Some("the invitation was answered or withdrawn"),
        },
        NotificationKind::Security
        | NotificationKind::Test
        | NotificationKind::PaymentSucceeded
        | NotificationKind::PaymentRefunded
        | NotificationKind::VoucherReady => None,
    }
}

/// Whether the customer still wants this kind of message over this channel.
pub(super) fn unwanted(kind: NotificationKind, channel: Channel, wishes: &Preferences) -> bool {
    let chosen = wishes.channels_of(kind);
    is_adjustable(kind)
        && match channel {
            Channel::Push => !chosen.push,
            Channel::Email => !chosen.email,
            Channel::Sms => !(chosen.sms || chosen.push && wishes.sms_fallback),
        }
}

/// Until when the customer wants quiet; what always comes breaks it.
pub(super) fn quiet(kind: NotificationKind, wishes: &Preferences, customer: &customer::Model, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let hours = wishes.quiet_hours.filter(|_| is_adjustable(kind))?;
    quiet_until(hours, zone_of(&customer.time_zone), now)
}
