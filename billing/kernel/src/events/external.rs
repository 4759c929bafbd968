//! The external catalogue: what other systems are told, named by what happened.
//!
//! Inside, a kind says what an event is about, and its data what came of it. Outside, a type is a name for one thing that
//! happened, such as `bill.paid`; what is nobody's business outside has none. One function makes the one of the other, for
//! everything that tells other systems. Types are added, and never renamed.

use std::str::FromStr;

use billow_entities::{
    AccountStatus, BillStatus, ImportStatus, MethodStatus, PaymentStatus, RechargeStatus, RefundStatus, RemittanceStatus,
};
use serde_json::{Map, Value, json};

use super::catalogue::*;
use super::values::{AccountChange, CustomerChange, GatewayChange, MethodChange, PaymentPart, PropertyChange, ProviderChange, nested};

macro_rules! external {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $kind:ident($data:ident);)*) => {
        /// What happened, as other systems are told.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ExternalType {
            $($(#[doc = $doc])+ $name,)*
        }

        impl ExternalType {
            /// Every type, in the order of the documents.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name, such as `bill.paid`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// What happened.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii()),* }
            }

            /// The kind of the events that say so.
            #[must_use]
            pub const fn kind(self) -> &'static str {
                match self { $(Self::$name => kind::$kind),* }
            }

            /// The fields of its data.
            const fn fields(self) -> &'static [FieldEntry] {
                match self { $(Self::$name => $data::FIELDS),* }
            }
        }
    };
}

external! {
    /// A bill arrived. With `historic` it was over when it was first seen.
    BillReceived = "bill.received", BILL_RECEIVED(BillEventData);
    /// A bill says something else than before, such as another amount or another due date.
    BillCorrected = "bill.corrected", BILL_UPDATED(BillEventData);
    /// A bill was paid through Billow; nothing of it is left to pay.
    BillPaid = "bill.paid", BILL_UPDATED(BillEventData);
    /// A part of a bill was paid through Billow.
    BillPartlyPaid = "bill.partly_paid", BILL_UPDATED(BillEventData);
    /// A person or the provider says that a bill was paid elsewhere.
    BillPaidElsewhere = "bill.paid_elsewhere", BILL_UPDATED(BillEventData);
    /// A bill is to be paid again, or more of it: its payment came back, or it was not paid elsewhere after all.
    BillReopened = "bill.reopened", BILL_UPDATED(BillEventData);
    /// A bill was withdrawn; nobody has to pay it.
    BillVoided = "bill.voided", BILL_UPDATED(BillEventData);
    /// Another bill took the place of a bill.
    BillSuperseded = "bill.superseded", BILL_UPDATED(BillEventData);
    /// An account was added.
    AccountAdded = "account.added", ACCOUNT_UPDATED(AccountEventData);
    /// The provider knows the account: it is fetched from now on.
    AccountConfirmed = "account.confirmed", ACCOUNT_UPDATED(AccountEventData);
    /// The details, the label or the home of an account were changed.
    AccountChanged = "account.changed", ACCOUNT_UPDATED(AccountEventData);
    /// The plan of a prepaid account was changed or extended.
    AccountPlanChanged = "account.plan_changed", ACCOUNT_UPDATED(AccountEventData);
    /// The owner of an account has something to do: the provider does not know it, or wants something of its customer.
    AccountNeedsAttention = "account.needs_attention", ACCOUNT_UPDATED(AccountEventData);
    /// An account is not fetched for now.
    AccountPaused = "account.paused", ACCOUNT_UPDATED(AccountEventData);
    /// An account is fetched again.
    AccountResumed = "account.resumed", ACCOUNT_UPDATED(AccountEventData);
    /// An account is not fetched any more.
    AccountClosed = "account.closed", ACCOUNT_UPDATED(AccountEventData);
    /// A customer signed up.
    CustomerSignedUp = "customer.signed_up", CUSTOMER_UPDATED(CustomerEventData);
    /// Staff added a customer.
    CustomerOnboarded = "customer.onboarded", CUSTOMER_UPDATED(CustomerEventData);
    /// A customer was invited to sign in.
    CustomerInvited = "customer.invited", CUSTOMER_INVITED(CustomerInvitedData);
    /// A customer accepted an invitation.
    CustomerClaimed = "customer.claimed", CUSTOMER_UPDATED(CustomerEventData);
    /// The data of a customer was changed.
    CustomerChanged = "customer.changed", CUSTOMER_UPDATED(CustomerEventData);
    /// A customer confirmed an e-mail address.
    CustomerEmailConfirmed = "customer.email_confirmed", CUSTOMER_UPDATED(CustomerEventData);
    /// A home was added.
    PropertyAdded = "property.added", PROPERTY_UPDATED(PropertyEventData);
    /// The name or address of a home was changed.
    PropertyChanged = "property.changed", PROPERTY_UPDATED(PropertyEventData);
    /// A home was archived.
    PropertyArchived = "property.archived", PROPERTY_UPDATED(PropertyEventData);
    /// Somebody joined a household.
    PropertyMemberJoined = "property.member_joined", PROPERTY_UPDATED(PropertyEventData);
    /// Somebody's part in a household was changed.
    PropertyMemberChanged = "property.member_changed", PROPERTY_UPDATED(PropertyEventData);
    /// Somebody left a household.
    PropertyMemberLeft = "property.member_left", PROPERTY_UPDATED(PropertyEventData);
    /// A payment was written down and is sent to a gateway, for the first time or again.
    PaymentStarted = "payment.started", PAYMENT_UPDATED(PaymentEventData);
    /// A gateway works on a payment; a direct debit stands like this for days.
    PaymentProcessing = "payment.processing", PAYMENT_UPDATED(PaymentEventData);
    /// The customer has to confirm a payment.
    PaymentActionRequired = "payment.action_required", PAYMENT_UPDATED(PaymentEventData);
    /// A gateway was asked for a payment and no answer is known. It is asked again, never charged again.
    PaymentUnknown = "payment.unknown", PAYMENT_UPDATED(PaymentEventData);
    /// The money of a payment reached us.
    PaymentSucceeded = "payment.succeeded", PAYMENT_UPDATED(PaymentEventData);
    /// The money of a payment did not reach us.
    PaymentFailed = "payment.failed", PAYMENT_UPDATED(PaymentEventData);
    /// A payment was called off before any money moved.
    PaymentCancelled = "payment.cancelled", PAYMENT_UPDATED(PaymentEventData);
    /// A provider was told of its part of a payment, and has not confirmed it yet.
    RemittanceSent = "remittance.sent", PAYMENT_UPDATED(PaymentEventData);
    /// A provider was told of its part of a payment, and no answer is known.
    RemittanceUnknown = "remittance.unknown", PAYMENT_UPDATED(PaymentEventData);
    /// An operator has to transfer a provider its part of a payment.
    RemittanceManual = "remittance.manual", PAYMENT_UPDATED(PaymentEventData);
    /// A provider has its part of a payment.
    RemittanceConfirmed = "remittance.confirmed", PAYMENT_UPDATED(PaymentEventData);
    /// A provider refused its part of a payment; the customer gets the money back.
    RemittanceRejected = "remittance.rejected", PAYMENT_UPDATED(PaymentEventData);
    /// Money of a payment is on its way back.
    RefundStarted = "refund.started", PAYMENT_UPDATED(PaymentEventData);
    /// A gateway was asked to give money back, and no answer is known.
    RefundUnknown = "refund.unknown", PAYMENT_UPDATED(PaymentEventData);
    /// Money of a payment went back.
    RefundSucceeded = "refund.succeeded", PAYMENT_UPDATED(PaymentEventData);
    /// A gateway refused to give money back; an operator has to look.
    RefundFailed = "refund.failed", PAYMENT_UPDATED(PaymentEventData);
    /// An invoice or a receipt of a payment was made, or made anew.
    DocumentIssued = "document.issued", PAYMENT_UPDATED(PaymentEventData);
    /// Somebody ordered a recharge of a prepaid account, or tries again to pay it.
    RechargeOrdered = "recharge.ordered", RECHARGE_UPDATED(RechargeEventData);
    /// A recharge was paid; its provider is notified.
    RechargePaid = "recharge.paid", RECHARGE_UPDATED(RechargeEventData);
    /// A recharge was not paid, or its provider refused it. Nobody has to pay it.
    RechargeCancelled = "recharge.cancelled", RECHARGE_UPDATED(RechargeEventData);
    /// What is in a customer's wallet, or what can be spent of it, changed.
    WalletChanged = "wallet.changed", WALLET_UPDATED(WalletEventData);
    /// A customer began to save a payment method.
    PaymentMethodAdded = "payment_method.added", METHOD_UPDATED(MethodEventData);
    /// The customer has to confirm a payment method.
    PaymentMethodActionRequired = "payment_method.action_required", METHOD_UPDATED(MethodEventData);
    /// A payment method was saved and can be charged.
    PaymentMethodSaved = "payment_method.saved", METHOD_UPDATED(MethodEventData);
    /// A payment method was refused.
    PaymentMethodFailed = "payment_method.failed", METHOD_UPDATED(MethodEventData);
    /// A card expires soon.
    PaymentMethodExpiring = "payment_method.expiring", METHOD_UPDATED(MethodEventData);
    /// A payment method has another name, or became the default.
    PaymentMethodChanged = "payment_method.changed", METHOD_UPDATED(MethodEventData);
    /// A payment method was removed.
    PaymentMethodRemoved = "payment_method.removed", METHOD_UPDATED(MethodEventData);
    /// An import ended.
    ImportFinished = "import.finished", IMPORT_PROGRESS(ImportEventData);
    /// A provider was registered.
    ProviderRegistered = "provider.registered", PROVIDER_UPDATED(ProviderEventData);
    /// The definition of a provider was changed.
    ProviderChanged = "provider.changed", PROVIDER_UPDATED(ProviderEventData);
    /// Nothing is fetched from a provider for now.
    ProviderPaused = "provider.paused", PROVIDER_UPDATED(ProviderEventData);
    /// A provider is fetched from again.
    ProviderResumed = "provider.resumed", PROVIDER_UPDATED(ProviderEventData);
    /// A provider does not answer: it is not called for a while.
    ProviderUnreachable = "provider.unreachable", PROVIDER_UPDATED(ProviderEventData);
    /// A provider answers again.
    ProviderReachable = "provider.reachable", PROVIDER_UPDATED(ProviderEventData);
    /// A gateway was set up.
    GatewayAdded = "gateway.added", GATEWAY_UPDATED(GatewayEventData);
    /// A gateway was changed or tested.
    GatewayChanged = "gateway.changed", GATEWAY_UPDATED(GatewayEventData);
    /// A gateway takes no new payments for now.
    GatewayPaused = "gateway.paused", GATEWAY_UPDATED(GatewayEventData);
    /// A gateway takes payments again.
    GatewayResumed = "gateway.resumed", GATEWAY_UPDATED(GatewayEventData);
    /// A gateway does not answer: it is not called for a while.
    GatewayUnreachable = "gateway.unreachable", GATEWAY_UPDATED(GatewayEventData);
    /// A gateway answers again.
    GatewayReachable = "gateway.reachable", GATEWAY_UPDATED(GatewayEventData);
    /// A daily reconciliation with a gateway ended.
    ReconciliationFinished = "reconciliation.finished", RECONCILIATION_FINISHED(ReconciliationEventData);
    /// An event could not be digested, however often it was tried.
    DeadLetterAdded = "dead_letter.added", DEAD_LETTER_ADDED(DeadLetterEventData);
}

/// Not the name of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such type of event")]
pub struct UnknownType;

impl FromStr for ExternalType {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<Self, UnknownType> {
        Self::ALL.iter().copied().find(|known| known.as_str() == text).ok_or(UnknownType)
    }
}

impl Event {
    /// What other systems are told that happened; none for what stays inside.
    #[must_use]
    pub fn external(&self) -> Option<ExternalType> {
        use ExternalType as T;
        Some(match self {
            Self::BillReceived(_) => T::BillReceived,
            Self::BillUpdated(bill) => return of_bill(bill),
            Self::AccountUpdated(account) => return of_account(account),
            Self::PropertyUpdated(home) => match home.change {
                PropertyChange::Added => T::PropertyAdded,
                PropertyChange::Updated => T::PropertyChanged,
                PropertyChange::Archived => T::PropertyArchived,
                PropertyChange::Shared => T::PropertyMemberJoined,
                PropertyChange::Role => T::PropertyMemberChanged,
                PropertyChange::Left => T::PropertyMemberLeft,
                PropertyChange::Other => return None,
            },
            Self::CustomerUpdated(customer) => match customer.change {
                CustomerChange::Onboarded => T::CustomerOnboarded,
                CustomerChange::SignedUp => T::CustomerSignedUp,
                CustomerChange::Claimed => T::CustomerClaimed,
                CustomerChange::Updated => T::CustomerChanged,
                CustomerChange::ConfirmedEmail => T::CustomerEmailConfirmed,
                CustomerChange::Other => return None,
            },
            Self::CustomerInvited(_) => T::CustomerInvited,
            Self::PaymentUpdated(payment) => return of_payment(payment),
            Self::RechargeUpdated(recharge) => match recharge.status {
                RechargeStatus::Pending => T::RechargeOrdered,
                RechargeStatus::Paid => T::RechargePaid,
                RechargeStatus::Cancelled => T::RechargeCancelled,
            },
            Self::WalletUpdated(_) => T::WalletChanged,
            Self::MethodUpdated(method) => return of_method(method),
            Self::ImportProgress(import) if import.status == ImportStatus::Finished => T::ImportFinished,
            Self::ProviderUpdated(provider) => match provider.change {
                ProviderChange::Registered => T::ProviderRegistered,
                ProviderChange::Edited => T::ProviderChanged,
                ProviderChange::Paused => T::ProviderPaused,
                ProviderChange::Resumed => T::ProviderResumed,
                ProviderChange::CircuitOpened => T::ProviderUnreachable,
                ProviderChange::CircuitClosed => T::ProviderReachable,
                ProviderChange::Other => return None,
            },
            Self::GatewayUpdated(gateway) => match gateway.change {
                GatewayChange::Created => T::GatewayAdded,
                GatewayChange::Edited | GatewayChange::Tested => T::GatewayChanged,
                GatewayChange::Paused => T::GatewayPaused,
                GatewayChange::Resumed => T::GatewayResumed,
                GatewayChange::CircuitOpened => T::GatewayUnreachable,
                GatewayChange::CircuitClosed => T::GatewayReachable,
                GatewayChange::Other => return None,
            },
            Self::ReconciliationFinished(_) => T::ReconciliationFinished,
            Self::DeadLetterAdded(_) => T::DeadLetterAdded,
            // How people sign in and what they are told is between them and us; progress is not something that happened.
            Self::ImportProgress(_)
            | Self::FetchRunProgress(_)
            | Self::NotificationCreated(_)
            | Self::SessionRevoked(_)
            | Self::SessionCreated(_)
            | Self::PasswordChanged(_)
            | Self::PasswordResetRequested(_)
            | Self::EmailConfirmationRequested(_)
            | Self::EmailChanged(_)
            | Self::PropertyInvitationUpdated(_)
            | Self::SecondFactorChanged(_)
            | Self::ClientRevoked(_) => return None,
        })
    }
}

fn of_bill(bill: &BillEventData) -> Option<ExternalType> {
    use ExternalType as T;
    let change = |field: &str| bill.changes.iter().find(|change| change.field == field);
    if change("status").is_some() {
        match bill.status {
            BillStatus::Paid => return Some(T::BillPaid),
            BillStatus::PaidElsewhere => return Some(T::BillPaidElsewhere),
            BillStatus::Voided => return Some(T::BillVoided),
            BillStatus::Superseded => return Some(T::BillSuperseded),
            // A bill opens for the first time when its amount is corrected.
            BillStatus::Open if !bill.changes.iter().any(says) => return Some(T::BillReopened),
            _ => {}
        }
    }
    if bill.changes.iter().any(says) {
        return Some(T::BillCorrected);
    }
    let paid = change("paid_minor")?;
    let more = paid.after.as_i64() > paid.before.as_i64();
    Some(if more { T::BillPartlyPaid } else { T::BillReopened })
}

/// Whether it is about what the bill says, and not about what became of it.
fn says(change: &FieldChange) -> bool {
    !matches!(change.field.as_str(), "status" | "paid_minor")
}

fn of_account(account: &AccountEventData) -> Option<ExternalType> {
    use ExternalType as T;
    let moved = account.previous_status.is_some_and(|before| before != account.status);
    Some(match account.change {
        AccountChange::Added => T::AccountAdded,
        AccountChange::Mended | AccountChange::Changed | AccountChange::Moved => T::AccountChanged,
        AccountChange::Paused => T::AccountPaused,
        AccountChange::Resumed => T::AccountResumed,
        AccountChange::Closed => T::AccountClosed,
        AccountChange::Fetched if account.status == AccountStatus::NeedsAttention => T::AccountNeedsAttention,
        AccountChange::Fetched if moved && account.status == AccountStatus::Active => T::AccountConfirmed,
        AccountChange::Fetched if account.plan.is_some() => T::AccountPlanChanged,
        AccountChange::Fetched | AccountChange::Other => return None,
    })
}

fn of_payment(payment: &PaymentEventData) -> Option<ExternalType> {
    use ExternalType as T;
    Some(match payment.what {
        PaymentPart::Payment => match payment.status {
            PaymentStatus::Pending => T::PaymentStarted,
            PaymentStatus::Processing => T::PaymentProcessing,
            PaymentStatus::RequiresAction => T::PaymentActionRequired,
            PaymentStatus::Unknown => T::PaymentUnknown,
            PaymentStatus::Succeeded => T::PaymentSucceeded,
            PaymentStatus::Failed => T::PaymentFailed,
            PaymentStatus::Cancelled => T::PaymentCancelled,
        },
        PaymentPart::Remittance => match payment.remittance_status? {
            RemittanceStatus::Sent => T::RemittanceSent,
            RemittanceStatus::Unknown => T::RemittanceUnknown,
            RemittanceStatus::Manual => T::RemittanceManual,
            RemittanceStatus::Confirmed => T::RemittanceConfirmed,
            RemittanceStatus::Rejected => T::RemittanceRejected,
            RemittanceStatus::Queued => return None,
        },
        PaymentPart::Refund => match payment.refund_status? {
            RefundStatus::Pending => T::RefundStarted,
            RefundStatus::Unknown => T::RefundUnknown,
            RefundStatus::Succeeded => T::RefundSucceeded,
            RefundStatus::Failed => T::RefundFailed,
        },
        PaymentPart::Document if payment.document_id.is_some() => T::DocumentIssued,
        PaymentPart::Document | PaymentPart::Other => return None,
    })
}

fn of_method(method: &MethodEventData) -> Option<ExternalType> {
    use ExternalType as T;
    if method.expiring.is_some() {
        return Some(T::PaymentMethodExpiring);
    }
    // What an earlier release wrote does not say what happened.
    Some(match (method.change.unwrap_or(MethodChange::Changed), method.status) {
        (_, MethodStatus::Removed) => T::PaymentMethodRemoved,
        (MethodChange::Added, _) => T::PaymentMethodAdded,
        (MethodChange::Checked, MethodStatus::Ready) => T::PaymentMethodSaved,
        (MethodChange::Checked, MethodStatus::Failed) => T::PaymentMethodFailed,
        (MethodChange::Checked, MethodStatus::RequiresAction) => T::PaymentMethodActionRequired,
        (MethodChange::Checked, MethodStatus::Checking) => return None,
        (MethodChange::Changed, _) => T::PaymentMethodChanged,
        (MethodChange::Other, _) => return None,
    })
}

impl ExternalType {
    /// The JSON Schema of its data, draft 2020-12. Sets of values are open: a reader passes over what it does not know, and
    /// so does the schema.
    #[must_use]
    pub fn schema(self) -> Value {
        let Value::Object(mut schema) = object(self.fields()) else { return Value::Null };
        schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        schema.insert("title".into(), self.as_str().into());
        schema.insert("description".into(), self.about().into());
        Value::Object(schema)
    }
}

fn object(fields: &[FieldEntry]) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    add(fields, false, &mut properties, &mut required);
    json!({"type": "object", "properties": properties, "required": required})
}

/// Adds the fields; those of a part that may be missing are not required.
fn add(fields: &[FieldEntry], may_be_missing: bool, properties: &mut Map<String, Value>, required: &mut Vec<&'static str>) {
    for field in fields {
        let of: String = field.of.chars().filter(|c| !c.is_whitespace()).collect();
        let optional = of.starts_with("Option<");
        if let Some(inner) = nested(&of).filter(|entry| entry.flat) {
            add(inner.fields, true, properties, required);
            continue;
        }
        let mut schema = value(of.strip_prefix("Option<").and_then(|rest| rest.strip_suffix('>')).unwrap_or(&of));
        if let Value::Object(schema) = &mut schema {
            if optional && let Some(Value::String(one)) = schema.get("type").cloned() {
                schema.insert("type".into(), json!([one, "null"]));
            }
            schema.insert("description".into(), field.about.trim().into());
        }
        properties.insert(field.name.to_owned(), schema);
        if !field.may_be_missing() && !may_be_missing {
            required.push(field.name);
        }
    }
}

fn value(of: &str) -> Value {
    if let Some(inner) = of.strip_prefix("Vec<").and_then(|rest| rest.strip_suffix('>')) {
        return json!({"type": "array", "items": value(inner)});
    }
    match of.rsplit("::").next().unwrap_or_default() {
        "bool" => json!({"type": "boolean"}),
        "i32" | "i64" | "u64" => json!({"type": "integer"}),
        "NaiveDate" => json!({"type": "string", "format": "date"}),
        "Value" => json!({}),
        name => match nested(name) {
            Some(entry) if entry.values.is_empty() => object(entry.fields),
            Some(entry) => json!({"type": "string", "examples": entry.values.iter().map(|(value, _)| *value).collect::<Vec<_>>()}),
            None => json!({"type": "string"}),
        },
    }
}

#[cfg(test)]
mod tests {
    use billow_entities::{BillId, PaymentId, PaymentKind, ProviderId, RefundId, RemittanceId, UtilityAccountId, UtilityType};
    use uuid::Uuid;

    use super::*;

    fn bill(status: BillStatus, changes: &[(&str, Value, Value)]) -> Option<&'static str> {
        let data = BillEventData {
            bill_id: BillId(Uuid::nil()),
            account_id: UtilityAccountId(Uuid::nil()),
            provider_id: ProviderId(Uuid::nil()),
            provider_name: "Voltara".into(),
            utility_type: UtilityType::Electricity,
            number: "R-1".into(),
            version: 1,
            status,
            status_reason: None,
            amount_minor: 300,
            currency: "EUR".into(),
            issued_on: chrono::NaiveDate::default(),
            due_on: None,
            historic: false,
            changes: changes.iter().map(|(field, before, after)| FieldChange::new(field, before, after)).collect(),
        };
        Event::BillUpdated(data).external().map(ExternalType::as_str)
    }

    #[test]
    fn a_bill_s_change_is_named_by_what_happened() {
        use BillStatus::{Credit, Open, Paid, PaidElsewhere, Superseded, Voided};
        let status = |before: &str, after: &str| ("status", json!(before), json!(after));
        let paid = |before: i64, after: i64| ("paid_minor", json!(before), json!(after));
        let amount = || ("amount_minor", json!(300), json!(-20));
        for (now, changes, is) in [
            (Paid, vec![paid(0, 300), status("OPEN", "PAID")], Some("bill.paid")),
            (Open, vec![paid(0, 100)], Some("bill.partly_paid")),
            (Open, vec![paid(100, 0)], Some("bill.reopened")),
            (Open, vec![paid(300, 0), status("PAID", "OPEN")], Some("bill.reopened")),
            (PaidElsewhere, vec![status("OPEN", "PAID_ELSEWHERE")], Some("bill.paid_elsewhere")),
            (Open, vec![status("PAID_ELSEWHERE", "OPEN")], Some("bill.reopened")),
            (Voided, vec![status("OPEN", "VOIDED")], Some("bill.voided")),
            (Superseded, vec![status("OPEN", "SUPERSEDED")], Some("bill.superseded")),
            (Open, vec![amount()], Some("bill.corrected")),
            (Credit, vec![amount(), status("OPEN", "CREDIT")], Some("bill.corrected")),
            (Open, vec![amount(), status("CREDIT", "OPEN")], Some("bill.corrected")),
            // Money that counts more than what the bill says now.
            (PaidElsewhere, vec![amount(), status("OPEN", "PAID_ELSEWHERE")], Some("bill.paid_elsewhere")),
            (Open, vec![], None),
        ] {
            assert_eq!(bill(now, &changes), is, "{now} after {changes:?}");
        }
    }

    fn payment(status: PaymentStatus, step: impl FnOnce(&mut PaymentEventData)) -> Option<&'static str> {
        let mut data = PaymentEventData {
            payment_id: PaymentId(Uuid::nil()),
            status,
            kind: PaymentKind::Bills,
            amount_minor: 300,
            currency: "EUR".into(),
            what: PaymentPart::Payment,
            remittance_id: None,
            remittance_status: None,
            refund_id: None,
            refund_status: None,
            document_id: None,
            historic: false,
        };
        step(&mut data);
        Event::PaymentUpdated(data).external().map(ExternalType::as_str)
    }

    #[test]
    fn a_payment_s_step_is_named_by_what_happened_and_older_ones_stay_inside() {
        use PaymentStatus::{Failed, RequiresAction, Succeeded};
        assert_eq!(payment(Succeeded, |_| {}), Some("payment.succeeded"));
        assert_eq!(payment(Failed, |_| {}), Some("payment.failed"));
        assert_eq!(payment(RequiresAction, |_| {}), Some("payment.action_required"));
        let remittance = |status| {
            payment(Succeeded, |data| {
                data.what = PaymentPart::Remittance;
                data.remittance_id = Some(RemittanceId(Uuid::nil()));
                data.remittance_status = Some(status);
            })
        };
        assert_eq!(remittance(RemittanceStatus::Confirmed), Some("remittance.confirmed"));
        assert_eq!(remittance(RemittanceStatus::Rejected), Some("remittance.rejected"));
        assert_eq!(remittance(RemittanceStatus::Queued), None);
        let refund = payment(Succeeded, |data| {
            data.what = PaymentPart::Refund;
            data.refund_id = Some(RefundId(Uuid::nil()));
            data.refund_status = Some(RefundStatus::Failed);
        });
        assert_eq!(refund, Some("refund.failed"));
        // An earlier release did not write where that stood.
        assert_eq!(payment(Succeeded, |data| data.what = PaymentPart::Refund), None);
        assert_eq!(payment(Succeeded, |data| data.what = PaymentPart::Other), None);
    }

    #[test]
    fn a_schema_says_what_may_be_missing() {
        let schema = ExternalType::AccountPlanChanged.schema();
        assert_eq!(schema["properties"]["plan_balance_minor"]["type"], json!(["integer", "null"]));
        let required: Vec<_> = schema["required"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        assert_eq!(required, ["account_id", "change", "status", "provider_id"]);
        // An earlier release did not write it.
        let required = ExternalType::PaymentSucceeded.schema()["required"].clone();
        assert_eq!(required, json!(["payment_id", "status", "kind", "amount_minor", "currency", "what"]));
        let bill = ExternalType::BillPaid.schema();
        assert_eq!(bill["properties"]["changes"]["items"]["required"], json!(["field", "before", "after"]));
        assert_eq!(bill["properties"]["issued_on"]["format"], "date");
    }
}
