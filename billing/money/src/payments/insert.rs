//! Writing a payment down, in one transaction: the payment with its key, what it pays, the wallet's part set aside,
//! and the first attempt with the key the gateway will be given. What needs no gateway is settled right there.

use billow_entities::{
    AllocationId, Currency, CustomerId, DocumentKind, LedgerAccountKind, PaymentId, PaymentKind, PaymentStatus, payment, payment_allocation,
};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result, violates};
use billow_kernel::events::PaymentStep;
use billow_kernel::store::WriteTx;
use chrono::Duration;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::Means;
use super::Payments;
use super::pay::IdempotencyKey;
use super::source::{RetryMark, Source};
use crate::currency::currency_of;
use crate::idempotency::key_reused;
use crate::ledger::{Leg, NewEntry, wallet_in};
use crate::payable::{Draft, NewPart};
use crate::payable_bills::NotPayable;

/// A payment that was not sent by whoever wrote it down is sent by a job after this long.
pub(super) const SEND_AFTER: Duration = Duration::seconds(30);

/// A payment to be written down.
#[derive(Debug)]
pub(super) struct NewPayment {
    pub(super) payer: CustomerId,
    pub(super) use_wallet: bool,
    pub(super) source: Source,
    pub(super) return_url: Option<String>,
    pub(super) purpose: Purpose,
}

/// Where the money of a payment is to go.
#[derive(Debug)]
pub(super) enum Purpose {
    /// To what was drafted.
    Pay(Draft),
    /// Into the payer's wallet.
    TopUp { currency: Currency, amount_minor: i64 },
}

impl Purpose {
    const fn kind(&self) -> PaymentKind {
        match self {
            Self::Pay(_) => PaymentKind::Bills,
            Self::TopUp { .. } => PaymentKind::TopUp,
        }
    }

    const fn sum(&self) -> (Currency, i64) {
        match self {
            Self::Pay(draft) => (draft.currency, draft.total_minor),
            Self::TopUp { currency, amount_minor } => (*currency, *amount_minor),
        }
    }
}

/// A payment that was written down.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) payment: payment::Model,
    /// Whether a gateway is to be called.
    pub(super) to_be_sent: bool,
}

impl Payments {
    /// Writes a payment down.
    pub(super) async fn insert_payment(&self, actor: &Actor, new: NewPayment, request_key: &IdempotencyKey) -> Result<Written> {
        let (currency, total_minor) = new.purpose.sum();
        let mut tx = self.store.write_tx().await?;
        let wallet_minor = match new.use_wallet {
            true => wallet_in(&*tx, new.payer, currency).await?.available_minor.clamp(0, total_minor),
            false => 0,
        };
        let gateway_minor = total_minor - wallet_minor;
        let route = new.source.route.filter(|_| gateway_minor > 0);
        if gateway_minor > 0 && route.is_none() {
            return Err(insufficient());
        }
        let now = self.clock.now();
        let row = payment::Model {
            id: PaymentId(self.ids.next()),
            customer_id: new.payer,
            kind: new.purpose.kind(),
            status: PaymentStatus::Pending,
            status_reason: None,
            decline_kind: None,
            currency: currency.code().to_owned(),
            amount_minor: total_minor,
            wallet_minor,
            gateway_minor,
            refunded_minor: 0,
            method_id: new.source.method.as_ref().filter(|_| gateway_minor > 0).map(|m| m.id),
            actor: request_key.actor.clone(),
            idempotency_key: request_key.key.clone(),
            request_hash: request_key.hash.clone(),
            attempts: i32::from(gateway_minor > 0),
            check_at: Some(now + SEND_AFTER),
            checks: 0,
            lease_until: None,
            fence: 0,
            created_at: now,
            updated_at: now,
            settled_at: None,
        };
        // Before anything else: of two calls with the same key the second one fails here, and finds the first.
        let payment = row.into_active_model().insert(&*tx).await.map_err(|error| {
            if violates(&error, "payments_idempotency_key", "payments.actor, payments.idempotency_key") {
                key_reused()
            } else {
                error.into()
            }
        })?;
        if let Purpose::Pay(draft) = new.purpose {
            let parts = draft.take.take(&mut tx).await?;
            self.insert_parts(&tx, &payment, parts).await?;
        }
        if wallet_minor > 0 {
            self.hold_wallet(&tx, &payment, &format!("hold:{}:{}", payment.id, payment.attempts)).await?;
        }
        let to_be_sent = route.is_some();
        if let Some(route) = route {
            let return_url = new.return_url.or_else(|| self.usual_return_url(&payment, new.source.means));
            self.insert_attempt(&tx, &payment, route, return_url, RetryMark::default()).await?;
        }
        let data = json!({"amount_minor": payment.amount_minor, "currency": payment.currency, "kind": payment.kind});
        self.audit_staff(&tx, actor, "payment.create", &payment, None, data).await?;
        let mut payment = payment;
        if to_be_sent {
            tx.emit(self.events.payment(&payment, PaymentStep::Payment)?);
            if wallet_minor > 0 {
                self.ledger.emit_wallet(&mut tx, payment.customer_id, currency).await?;
            }
            self.documents.queue_document(&tx, &payment, DocumentKind::Invoice).await?;
        } else {
            payment = self.complete(&mut tx, payment, None).await?;
            self.documents.queue_document(&tx, &payment, DocumentKind::Invoice).await?;
            self.documents.queue_document(&tx, &payment, DocumentKind::Receipt).await?;
        }
        tx.commit().await?;
        Ok(Written { payment, to_be_sent })
    }

    /// Writes the parts of a payment: what they pay is nobody else's while it is under way.
    async fn insert_parts(&self, tx: &WriteTx, payment: &payment::Model, parts: Vec<NewPart>) -> Result<()> {
        let now = self.clock.now();
        let rows = parts.into_iter().map(|part| {
            payment_allocation::Model {
                id: AllocationId(self.ids.next()),
                payment_id: payment.id,
                customer_id: part.customer_id,
                target_kind: part.target.kind(),
                target_id: part.target.id(),
                bill_id: part.target.bill(),
                bill_version: part.version,
                account_id: part.account_id,
                provider_id: part.provider_id,
                property_id: part.property_id,
                utility_type: part.utility_type,
                currency: payment.currency.clone(),
                amount_minor: part.amount_minor,
                refunded_minor: 0,
                live: true,
                created_at: now,
            }
            .into_active_model()
        });
        payment_allocation::Entity::insert_many(rows).exec_without_returning(&**tx).await.map_err(in_progress)?;
        Ok(())
    }

    /// Sets the wallet's part of a payment aside.
    pub(super) async fn hold_wallet(&self, tx: &WriteTx, payment: &payment::Model, key: &str) -> Result<()> {
        let (owner, part) = (payment.customer_id.0, payment.wallet_minor);
        let legs = vec![Leg::new(LedgerAccountKind::Wallet, owner, part), Leg::new(LedgerAccountKind::WalletHold, owner, -part)];
        let entry = self.payment_entry("wallet.held", key.to_owned(), payment, Some("Set aside for a payment"), legs)?;
        self.ledger.record_entry(tx, entry).await.map_err(|error| match error {
            Error::Invalid(_) => insufficient(),
            other => other,
        })?;
        Ok(())
    }

    /// An entry about a payment.
    pub(super) fn payment_entry(
        &self,
        kind: &'static str,
        key: String,
        payment: &payment::Model,
        memo: Option<&str>,
        legs: Vec<Leg>,
    ) -> Result<NewEntry> {
        Ok(NewEntry {
            kind,
            key,
            currency: currency_of(&payment.currency)?,
            payment_id: Some(payment.id),
            customer_id: Some(payment.customer_id),
            subject: payment.id.to_string(),
            reverses: None,
            memo: memo.map(str::to_owned),
            legs,
        })
    }

    /// A hosted page always comes back somewhere.
    pub(super) fn usual_return_url(&self, payment: &payment::Model, means: Means) -> Option<String> {
        (means == Means::HostedPage).then(|| format!("{}/payments/{}", self.settings.base_url, payment.id))
    }

    /// What staff does to a payment is in the audit trail; what customers do themselves is in the payment.
    pub(super) async fn audit_staff(
        &self,
        tx: &WriteTx,
        actor: &Actor,
        action: &str,
        payment: &payment::Model,
        reason: Option<&str>,
        data: serde_json::Value,
    ) -> Result<()> {
        if !actor.is_staff() {
            return Ok(());
        }
        self.audit.record(tx, actor, action, payment.id, Some(payment.customer_id), reason, data).await
    }
}

/// The wallet does not cover what it is to cover.
pub(super) fn insufficient() -> Error {
    Error::invalid("INSUFFICIENT_FUNDS", "useWallet", "There is not enough money in the wallet.")
}

/// Another payment of one of the bills is under way.
pub(super) fn in_progress(error: sea_orm::DbErr) -> Error {
    if violates(&error, "payment_allocations_live_key", "payment_allocations.target_id") {
        return Error::invalid("PAYMENT_IN_PROGRESS", "bills", NotPayable::UnderWay.sentence());
    }
    error.into()
}
