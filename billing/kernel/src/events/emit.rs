//! Making events: what a row says now becomes the data of its kind.

use billow_entities::{
    AccountStatus, DocumentId, EventId, FetchOutcomeKind, ProviderId, RefundId, RefundStatus, RemittanceId, RemittanceStatus, bill,
    fetch_run, gateway, import_run, payment, payment_method, provider, recharge, reconciliation, user, utility_account,
};

use super::Events;
use super::catalogue::*;
use super::values::*;
use crate::error::Result;
use crate::store::NewEvent;

impl Events {
    /// An event about nobody in particular; set its customer or home with the builder methods.
    ///
    /// # Errors
    /// Never in practice: all data can be written as JSON.
    pub fn about(&self, subject: impl ToString, event: &Event) -> Result<NewEvent> {
        Ok(NewEvent {
            id: EventId(self.ids.next()),
            kind: event.kind(),
            occurred_at: self.clock.now(),
            customer_id: None,
            property_id: None,
            subject: subject.to_string(),
            data: event.data()?,
        })
    }

    /// A bill arrived; `historic` says that it was over when it was first seen.
    pub fn bill_received(&self, bill: &bill::Model, provider_name: &str, historic: bool) -> Result<NewEvent> {
        self.bill(bill, Event::BillReceived(BillEventData { historic, ..BillEventData::of(bill, provider_name, Vec::new()) }))
    }

    /// A bill changed.
    pub fn bill_updated(&self, bill: &bill::Model, provider_name: &str, changes: Vec<FieldChange>) -> Result<NewEvent> {
        self.bill(bill, Event::BillUpdated(BillEventData::of(bill, provider_name, changes)))
    }

    fn bill(&self, bill: &bill::Model, event: Event) -> Result<NewEvent> {
        Ok(self.about(bill.id, &event)?.of_customer(bill.customer_id).of_home(bill.property_id))
    }

    /// An account changed; `previous` is its status before, where it may have changed.
    pub fn account(&self, account: &utility_account::Model, change: AccountChange, previous: Option<AccountStatus>) -> Result<NewEvent> {
        let event = self.about(account.id, &Event::AccountUpdated(AccountEventData::of(account, change, previous)))?;
        Ok(event.of_customer(account.customer_id).of_home(account.property_id))
    }

    /// A run came further. Only its own customer, and staff, may watch it.
    pub fn run(&self, run: &fetch_run::Model, outcome: Option<FetchOutcomeKind>) -> Result<NewEvent> {
        let data = FetchRunEventData {
            run_id: run.id,
            kind: run.kind,
            status: run.status,
            provider_id: run.provider_id,
            account_id: run.account_id,
            total: run.total,
            done: run.done,
            failed: run.failed,
            bills_new: run.bills_new,
            bills_changed: run.bills_changed,
            outcome,
        };
        let mut event = self.about(run.id, &Event::FetchRunProgress(data))?;
        event.customer_id = run.customer_id;
        Ok(event)
    }

    /// An import came further.
    pub fn import(&self, run: &import_run::Model) -> Result<NewEvent> {
        let data = ImportEventData {
            import_id: run.id,
            status: run.status,
            dry_run: run.dry_run,
            total: run.total,
            done: run.done,
            failed: run.failed,
        };
        self.about(run.id, &Event::ImportProgress(data))
    }

    /// A provider changed.
    pub fn provider(&self, model: &provider::Model, change: ProviderChange) -> Result<NewEvent> {
        self.about(model.id, &Event::ProviderUpdated(ProviderEventData::of(model, change)))
    }

    /// A gateway changed.
    pub fn gateway(&self, model: &gateway::Model, change: GatewayChange) -> Result<NewEvent> {
        let data = GatewayEventData {
            change,
            code: model.code.clone(),
            name: model.name.clone(),
            status: model.status,
            circuit_state: model.circuit_state,
            circuit_opened: change == GatewayChange::CircuitOpened,
            reason: model.circuit_reason.clone(),
        };
        self.about(model.id, &Event::GatewayUpdated(data))
    }

    /// A payment came further, or a part of it did.
    pub fn payment(&self, payment: &payment::Model, step: PaymentStep) -> Result<NewEvent> {
        let data = PaymentEventData::of(payment, step);
        Ok(self.about(payment.id, &Event::PaymentUpdated(data))?.of_customer(payment.customer_id))
    }

    /// A recharge was ordered, paid or cancelled.
    pub fn recharge(&self, recharge: &recharge::Model, account: &utility_account::Model) -> Result<NewEvent> {
        let event = self.about(recharge.id, &Event::RechargeUpdated(RechargeEventData::of(recharge, account.provider_id)))?;
        Ok(event.of_customer(account.customer_id).of_home(account.property_id))
    }

    /// A payment method changed.
    pub fn method(&self, model: &payment_method::Model, change: MethodChange) -> Result<NewEvent> {
        self.of_method(model, MethodEventData { change: Some(change), ..MethodEventData::of(model) })
    }

    /// A card expires in so many days.
    pub fn card_expires(&self, model: &payment_method::Model, days: Option<i32>) -> Result<NewEvent> {
        let change = Some(MethodChange::Changed);
        self.of_method(model, MethodEventData { expiring: days, change, ..MethodEventData::of(model) })
    }

    fn of_method(&self, model: &payment_method::Model, data: MethodEventData) -> Result<NewEvent> {
        Ok(self.about(model.id, &Event::MethodUpdated(data))?.of_customer(model.customer_id))
    }

    /// A daily reconciliation ended.
    pub fn reconciliation(&self, run: &reconciliation::Model) -> Result<NewEvent> {
        let data = ReconciliationEventData { gateway_id: run.gateway_id, day: run.day, discrepancies: run.discrepancies };
        self.about(run.id, &Event::ReconciliationFinished(data))
    }

    /// Something about a user's sign-in; it is the customer's where the user is one.
    pub fn user(&self, user: &user::Model, subject: impl ToString, event: &Event) -> Result<NewEvent> {
        let mut event = self.about(subject, event)?;
        event.customer_id = user.customer_id;
        Ok(event)
    }
}

/// What of a payment came further, and where that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentStep {
    /// The payment itself.
    Payment,
    /// What its provider gets.
    Remittance(RemittanceId, RemittanceStatus),
    /// What goes back.
    Refund(RefundId, RefundStatus),
    /// An invoice or a receipt: the one that was made; none while it is still to be made, or could not be.
    Document(Option<DocumentId>),
}

impl BillEventData {
    /// What a bill's row says now; not historic.
    #[must_use]
    pub fn of(bill: &bill::Model, provider_name: &str, changes: Vec<FieldChange>) -> Self {
        Self {
            bill_id: bill.id,
            account_id: bill.account_id,
            provider_id: bill.provider_id,
            provider_name: provider_name.to_owned(),
            utility_type: bill.utility_type,
            number: bill.number.clone(),
            version: bill.version,
            status: bill.status,
            status_reason: bill.status_reason.clone(),
            amount_minor: bill.amount_minor,
            currency: bill.currency.clone(),
            issued_on: bill.issued_on,
            due_on: bill.due_on,
            historic: false,
            changes,
        }
    }
}

impl AccountEventData {
    /// What an account's row says now.
    #[must_use]
    pub fn of(account: &utility_account::Model, change: AccountChange, previous_status: Option<AccountStatus>) -> Self {
        let plan = || PlanEventData {
            plan_code: account.plan_code.clone(),
            plan_expires_on: account.plan_expires_on,
            plan_balance_minor: account.plan_balance_minor,
        };
        Self {
            account_id: account.id,
            change,
            status: account.status,
            previous_status,
            status_reason: account.status_reason.clone(),
            provider_id: account.provider_id,
            run_id: account.run_id,
            plan: (change == AccountChange::Fetched).then(plan),
        }
    }
}

impl ProviderEventData {
    /// What a provider's row says now.
    #[must_use]
    pub fn of(model: &provider::Model, change: ProviderChange) -> Self {
        let of_circuit = matches!(change, ProviderChange::CircuitOpened | ProviderChange::CircuitClosed);
        Self {
            change,
            code: model.code.clone(),
            name: model.name.clone(),
            version: model.version,
            status: model.status,
            circuit_state: model.circuit_state,
            circuit_opened: change == ProviderChange::CircuitOpened,
            reason: model.circuit_reason.clone().or_else(|| model.status_reason.clone()),
            circuit: of_circuit.then_some(model.circuit_state),
        }
    }
}

impl PaymentEventData {
    /// What a payment's row says now.
    #[must_use]
    pub fn of(payment: &payment::Model, step: PaymentStep) -> Self {
        let (mut remittance, mut refund, mut document) = (None, None, None);
        let what = match step {
            PaymentStep::Payment => PaymentPart::Payment,
            PaymentStep::Remittance(id, status) => {
                remittance = Some((id, status));
                PaymentPart::Remittance
            }
            PaymentStep::Refund(id, status) => {
                refund = Some((id, status));
                PaymentPart::Refund
            }
            PaymentStep::Document(made) => {
                document = made;
                PaymentPart::Document
            }
        };
        Self {
            payment_id: payment.id,
            status: payment.status,
            kind: payment.kind,
            amount_minor: payment.amount_minor,
            currency: payment.currency.clone(),
            what,
            remittance_id: remittance.map(|(id, _)| id),
            remittance_status: remittance.map(|(_, status)| status),
            refund_id: refund.map(|(id, _)| id),
            refund_status: refund.map(|(_, status)| status),
            document_id: document,
            historic: false,
        }
    }
}

impl RechargeEventData {
    /// What a recharge's row says now.
    #[must_use]
    pub fn of(recharge: &recharge::Model, provider_id: ProviderId) -> Self {
        Self {
            recharge_id: recharge.id,
            account_id: recharge.account_id,
            provider_id,
            status: recharge.status,
            status_reason: recharge.status_reason.clone(),
            code: recharge.code.clone(),
            name: recharge.name.clone(),
            validity_days: recharge.validity_days,
            amount_minor: recharge.amount_minor,
            currency: recharge.currency.clone(),
        }
    }
}

impl MethodEventData {
    /// What a method's row says now; it does not expire soon.
    #[must_use]
    pub fn of(model: &payment_method::Model) -> Self {
        Self {
            method_id: model.id,
            kind: model.kind,
            status: model.status,
            reason: model.status_reason.clone(),
            brand: model.brand.clone(),
            last4: model.last4.clone(),
            label: model.label.clone(),
            exp_month: model.exp_month,
            exp_year: model.exp_year,
            is_default: model.is_default,
            expiring: None,
            change: None,
            historic: false,
        }
    }
}
