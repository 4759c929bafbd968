//! The closed sets of values in the data of events.

use serde::{Deserialize, Serialize};

use super::catalogue::{FieldChange, PlanEventData, TypeEntry};

macro_rules! closed {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $about:literal])+ $variant:ident = $text:literal,)* })*) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
            pub enum $name {
                $($(#[doc = $about])+ #[serde(rename = $text)] $variant,)*
                /// What this release does not know; never written.
                #[serde(other)]
                Other,
            }

            impl $name {
                /// As it is stored.
                #[must_use]
                pub const fn as_str(self) -> &'static str {
                    match self { $(Self::$variant => $text,)* Self::Other => "other" }
                }
            }
        )*

        /// The types of fields that are ours, for the documents.
        pub const TYPES: &[TypeEntry] = &[
            TypeEntry { name: "FieldChange", about: "What changed in a bill.", flat: false, fields: FieldChange::FIELDS, values: &[] },
            TypeEntry { name: "PlanEventData", about: "", flat: true, fields: PlanEventData::FIELDS, values: &[] },
            $(TypeEntry {
                name: stringify!($name),
                about: concat!($($doc),+),
                flat: false,
                fields: &[],
                values: &[$(($text, concat!($($about),+))),*],
            }),*
        ];
    };
}

closed! {
    /// What happened to an account.
    AccountChange {
        /// It was added.
        Added = "added",
        /// Its account details were corrected, so it is fetched again.
        Mended = "mended",
        /// Its label was changed.
        Changed = "changed",
        /// It was put into another home, or out of one.
        Moved = "moved",
        /// It is not fetched for now.
        Paused = "paused",
        /// It is fetched again.
        Resumed = "resumed",
        /// It is not fetched any more.
        Closed = "closed",
        /// A fetch changed its status or its plan.
        Fetched = "fetched",
    }
    /// What happened to a home.
    PropertyChange {
        /// It was added.
        Added = "added",
        /// Its name or address was changed.
        Updated = "updated",
        /// It was archived.
        Archived = "archived",
        /// Somebody joined the household.
        Shared = "shared",
        /// Somebody's part in it was changed.
        Role = "role",
        /// Somebody left it.
        Left = "left",
    }
    /// What happened to an invitation to a household.
    InvitationChange {
        /// It was sent.
        Invited = "invited",
        /// It was accepted.
        Accepted = "accepted",
        /// It was declined.
        Declined = "declined",
        /// It was revoked.
        Revoked = "revoked",
    }
    /// What happened to a provider.
    ProviderChange {
        /// It was registered.
        Registered = "registered",
        /// Its definition was changed.
        Edited = "edited",
        /// Nothing is fetched from it for now.
        Paused = "paused",
        /// It is fetched from again.
        Resumed = "resumed",
        /// Calls do not go through any more.
        CircuitOpened = "circuit_opened",
        /// Calls go through again.
        CircuitClosed = "circuit_closed",
    }
    /// What happened to a gateway.
    GatewayChange {
        /// It was set up.
        Created = "created",
        /// It was changed.
        Edited = "edited",
        /// Its account was read with its keys.
        Tested = "tested",
        /// It takes no new payments for now.
        Paused = "paused",
        /// It takes payments again.
        Resumed = "resumed",
        /// Calls do not go through any more.
        CircuitOpened = "circuit_opened",
        /// Calls go through again.
        CircuitClosed = "circuit_closed",
    }
    /// What of a payment came further.
    PaymentPart {
        /// The payment itself.
        Payment = "payment",
        /// What its provider gets.
        Remittance = "remittance",
        /// What goes back.
        Refund = "refund",
        /// An invoice or a receipt.
        Document = "document",
    }
    /// What happened to a payment method.
    MethodChange {
        /// Its owner began to save it.
        Added = "added",
        /// The bank or card network was asked for it.
        Checked = "checked",
        /// It has another name, or became the default, or its card expires soon.
        Changed = "changed",
    }
    /// Who or what set a password without the one before it.
    PasswordSetBy {
        /// The link of a mail.
        Reset = "RESET",
        /// An administrator of the installation.
        Administrator = "ADMINISTRATOR",
    }
    /// What becomes of an address.
    EmailChange {
        /// It was replaced by another one.
        Changed = "CHANGED",
        /// Another one is to be confirmed in its place.
        ChangeRequested = "CHANGE_REQUESTED",
    }
    /// What happened to a customer.
    CustomerChange {
        /// Staff added the customer.
        Onboarded = "customer.onboard",
        /// The customer signed up.
        SignedUp = "customer.sign_up",
        /// The customer accepted an invitation and signs in from now on.
        Claimed = "customer.claim",
        /// Fields changed.
        Updated = "customer.update",
        /// The customer confirmed an e-mail address.
        ConfirmedEmail = "customer.confirm_email",
    }
    /// What happened to somebody's second factors.
    SecondFactorChange {
        /// An authenticator app was added.
        TotpAdded = "TOTP_ADDED",
        /// The authenticator app was removed.
        TotpRemoved = "TOTP_REMOVED",
        /// A passkey was added.
        PasskeyAdded = "PASSKEY_ADDED",
        /// A passkey was removed.
        PasskeyRemoved = "PASSKEY_REMOVED",
        /// A recovery code was used.
        RecoveryCodeUsed = "RECOVERY_CODE_USED",
        /// Recovery codes were made anew.
        RecoveryCodesRenewed = "RECOVERY_CODES_RENEWED",
        /// Staff removed them all.
        Reset = "SECOND_FACTOR_RESET",
        /// Somebody who knew the password gave wrong answers.
        Guessed = "SECOND_FACTOR_GUESSED",
    }
}

/// The entry of a field's type; none for what is not ours.
#[must_use]
pub fn nested(of: &str) -> Option<&'static TypeEntry> {
    TYPES.iter().find(|entry| of.trim_end_matches('>').ends_with(entry.name))
}
