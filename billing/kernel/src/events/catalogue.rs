//! The catalogue: every kind of event, with the data it carries as a type.
//!
//! What is stored and told is the kind and the data as JSON. Data is only ever added: what an earlier release wrote must be
//! read for ever. `docs/events.md` is printed from here.

use billow_entities::{
    AccountStatus, BillId, BillStatus, CircuitState, CustomerId, DocumentId, EventId, FetchOutcomeKind, FetchRunId, FetchRunKind,
    GatewayId, GatewayStatus, ImportRunId, ImportStatus, InvitationId, MethodKind, MethodStatus, NotificationId, NotificationKind,
    PaymentId, PaymentKind, PaymentMethodId, PaymentStatus, PropertyId, ProviderId, ProviderStatus, RechargeId, RechargeStatus, RefundId,
    RefundStatus, RemittanceId, RemittanceStatus, RunStatus, SessionId, UserId, UtilityAccountId, UtilityType, event,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::values::{
    AccountChange, CustomerChange, EmailChange, GatewayChange, InvitationChange, MethodChange, PasswordSetBy, PaymentPart, PropertyChange,
    ProviderChange, SecondFactorChange,
};
use crate::error::{Fault, Result};

/// A field of an event's data, for the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldEntry {
    /// Its name.
    pub name: &'static str,
    /// Its type, as Rust writes it.
    pub of: &'static str,
    /// What it says.
    pub about: &'static str,
    /// How it is read and written, where that is not as its type says.
    pub serde: &'static str,
}

impl FieldEntry {
    /// Whether it may be missing: earlier releases did not write it.
    #[must_use]
    pub fn may_be_missing(&self) -> bool {
        self.of.trim_start().starts_with("Option") || self.serde.contains("default")
    }
}

/// A kind of event, for the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindEntry {
    /// Such as `bill.received`.
    pub kind: &'static str,
    /// What happened, and what the subject is.
    pub about: &'static str,
    /// Its data.
    pub fields: &'static [FieldEntry],
}

/// A type of a field, for the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeEntry {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Whether its fields stand among those of the data it belongs to.
    pub flat: bool,
    /// Its fields.
    pub fields: &'static [FieldEntry],
    /// Its values, where it is a closed set, with what each means.
    pub values: &'static [(&'static str, &'static str)],
}

macro_rules! data {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $about:literal])+ $(#[serde($($serde:tt)*)])? $field:ident: $of:ty,)* })*) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            $($(#[doc = $about])+ $(#[serde($($serde)*)])? pub $field: $of,)*
        }

        impl $name {
            pub(super) const FIELDS: &'static [FieldEntry] =
                &[$(FieldEntry { name: stringify!($field), of: stringify!($of), about: concat!($($about),+), serde: concat!($(stringify!($($serde)*))?) }),*];
        }
    )*};
}

macro_rules! catalogue {
    ($($(#[doc = $doc:literal])+ $name:ident($data:ident) = $constant:ident, $kind:literal;)*) => {
        /// The kinds of events, as they are stored and told.
        pub mod kind {
            $($(#[doc = $doc])+ pub const $constant: &str = $kind;)*
        }

        /// What happened.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Event {
            $($(#[doc = $doc])+ $name($data),)*
        }

        impl Event {
            /// Every kind, for the documents.
            pub const CATALOGUE: &'static [KindEntry] =
                &[$(KindEntry { kind: $kind, about: concat!($($doc),+), fields: $data::FIELDS }),*];

            /// Such as `bill.received`.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$name(_) => $kind),* }
            }

            /// The data as it is stored.
            ///
            /// # Errors
            /// Never in practice: every field can be written as JSON.
            pub fn data(&self) -> Result<Value> {
                Ok(match self { $(Self::$name(data) => serde_json::to_value(data)?),* })
            }

            /// What a stored event says; none for a kind that this release does not know.
            ///
            /// # Errors
            /// When its data is not that of its kind.
            pub fn read(row: &event::Model) -> Result<Option<Self>> {
                let unreadable = |e| Fault::new("the data of an event", e);
                Ok(Some(match row.kind.as_str() {
                    $($kind => Self::$name($data::deserialize(&row.data).map_err(unreadable)?),)*
                    _ => return Ok(None),
                }))
            }
        }
    };
}

catalogue! {
    /// A bill arrived. Subject: the bill.
    BillReceived(BillEventData) = BILL_RECEIVED, "bill.received";
    /// A bill changed: corrected, paid, voided or superseded. Subject: the bill.
    BillUpdated(BillEventData) = BILL_UPDATED, "bill.updated";
    /// An account was added, changed, paused or closed, or needs its owner's attention. Subject: the account.
    AccountUpdated(AccountEventData) = ACCOUNT_UPDATED, "account.updated";
    /// A household changed: its members should look at their homes again. Subject: the home.
    PropertyUpdated(PropertyEventData) = PROPERTY_UPDATED, "property.updated";
    /// A customer was onboarded or changed. Subject: the customer.
    CustomerUpdated(CustomerEventData) = CUSTOMER_UPDATED, "customer.updated";
    /// An onboarded customer with an e-mail address was invited to sign in. Subject: the customer. The secret link is not in
    /// the log.
    CustomerInvited(CustomerInvitedData) = CUSTOMER_INVITED, "customer.invited";
    /// A fetch came further. Subject: the run.
    FetchRunProgress(FetchRunEventData) = FETCH_RUN_PROGRESS, "fetch_run.progress";
    /// An import came further. Subject: the import.
    ImportProgress(ImportEventData) = IMPORT_PROGRESS, "import.progress";
    /// A provider was registered, edited, paused, or its circuit opened or closed. Subject: the provider.
    ProviderUpdated(ProviderEventData) = PROVIDER_UPDATED, "provider.updated";
    /// A message was put into an inbox. Subject: the message.
    NotificationCreated(NotificationEventData) = NOTIFICATION_CREATED, "notification.created";
    /// A sign-in was revoked: its sockets close. Subject: the session.
    SessionRevoked(SessionRevokedData) = SESSION_REVOKED, "session.revoked";
    /// Somebody signed in. Subject: the session.
    SessionCreated(SessionCreatedData) = SESSION_CREATED, "session.created";
    /// A password was changed. Subject: the user.
    PasswordChanged(PasswordChangedData) = PASSWORD_CHANGED, "user.password_changed";
    /// A link to set a new password was requested. Subject: the link. The address is not in the log.
    PasswordResetRequested(NoData) = PASSWORD_RESET_REQUESTED, "user.password_reset_requested";
    /// An address is to be confirmed. Subject: the link.
    EmailConfirmationRequested(NoData) = EMAIL_CONFIRMATION_REQUESTED, "customer.email_confirmation_requested";
    /// A confirmed address was changed, or is about to be. Subject: the link to undo it.
    EmailChanged(EmailChangedData) = EMAIL_CHANGED, "customer.email_changed";
    /// Somebody was invited to a household, or answered. Subject: the invitation.
    PropertyInvitationUpdated(PropertyInvitationEventData) = PROPERTY_INVITATION_UPDATED, "property.invitation_updated";
    /// Somebody's second factors changed, or somebody failed at them. Subject: the user.
    SecondFactorChanged(SecondFactorEventData) = SECOND_FACTOR_CHANGED, "user.second_factor_changed";
    /// An API key was revoked: its sockets close. Subject: the API client.
    ClientRevoked(ClientRevokedData) = CLIENT_REVOKED, "client.revoked";
    /// A payment came further, or its remittances, refunds or documents did. Subject: the payment.
    PaymentUpdated(PaymentEventData) = PAYMENT_UPDATED, "payment.updated";
    /// A recharge of a prepaid account was ordered, paid or cancelled. Subject: the recharge.
    RechargeUpdated(RechargeEventData) = RECHARGE_UPDATED, "recharge.updated";
    /// A wallet's balance changed. Subject: the customer.
    WalletUpdated(WalletEventData) = WALLET_UPDATED, "wallet.updated";
    /// A payment method was added, checked, refused or removed. Subject: the method.
    MethodUpdated(MethodEventData) = METHOD_UPDATED, "payment_method.updated";
    /// A gateway was set up, edited, tested or paused, or its circuit opened or closed. Subject: the gateway.
    GatewayUpdated(GatewayEventData) = GATEWAY_UPDATED, "gateway.updated";
    /// A daily reconciliation ended. Subject: the reconciliation.
    ReconciliationFinished(ReconciliationEventData) = RECONCILIATION_FINISHED, "reconciliation.finished";
    /// An event ended in the dead letters. Subject: the dead letter.
    DeadLetterAdded(DeadLetterEventData) = DEAD_LETTER_ADDED, "dead_letter.added";
}

data! {
    /// The data of `bill.received` and `bill.updated`.
    BillEventData {
        /// Which bill.
        bill_id: BillId,
        /// Of which account.
        account_id: UtilityAccountId,
        /// Of which provider.
        provider_id: ProviderId,
        /// The provider's name.
        provider_name: String,
        /// What was supplied.
        utility_type: UtilityType,
        /// The provider's number for it.
        number: String,
        /// Counts corrections, from 1.
        version: i32,
        /// Its status.
        status: BillStatus,
        /// The reason for this status, for people.
        status_reason: Option<String>,
        /// What is to be paid, in minor units.
        amount_minor: i64,
        /// The ISO 4217 code of its currency.
        currency: String,
        /// When it was issued.
        issued_on: NaiveDate,
        /// When it is due.
        due_on: Option<NaiveDate>,
        /// Whether it was over when it was first seen: nobody needs to be told.
        historic: bool,
        /// What changed; empty for a bill that arrived.
        changes: Vec<FieldChange>,
    }
    /// What changed in a bill.
    FieldChange {
        /// The field's name, such as `amount_minor` or `status`.
        field: String,
        /// As it was.
        before: Value,
        /// As it is.
        after: Value,
    }
    /// The data of `account.updated`.
    AccountEventData {
        /// Which account.
        account_id: UtilityAccountId,
        /// What happened to it.
        change: AccountChange,
        /// Its status.
        status: AccountStatus,
        /// The status before, where it may have changed.
        previous_status: Option<AccountStatus>,
        /// The reason for this status, for people.
        status_reason: Option<String>,
        /// At which provider.
        provider_id: ProviderId,
        /// The fetch that it waits for.
        run_id: Option<FetchRunId>,
        /// For a prepaid account that was fetched: the plan, when it ends and what is left.
        #[serde(flatten)]
        plan: Option<PlanEventData>,
    }
    /// The plan of a prepaid account, as it was fetched.
    PlanEventData {
        /// The provider's code of the plan.
        plan_code: Option<String>,
        /// When it runs out.
        plan_expires_on: Option<NaiveDate>,
        /// What is left, in minor units.
        plan_balance_minor: Option<i64>,
    }
    /// The data of `property.updated`.
    PropertyEventData {
        /// What happened to the home.
        change: PropertyChange,
        /// Whose part in it changed.
        customer_id: Option<CustomerId>,
    }
    /// The data of `customer.updated`.
    CustomerEventData {
        /// What happened.
        change: CustomerChange,
        /// Which fields changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fields: Option<Vec<String>>,
    }
    /// The data of `customer.invited`.
    CustomerInvitedData {
        /// Which invitation.
        invitation_id: InvitationId,
    }
    /// The data of `fetch_run.progress`.
    FetchRunEventData {
        /// Which run.
        run_id: FetchRunId,
        /// Of one account or of a provider's.
        kind: FetchRunKind,
        /// Its status.
        status: RunStatus,
        /// Of which provider.
        provider_id: Option<ProviderId>,
        /// Of which account.
        account_id: Option<UtilityAccountId>,
        /// Accounts it is to fetch.
        total: i32,
        /// Accounts that were fetched.
        done: i32,
        /// Accounts that failed.
        failed: i32,
        /// Bills that arrived.
        bills_new: i32,
        /// Bills that changed.
        bills_changed: i32,
        /// What became of the account; for a run of one account that ended.
        outcome: Option<FetchOutcomeKind>,
    }
    /// The data of `import.progress`.
    ImportEventData {
        /// Which import.
        import_id: ImportRunId,
        /// Its status.
        status: ImportStatus,
        /// Whether it only checks.
        dry_run: bool,
        /// Rows.
        total: i32,
        /// Rows that are done.
        done: i32,
        /// Rows that failed.
        failed: i32,
    }
    /// The data of `provider.updated`.
    ProviderEventData {
        /// What happened.
        change: ProviderChange,
        /// Its code.
        code: String,
        /// Its name.
        name: String,
        /// Its version.
        version: i32,
        /// Its status.
        status: ProviderStatus,
        /// Whether calls go through.
        circuit_state: CircuitState,
        /// Whether they stopped going through just now.
        circuit_opened: bool,
        /// Why it is paused, or why calls do not go through.
        reason: Option<String>,
        /// Whether calls go through; where that changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        circuit: Option<CircuitState>,
    }
    /// The data of `notification.created`.
    NotificationEventData {
        /// Which message.
        notification_id: NotificationId,
        /// What it is about.
        kind: NotificationKind,
        /// Its title.
        title: String,
        /// Its text.
        body: String,
        /// Where it leads in the web app.
        link: Option<String>,
        /// About which bill.
        bill_id: Option<BillId>,
        /// About which account.
        account_id: Option<UtilityAccountId>,
        /// To which member of staff.
        user_id: Option<UserId>,
    }
    /// The data of `session.revoked`.
    SessionRevokedData {
        /// Which session.
        session_id: SessionId,
        /// Whose.
        user_id: UserId,
    }
    /// The data of `session.created`.
    SessionCreatedData {
        /// Whose.
        user_id: UserId,
        /// The browser or app.
        user_agent: Option<String>,
        /// From which IP address.
        #[serde(default)]
        address: Option<String>,
    }
    /// The data of `user.password_changed`.
    PasswordChangedData {
        /// Whose.
        user_id: UserId,
        /// Who or what set it, where the password before it was not asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PasswordSetBy>,
    }
    /// No data.
    NoData {
    }
    /// The data of `customer.email_changed`.
    EmailChangedData {
        /// Whether it was changed, or is about to be.
        what: EmailChange,
    }
    /// The data of `property.invitation_updated`.
    PropertyInvitationEventData {
        /// To which home.
        property_id: PropertyId,
        /// What happened to it.
        change: InvitationChange,
    }
    /// The data of `user.second_factor_changed`.
    SecondFactorEventData {
        /// Whose.
        user_id: UserId,
        /// What happened.
        what: SecondFactorChange,
        /// The name of the passkey.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passkey: Option<String>,
        /// Recovery codes that are left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left: Option<u64>,
        /// The browser or app that the wrong answers came from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_agent: Option<String>,
        /// The IP address that the wrong answers came from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    }
    /// The data of `client.revoked`.
    ClientRevokedData {
        /// Which API client.
        client_id: billow_entities::ApiClientId,
    }
    /// The data of `payment.updated`.
    PaymentEventData {
        /// Which payment.
        payment_id: PaymentId,
        /// Its status.
        status: PaymentStatus,
        /// What it is for.
        kind: PaymentKind,
        /// The whole, in minor units.
        amount_minor: i64,
        /// The ISO 4217 code of its currency.
        currency: String,
        /// What came further.
        what: PaymentPart,
        /// Which remittance came further.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remittance_id: Option<RemittanceId>,
        /// Where that stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remittance_status: Option<RemittanceStatus>,
        /// Which refund came further.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund_id: Option<RefundId>,
        /// Where that stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund_status: Option<RefundStatus>,
        /// Which document was made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document_id: Option<DocumentId>,
        /// Whether it was over before it was first seen; payments never are.
        #[serde(default)]
        historic: bool,
    }
    /// The data of `recharge.updated`.
    RechargeEventData {
        /// Which recharge.
        recharge_id: RechargeId,
        /// Of which account.
        account_id: UtilityAccountId,
        /// From which provider.
        provider_id: ProviderId,
        /// Its status.
        status: RechargeStatus,
        /// The reason for this status, for people.
        status_reason: Option<String>,
        /// The provider's code of the plan.
        code: String,
        /// The name of the plan.
        name: String,
        /// How many days the plan lasts.
        validity_days: i32,
        /// The price, in minor units.
        amount_minor: i64,
        /// The ISO 4217 code of its currency.
        currency: String,
    }
    /// The data of `wallet.updated`.
    WalletEventData {
        /// The ISO 4217 code of the wallet's currency.
        currency: String,
        /// What is in it, in minor units.
        balance_minor: i64,
        /// What can be spent, in minor units: the balance without what is held for payments under way.
        available_minor: i64,
    }
    /// The data of `payment_method.updated`.
    MethodEventData {
        /// Which method.
        method_id: PaymentMethodId,
        /// Card or direct debit.
        kind: MethodKind,
        /// Its status.
        status: MethodStatus,
        /// Why it has this status.
        reason: Option<String>,
        /// The card network, or the bank.
        brand: Option<String>,
        /// The last four digits.
        last4: Option<String>,
        /// The customer's name for it.
        label: Option<String>,
        /// The month in which a card expires.
        exp_month: Option<i32>,
        /// The year in which a card expires.
        exp_year: Option<i32>,
        /// Whether it is the customer's default.
        is_default: bool,
        /// Days that are left of a card that expires soon.
        expiring: Option<i32>,
        /// What happened to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<MethodChange>,
        /// Whether it was over before it was first seen; methods never are.
        #[serde(default)]
        historic: bool,
    }
    /// The data of `gateway.updated`.
    GatewayEventData {
        /// What happened.
        change: GatewayChange,
        /// Its code.
        code: String,
        /// Its name.
        name: String,
        /// Its status.
        status: GatewayStatus,
        /// Whether calls go through.
        circuit_state: CircuitState,
        /// Whether they stopped going through just now.
        circuit_opened: bool,
        /// Why calls do not go through.
        reason: Option<String>,
    }
    /// The data of `reconciliation.finished`.
    ReconciliationEventData {
        /// With which gateway.
        gateway_id: GatewayId,
        /// Of which day.
        day: NaiveDate,
        /// Discrepancies found.
        discrepancies: i32,
    }
    /// The data of `dead_letter.added`.
    DeadLetterEventData {
        /// Which consumer failed.
        consumer: String,
        /// At which event.
        event_id: EventId,
        /// Why.
        error: String,
    }
}

impl SecondFactorEventData {
    /// Nothing more than what happened to whom.
    #[must_use]
    pub const fn of(user_id: UserId, what: SecondFactorChange) -> Self {
        Self { user_id, what, passkey: None, left: None, user_agent: None, address: None }
    }
}

impl FieldChange {
    pub fn new(field: &str, before: impl Serialize, after: impl Serialize) -> Self {
        Self { field: field.to_owned(), before: json!(before), after: json!(after) }
    }
}
