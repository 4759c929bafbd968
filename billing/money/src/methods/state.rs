//! What may become of a method, and when its gateway is asked again. Pure: the time is an argument.

use billow_entities::{DeclineKind, MethodStatus};
use billow_kernel::due::Backoff;
use chrono::{DateTime, Duration, Utc};

use crate::gateway::SetupState;

/// How long a bank may take, and a customer to confirm.
const PATIENCE: Duration = Duration::days(7);
/// The waits before the gateway is asked.
const CHECKS: Backoff = Backoff::seconds(&[10, 60, 600, 3_600, 86_400]);

/// Where a method stands after a gateway told of its setup, with the reason in words for its owner; none where the news
/// changes nothing.
///
/// What can be charged stays so, and what was refused only becomes what can be charged: the customer tried again on the
/// gateway's page.
pub(super) fn after(status: MethodStatus, told: &SetupState) -> Option<(MethodStatus, Option<&'static str>)> {
    use MethodStatus::{Checking, Failed, Ready, Removed, RequiresAction};
    let next = match told {
        SetupState::Ready => (Ready, None),
        SetupState::Failed(decline) => (Failed, Some(MethodFailure::of(decline.kind).words())),
        SetupState::Processing => (Checking, None),
        SetupState::RequiresAction { .. } => (RequiresAction, None),
    };
    match (status, next.0) {
        (Ready | Removed, _) | (Failed, Failed | Checking | RequiresAction) => None,
        (Checking | RequiresAction | Failed, _) => Some(next),
    }
}

/// When the gateway is asked after so many questions; none when it has taken too long.
pub(super) fn next_check(created_at: DateTime<Utc>, checks: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let wait = CHECKS.wait(checks + 1);
    let last = created_at + PATIENCE;
    (now < last).then(|| (now + wait).min(last))
}

/// Why a method came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodFailure {
    /// There was not enough money in the account.
    InsufficientFunds,
    /// The bank refused it.
    RefusedByBank,
    /// The card is past its date.
    CardExpired,
    /// It was not confirmed with the bank.
    NotConfirmed,
    /// The direct debit mandate is not in force.
    MandateInactive,
    /// The number or the account is wrong or closed.
    WrongDetails,
    /// The bank could not be asked.
    BankNotAsked,
    /// It was refused, and nothing more is known.
    Refused,
    /// It was not confirmed in time.
    TooLate,
    /// Setting it up was interrupted.
    Interrupted,
    /// The payment service did not take the details.
    NotTaken,
}

impl MethodFailure {
    const ALL: [Self; 11] = [
        Self::InsufficientFunds,
        Self::RefusedByBank,
        Self::CardExpired,
        Self::NotConfirmed,
        Self::MandateInactive,
        Self::WrongDetails,
        Self::BankNotAsked,
        Self::Refused,
        Self::TooLate,
        Self::Interrupted,
        Self::NotTaken,
    ];

    /// What a decline means for a method that was to be saved.
    const fn of(kind: DeclineKind) -> Self {
        match kind {
            DeclineKind::InsufficientFunds => Self::InsufficientFunds,
            DeclineKind::DoNotHonor | DeclineKind::Fraud => Self::RefusedByBank,
            DeclineKind::CardExpired => Self::CardExpired,
            DeclineKind::AuthenticationRequired => Self::NotConfirmed,
            DeclineKind::MandateInactive => Self::MandateInactive,
            DeclineKind::InvalidMethod => Self::WrongDetails,
            DeclineKind::ProcessingError => Self::BankNotAsked,
            DeclineKind::Other => Self::Refused,
        }
    }

    /// In a sentence, as it is stored with the method.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "There is not enough money in the account.",
            Self::RefusedByBank => "The bank refused it. Please ask your bank, or use another one.",
            Self::CardExpired => "The card is past its date. Please use another one.",
            Self::NotConfirmed => "It was not confirmed with the bank. Please try again and confirm it.",
            Self::MandateInactive => "The direct debit mandate is not in force. Please set it up again.",
            Self::WrongDetails => "The number or the account is wrong or closed. Please check it and try again.",
            Self::BankNotAsked => "The bank could not be asked. Please try again later.",
            Self::Refused => "It was refused. Please use another one.",
            Self::TooLate => "It was not confirmed in time. Please set it up again.",
            Self::Interrupted => "Setting it up was interrupted. Please try again.",
            Self::NotTaken => "The payment service did not take these details. Please check them and try again.",
        }
    }

    /// The failure that a stored sentence tells of; none for a sentence of another time.
    #[must_use]
    pub fn told_by(words: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.words() == words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::Decline;

    #[test]
    fn a_method_only_becomes_better_known() {
        use MethodStatus::{Checking, Failed, Ready, Removed, RequiresAction};
        let no = SetupState::Failed(Decline { kind: DeclineKind::InvalidMethod, code: None, message: String::new() });
        let action = SetupState::RequiresAction { url: None };
        let cases = [
            (Checking, [Some(Ready), Some(Failed), Some(Checking), Some(RequiresAction)]),
            (RequiresAction, [Some(Ready), Some(Failed), Some(Checking), Some(RequiresAction)]),
            (Failed, [Some(Ready), None, None, None]),
            (Ready, [None, None, None, None]),
            (Removed, [None, None, None, None]),
        ];
        for (status, expected) in cases {
            let told = [&SetupState::Ready, &no, &SetupState::Processing, &action].map(|told| after(status, told).map(|next| next.0));
            assert_eq!(told, expected, "{status}");
        }
        assert!(after(Checking, &no).and_then(|next| next.1).is_some(), "a refusal has a reason");
    }

    #[test]
    fn each_sentence_tells_of_one_failure() {
        for failure in MethodFailure::ALL {
            assert_eq!(MethodFailure::told_by(failure.words()), Some(failure));
        }
        assert_eq!(MethodFailure::told_by("Something else."), None);
    }

    #[test]
    fn it_is_asked_about_more_and_more_seldom_for_seven_days() {
        let created: DateTime<Utc> = "2026-11-21T09:00:00Z".parse().expect("an instant");
        let (mut now, mut waits) = (created, Vec::new());
        while let Some(next) = next_check(created, i32::try_from(waits.len()).expect("few"), now) {
            waits.push((next - now).num_seconds());
            now = next;
        }
        assert_eq!(waits, [10, 60, 600, 3_600, 86_400, 86_400, 86_400, 86_400, 86_400, 86_400, 82_130]);
        assert_eq!(now, created + PATIENCE);
    }
}
