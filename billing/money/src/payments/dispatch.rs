//! Sending: the attempt is marked as sent under a lease, the gateway is called outside any transaction by a task nobody
//! can cancel, and what it said is settled. A definite refusal that was not the bank's may go on to the next gateway.

use std::time::Duration as StdDuration;

use billow_entities::{AttemptStatus, PaymentId, PaymentStatus, payment, payment_attempt, payment_method};
use billow_kernel::error::{Error, Fault, Result};
use chrono::{DateTime, Duration, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait as _, QueryFilter};

use super::Means;
use super::Payments;
use super::settle::{Settled, last_attempt, lock_payment};
use super::source::Route;
use super::state::Verdict;
use crate::gateway::{Charge, ChargeSource, GatewayAccess, GatewayFault, GatewayResult, NewCharge};
use crate::gateways::known_as;

/// Gateways one payment goes to at most.
const MAX_GATEWAYS: usize = 5;
/// How much longer than the gateway's time-out its adapter is given, and the lease on top of that.
const GRACE: StdDuration = StdDuration::from_secs(5);
const LEASE_BEYOND: Duration = Duration::seconds(10);

/// An attempt that is being sent.
struct Sending {
    attempt: payment_attempt::Model,
    payment: payment::Model,
    access: GatewayAccess,
    /// The gateway's id of the customer, where it has one already.
    customer: Option<String>,
    /// The saved method; none for a page of the gateway's.
    method: Option<payment_method::Model>,
    /// Whether nobody can have called with its key before.
    first: bool,
    lease_until: DateTime<Utc>,
}

impl Payments {
    /// Sends a payment in a task of its own and waits for it; the task goes on when whoever waits goes away. Answers the
    /// payment as it stands then.
    pub(super) async fn send_detached(&self, id: PaymentId) -> Result<Option<payment::Model>> {
        let payments = self.clone();
        let task = self.stopping.tasks.spawn(async move { payments.send(id, None).await });
        match task.await {
            Ok(Ok(Some(payment))) => return Ok(Some(payment)),
            Ok(Ok(None)) => {}
            // It is written down, and a job goes on with it: whoever asked sees it as it stands.
            Ok(Err(error)) => tracing::error!(%error, payment.id = %id, "a payment was not brought to its end; a job goes on with it"),
            Err(error) => tracing::error!(%error, payment.id = %id, "the task that sends a payment ended early; a job goes on with it"),
        }
        Ok(payment::Entity::find_by_id(id).one(self.store.primary()).await?)
    }

    /// Sends the last attempt of a payment, and those that failover adds. `claim` is the fence under which a job took the
    /// payment: only then is an attempt sent that may have been sent before. Answers the payment as this left it, if it did.
    pub(super) async fn send(&self, id: PaymentId, mut claim: Option<i64>) -> Result<Option<payment::Model>> {
        for _ in 0..MAX_GATEWAYS {
            let Some(sending) = self.begin_sending(id, claim.take()).await? else { return Ok(None) };
            let answer = self.call(&sending).await?;
            let settled = self.settle_answer(&sending, answer).await?;
            if !settled.again {
                return Ok(settled.payment);
            }
        }
        Ok(None)
    }

    /// Marks the attempt as sent, before anybody is called: whatever happens to this process, it is known that it may have been.
    async fn begin_sending(&self, id: PaymentId, claim: Option<i64>) -> Result<Option<Sending>> {
        let tx = self.store.write_tx().await?;
        let mut payment = lock_payment(&tx, id).await?;
        let Some(mut attempt) = last_attempt(&tx, &payment).await? else { return Ok(tx.leave(None).await) };
        let first = attempt.status == AttemptStatus::Created;
        let again = attempt.status == AttemptStatus::Sent && claim == Some(payment.fence);
        if payment.status != PaymentStatus::Pending || !(first || again) {
            return Ok(tx.leave(None).await);
        }
        let access = self.gateways.gateway_access_in(&*tx, attempt.gateway_id).await?;
        let customer = known_as(&*tx, access.id, payment.customer_id).await?;
        let method = match attempt.method_id {
            Some(id) => Some(payment_method::Entity::find_by_id(id).one(&*tx).await?.ok_or(Error::NotFound("payment method"))?),
            None => None,
        };
        let now = self.clock.now();
        let timeout = Duration::from_std(self.call_time(&access)).unwrap_or(Duration::seconds(60));
        let lease_until = now + timeout + LEASE_BEYOND;
        if first {
            attempt.status = AttemptStatus::Sent;
            attempt.sent_at = Some(now);
            attempt.updated_at = now;
            attempt = attempt.into_active_model().reset_all().update(&*tx).await?;
        }
        payment.fence += 1;
        payment.lease_until = Some(lease_until);
        payment.check_at = Some(lease_until);
        let payment = payment.into_active_model().reset_all().update(&*tx).await?;
        tx.commit().await?;
        let sent = payment_attempt::Entity::find_by_id(attempt.id).filter(payment_attempt::Column::Status.eq(AttemptStatus::Sent));
        self.store.confirm("an attempt to pay", sent.count(self.store.read()), 1).await?;
        Ok(Some(Sending { attempt, payment, access, customer, method, first, lease_until }))
    }

    fn call_time(&self, access: &GatewayAccess) -> StdDuration {
        StdDuration::from_millis(access.settings.timeout_ms) + GRACE
    }

    /// Calls the gateway.
    async fn call(&self, sending: &Sending) -> Result<GatewayResult<Charge>> {
        let Sending { attempt, payment, access, .. } = sending;
        let source = match self.charge_source(sending).await? {
            Ok(source) => source,
            // Nothing was charged by this call.
            Err(fault) => return Ok(Err(GatewayFault::NotSent { message: fault.to_string(), retry_after_ms: None })),
        };
        // A process that slept through its lease leaves it to whoever has it now.
        if self.clock.now() >= sending.lease_until {
            return Ok(Err(GatewayFault::Unknown { message: "the lease ran out before the call".into() }));
        }
        let new = NewCharge {
            attempt: attempt.id.to_string(),
            payment: payment.id.to_string(),
            amount_minor: attempt.amount_minor,
            currency: crate::currency::currency_of(&attempt.currency)?,
            // The same each time it is sent: a key with other content would be refused.
            description: format!("Billow {}", payment.id),
            source,
        };
        let late = GatewayFault::Unknown { message: format!("no answer within {} ms", access.settings.timeout_ms) };
        let call = self.gateway.charge(access, &attempt.gateway_key, &new);
        let answer = tokio::time::timeout(self.call_time(access), call).await.unwrap_or(Err(late));
        self.note(access, answer.as_ref().err()).await;
        Ok(answer)
    }

    /// Keeps the circuit in the picture; a payment does not fail because that could not be written.
    pub(super) async fn note(&self, access: &GatewayAccess, fault: Option<&GatewayFault>) {
        let noted = match fault {
            None => self.gateways.record_gateway_ok(access.id).await,
            Some(fault) => self.gateways.record_gateway_fault(access.id, fault).await,
        };
        if let Err(error) = noted {
            tracing::warn!(%error, gateway = %access.code, "how a gateway fares could not be noted");
        }
    }

    async fn charge_source(&self, sending: &Sending) -> Result<GatewayResult<ChargeSource>> {
        let Sending { attempt, payment, access, customer, method, .. } = sending;
        let customer = match customer {
            Some(known) => known.clone(),
            None => match self.gateways.gateway_customer(access, payment.customer_id).await? {
                Ok(customer) => customer,
                Err(fault) => return Ok(Err(fault)),
            },
        };
        let Some(method) = method else {
            let return_url = attempt.return_url.clone().or_else(|| self.usual_return_url(payment, Means::HostedPage));
            return Ok(Ok(ChargeSource::HostedPage { customer: Some(customer), return_url: return_url.unwrap_or_default() }));
        };
        let id = method.external_id.clone().ok_or_else(|| Error::Fault(Fault::new("a payment method", "it has no id at its gateway")))?;
        let on_session = attempt.return_url.clone();
        Ok(Ok(ChargeSource::Method { customer, method: id, kind: method.kind, mandate: method.mandate_id.clone(), on_session }))
    }

    /// Settles what the call came to.
    async fn settle_answer(&self, sending: &Sending, answer: GatewayResult<Charge>) -> Result<Settled> {
        let verdict = match &answer {
            Ok(charge) => Verdict::of_charge(charge),
            Err(fault) => {
                tracing::warn!(%fault, attempt.id = %sending.attempt.id, "a charge was not answered");
                Verdict::of_fault(fault, sending.first)
            }
        };
        let next = if verdict.is_worth_another_gateway() { self.next_gateway(sending).await? } else { None };
        self.settle_verdict(&sending.attempt, verdict, answer.as_ref().ok(), Some(sending.payment.fence), next).await
    }

    /// The gateway to go on with, for a payment page; a saved method is known to its own gateway only.
    async fn next_gateway(&self, sending: &Sending) -> Result<Option<Route>> {
        if sending.attempt.method_id.is_some() {
            return Ok(None);
        }
        let tried = payment_attempt::Entity::find()
            .filter(payment_attempt::Column::PaymentId.eq(sending.payment.id))
            .all(self.store.primary())
            .await?;
        let tried: Vec<_> = tried.into_iter().map(|a| a.gateway_id).collect();
        let currency = crate::currency::currency_of(&sending.payment.currency)?;
        match self.source(sending.payment.customer_id, Means::HostedPage, currency, &tried).await {
            Ok(source) => Ok(source.route),
            Err(Error::Invalid(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
