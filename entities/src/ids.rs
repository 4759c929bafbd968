//! Typed ids: a UUIDv7 in the database, `prefix_` and 26 sortable characters outside (the TypeID form).
//!
//! A bill's id can therefore never be handed to a function that wants a payment's, and a support
//! agent who is read "bill_01h…" over the phone knows what it is. Format: <https://github.com/jetify-com/typeid/tree/main/spec>.

use std::fmt;

use uuid::Uuid;

/// Crockford's base 32 in lower case, the alphabet of the TypeID form.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadId {
    /// The prefix that was wanted.
    pub wanted: &'static str,
}

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is not an id of the form {}_…", self.wanted)
    }
}

impl std::error::Error for BadId {}

/// Writes `uuid` as `prefix_` and 26 characters.
#[must_use]
pub fn encode(prefix: &str, uuid: Uuid) -> String {
    let bits = uuid.as_u128();
    let mut out = String::with_capacity(prefix.len() + 27);
    out.push_str(prefix);
    out.push('_');
    for place in (0..26).rev() {
        let index = ((bits >> (place * 5)) & 31) as usize;
        out.push(char::from(ALPHABET[index]));
    }
    out
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// When the prefix is another one or the rest is not 26 characters of the alphabet within 128 bits.
pub fn decode(prefix: &'static str, text: &str) -> Result<Uuid, BadId> {
    let bad = BadId { wanted: prefix };
    let rest = text.strip_prefix(prefix).and_then(|r| r.strip_prefix('_')).ok_or(bad.clone())?;
    if rest.len() != 26 || rest.as_bytes()[0] > b'7' {
        return Err(bad);
    }
    let mut bits = 0u128;
    for byte in rest.bytes() {
        let digit = ALPHABET.iter().position(|a| *a == byte).ok_or(bad.clone())?;
        bits = (bits << 5) | digit as u128;
    }
    Ok(Uuid::from_u128(bits))
}

macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::DeriveValueType)]
        pub struct $name(pub Uuid);

        impl $name {
            /// What the text form starts with.
            pub const PREFIX: &'static str = $prefix;
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&encode($prefix, self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                decode($prefix, text).map(Self)
            }
        }

        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

typed_id! {
    /// Somebody who signs in.
    UserId = "user";
    /// Somebody who owes and pays.
    CustomerId = "cust";
    /// A sign-in that is in force on one device.
    SessionId = "sess";
    /// A passkey: one way to prove a second factor.
    PasskeyId = "key";
    /// A program with an API key.
    ApiClientId = "client";
    /// The invitation to claim an onboarded customer.
    InvitationId = "inv";
    /// A mailed link that works once.
    OneTimeLinkId = "link";
    /// An invitation to join a household.
    PropertyInvitationId = "pinv";
    /// An apartment or other premises.
    PropertyId = "prop";
    /// A utility company.
    ProviderId = "prov";
    /// What a prepaid provider sells.
    RechargePlanId = "plan";
    /// A plan that was bought for a prepaid account.
    RechargeId = "rchg";
    /// A customer's account at a provider.
    UtilityAccountId = "acct";
    /// A bill.
    BillId = "bill";
    /// One batch of fetching.
    FetchRunId = "run";
    /// One account fetched once.
    FetchAttemptId = "fetch";
    /// Something that happened.
    EventId = "evt";
    /// A message to a customer.
    NotificationId = "note";
    /// A message on its way over one channel to one target.
    DeliveryId = "dlv";
    /// A browser that takes pushes.
    PushSubscriptionId = "push";
    /// An event that a consumer could not digest.
    DeadLetterId = "dead";
    /// Who did what to whom.
    AuditEntryId = "audit";
    /// A CSV import.
    ImportRunId = "import";
    /// A card network or bank connection that moves money.
    GatewayId = "gw";
    /// Something a gateway told us.
    GatewayEventId = "gwe";
    /// A saved card or direct debit.
    PaymentMethodId = "pm";
    /// A customer's money on its way to what it pays, or to a wallet.
    PaymentId = "pay";
    /// The part of a payment that pays one thing, such as a bill.
    AllocationId = "alloc";
    /// One try at a gateway.
    AttemptId = "try";
    /// Our paying a provider for one allocation.
    RemittanceId = "rem";
    /// Money on its way back.
    RefundId = "refund";
    /// An account of the ledger.
    LedgerAccountId = "lacct";
    /// An entry of the ledger.
    LedgerEntryId = "entry";
    /// One side of an entry.
    LedgerPostingId = "post";
    /// An invoice or receipt.
    DocumentId = "doc";
    /// A day's comparison of the ledger with a gateway.
    ReconciliationId = "recon";
    /// Where the two differ.
    DiscrepancyId = "diff";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_is_the_published_one() {
        // The example of the TypeID specification.
        let uuid = Uuid::parse_str("01889c89-df6b-7f1c-a388-91396ec314bc").expect("a uuid");
        assert_eq!(encode("prefix", uuid), "prefix_01h2e8kqvbfwea724h75qc655w");
        assert_eq!(decode("prefix", "prefix_01h2e8kqvbfwea724h75qc655w"), Ok(uuid));
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in ["", "bill_", "bill_8zzzzzzzzzzzzzzzzzzzzzzzzz", "user_01h2e8kqvbfwea724h75qc655w", "bill_01h2e8kqvbfwea724h75qc655u!"]
        {
            assert!(text.parse::<BillId>().is_err(), "{text}");
        }
    }
}
